package outline

import (
	"github.com/imlc-lang/imlc/parser/ast"
)

// Of makes the outline of a connection. lifter knows the functions of its library; nil knows none. What the outline
// cannot hold is in its losses.
func Of(conn *ast.Connection, lifter Lifter) *Connection {
	out := &Connection{At: conn.At, Name: conn.Name, Source: conn.Dialect, Parameters: conn.Parameters, Scope: conn.DefaultScope}
	r := &Reader{conn: conn, lifter: lifter, out: out, temp: map[string]Expr{}, stored: map[string]Expr{}, locals: map[string]Expr{}, answer: ast.RootBody}
	if len(conn.Variants) > 0 {
		out.Losses.Errorf(conn.At, "choose one of them with --option", "the connection offers several ways to authorise, and other dialects have one")
		return out
	}
	out.Common = r.Expr(conn.Common)
	for _, h := range conn.Hooks {
		if h.Needed {
			out.Losses.Errorf(h.At, "write what it does without a script", "the hook %s is needed to connect, and scripts belong to one dialect", h.Name)
			continue
		}
		out.Losses.Lose(CodeHook, h.At, "scripts belong to one dialect", "the hook %s is left out", h.Name)
	}
	for _, s := range conn.Stages {
		r.stage(s)
	}
	r.answer = ast.RootBody
	if conn.Base != nil {
		out.Base = r.request(conn.Base, nil, "free requests")
		if out.Base.Sign == nil && out.Base.URL == nil && out.Base.Base == nil && out.Base.Headers == nil && out.Base.Query == nil && out.Base.Body == nil {
			out.Base = nil
		}
	}
	for _, call := range conn.Calls {
		r.calls(call)
	}
	if len(conn.Hooks) > 0 {
		r.scripted()
	}
	return out
}

// scripted refuses a handshake whose addresses or credentials a script computes.
func (r *Reader) scripted() {
	out := r.out
	var values []Expr
	for _, req := range []*Request{out.RequestToken, out.AccessToken} {
		if req == nil {
			continue
		}
		if values = append(values, req.URL); req.Sign != nil {
			values = append(values, req.Sign.ConsumerKey, req.Sign.Token)
		}
	}
	if out.Authorize != nil {
		values = append(values, out.Authorize.URL)
	}
	for _, v := range values {
		Walk(v, func(x Expr) {
			if o, ok := x.(*Opaque); ok {
				out.Losses.Errorf(o.At, "write what it does without a script", "a script computes what the handshake needs, and scripts belong to one dialect")
			}
		})
	}
}

func (r *Reader) calls(call *ast.Call) {
	for i, req := range call.Requests {
		base := r.conn.Base
		if req.Apart {
			base = nil
		}
		out := r.request(req, base, call.Name)
		if i < len(call.Requests)-1 {
			r.out.Losses.Lose(CodeRequest, req.At, "other dialects have one request in a call", "request %d of the call %s is left out", i+1, call.Name)
			continue
		}
		r.out.Calls = append(r.out.Calls, out)
	}
}

// stage reads the requests and the redirect of one step. Which call it is shows in what it asks for and where it stands.
func (r *Reader) stage(s *ast.Stage) {
	for i, req := range s.Requests {
		asks := req.Callback != ast.CallbackNotAsked
		token := !s.Proof && (asks || r.out.Authorize != nil || r.out.RequestToken == nil)
		r.answer = ProofAnswer(len(r.out.Proof))
		switch {
		case token && asks:
			r.answer = RootRequestAnswer
		case token:
			r.answer = RootAccessAnswer
		}
		var base *ast.Request
		if req.UnderBase {
			base = r.conn.Base
		}
		out := r.request(req, base, s.Name)
		r.keep(req)
		switch {
		case s.Proof:
			r.out.Proof = append(r.out.Proof, out)
		case i < len(s.Requests)-1:
			r.out.Losses.Lose(CodeRequest, req.At, "other dialects have one request in a step", "request %d of the step %s is left out", i+1, s.Name)
		case asks:
			r.out.RequestToken = out
		default:
			r.out.AccessToken = out
		}
	}
	if s.Redirect != nil {
		r.answer = RootRequestAnswer
		r.out.Authorize = r.redirect(s.Redirect)
	}
}

// keep follows what a request keeps for later ones and stores.
func (r *Reader) keep(req *ast.Request) {
	res := req.Response
	if res == nil {
		return
	}
	r.temporary(req.Temp)
	r.temporary(res.Temp)
	if data, ok := r.Expr(res.Data).(*Object); ok {
		for _, e := range data.Entries {
			r.stored[e.Name] = e.Value
		}
	} else if read, ok := r.Expr(res.Data).(*Read); ok && read.Root == RootAccessAnswer && len(read.Path) == 0 {
		r.all = true
	}
	for _, name := range res.DataFields {
		if name == "*" {
			r.all = true
			continue
		}
		r.stored[name] = &Read{res.At, r.answer, []Step{{Name: name}}}
	}
}

func (r *Reader) temporary(v ast.Value) {
	if o, ok := v.(*ast.Object); ok {
		for _, e := range o.Entries {
			r.temp[e.Key] = r.Expr(e.Value)
		}
	}
}

func (r *Reader) redirect(d *ast.Redirect) *Redirect {
	out := &Redirect{At: d.At, RawURL: d.EncodeURL == ast.FlagOff, Optional: d.CallbackToken == ast.CallbackTokenOptional}
	var own []Pair
	address := r.Expr(d.URL)
	out.URL, own = splitURL(address)
	if _, fragment := SplitFragment(address); fragment != nil {
		out.URL = Concat(d.At, out.URL, fragment)
	}
	params := r.pairs(d.Query, CodeQuery)
	token := Pair{Name: "oauth_token", At: d.At}
	if d.OAuth != nil {
		if token.Value = r.Expr(d.OAuth.Token); token.Value == nil && r.conn.OAuth != nil {
			token.Value = r.Expr(r.conn.OAuth.Token)
		}
	}
	out.TokenAdded = token.Value != nil
	if has(own, "oauth_token") && d.QueryMode != ast.QueryReplace || has(params, "oauth_token") {
		token.Value = nil
	}
	if d.TokenFirst && token.Value != nil && len(params) > 0 {
		params, token.Value = append([]Pair{token}, params...), nil
	}
	out.Query = merge(own, params, d.Query != nil, d.QueryMode)
	if token.Value != nil {
		out.Query = append(out.Query, token)
	}
	if d.Response != nil {
		r.temporary(d.Response.Temp)
		if d.Response.Valid != nil || d.Response.Error != nil {
			r.out.Losses.Lose(CodeJudgement, d.Response.At, "no other dialect judges callbacks", "what is said of callbacks that fail is left out")
		}
	}
	return out
}
