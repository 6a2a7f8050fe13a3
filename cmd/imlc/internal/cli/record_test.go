package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// secretsOf returns the secrets of a connection that was printed with --show-secrets.
func secretsOf(t *testing.T, printed []byte) []string {
	t.Helper()
	var c struct{ Data map[string]string }
	if err := json.Unmarshal(printed, &c); err != nil {
		t.Fatalf("%s: %v", printed, err)
	}
	var secrets []string
	for name, text := range c.Data {
		if strings.Contains(name, "Secret") || strings.Contains(name, "Token") {
			secrets = append(secrets, text)
		}
	}
	if len(secrets) < 3 {
		t.Fatalf("no secrets in %s", printed)
	}
	return secrets
}

// TestRecord writes cases of runs that pass and hold no secret, of one that works and of one that fails.
func TestRecord(t *testing.T) {
	url, dir := startProvider(t), t.TempDir()
	if err := os.CopyFS(filepath.Join(dir, "desk"), os.DirFS("../../../../examples/make/first")); err != nil {
		t.Fatal(err)
	}
	cases := filepath.Join(dir, "cases.yaml")
	secrets := []string{"cs-hmac", "cs-wrong-one"}
	for _, secret := range []string{"cs-hmac", "cs-wrong-one"} {
		x := newTest(t, "")
		code := x.main([]string{"connect", filepath.Join(dir, "desk"), "--headless", "--allow-private", "--param", "baseUrl=" + url, "--param", "consumerKey=ck-hmac",
			"--param", "consumerSecret=" + secret, "--show-secrets", "--output", "json", "--record", cases})
		if code == exitUsage || (code == exitGood) != (secret == "cs-hmac") || !strings.Contains(x.err.String(), "recorded as desk/recorded") {
			t.Fatalf("%s: exit %d: %s", secret, code, x.err.String())
		}
		if code == exitGood {
			secrets = append(secrets, secretsOf(t, x.out.Bytes())...)
		}
	}
	data, err := os.ReadFile(cases)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range secrets {
		if strings.Contains(string(data), secret) {
			t.Errorf("the case holds %q:\n%s", secret, data)
		}
	}
	x := newTest(t, "")
	if code := x.main([]string{"test", cases}); code != exitGood || !strings.Contains(x.out.String(), "2 passed, 0 failed, 0 skipped") {
		t.Errorf("exit %d: %s%s", code, x.out.String(), x.err.String())
	}
	// A spec that changes shows in the case: with file, line, and the answer that was given.
	spec := filepath.Join(dir, "desk", "communication.jsonc")
	text, err := os.ReadFile(spec)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(spec, []byte(strings.Replace(string(text), "{{body.name}}", "{{body.email}}", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	for format, wants := range map[string][]string{
		"text": {"FAIL desk/recorded (" + cases + ":1)", "flow[1].want.metadata", "← 200 {\"id\":"},
		"tap":  {"TAP version 14\n1..2\nnot ok 1 - desk/recorded\n", "ok 2 - desk/recorded-2\n", "  ...\n"},
		"html": {"<!DOCTYPE html>", "1 passed, 1 failed, 0 skipped", "flow[1].want.metadata"},
		"json": {`"line": 1`, `"exchanges": [`},
	} {
		x := newTest(t, "")
		code := x.main([]string{"test", cases, "--format", format})
		for _, want := range wants {
			if code != exitFailed || !strings.Contains(x.out.String(), want) {
				t.Errorf("%s: exit %d, lacks %q:\n%s", format, code, want, x.out.String())
			}
		}
	}
}

// TestRecordFailure writes down why there was no answer, so that the case fails alike.
func TestRecordFailure(t *testing.T) {
	dir := t.TempDir()
	spec, cases := filepath.Join(dir, "spec.jsonc"), filepath.Join(dir, "cases.yaml")
	if err := os.WriteFile(spec, []byte(`{"url": "http://127.0.0.1:1/", "log": {"sanitize": []}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	x := newTest(t, "")
	if code := x.main([]string{"connect", spec, "--headless", "--allow-private", "--record", cases}); code == exitGood {
		t.Fatalf("exit %d: %s", code, x.err.String())
	}
	data, err := os.ReadFile(cases)
	if err != nil || !strings.Contains(string(data), "error: connect") || !strings.Contains(string(data), "cause: connect") {
		t.Errorf("%v: the cause connect is not in the case:\n%s", err, data)
	}
	x = newTest(t, "")
	if code := x.main([]string{"test", cases}); code != exitGood {
		t.Errorf("exit %d: %s%s", code, x.out.String(), x.err.String())
	}
}

func TestReplaceWord(t *testing.T) {
	for _, c := range [][2]string{{"oauth_token=cs&x=cs", "oauth_token=S&x=S"}, {"cs1 xcs cs", "cs1 xcs S"}, {"%3Dcs%26", "%3DS%26"}, {"%253Dcs", "%253DS"}, {`{"a":"cs"}`, `{"a":"S"}`}} {
		if got := replaceWord(c[0], "cs", "S"); got != c[1] {
			t.Errorf("%s: %s, want %s", c[0], got, c[1])
		}
	}
}
