package diag

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/imlc-lang/imlc/internal/source"
)

// Severity says how much a diagnostic matters. The zero value is Error.
type Severity uint8

// The severities, from worst to mildest.
const (
	Error   Severity = iota // the input cannot be used
	Warning                 // the input works but probably not as meant; an error in strict mode
	Info                    // worth knowing
)

// String returns "error", "warning" or "info".
func (s Severity) String() string {
	switch s {
	case Warning:
		return "warning"
	case Info:
		return "info"
	}
	return "error"
}

// Related points at a second place that explains a diagnostic.
type Related struct {
	Span    source.Span
	Message string
}

// Edit replaces what a span covers by a text. An empty span inserts, an empty text removes.
type Edit struct {
	Span source.Span
	Text string
}

// Fix is one way to make a diagnostic go away, as edits of files that do not overlap.
type Fix struct {
	// Title says what the edits do, in the imperative: "rename the key to "response"".
	Title string
	Edits []Edit
}

// Diagnostic is one problem. It is plain data; only a renderer decides how it looks.
type Diagnostic struct {
	// Code is stable for ever, for example "IML104".
	Code     string
	Severity Severity
	// Span is the place that the message is about; zero when there is none.
	Span source.Span
	// Focus is the part that is wrong, where that is not the place itself: the value of the key that Span covers. It is
	// what a picture of the source underlines; zero stands for Span.
	Focus source.Span
	// Pointer is the RFC 6901 JSON pointer of the value inside its document, "" when that has no meaning.
	Pointer string
	// Message says what was found and what was expected: lower case, no trailing period.
	Message string
	// Help says what to do; it may be empty.
	Help    string
	Related []Related
	// Usable says of an error that the input could be used all the same, so that a user who means it can ignore it.
	Usable bool
	// Fixes are ways to make the diagnostic go away, the best first; nil when only the author knows one.
	Fixes []Fix
}

// Error formats the diagnostic as one line, so that a Diagnostic is an error.
func (d Diagnostic) Error() string {
	s := fmt.Sprintf("%s: %s %s: %s", d.Span, d.Severity, d.Code, d.Message)
	if d.Help != "" {
		s += " (" + d.Help + ")"
	}
	return s
}

// MaxKept is how many diagnostics a List keeps: what is wrong with each of the entries of a long file would take many
// times its memory. One more is the error TooMany, so that nothing is made of what nobody was told everything about.
const MaxKept = 10_000

// TooMany is the code of the error that a full List ends with.
const TooMany = "IMLC008"

// List collects diagnostics, MaxKept of them. The zero List is empty and ready to use; it is not safe for concurrent use.
type List struct {
	Items []Diagnostic
	// beyond is the last one that was not kept, for who adds something to it.
	beyond Diagnostic
}

// Add appends one diagnostic.
func (l *List) Add(d Diagnostic) { *l.next() = d }

// Last returns the diagnostic that was added last, to be completed; it may be one that is not kept. There must be one.
func (l *List) Last() *Diagnostic {
	if len(l.Items) > MaxKept {
		return &l.beyond
	}
	return &l.Items[len(l.Items)-1]
}

// next returns where the next diagnostic belongs.
func (l *List) next() *Diagnostic {
	switch {
	case len(l.Items) > MaxKept:
		return &l.beyond
	case len(l.Items) == MaxKept:
		l.Items = append(l.Items, Diagnostic{Code: TooMany, Message: fmt.Sprintf("there are more than %d problems", MaxKept), Help: "the others show when these are gone"})
		return &l.beyond
	}
	l.Items = append(l.Items, Diagnostic{})
	return &l.Items[len(l.Items)-1]
}

// Errorf, Warnf and Infof append a diagnostic of that severity with a formatted message.
func (l *List) Errorf(code string, span source.Span, format string, args ...any) *Diagnostic {
	return l.add(Error, code, span, format, args)
}

// Warnf appends a warning.
func (l *List) Warnf(code string, span source.Span, format string, args ...any) *Diagnostic {
	return l.add(Warning, code, span, format, args)
}

// Infof appends a note.
func (l *List) Infof(code string, span source.Span, format string, args ...any) *Diagnostic {
	return l.add(Info, code, span, format, args)
}

func (l *List) add(s Severity, code string, span source.Span, format string, args []any) *Diagnostic {
	d := l.next()
	*d = Diagnostic{Code: code, Severity: s, Span: span, Message: fmt.Sprintf(format, args...)}
	return d
}

// HasErrors reports whether any diagnostic is an error.
func (l *List) HasErrors() bool {
	return slices.ContainsFunc(l.Items, func(d Diagnostic) bool { return d.Severity == Error })
}

// Promote turns every warning into an error (strict mode).
func (l *List) Promote() {
	for i := range l.Items {
		if l.Items[i].Severity == Warning {
			l.Items[i].Severity, l.Items[i].Usable = Error, true
		}
	}
}

// Sort orders the diagnostics by file, line, column and code and drops exact repeats.
func (l *List) Sort() {
	slices.SortStableFunc(l.Items, func(a, b Diagnostic) int {
		return cmp.Or(comparePlaces(a.Span, b.Span), cmp.Compare(a.Code, b.Code))
	})
	l.Items = slices.CompactFunc(l.Items, func(a, b Diagnostic) bool {
		return a.Code == b.Code && a.Span == b.Span && a.Message == b.Message
	})
}

// comparePlaces orders spans by file name, line and column; nowhere comes first. In one file the order of offsets is
// that of places and needs no counting of columns, which keeps many diagnostics of one long line cheap.
func comparePlaces(a, b source.Span) int {
	switch {
	case a.File == b.File:
		return cmp.Compare(a.Start, b.Start)
	case a.File == nil:
		return -1
	case b.File == nil:
		return 1
	}
	if c := cmp.Compare(a.File.Name, b.File.Name); c != 0 {
		return c
	}
	p, q := a.Position(), b.Position()
	return cmp.Or(cmp.Compare(p.Line, q.Line), cmp.Compare(p.Column, q.Column))
}
