package template

import (
	"slices"
	"strconv"
	"strings"

	"github.com/imlc-lang/imlc/grammar"
	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/internal/source"
	"github.com/imlc-lang/imlc/parser/ast"
)

// Parse reads a decoded text as a template (spec iml.md §3). The map carries offsets of the text back to the file
// that it was written in; nil stands for a nameless file that holds just the text.
//
// The template is never nil. Its parts cover the text without gaps: the At of a literal part is the text itself, that
// of a hole includes its delimiters. A hole with a syntax error has no expression, like an empty one; only the
// diagnostics tell them apart, so a caller must not use the template when one of them is an error. Each hole is read on
// its own: one that is broken reports its first syntax error only (IML102 to IML117, IML502), any other its lints
// (IML302 to IML306, IML309, IML311). Openers that open nothing give IML101 or IML310, too long a text IML501.
// Diagnostics are in order of position; their Pointer is left to the caller. The template's Origin and Roots are the
// caller's to set.
func Parse(text string, m *source.Map, opts Options) (*ast.Template, []diag.Diagnostic) {
	if m == nil {
		m = source.Identity(source.NewFile("", text), 0)
	}
	if len(text) > opts.maxBytes() {
		d := diag.Diagnostic{
			Code: "IML501", Span: m.Span(0, 0),
			Message: "template is " + strconv.Itoa(len(text)) + " bytes long, the limit is " + strconv.Itoa(opts.maxBytes()),
			Help:    "split it, or pass the long text in as a parameter",
		}
		return literal(text, m), []diag.Diagnostic{d}
	}
	s := splitter{text: text, source: m, opts: opts}
	if !s.hasOpener() {
		return literal(text, m), nil
	}
	s.split()
	slices.SortStableFunc(s.diagnostics, func(a, b diag.Diagnostic) int { return a.Span.Start - b.Span.Start })
	return &ast.Template{Text: text, Map: m, Parts: s.parts}, s.diagnostics
}

// Expression reads the bytes from start to end of a text as the inside of a hole: the template is one hole, whose value
// keeps its type.
func Expression(text string, start, end int, m *source.Map, opts Options) (*ast.Template, []diag.Diagnostic) {
	s := splitter{text: text, source: m, opts: opts, done: start}
	x, lints, err := grammar.Parse(text, start, end, opts.limits())
	s.hole(start, end, x, lints, err)
	return &ast.Template{Text: text, Map: m, Parts: s.parts}, s.diagnostics
}

// literal returns a template without holes.
func literal(text string, m *source.Map) *ast.Template {
	one := &struct {
		template ast.Template
		part     [1]ast.Part
	}{template: ast.Template{Text: text, Map: m}}
	if text != "" {
		one.part[0] = ast.Part{Text: text, At: grammar.Span{Start: 0, End: len(text)}}
		one.template.Parts = one.part[:]
	}
	return &one.template
}

// splitter cuts a text into literal parts and holes.
type splitter struct {
	text        string
	source      *source.Map
	opts        Options
	done        int // end of the last part
	parts       []ast.Part
	diagnostics []diag.Diagnostic

	curly, angle           closers
	nextCurly, nextAngle   int
	knownCurly, knownAngle bool
}

// hasOpener keeps texts without openers away from everything else.
func (s *splitter) hasOpener() bool {
	return !s.opts.DisableMustache && strings.Contains(s.text, "{{") || !s.opts.DisableAngle && strings.Contains(s.text, "<<")
}

func (s *splitter) split() {
	s.curly = closers{text: s.text, char: '}'}
	s.angle = closers{text: s.text, char: '>', line: true}
	for pos := 0; ; {
		curly := s.find("{{", pos, s.opts.DisableMustache, &s.nextCurly, &s.knownCurly)
		angle := s.find("<<", pos, s.opts.DisableAngle, &s.nextAngle, &s.knownAngle)
		switch {
		case curly < 0 && angle < 0:
			s.literalUntil(len(s.text))
			return
		case angle < 0 || curly >= 0 && curly < angle:
			pos = s.openCurly(curly)
		default:
			pos = s.openAngle(angle)
		}
	}
}

// find returns the next place of an opener at or after pos, or -1; next and known keep what was found before.
func (s *splitter) find(opener string, pos int, disabled bool, next *int, known *bool) int {
	if disabled || *known && *next < 0 {
		return -1
	}
	if !*known || *next < pos {
		*known = true
		*next = strings.Index(s.text[pos:], opener)
		if *next >= 0 {
			*next += pos
		}
	}
	return *next
}

// openCurly reads the run of braces at a position and returns where to go on. The last two of the run are the opener.
func (s *splitter) openCurly(at int) int {
	inside := at + run(s.text[at:], '{')
	closer := s.curly.find(inside)
	if closer < 0 {
		s.curly.keep()
		s.unclosed(inside-2, "no closer }}")
		return inside
	}
	x, lints, err := grammar.Parse(s.text, inside, closer, s.opts.limits())
	s.hole(inside-2, closer+2, x, lints, err)
	return closer + 2
}

// openAngle reads the run of angles at a position and returns where to go on (the three conditions of spec iml.md
// §3.1).
func (s *splitter) openAngle(at int) int {
	n := run(s.text[at:], '<')
	inside := at + n
	if n != 2 || !startsHole(s.text[inside:]) {
		return inside
	}
	padded := grammar.BlankLength(s.text[inside:]) > 0
	closer := s.angle.find(inside)
	if closer < 0 || padded != endsInBlank(s.text[inside:closer]) {
		s.angle.keep()
		switch {
		case padded: // a shift or stream operator of other languages
		case closer < 0:
			s.unclosed(at, "no closer >> on its line")
		default:
			s.unclosed(at, "no blank behind it, but one before its closer >>")
		}
		return inside
	}
	x, lints, err := grammar.Parse(s.text, inside, closer, s.opts.limits())
	if padded && err != nil && err.Code != "IML502" {
		s.angle.keep()
		s.warn("IML310", grammar.Span{Start: at, End: inside}, "<< is plain text: what follows up to >> is no expression",
			"write {{…}} for a hole; nothing to do when this is code of another language")
		return inside
	}
	s.hole(at, closer+2, x, lints, err)
	return closer + 2
}

// startsHole reports whether text, behind optional blanks, begins like an expression or with the closer.
func startsHole(text string) bool {
	for {
		n := grammar.BlankLength(text)
		if n == 0 {
			break
		}
		text = text[n:]
	}
	if text == "" {
		return false
	}
	switch c := text[0]; c {
	case '\'', '"', '`', '(', '!', '-':
		return true
	default:
		return c-'0' <= 9 || grammar.NameStartLength(text) > 0 || strings.HasPrefix(text, ">>")
	}
}

// endsInBlank reports whether the last character of text is a blank.
func endsInBlank(text string) bool {
	for i := len(text) - 1; i >= 0 && i >= len(text)-4; i-- {
		if n := grammar.BlankLength(text[i:]); n > 0 {
			return i+n == len(text)
		}
	}
	return false
}

// run returns how often c stands at the beginning of text.
func run(text string, c byte) int {
	n := 0
	for n < len(text) && text[n] == c {
		n++
	}
	return n
}

func (s *splitter) literalUntil(end int) {
	if end > s.done {
		s.parts = append(s.parts, ast.Part{Text: s.text[s.done:end], At: grammar.Span{Start: s.done, End: end}})
	}
	s.done = end
}

func (s *splitter) hole(start, end int, x grammar.Expr, lints []grammar.Lint, err *grammar.Error) {
	s.literalUntil(start)
	s.parts = append(s.parts, ast.Part{Hole: true, Expr: x, At: grammar.Span{Start: start, End: end}})
	s.done = end
	if err != nil {
		s.report(diag.Error, err.Code, err.At, err.Message, err.Help)
		return
	}
	for _, l := range lints {
		severity := diag.Warning
		if l.Code == "IML302" {
			severity = diag.Info // the reference of the language writes names so
		}
		s.report(severity, l.Code, l.At, l.Message, l.Help)
	}
}

// unclosed reports the opener at a position, which opens nothing for that reason (IML101).
func (s *splitter) unclosed(at int, reason string) {
	severity := diag.Warning
	if s.opts.Strict {
		severity = diag.Error
	}
	opener := s.text[at : at+2]
	s.report(severity, "IML101", grammar.Span{Start: at, End: at + 2}, opener+" has "+reason+" and is plain text",
		"close the hole, or write {{\""+opener+"\"}} for the characters themselves")
}

func (s *splitter) warn(code string, at grammar.Span, message, help string) {
	s.report(diag.Warning, code, at, message, help)
}

func (s *splitter) report(severity diag.Severity, code string, at grammar.Span, message, help string) {
	s.diagnostics = append(s.diagnostics, diag.Diagnostic{
		Code: code, Severity: severity, Span: s.source.Span(at.Start, at.End), Message: message, Help: help,
	})
}
