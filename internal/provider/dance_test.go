package provider

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var transports = []Transport{TransportHeader, TransportBody, TransportQuery}

// TestDance runs the whole flow and signed calls for every method and transport.
func TestDance(t *testing.T) {
	for _, method := range SignatureMethods() {
		for _, transport := range transports {
			t.Run(method+"/"+string(transport), func(t *testing.T) {
				h := newHarness(t)
				s, fields := h.signer(method, transport).dance()
				want := map[string]string{"oauth_expires_in": "3600", "oauth_authorization_expires_in": "31536000", "oauth_authorized_realms": "test"}
				for name, value := range want {
					if fields[name] != value {
						t.Errorf("%s is %q, want %q", name, fields[name], value)
					}
				}
				if !strings.HasSuffix(s.token, "/+=") {
					t.Errorf("token %q has no reserved bytes", s.token)
				}
				for _, verb := range []string{"GET", "POST", "PUT", "PATCH", "DELETE", "PROPFIND"} {
					got := answerJSON(t, s.send(plainRequest{method: verb, url: "/resource/a%2Fb?x=1&x=%20"}), http.StatusOK)
					delete(got, "body")
					delete(got, "uri")
					delete(got, "content_type")
					compare(t, map[string]any{"ok": true, "method": verb, "transport": string(transport), "signature_method": method, "consumer": s.consumer,
						"token": s.token, "body_hash": nil, "params": []any{[]any{"x", "1"}, []any{"x", " "}}}, got)
				}
			})
		}
	}
}

func TestReservedBytesInConsumer(t *testing.T) {
	h := newHarness(t)
	for _, method := range []string{"HMAC-SHA1", "PLAINTEXT"} {
		for _, transport := range transports {
			s := h.signer(method, transport).with(func(s *signer) { s.consumer, s.secret = "ck special!*'()", "s&c+r/e=t%" })
			s, _ = s.dance()
			answerJSON(t, s.get("/resource"), http.StatusOK)
		}
	}
}

// TestBodies checks which bodies count into the signature (RFC 5849 §3.4.1.3.1).
func TestBodies(t *testing.T) {
	h := newHarness(t)
	s, _ := h.signer("HMAC-SHA1", TransportHeader).dance()
	tests := []struct{ name, method, contentType, body string }{
		{"form", "POST", formType, "a=b+c&a=%2B&empty"},
		{"form on put", "PUT", formType, "a=b"},
		{"form on get", "GET", formType, "a=b"},
		{"form with charset in upper case", "POST", "Application/X-WWW-Form-Urlencoded ; charset=UTF-8", "a=%C3%A9"},
		{"json", "POST", "application/json", `{"a":"b&c=d"}`},
		{"text that looks like a form", "POST", "text/plain", "a=b"},
		{"multipart", "POST", "multipart/form-data; boundary=x", "--x--"},
		{"no type", "POST", "", "a=b"},
		{"semicolon and malformed escape", "POST", formType, "a=1;b=2&q=%zz&%"},
		{"not UTF-8", "POST", formType, "a=%FF"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := answerJSON(t, s.send(plainRequest{test.method, "/resource?q=a;b&r=%zz", test.contentType, test.body}), http.StatusOK)
			compare[any](t, test.body, got["body"])
		})
	}
}

// TestHeaderForms checks what RFC 5849 §3.5.1 lets clients write.
func TestHeaderForms(t *testing.T) {
	h := newHarness(t)
	s, _ := h.signer("HMAC-SHA256", TransportHeader).dance()
	s.realm = `a \"b\" \\ c, d=e`
	rewrite := func(f func(string) string) *signer {
		return s.with(func(c *signer) {
			c.after = func(r *http.Request) { r.Header.Set("Authorization", f(r.Header.Get("Authorization"))) }
		})
	}
	tests := map[string]*signer{
		"as it is":          s,
		"scheme lower case": rewrite(func(v string) string { return strings.Replace(v, "OAuth ", "oauth   ", 1) }),
		"no blanks":         rewrite(func(v string) string { return strings.ReplaceAll(v, ", oauth", ",oauth") }),
		"tabs and empties":  rewrite(func(v string) string { return strings.ReplaceAll(v, ", oauth", " ,\t,  oauth") }),
		"lower case hex":    rewrite(func(v string) string { return strings.NewReplacer("%2F", "%2f", "%3D", "%3d", "%2B", "%2b").Replace(v) }),
		"no version":        s.with(func(c *signer) { c.drop = []string{"oauth_version"} }),
		"unknown oauth_":    s.with(func(c *signer) { c.extra = []Parameter{{"oauth_x y", "ü&"}} }),
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) { answerJSON(t, test.get("/resource?a=b"), http.StatusOK) })
	}
	t.Run("a second header of another scheme", func(t *testing.T) {
		r := s.sign(plainRequest{method: "GET", url: "/resource"})
		r.Header["Authorization"] = append([]string{"Basic YTpi"}, r.Header["Authorization"]...)
		answerJSON(t, h.serve(r), http.StatusOK)
	})
}

func TestOwnerAndStatuses(t *testing.T) {
	h := newHarness(t)
	s, _ := h.signer("HMAC-SHA1", TransportHeader).dance()
	got := answerJSON(t, s.get("/me"), http.StatusOK)
	compare(t, map[string]any{"id": json.Number("9007199254740993"), "name": "Ada", "email": "ada@example.test", "active": true}, got)
	if w := s.get("/me.xml"); w.Code != 200 || !strings.Contains(w.Body.String(), `<user id="9007199254740993" active="true">`) {
		t.Errorf("me.xml: %d %s", w.Code, w.Body)
	}
	posted := answerJSON(t, s.post("/statuses", "status=hi+there&media=1&media=2"), http.StatusOK)
	compare(t, map[string]any{"id": json.Number("1"), "form": map[string]any{"status": []any{"hi there"}, "media": []any{"1", "2"}}}, posted)
	posted = answerJSON(t, s.send(plainRequest{"POST", "/statuses", "application/json; charset=utf-8", `{"n":9007199254740993}`}), http.StatusOK)
	compare(t, map[string]any{"id": json.Number("2"), "json": map[string]any{"n": json.Number("9007199254740993")}}, posted)
	for contentType, status := range map[string]int{"application/json": 400, "text/plain": 415} {
		if w := s.send(plainRequest{"POST", "/statuses", contentType, "{"}); w.Code != status {
			t.Errorf("%s: status %d, want %d", contentType, w.Code, status)
		}
	}
	wantProblem(t, h.serve(httptest.NewRequest("GET", "/me", nil)), 400, "parameter_absent")
	if w := s.post("/me", ""); w.Code != 405 || w.Header().Get("Allow") != "GET, HEAD" {
		t.Errorf("POST /me: %d, Allow %q", w.Code, w.Header().Get("Allow"))
	}
	if w := s.send(plainRequest{method: "HEAD", url: "/me"}); w.Code != 200 || w.Body.Len() != 0 {
		t.Errorf("HEAD /me: %d with %d bytes", w.Code, w.Body.Len())
	}
}

func TestRedirect(t *testing.T) {
	h := newHarness(t)
	s, _ := h.signer("HMAC-SHA1", TransportHeader).dance()
	tests := []struct {
		query, location string
		status          int
	}{
		{"", "/resource?redirected=1", 302},
		{"?status=307&to=http%3A%2F%2Fother.test%2F..%2Fx%3Fa%3D1", "http://other.test/../x?a=1", 307},
		{"?status=200", "", 400},
		{"?to=a%0Ab", "", 400},
	}
	for _, test := range tests {
		w := s.get("/redirect" + test.query)
		if w.Code != test.status || w.Header().Get("Location") != test.location {
			t.Errorf("%s: %d to %q, want %d to %q", test.query, w.Code, w.Header().Get("Location"), test.status, test.location)
		}
	}
	if w := h.serve(httptest.NewRequest("GET", "/redirect", nil)); w.Code != 400 {
		t.Errorf("an unsigned request was redirected: %d", w.Code)
	}
}

func TestFlaky(t *testing.T) {
	h := newHarness(t)
	s, _ := h.signer("HMAC-SHA1", TransportHeader).dance()
	var got []int
	for range 6 {
		got = append(got, s.get("/flaky?n=2").Code)
	}
	if diff := cmp.Diff([]int{503, 503, 200, 503, 503, 200}, got); diff != "" {
		t.Errorf("statuses (-want +got):\n%s", diff)
	}
	if w := s.get("/flaky"); w.Code != 503 || w.Header().Get("Retry-After") != "0" {
		t.Errorf("first call: %d, Retry-After %q", w.Code, w.Header().Get("Retry-After"))
	}
	for _, n := range []string{"x", "-1", "1001"} {
		if w := s.get("/flaky?n=" + n); w.Code != 400 {
			t.Errorf("n=%s: %d, want 400", n, w.Code)
		}
	}
}

func TestTwoLegged(t *testing.T) {
	h := newHarness(t)
	for _, method := range SignatureMethods() {
		for _, transport := range transports {
			got := answerJSON(t, h.signer(method, transport).post("/two_legged?a=1", ""), http.StatusOK)
			compare[any](t, nil, got["token"])
			empty := h.signer(method, transport).with(func(s *signer) { s.extra = []Parameter{{"oauth_token", ""}} })
			got = answerJSON(t, empty.post("/two_legged", "b=2"), http.StatusOK)
			compare[any](t, "", got["token"])
		}
	}
	s, _ := h.signer("HMAC-SHA1", TransportHeader).dance()
	answerJSON(t, s.get("/two_legged"), http.StatusOK)
	wantProblem(t, s.as("nonsense", "").get("/two_legged"), 401, "token_rejected")
	wantProblem(t, h.signer("HMAC-SHA1", TransportHeader).get("/resource"), 400, "parameter_absent")
}

func TestXAuth(t *testing.T) {
	h := newHarness(t)
	right := "x_auth_mode=client_auth&x_auth_username=alice&x_auth_password=p%26w+d"
	for _, transport := range transports {
		s := h.signer("HMAC-SHA1", transport)
		answerForm(t, s.post("/access_token", right), http.StatusOK)
		fields := answerForm(t, s.post("/xauth", right), http.StatusOK)
		if fields["screen_name"] != "alice" || fields["user_id"] != "7" {
			t.Errorf("answer %v", fields)
		}
		answerJSON(t, s.as(fields["oauth_token"], fields["oauth_token_secret"]).get("/resource"), http.StatusOK)
	}
	s := h.signer("HMAC-SHA1", TransportHeader)
	for _, wrong := range []string{
		"", strings.Replace(right, "p%26w", "pw", 1), strings.Replace(right, "alice", "bob", 1),
		strings.Replace(right, "client_auth", "x", 1), "x_auth_mode=client_auth&x_auth_username=&x_auth_password=",
	} {
		wantProblem(t, s.post("/xauth", wrong), 401, "permission_denied")
	}
	broken := s.with(func(c *signer) { c.tamperSignature = func(string) string { return "AAAA" } })
	fields := wantProblem(t, broken.post("/xauth", right), 401, "signature_invalid")
	if strings.Contains(fields["debug_base_string"], "p%2526w") || !strings.Contains(fields["debug_base_string"], "x_auth_password") {
		t.Errorf("the password is not masked: %s", fields["debug_base_string"])
	}
}

func TestTokenShapes(t *testing.T) {
	h := newHarness(t)
	s := h.signer("HMAC-SHA1", TransportHeader).with(func(s *signer) { s.extra = []Parameter{{"oauth_callback", "oob"}} })
	tests := []struct{ query, contentType, begins string }{
		{"", formType, "oauth_token="},
		{"?format=form", formType, "oauth_token="},
		{"?format=text", "text/plain; charset=utf-8", "oauth_token="},
		{"?format=html-labelled", "text/html; charset=utf-8", "oauth_token="},
		{"?format=json", "application/json", `{"oauth_token":"`},
		{"?format=xml", "application/xml; charset=utf-8", `<?xml version="1.0" encoding="UTF-8"?>` + "\n<oauth><oauth_token>"},
		{"?format=form&pad=1", formType, "\r\n  oauth_token="},
	}
	for _, test := range tests {
		w := s.post("/request_token"+test.query, "")
		contentType := strings.Replace(w.Header().Get("Content-Type"), "application/xml", "application/xml; charset=utf-8", 1)
		if w.Code != 200 || contentType != test.contentType || !strings.HasPrefix(w.Body.String(), test.begins) {
			t.Errorf("%s: %d %s %s", test.query, w.Code, contentType, w.Body)
		}
		if w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s: the answer may be cached", test.query)
		}
	}
	if w := s.post("/request_token?status=201&format=json", ""); w.Code != 201 || !json.Valid(w.Body.Bytes()) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	wantProblem(t, s.post("/request_token?format=yaml", ""), 400, "parameter_rejected")
}
