package provider

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestVerifier(t *testing.T) {
	h := newHarness(t)
	for _, method := range SignatureMethods() {
		for _, transport := range transports {
			s := h.signer(method, transport)
			token, secret := s.temporary("http://client.test/cb")
			temporary := s.as(token, secret)
			wantProblem(t, temporary.exchange("early"), 401, "permission_unknown")
			verifier := h.approve(token)
			otherToken, otherSecret := s.temporary("http://client.test/cb")
			h.approve(otherToken)
			wantProblem(t, temporary.exchange(verifier+"x"), 401, "verifier_invalid")
			wantProblem(t, temporary.exchange(""), 400, "parameter_absent")
			wantProblem(t, s.as(otherToken, otherSecret).exchange(verifier), 401, "verifier_invalid")
			if !strings.HasPrefix(method, "RSA") { // RSA uses no secret (RFC 5849 §3.4.3)
				wantProblem(t, s.as(token, "wrong").exchange(verifier), 401, "signature_invalid")
			}
			answerForm(t, temporary.exchange(verifier), 200)
			wantProblem(t, temporary.exchange(verifier), 401, "token_used")
			wantProblem(t, temporary.get("/resource"), 401, "token_rejected")
		}
	}
}

func TestVerifierCannotBeGuessed(t *testing.T) {
	h := newHarness(t)
	s := h.signer("HMAC-SHA1", TransportHeader)
	token, secret := s.temporary("oob")
	h.serve(httptest.NewRequest("GET", "/authorize?oauth_token="+escape(token), nil))
	for range maxVerifierTries {
		wantProblem(t, s.as(token, secret).exchange("guess"), 401, "verifier_invalid")
	}
	wantProblem(t, s.as(token, secret).exchange("guess"), 401, "token_rejected")
}

func TestCallbacks(t *testing.T) {
	h := newHarness(t)
	s := h.signer("HMAC-SHA1", TransportQuery)
	good := map[string]string{
		"http://c.test/cb":               "http://c.test/cb?",
		"http://c.test/cb?":              "http://c.test/cb?",
		"http://c.test/cb?a=%2Fb":        "http://c.test/cb?a=%2Fb&",
		"http://c.test/cb?a=b&":          "http://c.test/cb?a=b&",
		"myapp:back":                     "myapp:back?",
		"https://[::1]:8/cb":             "https://[::1]:8/cb?",
		"http://c.test/cb?x=1#part":      "http://c.test/cb?x=1&",
		"http://c.test/é":                "http://c.test/é?",
		"com.example.app://host?q=oauth": "com.example.app://host?q=oauth&",
	}
	for callback, begins := range good {
		token, _ := s.temporary(callback)
		location := h.serve(httptest.NewRequest("GET", "/authorize?oauth_token="+escape(token), nil)).Header().Get("Location")
		if !strings.HasPrefix(location, begins+"oauth_token="+escape(token)+"&oauth_verifier=") {
			t.Errorf("%s: redirected to %s", callback, location)
		}
		if strings.HasSuffix(callback, "#part") != strings.HasSuffix(location, "#part") {
			t.Errorf("%s: fragment in %s", callback, location)
		}
	}
	for _, callback := range []string{"OOB", "/cb", "cb", "//c.test/cb", "javascript:alert(1)", "DATA:x", "file:///x", "http:", "http:c.test", "http:///x", "http://?x", "http://c.test/a\r\nSet-Cookie: x", "http://c.test/a b", ":x", "1a:b", "a_b:c"} {
		w := s.with(func(c *signer) { c.extra = []Parameter{{"oauth_callback", callback}} }).post("/request_token", "")
		wantProblem(t, w, 400, "parameter_rejected")
	}
	wantProblem(t, s.post("/request_token", ""), 400, "parameter_absent")
}

func TestConfirmedFlag(t *testing.T) {
	for _, unconfirmed := range []bool{false, true} {
		h := newHarness(t, func(c *Config) { c.CallbackUnconfirmed = unconfirmed })
		s := h.signer("HMAC-SHA1", TransportHeader).with(func(s *signer) { s.extra = []Parameter{{"oauth_callback", "oob"}} })
		fields := answerForm(t, s.post("/request_token", ""), 200)
		if value, sent := fields["oauth_callback_confirmed"]; sent == unconfirmed || sent && value != "true" {
			t.Errorf("unconfirmed %v: oauth_callback_confirmed is %q", unconfirmed, value)
		}
	}
}

func TestOutOfBand(t *testing.T) {
	h := newHarness(t)
	s := h.signer("HMAC-SHA1", TransportHeader)
	token, secret := s.temporary("oob")
	if w := h.serve(httptest.NewRequest("GET", "/authorize?deny=1&oauth_token="+escape(token), nil)); w.Code != 403 || w.Body.String() != "denied" {
		t.Errorf("denial: %d %s", w.Code, w.Body)
	}
	wantProblem(t, s.as(token, secret).exchange("x"), 401, "permission_denied")
	shown := answerJSON(t, h.serve(httptest.NewRequest("GET", "/authorize?oauth_token="+escape(token), nil)), 200)
	answerForm(t, s.as(token, secret).exchange(shown["oauth_verifier"].(string)), 200)
	for _, query := range []string{"", "?oauth_token=x", "?oauth_token=" + escape(token)} {
		if w := h.serve(httptest.NewRequest("GET", "/authorize"+query, nil)); w.Code != 400 {
			t.Errorf("authorize%s: %d, want 400", query, w.Code)
		}
	}
}

func TestDenial(t *testing.T) {
	h := newHarness(t)
	s := h.signer("HMAC-SHA1", TransportHeader)
	token, secret := s.temporary("http://c.test/cb?a=1")
	w := h.serve(httptest.NewRequest("GET", "/authorize?deny=1&oauth_token="+escape(token), nil))
	if want := "http://c.test/cb?a=1&denied=" + escape(token) + "&oauth_problem=permission_denied"; w.Code != 302 || w.Header().Get("Location") != want {
		t.Errorf("%d to %s", w.Code, w.Header().Get("Location"))
	}
	wantProblem(t, s.as(token, secret).exchange("x"), 401, "permission_denied")
}

func TestApprovePage(t *testing.T) {
	h := newHarness(t, func(c *Config) { c.AutoApprove = false })
	s := h.signer("HMAC-SHA1", TransportHeader).with(func(s *signer) { s.consumer, s.secret = "ck special!*'()", "s&c+r/e=t%" })
	ticket := regexp.MustCompile(`name="ticket" value="([^"]*)"`)
	open := func(callback string) (token, secret, form string) {
		token, secret = s.temporary(callback)
		w := h.serve(httptest.NewRequest("GET", "/authorize?oauth_token="+escape(token), nil))
		found := ticket.FindStringSubmatch(w.Body.String())
		if w.Code != 200 || found == nil || w.Header().Get("X-Frame-Options") != "DENY" {
			t.Fatalf("page: %d %v %s", w.Code, w.Header(), w.Body)
		}
		value := strings.NewReplacer("&#43;", "+", "&#39;", "'", "&amp;", "&").Replace(found[1])
		return token, secret, joinForm([]Parameter{{"oauth_token", token}, {"ticket", value}})
	}
	press := func(form string) *httptest.ResponseRecorder {
		r := httptest.NewRequest("POST", "/authorize", strings.NewReader(form))
		r.Header.Set("Content-Type", formType)
		return h.serve(r)
	}
	token, secret, form := open("http://c.test/<cb>")
	wantProblem(t, s.as(token, secret).exchange("x"), 401, "permission_unknown")
	if w := press(strings.Replace(form, "ticket=", "ticket=x", 1) + "&decision=approve"); w.Code != 403 {
		t.Errorf("wrong ticket: %d", w.Code)
	}
	if w := press(form + "&decision=maybe"); w.Code != 400 {
		t.Errorf("wrong decision: %d", w.Code)
	}
	w := press(form + "&decision=approve")
	location := w.Header().Get("Location")
	if w.Code != 303 || !strings.HasPrefix(location, "http://c.test/<cb>?oauth_token=") {
		t.Fatalf("approve: %d to %s", w.Code, location)
	}
	_, query, _ := strings.Cut(location, "?")
	verifier, _ := find(splitForm(query), "oauth_verifier")
	answerForm(t, s.as(token, secret).exchange(verifier), 200)
	if w := press(form + "&decision=approve"); w.Code != 400 {
		t.Errorf("pressed twice: %d", w.Code)
	}
	_, _, form = open("oob")
	if w := press(form + "&decision=approve"); w.Code != 200 || !strings.Contains(w.Body.String(), `id="oauth_verifier"`) {
		t.Errorf("oob: %d %s", w.Code, w.Body)
	}
	_, _, form = open("oob")
	if w := press(form + "&decision=deny"); w.Code != 200 || !strings.Contains(w.Body.String(), "Denied") {
		t.Errorf("oob denied: %d %s", w.Code, w.Body)
	}
}

func TestExpiryAndRenewal(t *testing.T) {
	for _, path := range []string{"/renew", "/access_token"} {
		for _, method := range []string{"HMAC-SHA1", "RSA-SHA256", "PLAINTEXT"} {
			h := newHarness(t, func(c *Config) { c.Lifetime, c.SessionLifetime = time.Minute, time.Hour })
			s, fields := h.signer(method, TransportHeader).dance()
			handle := func(value string) func(*signer) {
				return func(c *signer) { c.extra = []Parameter{{"oauth_session_handle", value}} }
			}
			answerJSON(t, s.get("/resource"), 200)
			h.clock.Advance(61 * time.Second)
			wantProblem(t, s.get("/resource"), 401, "token_expired")
			wantProblem(t, s.with(handle("other")).post(path, ""), 401, "token_rejected")
			fresh := answerForm(t, s.with(handle(fields["oauth_session_handle"])).post(path, ""), 200)
			if fresh["oauth_session_handle"] != fields["oauth_session_handle"] || fresh["oauth_authorization_expires_in"] != "3539" {
				t.Errorf("renewed to %v", fresh)
			}
			wantProblem(t, s.get("/resource"), 401, "token_revoked")
			wantProblem(t, s.with(handle(fields["oauth_session_handle"])).post(path, ""), 401, "token_revoked")
			renewed := s.as(fresh["oauth_token"], fresh["oauth_token_secret"])
			answerJSON(t, renewed.get("/resource"), 200)
			if !h.Expire(renewed.token) {
				t.Error("the token is not known")
			}
			wantProblem(t, renewed.get("/me"), 401, "token_expired")
			h.clock.Advance(time.Hour)
			wantProblem(t, renewed.with(handle(fields["oauth_session_handle"])).post(path, ""), 401, "token_expired")
		}
	}
	h := newHarness(t)
	s, _ := h.signer("HMAC-SHA1", TransportHeader).dance()
	wantProblem(t, s.post("/renew", ""), 400, "parameter_absent")
	if !h.Revoke(s.token) || h.Revoke("none") {
		t.Error("revoke reports the wrong thing")
	}
	wantProblem(t, s.get("/resource"), 401, "token_revoked")
}

// TestConcurrentSingleUse lets many clients try the same single-use step: one wins.
func TestConcurrentSingleUse(t *testing.T) {
	h := newHarness(t)
	s := h.signer("HMAC-SHA1", TransportHeader)
	token, secret := s.temporary("http://c.test/")
	verifier := h.approve(token)
	temporary := s.as(token, secret).with(func(c *signer) { c.extra = []Parameter{{"oauth_verifier", verifier}} })
	if won := race(h, func() *http.Request { return temporary.sign(plainRequest{method: "POST", url: "/access_token"}) }); won != 1 {
		t.Errorf("%d exchanges of one request token won", won)
	}
	s, fields := s.dance()
	renewing := s.with(func(c *signer) { c.extra = []Parameter{{"oauth_session_handle", fields["oauth_session_handle"]}} })
	if won := race(h, func() *http.Request { return renewing.sign(plainRequest{method: "POST", url: "/renew"}) }); won != 1 {
		t.Errorf("%d renewals of one token won", won)
	}
	s, _ = h.signer("HMAC-SHA1", TransportHeader).dance()
	s.nonce = "same"
	if won := race(h, func() *http.Request { return s.sign(plainRequest{method: "GET", url: "/resource"}) }); won != 1 {
		t.Errorf("%d requests with one nonce won", won)
	}
}

func race(h *harness, make func() *http.Request) (won int) {
	var mu sync.Mutex
	var group sync.WaitGroup
	for range 16 {
		r := make()
		group.Go(func() {
			if h.serve(r).Code == http.StatusOK {
				mu.Lock()
				won++
				mu.Unlock()
			}
		})
	}
	group.Wait()
	return won
}

func TestIssueToken(t *testing.T) {
	h := newHarness(t)
	token, err := h.IssueToken("ck-hmac")
	if err != nil {
		t.Fatal(err)
	}
	answerJSON(t, h.signer("HMAC-SHA512", TransportBody).as(token.Token, token.Secret).post("/statuses", "a=b"), 200)
	if _, err := h.IssueToken("who"); err == nil {
		t.Error("a token for an unknown consumer was issued")
	}
	broken := newHarness(t, func(c *Config) { c.Entropy = bytes.NewReader(nil) })
	if _, err := broken.IssueToken("ck-hmac"); err == nil {
		t.Error("a token was made without entropy")
	}
	s := broken.signer("HMAC-SHA1", TransportHeader).with(func(s *signer) { s.extra = []Parameter{{"oauth_callback", "oob"}} })
	if w := s.post("/request_token", ""); w.Code != 500 || !strings.Contains(w.Body.String(), "entropy") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}
