package supermetrics

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/imlc-lang/imlc/internal/outline"
	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/parser/document"
)

// jsonPath writes a path.
func jsonPath(steps []outline.Step) string {
	var b strings.Builder
	b.WriteByte('$')
	for _, s := range steps {
		switch {
		case s.Indexed:
			b.WriteString("[" + strconv.Itoa(s.Index) + "]")
		case isPlainName(s.Name):
			b.WriteString("." + s.Name)
		default:
			b.WriteString("['" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s.Name) + "']")
		}
	}
	return b.String()
}

func isPlainName(s string) bool {
	for i, c := range s {
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || i > 0 && (c >= '0' && c <= '9')) {
			return false
		}
	}
	return s != ""
}

// address writes a URL. What has no value in it yet is the default of its input, or left out, which is told.
func (p *printer) address(x outline.Expr) string {
	var b strings.Builder
	braces := strings.NewReplacer("{{", "%7B%7B", "}}", "%7D%7D")
	for i, piece := range pieceList(x) {
		encoded := false
		if e, ok := piece.(*outline.Encoded); ok {
			piece, encoded = e.X, true
		}
		if t, ok := piece.(*outline.Text); ok {
			b.WriteString(braces.Replace(t.Text))
			continue
		}
		name, why := p.name(piece)
		if why == "" {
			if !encoded && i > 0 {
				p.losses.Lose(outline.CodeURL, piece.Origin(), "values in addresses are percent-encoded there", "a value in an address is percent-encoded")
			}
			b.WriteString("{{" + name + "}}")
			continue
		}
		if value, ok := p.c.Default(piece); ok {
			p.losses.Lose(outline.CodeURL, piece.Origin(), "inputs have no value before the token is there", "a part of an address is the default of its input, %s", value)
			b.WriteString(value)
			continue
		}
		p.losses.Lose(outline.CodeURL, piece.Origin(), "placeholders cannot say it", "a part of an address is left out: %s", why)
		if read, ok := piece.(*outline.Read); ok && len(read.Path) > 0 && !read.Path[len(read.Path)-1].Indexed {
			b.WriteString(outline.FileName(read.Path[len(read.Path)-1].Name))
		}
	}
	text := b.String()
	if !strings.HasPrefix(text, "{{") && (!strings.Contains(text, "://") || strings.HasSuffix(text, "://")) {
		text = "https://unknown.invalid/" + strings.TrimLeft(text, "/:")
	}
	return text
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

// value writes a value of a header or a parameter. It is nil when it cannot be written, which is told, and when it is missing.
func (p *printer) value(x outline.Expr, code, what string) *document.Node {
	if outline.IsMissing(x) {
		return nil
	}
	if n := outline.Constant(x); n != nil && n.Kind != document.KindObject && n.Kind != document.KindArray {
		if n.Kind == document.KindText && hasPlaceholder(n.Text) {
			p.losses.Lose(code, x.Origin(), "braces are never plain text there", "%s is left out", what)
			return nil
		}
		return n
	}
	text, why := p.text(x)
	if why != "" {
		if value, ok := p.c.Default(x); ok {
			p.losses.Lose(code, x.Origin(), "placeholders cannot say it: "+why, "%s is the default of its input, %s", what, value)
			return document.NewText(value)
		}
		p.losses.Lose(code, x.Origin(), "placeholders cannot say it", "%s is left out: %s", what, why)
		return nil
	}
	return document.NewText(text)
}

// text writes a value as a text with placeholders; why says why it cannot be.
func (p *printer) text(x outline.Expr) (text, why string) {
	var b strings.Builder
	for _, piece := range pieceList(x) {
		switch y := piece.(type) {
		case *outline.Text:
			if hasPlaceholder(y.Text) {
				return "", "braces are never plain text there"
			}
			b.WriteString(y.Text)
			continue
		case *ast.Literal:
			if n := outline.Constant(y); n != nil {
				b.WriteString(scalarText(n))
			}
			continue
		}
		name, why := p.name(piece)
		if why != "" {
			return "", why
		}
		b.WriteString("{{" + name + "}}")
	}
	if text = b.String(); strings.Contains(text, "{{{") {
		return "", "a brace before a placeholder"
	}
	return text, ""
}

// tree writes a body.
func (p *printer) tree(x outline.Expr, what string) *document.Node {
	switch x := x.(type) {
	case *outline.Object:
		out := document.NewObject()
		for _, e := range x.Entries {
			out.Set(e.Name, p.tree(e.Value, what+"."+e.Name))
		}
		return out
	case *outline.List:
		out := document.NewArray()
		for _, item := range x.Items {
			if n := p.tree(item, what); n != nil {
				out.Items = append(out.Items, n)
			}
		}
		return out
	}
	n := p.value(x, outline.CodeBody, what)
	if n != nil && !outline.IsConstant(x) {
		p.losses.Note(outline.CodeInput, x.Origin(), "a placeholder must have a value", "the request needs a value of %s", what)
		p.losses.Note(outline.CodeBody, x.Origin(), "values are inserted as text", "%s is a text", what)
	}
	return n
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

// encodeAround encodes the text around placeholders for a query.
func encodeAround(s string) string {
	var out strings.Builder
	for _, piece := range pieces(s) {
		switch piece := piece.(type) {
		case string:
			out.WriteString(strings.ReplaceAll(url.QueryEscape(piece), "+", "%20"))
		case placeholder:
			out.WriteString("{{" + piece.name + "}}")
		}
	}
	return out.String()
}

// name is the placeholder of a value; why says why there is none.
func (p *printer) name(x outline.Expr) (name, why string) {
	if c, ok := x.(*outline.Call); ok && c.Name == outline.FuncKnown {
		x = c.Args[0]
	}
	if read, ok := x.(*outline.Read); ok {
		return p.read(read)
	}
	return "", outline.Computed(x)
}

func (p *printer) read(x *outline.Read) (name, why string) {
	if len(x.Path) == 0 || x.Path[0].Indexed || strings.ContainsAny(x.Path[0].Name, "{} ") {
		if x.Root == ast.RootIdentity && p.place == inProof {
			return "identity()", ""
		}
		return "", "all of a root"
	}
	s := p.c.RequestToken.Sign
	switch {
	case p.place != inReport && s != nil && outline.Key(x) == outline.Key(s.ConsumerKey):
		return "oauth1.consumer_key", ""
	case p.place != inReport && s != nil && outline.Key(x) == outline.Key(s.ConsumerSecret):
		return "oauth1.consumer_secret", ""
	case p.place != inReport && outline.IsRead(x, ast.RootRedirect, ast.DefaultRedirect):
		return "oauth1.callback_url", ""
	}
	field := x.Path[0].Name
	for _, step := range x.Path[1:] {
		if step.Indexed {
			return "", "the position of an item in a list"
		}
		field += "." + step.Name
	}
	switch {
	case x.Root == outline.RootAccessAnswer && field == "oauth_token_secret":
		return "", "the secret of the token has no placeholder"
	case x.Root == outline.RootAccessAnswer && field == "oauth_token" && p.place != inToken:
		return "user.access_token", ""
	case (x.Root == outline.RootAccessAnswer || x.Root == ast.RootData) && p.place != inToken:
		return "user." + field, ""
	case x.Root == ast.RootInput && p.place == inReport:
		if strings.HasPrefix(field, "query.") || strings.HasPrefix(field, "account.") {
			return field, ""
		}
		p.losses.Note(outline.CodeMoved, x.At, "what the caller gives is of the family query or account", "the input %s of calls is called query.%s", field, field)
		p.losses.Move(outline.Move{Kind: "input", From: field, To: "query." + field})
		return "query." + field, ""
	}
	return "", "the value " + x.Root + " has no placeholder here"
}
