package broker_test

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/imlc-lang/imlc/broker"
)

// openRoutes are the routes that answer anybody, with what they show: nothing of the installation, or what a secret link
// opens.
var openRoutes = map[string]string{
	"GET /healthz": "a word", "GET /readyz": "a word", "GET /static/": "files of the program", "/": "that there is no such page", "/v1/": "that there is no such route",
	"GET /v1/openapi.json": "the description", "GET /v1/openapi.yaml": "the description", "GET /v1/openapi-3.0.json": "the description", "GET /v1/openapi-3.0.yaml": "the description",
	"GET /v1/schemas/{schema}": "the description",
	"GET /login":               "what a link opens", "GET /connect/{token}": "what a link opens", "POST /connect/{token}": "what a link opens", "POST /connect/{token}/code": "what a link opens",
	"GET /connected/{id}": "the end of a session, by its id", "GET /callback": "what a cookie opens",
}

// described reports whether a route is in the description of the API, by which other tests ask every route.
func described(routes []route, method, path string) bool {
	return slices.ContainsFunc(routes, func(r route) bool { return r.path == path && (r.method == method || method == "") })
}

// TestEveryRoute asks every route that the router has, so that a new one cannot be forgotten: without credentials, with
// the key of another tenant, with the cookie of an operator whose browser another site leads here, and under another host
// name. Nothing of the first tenant may come out, and nothing may change.
func TestEveryRoute(t *testing.T) {
	w := start(t)
	ids := w.things()
	w.must("POST", "/v1/tenants", map[string]any{"name": "eve"})
	eve, err := w.broker.NewKey(context.Background(), "eve/main", "eve", broker.Scopes())
	if err != nil {
		t.Fatal(err)
	}
	operator := w.operator()
	operator.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	api := w.routes()
	before := w.everything()
	var seen []string
	for _, pattern := range w.broker.Patterns() {
		method, path, ok := strings.Cut(pattern, " ")
		if !ok {
			method, path = "", pattern
		}
		seen = append(seen, pattern)
		isAPI := strings.HasPrefix(path, "/v1/")
		if openRoutes[pattern] != "" {
			continue
		}
		if isAPI && !described(api, method, strings.ReplaceAll(path, "...", "")) {
			t.Errorf("%s is not in the description of the API", pattern)
		}
		if method == "" {
			method = "GET"
		}
		target := w.url + fillAny(path, ids)
		ask := func(client *http.Client, header ...string) (int, string) {
			body := io.Reader(nil)
			if method != "GET" {
				body = strings.NewReader(url.Values{"csrf": {"guessed"}}.Encode())
			}
			req, err := http.NewRequest(method, target, body)
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			for i := 0; i < len(header); i += 2 {
				if req.Header.Set(header[i], header[i+1]); header[i] == "Host" {
					req.Host = header[i+1]
				}
			}
			res, err := client.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			text, err := io.ReadAll(res.Body)
			if err != nil {
				t.Fatal(err)
			}
			return res.StatusCode, string(text)
		}
		refused := func(who string, status int, text string, want ...int) {
			t.Helper()
			if !slices.Contains(want, status) || mentions(text, "ada") || strings.Contains(text, ids["connections"]) && status != 404 {
				t.Errorf("%s, %s: %d %s", pattern, who, status, text)
			}
		}
		status, text := ask(http.DefaultClient)
		refused("without credentials", status, text, 401)
		status, text = ask(http.DefaultClient, "Authorization", "Basic YTpi")
		refused("with credentials of another kind", status, text, 401)
		if isAPI || method != "GET" {
			status, text = ask(operator, "Origin", "https://evil.example")
			refused("in the browser of an operator, from another site", status, text, 401)
		}
		if !isAPI {
			status, text = ask(operator, "Host", "evil.example")
			if path == "/metrics" {
				continue // for machines, by a key
			}
			refused("under another host name", status, text, 421)
			status, text = ask(http.DefaultClient, "Authorization", "Bearer "+eve)
			refused("with the key of another tenant", status, text, 401)
		} else if status, text = ask(http.DefaultClient, "Authorization", "Bearer "+eve); status < 400 && !strings.HasPrefix(text, "[") && !strings.Contains(text, `"connections":[]`) && pattern != "POST /v1/signing-keys" { // which makes one of the other tenant
			t.Errorf("%s with the key of another tenant: %d %s", pattern, status, text)
		}
	}
	if after := w.everything(); after != before {
		t.Errorf("something changed:\n%s\nbefore:\n%s", after, before)
	}
	for pattern := range openRoutes {
		if !slices.Contains(seen, pattern) {
			t.Errorf("there is no route %s", pattern)
		}
	}
	if len(seen) < 60 {
		t.Errorf("only %d routes", len(seen))
	}
}

// fillAny is fill for pages too.
func fillAny(path string, ids map[string]string) string {
	if strings.HasPrefix(path, "/v1/") {
		return fill(strings.ReplaceAll(path, "...", ""), ids)
	}
	kind := strings.Split(path, "/")[1]
	path = strings.NewReplacer("{$}", "", "{id}", ids[kind], "{name}", "demo").Replace(path)
	return regexp.MustCompile(`\{.*?\}`).ReplaceAllString(path, "x")
}

// everything is what the first tenant has, without what jobs change by themselves.
func (w *world) everything() string {
	w.Helper()
	var out strings.Builder
	for _, path := range []string{"/v1/connections", "/v1/specs", "/v1/webhooks", "/v1/keys", "/v1/tenants", "/v1/audit"} {
		_, text := w.raw(w.key, "GET", path, nil)
		out.Write(text)
	}
	return out.String()
}
