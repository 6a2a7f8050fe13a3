package uri

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSplitKeepsBytes(t *testing.T) {
	for raw, want := range map[string]Parts{
		"HTTP://U:p@Host:080/a/../b%2F?q=1?2#f?g": {Scheme: "HTTP", User: "U:p", HasUser: true, Host: "Host", Port: "080", Path: "/a/../b%2F", Query: "q=1?2", HasQuery: true, Fragment: "f?g"},
		"a+b-c.d://h?":       {Scheme: "a+b-c.d", Host: "h", HasQuery: true},
		"https://@h":         {Scheme: "https", HasUser: true, Host: "h"},
		"https://[::1]:8080": {Scheme: "https", Host: "[::1]", Port: "8080"},
	} {
		got, err := Split(raw)
		if err != nil {
			t.Errorf("%s: %v", raw, err)
		} else if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", raw, diff)
		}
	}
}

func TestImpliesPort(t *testing.T) {
	for _, c := range []struct {
		scheme, port string
		want         bool
	}{
		{"http", "", true}, {"http", "80", true}, {"HTTP", "0080", true}, {"http", "443", false}, {"http", "0", false},
		{"https", "443", true}, {"https", "80", false}, {"ftp", "", true}, {"ftp", "0", false}, {"ftp", "21", false},
	} {
		if got := ImpliesPort(c.scheme, c.port); got != c.want {
			t.Errorf("%s and port %q: %v", c.scheme, c.port, got)
		}
	}
}

func TestEscaped(t *testing.T) {
	for in, want := range map[string]string{
		"HTTPS://User:Pa ss@API.test":     "https://User:Pa ss@api.test/",
		"https://h.test/a b/é%zz?q=[é]%z": "https://h.test/a%20b/%C3%A9%zz?q=%5B%C3%A9%5D%25z",
		"https://h.test?#x":               "https://h.test/?",
		"no url at all":                   "no%20url%20at%20all",
	} {
		if got := Escaped(in); got != want {
			t.Errorf("Escaped(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestValidHost(t *testing.T) {
	for text, want := range map[string]bool{
		"h.test": true, "h.test:8080": true, "[::1]:80": true, "h.test:": true, "": false, "h test": false, "h:0": false, "a..b": false, "[::1": false, "u@h": false,
	} {
		if got := ValidHost(text); got != want {
			t.Errorf("ValidHost(%q) = %v", text, got)
		}
	}
}

func TestWithQuery(t *testing.T) {
	for _, c := range [][3]string{
		{"https://h.test/a", "x=1", "https://h.test/a?x=1"},
		{"https://h.test/a?", "x=1", "https://h.test/a?x=1"},
		{"https://h.test/a?b=%2f&&c#d?e", "x=1", "https://h.test/a?b=%2f&&c&x=1#d?e"},
		{"https://h.test/a?b#", "", "https://h.test/a?b#"},
	} {
		if got := WithQuery(c[0], c[1]); got != c[2] {
			t.Errorf("WithQuery(%q, %q) = %q, want %q", c[0], c[1], got, c[2])
		}
	}
}
