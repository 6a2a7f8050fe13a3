package diag

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/imlc-lang/imlc/internal/cputime"
	"github.com/imlc-lang/imlc/internal/source"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// golden compares text with a file under testdata, or rewrites the file.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s: -want +got\n%s", name, diff)
	}
}

// sample is one of each: severities, help, related places, nowhere, tabs, wide and controlling characters, a long line.
func sample() []Diagnostic {
	f := source.NewFile("dir/spec ü.jsonc", "{\n\t\"üü\": 1, \"key\": \"a\\u00e9{{x\",\n  \"other\": \"\x1b[31m<b>\"\n}\n")
	at := func(f *source.File, text string) source.Span {
		i := strings.Index(f.Text, text)
		return source.Span{File: f, Start: i, End: i + len(text)}
	}
	wide := source.NewFile("wide.json", "日本🎉e\u0301: HERE 日!")
	long := source.NewFile("c:long.json", strings.Repeat("x", 300)+"HERE"+strings.Repeat("y", 300))
	return []Diagnostic{
		{Code: "MAKE100", Message: "nowhere.json does not exist"},
		{Code: "MAKE102", Severity: Warning, Span: at(f, `"key"`), Pointer: "/key", Message: `the key "key" is written twice; this one counts`,
			Related: []Related{{Span: at(f, `"üü"`), Message: "first written here"}}},
		{Code: "IML101", Severity: Warning, Span: at(f, "{{"), Pointer: "/key", Message: "{{ has no closer }} and is plain text", Help: "close the hole"},
		{Code: "MAKE307", Severity: Info, Span: at(f, `"other"`), Message: "the request has no \"log.sanitize\" \x1b[2J"},
		{Code: "MAKE202", Span: source.Span{File: f, Start: len(f.Text), End: len(f.Text)}, Message: "the end"},
		{Code: "MAKE101", Span: at(long, "HERE"), Message: "far to the right"},
		{Code: "MAKE203", Span: at(f, `"üü"`), Focus: at(wide, "HERE"), Message: "behind wide, joining and\nbreaking characters: 100%", Help: "a, b",
			Fixes: []Fix{{Title: "write it", Edits: []Edit{{Span: at(wide, "HERE"), Text: "THERE"}, {Span: at(f, `"üü"`), Text: "x"}, {Span: at(wide, "!"), Text: ""}}}}},
		{Code: "MAKE307", Severity: Info, Span: at(f, `"key"`), Message: "the request has no \"log.sanitize\" \x1b[2J"},
		{Code: "MAKE101", Span: source.Span{File: f, Start: 0, End: len(f.Text)}, Message: "several lines"},
	}
}

func TestRender(t *testing.T) {
	tests := []struct {
		name string
		o    Options
	}{{"plain.txt", Options{}}, {"context.txt", Options{Context: 2, Width: 60}}, {"color.txt", Options{Color: true}}}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var out bytes.Buffer
			if err := Render(&out, sample(), tt.o); err != nil {
				t.Fatal(err)
			}
			golden(t, tt.name, out.String())
		})
	}
}

func TestRenderMachine(t *testing.T) {
	var out bytes.Buffer
	if err := RenderJSON(&out, sample()); err != nil {
		t.Fatal(err)
	}
	golden(t, "report.json", out.String())
	out.Reset()
	if err := RenderSARIF(&out, sample(), Tool{Name: "imlc", Version: "0.1", Home: "https://imlc.example", Describe: func(code string) (Rule, bool) {
		return Rule{Meaning: "means " + code, Advice: "do it", Address: "https://imlc.example/" + code, Severity: Warning}, code == "MAKE203"
	}}); err != nil {
		t.Fatal(err)
	}
	golden(t, "report.sarif", out.String())
	out.Reset()
	if err := RenderGitHub(&out, sample()); err != nil {
		t.Fatal(err)
	}
	golden(t, "report.github", out.String())
}

func TestRenderCap(t *testing.T) {
	f := source.NewFile("f", strings.Repeat("x ", 400_000))
	var items []Diagnostic
	for i := range 250 {
		items = append(items, Diagnostic{Code: "X", Severity: Severity(i % 3), Span: source.Span{File: f, Start: 800_000 - i, End: 800_000}, Message: fmt.Sprint(i)})
	}
	start := cputime.Now()
	var text, machine, sarif bytes.Buffer
	if err := Render(&text, items, Options{}); err != nil {
		t.Fatal(err)
	}
	if s := text.String(); !strings.HasSuffix(s, "… and 150 more\n84 errors, 83 warnings, 83 notes\n") || strings.Count(s, "^") != 100 {
		t.Errorf("text ends %q", s[max(0, len(s)-80):])
	}
	if err := RenderJSON(&machine, items); err != nil {
		t.Fatal(err)
	}
	var report struct {
		Diagnostics                      []any
		Errors, Warnings, Notes, Omitted int
	}
	if err := json.Unmarshal(machine.Bytes(), &report); err != nil || len(report.Diagnostics) != 100 || report.Errors != 84 || report.Warnings != 83 || report.Notes != 83 || report.Omitted != 150 {
		t.Errorf("report of %d: %v %d %d %d %d", len(report.Diagnostics), err, report.Errors, report.Warnings, report.Notes, report.Omitted)
	}
	if err := RenderSARIF(&sarif, items, Tool{Name: "imlc"}); err != nil || strings.Count(sarif.String(), `"ruleId"`) != 100 || !strings.Contains(sarif.String(), `"omitted": 150`) {
		t.Errorf("sarif: %v", err)
	}
	if d := cputime.Since(start); d > 5*time.Second {
		t.Errorf("took %v", d)
	}
}

func TestRenderNothing(t *testing.T) {
	var out bytes.Buffer
	if err := Render(&out, nil, Options{}); err != nil || out.Len() > 0 {
		t.Errorf("%v %q", err, out.String())
	}
	if got := Summary(nil); got != "no problems" {
		t.Error(got)
	}
}

func TestSort(t *testing.T) {
	f, g, twin := source.NewFile("a", "x\nyy\n"), source.NewFile("b", "z"), source.NewFile("a", "x\nyy\n")
	at := func(f *source.File, i int) source.Span { return source.Span{File: f, Start: i, End: i + 1} }
	l := &List{Items: []Diagnostic{{Code: "3", Span: at(g, 0)}, {Code: "2", Span: at(f, 3)}, {Code: "1", Span: at(twin, 2)}, {Code: "1", Span: at(f, 3)}, {Code: "1", Span: at(f, 3)}, {Code: "0"}}}
	l.Sort()
	var got []string
	for _, d := range l.Items {
		got = append(got, d.Span.String()+" "+d.Code)
	}
	if diff := cmp.Diff([]string{"- 0", "a:2:1 1", "a:2:2 1", "a:2:2 2", "b:1:1 3"}, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}
