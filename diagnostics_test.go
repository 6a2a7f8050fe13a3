package imlc_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/imlc-lang/imlc"
)

// What a program is told of a spec is bounded, however large the spec and however many its problems.
func TestMachineFormsOfDiagnostics(t *testing.T) {
	text := `{"url":"` + strings.Repeat("{{a b}}", 3000) + `"}`
	_, list := imlc.Compile(fstest.MapFS{"c.jsonc": {Data: []byte(text)}}, "c.jsonc", imlc.Options{})
	if len(list.Items) < 1000 {
		t.Fatalf("%d problems, expected thousands", len(list.Items))
	}
	var out, sarif strings.Builder
	if err := imlc.WriteJSON(&out, list); err != nil {
		t.Fatal(err)
	}
	if err := imlc.WriteSARIF(&sarif, list); err != nil {
		t.Fatal(err)
	}
	var report struct {
		Diagnostics []struct{ Code, File string }
		Errors      int
		Omitted     int
	}
	if err := json.Unmarshal([]byte(out.String()), &report); err != nil || len(report.Diagnostics) != 100 || report.Diagnostics[0].Code == "" ||
		report.Diagnostics[0].File != "c.jsonc" || report.Omitted != len(list.Items)-100 {
		t.Errorf("%v, %d diagnostics, %d omitted of %d", err, len(report.Diagnostics), report.Omitted, len(list.Items))
	}
	// Marshalled as they are, each is what WriteJSON shows of it, and none repeats the spec.
	one, err := json.Marshal(list.Items[0])
	if err != nil {
		t.Fatal(err)
	}
	var shown struct{ Diagnostics []json.RawMessage }
	if err := json.Unmarshal([]byte(out.String()), &shown); err != nil {
		t.Fatal(err)
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, shown.Diagnostics[0]); err != nil || compact.String() != string(one) {
		t.Errorf("%v: marshalled %s, written %s", err, one, compact.String())
	}
	all, err := json.Marshal(list.Items)
	if err != nil || len(all) > 400*len(list.Items) {
		t.Errorf("%v: %d bytes for %d diagnostics of a spec of %d", err, len(all), len(list.Items), len(text))
	}
	for name, n := range map[string]int{"JSON": out.Len(), "SARIF": sarif.Len()} {
		if n > 200_000 {
			t.Errorf("%s: %d bytes for a spec of %d", name, n, len(text))
		}
	}
}
