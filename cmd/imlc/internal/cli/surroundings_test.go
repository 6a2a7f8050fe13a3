package cli

import (
	"context"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/zalando/go-keyring"

	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

func TestLocalKeyInKeyring(t *testing.T) {
	keyring.MockInit()
	x := newTest(t, "")
	x.env["IMLC_KEYRING"], x.env["DBUS_SESSION_BUS_ADDRESS"] = "", "unix:path=/nowhere"
	path := filepath.Join(t.TempDir(), "a.age")
	if _, err := x.localKey(path, false); !errors.Is(err, errNoKey) {
		t.Fatalf("error %v, want %v", err, errNoKey)
	}
	made, err := x.localKey(path, true)
	if err != nil {
		t.Fatal(err)
	}
	again, err := x.localKey(path, false)
	if err != nil || again != made || len(made) != 64 {
		t.Errorf("got %d characters, the same: %v, %v", len(again), again == made, err)
	}
	if _, err := os.Stat(path + keyFileSuffix); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a key file was made beside the keyring: %v", err)
	}
}

func TestLocalKeyInFile(t *testing.T) {
	x := newTest(t, "")
	path := filepath.Join(t.TempDir(), "a.age")
	made, err := x.localKey(path, true)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path + keyFileSuffix)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("key file: %v, %v", info, err)
	}
	if again, err := x.localKey(path, false); err != nil || again != made {
		t.Errorf("the key changed: %v", err)
	}
}

func TestCallbackServer(t *testing.T) {
	s, err := listenForCallback("", 0)
	if err != nil {
		t.Fatal(err)
	}
	get := func(url string) int {
		res, err := http.Get(url)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		return res.StatusCode
	}
	if code := get(strings.Replace(s.URI, callbackPath, "/favicon.ico", 1)); code != http.StatusNotFound {
		t.Errorf("another path: %d", code)
	}
	if code := get(s.URI + "?x=1"); code != http.StatusBadRequest {
		t.Errorf("a query that is no callback: %d", code)
	}
	done := make(chan int)
	go func() { done <- get(s.URI + "?oauth_token=t&oauth_verifier=v%2B") }()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	query, err := s.wait(ctx)
	if query != "oauth_token=t&oauth_verifier=v%2B" || err != nil {
		t.Errorf("query %q, %v", query, err)
	}
	s.close("done")
	if code := <-done; code != http.StatusOK {
		t.Errorf("callback: %d", code)
	}
	expired, cancel := context.WithTimeout(context.Background(), time.Nanosecond)
	defer cancel()
	if _, err := s.wait(expired); err == nil || !strings.Contains(err.Error(), "--timeout") {
		t.Errorf("no word of the time: %v", err)
	}
	for _, uri := range []string{"https://127.0.0.1:1/x", "http://example.com/", ":"} {
		if _, err := listenForCallback(uri, 0); err == nil {
			t.Errorf("%s: no error", uri)
		}
	}
}

func TestPromptParameters(t *testing.T) {
	option := func(label, v string) plan.ParameterOption {
		return plan.ParameterOption{Label: label, Value: value.Text(v)}
	}
	eu := option("Europe", "eu")
	eu.Nested = []plan.Parameter{{Name: "vat", Type: "number", Required: true, Validate: plan.Validate{}}}
	defs := []plan.Parameter{
		{Name: "intro", Type: "banner", Label: "Welcome"},
		{Name: "region", Type: "select", Label: "Region", Required: true, Options: []plan.ParameterOption{option("America", "us"), eu}},
		{Name: "tags", Type: "select", Multiple: true, Options: []plan.ParameterOption{option("A", "a"), option("B", "b")}},
		{Name: "name", Type: "text", HasDefault: true, Default: value.Text("Ada")},
		{Name: "expert", Type: "text", Advanced: true},
		{Name: "given", Type: "text"},
	}
	for i := range defs {
		unbounded(&defs[i])
	}
	unbounded(&defs[1].Options[1].Nested[0])
	x := newTerminalTest(t, "7\n2\nmany\n12\n1,2\n\n")
	o := value.NewObject(4)
	o.Set("given", value.Text("x"))
	if err := x.promptParameters(defs, o); err != nil {
		t.Fatalf("%v\n%s", err, x.err.String())
	}
	want := `{"given":"x","region":"eu","vat":12,"tags":["a","b"]}`
	if diff := cmp.Diff(want, string(value.AppendJSON(nil, value.Collection(o)))); diff != "" {
		t.Errorf("%s\n%s", diff, x.err.String())
	}
	for _, text := range []string{"Welcome", "1) America", "2) Europe", "Value '7' not found in options.", "expected a number", "[Ada] > "} {
		if !strings.Contains(x.err.String(), text) {
			t.Errorf("%q was not shown:\n%s", text, x.err.String())
		}
	}
	if strings.Contains(x.err.String(), "expert") {
		t.Error("an advanced parameter was asked for")
	}
}

// unbounded removes the bounds of a definition.
func unbounded(d *plan.Parameter) {
	nan := value.ToNumber(value.Undefined)
	d.Validate = plan.Validate{MinLength: nan, MaxLength: nan, Min: nan, Max: nan, MinItems: nan, MaxItems: nan}
}

func TestCompletion(t *testing.T) {
	v, err := value.ParseJSON(`{"parameters":{"base url":1,"baseKey":2,"other":3},"now2":1}`, nil)
	if err != nil {
		t.Fatal(err)
	}
	l := &loop{c: newTest(t, "").command, eval: &evalCommand{}, context: v.Object()}
	for _, test := range []struct {
		line string
		pos  int
		head string
		want []string
		tail string
	}{
		{"par", 3, "", []string{"parameters", "parseDate(", "parseJSON(", "parseNumber("}, ""},
		{"1 + parameters.b)", 16, "1 + ", []string{"parameters.baseKey"}, ")"},
		{"upper(parameters.`b", 19, "upper(", []string{"parameters.`base url`"}, ""},
		{":ty", 3, "", []string{":type"}, ""},
		{"formatD", 7, "", []string{"formatDate("}, ""},
	} {
		head, got, tail := l.complete(test.line, test.pos)
		if test.line == "par" {
			got = withPrefix(got, "parameters")
			test.want = []string{"parameters"}
		}
		if diff := cmp.Diff(test.want, got); diff != "" || head != test.head || tail != test.tail {
			t.Errorf("%q: head %q, tail %q, %s", test.line, head, tail, diff)
		}
	}
}

func TestSpecFile(t *testing.T) {
	f := specFile{"a.jsonc", "{}"}
	data, err := fs.ReadFile(f, "a.jsonc")
	if string(data) != "{}" || err != nil {
		t.Errorf("%q, %v", data, err)
	}
	if _, err := f.Open("b"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v", err)
	}
	entries, err := fs.ReadDir(f, ".")
	if len(entries) != 0 || err != nil {
		t.Errorf("%v, %v", entries, err)
	}
}

func TestQueryOf(t *testing.T) {
	for in, want := range map[string]string{
		"a=1&b=2": "a=1&b=2", "?a=1": "a=1", " http://x/cb?a=1#top \n": "a=1", "http://x/cb?a=b?c": "a=b?c",
	} {
		if got := queryOf(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}
