package conformance

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/imlc-lang/imlc/internal/cputime"
	"github.com/imlc-lang/imlc/internal/race"
	"github.com/imlc-lang/imlc/vm/value"
)

// TestHostileTemplates holds every engine to ending quickly, with a limit or a diagnostic, on templates that are made
// to hurt (spec iml.md §13).
func TestHostileTemplates(t *testing.T) {
	many := func(s string, n int) string { return strings.Repeat(s, n) }
	grow := func(inner string) string { return `replace(` + inner + `; "a"; "` + many("a", 64) + `")` }
	tests := map[string]struct{ template, want string }{
		"parentheses":        {"{{" + many("(", 60_000) + "}}", "IML502"},
		"closed":             {"{{" + many("(", 30_000) + "1" + many(")", 30_000) + "}}", "IML502"},
		"calls":              {"{{" + many("abs(", 15_000) + "}}", "IML502"},
		"indexes":            {"{{" + many("a[", 30_000) + "}}", "IML502"},
		"negations":          {"{{" + many("!", 60_000) + "1}}", "IML502"},
		"openers":            {many("{{", 32_000), ""},
		"angle openers":      {many("<<a", 21_000), ""},
		"padded openers":     {many("<< a ", 13_000), ""},
		"openers and quote":  {many("{{'", 21_000), ""},
		"quotes":             {"{{" + many("'", 60_001) + "}}", ""},
		"holes":              {many("{{1}}", 13_000), ""},
		"too long":           {many("a", 70_000), "IML501"},
		"catastrophic":       {`{{replace("` + many("a", 40) + `!"; "/^(a+)+$/"; "")}}`, "IML505"},
		"catastrophic, too":  {`{{replace("` + many("a", 4000) + `"; "/(?:a|aa)+b/"; "")}}`, "IML505"},
		"replace blow-up":    {"{{" + grow(grow(grow(grow(grow(`"a"`))))) + "}}", "IML503"},
		"exact integer":      {"{{" + many("9", 60_000) + "}}", ""},
		"deep JSON":          {`{{parseJSON("` + many("[", 60_000) + `")}}`, "IML407"},
		"deep path":          {`{{set(undefined; "` + many("a.", 20_000) + `a"; 1)}}`, "IML405"},
		"long chain":         {"{{" + many("1+", 30_000) + "1}}", ""},
		"nested lists":       {"{{" + many("add(emptyarray; ", 251) + "}}", "IML502"},
		"many arguments":     {"{{max(" + many("1;", 30_000) + "1)}}", "IML202"},
		"format of brackets": {`{{formatDate(0; "` + many("[", 60_000) + `")}}`, ""},
		"parse format":       {`{{parseDate("` + many("1", 30_000) + `"; "` + many("D", 30_000) + `")}}`, ""},
		"tags":               {`{{stripHTML("` + many("<a", 30_000) + `")}}`, ""},
		"comments":           {`{{stripHTML("` + many("<!--", 15_000) + `")}}`, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			v := &expressionVector{Template: value.Text(tt.template), Context: value.NewObject(0)}
			for _, e := range threeWays() {
				start := cputime.Now()
				got, err := e.Evaluator.Evaluate(context.Background(), v)
				took := cputime.Since(start)
				if err != nil {
					t.Fatalf("%s: %v", e.Name, err)
				}
				if tt.want != "" && got.Error != tt.want {
					t.Errorf("%s: got %q (%.200s), want %s", e.Name, got.Error, got.Detail, tt.want)
				}
				if took > 2*race.Slowdown*time.Second {
					t.Errorf("%s took %v", e.Name, took)
				}
			}
		})
	}
}
