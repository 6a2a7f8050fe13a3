package regex

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/imlc-lang/imlc/internal/cputime"
)

func unbounded(int) error { return nil }

func TestReplace(t *testing.T) {
	tests := []struct{ pattern, flags, text, with, want string }{
		{`b(.)`, "", "abcbd", "[$1$&$$$2]", "a[cbc$$2]bd"},
		{`b(.)`, "g", "abcbd", "$1", "acd"},
		{`B`, "gi", "abcb", "-", "a-c-"},
		{``, "g", "ab", "-", "-a-b-"},
		{`x*`, "g", "axb", "-", "-a--b-"},
		{`(?<=a)b(?!c)`, "g", "abcab", "-", "abca-"},
		{`(a)(b)?`, "g", "aba", "<$2>", "<b><>"},
		{`^.`, "gm", "a\nb", "-", "-\n-"},
		{`a.b`, "s", "a\nb", "-", "-"},
		{`\p{Lu}`, "gu", "aÉb", "-", "a-b"},
		{`\ud83d\ude00`, "g", "x😀", "-", "x-"},
		{`(.)(.)(.)(.)(.)(.)(.)(.)(.)(.)`, "", "abcdefghijk", "$10$1$11", "jaa1k"},
		{`ſ`, "i", "S", "-", "S"},
		{`b`, "g", "abc", "[$`|$']", "a[$`|$']c"},
		{`b`, "gn", "abc", "[$`|$'|$0|$<n>]", "a[a|c|$0|$<n>]c"},
		{`(a)(?<n>b)(?:c)(d)`, "n", "abcd", "$1$2$3$<n>$<m>$<n", "abdb$<n"},
		{`(?<q>["'])x\k<q>(?<=x.)[(?<z>]`, "gn", `"x'"x"(`, "-", `"x'-`},
		{`\k`, "gn", "k", "-", "-"},
	}
	for _, tt := range tests {
		re, err := Compile(tt.pattern, tt.flags)
		if err != nil {
			t.Errorf("/%s/%s: %v", tt.pattern, tt.flags, err)
			continue
		}
		for _, budget := range []time.Duration{usualBudget, time.Second} {
			got, err := re.Replace([]byte("<"), tt.text, tt.with, budget, unbounded)
			if err != nil || string(got) != "<"+tt.want {
				t.Errorf("/%s/%s on %q: got %q, %v, want %q", tt.pattern, tt.flags, tt.text, got, err, "<"+tt.want)
			}
		}
	}
}

func TestCompileRefuses(t *testing.T) {
	tests := []struct{ pattern, flags string }{
		{`(`, ""}, {`[`, ""}, {`a**`, ""}, {`(?<name>a)`, ""}, {`(?<name>a)(?<name>b)`, "n"}, {`(?<1>a)`, "n"}, {`(?<a`, "n"}, {`(?<a>b)\k<c>`, "n"}, {`(?i)a`, ""}, {`(?#c)`, ""}, {`(?>a)`, ""}, {`\q`, "u"}, {`{`, "u"}, {`]`, "u"},
		{strings.Repeat("a", maxPattern+1), ""}, {strings.Repeat(`[\u0000-\uffff]`, maxWideSets+1), "i"},
	}
	for _, tt := range tests {
		if _, err := Compile(tt.pattern, tt.flags); err == nil {
			t.Errorf("/%.30s/%s is accepted", tt.pattern, tt.flags)
		} else if strings.Contains(err.Error(), "name") {
			t.Errorf("/%s/: the error quotes the pattern: %v", tt.pattern, err)
		}
	}
}

func TestCompileKeepsAndForgets(t *testing.T) {
	first, err := Compile("kept", "g")
	if err != nil {
		t.Fatal(err)
	}
	if again, err := Compile("kept", "g"); err != nil || again != first {
		t.Error("the expression is compiled twice")
	}
	if other, err := Compile("kept", ""); err != nil || other == first {
		t.Error("other flags find the same expression")
	}
	for i := range maxRegexes + 1 {
		if _, err := Compile(strings.Repeat("a", i+1), ""); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(regexes.byText); n > maxRegexes {
		t.Errorf("%d expressions are kept, want at most %d", n, maxRegexes)
	}
}

func TestLimits(t *testing.T) {
	slow, err := Compile(`(a+)+$`, "")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Repeat("a", 40) + "b"
	if _, err := slow.Replace(nil, text, "", 20*time.Millisecond, unbounded); !errors.Is(err, ErrBudget) {
		t.Errorf("Replace: got %v, want ErrBudget", err)
	}
	if _, err := slow.Match(text, 20*time.Millisecond); !errors.Is(err, ErrBudget) {
		t.Errorf("Match: got %v, want ErrBudget", err)
	}
	full := errors.New("full")
	each, err := Compile(`a`, "g")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		with string
		want []int // sizes that were asked for, the last one too much
	}{
		{"bb", []int{0, 2, 2, 4, 4, 6}}, {"$&$1$$-", []int{0, 0, 1, 1, 2, 3, 4, 5, 5, 5, 6}},
	} {
		var sizes []int
		out, err := each.Replace([]byte("<<<"), "aaaa", tt.with, time.Second, func(size int) error {
			if sizes = append(sizes, size); size > 5 {
				return full
			}
			return nil
		})
		if err != full || string(out) != "<<<" || !slices.Equal(sizes, tt.want) {
			t.Errorf("%s: got %q, %v after sizes %v, want %v", tt.with, out, err, sizes, tt.want)
		}
	}
}

func TestMatch(t *testing.T) {
	for pattern, want := range map[string]bool{"b": true, "^b": false, `^a\w+$`: true, "B": false} {
		re, err := Compile(pattern, "")
		if err != nil {
			t.Fatal(err)
		}
		if got, err := re.Match("abc", time.Second); err != nil || got != want {
			t.Errorf("/%s/: got %t, %v", pattern, got, err)
		}
	}
}

func FuzzReplace(f *testing.F) {
	f.Add("abc", "b(.)", "gi", "[$1$2$&$$]")
	f.Add("ab", `(?<=a)[^\W]|\p{L}{2,}?`, "giu", "$10")
	f.Add("a\xff", `[\S\D]|\u{61}|\ud83d\ude00`, "imsu", "\xff")
	f.Fuzz(func(t *testing.T, text, pattern, flags, with string) {
		if len(text) > 1000 || len(with) > 100 || strings.Trim(flags, "gimsu") != "" {
			t.Skip("callers give short texts to this target, and the flags that there are")
		}
		re, err := Compile(pattern, flags)
		if err != nil {
			return
		}
		start := cputime.Now()
		out, err := re.Replace(nil, text, with, 20*time.Millisecond, unbounded)
		if took := cputime.Since(start); took > 5*time.Second {
			t.Errorf("took %v", took)
		}
		if err != nil && !errors.Is(err, ErrBudget) {
			t.Errorf("got %v", err)
		}
		if utf8.ValidString(text) && utf8.ValidString(with) && !utf8.Valid(out) {
			t.Errorf("invalid UTF-8: %q", out)
		}
	})
}
