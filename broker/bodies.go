package broker

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"sync/atomic"
	"time"
)

// pace says how fast a body has to arrive that is held in memory: no pause may be longer than grace, and behind a first
// grace it must come at rate bytes a second on the whole.
type pace struct {
	grace time.Duration
	rate  int64
}

// bodyPace takes 74 seconds for a body of 2 MiB at the slowest.
var bodyPace = pace{10 * time.Second, 32 << 10}

// longestPause is how long a caller may send nothing of a body that passes.
const longestPause = time.Minute

// deadline is when the next part of a body must be there of which n bytes have come.
func (p pace) deadline(began, now time.Time, n int64) time.Time {
	due := began.Add(p.grace + time.Duration(n)*time.Second/time.Duration(p.rate))
	if pause := now.Add(p.grace); pause.Before(due) {
		return pause
	}
	return due
}

// paced is the body of a request that must keep a pace from begin on, when it is held in memory. Before it may take its
// time, and passes as it comes.
type paced struct {
	io.ReadCloser
	from  *http.ResponseController
	pace  pace
	began time.Time // zero while it passes
	n     int64
	// pause is the longest one while it passes.
	pause time.Duration
	// count, if not nil, is told of what passes.
	count func(int)
	// stuck says that it waits for more, or that no more comes.
	stuck atomic.Bool
}

// passes reports whether the body is one that passes; nil is none.
func (p *paced) passes() bool { return p != nil && p.began.IsZero() }

func (p *paced) begin(pace pace) { p.pace, p.began, p.n = pace, time.Now(), 0 }

// Read implements io.Reader.
func (p *paced) Read(to []byte) (int, error) {
	if p.passes() {
		p.stuck.Store(true)
		// Who sends nothing for so long is given up: net/http waits for this read before it gives up the request to the service.
		_ = p.from.SetReadDeadline(time.Now().Add(p.pause))
		n, err := p.ReadCloser.Read(to)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			err = &tooSlow{}
		} else if err != nil {
			_ = p.from.SetReadDeadline(time.Time{})
		}
		p.stuck.Store(err != nil && !errors.Is(err, io.EOF))
		if p.count != nil {
			p.count(n)
		}
		return n, err
	}
	_ = p.from.SetReadDeadline(p.pace.deadline(p.began, time.Now(), p.n)) // an odd server may not know deadlines
	n, err := p.ReadCloser.Read(to)
	p.n += int64(n)
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return n, &tooSlow{}
	case err != nil:
		_ = p.from.SetReadDeadline(time.Time{}) // the request may take longer than its body, and the connection is watched meanwhile
	}
	return n, err
}

// tooSlow is the error of a body that does not keep its pace.
type tooSlow struct{}

// Error implements error.
func (*tooSlow) Error() string { return "the body does not arrive" }

// Timeout says that it is one, for who asks of a net.Error.
func (*tooSlow) Timeout() bool { return true }

// Temporary completes net.Error.
func (*tooSlow) Temporary() bool { return false }

// Unwrap returns what is told of it.
func (*tooSlow) Unwrap() error { return slowBody() }

func slowBody() *Problem {
	p := problem(http.StatusRequestTimeout, "body-too-slow", "the body arrives too slowly, and others wait for its place")
	p.Retryable = true
	return p
}

// heldBody is the body of a request that is read into memory. It takes one of the few places that there are when somebody
// begins to read it, which is when it is known who sends it, and keeps its pace from then on.
type heldBody struct {
	paced
	enter func(tenant string) (leave func(), err error)
	// tenant is who sends it, "" as long as nobody knows.
	tenant string
	leave  func()
}

// Read implements io.Reader.
func (h *heldBody) Read(to []byte) (int, error) {
	if h.leave == nil {
		leave, err := h.enter(h.tenant)
		if err != nil {
			return 0, err
		}
		h.leave = leave
		h.begin(h.pace)
	}
	return h.paced.Read(to)
}

// sentBy says who sends the body of a request, for its place.
func sentBy(r *http.Request, space string) {
	if h, ok := r.Body.(*heldBody); ok {
		h.tenant = tenantOf(space)
	}
}

// atMost bounds the body of a request.
func atMost(w http.ResponseWriter, r *http.Request, most int64) {
	if h, ok := r.Body.(*heldBody); ok {
		h.ReadCloser = http.MaxBytesReader(w, h.ReadCloser, most)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, most)
}

const (
	maxOperations = 8        // of engines, other than proxied requests, at a time
	maxBodies     = 8        // of requests that are held in memory, at a time, each of 2 MiB at most
	longBody      = 64 << 10 // bytes of a body that counts
)

// bounded has requests with long bodies that are held in memory wait for each other. A proxied one hands its body on as it
// comes, or else asks for room when it is known that its body is signed.
func (b *Broker) bounded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if long := r.ContentLength < 0 || r.ContentLength > longBody; !long || isProxied(r) {
			next.ServeHTTP(w, r)
			return
		}
		body := &heldBody{paced: paced{ReadCloser: r.Body, from: http.NewResponseController(w), pace: b.pace}}
		body.enter = func(tenant string) (func(), error) { return b.place(r.Context(), b.bodies, tenant) }
		defer func() {
			if body.leave != nil {
				body.leave()
			}
		}()
		r.Body = body
		next.ServeHTTP(w, r)
	})
}

// roomFor gives a body of a tenant that is read into memory, to be signed, one of the few places that there are. body is
// nil when it is at hand.
func (b *Broker) roomFor(tenant string, body *paced) func(context.Context) (func(), error) {
	return func(ctx context.Context) (func(), error) {
		leave, err := b.place(ctx, b.bodies, tenant)
		if err == nil && body != nil {
			body.begin(b.pace)
		}
		return leave, err
	}
}
