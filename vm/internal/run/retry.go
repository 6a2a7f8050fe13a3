package run

import (
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/imlc-lang/imlc/runtime/oauth1"
	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm/message"
	"github.com/imlc-lang/imlc/vm/plan"
)

// The pauses before a request is sent again.
const (
	firstPause   = 200 * time.Millisecond
	longestPause = 10 * time.Second
)

// send sends the request as often as it takes, signed anew each time: one that is safe again where the service was not
// there, and a free one that was refused for its nonce or timestamp alone.
func (x *exchange) send(signer wire.Signer, res *wire.Response) error {
	r := x.run
	for x.attempt = 1; ; x.attempt++ {
		if x.attempt > 1 {
			x.record = x.newRecord()
		}
		if r.host.Allow != nil {
			if err := r.allowed(x.out.URL.Host); err != nil {
				return err
			}
			x.late = true
		}
		now := time.Now()
		err := r.host.Client.Send(r.contextOf(now, x.out.TimeoutMillis), now, &x.out, signer, res)
		wait, again := x.again(res, err)
		if !again {
			return err
		}
		if res.Stream != nil {
			_ = res.Stream.Close()
		}
		x.record.ends(r.attempted(err), res)
		if err := r.count(); err != nil {
			return err
		}
		r.retried++
		r.trace(Event{Kind: EventRetry, Status: res.Status})
		if err := r.wait(wait); err != nil {
			return err
		}
	}
}

// attempted is the error of an attempt without an answer, for its record.
func (r *run) attempted(err error) error {
	if err == nil {
		return nil
	}
	return r.classify(err)
}

// allowed asks the host whether a request may go to another host now.
func (r *run) allowed(host string) error {
	err := r.host.Allow(r.bounded(), host)
	if err == nil {
		return nil
	}
	e := &Error{Class: ClassHost, Type: RuntimeError, Code: CodeNotAllowed, Err: err, Help: "the host bounds how much it asks of a service; try again later"}
	return r.unlessEnded(e.say(message.NotAllowed, message.Args{"host": host}))
}

// safe reports whether the request may be sent again although the service may have done what it was asked to: it is
// safe by its method (RFC 9110 §9.2.1), or it is one of the token requests, whose temporary credentials work once and
// cost nothing (RFC 5849 §2.1, §2.3).
func (x *exchange) safe() bool {
	switch x.out.Method {
	case "", http.MethodGet, http.MethodHead, http.MethodOptions:
		return true
	}
	return !x.free && (x.req.Callback != plan.CallbackNotAsked || x.verifies)
}

// again decides whether the request is sent once more, and after which pause.
func (x *exchange) again(res *wire.Response, err error) (wait time.Duration, again bool) {
	r := x.run
	if err == nil && res.Status < 400 || x.attempt >= r.host.Limits.Attempts || x.out.Body.Source != nil {
		return 0, false
	}
	if err == nil && x.free && r.host.Recover && r.refusedInTime(res) {
		return 0, x.attempt == 1
	}
	if !x.safe() {
		return 0, false
	}
	wait = firstPause << (x.attempt - 1)
	var gone *wire.ConnectionError
	switch {
	case err != nil:
		again = errors.As(err, &gone) && (gone.Cause == wire.CauseConnect || gone.Cause == wire.CauseReset)
	case res.Status == http.StatusTooManyRequests || res.Status == 502 || res.Status == 503 || res.Status == 504:
		asked, _ := res.RetryAfter(r.host.Clock())
		wait, again = max(wait, asked), true
	}
	return wait, again && wait <= longestPause && time.Until(r.clock.deadline) > wait
}

// Expired reports whether an answer says that the token has expired (OAuth Problem Reporting).
func Expired(res *wire.Response) bool { return reports(res, oauth1.TokenExpired) }

// Replaced reports whether an answer says of the token what a service says of one that was renewed.
func Replaced(res *wire.Response) bool {
	return reports(res, oauth1.TokenRevoked, oauth1.TokenRejected, oauth1.TokenUsed)
}

// longestReport is how much of a body can be the report of a problem, in bytes.
const longestReport = 64 << 10

// report reads the problem that an answer tells of, nil when there is none. Of a long body only the beginning counts:
// reading a problem from all of it would take many times its size.
func report(res *wire.Response) *oauth1.Problem {
	body := res.Body[:min(len(res.Body), longestReport)]
	return oauth1.ParseProblem(res.Status, res.Header.Values("WWW-Authenticate"), res.ContentType(), []byte(body))
}

// reports reports whether an answer tells one of some problems.
func reports(res *wire.Response, codes ...oauth1.ProblemCode) bool {
	if res.Status < 400 {
		return false
	}
	p := report(res)
	return p != nil && slices.Contains(codes, p.Code)
}

// refusedInTime reports whether a service refused a request for its nonce or timestamp alone, so that it did nothing
// and another one may pass (OAuth Problem Reporting). Of a refused timestamp the difference to its clock is learnt.
func (r *run) refusedInTime(res *wire.Response) bool {
	p := report(res)
	switch {
	case p == nil:
		return false
	case errors.Is(p, oauth1.NonceUsed):
		return true
	case !errors.Is(p, oauth1.TimestampRefused):
		return false
	}
	date, _ := http.ParseTime(res.Header.Get("Date"))
	seconds, ok := p.ClockOffset(r.host.Clock().Unix(), max(0, date.Unix()))
	return ok && r.skew.Swap(seconds) != seconds
}
