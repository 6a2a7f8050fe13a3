package iml_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/imlc-lang/imlc/internal/calendar"
	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/value"
)

// vectorFiles are the expression vectors of the project, and those of the specification where they lie beside it.
func vectorFiles(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", "..", "conformance", "cases", "iml", "*.jsonl"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no vectors: %v", err)
	}
	shared := filepath.Join("..", "..", "..", "..", "shared", "data", "iml-vectors.jsonl")
	if _, err := os.Stat(shared); err == nil {
		return append(files, shared)
	} else if os.Getenv("CI") == "true" {
		t.Fatalf("../shared is absent: %v", err)
	}
	return files
}

type vector struct {
	ID        string          `json:"id"`
	Template  json.RawMessage `json:"template"`
	Context   json.RawMessage `json:"context"`
	Timezone  string          `json:"timezone"`
	Now       string          `json:"now"`
	WantError string          `json:"want_error"`
	Want      *struct {
		Type  string          `json:"type"`
		Value json.RawMessage `json:"value"`
	} `json:"want"`
}

// TestVectors runs those published vectors whose template is one expression of calls, literals and paths, which is what
// the tiny evaluator of this test understands.
func TestVectors(t *testing.T) {
	ran := 0
	for _, name := range vectorFiles(t) {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for line := range bytes.Lines(data) {
			var v vector
			if err := json.Unmarshal(line, &v); err != nil {
				t.Fatal(err)
			}
			var template string
			if json.Unmarshal(v.Template, &template) == nil && runVector(t, v, template) {
				ran++
			}
		}
	}
	if ran < 2000 {
		t.Errorf("only %d vectors ran", ran)
	}
}

func runVector(t *testing.T, v vector, template string) bool {
	if syntax := strings.HasPrefix(v.WantError, "IML1") || v.WantError == "IML502"; syntax || len(template) < 5 || !strings.Contains(template, "(") {
		return false
	}
	context, err := value.ParseJSON(string(v.Context), &value.JSONOptions{MaxDepth: 10_000})
	if err != nil {
		t.Fatal(err)
	}
	zone := time.UTC
	if v.Timezone != "" {
		zone = calendar.LoadZone(v.Timezone)
	}
	now, ok := calendar.ParseText(v.Now, time.UTC)
	if !ok {
		now = 0
	}
	e := &evaluator{src: template[2 : len(template)-2], root: context,
		c: &builtin.Context{Now: now, Zone: zone, Entropy: strings.NewReader(strings.Repeat("seventeen letters", 100))}}
	got, err := e.run()
	if errors.Is(err, errBeyond) {
		return false
	}
	t.Run(v.ID, func(t *testing.T) {
		if v.WantError != "" {
			if codeOf(err) != v.WantError {
				t.Errorf("%s: got %v, %v; want %s", template, got, err, v.WantError)
			}
			return
		}
		if err != nil {
			t.Errorf("%s: %v", template, err)
			return
		}
		if diff := cmp.Diff(string(v.Want.Value), wire(got)); v.Want.Type != got.Kind().String() || diff != "" && !sameJSON(v.Want.Value, got) {
			t.Errorf("%s: got %s %s, want %s %s", template, got.Kind(), wire(got), v.Want.Type, v.Want.Value)
		}
	})
	return true
}

func sameJSON(want json.RawMessage, got value.Value) bool {
	if f := got.Float(); math.IsNaN(f) || math.IsInf(f, 0) {
		return string(want) == `"`+value.ToText(got)+`"`
	}
	w, err := value.ParseJSON(string(want), nil)
	if len(want) == 0 {
		return got.IsNil()
	}
	g, _ := value.ParseJSON(wire(got), nil)
	return err == nil && string(value.AppendJSON(nil, w)) == string(value.AppendJSON(nil, g))
}

func wire(v value.Value) string {
	switch v.Kind() {
	case value.KindUndefined, value.KindNull:
		return ""
	case value.KindBuffer:
		return `"` + base64.StdEncoding.EncodeToString(v.Bytes()) + `"`
	}
	return string(value.AppendJSON(nil, v))
}
