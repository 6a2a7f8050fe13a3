package broker_test

import (
	"encoding/json"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"
)

// putEvery makes the spec that asks for a parameter of every kind, and returns the link of a session.
func (w *world) putEvery(given map[string]any) string {
	w.Helper()
	w.must("PUT", "/v1/specs/every", map[string]any{"files": map[string]string{"every.jsonc": everySpec(w)}})
	w.must("PUT", "/v1/specs/every/settings", map[string]any{"parameters": map[string]any{"baseUrl": w.provider.URL(), "consumerKey": consumerKey, "consumerSecret": consumerSecret}})
	return w.must("POST", "/v1/sessions", map[string]any{"spec": "every", "parameters": given})["url"].(string)
}

// TestFormOfEveryKind fills in a field of every kind, and finds the values in the connection as their types say.
func TestFormOfEveryKind(t *testing.T) {
	w := start(t)
	link := w.putEvery(nil)
	status, page := visit(t, w.browser(), link, url.Values{"nickname": {"ada"}, "notes": {"one\ntwo"}, "pin": {"0123"}, "mail": {"ada@example.com"}, "count": {" 7 "}, "factor": {"0.5"},
		"port": {"8080"}, "strict": {"false"}, "since": {"2026-03-01"}, "region": {"eu"}, "country": {"NL"}, "kinds": {"1", "3"}, "hosts": {"a.example\r\n\r\n b.example \r\n"},
		"proxy": {`{"host": "p.example", "port": 3128}`}, "certificate": {""}, "baseUrl": {"https://evil.example"}})
	if status != 200 || !strings.Contains(page, "is connected.") {
		t.Fatalf("%d %s", status, page)
	}
	id := w.must("GET", "/v1/connections", nil)["connections"].([]any)[0].(map[string]any)["id"].(string)
	got := w.reveal(id)
	for _, name := range []string{"accessToken", "accessSecret", "consumerKey", "consumerSecret"} {
		delete(got, name)
	}
	want := map[string]any{"baseUrl": w.provider.URL(), "nickname": "ada", "notes": "one\ntwo", "pin": map[string]any{"$": "secret", "v": "0123"}, "mail": "ada@example.com", "count": 7.0, "factor": 0.5, "port": 8080.0,
		"strict": false, "since": "2026-03-01", "region": "eu", "country": "NL", "kinds": []any{1.0, 3.0}, "hosts": []any{"a.example", "b.example"},
		"proxy": map[string]any{"host": "p.example", "port": 3128.0}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestEachFieldTellsWhatIsWrong types something wrong into each field, and reads what stands beside it.
func TestEachFieldTellsWhatIsWrong(t *testing.T) {
	w := start(t)
	good := url.Values{"region": {"us"}}
	for _, c := range []struct {
		field, typed, says string
	}{
		{"region", "", "mandatory"}, {"region", "mars", "mars"}, {"nickname", "a", "2"}, {"pin", "12", "pattern"}, {"mail", "ada", "email"}, {"count", "many", "expected a number"},
		{"count", "11", "10"}, {"factor", "x", "expected a number"}, {"port", "70000", "port"}, {"kinds", "9", "9"}, {"hosts", "a\nb\nc", "2"}, {"proxy", "host", "expected JSON"},
		{"proxy", `{"port": 70000}`, "proxy.port"}, {"certificate", "none", "cert"}, {"privateKey", "none", "pkey"},
	} {
		typed := url.Values{"strict": {"false"}}
		for name, values := range good {
			typed[name] = values
		}
		typed.Set(c.field, c.typed)
		status, page := visit(t, w.browser(), w.putEvery(nil), typed)
		wrong := map[string]string{}
		for _, found := range regexp.MustCompile(`<p class="wrong" id="field-(\w+)-problem">([^<]*)</p>`).FindAllStringSubmatch(page, -1) {
			wrong[found[1]] = html.UnescapeString(found[2])
		}
		if status != 422 || len(wrong) != 1 || !strings.Contains(wrong[c.field], c.says) {
			t.Errorf("%s %q: %d %v", c.field, c.typed, status, wrong)
		}
		if c.field == "nickname" && (!strings.Contains(page, `value="us" selected`) || regexp.MustCompile(`name="strict"[^>]*checked`).MatchString(page) || strings.Contains(page, `value="true" checked`)) {
			t.Errorf("what was typed does not stand there again: %s", page)
		}
	}
}

// TestNestedQuestions has a session that has chosen an option already: what belongs to it is still asked for, and what
// belongs to another one is neither asked nor kept.
func TestNestedQuestions(t *testing.T) {
	w := start(t)
	for region, asks := range map[string]bool{"eu": true, "us": false} {
		link := w.putEvery(map[string]any{"region": region})
		_, page := visit(t, w.browser(), link, nil)
		if strings.Contains(page, `id="field-country"`) != asks || strings.Contains(page, `id="field-region"`) {
			t.Errorf("%s: %s", region, page)
		}
	}
	if status, page := visit(t, w.browser(), w.putEvery(nil), url.Values{"region": {"us"}, "country": {"NL"}}); status != 200 {
		t.Fatalf("%d %s", status, page)
	}
	id := w.must("GET", "/v1/connections", nil)["connections"].([]any)[0].(map[string]any)["id"].(string)
	if got := w.reveal(id); got["country"] != nil {
		t.Errorf("an option that was not chosen left %v", got["country"])
	}
}

// TestCode has a service that shows its users a code.
func TestCode(t *testing.T) {
	w := start(t)
	w.spec()
	w.must("PUT", "/v1/specs/demo/settings", map[string]any{"outOfBand": true,
		"parameters": map[string]any{"baseUrl": w.provider.URL(), "consumerKey": consumerKey, "consumerSecret": consumerSecret}})
	session := w.must("POST", "/v1/sessions", map[string]any{"spec": "demo", "user": "ada"})
	link := session["url"].(string)
	client := w.browser()
	_, page := visit(t, client, link, url.Values{})
	authorize := regexp.MustCompile(`id="authorize" href="([^"]+)"`).FindStringSubmatch(page)
	if authorize == nil {
		t.Fatalf("the page has no link to the service: %s", page)
	}
	var shown struct {
		Code string `json:"oauth_verifier"`
	}
	if _, page := visit(t, w.browser(), html.UnescapeString(authorize[1]), nil); json.Unmarshal([]byte(page), &shown) != nil {
		t.Fatalf("the service shows no code: %s", page)
	}
	code := shown.Code
	if status, page := visit(t, w.browser(), link+"/code", url.Values{"code": {code}}); strings.Contains(page, "is connected") {
		t.Fatalf("a browser that has not begun it finishes it: %d", status)
	}
	if status, page := visit(t, client, link+"/code", url.Values{"code": {" "}}); status != 422 || !strings.Contains(page, "type the code") {
		t.Errorf("no code: %d %s", status, page)
	}
	if _, page := visit(t, client, link+"?again=1", nil); !strings.Contains(page, `id="connect"`) {
		t.Errorf("starting again: %s", page)
	}
	if status, page := visit(t, client, link+"/code", url.Values{"code": {"\t" + code + "\n"}}); status != 200 || !strings.Contains(page, "is connected.") {
		t.Fatalf("the code: %d %s", status, page)
	}
	if status, page := visit(t, client, link+"/code", url.Values{"code": {code}}); status != 200 || !strings.Contains(page, "is connected.") {
		t.Errorf("the code again: %d %s", status, page)
	}

	// A wrong code ends the authorisation; the same link starts anew.
	link = w.must("POST", "/v1/sessions", map[string]any{"spec": "demo", "user": "ada"})["url"].(string)
	visit(t, client, link, url.Values{})
	if status, page := visit(t, client, link+"/code", url.Values{"code": {"wrong"}}); status/100 == 2 || !strings.Contains(page, `role="alert"`) || !strings.Contains(page, `id="connect"`) {
		t.Errorf("a wrong code: %d %s", status, page)
	}
	if _, page := visit(t, client, link, url.Values{}); !strings.Contains(page, `id="authorize"`) {
		t.Errorf("after a wrong code: %s", page)
	}
}

// TestConnectInABrowser carries a code from one window to the other, connects again, and has a page of another site open
// windows.
func TestConnectInABrowser(t *testing.T) {
	x := openBrowser(t)
	w := startWith(t, askFirst)
	w.spec()
	t.Run("code", func(t *testing.T) {
		w.must("PUT", "/v1/specs/demo/settings", map[string]any{"outOfBand": true,
			"parameters": map[string]any{"baseUrl": w.provider.URL(), "consumerKey": consumerKey, "consumerSecret": consumerSecret}})
		x.do(chromedp.Navigate(w.must("POST", "/v1/sessions", map[string]any{"spec": "demo", "user": "ada"})["url"].(string)))
		x.press("#connect", "#code")
		x.look("connect-code")
		href, err := chromedp.Run(x.ctx, chromedp.Evaluate[string](`document.getElementById("authorize").href`))
		if err != nil {
			t.Fatal(err)
		}
		service := x.another()
		service.do(chromedp.Navigate(href))
		service.press("button[value=approve]", "#oauth_verifier")
		code, err := chromedp.Run(service.ctx, chromedp.Text(chromedp.CSS("#oauth_verifier")))
		if err != nil {
			t.Fatal(err)
		}
		x.do(chromedp.SendKeys(chromedp.CSS("#code"), code))
		x.press("#finish", "#connected")
		x.says("Ada is connected.")
	})
	t.Run("again", func(t *testing.T) {
		w.must("PUT", "/v1/specs/demo/settings", map[string]any{"parameters": map[string]any{"baseUrl": w.provider.URL(), "consumerKey": consumerKey, "consumerSecret": consumerSecret}})
		x.login(w)
		x.press("main a[href^='/connections/']", "#reconnect")
		x.press("#reconnect", "#connect")
		x.says("again")
		x.press("#connect", "button[value=approve]")
		x.press("button[value=approve]", "#connected")
		if n := len(w.must("GET", "/v1/connections", nil)["connections"].([]any)); n != 1 {
			t.Errorf("%d connections after reconnecting one", n)
		}
	})
	t.Run("window", func(t *testing.T) { x.T = t; w.connectInWindows(x) })
}

// connectInWindows has a page of another origin open windows.
func (w *world) connectInWindows(x *window) {
	t := x.T
	host := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set("Content-Type", "text/html")
		url, _ := json.Marshal(r.URL.Query().Get("connect"))
		fmt.Fprintf(rw, `<!doctype html><link rel="icon" href="data:,"><script src="%s/static/connect.js"></script><button id="go">go</button>
			<script>document.getElementById("go").onclick = async () => { window.result = await imlcConnect(%s, {poll: 50}) }</script>`, w.url, url)
	}))
	defer host.Close()
	for _, c := range []struct {
		name, origin, press string
		want                map[string]string
	}{
		{"approved", host.URL, "approve", map[string]string{"type": "connected"}},
		{"denied", host.URL, "deny", map[string]string{"type": "failed", "code": "oauth1/refused"}},
		{"made for another page", "https://elsewhere.example", "approve", map[string]string{"type": "closed"}},
	} {
		session := w.must("POST", "/v1/sessions", map[string]any{"spec": "demo", "user": "ada", "origin": c.origin})
		x.do(chromedp.Navigate(host.URL + "/?connect=" + url.QueryEscape(session["url"].(string))))
		opened := chromedp.WaitNewTarget(x.ctx, func(*target.Info) bool { return true })
		x.do(chromedp.Click(chromedp.CSS("#go")))
		ctx, cancel := chromedp.NewContext(x.ctx, chromedp.WithTargetID(<-opened))
		popup := newWindow(t, ctx)
		popup.denied = true
		popup.await(c.name, `document.getElementById("connect") !== null`)
		popup.press("#connect", "button[value=approve]")
		if err := chromedp.Do(ctx, chromedp.Click(chromedp.CSS("button[value="+c.press+"]"))); err != nil {
			t.Fatal(err)
		}
		if c.press == "deny" {
			popup.await(c.name, `document.getElementById("failed") !== null`)
			popup.look("connect-denied")
			cancel() // which closes the window, as the user would
		}
		x.await(c.name, `window.result !== undefined`)
		got, err := chromedp.Run(x.ctx, chromedp.Evaluate[map[string]string](`JSON.parse(JSON.stringify(window.result))`))
		if err != nil {
			t.Fatal(err)
		}
		if c.want["type"] != "closed" {
			c.want["session"] = session["id"].(string)
		}
		if c.want["type"] == "connected" {
			c.want["connection"], _ = w.must("GET", "/v1/sessions/"+session["id"].(string), nil)["connection"].(string)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
		cancel()
	}
}

// another returns a second tab of the same browser.
func (x *window) another() *window {
	x.Helper()
	ctx, cancel := chromedp.NewContext(x.ctx)
	x.Cleanup(cancel)
	if err := chromedp.Do(ctx, chromedp.Navigate("about:blank")); err != nil {
		x.Fatal(err)
	}
	return newWindow(x.T, ctx)
}

// germanBrowser asks for pages in German.
type germanBrowser struct{ next http.RoundTripper }

func (g germanBrowser) RoundTrip(r *http.Request) (*http.Response, error) {
	r.Header.Set("Accept-Language", "de-CH, de;q=0.9, en;q=0.5")
	return g.next.RoundTrip(r)
}

// TestConnectInGerman connects by a browser that asks for German: page, wrong fields, what the engine says, and the end.
func TestConnectInGerman(t *testing.T) {
	w := start(t)
	w.spec()
	w.must("PUT", "/v1/specs/every", map[string]any{"files": map[string]string{"every.jsonc": everySpec(t)}})
	client := w.browser()
	client.Transport = germanBrowser{http.DefaultTransport}
	link := func(body map[string]any) string { return w.must("POST", "/v1/sessions", body)["url"].(string) }
	look := func(what string, status int, text string, want int, says ...string) {
		t.Helper()
		if status != want || !strings.Contains(text, `<html lang="de">`) {
			t.Errorf("%s: %d %s", what, status, text)
		}
		for _, s := range says {
			if !strings.Contains(text, s) {
				t.Errorf("%s lacks %q: %s", what, s, text)
			}
		}
	}
	every := link(map[string]any{"spec": "every", "user": "Ada"})
	status, text := visit(t, client, every, nil)
	look("the page", status, text, 200, "every verbinden", "Für Ada.", "(nötig)", ">Verbinden</button>", "Zum Inhalt springen")
	status, text = visit(t, client, every, url.Values{})
	look("wrong fields", status, text, 422, "Das Feld muss ausgefüllt sein.", "Einige Angaben passen nicht.")
	demo := link(map[string]any{"spec": "demo"})
	status, text = visit(t, client, demo, url.Values{})
	look("the end", status, text, 200, "<h1>Verbunden</h1>", "Ada ist verbunden.")
	status, text = visit(t, client, w.url+"/connect/unknown", nil)
	look("an unknown link", status, text, 404, "Dieser Link ist nicht bekannt oder zu alt", "Das hat nicht geklappt")
	w.must("PUT", "/v1/specs/demo/settings", map[string]any{"parameters": map[string]any{"baseUrl": "http://127.0.0.1:1", "consumerKey": "k", "consumerSecret": "s"}})
	status, text = visit(t, client, link(map[string]any{"spec": "demo"}), url.Values{})
	look("what the engine says", status, text, 502, "Keine Antwort von ")
	if status, text = visit(t, w.browser(), every, nil); status != 200 || !strings.Contains(text, `<html lang="en">`) || !strings.Contains(text, "Connect every") {
		t.Errorf("for another browser: %d %s", status, text)
	}
}

// TestConnectScript holds what other sites load to 3 kB.
func TestConnectScript(t *testing.T) {
	w := start(t)
	res, err := http.Get(w.url + "/static/connect.js")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != 200 || !strings.Contains(res.Header.Get("Content-Type"), "javascript") {
		t.Errorf("%d %s %v", res.StatusCode, res.Header.Get("Content-Type"), err)
	}
	if len(text) == 0 || len(text) > 3<<10 {
		t.Errorf("it has %d bytes", len(text))
	}
}
