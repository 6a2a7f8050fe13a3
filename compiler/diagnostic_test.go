package compiler_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/internal/diag"
)

// found lists diagnostics as "line:column CODE", errors with an exclamation mark.
func found(l *diag.List) []string {
	out := []string{}
	for _, d := range l.Items {
		p := d.Span.Position()
		mark := ""
		if d.Severity == diag.Error {
			mark = "!"
		}
		out = append(out, fmt.Sprintf("%d:%d %s%s", p.Line, p.Column, d.Code, mark))
	}
	return out
}

// What the compiler says of templates, at exact places (spec iml.md §11); nothing more and nothing less.
func TestDiagnostics(t *testing.T) {
	strictEquality := imlc.TemplateOptions{StrictEquality: true}
	roots := imlc.TemplateOptions{Roots: []string{"parameters", "1", "temp"}}
	for _, c := range []struct {
		template string
		want     string // separated by ", "
		options  imlc.TemplateOptions
	}{
		// IML201: unknown functions, also where they never run.
		{`{{ifEmpty(a; b)}}`, "1:3 IML201!", imlc.TemplateOptions{}},
		{`{{if(false; nofunc(1); 2)}}`, "1:13 IML201!", imlc.TemplateOptions{}},
		{"x\n{{ a }}{{nofunc (nofunc2(1))}}", "2:10 IML201!, 2:18 IML201!", imlc.TemplateOptions{}},
		{`{{sqrt(4)}}`, "1:3 IML201!", imlc.TemplateOptions{}},
		{`{{sqrt(4)}}`, "", imlc.TemplateOptions{WhiteLabel: true}},
		{`{{f(1)}}`, "", imlc.TemplateOptions{Functions: hostFunctions("f")}},
		{`{{lower(a)}}`, "", imlc.TemplateOptions{}},
		// IML202: the number of slots, empty ones too.
		{`{{1 + round(1.5; 2)}}`, "1:7 IML202", imlc.TemplateOptions{}},
		{`{{ifempty(1)}}`, "1:3 IML202!", imlc.TemplateOptions{}},
		{`{{lower()}}`, "1:3 IML202!", imlc.TemplateOptions{}},
		{`{{lower(a;)}}`, "1:3 IML202", imlc.TemplateOptions{}},
		{`{{ifempty(a; b; nofunc(1))}}`, "1:3 IML202, 1:17 IML201!", imlc.TemplateOptions{}},
		{`{{if(a)}}`, "1:3 IML202!", imlc.TemplateOptions{}},
		{`{{switch(a; 1)}}`, "1:3 IML202!", imlc.TemplateOptions{}},
		{`{{replace(a; "x"; )}}`, "", imlc.TemplateOptions{}},
		{`{{if(a; b)}}`, "", imlc.TemplateOptions{}},
		{"{{max(1" + strings.Repeat(";1", 999) + ")}}", "", imlc.TemplateOptions{}},
		{"{{max(1" + strings.Repeat(";1", 1000) + ")}}", "1:3 IML202!", imlc.TemplateOptions{}},
		// IML203: literals of the wrong type.
		{`{{add(6; 18)}}`, "1:7 IML203!", imlc.TemplateOptions{}},
		{`{{addDays(now; "soon")}}`, "1:16 IML203!", imlc.TemplateOptions{}},
		{`{{omit("x"; "k")}}`, "1:8 IML203!", imlc.TemplateOptions{}},
		{`{{first(-1)}}`, "1:9 IML203!", imlc.TemplateOptions{}},
		{`{{first(true)}}`, "1:9 IML203!", imlc.TemplateOptions{}},
		{`{{addDays(true; 1)}}`, "1:11 IML203!", imlc.TemplateOptions{}},
		{`{{abs("x")}}{{abs("1")}}`, "1:7 IML203!", imlc.TemplateOptions{}},
		{`{{addDays("2024-01-01"; 1)}}{{addDays(5; "1.5")}}{{first(emptyarray)}}{{first(null)}}`, "", imlc.TemplateOptions{}},
		// IML204: words.
		{`{{sha256("m"; "k")}}`, "1:15 IML204!", imlc.TemplateOptions{}},
		{`{{sha256("m"; "hex")}}{{sha256("m"; "")}}{{sort(a; "name")}}`, "", imlc.TemplateOptions{}},
		// IML205: regular expressions.
		{`{{replace(a; "/(/"; "")}}`, "1:14 IML205!", imlc.TemplateOptions{}},
		{`{{replace(a; "/(?<n>a)/"; "")}}`, "1:14 IML205!", imlc.TemplateOptions{}},
		{`{{replace(a; "(/"; "")}}{{replace(a; "/("; "")}}{{replace(a; "/a(?=b)/g"; "")}}`, "", imlc.TemplateOptions{}},
		// IML210: roots.
		{`{{parametrs.a}}`, "1:3 IML210!", roots},
		{`{{parameters.a + temp.b + 1.x}}`, "", roots},
		{"{{`now`}}{{now}}{{2.x}}", "1:3 IML210, 1:19 IML210", roots},
		{`{{if(false; nope; 1)}}`, "1:13 IML210", roots},
		{`{{anything.goes}}`, "", imlc.TemplateOptions{}},
		{`{{a}}`, "1:3 IML210", imlc.TemplateOptions{Roots: []string{}}},
		{`{{a}}`, "1:3 IML210!", imlc.TemplateOptions{Roots: []string{}, Strict: true}},
		// IML301: where loose and strict equality disagree.
		{`{{length(a) = "0"}}`, "1:13 IML301", imlc.TemplateOptions{}},
		{`{{indexOf(a; "x") = "-1"}}`, "1:19 IML301", imlc.TemplateOptions{}},
		{`{{"1" != 1}}`, "1:7 IML301", imlc.TemplateOptions{}},
		{`{{true = "true"}}`, "1:8 IML301", imlc.TemplateOptions{}},
		{`{{lower(a) = true}}`, "1:12 IML301", imlc.TemplateOptions{}},
		{`{{a + "x" = 5}}`, "1:11 IML301", imlc.TemplateOptions{}},
		{`{{now = "2024"}}`, "1:7 IML301", imlc.TemplateOptions{}},
		{`{{timestamp = "1"}}`, "1:13 IML301", imlc.TemplateOptions{}},
		{`{{executionId = 1}}`, "1:15 IML301", imlc.TemplateOptions{}},
		{`{{emptyarray = ""}}`, "1:14 IML301", imlc.TemplateOptions{}},
		{`{{!a = 1}}`, "1:6 IML301", imlc.TemplateOptions{}},
		{`{{(a = b) == "x"}}`, "1:11 IML301", imlc.TemplateOptions{}},
		{`{{-a = "1"}}`, "1:6 IML301", imlc.TemplateOptions{}},
		{`{{length(a) = 0}}{{a = "1"}}{{a = b}}{{length(a) = lower(b)}}{{null = 1}}{{undefined = ""}}{{if(a;1;2) = "x"}}{{(a && 1) = "x"}}{{parseJSON(a) = "1"}}{{get(a;1)=1}}`, "", imlc.TemplateOptions{}},
		{`{{a + 1 = "x"}}`, "", imlc.TemplateOptions{}}, // a sum or a text, by a
		{`{{length(a) = "0"}}`, "", strictEquality},
		{`{{equal(length(a); "0")}}`, "", imlc.TemplateOptions{}}, // a call is no operator
		// IML307: zones.
		{`{{formatDate(now; "HH"; "Pragu")}}`, "1:25 IML307", imlc.TemplateOptions{}},
		{`{{parseDate(a; "HH"; "europe/prague")}}`, "1:22 IML307", imlc.TemplateOptions{}},
		{`{{formatDate(now; "HH"; "Europe/Prague")}}{{formatDate(now; "HH"; "utc")}}{{formatDate(now; "HH"; "")}}{{formatDate(now; "HH"; a)}}{{formatDate(now; "Pragu")}}`, "", imlc.TemplateOptions{}},
		// IML308: dates that are concatenated.
		{`{{now + 1}}`, "1:7 IML308", imlc.TemplateOptions{}},
		{`{{1 + now}}`, "1:5 IML308", imlc.TemplateOptions{}},
		{`{{addDays(now; 1) + a}}`, "1:19 IML308", imlc.TemplateOptions{}},
		{`{{now + now}}`, "1:7 IML308", imlc.TemplateOptions{}},
		{`{{now + "x"}}{{"x" + now}}{{now + lower(a)}}{{now - 1}}{{a + 1}}{{now + "x" + 1}}`, "", imlc.TemplateOptions{}},
		// Several in one template come in order of position, those of the parser among them.
		{`{{now + 1}}{{a ' ' b}}{{"1" = 1}}{{nope()}}`, "1:7 IML308, 1:16 IML303, 1:29 IML301, 1:36 IML201!", imlc.TemplateOptions{}},
		{`{{length(x; add(6; 1))}}`, "1:3 IML202, 1:17 IML203!", imlc.TemplateOptions{}},
		// A character of four bytes is one column, a line feed ends a line.
		{"\U0001F600{{\n\"\U0001F600\" = 1}}", "2:5 IML301", imlc.TemplateOptions{}},
	} {
		p, l := imlc.CompileTemplate("t", c.template, c.options)
		want := []string{}
		if c.want != "" {
			want = strings.Split(c.want, ", ")
		}
		if diff := cmp.Diff(want, found(l)); diff != "" {
			t.Errorf("%.200s\n%s", c.template, diff)
		}
		if (p == nil) != strings.Contains(c.want, "!") {
			t.Errorf("%.200s: there is a plan: %v", c.template, p != nil)
		}
		for _, d := range l.Items {
			if d.Message == "" || d.Message != strings.TrimSuffix(d.Message, ".") || d.Help == "" {
				t.Errorf("%s: message %q, help %q", d.Code, d.Message, d.Help)
			}
		}
	}
}

func TestDiagnosticsNameTheRemedy(t *testing.T) {
	for template, want := range map[string]string{
		`{{ifEmpty(a; b)}}`:     `did you mean "ifempty"?`,
		`{{uper(a)}}`:           `did you mean "upper"?`,
		`{{myFunktion(a)}}`:     `did you mean "myFunction"?`,
		`{{workMinutesDiff()}}`: "white-label edition",
		`{{round(1; 2)}}`:       "round(number)",
		`{{sha1(a; "octal")}}`:  "sha1(",
		`{{formatDate(a)}}`:     "formatDate(",
	} {
		_, l := imlc.CompileTemplate("t", template, imlc.TemplateOptions{Functions: hostFunctions("myFunction")})
		if len(l.Items) != 1 || !strings.Contains(l.Items[0].Help, want) {
			t.Errorf("%s: %v, want the help %q", template, l.Items, want)
		}
	}
}

func TestUnknownRootsAreNamed(t *testing.T) {
	for template, want := range map[string]string{
		`{{commn.key}}`: `did you mean "common"?`,
		`{{tmp.a}}`:     `did you mean "temp"?`,
		`{{elsewhere}}`: "known here: common, parameters, temp",
	} {
		_, l := imlc.CompileTemplate("t", template, imlc.TemplateOptions{Roots: []string{"common", "parameters", "temp"}})
		if len(l.Items) != 1 || l.Items[0].Help != want {
			t.Errorf("%s: %v, want the help %q", template, l.Items, want)
		}
	}
}

// In a document the position lies in the file, through the escapes, and the pointer names the string.
func TestDiagnosticsInDocuments(t *testing.T) {
	doc := "{\n  \"a\": [1, \"\\u00e9\\n{{nope(1)}}\"],\n  \"b/c\": \"{{now + 1}}\"\n}"
	_, l := imlc.CompileTemplateJSON("t.json", doc, imlc.TemplateOptions{})
	if diff := cmp.Diff([]string{"2:23 IML201!", "3:17 IML308"}, found(l)); diff != "" {
		t.Error(diff)
	}
	if len(l.Items) == 2 && (l.Items[0].Pointer != "/a/1" || l.Items[1].Pointer != "/b~1c") {
		t.Errorf("pointers %q, %q", l.Items[0].Pointer, l.Items[1].Pointer)
	}
	_, l = imlc.CompileTemplateJSON("t.json", strings.Repeat("[", 251)+strings.Repeat("]", 251), imlc.TemplateOptions{})
	if diff := cmp.Diff([]string{"1:251 IML502!"}, found(l)); diff != "" {
		t.Error(diff)
	}
}
