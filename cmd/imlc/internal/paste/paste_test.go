package paste

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/imlc-lang/imlc/runtime/oauth1"
	"github.com/imlc-lang/imlc/runtime/uri"
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
		got, err := Words(test.in)
		if diff := cmp.Diff(test.want, got); diff != "" || err != nil {
			t.Errorf("%q: %v %s", test.in, err, diff)
		}
	}
	for _, in := range []string{`'a`, `"a`, `$'a`, `"a\`} {
		if _, err := Words(in); err == nil {
			t.Errorf("%q: no error", in)
		}
	}
}

func TestParse(t *testing.T) {
	form := Header{"Content-Type", "application/x-www-form-urlencoded"}
	for _, test := range []struct {
		name, in string
		want     Request
	}{
		{"plain", "curl https://a.example/x?y=1", Request{Method: "GET", URL: "https://a.example/x?y=1"}},
		{"prompt and flags", "$ curl -sSL -k a.example", Request{Method: "GET", URL: "http://a.example"}},
		{"method", "curl -XPUT 'https://a.example/' -H 'X-A: b' --max-time 3", Request{Method: "PUT", URL: "https://a.example/", Headers: []Header{{"X-A", "b"}}}},
		{"data", "curl https://a.example -d a=1 --data-urlencode 'b=c d' --data-raw=@e", Request{Method: "POST", URL: "https://a.example", Headers: []Header{form}, Body: []byte("a=1&b=c%20d&@e"), HasBody: true}},
		{"no type", "curl https://a.example -d x -H Content-Type: -H 'X-A;' -H Accept:", Request{Method: "POST", URL: "https://a.example", Headers: []Header{{"X-A", ""}}, Body: []byte("x"), HasBody: true}},
		{"get", "curl -G https://a.example?z=1 -d a=1", Request{Method: "GET", URL: "https://a.example?z=1&a=1"}},
		{"host", "curl https://a.example -H 'Host: b.example' -I", Request{Method: "HEAD", URL: "https://a.example", Host: "b.example"}},
		{"json", `curl --json '{"a":1}' https://a.example`, Request{Method: "POST", URL: "https://a.example", Body: []byte(`{"a":1}`), HasBody: true,
			Headers: []Header{{"Content-Type", "application/json"}, {"Accept", "application/json"}}}},
		{"multipart", "curl -F a=@x https://a.example", Request{Method: "POST", URL: "https://a.example", Headers: []Header{{"Content-Type", "multipart/form-data"}}, Body: []byte{}, HasBody: true}},
		{"raw", "post /x?a=1 HTTP/1.1\r\nHost: a.example:8080\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nhello", Request{Method: "POST", URL: "https://a.example:8080/x?a=1",
			Headers: []Header{{"Content-Type", "text/plain"}}, Body: []byte("he"), HasBody: true}},
		{"raw absolute", "GET http://a.example/x?u=http://b/ HTTP/1.1\nHost: c.example\n\n", Request{Method: "GET", URL: "http://a.example/x?u=http://b/", Host: "c.example"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := Parse(test.in, "https")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(&test.want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Error(diff)
			}
		})
	}
	for _, in := range []string{"", "curl", "curl -X", "curl a b", "curl -d @f https://a.example", "hello world it is me", "GET /x HTTP/1.1\n\n", "curl -H nonsense https://a.example"} {
		if _, err := Parse(in, "https"); err == nil {
			t.Errorf("%q: no error", in)
		}
	}
}

// TestManyShortFlags holds that a long word of flags costs neither stack nor quadratic time.
func TestManyShortFlags(t *testing.T) {
	r, err := Parse("curl -"+strings.Repeat("s", 4<<20)+"XPUT https://a.example/", "https")
	if err != nil || r.Method != "PUT" {
		t.Errorf("%v, %v", r, err)
	}
}

func TestTakeAuthorization(t *testing.T) {
	r, err := Parse("curl https://a.example/ -H 'authorization: oauth realm=\"R\", oauth_consumer_key=\"ck\", oauth_token=\"\", oauth_nonce=\"n1\", "+
		"oauth_nonce=\"n2\", oauth_timestamp=\"12\", oauth_body_hash=\"h%3D\", oauth_session_handle=\"s\", oauth_signature=\"x\"'", "https")
	if err != nil {
		t.Fatal(err)
	}
	a := r.TakeAuthorization()
	want := &Authorization{Header: a.Header, Nonce: "n1", Timestamp: 12, Params: oauth1.Params{Realm: "R", HasRealm: true, ConsumerKey: "ck",
		TokenMode: oauth1.TokenValue, OmitVersion: true, BodyHash: oauth1.BodyHashGiven, BodyHashValue: "h=",
		Extra: []uri.Pair{{Name: "oauth_session_handle", Value: "s"}}}}
	if diff := cmp.Diff(want, a); diff != "" {
		t.Error(diff)
	}
	if r.Get("Authorization") != "" || r.TakeAuthorization() != nil {
		t.Errorf("the header is still there: %v", r.Headers)
	}
	for header, want := range map[string]int64{
		`OAuth oauth_timestamp="99999999999999999999"`: 0, `OAuth oauth_timestamp="-1"`: 0, `OAuth oauth_timestamp="7", x`: 7, `OAuth "`: 0, "": 0,
	} {
		if got := ParseAuthorization(header); got.Timestamp != want || got.Header != header {
			t.Errorf("%s: timestamp %d, header %q", header, got.Timestamp, got.Header)
		}
	}
	if (&Request{Headers: []Header{{"Authorization", "Basic x"}}}).TakeAuthorization() != nil {
		t.Error("another scheme was taken for OAuth")
	}
}

func TestHTTP(t *testing.T) {
	for _, test := range []struct {
		in   Request
		want string
	}{
		{Request{Method: "GET", URL: "https://a.example"}, "GET / HTTP/1.1\nHost: a.example\n\n"},
		{Request{Method: "GET", URL: "https://a.example:8443?x=1", Headers: []Header{{"A", "b"}}}, "GET ?x=1 HTTP/1.1\nHost: a.example:8443\nA: b\n\n"},
		{Request{Method: "PUT", URL: "http://a.example/p?q", Host: "b.example", Body: []byte("xy"), HasBody: true}, "PUT /p?q HTTP/1.1\nHost: b.example\nContent-Length: 2\n\nxy\n"},
		{Request{Method: "POST", URL: "http://a.example/", Body: nil, HasBody: true}, "POST / HTTP/1.1\nHost: a.example\nContent-Length: 0\n\n\n"},
	} {
		got, err := test.in.HTTP()
		if diff := cmp.Diff(test.want, got); diff != "" || err != nil {
			t.Errorf("%v %s", err, diff)
		}
	}
	for _, url := range []string{"", "/x", "http://[::1/"} {
		if _, err := (&Request{Method: "GET", URL: url}).HTTP(); err == nil {
			t.Errorf("%q: no error", url)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("curl -XPOST $'a\\u00' -d @x")
	f.Add("curl https://a.example/?a -H 'Host: b' -H 'X: y' --data-raw '@it'\\''s'")
	f.Add("GET / HTTP/1.1\nHost: x\nContent-Length: 99999999999999999999\n\nbody")
	f.Add("curl \\")
	f.Add("curl -I x")
	f.Fuzz(func(t *testing.T, in string) {
		r, err := Parse(in, "https")
		if (r == nil) == (err == nil) {
			t.Fatalf("%q: %v, %v", in, r, err)
		}
		if err != nil || slices.ContainsFunc(r.Headers, unlikeLines) {
			return
		}
		// What was read can be written as a curl command and read again.
		again, err := Parse(r.Curl(), "https")
		if diff := cmp.Diff(r, again, cmpopts.EquateEmpty()); diff != "" || err != nil {
			t.Errorf("%q → %q: %v %s", in, r.Curl(), err, diff)
		}
	})
}

// unlikeLines reports a header that -A, -e or -b may give and -H cannot repeat.
func unlikeLines(h Header) bool {
	again, err := ParseHeader(h.Name + ": " + h.Value)
	return err != nil || again != h || strings.HasSuffix(h.Name, ";")
}

func TestQuoteRoundTrip(t *testing.T) {
	for _, s := range []string{"", "plain", "it's", "a b\n$x `y` \\", `"`} {
		got, err := Words(Quote(s))
		if diff := cmp.Diff([]string{s}, got); diff != "" || err != nil {
			t.Errorf("%q: %v %s", s, err, diff)
		}
	}
}
