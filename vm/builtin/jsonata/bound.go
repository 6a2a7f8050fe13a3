package jsonata

import (
	"math"

	"github.com/blues/jsonata-go/jparse"

	"github.com/imlc-lang/imlc/vm/builtin"
)

// The evaluator can be neither metered nor stopped, so what an expression may cost on the data at hand is computed
// before it is evaluated: the expression is run on weights instead of values. Every node says how heavy its result may
// be and how much work it may take; what a loop does to one item counts for all of them. Whatever has no bound is
// infinite, and what is not known is refused.

// operand is what a bound is known of: a value, or a function.
type operand struct {
	size size
	// items bounds the number of items when the value is a list; a value that is none is one item.
	items size
	// isText says that it is a text if it is anything, which stays as it is where texts are made of values.
	isText bool
	// data is the value itself, as it is in the data, where known says so.
	data  any
	known bool
	// function is the lambda that it is, or the name of a function of the library.
	function *lambda
	name     string
}

// lambda is a function of the expression with the scope and the context that it was made in.
type lambda struct {
	parameters []string
	body       jparse.Node
	scope      *scope
	context    operand
}

// scope holds variables. A variable that gets several values has the largest of them.
type scope struct {
	outer  *scope
	names  map[string]operand
	loop   int
	height int
}

func (s *scope) inner(loop int) *scope {
	return &scope{outer: s, names: map[string]operand{}, loop: loop, height: s.height + 1}
}

// bound is the computation for one expression.
type bound struct {
	// most and work have the largest item and the work for each loop that is entered; 0 is outside of all.
	most []weight
	work []size
	// calls is how deep functions call each other.
	calls int
	// refused says that something has no bound.
	refused bool
	facts   facts
	walk    walk
}

// maxCalls is how deep the functions of an expression may call each other; they cannot call themselves.
const maxCalls = 32

// estimate returns what the evaluation of an expression over data may cost, infinity for what is refused. It takes its
// own work from the meter, whose error it returns.
func estimate(node jparse.Node, data any, m *builtin.Meter) (weight, error) {
	b := &bound{work: []size{{}}, walk: walk{meter: m}}
	var all weight
	b.facts, all = learn(node, data, &b.walk)
	b.most = []weight{all}
	root := operand{size: fixed(all), items: itemsOf(data), data: data, known: true}
	b.charge(b.node(node, root, &scope{names: map[string]operand{"$": root}}).size.times(3)) // for making JSON of it and reading that
	if b.refused || math.IsNaN(b.work[0].plus) {
		return unbounded, b.walk.err
	}
	return b.work[0].plus, b.walk.err
}

// known is a value of the data.
func (b *bound) known(data any) operand {
	return operand{size: fixed(weigh(data, &b.walk)), items: itemsOf(data), data: data, known: true}
}

func itemsOf(data any) size {
	if l, ok := data.([]any); ok {
		return fixed(weight(len(l)))
	}
	return fixed(1)
}

func anything(s size) operand { return operand{size: s, items: s} }

func scalar(s size) operand { return operand{size: s, items: fixed(1)} }

func text(s size) operand { return operand{size: s, items: fixed(1), isText: true} }

func (o operand) isFunction() bool { return o.function != nil || o.name != "" }

var small = scalar(fixed(1))

func (b *bound) refuse() operand {
	b.refused = true
	return scalar(fixed(unbounded))
}

// here turns a size into one of the loop that is entered: what comes from outside of it is the same for all items.
func (b *bound) here(s size) size {
	now := len(b.most) - 1
	if s.loop == now {
		return s
	}
	return size{0, times(s.per, b.most[s.loop]) + s.plus, now}
}

// largest returns the weight that a size has at most.
func (b *bound) largest(s size) weight { return times(s.per, b.most[s.loop]) + s.plus }

func (b *bound) sum(x, y size) size {
	x, y = b.here(x), b.here(y)
	return size{x.per + y.per, x.plus + y.plus, x.loop}
}

func (b *bound) max(x, y size) size {
	x, y = b.here(x), b.here(y)
	return size{max(x.per, y.per), max(x.plus, y.plus), x.loop}
}

func (b *bound) charge(s size) {
	last := len(b.work) - 1
	b.work[last] = b.sum(b.work[last], s)
}

// made charges for a value that is made as a whole, and returns it.
func (b *bound) made(o operand) operand {
	b.charge(o.size)
	return o
}

// list is a list of what is there already, so that only its items have to be made.
func (b *bound) list(all, items size) operand {
	b.charge(items)
	return operand{size: b.sum(all, fixed(1)), items: items}
}

// either is one of two operands.
func (b *bound) either(x, y operand) operand {
	if x.function != y.function || x.name != y.name {
		return b.refuse()
	}
	x.size, x.items = b.max(x.size, y.size), b.max(x.items, y.items)
	x.isText, x.known, x.data = x.isText && y.isText, false, nil
	return x
}

// each runs body on an item of list and returns what all items give together.
func (b *bound) each(list operand, body func(item operand) operand) operand {
	total, count := b.here(list.size), b.here(list.items)
	b.most = append(b.most, b.largest(total))
	b.work = append(b.work, size{loop: len(b.most) - 1})
	now := len(b.most) - 1
	item := anything(size{per: 1, loop: now})
	if !b.facts.nested {
		item.items = fixed(1)
	}
	out := body(item)
	out.size, out.items = b.here(out.size), b.here(out.items)
	work := b.work[now]
	b.most, b.work = b.most[:now], b.work[:now]
	b.charge(work.over(total, count))
	b.charge(count)
	out.size, out.items = out.size.over(total, count), out.items.over(total, count)
	return out
}

// node returns a bound for what a node gives in a context.
func (b *bound) node(node jparse.Node, context operand, s *scope) operand {
	b.charge(fixed(1))
	switch n := node.(type) {
	case *jparse.StringNode:
		return text(fixed(weighText(n.Value)))
	case *jparse.NumberNode, *jparse.BooleanNode, *jparse.NullNode:
		return small
	case *jparse.RegexNode:
		return text(fixed(weighText(n.Value.String())))
	case *jparse.VariableNode:
		return b.variable(n.Name, context, s)
	case *jparse.NameNode:
		return b.member(n.Value, context)
	case *jparse.PathNode:
		return b.path(n, context, s)
	case *jparse.NegationNode:
		b.node(n.RHS, context, s)
		return small
	case *jparse.RangeNode:
		return b.interval(n, context, s)
	case *jparse.ArrayNode:
		out := anything(fixed(1))
		for _, item := range n.Items {
			out = anything(b.sum(out.size, b.plain(item, context, s).size))
		}
		return b.made(out)
	case *jparse.ObjectNode:
		return b.object(n, context, s)
	case *jparse.GroupNode:
		return b.object(n.ObjectNode, b.plain(n.Expr, context, s), s)
	case *jparse.BlockNode:
		out, inner := small, s.inner(len(b.most)-1)
		for _, x := range n.Exprs {
			out = b.node(x, context, inner)
		}
		return out
	case *jparse.ConditionalNode:
		b.node(n.If, context, s)
		out := b.node(n.Then, context, s)
		if n.Else != nil {
			out = b.either(out, b.node(n.Else, context, s))
		}
		return out
	case *jparse.AssignmentNode:
		return b.assign(n, context, s)
	case *jparse.WildcardNode:
		return b.list(context.size, b.here(context.size).times(16))
	case *jparse.DescendentNode:
		return b.descendants(context)
	case *jparse.PredicateNode:
		return b.predicate(n, context, s)
	case *jparse.SortNode:
		return b.sort(n, context, s)
	case *jparse.LambdaNode:
		return operand{size: fixed(1), items: fixed(1), function: &lambda{n.ParamNames, n.Body, s, context}}
	case *jparse.TypedLambdaNode:
		return operand{size: fixed(1), items: fixed(1), function: &lambda{n.ParamNames, n.Body, s, context}}
	case *jparse.FunctionCallNode:
		if v, ok := n.Func.(*jparse.VariableNode); ok {
			return b.call(v.Name, n.Args, context, s)
		}
	case *jparse.FunctionApplicationNode:
		return b.apply(n, context, s)
	case *jparse.NumericOperatorNode:
		b.plain(n.LHS, context, s)
		b.plain(n.RHS, context, s)
		return small
	case *jparse.ComparisonOperatorNode:
		b.charge(b.plain(n.LHS, context, s).size)
		b.charge(b.plain(n.RHS, context, s).size)
		return small
	case *jparse.BooleanOperatorNode:
		b.charge(b.plain(n.LHS, context, s).size)
		b.charge(b.plain(n.RHS, context, s).size)
		return small
	case *jparse.StringConcatenationNode:
		left, right := asText(b.plain(n.LHS, context, s)), asText(b.plain(n.RHS, context, s))
		return b.made(text(b.sum(left.size, right.size)))
	}
	return b.refuse()
}

// plain is node for what must not be a function.
func (b *bound) plain(node jparse.Node, context operand, s *scope) operand {
	o := b.node(node, context, s)
	if o.isFunction() {
		return b.refuse()
	}
	return o
}

// textGrowth is how much a value grows when it becomes the text of JSON: by escapes, and by the digits of numbers.
const textGrowth = 7

func asText(o operand) operand {
	if o.isText {
		return o
	}
	return text(o.size.times(textGrowth))
}

// sorting is the number of times that each of n items is compared to sort them.
func sorting(n weight) weight { return 10 + math.Log2(max(n, 1)) }

func (b *bound) sort(n *jparse.SortNode, context operand, s *scope) operand {
	items := b.plain(n.Expr, context, s)
	compared := b.each(items, func(item operand) operand {
		terms := fixed(1)
		for _, term := range n.Terms {
			terms = b.sum(terms, b.plain(term.Expr, item, s).size)
		}
		return anything(terms)
	})
	b.charge(b.here(compared.size).times(sorting(b.largest(items.items))))
	return b.list(items.size, items.items)
}

func (b *bound) variable(name string, context operand, s *scope) operand {
	if name == "" {
		return context
	}
	b.charge(fixed(weight(s.height) / 8))
	for at := s; at != nil; at = at.outer {
		if o, ok := at.names[name]; ok {
			return o
		}
	}
	return operand{size: fixed(1), items: fixed(1), name: name}
}

// assign keeps a variable. Inside a loop only variables of the loop may be set, as others would grow with every item.
func (b *bound) assign(n *jparse.AssignmentNode, context operand, s *scope) operand {
	o := b.node(n.Value, context, s)
	if s.loop != len(b.most)-1 {
		return b.refuse()
	}
	if before, ok := s.names[n.Name]; ok {
		o = b.either(before, o)
	}
	s.names[n.Name] = o
	return o
}

func (b *bound) member(name string, context operand) operand {
	if !context.known || isList(context.data) {
		out := b.list(context.size, context.items)
		if f, ok := b.facts.of(name); ok {
			if most := b.here(context.items).times(f.heaviest); !b.facts.nested && b.largest(most) < b.largest(out.size) {
				out.size = most
			}
			out.isText = f.isText && b.largest(context.items) <= 1
		}
		return out
	}
	if members, ok := context.data.(map[string]any); ok {
		if m, ok := members[name]; ok {
			return b.known(m)
		}
	}
	return small
}

// names follows the names that a path begins with through the data, as far as they lead, and returns the steps that are
// left.
func (b *bound) names(steps []jparse.Node, context operand) (operand, []jparse.Node) {
	at, n := context.data, 0
	for ; context.known && n < len(steps); n++ {
		name, ok := steps[n].(*jparse.NameNode)
		members, isObject := at.(map[string]any)
		if !ok || !isObject || members[name.Value] == nil {
			break
		}
		at = members[name.Value]
	}
	if n == 0 {
		return context, steps
	}
	b.charge(fixed(weight(n)))
	return b.known(at), steps[n:]
}

func isList(d any) bool { _, ok := d.([]any); return ok }

func (b *bound) path(n *jparse.PathNode, context operand, s *scope) operand {
	current, steps := b.names(n.Steps, context)
	for i, step := range steps {
		once := current.known && !isList(current.data)
		if i == 0 && len(steps) == len(n.Steps) { // variables and lists stand for themselves, whatever the context is
			first := step
			if p, ok := first.(*jparse.PredicateNode); ok {
				first = p.Expr
			}
			_, isVariable := first.(*jparse.VariableNode)
			_, makesList := step.(*jparse.ArrayNode)
			once = once || isVariable || makesList
		}
		if once {
			current = b.plain(step, current, s)
			continue
		}
		current = b.each(current, func(item operand) operand { return b.plain(step, item, s) })
		current = b.list(current.size, current.items)
	}
	return current
}

func (b *bound) object(n *jparse.ObjectNode, data operand, s *scope) operand {
	out := fixed(1)
	for _, pair := range n.Pairs {
		if key, ok := pair[0].(*jparse.StringNode); ok { // the pair is for all items at once
			v := b.plain(pair[1], data, s)
			out = b.sum(out, b.sum(fixed(weighText(key.Value)), v.size))
			continue
		}
		members := b.each(data, func(item operand) operand {
			key := b.plain(pair[0], item, s)
			v := b.plain(pair[1], anything(item.size), s) // which is for the group of items with one key
			return anything(b.sum(key.size, v.size))
		})
		out = b.sum(out, members.size)
	}
	return b.made(operand{size: out, items: fixed(1)})
}

// descendants are a value and all below it, each with all that is below it again.
func (b *bound) descendants(context operand) operand {
	deep := b.largest(context.size)
	if context.known {
		deep = height(context.data, &b.walk)
	}
	b.charge(context.size)
	return b.list(b.here(context.size).times(deep+1), context.size)
}

// predicate filters a list. An item is there as often as its number is in what the filter gives.
func (b *bound) predicate(n *jparse.PredicateNode, context operand, s *scope) operand {
	current := b.plain(n.Expr, context, s)
	for _, filter := range n.Filters {
		copies := 1.0
		b.each(current, func(item operand) operand {
			o := b.plain(filter, item, s)
			b.charge(o.size)
			copies = max(1, b.largest(o.items))
			return small
		})
		if b.isScalar(filter) {
			copies = 1
		}
		current = b.list(b.here(current.size).times(copies), b.here(current.items).times(copies))
	}
	return current
}

func (b *bound) apply(n *jparse.FunctionApplicationNode, context operand, s *scope) operand {
	switch f := n.RHS.(type) {
	case *jparse.FunctionCallNode: // the library adds an argument each time, so that it works once only
		if v, ok := f.Func.(*jparse.VariableNode); ok && len(b.most) == 1 && b.calls == 0 {
			return b.call(v.Name, append([]jparse.Node{n.LHS}, f.Args...), context, s)
		}
	case *jparse.VariableNode:
		return b.call(f.Name, []jparse.Node{n.LHS}, context, s)
	}
	return b.refuse()
}

// invoke runs a function on arguments; parameters without one are missing.
func (b *bound) invoke(f operand, arguments ...operand) operand {
	if f.function == nil {
		return b.library(f.name, nil, arguments)
	}
	if b.calls++; b.calls > maxCalls {
		return b.refuse()
	}
	defer func() { b.calls-- }()
	inner := f.function.scope.inner(len(b.most) - 1)
	for i, name := range f.function.parameters {
		inner.names[name] = small
		if i < len(arguments) {
			inner.names[name] = arguments[i]
		}
	}
	out := b.node(f.function.body, f.function.context, inner)
	if out.isFunction() {
		return b.refuse()
	}
	return out
}
