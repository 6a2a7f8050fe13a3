package supermetrics_test

import (
	"bufio"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/imlc-lang/imlc/vm/value"
)

// rfcCase is an example of a table of RFC 9535, or the document of the examples of a section.
type rfcCase struct {
	Section  string
	Document json.RawMessage
	// Query is the example, Here the same in the dialect of this package where that is written otherwise.
	Query, Here string
	// Want is what the RFC finds, in any order where it says so.
	Want     []any
	AnyOrder bool `json:"any_order"`
	// Why is the difference of the dialect, a row of docs/dialects.md. Gives is what it finds instead, or the code of the error;
	// absent where only the notation differs.
	Why   string
	Gives any
}

func rfcCases(t *testing.T) []rfcCase {
	t.Helper()
	file, err := os.Open("testdata/rfc9535.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var out []rfcCase
	for lines := bufio.NewScanner(file); lines.Scan(); {
		var c rfcCase
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatalf("%s: %v", lines.Text(), err)
		}
		out = append(out, c)
	}
	return out
}

// TestRFC9535 runs the examples of all tables of RFC 9535 that show queries and what they find (§1.5, §2.2 to §2.6), and holds that
// the dialect differs where docs/dialects.md says so and nowhere else.
func TestRFC9535(t *testing.T) {
	table, err := os.ReadFile("../../../docs/dialects.md")
	if err != nil {
		t.Fatal(err)
	}
	documents, n := map[string]value.Value{}, 0
	for _, c := range rfcCases(t) {
		if c.Query == "" {
			documents[c.Section] = parsed(t, string(c.Document))
			continue
		}
		n++
		if c.Why != "" && !strings.Contains(string(table), "| "+c.Why+" |") {
			t.Errorf("docs/dialects.md has no row of differences %q", c.Why)
		}
		if c.Here != "" {
			if _, _, err := rows(t, 1<<20, documents[c.Section], c.Query); err == nil {
				t.Errorf("§%s %s is read, though the table says that it is written otherwise", c.Section, c.Query)
			}
		} else {
			c.Here = c.Query
		}
		var want any = c.Want
		if c.Gives != nil {
			want = c.Gives
		}
		got := found(t, documents[c.Section], c.Here)
		if c.AnyOrder {
			got, want = sorted(got), sorted(want)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("§%s %s: %s", c.Section, c.Here, d)
		}
	}
	if n < 85 {
		t.Errorf("%d examples, expected all of them", n)
	}
}

func parsed(t *testing.T, text string) value.Value {
	t.Helper()
	v, err := value.ParseJSON(text, &value.JSONOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// found is what a path finds as JSON: an empty list for nothing, and the code of an error.
func found(t *testing.T, document value.Value, path string) any {
	t.Helper()
	v, _, err := rows(t, 1<<20, document, path)
	if err != nil {
		code, _, _ := strings.Cut(err.Error(), ":")
		return code
	}
	if v.IsNil() {
		return []any{}
	}
	var out any
	if err := json.Unmarshal(value.AppendJSON(nil, v), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// sorted is a list in the order of its texts.
func sorted(x any) any {
	list, _ := x.([]any)
	list = slices.Clone(list)
	text := func(x any) string { b, _ := json.Marshal(x); return string(b) }
	slices.SortFunc(list, func(a, b any) int { return strings.Compare(text(a), text(b)) })
	return any(list)
}
