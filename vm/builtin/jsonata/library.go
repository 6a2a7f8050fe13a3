package jsonata

import "math"

// row is a function of the library.
type row struct {
	signature string
	arity     int // of the reference implementation, by which functions are called for each item
	call      func(c *call) any
}

// library18 are the functions of JSONata 1.8.
var library18 *frame

func init() {
	library18 = &frame{names: map[string]any{}}
	for _, rows := range []map[string]row{textRows, numberRows, listRows, objectRows, otherRows} {
		for name, row := range rows {
			library18.names[name] = &function{native: row.call, signature: newSignature(row.signature), arity: row.arity, object: true}
		}
	}
}

// at is an argument, nil when it is missing.
func (c *call) at(i int) any {
	if i < len(c.args) {
		return c.args[i]
	}
	return nil
}

// The arguments of a type; what is of another one ends the evaluation, and so does what is missing.
func (c *call) text(i int) string        { return argument[string](c, i) }
func (c *call) picture(i int) string     { return c.pictured(c.text(i)) }
func (c *call) number(i int) float64     { return argument[float64](c, i) }
func (c *call) items(i int) []any        { return argument[*list](c, i).items }
func (c *call) object(i int) *object     { return argument[*object](c, i) }
func (c *call) function(i int) *function { return argument[*function](c, i) }

// numberOrNaN is a number, or NaN when it is missing.
func (c *call) numberOrNaN(i int) float64 {
	if c.at(i) == nil {
		return math.NaN()
	}
	return c.number(i)
}

func argument[T any](c *call, i int) T {
	v, ok := c.at(i).(T)
	if !ok {
		panic(failure("an argument is of another type"))
	}
	return v
}

// orMissing makes a function that gives nothing for nothing.
func orMissing(f func(c *call) any) func(c *call) any {
	return func(c *call) any {
		if c.at(0) == nil {
			return nil
		}
		return f(c)
	}
}

// each calls a function with an item, and as many of its place and its list as it takes.
func (c *call) each(f *function, item, place, in any) any {
	args := []any{item, place, in}
	return c.apply(f, args[:max(1, min(f.arity, 3))], c.input, c.env)
}

var otherRows = map[string]row{
	"boolean": {"<x-:b>", 1, orMissing(func(c *call) any { return truth(c.at(0)) })},
	"not":     {"<x-:b>", 1, orMissing(func(c *call) any { return !truth(c.at(0)) })},
	"exists":  {"<x:b>", 1, func(c *call) any { return c.at(0) != nil }},
	"type":    {"<x:s>", 1, orMissing(func(c *call) any { return typeOf(c.at(0)) })},
	"error":   {"<s?:x>", 1, func(*call) any { panic(failure("$error was called")) }},
	"assert": {"<bs?:x>", 2, func(c *call) any {
		if !truth(c.at(0)) {
			panic(failure("$assert failed"))
		}
		return nil
	}},
	"clone":      {"<(oa)-:o>", 1, orMissing(func(c *call) any { return c.clone(c.at(0)) })},
	"eval":       {"<sx?:x>", 2, orMissing(evaluated)},
	"now":        {"<s?s?:s>", 2, func(c *call) any { return c.formatTime(float64(c.c.Now), c.at(0), c.at(1)) }},
	"millis":     {"<:n>", 0, func(c *call) any { return float64(c.c.Now) }},
	"toMillis":   {"<s-s?:n>", 2, orMissing(toMillis)},
	"fromMillis": {"<n-s?s?:s>", 3, orMissing(func(c *call) any { return c.formatTime(c.number(0), c.at(1), c.at(2)) })},
}

func typeOf(v any) string {
	switch v.(type) {
	case null:
		return "null"
	case float64:
		if isNumeric(v) {
			return "number"
		}
		return "object"
	case string:
		return "string"
	case bool:
		return "boolean"
	case *list:
		return "array"
	case *function:
		return "function"
	}
	return "object"
}

// evaluated evaluates an expression that the expression has computed.
func evaluated(c *call) any {
	source := c.text(0)
	if len(source) > maxBytes {
		panic(failure("the expression is too long"))
	}
	c.step(len(source) / 4)
	input := c.input
	if c.at(1) != nil {
		input = c.at(1)
		if l, ok := input.(*list); ok && !l.sequence {
			input = &list{items: []any{l}, sequence: true, outer: true}
		}
	}
	return c.evaluate(parse(source), input, c.env)
}
