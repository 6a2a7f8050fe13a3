package broker_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// page is a page for operators, filled with the ids of things of the first tenant.
type page struct{ pattern, method, path string }

// fillPage puts the ids of things of the first tenant into the path of a page.
func (w *world) fillPage(path string, ids map[string]string) string {
	w.Helper()
	first, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	name := ids["name"]
	if first == "tenants" {
		name = "default"
	}
	path = strings.NewReplacer("{$}", "", "{id}", ids[first], "{token}", ids["token"], "{name}", name, "{version}", "1", "{event}", ids["event"]).Replace(path)
	if strings.Contains(path, "{") || strings.Contains(path, "//") {
		w.Fatalf("what to fill into %s?", path)
	}
	return path
}

// operatorPages are all that there are.
func (w *world) operatorPages(ids map[string]string) []page {
	w.Helper()
	var out []page
	for _, pattern := range w.broker.Pages() {
		method, path, _ := strings.Cut(pattern, " ")
		out = append(out, page{pattern, method, w.fillPage(path, ids)})
	}
	if len(out) < 25 {
		w.Fatalf("only %d pages: %v", len(out), out)
	}
	return out
}

// pages are all that the router shows to browsers, those of users among them.
func (w *world) pages(ids map[string]string) []page {
	w.Helper()
	var out []page
	for _, pattern := range w.broker.Patterns() {
		method, path, ok := strings.Cut(pattern, " ")
		if ok && method == http.MethodGet && !strings.HasPrefix(path, "/v1/") && path != "/metrics" {
			out = append(out, page{pattern, method, w.fillPage(path, ids)})
		}
	}
	if len(out) < 20 {
		w.Fatalf("only %d pages: %v", len(out), out)
	}
	return out
}

// ask asks for a page, as its form would.
func (w *world) ask(client *http.Client, p page, form url.Values) (int, string) {
	w.Helper()
	if p.method == http.MethodGet {
		return visit(w.TB, client, w.url+p.path, nil)
	}
	return visit(w.TB, client, w.url+p.path, form)
}

// TestPagesNeedAnOperator asks for every page without a login, and sends every form without its token.
func TestPagesNeedAnOperator(t *testing.T) {
	w := start(t)
	ids := w.things()
	client := w.operator()
	for _, p := range w.operatorPages(ids) {
		for who, asks := range map[string]*http.Client{"nobody": w.browser(), "another site": client} {
			if who == "another site" && p.method == http.MethodGet {
				continue
			}
			status, text := w.ask(asks, p, url.Values{"csrf": {"wrong"}})
			if status != 401 || strings.Contains(text, ids["connections"]) {
				t.Errorf("%s for %s: %d", p.pattern, who, status)
			}
		}
	}
	if status, _ := w.api("GET", "/v1/connections/"+ids["connections"], nil); status != 200 {
		t.Errorf("afterwards the connection: %d", status)
	}
}

// TestPagesOfOneSpace asks every page for the things of another tenant than the one that it shows.
func TestPagesOfOneSpace(t *testing.T) {
	w := start(t)
	ids := w.things()
	w.must("POST", "/v1/tenants", map[string]any{"name": "eve", "environments": []string{"main"}})
	client := w.operator()
	csrf := w.csrf(client)
	if status, text := visit(t, client, w.url+"/space", url.Values{"csrf": {csrf}, "space": {"eve/main"}}); status != 200 || !strings.Contains(text, "eve/main") {
		t.Fatalf("another space: %d %s", status, text)
	}
	for _, space := range []string{"eve/none", "nobody/main", "eve", "", "eve/main/x"} {
		if status, _ := visit(t, client, w.url+"/space", url.Values{"csrf": {csrf}, "space": {space}}); status != 404 {
			t.Errorf("the space %q: %d", space, status)
		}
	}
	of := map[string]bool{} // pages that are not about things of a space
	for _, pattern := range []string{"POST /logout", "POST /space", "POST /rotate", "POST /gallery/{name}", "GET /tenants", "POST /tenants", "GET /tenants/{name}", "POST /tenants/{name}", "POST /keys", "POST /webhooks", "POST /upload"} {
		of[pattern] = true
	}
	for _, p := range w.operatorPages(ids) {
		if of[p.pattern] {
			continue
		}
		status, text := w.ask(client, p, url.Values{"csrf": {csrf}})
		about := strings.Contains(strings.ReplaceAll(p.pattern, "{$}", ""), "{")
		if about && status != 404 || !about && status != 200 {
			t.Errorf("%s: %d", p.pattern, status)
		}
		for kind, id := range ids {
			if kind != "event" && strings.Contains(text, id) && !(kind == "name" && (strings.Contains(text, "gallery-demo") || about)) && !(about && strings.Contains(text, "there is no")) {
				t.Errorf("%s shows the %s of another tenant: %s", p.pattern, kind, text)
			}
		}
	}
	if status, _ := w.api("GET", "/v1/connections/"+ids["connections"], nil); status != 200 {
		t.Errorf("afterwards the connection: %d", status)
	}
}
