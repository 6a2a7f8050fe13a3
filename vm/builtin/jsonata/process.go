package jsonata

import (
	"slices"
	"strconv"
)

// slot is where the value of a % lies: in the variable of the label, bound by the step that is level steps further out.
type slot struct {
	label string
	level int
	index int
}

// process turns what was read into what is evaluated: chains of . become paths of steps, filters become part of their
// steps, and every % finds the step whose input it stands for.
func (p *parser) process(n *node) *node {
	result := n
	switch n.kind {
	case kindBinary:
		result = p.binary(n)
	case kindUnary:
		result = p.unary(n)
	case kindCall, kindPartial:
		p.all(n, n.args)
		n.lhs = p.process(n.lhs)
	case kindLambda:
		n.lhs = tail(p.process(n.lhs))
	case kindCondition:
		n.lhs, n.rhs = p.process(n.lhs), p.process(n.rhs)
		n.push(n.lhs, n.rhs)
		if n.third != nil {
			n.third = p.process(n.third)
			n.push(n.third)
		}
	case kindTransform:
		n.lhs, n.rhs = p.process(n.lhs), p.process(n.rhs)
		if n.third != nil {
			n.third = p.process(n.third)
		}
	case kindBlock:
		p.all(n, n.args)
		n.cons = slices.ContainsFunc(n.args, func(x *node) bool { return x.cons || x.kind == kindPath && x.args[0].cons })
	case kindName, kindKeyword:
		n.kind = kindName
		result = &node{kind: kindPath, args: []*node{n}, keepSingleton: n.keepArray}
	case kindParent:
		i := len(p.parents)
		n.slot = &slot{label: "!" + strconv.Itoa(i), level: 1, index: i}
		p.parents = append(p.parents, n)
	}
	result.keepArray = result.keepArray || n.keepArray
	return result
}

// all processes nodes that are parts of n.
func (p *parser) all(n *node, parts []*node) {
	for i, part := range parts {
		parts[i] = p.process(part)
		n.push(parts[i])
	}
}

// push makes n look for what its parts look for.
func (n *node) push(parts ...*node) {
	for _, part := range parts {
		n.seeking = append(n.seeking, part.seeking...)
		if part.kind == kindParent {
			n.seeking = append(n.seeking, part.slot)
		}
	}
}

// tail makes thunks of the calls that a lambda ends with, so that they do not nest.
func tail(n *node) *node {
	switch {
	case n.kind == kindCall && n.predicates == nil:
		return &node{kind: kindLambda, thunk: true, lhs: n}
	case n.kind == kindCondition:
		n.rhs = tail(n.rhs)
		if n.third != nil {
			n.third = tail(n.third)
		}
	case n.kind == kindBlock && len(n.args) > 0:
		n.args[len(n.args)-1] = tail(n.args[len(n.args)-1])
	}
	return n
}

func (p *parser) unary(n *node) *node {
	switch n.text {
	case "[":
		p.all(n, n.args)
	case "{":
		for i, pair := range n.pairs {
			n.pairs[i] = [2]*node{p.process(pair[0]), p.process(pair[1])}
			n.push(n.pairs[i][0], n.pairs[i][1])
		}
	default:
		n.lhs = p.process(n.lhs)
		if f, ok := n.lhs.value.(float64); ok && n.lhs.kind == kindLiteral {
			n.lhs.value = -f
			return n.lhs
		}
		n.push(n.lhs)
	}
	return n
}

func (p *parser) binary(n *node) *node {
	switch n.text {
	case ".":
		return p.dot(n)
	case "[":
		return p.filter(n)
	case "{":
		result := p.process(n.lhs)
		if result.group != nil {
			panic(failure("a step can be grouped once only"))
		}
		for i, pair := range n.pairs {
			n.pairs[i] = [2]*node{p.process(pair[0]), p.process(pair[1])}
		}
		result.group = n.pairs
		return result
	case "^":
		result := pathOf(p.process(n.lhs))
		sorted := &node{kind: kindSort}
		for _, t := range n.terms {
			t.expr = p.process(t.expr)
			sorted.push(t.expr)
			sorted.terms = append(sorted.terms, t)
		}
		result.args = append(result.args, sorted)
		p.resolve(result)
		return result
	case ":=":
		n.kind, n.rhs = kindBind, p.process(n.rhs)
		n.push(n.rhs)
		return n
	case "@", "#":
		return p.bindStep(n)
	case "~>":
		n.kind, n.lhs, n.rhs = kindApply, p.process(n.lhs), p.process(n.rhs)
		return n
	}
	n.lhs, n.rhs = p.process(n.lhs), p.process(n.rhs)
	n.push(n.lhs, n.rhs)
	return n
}

// pathOf is n itself when it is a path, or the path whose only step it is.
func pathOf(n *node) *node {
	if n.kind == kindPath {
		return n
	}
	return &node{kind: kindPath, args: []*node{n}}
}

// last is the last step of a path, or n itself.
func last(n *node) *node {
	if n.kind == kindPath {
		return n.args[len(n.args)-1]
	}
	return n
}

func (p *parser) dot(n *node) *node {
	left := p.process(n.lhs)
	result := pathOf(left)
	if left.kind == kindParent {
		result.seeking = []*slot{left.slot}
	}
	if rest := p.process(n.rhs); rest.kind == kindPath {
		result.args = append(result.args, rest.args...)
	} else {
		if rest.predicates != nil {
			rest.stages, rest.predicates = rest.predicates, nil
		}
		result.args = append(result.args, rest)
	}
	for _, step := range result.args {
		result.keepSingleton = result.keepSingleton || step.keepArray
		if step.kind != kindLiteral {
			continue
		}
		name, ok := step.value.(string)
		if !ok {
			panic(failure("a number, a boolean or null is no step"))
		}
		step.kind, step.text = kindName, name
	}
	for _, step := range []*node{result.args[0], last(result)} {
		step.cons = step.cons || step.kind == kindUnary && step.text == "["
	}
	p.resolve(result)
	return result
}

func (p *parser) filter(n *node) *node {
	result := p.process(n.lhs)
	step := last(result)
	if step.group != nil {
		panic(failure("a filter cannot follow a group"))
	}
	predicate := p.process(n.rhs)
	for _, s := range predicate.seeking {
		if s.level == 1 {
			p.seek(step, s)
		} else {
			s.level--
		}
	}
	if predicate.seeking != nil {
		step.push(predicate)
	}
	filter := &node{kind: kindFilter, lhs: predicate}
	if result.kind == kindPath {
		step.stages = append(step.stages, filter)
	} else {
		step.predicates = append(step.predicates, filter)
	}
	return result
}

// bindStep reads step@$name and step#$name.
func (p *parser) bindStep(n *node) *node {
	result := p.process(n.lhs)
	if n.text == "@" {
		step := last(result)
		if step.stages != nil || step.predicates != nil || step.kind == kindSort {
			panic(failure("@ must precede filters and sorting"))
		}
		step.keepArray = step.keepArray || n.keepArray
		step.focus, step.tuple = n.rhs.text, true
		return result
	}
	step := last(result)
	if result.kind != kindPath {
		result = pathOf(result)
		step.stages, step.predicates = step.predicates, nil
	}
	if step.stages == nil {
		step.index = n.rhs.text
	} else {
		step.stages = append(step.stages, &node{kind: kindIndex, text: n.rhs.text})
	}
	step.tuple = true
	return result
}

// resolve finds the steps of a path that its last step looks for.
func (p *parser) resolve(path *node) {
	final := last(path)
	slots := final.seeking
	if final.kind == kindParent {
		slots = append(slices.Clone(slots), final.slot)
	}
	for _, s := range slots {
		i := len(path.args) - 2
		for s.level > 0 {
			if i < 0 {
				path.seeking = append(path.seeking, s)
				break
			}
			step := path.args[i]
			i--
			for i >= 0 && step.focus != "" && path.args[i].focus != "" {
				step = path.args[i]
				i--
			}
			p.seek(step, s)
		}
	}
}

// seek goes one step outwards with a slot.
func (p *parser) seek(n *node, s *slot) {
	switch n.kind {
	case kindName, kindWildcard:
		if s.level--; s.level == 0 {
			if n.ancestor != nil {
				p.parents[s.index].slot.label = n.ancestor.label
			}
			n.ancestor, n.tuple = s, true
		}
	case kindParent:
		s.level++
	case kindBlock:
		if len(n.args) > 0 {
			n.tuple = true
			p.seek(n.args[len(n.args)-1], s)
		}
	case kindPath:
		n.tuple = true
		i := len(n.args) - 1
		p.seek(n.args[i], s)
		for i--; s.level > 0 && i >= 0; i-- {
			p.seek(n.args[i], s)
		}
	default:
		panic(failure("there is no parent here"))
	}
}
