package parser

import (
	"fmt"
	"slices"
	"strings"

	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/internal/nearest"
	"github.com/imlc-lang/imlc/internal/source"
	"github.com/imlc-lang/imlc/parser/document"
)

// The codes of recognition (spec dialects.md §1.4).
const (
	CodeUnrecognised  = "DIA001" // no dialect is recognised
	CodeTwoDialects   = "DIA002" // markers of two dialects
	CodeContradiction = "DIA003" // the dialect that was asked for contradicts the content
	CodeNotCompiled   = "DIA004" // the dialect is recognised and no more
)

// Mark is what a dialect says of a file or a folder.
type Mark struct {
	Sure Sureness
	// Marker is what was found, as a message names it: "the key legacy.authentication". Of an absent mark it is what
	// was looked for.
	Marker string
	// Variant is the form of the dialect that the marker shows, "" when it has only one.
	Variant string
	// At is the place of the marker and Pointer its JSON pointer; zero for what is in no document.
	At      source.Span
	Pointer string
}

// Sureness says how sure a mark is.
type Sureness uint8

// The degrees. A file with clear marks of two dialects belongs to neither, and likewise one with ambiguous marks only.
// Among the files of a folder only likely and clear marks count: the others are for a file that was named.
const (
	Absent    Sureness = iota
	Ambiguous          // other dialects have the marker too, and may not be told apart by it
	Common             // the dialect has the marker, but so may files that are something else altogether
	Likely             // few other files have the marker
	Clear              // no file of another dialect has the marker
)

// recognise returns the dialect of a file or folder with its mark. Of a file the dialects are asked in their order and
// the first one counts, unless another one has a clear mark too. The diagnostic is nil when there is a dialect.
func recognise(dialects []Dialect, t *Tree) (Dialect, Mark, *diag.Diagnostic) {
	marks := make([]Mark, len(dialects))
	for i, d := range dialects {
		marks[i] = d.Recognise(t)
	}
	first := slices.IndexFunc(marks, func(m Mark) bool { return m.Sure >= Common })
	if t.IsFolder() { // a folder is asked for what is rarest there last
		for i, m := range slices.Backward(marks) {
			if m.Sure >= Common {
				return dialects[i], m, nil
			}
		}
		return nil, Mark{}, unrecognised(dialects, marks, t)
	}
	if first < 0 {
		return nil, Mark{}, ambiguous(dialects, marks, t)
	}
	for i, m := range marks {
		if i != first && m.Sure == Clear {
			d := refusal(CodeTwoDialects, m, "the file has %s of %s and %s of %s", marks[first].Marker, dialects[first].Name(), m.Marker, dialects[i].Name())
			return nil, Mark{}, d
		}
	}
	return dialects[first], marks[first], nil
}

// ambiguous is the diagnostic of a file that no dialect is sure of.
func ambiguous(dialects []Dialect, marks []Mark, t *Tree) *diag.Diagnostic {
	var names []string
	var last Mark
	for i, m := range marks {
		if m.Sure == Ambiguous {
			names, last = append(names, dialects[i].Name()), m
		}
	}
	if len(names) == 0 || len(t.problems) > 0 {
		return unrecognised(dialects, marks, t)
	}
	return refusal(CodeTwoDialects, last, "%s is in specs of %s", last.Marker, strings.Join(names, " and of "))
}

func refusal(code string, m Mark, format string, args ...any) *diag.Diagnostic {
	return &diag.Diagnostic{Code: code, Severity: diag.Error, Span: m.At, Pointer: m.Pointer, Message: fmt.Sprintf(format, args...),
		Help: "say which one it is with --dialect, in Go with Options.Dialect"}
}

// Landmarks is what a dialect may have besides: the keys at the root of its specs, of which one that is misspelt is told
// where no dialect is recognised.
type Landmarks interface{ RootKeys() []string }

// misspelt is the diagnostic of a root with a key that is a landmark misspelt, nil when there is none.
func misspelt(dialects []Dialect, t *Tree) *diag.Diagnostic {
	if t.Root == nil {
		return nil
	}
	for _, m := range t.Root.Members {
		for _, d := range dialects {
			l, ok := d.(Landmarks)
			if !ok {
				continue
			}
			if near := nearest.Misspelt(m.Key, l.RootKeys(), func(name string) bool { return name == m.Key || t.Root.Member(name) != nil }); near != "" && len(m.Key) > 2 {
				return &diag.Diagnostic{Code: CodeUnrecognised, Severity: diag.Error, Span: m.KeySpan, Message: fmt.Sprintf("no dialect is recognised, and none has the key %q", m.Key),
					Help: fmt.Sprintf("did you mean %q, as %s has it?", near, d.Name()), Fixes: []diag.Fix{document.Rename(m, near)}}
			}
		}
	}
	return nil
}

// notText says what a file is that is no text and so no spec; "" for a text.
func notText(t *Tree) string {
	if len(t.problems) == 0 || t.problems[0].Span.File == nil {
		return ""
	}
	switch text := t.problems[0].Span.File.Text; {
	case strings.HasPrefix(text, "IMLC"):
		return "a compiled plan, expected a spec: imlc disasm lists it"
	case strings.HasPrefix(text, "age-encryption.org/"):
		return "encrypted, as stored connections are, expected a spec"
	}
	return ""
}

// unrecognised lists what was looked for. What makes a file unreadable is said instead, as it may hide a marker.
func unrecognised(dialects []Dialect, marks []Mark, t *Tree) *diag.Diagnostic {
	if d := misspelt(dialects, t); d != nil && len(t.problems) == 0 {
		return d
	}
	if what := notText(t); what != "" {
		return &diag.Diagnostic{Code: CodeUnrecognised, Severity: diag.Error, Message: t.Path + " is " + what}
	}
	if len(t.problems) > 0 {
		d := t.problems[0]
		d.Message = "no dialect is recognised, as the file cannot be read: " + d.Message
		return &d
	}
	var looked []string
	for i, m := range marks {
		looked = append(looked, dialects[i].Name()+": "+m.Marker)
	}
	d := &diag.Diagnostic{Code: CodeUnrecognised, Severity: diag.Error, Message: t.Path + " is a spec of no known dialect",
		Help: "looked for " + strings.Join(looked, "; ")}
	if t.Root != nil && t.Root.Span.File != nil {
		d.Span = source.Span{File: t.Root.Span.File, End: min(1, len(t.Root.Span.File.Text))}
		d.Message = "the file is a spec of no known dialect"
	}
	return d
}

// contradiction warns of the clear mark of another dialect than the one that was asked for; nil when there is none.
func contradiction(asked Dialect, dialects []Dialect, t *Tree) *diag.Diagnostic {
	if asked.Recognise(t).Sure >= Common {
		return nil
	}
	for _, d := range dialects {
		if m := d.Recognise(t); d != asked && m.Sure == Clear {
			out := refusal(CodeContradiction, m, "the file has %s of %s, but is read as %s", m.Marker, d.Name(), asked.Name())
			out.Severity, out.Help = diag.Warning, "leave --dialect out, or name the right one"
			return out
		}
	}
	return nil
}

// MarkAt returns the mark of the member that the keys lead to from the root of a file, absent when there is none.
func MarkAt(sure Sureness, variant string, root *document.Node, keys ...string) Mark {
	m := Mark{Sure: sure, Marker: "the key " + strings.Join(keys, "."), Variant: variant}
	for _, key := range keys {
		member := root.Member(key)
		if member == nil {
			return Mark{}
		}
		root, m.At, m.Pointer = member.Value, member.KeySpan, document.Pointer(m.Pointer, key)
	}
	return m
}

// First returns the first mark that is not absent; without one it says what was looked for.
func First(lookedFor string, marks ...Mark) Mark {
	for _, m := range marks {
		if m.Sure != Absent {
			return m
		}
	}
	return Mark{Marker: lookedFor}
}
