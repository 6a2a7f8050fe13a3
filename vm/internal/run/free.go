package run

import (
	"context"
	"io"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"

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
	// Source is the body, of Length bytes, -1 when nobody knows; nil for none. A run that reads it into memory leaves Body
	// in its place, for the next one.
	Source *Source
	Length int64
	Body   []byte
	// Streaming, when set, hands bodies on as they come; its Caller is that of the run. Held says that the body is read
	// into memory all the same, as it is without Streaming.
	Streaming *wire.Streaming
	Held      bool
	// Room, if not nil, is asked before Source is read into memory because its bytes are signed.
	Room  func(ctx context.Context) (leave func(), err error)
	leave func() // what Room gave, nil for nothing
	// Origins are origins beside those of the connection that the request may go to.
	Origins []string
}

// End ends a request: the room of its body is given back, and unless it was answered the body closed.
func (f *Free) End(answered bool) {
	if f.leave != nil {
		f.leave()
	}
	if f.Source != nil && !answered {
		f.Source.drop()
	}
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
	if err := x.takeBody(f); err != nil {
		return nil, r.failure(x.configured(err))
	}
	res := new(wire.Response) // for the host
	if err := x.make(res, x.answered); err != nil {
		return nil, err
	}
	res.TellDecoded()
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
	if f.Header.Has("Accept-Encoding") {
		x.out.Gzip = false // whoever asks for a coding gets it
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
}

// takeBody takes the body of a free request: into memory, where the host wants that or its bytes are signed, or else as it
// comes.
func (x *exchange) takeBody(f *Free) (err error) {
	r, out := x.run, &x.out
	if f.Source == nil && f.Body == nil {
		return nil
	}
	switch out.Method {
	case "", http.MethodGet, http.MethodHead: // whose body is left out
		if f.Source != nil {
			f.Source.drop()
			f.Source = nil
		}
		return nil
	}
	out.Body = wire.Body{Present: true, Pairs: true, Secret: true}
	if f.Source != nil {
		signed := x.signer != nil && (x.hashes || x.isForm())
		held, most := f.Streaming == nil || f.Held || signed, int64(math.MaxInt64)
		if held {
			most = int64(r.host.Limits.ValueBytes)
		}
		if f.Streaming != nil && f.Streaming.MaxRequest > 0 {
			most = min(most, f.Streaming.MaxRequest)
		}
		if f.Length > most {
			return bodyLimit(most)
		}
		if !held {
			out.Body.Source, out.Body.Length = f.Source, f.Length
			return nil
		}
		if err := x.hold(f, most); err != nil {
			return err
		}
	}
	out.Body.Content = f.Body
	return nil
}

// hold reads the body of a free request into memory, of at most so many bytes.
func (x *exchange) hold(f *Free, most int64) (err error) {
	r := x.run
	if f.Room != nil && !f.Held {
		if f.leave, err = f.Room(r.bounded()); err != nil {
			f.leave = nil
			return r.unlessEnded((&Error{Class: ClassHost, Type: RuntimeError, Err: err}).say(message.NoRoom, nil))
		}
	}
	if f.Body, err = x.read(f.Source, most); err != nil {
		f.Body = nil
		return err
	}
	f.Source = nil
	return nil
}

// readAll reads the body of a request of the host into memory.
func readAll(source io.Reader, most int64) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(source, most+1))
	switch {
	case err != nil:
		return nil, (&Error{Class: ClassHost, Type: RuntimeError, Err: err}).say(message.BodyUnreadable, nil)
	case int64(len(body)) > most:
		return nil, bodyLimit(most)
	}
	return body, nil
}

// bodyLimit is the error of a request body that is longer than it may be.
func bodyLimit(most int64) error {
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
	if x.req != r.spec.Free {
		return nil
	}
	origins := append(r.origins(base), f.Origins...)
	if !slices.Contains(origins, u.Origin()) {
		return foreign(u.Origin(), "ask the service that the connection was made for, or let the host allow further origins")
	}
	for _, h := range f.Header {
		if h.Name == "Host" && !slices.ContainsFunc(origins, func(origin string) bool { return isHostOf(h.Value, origin) }) {
			return foreign(u.Scheme+"://"+h.Value, "leave the host of the request empty, as a reverse proxy must; it is that of the URL then")
		}
	}
	return nil
}

// foreign is the error of a request that would take what is the connection's elsewhere.
func foreign(origin, help string) *Error {
	e := &Error{Class: ClassHost, Type: InvalidConfigurationError, Code: CodeForeignOrigin, Help: help}
	return e.say(message.ForeignOrigin, message.Args{"origin": origin})
}

// isHostOf reports whether a Host header, a host with an optional port, is one that requests to an origin have.
func isHostOf(host, origin string) bool {
	scheme, _, _ := strings.Cut(origin, "://")
	var u uri.URL
	return u.Parse(scheme+"://"+host, false) == nil && u.Origin() == origin
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
