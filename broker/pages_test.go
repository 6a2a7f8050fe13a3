package broker_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/imlc-lang/imlc/broker/store"
	"github.com/imlc-lang/imlc/internal/provider"
)

// askFirst has a provider that asks its user before it grants something.
func askFirst(w *world) {
	w.Helper()
	p, err := provider.New(provider.Config{Consumers: []provider.Consumer{{Key: consumerKey, Secret: consumerSecret}}})
	if err != nil {
		w.Fatal(err)
	}
	server, err := p.Start("127.0.0.1:0")
	if err != nil {
		w.Fatal(err)
	}
	w.Cleanup(func() { server.Close() })
	w.provider, w.service = server, p
	w.config.Gallery[0].Settings["baseUrl"], w.config.Gallery[0].Only = server.URL(), server.URL()
}

// TestPersonsWay goes the way of somebody who starts the broker for the first time: a spec of the gallery, a connection,
// a request, the timeline of a flow, an API key, new encryption keys.
func TestPersonsWay(t *testing.T) {
	x := openBrowser(t)
	w := startWith(t, askFirst)
	x.login(w)
	x.says("Connections that are signed for you", "None yet")
	x.press("#gallery-demo", "#connect")
	x.press("#connect", "button[value=approve]")
	x.press("button[value=approve]", "#connected")
	x.says("is connected.")
	x.press("#view", "#send")
	x.press("#send", "#answer")
	x.says("Status 200", "Ada")
	x.press("main a[href^='/flows/']", ".timeline")
	x.says("proxy of demo", "request", "signed", "response")
	x.do(chromedp.Click(chromedp.CSS(".timeline details summary")))
	x.says("oauth_consumer_key%3Dcanary-key")
	if text := x.text(); strings.Contains(text, consumerSecret) {
		t.Error("the timeline shows a secret")
	}
	x.press("nav a[href='/keys']", "#make")
	x.do(chromedp.SendKeys(chromedp.CSS("#name"), "my program"), chromedp.Click(chromedp.CSS("input[value=proxy]")))
	x.press("#make", "#secret")
	key, err := chromedp.Run(x.ctx, chromedp.Text(chromedp.CSS("#secret")))
	if err != nil {
		t.Fatal(err)
	}
	list := w.must("GET", "/v1/connections", nil)["connections"].([]any)
	if status, body := w.raw(key, "GET", "/v1/connections/"+list[0].(map[string]any)["id"].(string)+"/proxy/me", nil); status != 200 {
		t.Errorf("a request with the key of the page: %d %s", status, body)
	}
	before := w.ring.Current()
	x.press("#rotate", ".notice")
	x.says("There is a new key")
	if w.ring.Current() == before {
		t.Error("the current key is the old one")
	}
	for i := 0; ; i++ {
		foreign, err := w.store.Foreign(t.Context(), w.ring.Current(), store.Record{}, 10)
		if err != nil {
			t.Fatal(err)
		}
		if len(foreign) == 0 {
			break
		}
		if i == 200 {
			t.Fatalf("%d records are under old keys", len(foreign))
		}
		time.Sleep(50 * time.Millisecond)
	}
	x.do(chromedp.Navigate(w.url + "/keys"))
	x.says(w.ring.Current())
	if strings.Contains(x.text(), "older keys") {
		t.Error("the page does not see that everything is wrapped anew")
	}
	x.look("keys-rotated")
}

// everySpec is a spec that asks for a parameter of every kind.
func everySpec(t testing.TB) string {
	t.Helper()
	data, err := os.ReadFile("testdata/every.jsonc")
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// TestPages looks at every page in each of its main states.
func TestPages(t *testing.T) {
	x := openBrowser(t)
	w := start(t)
	at := func(path, name string, says ...string) {
		t.Helper()
		x.do(chromedp.Navigate(w.url + path))
		x.says(says...)
		x.look(name)
	}
	x.denied = true // some states are answers that say no
	at("/", "locked", "Not logged in", "imlc serve login")
	at("/login?token=x", "locked-again", "Not logged in")
	at("/callback?oauth_token=x", "callback-unknown", "start again")
	x.login(w)
	x.look("overview-first")
	at("/connections", "connections-none", "None yet")
	at("/keys", "keys", "Rotate")

	w.spec()
	w.must("PUT", "/v1/specs/every", map[string]any{"title": "A spec with a title that is rather long, as titles of people's own specs tend to be", "files": map[string]string{"every.jsonc": everySpec(t)}})
	id := w.connect("ada@" + strings.Repeat("long-", 20) + ".example")
	w.connect("")
	at("/", "overview", "every", "demo")
	at("/specs/demo", "spec", "is set", "status")
	at("/specs/every", "spec-every", "Region", "Certificate")
	at("/connections", "connections", "ok")
	at("/connections?search=nobody&status=degraded", "connections-nothing-found", "Nothing was found")
	at("/connections/"+id, "connection", "Try a request")
	x.press("#send", "#answer")
	x.look("connection-answer")
	x.do(chromedp.SetValue(chromedp.CSS("#url"), "https://elsewhere.example/"))
	x.press("#send", ".problem")
	x.look("connection-problem")
	flows := w.must("GET", "/v1/flows?connection="+id, nil)["list"].([]any)
	at("/flows/"+flows[len(flows)-1].(map[string]any)["id"].(string), "flow", "callback of demo", "what was signed")
	x.do(chromedp.Evaluate[chromedp.Void](`document.querySelectorAll("details").forEach((d) => { d.open = true })`))
	x.look("flow-open")
	at("/flows/flow_none", "not-found", "there is no")
	x.do(chromedp.Navigate(w.url+"/keys"), chromedp.SendKeys(chromedp.CSS("#name"), "program"))
	x.press("#make", "#secret")
	x.look("keys-secret")

	// A user's pages, without a login.
	x.do(chromedp.Navigate(w.url + "/"))
	x.press("#logout", "h1")
	link := func(body map[string]any) string {
		return strings.TrimPrefix(w.must("POST", "/v1/sessions", body)["url"].(string), w.url)
	}
	at(link(map[string]any{"spec": "demo", "user": "ada"}), "connect", "For ada")
	at(link(map[string]any{"spec": "demo", "reconnect": id}), "connect-again", "again")
	every := link(map[string]any{"spec": "every", "user": "ada"})
	at(every, "connect-every", "Region")
	x.press("#connect", ".field.wrong")
	x.look("connect-every-wrong")
	x.do(chromedp.Navigate(w.url + link(map[string]any{"spec": "demo", "user": "grace"})))
	x.press("#connect", "#connected")
	x.look("connected")
	at("/connect/unknown", "connect-unknown", "ask for a new one")

	// What is lost, and what has failed.
	w.must("PUT", "/v1/specs/demo/settings", map[string]any{"parameters": map[string]any{"baseUrl": w.provider.URL(), "consumerKey": consumerKey, "consumerSecret": "wrong"}})
	failing := link(map[string]any{"spec": "demo"})
	x.do(chromedp.Navigate(w.url + failing))
	x.press("#connect", ".problem")
	x.look("connect-refused")
	w.service.Revoke(w.reveal(id)["accessToken"].(string))
	w.api("POST", "/v1/connections/"+id+"/test", nil)
	x.login(w)
	at("/connections/"+id, "connection-lost", "needs-reconnect")
	failed := w.must("GET", "/v1/flows?result=failed", nil)["list"].([]any)
	at("/flows/"+failed[0].(map[string]any)["id"].(string), "flow-failed", "failed")
	w.ahead.Store(int64(time.Hour))
	at(failing, "connect-too-old", "too old")
}
