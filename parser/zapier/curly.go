package zapier

import (
	"strings"

	"github.com/imlc-lang/imlc/parser/ast"
)

// piece is a stretch of text, or the name of a curly.
type piece struct {
	text  string
	curly bool
}

// pieces splits a text at its curlies: {{name}}, where the name has no brace. The leftmost match counts (spec dialects.md
// §3.3).
func pieces(s string) []piece {
	var out []piece
	rest := 0
	for from := 0; ; {
		start := strings.Index(s[from:], "{{")
		if start < 0 {
			break
		}
		start += from
		length := strings.IndexAny(s[start+2:], "{}")
		end := start + 2 + length
		if length < 0 || !strings.HasPrefix(s[end:], "}}") {
			from = start + 1
			continue
		}
		if start > rest {
			out = append(out, piece{text: s[rest:start]})
		}
		out = append(out, piece{text: s[start+2 : end], curly: true})
		from, rest = end+2, end+2
	}
	if rest < len(s) {
		out = append(out, piece{text: s[rest:]})
	}
	return out
}

func hasCurly(s string) bool {
	for _, p := range pieces(s) {
		if p.curly {
			return true
		}
	}
	return false
}

// uses reports whether a text has a curly of that name.
func uses(s, name string) bool {
	for _, p := range pieces(s) {
		if p.curly && p.text == name {
			return true
		}
	}
	return false
}

// mayExist reports whether a bank can have a name (ZAP303).
func mayExist(name string) bool {
	for _, prefix := range []string{"bundle.inputData.", "bundle.authData.", "bundle.meta.", "bundle.subscribeData.", "process.env."} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return name == "bundle.targetUrl"
}

// invoke calls a function of the dialect's library.
func invoke(at ast.Origin, function string, args ...ast.Value) ast.Value {
	return &ast.Invoke{At: at, Function: function, Args: args}
}

func textOf(at ast.Origin, s string) *ast.Template {
	t := &ast.Template{At: at, Text: s}
	if s != "" {
		t.Parts = []ast.Part{{Text: s}}
	}
	return t
}

func missing(at ast.Origin) ast.Value { return &ast.Literal{At: at, Kind: ast.LiteralMissing} }

func boolean(at ast.Origin, b bool) ast.Value {
	return &ast.Literal{At: at, Kind: ast.LiteralBool, Bool: b}
}

// lookup finds a name in a root; wholes says that the objects of its first level have names too.
func lookup(at ast.Origin, root, name string, wholes bool) ast.Value {
	return invoke(at, "lookup", &ast.Root{At: at, Name: root}, textOf(at, name), boolean(at, wholes))
}

// first is the first value that is there.
func first(at ast.Origin, values ...ast.Value) ast.Value {
	if len(values) == 1 {
		return values[0]
	}
	return &ast.Let{At: at, Name: "found", Value: values[0], Body: &ast.Choose{At: at,
		Cases: []ast.ChooseCase{{Test: isMissing(at, &ast.Local{At: at, Name: "found"}), Then: first(at, values[1:]...)}},
		Else:  &ast.Local{At: at, Name: "found"}}}
}

func isMissing(at ast.Origin, v ast.Value) ast.Value {
	return &ast.Invoke{At: at, Library: "core", Function: "isMissing", Args: []ast.Value{v}}
}
