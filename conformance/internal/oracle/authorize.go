package oracle

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/imlc-lang/imlc/conformance"
	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/runtime/content"
	"github.com/imlc-lang/imlc/runtime/uri"
	"github.com/imlc-lang/imlc/vm/value"
)

// ending is where an authorisation stands: at a redirect with the state to resume from, or at its connection.
type ending struct {
	redirect   string
	state      *record
	connection *connection
}

// record is what outlives the redirect (spec make.md §13.2). It stays in memory, so that nothing has to be written or
// sealed, and a case has one spec, so that it cannot have changed meanwhile.
type record struct {
	key       string // the request token
	conn      connection
	temp      *value.Object
	scope     []string
	redirects redirects
	deadline  time.Time
	outOfBand bool
	secrets   []string
}

// authorize starts an authorisation (spec make.md §13.1).
func (h *host) authorize(ctx context.Context, in conformance.FlowInput) (*ending, error) {
	data, err := validate(h.tree.Parameters, in.Parameters)
	if err != nil {
		return nil, err
	}
	return h.start(ctx, connection{data: data}, in, h.tree.Scope)
}

// reauthorize starts on a copy of the stored connection, for the union of its scope and the one asked for (spec make.md
// §2.3).
func (h *host) reauthorize(ctx context.Context, in conformance.FlowInput) (*ending, error) {
	conn := *h.stored
	if in.Parameters != nil {
		data, err := validate(h.tree.Parameters, in.Parameters)
		if err != nil {
			return nil, err
		}
		conn.data = overlay(conn.data, data)
	}
	scope := conn.scope
	if scope == nil {
		scope = h.tree.Scope
	}
	return h.start(ctx, conn, in, scope)
}

func (h *host) start(ctx context.Context, conn connection, in conformance.FlowInput, scope []string) (*ending, error) {
	o, err := h.operation(ctx, conn)
	if err != nil {
		return nil, err
	}
	o.scope = union(scope, in.Scope)
	o.redirects = redirects{uri: cmp.Or(in.RedirectURI, "oob"), local: in.LocalRedirectURI, make: in.MakeRedirectURI}
	end, err := o.begin()
	if err != nil {
		return nil, o.report(err)
	}
	return end, nil
}

// union joins scopes without duplicates, the default ones first (spec make.md §17.3).
func union(a, b []string) []string {
	out := []string{}
	for _, s := range slices.Concat(a, b) {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

func (o *operation) begin() (*ending, error) {
	tree := o.host.tree
	if tree.Kind == ast.KindBasic {
		return o.finish("communication")
	}
	if err := o.run("requestToken", tree.RequestToken); err != nil {
		return nil, err
	}
	if o.confirmed != nil && !*o.confirmed { // §13.4, §26.8
		if o.host.settings.Compile.Strict {
			return nil, fail(runtimeError, "oauth1/callback-not-confirmed", "the service did not confirm the callback address (oauth_callback_confirmed)")
		}
		o.warn("MAKE501")
	}
	if tree.Authorize != nil {
		end, err := o.redirect(tree.Authorize)
		if err != nil || end != nil {
			return end, err
		}
	}
	return o.finish("info")
}

// finish runs what is left and commits in one step; info is the section of the last check.
func (o *operation) finish(info string) (*ending, error) {
	if err := o.run("accessToken", o.host.tree.AccessToken); err != nil {
		return nil, err
	}
	if err := o.run(info, o.host.tree.Info); err != nil {
		return nil, err
	}
	return &ending{connection: o.commit()}, nil
}

func (o *operation) commit() *connection {
	conn := o.conn
	conn.scope = slices.Clone(o.scope)
	return &conn
}

// verify runs the check of the stored connection (spec make.md §2.3).
func (h *host) verify(ctx context.Context) (*connection, error) {
	o, err := h.operation(ctx, *h.stored)
	if err != nil {
		return nil, err
	}
	section := "info"
	if h.tree.Kind == ast.KindBasic {
		section = "communication"
	}
	if err := o.run(section, h.tree.Info); err != nil {
		return nil, o.report(err)
	}
	return o.commit(), nil
}

// redirect ends an operation at the browser; nil means that the condition is falsy and there is no redirect (spec
// make.md §13.1 to §13.3).
func (o *operation) redirect(req *ast.Request) (*ending, error) {
	o.section = "authorize"
	o.tick()
	if err := o.mergeTemp(nil, req.Temp); err != nil {
		return nil, err
	}
	if req.Condition != nil {
		if wanted, err := o.truthy(req.Condition.Expr, nil); err != nil || !wanted {
			return nil, err
		}
	}
	u, err := o.redirectURL(req)
	if err != nil {
		return nil, err
	}
	key := cmp.Or(requestToken(u), o.lastToken)
	if key == "" {
		return nil, fail(configurationError, "oauth1/no-request-token", "Request token is missing")
	}
	ttl := cmp.Or(o.host.settings.PendingTTL, 15*time.Minute)
	state := &record{key: key, conn: o.conn, temp: o.temp, scope: o.scope, redirects: o.redirects, deadline: o.host.script.Clock().Add(ttl),
		outOfBand: cmp.Or(o.callback, o.redirects.uri) == "oob", secrets: o.secrets}
	o.host.pending[key] = true
	return &ending{redirect: u.Redirect(), state: state}, nil
}

// redirectURL is the URL for the browser, with the token of the effective oauth unless it has one (spec make.md §13.3).
func (o *operation) redirectURL(req *ast.Request) (*uri.URL, error) {
	text, err := o.eval(req.URL, nil)
	if err != nil {
		return nil, err
	}
	query, err := o.object(req.Query, nil)
	if err != nil {
		return nil, err
	}
	c, err := o.credentials(req)
	if err != nil {
		return nil, err
	}
	u, err := address(value.ToText(text), req.EncodeURL)
	if err != nil {
		return nil, err
	}
	if query != nil {
		if err := content.ApplyQuery(u, value.Collection(query), content.QueryReplace, nil); err != nil {
			return nil, err
		}
	}
	if token := c.keys["token"]; requestToken(u) == "" && !value.IsEmpty(token) {
		pair := string(content.AppendPair(nil, "oauth_token", token)) // as if it had been written in qs
		if u.Query != "" {
			pair = u.Query + "&" + pair
		}
		u.Query = pair
	}
	return u, nil
}

// requestToken is the first oauth_token of a redirect URL; an empty one counts as none (spec make.md §26.8).
func requestToken(u *uri.URL) string {
	for _, pair := range uri.SplitPairs(u.Query) {
		if pair.Name == "oauth_token" && pair.Value != "" {
			return pair.Value
		}
	}
	return ""
}
