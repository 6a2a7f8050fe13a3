package membrane

import (
	"slices"

	"github.com/imlc-lang/imlc/internal/locator"
	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/parser/document"
)

// choose lowers $case: the value of the first case whose filter holds.
func (f *formulas) choose(x *formula) ast.Value {
	n, at := x.key.Value, memberOrigin(x.at, x.key)
	cases := n
	out := &ast.Choose{At: x.at}
	if n.Kind == document.KindObject {
		cases = n.Get("cases")
	}
	if cases == nil || cases.Kind != document.KindArray {
		return missing(x.at)
	}
	if d := n.Member("default"); d != nil && d.Value.Kind != document.KindNull {
		out.Else = f.notNull(f.value(d.Value, memberOrigin(at, *d), x.vars), at)
	}
	for i, item := range cases.Items {
		here := itemOrigin(at, item, i)
		switch item.Kind {
		case document.KindObject:
			out.Cases = append(out.Cases, ast.ChooseCase{Test: f.caseFilter(item.Member("filter"), here, x.vars), Then: f.memberValue(item, "value", here, x.vars)})
		case document.KindArray:
			out.Cases = append(out.Cases, ast.ChooseCase{Test: boolean(here, true), Then: missing(here)})
		}
	}
	return out
}

// notNull makes null missing.
func (f *formulas) notNull(v ast.Value, at ast.Origin) ast.Value {
	return &ast.Choose{At: at, Cases: []ast.ChooseCase{{Test: &ast.Invoke{At: at, Library: "core", Function: "isNil", Args: []ast.Value{v}}, Then: missing(at)}}, Else: v}
}

func (f *formulas) memberValue(n *document.Node, key string, at ast.Origin, vars variables) ast.Value {
	m := n.Member(key)
	if m == nil {
		return missing(at)
	}
	return f.value(m.Value, memberOrigin(at, *m), vars)
}

// caseFilter lowers the filter of a case: what is written falsy holds, a list is a legacy filter, and of anything else missing and
// null hold beside what is truthy.
func (f *formulas) caseFilter(m *document.Member, at ast.Origin, vars variables) ast.Value {
	if m == nil || isFalsy(m.Value) {
		return boolean(at, true)
	}
	at = memberOrigin(at, *m)
	if m.Value.Kind != document.KindArray {
		return invoke(at, "matches", f.value(m.Value, at, vars))
	}
	test := &ast.Choose{At: at, Else: boolean(at, true)} // false at the first condition that does not hold
	for i, item := range m.Value.Items {
		here := itemOrigin(at, item, i)
		field, ok := filterField(item.Get("field"))
		condition := ast.Value(boolean(here, false))
		if operator := textAt(item, "operator"); ok || !isLegacyOperator(operator) {
			operand := ast.Value(missing(here))
			if v := item.Member("value"); v != nil {
				operand = tree(v.Value, memberOrigin(here, *v))
			}
			condition = invoke(here, "filter", textOf(here, string(locator.Append(nil, field))), textOf(here, operator), operand, vars.object(here))
		}
		test.Cases = append(test.Cases, ast.ChooseCase{Test: not(here, condition), Then: boolean(here, false)})
	}
	return test
}

// filterField reads the locator of a legacy filter; unlike that of $var it may be empty, and then names the key "".
func filterField(n *document.Node) (steps []locator.Step, ok bool) {
	if n == nil || n.Kind != document.KindText {
		return nil, false
	}
	if n.Text == "" {
		return []locator.Step{{}}, true
	}
	return locator.Parse(n.Text)
}

func not(at ast.Origin, v ast.Value) ast.Value {
	return &ast.Choose{At: at, Cases: []ast.ChooseCase{{Test: v, Then: boolean(at, false)}}, Else: boolean(at, true)}
}

func (f *formulas) eval(x *formula) ast.Value {
	if len(x.rest) == 0 || !isOperator(x.rest[0].Key) {
		at := x.key
		if len(x.rest) > 0 {
			at = x.rest[0]
		}
		f.warn("MEM306", at, "$eval has no operator that is known, so that it is always true", "write the operator behind it, such as is, contains or isEmpty")
		return boolean(x.at, true)
	}
	operator, operand := x.rest[0], memberOrigin(x.at, x.rest[0])
	if len(x.rest) > 1 {
		f.warn("MEM303", x.rest[1], "keys behind the operator are ignored", "use $and for several conditions")
	}
	fresh := isFresh(operator.Key, x.key.Value, operator.Value)
	return invoke(x.at, "eval", textOf(x.at, operator.Key), f.argument(x), f.value(operator.Value, operand, x.vars), boolean(x.at, fresh))
}

// isFresh reports whether no list or object that an operator compares can be the same one on both sides, because the formula made
// one of the two.
func isFresh(operator string, v, operand *document.Node) bool {
	switch operator {
	case "oneOf", "noneOf":
		return isMade(v) || hasMade(operand)
	case "contains", "doesNotContain":
		return hasMade(v) || isMade(operand)
	}
	return isMade(v) || isMade(operand)
}

// hasMade reports whether every item of the list that a value comes to is made by the formula.
func hasMade(n *document.Node) bool {
	if n.Kind == document.KindArray {
		return !slices.ContainsFunc(n.Items, func(item *document.Node) bool { return !isMade(item) && item.Kind == document.KindObject })
	}
	return n.Kind == document.KindObject && len(n.Members) > 0 && entries(n)[0].Key == "$plain"
}

// isMade reports whether a list or an object that a value comes to is made by the formula: it is then no variable's own.
func isMade(n *document.Node) bool {
	if n.Kind == document.KindArray {
		return true
	}
	if n.Kind != document.KindObject {
		return false
	}
	list := entries(n)
	if len(list) == 0 {
		return true
	}
	switch list[0].Key {
	case "$var", "$case", "$map", "$firstNotEmpty", "$jsonata":
		return false
	}
	return true
}
