package broker

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// sides returns both sides of a difference that leaves nothing out.
func sides(parts []hunk) (before, after []string) {
	for _, h := range parts {
		for _, l := range h.Lines {
			if l.Sign != "+" {
				before = append(before, l.Text)
			}
			if l.Sign != "-" {
				after = append(after, l.Text)
			}
		}
	}
	return before, after
}

func changes(parts []hunk) (n int) {
	for _, h := range parts {
		for _, l := range h.Lines {
			if l.Sign != " " {
				n++
			}
		}
	}
	return n
}

// TestCompareLines holds that a difference has every changed line, as few of them as there can be, and no more around them.
func TestCompareLines(t *testing.T) {
	for _, c := range []struct{ before, after, want string }{
		{"a\nb\n", "a\nb\n", ""},
		{"", "a\n", "@1,1 +a"},
		{"a\n", "", "@1,1 -a"},
		{"a\nb\nc\n", "a\nx\nc\n", "@1,1  a -b +x  c"},
		{"a\n", "a", "@1,1 -a +a (no line break)"},
		{"a\nb\nc\nd\ne\nf\n", "a\nb\nc\nd\ne\nf\ng\n", "@4,4  d  e  f +g"},
		{"1\n2\n3\n4\n5\n6\n7\n8\n9\n", "0\n1\n2\n3\n4\n5\n6\n7\n8\n", "@1,1 +0  1  2  3 @6,7  6  7  8 -9"},
		{"a\nb\nc\na\nb\nb\na\n", "c\nb\na\nb\na\nc\n", ""},
	} {
		got := compareLines(c.before, c.after)
		if c.want == "" {
			if b, a := sides(got); c.before == c.after && len(got) > 0 || c.before != c.after && (strings.Join(b, "\n")+"\n" != c.before || strings.Join(a, "\n")+"\n" != c.after || changes(got) != 5) {
				t.Errorf("%q to %q: %v", c.before, c.after, got)
			}
			continue
		}
		var text []string
		for _, h := range got {
			text = append(text, fmt.Sprintf("@%d,%d", h.Old, h.New))
			for _, l := range h.Lines {
				text = append(text, l.Sign+l.Text)
			}
		}
		if s := strings.Join(text, " "); s != c.want {
			t.Errorf("%q to %q:\ngot  %s\nwant %s", c.before, c.after, s, c.want)
		}
	}
}

// TestCompareLinesAtRandom compares texts of few different lines, so that all lines are near a change: both sides come back.
func TestCompareLinesAtRandom(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	text := func() string {
		var b strings.Builder
		for range r.IntN(12) {
			b.WriteString([]string{"a\n", "b\n", "c\n"}[r.IntN(3)])
		}
		return b.String()
	}
	for range 3000 {
		before, after := text(), text()
		lines := edits(splitLines(before), splitLines(after))
		b, a := sides([]hunk{{Lines: lines}})
		if strings.Join(append(b, ""), "\n") != before || strings.Join(append(a, ""), "\n") != after {
			t.Fatalf("%q to %q: %v", before, after, lines)
		}
		if n, most := changes([]hunk{{Lines: lines}}), longestCommon(splitLines(before), splitLines(after)); n != strings.Count(before, "\n")+strings.Count(after, "\n")-2*most {
			t.Fatalf("%q to %q takes %d changes with %d lines in common: %v", before, after, n, most, lines)
		}
	}
	// Texts that differ all over are told as replaced, at once.
	var before, after strings.Builder
	for i := range 20_000 {
		fmt.Fprintln(&before, "old", i)
		fmt.Fprintln(&after, "new", i)
	}
	if n := changes(compareLines(before.String(), after.String())); n != 40_000 {
		t.Errorf("%d changes", n)
	}
}

// longestCommon is the length of the longest common sequence, by the definition.
func longestCommon(a, b []string) int {
	table := make([][]int, len(a)+1)
	for i := range table {
		table[i] = make([]int, len(b)+1)
	}
	for i := range a {
		for j := range b {
			table[i+1][j+1] = max(table[i][j+1], table[i+1][j])
			if a[i] == b[j] {
				table[i+1][j+1] = table[i][j] + 1
			}
		}
	}
	return table[len(a)][len(b)]
}
