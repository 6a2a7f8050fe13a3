package compiler_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/vm/plan"
)

// callsOf returns the names of the functions that a template calls when it runs; what was folded is not among them.
func callsOf(t *testing.T, p *plan.Plan) (names []string) {
	t.Helper()
	for _, f := range p.Functions {
		for _, in := range f.Code {
			if in.Op == plan.OpCall || in.Op == plan.OpEmitCall {
				_, name, _ := strings.Cut(p.Strings[p.Calls[in.A].Function], ".")
				names = append(names, name)
			}
		}
	}
	return names
}

// Folding stops at the edge of each of its bounds: a value, the steps and the memory of a call, all values of a plan.
// What is beyond is left to the run, whose limits are the host's.
func TestFoldingIsBounded(t *testing.T) {
	text := func(n int) string { return strings.Repeat("x", n) }
	for _, tt := range []struct{ name, template, calls string }{
		{"a text of 64 KiB", `{{base64("` + text(48<<10) + `")}}`, "[]"},
		{"a longer text", `{{base64("` + text(48<<10+3) + `")}}`, "[base64]"},
		{"a list of 53 KiB", `{{add(emptyarray; base64("` + text(20_000) + `"); base64("` + text(20_000) + `"))}}`, "[]"},
		{"a list of 80 KiB", `{{add(emptyarray; base64("` + text(30_000) + `"); base64("` + text(30_000) + `"))}}`, "[add]"},
		{"a list of 4000 items", `{{split("` + text(4000) + `"; "")}}`, "[]"},
		{"a list of 10 001 items", `{{split("` + text(10_001) + `"; "")}}`, "[split]"},
		{"a time zone of the host", `{{formatDate("2024-01-01"; "YYYY")}}`, "[formatDate]"},
		{"an error", `{{parseNumber("1x")}}`, "[parseNumber]"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, l := imlc.CompileTemplate("t", tt.template, imlc.TemplateOptions{})
			if p == nil {
				t.Fatal(l.Items)
			}
			if got := fmt.Sprint(callsOf(t, p)); got != tt.calls {
				t.Errorf("the plan calls %s, expected %s", got, tt.calls)
			}
		})
	}
}

// The folded values of all templates of a plan share one bound, a MiB.
func TestFoldingIsBoundedByPlan(t *testing.T) {
	list := func(n int, hole string) string {
		return `[` + strings.TrimSuffix(strings.Repeat(`"{{`+hole+`}}",`, n), ",") + `]`
	}
	for _, tt := range []struct {
		name, document string
		folded         int // of the 40 calls
	}{
		{"little", list(40, `upper('a')`), 40},
		{"values", list(40, `escapeHTML('`+strings.Repeat("&", 13_000)+`')`), 17}, // of 65 002 bytes each: the 17th ends beyond a MiB
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, l := imlc.CompileTemplateJSON("t", tt.document, imlc.TemplateOptions{})
			if p == nil {
				t.Fatal(l.Items)
			}
			if got := 40 - len(callsOf(t, p)); got != tt.folded {
				t.Errorf("%d calls were folded, expected %d", got, tt.folded)
			}
		})
	}
}
