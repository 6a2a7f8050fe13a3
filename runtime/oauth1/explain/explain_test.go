package explain_test

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"github.com/imlc-lang/imlc/internal/media"
	"github.com/imlc-lang/imlc/runtime/oauth1"
	"github.com/imlc-lang/imlc/runtime/oauth1/explain"
	"github.com/imlc-lang/imlc/runtime/uri"
)

// causeCase makes one mistake by editing the right base string by hand, so that the search is not tested against
// itself.
type causeCase struct {
	want string
	req  oauth1.Request
	// old and new edit the base string; several pairs are applied in turn.
	edits []string
	// alter changes the settings.
	alter func(*oauth1.Params)
}

const form = media.Form

func get(url string) oauth1.Request { return oauth1.Request{Method: "GET", URL: url} }
func post(contentType, body string) oauth1.Request {
	return oauth1.Request{Method: "POST", URL: "https://api.example.com/x", ContentType: contentType, Body: []byte(body)}
}

var causeCases = []causeCase{
	{want: "default-port-written", req: get("https://api.example.com:443/x"), edits: []string{"example.com%2F", "example.com%3A443%2F"}},
	{want: "port-stripped-for-wrong-scheme", req: get("https://api.example.com:80/x"), edits: []string{"%3A80%2F", "%2F"}},
	{want: "port-stripped", req: get("https://api.example.com:8443/x"), edits: []string{"%3A8443%2F", "%2F"}},
	{want: "wrong-scheme", req: get("https://api.example.com/x"), edits: []string{"https%3A", "http%3A"}},
	{want: "host-case-kept", req: get("https://API.example.com/x"), edits: []string{"api.example", "API.example"}},
	{want: "path-lower-cased", req: get("https://api.example.com/Users"), edits: []string{"Users", "users"}},
	{want: "ipv6-brackets-dropped", req: get("http://[::1]:8080/x"), edits: []string{"%5B%3A%3A1%5D", "%3A%3A1"}},
	{want: "empty-path-without-slash", req: get("https://api.example.com?a=1"), edits: []string{"example.com%2F&", "example.com&"}},
	{want: "path-decoded", req: get("https://api.example.com/a%20b%2Fc"), edits: []string{"a%2520b%252Fc", "a%20b%2Fc"}},
	{want: "path-escapes-upper-cased", req: get("https://api.example.com/caf%c3%a9"), edits: []string{"%25c3%25a9", "%25C3%25A9"}},
	{want: "path-encoded-twice", req: get("https://api.example.com/a%20b"), edits: []string{"a%2520b", "a%252520b"}},
	{want: "dot-segments-resolved", req: get("https://api.example.com/a/../b"), edits: []string{"%2Fa%2F..%2Fb", "%2Fb"}},
	{want: "trailing-slash-dropped", req: get("https://api.example.com/a/"), edits: []string{"%2Fa%2F&", "%2Fa&"}},
	{want: "trailing-slash-added", req: get("https://api.example.com/a"), edits: []string{"%2Fa&", "%2Fa%2F&"}},
	{want: "host-header-ignored", req: oauth1.Request{Method: "GET", URL: "https://10.0.0.1/x", Host: "api.example.com"}, edits: []string{"api.example.com", "10.0.0.1"}},
	{want: "query-in-base-uri", req: get("https://api.example.com/x?a=1"), edits: []string{"%2Fx&a%3D1%26", "%2Fx%3Fa%3D1&"}},
	{want: "query-signed-twice", req: get("https://api.example.com/x?a=1"), edits: []string{"%2Fx&", "%2Fx%3Fa%3D1&"}},
	{want: "fragment-in-base-uri", req: get("https://api.example.com/x#top"), edits: []string{"%2Fx&", "%2Fx%23top&"}},
	{want: "user-info-in-base-uri", req: get("https://u:p@api.example.com/x"), edits: []string{"%2F%2Fapi", "%2F%2Fu%3Ap%40api"}},
	{want: "method-case-kept", req: oauth1.Request{Method: "Get", URL: "https://api.example.com/x"}, edits: []string{"GET&", "Get&"}},
	{want: "other-method", req: post(form, "a=1"), edits: []string{"POST&", "GET&"}},
	{want: "other-method", req: get("https://api.example.com/x"), edits: []string{"GET&", "POST&"}},
	{want: "not-sorted", req: oauth1.Request{Method: "POST", URL: "https://api.example.com/x?z=1", ContentType: form, Body: []byte("a=2")}, edits: []string{"x&a%3D2%26oauth", "x&oauth", "z%3D1", "z%3D1%26a%3D2"}},
	{want: "not-sorted", req: oauth1.Request{Method: "POST", URL: "https://api.example.com/x?z=1", ContentType: form, Body: []byte("a=2")}, edits: []string{"%26z%3D1", "", "a%3D2%26", "a%3D2%26z%3D1%26"}},
	{want: "method-lower-cased", req: get("https://api.example.com/x"), edits: []string{"GET&", "get&"}},
	{want: "query-missing", req: get("https://api.example.com/x?a=1"), edits: []string{"a%3D1%26", ""}},
	{want: "form-type-not-recognised", req: post(form+"; charset=UTF-8", "a=1"), edits: []string{"a%3D1%26", ""}},
	{want: "form-body-missing-for-method", req: oauth1.Request{Method: "PUT", URL: "https://api.example.com/x", ContentType: form, Body: []byte("a=1")}, edits: []string{"a%3D1%26", ""}},
	{want: "form-body-missing", req: post(form, "a=1&b=2"), edits: []string{"a%3D1%26b%3D2%26", ""}},
	{want: "json-fields-signed", req: post("application/json", `{"a":"1"}`), edits: []string{"x&oauth", "x&a%3D1%26oauth"}},
	{want: "body-signed", req: post("text/plain", "a=1"), edits: []string{"x&oauth", "x&a%3D1%26oauth"}},
	{want: "duplicates-dropped-keep-last", req: get("https://api.example.com/x?a=1&a=2"), edits: []string{"a%3D1%26", ""}},
	{want: "duplicates-dropped-keep-first", req: get("https://api.example.com/x?a=1&a=2"), edits: []string{"%26a%3D2", ""}},
	{want: "duplicates-not-sorted-by-value", req: get("https://api.example.com/x?a=2&a=1"), edits: []string{"a%3D1%26a%3D2", "a%3D2%26a%3D1"}},
	{want: "duplicates-indexed", req: get("https://api.example.com/x?a=1&a=2"), edits: []string{"a%3D1%26a%3D2", "a%255B0%255D%3D1%26a%255B1%255D%3D2"}},
	{want: "query-wins-over-body", req: oauth1.Request{Method: "POST", URL: "https://api.example.com/x?a=1&a=3&b=3", ContentType: form, Body: []byte("a=0&a=2&c=5")}, edits: []string{"a%3D0%26a%3D1%26a%3D2%26a%3D3", "a%3D1%26a%3D3"}},
	{want: "body-wins-over-query", req: oauth1.Request{Method: "POST", URL: "https://api.example.com/x?a=1&a=3&b=3", ContentType: form, Body: []byte("a=0&a=2&c=5")}, edits: []string{"a%3D0%26a%3D1%26a%3D2%26a%3D3", "a%3D0%26a%3D2"}},
	{want: "empty-pair-added", req: get("https://api.example.com/x?a=1"), edits: []string{"&a%3D1", "&%3D%26a%3D1"}},
	{want: "valueless-dropped", req: get("https://api.example.com/x?a=&b&c=1"), edits: []string{"b%3D%26", ""}},
	{want: "empty-value-dropped", req: get("https://api.example.com/x?a=&c=1"), edits: []string{"a%3D%26", ""}},
	{want: "nameless-dropped", req: get("https://api.example.com/x?=v&c=1"), edits: []string{"&%3Dv%26", "&"}},
	{want: "plus-not-decoded", req: get("https://api.example.com/x?q=a+b"), edits: []string{"a%2520b", "a%252Bb"}},
	{want: "double-encoding", req: get("https://api.example.com/x?q=a%20b"), edits: []string{"a%2520b", "a%252520b"}},
	{want: "names-not-decoded", req: get("https://api.example.com/x?f%5B0%5D=a%20b"), edits: []string{"f%255B0%255D", "f%25255B0%25255D"}},
	{want: "decoded-twice", req: get("https://api.example.com/x?q=%2541"), edits: []string{"q%3D%252541", "q%3DA"}},
	{want: "semicolon-splits", req: get("https://api.example.com/x?a=1;b=2"), edits: []string{"a%3D1%253Bb%253D2", "a%3D1%26b%3D2"}},
	{want: "malformed-dropped", req: get("https://api.example.com/x?a=1;b=2&c=3"), edits: []string{"a%3D1%253Bb%253D2%26", ""}},
	{want: "realm-signed", req: get("https://api.example.com/x"), alter: func(p *oauth1.Params) { p.Realm = "Photos" }, edits: []string{"version%3D1.0", "version%3D1.0%26realm%3DPhotos"}},
	{want: "version-1.0A", req: get("https://api.example.com/x"), edits: []string{"version%3D1.0", "version%3D1.0A"}},
	{want: "version-signed-not-sent", req: get("https://api.example.com/x"), alter: func(p *oauth1.Params) { p.OmitVersion = true }, edits: []string{"token%3Dtk%252F1", "token%3Dtk%252F1%26oauth_version%3D1.0"}},
	{want: "empty-token-signed-not-sent", req: get("https://api.example.com/x"), alter: func(p *oauth1.Params) { p.TokenMode = oauth1.TokenAbsent }, edits: []string{"%26oauth_version", "%26oauth_token%3D%26oauth_version"}},
	{want: "protocol-decoded-twice", req: get("https://api.example.com/x"), alter: func(p *oauth1.Params) { p.Callback = "https://me.example/cb?next=%2Fa" }, edits: []string{"next%253D%25252Fa", "next%253D%252Fa"}},
	{want: "protocol-encoded-twice", req: get("https://api.example.com/x"), edits: []string{"tk%252F1", "tk%25252F1"}},
	{want: "timestamp-in-milliseconds", req: get("https://api.example.com/x"), edits: []string{"1700000000", "1700000000000"}},
	{want: "zero-signed-as-empty", req: get("https://api.example.com/x?a=0&b=1"), edits: []string{"a%3D0", "a%3D"}},
	{want: "non-utf8-replaced", req: get("https://api.example.com/x?a=%FF"), edits: []string{"a%3D%25FF", "a%3D%25EF%25BF%25BD"}},
	{want: "brackets-parsed", req: get("https://api.example.com/x?f%5Bn%5D=1"), edits: []string{"f%255Bn%255D%3D1", "f%3D%255Bobject%2520Object%255D"}},
	{want: "body-hash-of-hex", req: post("text/plain", "message"), alter: func(p *oauth1.Params) { p.BodyHash = oauth1.BodyHashAuto },
		edits: []string{"b5ua881ui4pzws3O03%252Fp9ZIm4n0%253D", "NmY5YjlhZjNjZDZlOGI4YTczYzJjZGNlZDM3ZmU5ZjU5MjI2ZTI3ZA%253D%253D"}},
	{want: "sub-delimiters-not-encoded", req: get("https://api.example.com/x?q=*'()!"), edits: []string{"%252A%2527%2528%2529%2521", "*'()!"}},
	{want: "tilde-encoded", req: get("https://api.example.com/x?q=~"), edits: []string{"~", "%257E"}},
	{want: "plus-for-space", req: get("https://api.example.com/x?q=a%20b"), edits: []string{"a%2520b", "a%2Bb"}},
	{want: "lower-case-escapes", req: get("https://api.example.com/x"), edits: []string{"%2F", "%2f", "%3A", "%3a", "%3D", "%3d", "%252F", "%252f"}},
	{want: "parameters-not-encoded-again", req: get("https://api.example.com/x"), edits: []string{"%3D", "=", "%26", "&", "%25", "%"}},
	{want: "base-uri-not-encoded", req: get("https://api.example.com/x"), edits: []string{"https%3A%2F%2Fapi.example.com%2Fx", "https://api.example.com/x"}},
	{want: "sorted-before-encoding", req: get("https://api.example.com/x?c%40=1&c2=2"), edits: []string{"c%2540%3D1%26c2%3D2", "c2%3D2%26c%2540%3D1"}},
	{want: "sorted-as-joined-text", req: get("https://api.example.com/x?a=z&a-=y"), edits: []string{"a%3Dz%26a-%3Dy", "a-%3Dy%26a%3Dz"}},
	{want: "not-sorted", req: get("https://api.example.com/x?z=1&b=2"), edits: []string{"b%3D2%26", "z%3D1%26b%3D2%26", "version%3D1.0%26z%3D1", "version%3D1.0"}},
	{want: "sorted-without-case", req: get("https://api.example.com/x?B=1&a=2"), edits: []string{"B%3D1%26a%3D2", "a%3D2%26B%3D1"}},
	{want: "path-cut-at-semicolon", req: get("https://api.example.com/cal;all/x?k=1"), edits: []string{"cal%3Ball%2Fx", "cal"}},
	{want: "path-parameters-dropped", req: get("https://api.example.com/a;v=1/b"), edits: []string{"a%3Bv%3D1%2Fb", "a%2Fb"}},
	{want: "path-escapes-lower-cased", req: get("https://api.example.com/Caf%C3%A9"), edits: []string{"%25C3%25A9", "%25c3%25a9"}},
	{want: "other-host", req: get("https://www.example.com/x"), edits: []string{"www.", ""}},
	{want: "other-host", req: get("https://example.com/x"), edits: []string{"example.com", "www.example.com"}},
	{want: "query-as-it-stands", req: get("https://api.example.com/x?t=A:B%20C"), edits: []string{"A%253AB%2520C", "A%3AB%2520C"}},
	{want: "form-as-it-stands", req: post(form, "t=A:B+C"), edits: []string{"A%253AB%2520C", "A%3AB%2BC"}},
	{want: "names-not-encoded", req: get("https://api.example.com/x?f%5Ba%5D=%20"), edits: []string{"f%255Ba%255D", "f%5Ba%5D"}},
	{want: "values-not-encoded", req: get("https://api.example.com/x?a=x%7Cy&b%7C=1"), edits: []string{"x%257Cy", "x%7Cy", "tk%252F1", "tk%2F1"}},
	{want: "slash-not-encoded", req: get("https://api.example.com/x?a=x/y"), edits: []string{"%252F", "/", "%2F", "/"}},
	{want: "encoder-java", req: get("https://api.example.com/x?a=x%20*~"), edits: []string{"x%2520%252A~", "x%2B*%257E"}},
	{want: "encoder-java", req: get("https://api.example.com/x?a=x%20*~'"), edits: []string{"x%2520%252A~%2527", "x%2520*%257E%2527"}},
	{want: "encoder-php", req: get("https://api.example.com/x?a=x%20~"), edits: []string{"x%2520~", "x%2B%257E"}},
	{want: "encoder-dotnet", req: get("https://api.example.com/x?a=x%20(~)"), edits: []string{"x%2520%2528~%2529", "x%2b(%257e)", "%3A", "%3a", "%2F", "%2f", "%3D", "%3d", "%252F", "%252f"}},
	{want: "sub-delimiters-not-encoded", req: get("https://api.example.com/x?q=*'()!"), edits: []string{"%252A%2527%2528%2529%2521", "%252A%2527%2528%2529!"}},
	{want: "pairs-signed-twice", req: get("https://api.example.com/x?a=1&b=2"), edits: []string{"a%3D1%26b%3D2", "a%3D1%26a%3D1%26b%3D2%26b%3D2"}},
	{want: "pairs-signed-twice", req: post(form, "a=1"), edits: []string{"a%3D1", "a%3D1%26a%3D1"}},
	{want: "latin-1", req: get("https://api.example.com/x?a=caf%C3%A9"), edits: []string{"%25C3%25A9", "%25E9"}},
	{want: "utf-8-read-as-latin-1", req: get("https://api.example.com/x?a=caf%C3%A9"), edits: []string{"%25C3%25A9", "%25C3%2583%25C2%25A9"}},
	{want: "non-ascii-replaced", req: get("https://api.example.com/x?a=caf%C3%A9"), edits: []string{"%25C3%25A9", "%253F"}},
	{want: "line-breaks-changed", req: post(form, "a=1%0D%0A2"), edits: []string{"%250D%250A", "%250A"}},
	{want: "values-trimmed", req: post(form, "a=+1+"), edits: []string{"%25201%2520", "1"}},
	{want: "tags-stripped", req: post(form, "a=%3Cb%3E1%3C%2Fb%3E"), edits: []string{"%253Cb%253E1%253C%252Fb%253E", "1"}},
	{want: "html-escaped", req: post(form, "a=1%262"), edits: []string{"1%25262", "1%2526amp%253B2"}},
	{want: "multipart-fields-signed", req: post("multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"t\"\r\n\r\nhi\r\n--b--\r\n"),
		edits: []string{"version%3D1.0", "version%3D1.0%26t%3Dhi"}},
	{want: "parameter-not-signed", req: get("https://api.example.com/x?a=1&b=2"), edits: []string{"%26b%3D2", ""}},
	{want: "parameter-not-signed", req: post(form, "a=1&b=2"), edits: []string{"a%3D1%26", ""}},
	{want: "parameters-not-signed", req: get("https://api.example.com/x"), alter: func(p *oauth1.Params) { p.Verifier, p.Callback = "v", "oob" }, edits: []string{"%26oauth_verifier%3Dv", "", "oauth_callback%3Doob%26", ""}},
	{want: "parameter-signed-not-sent", req: get("https://api.example.com/x"), edits: []string{"x&", "x&oauth_callback%3Dabout%253Ablank%26"}},
	{want: "value-not-encoded", req: get("https://api.example.com/x"), alter: func(p *oauth1.Params) { p.Verifier = "a b" }, edits: []string{"verifier%3Da%2520b", "verifier%3Da%20b"}},
	{want: "parameter-not-signed", req: get("https://api.example.com/x"), alter: func(p *oauth1.Params) { p.Verifier = "v" }, edits: []string{"%26oauth_verifier%3Dv", ""}},
}

func causeParams() oauth1.Params {
	return oauth1.Params{ConsumerKey: "ck", ConsumerSecret: "consumer&secret/1", Token: "tk/1", TokenSecret: "token+secret/2"}
}

func ids(d *explain.Difference) []string {
	if d == nil {
		return nil
	}
	var names []string
	for _, c := range d.Causes {
		names = append(names, fmt.Sprintf("%s/%v", c.ID, c.Certain))
	}
	return names
}

func (c *causeCase) input() explain.Input {
	in := explain.Input{Params: causeParams(), Request: c.req, Nonce: "nonce7", Timestamp: 1700000000}
	if c.alter != nil {
		c.alter(&in.Params)
	}
	return in
}

// TestCauses makes every mistake and sees it named, first from the foreign base string and then from the signature in a
// foreign header alone.
func TestCauses(t *testing.T) {
	for _, c := range causeCases {
		t.Run(c.want, func(t *testing.T) {
			in := c.input()
			own := explain.Explain(in)
			if own.Err != nil {
				t.Fatal(own.Err)
			}
			foreign := own.Trace.BaseString
			for i := 0; i < len(c.edits); i += 2 {
				edited := strings.ReplaceAll(foreign, c.edits[i], c.edits[i+1])
				if edited == foreign {
					t.Fatalf("edit %q changes nothing in %s", c.edits[i], foreign)
				}
				foreign = edited
			}
			want := c.want + "/true"
			check := func(what string, d *explain.Difference) {
				t.Helper()
				if d == nil || len(d.Causes) == 0 || d.Together || fmt.Sprintf("%s/%v", d.Causes[0].ID, d.Causes[0].Certain) != want {
					t.Errorf("%s: causes %v, want first %s\n%v", what, ids(d), want, d)
				}
			}
			in.Foreign = &explain.Foreign{BaseString: foreign}
			check("base string", explain.Explain(in).Difference)
			in.Foreign = &explain.Foreign{Authorization: resigned(t, in.Params, own.Authorization, foreign)}
			check("header", explain.Explain(in).Difference)
		})
	}
}

// resigned puts the signature of another base string into a header.
func resigned(t *testing.T, p oauth1.Params, header, base string) string {
	t.Helper()
	key, err := oauth1.PrepareKey(&p, oauth1.Registry{})
	if err != nil {
		t.Fatal(err)
	}
	sig, err := key.Sign(base)
	if err != nil {
		t.Fatal(err)
	}
	i := strings.Index(header, `oauth_signature="`)
	return header[:i] + `oauth_signature="` + uri.Encode(sig) + `"`
}

// TestKeyCauses makes mistakes that only the signature shows.
func TestKeyCauses(t *testing.T) {
	right := causeParams()
	hmacOf := func(alter func(*oauth1.Params)) func(*testing.T, string) string {
		return func(t *testing.T, base string) string {
			p := right
			alter(&p)
			return signature(t, p, base)
		}
	}
	for _, c := range []struct {
		want string
		sign func(*testing.T, string) string
	}{
		{"token-secret-missing", hmacOf(func(p *oauth1.Params) { p.TokenSecret = "" })},
		{"consumer-secret-missing", hmacOf(func(p *oauth1.Params) { p.ConsumerSecret = "" })},
		{"wrong-secret-order", hmacOf(func(p *oauth1.Params) { p.ConsumerSecret, p.TokenSecret = p.TokenSecret, p.ConsumerSecret })},
		{"token-used-as-secret", hmacOf(func(p *oauth1.Params) { p.TokenSecret = p.Token })},
		{"other-hash", hmacOf(func(p *oauth1.Params) { p.SignatureMethod = oauth1.HMACSHA256 })},
		{"secrets-not-encoded", func(_ *testing.T, base string) string { return bareHMAC("consumer&secret/1&token+secret/2", base) }},
		{"token-secret-and-ampersand-missing", func(_ *testing.T, base string) string { return bareHMAC("consumer%26secret%2F1", base) }},
		{"signature-in-hex", func(t *testing.T, base string) string {
			raw, err := base64.StdEncoding.DecodeString(signature(t, right, base))
			if err != nil {
				t.Fatal(err)
			}
			return hex.EncodeToString(raw)
		}},
		{"signature-unpadded", func(t *testing.T, base string) string { return strings.TrimRight(signature(t, right, base), "=") }},
		{"signature-url-safe", func(t *testing.T, base string) string {
			return strings.NewReplacer("+", "-", "/", "_").Replace(signature(t, right, base))
		}},
		{"consumer-secret-changed", hmacOf(func(p *oauth1.Params) { p.ConsumerSecret += "\n" })},
		{"token-secret-changed", hmacOf(func(p *oauth1.Params) { p.TokenSecret += " " })},
		{"consumer-key-used-as-secret", hmacOf(func(p *oauth1.Params) { p.ConsumerSecret = p.ConsumerKey })},
		{"signature-base64-of-hex", func(t *testing.T, base string) string {
			raw, err := base64.StdEncoding.DecodeString(signature(t, right, base))
			if err != nil {
				t.Fatal(err)
			}
			return base64.StdEncoding.EncodeToString([]byte(hex.EncodeToString(raw)))
		}},
		{"other-timestamp-signed", func(t *testing.T, base string) string {
			return signature(t, right, strings.Replace(base, "1700000000", "1699999941", 1))
		}},
		{"inner-address-signed", func(t *testing.T, base string) string {
			return signature(t, right, strings.Replace(base, "https%3A%2F%2Fapi.example.com", "http%3A%2F%2Flocalhost%3A8080", 1))
		}},
		{"wrong-secret", func(_ *testing.T, base string) string { return bareHMAC("another", base) }},
	} {
		t.Run(c.want, func(t *testing.T) {
			// The nonce is chosen so that the signature holds both + and /.
			in := explain.Input{Params: right, Request: get("https://api.example.com/x"), Nonce: "6", Timestamp: 1700000000}
			for i := 0; ; i++ {
				in.Nonce = fmt.Sprint(i)
				if sig := explain.Explain(in).Trace.Signature; strings.ContainsAny(sig, "+") && strings.ContainsAny(sig, "/") {
					break
				}
			}
			own := explain.Explain(in)
			i := strings.Index(own.Authorization, `oauth_signature="`)
			in.Foreign = &explain.Foreign{Authorization: own.Authorization[:i] + `oauth_signature="` + uri.Encode(c.sign(t, own.Trace.BaseString)) + `"`}
			d := explain.Explain(in).Difference
			if d == nil || len(d.Causes) == 0 || d.Causes[0].ID != c.want || d.Causes[0].Certain == (c.want == "wrong-secret") {
				t.Errorf("causes %v, want first %s\n%v", ids(d), c.want, d)
			}
		})
	}
}

func bareHMAC(key, base string) string {
	mac := hmac.New(sha1.New, []byte(key))
	mac.Write([]byte(base))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

func signature(t *testing.T, p oauth1.Params, base string) string {
	t.Helper()
	key, err := oauth1.PrepareKey(&p, oauth1.Registry{})
	if err != nil {
		t.Fatal(err)
	}
	sig, err := key.Sign(base)
	if err != nil {
		t.Fatal(err)
	}
	return sig
}

// TestHeaderCauses covers what a header shows by itself.
func TestHeaderCauses(t *testing.T) {
	for _, c := range []struct {
		want, old, new string
		req            oauth1.Request
	}{
		{"timestamp-in-milliseconds", `timestamp="1700000000"`, `timestamp="1700000000123"`, get("https://api.example.com/x")},
		{"version-1.0A", `version="1.0"`, `version="1.0A"`, get("https://api.example.com/x")},
		{"signature-absent", `,oauth_signature=`, `,x_signature=`, get("https://api.example.com/x")},
		{"nonce-absent", `oauth_nonce="n",`, ``, get("https://api.example.com/x")},
		{"header-malformed", `oauth_nonce="n",`, `oauth_nonce="n",oauth_nonce="n",`, get("https://api.example.com/x")},
		{"body-hash-with-form", `oauth_consumer_key`, `oauth_body_hash="x",oauth_consumer_key`, post(form, "a=1")},
		{"body-hash-differs", `oauth_consumer_key`, `oauth_body_hash="x",oauth_consumer_key`, post("text/plain", "a=1")},
		{"body-hash-is-hmac", `oauth_consumer_key`, `oauth_body_hash="` + uri.Encode(bareHMAC("consumer%26secret%2F1&token%2Bsecret%2F2", "a=1")) + `",oauth_consumer_key`, post("text/plain", "a=1")},
		{"body-hash-of-hex", `oauth_consumer_key`, `oauth_body_hash="NmY5YjlhZjNjZDZlOGI4YTczYzJjZGNlZDM3ZmU5ZjU5MjI2ZTI3ZA%3D%3D",oauth_consumer_key`, post("text/plain", "message")},
		{"protocol-encoded-twice", `tk%2F1`, `tk%252F1`, get("https://api.example.com/x")},
	} {
		t.Run(c.want, func(t *testing.T) {
			in := explain.Input{Params: causeParams(), Request: c.req, Nonce: "n", Timestamp: 1700000000}
			own := explain.Explain(in)
			header := strings.Replace(own.Authorization, c.old, c.new, 1)
			if header == own.Authorization {
				t.Fatal("the edit changes nothing")
			}
			in.Foreign = &explain.Foreign{Authorization: header}
			d := explain.Explain(in).Difference
			found := false
			for _, id := range ids(d) {
				found = found || strings.HasPrefix(id, c.want+"/")
			}
			if !found {
				t.Errorf("causes %v, want %s\n%v", ids(d), c.want, d)
			}
		})
	}
}

// TestPlusInSignature is pitfall 26: an unencoded + arrives as a space.
func TestPlusInSignature(t *testing.T) {
	in := explain.Input{Params: causeParams(), Request: get("https://api.example.com/x"), Timestamp: 1}
	for i := 0; ; i++ {
		in.Nonce = fmt.Sprint(i)
		own := explain.Explain(in)
		if !strings.Contains(own.Trace.Signature, "+") {
			continue
		}
		for from, want := range map[string]string{"%2B": "plus-in-signature", "%": "signature-encoded-twice"} {
			at := strings.Index(own.Authorization, "oauth_signature=")
			to := map[string]string{"%2B": " ", "%": "%25"}[from]
			in.Foreign = &explain.Foreign{Authorization: own.Authorization[:at] + strings.ReplaceAll(own.Authorization[at:], from, to)}
			d := explain.Explain(in).Difference
			if d == nil || d.Causes[0].ID != want || !d.Causes[0].Certain {
				t.Errorf("%s: %v", want, d)
			}
		}
		return
	}
}

// TestTwoMistakes needs both to be found together.
func TestTwoMistakes(t *testing.T) {
	in := explain.Input{Params: causeParams(), Request: get("https://api.example.com:443/x?q=~"), Nonce: "n", Timestamp: 1}
	own := explain.Explain(in)
	base := strings.NewReplacer("example.com%2F", "example.com%3A443%2F", "~", "%257E").Replace(own.Trace.BaseString)
	in.Foreign = &explain.Foreign{Authorization: resigned(t, in.Params, own.Authorization, base)}
	d := explain.Explain(in).Difference
	if d == nil || !d.Together || len(d.Causes) < 2 || d.Causes[0].ID != "default-port-written" || d.Causes[1].ID != "tilde-encoded" {
		t.Errorf("%v", d)
	}
}

// TestHeaderContradicts: what the header shows rules out a cause that the signature alone would allow.
func TestHeaderContradicts(t *testing.T) {
	in := explain.Input{Params: causeParams(), Request: get("https://api.example.com/x?script=1"), Nonce: "n", Timestamp: 1}
	in.Params.Extra = []uri.Pair{{Name: "script", Value: "1"}}
	own := explain.Explain(in)
	once := strings.Replace(own.Trace.BaseString, "%26script%3D1%26script%3D1", "%26script%3D1", 1)
	in.Foreign = &explain.Foreign{Authorization: resigned(t, in.Params, own.Authorization, once)}
	if d := explain.Explain(in).Difference; d == nil || d.Causes[0].ID != "repeated-pairs-signed-once" || strings.Contains(d.String(), "query not signed") {
		t.Errorf("pairs of the query in the header: %v", d)
	}

	in = explain.Input{Params: causeParams(), Request: get("https://api.example.com/x"), Nonce: "n", Timestamp: 1}
	twoLegged := in
	twoLegged.Params.Token, twoLegged.Params.TokenSecret = "", ""
	in.Foreign = &explain.Foreign{Authorization: explain.Explain(twoLegged).Authorization}
	if d := explain.Explain(in).Difference; d == nil || d.Causes[0].ID != "token-absent" || strings.Contains(d.String(), "missing in the key") {
		t.Errorf("a header without a token: %v", d)
	}
}

// TestPairsByName lists what is missing, extra and changed in a base string, and names all of it together.
func TestPairsByName(t *testing.T) {
	in := explain.Input{Params: causeParams(), Request: get("https://api.example.com/x?a=1&b=2&c=3&d=4"), Nonce: "n", Timestamp: 1}
	base := explain.Explain(in).Trace.BaseString
	in.Foreign = &explain.Foreign{BaseString: strings.Replace(base, "a%3D1%26b%3D2%26c%3D3%26d%3D4", "b%3D7%26c%3D3%26e%3D5", 1)}
	text := explain.Explain(in).Difference.String()
	for _, want := range []string{"only own: a=\"1\"", "differs: b, own \"2\", foreign \"7\"", "only own: d=\"4\"", "only foreign: e=\"5\"",
		"cause, in part: a sent but not signed", "cause, in part: value of b differs: 2 against 7", "cause, in part: e signed but not sent, with the value 5"} {
		if !strings.Contains(text, want) {
			t.Errorf("lacks %q:\n%s", want, text)
		}
	}
	in.Foreign = &explain.Foreign{BaseString: strings.Replace(base, "a%3D1%26b%3D2", "b%3D2%26a%3D1", 1)}
	if d := explain.Explain(in).Difference; len(d.Params) > 0 || len(d.Causes) != 1 || d.Causes[0].ID != "not-sorted" || !d.Causes[0].Certain {
		t.Errorf("unsorted: %v", d)
	}
}

// TestAgreement: another nonce and time are no difference.
func TestAgreement(t *testing.T) {
	in := explain.Input{Params: causeParams(), Request: get("https://api.example.com/x?a=1"), Nonce: "n", Timestamp: 1}
	other := in
	other.Nonce, other.Timestamp = "m", 1700000000
	foreign := explain.Explain(other)
	for _, f := range []explain.Foreign{{Authorization: foreign.Authorization}, {BaseString: foreign.Trace.BaseString}, {Authorization: foreign.Authorization, BaseString: foreign.Trace.BaseString}} {
		in.Foreign = &f
		if f.Authorization == "" {
			in.Nonce, in.Timestamp = "", 0
		}
		if d := explain.Explain(in).Difference; d != nil {
			t.Errorf("difference: %v", d)
		}
	}
}

// TestOtherMoment: a nonce and a timestamp that are given are held against those of a base string.
func TestOtherMoment(t *testing.T) {
	in := explain.Input{Params: causeParams(), Request: get("https://api.example.com/x?a=1"), Nonce: "n", Timestamp: 1700000000}
	other := in
	other.Timestamp += 7
	in.Foreign = &explain.Foreign{BaseString: explain.Explain(other).Trace.BaseString}
	d := explain.Explain(in).Difference
	if d == nil || len(d.Causes) != 1 || !d.Causes[0].Certain || !strings.HasPrefix(d.Causes[0].Name, "another timestamp signed than sent") {
		t.Errorf("%v", d)
	}
}

// TestDifferenceAligned shows how a difference is printed.
func TestDifferenceAligned(t *testing.T) {
	in := explain.Input{Params: causeParams(), Request: get("https://api.example.com/x"), Nonce: "n", Timestamp: 1}
	own := explain.Explain(in)
	in.Foreign = &explain.Foreign{BaseString: strings.Replace(own.Trace.BaseString, "https", "http", 1)}
	d := explain.Explain(in).Difference
	want := `first difference: base uri, byte 8
  own      GET&https%3A%2F%2Fapi.example.com%2Fx&oauth_cons…
  foreign  GET&http%3A%2F%2Fapi.example.com%2Fx&oauth_consu…
                   ^
cause: http signed for https, or the other way round: sign the scheme of the request as the client sent it; behind a proxy trust its forwarded scheme
`
	if got := d.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
