package conformance

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/imlc-lang/imlc/vm/value"
)

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestLoadProblems(t *testing.T) {
	tests := map[string]struct{ file, text, want string }{
		"not JSON":           {"a.jsonl", `{"id":`, "no JSON value on this line"},
		"unknown kind":       {"a.jsonl", `{"id":"a","kind":"dance"}`, `unknown kind "dance"`},
		"no kind at all":     {"a.jsonl", `{"id":"a","stuff":1}`, "unknown kind of case"},
		"unknown key":        {"a.jsonl", `{"id":"a","template":"x","context":{},"want":{"type":"text","value":"x"},"wants":1}`, "unknown key wants"},
		"unknown inner key":  {"a.jsonl", `{"id":"a","template":"x","want":{"type":"text","val":"x"}}`, "want: unknown key val"},
		"unknown type":       {"a.jsonl", `{"id":"a","template":"x","want":{"type":"string","value":"x"}}`, `unknown type "string"`},
		"no id":              {"a.jsonl", `{"template":"x","want_error":"IML101"}`, "id is missing"},
		"want and error":     {"a.jsonl", `{"id":"a","template":"x","want":{"type":"null"},"want_error":"IML101"}`, "exactly one of want and want_error"},
		"neither":            {"a.jsonl", `{"id":"a","template":"x"}`, "exactly one of want and want_error"},
		"no expected":        {"a.jsonl", `{"id":"a","kind":"encode","input":"x"}`, "expected is missing"},
		"not an object":      {"a.jsonl", `[1]`, "an object was expected"},
		"broken YAML":        {"a.yaml", "id: [", "yaml"},
		"repeated YAML key":  {"a.yaml", "id: a\nid: b\n", "is written twice"},
		"empty YAML":         {"a.yaml", "\n", "empty"},
		"unknown run":        {"a.yaml", "id: a\nsource: '{}'\nflow: [{run: dance}]", `unknown operation "dance"`},
		"unknown expect key": {"a.yaml", "id: a\nsource: '{}'\nflow: [{run: authorize, http: [{expect: {verb: GET}, respond: {}}]}]", "unknown key verb"},
		"no respond":         {"a.yaml", "id: a\nsource: '{}'\nflow: [{run: authorize, http: [{expect: {}}]}]", "respond is missing"},
		"unknown failure":    {"a.yaml", "id: a\nsource: '{}'\nflow: [{run: authorize, http: [{respond: {error: broken}}]}]", "connect, dns, policy, reset, timeout, tls"},
		"bad duration":       {"a.yaml", "id: a\nsource: '{}'\nflow: [{run: authorize, advance: soon}]", "a duration was expected"},
		"spec and source":    {"a.yaml", "id: a\nspec: x\nsource: '{}'", "exactly one of spec and source"},
		"client without":     {"a.yaml", "id: a\nsource: '{}'\nflow: [{run: client}]", "request is missing"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			cases, err := Load([]string{write(t, tt.file, tt.text)})
			if err != nil {
				t.Fatal(err)
			}
			if len(cases) != 1 || !strings.Contains(cases[0].Problem, tt.want) {
				t.Fatalf("got %+v, want one case with a problem that says %q", cases[0], tt.want)
			}
			report, err := RunCases(context.Background(), cases, Options{})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff("0 passed, 1 failed, 0 skipped", report.Summary()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestLoadFolder(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"a.jsonl":         "{\"id\":\"one\",\"kind\":\"encode\",\"input\":\"a\",\"expected\":\"a\"}\n\n{\"id\":\"one\",\"kind\":\"encode\",\"input\":\"a\",\"expected\":\"a\"}\n",
		"spec.json":       `{"url": "https://api.example.test"}`,
		"x.expected.json": `{"id": "two", "dialect": "make", "spec": "spec.json"}`,
		"list.yml":        "- {id: three, spec: spec.json}\n- {id: four, formula: {}, variables: {}, want: {}}\n",
		"notes.txt":       "nothing",
		"broken.yml":      ": :",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cases, err := Load([]string{dir})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range cases {
		got = append(got, c.ID+" "+c.Kind())
	}
	want := []string{"one signing", "one unreadable", "three flow", "four formula", "two flow"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestLoadErrors(t *testing.T) {
	if _, err := Load([]string{t.TempDir()}); !errors.Is(err, errNoCases) {
		t.Errorf("an empty folder gave %v", err)
	}
	if _, err := Load([]string{write(t, "corpus.txt", "x")}); err == nil {
		t.Error("a named text file was accepted")
	}
	if _, err := Load([]string{filepath.Join(t.TempDir(), "gone.jsonl")}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing file gave %v", err)
	}
}

// echo gives a formula back as its value, and fails on a text.
type echo struct{}

func (echo) EvaluateFormula(_ context.Context, v *formulaVector) (outcome, error) {
	switch v.Formula.Kind() {
	case value.KindText:
		return outcome{Error: "MEM312"}, nil
	case value.KindNull:
		return outcome{Value: v.Variables.Value("x")}, nil
	}
	return outcome{Value: v.Formula}, nil
}

func TestFormulaVectors(t *testing.T) {
	tests := map[string]struct {
		vector string
		passes bool
		// problem is what is wrong with the vector itself.
		problem string
	}{
		"value":               {`"formula":{"b":1,"a":[2]},"variables":{},"want":{"a":[2],"b":1}`, true, ""},
		"last digit":          {`"formula":[9007199254740993],"want":[9007199254740992]`, false, ""},
		"null is wanted":      {`"formula":null,"variables":{"x":null},"want":null`, true, ""},
		"null is no absence":  {`"formula":null,"variables":{"x":null},"want_undefined":true`, false, ""},
		"absence":             {`"formula":null,"variables":{},"want_undefined":true`, true, ""},
		"absence is no null":  {`"formula":null,"variables":{},"want":null`, false, ""},
		"error":               {`"formula":"x","want_error":"MEM312"`, true, ""},
		"other error":         {`"formula":"x","want_error":"MEM307"`, false, ""},
		"error instead":       {`"formula":"x","want":"x"`, false, ""},
		"value for an error":  {`"formula":1,"want_error":"MEM312"`, false, ""},
		"no expectation":      {`"formula":1`, false, "exactly one of want, want_undefined and want_error"},
		"two expectations":    {`"formula":1,"want":1,"want_error":"MEM312"`, false, "exactly one of want, want_undefined and want_error"},
		"unknown key":         {`"formula":1,"want":1,"wants":2`, false, "unknown key wants"},
		"variables no object": {`"formula":1,"want":1,"variables":[]`, false, "variables: an object was expected"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			path := write(t, "f.jsonl", `{"id":"m",`+tt.vector+`}`)
			report, err := Run(context.Background(), []string{path}, Options{Engines: []Engine{{Name: "echo", Formula: echo{}}}})
			if err != nil {
				t.Fatal(err)
			}
			got := report.Results[0]
			if len(got.Failures) == 0 != tt.passes {
				t.Fatalf("got %+v", got)
			}
			if tt.problem != "" && !strings.Contains(got.Failures[0].Problem, tt.problem) {
				t.Errorf("problem %q, want %q", got.Failures[0].Problem, tt.problem)
			}
		})
	}
}

func TestFormulaWithoutAnEngineFails(t *testing.T) {
	path := write(t, "f.jsonl", `{"id":"m","formula":{"a":1},"variables":{},"want":{"a":1}}`)
	report, err := Run(context.Background(), []string{path}, Options{Engines: []Engine{{Name: "none"}}})
	if err != nil {
		t.Fatal(err)
	}
	if report.Failed != 1 || report.Results[0].Failures[0].Problem != "this engine does not run cases of this kind" {
		t.Errorf("got %+v", report.Results)
	}
}

// everyKey is a flow case with every key that docs/conformance.md lists.
const everyKey = `
- id: every-key
  about: all that a case may say
  note: free text
  step: free text
  dialect: make
  source: '{"url": "https://a.test/", "log": {"sanitize": []}}'
  input: {parameters: {}, common: {}, environment: {}, redirectUri: "https://h.test/cb", localRedirectUri: "https://l.test/cb", makeRedirectUri: "https://m.test/cb",
    scope: [a], connectionId: c1}
  now: 2024-01-02T03:04:05Z
  nonce: [n1, n2]
  state: [s1]
  identity: [i1]
  flags: [--strict, --query=join, --dialect=make, --option one, --zapier-auth-curlies=always]
  options: {strict: true, strictEquality: false, legacyErrorTypes: false, lint: false, disableAngle: false, extraPack: false, query: replace, variant: "",
    allowHttp: true, allowPrivate: false, allowInsecureTls: false, addSystemRoots: false, recover: false, userAgent: u/1, timezone: Europe/Prague,
    pendingTtl: 10m, maxRedirects: 3, maxRequests: 9, maxSteps: 1000, maxResponseBytes: 100, maxNesting: 9, requestTimeout: 1s, runTimeout: 2s}
  want_diagnostics: []
  want_error: {type: RuntimeError, code: c, message: m, status: 500, section: s, cause: dns}
  assert: ["len(steps) == 3"]
  flow:
    - about: the first step
      step: one
      run: authorize
      advance: 65s
      input: {parameters: {}}
      http:
        - about: the request
          step: one
          expect: {method: GET, url: "https://a.test/", headers: {X-A: [a, b], X-B: c}, absent_headers: [X-C], body: "", json: {}, oauth: null, oauth_realm: r, base_string: b}
          respond: {status: 200, headers: {X-A: [a, b]}, json: {a: 1}, advance: 1}
        - {expect: {oauth: {oauth_token: t}}, respond: {body_base64: "AA==", error: reset}}
      want: {redirect: r, data: {}, uid: "1", metadata: null, expires: null, scope: [], output: 1, trace: [T], stored: false, valid: true, status: 200}
      want_error: oauth1/expired
    - {run: callback, query: {oauth_token: [a, b]}}
    - {run: client, request: {method: POST, url: "https://a.test/", query: {a: 1}, headers: {X-A: [a, b]}, form: {a: 1}}}
    - {run: client, request: {url: "/relative", data: {a: 1}}}
    - {run: client, request: {url: "/relative", body: text}}
    - {run: "call:one", input: {a: 1}}
    - {run: extendScope, input: {scope: [b]}}
    - {run: reauthorize}
    - {run: validate}
    - {run: test}
    - {run: info}
`

func TestEveryKeyOfFlowCases(t *testing.T) {
	cases, err := Load([]string{write(t, "case.yaml", everyKey)})
	if err != nil {
		t.Fatal(err)
	}
	c := cases[0]
	if c.Problem != "" {
		t.Fatal(c.Problem)
	}
	s, err := c.Flow.Settings()
	if err != nil {
		t.Fatal(err)
	}
	if s.Compile.Query != "join" || s.Compile.Dialect != "make" || s.Compile.Settings["option"] != "one" || s.Compile.Settings["zapier-auth-curlies"] != "always" {
		t.Errorf("the flags gave %+v", s.Compile)
	}
	got := c.Flow.Steps[0].HTTP[0].Respond.Headers
	if want := []headerField{{Name: "X-A", Values: []string{"a", "b"}}, {Name: "Content-Type", Values: []string{"application/json"}}}; !cmp.Equal(got, want) {
		t.Errorf("the answer has the headers %v, want %v", got, want)
	}
	if in := c.Flow.Input; in.RedirectURI != "https://h.test/cb" || in.RedirectURIs["local"] != "https://l.test/cb" || in.RedirectURIs["make"] != "https://m.test/cb" {
		t.Errorf("the callback addresses are %q and %q", in.RedirectURI, in.RedirectURIs)
	}
}

// TestSharedFlowCasesCanBeRead holds that the normative cases of every dialect say nothing that is not understood.
func TestSharedFlowCasesCanBeRead(t *testing.T) {
	cases, err := Load([]string{shared(t, "specs")})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		if c.Flow == nil {
			t.Errorf("%s: %s", c.ID, c.Problem)
		} else if _, err := c.Flow.Settings(); err != nil {
			t.Errorf("%s: %v", c.ID, err)
		}
	}
}

// Lines that are no cases may lie in a folder; a file of them that is named is a mistake.
func TestLinesOfSomethingElse(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"data.jsonl": "{\"n\": 1}\n[2]\n", "cases.jsonl": "{\"template\":\"x\",\"want_error\":\"IML101\"}\n{\"id\":\"a\",\"kind\":\"encode\",\"input\":\"a\",\"expected\":\"a\"}\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if cases, err := Load([]string{dir}); err != nil || len(cases) != 2 || cases[0].Problem == "" {
		t.Errorf("%d cases, %v", len(cases), err)
	}
	if cases, err := Load([]string{filepath.Join(dir, "data.jsonl")}); err != nil || len(cases) != 2 {
		t.Errorf("named: %d cases, %v", len(cases), err)
	}
}
