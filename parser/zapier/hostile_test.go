package zapier_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/imlc-lang/imlc"
)

// TestTemplateIsNotMultiplied puts a large template under many requests: a small file must not become a huge plan.
func TestTemplateIsNotMultiplied(t *testing.T) {
	var headers, calls []string
	for i := range 2000 {
		headers = append(headers, fmt.Sprintf(`"X-%d": "a"`, i))
	}
	for i := range 200 {
		calls = append(calls, fmt.Sprintf(`"c%d": {"operation": {"perform": {"url": "https://a.test/"}}}`, i))
	}
	text := `{"platformVersion": "16.0.0", "authentication": {"type": "oauth1"}, "requestTemplate": {"auth": {"oauth_version": "1.0"}, "headers": {` + strings.Join(headers, ", ") +
		`}}, "creates": {` + strings.Join(calls, ", ") + `}}`
	_, list := imlc.Compile(fstest.MapFS{"a.json": {Data: []byte(text)}}, "a.json", imlc.Options{})
	found := 0
	for _, d := range list.Items {
		if d.Code == "ZAP206" && strings.Contains(d.Message, "too large") {
			found++
		}
	}
	if found != 1 {
		t.Errorf("the template is refused %d times, expected once", found)
	}
}

// TestRubbish reads what no author writes: nothing panics, and each gives an error.
func TestRubbish(t *testing.T) {
	deep := strings.Repeat(`{"a":`, 240) + `"{{"` + strings.Repeat(`}`, 240)
	for i, text := range []string{
		`null`, `[]`, `5`, `"x"`, `{}`, `{"authentication": []}`, `{"authentication": {"type": 5, "fields": {}, "oauth1Config": []}}`,
		`{"authentication": {"type": "oauth1", "oauth1Config": {"getRequestToken": {"auth": 5, "params": 1, "headers": "x"}, "authorizeUrl": {"url": 1, "params": []}, "getAccessToken": null}, "test": {"auth": [], "body": 1}}}`,
		`{"authentication": {"type": "oauth1"}, "triggers": {"a": 1, "b": {"operation": []}, "c": {"operation": {"perform": null}}}, "beforeRequest": {}, "requestTemplate": {"headers": 1, "params": null, "auth": null, "body": ` + deep + `}}`,
		`{"zapier": "legacy", "authentication": {"type": "oauth1", "fields": [null, [], {"key": 1, "children": 1, "choices": [[], {}]}], "test": 1}, "scripting": "'\\"}`,
		`{"legacy": {"authentication": {"oauth1Config": {"requestTokenUrl": 1}}}, "authentication": {"type": "oauth1", "test": []}}`,
		`{"legacy": 5, "authentication": {"type": "oauth1"}}`,
	} {
		for _, dialect := range []string{"zapier", "zapier:cli", "zapier:legacy"} {
			p, list := imlc.Compile(fstest.MapFS{"a.json": {Data: []byte(text)}}, "a.json", imlc.Options{Dialect: dialect})
			if p != nil || !list.HasErrors() {
				t.Errorf("text %d as %s: plan %v, diagnostics %v", i, dialect, p != nil, list.Items)
			}
		}
	}
}
