package diag

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/imlc-lang/imlc/internal/source"
)

func TestIgnore(t *testing.T) {
	text := `a // imlc:ignore A1, A2 -- because
b
  // imlc:ignore A1
c
d # imlc:ignore A3
e /* imlc:ignore A1 A2*/ f
"imlc:ignore A1" g
`
	f := source.NewFile("f", text)
	at := func(code, place string, s Severity) Diagnostic {
		i := strings.Index(text, place)
		return Diagnostic{Code: code, Severity: s, Span: source.Span{File: f, Start: i, End: i + 1}, Message: code + place}
	}
	usable := at("A1", "c", Error)
	usable.Usable, usable.Message = true, "usable"
	l := List{Items: []Diagnostic{at("A1", "a", Warning), at("A3", "a", Warning), at("A1", "b\n", Info), at("A1", "c\n", Warning), at("A1", "c\n", Error), usable,
		at("A3", "d", Info), at("A2", "e /", Warning), at("A1", "\"", Warning), {Code: "A1", Severity: Warning, Message: "nowhere"}, at("A9", "b\n", Warning)}}
	l.Ignore([]string{"A9"})
	var got []string
	for _, d := range l.Items {
		got = append(got, d.Message)
	}
	// What cannot be used is never ignored, nor what a comment of another line or a text says.
	if diff := cmp.Diff([]string{"A3a", "A1b\n", "A1c\n", "A1\"", "nowhere"}, got); diff != "" {
		t.Error(diff)
	}
}
