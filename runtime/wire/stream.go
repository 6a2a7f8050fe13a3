package wire

import (
	"context"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/imlc-lang/imlc/internal/limit"
	"github.com/imlc-lang/imlc/internal/redirect"
)

// Streaming has a request hand bodies on as they come: that of the request when it has a Source, and that of the answer
// as Response.Stream. The time of the request then ends with the header of the answer, and begins anew with each part of
// the request's body that is sent.
type Streaming struct {
	// Caller is the context that ends the answer's body; that of Do bounds the way to it only.
	Caller context.Context
	// MaxRequest and MaxResponse bound the bodies in bytes; 0 is no bound.
	MaxRequest, MaxResponse int64
	// KeepOrigin has a redirect to another origin end as the answer.
	KeepOrigin bool
}

// peeked is how much of an answer that tells of a failure is read before it is handed on, in bytes: what it says decides
// what is done next.
const peeked = 64 << 10

// life bounds a request that streams.
type life struct {
	ctx    context.Context
	cancel context.CancelCauseFunc
	caller context.Context
	// unfollow ends the bonds to the time of the request, to the context of Do and to that of the caller.
	unfollow []func() bool
	timer    *time.Timer // of a request with a body, which goes on while the body does
	timeout  time.Duration
	body     io.Closer // of the request, nil for none that comes on its way
}

// stream sends hop after hop and hands on the body of the last answer.
func (x *exchange) stream(dst *Response, now time.Time, timeout time.Duration) error {
	s := x.request.Streaming
	l := &life{caller: s.Caller, timeout: timeout}
	above := x.ctx
	l.ctx, l.cancel = context.WithCancelCause(context.WithoutCancel(above))
	if x.body.Source != nil {
		l.timer = time.AfterFunc(timeout, func() { l.cancel(errTimeout) })
		body := *x.body
		l.body = body.Source
		body.Source = &upload{ReadCloser: body.Source, life: l, most: s.MaxRequest, left: s.MaxRequest}
		x.body = &body
	} else {
		x.request.Body.drop()
		timed, done := x.client.timeouts.after(context.Background(), now, timeout, x.request.TimeoutMillis > 0)
		l.follow(timed)
		l.unfollow = append(l.unfollow, func() bool { done(); return true })
	}
	l.follow(above)
	x.ctx, x.life = l.ctx, l
	err := x.run(dst)
	if err != nil {
		l.end()
	}
	return err
}

func (l *life) follow(ctx context.Context) {
	if ctx.Done() != nil {
		l.unfollow = append(l.unfollow, context.AfterFunc(ctx, func() { l.cancel(context.Cause(ctx)) }))
	}
}

// released ends every bond.
func (l *life) released() {
	if l.timer != nil {
		l.timer.Stop()
	}
	for _, f := range l.unfollow {
		f()
	}
	l.unfollow = nil
}

// goesOn leaves the rest to the caller.
func (l *life) goesOn() {
	l.released()
	l.follow(l.caller)
}

func (l *life) end() {
	l.released()
	l.cancel(context.Canceled)
	if l.body != nil {
		_ = l.body.Close() // also where a transport forgot it
	}
}

// upload is the body of a request on its way.
type upload struct {
	io.ReadCloser
	life       *life
	most, left int64 // 0 is no bound
}

// Read implements io.Reader. The time of the request begins anew.
func (u *upload) Read(p []byte) (int, error) {
	n, err := u.ReadCloser.Read(p)
	if u.left -= int64(n); u.most > 0 && u.left < 0 {
		return n, &limit.Error{Name: "request body", Limit: u.most, Code: limit.CodeOther}
	}
	if n > 0 && u.life.ctx.Err() == nil {
		u.life.timer.Reset(u.life.timeout)
	}
	return n, err
}

// spent reports whether a redirect asks for a body once more that was handed on already.
func (x *exchange) spent(status int) bool {
	return x.body.Source != nil && redirect.KeepsBody(status)
}

// handOver hands the body of the last answer on. Of a failure it reads what decides about what comes next.
func (x *exchange) handOver(res *http.Response, dst *Response) error {
	most := x.request.Streaming.MaxResponse
	body := io.Reader(res.Body)
	if most > 0 {
		body = &counted{body, most, most}
	} else {
		most = 1 << 62
	}
	dst.Length, dst.Decoded = res.ContentLength, x.decodes(res)
	if dst.Decoded {
		var err error
		if body, err = decodeContent(body, res.Header["Content-Encoding"], most); err != nil {
			_ = res.Body.Close()
			return x.unread(err, dst)
		}
		dst.Length = -1
		dst.TellDecoded()
	}
	if res.StatusCode >= http.StatusBadRequest {
		head, err := io.ReadAll(io.LimitReader(body, peeked+1))
		if err != nil {
			_ = res.Body.Close()
			return x.unread(err, dst)
		}
		if len(head) <= peeked {
			dst.Body = string(head)
		}
		body = io.MultiReader(strings.NewReader(string(head)), body)
	}
	x.received(res, dst.Body)
	x.life.goesOn()
	dst.Stream = &download{Reader: body, body: res.Body, life: x.life}
	dst.URL, dst.Hops = *x.url, x.hop
	return nil
}

// download is the body of an answer on its way.
type download struct {
	io.Reader
	body io.Closer
	life *life
	once sync.Once
}

// Close implements io.Closer.
func (d *download) Close() (err error) {
	d.once.Do(func() {
		err = d.body.Close()
		d.life.end()
	})
	return err
}
