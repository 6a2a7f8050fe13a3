package iml_test

import (
	"context"
	"errors"
	"math"
	"strings"

	"github.com/imlc-lang/imlc/vm/builtin"
	_ "github.com/imlc-lang/imlc/vm/builtin/full"
	"github.com/imlc-lang/imlc/vm/builtin/iml"
	"github.com/imlc-lang/imlc/vm/builtin/iml/internal/path"
	"github.com/imlc-lang/imlc/vm/value"
)

// errBeyond says that an expression has more than calls, literals, keywords and paths.
var errBeyond = errors.New("beyond the evaluator of this test")

// evaluator evaluates expressions made of calls, literals, keywords and paths, enough to test functions from templates.
type evaluator struct {
	src  string
	i    int
	root value.Value
	c    *builtin.Context
	pack bool
}

// eval evaluates an expression such as upper("a"), with those of the white-label edition.
func eval(c *builtin.Context, root value.Value, src string) (value.Value, error) {
	e := &evaluator{src: src, root: root, c: c, pack: true}
	return e.run()
}

func (e *evaluator) run() (value.Value, error) {
	v, _, err := e.operand()
	if err == nil && e.blanks() != 0 {
		err = errBeyond
	}
	return v, err
}

// blanks skips white space and returns the next character, 0 at the end.
func (e *evaluator) blanks() byte {
	for e.i < len(e.src) && strings.IndexByte(" \t\n\r", e.src[e.i]) >= 0 {
		e.i++
	}
	if e.i == len(e.src) {
		return 0
	}
	return e.src[e.i]
}

func (e *evaluator) operand() (v value.Value, literal bool, err error) {
	switch ch := e.blanks(); {
	case ch == '"' || ch == '\'':
		v, err = e.quoted(ch)
		return v, true, err
	case ch == '-':
		e.i++
		v, literal, err = e.operand()
		if !v.IsNumber() {
			err = errBeyond
		}
		return value.Number(-v.Float()), literal, err
	case isDigit(ch):
		return e.number()
	case isLetter(ch):
		v, literal, err = e.name()
		return v, literal, err
	}
	return v, false, errBeyond
}

func (e *evaluator) quoted(quote byte) (value.Value, error) {
	var b strings.Builder
	for e.i++; e.i < len(e.src); e.i++ {
		if e.src[e.i] == quote {
			if e.i++; e.i == len(e.src) || e.src[e.i] != quote {
				return value.Text(b.String()), nil
			}
		}
		b.WriteByte(e.src[e.i])
	}
	return value.Undefined, errBeyond
}

func (e *evaluator) number() (value.Value, bool, error) {
	start := e.i
	for e.i < len(e.src) && (isAlnum(e.src[e.i]) || e.src[e.i] == '.') {
		e.i++
	}
	s := e.src[start:e.i]
	if n, rest, ok := strings.Cut(s, "."); ok && rest != "" && isLetter(rest[0]) {
		p := path.Parse(e.c, value.Text(n+"."+rest))
		return p.Lookup(e.root, new(value.Site)), false, nil
	}
	f, ok := value.ParseDecimal(s)
	if exact, err := value.ParseJSON(s, nil); err == nil && exact.Kind() == value.KindInteger {
		return exact, true, nil
	}
	if !ok {
		return value.Undefined, false, errBeyond
	}
	return value.Number(f), true, nil
}

func (e *evaluator) name() (v value.Value, literal bool, err error) {
	start := e.i
	for e.i < len(e.src) && (isAlnum(e.src[e.i]) || strings.IndexByte("._[]", e.src[e.i]) >= 0) {
		e.i++
	}
	name := e.src[start:e.i]
	if e.blanks() == '(' {
		v, err = e.call(name)
		return v, false, err
	}
	switch name {
	case "true", "false":
		return value.Bool(name == "true"), true, nil
	case "null":
		return value.Null(), false, nil
	case "undefined":
		return value.Undefined, false, nil
	case "emptyarray":
		return value.Array(nil), false, nil
	case "emptystring":
		return value.Text(""), false, nil
	case "now":
		return value.Date(e.c.Now), false, nil
	case "uuid", "random", "executionId", "timestamp", "space", "newline", "tab", "carriagereturn":
		return v, false, errBeyond
	case "nan":
		return value.Number(math.NaN()), false, nil
	case "infinity":
		return value.Number(math.Inf(1)), false, nil
	}
	if strings.HasSuffix(name, "]") && !strings.Contains(name, "[]") || !strings.Contains(name, "[") {
		p := path.Parse(e.c, value.Text(name))
		return p.Lookup(e.root, new(value.Site)), false, nil
	}
	return v, false, errBeyond
}

func (e *evaluator) call(name string) (value.Value, error) {
	if strings.ContainsAny(name, "._[]") {
		return value.Undefined, errBeyond
	}
	f, ok := iml.Library().Lookup(name)
	if !ok || f.WhiteLabel && !e.pack {
		return value.Undefined, &builtin.Error{Code: "IML201"}
	}
	if f.Lazy {
		return value.Undefined, errBeyond
	}
	e.i++
	var vs []value.Value
	given := uint64(0)
	if e.blanks() != ')' {
		for {
			v := value.Undefined
			if ch := e.blanks(); ch != ';' && ch != ',' && ch != ')' {
				var literal bool
				var err error
				if v, literal, err = e.operand(); err != nil {
					return v, err
				}
				if ch := e.blanks(); ch != ';' && ch != ',' && ch != ')' {
					return v, errBeyond
				}
				if literal {
					if err := builtin.CheckLiteral(f, len(vs)+1, v); err != nil {
						return v, err
					}
				}
				given |= 1 << len(vs)
			}
			vs = append(vs, v)
			if ch := e.blanks(); ch == ')' {
				break
			} else if ch != ';' && ch != ',' {
				return v, errBeyond
			}
			e.i++
		}
	}
	e.i++
	if e.i < len(e.src) && (e.src[e.i] == '[' || e.src[e.i] == '.') {
		return value.Undefined, errBeyond
	}
	if f.Max != builtin.AnyNumber && len(vs) > f.Max {
		vs = vs[:f.Max] // the rest is ignored (spec iml.md §9.1)
	}
	if !f.Accepts(len(vs)) {
		return value.Undefined, &builtin.Error{Code: "IML202"}
	}
	return builtin.Invoke(f, e.c, builtin.MakeArgs(vs, given))
}

func isAlnum(c byte) bool { return isDigit(c) || isLetter(c) }

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

// row returns a function of the library.
func row(name string) *builtin.Function {
	f, ok := iml.Library().Lookup(name)
	if !ok {
		panic("no function " + name)
	}
	return f
}

// limited returns a test context with other limits.
func limited(change func(l *builtin.Limits)) *builtin.Context {
	c, l := testContext(), builtin.DefaultLimits()
	change(&l)
	c.Meter = new(builtin.Meter)
	c.Meter.Start(context.Background(), l)
	return c
}
