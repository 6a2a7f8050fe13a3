package jsonata

import (
	"math"
	"slices"
	"strings"

	"github.com/blues/jsonata-go/jparse"
)

// growth says what a function makes of the sum of its arguments: times as much, and plus. Both are 0 when the result is
// a number or a boolean.
type growth struct {
	times, plus weight
	isText      bool
	// work is how much work there is beyond looking at the arguments and making the result, by the bytes of the first
	// argument and of the others.
	work func(first, others weight) weight
}

// longNumber is the weight of the longest text of a number.
const longNumber = 64

// functions are those of the library that get no function and whose results depend on the weights of their arguments
// only.
var functions = map[string]growth{
	"string": {times: textGrowth, plus: 1, isText: true}, "length": {}, "substring": {times: 1, isText: true}, "substringBefore": {times: 1, isText: true},
	"substringAfter": {times: 1, isText: true}, "uppercase": {times: 3, isText: true}, "lowercase": {times: 3, isText: true}, "trim": {times: 1, isText: true},
	"contains": {work: searching}, "split": {times: textBytes + 1, plus: 1, work: searching},
	"base64encode": {times: 2, plus: 1, isText: true}, "base64decode": {times: 3, isText: true}, "decodeUrl": {times: 3, isText: true}, "decodeUrlComponent": {times: 3, isText: true},
	"encodeUrl": {times: 3, isText: true}, "encodeUrlComponent": {times: 3, isText: true}, "type": {plus: 2, isText: true}, "now": {times: 16, plus: longNumber, isText: true, work: pictures},
	"formatNumber": {times: 8, plus: longNumber, isText: true, work: pictures}, "formatBase": {plus: longNumber, isText: true}, "error": {},
	"fromMillis": {times: 16, plus: longNumber, isText: true, work: pictures}, "toMillis": {work: pictures}, "millis": {},
	"number": {}, "abs": {}, "floor": {}, "ceil": {}, "round": {}, "power": {}, "sqrt": {}, "random": {}, "sum": {}, "max": {}, "min": {}, "average": {},
	"boolean": {}, "not": {}, "exists": {}, "distinct": {times: 1}, "count": {}, "reverse": {times: 1}, "shuffle": {times: 1}, "zip": {times: 2, plus: 1},
	"append": {times: 1, plus: 1}, "keys": {times: 1, plus: 1}, "lookup": {times: 1}, "spread": {times: 2, plus: 1}, "merge": {times: 1, plus: 1}, "sort": {times: 1},
}

// alone are the functions that look at one argument only, so that a function like map gives them the item and nothing
// else.
var alone = []string{"string", "length", "uppercase", "lowercase", "trim", "base64encode", "base64decode", "decodeUrl", "decodeUrlComponent", "encodeUrl", "encodeUrlComponent", "type",
	"number", "abs", "floor", "ceil", "sqrt", "sum", "max", "min", "average", "boolean", "not", "exists", "count", "reverse", "distinct", "keys", "spread", "merge"}

// full are the functions that take the context for their first argument when they have fewer arguments than this.
var full = map[string]int{"contains": 2, "split": 2, "match": 2, "replace": 3, "substring": 3, "substringBefore": 2, "substringAfter": 2, "formatNumber": 2, "power": 2, "lookup": 2,
	"fromMillis": 2, "toMillis": 2}

// limited are those of them whose last argument may be a number of results, so that the first is the context after all.
var limited = []string{"split", "match", "replace"}

// takesContext reports whether a call may take the context for an argument that is left out.
func takesContext(name string, arguments []operand) bool {
	switch n := len(arguments); {
	case n == 0 || n < full[name]:
		return true
	case n == full[name]:
		return slices.Contains(limited, name) && !arguments[n-1].isText
	}
	return false
}

// searching is the work of looking for a pattern: each byte of the text meets each of the pattern.
func searching(text, pattern weight) weight { return text*pattern/16 + text }

// pictures is the work of functions that build a text piece by piece.
func pictures(first, others weight) weight { return (first + others) * (first + others) / textBytes }

// bytes is the length of a text of this weight.
func bytes(w weight) weight { return max(0, w-1) * textBytes }

// takers are the functions that get a function as their second argument.
var takers = []string{"map", "filter", "single", "reduce", "sort", "each", "sift"}

// call returns a bound for a call of a function of the library. The functions of the expression are not called by name.
func (b *bound) call(name string, nodes []jparse.Node, context operand, s *scope) operand {
	for at := s; at != nil; at = at.outer {
		if _, ok := at.names[name]; ok {
			return b.refuse()
		}
	}
	var arguments []operand
	takes := slices.Contains(takers, name)
	for i, node := range nodes {
		o := b.node(node, context, s)
		if o.isFunction() && (!takes || i > 1) {
			return b.refuse()
		}
		arguments = append(arguments, o)
	}
	if takes && len(arguments) > 0 && arguments[0].isFunction() { // over the context
		arguments = slices.Insert(arguments, 0, context)
	}
	switch name {
	case "pad":
		return b.pad(nodes, arguments, context)
	case "fromMillis", "toMillis", "formatNumber", "now":
		for _, node := range nodes {
			if !isPicture(node) && node != nodes[0] {
				return b.refuse()
			}
		}
		if name == "now" && len(nodes) > 0 && !isPicture(nodes[0]) {
			return b.refuse()
		}
	}
	if takes && (len(arguments) > 1 || name != "sort") {
		return b.higher(name, arguments)
	}
	if takesContext(name, arguments) {
		arguments = slices.Insert(arguments, 0, context)
	}
	return b.library(name, nodes, arguments)
}

// widest is the most digits that a number in a picture may have: a part of a picture can be made as wide as it says.
const widest = 3

// isPicture reports whether a node is a text that is written there and asks for no great width, or the options of one.
func isPicture(node jparse.Node) bool {
	switch n := node.(type) {
	case *jparse.StringNode:
		digits := 0
		for _, r := range n.Value {
			if r < '0' || r > '9' {
				digits = 0
			} else if digits++; digits > widest && strings.Contains(n.Value, ",") {
				return false
			}
		}
		return true
	case *jparse.ObjectNode:
		return true
	}
	return false
}

// pad has a bound when the width is written there.
func (b *bound) pad(nodes []jparse.Node, arguments []operand, context operand) operand {
	width := -1.0
	for _, node := range nodes[:min(2, len(nodes))] {
		if minus, ok := node.(*jparse.NegationNode); ok {
			node = minus.RHS
		}
		if n, ok := node.(*jparse.NumberNode); ok {
			width = math.Abs(n.Value)
		}
	}
	if width < 0 {
		return b.refuse()
	}
	out := b.sum(context.size, fixed(1+4*width/textBytes))
	for _, a := range arguments {
		out = b.sum(out, a.size)
	}
	return b.made(text(out.times(2)))
}

// library returns a bound for a function of the library that gets no function. nodes are the arguments as they are
// written, where they are.
func (b *bound) library(name string, nodes []jparse.Node, arguments []operand) operand {
	total, others := fixed(0), weight(0)
	for i, a := range arguments {
		if a.isFunction() {
			return b.refuse()
		}
		total = b.sum(total, a.size)
		if i > 0 {
			others += b.largest(a.size)
		}
	}
	b.charge(total)
	first := weight(0)
	if len(arguments) > 0 {
		first = b.largest(arguments[0].size)
	}
	switch name {
	case "join": // the separator is written after each item
		separator := fixed(0)
		if len(arguments) > 1 {
			separator = b.here(arguments[0].items).times(bytes(b.largest(arguments[1].size)) / textBytes)
		}
		return b.made(text(b.sum(total, separator)))
	case "match":
		matches := bytes(first) + 1
		b.charge(fixed(searching(bytes(first), bytes(others))))
		return b.made(anything(fixed(times(matches, 5+bytes(others)) + bytes(first)*bytes(others))))
	case "replace":
		return b.replace(nodes, bytes(first)+bytes(others))
	}
	g, ok := functions[name]
	if !ok {
		return b.refuse()
	}
	if g.work != nil {
		b.charge(fixed(g.work(bytes(first), bytes(others)+1)))
	}
	out := b.made(anything(b.sum(total.times(g.times), fixed(max(1, g.plus)))))
	if g.isText || g.times == 0 {
		out.items = fixed(1)
	}
	out.isText = g.isText
	return out
}

// replace has a result as long as a text in which each character is replaced by what each reference of the replacement
// may bring. Every replacement copies the whole text.
func (b *bound) replace(nodes []jparse.Node, all weight) operand {
	replacement, references := all, all
	for _, node := range nodes[min(1, len(nodes)):] {
		if n, ok := node.(*jparse.StringNode); ok {
			replacement, references = weight(len(n.Value)), weight(strings.Count(n.Value, "$"))
		}
	}
	length := all + times(all+1, replacement) + times(references, all)
	b.charge(fixed((times(all+1, length) + times(all+1, times(replacement, replacement)) + times(all, all)) / textBytes))
	return b.made(text(fixed(1 + length/textBytes)))
}

// higher returns a bound for a call that gets a function.
func (b *bound) higher(name string, arguments []operand) operand {
	if len(arguments) < 2 || !arguments[1].isFunction() || arguments[0].isFunction() {
		return b.refuse()
	}
	list, f := arguments[0], arguments[1]
	list.known = false
	switch name {
	case "reduce":
		return b.reduce(arguments)
	case "sort":
		rounds := sorting(b.largest(list.items))
		b.each(operand{size: b.here(list.size).times(rounds), items: b.here(list.items).times(rounds)}, func(operand) operand {
			return b.invoke(f, list, list)
		})
		return b.list(list.size, list.items)
	case "each", "sift": // the members of an object are its items
		list.items = list.size
	}
	out := b.each(list, func(item operand) operand {
		if name == "each" || name == "sift" {
			item = anything(item.size)
		}
		switch {
		case slices.Contains(alone, f.name):
			return b.invoke(f, item)
		case name == "each" || name == "sift":
			return b.invoke(f, item, item, list) // with the key
		}
		return b.invoke(f, item, small, list)
	})
	if name == "map" || name == "each" {
		return b.list(b.sum(out.size, list.items), list.items)
	}
	return b.list(list.size, list.items)
}

// reduce has a function that gets what it gave before: what it makes grows with each item, and without end when it at
// least doubles.
func (b *bound) reduce(arguments []operand) operand {
	list := arguments[0]
	rounds, item := b.largest(list.items), anything(fixed(b.largest(list.size)))
	first := b.largest(list.size)
	if len(arguments) > 2 {
		first += b.largest(arguments[2].size)
	}
	b.most = append(b.most, unbounded) // how large it becomes is what is asked for
	now := len(b.most) - 1
	b.work = append(b.work, size{loop: now})
	out := b.invoke(arguments[1], anything(size{per: 1, loop: now}), item)
	once, work := b.here(out.size), b.work[now]
	b.most, b.work = b.most[:now], b.work[:now]
	result := first + times(rounds, once.plus)
	if once.per > 1 {
		result = times(math.Pow(once.per, rounds), result)
	}
	b.charge(fixed(times(rounds, times(work.per, result)+work.plus)))
	return b.made(anything(fixed(result)))
}

// interval is a range of numbers, which has a bound when its ends have one.
func (b *bound) interval(n *jparse.RangeNode, context operand, s *scope) operand {
	b.plain(n.LHS, context, s)
	b.plain(n.RHS, context, s)
	least := 0.0
	switch from := n.LHS.(type) {
	case *jparse.NumberNode:
		least = from.Value
	default:
		return b.refuse()
	}
	most := b.number(n.RHS, context, s)
	count := b.sum(most, fixed(max(0, 1-least)))
	return b.list(count, count)
}

// number returns the largest number that a node may give, which is no less than 0.
func (b *bound) number(node jparse.Node, context operand, s *scope) size {
	switch n := node.(type) {
	case *jparse.NumberNode:
		return fixed(max(0, n.Value))
	case *jparse.NumericOperatorNode:
		if right, ok := n.RHS.(*jparse.NumberNode); ok && right.Value >= 0 {
			switch n.Type {
			case jparse.NumericAdd:
				return b.sum(b.number(n.LHS, context, s), fixed(right.Value))
			case jparse.NumericSubtract:
				return b.number(n.LHS, context, s)
			}
		}
	case *jparse.FunctionCallNode:
		if v, ok := n.Func.(*jparse.VariableNode); ok && len(n.Args) == 1 {
			switch v.Name {
			case "count":
				return b.plain(n.Args[0], context, s).items
			case "length":
				return b.here(b.plain(n.Args[0], context, s).size).times(textBytes)
			}
		}
	}
	return b.refuse().size
}
