package oracle

import (
	"context"
	"io"
	"net/http"

	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/runtime/uri"
	"github.com/imlc-lang/imlc/runtime/wire"
)

// Send sends a request of the host's own, signed as the connection and Base say; what cannot travel in the body of such
// a request goes into the header (spec make.md §2.3, §16).
func (s *Spec) Send(ctx context.Context, c Connection, req *http.Request) (*wire.Response, error) {
	r, err := s.begin(ctx, c)
	if err != nil {
		return nil, err
	}
	r.stage, r.calling = "call", true
	d, err := r.free(req)
	if err != nil {
		return nil, r.report(err)
	}
	signer, err := r.signer(d, ast.CallbackNotAsked)
	if err != nil {
		return nil, r.report(err)
	}
	if signer != nil && signer.transport == "body" && (d.Method != http.MethodPost || !d.Body.Pairs) {
		signer.transport = "header"
	}
	options := s.host.HTTP
	options.UserAgent = ""
	res, err := r.send(options, d, signer)
	if err != nil {
		return nil, r.report(err)
	}
	return res, nil
}

// free takes a request of net/http as it is.
func (r *run) free(req *http.Request) (*draft, error) {
	u, err := uri.Parse(req.URL.String(), false)
	if err != nil {
		return nil, err
	}
	d := &draft{}
	d.Method, d.URL = req.Method, *u
	for _, name := range sortedKeys(req.Header) {
		for _, v := range req.Header[name] {
			d.Header = append(d.Header, wire.Field{Name: name, Value: v})
		}
	}
	if req.Body != nil {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return nil, err
		}
		d.Body = wire.Body{Content: body, Present: len(body) > 0, Pairs: isForm(d.Header.Get("Content-Type"))}
	}
	var base layers
	if r.tree.Base != nil {
		base = layers{r.tree.Base}
	}
	d.keys, err = r.credentialsOf(base)
	return d, err
}
