package provider

import (
	"net/http"
	"strings"
	"testing"
)

// TestCauses makes each mistake as a client would and demands that the refusal names it.
func TestCauses(t *testing.T) {
	h := newHarness(t)
	special := h.signer("HMAC-SHA1", TransportHeader).with(func(s *signer) { s.consumer, s.secret = "ck special!*'()", "s&c+r/e=t%" })
	special, _ = special.dance()
	base := func(from, to string) func(*signer) {
		return func(s *signer) { s.tamperBase = func(b string) string { return strings.Replace(b, from, to, 1) } }
	}
	key := func(k string) func(*signer) { return func(s *signer) { s.key = k } }
	noVersion := func(s *signer) { // signs what is not sent
		s.after = func(r *http.Request) {
			v := r.Header.Get("Authorization")
			r.Header.Set("Authorization", strings.Replace(v, `, oauth_version="1.0"`, "", 1))
		}
	}
	tests := []struct {
		cause  string
		change func(*signer)
		plain  plainRequest
	}{
		{"token secret was left out", key(escape(special.secret) + "&"), plainRequest{}},
		{"not percent-encoded inside the key", key(special.secret + "&" + special.tokenSecret), plainRequest{}},
		{"two secrets were swapped", key(escape(special.tokenSecret) + "&" + escape(special.secret)), plainRequest{}},
		{"percent-encoded twice", func(s *signer) { s.tamperSignature = escape }, plainRequest{}},
		{"form body were not signed", base("a%3Db%26", ""), plainRequest{"POST", "/resource", formType, "a=b"}},
		{"query were not signed", base("a%3Db%26", ""), plainRequest{method: "GET", url: "/resource?a=b"}},
		{"Content-Type is no form", base("&oauth", "&a%3Db%26oauth"), plainRequest{"POST", "/resource", "text/plain", "a=b"}},
		{"other scheme", base("http%3A", "https%3A"), plainRequest{}},
		{"port was left out", base("%3A8080", ""), plainRequest{method: "GET", url: "http://example.com:8080/resource"}},
		{"signed as a plus", base("b%2520c", "b%252Bc"), plainRequest{method: "GET", url: "/resource?a=b+c"}},
		{"values were percent-encoded twice", base("b%2520c", "b%252520c"), plainRequest{method: "GET", url: "/resource?a=b%20c"}},
		{"path was decoded", base("%2520x", "%20x"), plainRequest{method: "GET", url: "/resource/%20x"}},
		{"path was encoded again", base("%2520x", "%252520x"), plainRequest{method: "GET", url: "/resource/%20x"}},
		{"realm was signed", func(s *signer) { s.realm = "R"; base("oauth_version%3D1.0", "oauth_version%3D1.0%26realm%3DR")(s) }, plainRequest{}},
		{"oauth_version was signed", noVersion, plainRequest{}},
		{"only the last was signed", base("a%3D1%26", ""), plainRequest{method: "GET", url: "/resource?a=1&a=2"}},
		{"sorted as name=value", base("a%3Dz%26a-%3Dy", "a-%3Dy%26a%3Dz"), plainRequest{method: "GET", url: "/resource?a=z&a-=y"}},
		{"not in upper case", base("GET&", "get&"), plainRequest{}},
		{"another method was signed: POST", base("GET&", "POST&"), plainRequest{}},
	}
	for _, test := range tests {
		t.Run(test.cause, func(t *testing.T) {
			if test.plain.method == "" {
				test.plain = plainRequest{method: "GET", url: "/resource"}
			}
			fields := wantProblem(t, special.with(test.change).send(test.plain), 401, "signature_invalid")
			if !strings.Contains(fields["oauth_problem_advice"], test.cause) {
				t.Errorf("advice is %q, want the cause %q", fields["oauth_problem_advice"], test.cause)
			}
			if !strings.HasPrefix(fields["debug_base_string"], test.plain.method+"&http%3A%2F%2Fexample.com") {
				t.Errorf("base string is %q", fields["debug_base_string"])
			}
		})
	}
	t.Run("missing ampersand", func(t *testing.T) {
		fields := wantProblem(t, h.signer("HMAC-SHA1", TransportHeader).with(key("cs-hmac")).get("/two_legged"), 401, "signature_invalid")
		if !strings.Contains(fields["oauth_problem_advice"], "& after the client secret") {
			t.Errorf("advice is %q", fields["oauth_problem_advice"])
		}
	})
	t.Run("raw plus", func(t *testing.T) {
		s := h.signer("PLAINTEXT", TransportQuery).with(func(s *signer) { s.consumer, s.secret = "ck special!*'()", "s&c+r/e=t%" })
		// Only Base64 signatures hold a plus; look for one.
		s.method = "HMAC-SHA1"
		s.after = func(r *http.Request) { r.RequestURI = strings.ReplaceAll(r.RequestURI, "%2B", "+") }
		for range 200 {
			r := s.sign(plainRequest{method: "GET", url: "/two_legged"})
			if !strings.Contains(r.RequestURI, "+") {
				continue
			}
			fields := wantProblem(t, h.serve(r), 401, "signature_invalid")
			if !strings.Contains(fields["oauth_problem_advice"], "send %2B") {
				t.Errorf("advice is %q", fields["oauth_problem_advice"])
			}
			return
		}
		t.Error("no signature with a plus in 200")
	})
}
