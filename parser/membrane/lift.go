package membrane

import (
	"strings"

	"github.com/imlc-lang/imlc/internal/locator"
	"github.com/imlc-lang/imlc/internal/outline"
	"github.com/imlc-lang/imlc/parser/ast"
)

// Lift implements outline.Lifter: it says what the functions that formulas were lowered to mean elsewhere.
func (Dialect) Lift(r *outline.Reader, call *ast.Invoke) outline.Expr {
	at := call.At
	arg := func(i int) outline.Expr { return r.Expr(call.Args[i]) }
	switch call.Function {
	case "walk":
		text, _ := outline.IsText(arg(1))
		steps, ok := locator.Parse(text)
		if !ok {
			return arg(0)
		}
		return r.Follow(at, arg(0), pathOf(steps))
	case "required", "text", "keepTruthy", "copy":
		if call.Function == "copy" && hasCopies(call.Args[0]) {
			return &outline.Opaque{At: at, What: "$copy"}
		}
		return arg(0)
	case "truthy":
		return outline.Truth(arg(0))
	case "matches":
		x := outline.Truth(arg(0))
		if isBoolean(x) {
			return x
		}
		return &outline.Call{At: at, Name: outline.FuncOr, Args: []outline.Expr{&outline.Call{At: at, Name: outline.FuncMissing, Args: []outline.Expr{x}}, x}}
	case "concat", "joined":
		return liftConcat(at, call, arg)
	case "and", "or":
		list, ok := arg(0).(*outline.List)
		if !ok {
			break
		}
		if len(list.Items) == 1 {
			return outline.Truth(list.Items[0])
		}
		return &outline.Call{At: at, Name: call.Function, Args: list.Items}
	case "firstNotEmpty":
		if list, ok := arg(0).(*outline.List); ok && len(list.Items) > 0 {
			return &outline.Call{At: at, Name: outline.FuncFirst, Args: list.Items}
		}
	case "mapMatches":
		return &outline.Call{At: at, Name: outline.FuncEqual, Args: []outline.Expr{arg(0), arg(1)}}
	case "eval":
		return liftEval(at, arg)
	case "pathParameter":
		return &outline.Encoded{At: at, X: arg(0)}
	case "tpl":
		return liftTemplate(at, call, arg)
	case "withDefaults":
		return liftDefaults(at, arg(0), arg(1))
	case "all":
		return &ast.Literal{At: at, Kind: ast.LiteralBool, Bool: true}
	}
	return &outline.Opaque{At: at, What: "$" + call.Function}
}

func hasCopies(v ast.Value) bool {
	switch v := v.(type) {
	case *ast.Object:
		for _, e := range v.Entries {
			if e.Key == "$copy" || hasCopies(e.Value) {
				return true
			}
		}
	case *ast.Array:
		for _, item := range v.Items {
			if hasCopies(item) {
				return true
			}
		}
	}
	return false
}

func isBoolean(x outline.Expr) bool {
	c, ok := x.(*outline.Call)
	return ok && (c.Name == outline.FuncEqual || c.Name == outline.FuncNot || c.Name == outline.FuncNotEmpty || c.Name == outline.FuncMissing)
}

func pathOf(steps []locator.Step) []outline.Step {
	out := make([]outline.Step, len(steps))
	for i, s := range steps {
		out[i] = outline.Step{Name: s.Name, Index: int(s.Index), Indexed: s.Indexed}
	}
	return out
}

func liftConcat(at ast.Origin, call *ast.Invoke, arg func(int) outline.Expr) outline.Expr {
	delimiter := outline.Expr(&outline.Text{At: at, Text: " "})
	if call.Function == "concat" {
		delimiter = arg(1)
	}
	list, ok := arg(0).(*outline.List)
	if d, fixed := outline.IsText(delimiter); ok && fixed && d == "" {
		return outline.Concat(at, list.Items...)
	}
	joined := &outline.Call{At: at, Name: outline.FuncJoin, Args: []outline.Expr{arg(0), delimiter}}
	if list, ok := arg(0).(*outline.List); ok {
		if text, constant := joinedText(list, delimiter); constant {
			if text == "" {
				return &ast.Literal{At: at, Kind: ast.LiteralMissing}
			}
			return &outline.Text{At: at, Text: text}
		}
	}
	return &outline.Call{At: at, Name: outline.FuncIfEmpty, Args: []outline.Expr{joined, &ast.Literal{At: at, Kind: ast.LiteralMissing}}}
}

// joinedText is what a list of written texts comes to.
func joinedText(list *outline.List, delimiter outline.Expr) (string, bool) {
	d, ok := outline.IsText(delimiter)
	var texts []string
	for _, item := range list.Items {
		text, fixed := outline.IsText(item)
		if ok = ok && fixed; text != "" {
			texts = append(texts, text)
		}
	}
	return strings.Join(texts, d), ok
}

func liftEval(at ast.Origin, arg func(int) outline.Expr) outline.Expr {
	operator, _ := outline.IsText(arg(0))
	two := func(name string) outline.Expr {
		return &outline.Call{At: at, Name: name, Args: []outline.Expr{arg(1), arg(2)}}
	}
	one := &outline.Call{At: at, Name: outline.FuncNotEmpty, Args: []outline.Expr{arg(1)}}
	not := func(x outline.Expr) outline.Expr {
		return &outline.Call{At: at, Name: outline.FuncNot, Args: []outline.Expr{x}}
	}
	switch operator {
	case "is":
		return two(outline.FuncEqual)
	case "isNot":
		return not(two(outline.FuncEqual))
	case "isNotEmpty":
		return one
	case "isEmpty":
		return not(one)
	}
	return &outline.Opaque{At: at, What: "$eval with " + operator}
}

// liftTemplate reads a text whose patterns are plain names as the text that it comes to.
func liftTemplate(at ast.Origin, call *ast.Invoke, arg func(int) outline.Expr) outline.Expr {
	text, ok := outline.IsText(arg(0))
	if !ok {
		return &outline.Opaque{At: at, What: "$tpl"}
	}
	values := map[string]outline.Expr{}
	for i := 1; i+1 < len(call.Args); i += 2 {
		key, ok := outline.IsText(arg(i))
		if !ok || !isPlainName(key) {
			return &outline.Opaque{At: at, What: "$tpl"}
		}
		values[key] = arg(i + 1)
	}
	longest := 0
	for key := range values {
		longest = max(longest, len(key))
	}
	var pieces []outline.Expr
	from, closer := 0, -1 // a } is looked for once, not from every {
	for i := 0; i < len(text); i++ {
		if text[i] != '{' {
			continue
		}
		if closer < i {
			behind := strings.IndexByte(text[i:], '}')
			if behind < 0 {
				break
			}
			closer = i + behind
		}
		if closer-i-1 > longest {
			continue
		}
		if v, known := values[text[i+1:closer]]; known {
			pieces = append(pieces, &outline.Text{At: at, Text: text[from:i]}, v)
			from, i = closer+1, closer
		}
	}
	return outline.Concat(at, append(pieces, &outline.Text{At: at, Text: text[from:]})...)
}

func isPlainName(s string) bool {
	for _, c := range s {
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '-') {
			return false
		}
	}
	return s != ""
}

func liftDefaults(at ast.Origin, a, b outline.Expr) outline.Expr {
	own, isOwn := a.(*outline.Object)
	defaults, isDefaults := b.(*outline.Object)
	if !isOwn || !isDefaults {
		return &outline.Opaque{At: at, What: "an object that is computed"}
	}
	out := &outline.Object{At: own.At, Entries: own.Entries[:len(own.Entries):len(own.Entries)]}
	for _, p := range defaults.Entries {
		there := false
		for _, q := range own.Entries {
			there = there || p.Name == q.Name
		}
		if !there {
			out.Entries = append(out.Entries, p)
		}
	}
	return out
}
