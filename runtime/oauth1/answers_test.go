package oauth1_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/imlc-lang/imlc/internal/media"
	"github.com/imlc-lang/imlc/runtime/oauth1"
	"github.com/imlc-lang/imlc/runtime/uri"
)

const form = media.Form

func get(url string) oauth1.Request { return oauth1.Request{Method: "GET", URL: url} }

func post(contentType, body string) oauth1.Request {
	return oauth1.Request{Method: "POST", URL: "https://api.example.com/x", ContentType: contentType, Body: []byte(body)}
}

func TestParseAuthorization(t *testing.T) {
	for _, c := range []struct {
		name, header string
		want         []uri.Pair
		realm        string
		problem      string
	}{
		{"blanks and order", "oAuTh  oauth_token = \"a%20b\" ,\r\n oauth_nonce=x+y ,, realm=\"R \\\"q\\\"\"", []uri.Pair{{Name: "oauth_token", Value: "a b"}, {Name: "oauth_nonce", Value: "x+y"}}, `R "q"`, ""},
		{"unquoted base64", `OAuth oauth_signature=a/b==`, []uri.Pair{{Name: "oauth_signature", Value: "a/b=="}}, "", ""},
		{"malformed escape", `OAuth a="%zz%4"`, []uri.Pair{{Name: "a", Value: "%zz%4"}}, "", ""},
		{"duplicate", `OAuth a="1",a="2"`, []uri.Pair{{Name: "a", Value: "1"}, {Name: "a", Value: "2"}}, "", `parameter "a" is repeated`},
		{"other scheme", `Basic abc`, nil, "", `expected the scheme "OAuth"`},
		{"scheme prefix", `OAuth2 abc`, nil, "", `expected the scheme "OAuth"`},
		{"open quote", `OAuth a="1`, nil, "", "no closing quote"},
		{"no equals", `OAuth a`, nil, "", `expected "="`},
		{"after value", `OAuth a="1" b="2"`, nil, "", "expected a comma"},
		{"empty", `OAuth`, nil, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			a, err := oauth1.ParseAuthorization(c.header)
			if diff := cmp.Diff(c.want, a.Params); diff != "" {
				t.Error(diff)
			}
			if a.Realm != c.realm || (err == nil) != (c.problem == "") || err != nil && !strings.Contains(err.Error(), c.problem) {
				t.Errorf("realm %q, error %v", a.Realm, err)
			}
		})
	}
}

func TestParseProblem(t *testing.T) {
	for _, c := range []struct {
		name    string
		headers []string
		body    string
		want    *oauth1.Problem
	}{
		{"none", []string{`OAuth realm="x"`}, "error=x", nil},
		{"html", nil, "<p>oauth_problem happened</p>", nil},
		{"header", []string{`Basic realm="b", OAuth realm="x", oauth_problem="timestamp_refused", oauth_acceptable_timestamps="10-30"`}, "", &oauth1.Problem{Code: oauth1.TimestampRefused, Status: 401, AcceptableTimestamps: &oauth1.TimestampRange{From: 10, To: 30}}},
		{"header before other scheme", []string{`OAuth oauth_problem="nonce_used", Basic realm="b"`}, "", &oauth1.Problem{Code: oauth1.NonceUsed, Status: 401}},
		{"body", []string{`OAuth realm="x"`}, "oauth_problem=parameter_rejected&oauth_parameters_rejected=oauth_token%3Dhidden%26b&oauth_problem_advice=do%20this%0A", &oauth1.Problem{Code: oauth1.ParameterRejected, Status: 401, ParametersRejected: []string{"oauth_token", "b"}, ProviderAdvice: "do this"}},
		{"absent", nil, "\noauth_problem=parameter_absent&oauth_parameters_absent=oauth_token%26oauth_nonce", &oauth1.Problem{Code: oauth1.ParameterAbsent, Status: 401, ParametersAbsent: []string{"oauth_token", "oauth_nonce"}}},
		{"version", nil, "oauth_problem=version_rejected&oauth_acceptable_versions=1.0-1.0", &oauth1.Problem{Code: oauth1.VersionRejected, Status: 401, AcceptableVersions: "1.0-1.0"}},
		{"json", nil, `{"oauth_problem":"token_expired","n":1}`, &oauth1.Problem{Code: oauth1.TokenExpired, Status: 401}},
		{"unreadable range", nil, "oauth_problem=timestamp_refused&oauth_acceptable_timestamps=x", &oauth1.Problem{Code: oauth1.TimestampRefused, Status: 401}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := oauth1.ParseProblem(401, c.headers, "text/plain", []byte(c.body))
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Fatal(diff)
			}
			if got == nil {
				return
			}
			if !errors.Is(fmt.Errorf("wrapped: %w", got), c.want.Code) || errors.Is(got, oauth1.UserRefused) {
				t.Error("errors.Is is wrong")
			}
			if strings.Contains(got.Error(), "hidden") || got.Code.Advice() == "" {
				t.Error(got.Error())
			}
		})
	}
}

func TestClockOffset(t *testing.T) {
	p := &oauth1.Problem{Code: oauth1.TimestampRefused, AcceptableTimestamps: &oauth1.TimestampRange{From: 1000, To: 2000}}
	if s, ok := p.ClockOffset(1400, 0); s != 100 || !ok {
		t.Error(s, ok)
	}
	p.AcceptableTimestamps = nil
	if s, ok := p.ClockOffset(1400, 1390); s != -10 || !ok {
		t.Error(s, ok)
	}
	if _, ok := p.ClockOffset(1400, 0); ok {
		t.Error("an offset from nothing")
	}
}

func TestWireURL(t *testing.T) {
	for in, want := range map[string]string{
		"https://API.example.test/a b/é%2F":    "https://api.example.test/a%20b/%C3%A9%2F",
		"https://a.test":                       "https://a.test/",
		"https://a.test?x=[1]&y=%zz%41+#f":     "https://a.test/?x=%5B1%5D&y=%25zz%41+",
		"HTTPS://u:P@A.test/%7e/{x}|\"?a\"<>^": "https://u:P@a.test/%7e/{x}|\"?a%22%3C%3E%5E",
		"http://sp.example.com/\u2019":         "http://sp.example.com/%E2%80%99",
	} {
		if got := uri.Escaped(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func TestBaseURI(t *testing.T) {
	for _, c := range []struct{ url, host, want string }{
		{"http://wrong.example.com/path?foo=bar", "Actual.example.com", "http://actual.example.com/path"},
		{"https://a/", "b:443", "https://b/"},
		{"https://a:9/", "[::1]:80", "https://[::1]:80/"},
		{"http://user:pw@a.test/x", "", "http://a.test/x"},
		{"http://a.test/x y", "", "http://a.test/x%20y"},
		{"/relative", "", ""}, {"http://", "", ""}, {"http://a:b/", "", ""}, {"http://a:99999/", "", ""}, {"http://::1/", "", ""}, {"http://[::1", "", ""}, {"http://a/", "x:y", ""}, {"mailto:x", "", ""},
	} {
		got, err := oauth1.BaseURI(c.url, c.host)
		if got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%q %q: %q %v", c.url, c.host, got, err)
		}
		var wrong *uri.Error
		if err != nil && !errors.As(err, &wrong) {
			t.Errorf("error %T", err)
		}
	}
}
