package conformance

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/internal/reference"
	"github.com/imlc-lang/imlc/internal/source"
)

// syntax are the codes that hide what they make unreadable, so that a fix may bring it to light.
var syntax = regexp.MustCompile(`^(IML1(0[2-9]|1[0-7])|MAKE101|IML501)$`)

// TestFixesFix applies every fix of every diagnostic of every case, alone: the diagnostic goes away and no other comes, but
// for what a mistake of syntax has hidden.
func TestFixesFix(t *testing.T) {
	cases, err := Load([]string{"cases"})
	if err != nil {
		t.Fatal(err)
	}
	fixed := map[string]int{}
	for _, c := range cases {
		switch {
		case c.Flow != nil && c.Flow.Syntax == nil:
			s, err := c.Flow.Settings()
			if err != nil {
				t.Fatal(err)
			}
			src, problems, err := c.Flow.source(s)
			if err != nil || problems.HasErrors() {
				continue
			}
			s.Compile.Lint = true
			fixesFix(t, c.ID, src.Files(), fixed, func(files map[*source.File]*source.File) *diag.List {
				next := src
				next.Parts = slices.Clone(src.Parts)
				for i, p := range next.Parts {
					next.Parts[i].File = files[p.File]
				}
				_, list := imlc.CompileSource(next, s.Compile)
				return list
			})
		case c.Expression != nil:
			templateFixes(t, c.ID, c.Expression.Template.Str(), fixed)
		}
	}
	for _, e := range reference.Codes() {
		if e.Example != "" && e.Severity != "run" {
			templateFixes(t, e.Code, e.Example, fixed)
		}
	}
	t.Logf("%d codes have a fix: %v", len(fixed), slices.Sorted(maps.Keys(fixed)))
}

// templateFixes looks at a template in a document.
func templateFixes(t *testing.T, id, template string, fixed map[string]int) {
	t.Helper()
	text, _ := json.Marshal(template)
	f := source.NewFile("spec.jsonc", `{"a": `+string(text)+`}`)
	fixesFix(t, id, []*source.File{f}, fixed, func(files map[*source.File]*source.File) *diag.List {
		_, list := imlc.CompileTemplateJSON(f.Name, files[f].Text, imlc.TemplateOptions{})
		return list
	})
}

// fixesFix compiles files, and again with each fix.
func fixesFix(t *testing.T, id string, files []*source.File, fixed map[string]int, compile func(map[*source.File]*source.File) *diag.List) {
	t.Helper()
	same := map[*source.File]*source.File{}
	for _, f := range files {
		same[f] = f
	}
	list := compile(same)
	imlc.AddFixes(list)
	before := said(list)
	for _, d := range list.Items {
		for _, fix := range d.Fixes {
			texts, n := diag.Fixed([]diag.Diagnostic{{Fixes: []diag.Fix{fix}}})
			next := maps.Clone(same)
			for f, text := range texts {
				for _, mine := range files { // a template has its document read into a file of its own
					if mine == f || mine.Name == f.Name {
						next[mine] = source.NewFile(f.Name, text)
					}
				}
			}
			after := said(compile(next))
			if text := d.Code + " " + d.Message; n != 1 || after[text] >= before[text] {
				t.Errorf("%s: %q leaves %s at %s: %s\n%v", id, fix.Title, d.Code, d.Span, d.Message, texts)
			}
			for text, n := range after {
				code, _, _ := strings.Cut(text, " ")
				if n > before[text] && (!syntax.MatchString(d.Code) || syntax.MatchString(code)) {
					t.Errorf("%s: %q of %s at %s brings %s\n%v", id, fix.Title, d.Code, d.Span, text, texts)
				}
			}
			fixed[d.Code]++
		}
	}
}

// said counts what a list says.
func said(list *diag.List) map[string]int {
	out := map[string]int{}
	for _, d := range list.Items {
		out[fmt.Sprint(d.Code, " ", d.Message)]++
	}
	return out
}
