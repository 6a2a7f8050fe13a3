package oauth1_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/imlc-lang/imlc/runtime/oauth1"
	"github.com/imlc-lang/imlc/runtime/uri"
)

// vector is one line of the shared vector file, all kinds in one.
type vector struct {
	ID, Kind, Name, Input, Form, URL, Host, Method, Hash string
	SignatureMethod                                      string            `json:"signature_method"`
	BaseString                                           string            `json:"base_string"`
	ConsumerSecret                                       string            `json:"consumer_secret"`
	TokenSecret                                          string            `json:"token_secret"`
	RSAKey                                               string            `json:"rsa_key_pkcs8"`
	HostHeader                                           string            `json:"host_header"`
	OAuthParams                                          map[string]string `json:"oauth_params"`
	SignedURL                                            string            `json:"signed_url"`
	SignedBody                                           string            `json:"signed_body"`
	Headers                                              map[string]string
	Body                                                 *string
	Realm                                                *string
	Expected                                             json.RawMessage
}

// expectation is the expected object of a request vector.
type expectation struct {
	BaseString     *string `json:"base_string"`
	Signature      string  `json:"signature"`
	Authorization  string  `json:"authorization"`
	WireBaseString string  `json:"wire_base_string"`
	WireSignature  string  `json:"wire_signature"`
}

// vectorFiles are the signing vectors of the project, and those of the specification where they lie beside it.
func vectorFiles(t testing.TB) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", "conformance", "cases", "oauth1", "*.jsonl"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no vectors: %v", err)
	}
	shared := filepath.Join("..", "..", "..", "shared", "data", "oauth1-vectors.jsonl")
	if _, err := os.Stat(shared); err == nil {
		return append(files, shared)
	} else if os.Getenv("CI") == "true" {
		t.Fatalf("../shared is absent: %v", err)
	}
	return files
}

func loadVectors(t testing.TB) []vector {
	var vs []vector
	for _, name := range vectorFiles(t) {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for line := range bytes.Lines(data) {
			var v vector
			if err := json.Unmarshal(line, &v); err != nil {
				t.Fatal(err)
			}
			vs = append(vs, v)
		}
	}
	return vs
}

func (v *vector) want(t *testing.T) string {
	var s string
	if err := json.Unmarshal(v.Expected, &s); err != nil {
		t.Fatal(err)
	}
	return s
}

func (v *vector) key(t *testing.T) *oauth1.Key {
	p := oauth1.Params{SignatureMethod: v.SignatureMethod, ConsumerSecret: v.ConsumerSecret, TokenSecret: v.TokenSecret}
	if v.RSAKey != "" {
		der, err := base64.StdEncoding.DecodeString(v.RSAKey)
		if err != nil {
			t.Fatal(err)
		}
		p.PrivateKey = string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	}
	k, err := oauth1.PrepareKey(&p, oauth1.Registry{})
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestVectors(t *testing.T) {
	vs := loadVectors(t)
	if len(vs) < 100 {
		t.Fatalf("only %d vectors", len(vs))
	}
	for _, v := range vs {
		t.Run(v.ID, v.check)
	}
}

// check compares what the vector says with what the package does.
func (v *vector) check(t *testing.T) {
	var got string
	switch v.Kind {
	case "encode":
		got = uri.Encode(v.Input)
	case "normalize":
		got = oauth1.Normalize(uri.SplitPairs(v.Form))
	case "base_uri":
		var err error
		if got, err = oauth1.BaseURI(v.URL, v.Host); err != nil {
			t.Fatal(err)
		}
	case "sign":
		var err error
		if got, err = v.key(t).Sign(v.BaseString); err != nil {
			t.Fatal(err)
		}
	case "body_hash":
		var err error
		if got, err = oauth1.BodyHash(v.Hash, []byte(*v.Body)); err != nil {
			t.Fatal(err)
		}
	case "request":
		v.checkRequest(t)
		return
	default:
		t.Fatalf("unknown kind %q", v.Kind)
	}
	if diff := cmp.Diff(v.want(t), got); diff != "" {
		t.Error(diff)
	}
}

func (v *vector) request() *oauth1.Request {
	req := &oauth1.Request{Method: v.Method, URL: v.URL, Host: v.HostHeader}
	for name, value := range v.Headers {
		if strings.EqualFold(name, "content-type") {
			req.ContentType = value
		}
	}
	if v.Body != nil {
		req.Body = []byte(*v.Body)
	}
	return req
}

func (v *vector) protocol() []uri.Pair {
	var ps []uri.Pair
	for name, value := range v.OAuthParams {
		ps = append(ps, uri.Pair{Name: name, Value: value})
	}
	sort.Slice(ps, func(i, j int) bool { return ps[i].Name < ps[j].Name })
	return ps
}

func (v *vector) checkRequest(t *testing.T) {
	var want expectation
	if err := json.Unmarshal(v.Expected, &want); err != nil {
		t.Fatal(err)
	}
	check := func(url, base, signature string) {
		t.Helper()
		req := v.request()
		req.URL = url
		trace, err := oauth1.Derive(req, v.protocol(), v.key(t))
		if err != nil {
			t.Fatal(err)
		}
		text, err := new(oauth1.Rules).BaseString(req, v.protocol())
		if err != nil {
			t.Fatal(err)
		}
		if base != "" {
			if diff := cmp.Diff(base, text); diff != "" {
				t.Error(diff)
			}
		}
		if password := slices.ContainsFunc(trace.Params, func(p oauth1.Param) bool { return oauth1.IsPassword(p.Name) }); password == (text == trace.BaseString) {
			t.Errorf("the derivation shows the base string %q of %q", trace.BaseString, text) // masked if it holds a password
		}
		sig, err := v.key(t).Sign(text)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(signature, sig); diff != "" {
			t.Error(diff)
		}
	}
	base := ""
	if want.BaseString != nil {
		base = *want.BaseString
	}
	check(v.URL, base, want.Signature)
	if want.WireSignature != "" {
		check(uri.Escaped(v.URL), want.WireBaseString, want.WireSignature)
	}
	v.checkSigner(t, want)
}

// checkSigner makes the same request through Params, in every transport.
func (v *vector) checkSigner(t *testing.T, want expectation) {
	p, nonce, timestamp, ok := v.params()
	if !ok {
		return // a timestamp that is no number can be derived but not signed
	}
	req := v.request()
	p.Realm, p.HasRealm = "", v.Realm != nil
	if v.Realm != nil {
		p.Realm = *v.Realm
	}
	signer, err := oauth1.NewSigner(p, oauth1.WithKey(v.key(t)))
	if err != nil {
		t.Fatal(err)
	}
	signed, err := signer.Sign(req, nonce, timestamp)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want.Signature, signed.Signature); diff != "" {
		t.Error(diff)
	}
	traced, _, err := signer.SignTrace(req, nonce, timestamp)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(traced, signed); diff != "" {
		t.Errorf("fast path differs from plain path: %s", diff)
	}
	if want.Authorization != "" {
		compareHeaders(t, want.Authorization, signed.Authorization)
	}
	if v.SignedURL != "" {
		p.Transport = oauth1.Query
		comparePairs(t, &p, v, nonce, timestamp, v.SignedURL, func(r oauth1.Request) string { return r.URL })
	}
	if v.SignedBody != "" {
		p.Transport = oauth1.Body
		comparePairs(t, &p, v, nonce, timestamp, v.SignedBody, func(r oauth1.Request) string { return string(r.Body) })
	}
}

// params turns the vector's protocol parameters into settings.
func (v *vector) params() (p oauth1.Params, nonce string, timestamp int64, ok bool) {
	p = oauth1.Params{SignatureMethod: v.SignatureMethod, OmitVersion: true, TokenMode: oauth1.TokenAbsent, OmitNonce: true}
	ok = true
	for name, value := range v.OAuthParams {
		switch name {
		case "oauth_consumer_key":
			p.ConsumerKey = value
		case "oauth_token":
			p.Token, p.TokenMode = value, oauth1.TokenValue
		case "oauth_version":
			p.Version, p.OmitVersion = value, false
		case "oauth_nonce":
			nonce, p.OmitNonce = value, false
		case "oauth_timestamp":
			n, err := strconv.ParseInt(value, 10, 64)
			timestamp, ok, p.OmitNonce = n, ok && err == nil, false
		case "oauth_signature_method":
		default:
			p.Extra = append(p.Extra, uri.Pair{Name: name, Value: value})
		}
	}
	return p, nonce, timestamp, ok
}

func compareHeaders(t *testing.T, want, got string) {
	t.Helper()
	w, err := oauth1.ParseAuthorization(want)
	if err != nil {
		t.Fatal(err)
	}
	g, err := oauth1.ParseAuthorization(got)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(oauth1.Normalize(w.Params), oauth1.Normalize(g.Params)); diff != "" {
		t.Error(diff)
	}
	if w.Realm != g.Realm {
		t.Errorf("realm %q, want %q", g.Realm, w.Realm)
	}
}

func comparePairs(t *testing.T, p *oauth1.Params, v *vector, nonce string, timestamp int64, want string, pick func(oauth1.Request) string) {
	t.Helper()
	signer, err := oauth1.NewSigner(*p, oauth1.WithKey(v.key(t)))
	if err != nil {
		t.Fatal(err)
	}
	signed, err := signer.Sign(v.request(), nonce, timestamp)
	if err != nil {
		t.Fatal(err)
	}
	split := func(s string) string {
		front, form, ok := strings.Cut(s, "?")
		if !ok {
			front, form = "", s
		}
		return front + "?" + oauth1.Normalize(uri.SplitPairs(form))
	}
	if diff := cmp.Diff(split(want), split(pick(signed.In(v.request())))); diff != "" {
		t.Error(diff)
	}
}
