package provider

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// standInFor sends a request, signed with PLAINTEXT if it has a signature, to a provider that stands in for a service.
func standInFor(p *Provider, as StandIn, target string, oauth ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, target, nil)
	if len(oauth) > 0 {
		header := `OAuth oauth_signature_method="PLAINTEXT"`
		for i := 0; i+1 < len(oauth); i += 2 {
			header += `, ` + oauth[i] + `="` + url.QueryEscape(oauth[i+1]) + `"`
		}
		r.Header.Set("Authorization", header)
	}
	w := httptest.NewRecorder()
	p.ServeAs(as, w, r)
	return w
}

// TestStandIn has a provider play a service whose addresses, clients and tokens it was never told of: it finds by their
// protocol parameters what requests ask for, and holds every one to the secret of the first.
func TestStandIn(t *testing.T) {
	var events []Event
	p, err := New(Config{AutoApprove: true, DisableAdmin: true, Consumers: []Consumer{}, Log: func(e Event) { events = append(events, e) }, Strangers: &Strangers{
		Consumer: func(key string) (Consumer, error) {
			if key == "nobody" {
				return Consumer{}, errors.New("it has no secret")
			}
			return Consumer{Secret: "cs"}, nil
		},
		Token: func(token string) string {
			if token == "pasted" {
				return "ps"
			}
			return ""
		}}})
	if err != nil {
		t.Fatal(err)
	}
	last := func() Event { return events[len(events)-1] }
	form := func(w *httptest.ResponseRecorder) url.Values {
		t.Helper()
		v, err := url.ParseQuery(w.Body.String())
		if err != nil || w.Code != 200 {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		return v
	}
	temporary := form(standInFor(p, StandIn{}, "https://service.example/1/asks?page=1", "oauth_consumer_key", "ck", "oauth_signature", "cs&", "oauth_callback", "https://host.test/cb"))
	if last().Endpoint != "/request_token" {
		t.Errorf("tokens were asked for, and answered %s", last().Endpoint)
	}
	// The page of the service has words of its own, and another name for the token.
	w := standInFor(p, StandIn{Endpoint: "/authorize"}, "https://www.service.example/approve?page=2&deny=never&token="+url.QueryEscape(temporary.Get("oauth_token")))
	back, err := url.Parse(w.Header().Get("Location"))
	if err != nil || w.Code != 302 || !strings.HasPrefix(back.String(), "https://host.test/cb?") {
		t.Fatalf("approved: %d %v", w.Code, w.Header())
	}
	token := form(standInFor(p, StandIn{Format: "form"}, "https://service.example/1/trades", "oauth_consumer_key", "ck", "oauth_signature", "cs&"+url.QueryEscape(temporary.Get("oauth_token_secret")),
		"oauth_token", temporary.Get("oauth_token"), "oauth_verifier", back.Query().Get("oauth_verifier")))
	secret := "cs&" + url.QueryEscape(token.Get("oauth_token_secret"))
	for name, c := range map[string]struct {
		as     StandIn
		oauth  []string
		status int
		says   string
		kind   EventKind
	}{
		"the token used":                 {StandIn{}, []string{"oauth_consumer_key", "ck", "oauth_signature", secret, "oauth_token", token.Get("oauth_token")}, 200, `"name":"Ada"`, EventGranted},
		"for XML":                        {StandIn{Format: "xml"}, []string{"oauth_consumer_key", "ck", "oauth_signature", secret, "oauth_token", token.Get("oauth_token")}, 200, "<user", EventGranted},
		"by the consumer alone":          {StandIn{}, []string{"oauth_consumer_key", "ck", "oauth_signature", "cs&"}, 200, `"token":null`, EventGranted},
		"another secret than the first":  {StandIn{}, []string{"oauth_consumer_key", "ck", "oauth_signature", "other&"}, 401, "signature_invalid", EventRefused},
		"a temporary token that is used": {StandIn{}, []string{"oauth_consumer_key", "ck", "oauth_signature", "cs&x", "oauth_token", temporary.Get("oauth_token")}, 401, "token_rejected", EventRefused},
		"a token that the user pasted":   {StandIn{}, []string{"oauth_consumer_key", "ck", "oauth_signature", "cs&ps", "oauth_token", "pasted"}, 200, `"name":"Ada"`, EventGranted},
		"a token of nobody":              {StandIn{}, []string{"oauth_consumer_key", "ck", "oauth_signature", "cs&ps", "oauth_token", "other"}, 401, "token_rejected", EventRefused},
		"a consumer that signs wrong":    {StandIn{}, []string{"oauth_consumer_key", "nobody", "oauth_signature", "&"}, 401, "it%20has%20no%20secret", EventRefused},
		"half signed":                    {StandIn{}, []string{"oauth_consumer_key", "ck"}, 400, "oauth_signature", EventRefused},
		"not signed":                     {StandIn{}, nil, 200, `"name":"Ada"`, EventUnsigned},
		"an inspection":                  {StandIn{Endpoint: "/_admin/state"}, nil, 404, "no endpoint", EventRefused},
	} {
		w := standInFor(p, c.as, "https://api.service.example/v2/_admin/state", c.oauth...)
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.says) || last().Kind != c.kind {
			t.Errorf("%s: %d %s %s", name, w.Code, last().Kind, w.Body)
		}
	}
	// Before revision A the callback comes with the browser, and there is no verifier.
	old := form(standInFor(p, StandIn{Endpoint: "/request_token"}, "https://service.example/r", "oauth_consumer_key", "ck", "oauth_signature", "cs&"))
	w = standInFor(p, StandIn{Endpoint: "/authorize"}, "https://service.example/a?oauth_token="+url.QueryEscape(old.Get("oauth_token"))+"&oauth_callback="+url.QueryEscape("https://host.test/old"))
	if w.Header().Get("Location") != "https://host.test/old?oauth_token="+url.QueryEscape(old.Get("oauth_token")) || old.Get("oauth_callback_confirmed") != "" {
		t.Errorf("before revision A: %v %v", old, w.Header())
	}
	if got := form(standInFor(p, StandIn{}, "https://service.example/t", "oauth_consumer_key", "ck", "oauth_signature", "cs&"+url.QueryEscape(old.Get("oauth_token_secret")), "oauth_token", old.Get("oauth_token"))); got.Get("oauth_token_secret") == "" {
		t.Errorf("before revision A: %v", got)
	}
}
