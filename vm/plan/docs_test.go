package plan

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/imlc-lang/imlc/vm/value"
)

// TestFormatIsDocumented holds docs/plan-format.md to the tables of this package.
func TestFormatIsDocumented(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("..", "..", "docs", "plan-format.md"))
	if err != nil {
		t.Fatal(err)
	}
	doc := string(data)
	want := []string{fmt.Sprintf("format version: %d", FormatVersion), fmt.Sprintf("numbers from %d on", opCount)}
	for op := OpInvalid + 1; op < opCount; op++ {
		want = append(want, fmt.Sprintf("| %d | `%s` | ", op, effects[op].name))
	}
	for id := sectionMeta; id < sectionEnd; id++ {
		want = append(want, fmt.Sprintf("| %d | %s | ", id, sectionNames[id]))
	}
	for i, name := range variables {
		want = append(want, fmt.Sprintf("%d `%s`", i, name))
	}
	d := &dumper{frames: []dumpFrame{{object: value.NewObject(16)}}}
	walkConnection(d, connectionPlan(t).Connection)
	want = append(want, keysOf(value.Collection(d.frames[0].object))...)
	for _, s := range want {
		if !strings.Contains(doc, s) {
			t.Errorf("docs/plan-format.md does not say %q", s)
		}
	}
}

// keysOf returns the keys of v and of all that is in it.
func keysOf(v value.Value) []string {
	keys := append([]string(nil), v.Object().Keys()...)
	for i := range v.Object().Len() {
		_, item := v.Object().At(i)
		keys = append(keys, keysOf(item)...)
	}
	for _, item := range v.Items() {
		keys = append(keys, keysOf(item)...)
	}
	return keys
}
