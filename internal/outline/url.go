package outline

import (
	"net/url"
	"strings"

	"github.com/imlc-lang/imlc/parser/ast"
)

// splitURL takes an address apart: what stands before its query, and the parameters of the query in order. A fragment is
// never sent.
func splitURL(x Expr) (Expr, []Pair) {
	x, _ = SplitFragment(x)
	pieces := parts(x)
	var before, query []Expr
	inQuery := false
	for _, p := range pieces {
		t, ok := p.(*Text)
		if !ok {
			if inQuery {
				query = append(query, p)
			} else {
				before = append(before, p)
			}
			continue
		}
		text := t.Text
		if !inQuery {
			path, rest, marked := strings.Cut(text, "?")
			before = append(before, &Text{t.At, path})
			inQuery, text = marked, rest
		}
		if inQuery && text != "" {
			query = append(query, &Text{t.At, text})
		}
	}
	if x == nil {
		return nil, nil
	}
	base := x
	if inQuery || len(before) != len(pieces) {
		base = Concat(x.Origin(), before...)
	}
	return base, pairsOf(x.Origin(), query)
}

// SplitFragment takes the fragment of an address off, with its mark; nil when there is none. Browsers are shown it.
func SplitFragment(x Expr) (address, fragment Expr) {
	pieces := parts(x)
	for i, p := range pieces {
		t, ok := p.(*Text)
		if !ok {
			continue
		}
		if at := strings.IndexByte(t.Text, '#'); at >= 0 {
			address = Concat(x.Origin(), append(append([]Expr{}, pieces[:i]...), &Text{t.At, t.Text[:at]})...)
			return address, Concat(x.Origin(), append([]Expr{&Text{t.At, t.Text[at:]}}, pieces[i+1:]...)...)
		}
	}
	return x, nil
}

// pairsOf reads the pieces of a query.
func pairsOf(at ast.Origin, pieces []Expr) []Pair {
	var out []Pair
	var current []Expr
	end := func() {
		if len(current) > 0 {
			out = append(out, pairOf(at, current))
		}
		current = nil
	}
	for _, p := range pieces {
		t, ok := p.(*Text)
		if !ok {
			current = append(current, p)
			continue
		}
		for i, piece := range strings.Split(t.Text, "&") {
			if i > 0 {
				end()
			}
			if piece != "" {
				current = append(current, &Text{t.At, piece})
			}
		}
	}
	end()
	return out
}

// pairOf reads one parameter. Where the name is computed it is empty, and the value is all of the text.
func pairOf(at ast.Origin, pieces []Expr) Pair {
	t, ok := pieces[0].(*Text)
	if !ok {
		return Pair{At: at, Value: Concat(at, pieces...)}
	}
	name, rest, _ := strings.Cut(t.Text, "=")
	values := []Expr{&Text{t.At, unescape(rest)}}
	for _, p := range pieces[1:] {
		switch p := p.(type) {
		case *Text:
			values = append(values, &Text{p.At, unescape(p.Text)})
		case *Encoded:
			values = append(values, p.X)
		case *Call:
			if p.Name == FuncSent && len(pieces) == 2 {
				return Pair{Name: unescape(name), Value: p.Args[0], At: at}
			}
			values = append(values, p)
		default:
			values = append(values, p)
		}
	}
	return Pair{Name: unescape(name), Value: lone(at, values), At: at}
}

// lone is a value that is alone for itself, several as one text.
func lone(at ast.Origin, values []Expr) Expr {
	var out []Expr
	for _, v := range values {
		if t, ok := v.(*Text); !ok || t.Text != "" {
			out = append(out, v)
		}
	}
	if len(out) == 1 {
		if _, text := out[0].(*Text); !text { // in an address a value that is missing leaves its name there
			return &Call{At: at, Name: FuncKnown, Args: out}
		}
		return out[0]
	}
	return Concat(at, out...)
}

// WithoutEmpty drops the parameters of an address that have no value; one that only a run knows is no longer sent when it
// has none.
func WithoutEmpty(x Expr) Expr {
	base, query := splitURL(x)
	values := []Expr{base}
	for _, p := range query {
		if text, ok := IsText(p.Value); ok && text == "" {
			continue
		}
		sep := "&"
		if len(values) == 1 {
			sep = "?"
		}
		c, ok := p.Value.(*Call)
		if ok && c.Name == FuncKnown {
			values = append(values, &Text{p.At, sep + url.QueryEscape(p.Name) + "="}, &Call{At: p.At, Name: FuncSent, Args: c.Args})
			continue
		}
		values = append(values, &Text{p.At, sep + url.QueryEscape(p.Name) + "="})
		for _, piece := range parts(p.Value) {
			if t, ok := piece.(*Text); ok {
				piece = &Text{t.At, url.QueryEscape(t.Text)}
			}
			values = append(values, piece)
		}
	}
	if _, fragment := SplitFragment(x); fragment != nil {
		values = append(values, fragment)
	}
	return Concat(x.Origin(), values...)
}

func unescape(s string) string {
	if t, err := url.QueryUnescape(s); err == nil {
		return t
	}
	return s
}

// joinBase puts a path behind a base address with exactly one slash between them.
func joinBase(base, path Expr, relative bool) (full, rest Expr) {
	start := ""
	if p := parts(path); len(p) > 0 {
		start, _ = IsText(p[0])
	}
	if base == nil || !relative && !strings.HasPrefix(start, "/") || relative && isAbsolute(start) {
		return path, nil
	}
	if start != "" {
		rest = Concat(path.Origin(), append([]Expr{&Text{path.Origin(), strings.TrimPrefix(start, "/")}}, parts(path)[1:]...)...)
	} else {
		rest = path
	}
	return Concat(path.Origin(), trimSlash(base), &Text{path.Origin(), "/"}, rest), rest
}

// trimSlash drops the slashes that an address ends with, as far as they are written.
func trimSlash(x Expr) Expr {
	p := parts(x)
	if len(p) == 0 {
		return x
	}
	t, ok := p[len(p)-1].(*Text)
	if !ok {
		return x
	}
	last := &Text{t.At, strings.TrimRight(t.Text, "/")}
	return Concat(x.Origin(), append(append([]Expr{}, p[:len(p)-1]...), last)...)
}

func isAbsolute(s string) bool {
	lower := strings.ToLower(s)
	return strings.HasPrefix(lower, "http://") || strings.HasPrefix(lower, "https://")
}

// SplitAddress takes an address apart into the part up to the path, and the path without its first slash.
func SplitAddress(x Expr) (base, path Expr) {
	p := parts(x)
	skip := 0
	for i, piece := range p {
		t, ok := piece.(*Text)
		if !ok {
			continue
		}
		text := t.Text
		if i == 0 {
			if at := strings.Index(text, "://"); at >= 0 {
				skip = at + 3
			}
		}
		at := strings.IndexByte(text[skip:], '/')
		if at < 0 {
			skip = 0
			continue
		}
		at += skip
		base = Concat(x.Origin(), append(append([]Expr{}, p[:i]...), &Text{t.At, text[:at]})...)
		path = Concat(x.Origin(), append([]Expr{&Text{t.At, text[at+1:]}}, p[i+1:]...)...)
		return base, path
	}
	return x, &Text{At: x.Origin()}
}
