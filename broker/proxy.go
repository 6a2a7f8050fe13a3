package broker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/imlc-lang/imlc/broker/store"
	"github.com/imlc-lang/imlc/vm"
	"github.com/imlc-lang/imlc/vm/value"
)

// ownHeaders are headers of a proxied request that stay here: those of the way to the broker, and those that say who
// the caller is.
var ownHeaders = map[string]bool{"Authorization": true, "Cookie": true, "Host": true, "Connection": true, "Keep-Alive": true, "Proxy-Authorization": true,
	"Proxy-Authenticate": true, "Proxy-Connection": true, "Te": true, "Trailer": true, "Transfer-Encoding": true, "Upgrade": true, "Expect": true, "Content-Length": true,
	"Forwarded": true, "Via": true, "Imlc-Space": true, "Imlc-Csrf": true, "Origin": true, "Referer": true}

// foreignHeaders are headers of an answer that do not go to the caller: they are about the connection to the service, or
// would set something for the broker's own address.
var foreignHeaders = map[string]bool{"Connection": true, "Keep-Alive": true, "Proxy-Authenticate": true, "Te": true, "Trailer": true, "Transfer-Encoding": true, "Upgrade": true,
	"Set-Cookie": true, "Content-Length": true, "Strict-Transport-Security": true, "Clear-Site-Data": true, "Alt-Svc": true, "Www-Authenticate": true,
	"X-Sendfile": true, "Service-Worker-Allowed": true, "Cdn-Cache-Control": true}

// isForeign reports whether a header of an answer stays here: foreignHeaders, and what speaks to a server or a cache in
// front of the broker, which takes it for the broker's own word and would hand out its files or keep answers for everybody.
func isForeign(name string) bool {
	if foreignHeaders[name] || strings.HasSuffix(name, "-Cdn-Cache-Control") {
		return true
	}
	for _, prefix := range [...]string{"Imlc-", "Access-Control-", "X-Accel-", "X-Lighttpd-", "X-Reproxy-", "Surrogate-"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

func isOwn(name string) bool {
	return ownHeaders[name] || strings.HasPrefix(name, "X-Forwarded-") || strings.HasPrefix(name, "X-Real-") || strings.HasPrefix(name, "Sec-")
}

// proxyRoute is the route of proxied requests.
const proxyRoute = "/v1/connections/{id}/proxy/{path...}"

// proxied serves the requests of proxyRoute beside a mux: that one would clean their paths, which are the service's.
func (b *Broker) proxied(next http.Handler) http.Handler {
	serve := b.guarded(ScopeProxy, b.proxy)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id, rest, ok := cutProxied(r)
		if !ok {
			next.ServeHTTP(w, r)
			return
		}
		plain, err := url.PathUnescape(id)
		if err != nil {
			plain = id
		}
		r.SetPathValue("id", plain)
		r.SetPathValue("path", strings.TrimPrefix(rest, "proxy"))
		r.Pattern = proxyRoute
		serve(w, r)
	})
}

// cutProxied takes the path of a request to proxyRoute apart, byte by byte.
func cutProxied(r *http.Request) (id, rest string, ok bool) {
	rest, ok = strings.CutPrefix(r.URL.EscapedPath(), "/v1/connections/")
	id, rest, _ = strings.Cut(rest, "/")
	return id, rest, ok && (rest == "proxy" || strings.HasPrefix(rest, "proxy/"))
}

func isProxied(r *http.Request) bool {
	_, _, ok := cutProxied(r)
	return ok
}

// proxy sends a request by a connection: ANY /v1/connections/{id}/proxy/{path}, or with the header Imlc-Url for a URL
// that is not behind the base URL of the spec. Bodies go and come as they are sent. The answer comes back as it is; errors
// of the broker are problems, and have the header Imlc-Problem, which answers of services never have.
func (b *Broker) proxy(w http.ResponseWriter, r *http.Request) error {
	target, err := proxyTarget(r)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(r.Context(), r.Method, target, nil)
	if err != nil {
		return invalid("path", "format", "it is no path of a URL")
	}
	copyRequestHeader(req.Header, r.Header)
	var slow *paced
	if r.Body != nil && r.Body != http.NoBody {
		c := http.NewResponseController(w)
		slow = &paced{ReadCloser: r.Body, from: c, pause: b.pause}
		body := &incoming{ReadCloser: slow}
		req.Body, req.ContentLength = body, r.ContentLength
		// What follows a body that was not read to its end could be read as another request.
		w = &closing{w, body}
		// A body may take as long as it goes on, which the engine sees to; and a service may answer before it has read
		// everything. HTTP/2 knows neither.
		_, _ = c.SetReadDeadline(time.Time{}), c.EnableFullDuplex()
	}
	res, err := b.do(r.Context(), callerOf(r.Context()).Space, r.PathValue("id"), req, slow)
	if err != nil {
		if c, ok := w.(*closing); ok {
			c.mark()
		}
		return err
	}
	defer res.Body.Close()
	header := w.Header()
	copyResponseHeader(header, res.Header)
	if n := res.ContentLength; n >= 0 && r.Method != http.MethodHead && bodied(res.StatusCode) {
		header.Set("Content-Length", strconv.FormatInt(n, 10))
	} else if length := res.Header.Get("Content-Length"); length != "" && r.Method == http.MethodHead {
		header.Set("Content-Length", length)
	}
	// What a service answers must not run as a page of the broker.
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	w.WriteHeader(res.StatusCode)
	if err := copyBody(w, res); err != nil {
		b.config.Log.Debug("a proxied answer broke off", "connection", r.PathValue("id"), "error", fmt.Sprint(err))
		panic(http.ErrAbortHandler) // net/http then closes the connection, so that nobody takes half an answer for a whole one
	}
	return nil
}

// incoming is the body of a request to the proxy, which knows whether its end was read.
type incoming struct {
	io.ReadCloser
	ended atomic.Bool
}

// Read implements io.Reader.
func (i *incoming) Read(p []byte) (int, error) {
	n, err := i.ReadCloser.Read(p)
	if errors.Is(err, io.EOF) {
		i.ended.Store(true)
	}
	return n, err
}

// closing ends the connection behind an answer to a request whose body was not read to its end.
type closing struct {
	http.ResponseWriter
	body *incoming
}

// WriteHeader implements http.ResponseWriter.
func (c *closing) WriteHeader(status int) {
	c.mark()
	c.ResponseWriter.WriteHeader(status)
}

func (c *closing) mark() {
	if !c.body.ended.Load() {
		c.Header().Set("Connection", "close")
	}
}

// Unwrap lets http.ResponseController reach the writer below.
func (c *closing) Unwrap() http.ResponseWriter { return c.ResponseWriter }

// copyRequestHeader copies what of a request is for the service.
func copyRequestHeader(to, from http.Header) {
	var named map[string]bool // headers that Connection names are of this hop too
	for _, list := range from["Connection"] {
		for name := range strings.SplitSeq(list, ",") {
			if named == nil {
				named = map[string]bool{}
			}
			named[http.CanonicalHeaderKey(strings.TrimSpace(name))] = true
		}
	}
	for name, values := range from {
		if !isOwn(name) && !named[name] && name != "Imlc-Url" {
			to[name] = values
		}
	}
}

// copyResponseHeader copies what of an answer is for the caller.
func copyResponseHeader(to, from http.Header) {
	for name, values := range from {
		if !isForeign(name) {
			to[name] = values
		}
	}
	// What a key may see is in no cache that others share, whatever the service thinks of it (RFC 9111 §3.5).
	to.Add("Cache-Control", "private")
	to.Add("Vary", "Authorization")
}

// bodied reports whether answers of a status may have a body (RFC 9110 §6.4.1).
func bodied(status int) bool {
	return status >= 200 && status != http.StatusNoContent && status != http.StatusNotModified
}

var copyBuffers = sync.Pool{New: func() any { return new([32 << 10]byte) }}

// copyBody hands an answer on; one whose length nobody knows, such as a stream of events, part by part.
func copyBody(w http.ResponseWriter, res *http.Response) error {
	buffer := copyBuffers.Get().(*[32 << 10]byte)
	defer copyBuffers.Put(buffer)
	flush := func() error { return nil }
	if res.ContentLength < 0 {
		flush = http.NewResponseController(w).Flush
		if err := flush(); err != nil { // the header need not wait for the first part
			return err
		}
	}
	for {
		n, err := res.Body.Read(buffer[:])
		if n > 0 {
			if _, err := w.Write(buffer[:n]); err != nil {
				return err
			}
			if err := flush(); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// proxyTarget is the URL to send to: what stands behind the prefix byte by byte, since the escapes are signed too.
func proxyTarget(r *http.Request) (string, error) {
	target := r.Header.Get("Imlc-Url")
	if target == "" {
		rest := r.PathValue("path")
		for segment := range strings.SplitSeq(rest, "/") {
			if plain, err := url.PathUnescape(segment); err != nil || dotted(plain) {
				return "", invalid("path", "pattern", "it must not hold . or ..")
			}
		}
		// Two slashes would begin a host.
		target = "/" + strings.TrimLeft(rest, "/")
		if r.URL.RawQuery != "" || r.URL.ForceQuery {
			target += "?" + r.URL.RawQuery
		}
		return target, nil
	}
	u, err := url.Parse(target)
	if err != nil || u.Host == "" || u.User != nil || u.Scheme != "https" && u.Scheme != "http" {
		return "", invalid("Imlc-Url", "format", "expected an absolute URL")
	}
	return target, nil
}

// dotted reports whether a segment of a path, or a part of it that some servers take for a segment, goes up.
func dotted(segment string) bool {
	for part := range strings.FieldsFuncSeq(segment, func(c rune) bool { return c == '/' || c == '\\' }) {
		if name, _, _ := strings.Cut(part, ";"); name == "." || name == ".." {
			return true
		}
	}
	return false
}

// do sends a request by a connection, and takes note when the service does not accept it any more. body is that of req
// on its way, nil when it is at hand.
func (b *Broker) do(ctx context.Context, space, id string, req *http.Request, body *paced) (*http.Response, error) {
	if err := b.underTraffic(ctx, space); err != nil {
		return nil, err
	}
	o, err := b.heldConnection(ctx, space, id)
	if err != nil {
		return nil, err
	}
	run, err := b.engine(ctx, space, o.Spec, o.Plan, o.Only)
	if err != nil {
		return nil, err
	}
	if body != nil {
		own := *run
		own.body, run = body, &own
		body.count = func(n int) { b.count(run, b.metrics.sent, n) }
	}
	ctx = run.with(ctx)
	started := b.now()
	res, err := run.engine.Stream(ctx, o.conn, req, vm.Streaming{RequestBytes: b.config.ProxyBytes, ResponseBytes: b.config.ProxyBytes,
		KeepOrigin: true, Room: b.roomFor(tenantOf(space), body)})
	b.metrics.proxied(b.now().Sub(started), req, res, err)
	if err == nil && res.StatusCode == http.StatusUnauthorized {
		b.soon(ctx, space, o.Connection)
	}
	if err != nil && req.URL.Host == "" {
		if base, baseErr := run.engine.BaseURL(ctx, o.conn); baseErr == nil && base == "" {
			return nil, problem(http.StatusUnprocessableEntity, "no-base-url", "the spec has no base URL; send the whole URL in the header Imlc-Url")
		}
	}
	b.note(ctx, space, o.Connection, err)
	return res, err
}

// note has a connection tested at once when an operation says that its token works no more.
func (b *Broker) note(ctx context.Context, space string, c Connection, err error) {
	var e *vm.Error
	if c.Status == statusLost || !errors.As(err, &e) || e.Remedy == "" {
		return
	}
	if _, err := b.test(context.WithoutCancel(ctx), space, c.ID); err != nil {
		b.config.Log.Warn("a connection that was refused could not be tested", "connection", c.ID, "error", fmt.Sprint(err))
	}
}

// soon has a connection tested by the next job, once a minute at most: a service that answers 401 may not accept it any
// more.
func (b *Broker) soon(ctx context.Context, space string, c Connection) {
	if c.Status == statusLost || b.now().Sub(c.Checked) < time.Minute {
		return
	}
	ctx = context.WithoutCancel(ctx)
	r, err := b.config.Store.Get(ctx, space, kindConnection, c.ID)
	if err == nil {
		r.Due = b.now()
		_, err = b.config.Store.Apply(ctx, put(r))
	}
	if err != nil && !errors.Is(err, store.ErrConflict) {
		b.config.Log.Warn("a connection that was refused could not be marked", "connection", c.ID, "error", fmt.Sprint(err))
	}
	b.poke()
}

// call makes a named call of the spec.
func (b *Broker) call(ctx context.Context, space, id, name string, input *value.Object) (value.Value, error) {
	if err := b.underTraffic(ctx, space); err != nil {
		return value.Undefined, err
	}
	_, c, conn, err := b.connection(ctx, space, id)
	if err != nil {
		return value.Undefined, err
	}
	rec := &recorder{started: b.now()}
	run, err := b.recorded(ctx, space, c.Spec, c.Plan, c.Only, rec)
	if err != nil {
		return value.Undefined, err
	}
	defer run.done()
	out, err := run.engine.Call(run.with(ctx), conn, name, input)
	run.done() // what follows may be an operation of its own
	b.logFlow(ctx, space, Flow{Operation: "call", Spec: c.Spec, Connection: c.ID, Started: rec.started}, rec, err)
	b.note(ctx, space, c, err)
	return out, err
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// remoteHost is the address of who sent a request.
func remoteHost(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// describeProxy adds the one route that is no operation of the library to the description.
func (b *Broker) describeProxy(api huma.API) {
	op := operation(ScopeProxy, http.MethodGet, "/v1/connections/{id}/proxy/{path}", "proxy", "Send a request by a connection, with any method; the answer of the service comes back as it is")
	op.Description = "The path and query stand behind the base URL of the spec. The header Imlc-Url names a whole URL instead. Credentials neither come in nor go out. An error of the broker has the header Imlc-Problem."
	op.Parameters = []*huma.Param{{Name: "id", In: "path", Required: true, Schema: &huma.Schema{Type: "string"}},
		{Name: "path", In: "path", Required: true, Schema: &huma.Schema{Type: "string"}}, {Name: "Imlc-Url", In: "header", Schema: &huma.Schema{Type: "string"}}}
	op.Responses = map[string]*huma.Response{"default": {Description: "What the service answered"}}
	api.OpenAPI().AddOperation(&op)
}
