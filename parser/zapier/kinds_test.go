package zapier_test

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/imlc-lang/imlc"
)

// whole is a definition with every key of spec dialects.md §3.2 that a connection has.
const whole = `{"platformVersion": "16.5.1", "version": "1.0.0", "authentication": {"type": "oauth1",
 "fields": [{"key": "a", "label": "A", "helpText": "h", "type": "string", "required": false, "placeholder": "p", "choices": ["x"], "computed": false,
  "inputFormat": "x{{input}}", "isNoSecret": true, "list": false, "dict": false, "default": "d"}, {"key": "g", "children": [{"key": "c"}]}],
 "connectionLabel": "x", "oauth1Config": {
 "getRequestToken": {"url": "https://a.test/rt", "method": "POST", "body": {"a": 1}, "params": {"a": "b"}, "headers": {"a": "b"},
  "removeMissingValuesFrom": {"params": true, "body": true}, "skipThrowForStatus": true, "auth": {"oauth_consumer_key": "k", "oauth_version": "1.0"}},
 "authorizeUrl": {"url": "https://a.test/au", "method": "GET", "params": {"oauth_token": "{{bundle.inputData.oauth_token}}"}},
 "getAccessToken": {"url": "https://a.test/at", "method": "POST", "auth": {"oauth_consumer_key": "k", "oauth_version": "1.0"}}},
 "test": {"url": "https://a.test/me", "auth": {"oauth_consumer_key": "k"}}},
 "requestTemplate": {"headers": {"x": "y"}, "params": {"z": "1"}}, "beforeRequest": ["$func$2$f$"], "afterResponse": ["$func$2$f$"],
 "triggers": {"t": {"key": "t", "operation": {"perform": {"url": "https://a.test/x", "auth": {"oauth_consumer_key": "k"}}}}}}`

// free are the places that may hold values of other kinds, with the kinds.
var free = regexp.MustCompile(`^(` + strings.Join([]string{
	`\S*/(params|headers|auth)/\w+ (null|boolean|number|text)`, // flat objects
	`\S*Token/body( (null|text|list)|/a \w+)`,
	`\S*/(default|choices/0) \w+`, `\S*/choices object`,
	`/authentication/connectionLabel object`, // a request
	`/triggers/t/key \w+`,                    // says nothing about the connection
}, "|") + `)$`)

// TestEveryKindIsChecked puts a value of every other kind at every place of a definition: each is an error, but where the
// document leaves the kind open.
func TestEveryKindIsChecked(t *testing.T) {
	kinds := map[string]any{"null": nil, "boolean": true, "number": 5.0, "text": "zz", "list": []any{[]any{1.0}}, "object": map[string]any{"q": map[string]any{"r": 1.0}}}
	var root any
	if err := json.Unmarshal([]byte(whole), &root); err != nil {
		t.Fatal(err)
	}
	checked := 0
	check := func(path string, v any, put func(any)) {
		for _, kind := range slices.Sorted(maps.Keys(kinds)) {
			if kind == kindOf(v) {
				continue
			}
			put(kinds[kind])
			text, _ := json.Marshal(root)
			_, list := imlc.Compile(fstest.MapFS{"a.json": {Data: text}}, "a.json", imlc.Options{Dialect: "zapier:cli"})
			if found := list.HasErrors(); found == free.MatchString(path+" "+kind) {
				t.Errorf("%s %s: an error is told: %v, %v", path, kind, found, codes(list))
			}
			checked++
		}
		put(v)
	}
	var visit func(path string, v any)
	visit = func(path string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for _, k := range slices.Sorted(maps.Keys(v)) {
				inner := v[k]
				check(path+"/"+k, inner, func(x any) { v[k] = x })
				visit(path+"/"+k, inner)
			}
		case []any:
			for i, inner := range v {
				check(path+"/"+strconv.Itoa(i), inner, func(x any) { v[i] = x })
				visit(path+"/"+strconv.Itoa(i), inner)
			}
		}
	}
	visit("", root)
	if checked < 300 {
		t.Errorf("checked %d values, expected those of all places", checked)
	}
}

func kindOf(v any) string {
	switch v.(type) {
	case bool:
		return "boolean"
	case float64:
		return "number"
	case string:
		return "text"
	case []any:
		return "list"
	case map[string]any:
		return "object"
	}
	return "null"
}

// TestExports reads the definitions that two versions of the vendor's core exported: every function is a marker, and each is
// told as what the connection can or cannot do without (spec dialects.md §1.5).
func TestExports(t *testing.T) {
	dir := filepath.Join("..", "..", "..", "shared", "data", "specs", "zapier-cli", "export")
	if _, err := os.Stat(dir); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip("../shared is absent")
	}
	for name, more := range map[string]string{"definition-core-16.5.1.json": "", "definition-core-19.1.0.json": "23:11 ZAP301,"} {
		var want []string
		for place := range strings.SplitSeq(more+"36:7 ZAP401,41:5 ZAP402,48:3 ZAP403,52:5 ZAP402,108:9 ZAP402", ",") {
			want = append(want, name+":"+place)
		}
		_, list := imlc.Compile(os.DirFS(dir), name, imlc.Options{})
		if diff := cmp.Diff(want, codes(list)); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
		for _, d := range list.Items {
			if strings.Contains(d.Help, "--enable-js") {
				t.Errorf("%s: %s advises what no host can do: %s", d.Span, d.Code, d.Help)
			}
		}
	}
}
