package broker

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
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
	"Forwarded": true, "Via": true, "Imlc-Space": true, "Imlc-Csrf": true, "Origin": true, "Referer": true, "Accept-Encoding": true}

// foreignHeaders are headers of an answer that do not go to the caller: they are about the connection to the service, or
// would set something for the broker's own address.
var foreignHeaders = map[string]bool{"Connection": true, "Keep-Alive": true, "Proxy-Authenticate": true, "Te": true, "Trailer": true, "Transfer-Encoding": true, "Upgrade": true,
	"Set-Cookie": true, "Content-Length": true, "Content-Encoding": true, "Strict-Transport-Security": true, "Clear-Site-Data": true, "Alt-Svc": true, "Www-Authenticate": true}

func isOwn(name string) bool {
	return ownHeaders[name] || strings.HasPrefix(name, "X-Forwarded-") || strings.HasPrefix(name, "X-Real-") || strings.HasPrefix(name, "Sec-")
}

// maxProxyBody bounds the body of a proxied request in bytes.
const maxProxyBody = 10 << 20

// proxy sends a request by a connection: ANY /v1/connections/{id}/proxy/{path}, or with the header Imlc-Url for a URL
// that is not behind the base URL of the spec. The answer comes back as it is; errors of the broker are problems, and
// have the header Imlc-Problem, which answers of services never have.
func (b *Broker) proxy(w http.ResponseWriter, r *http.Request) error {
	caller := callerOf(r.Context())
	id := r.PathValue("id")
	target, err := proxyTarget(r, id)
	if err != nil {
		return err
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxProxyBody))
	if err != nil {
		return problem(http.StatusRequestEntityTooLarge, "body-too-long", fmt.Sprintf("the body is longer than %d bytes, or broke off", maxProxyBody))
	}
	req, err := http.NewRequestWithContext(r.Context(), r.Method, target, bytes.NewReader(body))
	if err != nil {
		return invalid("path", "format", "it is no path of a URL")
	}
	named := map[string]bool{} // headers that Connection names are of this hop too
	for _, list := range r.Header.Values("Connection") {
		for name := range strings.SplitSeq(list, ",") {
			named[http.CanonicalHeaderKey(strings.TrimSpace(name))] = true
		}
	}
	for name, values := range r.Header {
		if !isOwn(name) && !named[name] && name != "Imlc-Url" {
			req.Header[name] = values
		}
	}
	res, err := b.do(r.Context(), caller.Space, id, req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	for name, values := range res.Header {
		if !foreignHeaders[name] && !strings.HasPrefix(name, "Imlc-") && !strings.HasPrefix(name, "Access-Control-") {
			w.Header()[name] = values
		}
	}
	// What a service answers must not run as a page of the broker.
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Content-Security-Policy", "sandbox; default-src 'none'")
	w.WriteHeader(res.StatusCode)
	_, _ = io.Copy(w, res.Body) // the caller may be gone
	return nil
}

// proxyTarget is the URL to send to: what stands behind the prefix byte by byte, since the escapes are signed too.
func proxyTarget(r *http.Request, id string) (string, error) {
	target := r.Header.Get("Imlc-Url")
	if target == "" {
		_, rest, ok := strings.Cut(r.URL.EscapedPath(), "/"+url.PathEscape(id)+"/proxy")
		if !ok {
			return "", invalid("path", "format", "it is no path of a URL")
		}
		for segment := range strings.SplitSeq(rest, "/") {
			if plain, err := url.PathUnescape(segment); err != nil || plain == "." || plain == ".." {
				return "", invalid("path", "pattern", "it must not hold . or ..")
			}
		}
		// Two slashes would begin a host.
		target = "/" + strings.TrimLeft(rest, "/")
		if r.URL.RawQuery != "" {
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

// do sends a request by a connection, and takes note when the service does not accept it any more.
func (b *Broker) do(ctx context.Context, space, id string, req *http.Request) (*http.Response, error) {
	_, c, conn, err := b.connection(ctx, space, id)
	if err != nil {
		return nil, err
	}
	run, err := b.engine(ctx, space, c.Spec, c.Plan, c.Only)
	if err != nil {
		return nil, err
	}
	ctx = run.with(ctx)
	started := b.now()
	if req.URL.Host == "" {
		base, err := run.engine.BaseURL(ctx, conn)
		if err != nil {
			return nil, err
		}
		if base == "" {
			return nil, problem(http.StatusUnprocessableEntity, "no-base-url", "the spec has no base URL; send the whole URL in the header Imlc-Url")
		}
	}
	res, err := run.engine.Do(ctx, conn, req)
	b.metrics.proxied(b.now().Sub(started), req, res, err)
	if err == nil && res.StatusCode == http.StatusUnauthorized {
		b.soon(ctx, space, c)
	}
	b.note(ctx, space, c, err)
	return res, err
}

// note has a connection tested at once when an operation says that its user must authorise again.
func (b *Broker) note(ctx context.Context, space string, c Connection, err error) {
	var e *vm.Error
	if c.Status == statusLost || !errors.As(err, &e) || !e.NeedsReauth() {
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
	_, c, conn, err := b.connection(ctx, space, id)
	if err != nil {
		return value.Undefined, err
	}
	rec := &recorder{started: b.now()}
	run, err := b.newEngine(ctx, space, c.Spec, c.Plan, c.Only, traced(rec))
	if err != nil {
		return value.Undefined, err
	}
	defer run.engine.Close()
	out, err := run.engine.Call(run.with(ctx), conn, name, input)
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
