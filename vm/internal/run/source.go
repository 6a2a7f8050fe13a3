package run

import (
	"bytes"
	"errors"
	"io"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/imlc-lang/imlc/internal/limit"
	"github.com/imlc-lang/imlc/vm/builtin"
)

// Source is the body of a request of the host's own as long as it is not read. It closes itself at its end.
type Source struct {
	body   io.ReadCloser
	once   sync.Once
	closed chan struct{}
}

// NewSource returns body as a Source.
func NewSource(body io.ReadCloser) *Source { return &Source{body: body, closed: make(chan struct{})} }

// Read implements io.Reader.
func (s *Source) Read(p []byte) (int, error) {
	n, err := s.body.Read(p)
	if err == io.EOF {
		s.once.Do(s.close)
	}
	return n, err
}

// Close implements io.Closer, once or more often, also while Read waits. It waits for nothing itself: that of a body may
// wait for a Read that is under way, or for what a caller has yet to send.
func (s *Source) Close() error {
	select {
	case <-s.closed:
	default:
		go s.once.Do(s.close)
	}
	return nil
}

func (s *Source) close() {
	defer close(s.closed)
	_ = s.body.Close()
}

// closingEnds is how long a request waits for the body that it closes: one that can be closed at once is closed when the
// caller goes on.
const closingEnds = 50 * time.Millisecond

// drop closes the body of a request that does not need it any more.
func (s *Source) drop() {
	_ = s.Close()
	late := time.NewTimer(closingEnds)
	defer late.Stop()
	select {
	case <-s.closed:
	case <-late.C:
	}
}

// atHand reports whether a body is known to be in memory already, as that of http.NewRequest is: nobody waits for it, and
// a goroutine for it would cost half as much as the rest of a request.
func atHand(body io.Reader) bool {
	switch t := reflect.TypeOf(body); t {
	case nopCloser, nopCloserWriterTo:
		reader, ok := reflect.ValueOf(body).Field(0).Interface().(io.Reader)
		return ok && atHand(reader)
	}
	switch body.(type) {
	case *bytes.Reader, *bytes.Buffer, *strings.Reader:
		return true
	}
	return false
}

// The types of io.NopCloser.
var (
	nopCloser         = reflect.TypeOf(io.NopCloser(nil))
	nopCloserWriterTo = reflect.TypeOf(io.NopCloser(new(bytes.Reader)))
)

// read reads a source into memory, at most so many bytes. It ends with the run like everything that a run waits for, and
// each part of the body begins the time of the request anew. A Read that does not return keeps a goroutine then, and
// nothing else.
func (x *exchange) read(s *Source, most int64) ([]byte, error) {
	if atHand(s.body) {
		return readAll(s, most)
	}
	x.late = true
	limits, ctx := &x.run.host.Limits, x.run.clock.ctx
	g := &reading{source: s, part: x.run.requestTime(x.out.TimeoutMillis), deadline: x.run.clock.deadline, done: make(chan struct{})}
	g.timer = time.NewTimer(g.patience())
	defer g.timer.Stop()
	defer g.left.Store(true)
	go g.read(most)
	select {
	case <-g.done:
		if g.panicked != nil {
			panic(g.panicked) // where the host expects it
		}
		return g.body, x.run.unlessEnded(g.err)
	case <-ctx.Done():
		return nil, builtin.Cancelled(ctx)
	case <-g.timer.C:
		if !time.Now().Before(g.deadline) {
			return nil, builtin.TimedOut(limits.RunTimeout)
		}
		return nil, &limit.Error{Name: "request time", Limit: int64(g.part / time.Second), Code: limit.CodeOther}
	}
}

// reading is a body on its way into memory. It may go on when the run is over, and knows nothing of that.
type reading struct {
	source   *Source
	part     time.Duration // that each part may take
	deadline time.Time     // of all
	timer    *time.Timer
	left     atomic.Bool   // nobody waits any more
	done     chan struct{} // closed when what follows is there
	body     []byte
	err      error
	panicked any
}

var errLeft = errors.New("its reader has gone")

// read reads everything, at most so many bytes.
func (g *reading) read(most int64) {
	g.err = errLeft // unless it returns
	defer func() {
		g.panicked = recover()
		close(g.done)
	}()
	g.body, g.err = readAll(g, most)
}

// Read implements io.Reader.
func (g *reading) Read(p []byte) (int, error) {
	if g.left.Load() {
		return 0, errLeft
	}
	n, err := g.source.Read(p)
	if n > 0 {
		g.timer.Reset(g.patience())
	}
	return n, err
}

// patience is how long the next part is waited for.
func (g *reading) patience() time.Duration { return min(g.part, time.Until(g.deadline)) }

// unlessEnded returns what the host's part in a run failed with, or that the run has ended while it was waited for, which
// then is the reason.
func (r *run) unlessEnded(err error) error {
	if err == nil {
		return nil
	}
	if ctx := r.bounded(); ctx.Err() != nil {
		return builtin.Cancelled(ctx)
	}
	return err
}
