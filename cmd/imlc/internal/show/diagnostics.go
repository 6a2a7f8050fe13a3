package show

import (
	"strings"

	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/internal/source"
)

// Diagnostics writes diagnostics for people: position, message, source line and caret.
func (s *Stream) Diagnostics(list *diag.List) {
	var out strings.Builder
	_ = diag.Render(&out, list.Items, diag.Options{Color: s.look.Color, Width: s.look.Columns})
	// diag has escaped what it quotes, and its colours have to stay.
	s.Printf("%s", Painted(strings.TrimSuffix(out.String(), diag.Summary(list.Items)+"\n")))
}

// Problems writes the diagnostics of a list that are errors, or at least as bad as mildest.
func (s *Stream) Problems(list *diag.List, mildest diag.Severity) {
	shown := &diag.List{}
	for _, d := range list.Items {
		if d.Severity <= mildest {
			shown.Add(d)
		}
	}
	s.Diagnostics(shown)
}

// placed returns a list with one error at a 1-based line and column, in code points, of a text. A place behind the text
// is its end, a line below 1 its begin.
func placed(file *source.File, line, column int, code, message string) *diag.List {
	offset := len(file.Text)
	if line < 1 {
		line, column = 1, 1
	}
	start, rest := 0, file.Text
	for n := 1; n < line; n++ {
		i := strings.IndexByte(rest, '\n')
		if i < 0 {
			break
		}
		start, rest = start+i+1, rest[i+1:]
	}
	n := 1
	for i := range rest {
		if n == column {
			offset = start + i
			break
		}
		n++
	}
	list := &diag.List{}
	list.Errorf(code, source.Span{File: file, Start: offset, End: offset}, "%s", message)
	return list
}
