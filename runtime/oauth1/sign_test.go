package oauth1_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"hash"
	"math/big"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/imlc-lang/imlc/runtime/oauth1"
	"github.com/imlc-lang/imlc/runtime/oauth1/explain"
	"github.com/imlc-lang/imlc/runtime/uri"
)

var base = oauth1.Params{ConsumerKey: "ck", ConsumerSecret: "cs", Token: "tk", TokenSecret: "ts"}

func mustSigner(t testing.TB, p oauth1.Params) *oauth1.Signer {
	t.Helper()
	s, err := oauth1.NewSigner(p)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestMakeVectors are the signature vectors of the Make specification, §24.
func TestMakeVectors(t *testing.T) {
	with := func(alter func(*oauth1.Params)) oauth1.Params {
		p := base
		alter(&p)
		return p
	}
	hash := with(func(p *oauth1.Params) { p.BodyHash = oauth1.BodyHashAuto })
	noToken := with(func(p *oauth1.Params) { p.Token, p.TokenSecret = "", "" })
	callback := noToken
	callback.Callback = "https://connect.example.test/oauth1/callback"
	for _, c := range []struct {
		name   string
		params oauth1.Params
		req    oauth1.Request
		want   string
	}{
		{"get-query", base, get("http://example.com/a%20b?q=1&q=0&r=%2B+x"), "9NhOml9WgYHO3C57fPeXCKKmnU4="},
		{"port-8080", base, get("http://example.com:8080/p"), "m5NwKDkSbOKWJEVVQEysUGbgCUo="},
		{"port-default", base, get("http://example.com:80/p"), "LLpqoLlo9+IZ4GAg+D8vl/nGIsE="},
		{"post-form", base, oauth1.Request{Method: "POST", URL: "https://example.com/t", ContentType: form, Body: []byte("a=b%20c&c2=")}, "XkTeZfdjozIxoLEFR/4PE+QWfA0="},
		{"verifier", with(func(p *oauth1.Params) { p.Verifier = "vv" }), oauth1.Request{Method: "POST", URL: "https://example.com/t"}, "sKoZTlLJCzKQZlaaQ0pajatXfk8="},
		{"callback", callback, oauth1.Request{Method: "POST", URL: "https://example.com/rt"}, "7RUNI4d6cmE2FXbDt8Heu3l5uB8="},
		{"two-legged", noToken, get("https://example.com/w"), ""},
		{"realm", with(func(p *oauth1.Params) { p.Realm = "any" }), get("https://example.com/w"), "kmDaZpK5nz1b3jpkRMa0rj5LFas="},
		{"plaintext", with(func(p *oauth1.Params) { p.SignatureMethod, p.ConsumerSecret = oauth1.Plaintext, "cs&%" }), get("https://example.com/w"), "cs%26%25&ts"},
		{"sha256", with(func(p *oauth1.Params) { p.SignatureMethod = oauth1.HMACSHA256 }), get("https://example.com/w"), "0fL/WMTPbM4l7Yg9wAMM6BcLpHF45ias6zQ5E9JyJ5U="},
		{"hash-empty", hash, oauth1.Request{Method: "POST", URL: "https://example.com/w"}, "l4eZRsU69BpiEq4l5v4dX8qG+2Y="},
		{"hash-json", hash, oauth1.Request{Method: "POST", URL: "https://example.com/w", ContentType: "application/json", Body: []byte(`{"foo":"bar"}`)}, "np51GFxNPH+sEOQNFHSLxJRBDEI="},
		{"brackets", base, get("https://example.com/t?l%5B%5D=9"), "NDBqsyUGflZwNR7NtAgJ5q2U7tA="},
		{"unicode", base, get("https://example.com/t?n=%E2%82%AC%F0%9F%98%80&s=a%20b%21%2A%27%28%29~"), "el3gv36NzEKS6Iu6mbZ4tMgllLo="},
	} {
		t.Run(c.name, func(t *testing.T) {
			signed, err := mustSigner(t, c.params).Sign(&c.req, "N", 1)
			if err != nil {
				t.Fatal(err)
			}
			want := c.want
			if c.name == "two-legged" {
				want = "w0a0jIfvnWfpdoEserm3Q50aHbc="
			}
			if signed.Signature != want {
				t.Errorf("signature %s, want %s", signed.Signature, want)
			}
			if c.name == "plaintext" && !strings.HasSuffix(signed.Authorization, `oauth_signature="cs%2526%2525%26ts"`) {
				t.Error(signed.Authorization)
			}
		})
	}
}

func TestTransports(t *testing.T) {
	const query = "oauth_consumer_key=ck&oauth_nonce=N&oauth_signature_method=HMAC-SHA1&oauth_timestamp=1&oauth_token=tk&oauth_version=1.0&oauth_signature="
	for _, c := range []struct {
		name      string
		transport oauth1.Transport
		req       oauth1.Request
		url, body string
	}{
		{"query", oauth1.Query, get("https://example.com/w"), "https://example.com/w?" + query + "kmDaZpK5nz1b3jpkRMa0rj5LFas%3D", ""},
		{"query after empty query, fragment cut", oauth1.Query, get("https://example.com/w?#f"), "https://example.com/w?" + query + "kmDaZpK5nz1b3jpkRMa0rj5LFas%3D", ""},
		{"body", oauth1.Body, oauth1.Request{Method: "POST", URL: "https://example.com/t", ContentType: form, Body: []byte("a=b%20c&c2=")}, "https://example.com/t", "a=b%20c&c2=&" + query + "XkTeZfdjozIxoLEFR%2F4PE%2BQWfA0%3D"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := base
			p.Transport, p.Realm = c.transport, "left out"
			signed, err := mustSigner(t, p).Sign(&c.req, "N", 1)
			if err != nil {
				t.Fatal(err)
			}
			sent := signed.In(&c.req)
			if diff := cmp.Diff(c.url, sent.URL); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(c.body, string(sent.Body)); diff != "" {
				t.Error(diff)
			}
			if signed.Authorization != "" {
				t.Error(signed.Authorization)
			}
		})
	}
	t.Run("body of its own", func(t *testing.T) {
		p := base
		p.Transport = oauth1.Body
		bare := oauth1.Request{Method: "POST", URL: "https://example.com/w"}
		signed, err := mustSigner(t, p).Sign(&bare, "N", 1)
		if sent := signed.In(&bare); err != nil || sent.ContentType != form || !strings.HasPrefix(string(sent.Body), query) {
			t.Errorf("%v %q %q", err, sent.ContentType, sent.Body)
		}
		for _, req := range []oauth1.Request{get("https://example.com/w"), post("application/json", "{}")} {
			var wrong *oauth1.TransportError
			if _, err := mustSigner(t, p).Sign(&req, "N", 1); !errors.As(err, &wrong) {
				t.Errorf("error %v", err)
			}
		}
	})
}

// TestCarriesForm holds the one rule of the body transport, the wider and the narrower reading.
func TestCarriesForm(t *testing.T) {
	for _, c := range []struct {
		name         string
		req          oauth1.Request
		wide, narrow bool
	}{
		{"a form", oauth1.Request{Method: "post", ContentType: form + "; charset=utf-8", Body: []byte("a=1")}, true, true},
		{"a form without pairs", oauth1.Request{Method: "POST", ContentType: form}, true, true},
		{"nothing yet", oauth1.Request{Method: "POST"}, true, false},
		{"nothing yet, PATCH", oauth1.Request{Method: "PATCH"}, true, false},
		{"nothing yet, DELETE", oauth1.Request{Method: "DELETE"}, false, false},
		{"PUT", oauth1.Request{Method: "PUT", ContentType: form, Body: []byte("a=1")}, true, false},
		{"DELETE", oauth1.Request{Method: "DELETE", ContentType: form, Body: []byte("a=1")}, true, false},
		{"GET", oauth1.Request{Method: "GET", ContentType: form}, false, false},
		{"HEAD", oauth1.Request{Method: "HEAD"}, false, false},
		{"JSON", oauth1.Request{Method: "POST", ContentType: "application/json", Body: []byte("{}")}, false, false},
		{"a body of no type", oauth1.Request{Method: "POST", Body: []byte("a=1")}, false, false},
		{"a form that is not signed", oauth1.Request{Method: "POST", ContentType: form, Body: []byte("{}"), SignBody: oauth1.SignBodyNever}, false, false},
	} {
		for posts, want := range map[bool]bool{false: c.wide, true: c.narrow} {
			err := c.req.CarriesForm(posts)
			var transport *oauth1.TransportError
			if (err == nil) != want || err != nil && !errors.As(err, &transport) {
				t.Errorf("%s, posts only %v: %v", c.name, posts, err)
			}
		}
	}
}

func TestNamesAndAs(t *testing.T) {
	p := base
	p.Transport, p.BodyHash, p.Verifier, p.Extra = oauth1.Body, oauth1.BodyHashAuto, "v", []uri.Pair{{Name: "xoauth_z", Value: "1"}, {Name: "oauth_a", Value: "2"}}
	s := mustSigner(t, p)
	want := []string{"oauth_a", "oauth_body_hash", "oauth_consumer_key", "oauth_nonce", "oauth_signature_method", "oauth_timestamp", "oauth_token",
		"oauth_verifier", "oauth_version", "xoauth_z", "oauth_signature"}
	if diff := cmp.Diff(want, s.Names()); diff != "" {
		t.Error(diff)
	}
	req := post("text/plain", "x")
	signed, err := s.As(oauth1.Header).Sign(&req, "N", 1)
	if err != nil || !strings.Contains(signed.Authorization, "oauth_body_hash=") || signed.Pairs != nil {
		t.Errorf("%v %+v", err, signed)
	}
	if s.Params().Transport != oauth1.Body {
		t.Error("As changed the signer")
	}
}

func TestHeaderForm(t *testing.T) {
	p := base
	p.Realm = `a "b" \c`
	signed, err := mustSigner(t, p).Sign(&oauth1.Request{Method: "GET", URL: "https://example.com/w"}, "N", 1)
	if err != nil {
		t.Fatal(err)
	}
	want := `OAuth realm="a \"b\" \\c",oauth_consumer_key="ck",oauth_nonce="N",oauth_signature_method="HMAC-SHA1",oauth_timestamp="1",oauth_token="tk",oauth_version="1.0",oauth_signature="kmDaZpK5nz1b3jpkRMa0rj5LFas%3D"`
	if diff := cmp.Diff(want, signed.Authorization); diff != "" {
		t.Error(diff)
	}
	a, err := oauth1.ParseAuthorization(signed.Authorization)
	if err != nil || a.Realm != p.Realm {
		t.Errorf("realm %q, %v", a.Realm, err)
	}
}

func TestTokenAndHashModes(t *testing.T) {
	for _, c := range []struct {
		name  string
		alter func(*oauth1.Params)
		req   oauth1.Request
		has   string
		not   string
	}{
		{"token absent", func(p *oauth1.Params) { p.TokenMode = oauth1.TokenAbsent }, get("https://a/"), "", "oauth_token="},
		{"token empty", func(p *oauth1.Params) { p.TokenMode = oauth1.TokenEmpty }, get("https://a/"), `oauth_token=""`, ""},
		{"no version", func(p *oauth1.Params) { p.OmitVersion = true }, get("https://a/"), "", "oauth_version"},
		{"version", func(p *oauth1.Params) { p.Version = "1.0A" }, get("https://a/"), `oauth_version="1.0A"`, ""},
		{"hash left out with form", func(p *oauth1.Params) { p.BodyHash = oauth1.BodyHashAuto }, post(form, "a=1"), "", "body_hash"},
		{"hash given with form", func(p *oauth1.Params) { p.BodyHash, p.BodyHashValue = oauth1.BodyHashGiven, "x=" }, post(form, "a=1"), `oauth_body_hash="x%3D"`, ""},
		{"hash overridden", func(p *oauth1.Params) { p.BodyHash, p.BodyHashAlgorithm = oauth1.BodyHashAuto, "sha256" }, get("https://a/"), "47DEQpj8HBSa%2B%2FTImW%2B5JCeuQeRkm5NMpJWZG3hSuFU%3D", ""},
		{"plaintext without nonce", func(p *oauth1.Params) { p.SignatureMethod, p.OmitNonce = oauth1.Plaintext, true }, get("https://a/"), "cs%26ts", "oauth_nonce"},
		{"extra", func(p *oauth1.Params) { p.Extra = []uri.Pair{{Name: "oauth_session_handle", Value: "h/"}} }, get("https://a/"), `oauth_nonce="N",oauth_session_handle="h%2F",oauth_signature_method`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := base
			c.alter(&p)
			signed, err := mustSigner(t, p).Sign(&c.req, "N", 1)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(signed.Authorization, c.has) || c.not != "" && strings.Contains(signed.Authorization, c.not) {
				t.Error(signed.Authorization)
			}
		})
	}
}

func TestSignerErrors(t *testing.T) {
	for name, alter := range map[string]func(*oauth1.Params){
		"unknown method":      func(p *oauth1.Params) { p.SignatureMethod = "hmac-sha1" },
		"hash with plaintext": func(p *oauth1.Params) { p.SignatureMethod, p.BodyHash = oauth1.Plaintext, oauth1.BodyHashAuto },
		"unknown hash":        func(p *oauth1.Params) { p.BodyHash, p.BodyHashAlgorithm = oauth1.BodyHashAuto, "md5" },
		"twice":               func(p *oauth1.Params) { p.Extra = []uri.Pair{{Name: "oauth_token", Value: "x"}} },
		"signature as extra":  func(p *oauth1.Params) { p.Extra = []uri.Pair{{Name: "oauth_signature", Value: "x"}} },
		"nonce left out":      func(p *oauth1.Params) { p.OmitNonce = true },
		"key for hmac":        func(p *oauth1.Params) { p.ConsumerSecret, p.PrivateKey = "", "x" },
		"no key":              func(p *oauth1.Params) { p.SignatureMethod, p.ConsumerSecret = oauth1.RSASHA1, "" },
	} {
		p := base
		alter(&p)
		if _, err := oauth1.NewSigner(p); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

type rot13 struct{}

func (rot13) Name() string                                      { return "X-TEST" }
func (rot13) BodyHash() string                                  { return "sha256" }
func (rot13) Prepare(oauth1.Secrets) (oauth1.SigningKey, error) { return rot13{}, nil }
func (rot13) AppendSignature(dst, base []byte) ([]byte, error) {
	return fmt.Appendf(dst, "%d", len(base)), nil
}
func (rot13) Masked() string { return "none" }

func TestRegistry(t *testing.T) {
	p := base
	p.SignatureMethod = "X-TEST"
	s, err := oauth1.NewSigner(p, oauth1.WithMethods(oauth1.Registry{}.With(rot13{})))
	if err != nil {
		t.Fatal(err)
	}
	req := get("https://a/")
	signed, trace, err := s.SignTrace(&req, "n", 1)
	if err != nil || signed.Signature != fmt.Sprint(len(trace.BaseString)) {
		t.Errorf("%v %v", signed.Signature, err)
	}
	if _, err := (oauth1.Registry{}).Lookup("X-TEST"); err == nil {
		t.Error("the default registry was changed")
	}
}

func TestPEM(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8 := string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	pkcs1 := string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}))
	public := string(pem.EncodeToMemory(&pem.Block{Type: "RSA PUBLIC KEY", Bytes: x509.MarshalPKCS1PublicKey(&key.PublicKey)}))
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ecDER, err := x509.MarshalPKCS8PrivateKey(curve)
	if err != nil {
		t.Fatal(err)
	}
	sized := func(bits uint) string {
		der, err := asn1.Marshal(struct {
			Version int
			N       *big.Int
			E       int
		}{0, new(big.Int).Lsh(big.NewInt(1), bits-1), 65537})
		if err != nil {
			t.Fatal(err)
		}
		return string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: der}))
	}
	for _, c := range []struct {
		name, text string
		want       oauth1.KeyReason
	}{
		{"small", sized(1023), oauth1.KeyTooSmall}, {"large", sized(8193), oauth1.KeyTooLarge},
		{"pkcs8", pkcs8, ""}, {"pkcs1", pkcs1, ""},
		{"escaped", strings.ReplaceAll(pkcs8, "\n", `\n`), ""},
		{"escaped crlf", strings.ReplaceAll(pkcs1, "\n", `\r\n`), ""},
		{"crlf", strings.ReplaceAll(pkcs8, "\n", "\r\n"), ""},
		{"one line", strings.ReplaceAll(pkcs8, "\n", " "), ""},
		{"no breaks", strings.ReplaceAll(pkcs8, "\n", ""), ""},
		{"quoted", ` "` + pkcs8 + `" `, ""},
		{"wrong label", strings.ReplaceAll(pkcs8, "PRIVATE", "RSA PRIVATE"), ""},
		{"after other block", public + pkcs8, ""},
		{"empty", " ", oauth1.KeyMissing},
		{"no pem", "secret-text", oauth1.KeyNotPEM},
		{"public", public, oauth1.KeyNotPrivate},
		{"curve", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: ecDER})), oauth1.KeyNotRSA},
		{"encrypted", strings.ReplaceAll(pkcs8, "PRIVATE", "ENCRYPTED PRIVATE"), oauth1.KeyEncrypted},
		{"encrypted pkcs1", strings.Replace(pkcs1, "KEY-----\n", "KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n", 1), oauth1.KeyEncrypted},
		{"broken", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der[:40]})), oauth1.KeyUnreadable},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, p := range []oauth1.Params{{SignatureMethod: oauth1.RSASHA256, PrivateKey: c.text}, {SignatureMethod: oauth1.RSASHA256, ConsumerSecret: c.text}} {
				k, err := oauth1.PrepareKey(&p, oauth1.Registry{})
				if c.want != "" {
					if !errors.Is(err, &oauth1.KeyError{Reason: c.want}) {
						t.Errorf("error %v, want %s", err, c.want)
					}
					if err != nil && strings.Contains(err.Error(), "secret-text") {
						t.Error("the error holds the key")
					}
					continue
				}
				if err != nil {
					t.Fatal(err)
				}
				sig, err := k.Sign("base")
				if err != nil {
					t.Fatal(err)
				}
				raw, err := base64.StdEncoding.DecodeString(sig)
				if err != nil {
					t.Fatal(err)
				}
				sum := sha256.Sum256([]byte("base"))
				if err := rsa.VerifyPKCS1v15(&key.PublicKey, crypto.SHA256, sum[:], raw); err != nil {
					t.Errorf("signature does not verify: %v", err)
				}
				if !k.Verify("base", sig) || k.Verify("bass", sig) {
					t.Error("Verify is wrong")
				}
			}
		})
	}
}

func TestSharedSigner(t *testing.T) {
	s, req := postForm(t)
	want, _, err := s.SignTrace(req, nonceText, 7)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 64 {
		wg.Go(func() {
			buf := make([]byte, 0, 1024)
			for range 100 {
				got, err := s.AppendAuthorization(buf[:0], req, nonceText, 7)
				if err != nil || string(got) != want.Authorization {
					t.Errorf("%v %s", err, got)
					return
				}
				if signed, err := s.Sign(req, nonceText, 7); err != nil || signed.Signature != want.Signature {
					t.Errorf("%v %s", err, signed.Signature)
					return
				}
			}
		})
	}
	wg.Wait()
}

// TestTargets signs URLs in turns and in rows with one signer, which remembers some of them, and compares with the
// plain form, which remembers none.
func TestTargets(t *testing.T) {
	s, _ := postForm(t)
	long := "https://h.test/" + strings.Repeat("long/", 300)
	urls := []string{"https://h.test/a", "https://h.test/a?x=1", "https://h.test/a?x=2", "http://h.test:80/a", long, "HTTPS://H.test/a"}
	sign := func(req oauth1.Request) {
		t.Helper()
		plain, _, err := s.SignTrace(&req, nonceText, 7)
		if err != nil {
			t.Fatal(err)
		}
		if fast, err := s.Sign(&req, nonceText, 7); err != nil || fast.Signature != plain.Signature {
			t.Errorf("%s %s, host %q: %v, signature %s, expected %s", req.Method, req.URL, req.Host, err, fast.Signature, plain.Signature)
		}
	}
	for round := range 6 {
		for _, url := range urls {
			for range round%3 + 1 {
				sign(oauth1.Request{Method: "GET", URL: url})
			}
			sign(oauth1.Request{Method: "post", URL: url})
			sign(oauth1.Request{Method: "GET", URL: url, Host: "other.test"})
		}
		s, _ = postForm(t)
		for _, url := range urls {
			for range 3 {
				sign(oauth1.Request{Method: "GET", URL: url})
			}
		}
	}
	bad := &oauth1.Request{Method: "GET", URL: "h.test/a"}
	if _, err := s.Sign(bad, nonceText, 7); err == nil {
		t.Error("a relative URL was signed")
	}
}

func TestAllocations(t *testing.T) {
	if raceEnabled {
		t.Skip("pools drop items under the race detector")
	}
	s, req := postForm(t)
	buf := make([]byte, 0, 1024)
	if n := testing.AllocsPerRun(200, func() { buf, _ = s.AppendAuthorization(buf[:0], req, nonceText, 7) }); n > 1 {
		t.Errorf("AppendAuthorization allocates %v times", n)
	}
	if n := testing.AllocsPerRun(200, func() { _, _ = s.Sign(req, nonceText, 7) }); n > 2 {
		t.Errorf("Sign allocates %v times", n)
	}
}

// TestNoSecrets greps everything that people may see.
func TestNoSecrets(t *testing.T) {
	secrets := []string{"consumer-hidden", "token-hidden", "password-hidden"}
	for _, method := range []string{oauth1.HMACSHA1, oauth1.Plaintext} {
		for _, transport := range []oauth1.Transport{oauth1.Header, oauth1.Query, oauth1.Body} {
			p := oauth1.Params{ConsumerKey: "ck", ConsumerSecret: secrets[0], Token: "tk", TokenSecret: secrets[1], SignatureMethod: method, Transport: transport}
			s := mustSigner(t, p)
			body := "x_auth_mode=client_auth&x_auth_password=" + secrets[2]
			req := oauth1.Request{Method: "POST", URL: "https://user:token-hidden@a.example/x?x_auth_password=password-hidden", ContentType: form, Body: []byte(body)}
			_, trace, err := s.SignTrace(&req, "n", 1)
			if err != nil {
				t.Fatal(err)
			}
			foreign := &explain.Foreign{Authorization: `OAuth oauth_signature="` + secrets[0] + "%26" + secrets[1] + `",oauth_signature_method="` + method + `"`}
			if method != oauth1.Plaintext {
				foreign.Authorization = `OAuth oauth_signature="x"`
			}
			e := explain.Explain(explain.Input{Params: p, Request: req, Nonce: "n", Timestamp: 1, Foreign: foreign})
			e2 := explain.Explain(explain.Input{Params: p, Request: req, Nonce: "n", Timestamp: 1, Foreign: &explain.Foreign{BaseString: "POST&https%3A%2F%2Fa.example%2Fx&x_auth_password%3Dpassword-hidden%26"}})
			var shown strings.Builder
			for _, v := range []any{p, &p, s, s.Key(), trace, *trace, e, *e, e.Difference, e2, e2.Difference, foreign} {
				fmt.Fprintf(&shown, "%v\n%+v\n%#v\n%s\n", v, v, v, v)
			}
			if e.Difference != nil {
				shown.WriteString(e.Difference.String())
			}
			for _, v := range []any{p, e, e2, trace} {
				text, err := json.Marshal(v)
				if err != nil {
					t.Fatal(err)
				}
				shown.Write(text)
			}
			for _, secret := range secrets {
				if i := strings.Index(shown.String(), secret); i >= 0 {
					t.Errorf("%s, %s: %q shows in …%s", method, transport, secret, shown.String()[max(0, i-200):i+20])
				}
			}
		}
	}
}

// The first signature of a key is made without a prepared state; it and those behind it are the HMAC of RFC 2104, also of
// keys that are longer than a block.
func TestFirstSignature(t *testing.T) {
	for name, hash := range map[string]func() hash.Hash{oauth1.HMACSHA1: sha1.New, oauth1.HMACSHA256: sha256.New, oauth1.HMACSHA512: sha512.New} {
		for _, n := range []int{0, 1, 62, 63, 64, 65, 126, 127, 128, 129, 500} {
			secret, base := strings.Repeat("k", n), "POST&base"
			method, err := oauth1.Registry{}.Lookup(name)
			if err != nil {
				t.Fatal(err)
			}
			key, err := method.Prepare(oauth1.Secrets{ConsumerSecret: secret})
			if err != nil {
				t.Fatal(err)
			}
			mac := hmac.New(hash, []byte(secret+"&"))
			mac.Write([]byte(base))
			want := base64.StdEncoding.EncodeToString(mac.Sum(nil))
			for i := range 3 {
				dst := append(make([]byte, 0, i*100), "before "...)
				got, err := key.AppendSignature(dst, []byte(base))
				if err != nil || string(got) != "before "+want {
					t.Errorf("%s, a key of %d bytes: signature %d is %q, %v; expected %q", name, n+1, i+1, got, err, want)
				}
				if rest := string(got[len(got):cap(got)]); n > 0 && strings.Contains(rest, secret) {
					t.Errorf("%s: the key of %d bytes lies behind the signature", name, n+1)
				}
			}
		}
	}
}
