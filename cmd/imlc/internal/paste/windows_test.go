package paste

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWindowsWords(t *testing.T) {
	for _, c := range []struct {
		line string
		want []string
	}{
		{"curl ^\"https://a.test/x?a=1^&b=2^\" ^\n  -H ^\"accept: */*^\"", []string{"curl", "https://a.test/x?a=1&b=2", "-H", "accept: */*"}},
		{"curl ^\"https://a.test/^\" --data-raw ^\"^{^\\^\"a^\\^\":^\\^\"100^%^\\^\"^}^\"", []string{"curl", "https://a.test/", "--data-raw", `{"a":"100%"}`}},
		{"curl ^\"x^\" --data-raw ^\"one^\n\ntwo^\"", []string{"curl", "x", "--data-raw", "one\ntwo"}},
		{"curl \"https://a.test/x?a^b\" ^\r\n -d \"q=\"\"y\"\"\"", []string{"curl", "https://a.test/x?a^b", "-d", `q="y"`}},
		{`curl ^"a\\^" ^"b\c^"`, []string{"curl", `a\`, `b\c`}},
	} {
		got, err := windowsWords(c.line)
		if err != nil {
			t.Errorf("%q: %v", c.line, err)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%q: %s", c.line, diff)
		}
	}
	if _, err := windowsWords(`curl ^"open`); err == nil {
		t.Error("an open quote was accepted")
	}
}

// TestWindowsCurlRoundTrip: what is written for the command prompt is read back.
func TestWindowsCurlRoundTrip(t *testing.T) {
	for _, body := range []string{"a=1&b=2", `{"a": "100% \ \\ ^ | <x> (y) ! 'z'"}`, "line\nbreak", `ends with \`, `"`} {
		r := &Request{Method: "POST", URL: "https://a.test/x?a=1&b=%20", Headers: []Header{{"Content-Type", "text/plain"}}, Body: []byte(body), HasBody: true}
		line, err := r.WindowsCurl()
		if err != nil {
			t.Fatal(err)
		}
		back, err := Parse(line, "https")
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		if diff := cmp.Diff(r, back); diff != "" {
			t.Errorf("%s\n%s", line, diff)
		}
	}
	r := &Request{Method: "POST", URL: "https://a.test/", Body: []byte("a\x00b"), HasBody: true}
	if _, err := r.WindowsCurl(); err == nil {
		t.Error("a zero byte was written into a command line")
	}
}

func TestCurlZeroByte(t *testing.T) {
	r := &Request{Method: "POST", URL: "https://a.test/", Headers: []Header{{"Content-Type", "a/b"}}, Body: []byte("a\x00b%\\'\xff\n"), HasBody: true}
	line := r.Curl()
	if strings.IndexByte(line, 0) >= 0 || !strings.HasPrefix(line, "printf 'a\\000b%%\\\\'\\''\\377\\012' | curl -X POST ") || !strings.HasSuffix(line, "--data-binary @-") {
		t.Errorf("%q", line)
	}
}

func TestDotSegments(t *testing.T) {
	for line, want := range map[string]string{
		"curl https://a.test/a/../b":                "https://a.test/b",
		"curl --path-as-is https://a.test/a/../b":   "https://a.test/a/../b",
		"curl 'https://a.test/a/./b?x=/../y'":       "https://a.test/a/b?x=/../y",
		"curl -G https://a.test/a/../b -d z=/../..": "https://a.test/b?z=/../..",
		"curl https://a.test":                       "https://a.test",
	} {
		r, err := Parse(line, "https")
		if err != nil || r.URL != want {
			t.Errorf("%s: %v, %v; want %s", line, r, err, want)
		}
	}
	if line := (&Request{Method: "GET", URL: "https://a.test/a/../b"}).Curl(); !strings.Contains(line, "--path-as-is") {
		t.Error(line)
	}
}

func TestWire(t *testing.T) {
	for _, c := range []struct{ url, host, wantURL, wantHost, wantErr string }{
		{url: "https://Bücher.test:8443/x?ü=1", wantURL: "https://xn--bcher-kva.test:8443/x?ü=1"},
		{url: "https://u:p@bücher.test", wantURL: "https://u:p@xn--bcher-kva.test"},
		{url: " https://a.test/a \n", wantURL: "https://a.test/a"},
		{url: "https://a.test/", host: "bücher.test", wantURL: "https://a.test/", wantHost: "xn--bcher-kva.test"},
		{url: "https://[::1]:80/", wantURL: "https://[::1]:80/"},
		{url: "api.test/x", wantErr: "has no scheme"},
		{url: "https://a b.test/", wantErr: "is no host name"},
		{url: "https://a.test/", host: "x y", wantErr: "is no host name"},
	} {
		r := &Request{URL: c.url, Host: c.host}
		err := r.Wire()
		if c.wantErr != "" {
			if err == nil || !strings.Contains(err.Error(), c.wantErr) {
				t.Errorf("%s: %v, want %s", c.url, err, c.wantErr)
			}
			continue
		}
		if err != nil || r.URL != c.wantURL || r.Host != c.wantHost {
			t.Errorf("%s: %q %q %v", c.url, r.URL, r.Host, err)
		}
	}
}
