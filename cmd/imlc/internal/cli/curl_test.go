package cli

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestShellWords(t *testing.T) {
	for _, test := range []struct {
		in   string
		want []string
	}{
		{`a b  c`, []string{"a", "b", "c"}},
		{`'a b' "c d" ''`, []string{"a b", "c d", ""}},
		{`a\ b \
c`, []string{"a b", "c"}},
		{`"a\"b\\c\d"`, []string{`a"b\c\d`}},
		{`$'a\'b\n\x41\u00e9'`, []string{"a'b\nAé"}},
		{`it''s`, []string{"its"}},
		{`$x`, []string{"$x"}},
		{"a\\\r\nb", []string{"ab"}},
		{`a\`, []string{`a\`}},
	} {
		got, err := shellWords(test.in)
		if diff := cmp.Diff(test.want, got); diff != "" || err != nil {
			t.Errorf("%q: %v %s", test.in, err, diff)
		}
	}
	for _, in := range []string{`'a`, `"a`, `$'a`, `"a\`} {
		if _, err := shellWords(in); err == nil {
			t.Errorf("%q: no error", in)
		}
	}
}

func TestParsePasted(t *testing.T) {
	form := header{"Content-Type", "application/x-www-form-urlencoded"}
	for _, test := range []struct {
		name, in string
		want     message
	}{
		{"plain", "curl https://a.example/x?y=1", message{Method: "GET", URL: "https://a.example/x?y=1"}},
		{"prompt and flags", "$ curl -sSL -k a.example", message{Method: "GET", URL: "http://a.example"}},
		{"method", "curl -XPUT 'https://a.example/' -H 'X-A: b' --max-time 3", message{Method: "PUT", URL: "https://a.example/", Headers: []header{{"X-A", "b"}}}},
		{"data", "curl https://a.example -d a=1 --data-urlencode 'b=c d' --data-raw=@e", message{Method: "POST", URL: "https://a.example", Headers: []header{form}, Body: []byte("a=1&b=c%20d&@e"), HasBody: true}},
		{"get", "curl -G https://a.example?z=1 -d a=1", message{Method: "GET", URL: "https://a.example?z=1&a=1"}},
		{"host", "curl https://a.example -H 'Host: b.example' -I", message{Method: "HEAD", URL: "https://a.example", Host: "b.example"}},
		{"json", `curl --json '{"a":1}' https://a.example`, message{Method: "POST", URL: "https://a.example", Body: []byte(`{"a":1}`), HasBody: true,
			Headers: []header{{"Content-Type", "application/json"}, {"Accept", "application/json"}}}},
		{"multipart", "curl -F a=@x https://a.example", message{Method: "POST", URL: "https://a.example", Headers: []header{{"Content-Type", "multipart/form-data"}}, Body: []byte{}, HasBody: true}},
		{"raw", "post /x?a=1 HTTP/1.1\r\nHost: a.example:8080\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nhello", message{Method: "POST", URL: "https://a.example:8080/x?a=1",
			Headers: []header{{"Content-Type", "text/plain"}}, Body: []byte("he"), HasBody: true}},
		{"raw absolute", "GET http://a.example/x?u=http://b/ HTTP/1.1\nHost: c.example\n\n", message{Method: "GET", URL: "http://a.example/x?u=http://b/", Host: "c.example"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := parsePasted(test.in, "https")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(&test.want, got, cmpopts.EquateEmpty(), cmp.AllowUnexported(message{})); diff != "" {
				t.Error(diff)
			}
		})
	}
	for _, in := range []string{"", "curl", "curl -X", "curl a b", "curl -d @f https://a.example", "hello world it is me", "GET /x HTTP/1.1\n\n", "curl -H nonsense https://a.example"} {
		if _, err := parsePasted(in, "https"); err == nil {
			t.Errorf("%q: no error", in)
		}
	}
}

func FuzzParsePasted(f *testing.F) {
	f.Add("curl -XPOST $'a\\u00' -d @x")
	f.Add("GET / HTTP/1.1\nHost: x\nContent-Length: 99999999999999999999\n\nbody")
	f.Add("curl \\")
	f.Fuzz(func(t *testing.T, in string) {
		m, err := parsePasted(in, "https")
		if (m == nil) == (err == nil) {
			t.Errorf("%q: %v, %v", in, m, err)
		}
	})
}

func TestShellQuoteRoundTrip(t *testing.T) {
	for _, s := range []string{"", "plain", "it's", "a b\n$x `y` \\", `"`} {
		got, err := shellWords(shellQuote(s))
		if diff := cmp.Diff([]string{s}, got); diff != "" || err != nil {
			t.Errorf("%q: %v %s", s, err, diff)
		}
	}
}
