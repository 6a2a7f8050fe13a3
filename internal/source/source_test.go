package source_test

import (
	"encoding/json"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/imlc-lang/imlc/internal/cputime"
	"github.com/imlc-lang/imlc/internal/source"
)

func TestPosition(t *testing.T) {
	f := source.NewFile("dir/a.json", "ab\r\né€😀x\n\n\xffz")
	for _, tt := range []struct {
		offset int
		want   source.Position
	}{
		{-5, source.Position{Line: 1, Column: 1}}, {0, source.Position{Line: 1, Column: 1}}, {1, source.Position{Line: 1, Column: 2}},
		{2, source.Position{Line: 1, Column: 3}}, {3, source.Position{Line: 1, Column: 4}}, // the carriage return and the line feed
		{4, source.Position{Line: 2, Column: 1}}, {6, source.Position{Line: 2, Column: 2}}, // a column is a code point, not a byte
		{9, source.Position{Line: 2, Column: 3}}, {13, source.Position{Line: 2, Column: 4}}, {14, source.Position{Line: 2, Column: 5}},
		{15, source.Position{Line: 3, Column: 1}}, {16, source.Position{Line: 4, Column: 1}}, {17, source.Position{Line: 4, Column: 2}}, // an invalid byte is a column
		{18, source.Position{Line: 4, Column: 3}}, {100, source.Position{Line: 4, Column: 3}},
	} {
		if got := f.Position(tt.offset); got != tt.want {
			t.Errorf("offset %d: %v, expected %v", tt.offset, got, tt.want)
		}
	}
	if got := source.NewFile("empty", "").Position(3); got != (source.Position{Line: 1, Column: 1}) {
		t.Errorf("an empty text: %v", got)
	}
}

// The position is what one finds by walking through the text.
func TestPositionIsThatOfAWalk(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for i := range 300 {
		var b strings.Builder
		for range r.IntN(40) * (1 + i%20) {
			b.WriteString([]string{"a", "\n", "é", "\r", "😀", "\xff"}[r.IntN(6)])
		}
		f := source.NewFile("f", b.String())
		at := source.Position{Line: 1, Column: 1}
		for i, c := range f.Text {
			if f.LineStart(at.Line) > i || strings.Contains(f.Text[f.LineStart(at.Line):i], "\n") {
				t.Fatalf("%q: line %d starts at %d, but %d is in it", f.Text, at.Line, f.LineStart(at.Line), i)
			}
			if got := f.Position(i); got != at {
				t.Fatalf("%q at %d: %v, expected %v", f.Text, i, got, at)
			}
			if at.Column++; c == '\n' {
				at = source.Position{Line: at.Line + 1, Column: 1}
			}
		}
		if got := f.Position(len(f.Text)); got != at {
			t.Fatalf("%q at its end: %v, expected %v", f.Text, got, at)
		}
	}
}

// A file may be one line: the position of each of its parts must not cost a walk through it.
func TestPositionsOfALongLine(t *testing.T) {
	f := source.NewFile("f", strings.Repeat("é", 1<<19))
	start := cputime.Now()
	for i := 0; i < len(f.Text); i += 8 {
		if got := f.Position(i); got != (source.Position{Line: 1, Column: i/2 + 1}) {
			t.Fatalf("at %d: %v", i, got)
		}
	}
	if took := cputime.Since(start); took > 2*time.Second {
		t.Errorf("131,072 positions took %v", took)
	}
}

func TestLine(t *testing.T) {
	for text, want := range map[string][]string{
		"": {""}, "a": {"a"}, "a\n": {"a", ""}, "a\r\nb\n\nc": {"a", "b", "", "c"}, "a\rb\r": {"a\rb"}, "\r\n": {"", ""},
	} {
		f := source.NewFile("f", text)
		for i, line := range want {
			if got := f.Line(i + 1); got != line {
				t.Errorf("line %d of %q is %q, expected %q", i+1, text, got, line)
			}
		}
		for _, n := range []int{-1, 0, len(want) + 1, 1 << 30} {
			if got := f.Line(n); got != "" {
				t.Errorf("line %d of %q is %q, expected none", n, text, got)
			}
		}
	}
}

func TestFilesAreSharedByGoroutines(t *testing.T) {
	f := source.NewFile("f", strings.Repeat("line\n", 1000))
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if got := f.Position(2502); got != (source.Position{Line: 501, Column: 3}) {
				t.Errorf("%v", got)
			}
		})
	}
	wg.Wait()
}

func TestSpan(t *testing.T) {
	f := source.NewFile("dir/a.json", "one\ntwo three")
	for _, tt := range []struct {
		span       source.Span
		text, name string
		position   source.Position
	}{
		{source.Span{}, "", "-", source.Position{}},
		{source.Span{File: f, Start: 4, End: 7}, "two", "dir/a.json:2:1", source.Position{Line: 2, Column: 1}},
		{source.Span{File: f, Start: 8, End: 8}, "", "dir/a.json:2:5", source.Position{Line: 2, Column: 5}},
		{source.Span{File: f, Start: 0, End: 13}, f.Text, "dir/a.json:1:1", source.Position{Line: 1, Column: 1}},
		{source.Span{File: f, Start: 8, End: 14}, "", "dir/a.json:2:5", source.Position{Line: 2, Column: 5}}, // beyond the text
		{source.Span{File: f, Start: -1, End: 2}, "", "dir/a.json:1:1", source.Position{Line: 1, Column: 1}},
		{source.Span{File: f, Start: 3, End: 2}, "", "dir/a.json:1:4", source.Position{Line: 1, Column: 4}},
	} {
		if tt.span.Text() != tt.text || tt.span.String() != tt.name || tt.span.Position() != tt.position || tt.span.IsZero() != (tt.span.File == nil) {
			t.Errorf("%d to %d: %q at %s, %v, zero %v", tt.span.Start, tt.span.End, tt.span.Text(), tt.span, tt.span.Position(), tt.span.IsZero())
		}
	}
}

// A JSON text with escapes, decoded by hand: xé\n😀y stands behind 1 and a quote.
func TestMap(t *testing.T) {
	f := source.NewFile("f", `["x\u00e9\n\ud83d\ude00y"]`)
	const decoded = "xé\n😀y"
	m := &source.Map{File: f}
	m.Copied(0, 2)
	m.Escaped(1, 3)
	m.Escaped(3, 9)
	m.Escaped(4, 11)
	m.Copied(8, 23)
	for _, tt := range []struct{ dec, src int }{{0, 2}, {1, 3}, {2, 3}, {3, 9}, {4, 11}, {5, 11}, {7, 11}, {8, 23}, {9, 24}} {
		if got := m.Offset(tt.dec); got != tt.src {
			t.Errorf("decoded offset %d comes from %d, expected %d", tt.dec, got, tt.src)
		}
	}
	for part, want := range map[string]string{"x": "x", "é": `\u00e9`, "\n": `\n`, "😀": `\ud83d\ude00`, "y": "y", "xé\n": `x\u00e9\n`, decoded: `x\u00e9\n\ud83d\ude00y`} {
		start := strings.Index(decoded, part)
		if got := m.Span(start, start+len(part)); got.Text() != want || got.File != f {
			t.Errorf("%q stands as %q, expected %q", part, got.Text(), want)
		}
	}
	var check string
	if err := json.Unmarshal([]byte(strings.Trim(f.Text, "[]")), &check); err != nil || check != decoded {
		t.Fatalf("the text decodes to %q, %v", check, err)
	}
}

// Copies that join are one piece, however they were recorded; copies that do not are not.
func TestMapJoinsCopies(t *testing.T) {
	f := source.NewFile("f", strings.Repeat("0123456789", 3))
	parts, whole := &source.Map{File: f}, source.Identity(f, 4)
	for dec := range 10 {
		parts.Copied(dec, dec+4)
	}
	gap := &source.Map{File: f}
	gap.Copied(0, 4)
	gap.Copied(3, 10)
	var got [3][]int
	for dec := range 10 {
		got[0], got[1], got[2] = append(got[0], parts.Offset(dec)), append(got[1], whole.Offset(dec)), append(got[2], gap.Offset(dec))
	}
	want := [3][]int{{4, 5, 6, 7, 8, 9, 10, 11, 12, 13}, {4, 5, 6, 7, 8, 9, 10, 11, 12, 13}, {4, 5, 6, 10, 11, 12, 13, 14, 15, 16}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// An offset before the first piece is that of the piece; a text that ends in an escape ends at its start; the zero Map
// and nil map nothing.
func TestMapEdges(t *testing.T) {
	f := source.NewFile("f", `ab\n`)
	m := &source.Map{File: f}
	m.Copied(1, 1)
	m.Escaped(2, 2)
	if before, behind := m.Offset(0), m.Offset(3); before != 1 || behind != 2 {
		t.Errorf("before the first piece %d, behind the last escape %d", before, behind)
	}
	if got := m.Span(2, 3); got != (source.Span{File: f, Start: 2, End: 2}) {
		t.Errorf("the last escape spans %d to %d", got.Start, got.End)
	}
	for name, m := range map[string]*source.Map{"nil": nil, "zero": {}} {
		if got := m.Span(1, 2); !got.IsZero() || m.Offset(7) != 7 {
			t.Errorf("%s: %v, offset %d", name, got, m.Offset(7))
		}
	}
}
