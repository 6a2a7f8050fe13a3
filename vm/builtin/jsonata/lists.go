package jsonata

import (
	"encoding/binary"
	"io"
	"math"
	"slices"
)

var listRows = map[string]row{
	"count": {"<a:n>", 1, func(c *call) any {
		if c.at(0) == nil {
			return 0.0
		}
		return float64(len(c.items(0)))
	}},
	"append":   {"<xx:a>", 2, func(c *call) any { return c.appended(c.at(0), c.at(1)) }},
	"map":      {"<af>", 2, orMissing(mapped)},
	"filter":   {"<af>", 2, orMissing(filtered)},
	"single":   {"<af?>", 2, orMissing(single)},
	"reduce":   {"<afj?:j>", 3, orMissing(folded)},
	"zip":      {"<a+>", 0, zipped},
	"reverse":  {"<a:a>", 1, orMissing(reversed)},
	"sort":     {"<af?:a>", 2, orMissing(sortList)},
	"shuffle":  {"<a:a>", 1, orMissing(shuffled)},
	"distinct": {"<x:x>", 1, distinct},
}

func mapped(c *call) any {
	f, result := c.function(1), sequence()
	for i, item := range c.items(0) {
		if v := c.each(f, item, float64(i), c.at(0)); v != nil {
			c.list(1)
			result.items = append(result.items, v)
		}
	}
	return result
}

func filtered(c *call) any {
	f, result := c.function(1), sequence()
	for i, item := range c.items(0) {
		if truth(c.each(f, item, float64(i), c.at(0))) {
			c.list(1)
			result.items = append(result.items, item)
		}
	}
	return result
}

// single is the only item that a function is true of.
func single(c *call) any {
	var found []any
	for i, item := range c.items(0) {
		if c.at(1) == nil || truth(c.each(c.function(1), item, float64(i), c.at(0))) {
			found = append(found, item)
		}
		if len(found) > 1 {
			break
		}
	}
	if len(found) != 1 {
		panic(failure("there is not exactly one item"))
	}
	return found[0]
}

func folded(c *call) any {
	items, f, result := c.items(0), c.function(1), c.at(2)
	if f.arity < 2 {
		panic(failure("the function of $reduce takes two arguments"))
	}
	i := 0
	if result == nil && len(items) > 0 {
		result, i = items[0], 1
	}
	for ; i < len(items); i++ {
		args := []any{result, items[i], float64(i), c.at(0)}
		result = c.apply(f, args[:min(f.arity, 4)], c.input, c.env)
	}
	return result
}

func zipped(c *call) any {
	n := math.MaxInt
	for i := range c.args {
		l, ok := c.at(i).(*list)
		if !ok {
			return &list{}
		}
		n = min(n, len(l.items))
	}
	if len(c.args) == 0 {
		return &list{}
	}
	out := &list{}
	for i := range n {
		c.list(1 + len(c.args))
		row := &list{}
		for _, arg := range c.args {
			row.items = append(row.items, arg.(*list).items[i])
		}
		out.items = append(out.items, row)
	}
	return out
}

func reversed(c *call) any {
	items := c.items(0)
	if len(items) <= 1 {
		return c.at(0)
	}
	c.list(len(items))
	out := slices.Clone(items)
	slices.Reverse(out)
	return &list{items: out}
}

func sortList(c *call) any {
	items := c.items(0)
	if len(items) <= 1 {
		return c.at(0)
	}
	after := func(a, b any) bool { return c.order(a, b) > 0 }
	if c.at(1) != nil {
		f := c.function(1)
		after = func(a, b any) bool { return jsTruth(c.apply(f, []any{a, b}, c.input, c.env)) }
	} else if !all(c.at(0), isNumeric) && !all(c.at(0), isString) {
		panic(failure("only numbers or texts can be sorted without a function"))
	}
	c.list(len(items))
	return &list{items: c.mergeSort(items, after)}
}

// jsTruth is the truth of a value in JavaScript, where lists and objects are always true.
func jsTruth(v any) bool {
	switch v := v.(type) {
	case nil, null:
		return false
	case float64:
		return v != 0 && !math.IsNaN(v)
	case bool, string:
		return truth(v)
	}
	return true
}

// entropy is a random number from 0 to below 1.
func (c *call) entropy() float64 {
	var b [8]byte
	if c.c.Entropy == nil {
		panic(failure("there is no source of random numbers"))
	}
	_, err := io.ReadFull(c.c.Entropy, b[:])
	c.must(err)
	return float64(binary.LittleEndian.Uint64(b[:])>>11) / (1 << 53)
}

func shuffled(c *call) any {
	items := c.items(0)
	if len(items) <= 1 {
		return c.at(0)
	}
	c.list(len(items))
	out := make([]any, len(items))
	for i, item := range items {
		c.step(1)
		j := int(c.entropy() * float64(i+1))
		out[i], out[j] = out[j], item
	}
	return &list{items: out}
}

func distinct(c *call) any {
	l, ok := c.at(0).(*list)
	if !ok || len(l.items) <= 1 {
		return c.at(0)
	}
	out := &list{sequence: l.sequence}
	for _, item := range l.items {
		if !slices.ContainsFunc(out.items, func(x any) bool { return c.equal(item, x) }) {
			c.list(1)
			out.items = append(out.items, item)
		}
	}
	return out
}
