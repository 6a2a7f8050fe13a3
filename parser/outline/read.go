package outline

import (
	"slices"
	"strings"

	"github.com/imlc-lang/imlc/internal/source"
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

func has(list []Pair, name string) bool {
	return slices.ContainsFunc(list, func(p Pair) bool { return p.Name == name })
}

// merge puts parameters beside those of the URL.
func merge(own, params []Pair, written bool, mode ast.QueryMode) []Pair {
	if !written {
		return own
	}
	var out []Pair
	if mode != ast.QueryMerge { // null is no parameter, but where it is written as an empty one
		params = slices.DeleteFunc(slices.Clone(params), func(p Pair) bool { return IsNull(p.Value) || IsMissing(p.Value) })
	}
	switch mode {
	case ast.QueryReplace:
		return params
	case ast.QueryAppend:
		return append(own[:len(own):len(own)], params...)
	case ast.QueryOverride:
		for _, p := range own {
			if !has(params, p.Name) {
				out = append(out, p)
			}
		}
		return append(out, params...)
	}
	for _, p := range params { // the URL wins, in the place of the parameter
		replaced := false
		for _, o := range own {
			if o.Name == p.Name {
				out, replaced = append(out, o), true
			}
		}
		if IsNull(p.Value) || IsMissing(p.Value) {
			p.Value = &Text{p.At, ""}
		}
		if !replaced {
			out = append(out, p)
		}
	}
	for _, o := range own {
		if !has(params, o.Name) {
			out = append(out, o)
		}
	}
	return out
}

// pairs reads an object of parameters or headers.
func (r *Reader) pairs(v ast.Value, code string) []Pair {
	if v == nil {
		return nil
	}
	switch x := r.Expr(v).(type) {
	case *Object:
		return x.Entries
	case *ast.Literal:
		return nil
	default:
		r.out.Losses.Lose(code, v.Origin(), "its names are known to a run only", "an object of parameters or headers that is computed as a whole is left out")
		return nil
	}
}

// request reads a request over the base of calls.
func (r *Reader) request(req, base *ast.Request, name string) *Request {
	if base == nil {
		base = &ast.Request{}
	}
	out := &Request{At: req.At, Name: name, RawURL: req.EncodeURL == ast.FlagOff || req.EncodeURL == ast.FlagUnset && base.EncodeURL == ast.FlagOff}
	r.temporary(base.Temp)
	r.temporary(req.Temp)
	r.address(out, req, base)
	out.Method = r.method(req, base)
	out.Headers = overlay(r.pairs(base.Headers, CodeHeader), r.pairs(req.Headers, CodeHeader), true)
	r.body(out, req, base)
	out.Sign = r.sign(req, base)
	r.settings(req)
	if base.At != req.At {
		r.settings(base)
	}
	r.response(out, req, base)
	return out
}

func (r *Reader) address(out *Request, req, base *ast.Request) {
	url, from, join := req.URL, req.BaseURL, req.Join
	if url == nil {
		url = base.URL
	}
	if from == nil {
		from, join = base.BaseURL, base.Join
	}
	out.Base = r.Expr(from)
	full, rest := r.Expr(url), Expr(nil)
	if full != nil && out.Base != nil {
		full, rest = joinBase(out.Base, full, join == ast.JoinRelative)
	}
	var own []Pair
	out.URL, own = splitURL(full)
	if rest != nil {
		out.Relative, _ = splitURL(rest)
	}
	mode, written := req.QueryMode, req.Query
	if written == nil {
		mode = base.QueryMode
	}
	params := r.pairs(req.Query, CodeQuery)
	below := r.pairs(base.Query, CodeQuery)
	if !base.FillQuery {
		params = overlay(below, params, false)
	}
	out.Query = merge(own, params, written != nil || base.Query != nil && !base.FillQuery, mode)
	if base.FillQuery {
		for _, p := range below {
			if !has(out.Query, p.Name) {
				out.Query = append(out.Query, p)
			}
		}
	}
}

// overlay puts pairs over others in the place of those.
func overlay(below, own []Pair, caseless bool) []Pair {
	out := slices.Clone(below)
	for _, p := range own {
		i := slices.IndexFunc(out, func(q Pair) bool { return q.Name == p.Name || caseless && strings.EqualFold(q.Name, p.Name) })
		if i >= 0 {
			out[i] = p
			continue
		}
		out = append(out, p)
	}
	return out
}

func (r *Reader) method(req, base *ast.Request) string {
	v := req.Method
	if v == nil {
		v = base.Method
	}
	if v == nil {
		return "GET"
	}
	if text, ok := IsText(r.Expr(v)); ok && text != "" {
		return strings.ToUpper(text)
	}
	r.out.Losses.Lose(CodeMethod, v.Origin(), "methods are written out", "the method is computed; GET is written instead")
	return "GET"
}

// body reads a body and how it is written.
func (r *Reader) body(out *Request, req, base *ast.Request) {
	body := req.Body
	if body == nil && (base.BodyMethods == nil || slices.Contains(base.BodyMethods, out.Method)) {
		body = base.Body
	}
	if body == nil || out.Method == "GET" || out.Method == "HEAD" {
		return
	}
	out.Body = r.Expr(body)
	if IsNull(out.Body) || IsMissing(out.Body) {
		out.Body = nil
		return
	}
	_, isText := out.Body.(*Text)
	_, isJoin := out.Body.(*Join)
	encoding, kind := req.Encoding, req.BodyType
	if encoding == (ast.Encoding{}) {
		encoding = base.Encoding
	}
	if kind == nil {
		kind = base.BodyType
	}
	if encoding.ByValue {
		switch {
		case isText || isJoin:
			out.BodyType = "text"
			out.contentType(encoding.TextType)
		case out.header("Content-Type") == "application/x-www-form-urlencoded":
			out.BodyType = "form"
			out.Headers = slices.DeleteFunc(out.Headers, func(p Pair) bool { return strings.EqualFold(p.Name, "Content-Type") })
		default:
			out.BodyType = "json"
			out.contentType(encoding.JSONType)
		}
		return
	}
	word, _ := IsText(r.Expr(kind))
	switch word {
	case "json":
		out.BodyType = "json"
	case "":
		out.BodyType = "json"
		if isText || isJoin {
			out.BodyType = "text"
		}
	case "urlencoded":
		out.BodyType = "form"
	case "text", "string", "raw":
		out.BodyType = "text"
	default:
		out.BodyType = word
	}
}

// contentType writes the type that bodies have by default in the dialect, unless the request says one. That of JSON
// without parameters is everyone's.
func (q *Request) contentType(kind string) {
	if kind != "" && kind != "application/json" && q.header("Content-Type") == "" {
		q.Headers = append(q.Headers, Pair{Name: "Content-Type", Value: &Text{q.At, kind}, At: q.At})
	}
}

func (q *Request) header(name string) string {
	for _, p := range q.Headers {
		if strings.EqualFold(p.Name, name) {
			text, _ := IsText(p.Value)
			return text
		}
	}
	return ""
}

// settings tells what no other dialect can say of how a request is sent.
func (r *Reader) settings(req *ast.Request) {
	lose := func(written bool, at ast.Origin, what string) {
		if written {
			r.out.Losses.Lose(CodeSending, at, "other dialects cannot say it", "%s is left out", what)
		}
	}
	lose(req.CA != nil, req.At, "the certificate of the service")
	lose(req.Repeat != nil, req.At, "the repetition of the request")
	lose(req.TimeoutMilliseconds > 0, req.At, "the timeout")
	lose(req.Gzip == ast.FlagOn, req.At, "the compression of the answer")
	lose(req.ShareCookies == ast.FlagOn, req.At, "the sharing of cookies")
	lose(req.RejectUnauthorized == ast.FlagOff, req.At, "the acceptance of any certificate")
	lose(req.FollowRedirects == ast.FlagOff || req.FollowAllRedirects == ast.FlagOff, req.At, "the refusal to follow redirects")
	if c := req.Condition; c != nil && c.Expr != nil && c.At.Span != (source.Span{}) && c.At != req.At {
		lose(true, c.At, "the condition of the request")
	}
}

// sign reads what signs a request: its own directive over that of the base over that of the connection.
func (r *Reader) sign(req, base *ast.Request) *Sign {
	var levels []*ast.OAuth
	for _, o := range []*ast.OAuth{req.OAuth, base.OAuth, r.conn.OAuth} {
		if o != nil {
			levels = append(levels, o)
		}
	}
	if len(levels) == 0 || levels[0].Off {
		return nil
	}
	out := &Sign{At: levels[0].At}
	for i, o := range levels {
		fields := r.signFields(o)
		if fields == nil {
			return nil
		}
		to := []*Expr{&out.ConsumerKey, &out.ConsumerSecret, &out.PrivateKey, &out.Token, &out.TokenSecret, &out.Verifier, &out.Method, &out.Transport,
			&out.BodyHash, &out.Realm, &out.Version, &out.Callback}
		for k, x := range fields {
			if *to[k] == nil {
				*to[k] = x
			}
		}
		if i == 0 || out.Extra == nil {
			if o.Extra != nil {
				out.Extra = r.pairs(o.Extra, CodeSigning)
			}
		}
	}
	for _, x := range []*Expr{&out.Token, &out.TokenSecret, &out.Verifier, &out.PrivateKey, &out.Method, &out.Transport, &out.BodyHash, &out.Realm} {
		if IsNull(*x) || IsMissing(*x) {
			*x = nil
		}
	}
	r.callback(out, req)
	if (IsNull(out.ConsumerKey) || IsMissing(out.ConsumerKey)) && out.Token == nil && out.Callback == nil && !r.needsKey(levels) {
		return nil
	}
	return out
}

func (r *Reader) needsKey(levels []*ast.OAuth) bool {
	return slices.ContainsFunc(levels, func(o *ast.OAuth) bool { return o.NeedsKey })
}

// signFields are the values of a directive in the order of Sign; nil when it switches signing off.
func (r *Reader) signFields(o *ast.OAuth) []Expr {
	if o.Whole == nil {
		values := []ast.Value{o.ConsumerKey, o.ConsumerSecret, o.PrivateKey, o.Token, o.TokenSecret, o.Verifier, o.SignatureMethod, o.Transport, o.BodyHash,
			o.Realm, o.Version, o.Callback}
		out := make([]Expr, len(values))
		for i, v := range values {
			out[i] = r.Expr(v)
		}
		out[2] = r.privateKey(out[2], out[6])
		return out
	}
	r.out.Losses.Lose(CodeSigning, o.At, "what it comes to is known to a run only", "a signing directive that is computed as a whole is left out")
	return nil
}

// privateKey reads a key that is one only where the method signs with one.
func (r *Reader) privateKey(x, method Expr) Expr {
	c, ok := x.(*Choose)
	if !ok || len(c.Cases) != 1 {
		return x
	}
	if test, ok := c.Cases[0].Test.(*Call); ok && test.Name == "usesKey" {
		if word, ok := IsText(method); ok {
			if strings.HasPrefix(word, "RSA-") {
				return c.Cases[0].Then
			}
			return nil
		}
		r.out.Losses.Lose(CodeSigning, c.At, "the method is computed", "whether a secret is a private key is left out")
		return nil
	}
	return x
}

// callback settles which callback address a request for temporary credentials sends.
func (r *Reader) callback(out *Sign, req *ast.Request) {
	run := &Read{out.At, ast.RootRedirect, []Step{{Name: ast.DefaultRedirect}}}
	off := false
	if l, ok := out.Callback.(*ast.Literal); ok && (l.Kind != ast.LiteralBool || !l.Bool) {
		off = l.Kind != ast.LiteralMissing
		out.Callback = nil
	}
	if text, ok := IsText(out.Callback); ok && text == "" {
		out.Callback, off = nil, true
	}
	switch {
	case req.Callback == ast.CallbackNotAsked:
		out.Callback = nil
	case out.Callback != nil || off || req.Callback == ast.CallbackNone:
	default:
		out.Callback = run
	}
}

// response reads what is done with the answer.
func (r *Reader) response(out *Request, req, base *ast.Request) {
	for _, res := range []*ast.Response{req.Response, base.Response} {
		if res == nil {
			continue
		}
		a := &out.Answer
		if a.At.Span.File == nil {
			a.At = res.At
		}
		if t := res.Type; t != nil && a.Kind == ast.ParseAutomatic {
			a.Kind, a.ByStatus = t.Value.Kind, len(t.Ranges) > 0
		}
		r.temporary(res.Temp)
		r.judged(a, res)
		if res.Data != nil {
			r.data(a, res)
		}
		for _, name := range res.DataFields {
			if name == "*" {
				a.All = true
				continue
			}
			a.Data = append(a.Data, Pair{Name: name, Value: &Read{res.At, r.answer, []Step{{Name: name}}}, At: res.At})
		}
		if res.Rows != nil && a.Rows == nil {
			a.Rows = r.Expr(res.Rows)
		}
		a.UID = either(a.UID, r.Expr(res.UID))
		a.Expires = either(a.Expires, r.Expr(res.Expires))
		if m := res.Metadata; m != nil && a.Label == nil {
			a.LabelType, a.Label = r.Expr(m.Type), r.Expr(m.Value)
		}
		a.Output, a.Limit = either(a.Output, r.Expr(res.Output)), either(a.Limit, r.Expr(res.Limit))
		if it := res.Iterate; it != nil && a.Items == nil {
			a.Items, a.Keep = r.Expr(it.Container), r.Expr(it.Condition)
		}
	}
}

func either(a, b Expr) Expr {
	if a != nil {
		return a
	}
	return b
}

func (r *Reader) judged(a *Answer, res *ast.Response) {
	if v := res.Valid; v != nil && a.Valid == nil {
		a.Valid, a.Message = Truth(r.Expr(v.Condition)), r.Expr(v.Message)
		if isParsed(a.Valid) {
			a.Valid, r.out.Documents = nil, true
		}
	}
	if e := res.Error; e != nil && a.Errors == nil {
		if e.Message != nil || e.Type != nil {
			a.Errors = append(a.Errors, Failure{e.At, 0, r.Expr(e.Message), r.Expr(e.Type)})
		}
		for _, s := range e.Status {
			a.Errors = append(a.Errors, Failure{s.At, s.Status, r.Expr(s.Message), r.Expr(s.Type)})
		}
	}
}

// isParsed reports whether a condition only asks that there is a document, which is how dialects say that answers must
// parse.
func isParsed(x Expr) bool {
	c, ok := x.(*Choose)
	if !ok || len(c.Cases) != 1 {
		return false
	}
	test, ok := c.Cases[0].Test.(*Call)
	if !ok || test.Name != FuncMissing {
		return false
	}
	read, ok := test.Args[0].(*Read)
	return ok && len(read.Path) == 0
}

func (r *Reader) data(a *Answer, res *ast.Response) {
	switch x := r.Expr(res.Data).(type) {
	case *Object:
		a.Data = append(a.Data, x.Entries...)
	case *Read:
		a.All = x.Root == r.answer && len(x.Path) == 0
	default:
		r.out.Losses.Lose(CodeStored, res.At, "what it comes to is known to a run only", "data that is computed as a whole is left out")
	}
}
