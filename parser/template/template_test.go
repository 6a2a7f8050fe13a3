package template

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/imlc-lang/imlc/grammar"
	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/internal/source"
	"github.com/imlc-lang/imlc/parser/ast"
)

// places lists diagnostics as "CODE line:column", errors with an exclamation mark.
func places(diagnostics []diag.Diagnostic) string {
	var list []string
	for _, d := range diagnostics {
		p := d.Span.Position()
		s := fmt.Sprintf("%s %d:%d", d.Code, p.Line, p.Column)
		if d.Severity == diag.Error {
			s += "!"
		}
		list = append(list, s)
	}
	return strings.Join(list, ", ")
}

// shape shows the parts of a template, holes between ▸ and ◂.
func shape(t *ast.Template) string {
	var s strings.Builder
	for _, p := range t.Parts {
		if p.Hole {
			s.WriteString("▸" + grammar.Format(p.Expr) + "◂")
		} else {
			s.WriteString(p.Text)
		}
	}
	return s.String()
}

func TestDelimiters(t *testing.T) {
	tests := []struct{ text, shape, places string }{
		{``, ``, ``},
		{`plain`, `plain`, ``},
		{`a<<x>>b`, `a▸x◂b`, ``},
		{`a{{x}}b{{y}}`, `a▸x◂b▸y◂`, ``},
		{`{{x}}<<y>>`, `▸x◂▸y◂`, ``},
		{`<b><<x>></b>`, `<b>▸x◂</b>`, ``},
		{`<![CDATA[<<x>>]]>`, `<![CDATA[▸x◂]]>`, ``},
		{`<<<x>>>`, `<<<x>>>`, ``},
		{`<<<<x>>>>`, `<<<<x>>>>`, ``},
		{`<<<<<<< HEAD`, `<<<<<<< HEAD`, ``},
		{`<< x >>`, `▸x◂`, ``},
		{`a<< x + 1 >>b`, `a▸x + 1◂b`, ``},
		{"<<\tx\u00a0>>", `▸x◂`, ``},
		{`1 << 2`, `1 << 2`, ``},
		{`cout << a << endl;`, `cout << a << endl;`, ``},
		{`(a << 8) | (b >> 8)`, `(a << 8) | (b >> 8)`, `IML310 1:4`},
		{`<< x>>`, `<< x>>`, ``},
		{`<<x >>`, `<<x >>`, `IML101 1:1`},
		{"cat <<EOF\n<<x>>\nEOF", "cat <<EOF\n▸x◂\nEOF", `IML101 1:5`},
		{`cat <<EOF >> log`, `cat <<EOF >> log`, `IML101 1:5`},
		{`<</Type/Page>>`, `<</Type/Page>>`, ``},
		{`<<: *base`, `<<: *base`, ``},
		{`<<x>>>`, `▸x◂>`, ``},
		{`<<>>`, `▸◂`, ``},
		{`<< >>`, `▸◂`, ``},
		{`<<  >>`, `▸◂`, ``},
		{"<<\n>>", "<<\n>>", ``},
		{"<<x\n>>", "<<x\n>>", `IML101 1:1`},
		{"<<'\n'>>", "<<'\n'>>", `IML101 1:1`},
		{"<<x;\n", "<<x;\n", `IML101 1:1`},
		{`<<...>>`, `<<...>>`, ``},
		{`<< ... >>`, `<< ... >>`, ``},
		{`<<&>>`, `<<&>>`, ``},
		{`<<">>">>`, `▸">>"◂`, ``},
		{`<<-1>><<!a>><<(a)>><<_a>><<$a>>`, "▸-1◂▸!a◂▸a◂▸_a◂▸$a◂", ``},
		{`<<é>>`, `▸é◂`, ``},
		{`<< a b >>`, `<< a b >>`, `IML310 1:1`},
		{`<< a b >> {{c}}`, `<< a b >> ▸c◂`, `IML310 1:1`},
		{`<< a << b >>`, `<< a ▸b◂`, `IML310 1:1`},
		{`<<a <<b>>`, `▸◂`, `IML114 1:5!`},
		{`{{}}`, `▸◂`, ``},
		{`{{ }}`, `▸◂`, ``},
		{`{{{x}}}`, `{▸x◂}`, ``},
		{`{{{{x}}}}`, `{{▸x◂}}`, ``},
		{`{"a":{"b":{{x}}}}`, `{"a":{"b":▸x◂}}`, ``},
		{`{{"}}"}}`, `▸"}}"◂`, ``},
		{`{{"{{"}}x}}`, `▸"{{"◂x}}`, ``},
		{`{{"<<"}}`, `▸"<<"◂`, ``},
		{`{{"a""}}"}}`, `▸"a""}}"◂`, ``},
		{"{{`}}`}}", "▸`}}`◂", ``},
		{"{{1\n+\n2}}", `▸1 + 2◂`, ``},
		{`a }} b >> c`, `a }} b >> c`, ``},
		{`{{x>>`, `{{x>>`, `IML101 1:1`},
		{`<<x}}`, `<<x}}`, `IML101 1:1`},
		{`{{ it's }} open`, `{{ it's }} open`, `IML101 1:1`},
		{`{{{{ it's }}`, `{{{{ it's }}`, `IML101 1:3`},
		{`{{ it's {{x}} {{y`, `{{ it's ▸x◂ {{y`, `IML101 1:1, IML101 1:15`},
		{`{{ '{{x}}`, `{{ '▸x◂`, `IML101 1:1`},
		{`é{{"ž"}}😀<<x>>`, `é▸"ž"◂😀▸x◂`, ``},
		{`{ {a} }`, `{ {a} }`, ``},
		{`a < < b`, `a < < b`, ``},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			tpl, diagnostics := Parse(tt.text, nil, Options{})
			if got := shape(tpl); got != tt.shape {
				t.Errorf("parts %s, want %s", got, tt.shape)
			}
			if got := places(diagnostics); got != tt.places {
				t.Errorf("diagnostics %s, want %s", got, tt.places)
			}
		})
	}
}

func TestOptions(t *testing.T) {
	tests := []struct {
		name, text    string
		opts          Options
		shape, places string
	}{
		{"no mustache", `{{x}}<<y>>{{z`, Options{DisableMustache: true}, `{{x}}▸y◂{{z`, ``},
		{"no angle", `{{x}}<<y>><<z`, Options{DisableAngle: true}, `▸x◂<<y>><<z`, ``},
		{"neither", `{{x}}<<y>>`, Options{DisableMustache: true, DisableAngle: true}, `{{x}}<<y>>`, ``},
		{"opener of a disabled pair in a hole", `{{a <<b}}`, Options{DisableAngle: true}, `▸◂`, `IML114 1:5!`},
		{"strict mustache", `a {{b`, Options{Strict: true}, `a {{b`, `IML101 1:3!`},
		{"strict angle", `a <<b`, Options{Strict: true}, `a <<b`, `IML101 1:3!`},
		{"strict leaves IML310", `<< a b >>`, Options{Strict: true}, `<< a b >>`, `IML310 1:1`},
		{"strict leaves padded angles", `1 << 2`, Options{Strict: true}, `1 << 2`, ``},
		{"too long", `{{1+1}}`, Options{MaxBytes: 5}, `{{1+1}}`, `IML501 1:1!`},
		{"long enough", `{{1+1}}`, Options{MaxBytes: 7}, `▸1 + 1◂`, ``},
		{"plain text too long", `abcdef`, Options{MaxBytes: 5}, `abcdef`, `IML501 1:1!`},
		{"too deep", `{{((((1))))}}`, Options{MaxDepth: 3}, `▸◂`, `IML502 1:6!`},
		{"deep enough", `{{(((1)))}}`, Options{MaxDepth: 3}, `▸1◂`, ``},
		{"too deep calls", `{{f(g(h(i(1))))}}`, Options{MaxDepth: 3}, `▸◂`, `IML502 1:10!`},
		{"too deep indexes", `{{a[b[c[d[1]]]]}}`, Options{MaxDepth: 3}, `▸◂`, `IML502 1:10!`},
		{"too deep unary operators", `{{!-!-1}}`, Options{MaxDepth: 3}, `▸◂`, `IML502 1:6!`},
		{"side by side is not deep", `{{(1)+(2)+(3)+f(4)+a[5]+-6}}`, Options{MaxDepth: 1}, `▸1 + 2 + 3 + f(4) + a[5] + -6◂`, ``},
		{"too deep in padded angles", `<< ((1)) >>`, Options{MaxDepth: 1}, `▸◂`, `IML502 1:5!`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tpl, diagnostics := Parse(tt.text, nil, tt.opts)
			if got := shape(tpl); got != tt.shape {
				t.Errorf("parts %s, want %s", got, tt.shape)
			}
			if got := places(diagnostics); got != tt.places {
				t.Errorf("diagnostics %s, want %s", got, tt.places)
			}
		})
	}
}

// TestCatalogue holds the rows of the table of spec iml.md §11 that belong to the syntax, each with a text that is near
// it and clean.
func TestCatalogue(t *testing.T) {
	tests := []struct{ text, places string }{
		{`a {{b`, `IML101 1:3`},
		{`a {b`, ``},
		{`{{a # b}}`, `IML102 1:5!`},
		{`{{a + "#"}}`, ``},
		{`{{1 + }}`, `IML103 1:7!`},
		{`{{1 + 1}}`, ``},
		{`{{a b}}`, `IML104 1:5!`},
		{`{{a.b}}`, ``},
		{`{{max(1; 2}}`, `IML105 1:6!`},
		{`{{max(1; 2)}}`, ``},
		{`{{1 + 2)}}`, `IML106 1:8!`},
		{`{{(1 + 2)}}`, ``},
		{`{{a.b[1}}`, `IML107 1:6!`},
		{`{{a.b[1]}}`, ``},
		{`{{first([1])}}`, `IML108 1:9!`},
		{`{{first(a[1])}}`, ``},
		{`{{if(x; {}; 1)}}`, `IML109 1:9!`},
		{`{{if(x; "{}"; 1)}}`, ``},
		{`{{2.3.x}}`, `IML110 1:3!`},
		{"{{2.`3`.x}}", ``},
		{`{{a.}}`, `IML111 1:5!`},
		{`{{a.b}}`, ``},
		{`{{a; b}}`, `IML112 1:4!`},
		{`{{f(a; b)}}`, ``},
		{`{{1 ++ 2}}`, `IML113 1:5!`},
		{`{{1 + -2}}`, ``},
		{`{{a + {{b}}`, `IML114 1:7!`},
		{`{{a + "{{b"}}`, ``},
		{"{{a.``}}", `IML115 1:5!`},
		{"{{a.````}}", ``},
		{`x {{...}}`, `IML116 1:5!`},
		{`x ...`, ``},
		{`{{headers.content-type}}`, `IML302 1:11`},
		{"{{headers.`content-type`}}{{headers.content - type}}{{total-x}}", ``},
		{`{{a ' ' b}}`, `IML303 1:5`},
		{`{{a + ' ' + b}}`, ``},
		{`{{a ' ' b 'x' c}}`, `IML303 1:5`},
		{`{{if(a; b, c)}}`, `IML304 1:3`},
		{`{{if(a; f(b, c); d)}}`, ``},
		{`{{1 + if(a, f(b; c, d), e)}}`, `IML304 1:13`},
		{`{{a.b[0]}}`, `IML305 1:6`},
		{`{{a.b[10]}}{{a.b[-1]}}{{a.b[0 + 1]}}{{a.b["0"]}}`, ``},
		{`{{a.b[(-0.0)]}}`, `IML305 1:6`},
		{`{{a.b.2x}}`, `IML306 1:7`},
		{"{{a.b.`2x`}}{{a.b.x2}}", ``},
		{`{{body.length}}`, `IML309 1:8`},
		{"{{length(body)}}{{length.x}}{{body.`length`}}{{body.lengthy}}", ``},
		{`<< a b >>`, `IML310 1:1`},
		{`<< a >>`, ``},
		{`{{replace(a; ";"; "\n")}}`, `IML311 1:19`},
		{`{{replace(a; "/\n/g"; newline)}}{{"\d"}}{{"n\"}}`, ``},
		{`{{replace(a; "x"; "/\n/g")}}{{"\r\t"}}{{f("/\n/"; "/\n/")}}`, `IML311 1:19, IML311 1:31, IML311 1:43, IML311 1:51`},
		// Lints of one hole in order of position, and none beside an error.
		{`{{if(a.0; "\t" b.c-d, e.length)}}`, `IML304 1:3, IML306 1:8, IML311 1:11, IML303 1:16, IML302 1:18, IML309 1:25`},
		{`{{a.c-d + }} {{b.c-d}}`, `IML103 1:11!, IML302 1:18`},
		// Every hole recovers on its own.
		{"{{a b}} <<1 +\n>> {{c\n#}} <<)>> {{d}}", `IML104 1:5!, IML101 1:9, IML102 3:1!`},
		{"é😀 {{é ö}}\n  {{😀}}", `IML104 1:8!, IML102 2:5!`},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			_, diagnostics := Parse(tt.text, nil, Options{})
			if got := places(diagnostics); got != tt.places {
				t.Errorf("diagnostics %s, want %s", got, tt.places)
			}
			for _, d := range diagnostics {
				if d.Message == "" || d.Help == "" || strings.HasSuffix(d.Message, ".") {
					t.Errorf("message %q or help %q is not in style", d.Message, d.Help)
				}
			}
		})
	}
}

func TestSpreadKey(t *testing.T) {
	tests := []struct {
		key    string
		opts   Options
		spread bool
		places string
	}{
		{`{{...}}`, Options{}, true, ``},
		{`{{ ... }}`, Options{}, true, ``},
		{`{{ ...}}`, Options{}, true, ``},
		{`<<...>>`, Options{}, true, ``},
		{`<< ... >>`, Options{}, true, ``},
		{`<< ...>>`, Options{}, false, ``},
		{`<<... >>`, Options{}, false, ``},
		{"<<\n...\n>>", Options{}, false, ``},
		{`<<<...>>>`, Options{}, false, ``},
		{`{{...}}`, Options{DisableMustache: true}, false, ``},
		{`<<...>>`, Options{DisableAngle: true}, false, ``},
		{`...`, Options{}, false, ``},
		{`plain`, Options{}, false, ``},
		{``, Options{}, false, ``},
		{`{{x}}`, Options{}, true, `IML312 1:1`},
		{`{{}}`, Options{}, true, `IML312 1:1`},
		{`<<x>>`, Options{}, true, `IML312 1:1`},
		{`{{a b}}`, Options{}, true, `IML312 1:1`},
		{`k{{a}}`, Options{}, false, `IML312 1:2`},
		{`k-<<p.n>>{{b}}`, Options{}, false, `IML312 1:3`},
		{`{{...}}{{...}}`, Options{}, false, `IML312 1:1`},
		{`x{{...}}`, Options{}, false, `IML312 1:2`},
		{`{{{...}}}`, Options{}, false, `IML312 1:2`},
		{`k{{a`, Options{}, false, ``},
		{`<<: *base`, Options{}, false, ``},
		{`k{{a}}`, Options{DisableMustache: true}, false, ``},
	}
	for _, tt := range tests {
		t.Run(tt.key, func(t *testing.T) {
			spread, diagnostics := IsSpreadKey(tt.key, nil, tt.opts)
			if spread != tt.spread || places(diagnostics) != tt.places {
				t.Errorf("SpreadKey = %v with %s, want %v with %s", spread, places(diagnostics), tt.spread, tt.places)
			}
		})
	}
}

// TestPlacesInFile maps a text that was written with escapes: {"k": "\u00e9{{a \"x\"\n#}}"}.
func TestPlacesInFile(t *testing.T) {
	written := `{"k": "\u00e9{{a + \"x\"\n#}}"}`
	text := "é{{a + \"x\"\n#}}"
	f := source.NewFile("f.json", written)
	m := new(source.Map)
	m.Escaped(0, strings.Index(written, `\u00e9`))
	m.Copied(2, strings.Index(written, `{{`))
	m.Escaped(8, strings.Index(written, `\"x`))
	m.Copied(9, strings.Index(written, `x`))
	m.Escaped(10, strings.Index(written, `\"\n`))
	m.Escaped(11, strings.Index(written, `\n`))
	m.Copied(12, strings.Index(written, `#`))
	m.File = f
	_, diagnostics := Parse(text, m, Options{})
	if len(diagnostics) != 1 {
		t.Fatalf("diagnostics %v", diagnostics)
	}
	if got, want := diagnostics[0].Span.String(), "f.json:1:27"; got != want {
		t.Errorf("span %s, want %s", got, want)
	}
	if got := diagnostics[0].Span.Text(); got != "#" {
		t.Errorf("span covers %q, want #", got)
	}
}

func TestTemplateParts(t *testing.T) {
	tpl, diagnostics := Parse(`a{{b}}`, nil, Options{})
	want := []ast.Part{
		{Text: "a", At: grammar.Span{Start: 0, End: 1}},
		{Hole: true, At: grammar.Span{Start: 1, End: 6}, Expr: &grammar.Root{
			At: grammar.At{At: grammar.Span{Start: 3, End: 4}}, Name: "b", NameAt: grammar.Span{Start: 3, End: 4},
		}},
	}
	if diff := cmp.Diff(want, tpl.Parts); diff != "" || diagnostics != nil {
		t.Errorf("parts (-want +got):\n%s\ndiagnostics %v", diff, diagnostics)
	}
	if tpl.Map == nil || tpl.Text != `a{{b}}` {
		t.Errorf("text %q, map %v", tpl.Text, tpl.Map)
	}
}
