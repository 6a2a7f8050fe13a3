package broker_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/imlc-lang/imlc/broker"
	"github.com/imlc-lang/imlc/broker/store"
)

// mentions reports whether a text has a word: random texts in hexadecimal have its letters now and then.
func mentions(text, word string) bool {
	return regexp.MustCompile(`\b` + word + `\b`).MatchString(text)
}

// operator logs a browser in.
func (w *world) operator() *http.Client {
	w.Helper()
	path, err := w.broker.LoginPath(context.Background())
	if err != nil {
		w.Fatal(err)
	}
	client := w.browser()
	if status, page := visit(w.TB, client, w.url+path, nil); status != 200 || !strings.Contains(page, "Log out") {
		w.Fatalf("after the login: %d %s", status, page)
	}
	return client
}

var csrfField = regexp.MustCompile(`name="csrf" value="([^"]+)"`)

// csrf returns the token of an operator's pages.
func (w *world) csrf(client *http.Client) string {
	w.Helper()
	_, page := visit(w.TB, client, w.url+"/", nil)
	found := csrfField.FindStringSubmatch(page)
	if found == nil {
		w.Fatalf("no token in %s", page)
	}
	return found[1]
}

// reveal returns the data of a connection.
func (w *world) reveal(id string) map[string]any {
	return w.must("POST", "/v1/connections/"+id+"/reveal", nil)["data"].(map[string]any)
}

// route is one operation of the API's description.
type route struct{ method, path, id string }

// routes reads every operation from the description of the API.
func (w *world) routes() []route {
	w.Helper()
	status, data := w.raw(w.key, "GET", "/v1/openapi.json", nil)
	var api struct {
		OpenAPI string
		Paths   map[string]map[string]struct{ OperationID string }
	}
	if err := json.Unmarshal(data, &api); err != nil || status != 200 || !strings.HasPrefix(api.OpenAPI, "3.1") {
		w.Fatalf("the description of the API: %d %s %v", status, api.OpenAPI, err)
	}
	var out []route
	for path, methods := range api.Paths {
		for method, op := range methods {
			out = append(out, route{strings.ToUpper(method), path, op.OperationID})
		}
	}
	slices.SortFunc(out, func(a, b route) int { return strings.Compare(a.path+a.method, b.path+b.method) })
	if len(out) < 25 {
		w.Fatalf("only %d operations: %v", len(out), out)
	}
	return out
}

// fill puts the ids of things of the first tenant into the path of a route.
func fill(path string, ids map[string]string) string {
	kind := strings.Split(path, "/")[2]
	path = strings.ReplaceAll(path, "{id}", ids[kind])
	for name, text := range map[string]string{"{name}": ids["name"], "{version}": "1", "{path}": "me", "{event}": ids["event"]} {
		path = strings.ReplaceAll(path, name, text)
	}
	if strings.Contains(path, "/calls/") {
		path = path[:strings.LastIndex(path, "/")] + "/status"
	}
	return path
}

// things makes one of each kind in the first tenant and returns their ids by the word of their routes.
func (w *world) things() map[string]string {
	w.Helper()
	w.spec()
	hook := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	w.Cleanup(hook.Close)
	webhook := w.must("POST", "/v1/webhooks", map[string]any{"url": hook.URL})["id"].(string)
	id := w.connect("ada")
	session := w.must("POST", "/v1/sessions", map[string]any{"spec": "demo"})
	link := session["url"].(string)
	flow := w.must("GET", "/v1/flows", nil)["list"].([]any)[0].(map[string]any)
	key := w.must("GET", "/v1/keys", nil)["list"].([]any)[0].(map[string]any)["id"].(string)
	return map[string]string{"connections": id, "sessions": session["id"].(string), "token": link[strings.LastIndex(link, "/")+1:], "flows": flow["id"].(string),
		"connected": flow["session"].(string), "webhooks": webhook, "keys": key, "signing-keys": w.must("GET", "/v1/signing-keys", nil)["list"].([]any)[0].(map[string]any)["id"].(string), "name": "demo", "event": store.Number(2)}
}

// bodies are what routes need to get past the check of their shape.
var bodies = map[string]any{
	"put-spec": map[string]any{"files": map[string]string{"x.json": "{}"}}, "put-settings": map[string]any{}, "create-session": map[string]any{"spec": "demo"},
	"patch-connection": map[string]any{"user": "eve"}, "import-connection": map[string]any{"spec": "demo", "connection": map[string]any{}},
	"sign": map[string]any{"url": "/me"}, "call": map[string]any{}, "create-webhook": map[string]any{"url": "https://example.com"},
	"create-key": map[string]any{"name": "x", "scopes": []string{"admin"}}, "create-tenant": map[string]any{"name": "eve"},
}

// TestTenantsCannotSeeEachOther asks every route of the API for the things of another tenant.
func TestTenantsCannotSeeEachOther(t *testing.T) {
	w := start(t)
	ids := w.things()
	w.must("POST", "/v1/tenants", map[string]any{"name": "eve", "environments": []string{"main"}})
	eve, err := w.broker.NewKey(context.Background(), "eve/main", "eve", broker.Scopes())
	if err != nil {
		t.Fatal(err)
	}
	before := w.must("GET", "/v1/connections/"+ids["connections"], nil)
	for _, r := range w.routes() {
		status, data := w.raw(eve, r.method, fill(r.path, ids), bodies[r.id])
		text := string(data)
		switch {
		case r.id == "put-spec" && status == 422, r.id == "create-webhook" && status == 200, r.id == "create-signing-key" && status == 200:
		case strings.HasPrefix(r.id, "list-") && status == 200:
			if strings.Contains(text, ids["connections"]) || strings.Contains(text, `"demo"`) || mentions(text, "ada") {
				t.Errorf("%s shows things of another tenant: %s", r.id, text)
			}
		case r.id == "rewrap" && status == 403, r.id == "rotate" && status == 403, r.id == "create-tenant" && status == 403, r.id == "put-tenant" && status == 403, r.id == "create-key" && status == 403, r.id == "list-tenants" && status == 403:
		case status == 404:
		default:
			t.Errorf("%s %s (%s) answers another tenant with %d %s", r.method, r.path, r.id, status, text)
		}
	}
	req, _ := http.NewRequest("GET", w.url+"/v1/connections", nil)
	req.Header.Set("Authorization", "Bearer "+eve)
	req.Header.Set("Imlc-Space", broker.DefaultSpace)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	text, _ := io.ReadAll(res.Body)
	res.Body.Close()
	if strings.Contains(string(text), ids["connections"]) {
		t.Errorf("a header opens another space: %s", text)
	}
	after := w.must("GET", "/v1/connections/"+ids["connections"], nil)
	if before["user"] != after["user"] {
		t.Errorf("another tenant changed a connection: %v", after)
	}
}

// TestScopes asks every route with a key that may do nothing, and with one that may only read.
func TestScopes(t *testing.T) {
	w := start(t)
	ids := w.things()
	none, err := w.broker.NewKey(context.Background(), broker.DefaultSpace, "none", nil)
	if err != nil {
		t.Fatal(err)
	}
	reader, err := w.broker.NewKey(context.Background(), broker.DefaultSpace, "reader", []broker.Scope{broker.ScopeRead})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range w.routes() {
		if status, _ := w.raw(none, r.method, fill(r.path, ids), bodies[r.id]); status != 403 {
			t.Errorf("%s: a key without scopes gets %d", r.id, status)
		}
		if status, _ := w.raw("imlc_unknown", r.method, fill(r.path, ids), bodies[r.id]); status != 401 && status != 429 {
			t.Errorf("%s: an unknown key gets %d", r.id, status)
		}
		status, text := w.raw(reader, r.method, fill(r.path, ids), bodies[r.id])
		if reads := r.method == "GET" && r.id != "proxy" && r.id != "list-keys" && r.id != "list-tenants"; reads != (status == 200) {
			t.Errorf("%s: a reader gets %d %s", r.id, status, text)
		}
	}
	if status, _ := w.raw(w.key, "GET", "/v1/connections", nil); status != 200 {
		t.Errorf("after many wrong keys from the same address a good one gets %d", status)
	}
}

// TestSecretsStay looks for the consumer secret and the token secret in everything that the broker says or keeps.
func TestSecretsStay(t *testing.T) {
	w := start(t)
	told := &buffer{}
	hook := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(told, r.Body) }))
	defer hook.Close()
	w.must("POST", "/v1/webhooks", map[string]any{"url": hook.URL})
	ids := w.things()
	data := w.reveal(ids["connections"])
	secrets := []string{consumerSecret, data["accessSecret"].(string), w.key}
	if marked, _ := data["consumerSecret"].(map[string]any); len(secrets[1]) < 8 || marked["v"] != consumerSecret {
		t.Fatalf("reveal shows %v", data)
	}
	for _, s := range secrets[:3:3] {
		secrets = append(secrets, base64.StdEncoding.EncodeToString([]byte(s)), url.QueryEscape(s))
	}
	look := func(where, text string) {
		t.Helper()
		for _, s := range secrets {
			if strings.Contains(text, s) {
				t.Errorf("%s holds the secret %s", where, s)
			}
		}
	}
	client := w.operator()
	pages := func(after string) {
		t.Helper()
		for _, p := range w.pages(ids) {
			status, page := visit(t, client, w.url+p.path, nil)
			if want := map[string]int{"/callback": 400, "/login": 200, "/": 404}[p.path]; status != 200 && status != want && after == "" {
				t.Errorf("%s: %d", p.pattern, status)
			}
			look(p.pattern+after, page)
			// The service answers with the handle of a session, which the spec does not keep from logs.
			if strings.HasPrefix(p.pattern, "GET /flows") && (!strings.Contains(page, "oauth_session_handle") || regexp.MustCompile(`oauth_session_handle(&#34;: &#34;|=|%3D)[^•]`).MatchString(page)) {
				t.Errorf("%s: the handle of the session: %s", p.pattern, page)
			}
		}
	}
	pages("")
	w.service.Reset() // so that operations fail, and say why
	for _, r := range w.routes() {
		if r.id == "reveal-connection" || r.id == "call" || r.id == "proxy" || r.id == "delete-connection" || r.id == "revoke-key" {
			continue
		}
		_, text := w.raw(w.key, r.method, fill(r.path, ids), bodies[r.id])
		look(r.id, string(text))
	}
	pages(" behind operations that failed")
	_, text := w.raw(w.key, "GET", "/metrics", nil)
	look("the metrics", string(text))
	if !strings.Contains(string(text), "imlc_flows_total") {
		t.Errorf("metrics: %s", text)
	}
	if err := w.store.All(context.Background(), func(r store.Record) error {
		look("the record "+r.Kind+" "+r.ID, string(r.Body)+string(r.Sealed)+strings.Join(r.Labels, " ")+r.ID)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	look("the log", w.logs.String())
	if !strings.Contains(w.logs.String(), `"route"`) {
		t.Error("nothing was logged")
	}
	for range 50 {
		if strings.Contains(told.String(), "connection.created") {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	look("a webhook", told.String())
}

// TestPagesAreGuarded tries what other sites could have a browser do.
func TestPagesAreGuarded(t *testing.T) {
	w := start(t)
	w.spec()
	id := w.connect("ada")
	client := w.operator()
	for _, form := range []url.Values{{}, {"csrf": {"wrong"}}} {
		if status, _ := visit(t, client, w.url+"/connections/"+id+"/delete", form); status != 401 {
			t.Errorf("a form of another site: %d", status)
		}
	}
	if status, _ := visit(t, client, w.url+"/connections/"+id+"/test", url.Values{"csrf": {w.csrf(client)}}); status != 200 {
		t.Errorf("a form of the page itself: %d", status)
	}
	for _, path := range []string{"/", "/connections", "/connections/" + id, "/keys", "/specs/demo", "/flows/x"} {
		status, page := visit(t, w.browser(), w.url+path, nil)
		if status != 401 || mentions(page, "ada") || strings.Contains(page, id) {
			t.Errorf("%s without a login: %d", path, status)
		}
	}
	res, err := client.Get(w.url + "/")
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	for name, want := range map[string]string{"X-Frame-Options": "DENY", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store"} {
		if got := res.Header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	policy := res.Header.Get("Content-Security-Policy")
	if !strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, "frame-ancestors 'none'") || strings.Contains(policy, "unsafe") {
		t.Errorf("Content-Security-Policy is %q", policy)
	}
	req, _ := http.NewRequest("GET", w.url+"/", nil)
	req.Host = "evil.example"
	if res, err = client.Do(req); err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusMisdirectedRequest {
		t.Errorf("another host name: %d", res.StatusCode)
	}
	for _, target := range []string{"javascript:alert(1)", "http://evil.example/", "//evil.example", "https://user@evil.example/", "data:text/html,x"} {
		if status, _ := w.api("POST", "/v1/sessions", map[string]any{"spec": "demo", "redirect": target}); status != 422 {
			t.Errorf("a redirect to %s: %d", target, status)
		}
	}
	if _, page := visit(t, client, w.url+"/connected/nothing?notice=<b>", nil); strings.Contains(page, "<b>") {
		t.Errorf("text of an address on a page: %s", page)
	}
}

// TestLogin holds that a link opens the pages once, and that a cookie from before the login is of no use after it.
func TestLogin(t *testing.T) {
	w := start(t)
	path, err := w.broker.LoginPath(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	planted := w.browser()
	u, _ := url.Parse(w.url)
	planted.Jar.SetCookies(u, []*http.Cookie{{Name: "imlc_login", Value: "planted"}})
	if status, _ := visit(t, planted, w.url+path, nil); status != 200 {
		t.Fatalf("login: %d", status)
	}
	for _, c := range planted.Jar.Cookies(u) {
		if c.Name == "imlc_login" && c.Value == "planted" {
			t.Error("the cookie from before the login was kept")
		}
	}
	if status, _ := visit(t, w.browser(), w.url+path, nil); status != 401 {
		t.Errorf("the link a second time: %d", status)
	}
	if status, _ := visit(t, planted, w.url+"/logout", url.Values{"csrf": {w.csrf(planted)}}); status != 401 {
		t.Errorf("after the logout: %d", status)
	}
	if status, _ := visit(t, planted, w.url+"/", nil); status != 401 {
		t.Errorf("after the logout: %d", status)
	}
}

// TestProxyKeepsToItself sends what a proxy must not let through.
func TestProxyKeepsToItself(t *testing.T) {
	w := start(t)
	w.spec()
	id := w.connect("ada")
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a request went to a foreign origin") }))
	defer other.Close()
	do := func(path string, header map[string]string) (*http.Response, string) {
		req, err := http.NewRequest("GET", w.url+"/v1/connections/"+id+"/proxy"+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+w.key)
		for k, v := range header {
			req.Header.Set(k, v)
		}
		res, err := http.DefaultTransport.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		text, _ := io.ReadAll(res.Body)
		return res, string(text)
	}
	for _, path := range []string{"/%2e%2e/x", "/a/%2E%2E/%2e%2e/x", "/./x", "/%2e"} {
		if res, _ := do(path, nil); res.StatusCode != 422 && res.StatusCode/100 != 3 {
			t.Errorf("the path %s: %d", path, res.StatusCode)
		}
	}
	for what, header := range map[string]map[string]string{
		"a foreign origin": {"Imlc-Url": other.URL + "/me"}, "no URL": {"Imlc-Url": "me"}, "a user": {"Imlc-Url": strings.Replace(w.provider.URL(), "//", "//u:p@", 1)},
		"a file": {"Imlc-Url": "file:///etc/passwd"},
	} {
		if res, text := do("/me", header); res.StatusCode != 403 && res.StatusCode != 422 || res.Header.Get("Imlc-Problem") == "" {
			t.Errorf("%s: %d %s", what, res.StatusCode, text)
		}
	}
	if res, text := do("//"+strings.TrimPrefix(other.URL, "http://")+"/me", nil); res.StatusCode == 200 {
		t.Errorf("two slashes: %d %s", res.StatusCode, text)
	}
	before := len(w.service.Requests())
	res, _ := do("/me?b=2&a=%41", map[string]string{"Cookie": "a=b", "X-Forwarded-For": "1.2.3.4", "Te": "trailers", "X-Mine": "kept", "Connection": "X-Hop", "X-Hop": "x"})
	if res.StatusCode != 200 || res.Header.Get("Set-Cookie") != "" || res.Header.Get("Imlc-Problem") != "" {
		t.Errorf("a good request: %d %v", res.StatusCode, res.Header)
	}
	sent := w.service.Requests()[before:]
	if len(sent) != 1 {
		t.Fatalf("%d requests were sent", len(sent))
	}
	text := fmt.Sprintf("%+v", sent[0])
	if strings.Contains(text, w.key) || strings.Contains(text, "1.2.3.4") || strings.Contains(text, "a=b") {
		t.Errorf("the service got what is the broker's: %s", text)
	}
	if !strings.Contains(text, "b=2&a=%41") {
		t.Errorf("the query was changed: %s", text)
	}
}

// TestAnswerKeepsToItself has a service answer what speaks to the caller's browser, or to a server in front of the broker.
func TestAnswerKeepsToItself(t *testing.T) {
	w := start(t)
	foreign := http.Header{"Set-Cookie": {"imlc_login=x"}, "Clear-Site-Data": {`"*"`}, "Strict-Transport-Security": {"max-age=1"}, "Access-Control-Allow-Origin": {"*"},
		"Www-Authenticate": {"Basic"}, "Imlc-Problem": {"x"}, "X-Accel-Redirect": {"/etc/passwd"}, "X-Sendfile": {"/etc/passwd"}, "X-Lighttpd-Send-File": {"/etc/passwd"},
		"X-Reproxy-Url": {"http://a/"}, "Surrogate-Control": {`content="ESI/1.0"`}, "Cdn-Cache-Control": {"public"}, "Cloudflare-Cdn-Cache-Control": {"public"}}
	id := w.behind(func(rw http.ResponseWriter, _ *http.Request) {
		maps.Copy(rw.Header(), foreign)
		rw.Header().Set("Cache-Control", "public, max-age=60")
		rw.Header().Set("X-Rate-Limit", "3")
	})
	res := w.proxied(id, "GET", "/x", nil)
	for name := range foreign {
		if got := res.Header.Values(name); len(got) > 0 {
			t.Errorf("%s: %q comes from the service", name, got)
		}
	}
	if res.Header.Get("X-Rate-Limit") != "3" {
		t.Error("a header of the service is missing")
	}
	if got := strings.Join(res.Header.Values("Cache-Control"), ", "); got != "public, max-age=60, private" {
		t.Errorf("Cache-Control: %s", got)
	}
	if got := res.Header.Values("Vary"); !slices.Contains(got, "Authorization") {
		t.Errorf("Vary: %q", got)
	}
}

// TestCallback comes back twice, in another browser, and with another token.
func TestCallback(t *testing.T) {
	w := start(t)
	w.spec()
	session := w.must("POST", "/v1/sessions", map[string]any{"spec": "demo"})
	client := w.browser()
	var callback string
	client.CheckRedirect = func(r *http.Request, _ []*http.Request) error {
		if strings.HasPrefix(r.URL.Path, "/callback") {
			callback = r.URL.String()
			return http.ErrUseLastResponse
		}
		return nil
	}
	visit(t, client, session["url"].(string), url.Values{})
	if callback == "" {
		t.Fatal("the provider did not send the browser back")
	}
	client.CheckRedirect = nil
	if status, _ := visit(t, w.browser(), callback, nil); status != 400 {
		t.Errorf("in a browser that did not begin: %d", status)
	}
	if status, _ := visit(t, client, w.url+"/callback?oauth_token=other&oauth_verifier=v", nil); status/100 == 2 {
		t.Errorf("with another token: %d", status)
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if status, page := visit(t, client, callback, nil); status != 200 || !strings.Contains(page, "is connected") {
				t.Errorf("one of several at once: %d %s", status, page)
			}
		})
	}
	wg.Wait()
	if list := w.must("GET", "/v1/connections", nil)["connections"].([]any); len(list) != 1 {
		t.Errorf("%d connections of one session", len(list))
	}
	if status, page := visit(t, client, session["url"].(string), nil); status != 200 || !strings.Contains(page, "is connected") {
		t.Errorf("the link again: %d", status)
	}
}

// TestFormTellsEachField sends a form with what does not pass.
func TestFormTellsEachField(t *testing.T) {
	w := start(t)
	w.must("PUT", "/v1/specs/demo", map[string]any{"files": map[string]string{"demo.jsonc": demoSpec(t)}})
	session := w.must("POST", "/v1/sessions", map[string]any{"spec": "demo"})
	status, page := visit(t, w.browser(), session["url"].(string), url.Values{"baseUrl": {w.provider.URL()}, "consumerKey": {""}, "consumerSecret": {consumerSecret}})
	if status != 422 || !strings.Contains(page, `id="field-consumerKey-problem"`) || strings.Contains(page, "field-consumerSecret-problem") {
		t.Errorf("a missing key: %d %s", status, page)
	}
	if strings.Contains(page, consumerSecret) || !strings.Contains(page, w.provider.URL()) {
		t.Errorf("what was typed, but for secrets, stands there again: %s", page)
	}
	status, page = visit(t, w.browser(), session["url"].(string), url.Values{"baseUrl": {w.provider.URL()}, "profilePath": {"/me"}, "consumerKey": {consumerKey}, "consumerSecret": {"wrong"}})
	if status/100 == 2 || !strings.Contains(page, `role="alert"`) {
		t.Errorf("a wrong secret: %d %s", status, page)
	}
	status, page = visit(t, w.browser(), session["url"].(string), url.Values{"baseUrl": {w.provider.URL()}, "profilePath": {"/me"}, "consumerKey": {consumerKey}, "consumerSecret": {consumerSecret}})
	if !strings.Contains(page, "begun a connection") && !strings.Contains(page, "is connected") {
		t.Errorf("then all right: %d %s", status, page)
	}
}

// TestWebhooks has a receiver that fails at first.
func TestWebhooks(t *testing.T) {
	w := start(t)
	type message struct {
		header http.Header
		body   []byte
	}
	got := make(chan message, 20)
	receiver := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got <- message{r.Header, body}
		rw.WriteHeader(500)
	}))
	defer receiver.Close()
	hook := w.must("POST", "/v1/webhooks", map[string]any{"url": receiver.URL, "events": []string{"connection.created"}})
	w.spec()
	id := w.connect("ada")
	var first message
	select {
	case first = <-got:
	case <-time.After(20 * time.Second):
		t.Fatal("nothing was delivered")
	}
	verifier, err := standardwebhooks.NewWebhook(hook["secret"].(string))
	if err != nil {
		t.Fatal(err)
	}
	if err := verifier.Verify(first.body, first.header); err != nil {
		t.Errorf("the signature: %v", err)
	}
	var event broker.Event
	if err := json.Unmarshal(first.body, &event); err != nil || event.Type != "connection.created" || event.Connection != id {
		t.Errorf("told %s", first.body)
	}
	path := "/v1/webhooks/" + hook["id"].(string) + "/deliveries"
	for range 100 {
		if list := w.must("GET", path, nil)["list"].([]any); len(list) == 1 && list[0].(map[string]any)["attempts"].(float64) == 1 {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	list := w.must("GET", path, nil)["list"].([]any)
	if len(list) != 1 || list[0].(map[string]any)["status"] != "waiting" || !strings.Contains(list[0].(map[string]any)["last"].(string), "500") {
		t.Fatalf("deliveries: %v", list)
	}
	w.must("POST", path+"/"+list[0].(map[string]any)["event"].(string)+"/replay", nil)
	select {
	case again := <-got:
		if again.header.Get("webhook-id") != first.header.Get("webhook-id") {
			t.Error("the same event has another id the second time")
		}
	case <-time.After(20 * time.Second):
		t.Fatal("not sent again")
	}
	if status, _ := w.api("POST", "/v1/webhooks", map[string]any{"url": "ftp://example.com"}); status != 422 {
		t.Errorf("an address that is none: %d", status)
	}
}

// TestRotation wraps everything under a new key while a store fails at each step in turn, and goes on after each.
func TestRotation(t *testing.T) {
	w := start(t)
	w.spec()
	id := w.connect("ada")
	old := w.ring.Current()
	if err := w.ring.Add(time.Now()); err != nil {
		t.Fatal(err)
	}
	failing := &failingStore{Store: w.store}
	config := w.config
	config.Store = failing
	for n := 0; ; n++ {
		failing.left = n
		b, err := broker.New(config)
		if err != nil {
			t.Fatal(err)
		}
		if _, err = b.Rewrap(context.Background()); err == nil {
			break
		}
		if n > 100 {
			t.Fatal("it never ends")
		}
		if status, _ := w.api("GET", "/v1/connections/"+id+"/proxy/me", nil); status != 200 {
			t.Fatalf("after a failure at step %d: %d", n, status)
		}
	}
	left, err := w.store.Foreign(context.Background(), w.ring.Current(), store.Record{}, 10)
	if err != nil || len(left) != 0 {
		t.Fatalf("%d records are under the old key: %v", len(left), err)
	}
	if !w.ring.Drop(old) {
		t.Fatal("the old key is not there")
	}
	if status, out := w.api("GET", "/v1/connections/"+id+"/proxy/me", nil); status != 200 {
		t.Errorf("without the old key: %d %v", status, out)
	}
}

// failingStore makes so many changes and no more.
type failingStore struct {
	store.Store
	left int
}

func (s *failingStore) Apply(ctx context.Context, ops ...store.Op) ([]store.Record, error) {
	if s.left == 0 {
		return nil, fmt.Errorf("the store is gone")
	}
	s.left--
	return s.Store.Apply(ctx, ops...)
}

// TestLostConnection revokes a token at the service.
func TestLostConnection(t *testing.T) {
	w := start(t)
	w.spec()
	id := w.connect("ada")
	w.service.Revoke(w.reveal(id)["accessToken"].(string))
	c := w.must("POST", "/v1/connections/"+id+"/test", nil)
	if c["status"] != "needs-reconnect" || c["problem"].(map[string]any)["code"] == "" {
		t.Fatalf("a revoked connection: %v", c)
	}
	session := w.must("POST", "/v1/sessions", map[string]any{"spec": "demo", "reconnect": id})
	if status, page := visit(t, w.browser(), session["url"].(string), url.Values{}); status != 200 || !strings.Contains(page, "is connected") {
		t.Fatalf("reconnect: %d %s", status, page)
	}
	if c := w.must("GET", "/v1/connections/"+id, nil); c["status"] != "ok" || c["user"] != "ada" {
		t.Errorf("after it: %v", c)
	}
	if status, _ := w.api("GET", "/v1/connections/"+id+"/proxy/me", nil); status != 200 {
		t.Errorf("a request after it: %d", status)
	}
	if list := w.must("GET", "/v1/connections?search=ad&tag=env%3Dtest&status=ok", nil)["connections"].([]any); len(list) != 1 {
		t.Errorf("it is not found: %v", list)
	}
}

// TestVersions uploads, rolls back, and refuses what does not compile.
func TestVersions(t *testing.T) {
	w := start(t)
	w.spec()
	spec := demoSpec(t)
	changed := strings.Replace(spec, `"label": "Consumer key"`, `"label": "Key of the consumer"`, 1)
	if s := w.must("PUT", "/v1/specs/demo", map[string]any{"files": map[string]string{"demo.jsonc": spec}})["spec"].(map[string]any); s["version"].(float64) != 1 {
		t.Errorf("the same files make version %v", s["version"])
	}
	if s := w.must("PUT", "/v1/specs/demo", map[string]any{"files": map[string]string{"demo.jsonc": changed}})["spec"].(map[string]any); s["version"].(float64) != 2 {
		t.Errorf("other files make version %v", s["version"])
	}
	status, out := w.api("PUT", "/v1/specs/demo", map[string]any{"files": map[string]string{"demo.jsonc": strings.Replace(spec, "{{body.oauth_token}}", "{{nothing(1}}", 1)}})
	if status != 422 || out["code"] != "spec-invalid" || !regexp.MustCompile(`^demo\.jsonc:\d+:\d+$`).MatchString(out["fields"].([]any)[0].(map[string]any)["path"].(string)) {
		t.Errorf("a spec that does not compile: %d %v", status, out)
	}
	if s := w.must("GET", "/v1/specs/demo", nil); s["version"].(float64) != 2 {
		t.Errorf("it changed the version to %v", s["version"])
	}
	if s := w.must("POST", "/v1/specs/demo/versions/1/use", nil); s["version"].(float64) != 1 || s["latest"].(float64) != 2 {
		t.Errorf("after the rollback: %v", s)
	}
	if v := w.must("GET", "/v1/specs/demo/versions/2", nil); v["files"].(map[string]any)["demo.jsonc"] != changed {
		t.Error("the files of a version are not those uploaded")
	}
	id := w.connect("ada")
	if status, _ := w.api("DELETE", "/v1/specs/demo", nil); status != 409 {
		t.Errorf("deleted with a connection: %d", status)
	}
	w.must("DELETE", "/v1/connections/"+id, nil)
	w.must("DELETE", "/v1/specs/demo", nil)
	for _, files := range []map[string]string{{}, {"../x": "{}"}, {"/x": "{}"}, {"a//b": "{}"}, {"x": strings.Repeat(" ", 1<<20+1)}} {
		if status, _ := w.api("PUT", "/v1/specs/y", map[string]any{"files": files}); status != 422 {
			t.Errorf("files %d: %d", len(files), status)
		}
	}
}

// TestUpgrade moves a connection to a version under which it works, and not to one under which it does not.
func TestUpgrade(t *testing.T) {
	w := start(t)
	w.spec()
	id := w.connect("ada")
	spec := demoSpec(t)
	upload := func(text string) {
		t.Helper()
		w.must("PUT", "/v1/specs/demo", map[string]any{"files": map[string]string{"demo.jsonc": text}})
	}
	upload(strings.Replace(spec, "{{parameters.baseUrl}}{{parameters.profilePath}}", "{{parameters.baseUrl}}/nothing", 1))
	out := w.must("POST", "/v1/specs/demo/upgrade", nil)
	if out["moved"].(float64) != 0 || out["kept"].(float64) != 1 || out["problems"].([]any)[0].(map[string]any)["connection"] != id {
		t.Errorf("to a version that does not work: %v", out)
	}
	if c := w.must("GET", "/v1/connections/"+id, nil); c["version"].(float64) != 1 || c["status"] != "ok" {
		t.Errorf("the connection that was kept: %v", c)
	}
	upload(strings.Replace(spec, `"label": "Consumer key"`, `"label": "Key of the consumer"`, 1))
	if out = w.must("POST", "/v1/specs/demo/upgrade", nil); out["moved"].(float64) != 1 {
		t.Errorf("to a version that works: %v", out)
	}
	if c := w.must("GET", "/v1/connections/"+id, nil); c["version"].(float64) != 3 {
		t.Errorf("the connection that was moved: %v", c)
	}
	if status, _ := w.api("GET", "/v1/connections/"+id+"/proxy/me", nil); status != 200 {
		t.Errorf("a request by it: %d", status)
	}
}

// TestSettingsStand has a session say other values than the owner of the spec.
func TestSettingsStand(t *testing.T) {
	w := start(t)
	w.spec()
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a session led a spec elsewhere") }))
	defer elsewhere.Close()
	session := w.must("POST", "/v1/sessions", map[string]any{"spec": "demo", "parameters": map[string]any{"baseUrl": elsewhere.URL, "consumerKey": "other"}})
	if status, page := visit(t, w.browser(), session["url"].(string), url.Values{"baseUrl": {elsewhere.URL}}); status != 200 || !strings.Contains(page, "is connected") {
		t.Errorf("%d %s", status, page)
	}
}

// TestQuotas holds what a tenant may use.
func TestQuotas(t *testing.T) {
	w := start(t)
	w.must("POST", "/v1/tenants", map[string]any{"name": "small", "quota": map[string]any{"specs": 1, "perMinute": 5}})
	key, err := w.broker.NewKey(context.Background(), "small/main", "k", broker.Scopes())
	if err != nil {
		t.Fatal(err)
	}
	body := map[string]any{"files": map[string]string{"demo.jsonc": demoSpec(t)}}
	if status, text := w.raw(key, "PUT", "/v1/specs/a", body); status != 200 {
		t.Fatalf("the first spec: %d %s", status, text)
	}
	if status, _ := w.raw(key, "PUT", "/v1/specs/b", body); status != 403 {
		t.Errorf("the second spec: %d", status)
	}
	last := 0
	for range 4 {
		last, _ = w.raw(key, "GET", "/v1/specs", nil)
	}
	if last != 429 {
		t.Errorf("the sixth request of a minute: %d", last)
	}
}

// TestImport takes a connection out and in again.
func TestImport(t *testing.T) {
	w := start(t)
	w.spec()
	id := w.connect("ada")
	_, data := w.raw(w.key, "POST", "/v1/connections/"+id+"/reveal", nil)
	w.must("DELETE", "/v1/connections/"+id, nil)
	c := w.must("POST", "/v1/connections", map[string]any{"spec": "demo", "user": "ada", "connection": json.RawMessage(data)})
	if c["status"] != "ok" || c["id"] == id {
		t.Errorf("imported: %v", c)
	}
	if status, _ := w.api("GET", "/v1/connections/"+c["id"].(string)+"/proxy/me", nil); status != 200 {
		t.Errorf("a request: %d", status)
	}
	bad := strings.Replace(string(data), consumerKey, "other", 1)
	if status, _ := w.api("POST", "/v1/connections", map[string]any{"spec": "demo", "connection": json.RawMessage(bad)}); status/100 == 2 {
		t.Errorf("a connection that does not work: %d", status)
	}
}
