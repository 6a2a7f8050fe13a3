package plan

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"io"
	"math"
	"strings"
	"unicode"

	"github.com/imlc-lang/imlc/vm/value"
)

// DisassembleOptions choose what Disassemble shows. The zero value shows everything there is.
type DisassembleOptions struct {
	// HideSource leaves out the source lines beside the code.
	HideSource bool
}

// Disassemble writes a listing of p for people: what it needs, the sections in the order in which they run, each
// directive with the code that computes it, and the code that no directive names. A function that several directives
// share is listed once. Secrets are masked and control characters escaped. p must be verified. The error is that of w.
func Disassemble(w io.Writer, p *Plan, opts DisassembleOptions) error {
	l := &lister{w: bufio.NewWriter(w), p: p, opts: opts, listed: make([]bool, len(p.Functions))}
	l.header()
	if p.Connection != nil {
		l.line("")
		walkConnection(l, p.Connection)
	}
	for i := range p.Functions {
		if !l.listed[i] {
			l.line("")
			l.function(fmt.Sprintf("function %d", i), i)
		}
	}
	return l.w.Flush()
}

// lister prints a plan. It is the walker that prints a connection.
type lister struct {
	w      *bufio.Writer
	p      *Plan
	opts   DisassembleOptions
	indent int
	// pending is the title of a part whose first field is not printed yet.
	pending string
	quiet   bool // the title is not printed unless a field follows
	listed  []bool
	lines   [][]string // of each source file, filled in on demand
}

func (l *lister) line(format string, args ...any) {
	l.flushTitle()
	text := fmt.Sprintf(format, args...)
	if text != "" {
		text = strings.Repeat("  ", l.indent) + printable(text)
	}
	_, _ = l.w.WriteString(text + "\n") // Flush reports the error
}

// flushTitle prints the title of the part that begins.
func (l *lister) flushTitle() {
	if title := l.pending; title != "" {
		l.pending, l.quiet = "", false
		l.indent--
		l.line("%s", title)
		l.indent++
	}
}

// printable escapes what could change how a terminal shows the rest of a line.
func printable(s string) string {
	if strings.IndexFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) < 0 {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		switch {
		case unicode.IsPrint(r):
			b.WriteRune(r)
		case r <= 0xffff:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\u{%x}`, r)
		}
	}
	return b.String()
}

func (l *lister) header() {
	m := &l.p.Meta
	l.line("plan %s, dialect %s, compiled by %s, format %d", quoted(m.Name), quoted(m.Dialect), quoted(m.Compiler), FormatVersion)
	l.line("source hash %s", hex.EncodeToString(m.SourceHash[:]))
	for _, option := range []struct {
		name string
		on   bool
	}{{"strict equality", m.StrictEquality}, {"strict", m.Strict}} {
		if option.on {
			l.line("option %s", option.name)
		}
	}
	for _, c := range m.Capabilities {
		l.line("needs %s", c)
	}
	if s := l.p.Signature; s != nil {
		l.line("signed by %s", hex.EncodeToString(s.Key[:]))
	}
	if l.p.Stripped {
		l.line("positions stripped")
	}
	for _, f := range l.p.Files {
		l.line("file %s, %d bytes", f.Name, len(f.Text))
	}
}

// function lists the code of function i under a title.
func (l *lister) function(title string, i int) {
	f := &l.p.Functions[i]
	if title != fmt.Sprintf("function %d", i) {
		title += fmt.Sprintf(": function %d", i)
	}
	if f.Pointer != "" {
		title += " " + f.Pointer
	}
	if l.listed[i] {
		l.line("%s, listed above", title)
		return
	}
	l.listed[i] = true
	mode := "value"
	if f.Mode == ModeEmit {
		mode = "emit"
	}
	if f.Params > 0 {
		mode += fmt.Sprintf(", params %d", f.Params)
	}
	if f.Locals > 0 {
		mode += fmt.Sprintf(", locals %d", f.Locals)
	}
	l.line("%s, %s, stack %d", title, mode, f.MaxStack)
	l.indent++
	l.sourceLine(f)
	positions := f.Positions
	for pc, in := range f.Code {
		text := fmt.Sprintf("%4d  %-14s%s", pc, in.Op, l.p.operandText(in))
		if len(positions) > 0 && int(positions[0].PC) == pc {
			text = fmt.Sprintf("%-48s ; %d:%d", text, positions[0].Line, positions[0].Column)
			positions = positions[1:]
		}
		l.line("%s", strings.TrimRight(text, " "))
	}
	l.indent--
}

// sourceLine prints the line of the source that a function was compiled from.
func (l *lister) sourceLine(f *Function) {
	if l.opts.HideSource || f.Line <= 0 || f.File < 0 {
		return
	}
	file, ok := l.p.SourceFile(f)
	if !ok {
		l.line("from file %d, line %d, column %d", f.File, f.Line, f.Column)
		return
	}
	if l.lines == nil {
		l.lines = make([][]string, len(l.p.Files))
	}
	if l.lines[f.File] == nil {
		l.lines[f.File] = strings.Split(file.Text, "\n")
	}
	text := ""
	if lines := l.lines[f.File]; int(f.Line) <= len(lines) {
		text = lines[f.Line-1]
		text = strings.TrimSpace(text[:min(len(text), 8*widestSource)])
	}
	if runes := []rune(text); len(runes) > widestSource {
		text = string(runes[:widestSource]) + "…"
	}
	l.line("%s:%d:%d | %s", file.Name, f.Line, f.Column, text)
}

// widestSource is the number of code points of a source line that are shown.
const widestSource = 120

// operandText resolves the operand of an instruction.
func (p *Plan) operandText(in Instr) string {
	switch operands[in.Op] {
	case operandConst:
		return constantText(p.Constants[in.A])
	case operandRoot:
		return p.Roots[in.A]
	case operandPath:
		return p.pathText(&p.Paths[in.A])
	case operandString:
		if effects[in.Op].emit { // already JSON
			return p.Strings[in.A]
		}
		return quoted(p.Strings[in.A])
	case operandVar:
		return variables[in.A]
	case operandTarget:
		return fmt.Sprintf("-> %d", in.A)
	case operandCall:
		return p.callText(&p.Calls[in.A])
	case operandKeySet:
		keys := make([]string, len(p.KeySets[in.A]))
		for i, key := range p.KeySets[in.A] {
			keys[i] = quoted(p.Strings[key])
		}
		return "{" + strings.Join(keys, ", ") + "}"
	case operandBracket:
		return string(rune(in.A))
	case operandEach:
		return fmt.Sprintf("function %d", in.A)
	case operandInt, operandCount, operandLocal:
		return fmt.Sprint(in.A)
	}
	return ""
}

func (p *Plan) pathText(path *Path) string {
	var b strings.Builder
	b.WriteString(p.Roots[path.Root])
	for _, s := range path.Steps {
		if s.Name < 0 {
			fmt.Fprintf(&b, "[%d]", s.Item)
		} else if name := p.Strings[s.Name]; isWord(name) {
			b.WriteString("." + name)
		} else {
			b.WriteString(".`" + name + "`")
		}
	}
	return b.String()
}

func isWord(s string) bool {
	for i, r := range s {
		if r != '_' && !unicode.IsLetter(r) && (i == 0 || !unicode.IsDigit(r)) {
			return false
		}
	}
	return s != ""
}

// callText is name@version/slots, and which slots are not given when there are such.
func (p *Plan) callText(c *CallSite) string {
	text := fmt.Sprintf("%s@%d/%d", p.Strings[c.Function], c.Version, c.Args)
	var absent []string
	for i := range min(c.Args, 64) {
		if c.Given>>uint(i)&1 == 0 {
			absent = append(absent, fmt.Sprint(i+1))
		}
	}
	if len(absent) > 0 {
		text += " without " + strings.Join(absent, ", ")
	}
	return text
}

func quoted(s string) string { return string(value.AppendQuoted(nil, s)) }

// constantText is v as JSON, with a word before it where JSON does not tell the kind. Secrets are masked.
func constantText(v value.Value) string {
	text := string(value.AppendMaskedJSON(nil, v))
	switch v.Kind() {
	case value.KindUndefined:
		return "undefined"
	case value.KindNumber:
		if f := v.Float(); math.IsNaN(f) || math.IsInf(f, 0) {
			return v.String()
		} else if f == 0 && math.Signbit(f) && !v.IsSecret() {
			return "-0"
		}
	case value.KindDate, value.KindBuffer:
		return v.Kind().String() + " " + text
	}
	return text
}
