package jsonata

import (
	"maps"
	"math"
)

// path goes through the steps of a path. From the first step on that binds a variable or has a parent to be found, the
// items carry variables with them, as tuples.
func (r *run) path(n *node, input any, env *frame) any {
	in, ok := input.(*list)
	if !ok || n.args[0].kind == kindVariable {
		in = sequence(input)
	}
	var result any
	var bindings *list
	asTuples := false
	for i, step := range n.args {
		asTuples = asTuples || step.tuple
		switch {
		case i == 0 && step.cons:
			result = r.evaluate(step, in, env)
		case asTuples:
			bindings = r.tupleStep(step, in, bindings, env)
		default:
			result = r.pathStep(step, in, env, i == len(n.args)-1)
		}
		l, ok := result.(*list)
		if !asTuples && (result == nil || ok && len(l.items) == 0) {
			break
		}
		if step.focus == "" {
			if in = l; in == nil {
				in = &list{}
			}
		}
	}
	if asTuples {
		result = bindings
		if !n.tuple {
			items := sequence()
			r.list(len(bindings.items))
			for _, t := range bindings.items {
				items.items = append(items.items, t.(*tuple).item)
			}
			result = items
		}
	}
	if n.keepSingleton {
		l, ok := result.(*list)
		if ok && l.cons && !l.sequence {
			l = sequence(l)
			result = l
		}
		if result == nil {
			panic(failure("there is nothing to keep"))
		}
		if ok && l.sequence {
			l.keep = true
		}
	}
	if n.group == nil {
		return result
	}
	if asTuples {
		return r.group(n.group, bindings, env)
	}
	return r.group(n.group, result, env)
}

// pathStep evaluates a step for each item and puts what comes out into one sequence.
func (r *run) pathStep(n *node, in *list, env *frame, final bool) any {
	if n.kind == kindSort {
		return r.stages(n.stages, r.sorted(n, in, env), env)
	}
	var results []any
	for _, item := range in.items {
		v := r.evaluate(n, item, env)
		for _, stage := range n.stages {
			v = r.filter(stage.lhs, v, env)
		}
		if v != nil {
			r.list(1)
			results = append(results, v)
		}
	}
	if final && len(results) == 1 {
		if l, ok := results[0].(*list); ok && !l.sequence {
			return l
		}
	}
	total := 0
	for _, v := range results {
		items := 1
		if l, ok := v.(*list); ok && !l.cons {
			items = len(l.items)
		}
		r.list(items)
		total += items
	}
	out := sequence()
	out.items = make([]any, 0, total) // at once, so that megabytes are not copied as it grows
	for _, v := range results {
		if l, ok := v.(*list); ok && !l.cons {
			out.items = append(out.items, l.items...)
			r.must(r.c.Look(len(l.items)))
		} else {
			out.items = append(out.items, v)
		}
	}
	return out
}

// stages are the filters and indexes of a step, over all of its results.
func (r *run) stages(stages []*node, v any, env *frame) any {
	for _, stage := range stages {
		if stage.kind == kindFilter {
			v = r.filter(stage.lhs, v, env)
			continue
		}
		l, _ := v.(*list)
		for i, item := range l.items {
			r.step(1)
			item.(*tuple).names[stage.text] = float64(i)
		}
	}
	return v
}

// tupleStep is a step over tuples; without any yet, over items that become tuples.
func (r *run) tupleStep(n *node, in, bindings *list, env *frame) *list {
	result := &list{sequence: true, tuples: true}
	switch {
	case n.kind == kindSort && bindings != nil:
		result = r.sorted(n, bindings, env)
	case n.kind == kindSort:
		for i, item := range r.sorted(n, in, env).items {
			r.step(1)
			result.items = append(result.items, &tuple{item, map[string]any{n.index: float64(i)}})
		}
	default:
		if bindings == nil {
			bindings = &list{}
			r.list(len(in.items))
			for _, item := range in.items {
				bindings.items = append(bindings.items, &tuple{item: item})
			}
		}
		for _, t := range bindings.items {
			r.expand(n, t.(*tuple), result, env)
		}
	}
	return r.stages(n.stages, result, env).(*list)
}

// expand adds the tuples that a step makes of one.
func (r *run) expand(n *node, t *tuple, to *list, env *frame) {
	v := r.evaluate(n, t.item, env.of(t))
	if v == nil {
		return
	}
	l, ok := v.(*list)
	if !ok {
		l = &list{items: []any{v}}
	}
	for i, item := range l.items {
		r.step(1 + len(t.names))
		r.must(r.c.Object(len(t.names) + 3))
		next := &tuple{t.item, maps.Clone(t.names)}
		if next.names == nil {
			next.names = map[string]any{}
		}
		to.items = append(to.items, next)
		if inner, ok := item.(*tuple); ok && l.tuples {
			next.item = inner.item
			maps.Copy(next.names, inner.names)
			continue
		}
		if n.focus != "" {
			next.names[n.focus] = item
		} else {
			next.item = item
		}
		if n.index != "" {
			next.names[n.index] = float64(i)
		}
		if n.ancestor != nil {
			next.names[n.ancestor.label] = t.item
		}
	}
}

// filter keeps the items that a predicate is true of, or whose numbers it gives.
func (r *run) filter(predicate *node, input any, env *frame) any {
	in, ok := input.(*list)
	if !ok {
		in = sequence(input)
	}
	result := &list{sequence: true, tuples: ok && in.tuples}
	if f, ok := predicate.value.(float64); ok && predicate.kind == kindLiteral {
		if i := place(f, len(in.items)); i >= 0 && i < len(in.items) {
			switch item := in.items[i].(type) {
			case nil:
			case *list:
				return item
			default:
				result.items = append(result.items, item)
			}
		}
		return result
	}
	for i, item := range in.items {
		context, inner := item, env
		if in.tuples {
			t := item.(*tuple)
			context, inner = t.item, env.of(t)
		}
		v := r.evaluate(predicate, context, inner)
		if isNumeric(v) {
			v = &list{items: []any{v}}
		}
		if !all(v, isNumeric) {
			if truth(v) {
				r.list(1)
				result.items = append(result.items, item)
			}
			continue
		}
		for _, at := range v.(*list).items {
			r.step(1)
			if place(at.(float64), len(in.items)) == i {
				r.list(1)
				result.items = append(result.items, item)
			}
		}
	}
	return result
}

// place is the place of an item of n that a number means; -1 is the last one.
func place(f float64, n int) int {
	f = math.Floor(f)
	if f < 0 {
		f += float64(n)
	}
	if f < 0 || f >= float64(n) {
		return -1
	}
	return int(f)
}

// grouped are the items that share a key, and the pair that made it.
type grouped struct {
	items any
	pair  int
}

// group makes an object of items, whose pairs give keys for the items and a value for all items of a key.
func (r *run) group(pairs [][2]*node, input any, env *frame) any {
	in, ok := input.(*list)
	if !ok {
		in = sequence(input)
	}
	if len(in.items) == 0 {
		in = sequence(nil)
	}
	groups := map[string]*grouped{}
	var order []string
	for _, item := range in.items {
		context, inner := item, env
		if in.tuples {
			t := item.(*tuple)
			context, inner = t.item, env.of(t)
		}
		for i, pair := range pairs {
			v := r.evaluate(pair[0], context, inner)
			key, ok := v.(string)
			if v == nil {
				continue
			}
			if !ok {
				panic(failure("a key is no text"))
			}
			switch g := groups[key]; {
			case g == nil:
				r.must(r.c.Object(1))
				groups[key] = &grouped{item, i}
				order = append(order, key)
			case g.pair != i:
				panic(failure("two pairs give the same key"))
			default:
				g.items = r.appended(g.items, item)
			}
		}
	}
	result := &object{}
	r.must(r.c.Object(len(order)))
	for _, key := range order {
		g := groups[key]
		context, inner := g.items, env
		if in.tuples {
			t := r.reduced(g.items)
			context, inner = t.item, env.of(t)
		}
		if v := r.evaluate(pairs[g.pair][1], context, inner); v != nil {
			result.set(key, v)
		}
	}
	return result.arrange()
}

// reduced makes one tuple of several, whose values then are lists.
func (r *run) reduced(v any) *tuple {
	l, ok := v.(*list)
	if !ok {
		return v.(*tuple)
	}
	first := l.items[0].(*tuple)
	result := &tuple{first.item, maps.Clone(first.names)}
	for _, item := range l.items[1:] {
		t := item.(*tuple)
		result.item = r.appended(result.item, t.item)
		for name, v := range t.names {
			result.names[name] = r.appended(result.names[name], v)
		}
	}
	return result
}

// sorted sorts by the terms of a node; what a term gives nothing for comes last.
func (r *run) sorted(n *node, in *list, env *frame) *list {
	if len(in.items) <= 1 {
		return in
	}
	of := func(t term, item any) any {
		if in.tuples {
			return r.evaluate(t.expr, item.(*tuple).item, env.of(item.(*tuple)))
		}
		return r.evaluate(t.expr, item, env)
	}
	r.list(len(in.items))
	return &list{items: r.mergeSort(in.items, func(a, b any) bool {
		for _, t := range n.terms {
			order := r.order(of(t, a), of(t, b))
			if order == 0 {
				continue
			}
			return order == missingFirst || order != missingLast && (order > 0) != t.descending
		}
		return false
	})}
}

// What order says when one of two values is missing.
const (
	missingFirst = 2
	missingLast  = -2
)

// order compares two values of a term.
func (r *run) order(a, b any) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return missingFirst
	case b == nil:
		return missingLast
	}
	switch x := a.(type) {
	case string:
		if y, ok := b.(string); ok {
			r.read(min(len(x), len(y)))
			return max(-1, min(compareTexts(x, y), 1))
		}
	case float64:
		if y, ok := b.(float64); ok {
			switch {
			case x == y:
				return 0
			case x < y:
				return -1
			}
			return 1
		}
	}
	panic(failure("values cannot be sorted"))
}

// mergeSort sorts stably; after says that a belongs behind b.
func (r *run) mergeSort(items []any, after func(a, b any) bool) []any {
	r.step(len(items))
	if len(items) <= 1 {
		return items
	}
	left, right := r.mergeSort(items[:len(items)/2], after), r.mergeSort(items[len(items)/2:], after)
	out := make([]any, 0, len(items))
	for len(left) > 0 && len(right) > 0 {
		if after(left[0], right[0]) {
			out, right = append(out, right[0]), right[1:]
		} else {
			out, left = append(out, left[0]), left[1:]
		}
	}
	return append(append(out, left...), right...)
}
