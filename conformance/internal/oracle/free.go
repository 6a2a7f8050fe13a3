package oracle

import (
	"context"
	"io"
	"net/http"
	"reflect"
	"strings"

	"github.com/imlc-lang/imlc/grammar"
	"github.com/imlc-lang/imlc/internal/redirect"
	"github.com/imlc-lang/imlc/internal/source"
	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/runtime/content"
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

// base is Base alone, or where there is none the oauth of the requests that prove the credentials, if it has the stored
// token and the connection's own has none.
func (r *run) base() layers {
	if r.tree.Base != nil {
		return layers{r.tree.Base}
	}
	if own := r.tree.OAuth; own != nil && (own.Token != nil || own.Whole != nil || own.Off) {
		return nil
	}
	for _, stage := range r.tree.Stages {
		for _, q := range stage.Requests {
			if stage.Proof && q.OAuth != nil && ofStored(q.OAuth.Token) {
				oauth := *q.OAuth
				oauth.Verifier, oauth.Callback = nil, nil
				return layers{{OAuth: &oauth}}
			}
		}
	}
	return nil
}

// ofStored reports whether a value reads the connection's data, and nothing that only a run has.
func ofStored(v ast.Value) bool {
	found := map[string]bool{}
	rootsIn(reflect.ValueOf(v), nil, found)
	for _, root := range []string{ast.RootTemp, ast.RootCallback, ast.RootBody, ast.RootHeaders, ast.RootStatus} {
		if found[root] {
			return false
		}
	}
	return found[ast.RootData]
}

// rootsIn finds the roots that a tree names.
func rootsIn(v reflect.Value, scope *ast.Scope, found map[string]bool) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return
		}
		switch node := v.Interface().(type) {
		case *ast.Template:
			scope = node.Scope
			rootsIn(reflect.ValueOf(node.Parts), scope, found)
			return
		case *ast.Root:
			found[node.Name] = true
			return
		case *grammar.Root:
			name := node.Name
			if scope != nil {
				name = scope.Names[name].Root
			}
			found[name] = true
			return
		case *source.File, *source.Map:
			return
		}
		rootsIn(v.Elem(), scope, found)
	case reflect.Slice:
		for i := range v.Len() {
			rootsIn(v.Index(i), scope, found)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				rootsIn(v.Field(i), scope, found)
			}
		}
	}
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
		r.fail(fail(configurationError, "connection/no-base-url", "the connection has no base URL to put %q behind: give an absolute URL", content.MaskURL(text)))
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
