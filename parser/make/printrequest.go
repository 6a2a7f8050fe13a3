package make

import (
	"net/url"
	"slices"
	"strings"

	"github.com/imlc-lang/imlc/grammar"
	"github.com/imlc-lang/imlc/internal/outline"
	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/parser/document"
)

// request writes what is sent.
func (p *printer) request(r *outline.Request) *document.Node {
	out := document.NewObject()
	p.url(out, r.At, r.URL, r.Query, r.RawURL)
	if r.Method != "GET" {
		out.Set("method", document.NewText(r.Method))
	}
	p.headers(out, r)
	if r.Body != nil {
		if body := p.tree(r.Body, outline.CodeBody, "the body"); body != nil {
			kind := map[string]string{"form": "urlencoded"}[r.BodyType]
			if kind == "" {
				kind = r.BodyType
			}
			out.Set("type", document.NewText(kind))
			out.Set("body", body)
		}
	}
	p.sign(out, r)
	return out
}

// url writes the address and the query. The query is a directive of its own, unless a name in it is computed.
func (p *printer) url(out *document.Node, at ast.Origin, address outline.Expr, query []outline.Pair, raw bool) {
	if address == nil {
		return
	}
	text := ""
	if n := p.text(address, outline.CodeURL, "the address"); n != nil {
		text = n.Text
	}
	if !strings.HasPrefix(text, "{{") && (!strings.Contains(text, "://") || strings.HasSuffix(text, "://")) && (p.place != atCall || !strings.HasPrefix(text, "/")) {
		text = "https://unknown.invalid/" + strings.TrimLeft(text, "/:")
	}
	for _, q := range query {
		if q.Name == "" {
			p.inURL(out, text, query)
			return
		}
	}
	out.Set("url", document.NewText(text))
	if raw && (strings.ContainsAny(text, "%\"<>") || strings.Contains(text[min(1, len(text)):], "{")) {
		out.Set("encodeUrl", document.NewBool(false))
	}
	if len(query) == 0 {
		return
	}
	if rest, ok := strings.CutPrefix(text, "{{"); ok {
		if _, rest, _ = strings.Cut(rest, "}}"); !strings.HasPrefix(rest, "/") {
			p.losses.Note(outline.CodeURL, at, "write the parameters into the address", "a query that a computed address brings along is replaced")
		}
	}
	out.Set("qs", p.query(query))
}

// inURL writes the query into the address.
func (p *printer) inURL(out *document.Node, text string, query []outline.Pair) {
	var b strings.Builder
	b.WriteString(text)
	for i, q := range query {
		b.WriteString(map[bool]string{true: "?", false: "&"}[i == 0])
		if q.Name != "" {
			b.WriteString(url.QueryEscape(q.Name) + "=")
		}
		if n := p.text(q.Value, outline.CodeQuery, "a parameter"); n != nil {
			b.WriteString(n.Text)
		}
	}
	out.Set("url", document.NewText(b.String()))
}

// query writes parameters; those of one name are a list.
func (p *printer) query(query []outline.Pair) *document.Node {
	out := document.NewObject()
	for _, q := range query {
		v := p.node(q.Value, outline.CodeQuery, "the parameter "+q.Name)
		if v == nil {
			continue
		}
		if before := out.Get(q.Name); before != nil {
			if before.Kind != document.KindArray {
				before = document.NewArray(before)
			}
			v = document.NewArray(append(before.Items, v)...)
		}
		out.Set(q.Name, v)
	}
	return out
}

func (p *printer) headers(out *document.Node, r *outline.Request) {
	headers := document.NewObject()
	if b := p.c.Base; b != nil && b != r && p.place == atCall {
		for _, h := range b.Headers { // that of the base goes where the request has none
			if !slices.ContainsFunc(r.Headers, func(own outline.Pair) bool { return strings.EqualFold(own.Name, h.Name) }) {
				headers.Set(h.Name, document.NewNull())
			}
		}
	}
	for _, h := range r.Headers {
		headers.Set(h.Name, p.node(h.Value, outline.CodeHeader, "the header "+h.Name))
	}
	if len(headers.Members) > 0 {
		out.Set("headers", headers)
	}
}

// sign writes what signs a request, as far as it differs from the directive of the connection.
func (p *printer) sign(out *document.Node, r *outline.Request) {
	if r.Sign == nil {
		if p.oauth != nil {
			out.Set("oauth", document.NewBool(false))
		}
		return
	}
	shared := p.oauth
	if shared == nil {
		shared = &outline.Sign{}
	}
	keys := p.signKeys(r.Sign, shared)
	if r == p.c.RequestToken {
		switch {
		case r.Sign.Callback == nil:
			keys.Set("callback", document.NewBool(false))
		case !outline.IsRead(r.Sign.Callback, ast.RootRedirect, ast.DefaultRedirect):
			keys.Set("callback", p.node(r.Sign.Callback, outline.CodeSigning, "the callback address"))
		}
	}
	if len(keys.Members) > 0 {
		out.Set("oauth", keys)
	}
}

// signKeys writes the keys of a directive that differ from those below it.
func (p *printer) signKeys(s, below *outline.Sign) *document.Node {
	out := document.NewObject()
	for _, k := range []struct {
		name     string
		own, old outline.Expr
	}{
		{"consumer_key", s.ConsumerKey, below.ConsumerKey}, {"consumer_secret", s.ConsumerSecret, below.ConsumerSecret},
		{"private_key", s.PrivateKey, below.PrivateKey}, {"token", s.Token, nil}, {"token_secret", s.TokenSecret, nil}, {"verifier", s.Verifier, nil},
		{"signature_method", s.Method, below.Method}, {"transport_method", s.Transport, below.Transport}, {"body_hash", s.BodyHash, nil}, {"realm", s.Realm, nil},
	} {
		switch {
		case outline.Key(k.own) == outline.Key(k.old):
		case k.own == nil:
			out.Set(k.name, document.NewNull())
		default:
			n := p.node(k.own, outline.CodeSigning, "oauth."+k.name)
			if n == nil && strings.HasPrefix(k.name, "consumer_") { // a place to write it
				n = document.NewText("")
			}
			out.Set(k.name, n)
		}
	}
	if version, ok := outline.IsText(s.Version); s.Version != nil && !outline.IsMissing(s.Version) && (!ok || version != "1.0" && version != "") {
		p.losses.Lose(outline.CodeSigning, s.At, "it is always 1.0 here", "the version of OAuth that is sent is left out")
	}
	for _, x := range s.Extra {
		p.losses.Lose(outline.CodeSigning, x.At, "only the parameters of RFC 5849 are known here", "the protocol parameter %s is left out", x.Name)
	}
	return out
}

// node writes a value as a leaf: a literal or a template. It is nil when the value cannot be written, which is told, and
// when it is missing.
func (p *printer) node(x outline.Expr, code, what string) *document.Node {
	switch x := x.(type) {
	case *ast.Literal:
		return outline.Constant(x)
	case *outline.List, *outline.Object:
		return p.tree(x, code, what)
	}
	return p.text(x, code, what)
}

// tree writes a value with everything below it.
func (p *printer) tree(x outline.Expr, code, what string) *document.Node {
	switch x := x.(type) {
	case *outline.Object:
		out := document.NewObject()
		constant := len(x.Entries) == 0
		for _, e := range x.Entries {
			constant = constant || outline.IsConstant(e.Value)
			out.Set(e.Name, p.tree(e.Value, code, what+"."+e.Name))
		}
		if code == outline.CodeBody && !constant {
			p.losses.Note(code, x.Origin(), "", "%s is an empty object when nothing in it has a value", what)
		}
		return out
	case *outline.List:
		out := document.NewArray()
		for _, item := range x.Items {
			if n := p.tree(item, code, what); n != nil {
				out.Items = append(out.Items, n)
			}
			if code == outline.CodeBody && !outline.IsConstant(item) {
				p.losses.Note(code, item.Origin(), "", "an item of %s that has no value is null", what)
			}
		}
		return out
	}
	return p.node(x, code, what)
}

// text writes a value as a template.
func (p *printer) text(x outline.Expr, code, what string) *document.Node {
	if outline.IsMissing(x) {
		return nil
	}
	pieces := []outline.Expr{x}
	if j, ok := x.(*outline.Join); ok {
		pieces = j.Parts
	}
	var b strings.Builder
	for _, piece := range pieces {
		switch piece := piece.(type) {
		case *outline.Text:
			b.WriteString(escape(piece.Text))
		case *ast.Literal:
			if n := outline.Constant(piece); n != nil && n.Kind != document.KindNull {
				b.WriteString(strings.TrimSuffix(document.WriteJSON(n, false), "\n"))
			}
		default:
			e, why := p.expr(piece)
			if why != "" {
				p.losses.Lose(code, piece.Origin(), "IML cannot say it", "%s is left out: %s", what, why)
				if len(pieces) == 1 {
					return nil
				}
				continue
			}
			b.WriteString("{{" + grammar.Format(e) + "}}")
		}
	}
	return document.NewText(b.String())
}

// condition writes a value that is judged by its truth.
func (p *printer) condition(x outline.Expr, code, what string) *document.Node {
	if l, ok := x.(*ast.Literal); ok && l.Kind == ast.LiteralBool {
		return document.NewBool(l.Bool)
	}
	e, why := p.expr(x)
	if why != "" {
		p.losses.Lose(code, x.Origin(), "IML cannot say it", "%s is left out: %s", what, why)
		return nil
	}
	return document.NewText("{{" + grammar.Format(e) + "}}")
}

// escape writes a text so that it is no template.
func escape(s string) string {
	return strings.NewReplacer("{{", `{{"{{"}}`, "<<", `{{"<<"}}`).Replace(s)
}

// expr makes an expression of a value; why says why there is none.
func (p *printer) expr(x outline.Expr) (e grammar.Expr, why string) {
	if name := p.stored[outline.Key(x)]; name != "" && (p.place == atInfo || p.place == atCall) && !p.isAnswer(x) {
		return pathExpr(p.storage(), []outline.Step{{Name: name}}), ""
	}
	switch x := x.(type) {
	case nil:
		return &grammar.Keyword{Name: "undefined"}, ""
	case *outline.Text:
		return &grammar.Text{Value: x.Text}, ""
	case *ast.Literal:
		return literalExpr(x), ""
	case *outline.Read:
		return p.read(x)
	case *outline.Join:
		return p.sum(x)
	case *outline.Encoded:
		return p.apply("encodeURL", x.X)
	case *outline.Choose:
		return p.choose(x)
	case *outline.List:
		if len(x.Items) == 0 {
			return &grammar.Keyword{Name: "emptyarray"}, ""
		}
		return p.applyTo("add", []grammar.Expr{&grammar.Keyword{Name: "emptyarray"}}, x.Items)
	case *outline.Call:
		return p.function(x)
	case *outline.Opaque:
		return nil, x.Named()
	}
	return nil, "an object inside a text"
}

func (p *printer) isAnswer(x outline.Expr) bool {
	r, ok := x.(*outline.Read)
	return ok && r.Root == p.answer
}

// storage is the name that stored values have here.
func (p *printer) storage() string {
	if p.place == atCall {
		return "connection"
	}
	return "data"
}

func literalExpr(l *ast.Literal) grammar.Expr {
	switch l.Kind {
	case ast.LiteralBool:
		return &grammar.Keyword{Name: map[bool]string{true: "true", false: "false"}[l.Bool]}
	case ast.LiteralNumber:
		return &grammar.Number{Value: l.Number, Exact: l.Exact}
	case ast.LiteralMissing:
		return &grammar.Keyword{Name: "undefined"}
	}
	return &grammar.Keyword{Name: "null"}
}

func pathExpr(root string, steps []outline.Step) grammar.Expr {
	base := &grammar.Root{Name: root}
	if len(steps) == 0 {
		return base
	}
	out := &grammar.Path{Base: base}
	for _, s := range steps {
		switch {
		case s.Indexed && s.Index == 0:
			out.Steps = append(out.Steps, grammar.Step{Kind: grammar.StepFirst})
		case s.Indexed:
			out.Steps = append(out.Steps, grammar.Step{Kind: grammar.StepIndex, Index: &grammar.Number{Value: float64(s.Index + 1)}})
		default:
			out.Steps = append(out.Steps, grammar.Step{Kind: grammar.StepName, Name: s.Name})
		}
	}
	return out
}

// read writes a path by the names of the place.
func (p *printer) read(x *outline.Read) (grammar.Expr, string) {
	root := map[string]string{ast.RootCommon: "common", ast.RootEnvironment: "environment", ast.RootHeaders: "headers", ast.RootStatus: "statusCode",
		ast.RootItem: "item", ast.RootInput: "input", ast.RootCallback: "query"}[x.Root]
	steps := x.Path
	switch {
	case x.Root == p.answer:
		root = "body"
	case x.Root == ast.RootCallback && p.place == atStart, x.Root == ast.RootCallback && p.place == atCall:
		root = ""
	case x.Root == ast.RootData:
		root = map[bool]string{true: "connection", false: "parameters"}[p.place == atCall]
	case x.Root == outline.RootAccessAnswer:
		if root = p.storage(); len(steps) > 0 && p.c.AccessToken != nil && !p.c.AccessToken.Answer.All {
			name := p.stored[outline.Key(&outline.Read{Root: x.Root, Path: steps[:1]})]
			steps = append([]outline.Step{{Name: name}}, steps[1:]...)
		}
	case x.Root == outline.RootRequestAnswer && p.place != atCall && len(steps) > 0:
		for _, k := range p.kept {
			if k.Value.(*outline.Read).Path[0] == steps[0] {
				root, steps = "temp", append([]outline.Step{{Name: k.Name}}, steps[1:]...)
			}
		}
	case x.Root == ast.RootRedirect && len(steps) == 1:
		name := map[string]string{ast.DefaultRedirect: "redirectUri", "local": "localRedirectUri", "make": "makeRedirectUri"}[steps[0].Name]
		root, steps = "oauth", []outline.Step{{Name: name}}
	case x.Root == ast.RootScope:
		root, steps = "oauth", append([]outline.Step{{Name: "scope"}}, steps...)
	}
	if root == "" {
		return nil, "the value " + x.Root + " does not exist here"
	}
	return pathExpr(root, steps), ""
}

func (p *printer) sum(x *outline.Join) (grammar.Expr, string) {
	var out grammar.Expr = &grammar.Text{}
	for i, piece := range x.Parts {
		e, why := p.expr(piece)
		if why != "" {
			return nil, why
		}
		if _, text := e.(*grammar.Text); i == 0 && text {
			out = e
			continue
		}
		out = &grammar.Binary{Op: grammar.OpAdd, X: out, Y: e}
	}
	return out, ""
}

func (p *printer) apply(name string, args ...outline.Expr) (grammar.Expr, string) {
	return p.applyTo(name, nil, args)
}

func (p *printer) applyTo(name string, before []grammar.Expr, args []outline.Expr) (grammar.Expr, string) {
	out := &grammar.Call{Name: name, Args: before}
	for _, a := range args {
		e, why := p.expr(a)
		if why != "" {
			return nil, why
		}
		out.Args = append(out.Args, e)
	}
	return out, ""
}

func (p *printer) choose(x *outline.Choose) (grammar.Expr, string) {
	out, why := p.expr(x.Else)
	if why != "" {
		return nil, why
	}
	for i := len(x.Cases) - 1; i >= 0; i-- {
		test, why := p.expr(x.Cases[i].Test)
		if why != "" {
			return nil, why
		}
		then, why := p.expr(x.Cases[i].Then)
		if why != "" {
			return nil, why
		}
		out = &grammar.Call{Name: "if", Args: []grammar.Expr{test, then, out}}
	}
	return out, ""
}

// function writes a call; the functions that no dialect owns have forms of their own here.
func (p *printer) function(x *outline.Call) (grammar.Expr, string) {
	null := func(op grammar.Op, left grammar.Expr) grammar.Expr {
		return &grammar.Binary{Op: op, X: left, Y: &grammar.Keyword{Name: "null"}}
	}
	switch x.Name {
	case outline.FuncAnd, outline.FuncOr, outline.FuncEqual:
		op := map[string]grammar.Op{outline.FuncAnd: grammar.OpAnd, outline.FuncOr: grammar.OpOr, outline.FuncEqual: grammar.OpEqual}[x.Name]
		var out grammar.Expr
		for i, a := range x.Args {
			e, why := p.expr(a)
			if why != "" {
				return nil, why
			}
			if i == 0 {
				out = e
				continue
			}
			out = &grammar.Binary{Op: op, X: out, Y: e}
		}
		return out, ""
	case outline.FuncNot:
		if eq, ok := x.Args[0].(*outline.Call); ok && eq.Name == outline.FuncEqual {
			left, why := p.expr(eq.Args[0])
			right, why2 := p.expr(eq.Args[1])
			return &grammar.Binary{Op: grammar.OpNotEqual, X: left, Y: right}, why + why2
		}
		e, why := p.expr(x.Args[0])
		return &grammar.Unary{Op: grammar.OpNot, X: e}, why
	case outline.FuncKnown:
		return p.apply("ifempty", x.Args[0], &outline.Text{})
	case outline.FuncFirst:
		out, why := p.expr(x.Args[len(x.Args)-1])
		for i := len(x.Args) - 2; i >= 0 && why == ""; i-- {
			var e grammar.Expr
			if e, why = p.expr(x.Args[i]); why == "" {
				out = &grammar.Call{Name: "ifempty", Args: []grammar.Expr{e, out}}
			}
		}
		return out, why
	case outline.FuncNotEmpty:
		e, why := p.apply("ifempty", x.Args[0], &ast.Literal{})
		if why != "" {
			return nil, why
		}
		return null(grammar.OpNotEqual, e), ""
	case outline.FuncMissing:
		e, why := p.expr(x.Args[0])
		if why != "" {
			return nil, why
		}
		return null(grammar.OpEqual, e), ""
	}
	return p.apply(x.Name, x.Args...)
}
