package membrane

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/imlc-lang/imlc/internal/outline"
	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/parser/document"
)

// address writes the address of a token call with its query.
func (p *printer) address(r *outline.Request) *document.Node {
	full := p.withQuery(r.At, r.URL, r.Query)
	return p.url(full, "the address of the call "+r.Name)
}

// withQuery puts parameters into an address. A value that only a run knows goes in as it is.
func (p *printer) withQuery(at ast.Origin, address outline.Expr, query []outline.Pair) outline.Expr {
	address, fragment := outline.SplitFragment(address)
	values := []outline.Expr{address}
	for i, q := range query {
		sep := map[bool]string{true: "?", false: "&"}[i == 0]
		if q.Name != "" {
			sep += escaped3986(q.Name) + "="
		}
		list, ok := q.Value.(*outline.List)
		if !ok {
			list = &outline.List{Items: []outline.Expr{q.Value}}
		}
		for k, v := range list.Items {
			if k > 0 {
				sep = "&" + escaped3986(q.Name) + "="
			}
			values = append(values, &outline.Text{At: at, Text: sep})
			if n := outline.Constant(v); n != nil {
				values = append(values, &outline.Text{At: at, Text: escaped3986(n.Text + boolText(n))})
				continue
			}
			if c, ok := v.(*outline.Call); ok && c.Name == outline.FuncKnown {
				v = c.Args[0]
			}
			p.losses.Lose(outline.CodeQuery, q.At, "values in addresses are not encoded here, and empty ones stay", "the parameter %s goes into the address as it is", q.Name)
			values = append(values, v)
		}
	}
	if fragment != nil {
		values = append(values, fragment)
	}
	return outline.Concat(at, values...)
}

func boolText(n *document.Node) string {
	if n.Kind == document.KindBool {
		return fmt.Sprint(n.Bool)
	}
	return ""
}

// escaped3986 percent-encodes a text for a query.
func escaped3986(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }

// url writes an address; where parts of it cannot be computed they are left out, and the rest stays an address.
func (p *printer) url(x outline.Expr, what string) *document.Node {
	if n := p.value(x, outline.CodeURL, what); n != nil {
		return n
	}
	return document.NewText("https://unknown.invalid/")
}

func (p *printer) absolute(x outline.Expr) bool { return outline.IsConstant(x) }

// startsWith reports whether an address begins with a base address and goes on with a slash.
func startsWith(full, base outline.Expr) bool {
	_, ok := behind(full, base)
	return ok
}

// behind is the path of an address behind a base address.
func behind(full, base outline.Expr) (outline.Expr, bool) {
	f, b := pieces(full), pieces(base)
	if len(b) == 0 || len(f) < len(b) {
		return nil, false
	}
	for i, x := range b {
		t, isText := outline.IsText(x)
		u, isText2 := outline.IsText(f[i])
		switch {
		case i == len(b)-1 && isText && isText2 && strings.HasPrefix(u, strings.TrimRight(t, "/")+"/"):
			rest := strings.TrimPrefix(u[len(strings.TrimRight(t, "/")):], "/")
			return outline.Concat(full.Origin(), append([]outline.Expr{&outline.Text{At: full.Origin(), Text: rest}}, f[i+1:]...)...), true
		case outline.Key(x) != outline.Key(f[i]):
			return nil, false
		}
	}
	if len(f) == len(b) {
		return &outline.Text{At: full.Origin()}, true
	}
	if t, ok := outline.IsText(f[len(b)]); ok && strings.HasPrefix(t, "/") {
		return outline.Concat(full.Origin(), append([]outline.Expr{&outline.Text{At: full.Origin(), Text: t[1:]}}, f[len(b)+1:]...)...), true
	}
	return nil, false
}

func pieces(x outline.Expr) []outline.Expr {
	if j, ok := x.(*outline.Join); ok {
		return j.Parts
	}
	if x == nil {
		return nil
	}
	return []outline.Expr{x}
}

// path writes the path of the test behind the base address.
func (p *printer) path(r *outline.Request, request *document.Node) *document.Node {
	base := outline.Expr(nil)
	if p.c.Base != nil {
		base = p.c.Base.Base
	}
	rest, ok := behind(r.URL, base)
	if base == nil || !ok {
		if p.absolute(r.URL) && base != nil {
			text, _ := outline.IsText(r.URL)
			return document.NewText(text)
		}
		_, rest = outline.SplitAddress(r.URL)
	}
	text := "/"
	parameters := document.NewObject()
	for i, piece := range pieces(rest) {
		switch x := piece.(type) {
		case *outline.Text:
			text += x.Text
			continue
		case *outline.Encoded:
			piece = x.X
		default:
			p.losses.Lose(outline.CodeURL, piece.Origin(), "parameters of a path are encoded here", "a value in the path of the test is percent-encoded")
		}
		name := fmt.Sprintf("part%d", i)
		if read, ok := piece.(*outline.Read); ok && len(read.Path) > 0 && !read.Path[len(read.Path)-1].Indexed {
			name = outline.FileName(read.Path[len(read.Path)-1].Name)
		}
		if n := p.value(piece, outline.CodeURL, "a part of the path of the test"); n != nil {
			parameters.Set(name, n)
			text += "{" + name + "}"
		}
	}
	if len(parameters.Members) > 0 {
		request.Set("pathParameters", parameters)
	}
	if text == "/" {
		p.losses.Lose(outline.CodeURL, r.At, "a slash always stands between a base address and a path there", "the address of the test ends with a slash")
	}
	return document.NewText(text)
}
