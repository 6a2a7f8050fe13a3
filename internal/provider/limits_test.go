package provider

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"
)

// keyForms writes one key in every form that a configuration may give it.
func keyForms(t *testing.T, private []byte) [][]byte {
	t.Helper()
	pair, err := parseRSA(private)
	if err != nil {
		t.Fatal(err)
	}
	pkix, err := x509.MarshalPKIXPublicKey(pair.public)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: epoch, NotAfter: epoch.Add(time.Hour)}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, pair.public, pair.private)
	if err != nil {
		t.Fatal(err)
	}
	forms := [][]byte{private}
	for name, der := range map[string][]byte{"RSA PRIVATE KEY": x509.MarshalPKCS1PrivateKey(pair.private), "PUBLIC KEY": pkix,
		"RSA PUBLIC KEY": x509.MarshalPKCS1PublicKey(pair.public), "CERTIFICATE": certificate} {
		forms = append(forms, pem.EncodeToMemory(&pem.Block{Type: name, Bytes: der}))
	}
	return forms
}

func TestOtherKeyKinds(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	_, err = parseRSA(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	if err == nil || !strings.Contains(err.Error(), "expected an RSA key") {
		t.Errorf("an elliptic key gives %v", err)
	}
}

func TestLimits(t *testing.T) {
	h := newHarness(t, func(c *Config) {
		c.Limits = Limits{Body: 100, Tokens: 2, Nonces: 5, Records: 3, RecordBytes: 150}
		c.TemporaryLifetime = time.Minute
	})
	s := h.signer("HMAC-SHA1", TransportHeader).with(func(s *signer) { s.extra = []Parameter{{"oauth_callback", "oob"}} })
	wantProblem(t, s.send(plainRequest{"POST", "/two_legged", "text/plain", strings.Repeat("x", 101)}), 413, "parameter_rejected")
	answerJSON(t, s.send(plainRequest{"POST", "/two_legged", "text/plain", strings.Repeat("x", 100)}), 200)
	s.temporary("oob")
	s.temporary("oob")
	full := wantProblem(t, s.post("/request_token", ""), 503, "consumer_key_refused")
	if !strings.Contains(full["oauth_problem_advice"], "temporary credentials") {
		t.Errorf("advice %v", full)
	}
	answerJSON(t, s.get("/two_legged"), 200)
	full = wantProblem(t, s.get("/two_legged"), 503, "consumer_key_refused")
	if !strings.Contains(full["oauth_problem_advice"], "nonces") {
		t.Errorf("advice %v", full)
	}
	h.clock.Advance(21 * time.Minute) // nonces and temporary credentials have expired
	s.temporary("oob")
	for range 2 {
		if _, err := h.IssueToken("ck-hmac"); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := h.IssueToken("ck-hmac"); err == nil {
		t.Error("a third token was issued")
	}
	if got := len(h.Requests()); got != 3 {
		t.Errorf("%d records, want 3", got)
	}
	for range 3 {
		s.send(plainRequest{"POST", "/two_legged", "text/plain", strings.Repeat("x", 100)})
	}
	if got := len(h.Requests()); got != 1 {
		t.Errorf("%d records of 100 bytes, want 1", got)
	}
	h.Reset()
	if got := len(h.Requests()); got != 0 {
		t.Errorf("%d records after a reset", got)
	}
	if _, err := h.IssueToken("ck-hmac"); err != nil {
		t.Error(err)
	}
}

func TestManyParameters(t *testing.T) {
	h := newHarness(t)
	s := h.signer("HMAC-SHA1", TransportHeader)
	answerJSON(t, s.post("/two_legged", strings.Repeat("a&", maxParameters)), 200)
	wantProblem(t, s.post("/two_legged", strings.Repeat("a&", maxParameters+1)), 400, "parameter_rejected")
}

func TestRecords(t *testing.T) {
	h := newHarness(t)
	s, _ := h.signer("HMAC-SHA256", TransportBody).dance()
	s.post("/resource?q=%20", "a=b")
	records := h.Requests()
	if len(records) != 4 {
		t.Fatalf("%d records, want 4", len(records))
	}
	if records[1].Transport != TransportNone || !strings.HasPrefix(records[1].URI, "http://example.com/authorize?") {
		t.Errorf("authorize was recorded as %+v", records[1])
	}
	last := records[3]
	compare(t, []Parameter{{"q", " "}, {"a", "b"}}, last.Parameters)
	compare(t, "POST http://example.com/resource?q=%20 example.com body 200 ", strings.Join([]string{last.Method, last.URI, last.Host, string(last.Transport), strconv.Itoa(last.Status), last.Problem}, " "))
	if last.Protocol["oauth_token"] != s.token || last.Protocol["oauth_signature"] == "" || !strings.HasPrefix(string(last.Body), "a=b&oauth_") || !last.Time.Equal(epoch) {
		t.Errorf("record %+v", last)
	}
	last.Header.Set("Content-Type", "changed")
	if h.Requests()[3].Header.Get("Content-Type") != formType {
		t.Error("a caller can change the records")
	}
}

func TestAdmin(t *testing.T) {
	h := newHarness(t)
	s, _ := h.signer("HMAC-SHA1", TransportHeader).dance()
	admin := func(target string) *httptest.ResponseRecorder {
		return h.serve(httptest.NewRequest(http.MethodGet, "/_admin/"+target, nil))
	}
	state := answerJSON(t, admin("state"), 200)
	if tokens := state["access"].(map[string]any); len(tokens) != 1 || tokens[s.token] == nil {
		t.Errorf("state %v", state)
	}
	log := answerJSON(t, admin("log"), 200)["log"].([]any)
	if len(log) != 3 || log[0].(map[string]any)["transport"] != "header" {
		t.Errorf("log %v", log)
	}
	if w := admin("expire?token=" + escape(s.token)); w.Code != 200 || w.Body.String() != "ok" {
		t.Errorf("expire: %d %s", w.Code, w.Body)
	}
	wantProblem(t, s.get("/resource"), 401, "token_expired")
	admin("revoke?token=" + escape(s.token))
	wantProblem(t, s.get("/resource"), 401, "token_revoked")
	for _, target := range []string{"expire", "revoke?token=x", "nothing"} {
		if w := admin(target); w.Code != 404 {
			t.Errorf("%s: %d, want 404", target, w.Code)
		}
	}
	admin("reset")
	if len(h.Requests()) != 0 {
		t.Error("reset left records")
	}
	wantProblem(t, s.get("/resource"), 401, "token_rejected")
	closed := newHarness(t, func(c *Config) { c.DisableAdmin = true })
	for _, target := range []string{"/_admin/state", "/"} {
		if w := closed.serve(httptest.NewRequest(http.MethodGet, target, nil)); w.Code != 404 {
			t.Errorf("%s: %d though disabled", target, w.Code)
		}
	}
	if len(closed.Provider.Endpoints()) != len(Endpoints())-6 {
		t.Errorf("%d endpoints are listed", len(closed.Provider.Endpoints()))
	}
}
