package vm_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm"
)

// body is a request body that tells when it is closed; as of one of net/http's server, its Close waits for its Read.
type body struct {
	io.Reader
	busy   sync.Mutex
	closed chan struct{}
}

func newBody(r io.Reader) *body { return &body{Reader: r, closed: make(chan struct{})} }

// Read implements io.Reader.
func (b *body) Read(p []byte) (int, error) {
	b.busy.Lock()
	defer b.busy.Unlock()
	return b.Reader.Read(p)
}

// Close implements io.Closer. A second call panics.
func (b *body) Close() error {
	b.busy.Lock()
	defer b.busy.Unlock()
	close(b.closed)
	return nil
}

func (b *body) isClosed() bool {
	select {
	case <-b.closed:
		return true
	case <-time.After(5 * time.Second):
		return false
	}
}

// ways are how a request of the host's own is sent. The bytes of a form are signed, so that it is read first.
var ways = map[string]func(context.Context, *vm.Engine, *http.Request) (*http.Response, error){
	"Do": func(ctx context.Context, e *vm.Engine, req *http.Request) (*http.Response, error) {
		return e.Do(ctx, baseConnection(), req)
	},
	"Client": func(ctx context.Context, e *vm.Engine, req *http.Request) (*http.Response, error) {
		return e.Client(baseConnection()).Transport.RoundTrip(req.WithContext(ctx))
	},
	"Stream": func(ctx context.Context, e *vm.Engine, req *http.Request) (*http.Response, error) {
		return e.Stream(ctx, baseConnection(), req, vm.Streaming{})
	},
	"Stream of a form": func(ctx context.Context, e *vm.Engine, req *http.Request) (*http.Response, error) {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		return e.Stream(ctx, baseConnection(), req, vm.Streaming{})
	},
}

// A body that does not come ends with the caller's context, the run time or the request time, as whatever an operation
// waits for does; the operation is told of, and the body closed when its Read returns.
func TestBodyThatDoesNotCome(t *testing.T) {
	left := errors.New("user left")
	for name, c := range map[string]struct {
		limits  vm.Limits
		cancels bool
		code    string
		limit   string
	}{
		"cancelled":    {cancels: true, code: "IML506", limit: "cancellation"},
		"run time":     {limits: vm.Limits{RunTimeout: 50 * time.Millisecond}, code: "LIMIT", limit: "run time"},
		"request time": {limits: vm.Limits{RequestTimeout: 50 * time.Millisecond}, code: "LIMIT", limit: "request time"},
	} {
		for way, send := range ways {
			if way == "Stream" { // the request itself waits there, see TestStreamWaits
				continue
			}
			t.Run(name+", "+way, func(t *testing.T) {
				t.Parallel()
				w := newWorld(reply{})
				h := w.host()
				h.Limits = c.limits
				var seen vm.Result
				h.Observe = func(ctx context.Context, _ vm.Operation) (context.Context, func(vm.Result)) {
					return ctx, func(r vm.Result) { seen = r }
				}
				e := mustEngine(t, basePlan(t), h)
				comes := make(chan struct{})
				b := newBody(readerFunc(func([]byte) (int, error) { <-comes; return 0, io.EOF }))
				ctx, cancel := context.WithCancelCause(context.Background())
				defer cancel(nil)
				if c.cancels {
					time.AfterFunc(20*time.Millisecond, func() { cancel(left) })
				}
				req := request(t, "POST", "/notes", "")
				req.Body, req.ContentLength = b, -1
				began := time.Now()
				_, err := send(ctx, e, req)
				if took := time.Since(began); took > 5*time.Second {
					t.Errorf("it took %v", took)
				}
				var reached *vm.LimitError
				if got := errorOf(t, err); got.Code != c.code || got.Class != vm.ClassLimit || got.Retryable() || !errors.As(err, &reached) || reached.Name != c.limit || c.cancels && !errors.Is(err, left) {
					t.Errorf("%v", err)
				}
				if seen.Err != error(errorOf(t, err)) {
					t.Errorf("observed: %v", seen.Err)
				}
				if close(comes); !b.isClosed() || len(w.sent) > 0 {
					t.Errorf("closed %v, sent %d requests", b.isClosed(), len(w.sent))
				}
			})
		}
	}
}

// A body may take longer than a request as long as it comes, but no longer than the run.
func TestBodyThatComesSlowly(t *testing.T) {
	for parts, want := range map[int]string{12: "", 40: "run time"} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			w := newWorld(reply{})
			h := w.host()
			h.Limits = vm.Limits{RequestTimeout: 200 * time.Millisecond, RunTimeout: time.Second}
			left := parts
			slow := readerFunc(func(p []byte) (int, error) {
				if left == 0 {
					return 0, io.EOF
				}
				left--
				time.Sleep(30 * time.Millisecond)
				return copy(p, "x"), nil
			})
			req := request(t, "POST", "/notes", "")
			req.Body, req.ContentLength = io.NopCloser(slow), -1
			_, err := mustEngine(t, basePlan(t), h).Do(context.Background(), baseConnection(), req)
			var reached *vm.LimitError
			switch {
			case want == "" && (err != nil || len(w.sent[0].Body) != parts):
				t.Errorf("%v", err)
			case want != "" && (!errors.As(err, &reached) || reached.Name != want || len(w.sent) > 0):
				t.Errorf("%v, expected the limit %s", err, want)
			}
		})
	}
}

// A body that panics does so where the host called.
func TestBodyThatPanics(t *testing.T) {
	for way, send := range ways {
		if way == "Stream" { // it is read by the transport, as with net/http
			continue
		}
		b := newBody(readerFunc(func([]byte) (int, error) { panic("no disk") }))
		req := request(t, "POST", "/notes", "")
		req.Body, req.ContentLength = b, -1
		func() {
			defer func() {
				if got := recover(); got != "no disk" {
					t.Errorf("%s: recovered %v", way, got)
				}
			}()
			_, err := send(context.Background(), mustEngine(t, basePlan(t), newWorld(reply{}).host()), req)
			t.Errorf("%s: %v", way, err)
		}()
		if !b.isClosed() {
			t.Errorf("%s: the body is not closed", way)
		}
	}
}

// forgetful is a transport that answers before it has read a body, and forgets to close it.
type forgetful struct{}

// RoundTrip implements http.RoundTripper.
func (forgetful) RoundTrip(req *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("ok")), Request: req}, nil
}

// The body of a request is closed, once, whatever becomes of it (http.RoundTripper).
func TestBodyIsClosed(t *testing.T) {
	for name, change := range map[string]func(*http.Request, *vm.Host){
		"sent":       func(*http.Request, *vm.Host) {},
		"bad header": func(r *http.Request, _ *vm.Host) { r.Header.Set("X-A", "a\nb") },
		"bad name":   func(r *http.Request, _ *vm.Host) { r.Header["b a d"] = []string{"x"} },
		"bad method": func(r *http.Request, _ *vm.Host) { r.Method = "CONNECT" },
		"no URL":     func(r *http.Request, _ *vm.Host) { r.URL = nil },
		"foreign":    func(r *http.Request, _ *vm.Host) { r.URL.Scheme, r.URL.Host = "https", "evil.example.test" },
		"left out":   func(r *http.Request, _ *vm.Host) { r.Method = "GET" },
		"not read":   func(_ *http.Request, h *vm.Host) { h.Transport = forgetful{} },
		"too long":   func(_ *http.Request, h *vm.Host) { h.Limits.ValueBytes = 2 },
		"known to be too long": func(r *http.Request, h *vm.Host) {
			h.Limits.ValueBytes, r.ContentLength = 2, 3
		},
		"not allowed": func(_ *http.Request, h *vm.Host) {
			h.Allow = func(context.Context, string) error { return errors.New("not now") }
		},
		"no answer": func(_ *http.Request, h *vm.Host) {
			h.Transport = newWorld(reply{err: errors.New("reset")})
		},
		"refused by policy": func(_ *http.Request, h *vm.Host) {
			h.Transport, h.Egress = nil, wire.Egress{Hosts: []string{"nobody.example.test"}}
		},
	} {
		for way, send := range ways {
			t.Run(name+", "+way, func(t *testing.T) {
				t.Parallel()
				h := newWorld(reply{}).host()
				b := newBody(strings.NewReader("a=b"))
				req := request(t, "POST", "/notes", "")
				req.Body, req.ContentLength = b, -1
				change(req, &h)
				res, err := send(context.Background(), mustEngine(t, basePlan(t), h), req)
				if err == nil {
					res.Body.Close()
				}
				if !b.isClosed() {
					t.Errorf("the body is not closed: %v", err)
				}
			})
		}
	}
}

// The bound of a stream holds for each body: of a known length or not, on its way or read because it is signed.
func TestStreamBoundsEachBody(t *testing.T) {
	for name, c := range map[string]struct {
		long, known int
		kind        string
	}{
		"short": {1000, 1000, "text/plain"}, "of unknown length": {1000, -1, "text/plain"}, "long": {100 << 10, 100 << 10, "text/plain"},
		"short form": {1000, 1000, "application/x-www-form-urlencoded"}, "form of unknown length": {1000, -1, "application/x-www-form-urlencoded"},
		"long form": {100 << 10, 100 << 10, "application/x-www-form-urlencoded"},
	} {
		for bound, passes := range map[int]bool{c.long - 1: false, c.long: true} {
			w := newWorld(reply{})
			req := request(t, "POST", "/notes", "")
			req.Body, req.ContentLength = io.NopCloser(strings.NewReader(strings.Repeat("x", c.long))), int64(c.known)
			req.Header.Set("Content-Type", c.kind)
			_, err := mustEngine(t, basePlan(t), w.host()).Stream(context.Background(), baseConnection(), req, vm.Streaming{RequestBytes: int64(bound)})
			var reached *vm.LimitError
			if passes && err != nil || !passes && (!errors.As(err, &reached) || reached.Limit != int64(bound) || len(w.sent) > 0) {
				t.Errorf("%s, at most %d: %v, %d requests", name, bound, err, len(w.sent))
			}
		}
	}
}

// A form that was read is sent again after a renewal, under the room that it was read in.
func TestStreamSendsAFormAfterARenewal(t *testing.T) {
	service, store := &rotating{}, vm.NewMemoryConnections()
	e := mustEngine(t, mustCompile(t, renewSpec, imlc.Options{}), vm.Host{Transport: service, Connections: store})
	conn := renewedConnection(t, store)
	req := request(t, "POST", "/notes", "")
	b := newBody(strings.NewReader("a=b"))
	req.Body, req.ContentLength = b, -1
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	var asked, left atomic.Int32
	service.during = func() {
		if asked.Load() != 1 || left.Load() != 0 {
			t.Errorf("room was asked for %d times and left %d times while a request is under way", asked.Load(), left.Load())
		}
	}
	res, err := e.Stream(context.Background(), conn, req, vm.Streaming{Room: func(context.Context) (func(), error) {
		asked.Add(1)
		return func() { left.Add(1) }, nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	text, _ := io.ReadAll(res.Body)
	res.Body.Close()
	if string(text) != "served=t1" || left.Load() != 1 || !b.isClosed() {
		t.Errorf("%q, room left %d times", text, left.Load())
	}
}

// An operation that ends while the host is asked says so, with the cause, and not that the host refused.
func TestEndsWhileTheHostIsAsked(t *testing.T) {
	left := errors.New("user left")
	refuse := func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
	for name, c := range map[string]struct {
		limits vm.Limits
		code   string
		limit  string
	}{"cancelled": {vm.Limits{}, "IML506", "cancellation"}, "run time": {vm.Limits{RunTimeout: 30 * time.Millisecond}, "LIMIT", "run time"}} {
		for _, room := range []bool{false, true} {
			w := newWorld(reply{})
			h := w.host()
			h.Limits = c.limits
			s := vm.Streaming{}
			if room {
				s.Room = func(ctx context.Context) (func(), error) { return nil, refuse(ctx) }
			} else {
				h.Allow = func(ctx context.Context, _ string) error { return refuse(ctx) }
			}
			ctx, cancel := context.WithCancelCause(context.Background())
			if c.code == "IML506" {
				time.AfterFunc(20*time.Millisecond, func() { cancel(left) })
			}
			req := request(t, "POST", "/notes", "")
			req.Body, req.ContentLength = io.NopCloser(strings.NewReader("a=b")), -1
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			_, err := mustEngine(t, basePlan(t), h).Stream(ctx, baseConnection(), req, s)
			cancel(nil)
			var reached *vm.LimitError
			if got := errorOf(t, err); got.Class != vm.ClassLimit || got.Code != c.code || got.Retryable() || !errors.As(err, &reached) || reached.Name != c.limit || c.code == "IML506" && !errors.Is(err, left) {
				t.Errorf("%s, room %v: %v", name, room, err)
			}
		}
	}
}

// A host that has room and nothing to give back says nothing.
func TestStreamRoomWithoutLeave(t *testing.T) {
	w := newWorld(reply{})
	req := request(t, "POST", "/notes", "")
	req.Body, req.ContentLength = io.NopCloser(strings.NewReader("a=b")), -1
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	_, err := mustEngine(t, basePlan(t), w.host()).Stream(context.Background(), baseConnection(), req, vm.Streaming{Room: func(context.Context) (func(), error) { return nil, nil }})
	if err != nil || w.sent[0].Body != "a=b" {
		t.Errorf("%v", err)
	}
}
