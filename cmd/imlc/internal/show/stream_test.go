package show

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/internal/source"
	"github.com/imlc-lang/imlc/vm"
)

func TestEscape(t *testing.T) {
	for _, test := range []struct{ in, want, line string }{
		{"plain čeština 日本 👩‍🚀", "plain čeština 日本 👩‍🚀", "plain čeština 日本 👩‍🚀"},
		{"a\tb\nc\r\nd", "a\tb\nc\r\nd", `a\tb\nc\u000d\nd`},
		{"over\rwritten", `over\u000dwritten`, `over\u000dwritten`},
		{"\x1b]0;title\a", `\u001b]0;title\u0007`, `\u001b]0;title\u0007`},
		{"\u009b31m\u0085", `\u009b31m\u0085`, `\u009b31m\u0085`},
		{"\x9b31m", `\x9b31m`, `\x9b31m`},
		{"admin\u202egnp.exe\u2066\u200f\u061c", `admin\u202egnp.exe\u2066\u200f\u061c`, `admin\u202egnp.exe\u2066\u200f\u061c`},
		{"\x00\x7f\u2028", `\u0000\u007f\u2028`, `\u0000\u007f\u2028`},
		{"�", "�", "�"},
		{"", "", ""},
	} {
		if diff := cmp.Diff([]string{test.want, test.line}, []string{Escape(test.in), EscapeLine(test.in)}); diff != "" {
			t.Errorf("%q: %s", test.in, diff)
		}
	}
}

// steers reports whether a text holds anything that a terminal could obey.
func steers(s string) bool {
	return !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool {
		return r != '\n' && r != '\t' && unicode.Is(unicode.Cc, r) || unicode.Is(unicode.Bidi_Control, r)
	})
}

func FuzzEscape(f *testing.F) {
	f.Add("\x1b[31m\r\n\x9b\u202e")
	f.Fuzz(func(t *testing.T, s string) {
		if out := strings.ReplaceAll(Escape(s), "\r\n", "\n"); steers(out) {
			t.Errorf("%q → %q", s, out)
		}
		if out := EscapeLine(s); steers(out) || strings.ContainsAny(out, "\n\t") {
			t.Errorf("line %q → %q", s, out)
		}
	})
}

func TestPrintf(t *testing.T) {
	type word string
	bad := "\x1b[2J"
	for _, test := range []struct {
		look Look
		arg  any
		want string
	}{
		{Look{}, bad, `\u001b[2J`},
		{Look{Terminal: true}, errors.New(bad), `\u001b[2J`},
		{Look{}, word(bad), `\u001b[2J`},
		{Look{}, []string{bad}, `[\u001b[2J]`},
		{Look{}, []byte(bad), `\u001b[2J`},
		{Look{}, &vm.Error{Type: "T", Message: bad}, `T: \u001b[2J`},
		{Look{}, time.Second, "1s"},
		{Look{}, 7, "7"},
		{Look{}, nil, "<nil>"},
		{Look{Terminal: true, Color: true}, NewStream(nil, Look{Color: true}).Paint(Red, bad), "\x1b[31m\\u001b[2J\x1b[0m"},
		{Look{Terminal: true}, NewStream(nil, Look{}).Paint(Red, bad), `\u001b[2J`},
	} {
		var out strings.Builder
		NewStream(&out, test.look).Printf("%v\n", test.arg)
		if diff := cmp.Diff(test.want+"\n", out.String()); diff != "" {
			t.Errorf("%T: %s", test.arg, diff)
		}
	}
	var out strings.Builder
	NewStream(&out, Look{}).Printf("%-4s|%3d|%q", "a", 5, "b")
	if out.String() != `a   |  5|"b"` {
		t.Errorf("printed %q", out.String())
	}
}

// TestWrite cuts an output at every place: a pipe gets its bytes, a terminal the same text as if it came at once.
func TestWrite(t *testing.T) {
	const text = "ä\x1b[m\r\n日\x9b\r\u202e👍x\xf0\x9f"
	for i := range text {
		for j := i; j <= len(text); j++ {
			var pipe, terminal strings.Builder
			p, s := NewStream(&pipe, Look{}), NewStream(&terminal, Look{Terminal: true})
			for _, part := range []string{text[:i], text[i:j], text[j:]} {
				fmt.Fprint(p, part)
				if n, err := s.Write([]byte(part)); n != len(part) || err != nil {
					t.Fatalf("wrote %d of %d, %v", n, len(part), err)
				}
			}
			s.Flush()
			if pipe.String() != text || terminal.String() != Escape(text) {
				t.Fatalf("cut at %d and %d: %q and %q", i, j, pipe.String(), terminal.String())
			}
		}
	}
}

func TestProblems(t *testing.T) {
	file := source.NewFile("a.jsonc", "one\ntwo \x1b[2J\n")
	list := &diag.List{}
	list.Errorf("X1", source.Span{File: file, Start: 4, End: 7}, "bad \x1b]0;x\a")
	list.Infof("X2", source.Span{File: file, Start: 0, End: 3}, "a note")
	var out strings.Builder
	NewStream(&out, Look{Terminal: true, Color: true}).Problems(list, diag.Warning)
	for _, want := range []string{"a.jsonc:2:1", "X1", "\x1b[1;31m"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is missing in %q", want, out.String())
		}
	}
	if strings.Contains(out.String(), "X2") || strings.Contains(out.String(), "[2J") && strings.Contains(out.String(), "\x1b[2J") || strings.Contains(out.String(), "\x1b]") {
		t.Errorf("shown: %q", out.String())
	}
}

func TestPlaced(t *testing.T) {
	file := source.NewFile("t", "añb\nxy")
	for _, test := range []struct{ line, column, want int }{{1, 1, 0}, {1, 3, 3}, {2, 2, 6}, {2, 9, 7}, {9, 1, 5}, {0, 0, 0}} {
		if got := placed(file, test.line, test.column, "C", "m").Items[0].Span.Start; got != test.want {
			t.Errorf("%d:%d is at %d, want %d", test.line, test.column, got, test.want)
		}
	}
}

func TestDescribe(t *testing.T) {
	var out strings.Builder
	s := NewStream(&out, Look{})
	s.Describe("--short", strings.Repeat("word ", 20))
	s.Describe("--a-flag-with-a-long-name=VALUE", "what it does\nin two paragraphs")
	want := "  --short                     word word word word word word word word word word word word word word\n" +
		"                              word word word word word word\n" +
		"  --a-flag-with-a-long-name=VALUE\n" +
		"                              what it does\n" +
		"                              in two paragraphs\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Error(diff)
	}
}
