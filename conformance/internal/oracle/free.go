package oracle

import (
	"context"
	"io"
	"net/http"

	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/runtime/wire"
)

// Send sends a request of the host's own, signed as the connection and Base say; what cannot travel in the body of such
// a request goes into the header (spec make.md §2.3, §16).
func (s *Spec) Send(ctx context.Context, c Connection, req *http.Request) (*wire.Response, error) {
	r := s.begin(ctx, c)
	r.stage, r.calling = "call", true
	d := r.free(req)
	signer := r.signer(d, ast.CallbackNotAsked)
	if signer != nil && signer.transport == "body" && (d.Method != http.MethodPost || !d.Body.Pairs) {
		signer.transport = "header"
	}
	options := s.host.HTTP
	options.UserAgent = ""
	return r.send(options, nil, d, signer), r.report()
}

// free takes a request of net/http as it is.
func (r *run) free(req *http.Request) *draft {
	d := &draft{}
	d.Method, d.URL = req.Method, r.url(req.URL.String(), false)
	for _, name := range sortedKeys(req.Header) {
		for _, v := range req.Header[name] {
			d.Header = append(d.Header, wire.Field{Name: name, Value: v})
		}
	}
	if req.Body != nil {
		content, err := io.ReadAll(req.Body)
		r.fail(err)
		d.Body = wire.Body{Content: content, Present: len(content) > 0, Pairs: isForm(d.Header.Get("Content-Type"))}
	}
	var base layers
	if r.tree.Base != nil {
		base = layers{r.tree.Base}
	}
	d.keys = r.credentials(base)
	return d
}
