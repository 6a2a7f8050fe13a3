package jsonata

import (
	"math"

	"github.com/imlc-lang/imlc/vm/builtin"
)

// frame holds variables.
type frame struct {
	names map[string]any
	outer *frame
}

func (f *frame) inner() *frame { return &frame{outer: f} }

func (f *frame) bind(name string, v any) {
	if f.names == nil {
		f.names = map[string]any{}
	}
	f.names[name] = v
}

func (r *run) lookup(f *frame, name string) any {
	for ; f != nil; f = f.outer {
		r.step(1)
		if v, ok := f.names[name]; ok {
			return v
		}
	}
	return nil
}

// of is a frame with the variables of a tuple.
func (f *frame) of(t *tuple) *frame { return &frame{names: t.names, outer: f} }

// evaluate gives what a node stands for with an input and variables.
func (r *run) evaluate(n *node, input any, env *frame) any {
	r.step(1)
	if r.depth++; r.depth > maxDepth {
		r.must(&builtin.LimitError{Name: "depth of an expression of JSONata", Limit: maxDepth, Code: builtin.CodeSteps})
	}
	result := r.node(n, input, env)
	for _, filter := range n.predicates {
		result = r.filter(filter.lhs, result, env)
	}
	if n.kind != kindPath && n.group != nil {
		result = r.group(n.group, result, env)
	}
	r.depth--
	l, ok := result.(*list)
	if !ok || !l.sequence || l.tuples {
		return result
	}
	l.keep = l.keep || n.keepArray
	switch {
	case len(l.items) == 0:
		return nil
	case len(l.items) == 1 && !l.keep:
		return l.items[0]
	}
	return l
}

func (r *run) node(n *node, input any, env *frame) any {
	switch n.kind {
	case kindPath:
		return r.path(n, input, env)
	case kindBinary:
		return r.binary(n, input, env)
	case kindUnary:
		return r.unary(n, input, env)
	case kindName:
		return r.member(input, n.text)
	case kindLiteral:
		return n.value
	case kindWildcard:
		return r.wildcard(input)
	case kindDescendant:
		return r.descendants(input)
	case kindParent:
		return r.lookup(env, n.slot.label)
	case kindCondition:
		return r.condition(n, input, env)
	case kindBlock:
		var result any
		inner := env.inner()
		for _, x := range n.args {
			result = r.evaluate(x, input, inner)
		}
		return result
	case kindBind:
		v := r.evaluate(n.rhs, input, env)
		env.bind(n.lhs.text, v)
		return v
	case kindRegex:
		return n.value.(*pattern).function()
	case kindVariable:
		if n.text != "" {
			return r.lookup(env, n.text)
		}
		if l, ok := input.(*list); ok && l.outer {
			return l.items[0]
		}
		return input
	}
	return r.functional(n, input, env)
}

// functional evaluates what makes or calls functions.
func (r *run) functional(n *node, input any, env *frame) any {
	switch n.kind {
	case kindCall:
		return r.call(n, input, env)
	case kindLambda:
		return &function{lambda: n, input: input, env: env, signature: n.signature, arity: len(n.args), object: true}
	case kindPartial:
		return r.partial(n, input, env)
	case kindApply:
		return r.applied(n, input, env)
	case kindTransform:
		return r.transform(n, env)
	}
	panic(failure("a node cannot be evaluated"))
}

func (r *run) condition(n *node, input any, env *frame) any {
	switch {
	case truth(r.evaluate(n.lhs, input, env)):
		return r.evaluate(n.rhs, input, env)
	case n.third != nil:
		return r.evaluate(n.third, input, env)
	}
	return nil
}

// member is the member of an object, or those of all objects of a list.
func (r *run) member(input any, name string) any {
	switch in := input.(type) {
	case *list:
		result := sequence()
		for _, item := range in.items {
			r.step(1)
			switch v := r.member(item, name).(type) {
			case nil:
			case *list:
				r.list(len(v.items))
				result.items = append(result.items, v.items...)
			default:
				r.list(1)
				result.items = append(result.items, v)
			}
		}
		return result
	case *object:
		v, _ := in.get(name)
		return v
	}
	return nil
}

func (r *run) wildcard(input any) any {
	if l, ok := input.(*list); ok && l.outer {
		input = l.items[0]
	}
	var members []any
	switch in := input.(type) {
	case *list:
		members = in.items
	case *object:
		members = in.values
	}
	result := sequence()
	for _, v := range members {
		r.step(1)
		if l, ok := v.(*list); ok {
			flat := &list{}
			r.flatten(l, flat)
			result = r.appended(result, flat).(*list)
		} else {
			result.items = append(result.items, v)
		}
	}
	r.list(len(result.items))
	return result
}

// flatten adds what lies in lists, however deep.
func (r *run) flatten(v any, to *list) {
	r.step(1)
	l, ok := v.(*list)
	if !ok {
		r.list(1)
		to.items = append(to.items, v)
		return
	}
	for _, item := range l.items {
		r.flatten(item, to)
	}
}

func (r *run) descendants(input any) any {
	if input == nil {
		return nil
	}
	result := sequence()
	r.descend(input, result)
	if len(result.items) == 1 {
		return result.items[0]
	}
	return result
}

// descend adds a value and all in it; lists are only gone through.
func (r *run) descend(v any, to *list) {
	r.step(1)
	r.list(1)
	switch v := v.(type) {
	case *list:
		for _, item := range v.items {
			r.descend(item, to)
		}
		return
	case *object:
		to.items = append(to.items, v)
		for _, member := range v.values {
			r.descend(member, to)
		}
		return
	}
	to.items = append(to.items, v)
}

func (r *run) unary(n *node, input any, env *frame) any {
	switch n.text {
	case "-":
		v := r.evaluate(n.lhs, input, env)
		if v == nil {
			return nil
		}
		if !isNumeric(v) {
			panic(failure("what is no number has no opposite"))
		}
		return -v.(float64)
	case "{":
		return r.group(n.pairs, input, env)
	}
	var result any = &list{}
	for _, x := range n.args {
		v := r.evaluate(x, input, env)
		switch {
		case v == nil:
		case x.kind == kindUnary && x.text == "[":
			r.list(1)
			l := result.(*list)
			l.items = append(l.items, v)
		default:
			result = r.appended(result, v)
		}
	}
	result.(*list).cons = n.cons
	return result
}

func (r *run) binary(n *node, input any, env *frame) any {
	left := r.evaluate(n.lhs, input, env)
	switch n.text {
	case "and":
		return truth(left) && truth(r.evaluate(n.rhs, input, env))
	case "or":
		return truth(left) || truth(r.evaluate(n.rhs, input, env))
	}
	right := r.evaluate(n.rhs, input, env)
	switch n.text {
	case "=":
		return left != nil && right != nil && r.equal(left, right)
	case "!=":
		return left != nil && right != nil && !r.equal(left, right)
	case "<", "<=", ">", ">=":
		return r.compare(n.text, left, right)
	case "&":
		return r.joined(left, right)
	case "..":
		return r.between(left, right)
	case "in":
		return r.includes(right, left)
	}
	return arithmetic(n.text, left, right)
}

func arithmetic(operator string, left, right any) any {
	for _, v := range []any{left, right} {
		if v != nil && !isNumeric(v) {
			panic(failure("an operand is no number"))
		}
	}
	x, ok := left.(float64)
	y, also := right.(float64)
	if !ok || !also {
		return nil
	}
	switch operator {
	case "+":
		return x + y
	case "-":
		return x - y
	case "*":
		return x * y
	case "/":
		return x / y
	}
	return math.Mod(x, y)
}

func (r *run) compare(operator string, left, right any) any {
	order := 0
	switch x := left.(type) {
	case nil:
		if right == nil || isString(right) {
			return nil
		}
		if _, ok := right.(float64); ok {
			return nil
		}
		panic(failure("values cannot be compared"))
	case string:
		y, ok := right.(string)
		if right == nil {
			return nil
		}
		if !ok {
			panic(failure("values cannot be compared"))
		}
		r.read(min(len(x), len(y)))
		order = compareTexts(x, y)
	case float64:
		y, ok := right.(float64)
		if right == nil {
			return nil
		}
		if !ok {
			panic(failure("values cannot be compared"))
		}
		if math.IsNaN(x) || math.IsNaN(y) {
			return false
		}
		if x < y {
			order = -1
		} else if x > y {
			order = 1
		}
	default:
		panic(failure("values cannot be compared"))
	}
	switch operator {
	case "<":
		return order < 0
	case "<=":
		return order <= 0
	case ">":
		return order > 0
	}
	return order >= 0
}

func (r *run) joined(left, right any) any {
	var x, y string
	if left != nil {
		x = r.string(left, "")
	}
	if right != nil {
		y = r.string(right, "")
	}
	r.made(len(x) + len(y))
	return x + y
}

func (r *run) between(left, right any) any {
	for _, v := range []any{left, right} {
		if f, ok := v.(float64); v != nil && (!ok || f != math.Trunc(f) || math.IsInf(f, 0)) {
			panic(failure("the end of a range is no integer"))
		}
	}
	from, ok := left.(float64)
	to, also := right.(float64)
	if !ok || !also || from > to {
		return nil
	}
	if to-from >= 1e7 {
		panic(failure("a range is too long"))
	}
	n := int(to-from) + 1
	r.step(n)
	r.list(n)
	result := &list{items: make([]any, n), sequence: true}
	for i := range result.items {
		result.items[i] = from + float64(i)
	}
	return result
}

// includes reports whether a value is in a list; lists and objects are only the same as themselves.
func (r *run) includes(in, v any) any {
	if in == nil || v == nil {
		return false
	}
	l, ok := in.(*list)
	if !ok {
		return in == v
	}
	r.step(len(l.items))
	for _, item := range l.items {
		if item == v {
			return true
		}
	}
	return false
}
