package conformance

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/imlc-lang/imlc/runtime/wire"
)

// script is the world of one flow: a transport that answers from the case, a clock that only the case moves, and the
// nonces of the case in order. It is safe for concurrent use.
type script struct {
	mu         sync.Mutex
	now        time.Time
	nonces     queue
	states     queue
	identities queue
	exchanges  []exchange
	seen       []observed
}

// queue hands out texts in order; when they are used up it goes on with numbered ones, so that a run ends with a
// failed comparison instead of a crash.
type queue struct {
	items []string
	next  int
	name  string
}

func (q *queue) take() string {
	q.next++
	if q.next <= len(q.items) {
		return q.items[q.next-1]
	}
	return q.name + "-" + strconv.Itoa(q.next)
}

// newScript returns the world of c before its first step.
func newScript(c *flowCase) *script {
	now := c.Now
	if now.IsZero() {
		now = time.Date(2024, 1, 2, 3, 4, 5, 0, time.UTC)
	}
	return &script{now: now, nonces: queue{items: c.Nonce, name: "nonce"}, states: queue{items: c.State, name: "state"}, identities: queue{items: c.Identity, name: "identity"}}
}

// Clock tells the time of the case.
func (s *script) Clock() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

func (s *script) advance(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = s.now.Add(d)
}

// Nonce returns the next nonce of the case; when they are used up, a numbered one.
func (s *script) Nonce() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.nonces.take()
}

// Identity returns the next id of a new connection; when those of the case are used up, a numbered one.
func (s *script) Identity() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.identities.take()
}

// State returns the next random text of a run; when those of the case are used up, a numbered one.
func (s *script) State() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.states.take()
}

// Begin starts a step: it advances the clock and lays out the answers.
func (s *script) Begin(step *flowStep) {
	s.advance(step.Advance)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.exchanges, s.seen = step.HTTP, nil
}

// Observed returns the requests of the step so far.
func (s *script) Observed() []observed {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.seen)
}

// errUnscripted is what a request beyond the script gets.
var errUnscripted = errors.New("the case has no answer for this request")

// RoundTrip implements http.RoundTripper.
func (s *script) RoundTrip(r *http.Request) (*http.Response, error) {
	o, err := observe(r)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	n := len(s.seen)
	if n >= len(s.exchanges) {
		s.seen = append(s.seen, o)
		return nil, errUnscripted
	}
	o.Respond = s.exchanges[n].Respond
	s.seen = append(s.seen, o)
	s.now = s.now.Add(o.Respond.Advance)
	if o.Respond.Error != "" {
		return nil, transportErrors[o.Respond.Error]
	}
	return answer(r, &o.Respond), nil
}

// transportErrors are what a real transport fails with, by the cause that it is told as.
var transportErrors = map[string]error{
	string(wire.CauseTimeout): context.DeadlineExceeded,
	string(wire.CauseDNS): &net.OpError{Op: "dial", Net: "tcp",
		Err: &net.DNSError{Err: "no such host", Name: "scripted.invalid", IsNotFound: true}},
	string(wire.CauseConnect): &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED},
	string(wire.CauseReset):   &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET},
	string(wire.CauseTLS):     &tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}},
	string(wire.CausePolicy):  &net.OpError{Op: "dial", Net: "tcp", Err: &wire.PolicyError{Host: "scripted.invalid", Reason: "the case says so"}},
}

func answer(r *http.Request, a *respond) *http.Response {
	h := http.Header{}
	for _, f := range a.Headers {
		for _, v := range f.Values {
			h.Add(f.Name, v)
		}
	}
	return &http.Response{Status: strconv.Itoa(a.Status) + " " + http.StatusText(a.Status), StatusCode: a.Status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: h, Body: io.NopCloser(bytes.NewReader(a.Body)),
		ContentLength: int64(len(a.Body)), Request: r}
}

// observe reads a request the way a server would see it: what net/http adds by itself (Host, Content-Length) included.
func observe(r *http.Request) (observed, error) {
	o := observed{Method: r.Method}
	if r.Body != nil {
		b, err := io.ReadAll(r.Body)
		if cerr := r.Body.Close(); err == nil {
			err = cerr
		}
		if err != nil {
			return o, fmt.Errorf("reading the request body: %w", err)
		}
		o.Body = b
	}
	o.URL = r.URL.Scheme + "://" + r.URL.Host + r.URL.RequestURI()
	if strings.HasPrefix(r.URL.Opaque, "//") {
		o.URL = r.URL.RequestURI()
	}
	names := make([]string, 0, len(r.Header))
	for name := range r.Header {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		// A header without a value keeps net/http from sending one of its own.
		if name != "Host" && name != "Content-Length" && len(r.Header[name]) > 0 {
			o.Headers = append(o.Headers, headerField{name, slices.Clone(r.Header[name])})
		}
	}
	host := r.Host
	if host == "" {
		host = r.URL.Host
	}
	o.Headers = append(o.Headers, headerField{"Host", []string{host}})
	if len(o.Body) > 0 || r.Method == http.MethodPost || r.Method == http.MethodPut || r.Method == http.MethodPatch {
		o.Headers = append(o.Headers, headerField{"Content-Length", []string{strconv.Itoa(len(o.Body))}})
	}
	return o, nil
}
