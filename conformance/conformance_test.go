package conformance

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	_ "github.com/imlc-lang/imlc/vm/builtin/jsonata" // formulas have its expressions
)

// shared returns a path of the normative data beside the project, and ends the test when it is not there.
func shared(t *testing.T, name string) string {
	t.Helper()
	path := filepath.Join("..", "..", "shared", "data", name)
	if _, err := os.Stat(path); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("../shared is absent: %v", err)
		}
		t.Skipf("../shared is absent: %v", err)
	}
	return path
}

// runAll runs paths on engines and fails the test with the report of what failed.
func runAll(t *testing.T, engines []Engine, match func(*Case) bool, paths ...string) *Report {
	t.Helper()
	report, err := Run(context.Background(), paths, Options{Engines: engines, Match: match})
	if err != nil {
		t.Fatal(err)
	}
	if !report.OK() {
		var b bytes.Buffer
		if err := report.WriteText(&b); err != nil {
			t.Fatal(err)
		}
		t.Errorf("\n%s", b.String())
	}
	t.Log(report.Summary())
	return report
}

func TestSharedSigningVectors(t *testing.T) {
	runAll(t, nil, nil, shared(t, "oauth1-vectors.jsonl"))
}

func TestSharedExpressionVectors(t *testing.T) {
	runAll(t, threeWays(), nil, shared(t, "iml-vectors.jsonl"))
}

func TestOwnExpressionVectors(t *testing.T) {
	runAll(t, threeWays(), nil, filepath.Join("cases", "iml"))
}

func TestMakeFlows(t *testing.T) {
	runAll(t, threeWays(), nil, filepath.Join("cases", "make"))
}

func TestZapierFlows(t *testing.T) {
	runAll(t, threeWays(), nil, filepath.Join("cases", "zapier"))
}

func TestOwnSigningVectors(t *testing.T) {
	runAll(t, nil, nil, filepath.Join("cases", "oauth1"))
}

func TestSharedFormulaVectors(t *testing.T) {
	runAll(t, nil, nil, shared(t, "membrane-formulas.jsonl"))
}

func TestMembraneCases(t *testing.T) {
	runAll(t, nil, nil, filepath.Join("cases", "membrane"))
}

func TestSupermetricsCases(t *testing.T) {
	runAll(t, nil, nil, filepath.Join("cases", "supermetrics"))
}

func TestSharedSpecs(t *testing.T) {
	for _, dialect := range []string{"make-docs", "membrane", "zapier-legacy", "zapier-cli", "supermetrics"} {
		runAll(t, nil, nil, shared(t, filepath.Join("specs", dialect)))
	}
}
