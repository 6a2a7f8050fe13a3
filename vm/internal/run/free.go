package run

import (
	"context"
	"io"
	"net/http"
	"slices"
	"strconv"

	"github.com/imlc-lang/imlc/runtime/content"
	"github.com/imlc-lang/imlc/runtime/uri"
	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/message"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// Free is a request of the host's own. What the plan says of free requests goes along with it: base URL, headers,
// query, certificate authority, oauth, log. What the request says itself wins.
type Free struct {
	Method string
	// URL is absolute, or goes behind the base URL.
	URL    string
	Header wire.Header
	// Body is nil when there is none.
	Body []byte
	// Source is a body that is handed on as it comes, of Length bytes, -1 when nobody knows; nil for none.
	Source io.Reader
	Length int64
	// Streaming, when set, hands bodies on as they come; its Caller is that of the run.
	Streaming *wire.Streaming
	// Room, if not nil, is asked before Source is read into memory; leave is called when the request has ended.
	Room func(ctx context.Context) (leave func(), err error)
	// Origins are origins beside those of the connection that the request may go to.
	Origins []string
}

// Do sends a free request with conn. Any status is an answer. The error is an *Error.
func (r *Runner) Do(ctx context.Context, conn Connection, f *Free) (*wire.Response, error) {
	x, err := r.open(ctx, operation{Name: OpDo}, conn, nil)
	if err != nil {
		return nil, err
	}
	defer x.end(&err)
	res, err := x.sendFree(f)
	if err != nil {
		err = x.report(err)
		return nil, err
	}
	return res, nil
}

// BaseURL returns what the URLs of free requests go behind, "" for nothing. The error is an *Error.
func (r *Runner) BaseURL(ctx context.Context, conn Connection) (string, error) {
	x, err := r.open(ctx, operation{Name: OpInspect}, conn, nil)
	if err != nil {
		return "", err
	}
	defer x.end(&err)
	if err = x.beginCall(); err != nil {
		err = x.report(err)
		return "", err
	}
	base, err := x.baseURL(x.free())
	if err != nil {
		err = x.report(err)
		return "", err
	}
	return base, nil
}

// free is what the plan says of free requests.
func (r *run) free() *plan.Request {
	if r.spec.Free == nil {
		return &plan.Request{}
	}
	return r.spec.Free
}

// sendFree sends a free request.
func (r *run) sendFree(f *Free) (*wire.Response, error) {
	if err := r.beginCall(); err != nil {
		return nil, err
	}
	if err := r.count(); err != nil {
		return nil, err
	}
	r.tick()
	r.bindAnswer(answer{})
	x := r.exchange(r.free())
	defer x.close()
	x.free = true
	if err := r.mergeTemp(x.req.Temp...); err != nil {
		return nil, r.failure(err)
	}
	if err := x.buildFree(f); err != nil {
		return nil, r.failure(x.configured(err))
	}
	leave, err := x.hold(f)
	defer leave()
	if err != nil {
		return nil, r.failure(x.configured(err))
	}
	res := new(wire.Response) // for the host
	if err := x.make(res, x.answered); err != nil {
		return nil, err
	}
	return res, nil
}

// buildFree puts a free request together with what the plan says of it.
func (x *exchange) buildFree(f *Free) error {
	r, req := x.run, x.req
	var p parts
	err := r.evaluateFree(req, &p)
	if err != nil {
		return err
	}
	x.settings(f.Method, p.ca)
	if err := x.freeURL(f, &p); err != nil {
		return err
	}
	if p.headers != nil {
		if x.out.Header, err = content.BuildHeader(value.Collection(p.headers)); err != nil {
			return err
		}
	}
	for _, h := range f.Header {
		x.out.Header.Del(h.Name)
	}
	x.out.Header = append(x.out.Header, f.Header...)
	if f.Body != nil {
		x.out.Body = wire.Body{Content: f.Body, Present: true, Pairs: true, Secret: true}
	}
	if f.Source != nil {
		x.out.Body = wire.Body{Present: true, Pairs: true, Secret: true, Source: f.Source, Length: f.Length}
	}
	if err := x.sign(&p); err != nil {
		return err
	}
	x.streams(f)
	return nil
}

// streams has a request hand its bodies on as they come.
func (x *exchange) streams(f *Free) {
	if f.Streaming == nil {
		return
	}
	s := *f.Streaming
	s.Caller = x.run.clock.caller
	x.out.Streaming = &s
	if x.out.Header.Has("Accept-Encoding") {
		x.out.Gzip = false // whoever asks for a coding gets it
	}
}

// hold reads a body into memory whose bytes are signed. leave, which is never nil, gives its room back.
func (x *exchange) hold(f *Free) (leave func(), err error) {
	leave = func() {}
	signed := x.signer != nil && (x.hashes || x.isForm())
	if f.Streaming == nil || f.Source == nil || !signed || x.out.Method == http.MethodGet || x.out.Method == http.MethodHead {
		return leave, nil
	}
	if f.Room != nil {
		given, err := f.Room(x.run.clock.caller)
		if err != nil {
			return leave, (&Error{Class: ClassHost, Type: RuntimeError, Err: err}).say(message.NoRoom, nil)
		}
		leave = given
	}
	x.out.Body.Content, err = ReadBody(f.Source, int64(x.run.host.Limits.ValueBytes))
	x.out.Body.Source = nil
	x.late = true
	return leave, err
}

// ReadBody reads the body of a request of the host into memory.
func ReadBody(source io.Reader, most int64) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(source, most+1))
	switch {
	case err != nil:
		return nil, (&Error{Class: ClassHost, Type: RuntimeError, Err: err}).say(message.BodyUnreadable, nil)
	case int64(len(body)) > most:
		return nil, BodyLimit(most)
	}
	return body, nil
}

// BodyLimit is the error of a request body that is longer than it may be.
func BodyLimit(most int64) error {
	reached := &builtin.LimitError{Name: "request body", Limit: most, Code: builtin.CodeLimit}
	return limitFailure(reached, reached)
}

// evaluateFree computes what the plan says of free requests.
func (r *run) evaluateFree(req *plan.Request, p *parts) error {
	if err := r.evalEvery(req, p); err != nil {
		return err
	}
	p.fill, p.query = filled(p.query, p.fill), nil // the URL has the query of the request; the rest fills
	return r.credentials(req.OAuth, &p.oauth)
}

// freeURL reads the URL of a free request, puts a relative one behind the base URL and refuses one that leads elsewhere
// than the connection belongs: whatever goes along would tell its secrets there.
func (x *exchange) freeURL(f *Free, p *parts) error {
	r, u := x.run, &x.out.URL
	base, err := r.baseURL(x.req)
	if err != nil {
		return err
	}
	text := f.URL
	if !isAbsolute(text) {
		if base == "" {
			e := misconfigured(message.NoBaseURL, message.Args{"url": strconv.Quote(content.MaskURL(text))})
			e.Class, e.Code = ClassHost, CodeNoBaseURL
			return e
		}
		text = joined(base, text)
	}
	if err := parseURL(u, text, false); err != nil {
		return err
	}
	if err := x.fillQuery(p.fill); err != nil {
		return err
	}
	if x.req == r.spec.Free && !slices.Contains(append(r.origins(base), f.Origins...), u.Origin()) {
		e := &Error{Class: ClassHost, Type: InvalidConfigurationError, Code: CodeForeignOrigin}
		e.say(message.ForeignOrigin, message.Args{"origin": u.Origin()})
		e.Help = "ask the service that the connection was made for, or let the host allow further origins"
		return e
	}
	return nil
}

// origins are those of the connection: that of its base URL, or else those of the requests that prove it.
func (r *run) origins(base string) (origins []string) {
	add := func(text string) {
		u := new(uri.URL)
		if u.Parse(text, false) == nil {
			origins = append(origins, u.Origin())
		}
	}
	if base != "" {
		add(base)
		return origins
	}
	for i := range r.spec.Stages {
		for j := range r.spec.Stages[i].Requests {
			if text, err := r.url(&r.spec.Stages[i].Requests[j]); r.spec.Stages[i].Proof && err == nil {
				add(text)
			}
		}
	}
	return origins
}

// answered notes the answer to a free request, and logs what it holds where the plan asks for that.
func (x *exchange) answered(res *wire.Response) error {
	r := x.run
	x.record.answered(res)
	if err := r.frame.Reserve(int64(len(res.Body))); err != nil {
		return err
	}
	if !x.logs() && !r.tracing() {
		return nil
	}
	p, err := r.readBody(content.ParseAutomatic, res, r.parsing())
	if err != nil {
		return nil // what cannot be read is not logged; it is for the host to read
	}
	a := answer{have: true, status: res.Status, body: p.Value}
	if x.logs() {
		if err := x.note(res, a); err != nil {
			return err
		}
	}
	if r.tracing() {
		x.received(a)
	}
	return nil
}
