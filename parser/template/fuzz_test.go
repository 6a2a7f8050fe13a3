package template

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/imlc-lang/imlc/grammar"
	"github.com/imlc-lang/imlc/internal/cputime"
	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/internal/race"
)

// FuzzTemplate holds that any text and key give parts that spell the text, with expressions and diagnostics inside it,
// that holes are found where a plain reading of spec iml.md §3.1 finds them, and that a key is a spread only as one
// hole.
func FuzzTemplate(f *testing.F) {
	for _, text := range []string{
		``, `plain`, `a{{b}}c<<d>>e`, `<<<x>>>`, `<< x + 1 >>`, `<< a b >>`, "cat <<EOF\n<<x>>\nEOF", `{{ it's }} {{x}}`, `{{{{x}}}}`,
		`{{'}}'}}<<">>">>`, `{{a {{b}}`, `<<a >> << b>>`, "<< 'x\ny' >>", `{{...}}`, `<< ... >>`, `{{ '{{" "{{' "}}`, `<<x "' >> << ' >>" >>'`,
		"\xff{{\xff}}<<\u00a0x\u2003>>", "{{`}}", `<< (((((1))))) >>`, `<<-1>>>`, `{{x}}}<<y>>>{{`, `<<x' << ' >>`,
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		opts := Options{MaxDepth: 4, MaxBytes: 4096}
		tpl, diagnostics := Parse(text, nil, opts)
		var spelt strings.Builder
		end, holes := 0, [][2]int(nil)
		for _, p := range tpl.Parts {
			if p.At.Start != end || p.At.End <= p.At.Start || p.At.End > len(text) {
				t.Fatalf("%q: part at %v follows %d", text, p.At, end)
			}
			end = p.At.End
			spelt.WriteString(text[p.At.Start:p.At.End])
			if !p.Hole {
				if p.Text != text[p.At.Start:p.At.End] {
					t.Errorf("part %q stands for %q", p.Text, text[p.At.Start:p.At.End])
				}
				continue
			}
			holes = append(holes, [2]int{p.At.Start, p.At.End})
			if x := p.Expr; x != nil && (x.Span().Start < p.At.Start+2 || x.Span().End > p.At.End-2) {
				t.Errorf("%q: expression at %v in a hole at %v", text, x.Span(), p.At)
			}
		}
		if spelt.String() != text {
			t.Errorf("the parts of %q spell %q", text, spelt.String())
		}
		for i, d := range diagnostics {
			if d.Span.Start < 0 || d.Span.Start > d.Span.End || d.Span.End > len(text) {
				t.Errorf("%q: %s at %d to %d", text, d.Code, d.Span.Start, d.Span.End)
			}
			if i > 0 && d.Span.Start < diagnostics[i-1].Span.Start {
				t.Errorf("%q: %s is out of order", text, d.Code)
			}
		}
		if len(text) > opts.MaxBytes {
			return
		}
		wantHoles, wantText := plainSplit(text, opts)
		if diff := cmp.Diff(wantHoles, holes); diff != "" {
			t.Errorf("%q: holes (-want +got):\n%s", text, diff)
		}
		if diff := cmp.Diff(wantText, plainOpeners(diagnostics)); diff != "" {
			t.Errorf("%q: openers that open nothing (-want +got):\n%s", text, diff)
		}
		if spread, _ := IsSpreadKey(text, nil, opts); spread && len(tpl.Parts) != 1 {
			t.Errorf("%q is a spread", text)
		}
	})
}

func plainOpeners(diagnostics []diag.Diagnostic) map[int]string {
	m := map[int]string{}
	for _, d := range diagnostics {
		if d.Code == "IML101" || d.Code == "IML310" {
			m[d.Span.Start] = d.Code
		}
	}
	return m
}

// plainSplit finds the holes and the openers that open nothing, as spec iml.md §3.1 says it and without any thrift.
func plainSplit(text string, opts Options) (holes [][2]int, openers map[int]string) {
	openers = map[int]string{}
	for i := 0; i < len(text); {
		switch {
		case strings.HasPrefix(text[i:], "{{"):
			for strings.HasPrefix(text[i+2:], "{") {
				i++
			}
			end := plainCloser(text, i+2, "}}")
			if end < 0 {
				openers[i] = "IML101"
				i += 2
				continue
			}
			holes = append(holes, [2]int{i, end + 2})
			i = end + 2
		case strings.HasPrefix(text[i:], "<<"):
			n := len(text[i:]) - len(strings.TrimLeft(text[i:], "<"))
			rest := text[i+n:]
			begun := trimBlanks(rest)
			if n != 2 || !beginsExpression(begun) {
				i += n
				continue
			}
			padded := len(begun) < len(rest)
			end := plainCloser(text, i+2, ">>")
			fits := end >= 0 && !strings.Contains(text[i:end], "\n")
			if fits {
				fits = padded == (blank(lastCharacter(text[i+2:end])) && end > i+2)
			}
			if !fits {
				if !padded {
					openers[i] = "IML101"
				}
				i += 2
				continue
			}
			_, _, err := grammar.Parse(text, i+2, end, opts.limits())
			if padded && err != nil && err.Code != "IML502" {
				openers[i] = "IML310"
				i += 2
				continue
			}
			holes = append(holes, [2]int{i, end + 2})
			i = end + 2
		default:
			i++
		}
	}
	return holes, openers
}

func plainCloser(text string, i int, closer string) int {
	for i < len(text) {
		if strings.HasPrefix(text[i:], closer) {
			return i
		}
		if c := text[i]; c == '\'' || c == '"' || c == '`' {
			n := strings.IndexByte(text[i+1:], c)
			if n < 0 {
				return -1
			}
			i += n + 1
		}
		i++
	}
	return -1
}

func trimBlanks(text string) string {
	return strings.TrimLeftFunc(text, func(r rune) bool { return blank(string(r)) })
}

func lastCharacter(text string) string {
	r := []rune(text)
	if len(r) == 0 {
		return ""
	}
	return string(r[len(r)-1])
}

func beginsExpression(text string) bool {
	return strings.HasPrefix(text, ">>") || grammar.NameStartLength(text) > 0 ||
		text != "" && strings.ContainsRune("0123456789'\"`(!-", rune(text[0]))
}

// TestHostileTemplates holds that texts made to hurt are read quickly (spec iml.md §13).
func TestHostileTemplates(t *testing.T) {
	const size = 64<<10 - 16 // leaves room for what a text needs besides
	fill := func(s string) string { return strings.Repeat(s, size/len(s)) }
	texts := map[string]string{
		"openers":                   fill("{{ "),
		"angle openers":             fill("<<a "),
		"padded openers":            fill("<< a "),
		"braces":                    fill("{"),
		"openers and a late quote":  fill("{{ ") + "'",
		"openers in quotes":         fill("{{ ' "),
		"openers in three quotes":   fill("{{ ' << \" {{ ` <<x "),
		"tight without fit":         fill("<<a '' ") + " >>",
		"padded without expression": fill("<< a '<< ' ") + " >>",
		"quotes, then a closer":     "{{" + fill("'a'") + "'}}",
		"parentheses in a hole":     "{{" + fill("(") + "}}",
		"many holes":                fill("{{a}}"),
		"many broken holes":         fill("{{a b}}"),
		"blanks":                    "<<" + fill(" ") + ">>",
		"line ends":                 fill("<<a\n"),
	}
	for name, text := range texts {
		t.Run(name, func(t *testing.T) {
			started := cputime.Now()
			Parse(text, nil, Options{})
			if took := cputime.Since(started); took > race.Slowdown*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}

func BenchmarkParseTemplate(b *testing.B) {
	for name, text := range map[string]string{
		"plain":  `https://api.example.com/1.1/statuses/update.json`,
		"hole":   `{{upper(trim(parameters.name))}}`,
		"joined": `Bearer {{connection.accessToken}} and <<parameters.scope>>`,
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Parse(text, nil, Options{})
			}
		})
	}
}
