package compiler

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/imlc-lang/imlc/grammar"
	"github.com/imlc-lang/imlc/internal/calendar"
	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/value"
)

// unknownFunction reports a call of no function that is known, and is the value of the call. In a request of an app's
// own, which the connection can do without, what is no misspelling may be a function of the app in a script.
func (c *compiler) unknownFunction(p place, e *grammar.Call) node {
	severity := diag.Error
	var host []string
	if c.library.TakesHost {
		for _, f := range c.opts.Functions {
			host = append(host, f.Name)
		}
	}
	host = append(host, c.callable...)
	help := "imlc help functions lists them; a function of the app itself, in JavaScript, runs only where scripts are enabled"
	meant := ""
	if s, ok := foreignFunctions[strings.ToLower(strings.ReplaceAll(e.Name, "_", ""))]; ok && known(c.library, s) {
		meant, help = s, fmt.Sprintf("did you mean %q?", s)
	} else if s := c.library.Suggest(e.Name, c.opts.WhiteLabel, host); s != "" {
		meant, help = s, fmt.Sprintf("did you mean %q?", s)
	} else if f, ok := c.library.Lookup(e.Name); ok && f.WhiteLabel {
		help = "it belongs to the white-label edition, which is switched off (--white-label)"
	} else if c.dispensable {
		severity, help = diag.Warning, "a function of the app itself, in JavaScript (functions/"+e.Name+"), runs only where scripts are enabled; the connection works without it"
	}
	c.report(p, severity, "IML201", e.NameAt, help, "unknown function %q", e.Name)
	if f, ok := c.library.Lookup(meant); ok && c.takes(f, e) {
		if at := p.span(e.NameAt); at.Text() == e.Name {
			d := c.diags.Last()
			d.Fixes = []diag.Fix{{Title: "write " + meant, Edits: []diag.Edit{{Span: at, Text: meant}}}}
		}
	}
	if severity == diag.Error {
		return constant{}
	}
	return c.raise("IML201", "InvalidConfigurationError", "the function "+e.Name+" does not exist here")
}

// takes reports whether a function accepts the arguments of a call, as far as they are written.
func (c *compiler) takes(f *builtin.Function, e *grammar.Call) bool {
	if !f.Accepts(len(e.Args)) {
		return false
	}
	for i, a := range e.Args {
		if v, ok := literalOf(a); ok && builtin.CheckLiteral(f, i+1, v) != nil {
			return false
		}
	}
	return true
}

// raise is a value that fails with an error when it is computed.
func (c *compiler) raise(code, kind, message string) node {
	args := []ast.Value{}
	for _, text := range []string{code, kind, message} {
		args = append(args, &ast.Template{Text: text, Parts: []ast.Part{{Text: text}}})
	}
	return c.resolveInvoke(&ast.Invoke{Library: "core", Function: "raise", Args: args})
}

// argumentRange says how many arguments a function takes.
func argumentRange(f *builtin.Function) string {
	plural := func(n int) string {
		if n == 1 {
			return "1 argument"
		}
		return fmt.Sprintf("%d arguments", n)
	}
	switch {
	case f.Max == builtin.AnyNumber:
		return "at least " + plural(f.Min)
	case f.Min == f.Max:
		return plural(f.Min)
	}
	return fmt.Sprintf("%d to %s", f.Min, plural(f.Max))
}

// judgeBytes bounds the regular expressions and other literals of a plan that functions judge themselves, which takes up to
// ten microseconds a byte.
const judgeBytes = 64 << 10

// checkArguments looks at the literal arguments of a call (spec iml.md §9.1: IML203, IML204, IML205, IML307).
func (c *compiler) checkArguments(p place, f *builtin.Function, e *grammar.Call) {
	for i, a := range e.Args {
		v, ok := literalOf(a)
		if !ok {
			continue
		}
		param, ok := f.Param(i)
		if ok && param.Literal != nil {
			if c.judged += len(v.Str()); c.judged > judgeBytes {
				continue // the function says what is wrong with it when it runs
			}
		}
		if err := builtin.CheckLiteral(f, i+1, v); err != nil {
			c.report(p, diag.Error, err.Code, a.Span(), "write "+f.Signature, "argument %d of %s: %s", i+1, f.Name, err.Message)
			continue
		}
		if ok && param.Zone && v.Kind() == value.KindText && v.Str() != "" && !calendar.KnownZone(v.Str()) {
			c.report(p, diag.Warning, "IML307", a.Span(), zoneHelp(v.Str()), "unknown time zone; the zone of the host will be used")
		}
	}
}

// zoneHelp says how a time zone is to be written: with the letters that are large in its name, where only that is wrong.
func zoneHelp(name string) string {
	words := []rune(strings.ToLower(strings.ReplaceAll(name, " ", "_")))
	for i, r := range words {
		if i == 0 || strings.ContainsRune("/_-", words[i-1]) {
			words[i] = unicode.ToUpper(r)
		}
	}
	if spelled := string(words); len(name) < 64 && calendar.KnownZone(spelled) {
		return "write \"" + spelled + "\""
	}
	return "use an IANA name such as \"Europe/Prague\""
}

// literalOf returns the value of a literal argument: a text, a number (with a minus sign or not), true or false.
func literalOf(e grammar.Expr) (value.Value, bool) {
	switch e := e.(type) {
	case *grammar.Text:
		return value.Text(e.Value), true
	case *grammar.Number:
		if e.Exact != nil {
			return value.Integer(e.Exact), true
		}
		return value.Number(e.Value), true
	case *grammar.Unary:
		if v, ok := literalOf(e.X); ok && e.Op == grammar.OpNegate && v.IsNumber() {
			return value.Negate(v), true
		}
	case *grammar.Keyword:
		if e.Name == "true" || e.Name == "false" {
			return value.Bool(e.Name == "true"), true
		}
	}
	return value.Undefined, false
}

// unknownType is the type of an expression that only the run will tell.
const unknownType = value.KindUndefined

// typeOf returns the type that an expression is known to have, nil aside (spec iml.md §7.3), or unknownType. Results
// are remembered: each operator of a long chain asks for its left side again.
func (c *compiler) typeOf(e grammar.Expr) value.Kind {
	if k, ok := c.types[e]; ok {
		return k
	}
	k := c.inferType(e)
	c.types[e] = k
	return k
}

func (c *compiler) inferType(e grammar.Expr) value.Kind {
	switch e := e.(type) {
	case *grammar.Text, *grammar.Join:
		return value.KindText
	case *grammar.Number:
		return value.KindNumber
	case *grammar.Keyword:
		return keywordType(e.Name)
	case *grammar.Unary:
		if e.Op == grammar.OpNot {
			return value.KindBool
		}
		return value.KindNumber
	case *grammar.Binary:
		return c.binaryType(e)
	case *grammar.Call:
		if f, _, ok := c.lookup(e.Name); ok {
			if f.Result == value.KindInteger {
				return value.KindNumber
			}
			return f.Result
		}
	}
	return unknownType
}

func keywordType(name string) value.Kind {
	switch name {
	case "now":
		return value.KindDate
	case "timestamp", "random":
		return value.KindNumber
	case "uuid", "executionId":
		return value.KindText
	}
	if n, ok := keyword(name); ok {
		if k, ok := n.(constant); ok && !k.v.IsNil() {
			return k.v.Kind()
		}
	}
	return unknownType
}

func (c *compiler) binaryType(e *grammar.Binary) value.Kind {
	switch e.Op {
	case grammar.OpAnd, grammar.OpOr:
		return unknownType
	case grammar.OpAdd:
		x, y := c.typeOf(e.X), c.typeOf(e.Y)
		switch {
		case x >= value.KindText || y >= value.KindText:
			return value.KindText
		case x == unknownType || y == unknownType:
			return unknownType
		}
		return value.KindNumber
	case grammar.OpSubtract, grammar.OpMultiply, grammar.OpDivide, grammar.OpModulo:
		return value.KindNumber
	}
	return value.KindBool
}

// checkOperator reports the lints of operators: IML301 and IML308.
func (c *compiler) checkOperator(p place, e *grammar.Binary) {
	switch e.Op {
	case grammar.OpEqual, grammar.OpNotEqual:
		if c.opts.StrictEquality {
			return
		}
		_, literalX := literalOf(e.X)
		_, literalY := literalOf(e.Y)
		x, y := c.typeOf(e.X), c.typeOf(e.Y)
		if (literalX || literalY) && notionsDiffer(x, y) {
			c.report(p, diag.Warning, "IML301", e.OpAt, "convert one side, or compare with a literal of the other type",
				"a %s is compared with a %s: the values are converted first", x, y)
		}
	case grammar.OpAdd:
		x, y := c.typeOf(e.X), c.typeOf(e.Y)
		if x == value.KindDate && y != value.KindText || y == value.KindDate && x != value.KindText {
			c.report(p, diag.Warning, "IML308", e.OpAt, "use addDays, addHours or formatDate", "+ on a date concatenates texts")
		}
	}
}

// notionsDiffer reports whether loose and strict equality can disagree on values of two known types (spec iml.md §7.3).
func notionsDiffer(x, y value.Kind) bool {
	if x == unknownType || y == unknownType || x == y {
		return false
	}
	never := func(k value.Kind) bool { return k == value.KindCollection || k == value.KindBuffer }
	if never(x) || never(y) {
		return false
	}
	return !(x == value.KindDate && y == value.KindBool || x == value.KindBool && y == value.KindDate)
}
