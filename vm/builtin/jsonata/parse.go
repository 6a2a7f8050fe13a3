package jsonata

import "slices"

// The kinds of nodes. Most are those of the reference implementation.
const (
	kindPath       = "path"
	kindBinary     = "binary"
	kindUnary      = "unary"
	kindName       = "name"
	kindLiteral    = "literal"
	kindWildcard   = "wildcard"
	kindDescendant = "descendant"
	kindParent     = "parent"
	kindCondition  = "condition"
	kindBlock      = "block"
	kindBind       = "bind"
	kindRegex      = "regex"
	kindCall       = "call"
	kindVariable   = "variable"
	kindLambda     = "lambda"
	kindPartial    = "partial"
	kindHole       = "hole" // the ? of a partial application
	kindApply      = "apply"
	kindTransform  = "transform"
	kindSort       = "sort"
	kindFilter     = "filter"
	kindIndex      = "index"
	kindKeyword    = "keyword" // and, or, in where a name stands
)

// node is a node of the syntax tree. Which fields it has depends on its kind.
type node struct {
	kind string
	// text is an operator, or the name of a name or variable.
	text  string
	value any
	// lhs, rhs and third are operands: the parts of a condition, those of a transformation, a procedure and its body.
	lhs, rhs, third *node
	// args are arguments, parameters, the expressions of a list or a block, or the steps of a path.
	args  []*node
	pairs [][2]*node
	terms []term

	// predicates are the filters of a node that is no step; stages the filters and indexes of a step.
	predicates, stages []*node
	// group are the pairs that a result is grouped by; nil: it is not.
	group [][2]*node

	keepArray, keepSingleton, cons, tuple, thunk bool
	// focus and index are the variables that a step binds.
	focus, index string
	signature    *signature

	slot, ancestor *slot
	seeking        []*slot
}

// term is what a sort compares by.
type term struct {
	descending bool
	expr       *node
}

// maxNesting bounds how deep an expression nests.
const maxNesting = 2500

// parser is a parser by operator precedence.
type parser struct {
	lexer   lexer
	token   token
	nesting int
	// parents are the nodes of %, by the index of their slots.
	parents []*node
}

// parse reads an expression. What is no expression ends in a failure.
func parse(source string) *node {
	p := &parser{lexer: lexer{source: source}}
	p.advance(false)
	n := p.expression(0)
	if p.token.kind != tokenEnd {
		panic(failure("something follows the expression"))
	}
	n = p.process(n)
	if n.kind == kindParent || n.seeking != nil {
		panic(failure("there is no parent here"))
	}
	return n
}

func (p *parser) advance(operator bool) { p.token = p.lexer.next(operator) }

// expect passes a token that must be there.
func (p *parser) expect(text string, operator bool) {
	if !p.token.is(text) {
		panic(failure("expected " + text))
	}
	p.advance(operator)
}

// expression reads an expression whose operators bind more strongly than a number.
func (p *parser) expression(binds int) *node {
	if p.nesting++; p.nesting > maxNesting {
		panic(failure("the expression nests too deep"))
	}
	t := p.token
	p.advance(true)
	left := p.prefix(t)
	for binds < p.token.binds {
		t = p.token
		p.advance(false)
		left = p.infix(t, left)
	}
	p.nesting--
	return left
}

func (p *parser) prefix(t token) *node {
	switch t.kind {
	case tokenName:
		return &node{kind: kindName, text: t.text}
	case tokenVariable:
		return &node{kind: kindVariable, text: t.text}
	case tokenString, tokenNumber, tokenValue:
		return &node{kind: kindLiteral, value: t.value}
	case tokenRegex:
		return &node{kind: kindRegex, value: t.value}
	case tokenOperator:
		switch t.text {
		case "and", "or", "in":
			return &node{kind: kindKeyword, text: t.text}
		case "-":
			return &node{kind: kindUnary, text: "-", lhs: p.expression(70)}
		case "*":
			return &node{kind: kindWildcard}
		case "**":
			return &node{kind: kindDescendant}
		case "%":
			return &node{kind: kindParent}
		case "(":
			return p.block()
		case "[":
			return p.list()
		case "{":
			return &node{kind: kindUnary, text: "{", pairs: p.pairs()}
		case "|":
			return p.transform()
		}
	}
	panic(failure("an operand is missing"))
}

func (p *parser) block() *node {
	n := &node{kind: kindBlock}
	for !p.token.is(")") {
		n.args = append(n.args, p.expression(0))
		if !p.token.is(";") {
			break
		}
		p.advance(false)
	}
	p.expect(")", true)
	return n
}

func (p *parser) list() *node {
	n := &node{kind: kindUnary, text: "["}
	for more := !p.token.is("]"); more; {
		item := p.expression(0)
		if p.token.is("..") {
			p.advance(false)
			item = &node{kind: kindBinary, text: "..", lhs: item, rhs: p.expression(0)}
		}
		n.args = append(n.args, item)
		if more = p.token.is(","); more {
			p.advance(false)
		}
	}
	p.expect("]", true)
	return n
}

func (p *parser) pairs() [][2]*node {
	pairs := [][2]*node{}
	for more := !p.token.is("}"); more; {
		key := p.expression(0)
		p.expect(":", false)
		pairs = append(pairs, [2]*node{key, p.expression(0)})
		if more = p.token.is(","); more {
			p.advance(false)
		}
	}
	p.expect("}", true)
	return pairs
}

func (p *parser) transform() *node {
	n := &node{kind: kindTransform, lhs: p.expression(0)}
	p.expect("|", false)
	n.rhs = p.expression(0)
	if p.token.is(",") {
		p.advance(false)
		n.third = p.expression(0)
	}
	p.expect("|", false)
	return n
}

func (p *parser) infix(t token, left *node) *node {
	switch t.text {
	case "(":
		return p.call(left)
	case "[":
		if p.token.is("]") {
			step := left
			for step.kind == kindBinary && step.text == "[" {
				step = step.lhs
			}
			step.keepArray = true
			p.advance(false)
			return left
		}
		n := &node{kind: kindBinary, text: "[", lhs: left, rhs: p.expression(0)}
		p.expect("]", true)
		return n
	case "{":
		return &node{kind: kindBinary, text: "{", lhs: left, pairs: p.pairs()}
	case "^":
		return &node{kind: kindBinary, text: "^", lhs: left, terms: p.terms()}
	case "?":
		n := &node{kind: kindCondition, lhs: left, rhs: p.expression(0)}
		if p.token.is(":") {
			p.advance(false)
			n.third = p.expression(0)
		}
		return n
	case ":=":
		if left.kind != kindVariable {
			panic(failure("what is assigned to is no variable"))
		}
		return &node{kind: kindBinary, text: t.text, lhs: left, rhs: p.expression(t.binds - 1)}
	}
	n := &node{kind: kindBinary, text: t.text, lhs: left, rhs: p.expression(t.binds)}
	if (t.text == "@" || t.text == "#") && n.rhs.kind != kindVariable {
		panic(failure("no variable follows " + t.text))
	}
	return n
}

func (p *parser) terms() []term {
	p.expect("(", false)
	var terms []term
	for {
		t := term{descending: p.token.is(">")}
		if t.descending || p.token.is("<") {
			p.advance(false)
		}
		t.expr = p.expression(0)
		terms = append(terms, t)
		if !p.token.is(",") {
			break
		}
		p.advance(false)
	}
	p.expect(")", false)
	return terms
}

// call reads the arguments of a call, or the rest of a lambda.
func (p *parser) call(procedure *node) *node {
	n := &node{kind: kindCall, lhs: procedure}
	for more := !p.token.is(")"); more; {
		if p.token.is("?") {
			n.kind = kindPartial
			n.args = append(n.args, &node{kind: kindHole})
			p.advance(false)
		} else {
			n.args = append(n.args, p.expression(0))
		}
		if more = p.token.is(","); more {
			p.advance(false)
		}
	}
	p.expect(")", true)
	if procedure.kind != kindName || procedure.text != "function" && procedure.text != "λ" {
		return n
	}
	if slices.ContainsFunc(n.args, func(arg *node) bool { return arg.kind != kindVariable }) {
		panic(failure("a parameter is no variable"))
	}
	lambda := &node{kind: kindLambda, args: n.args}
	if p.token.is("<") {
		lambda.signature = p.signature()
	}
	p.expect("{", false)
	lambda.lhs = p.expression(0)
	p.expect("}", false)
	return lambda
}

// signature reads the signature of a lambda.
func (p *parser) signature() *signature {
	text := "<"
	for depth := 1; depth > 0 && !p.token.is("{") && p.token.kind != tokenEnd; {
		p.advance(false)
		switch {
		case p.token.is(">"):
			depth--
		case p.token.is("<"):
			depth++
		}
		text += p.token.text
	}
	p.expect(">", false)
	return newSignature(text)
}
