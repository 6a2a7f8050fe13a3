package oauth1_test

import (
	"fmt"
	"net/url"
	"sort"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/imlc-lang/imlc/internal/media"
	"github.com/imlc-lang/imlc/runtime/oauth1"
	"github.com/imlc-lang/imlc/runtime/uri"
)

// naiveEncode, naivePairs and naiveBase are written from RFC 5849 without a thought of speed and share no code with the
// package.
func naiveEncode(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		if strings.ContainsRune("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~", rune(c)) && c < 0x80 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

func naiveDecode(s string) string {
	s = strings.ReplaceAll(s, "+", " ")
	var b strings.Builder
	for len(s) > 0 {
		if s[0] == '%' && len(s) >= 3 {
			if d, err := url.PathUnescape(s[:3]); err == nil {
				b.WriteString(d)
				s = s[3:]
				continue
			}
		}
		b.WriteByte(s[0])
		s = s[1:]
	}
	return b.String()
}

func naivePairs(form string) (pairs [][2]string) {
	for _, segment := range strings.Split(form, "&") {
		if segment == "" {
			continue
		}
		name, value := segment, ""
		if i := strings.Index(segment, "="); i >= 0 {
			name, value = segment[:i], segment[i+1:]
		}
		if naiveDecode(name) != "oauth_signature" {
			pairs = append(pairs, [2]string{naiveEncode(naiveDecode(name)), naiveEncode(naiveDecode(value))})
		}
	}
	return pairs
}

func naiveBase(method, uri string, pairs [][2]string) string {
	sort.Slice(pairs, func(i, j int) bool {
		if pairs[i][0] != pairs[j][0] {
			return pairs[i][0] < pairs[j][0]
		}
		return pairs[i][1] < pairs[j][1]
	})
	var joined []string
	for _, p := range pairs {
		joined = append(joined, p[0]+"="+p[1])
	}
	return naiveEncode(strings.ToUpper(method)) + "&" + naiveEncode(uri) + "&" + naiveEncode(strings.Join(joined, "&"))
}

func FuzzBaseString(f *testing.F) {
	f.Add("post", "b5=%3D%253D&a3=a&c%40=&a2=r%20b", "c2&a3=2+q", "n")
	f.Add("GET", "a=1;b=2&q=%zz&=x&&a=z&a-=y&oauth_signature=x", "", "\xff")
	f.Add("GET", "oauth_token=zz&oauth_token=aa&oauth_tokem=1&oauth_tokeo=2&oauth_nonce", "oauth_nonce=m&oauth_nonce=o&%6fauth_timestamp=9", "n")
	f.Add("GET", "abcdefghz=1&abcdefgh=2&abcdefgh=1&abcdefg~=3&abcdefg=4&abcdefgh%00=5&%61bcdefgh%=6", "a=%3D&a=%2&a==&a", "%+~")
	f.Add("PUT", "z=1&y=2&x=3&w=4&v=5&u=6&t=7&s=8&r=9&q=1&p=2&o=3&n=4&m=5&l=6&k=7&j=8&i=9&h=1&g=2&f=3&e=4&d=5&c=6&b=7&a=8", "a%", "n%")
	signer, err := oauth1.NewSigner(oauth1.Params{ConsumerKey: "c k", ConsumerSecret: "s", Token: "tk", TokenSecret: "t", BodyHash: oauth1.BodyHashAuto, Realm: `r"\`, Extra: []uri.Pair{{Name: "oauth_a b", Value: "é"}}})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, method, query, body, nonce string) {
		if strings.Contains(query, "#") || !utf8.ValidString(method) || strings.ContainsFunc(method, func(r rune) bool { return r >= 0x80 }) {
			t.Skip("the naive base string knows no fragments, and upper case of ASCII only")
		}
		req := &oauth1.Request{Method: method, URL: "https://h.example/p?" + query, ContentType: media.Form, Body: []byte(body)}
		signed, trace, err := signer.SignTrace(req, nonce, 12)
		if err != nil {
			t.Fatal(err)
		}
		pairs := append(naivePairs(query), naivePairs(body)...)
		for name, value := range map[string]string{"oauth_consumer_key": "c k", "oauth_nonce": nonce, "oauth_timestamp": "12", "oauth_token": "tk",
			"oauth_signature_method": "HMAC-SHA1", "oauth_version": "1.0", "oauth_a b": "é"} {
			pairs = append(pairs, [2]string{naiveEncode(name), naiveEncode(value)})
		}
		if diff := cmp.Diff(naiveBase(method, "https://h.example/p", pairs), trace.BaseString); diff != "" && !strings.Contains(trace.BaseString, "x_auth_password") {
			t.Error(diff)
		}
		fast, err := signer.Sign(req, nonce, 12)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(signed, fast); diff != "" {
			t.Errorf("fast path differs: %s", diff)
		}
		once, err := oauth1.NewSigner(signer.Params())
		if err != nil {
			t.Fatal(err)
		}
		for range 3 { // the first signature is laid out in passing
			if first, err := once.Sign(req, nonce, 12); err != nil || first.Authorization != signed.Authorization {
				t.Errorf("a new signer differs: %v %s", err, first.Authorization)
			}
		}
		header, err := signer.AppendAuthorization(nil, req, nonce, 12)
		if err != nil || string(header) != signed.Authorization {
			t.Errorf("append path differs: %v", err)
		}
		cut := *req
		if cut.Parts, err = uri.Split(req.URL); err != nil {
			t.Fatal(err)
		}
		cut.URL = "ftp://not.read/"
		if header, err := signer.AppendAuthorization(nil, &cut, nonce, 12); err != nil || string(header) != signed.Authorization {
			t.Errorf("a URL in parts is signed otherwise: %v", err)
		}
		// Without a form body a hash is sent.
		req.ContentType = "text/plain"
		signed, _, _ = signer.SignTrace(req, nonce, 12)
		if fast, _ = signer.Sign(req, nonce, 12); fast.Authorization != signed.Authorization {
			t.Errorf("with body hash: fast path %s, plain path %s", fast.Authorization, signed.Authorization)
		}
	})
}

// FuzzURL holds the fast path to the plain one on any URL.
func FuzzURL(f *testing.F) {
	for _, s := range []string{"http://EXAMPLE.COM:80/r%20v/X?id=123", "http://[::1]:80", "https://u:p@h:0443?x#y", "x", "http://", "http://a:b/", "http://a b/ c?d e", "http://[::1", "a://b"} {
		f.Add(s, "")
	}
	f.Add("http://a/", "B:81")
	signer, err := oauth1.NewSigner(oauth1.Params{ConsumerKey: "ck", ConsumerSecret: "s"})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, raw, host string) {
		req := &oauth1.Request{Method: "GET", URL: raw, Host: host}
		plain, _, err := signer.SignTrace(req, "n", 1)
		fast, fastErr := signer.Sign(req, "n", 1)
		if fmt.Sprint(err) != fmt.Sprint(fastErr) {
			t.Fatalf("errors differ: %v, %v", err, fastErr)
		}
		if diff := cmp.Diff(plain, fast); diff != "" {
			t.Error(diff)
		}
		wire := uri.Escaped(raw)
		if again := uri.Escaped(wire); again != wire {
			t.Errorf("WireURL is not stable: %q, %q", wire, again)
		}
	})
}

func FuzzSplitForm(f *testing.F) {
	f.Add("a=1&b&=c&&%zz=%&x=+%2B")
	f.Fuzz(func(t *testing.T, form string) {
		ps := uri.SplitPairs(form)
		if diff := cmp.Diff(ps, uri.SplitPairs(uri.JoinPairs(ps))); diff != "" {
			t.Error(diff)
		}
	})
}

func FuzzParseAuthorization(f *testing.F) {
	f.Add(`OAuth realm="a\"b", oauth_token = "x%20y" ,oauth_nonce=abc`)
	f.Add("oauth a")
	f.Add(`Basic x, OAuth oauth_problem="nonce_used"`)
	f.Fuzz(func(t *testing.T, header string) {
		a, err := oauth1.ParseAuthorization(header)
		if a == nil {
			t.Fatal("no result")
		}
		if err == nil {
			again, err := oauth1.ParseAuthorization(string(oauth1.AppendHeader(nil, a.Params, "", false)))
			if len(a.Params) > 0 && (err != nil || cmp.Diff(a.Params, again.Params) != "") {
				t.Errorf("not stable: %v", err)
			}
		}
		_ = oauth1.ParseProblem(401, []string{header}, "", []byte(header))
	})
}

func FuzzTokenAnswer(f *testing.F) {
	f.Add("application/json", []byte(`{"oauth_token":1,"oauth_token_secret":"s","x":[1.50]}`))
	f.Add("text/html", []byte("<r><oauth_token>a</oauth_token><oauth_token_secret/></r>"))
	f.Add("", []byte("oauth_token=a&oauth_token_secret=b"))
	f.Fuzz(func(t *testing.T, contentType string, body []byte) {
		a, err := oauth1.ParseTokenAnswer(200, contentType, string(body), oauth1.TokenOptions{TrailingCommas: true})
		if (a == nil) == (err == nil) {
			t.Fatal("neither answer nor error")
		}
		if err == nil && a.Token == "" {
			t.Error("empty token")
		}
		if err != nil {
			_ = err.Error()
		}
	})
}
