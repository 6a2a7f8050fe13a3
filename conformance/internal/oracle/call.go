package oracle

import (
	"context"
	"io"
	"net/http"
	"slices"

	"github.com/imlc-lang/imlc/conformance"
	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/runtime/media"
	"github.com/imlc-lang/imlc/runtime/oauth1"
	"github.com/imlc-lang/imlc/runtime/uri"
	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm/value"
)

// call runs a named call of the spec with the stored connection (spec make.md §16). It commits nothing.
func (h *host) call(ctx context.Context, name string, input *value.Object) (value.Value, error) {
	i := slices.IndexFunc(h.tree.Calls, func(c *ast.Call) bool { return c.Name == name })
	if i < 0 {
		f := fail(configurationError, "", "the spec has no call named %s", name)
		f.Section = "call"
		return value.Undefined, f
	}
	o, err := h.operation(ctx, *h.stored)
	if err != nil {
		return value.Undefined, err
	}
	o.module, o.input, o.section = true, input, "call"
	requests := h.tree.Calls[i].Requests
	signs := func(q *ast.Request) bool { return q != nil && q.OAuth != nil && !q.OAuth.Off }
	if h.tree.Kind != ast.KindOAuth1 && (signs(h.tree.Base) || slices.ContainsFunc(requests, signs)) {
		return value.Undefined, o.report(fail(configurationError, "", "oauth: the connection is not OAuth 1.0"))
	}
	if err := o.run("call", requests); err != nil {
		return value.Undefined, o.report(err)
	}
	return o.output, nil
}

// yield is the result of a call: output for the answer, or for each item of iterate up to limit of them; without output
// the body or the item itself.
func (o *operation) yield(resp *reaction, a *answer) (err error) {
	var body value.Value
	if a != nil {
		body = a.body
	}
	if resp.Iterate == nil {
		if o.output = body; resp.Output != nil {
			o.output, err = o.eval(resp.Output, a)
		}
		return err
	}
	container, err := o.eval(resp.Iterate.Container, a)
	if err != nil {
		return err
	}
	limit, err := o.eval(resp.Limit, a)
	if err != nil {
		return err
	}
	defer func() { o.item = value.Undefined }()
	out := []value.Value{}
	for _, item := range container.Items() {
		if limit.IsNumber() && float64(len(out)) >= limit.Float() {
			break
		}
		o.item = item
		keep, err := o.truthy(resp.Iterate.Condition, a)
		if err != nil {
			return err
		}
		if !keep {
			continue
		}
		x := item
		if resp.Output != nil {
			if x, err = o.eval(resp.Output, a); err != nil {
				return err
			}
		}
		if x.IsUndefined() {
			x = value.Null()
		}
		out = append(out, x)
	}
	o.output = value.Array(out)
	return nil
}

// request sends one request of the host's own, signed as the root and Base say (spec make.md §2.3, §16).
func (h *host) request(ctx context.Context, q *conformance.ClientRequest, result *conformance.StepOutcome) error {
	o, err := h.operation(ctx, *h.stored)
	if err != nil {
		return err
	}
	o.module, o.section = true, "call"
	res, err := o.send(q)
	if err != nil {
		return o.report(err)
	}
	result.Status = res.Status
	if result.Output, err = value.ParseJSON(res.Body, nil); err != nil {
		result.Output = value.Text(res.Body)
	}
	return nil
}

// send adds nothing but the signature. What cannot travel in the body of such a request goes into the header.
func (o *operation) send(q *conformance.ClientRequest) (*wire.Response, error) {
	req, err := q.HTTP(o.ctx)
	if err != nil {
		return nil, err
	}
	out, err := hostRequest(req)
	if err != nil {
		return nil, err
	}
	c, err := o.credentials(&ast.Request{})
	if err != nil {
		return nil, err
	}
	client := o.host.sender("")
	params, err := o.effective(c, out, false)
	if err != nil {
		return nil, err
	}
	if params == nil {
		return client.Do(o.ctx, out, nil)
	}
	if params.Transport == oauth1.Body && (out.Method != http.MethodPost || !out.Body.Pairs) {
		params.Transport = oauth1.Header
	}
	s, err := o.newSigner(params, out)
	if err != nil {
		return nil, err
	}
	return client.Do(o.ctx, out, s)
}

// hostRequest takes a request of net/http as it is.
func hostRequest(req *http.Request) (*wire.Request, error) {
	u, err := uri.Parse(req.URL.String(), false)
	if err != nil {
		return nil, err
	}
	out := &wire.Request{Method: req.Method, URL: *u}
	for name, values := range req.Header {
		for _, v := range values {
			out.Header.Add(name, v)
		}
	}
	content, err := io.ReadAll(req.Body)
	out.Body = wire.Body{Content: content, Present: len(content) > 0, Pairs: media.IsForm(req.Header.Get("Content-Type"))}
	return out, err
}
