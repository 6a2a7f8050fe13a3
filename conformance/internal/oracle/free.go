package oracle

import (
	"context"
	"io"
	"net/http"
	"strings"

	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/runtime/content"
	"github.com/imlc-lang/imlc/runtime/redirect"
	"github.com/imlc-lang/imlc/runtime/wire"
)

// Send sends a request of the host's own, signed as the connection and Base say.
func (s *Spec) Send(ctx context.Context, c Connection, req *http.Request) (*wire.Response, error) {
	r := s.begin(ctx, c)
	r.stage, r.calling = "call", true
	d := r.free(req)
	signer := r.signer(d, ast.CallbackNotAsked)
	if signer != nil {
		signer.free = true
	}
	return r.send(s.host.HTTP, r.base(), d, signer), r.report()
}

// base is Base alone.
func (r *run) base() layers {
	if r.tree.Base == nil {
		return nil
	}
	return layers{r.tree.Base}
}

// free puts what Base says under a request of net/http, which wins: a relative URL goes behind the base URL, a header
// takes the place of one of its name, and a parameter that the URL has is not added again. No redirect takes what the host
// gave, whose secrets nobody knows, to another origin.
func (r *run) free(req *http.Request) *draft {
	d, l := &draft{}, r.base()
	r.tick()
	r.forget()
	r.remember(l.written(func(q *ast.Request) ast.Value { return q.Temp })...)
	d.Method, d.CA = req.Method, r.lastText(l, ca)
	list := r.headers(l)
	query, fill := r.query(l)
	d.keys = r.credentials(l)
	base := r.lastText(l, func(q *ast.Request) ast.Value { return q.BaseURL })
	text := req.URL.String()
	switch relative := !absolute.MatchString(text); {
	case relative && base == "":
		r.fail(fail(configurationError, "", "the connection has no base URL to put %q behind: give an absolute URL", content.MaskURL(text)))
	case relative:
		text = strings.TrimRight(base, "/") + "/" + strings.TrimLeft(text, "/")
	}
	d.URL = r.url(text, false)
	d.URL.Query = fillQuery(fillQuery(d.URL.Query, query), fill)
	d.Header = r.headerOf(l, list)
	for _, name := range sortedKeys(req.Header) {
		d.Header.Del(name)
		for _, v := range req.Header[name] {
			d.Header = append(d.Header, wire.Field{Name: name, Value: v, Secret: !redirect.Harmless(name)})
		}
	}
	if req.Body != nil {
		body, err := io.ReadAll(req.Body)
		r.fail(err)
		d.Body = wire.Body{Content: body, Present: len(body) > 0, Secret: true, Pairs: isForm(d.Header.Get("Content-Type"))}
	}
	r.settings(d, l)
	d.Secret = r.hides()
	return d
}
