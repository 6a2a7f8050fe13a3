package broker_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// TestSpecPages takes a spec through its life on the pages: uploaded with mistakes that are told at their lines, mended,
// changed, compared, taken back, upgraded and deleted.
func TestSpecPages(t *testing.T) {
	x := openBrowser(t)
	w := start(t)
	x.denied = true // a spec with mistakes is an answer that says no
	x.login(w)
	x.press("nav a[href='/specs']", "#new")
	x.says("None yet")
	x.look("specs-none")
	x.press("#new", "#save")
	x.look("upload")
	spec := demoSpec(t)
	broken := strings.Replace(spec, `"url":`, `"urll":`, 1)
	x.do(chromedp.SetValue(chromedp.CSS("#name"), "demo"), chromedp.SetValue(chromedp.CSS("#path-0"), "demo.jsonc"), chromedp.SetValue(chromedp.CSS("#text-0"), broken))
	x.press("#save", "#problems")
	x.says("MAKE201", "urll", "line ", "did you mean")
	x.look("upload-problems")
	if status, _ := w.api("GET", "/v1/specs/demo", nil); status != 404 {
		t.Errorf("a spec with mistakes was kept: %d", status)
	}
	x.do(chromedp.SetValue(chromedp.CSS("#text-0"), spec))
	x.press("#check", ".notice")
	x.says("It compiles")
	if status, _ := w.api("GET", "/v1/specs/demo", nil); status != 404 {
		t.Errorf("a check kept the spec: %d", status)
	}
	x.press("#save", "#edit")
	w.must("PUT", "/v1/specs/demo/settings", map[string]any{"parameters": map[string]any{"baseUrl": w.provider.URL(), "consumerKey": consumerKey, "consumerSecret": consumerSecret}})
	id := w.connect("ada")

	// Its whole way, without the service.
	x.do(chromedp.Navigate(w.url + "/specs/demo"))
	x.press("#rehearse", "#outcome")
	x.says("accepted every request", "sample-consumerKey", "call:status")
	x.look("rehearsal")
	x.do(chromedp.SetValue(chromedp.CSS("#answers"), `{"info": "no JSON", "accessToken": "oauth_token=x&oauth_token_secret=y"}`))
	x.press("#again", "#outcome")
	x.says("refused a request", "token_rejected")
	x.do(chromedp.Evaluate[chromedp.Void](`document.querySelectorAll("details").forEach((d) => { d.open = true })`))
	x.look("rehearsal-refused")

	// The next version, whose changes can be seen and taken back.
	x.do(chromedp.Navigate(w.url + "/specs/demo"))
	x.press("#edit", "#save")
	x.do(chromedp.SetValue(chromedp.CSS("#text-0"), strings.Replace(spec, "ifempty(body.name;", "ifempty(upper(body.name);", 1)), chromedp.SetValue(chromedp.CSS("#title"), "Changed"))
	x.look("upload-change")
	x.press("#save", "#view, #upgrade")
	x.do(chromedp.Navigate(w.url + "/specs/demo"))
	x.says("Changed", "2 of 2", "current")
	x.look("spec-versions")
	x.press("a[href='/specs/demo/diff?from=1&to=2']", ".diff")
	x.says("- ", "+ ", "ifempty(upper(body.name)")
	x.look("diff")
	x.do(chromedp.Navigate(w.url + "/specs/demo"))
	x.press("#upgrade", "#outcome")
	x.says("1 moved to the current version")
	x.look("upgrade")
	if c := w.must("GET", "/v1/connections/"+id, nil); c["version"] != 2.0 {
		t.Errorf("the connection has version %v", c["version"])
	}
	x.do(chromedp.Navigate(w.url + "/specs/demo"))
	x.press("#use-1", ".notice")
	x.says("1 of 2")
	if s := w.must("GET", "/v1/specs/demo", nil); s["version"] != 1.0 {
		t.Errorf("version %v is the current one", s["version"])
	}
	x.do(chromedp.Evaluate[chromedp.Void](`window.confirm = () => true`))
	x.press("#delete", ".problem")
	x.says("there are connections of this spec")
	w.must("DELETE", "/v1/connections/"+id, nil)
	x.do(chromedp.Navigate(w.url+"/specs/demo"), chromedp.Evaluate[chromedp.Void](`window.confirm = () => true`))
	x.press("#delete", "#new")
	x.says("None yet")
}

// TestWebhookPages adds a webhook, looks at what became of its deliveries, and sends a dead one again.
func TestWebhookPages(t *testing.T) {
	x := openBrowser(t)
	w := start(t)
	var refuses atomic.Bool
	refuses.Store(true)
	hook := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		if refuses.Load() {
			rw.WriteHeader(http.StatusInternalServerError)
		}
	}))
	defer hook.Close()
	x.denied = true
	x.login(w)
	x.press("nav a[href='/webhooks']", "#make")
	x.look("webhooks-none")
	x.do(chromedp.SendKeys(chromedp.CSS("#url"), "ftp://hook.example/"))
	x.press("#make", ".problem")
	x.look("webhooks-problem")
	x.do(chromedp.SetValue(chromedp.CSS("#url"), hook.URL), chromedp.Click(chromedp.CSS("input[value='connection.created']")))
	x.press("#make", "#secret")
	x.says("whsec_", hook.URL, "connection.created")
	x.look("webhooks-secret")
	w.spec()
	w.connect("ada")
	id := w.must("GET", "/v1/webhooks", nil)["list"].([]any)[0].(map[string]any)["id"].(string)
	// is waits until the delivery has a status; the time goes on behind each attempt.
	is := func(status string) {
		t.Helper()
		attempts := 0.0
		for range 1500 {
			list := w.must("GET", "/v1/webhooks/"+id+"/deliveries", nil)["list"].([]any)
			if len(list) == 1 {
				d := list[0].(map[string]any)
				if d["status"] == status {
					return
				}
				if d["attempts"].(float64) > attempts {
					attempts = d["attempts"].(float64)
					w.forward(25 * time.Hour)
				}
			}
			time.Sleep(20 * time.Millisecond)
		}
		t.Fatalf("no delivery is %s", status)
	}
	is("dead")
	w.ahead.Store(0) // what has run out meanwhile is not the subject
	x.login(w)
	x.do(chromedp.Navigate(w.url + "/webhooks"))
	x.says("connection.created")
	x.look("webhooks")
	x.press("a[href='/webhooks/"+id+"']", "#status")
	x.says("dead", "the answer had status 500")
	x.look("webhook-dead")
	refuses.Store(false)
	x.press("form[action$='/replay'] button", ".notice")
	x.says("on its way again")
	is("delivered")
	x.do(chromedp.Navigate(w.url + "/webhooks/" + id + "?status=dead"))
	x.says("None of these")
	x.do(chromedp.Navigate(w.url+"/webhooks"), chromedp.Evaluate[chromedp.Void](`window.confirm = () => true`))
	x.press("form[action$='/delete'] button", ".notice")
	if list := w.must("GET", "/v1/webhooks", nil)["list"].([]any); len(list) != 0 {
		t.Errorf("after the deletion there are %v", list)
	}
}

// TestTenantPages makes a tenant, goes to its space, and changes what it may.
func TestTenantPages(t *testing.T) {
	x := openBrowser(t)
	w := start(t)
	x.denied = true
	w.spec()
	x.login(w)
	x.says("demo")
	x.press("nav a[href='/tenants']", "#make")
	x.says("default", "main (shown)")
	x.do(chromedp.SendKeys(chromedp.CSS("#name"), "acme"), chromedp.SendKeys(chromedp.CSS("#environments"), "main, test"), chromedp.SendKeys(chromedp.CSS("#hosts"), "https://x"))
	x.press("#make", ".problem")
	x.says("hosts: expected")
	x.look("tenants-problem")
	x.do(chromedp.SetValue(chromedp.CSS("#hosts"), "*.example.com"), chromedp.SetValue(chromedp.CSS("#per-minute"), "60"), chromedp.SendKeys(chromedp.CSS("#bytes-per-day"), "half"))
	x.press("#make", ".problem")
	x.says("bytes-per-day: expected a size")
	x.do(chromedp.SetValue(chromedp.CSS("#bytes-per-day"), "1536 MiB"), chromedp.SendKeys(chromedp.CSS("#spec-bytes"), "10mb"))
	x.press("#make", ".notice")
	x.says("acme", "*.example.com", "60 requests a minute", "1536 MiB a day", "10 MiB of specs", "0 bytes")
	x.look("tenants")
	x.press("button[aria-label='Show acme/test']", "h1")
	x.says("acme/test", "None yet. Upload your own")
	x.do(chromedp.Navigate(w.url + "/tenants/acme"))
	x.look("tenant")
	x.do(chromedp.SetValue(chromedp.CSS("#specs"), "1"), chromedp.SetValue(chromedp.CSS("#environments"), "live"))
	x.press("#save", ".notice")
	for _, each := range w.must("GET", "/v1/tenants", nil)["list"].([]any) {
		tenant := each.(map[string]any)
		if tenant["name"] == "acme" && (len(tenant["environments"].([]any)) != 3 || tenant["quota"].(map[string]any)["specs"] != 1.0) {
			t.Errorf("acme is %v", tenant)
		}
	}
}
