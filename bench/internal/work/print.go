package work

import (
	"fmt"
	"strconv"
	"strings"
)

func q(s string) string     { return strconv.Quote(s) }
func fnum(f float64) string { return strconv.FormatFloat(f, 'g', -1, 64) }

func fdbl(f float64) string {
	s := fnum(f)
	if !strings.ContainsAny(s, ".e") {
		s += ".0"
	}
	return s
}

// Print renders the node in the expression language lang, by its short name ("cel", "starlark", …).
func Print(n *Node, lang string) string {
	p := func(x *Node) string { return Print(x, lang) }
	switch n.K {
	case "str":
		return q(n.S)
	case "num":
		if lang == "cel" {
			return fdbl(n.N)
		}
		return fnum(n.N)
	case "bool":
		b := n.N == 1
		if lang == "starlark" {
			if b {
				return "True"
			}
			return "False"
		}
		return fmt.Sprint(b)
	case "path":
		var sb strings.Builder
		for i, x := range n.P {
			switch v := x.(type) {
			case int:
				fmt.Fprintf(&sb, "[%d]", v)
			case string:
				switch lang {
				case "js":
					sb.WriteString(map[bool]string{true: "ctx.", false: "."}[i == 0] + v)
				case "gojq":
					sb.WriteString("." + v)
				case "starlark":
					if i == 0 {
						sb.WriteString("ctx")
					}
					sb.WriteString("[" + q(v) + "]")
				default:
					if i > 0 {
						sb.WriteByte('.')
					}
					sb.WriteString(v)
				}
			}
		}
		return sb.String()
	case "bin":
		op := n.S
		if lang == "gojq" || lang == "starlark" {
			op = map[string]string{"&&": "and"}[op]
			if op == "" {
				op = n.S
			}
		}
		return "(" + p(n.A[0]) + " " + op + " " + p(n.A[1]) + ")"
	case "if":
		switch lang {
		case "gojq":
			return "(if " + p(n.A[0]) + " then " + p(n.A[1]) + " else " + p(n.A[2]) + " end)"
		case "starlark":
			return "(" + p(n.A[1]) + " if " + p(n.A[0]) + " else " + p(n.A[2]) + ")"
		case "cel":
			return "(" + p(n.A[0]) + " ? dyn(" + p(n.A[1]) + ") : dyn(" + p(n.A[2]) + "))"
		case "proto":
			return "if(" + p(n.A[0]) + ", " + p(n.A[1]) + ", " + p(n.A[2]) + ")"
		}
		return "(" + p(n.A[0]) + " ? " + p(n.A[1]) + " : " + p(n.A[2]) + ")"
	case "cat":
		var ps []string
		for _, x := range n.A {
			s := p(x)
			if x.IsNum {
				switch lang {
				case "expr", "cel":
					s = "string(" + s + ")"
				case "gojq":
					s = "(" + s + "|tostring)"
				case "starlark":
					s = "str(" + s + ")"
				}
			}
			ps = append(ps, s)
		}
		if lang == "js" {
			var sb strings.Builder
			sb.WriteByte('`')
			for i, x := range n.A {
				if x.K == "str" {
					sb.WriteString(x.S)
				} else {
					sb.WriteString("${" + ps[i] + "}")
				}
			}
			sb.WriteByte('`')
			return sb.String()
		}
		return "(" + strings.Join(ps, " + ") + ")"
	case "call":
		a := p(n.A[0])
		switch lang {
		case "cel":
			switch n.S {
			case "upper":
				return a + ".upperAscii()"
			case "trim":
				return a + ".trim()"
			}
		case "js":
			switch n.S {
			case "upper":
				return a + ".toUpperCase()"
			case "trim":
				return a + ".trim()"
			}
		case "gojq":
			switch n.S {
			case "upper":
				return "(" + a + "|ascii_upcase)"
			case "trim":
				return "(" + a + "|trim)"
			}
			return n.S + "(" + a + ")"
		case "starlark":
			switch n.S {
			case "upper":
				return a + ".upper()"
			case "trim":
				return a + ".strip()"
			}
		}
		return n.S + "(" + a + ")"
	case "obj":
		var ps []string
		for i, k := range n.Keys {
			ps = append(ps, q(k)+": "+p(n.A[i]))
		}
		if lang == "js" {
			return "({" + strings.Join(ps, ", ") + "})"
		}
		return "{" + strings.Join(ps, ", ") + "}"
	case "arr":
		var ps []string
		for _, x := range n.A {
			ps = append(ps, p(x))
		}
		return "[" + strings.Join(ps, ", ") + "]"
	case "fm":
		switch lang {
		case "expr":
			return `map(filter(body.data.items, .active), .name)`
		case "cel":
			return `body.data.items.filter(x, x.active).map(x, x.name)`
		case "js":
			return `ctx.body.data.items.filter(x => x.active).map(x => x.name)`
		case "gojq":
			return `[.body.data.items[] | select(.active) | .name]`
		case "starlark":
			return `[x["name"] for x in ctx["body"]["data"]["items"] if x["active"]]`
		}
		return ""
	}
	panic(n.K)
}

// TT renders the node as source of text/template, whose result is always a text.
func TT(n *Node) string {
	var e func(n *Node) string
	e = func(n *Node) string {
		switch n.K {
		case "str":
			return q(n.S)
		case "num":
			return fdbl(n.N)
		case "bool":
			return fmt.Sprint(n.N == 1)
		case "path":
			s := ""
			for _, x := range n.P {
				switch v := x.(type) {
				case int:
					s = fmt.Sprintf("(index %s %d)", s, v)
				case string:
					s += "." + v
				}
			}
			return s
		case "bin":
			f := map[string]string{"+": "add", "-": "sub", "*": "mul", ">": "gt", "==": "eq", "!=": "ne", "&&": "and"}[n.S]
			return "(" + f + " " + e(n.A[0]) + " " + e(n.A[1]) + ")"
		case "call":
			return "(" + n.S + " " + e(n.A[0]) + ")"
		}
		panic(n.K)
	}
	switch n.K {
	case "str":
		return n.S
	case "if":
		return "{{if " + e(n.A[0]) + "}}" + TT(n.A[1]) + "{{else}}" + TT(n.A[2]) + "{{end}}"
	case "cat":
		s := ""
		for _, x := range n.A {
			s += TT(x)
		}
		return s
	case "fm":
		return `{{range .body.data.items}}{{if .active}}{{.name}},{{end}}{{end}}`
	}
	return "{{" + e(n) + "}}"
}

// Liquid renders the node as Liquid source, whose result is always a text.
func Liquid(n *Node) string {
	var e func(n *Node) string // returns expr with filters
	e = func(n *Node) string {
		switch n.K {
		case "str":
			return q(n.S)
		case "num":
			return fnum(n.N)
		case "bool":
			return fmt.Sprint(n.N == 1)
		case "path":
			return Print(n, "liquid")
		case "bin":
			switch n.S {
			case "+", "-", "*":
				f := map[string]string{"+": "plus", "-": "minus", "*": "times"}[n.S]
				return e(n.A[0]) + " | " + f + ": " + e(n.A[1])
			}
			return e(n.A[0]) + " " + map[string]string{"&&": "and"}[n.S] + map[string]string{"==": "==", "!=": "!=", ">": ">"}[n.S] + " " + e(n.A[1])
		case "call":
			return e(n.A[0]) + " | " + map[string]string{"upper": "upcase", "trim": "strip", "formatDate": `date: "%Y-%m-%d %H:%M:%S"`}[n.S]
		}
		panic(n.K)
	}
	switch n.K {
	case "str":
		return n.S
	case "bin":
		if n.S == "&&" || n.S == "==" {
			return "{% if " + e(n) + " %}true{% else %}false{% endif %}"
		}
	case "if":
		return "{% if " + e(n.A[0]) + " %}" + Liquid(n.A[1]) + "{% else %}" + Liquid(n.A[2]) + "{% endif %}"
	case "cat":
		s := ""
		for _, x := range n.A {
			s += Liquid(x)
		}
		return s
	case "fm":
		return `{% for x in body.data.items %}{% if x.active %}{{ x.name }},{% endif %}{% endfor %}`
	}
	return "{{ " + e(n) + " }}"
}

// Curly renders the node as text with {{a.b.c}} in it; it returns false when that cannot express the node.
func Curly(n *Node) (string, bool) {
	switch n.K {
	case "str":
		return n.S, true
	case "path":
		s := ""
		for i, x := range n.P {
			if i > 0 {
				s += "."
			}
			s += fmt.Sprint(x)
		}
		return "{{" + s + "}}", true
	case "cat":
		s := ""
		for _, x := range n.A {
			c, ok := Curly(x)
			if !ok {
				return "", false
			}
			s += c
		}
		return s, true
	}
	return "", false
}
