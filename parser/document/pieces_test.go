package document

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/imlc-lang/imlc/internal/source"
)

// TestYAMLInPieces: a document that is written entry by entry reads as the one that is written at once, whatever it holds.
func TestYAMLInPieces(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	texts := []string{"", "a", "yes", "1e3", "a: b", "- a", "# a", "a #b", " a", "a ", "two\nlines", "two\nlines\n", "\n", "\n\na\n\n", " a\n  b", "a\n\n", "{", "\"", "'", "\u2028", "é\x00", "\t", "&a", "*a", "!a", "|", "%", "@", "null", "?", ": ", strings.Repeat("long ", 40)}
	var made func(depth int) *Node
	made = func(depth int) *Node {
		switch k := random.IntN(8); {
		case depth > 0 && k < 3:
			n := NewObject()
			for i := range random.IntN(6) {
				comment := ""
				if random.IntN(8) == 0 {
					comment = "a comment\nof two lines"
				}
				n.Set(texts[random.IntN(len(texts))]+strings.Repeat("k", random.IntN(4)*random.IntN(50))+fmt.Sprint(i), made(depth-1), comment)
			}
			return n
		case depth > 0 && k < 5:
			n := NewArray()
			for range random.IntN(6) {
				n.Items = append(n.Items, made(depth-1))
			}
			return n
		case k == 5:
			return []*Node{NewNull(), NewBool(true), NewNumber(1.5, nil), NewNumber(1e20, nil)}[random.IntN(4)]
		}
		return NewText(texts[random.IntN(len(texts))])
	}
	whole := func(n *Node) string {
		w := yamlWriter{piece: math.MaxInt}
		w.value(n, "", "")
		return w.String()
	}
	read := func(text string) string {
		n, problems := ParseYAML(source.NewFile("f", text), Options{Code: "MAKE101"})
		if n == nil || len(problems) > 0 {
			t.Fatalf("%v\n%s", problems, text)
		}
		return WriteJSON(n.Root, false)
	}
	large := 0
	for range 1000 {
		n := made(6)
		w := yamlWriter{piece: 50} // more than may stand on one line
		if !larger(n, w.piece) {
			continue
		}
		large++
		w.value(n, "", "")
		got, want := w.String(), whole(n)
		special := strings.Contains(want, "? ") || strings.Contains(want, "\u2028") // keys that take lines, and a line break of its own kind
		if got != want && !special || read(got) != read(want) {
			t.Fatalf("in pieces:\n%s\nat once:\n%s", got, want)
		}
	}
	if large < 200 {
		t.Errorf("only %d documents were written in pieces", large)
	}
}
