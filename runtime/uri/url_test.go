package uri

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseURL(t *testing.T) {
	tests := []struct {
		name, raw string
		encode    bool
		want      URL
	}{
		{"plain", "https://api.example.test/a?x=1", true, URL{Scheme: "https", Host: "api.example.test", Path: "/a", Query: "x=1"}},
		{"path escaped again", "https://h.test/a b/é%2F", true, URL{Scheme: "https", Host: "h.test", Path: "/a%20b/%C3%A9%252F"}},
		{"path as written", "https://h.test/a b/é%2F{x}|", false, URL{Scheme: "https", Host: "h.test", Path: "/a%20b/%C3%A9%2F{x}|"}},
		{"encodeURI set", "https://h.test/;,:@&=+$-_.!~*'()\"<>[]\\^`{|}", true,
			URL{Scheme: "https", Host: "h.test", Path: "/;,:@&=+$-_.!~*'()%22%3C%3E%5B%5D%5C%5E%60%7B%7C%7D"}},
		{"query escapes", "https://h.test/?a=%zz&b=%2f+&c= \"<>[]\\^`{|}é", true,
			URL{Scheme: "https", Host: "h.test", Path: "/", Query: "a=%25zz&b=%2f+&c=%20%22%3C%3E%5B%5D%5C%5E%60%7B%7C%7D%C3%A9"}},
		{"percent at the end", "https://h.test/?a=%2", false, URL{Scheme: "https", Host: "h.test", Path: "/", Query: "a=%252"}},
		{"empty path", "HTTP://Example.COM", true, URL{Scheme: "http", Host: "example.com", Path: "/"}},
		{"query without path", "https://h.test?x", true, URL{Scheme: "https", Host: "h.test", Path: "/", Query: "x"}},
		{"bare question mark", "https://h.test/a?", true, URL{Scheme: "https", Host: "h.test", Path: "/a"}},
		{"fragment", "https://h.test/a?b#c?d e", true, URL{Scheme: "https", Host: "h.test", Path: "/a", Query: "b", Fragment: "c?d%20e"}},
		{"fragment before query", "https://h.test/a#b?c", true, URL{Scheme: "https", Host: "h.test", Path: "/a", Fragment: "b?c"}},
		{"default port", "https://h.test:443/", true, URL{Scheme: "https", Host: "h.test", Path: "/"}},
		{"foreign default port", "http://h.test:443/", true, URL{Scheme: "http", Host: "h.test", Port: "443", Path: "/"}},
		{"port zeros", "http://h.test:08080/", true, URL{Scheme: "http", Host: "h.test", Port: "8080", Path: "/"}},
		{"user", "https://u:p%40@h.test/", true, URL{Scheme: "https", User: "u:p%40", Host: "h.test", Path: "/"}},
		{"user with at", "https://a@b@h.test/", true, URL{Scheme: "https", User: "a@b", Host: "h.test", Path: "/"}},
		{"idna", "https://Bücher.example/", true, URL{Scheme: "https", Host: "xn--bcher-kva.example", Path: "/"}},
		{"idna sharp s", "https://faß.de/", true, URL{Scheme: "https", Host: "xn--fa-hia.de", Path: "/"}},
		{"ipv6", "http://[::FFFF:1]:8080/p", true, URL{Scheme: "http", Host: "[::ffff:1]", Port: "8080", Path: "/p"}},
		{"dots stay", "https://h.test/a/../b/./c//d", true, URL{Scheme: "https", Host: "h.test", Path: "/a/../b/./c//d"}},
		{"control", "https://h.test/a\tb\x7f", false, URL{Scheme: "https", Host: "h.test", Path: "/a%09b%7F"}},
		{"underscore", "https://a_b.test/", true, URL{Scheme: "https", Host: "a_b.test", Path: "/"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Parse(tt.raw, tt.encode)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, *got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestParseErrors(t *testing.T) {
	const absolute, web, host, port = "an absolute url such as https://api.example.com/path", "http or https", "a host name or address", "a number from 1 to 65535"
	tests := []struct {
		raw  string
		want Error
	}{
		{"", Error{"scheme", "", absolute}},
		{"/users", Error{"scheme", "", absolute}},
		{"https:/h.test", Error{"scheme", "https", absolute}},
		{" https://h.test/", Error{"scheme", " https", absolute}},
		{"ftp://h.test/", Error{"scheme", "ftp", web}},
		{"https://", Error{"host", "", host}},
		{"https:///p", Error{"host", "", host}},
		{"https://h test/", Error{"host", "h test", host}},
		{"https://h.test:99999/", Error{"port", "99999", "a number from 0 to 65535"}},
		{"https://h.test:0/", Error{"port", "0", port}},
		{"https://h.test:a/", Error{"port", "a", "a number from 0 to 65535"}},
		{"https://a:b:c/", Error{"host", "a:b:c", "brackets around an IPv6 literal"}},
		{"https://[::1/", Error{"host", "[::1", "an IPv6 literal closed by ]"}},
		{"https://[::1]x/", Error{"host", "[::1]x", "only a port after the ] of an IPv6 literal"}},
		{"https://[::1%25eth0]/", Error{"host", "[::1%25eth0]", host}},
		{"https://good.test\\@evil.test:x/", Error{"port", "", "a number from 0 to 65535"}},
		{"https://user:pa/ss@h.test/", Error{"port", "", "a number from 0 to 65535"}},
		{"https://user:secret@a..b/", Error{"host", "", host}},
		{"https://evil.test\\good.test/", Error{"host", "evil.test\\good.test", host}},
		{"https://a%2eb/", Error{"host", "a%2eb", host}},
		{"https://a..b/", Error{"host", "a..b", host}},
	}
	for _, tt := range tests {
		_, err := Parse(tt.raw, true)
		var got *Error
		if !errors.As(err, &got) {
			t.Errorf("Parse(%q) = %v", tt.raw, err)
		} else if diff := cmp.Diff(tt.want, *got); diff != "" {
			t.Errorf("Parse(%q): %s", tt.raw, diff)
		}
	}
}

func TestNormalHost(t *testing.T) {
	for host, want := range map[string]string{"A.test": "a.test", "bücher.test": "xn--bcher-kva.test", "[::1]": "[::1]", "..": "", "a b": "", "": "", ".a": "", "[a]": ""} {
		if got, ok := NormalHost(host); got != want || ok != (want != "") {
			t.Errorf("%q became %q, %v, expected %q", host, got, ok, want)
		}
	}
}

func TestURLParts(t *testing.T) {
	u, err := Parse("http://us%20er:p@Host.test:8080/a b?x=1#frag", true)
	if err != nil {
		t.Fatal(err)
	}
	got := []string{u.Authority(), u.Target(), u.Base(), u.String(), u.Redirect(), u.BasicAuthorization(), u.Origin()}
	want := []string{"host.test:8080", "/a%20b?x=1", "http://host.test:8080/a%20b", "http://host.test:8080/a%20b?x=1",
		"http://us%20er:p@host.test:8080/a%20b?x=1#frag", "Basic dXMgZXI6cA==", "http://host.test:8080"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for _, text := range []string{u.String(), "https://h/", "http://[::1]:81/?", "http://h/?a=b?c", "http://h:080/"} {
		u, err := Parse(text, false)
		if err != nil {
			t.Fatal(err)
		}
		parts, err := Split(u.String())
		if diff := cmp.Diff(parts, u.Parts()); diff != "" || err != nil {
			t.Errorf("%s: %v %s", text, err, diff)
		}
	}
}

func TestResolve(t *testing.T) {
	base := "https://u:p@h.test:8443/a/b/c?q=1"
	tests := []struct{ location, want string }{
		{"d", "https://h.test:8443/a/b/d"},
		{"../d?x", "https://h.test:8443/a/d?x"},
		{"../../../d", "https://h.test:8443/d"},
		{"./", "https://h.test:8443/a/b/"},
		{"..", "https://h.test:8443/a/"},
		{"/x y/é", "https://h.test:8443/x%20y/%C3%A9"},
		{"/x%2Fy%zz", "https://h.test:8443/x%2Fy%25zz"},
		{"?y=2", "https://h.test:8443/a/b/c?y=2"},
		{"?", "https://h.test:8443/a/b/c"},
		{"#f", "https://h.test:8443/a/b/c?q=1"},
		{"//other.test/p", "https://other.test/p"},
		{"http://other.test", "http://other.test/"},
		{"HTTPS://OTHER.test/A/./B/../C", "https://other.test/A/C"},
		{"/\\evil.test", "https://h.test:8443/%5Cevil.test"},
		{"x?a=b:c", "https://h.test:8443/a/b/x?a=b:c"},
		{"/p:q", "https://h.test:8443/p:q"},
		{"ftp://x/", ""},
		{"javascript:alert(1)", ""},
		{"http:foo", ""},
		{"http://", ""},
		{"//", ""},
	}
	u, err := Parse(base, true)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range tests {
		got := ""
		if next, ok := u.Resolve(tt.location); ok {
			got = next.String()
		}
		if got != tt.want {
			t.Errorf("Resolve(%q) = %q, want %q", tt.location, got, tt.want)
		}
	}
}

func FuzzURL(f *testing.F) {
	for _, s := range []string{"https://h.test/a?b#c", "http://u:p@[::1]:80/%zz", "https://bücher.example/ä", "//x", "..", "?", "https://h/%", "a:b"} {
		f.Add(s, true)
	}
	f.Fuzz(func(t *testing.T, raw string, encode bool) {
		base := &URL{Scheme: "https", Host: "h.test", Path: "/a/b"}
		for _, parse := range []func() (*URL, bool){
			func() (*URL, bool) { u, err := Parse(raw, encode); return u, err == nil },
			func() (*URL, bool) { return base.Resolve(raw) },
		} {
			u, ok := parse()
			if !ok {
				continue
			}
			text := u.String()
			if strings.ContainsAny(u.Target(), " \r\n\t") || !isASCII(text) || !strings.HasPrefix(u.Path, "/") {
				t.Fatalf("%q became the unsendable %q", raw, text)
			}
			again, err := Parse(text, false)
			if err != nil || again.String() != text {
				t.Fatalf("%q became %q, which does not read back", raw, text)
			}
		}
	})
}
