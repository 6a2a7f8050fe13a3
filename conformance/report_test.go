package conformance

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/imlc-lang/imlc/vm/value"
)

// stubborn gives the same answer to everything, fails on the template "break" and panics on "panic".
type stubborn struct{}

func (stubborn) Evaluate(_ context.Context, v *expressionVector) (outcome, error) {
	switch v.Template.Str() {
	case "break":
		return outcome{}, errors.New("the engine is out of order")
	case "panic":
		panic("gears")
	case "error":
		return outcome{Error: "IML404", Detail: "array expected"}, nil
	}
	return outcome{Value: value.Text("a\x1bb")}, nil
}

func stubbornReport(t *testing.T) *Report {
	t.Helper()
	path := write(t, "v.jsonl", strings.Join([]string{
		`{"id":"good","template":"x","want":{"type":"text","value":"a\u001bb"}}`,
		`{"id":"bad","template":"y","want":{"type":"text","value":"c"}}`,
		`{"id":"broken","template":"break","want":{"type":"null"}}`,
		`{"id":"panic","template":"panic","want":{"type":"null"}}`,
		`{"id":"code","template":"error","want_error":"IML404"}`,
		`{"id":"other code","template":"error","want_error":"IML401"}`,
		`{"id":"no error","template":"y","want_error":"IML401"}`,
		`{"id":"sign","kind":"encode","input":"","expected":""}`,
	}, "\n"))
	report, err := Run(context.Background(), []string{path}, Options{
		Engines: []Engine{{Name: "stubborn", Evaluator: stubborn{}}}, Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func TestTextReport(t *testing.T) {
	var b bytes.Buffer
	if err := stubbornReport(t).WriteText(&b); err != nil {
		t.Fatal(err)
	}
	text := b.String()
	for _, want := range []string{"FAIL bad (", "v.jsonl:2)", "  stubborn: result\n    got  text \"a\\u001bb\"\n    want text \"c\"\n",
		"the engine is out of order", "the engine panicked: gears", "got  error IML404 (array expected)\n    want error IML401",
		"does not run cases of this kind"} {
		if !strings.Contains(text, want) {
			t.Errorf("the report lacks %q:\n%s", want, text)
		}
	}
	if strings.ContainsRune(text, 0x1b) || strings.Contains(text, "FAIL good") || strings.Contains(text, "FAIL code") {
		t.Errorf("unexpected text:\n%s", text)
	}
	if !strings.HasSuffix(text, "\n2 passed, 6 failed, 0 skipped\n") {
		t.Errorf("wrong last line:\n%s", text)
	}
}

func TestJSONReport(t *testing.T) {
	var b bytes.Buffer
	if err := stubbornReport(t).WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Results []struct {
			ID     string
			Passed bool
		}
		Passed, Failed, Skipped int
	}
	if err := json.Unmarshal(b.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([3]int{2, 6, 0}, [3]int{doc.Passed, doc.Failed, doc.Skipped}); diff != "" {
		t.Error(diff)
	}
	if len(doc.Results) != 8 || doc.Results[0].ID != "good" || !doc.Results[0].Passed || doc.Results[1].Passed {
		t.Errorf("got %+v", doc.Results)
	}
}

func TestJUnitReport(t *testing.T) {
	var b bytes.Buffer
	if err := stubbornReport(t).WriteJUnit(&b); err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Tests    int `xml:"tests,attr"`
		Failures int `xml:"failures,attr"`
		Suites   []struct {
			Cases []struct {
				Name    string    `xml:"name,attr"`
				Failure *struct{} `xml:"failure"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	if err := xml.Unmarshal(b.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	if doc.Tests != 8 || doc.Failures != 6 || len(doc.Suites) != 1 || doc.Suites[0].Cases[0].Failure != nil || doc.Suites[0].Cases[1].Failure == nil {
		t.Errorf("got %+v", doc)
	}
}
