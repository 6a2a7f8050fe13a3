package wire

import (
	"bufio"
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"os"
	"sync/atomic"
	"time"
)

// conn is a connection to an origin. It belongs to one request at a time, or to the idle ones.
type conn struct {
	conn   net.Conn // what is spoken on, over TLS or not
	below  *socket  // of the operating system, nil when there is none that is known
	origin origin
	idle   *idleConns
	unused time.Time            // since when
	state  *tls.ConnectionState // nil without TLS

	in    *bufio.Reader // of the connection's Read
	out   *bufio.Writer // of the connection's Write
	left  int64         // bytes that may be read
	torn  error         // why writing failed
	probe [1]byte
}

func newConn(plain net.Conn, to origin, idle *idleConns) *conn {
	c := &conn{conn: plain, below: socketBelow(plain), origin: to, idle: idle}
	c.in, c.out = bufio.NewReader(reading{c}), bufio.NewWriter(writing{c})
	return c
}

// secure speaks TLS from now on.
func (c *conn) secure(ctx context.Context, trace *httptrace.ClientTrace, config *tls.Config) error {
	if trace != nil && trace.TLSHandshakeStart != nil {
		trace.TLSHandshakeStart()
	}
	client := tls.Client(c.conn, config)
	timed, cancel := context.WithTimeout(ctx, handshakeTimeout)
	defer cancel()
	err := client.HandshakeContext(timed)
	state := client.ConnectionState()
	if trace != nil && trace.TLSHandshakeDone != nil {
		trace.TLSHandshakeDone(state, err)
	}
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case timed.Err() != nil:
		return fmt.Errorf("TLS handshake: %w", err)
	case err != nil: // of TLS, or of a connection that broke, which is another matter
		return err
	}
	c.conn, c.state = client, &state
	return nil
}

// errHeader says that the headers of an answer are longer than any may be.
var errHeader = errors.New("the headers of the answer are too long")

// reading is the side of a connection that answers come from.
type reading struct{ c *conn }

// Read implements io.Reader.
func (r reading) Read(p []byte) (int, error) {
	if r.c.left <= 0 {
		return 0, errHeader
	}
	n, err := r.c.conn.Read(p[:min(int64(len(p)), r.c.left)])
	r.c.left -= int64(n)
	return n, err
}

// writing is the side of a connection that requests go to. It knows its own failures from those of a request's body.
type writing struct{ c *conn }

// Write implements io.Writer.
func (w writing) Write(p []byte) (int, error) {
	n, err := w.c.conn.Write(p)
	if err != nil {
		w.c.torn = err
	}
	return n, err
}

// quiet reports whether a connection that was kept is open and nothing came on it: what comes before anybody asks would
// be taken for the answer.
func (c *conn) quiet() bool {
	if c.below == nil || !canGlance {
		_ = c.conn.SetDeadline(time.Now().Add(look))
		_, err := c.conn.Read(c.probe[:])
		_ = c.conn.SetDeadline(time.Time{})
		return errors.Is(err, os.ErrDeadlineExceeded)
	}
	c.below.glancing = true
	_, err := c.conn.Read(c.probe[:])
	c.below.glancing = false
	return errors.Is(err, errNothing)
}

// look is how long a look waits where none can be had without waiting.
const look = time.Millisecond

// close ends the connection and whatever is under way on it. The farewell of TLS waits for a server that does not read,
// for seconds, and nobody waits for that.
func (c *conn) close() {
	if _, secure := c.conn.(*tls.Conn); !secure {
		_ = c.conn.Close()
		return
	}
	_ = c.conn.SetDeadline(time.Unix(1, 0))
	go func() { _ = c.conn.Close() }()
}

// exchange sends a request and reads the head of its answer. The connection is kept or closed when the answer ends.
func (c *conn) exchange(r *http.Request, trace *httptrace.ClientTrace) (*http.Response, error) {
	x := &answer{conn: c, ctx: r.Context(), trace: trace}
	if x.ctx.Done() != nil {
		x.unfollow = context.AfterFunc(x.ctx, c.close) // also where nobody closes the body
	}
	if inMemory(r) {
		x.unsent = c.write(r)
	} else {
		x.sent = make(chan error, 1)
		go func() {
			err := c.upload(r)
			x.sent <- err
			if err != nil && c.torn == nil {
				c.close() // nobody answers half a request
			}
		}()
	}
	if x.unsent != nil && c.torn == nil { // of the body: nobody answers half a request
		return nil, x.fail(x.unsent)
	}
	res, err := x.head(r)
	if err != nil {
		return nil, x.fail(err)
	}
	return res, nil
}

// smallRequest bounds the requests that are sent before the answer is read, in bytes: what the operating system takes
// even when nobody reads at the other side.
const smallRequest = 16 << 10

// inMemory reports whether the whole request is there at once and small.
func inMemory(r *http.Request) bool {
	size := headerBytes(r.Header) + int64(len(r.URL.Path)+len(r.URL.Opaque)+len(r.URL.RawQuery))
	if r.Body == nil || r.Body == http.NoBody {
		return size <= smallRequest
	}
	if _, ok := r.Body.(*content); ok {
		return size+r.ContentLength <= smallRequest
	}
	return r.GetBody != nil && 0 < r.ContentLength && size+r.ContentLength <= smallRequest
}

// write sends a request.
func (c *conn) write(r *http.Request) error {
	if err := r.Write(c.out); err != nil {
		return err
	}
	return c.out.Flush()
}

// upload sends a request whose body may come slowly or fail. Request.Write hides what the body fails with.
func (c *conn) upload(r *http.Request) error {
	if r.Body == nil || r.Body == http.NoBody {
		return c.write(r)
	}
	body := &source{ReadCloser: r.Body}
	sent := *r
	sent.Body = body
	if err := c.write(&sent); err != nil {
		return cmp.Or(body.err, err)
	}
	return nil
}

// source is a body that keeps what it failed with.
type source struct {
	io.ReadCloser
	err error
}

// Read implements io.Reader.
func (s *source) Read(p []byte) (int, error) {
	n, err := s.ReadCloser.Read(p)
	if err != nil && err != io.EOF {
		s.err = err
	}
	return n, err
}

// answer is an answer under way, and its body.
type answer struct {
	conn     *conn
	ctx      context.Context
	trace    *httptrace.ClientTrace // nil for none
	unfollow func() bool            // ends the bond to ctx; nil when that has no end
	sent     chan error             // gets the end of a request that is sent meanwhile; nil when there is none
	unsent   error                  // why sending failed
	body     io.ReadCloser
	last     bool // nothing else comes on this connection
	ended    atomic.Bool
}

// head reads the head of the answer.
func (x *answer) head(r *http.Request) (*http.Response, error) {
	c, trace := x.conn, x.trace
	c.left = mostHeader
	if _, err := c.in.Peek(1); err != nil {
		return nil, fmt.Errorf("the connection ended without an answer: %w", err)
	}
	if trace != nil && trace.GotFirstResponseByte != nil {
		trace.GotFirstResponseByte()
	}
	res, err := http.ReadResponse(c.in, r)
	for err == nil && 100 <= res.StatusCode && res.StatusCode <= 199 && res.StatusCode != http.StatusSwitchingProtocols {
		if trace != nil && trace.Got1xxResponse != nil {
			if err := trace.Got1xxResponse(res.StatusCode, textproto.MIMEHeader(res.Header)); err != nil {
				return nil, err
			}
		}
		res, err = http.ReadResponse(c.in, r) // what informs is followed by the answer
	}
	if err != nil {
		return nil, err
	}
	c.left = math.MaxInt64
	res.TLS = c.state
	x.last = res.Close || r.Close || res.StatusCode == http.StatusSwitchingProtocols
	if res.Body == http.NoBody {
		x.end(true)
	} else {
		x.body, res.Body = res.Body, x
	}
	return res, nil
}

// fail ends an exchange that gives no answer, and tells why.
func (x *answer) fail(err error) error {
	if x.conn.left <= 0 { // whatever was made of a header that ends nowhere
		err = errHeader
	}
	if x.sent != nil {
		select {
		case x.unsent = <-x.sent:
			x.sent = nil
		default: // goes on until it notices
		}
	}
	if x.sent == nil && x.unsent != nil && x.conn.torn == nil { // of the body
		err = x.unsent
	}
	return x.cut(err)
}

// cut closes the connection after an error, which is the context's when that has ended.
func (x *answer) cut(err error) error {
	x.end(false)
	if x.ctx.Err() != nil {
		return context.Cause(x.ctx)
	}
	return err
}

// Read implements io.Reader.
func (x *answer) Read(p []byte) (int, error) {
	n, err := x.body.Read(p)
	switch {
	case err == io.EOF:
		x.end(true)
	case err != nil && !x.ended.Load():
		err = x.cut(err)
	}
	return n, err
}

// Close implements io.Closer. It may be called while Read waits.
func (x *answer) Close() error {
	x.end(false)
	return nil
}

// end keeps the connection of a whole answer for the next request, if it can serve one, or else closes it.
func (x *answer) end(whole bool) {
	if x.ended.Swap(true) {
		return
	}
	c := x.conn
	followed := x.unfollow == nil || x.unfollow()
	if !whole || !followed || x.last || c.in.Buffered() > 0 || !x.sentWhole() {
		c.close()
		x.kept(errNotKept)
		return
	}
	surplus := c.idle.put(c)
	if surplus != nil {
		surplus.close()
	}
	if surplus == c {
		x.kept(errNotKept)
		return
	}
	x.kept(nil)
}

// errNotKept tells who traces a request that its connection serves no other.
var errNotKept = errors.New("the connection is closed, because it can serve no other request or there are enough")

// kept tells who traces the request what becomes of its connection: nil when it was kept.
func (x *answer) kept(why error) {
	if x.trace != nil && x.trace.PutIdleConn != nil {
		x.trace.PutIdleConn(why)
	}
}

// sendingEnds is how long a connection waits for the end of a request whose answer has come.
const sendingEnds = 50 * time.Millisecond

// sentWhole reports whether the whole request was sent.
func (x *answer) sentWhole() bool {
	if x.sent != nil {
		late := time.NewTimer(sendingEnds)
		defer late.Stop()
		select {
		case x.unsent = <-x.sent:
			x.sent = nil
		case <-late.C:
			return false
		}
	}
	return x.unsent == nil
}
