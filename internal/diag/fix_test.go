package diag

import (
	"strings"
	"testing"

	"github.com/imlc-lang/imlc/internal/source"
)

func TestFixed(t *testing.T) {
	f, g := source.NewFile("f", "one two three"), source.NewFile("g", "x")
	edit := func(f *source.File, old, text string) Edit {
		i := strings.Index(f.Text, old)
		return Edit{Span: source.Span{File: f, Start: i, End: i + len(old)}, Text: text}
	}
	fix := func(edits ...Edit) Diagnostic { return Diagnostic{Fixes: []Fix{{Edits: edits}, {Title: "another"}}} }
	texts, n := Fixed([]Diagnostic{
		{Message: "without"},
		fix(edit(f, "three", "3"), edit(f, "one", "1")),
		fix(edit(f, "two three", "overlaps")),
		fix(edit(f, "w", "W"), edit(g, "x", "")),
		fix(Edit{Span: source.Span{File: g, Start: 0, End: 9}}), // outside
		fix(Edit{Text: "nowhere"}),
	})
	if n != 2 || texts[f] != "1 tWo 3" || texts[g] != "" || len(texts) != 2 {
		t.Errorf("%d fixes, %q and %q of %d files", n, texts[f], texts[g], len(texts))
	}
}
