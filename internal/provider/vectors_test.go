package provider

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"crypto/rsa"
	"crypto/x509"

	"github.com/google/go-cmp/cmp"
)

// vectorFiles are the signing vectors of the project, and those of the specification where they lie beside it.
func vectorFiles(t *testing.T) []string {
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

type vector struct {
	ID, Kind               string
	Input, Form, URL, Host string
	SignatureMethod        string `json:"signature_method"`
	BaseString             string `json:"base_string"`
	ConsumerSecret         string `json:"consumer_secret"`
	TokenSecret            string `json:"token_secret"`
	Key                    string `json:"rsa_key_pkcs8"`
	Method                 string
	HostHeader             string `json:"host_header"`
	Headers                map[string]string
	Body, Hash             string
	OAuthParams            map[string]string `json:"oauth_params"`
	Expected               json.RawMessage
}

func (v vector) text(t *testing.T) string {
	t.Helper()
	var text string
	if err := json.Unmarshal(v.Expected, &text); err != nil {
		t.Fatal(err)
	}
	return text
}

func (v vector) public(t *testing.T) *rsa.PublicKey {
	t.Helper()
	if v.Key == "" {
		return nil
	}
	der, err := base64.StdEncoding.DecodeString(v.Key)
	if err != nil {
		t.Fatal(err)
	}
	key, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		t.Fatal(err)
	}
	return &key.(*rsa.PrivateKey).PublicKey
}

// message turns the URL of a vector into what a server receives.
func (v vector) message() *message {
	scheme, rest, _ := strings.Cut(v.URL, "://")
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	if at := strings.LastIndexByte(rest[:end], '@'); at >= 0 { // user information is never sent
		rest, end = rest[at+1:], end-at-1
	}
	m := &message{method: v.Method, scheme: strings.ToLower(scheme), authority: rest[:end], target: rest[end:], header: http.Header{}, body: []byte(v.Body)}
	if !strings.HasPrefix(m.target, "/") {
		m.target = "/" + m.target
	}
	if v.Host != "" {
		m.authority = v.Host
	}
	if v.HostHeader != "" {
		m.authority = v.HostHeader
	}
	for name, value := range v.Headers {
		m.header.Set(name, value)
	}
	m.path, m.query = splitTarget(m.target)
	return m
}

// TestVectors judges every vector from the receiving side.
func TestVectors(t *testing.T) {
	seen := map[string]int{}
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
			seen[v.Kind]++
			t.Run(v.ID, func(t *testing.T) { v.check(t) })
		}
	}
	for _, kind := range []string{"encode", "normalize", "base_uri", "sign", "request", "body_hash"} {
		if seen[kind] < 10 {
			t.Errorf("%d vectors of kind %s were found", seen[kind], kind)
		}
	}
}

func (v vector) check(t *testing.T) {
	switch v.Kind {
	case "encode":
		compare(t, v.text(t), escape(v.Input))
		compare(t, v.Input, unescape(v.text(t), false))
	case "normalize":
		compare(t, v.text(t), normalize(splitForm(v.Form)))
	case "base_uri":
		m := v.message()
		compare(t, v.text(t), baseStringURI(m.scheme, m.authority, m.path))
	case "sign":
		m, known := methodNamed(v.SignatureMethod)
		if !known {
			t.Fatalf("method %s is not known", v.SignatureMethod)
		}
		if !m.verify(v.BaseString, sharedSecret(v.ConsumerSecret, v.TokenSecret), v.public(t), v.text(t)) {
			t.Error("the signature does not verify")
		}
	case "body_hash":
		m, _ := methodNamed("HMAC-" + strings.ToUpper(v.Hash))
		if hashes := m.bodyHashes([]byte(v.Body)); !slices.Contains(hashes, v.text(t)) {
			t.Errorf("accepted hashes are %v, want %s among them", hashes, v.text(t))
		}
	case "request":
		v.checkRequest(t)
	default:
		t.Fatalf("kind %q is not known", v.Kind)
	}
}

// checkRequest rebuilds the request with the expected signature in its header and lets the provider read it.
func (v vector) checkRequest(t *testing.T) {
	var want struct {
		BaseString *string `json:"base_string"`
		Signature  string
	}
	if err := json.Unmarshal(v.Expected, &want); err != nil {
		t.Fatal(err)
	}
	m := v.message()
	var header []string
	for name, value := range v.OAuthParams {
		header = append(header, escape(name)+`="`+escape(value)+`"`)
	}
	header = append(header, `oauth_signature="`+escape(want.Signature)+`"`)
	rest, _ := oauthScheme("OAuth " + strings.Join(header, ", "))
	sent, err := parseAuthorization(rest)
	if err != nil {
		t.Fatal(err)
	}
	params := &parameters{query: splitForm(m.query), header: sent.params}
	if m.isForm() {
		params.body = splitForm(string(m.body))
	}
	base := baseString(m.method, baseStringURI(m.scheme, m.authority, m.path), params.signed())
	if want.BaseString != nil {
		compare(t, *want.BaseString, base)
	}
	method, known := methodNamed(v.SignatureMethod)
	if !known {
		t.Fatalf("method %s is not known", v.SignatureMethod)
	}
	signature, _ := find(params.all(), "oauth_signature")
	if !method.verify(base, sharedSecret(v.ConsumerSecret, v.TokenSecret), v.public(t), signature) {
		t.Error("the signature does not verify")
	}
}

func compare[T any](t *testing.T, want, got T) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
}
