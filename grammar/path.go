package grammar

import "slices"

// hasTail reports whether a step of a path begins directly at the current token.
func (p *parser) hasTail() bool {
	return !p.tok.spaced && (p.tok.kind == kindDot || p.tok.kind == kindLeftBracket)
}

// tail reads the steps behind base; without any it returns base itself. Path says that base is the root of a path,
// where bare segments may have hyphens (spec iml.md §4).
func (p *parser) tail(base Expr, path bool) (Expr, bool) {
	if !p.hasTail() {
		return base, true
	}
	from := len(p.steps)
	for p.hasTail() {
		var s Step
		var ok bool
		if p.tok.kind == kindDot {
			s, ok = p.segment(path)
		} else {
			s, ok = p.index()
		}
		if !ok {
			return nil, false
		}
		p.steps = append(p.steps, s)
	}
	steps := slices.Clone(p.steps[from:])
	p.steps = p.steps[:from]
	at := Span{base.Span().Start, steps[len(steps)-1].At.End}
	return &Path{At: At{at}, Base: base, Steps: steps}, true
}

// segment reads a dot and the name behind it.
func (p *parser) segment(path bool) (Step, bool) {
	dot := p.tok
	p.advance()
	t := p.tok
	if t.spaced {
		p.noName(Span{dot.end, dot.end})
		return Step{}, false
	}
	s := Step{At: Span{dot.start, t.end}, Kind: StepName}
	switch t.kind {
	case kindQuoted:
		name, ok := p.unquote(t)
		if !ok {
			return Step{}, false
		}
		s.Name, s.Quoted = name, true
		p.advance()
		return s, true
	case kindDigitLed:
		p.lint("IML306", t.span(), "name `"+p.word(t)+"` begins with a digit", digitHelp(p.word(t)))
		s.Name = p.word(t)
		p.advance()
		return s, true
	case kindName:
		s.At.End = p.segmentEnd(t, path)
		s.Name = p.scanner.text[t.start:s.At.End]
		return s, true
	}
	p.noSegment(t)
	return Step{}, false
}

// digitHelp is the advice for a name that begins with a digit: one of digits alone was meant as an index.
func digitHelp(name string) string {
	if isDigits(name) {
		return "for an item of a list write [" + name + "] and no dot; for a key write it in backticks"
	}
	return "write it in backticks"
}

// segmentEnd moves behind a bare segment that begins with the name t, and returns its end. It takes in the hyphenated
// words that belong to it: directly joined on both sides, and no call (spec iml.md §4).
func (p *parser) segmentEnd(t token, path bool) int {
	text, limit, end := p.scanner.text, p.scanner.end, t.end
	for path && end < limit && text[end] == '-' && NameStartLength(text[end+1:limit]) > 0 {
		next := end + 1 + nameLength(text[end+1:limit])
		if next < limit && text[next] == '(' {
			break
		}
		end = next
	}
	switch name := text[t.start:end]; {
	case end > t.end:
		p.lint("IML302", Span{t.start, end}, "`"+name+"` is read as one name with hyphens",
			"write it in backticks, or put blanks around the - to subtract")
		p.scanner.pos = end
	case name == "length":
		p.lint("IML309", t.span(), "segment `length` is an ordinary key", "use length(x) for the number of items or characters")
	}
	p.advance()
	return end
}

// index reads [expr] or [].
func (p *parser) index() (Step, bool) {
	t := p.tok
	outer, ok := p.open(groupIndex, t)
	if !ok {
		return Step{}, false
	}
	p.advance()
	s := Step{Kind: StepFirst}
	if p.tok.kind != kindRightBracket {
		x, ok := p.expression(precedenceOr, false)
		if !ok {
			return Step{}, false
		}
		if p.tok.kind != kindRightBracket {
			p.unexpected()
			return Step{}, false
		}
		s.Kind, s.Index = StepIndex, x
		if isZero(x) {
			p.lint("IML305", Span{t.start, p.tok.end}, "index 0 is always undefined", "the first item is [1], the last [-1]")
		}
	}
	s.At = Span{t.start, p.tok.end}
	p.shut(outer)
	p.advance()
	return s, true
}

// isZero reports whether an index is the literal 0, possibly negated.
func isZero(x Expr) bool {
	for {
		switch n := x.(type) {
		case *Number:
			return n.Value == 0
		case *Unary:
			if n.Op != OpNegate {
				return false
			}
			x = n.X
		default:
			return false
		}
	}
}
