package grammar

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

// Format prints an expression in canonical form: `; ` between arguments, blanks around operators, the plainest spelling
// of each operator, double quotes, and no parentheses but those that are needed. Parsing the result gives the same
// tree, places aside, for every tree that Parse returned. Trees built otherwise print as an expression of the same
// value. A nil expression prints as "".
func Format(x Expr) string {
	var f formatter
	f.expression(x, precedenceOr)
	return f.String()
}

type formatter struct{ strings.Builder }

// expression prints x, in parentheses when it binds looser than least.
func (f *formatter) expression(x Expr, least uint8) {
	if x == nil {
		return
	}
	if precedence(x) < least {
		f.WriteByte('(')
		f.bare(x)
		f.WriteByte(')')
		return
	}
	f.bare(x)
}

// precedence returns how tightly the outermost construct of x binds; operands bind tighter than everything.
func precedence(x Expr) uint8 {
	switch n := x.(type) {
	case *Binary:
		for _, b := range binaryOperators {
			if b.op == n.Op && b.precedence > 0 {
				return b.precedence
			}
		}
	case *Unary:
		return precedenceUnary
	case *Join:
		return precedenceJoin
	case *Number:
		if n.Value < 0 || math.IsNaN(n.Value) || n.Exact != nil && n.Exact.Sign() < 0 {
			return precedenceSum // never read from a text: printed as an operation
		}
	}
	return precedenceJoin + 1
}

func (f *formatter) bare(x Expr) {
	switch n := x.(type) {
	case *Text:
		f.quoted('"', n.Value)
	case *Number:
		f.number(n)
	case *Keyword:
		f.WriteString(n.Name)
	case *Root:
		f.root(n, isKeyword(n.Name))
	case *Path:
		f.path(n)
	case *Call:
		f.call(n)
	case *Unary:
		f.WriteString(n.Op.String())
		f.expression(n.X, precedenceUnary)
	case *Binary:
		f.binary(n)
	case *Join:
		for i, o := range n.Operands {
			if i > 0 {
				f.WriteByte(' ')
			}
			f.joined(o, i > 0)
		}
	}
}

// binary prints a run of operators; long runs lean to the left and are walked without recursion.
func (f *formatter) binary(n *Binary) {
	spine := []*Binary{n}
	for {
		left, ok := n.X.(*Binary)
		if !ok || precedence(left) < precedence(n) {
			break
		}
		n = left
		spine = append(spine, n)
	}
	f.expression(n.X, precedence(n))
	for _, b := range slices.Backward(spine) {
		f.WriteByte(' ')
		f.WriteString(b.Op.String())
		f.WriteByte(' ')
		f.expression(b.Y, precedence(b)+1)
	}
}

// joined prints an operand of a Join. Behind another operand a word like "and" would be an operator.
func (f *formatter) joined(x Expr, behind bool) {
	if behind && wordOperator(leftmostWord(x)) != kindEOF {
		f.WriteByte('(')
		f.bare(x)
		f.WriteByte(')')
		return
	}
	f.expression(x, precedenceJoin+1)
}

func leftmostWord(x Expr) string {
	switch n := x.(type) {
	case *Root:
		if !n.Quoted {
			return n.Name
		}
	case *Call:
		return n.Name
	case *Path:
		switch n.Base.(type) {
		case *Root, *Call:
			return leftmostWord(n.Base)
		}
	}
	return ""
}

func (f *formatter) number(n *Number) {
	switch v := n.Value; {
	case n.Exact != nil:
		f.WriteString(n.Exact.String())
	case math.IsNaN(v):
		f.WriteString("0 / 0")
	case math.IsInf(v, 0):
		f.WriteString(map[bool]string{false: "1e999", true: "-1e999"}[v < 0])
	case math.Abs(v) > maxSafeInteger || v != 0 && math.Abs(v) < 1e-6:
		f.WriteString(strconv.FormatFloat(v, 'e', -1, 64)) // plain digits would be an exact integer
	default:
		f.WriteString(strconv.FormatFloat(v, 'f', -1, 64))
	}
}

// quoted prints a text between quotes, doubling those inside.
func (f *formatter) quoted(quote byte, text string) {
	f.WriteByte(quote)
	q := string(rune(quote))
	f.WriteString(strings.ReplaceAll(text, q, q+q))
	f.WriteByte(quote)
}

// root prints a root; reserved says that the bare word would mean something else here.
func (f *formatter) root(n *Root, reserved bool) {
	if n.Quoted || reserved || !IsName(n.Name) {
		f.quoted('`', n.Name)
		return
	}
	f.WriteString(n.Name)
}

func (f *formatter) path(n *Path) {
	root, isRoot := n.Base.(*Root)
	switch {
	case isRoot && !root.Quoted && isDigits(root.Name) && startsWithName(n.Steps):
		f.WriteString(root.Name)
	case isRoot:
		f.root(root, false)
	default:
		f.base(n.Base)
	}
	for _, s := range n.Steps {
		f.step(s, isRoot)
	}
}

// base prints what steps apply to: only a call goes without parentheses.
func (f *formatter) base(x Expr) {
	if _, call := x.(*Call); call {
		f.bare(x)
		return
	}
	f.WriteByte('(')
	f.bare(x)
	f.WriteByte(')')
}

// startsWithName reports whether the digits of a module can stand before these steps.
func startsWithName(steps []Step) bool {
	return len(steps) > 0 && steps[0].Kind == StepName && steps[0].Name != "" &&
		(steps[0].Quoted || NameStartLength(steps[0].Name) > 0)
}

func (f *formatter) step(s Step, hyphens bool) {
	switch {
	case s.Kind == StepFirst:
		f.WriteString("[]")
	case s.Kind == StepIndex:
		f.WriteByte('[')
		f.expression(s.Index, precedenceOr)
		f.WriteByte(']')
	case s.Name == "": // cannot be written as a segment
		f.WriteString(`[""]`)
	case !s.Quoted && isSegment(s.Name, hyphens):
		f.WriteByte('.')
		f.WriteString(s.Name)
	default:
		f.WriteByte('.')
		f.quoted('`', s.Name)
	}
}

// isSegment reports whether a name can be written bare behind a dot.
func isSegment(name string, hyphens bool) bool {
	if isDigit(name[0]) {
		return nameLength(name) == len(name)
	}
	if !hyphens {
		return IsName(name)
	}
	for word := range strings.SplitSeq(name, "-") {
		if !IsName(word) {
			return false
		}
	}
	return true
}

func (f *formatter) call(n *Call) {
	f.WriteString(n.Name)
	f.WriteByte('(')
	for i, a := range n.Args {
		if i > 0 {
			f.WriteString("; ")
		}
		f.expression(a, precedenceOr)
	}
	f.WriteByte(')')
}
