package outline

import (
	"fmt"
	"strings"

	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/parser/document"
)

// The codes of what a conversion does not carry over, by what becomes of it.
const (
	// CodeImpossible is an error: the other dialect has no connection of this kind.
	CodeImpossible = "CNV101"
	// CodeRequest: a request, a step or what is put under free requests is left out.
	CodeRequest = "CNV201"
	// CodeMethod: the method of a request is another one.
	CodeMethod = "CNV202"
	// CodeURL: the address of a request, or how it is written, is another one.
	CodeURL = "CNV203"
	// CodeQuery: a parameter of the query is left out or another one.
	CodeQuery = "CNV204"
	// CodeHeader: a header is left out or another one.
	CodeHeader = "CNV205"
	// CodeBody: the body is left out or another one.
	CodeBody = "CNV206"
	// CodeSending: a setting of how a request is sent is left out.
	CodeSending = "CNV207"
	// CodeSigning: a request is signed in another way, or not at all.
	CodeSigning = "CNV301"
	// CodeJudgement: what the spec says about which answers are failures, and how they are told, is left out.
	CodeJudgement = "CNV401"
	// CodeStored: what is stored has other names, or is not stored.
	CodeStored = "CNV402"
	// CodeLabel: the user's id, the label or the expiry is left out.
	CodeLabel = "CNV403"
	// CodeOutput: the result of a call is another one.
	CodeOutput = "CNV404"
	// CodeAnswer: answers are read in another way.
	CodeAnswer = "CNV405"
	// CodeInput: a definition of an input is simpler than it was.
	CodeInput = "CNV501"
	// CodeMoved: a value comes from somewhere else, or a call has another name.
	CodeMoved = "CNV502"
	// CodeHook: a script is left out.
	CodeHook = "CNV601"
	// CodeDecided: something had to be decided.
	CodeDecided = "CNV701"
)

// Move is a name of a host that is another one after a conversion.
type Move struct {
	// Kind is what has the name: common (what the owner gives), parameter, input (of a call), call, or stored.
	Kind string `json:"kind"`
	// From and To are the names; From is "" for a value that was written in the spec, which Value then is.
	From  string `json:"from"`
	To    string `json:"to"`
	Value string `json:"-"`
}

// Losses is what a conversion does not carry over. The zero value is empty.
type Losses struct {
	List  diag.List
	Moves []Move
	// placed are the losses, by their number in List while a printer works, that stand where they belong in what is written.
	placed map[int]bool
	moved  map[Move]bool
}

// At runs a part of a printer and puts what is lost meanwhile above an entry of what is written, when there is that entry.
func (l *Losses) At(n *document.Node, key string, print func()) {
	before := len(l.List.Items)
	print()
	m := n.Member(key)
	if m == nil {
		return
	}
	var lines []string
	if m.Comment != "" {
		lines = append(lines, m.Comment)
	}
	for i := before; i < len(l.List.Items); i++ {
		if d := l.List.Items[i]; d.Severity == diag.Warning && !l.placed[i] {
			if l.placed == nil {
				l.placed = map[int]bool{}
			}
			l.placed[i] = true
			lines = append(lines, strings.ToUpper(d.Message[:1])+d.Message[1:]+".")
		}
	}
	m.Comment = strings.Join(lines, "\n")
}

// Errorf adds what makes a conversion impossible.
func (l *Losses) Errorf(at ast.Origin, help, format string, args ...any) {
	l.add(diag.Error, CodeImpossible, at, help, format, args)
}

// Lose adds what is left out or changes what is sent.
func (l *Losses) Lose(code string, at ast.Origin, why, format string, args ...any) {
	l.add(diag.Warning, code, at, why, format, args)
}

// Note adds what was decided, or changes nothing that is sent.
func (l *Losses) Note(code string, at ast.Origin, why, format string, args ...any) {
	l.add(diag.Info, code, at, why, format, args)
}

func (l *Losses) add(severity diag.Severity, code string, at ast.Origin, help, format string, args []any) {
	span := at.Key
	if span.File == nil {
		span = at.Span
	}
	l.List.Add(diag.Diagnostic{Code: code, Severity: severity, Span: span, Pointer: at.Pointer, Message: fmt.Sprintf(format, args...), Help: help})
}

// Simplify tells what of a connection no printer but that of its own dialect carries over. A printer calls it last.
func (l *Losses) Simplify(c *Connection) {
	if c.MustHave {
		l.Note(CodeInput, c.At, "make the input required", "a value that is missing is left out instead of being an error")
	}
	if c.RequestToken != nil && c.RequestToken.Answer.Kind == ast.ParseTokenLenient {
		l.Note(CodeAnswer, c.RequestToken.Answer.At, "", "a token answer in JSON must not have trailing commas")
	}
	if c.Documents {
		l.Note(CodeJudgement, c.At, "", "an answer that proves the credentials need not be a document")
	}
}

// headLines bounds the comment that Head makes.
const headLines = 40

// Head is a comment for the head of a file: where it was read from, and what of the spec is not in it and has no place of its
// own there (At).
func (l *Losses) Head(c *Connection) []string {
	out := []string{c.Name + ", converted from " + c.Source + "."}
	var list diag.List
	for i, d := range l.List.Items {
		if !l.placed[i] {
			list.Items = append(list.Items, d)
		}
	}
	list.Sort()
	var lost []string
	for _, d := range list.Items {
		if d.Severity != diag.Warning {
			continue
		}
		place := ""
		if d.Span.File != nil {
			place = fmt.Sprintf("line %d: ", d.Span.Position().Line)
		}
		lost = append(lost, "- "+place+d.Message)
	}
	switch {
	case len(lost) == 0:
		return out
	case len(lost) > headLines:
		lost = append(lost[:headLines], fmt.Sprintf("- and %d more", len(lost)-headLines))
	}
	return append(append(out, "Not carried over:"), lost...)
}

// Move adds a move once.
func (l *Losses) Move(m Move) {
	if l.moved[m] {
		return
	}
	if l.moved == nil {
		l.moved = map[Move]bool{}
	}
	l.moved[m] = true
	l.Moves = append(l.Moves, m)
}

// Impossible reports whether something makes the conversion impossible.
func (l *Losses) Impossible() bool { return l.List.HasErrors() }

// File is a file that a Printer writes.
type File struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

// A Printer writes outlines as the source of a dialect. Implementations are stateless and safe for concurrent use.
type Printer interface {
	// Print writes an outline in a variant of the dialect, "" for the one that says most. It adds to losses what it
	// could not write, and returns no file when it could not write a connection at all.
	Print(c *Connection, variant string, losses *Losses) []File
}

// A Lifter knows what the functions of a dialect's library mean in an outline.
type Lifter interface {
	// Lift returns the meaning of a call; an Opaque when no other dialect could have it.
	Lift(r *Reader, call *ast.Invoke) Expr
}
