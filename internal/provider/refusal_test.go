package provider

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestRefusals breaks a good request in one way at a time.
func TestRefusals(t *testing.T) {
	h := newHarness(t)
	good, _ := h.signer("HMAC-SHA1", TransportHeader).dance()
	header := func(f func(string) string) func(*signer) {
		return func(s *signer) {
			s.after = func(r *http.Request) { r.Header.Set("Authorization", f(r.Header.Get("Authorization"))) }
		}
	}
	set := func(name, value string) func(*signer) {
		return func(s *signer) { s.replace = map[string]string{name: value} }
	}
	drop := func(name string) func(*signer) { return func(s *signer) { s.drop = []string{name} } }
	stamp := func(d time.Duration) string { return strconv.FormatInt(epoch.Add(d).Unix(), 10) }
	tests := []struct {
		name    string
		change  func(*signer)
		status  int
		problem string
		advice  string
	}{
		{"unsigned", header(func(string) string { return "" }), 400, "parameter_absent", "not signed at all"},
		{"other scheme", header(func(string) string { return "Bearer x" }), 400, "parameter_absent", `not of the scheme "OAuth"`},
		{"no consumer key", drop("oauth_consumer_key"), 400, "parameter_absent", "oauth_consumer_key"},
		{"empty consumer key", set("oauth_consumer_key", ""), 400, "parameter_absent", "oauth_consumer_key"},
		{"no nonce", drop("oauth_nonce"), 400, "parameter_absent", "oauth_nonce"},
		{"no timestamp", drop("oauth_timestamp"), 400, "parameter_absent", "oauth_timestamp"},
		{"no method", drop("oauth_signature_method"), 400, "parameter_absent", "oauth_signature_method"},
		{"no signature", drop("oauth_signature"), 400, "parameter_absent", "oauth_signature"},
		{"no token", func(s *signer) { s.token = "" }, 400, "parameter_absent", "oauth_token"},
		{"version", set("oauth_version", "1.0A"), 400, "version_rejected", "exactly 1.0"},
		{"empty version", set("oauth_version", ""), 400, "version_rejected", "exactly 1.0"},
		{"method case", set("oauth_signature_method", "hmac-sha1"), 400, "signature_method_rejected", "exactly this spelling"},
		{"unknown method", set("oauth_signature_method", "HMAC-MD5"), 400, "signature_method_rejected", "HMAC-MD5"},
		{"rsa without key", set("oauth_signature_method", "RSA-SHA1"), 400, "signature_method_rejected", "no RSA key"},
		{"hmac without secret", set("oauth_consumer_key", "ck-rsa"), 400, "signature_method_rejected", "no shared secret"},
		{"stale", set("oauth_timestamp", stamp(-601*time.Second)), 400, "timestamp_refused", "601"},
		{"from the future", set("oauth_timestamp", stamp(601*time.Second)), 400, "timestamp_refused", "601"},
		{"milliseconds", set("oauth_timestamp", stamp(0)+"000"), 400, "timestamp_refused", "milliseconds"},
		{"zero", set("oauth_timestamp", "0"), 400, "timestamp_refused", ""},
		{"negative", set("oauth_timestamp", "-5"), 400, "parameter_rejected", "positive number"},
		{"huge", set("oauth_timestamp", strings.Repeat("9", 60)), 400, "timestamp_refused", ""},
		{"long consumer", set("oauth_consumer_key", strings.Repeat("k", 9000)), 401, "consumer_key_unknown", "kkk…"},
		{"words", set("oauth_timestamp", "now"), 400, "parameter_rejected", "positive number"},
		{"unknown consumer", set("oauth_consumer_key", "who"), 401, "consumer_key_unknown", "who"},
		{"unknown token", set("oauth_token", "what"), 401, "token_rejected", "not known"},
		{"other consumer's token", func(s *signer) { s.consumer, s.secret = "ck special!*'()", "s&c+r/e=t%" }, 401, "token_rejected", "another consumer"},
		{"wrong secret", func(s *signer) { s.secret = "cs-hmad" }, 401, "signature_invalid", ""},
		{"wrong token secret", func(s *signer) { s.tokenSecret = "x" }, 401, "signature_invalid", ""},
		{"other url", func(s *signer) { s.after = func(r *http.Request) { r.RequestURI = "/resource/b?a=b" } }, 401, "signature_invalid", ""},
		{"other query", func(s *signer) { s.after = func(r *http.Request) { r.RequestURI = "/resource?a=c" } }, 401, "signature_invalid", ""},
		{"other method", func(s *signer) { s.after = func(r *http.Request) { r.Method = "DELETE" } }, 401, "signature_invalid", "another method was signed: GET"},
		{"other host", func(s *signer) { s.after = func(r *http.Request) { r.Host = "evil.test" } }, 401, "signature_invalid", ""},
		{"no host", func(s *signer) { s.after = func(r *http.Request) { r.Host = "" } }, 400, "parameter_rejected", "Host"},
		{"repeated in header", header(func(v string) string { return v + `, oauth_version="1.0"` }), 400, "parameter_rejected", "repeated parameter"},
		{"repeated plain in header", header(func(v string) string { return v + `, a="1", a="2"` }), 400, "parameter_rejected", "repeated parameter"},
		{"repeated in query", func(s *signer) {
			s.transport = TransportQuery
			s.after = func(r *http.Request) { r.RequestURI += "&oauth_version=1.0" }
		}, 400, "parameter_rejected", "more than once"},
		{"two places", func(s *signer) { s.after = func(r *http.Request) { r.RequestURI += "&oauth_x=1" } }, 400, "parameter_rejected", "exactly one place"},
		{"two headers", func(s *signer) {
			s.after = func(r *http.Request) { r.Header.Add("Authorization", r.Header.Get("Authorization")) }
		}, 400, "parameter_rejected", "more than one Authorization"},
		{"unquoted", header(func(v string) string { return strings.Replace(v, `"1.0"`, "1.0", 1) }), 400, "parameter_rejected", "double quotes"},
		{"no closing quote", header(func(v string) string { return strings.TrimSuffix(v, `"`) }), 400, "parameter_rejected", "closing quote"},
		{"no comma", header(func(v string) string { return strings.Replace(v, `", oauth_version`, `" oauth_version`, 1) }), 400, "parameter_rejected", "comma"},
		{"name without value", header(func(v string) string { return v + ", oauth_x" }), 400, "parameter_rejected", "no value"},
		{"no name", header(func(v string) string { return v + `, ="x"` }), 400, "parameter_rejected", "parameter name"},
		{"form under another type", func(s *signer) {
			s.transport = TransportBody
			s.after = func(r *http.Request) { r.Header.Set("Content-Type", "text/plain") }
		}, 400, "parameter_absent", "Content-Type"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			fields := wantProblem(t, good.with(test.change).get("/resource?a=b"), test.status, test.problem)
			if !strings.Contains(fields["oauth_problem_advice"], test.advice) {
				t.Errorf("advice %q does not say %q", fields["oauth_problem_advice"], test.advice)
			}
			if last := h.Requests()[len(h.Requests())-1]; last.Problem != test.problem || last.Status != test.status {
				t.Errorf("recorded as %d %s", last.Status, last.Problem)
			}
			if last := h.events[len(h.events)-1]; last.Kind != EventRefused || last.Refusal == nil || !strings.Contains(last.Text, test.problem) {
				t.Errorf("logged as %+v", last)
			}
		})
	}
	answerJSON(t, good.get("/resource?a=b"), http.StatusOK)
}

func TestRefusalFields(t *testing.T) {
	h := newHarness(t)
	s := h.signer("HMAC-SHA1", TransportHeader)
	tests := []struct {
		name, field, want string
		change            func(*signer)
	}{
		{"absent", "oauth_parameters_absent", "oauth_nonce&oauth_timestamp", func(s *signer) { s.drop = []string{"oauth_timestamp", "oauth_nonce"} }},
		{"version", "oauth_acceptable_versions", "1.0-1.0", func(s *signer) { s.replace = map[string]string{"oauth_version": "2.0"} }},
		{"timestamp", "oauth_acceptable_timestamps", "1699999400-1700000600", func(s *signer) { s.replace = map[string]string{"oauth_timestamp": "1"} }},
		{"rejected", "oauth_parameters_rejected", "oauth_timestamp", func(s *signer) { s.replace = map[string]string{"oauth_timestamp": "x"} }},
	}
	for _, test := range tests {
		w := s.with(test.change).get("/two_legged")
		if fields := answerForm(t, w, 400); fields[test.field] != test.want {
			t.Errorf("%s: %s is %q, want %q", test.name, test.field, fields[test.field], test.want)
		}
		if !strings.Contains(w.Header().Get("WWW-Authenticate"), test.field+`="`+escape(test.want)+`"`) {
			t.Errorf("%s: header %s", test.name, w.Header().Get("WWW-Authenticate"))
		}
	}
}

func TestReplay(t *testing.T) {
	for _, method := range SignatureMethods() {
		for _, transport := range transports {
			h := newHarness(t)
			s, _ := h.signer(method, transport).dance()
			s.nonce = "once"
			answerJSON(t, s.get("/resource"), http.StatusOK)
			wantProblem(t, s.get("/resource"), 401, "nonce_used")
			h.clock.Advance(time.Second)
			answerJSON(t, s.get("/resource"), http.StatusOK) // another timestamp, so another pair
		}
	}
}

// TestForgedNonce shows that a request which is not authentic uses up no nonce.
func TestForgedNonce(t *testing.T) {
	h := newHarness(t)
	s, _ := h.signer("HMAC-SHA1", TransportHeader).dance()
	s.nonce = "theirs"
	wantProblem(t, s.with(func(c *signer) { c.secret = "guess" }).get("/resource"), 401, "signature_invalid")
	answerJSON(t, s.get("/resource"), http.StatusOK)
}

func TestPlaintextWithoutNonce(t *testing.T) {
	h := newHarness(t)
	s, _ := h.signer("PLAINTEXT", TransportHeader).dance()
	s.drop = []string{"oauth_nonce", "oauth_timestamp", "oauth_version"}
	for range 2 {
		answerJSON(t, s.get("/resource"), http.StatusOK)
	}
}

func TestBodyHash(t *testing.T) {
	h := newHarness(t)
	const body, wrong = `{"a":1}`, "2jmj7l5rSw0yVb/vlWAYkK/YBwk=" // the SHA-1 of nothing
	m, _ := methodNamed("HMAC-SHA256")
	right := m.bodyHashes([]byte(body))
	for _, method := range []string{"HMAC-SHA1", "HMAC-SHA256", "HMAC-SHA512", "RSA-SHA1", "RSA-SHA256", "RSA-SHA512", "PLAINTEXT"} {
		s, _ := h.signer(method, TransportHeader).dance()
		m, _ := methodNamed(method)
		for _, hash := range m.bodyHashes([]byte(body)) {
			signed := s.with(func(c *signer) { c.extra = []Parameter{{"oauth_body_hash", hash}} })
			got := answerJSON(t, signed.send(plainRequest{"POST", "/need_body_hash", "application/json", body}), http.StatusOK)
			compare[any](t, hash, got["body_hash"])
		}
		empty := s.with(func(c *signer) { c.extra = []Parameter{{"oauth_body_hash", wrong}} })
		answerJSON(t, empty.get("/need_body_hash"), http.StatusOK)
	}
	s, _ := h.signer("HMAC-SHA256", TransportHeader).dance()
	tests := []struct{ name, path, contentType, hash string }{
		{"missing", "/need_body_hash", "application/json", ""},
		{"wrong", "/need_body_hash", "application/json", wrong},
		{"wrong where it is not demanded", "/resource", "application/json", wrong},
		{"beside a form", "/need_body_hash", formType, right[0]},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			signed := s.with(func(c *signer) {
				if test.hash != "" {
					c.extra = []Parameter{{"oauth_body_hash", test.hash}}
				}
			})
			wantProblem(t, signed.send(plainRequest{"POST", test.path, test.contentType, body}), 401, "body_hash_invalid")
		})
	}
	answerJSON(t, s.post("/need_body_hash", "a=b"), http.StatusOK) // a form needs none
	tampered := s.with(func(c *signer) {
		c.extra = []Parameter{{"oauth_body_hash", right[0]}}
		c.after = func(r *http.Request) { r.Body = http.NoBody }
	})
	wantProblem(t, tampered.send(plainRequest{"POST", "/resource", "application/json", body}), 401, "body_hash_invalid")
}

func TestRequireTLS(t *testing.T) {
	h := newHarness(t, func(c *Config) { c.RequireTLS = true })
	callback := func(s *signer) { s.extra = []Parameter{{"oauth_callback", "oob"}} }
	for _, method := range []string{"PLAINTEXT", "HMAC-SHA1"} {
		s := h.signer(method, TransportHeader).with(callback)
		wantProblem(t, s.post("http://sp.test/request_token", ""), 400, "parameter_rejected")
		answerForm(t, s.post("https://sp.test/request_token", ""), 200)
	}
	answerJSON(t, h.signer("HMAC-SHA1", TransportHeader).get("http://sp.test/two_legged"), 200)
	wantProblem(t, h.signer("PLAINTEXT", TransportHeader).get("http://sp.test/two_legged"), 400, "parameter_rejected")
}

// TestNoSecretLeaks looks for every secret in what the provider says about refused requests.
func TestNoSecretLeaks(t *testing.T) {
	h := newHarness(t)
	for _, method := range SignatureMethods() {
		for _, transport := range transports {
			s, fields := h.signer(method, transport).dance()
			wrong := s.with(func(c *signer) { c.tamperSignature = func(v string) string { return v + "x" } })
			answers := []*httptest.ResponseRecorder{wrong.get("/resource"), wrong.post("/renew", ""), wrong.with(func(c *signer) { c.drop = []string{"oauth_consumer_key"} }).get("/resource")}
			secrets := []string{"cs-hmac", escape(fields["oauth_token_secret"]), fields["oauth_token_secret"]}
			for _, w := range answers {
				for _, secret := range secrets {
					if text := w.Body.String() + w.Header().Get("WWW-Authenticate"); strings.Contains(text, secret) {
						t.Errorf("%s %s: the answer holds a secret: %s", method, transport, text)
					}
				}
			}
			for _, e := range h.events {
				for _, secret := range append(secrets, s.token) {
					if strings.Contains(e.Text+e.Path, secret) {
						t.Errorf("%s %s: event %q holds a secret", method, transport, e.Text)
					}
				}
			}
			if state := h.serve(httptest.NewRequest("GET", "/_admin/state", nil)).Body.String(); strings.Contains(state, fields["oauth_token_secret"]) || strings.Contains(state, fields["oauth_session_handle"]) {
				t.Error("the state page shows a secret")
			}
		}
	}
}
