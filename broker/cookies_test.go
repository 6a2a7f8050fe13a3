package broker_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/imlc-lang/imlc/broker"
)

// secure returns another broker of the same configuration whom browsers reach by https, and a browser that trusts it.
func (w *world) secure() (b *broker.Broker, front *httptest.Server, browser func() *http.Client) {
	w.Helper()
	var handler http.Handler
	front = httptest.NewTLSServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { handler.ServeHTTP(rw, r) }))
	w.Cleanup(front.Close)
	config := w.config
	config.URL = front.URL
	b, err := broker.New(config)
	if err != nil {
		w.Fatal(err)
	}
	handler = b.Handler()
	return b, front, func() *http.Client {
		client := *front.Client()
		client.Jar = w.browser().Jar
		return &client
	}
}

// TestCookiesAreOfThisHost holds that the cookies of a broker behind https are such as browsers take from its own host
// alone, and that no others count: what a neighbour of its domain plants neither logs an operator in as somebody else nor
// has a user give access to the session of an attacker. By plain http, on a machine of one's own, they keep their names.
func TestCookiesAreOfThisHost(t *testing.T) {
	w := start(t)
	w.spec()
	b, front, browser := w.secure()
	at, _ := url.Parse(front.URL)
	// begun opens a link of a session at the service, and returns the cookie of the session and the address to come back to.
	begun := func(client *http.Client, link string) (cookie *http.Cookie, callback string) {
		t.Helper()
		client.CheckRedirect = func(r *http.Request, _ []*http.Request) error {
			if strings.HasPrefix(r.URL.Path, "/callback") {
				callback = r.URL.String()
				return http.ErrUseLastResponse
			}
			return nil
		}
		visit(t, client, link, url.Values{})
		client.CheckRedirect = nil
		for _, c := range client.Jar.Cookies(at) {
			if strings.Contains(c.Name, "imlc_session_") {
				cookie = c
			}
		}
		if cookie == nil || callback == "" {
			t.Fatalf("a session begins with the cookie %v and comes back to %q", cookie, callback)
		}
		return cookie, callback
	}
	set := func(client *http.Client, address string, form url.Values) *http.Cookie {
		t.Helper()
		client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		defer func() { client.CheckRedirect = nil }()
		var res *http.Response
		var err error
		if form == nil {
			res, err = client.Get(address)
		} else {
			res, err = client.PostForm(address, form)
		}
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if len(res.Cookies()) != 1 {
			t.Fatalf("%s sets %v", address, res.Cookies())
		}
		return res.Cookies()[0]
	}
	link := func() string {
		return front.URL + strings.TrimPrefix(w.must("POST", "/v1/sessions", map[string]any{"spec": "demo"})["url"].(string), w.url)
	}
	login := func(b *broker.Broker) string {
		path, err := b.LoginPath(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		return path
	}
	for what, c := range map[string]*http.Cookie{"a login": set(browser(), front.URL+login(b), nil), "a session": set(browser(), link(), url.Values{})} {
		if !strings.HasPrefix(c.Name, "__Host-imlc_") || !c.Secure || c.Path != "/" || c.Domain != "" || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode {
			t.Errorf("the cookie of %s is none that browsers keep to this host: %v", what, c)
		}
	}
	if c := set(w.browser(), w.url+login(w.broker), nil); c.Name != "imlc_login" || c.Secure {
		t.Errorf("by plain http the cookie is %v", c)
	}

	// A neighbour can set every name but those with the prefix; some servers take other spellings for it.
	planted := func(name, value string) *http.Client {
		client := browser()
		client.Jar.SetCookies(at, []*http.Cookie{{Name: name, Value: value, Path: "/", Secure: true}})
		return client
	}
	client := browser()
	if status, _ := visit(t, client, front.URL+login(b), nil); status != 200 {
		t.Fatalf("a login: %d", status)
	}
	value := client.Jar.Cookies(at)[0].Value
	attacker := browser()
	session, callback := begun(attacker, link())
	for _, prefix := range []string{"", "__Secure-", "__host-", "__HOST-", "Host-"} {
		if status, _ := visit(t, planted(prefix+"imlc_login", value), front.URL+"/", nil); status != 401 {
			t.Errorf("a login planted as %simlc_login: %d", prefix, status)
		}
		if status, page := visit(t, planted(prefix+strings.TrimPrefix(session.Name, "__Host-"), session.Value), callback, nil); status != 400 || strings.Contains(page, "is connected") {
			t.Errorf("a session planted with the prefix %q: %d", prefix, status)
		}
	}
	if status, _ := visit(t, client, front.URL+"/", nil); status != 200 {
		t.Errorf("the login: %d", status)
	}
	if status, page := visit(t, attacker, callback, nil); status != 200 || !strings.Contains(page, "is connected") {
		t.Errorf("the session in its own browser: %d %s", status, page)
	}
	// What a neighbour plants beside does not get in the way of the browser's own.
	client.Jar.SetCookies(at, []*http.Cookie{{Name: "imlc_login", Value: "planted", Path: "/", Secure: true}})
	if status, _ := visit(t, client, front.URL+"/", nil); status != 200 {
		t.Errorf("a login beside a planted one: %d", status)
	}
}

// TestTypedCodeIsNotLed holds that no link ends a session whose user types a code: other sites can lead a browser to the
// callback, and only the page of the session takes codes.
func TestTypedCodeIsNotLed(t *testing.T) {
	w := start(t)
	w.spec()
	w.must("PUT", "/v1/specs/demo/settings", map[string]any{"outOfBand": true,
		"parameters": map[string]any{"baseUrl": w.provider.URL(), "consumerKey": consumerKey, "consumerSecret": consumerSecret}})
	session := w.must("POST", "/v1/sessions", map[string]any{"spec": "demo"})
	client := w.browser()
	visit(t, client, session["url"].(string), url.Values{})
	if status, _ := visit(t, client, w.url+"/callback?oauth_verifier=guessed", nil); status != 400 {
		t.Errorf("led to the callback: %d", status)
	}
	if s := w.must("GET", "/v1/sessions/"+session["id"].(string), nil); s["status"] != "waiting" {
		t.Errorf("afterwards the session is %v", s)
	}
}
