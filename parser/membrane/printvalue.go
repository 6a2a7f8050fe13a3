package membrane

import (
	"slices"

	"github.com/imlc-lang/imlc/internal/outline"
	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/parser/document"
)

// value writes a value with formulas. It is nil when it cannot be written, which is told, and when it is missing.
func (p *printer) value(x outline.Expr, code, what string) *document.Node {
	if outline.IsMissing(x) {
		return nil
	}
	n, why := p.formula(x)
	if why != "" {
		p.losses.Lose(code, x.Origin(), "formulas cannot say it", "%s is left out: %s", what, why)
		return nil
	}
	return n
}

func formulaOf(name string, argument *document.Node) *document.Node {
	return document.NewObject().Set(name, argument)
}

// formula makes a formula of a value; why says why there is none.
func (p *printer) formula(x outline.Expr) (n *document.Node, why string) {
	switch x := x.(type) {
	case *outline.Text, *ast.Literal:
		if n := outline.Constant(x); n != nil {
			return n, ""
		}
		return nil, "a value that is missing"
	case *outline.Read:
		return p.variable(x)
	case *outline.Join:
		list, why := p.list(x.Parts)
		return formulaOf("$concat", list), why
	case *outline.List:
		return p.list(x.Items)
	case *outline.Object:
		return p.object(x)
	case *outline.Choose:
		return p.choose(x)
	case *outline.Call:
		return p.call(x)
	case *outline.Encoded:
		return nil, "the percent-encoding of a value"
	case *outline.Opaque:
		return nil, x.Named()
	}
	return nil, "a value that is missing"
}

func (p *printer) list(items []outline.Expr) (*document.Node, string) {
	out := document.NewArray()
	for _, item := range items {
		if outline.IsMissing(item) {
			continue
		}
		n, why := p.formula(item)
		if why != "" {
			return nil, why
		}
		out.Items = append(out.Items, n)
	}
	return out, ""
}

func (p *printer) object(x *outline.Object) (*document.Node, string) {
	out := document.NewObject()
	for _, e := range x.Entries {
		if outline.IsMissing(e.Value) {
			continue
		}
		n, why := p.formula(e.Value)
		if why != "" {
			return nil, why
		}
		out.Set(e.Name, n)
	}
	if isFormula(out) {
		return nil, "an object whose first key is the name of a formula"
	}
	return out, ""
}

// variable writes a path by the variables of the method.
func (p *printer) variable(x *outline.Read) (*document.Node, string) {
	root, steps := "", x.Path
	switch x.Root {
	case ast.RootCommon:
		root = "connectorParameters"
		if len(steps) > 0 && !slices.Contains(p.common, steps[0].Name) {
			p.common = append(p.common, steps[0].Name)
		}
	case ast.RootData:
		if root = "connectionInput"; p.place != inConfig {
			root = "credentials"
		}
	case outline.RootAccessAnswer:
		if p.place != inConfig {
			root = "credentials"
		}
	case ast.RootRedirect:
		if p.place == inConfig && len(steps) == 1 && steps[0].Name == ast.DefaultRedirect {
			root, steps = "redirectUri", nil
		}
	case ast.RootState:
		if p.place == inConfig {
			root = "state"
		}
	case ast.RootHeaders:
		if p.place == inAnswer {
			root = "response.headers"
		}
	case ast.RootStatus:
		if p.place == inAnswer {
			root = "response.statusCode"
		}
	}
	if x.Root == p.answer && p.place == inAnswer {
		root = "response.data"
	}
	if root == "" {
		return nil, "the value " + x.Root + " does not exist here"
	}
	return formulaOf("$var", document.NewText(locatorOf(root, steps))), ""
}

// choose writes the cases. What a filter comes to must be true or false, as a missing one would hold.
func (p *printer) choose(x *outline.Choose) (*document.Node, string) {
	cases := document.NewArray()
	for _, c := range x.Cases {
		filter, why := p.filter(c.Test)
		if why != "" {
			return nil, why
		}
		item := document.NewObject().Set("filter", filter)
		if !outline.IsMissing(c.Then) {
			value, why := p.formula(c.Then)
			if why != "" {
				return nil, why
			}
			item.Set("value", value)
		}
		cases.Items = append(cases.Items, item)
	}
	out := document.NewObject().Set("cases", cases)
	if !outline.IsMissing(x.Else) {
		otherwise, why := p.formula(x.Else)
		if why != "" {
			return nil, why
		}
		out.Set("default", otherwise)
	}
	return formulaOf("$case", out), ""
}

func (p *printer) filter(x outline.Expr) (*document.Node, string) {
	n, why := p.formula(x)
	if why != "" || isBoolean(x) {
		return n, why
	}
	return formulaOf("$or", document.NewArray(n, document.NewBool(false))), ""
}

// call writes a function that formulas have an equal of.
func (p *printer) call(x *outline.Call) (*document.Node, string) {
	eval := func(operator string, operand *document.Node) (*document.Node, string) {
		n, why := p.formula(x.Args[0])
		if why != "" {
			return nil, why
		}
		return formulaOf("$eval", n).Set(operator, operand), ""
	}
	switch x.Name {
	case outline.FuncAnd, outline.FuncOr:
		list := document.NewArray()
		for _, a := range x.Args {
			n, why := p.filter(a)
			if why != "" {
				return nil, why
			}
			list.Items = append(list.Items, n)
		}
		return formulaOf("$"+x.Name, list), ""
	case outline.FuncEqual:
		n, why := p.formula(x.Args[1])
		if why != "" {
			return nil, why
		}
		return eval("is", n)
	case outline.FuncNot:
		if eq, ok := x.Args[0].(*outline.Call); ok && (eq.Name == outline.FuncEqual || eq.Name == outline.FuncNotEmpty) {
			n, why := p.call(eq)
			if why != "" {
				return nil, why
			}
			operator := map[string]string{"is": "isNot", "isNotEmpty": "isEmpty"}
			n.Members[1].Key = operator[n.Members[1].Key]
			return n, ""
		}
		n, why := p.filter(x.Args[0])
		return formulaOf("$eval", n).Set("is", document.NewBool(false)), why
	case outline.FuncNotEmpty:
		return eval("isNotEmpty", document.NewBool(true))
	case outline.FuncMissing:
		return eval("is", document.NewNull())
	case outline.FuncFirst, outline.FuncKnown:
		args := x.Args
		if x.Name == outline.FuncKnown {
			args = append(args[:1:1], &outline.Text{At: x.At})
		}
		list, why := p.list(args)
		return formulaOf("$firstNotEmpty", list), why
	case outline.FuncIfEmpty:
		return p.choose(&outline.Choose{At: x.At, Else: x.Args[1],
			Cases: []outline.Case{{Test: &outline.Call{At: x.At, Name: outline.FuncNotEmpty, Args: x.Args[:1]}, Then: x.Args[0]}}})
	case outline.FuncJoin:
		if len(x.Args) == 2 {
			values, why := p.formula(x.Args[0])
			delimiter, why2 := p.formula(x.Args[1])
			return formulaOf("$concat", document.NewObject().Set("values", values).Set("delimiter", delimiter)), why + why2
		}
	}
	return nil, "the function " + x.Name + "()"
}
