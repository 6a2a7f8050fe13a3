package client

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/imlc-lang/imlc/runtime/oauth1"
)

// clock is the learnt difference to a provider's clock, in seconds, shared by the calls of one connection.
type clock struct{ offset atomic.Int64 }

// maxProblem bounds the part of an error answer that is searched for a problem report, in bytes.
const maxProblem = 64 << 10

// problemOf reads a problem report from an answer and leaves the answer readable from its start.
func problemOf(resp *http.Response) *oauth1.Problem {
	switch resp.StatusCode {
	case http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden:
	default:
		return nil
	}
	if resp.Body == nil {
		return oauth1.ParseProblem(resp.StatusCode, resp.Header.Values("Www-Authenticate"), "", nil)
	}
	start, _ := io.ReadAll(io.LimitReader(resp.Body, maxProblem))
	resp.Body = rejoined{io.MultiReader(bytes.NewReader(start), resp.Body), resp.Body}
	return oauth1.ParseProblem(resp.StatusCode, resp.Header.Values("Www-Authenticate"), resp.Header.Get("Content-Type"), start)
}

type rejoined struct {
	io.Reader
	io.Closer
}

// learn keeps the clock offset that a refused timestamp reveals and reports it.
func (t *Transport) learn(p *oauth1.Problem, resp *http.Response) bool {
	if !errors.Is(p, oauth1.TimestampRefused) {
		return false
	}
	var date int64
	if d, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
		date = d.Unix()
	}
	seconds, ok := p.ClockOffset(t.options.Now().Unix(), date)
	if !ok {
		return false
	}
	changed := t.clock.offset.Swap(seconds) != seconds
	if t.options.OnClockOffset != nil {
		t.options.OnClockOffset(time.Duration(seconds) * time.Second)
	}
	return changed
}

// recovered looks for a problem in an answer and, where recovery is on, sends the request once more.
func (t *Transport) recovered(req *http.Request, body *payload, set *signers, resp *http.Response) (*http.Response, error) {
	problem := problemOf(resp)
	if problem == nil {
		return resp, nil
	}
	learnt := t.learn(problem, resp)
	if !t.options.Recover {
		return resp, nil
	}
	again := learnt || errors.Is(problem, oauth1.NonceUsed)
	if t.renewal != nil && refusesToken(problem) {
		again = t.renewal(req.Context(), set, errors.Is(problem, oauth1.TokenExpired))
	}
	if !again {
		return resp, nil
	}
	next, ok := rewound(req, body)
	if !ok {
		return resp, nil
	}
	resp.Body.Close()
	return t.attempt(req, next, t.signers.Load())
}

// refusesToken reports whether a problem can come from a token that has expired or that a renewal under way has
// replaced: a provider may revoke it before the new one arrives here.
func refusesToken(p *oauth1.Problem) bool {
	return errors.Is(p, oauth1.TokenExpired) || errors.Is(p, oauth1.TokenRevoked) || errors.Is(p, oauth1.TokenRejected)
}

// rewound returns the body for a second attempt, if there is a way to it.
func rewound(req *http.Request, body *payload) (*payload, bool) {
	if body.read {
		return body, true
	}
	if req.GetBody == nil {
		return nil, false
	}
	stream, err := req.GetBody()
	return &payload{stream: stream}, err == nil
}
