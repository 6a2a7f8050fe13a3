package oracle

import (
	"context"
	"fmt"
	"io"
	"math/big"
	"strings"
	"time"

	"github.com/imlc-lang/imlc/grammar"
	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/value"
)

// Env is what an evaluation sees.
type Env struct {
	// Context holds the roots that scopes speak of, and the names of templates without a scope; nil is empty.
	Context *value.Object
	// Now is the frozen instant; Timezone the host zone, nil for UTC.
	Now      time.Time
	Timezone *time.Location
	// Entropy is where random values come from.
	Entropy io.Reader
	// ExecutionID is the value of executionId.
	ExecutionID value.Value
	// Library names the functions that expressions call; "" is "iml".
	Library string
	// StrictEquality makes = compare without conversion.
	StrictEquality bool
	// Meter, when set, is the budget of an operation: every evaluated node takes a step. nil means the default limits
	// for this evaluation alone.
	Meter *builtin.Meter
}

// Evaluate returns the value of a tree of templates. Holes must have been parsed without errors. A failure of a
// function is a *builtin.Error.
func Evaluate(tree ast.Value, env Env) (value.Value, error) {
	if env.Meter == nil {
		env.Meter = new(builtin.Meter)
		env.Meter.Start(context.Background(), builtin.DefaultLimits())
	}
	e := &evaluator{env: env}
	e.functions = &builtin.Context{Now: env.Now.UnixMilli(), Zone: env.Timezone, Entropy: env.Entropy,
		ExecutionID: env.ExecutionID, StrictEquality: env.StrictEquality, Meter: env.Meter}
	return e.tree(tree)
}

type evaluator struct {
	env       Env
	functions *builtin.Context
	names     *names
	scope     *ast.Scope // of the template that is being evaluated
}

func (e *evaluator) charge(n int) error { return e.env.Meter.Tick(n) }

// tree evaluates entries in document order (spec iml.md §3.3).
func (e *evaluator) tree(t ast.Value) (value.Value, error) {
	if err := e.charge(1); err != nil {
		return value.Undefined, err
	}
	switch t := t.(type) {
	case nil:
		return value.Undefined, nil
	case *ast.Template:
		return e.template(t)
	case *ast.Literal:
		switch t.Kind {
		case ast.LiteralMissing:
			return value.Undefined, nil
		case ast.LiteralBool:
			return value.Bool(t.Bool), nil
		case ast.LiteralNumber:
			if t.Exact != nil {
				return value.Integer(t.Exact), nil
			}
			return value.Number(t.Number), nil
		}
		return value.Null(), nil
	case *ast.Array:
		items := make([]value.Value, 0, len(t.Items))
		for _, x := range t.Items {
			v, err := e.tree(x)
			if err != nil {
				return v, err
			}
			items = append(items, v)
		}
		return listOf(items, t.Missing, t.Prune && len(t.Items) > 0), nil
	case *ast.Object:
		return e.object(t)
	}
	return e.expression(t)
}

func (e *evaluator) object(t *ast.Object) (value.Value, error) {
	o := value.NewObject(len(t.Entries))
	for _, entry := range t.Entries {
		v, err := e.tree(entry.Value)
		if err != nil {
			return v, err
		}
		switch {
		case !entry.Spread:
			o.Set(entry.Key, v)
		case v.Kind() == value.KindCollection:
			for i := range v.Object().Len() {
				k, x := v.Object().At(i)
				o.Set(k, x)
			}
		case !v.IsNil():
			return value.Undefined, &builtin.Error{Code: "IML410", Message: "the value of a spread key must be a collection, got " + v.Kind().String()}
		}
	}
	if t.Prune && len(t.Entries) > 0 && o.Len() == 0 {
		return value.Undefined, nil
	}
	return value.Collection(o), nil
}

// template keeps the type of a lone hole and joins everything else as text (spec iml.md §3.2).
func (e *evaluator) template(t *ast.Template) (value.Value, error) {
	e.scope = t.Scope
	if t.Whole() {
		return e.expr(t.Parts[0].Expr)
	}
	var b strings.Builder
	for _, p := range t.Parts {
		if !p.Hole {
			b.WriteString(p.Text)
			continue
		}
		v, err := e.expr(p.Expr)
		if err != nil {
			return v, err
		}
		b.WriteString(value.ToText(v))
	}
	return value.Text(b.String()), nil
}

func (e *evaluator) expr(x grammar.Expr) (value.Value, error) {
	if err := e.charge(1); err != nil {
		return value.Undefined, err
	}
	switch x := x.(type) {
	case nil:
		return value.Undefined, nil
	case *grammar.Text:
		return value.Text(x.Value), nil
	case *grammar.Number:
		if x.Exact != nil {
			return value.Integer(x.Exact), nil
		}
		return value.Number(x.Value), nil
	case *grammar.Keyword:
		return e.keyword(x.Name)
	case *grammar.Root:
		return e.named(x.Name), nil
	case *grammar.Path:
		return e.path(x)
	case *grammar.Unary:
		v, err := e.expr(x.X)
		if err != nil {
			return v, err
		}
		if x.Op == grammar.OpNot {
			return value.Bool(!value.IsTruthy(v)), nil
		}
		if v.Kind() == value.KindInteger {
			return value.Integer(new(big.Int).Neg(v.BigInt())), nil
		}
		return value.Number(-value.ToNumber(v)), nil
	case *grammar.Binary:
		return e.binary(x)
	case *grammar.Join:
		var b strings.Builder
		for _, operand := range x.Operands {
			v, err := e.expr(operand)
			if err != nil {
				return v, err
			}
			b.WriteString(value.ToText(v))
		}
		return value.Text(b.String()), nil
	case *grammar.Call:
		return e.call(x)
	}
	return value.Undefined, fmt.Errorf("unknown expression node %T", x)
}

// named is the value of a name that an expression begins with (ast.Scope); one that is not known is undefined.
func (e *evaluator) named(name string) value.Value {
	if e.scope == nil {
		return e.env.Context.Value(name)
	}
	if b, known := e.scope.Names[name]; known {
		return e.bound(b)
	}
	return value.Undefined
}

func (e *evaluator) bound(b ast.Binding) value.Value {
	if len(b.Members) > 0 {
		o := value.NewObject(len(b.Members))
		for _, m := range b.Members {
			o.Set(m.Name, e.bound(m.Binding))
		}
		return value.Collection(o)
	}
	v := e.env.Context.Value(b.Root)
	if b.Key != "" {
		v = v.Object().Value(b.Key)
	}
	return v
}

func (e *evaluator) keyword(name string) (value.Value, error) {
	switch name {
	case "true", "false":
		return value.Bool(name == "true"), nil
	case "null", "erase":
		return value.Null(), nil
	case "undefined", "ignore":
		return value.Undefined, nil
	case "emptystring":
		return value.Text(""), nil
	case "emptyarray":
		return value.Array(nil), nil
	case "space":
		return value.Text(" "), nil
	case "nbsp":
		return value.Text("\u00a0"), nil
	case "tab":
		return value.Text("\t"), nil
	case "newline":
		return value.Text("\n"), nil
	case "carriagereturn":
		return value.Text("\r"), nil
	case "pi":
		return value.Number(3.141592653589793), nil
	case "now":
		return value.Date(e.env.Now.UnixMilli()), nil
	case "timestamp":
		return value.Number(float64(floorSeconds(e.env.Now.UnixMilli()))), nil
	case "executionId":
		return e.env.ExecutionID, nil
	case "random":
		f, err := builtin.Random(e.env.Entropy)
		return value.Number(f), err
	case "uuid":
		s, err := builtin.UUID(e.env.Entropy)
		return value.Text(s), err
	}
	return value.Undefined, fmt.Errorf("unknown keyword %q", name)
}

func floorSeconds(ms int64) int64 {
	s := ms / 1000
	if ms%1000 < 0 {
		s--
	}
	return s
}
