package grammar

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/alecthomas/participle/v2/lexer"
	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func TestEBNF(t *testing.T) {
	got, err := EBNF()
	if err != nil {
		t.Fatal(err)
	}
	golden := filepath.Join("testdata", "iml.ebnf")
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("testdata/iml.ebnf is stale, run go test -update (-want +got):\n%s", diff)
	}
}

// TestSentences holds that the EBNF covers the parser: what Parse accepts, the grammar of participle accepts.
func TestSentences(t *testing.T) {
	p, err := buildSentences()
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range readings {
		if _, err := p.ParseString("", tt.text); err != nil {
			t.Errorf("the grammar refuses %q: %v", tt.text, err)
		}
	}
	for _, text := range []string{`1 +`, `(1`, `1 + * 2`, `a.b[1`, `a; b`, `{}`, `[1]`, `...`, `a # b`, `a ? b : c`} {
		if _, err := p.ParseString("", text); err == nil {
			t.Errorf("the grammar accepts %q", text)
		}
	}
}

// lexed is a token with the name of its rule.
type lexed struct {
	Rule, Value string
	Pos         lexer.Position
}

func lexAll(t *testing.T, d lexer.Definition, text string) []lexed {
	t.Helper()
	l, err := d.Lex("", strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	tokens, err := lexer.ConsumeAll(l)
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	names := lexer.SymbolsByRune(d)
	out := make([]lexed, len(tokens))
	for i, token := range tokens {
		out[i] = lexed{names[token.Type], token.Value, token.Pos}
	}
	return out
}

// FuzzLexer holds the hand-written lexer equal to the token rules as participle compiles them.
func FuzzLexer(f *testing.F) {
	for _, tt := range readings {
		f.Add(tt.text)
	}
	for _, tt := range faultTests {
		f.Add(tt.text)
	}
	for _, text := range []string{
		`"a""b`, `"a""`, `'`, "``", "```", "````", "``x`", `=>===>!==!==<=>>=<<<>>>{{{`, `&&&|||++-***/%`, `1.e5 1e+ 1e+5.3.x`,
		`a.1e5 .5 a. 5 a..5 ...5 ....5`, "\x80a\xffé\xe2\x80", "\u00a0\ufeff\u2028\u3000\u180e", "a\u0301\u0663_$\u00b2", "\x00~^@#\\",
		"a\nb\r\n\"c\nd\" e",
	} {
		f.Add(text)
	}
	reference, err := stateful()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 1000 {
			t.Skip("the reference takes quadratic time")
		}
		want, got := lexAll(t, reference, text), lexAll(t, Lexer, text)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q: (-participle +scanner):\n%s", text, diff)
		}
		var b strings.Builder
		for _, token := range got {
			b.WriteString(token.Value)
		}
		if b.String() != text {
			t.Errorf("the tokens of %q spell %q", text, b.String())
		}
	})
}

func TestKeywords(t *testing.T) {
	for _, word := range Keywords() {
		if !isKeyword(word) || !IsName(word) {
			t.Errorf("%s is no keyword", word)
		}
	}
	for _, word := range []string{"", "True", "and", "nil", "length"} {
		if isKeyword(word) {
			t.Errorf("%q is a keyword", word)
		}
	}
	if n := len(Keywords()); n != 19 {
		t.Errorf("%d keywords, want the 19 of spec iml.md §8", n)
	}
}

func TestLexReportsTheReader(t *testing.T) {
	want := errors.New("broken pipe")
	if _, err := Lexer.Lex("", iotest.ErrReader(want)); !errors.Is(err, want) {
		t.Errorf("error %v, want %v", err, want)
	}
}
