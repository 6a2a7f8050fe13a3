package broker_test

import (
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"

	"github.com/imlc-lang/imlc/broker"
	"github.com/imlc-lang/imlc/broker/oidc"
	"github.com/imlc-lang/imlc/broker/store"
)

// signsIn starts a broker that lets people in whom the issuer knows, by rules.
func signsIn(t *testing.T, i *issuer, rules ...string) *world {
	t.Helper()
	return startWith(t, func(w *world) {
		w.config.SignIn = &broker.SignIn{Config: oidc.Config{Issuer: i.URL, ClientID: issuerClient, ClientSecret: issuerSecret, AllowPrivate: true}, Name: "Example", Allow: rules}
	})
}

// step asks for an address without following where it leads.
func step(t testing.TB, client *http.Client, address string) *http.Response {
	t.Helper()
	still := *client
	still.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	res, err := still.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	return res
}

// there goes to the issuer and returns the address that it sends the browser back to.
func (w *world) there(client *http.Client) string {
	w.Helper()
	res := step(w.TB, client, w.url+"/login/oidc?next=https://evil.example/")
	if res.StatusCode != http.StatusSeeOther {
		w.Fatalf("the way to the issuer: %d", res.StatusCode)
	}
	res = step(w.TB, client, res.Header.Get("Location"))
	return res.Header.Get("Location")
}

// audits are the actors of an action in all spaces.
func (w *world) audits(action string) (actors []string) {
	w.Helper()
	if err := w.store.All(context.Background(), func(r store.Record) error {
		var a broker.Audit
		if r.Kind == "audit" && json.Unmarshal(r.Body, &a) == nil && a.Action == action {
			actors = append(actors, a.Actor)
		}
		return nil
	}); err != nil {
		w.Fatal(err)
	}
	return actors
}

// TestSignIn takes a person from the button to the pages and out again, with keys of both kinds.
func TestSignIn(t *testing.T) {
	for name, sign := range map[string]func(*issuer, map[string]any) string{"RSA": byRSA, "EC": byEC} {
		t.Run(name, func(t *testing.T) {
			i := newIssuer(t)
			i.sign = sign
			w := signsIn(t, i, "email=*@example.com -> admin")
			client := w.browser()
			u, _ := url.Parse(w.url)
			client.Jar.SetCookies(u, []*http.Cookie{{Name: "imlc_login", Value: "planted"}})
			status, page := visit(t, client, w.url+"/", nil)
			if status != 401 || !strings.Contains(page, `href="/login/oidc">Sign in with Example</a>`) {
				t.Fatalf("before: %d %s", status, page)
			}
			res := step(t, client, w.there(client)+"&next=https://evil.example/&redirect=//evil.example")
			if res.StatusCode != http.StatusSeeOther || res.Header.Get("Location") != "/" {
				t.Fatalf("the way back leads to %q: %d", res.Header.Get("Location"), res.StatusCode)
			}
			for _, c := range res.Cookies() {
				if !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Value == "planted" || c.Name == "imlc_signin" && c.MaxAge >= 0 {
					t.Errorf("the cookie %v", c)
				}
			}
			if status, page := visit(t, client, w.url+"/", nil); status != 200 || !strings.Contains(page, "Log out") {
				t.Fatalf("after: %d %s", status, page)
			}
			if status, _ := visit(t, client, w.url+"/keys", url.Values{"csrf": {"wrong"}, "name": {"x"}}); status != 401 {
				t.Errorf("a form of another site: %d", status)
			}
			if status, _ := visit(t, client, w.url+"/keys", url.Values{"csrf": {w.csrf(client)}, "name": {"x"}, "scope": {"read"}}); status != 200 {
				t.Errorf("a form: %d", status)
			}
			for action, want := range map[string]string{"login": "person ada@example.com (248289761001)", "key.create": "person ada@example.com (248289761001)"} {
				if got := w.audits(action); !slices.Contains(got, want) {
					t.Errorf("%s was done by %q", action, got)
				}
			}
			for _, secret := range []string{issuerSecret, "canary-access-token"} {
				if strings.Contains(w.logs.String(), secret) {
					t.Errorf("the log has %s", secret)
				}
			}
			if status, _ := visit(t, client, w.url+"/logout", url.Values{"csrf": {w.csrf(client)}}); status != 401 {
				t.Errorf("after the logout: %d", status)
			}
		})
	}
}

// TestSignInEnds holds that a person's login ends when its time is over, and that other rules make a person sign in again.
func TestSignInEnds(t *testing.T) {
	i := newIssuer(t)
	w := signsIn(t, i, "sub=248289761001 -> admin")
	client := w.browser()
	if status, page := visit(t, client, w.url+"/login/oidc", nil); status != 200 {
		t.Fatalf("%d %s", status, page)
	}
	u, _ := url.Parse(w.url)
	at := func(handler http.Handler) int {
		req := httptest.NewRequest("GET", w.url+"/", nil)
		req.AddCookie(client.Jar.Cookies(u)[0])
		res := httptest.NewRecorder()
		handler.ServeHTTP(res, req)
		return res.Code
	}
	_, same := w.peer()
	w.config.SignIn.Allow = []string{"sub=248289761001 -> tenant default read"}
	_, other := w.peer()
	w.config.SignIn = nil
	_, none := w.peer()
	if at(same) != 200 || at(other) != 401 || at(none) != 401 {
		t.Errorf("at a process with the same rules: %d, with others: %d, without a provider: %d", at(same), at(other), at(none))
	}
	if status, _ := visit(t, client, w.url+"/", nil); status != 200 {
		t.Errorf("under the same rules: %d", status)
	}
	w.ahead.Store(int64(13 * time.Hour))
	if status, _ := visit(t, client, w.url+"/", nil); status != 401 {
		t.Errorf("half a day later: %d", status)
	}
}

// TestSignInRefused has an issuer, a browser and other people do what they must not.
func TestSignInRefused(t *testing.T) {
	set := func(name string, value any) func(*issuer) {
		return func(i *issuer) {
			i.claims = func(c map[string]any) {
				if c[name] = value; value == nil {
					delete(c, name)
				}
			}
		}
	}
	by := func(f func(*issuer, map[string]any) string) func(*issuer) { return func(i *issuer) { i.sign = f } }
	describes := func(name string, value any) func(*issuer) {
		return func(i *issuer) { i.discovery = func(d map[string]any) { d[name] = value } }
	}
	comes := func(name string, value ...string) func(*issuer) {
		return func(i *issuer) { i.back = func(q url.Values) { q[name] = value } }
	}
	stranger := newIssuer(t)
	for name, c := range map[string]struct {
		change func(*issuer)
		status int
		says   string
		logs   string
	}{
		"all is well":                  {func(*issuer) {}, 200, "Log out", ""},
		"another nonce":                {set("nonce", "x"), 502, "did not work", "another request"},
		"no nonce":                     {set("nonce", nil), 502, "did not work", "another request"},
		"another audience":             {set("aud", "other"), 502, "did not work", "audience"},
		"several audiences":            {set("aud", []string{issuerClient, "other"}), 502, "did not work", "another client"},
		"made for another client":      {set("azp", "other"), 502, "did not work", "another client"},
		"another issuer":               {set("iss", "https://evil.example"), 502, "did not work", "different provider"},
		"expired":                      {set("exp", time.Now().Add(-time.Second).Unix()), 502, "did not work", "expired"},
		"without an end":               {set("exp", nil), 502, "did not work", "expired"},
		"of the future":                {set("nbf", time.Now().Add(time.Hour).Unix()), 502, "did not work", "not before"},
		"of nobody":                    {set("sub", ""), 502, "did not work", "no subject"},
		"alg none":                     {by(byNobody), 502, "did not work", "malformed jwt"},
		"signed with the public key":   {by(byPublicKey), 502, "did not work", "malformed jwt"},
		"signed by somebody else":      {by(byStranger), 502, "did not work", "verify"},
		"an address not verified":      {set("email_verified", false), 403, "you are 248289761001", "nobody lets"},
		"an address never verified":    {set("email_verified", nil), 403, "you are 248289761001", "nobody lets"},
		"an address elsewhere":         {set("email", "ada@example.com.evil"), 403, "no rule", "nobody lets"},
		"two addresses":                {set("email", "eve@evil.example,ada@example.com"), 403, "no rule", "nobody lets"},
		"another state":                {comes("state", "x"), 400, "begin again", ""},
		"no state":                     {comes("state"), 400, "begin again", ""},
		"from another issuer":          {comes("iss", "https://evil.example"), 400, "begin again", ""},
		"refused there":                {comes("error", "access_denied"), 403, "did not let you in", ""},
		"another code":                 {comes("code", "x"), 502, "did not work", "invalid_grant"},
		"of another name":              {describes("issuer", "https://evil.example"), 502, "did not work", "discovery"},
		"a page of scripts":            {describes("authorization_endpoint", "javascript:alert(1)"), 502, "did not work", "one of https"},
		"no PKCE":                      {describes("code_challenge_methods_supported", []string{"plain"}), 502, "did not work", "PKCE"},
		"no keys":                      {describes("jwks_uri", ""), 502, "did not work", "jwks_uri"},
		"keys inside the network":      {describes("jwks_uri", stranger.URL+"/keys"), 502, "did not work", "not allowed"},
		"tokens inside the network":    {describes("token_endpoint", stranger.URL+"/token"), 502, "did not work", "not allowed"},
		"tokens of a metadata service": {describes("token_endpoint", "https://169.254.169.254/token"), 502, "did not work", "metadata"},
		"tokens behind a redirect": {func(i *issuer) {
			i.token = func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, stranger.URL+"/token", http.StatusTemporaryRedirect)
			}
		}, 502, "did not work", "status 307"},
		"an answer without end": {func(i *issuer) {
			i.token = func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				for range 2 << 10 {
					_, _ = w.Write([]byte(strings.Repeat(" ", 1<<10)))
				}
			}
		}, 502, "did not work", "token"},
		"a description without end": {describes("padding", strings.Repeat("x", 2<<20)), 502, "did not work", "longer than 1 MiB"},
		"no token of a person": {func(i *issuer) {
			i.token = func(w http.ResponseWriter, r *http.Request) {
				says(w, map[string]any{"access_token": "canary-access-token", "token_type": "Bearer"})
			}
		}, 502, "did not work", "no id_token"},
	} {
		t.Run(name, func(t *testing.T) {
			i := newIssuer(t)
			c.change(i)
			w := signsIn(t, i, "email=*@example.com -> admin")
			client := w.browser()
			status, page := visit(t, client, w.url+"/login/oidc", nil)
			if status != c.status || !strings.Contains(page, c.says) {
				t.Errorf("%d, want %d and %q: %s", status, c.status, c.says, page)
			}
			if !strings.Contains(w.logs.String(), c.logs) {
				t.Errorf("the log lacks %q: %s", c.logs, w.logs)
			}
			for _, detail := range []string{"canary", "invalid_grant", "oidc:", i.URL, "nonce"} {
				if strings.Contains(page, detail) {
					t.Errorf("the page tells %q: %s", detail, page)
				}
			}
			for _, secret := range []string{"canary-access-token", "canary-description", issuerSecret} {
				if strings.Contains(w.logs.String(), secret) {
					t.Errorf("the log has %q", secret)
				}
			}
			if status, _ := visit(t, client, w.url+"/", nil); status != 401 && c.status != 200 {
				t.Errorf("afterwards the pages answer %d", status)
			}
		})
	}
	if stranger.asked > 0 {
		t.Error("a server that is not the issuer was asked for a token")
	}
}

// TestSignInOnce has the answer of an issuer come twice, in another browser, and too late. Each ends before the issuer is
// asked.
func TestSignInOnce(t *testing.T) {
	i := newIssuer(t)
	w := signsIn(t, i, "email=*@example.com -> admin")
	client := w.browser()
	back := w.there(client)
	u, _ := url.Parse(w.url + "/login/callback")
	cookies := client.Jar.Cookies(u)
	refused := func(who string, client *http.Client) {
		t.Helper()
		asked := i.asked
		if status, page := visit(t, client, back, nil); status != 400 || !strings.Contains(page, "begin again") {
			t.Errorf("%s: %d %s", who, status, page)
		}
		if i.asked != asked {
			t.Errorf("%s: the issuer was asked", who)
		}
	}
	refused("without the cookie, as a browser that an attacker leads", w.browser())
	other := w.browser()
	w.there(other)
	refused("with the cookie of another sign-in", other)
	if status, _ := visit(t, client, back, nil); status != 200 {
		t.Fatalf("the sign-in: %d", status)
	}
	refused("again", client)
	thief := w.browser()
	thief.Jar.SetCookies(u, cookies)
	refused("again, with the cookie that was there", thief)
	late := w.browser()
	back = w.there(late)
	_, secret, _ := strings.Cut(late.Jar.Cookies(u)[0].Value, ".")
	w.ahead.Store(int64(11 * time.Minute))
	refused("after eleven minutes", late)
	// A browser that makes its cookie younger has another secret, to which the answer does not belong.
	late.Jar.SetCookies(u, []*http.Cookie{{Name: "imlc_signin", Path: "/", Value: strconv.FormatInt(time.Now().Add(10*time.Minute).Unix(), 10) + "." + secret}})
	refused("with a younger cookie", late)
}

// TestSignInForgetsKeys holds that a key which the issuer has withdrawn is worth nothing an hour later.
func TestSignInForgetsKeys(t *testing.T) {
	i := newIssuer(t)
	i.claims = func(c map[string]any) { c["exp"] = time.Now().Add(5 * time.Hour).Unix() }
	w := signsIn(t, i, "email=*@example.com -> admin")
	enter := func(want int, when string) {
		t.Helper()
		if status, _ := visit(t, w.browser(), w.url+"/login/oidc", nil); status != want {
			t.Errorf("%s: %d", when, status)
		}
	}
	enter(200, "at first")
	old := &issuer{rsa: i.rsa}
	i.rsa = newIssuer(t).rsa
	i.sign = func(_ *issuer, claims map[string]any) string { return byRSA(old, claims) }
	w.ahead.Store(int64(61 * time.Minute))
	enter(502, "by the key that was withdrawn")
	i.sign = nil
	enter(200, "by the key that there is")
}

// TestSignInGuessing tries answers that nobody gave: an address that does is slowed down.
func TestSignInGuessing(t *testing.T) {
	w := signsIn(t, newIssuer(t), "email=*@example.com -> admin")
	count := map[int]int{}
	for range 30 {
		status, _ := visit(t, w.browser(), w.url+"/login/callback?state=x&code=y", nil)
		count[status]++
	}
	if count[400] != 20 || count[429] != 10 {
		t.Errorf("30 guesses: %v", count)
	}
}

// TestSignInStaysOutside has an issuer in the broker's own network that the operator did not allow to be there.
func TestSignInStaysOutside(t *testing.T) {
	i := newIssuer(t)
	w := startWith(t, func(w *world) {
		w.config.SignIn = &broker.SignIn{Config: oidc.Config{Issuer: i.URL, ClientID: issuerClient}, Allow: []string{"sub=x -> admin"}}
	})
	reached := false
	i.discovery = func(map[string]any) { reached = true }
	if status, _ := visit(t, w.browser(), w.url+"/login/oidc", nil); status != 502 || reached || !strings.Contains(w.logs.String(), "plain http is not allowed") {
		t.Errorf("%d, reached: %v", status, reached)
	}
}

// TestRules reads rules and tries them.
func TestRules(t *testing.T) {
	claims := map[string]any{"sub": "1", "email": "ada@example.com", "groups": []any{"dev", "ops"}, "level": json.Number("7"), "staff": true,
		"https://example.com/roles": []any{"boss"}, "realm_access": map[string]any{"roles": []any{"broker-admin"}}}
	all := append(broker.Scopes(), broker.ScopeAdmin)
	for text, want := range map[string][]broker.Scope{
		"groups=ops -> admin": all, "groups=op -> admin": nil, "groups=OPS -> admin": nil, "groups=o* -> admin": all, "groups=ops* -> admin": nil, "groups=*s -> admin": all, "groups=d*v -> admin": all,
		"email=*@example.com -> admin": all, "email=*@Example.com -> admin": all, "email=ADA@example.com -> admin": all, "email=ada* -> admin": nil, "email=*example.com -> admin": nil,
		"sub=1 -> tenant acme read proxy": {"read", "proxy"}, "sub=1 -> tenant acme/test read": {"read"}, "sub=1* -> admin": nil,
		"level=7 -> admin": all, "staff=true -> admin": all, "staff=* true -> admin": nil, "none=x -> admin": nil, "realm_access=x -> admin": nil,
		"https://example.com/roles=boss -> admin": all, "realm_access.roles=broker-admin -> admin": all, "realm_access.none=x -> admin": nil, "a.b.c=x -> admin": nil,
		" groups = ops  ->  tenant acme  read ": {"read"},
	} {
		got, err := broker.RuleGives(text, claims)
		if err != nil {
			t.Errorf("%q: %v", text, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q: %s", text, diff)
		}
	}
	for text, want := range map[string]string{
		"": "expected CLAIM", "groups=ops": "expected CLAIM", "groups -> admin": "expected CLAIM", "=ops -> admin": "empty", "groups= -> admin": "empty", "sub=* -> admin": "everybody",
		"groups=*a* -> admin": "one *", "groups=ops -> root": "expected behind", "groups=ops -> admin read": "expected behind", "groups=ops -> tenant acme": "expected behind",
		"groups=ops -> tenant acme admin": "no scope", "groups=ops -> tenant acme write": "no scope", "groups=ops -> tenant ../x read": "no name", "groups=ops -> tenant acme/ read": "no name",
		"groups=ops -> tenant / read": "no name",
	} {
		if _, err := broker.RuleGives(text, claims); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

// mayRead are the pages of somebody who may read, and what can be done with them.
var mayRead = []string{"GET /{$}", "GET /specs", "GET /specs/{name}", "GET /specs/{name}/diff", "GET /specs/{name}/plan", "GET /connections", "GET /connections/{id}", "GET /flows/{id}", "GET /webhooks",
	"GET /webhooks/{id}", "GET /tenants", "POST /space"}

var forms = regexp.MustCompile(`<form method="post"( action="([^"]*)")?`)

// TestPersonsMay has people at every page whom rules let do some of it: what they may not they are neither offered nor
// given, by the API neither, and of other tenants they see nothing.
func TestPersonsMay(t *testing.T) {
	i := newIssuer(t)
	w := signsIn(t, i, "sub=reader -> tenant default read", "sub=keeper -> tenant default/main read keys", "sub=eve -> tenant eve read", "sub=nowhere -> tenant none read")
	w.must("POST", "/v1/tenants", map[string]any{"name": "eve"})
	ids := w.things()
	enter := func(sub string) *http.Client {
		t.Helper()
		i.person = map[string]any{"sub": sub}
		client := w.browser()
		if status, page := visit(t, client, w.url+"/login/oidc", nil); status != 200 {
			t.Fatalf("%s: %d %s", sub, status, page)
		}
		return client
	}
	reader := enter("reader")
	csrf := w.csrf(reader)
	for _, p := range w.operatorPages(ids) {
		if p.pattern == "POST /logout" {
			continue
		}
		status, text := w.ask(reader, p, url.Values{"csrf": {csrf}, "space": {"default/main"}, "name": {"x"}, "scope": {"read"}})
		if may := slices.Contains(mayRead, p.pattern); may && status != 200 || !may && (status != 403 || !strings.Contains(text, "you do not have the scope")) {
			t.Errorf("%s for a reader: %d", p.pattern, status)
		}
		for _, f := range forms.FindAllStringSubmatch(text, -1) {
			if f[2] != "/logout" && f[2] != "/space" {
				t.Errorf("%s offers a reader %s", p.pattern, f[0])
			}
		}
	}
	keeper := enter("keeper")
	csrf = w.csrf(keeper)
	for scope, want := range map[string]int{"read": 200, "keys": 200, "reveal": 403, "admin": 403} {
		if status, _ := visit(t, keeper, w.url+"/keys", url.Values{"csrf": {csrf}, "name": {"x"}, "scope": {scope}}); status != want {
			t.Errorf("a key with the scope %s: %d", scope, status)
		}
	}
	_, page := visit(t, keeper, w.url+"/keys", nil)
	if strings.Contains(page, `value="reveal"`) || !strings.Contains(page, `value="keys"`) || strings.Contains(page, `action="/rotate"`) {
		t.Errorf("the keys of a keeper: %s", page)
	}
	for path, want := range map[string]int{"/v1/connections": 200, "/v1/tenants": 403, "/v1/keys": 200} {
		req, _ := http.NewRequest("GET", w.url+path, nil)
		req.Header.Set("Imlc-Csrf", csrf)
		req.Header.Set("Imlc-Space", "eve/main")
		res, err := keeper.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		if res.Body.Close(); res.StatusCode != want {
			t.Errorf("%s: %d", path, res.StatusCode)
		}
	}
	eve := enter("eve")
	csrf = w.csrf(eve)
	for _, space := range []string{"default/main", "default", "none/main"} {
		if status, page := visit(t, eve, w.url+"/space", url.Values{"csrf": {csrf}, "space": {space}}); status != 404 {
			t.Errorf("the space %s for somebody else: %d %s", space, status, page)
		}
	}
	for _, p := range w.operatorPages(ids) {
		if p.method != http.MethodGet {
			continue
		}
		_, text := w.ask(eve, p, nil)
		if strings.Contains(text, "default") || mentions(text, "ada") {
			t.Errorf("%s shows another tenant: %s", p.pattern, text)
		}
	}
	i.person = map[string]any{"sub": "nowhere"}
	if status, page := visit(t, w.browser(), w.url+"/login/oidc", nil); status != 403 {
		t.Errorf("a tenant that does not exist: %d %s", status, page)
	}
	if got := slices.Compact(slices.Sorted(slices.Values(w.audits("login")))); !cmp.Equal(got, []string{"person eve", "person keeper", "person reader"}) {
		t.Errorf("logins of %q", got)
	}
}

// TestSignInShown holds that nothing of this is there without a provider, and that what a person is called cannot be more
// than a word.
func TestSignInShown(t *testing.T) {
	w := start(t)
	if status, page := visit(t, w.browser(), w.url+"/", nil); status != 401 || strings.Contains(page, "Sign in") {
		t.Errorf("%d %s", status, page)
	}
	for _, path := range []string{"/login/oidc", "/login/callback"} {
		if status, _ := visit(t, w.browser(), w.url+path, nil); status != 404 {
			t.Errorf("%s: %d", path, status)
		}
	}
	i := newIssuer(t)
	maps.Copy(i.person, map[string]any{"sub": "<script>\u202e\n" + strings.Repeat("x", 1000)})
	w = signsIn(t, i, "email=*@example.com -> admin")
	client := w.browser()
	visit(t, client, w.url+"/login/oidc", nil)
	req, _ := http.NewRequest("GET", w.url+"/login/callback", nil)
	req.Header.Set("Accept-Language", "de")
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if text, _ := io.ReadAll(res.Body); res.StatusCode != 400 || !strings.Contains(string(text), `<html lang="en">`) {
		t.Errorf("a page of operators is in two languages: %d %s", res.StatusCode, text)
	}
	for _, actor := range w.audits("login") {
		if len(actor) > 250 || strings.ContainsAny(actor, "\n\u202e") {
			t.Errorf("the person is called %q", actor)
		}
	}
	if _, page := visit(t, client, w.url+"/keys", nil); strings.Contains(page, "<script>\u202e") || strings.Contains(page, "(<script>") {
		t.Errorf("a page with what a person is called: %s", page)
	}
}

// TestSignInPage looks at the page that asks an operator to sign in, and presses its button.
func TestSignInPage(t *testing.T) {
	x := openBrowser(t)
	i := newIssuer(t)
	w := signsIn(t, i, "email=*@example.com -> tenant default read")
	w.spec()
	x.denied = true
	x.do(chromedp.Navigate(w.url + "/"))
	x.look("sign-in")
	x.press("#sign-in", "#logout")
	x.says("demo", "default/main")
	x.look("overview-reader")
	x.do(chromedp.Navigate(w.url + "/specs/demo"))
	x.look("spec-reader")
}
