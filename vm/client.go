package vm

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/imlc-lang/imlc/internal/redirect"
	"github.com/imlc-lang/imlc/runtime/oauth1"
	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm/internal/run"
)

// Do sends a request of the host's own with a connection, under what the spec says of every request (Base): its base
// URL, headers, query, certificate authority, signature and log. What the request says itself wins. A relative URL goes
// behind the base URL.
//
// Requests that carry anything of the connection go to its own origins only, that of the base URL or else those of the
// requests that prove it, and to those of Host.Origins; CodeForeignOrigin refuses others before anything is signed. So it
// refuses a Host, of req or its header, that is not one of theirs: a reverse proxy leaves req.Host empty, where its own
// name would stand otherwise. A Host header of the spec stays. A redirect to another origin is followed without
// credentials.
//
// The request with its redirects is bounded by Host.Limits, as is its body, which is read into memory and always closed;
// that of a GET or HEAD is left out. A body that does not come ends with ctx and the run time, and with the request time,
// which each part of it begins anew; a Read that does not return then keeps a goroutine until it does.
//
// When the service says that the token has expired, and Host.Connections keeps the connection, it is renewed and the
// request is sent again; so is one with a token that somebody else has renewed meanwhile.
//
// A GET, HEAD or OPTIONS is sent again, signed anew, when the service does not answer, is overloaded or asks to wait
// for a moment, up to Limits.Attempts times. Any status is an answer and no error. The body of the response is in
// memory; close it all the same. It is decoded where the spec asks for compressed answers and the request itself names no
// Accept-Encoding; Content-Encoding and Content-Length are gone then, as with net/http. The error is an *Error, of
// ClassHost for a req that is nil or has no URL. ctx takes the place of the context of req.
func (e *Engine) Do(ctx context.Context, conn *Connection, req *http.Request) (*http.Response, error) {
	return e.send(ctx, conn, req, nil)
}

// send sends a request of the host's own, whose body is read into memory when s is nil.
func (e *Engine) send(ctx context.Context, conn *Connection, req *http.Request, s *Streaming) (out *http.Response, err error) {
	free := &run.Free{}
	if req != nil && req.Body != nil && req.Body != http.NoBody {
		free.Source = run.NewSource(req.Body)
	}
	defer func() { free.End(out != nil) }() // also when the host panics
	if err := e.read(req, free); err != nil {
		return nil, public(err)
	}
	if s != nil {
		s.of(free)
	}
	res, err := e.answer(ctx, conn, free)
	if err != nil {
		return nil, err
	}
	return httpResponse(req, res), nil
}

// answer sends a request, again where its connection was out of date.
func (e *Engine) answer(ctx context.Context, conn *Connection, free *run.Free) (*wire.Response, error) {
	res, err := e.runner.Do(ctx, conn.working(), free)
	for range 2 { // a connection that is out of date finds the stored one first, which may have expired as well
		if err != nil || !e.renews(conn) || free.Source != nil {
			break
		}
		renewed, failed := e.fresher(ctx, conn, res)
		if renewed == nil && failed == nil {
			break // the answer says what is wrong
		}
		if res.Stream != nil {
			_ = res.Stream.Close()
		}
		if failed != nil {
			return nil, public(failed)
		}
		conn = renewed
		res, err = e.runner.Do(ctx, conn.working(), free)
	}
	return res, public(err)
}

// fresher returns the connection to send a request with again: renewed when the service says that its token has expired;
// as it is stored when the service does not know the token any more because it was renewed meanwhile. nil says that there
// is none.
func (e *Engine) fresher(ctx context.Context, conn *Connection, res *wire.Response) (*Connection, error) {
	switch {
	case run.Expired(res):
	case run.Replaced(res):
		current, err := e.host.Connections.Load(ctx, conn.ID)
		switch {
		case err != nil:
			return nil, hostFailed(err)
		case current == nil, current.Renewals == conn.Renewals && current.RenewedBy == "":
			return nil, nil
		case current.Renewals != conn.Renewals:
			return current, nil
		} // somebody renews it at this moment
	default:
		return nil, nil
	}
	renewed, err := e.Renew(ctx, conn)
	if codeOf(err) == CodeNoRenewal {
		return nil, nil
	}
	return renewed, err
}

// renews reports whether an expired token of a connection is renewed: the host keeps the connection, and the spec says
// how.
func (e *Engine) renews(conn *Connection) bool {
	return e.host.Connections != nil && conn != nil && conn.ID != "" && e.plan.Connection.Renews()
}

func codeOf(err error) string {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

// BaseURL returns what relative URLs of Do go behind, "" when the spec has no base URL. The error is an *Error.
func (e *Engine) BaseURL(ctx context.Context, conn *Connection) (string, error) {
	base, err := e.runner.BaseURL(ctx, conn.working())
	return base, public(err)
}

// Client returns an HTTP client that sends every request by Do, under the context of that request. It follows no
// redirects beside those that Do follows. The client is safe for concurrent use and shares the engine's connections: it
// is Engine.Close that closes them, its own CloseIdleConnections does nothing.
func (e *Engine) Client(conn *Connection) *http.Client {
	return &http.Client{
		Transport:     roundTripper{e, conn},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// roundTripper sends requests by Do.
type roundTripper struct {
	engine *Engine
	conn   *Connection
}

// RoundTrip implements http.RoundTripper.
func (t roundTripper) RoundTrip(req *http.Request) (*http.Response, error) {
	return t.engine.Do(req.Context(), t.conn, req)
}

// read reads what a request says into f, but for its body.
func (e *Engine) read(req *http.Request, f *run.Free) error {
	if req == nil || req.URL == nil {
		return run.HostFailure("giving of a request", errors.New("the request has no URL"))
	}
	f.Method, f.URL, f.Origins = strings.ToUpper(req.Method), req.URL.String(), e.host.Origins
	if f.Length = req.ContentLength; f.Length == 0 {
		f.Length = -1 // of a body that is there
	}
	names := make([]string, 0, len(req.Header))
	for name := range req.Header {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if err := wire.CheckHeaderName(name); err != nil {
			return run.BadHeader(err)
		}
		for _, text := range req.Header[name] {
			if err := wire.CheckHeaderValue(name, text); err != nil {
				return run.BadHeader(err)
			}
			canonical := wire.CanonicalName(name)
			f.Header = append(f.Header, wire.Field{Name: canonical, Value: text, Secret: !redirect.Harmless(canonical)})
		}
	}
	if req.Host != "" && req.Host != req.URL.Host {
		if err := wire.CheckHeaderValue("Host", req.Host); err != nil {
			return run.BadHeader(err)
		}
		f.Header.Set("Host", req.Host)
	}
	return nil
}

// httpResponse returns an answer as net/http knows it.
func httpResponse(req *http.Request, res *wire.Response) *http.Response {
	out := &http.Response{
		Status: strconv.Itoa(res.Status) + " " + wire.Reason(res.Status), StatusCode: res.Status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: res.Header, Body: res.Stream, ContentLength: res.Length, Uncompressed: res.Decoded, Request: req,
	}
	if res.Stream != nil {
		return out
	}
	out.Body = io.NopCloser(strings.NewReader(res.Body))
	if !strings.EqualFold(req.Method, http.MethodHead) { // whose answer tells of a body that does not come
		out.ContentLength = int64(len(res.Body))
	}
	return out
}

// Signing says how the free requests of a connection are signed, those of Do and Client.
type Signing struct {
	// Params are what signs, nil when the requests are not signed. They hold secrets, which they neither print nor marshal.
	Params *oauth1.Params
	// As is the stage of the spec whose requests say how: a spec without Base signs as the requests that prove its token
	// do. It is "" where Base, or the spec's own oauth, says it.
	As string
	// Warning says that the token which the user was asked for does not sign, and what an author writes to change that;
	// "" when all is well, or a spec has no token.
	Warning string
}

// Signing says how the free requests of a connection are signed. The error is an *Error.
func (e *Engine) Signing(ctx context.Context, conn *Connection) (Signing, error) {
	s, err := e.runner.Sign(ctx, conn.working())
	if err == nil {
		err = s.FormsOnly
	}
	if err != nil {
		return Signing{}, public(err)
	}
	out := Signing{As: s.As, Warning: s.Help}
	if s.Signer != nil {
		p := s.Signer.Params()
		out.Params = &p
	}
	return out, nil
}

// SigningParams returns Signing.Params.
func (e *Engine) SigningParams(ctx context.Context, conn *Connection) (*oauth1.Params, error) {
	s, err := e.Signing(ctx, conn)
	return s.Params, err
}
