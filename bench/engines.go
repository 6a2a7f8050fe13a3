package perfbench

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"github.com/imlc-lang/imlc/bench/internal/work"
	"io"
	"math"
	"strings"
	"text/template"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/ext"
	"github.com/PaesslerAG/gval"
	"github.com/casbin/govaluate"
	"github.com/dop251/goja"
	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/vm"
	"github.com/itchyny/gojq"
	"github.com/osteele/liquid"
	"github.com/valyala/fasttemplate"
	"go.starlark.net/starlark"
)

type runner func() (any, error)

// walk compiles each leaf with mk and returns an evaluator building a fresh tree.
func walk(n *work.Node, mk func(*work.Node) (runner, error)) (runner, error) {
	switch n.K {
	case "obj":
		rs := make([]runner, len(n.A))
		for i := range n.A {
			r, err := walk(n.A[i], mk)
			if err != nil {
				return nil, err
			}
			rs[i] = r
		}
		keys := n.Keys
		return func() (any, error) {
			m := make(map[string]any, len(rs))
			for i, r := range rs {
				v, err := r()
				if err != nil {
					return nil, err
				}
				m[keys[i]] = v
			}
			return m, nil
		}, nil
	case "arr":
		rs := make([]runner, len(n.A))
		for i := range n.A {
			r, err := walk(n.A[i], mk)
			if err != nil {
				return nil, err
			}
			rs[i] = r
		}
		return func() (any, error) {
			m := make([]any, len(rs))
			for i, r := range rs {
				v, err := r()
				if err != nil {
					return nil, err
				}
				m[i] = v
			}
			return m, nil
		}, nil
	}
	return mk(n)
}

type engine struct {
	name string
	mk   func(w work.W, data map[string]any) (runner, error)
	text bool
}

var errNA = fmt.Errorf("n/a")

func newCelEnv() (*cel.Env, error) {
	return cel.NewEnv(cel.Variable("parameters", cel.DynType), cel.Variable("body", cel.DynType), cel.Variable("connection", cel.DynType),
		ext.Strings(),
		cel.Function("formatDate", cel.Overload("fd", []*cel.Type{cel.DynType}, cel.StringType, cel.UnaryBinding(func(v ref.Val) ref.Val {
			s, _ := v.Value().(string)
			return types.String(formatDate(s))
		}))))
}

var exprOpts = func(data map[string]any) []expr.Option {
	return []expr.Option{expr.Env(data), expr.Function("formatDate", func(a ...any) (any, error) { return formatDate(a[0].(string)), nil }, new(func(string) string))}
}

func starVal(v any) starlark.Value {
	switch x := v.(type) {
	case map[string]any:
		d := starlark.NewDict(len(x))
		for k, e := range x {
			d.SetKey(starlark.String(k), starVal(e))
		}
		return d
	case []any:
		var l []starlark.Value
		for _, e := range x {
			l = append(l, starVal(e))
		}
		return starlark.NewList(l)
	case string:
		return starlark.String(x)
	case bool:
		return starlark.Bool(x)
	case float64:
		if x == math.Trunc(x) {
			return starlark.MakeInt64(int64(x))
		}
		return starlark.Float(x)
	}
	return starlark.None
}

var ttFuncs = template.FuncMap{
	"upper": strings.ToUpper, "trim": strings.TrimSpace, "formatDate": formatDate,
	"add": func(a, b float64) float64 { return a + b }, "sub": func(a, b float64) float64 { return a - b }, "mul": func(a, b float64) float64 { return a * b },
}

var engines = []engine{
	{name: "A_floor", mk: func(w work.W, d map[string]any) (runner, error) {
		f := floor[w.Name]
		return func() (any, error) { return f(d), nil }, nil
	}},
	{name: "F_expr", mk: func(w work.W, d map[string]any) (runner, error) {
		p, err := expr.Compile(work.Print(w.N, "expr"), exprOpts(d)...)
		if err != nil {
			return nil, err
		}
		m := vm.VM{}
		var env any = d
		return func() (any, error) { return m.Run(p, env) }, nil
	}},
	{name: "G_cel", mk: func(w work.W, d map[string]any) (runner, error) {
		env, err := newCelEnv()
		if err != nil {
			return nil, err
		}
		act, err := cel.NewActivation(d)
		if err != nil {
			return nil, err
		}
		return walk(w.N, func(n *work.Node) (runner, error) {
			ast, iss := env.Compile(work.Print(n, "cel"))
			if iss.Err() != nil {
				return nil, iss.Err()
			}
			p, err := env.Program(ast, cel.EvalOptions(cel.OptOptimize))
			if err != nil {
				return nil, err
			}
			return func() (any, error) {
				v, _, err := p.Eval(act)
				if err != nil {
					return nil, err
				}
				return v.Value(), nil
			}, nil
		})
	}},
	{name: "H_gojq", mk: func(w work.W, d map[string]any) (runner, error) {
		q, err := gojq.Parse(work.Print(w.N, "gojq"))
		if err != nil {
			return nil, err
		}
		c, err := gojq.Compile(q, gojq.WithFunction("formatDate", 1, 1, func(_ any, a []any) any { return formatDate(a[0].(string)) }))
		if err != nil {
			return nil, err
		}
		return func() (any, error) {
			it := c.Run(d)
			v, _ := it.Next()
			if e, ok := v.(error); ok {
				return nil, e
			}
			return v, nil
		}, nil
	}},
	{name: "I_goja_hostmap", mk: gojaMk(false)},
	{name: "J_goja_native", mk: gojaMk(true)},
	{name: "K_gval", mk: func(w work.W, d map[string]any) (runner, error) {
		if w.N.K == "fm" {
			return nil, errNA
		}
		l := gval.Full(gval.Function("upper", strings.ToUpper), gval.Function("trim", strings.TrimSpace), gval.Function("formatDate", formatDate))
		e, err := l.NewEvaluable(work.Print(w.N, "gval"))
		if err != nil {
			return nil, err
		}
		ctx := context.Background()
		return func() (any, error) { return e(ctx, d) }, nil
	}},
	{name: "L_govaluate", mk: func(w work.W, d map[string]any) (runner, error) {
		switch w.Name[:2] {
		case "04", "05", "10", "02":
		default:
			return nil, errNA
		}
		flat := map[string]any{}
		var fl func(p string, v any)
		fl = func(p string, v any) {
			if m, ok := v.(map[string]any); ok {
				for k, x := range m {
					fl(strings.TrimPrefix(p+"."+k, "."), x)
				}
				return
			}
			flat[p] = v
		}
		fl("", d)
		src := work.Print(w.N, "gval")
		for k := range flat {
			src = strings.ReplaceAll(src, k+" ", "["+k+"] ")
			src = strings.ReplaceAll(src, k+")", "["+k+"])")
		}
		if w.Name[:2] == "02" {
			src = "[" + src + "]"
		}
		e, err := govaluate.NewEvaluableExpression(src)
		if err != nil {
			return nil, err
		}
		return func() (any, error) { return e.Evaluate(flat) }, nil
	}},
	{name: "M_starlark", mk: func(w work.W, d map[string]any) (runner, error) {
		src := "def f(ctx):\n    return " + work.Print(w.N, "starlark") + "\n"
		th := &starlark.Thread{Name: "x"}
		g, err := starlark.ExecFile(th, "x.star", src, starlark.StringDict{"formatDate": starlark.NewBuiltin("formatDate", func(_ *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, _ []starlark.Tuple) (starlark.Value, error) {
			return starlark.String(formatDate(string(args[0].(starlark.String)))), nil
		})})
		if err != nil {
			return nil, err
		}
		f := g["f"]
		args := starlark.Tuple{starVal(d)}
		return func() (any, error) { return starlark.Call(th, f, args, nil) }, nil
	}},
	{name: "N_text/template", text: true, mk: func(w work.W, d map[string]any) (runner, error) {
		return walk(w.N, func(n *work.Node) (runner, error) {
			t, err := template.New("x").Funcs(ttFuncs).Parse(work.TT(n))
			if err != nil {
				return nil, err
			}
			var buf bytes.Buffer
			return func() (any, error) {
				buf.Reset()
				if err := t.Execute(&buf, d); err != nil {
					return nil, err
				}
				return buf.String(), nil
			}, nil
		})
	}},
	{name: "O_liquid", text: true, mk: func(w work.W, d map[string]any) (runner, error) {
		eng := liquid.NewEngine()
		return walk(w.N, func(n *work.Node) (runner, error) {
			t, err := eng.ParseString(work.Liquid(n))
			if err != nil {
				return nil, err
			}
			return func() (any, error) {
				s, err := t.RenderString(d)
				if err != nil {
					return nil, err
				}
				return s, nil
			}, nil
		})
	}},
	{name: "P_fasttemplate", text: true, mk: func(w work.W, d map[string]any) (runner, error) {
		switch w.Name[:2] {
		case "01", "02", "03", "06":
		default:
			return nil, errNA
		}
		s, _ := work.Curly(w.N)
		t, err := fasttemplate.NewTemplate(s, "{{", "}}")
		if err != nil {
			return nil, err
		}
		res := func(wr io.Writer, tag string) (int, error) {
			var v any = d
			for {
				i := strings.IndexByte(tag, '.')
				k := tag
				if i >= 0 {
					k, tag = tag[:i], tag[i+1:]
				}
				if a, ok := v.([]any); ok {
					v = a[int(k[0]-'0')]
				} else {
					v = get(v, k)
				}
				if i < 0 {
					break
				}
			}
			return io.WriteString(wr, str(v))
		}
		return func() (any, error) { return t.ExecuteFuncString(res), nil }, nil
	}},
	{name: "Q_quicktemplate(AOT)", text: true, mk: func(w work.W, d map[string]any) (runner, error) {
		if w.Name[:2] != "06" {
			return nil, errNA
		}
		return func() (any, error) {
			p := d["parameters"].(document)
			return Concat5(p["host"].(string), p["version"].(string), d["body"].(document)["user"].(string), p["itemId"].(float64), d["connection"].(document)["accessToken"].(string)), nil
		}, nil
	}},
}

func gojaMk(native bool) func(w work.W, d map[string]any) (runner, error) {
	return func(w work.W, d map[string]any) (runner, error) {
		rt := goja.New()
		rt.Set("formatDate", func(c goja.FunctionCall) goja.Value { return rt.ToValue(formatDate(c.Argument(0).String())) })
		v, err := rt.RunString("(function(ctx){return " + work.Print(w.N, "js") + "})")
		if err != nil {
			return nil, err
		}
		f, _ := goja.AssertFunction(v)
		var in goja.Value = rt.ToValue(d)
		if native {
			b, _ := json.Marshal(d)
			rt.Set("__s", string(b))
			in, err = rt.RunString("JSON.parse(__s)")
			if err != nil {
				return nil, err
			}
		}
		complex := w.N.K == "obj" || w.N.K == "fm"
		return func() (any, error) {
			r, err := f(goja.Undefined(), in)
			if err != nil {
				return nil, err
			}
			if complex {
				return r, nil // leave as JS object (favours goja); exported only in the check
			}
			return r.Export(), nil
		}, nil
	}
}
