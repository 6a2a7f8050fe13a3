package zapier

import (
	"net/url"
	"slices"
	"strings"

	"github.com/imlc-lang/imlc/internal/outline"
	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/parser/document"
)

// request writes what is sent.
func (p *printer) request(r *outline.Request) *document.Node {
	out := document.NewObject()
	query := r.Query
	params := p.address(out, r.URL, query)
	if r.Method != "GET" {
		if !isWord(r.Method, methods) {
			p.losses.Lose(outline.CodeMethod, r.At, "there are "+methods, "the method %s of %s cannot be written; POST is", r.Method, r.Name)
			r.Method = "POST"
		}
		out.Set("method", document.NewText(r.Method))
	}
	removal := document.NewObject()
	if len(params.Members) > 0 {
		out.Set("params", params)
	}
	if drops(query) {
		removal.Set("params", document.NewBool(true))
	}
	p.body(out, r, removal)
	if len(removal.Members) > 0 {
		out.Set("removeMissingValuesFrom", removal)
	}
	p.ownHeaders(out, r)
	if r.Sign != nil {
		if auth := p.auth(r, p.shared.Get("auth")); len(auth.Members) > 0 {
			out.Set("auth", auth)
		}
	}
	return out
}

// drops reports whether parameters without a value are not sent.
func drops(query []outline.Pair) bool {
	dynamic, known := false, false
	for _, q := range query {
		if c, ok := q.Value.(*outline.Call); ok && c.Name == outline.FuncKnown {
			known = true
		} else if !outline.IsConstant(q.Value) {
			dynamic = true
		}
	}
	return dynamic && !known
}

// address writes the URL and returns the parameters. Those that a flat object cannot hold stay in the URL.
func (p *printer) address(out *document.Node, address outline.Expr, query []outline.Pair) *document.Node {
	var b strings.Builder
	for _, piece := range pieceList(address) {
		switch x := piece.(type) {
		case *outline.Text:
			b.WriteString(x.Text)
			continue
		case *outline.Encoded:
			if !p.bare {
				p.losses.Lose(outline.CodeURL, x.At, "values before the query go in as they are there", "a value in an address is not percent-encoded")
			}
			piece = x.X
		default:
			if p.bare {
				p.losses.Lose(outline.CodeURL, piece.Origin(), "values in addresses are percent-encoded there", "a value in an address is percent-encoded")
			}
		}
		if name, why := p.name(piece); why == "" {
			b.WriteString(braces(name))
		} else {
			b.WriteString(p.unsaid(piece, outline.CodeURL, "a part of an address", why))
		}
	}
	text, fragment, marked := strings.Cut(b.String(), "#")
	params := document.NewObject()
	count := map[string]int{}
	for _, q := range query {
		count[q.Name]++
	}
	var inURL []string
	for _, q := range query {
		list, isList := q.Value.(*outline.List)
		if !p.bare && q.Name != "" && !isList && count[q.Name] == 1 {
			params.Set(q.Name, p.value(q.Value, outline.CodeQuery, "the parameter "+q.Name))
			continue
		}
		if !isList {
			list = &outline.List{Items: []outline.Expr{q.Value}}
		}
		for _, item := range list.Items {
			v := p.value(item, outline.CodeQuery, "the parameter "+q.Name)
			if v == nil {
				continue
			}
			pair := encodeAround(scalarText(v))
			if q.Name != "" {
				pair = escapeQuery(q.Name) + "=" + pair
			}
			inURL = append(inURL, pair)
			if c, ok := item.(*outline.Call); !outline.IsConstant(item) && (!ok || c.Name != outline.FuncKnown) {
				p.losses.Note(outline.CodeQuery, q.At, "it stands in the address", "the parameter %s is sent empty when it has no value", q.Name)
			}
		}
	}
	if len(inURL) > 0 {
		text += "?" + strings.Join(inURL, "&")
	}
	if marked {
		text += "#" + fragment
	}
	out.Set("url", wholeURL(text))
	return params
}

func escapeQuery(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }

// encodeAround encodes the text around curlies.
func encodeAround(s string) string {
	var out strings.Builder
	for _, piece := range pieces(s) {
		if piece.curly {
			out.WriteString(braces(piece.text))
			continue
		}
		out.WriteString(escapeQuery(piece.text))
	}
	return out.String()
}

func scalarText(n *document.Node) string {
	switch n.Kind {
	case document.KindText:
		return n.Text
	case document.KindNull:
		return ""
	}
	return strings.TrimSuffix(document.WriteJSON(n, false), "\n")
}

func pieceList(x outline.Expr) []outline.Expr {
	if j, ok := x.(*outline.Join); ok {
		return j.Parts
	}
	if x == nil {
		return nil
	}
	return []outline.Expr{x}
}

// unsaid tells of a part of an address that cannot be written, and returns what stands there: the default of the input that it
// is, else nothing.
func (p *printer) unsaid(x outline.Expr, code, what, why string) string {
	if text, ok := p.c.Default(x); ok {
		p.losses.Lose(code, x.Origin(), "curlies cannot say it: "+why, "%s is the default of its input", what)
		return text
	}
	p.losses.Lose(code, x.Origin(), "curlies cannot say it", "%s is left out: %s", what, why)
	return ""
}

// value writes a value of a flat object: a lone curly keeps its type. It is nil when it cannot be written, which is told, and
// when it is missing.
func (p *printer) value(x outline.Expr, code, what string) *document.Node {
	if outline.IsMissing(x) {
		return nil
	}
	if n := outline.Constant(x); n != nil && n.Kind != document.KindObject && n.Kind != document.KindArray {
		if n.Kind == document.KindText && hasCurly(n.Text) {
			p.losses.Lose(code, x.Origin(), "braces are never plain text there", "%s is a text with curlies", what)
		}
		return n
	}
	var text strings.Builder
	for _, piece := range pieceList(x) {
		switch y := piece.(type) {
		case *outline.Text:
			text.WriteString(y.Text)
			continue
		case *ast.Literal:
			if n := outline.Constant(y); n != nil {
				text.WriteString(scalarText(n))
			}
			continue
		}
		name, why := p.name(piece)
		if why != "" {
			p.losses.Lose(code, piece.Origin(), "curlies cannot say it", "%s is left out: %s", what, why)
			return nil
		}
		text.WriteString(braces(name))
	}
	return document.NewText(text.String())
}

// tree writes a body.
func (p *printer) tree(x outline.Expr, what string) *document.Node {
	switch x := x.(type) {
	case *outline.Object:
		out := document.NewObject()
		for _, e := range x.Entries {
			out.Set(e.Name, p.tree(e.Value, what+"."+e.Name))
			if what != "the body" {
				p.nested(e.Value, what+"."+e.Name)
			}
		}
		return out
	case *outline.List:
		out := document.NewArray()
		for _, item := range x.Items {
			p.nested(item, "an item of "+what)
			if n := p.tree(item, what); n != nil {
				out.Items = append(out.Items, n)
			}
		}
		return out
	}
	return p.value(x, outline.CodeBody, what)
}

// nested tells what becomes of a value that is missing below the top of a body.
func (p *printer) nested(x outline.Expr, what string) {
	if !outline.IsConstant(x) {
		p.losses.Note(outline.CodeBody, x.Origin(), "only what stands at the top of a body is removed there", "%s is empty when it has no value", what)
	}
}

// dotted is the path of a curly; ok is false for one with positions of items.
func dotted(path []outline.Step) (string, bool) {
	names := make([]string, len(path))
	for i, s := range path {
		if s.Indexed || strings.ContainsAny(s.Name, "{}") {
			return "", false
		}
		names[i] = s.Name
	}
	return strings.Join(names, "."), true
}

// name is the curly of a value; why says why there is none.
func (p *printer) name(x outline.Expr) (name, why string) {
	if c, ok := x.(*outline.Call); ok && c.Name == outline.FuncKnown {
		x = c.Args[0]
	}
	if e, ok := x.(*outline.Encoded); ok {
		x = e.X
	}
	if read, ok := x.(*outline.Read); ok {
		return p.read(read)
	}
	return "", outline.Computed(x)
}

func (p *printer) read(x *outline.Read) (name, why string) {
	path, ok := dotted(x.Path)
	if !ok {
		return "", "the position of an item in a list"
	}
	early := p.step == inRequestToken || p.step == inAuthorize || p.step == inAccessToken
	prefix := ""
	switch {
	case x.Root == ast.RootCommon && path != "":
		prefix = "process.env."
	case path == "":
	case x.Root == ast.RootData && early:
		prefix = "bundle.inputData."
	case x.Root == ast.RootData, x.Root == outline.RootAccessAnswer && !early:
		prefix = "bundle.authData."
	case x.Root == ast.RootInput && p.step == inCall:
		prefix = "bundle.inputData."
	case x.Root == outline.RootRequestAnswer && (p.step == inAuthorize || p.step == inAccessToken && (path == "oauth_token" || path == "oauth_token_secret")):
		prefix = "bundle.inputData."
	case x.Root == ast.RootCallback && p.step == inAccessToken && path != "oauth_token" && !p.bare:
		prefix = "bundle.inputData."
	case x.Root == ast.RootRedirect && path == ast.DefaultRedirect && early && !p.bare:
		return "bundle.inputData.redirect_uri", ""
	}
	if prefix == "" {
		return "", "the value " + x.Root + " does not exist there"
	}
	if p.bare && prefix != "process.env." {
		prefix = ""
	}
	return prefix + path, ""
}

// body writes a body; its type is that of the dialect unless a header says another.
func (p *printer) body(out *document.Node, r *outline.Request, removal *document.Node) {
	if r.Body == nil {
		return
	}
	body := p.tree(r.Body, "the body")
	if body == nil {
		return
	}
	header := func(kind string) {
		if !slices.ContainsFunc(r.Headers, func(h outline.Pair) bool { return strings.EqualFold(h.Name, "Content-Type") }) {
			r.Headers = append(r.Headers, outline.Pair{Name: "Content-Type", Value: &outline.Text{At: r.At, Text: kind}, At: r.At})
		}
	}
	switch r.BodyType {
	case "form":
		header("application/x-www-form-urlencoded")
	case "json":
		header("application/json")
		if body.Kind == document.KindText && !strings.HasPrefix(body.Text, "{{") {
			p.losses.Lose(outline.CodeBody, r.At, "a text is sent as it is there", "the body of %s is not quoted", r.Name)
		}
	case "text":
		if !slices.ContainsFunc(r.Headers, func(h outline.Pair) bool { return strings.EqualFold(h.Name, "Content-Type") }) {
			p.losses.Lose(outline.CodeHeader, r.At, "a text has a type there", "the body of %s is text/plain; charset=utf-8", r.Name)
		}
	default:
		p.losses.Lose(outline.CodeBody, r.At, "bodies are forms, JSON or text there", "the body of %s is JSON instead of %s", r.Name, r.BodyType)
	}
	if o, ok := r.Body.(*outline.Object); ok && drops(o.Entries) {
		removal.Set("body", document.NewBool(true))
	}
	out.Set("body", body)
}

// ownHeaders writes the headers of a request; those of the template that it is without are removed.
func (p *printer) ownHeaders(out *document.Node, r *outline.Request) {
	headers := p.headers(r.Headers)
	if headers == nil {
		headers = document.NewObject()
	}
	if shared := p.shared.Get("headers"); shared != nil {
		for _, m := range shared.Members {
			own := slices.IndexFunc(headers.Members, func(h document.Member) bool { return strings.EqualFold(h.Key, m.Key) })
			switch {
			case own < 0:
				headers.Set(m.Key, document.NewText(""))
			case headers.Members[own].Value.Text == m.Value.Text:
				headers.Members = slices.Delete(headers.Members, own, own+1)
			}
		}
	}
	if len(headers.Members) > 0 {
		out.Set("headers", headers)
	}
}

// headers writes headers; nil without any.
func (p *printer) headers(list []outline.Pair) *document.Node {
	out := document.NewObject()
	for _, h := range list {
		if strings.EqualFold(h.Name, "Content-Type") {
			if text, _ := outline.IsText(h.Value); text == "application/json; charset=utf-8" || text == "text/plain; charset=utf-8" {
				continue // of bodies by default
			}
		}
		v := p.value(h.Value, outline.CodeHeader, "the header "+h.Name)
		if v != nil && v.Kind == document.KindText && v.Text == "" {
			p.losses.Lose(outline.CodeHeader, h.At, "an empty header is none there", "the header %s is left out", h.Name)
			continue
		}
		out.Set(h.Name, v)
	}
	if len(out.Members) == 0 {
		return nil
	}
	return out
}

// auth writes what signs a request, as far as it differs from what the template has.
func (p *printer) auth(r *outline.Request, shared *document.Node) *document.Node {
	s := r.Sign
	out := document.NewObject()
	if transport, ok := outline.IsText(s.Transport); s.Transport != nil && (!ok || transport != "header" && transport != "") {
		p.losses.Lose(outline.CodeSigning, s.Transport.Origin(), "protocol parameters go into the header there", "the transport of %s is left out", r.Name)
	}
	r.LoseHash(p.losses)
	secret := s.ConsumerSecret
	if word, _ := outline.IsText(s.Method); strings.HasPrefix(word, "RSA-") && s.PrivateKey != nil {
		secret = s.PrivateKey
	}
	if word, ok := outline.IsText(s.Method); s.Method != nil && (!ok || !isWord(word, signatureMethods)) {
		p.losses.Lose(outline.CodeSigning, s.Method.Origin(), "the method is written out there", "the signature method of %s is HMAC-SHA1", r.Name)
		s.Method = nil
	}
	version := s.Version
	if version == nil || outline.IsMissing(version) {
		version = &outline.Text{At: s.At, Text: "1.0"}
	}
	if outline.IsNull(version) {
		p.losses.Lose(outline.CodeSigning, version.Origin(), "a version is always sent there", "oauth_version is sent by %s", r.Name)
	}
	for _, m := range append([]outline.Pair{{Name: "oauth_consumer_key", Value: s.ConsumerKey}, {Name: "oauth_consumer_secret", Value: secret},
		{Name: "oauth_token", Value: s.Token}, {Name: "oauth_token_secret", Value: s.TokenSecret}, {Name: "oauth_callback", Value: s.Callback},
		{Name: "oauth_verifier", Value: s.Verifier}, {Name: "oauth_signature_method", Value: s.Method}, {Name: "realm", Value: s.Realm},
		{Name: "oauth_version", Value: version}}, s.Extra...) {
		v := (*document.Node)(nil)
		if m.Value != nil {
			v = p.value(m.Value, outline.CodeSigning, m.Name+" of "+r.Name)
		}
		below := shared.Get(m.Name)
		switch {
		case v != nil && below != nil && v.Kind == below.Kind && v.Text == below.Text:
		case v == nil && below != nil:
			out.Set(m.Name, document.NewText(""))
		case v != nil:
			out.Set(m.Name, v)
		}
	}
	return out
}
