package broker_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"
)

// issuer is an OpenID provider whose users are whoever is there.
type issuer struct {
	*httptest.Server
	rsa *rsa.PrivateKey
	ec  *ecdsa.PrivateKey

	mu    sync.Mutex
	codes map[string]url.Values // what was asked for, by the code that it was answered with
	asked int                   // requests for tokens
	// person are the claims of who sits at the browser.
	person map[string]any
	// claims, discovery, sign and token change what it says and does; nil leaves that as it should be.
	claims    func(map[string]any)
	discovery func(map[string]any)
	sign      func(i *issuer, claims map[string]any) string
	token     http.HandlerFunc
	// back changes the query that the browser comes back with.
	back func(url.Values)
}

const (
	issuerClient = "imlc-client"
	issuerSecret = "canary-client-secret-9Zk"
)

func newIssuer(t testing.TB) *issuer {
	t.Helper()
	i := &issuer{codes: map[string]url.Values{}, person: map[string]any{"sub": "248289761001", "email": "Ada@Example.com", "email_verified": true}}
	var err error
	if i.rsa, err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
		t.Fatal(err)
	}
	if i.ec, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", i.describe)
	mux.HandleFunc("GET /keys", i.keys)
	mux.HandleFunc("GET /authorize", i.authorize)
	mux.HandleFunc("POST /token", i.redeem)
	i.Server = httptest.NewServer(mux)
	t.Cleanup(i.Close)
	return i
}

func says(w http.ResponseWriter, body any) { saysWith(w, http.StatusOK, body) }

func saysWith(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

func (i *issuer) describe(w http.ResponseWriter, _ *http.Request) {
	out := map[string]any{"issuer": i.URL, "authorization_endpoint": i.URL + "/authorize", "token_endpoint": i.URL + "/token", "jwks_uri": i.URL + "/keys",
		"id_token_signing_alg_values_supported": []string{"RS256", "ES256", "HS256", "none"}, "code_challenge_methods_supported": []string{"S256"}}
	if i.discovery != nil {
		i.discovery(out)
	}
	says(w, out)
}

func (i *issuer) keys(w http.ResponseWriter, _ *http.Request) {
	x, y := make([]byte, 32), make([]byte, 32)
	says(w, map[string]any{"keys": []any{
		map[string]string{"kty": "RSA", "kid": "rsa", "use": "sig", "n": b64(i.rsa.N.Bytes()), "e": b64(big.NewInt(int64(i.rsa.E)).Bytes())},
		map[string]string{"kty": "EC", "kid": "ec", "use": "sig", "crv": "P-256", "x": b64(i.ec.X.FillBytes(x)), "y": b64(i.ec.Y.FillBytes(y))},
	}})
}

func (i *issuer) authorize(w http.ResponseWriter, r *http.Request) {
	i.mu.Lock()
	defer i.mu.Unlock()
	q, code := r.URL.Query(), rand.Text()
	i.codes[code] = q
	back := url.Values{"state": {q.Get("state")}, "code": {code}, "iss": {i.URL}}
	if i.back != nil {
		i.back(back)
	}
	http.Redirect(w, r, q.Get("redirect_uri")+"?"+back.Encode(), http.StatusFound)
}

func (i *issuer) redeem(w http.ResponseWriter, r *http.Request) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.asked++; i.token != nil {
		i.token(w, r)
		return
	}
	asked := i.codes[r.PostFormValue("code")]
	delete(i.codes, r.PostFormValue("code"))
	sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	id, secret, _ := r.BasicAuth()
	if asked == nil || id != issuerClient || secret != issuerSecret || asked.Get("code_challenge_method") != "S256" || asked.Get("code_challenge") != b64(sum[:]) ||
		asked.Get("redirect_uri") != r.PostFormValue("redirect_uri") {
		saysWith(w, http.StatusBadRequest, map[string]string{"error": "invalid_grant", "error_description": "canary-description"})
		return
	}
	now := time.Now()
	claims := map[string]any{"iss": i.URL, "aud": issuerClient, "iat": now.Unix(), "exp": now.Add(time.Minute).Unix(), "nonce": asked.Get("nonce")}
	maps.Copy(claims, i.person)
	if i.claims != nil {
		i.claims(claims)
	}
	sign := i.sign
	if sign == nil {
		sign = byRSA
	}
	says(w, map[string]any{"access_token": "canary-access-token", "token_type": "Bearer", "expires_in": 60, "id_token": sign(i, claims)})
}

func b64(data []byte) string { return base64.RawURLEncoding.EncodeToString(data) }

// signed is a token; f signs the hash of its text.
func signed(alg, kid string, claims map[string]any, f func(text string, sum []byte) []byte) string {
	head, _ := json.Marshal(map[string]string{"alg": alg, "kid": kid, "typ": "JWT"})
	body, _ := json.Marshal(claims)
	text := b64(head) + "." + b64(body)
	sum := sha256.Sum256([]byte(text))
	return text + "." + b64(f(text, sum[:]))
}

func byRSA(i *issuer, claims map[string]any) string {
	return signed("RS256", "rsa", claims, func(_ string, sum []byte) []byte {
		out, _ := rsa.SignPKCS1v15(rand.Reader, i.rsa, crypto.SHA256, sum)
		return out
	})
}

func byEC(i *issuer, claims map[string]any) string {
	return signed("ES256", "ec", claims, func(_ string, sum []byte) []byte {
		r, s, _ := ecdsa.Sign(rand.Reader, i.ec, sum)
		return append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
	})
}

// byNobody makes a token that nobody signs.
func byNobody(_ *issuer, claims map[string]any) string {
	return signed("none", "rsa", claims, func(string, []byte) []byte { return nil })
}

// byPublicKey signs with what everybody has, as if the key of the issuer were a shared one.
func byPublicKey(i *issuer, claims map[string]any) string {
	return signed("HS256", "rsa", claims, func(text string, _ []byte) []byte {
		h := hmac.New(sha256.New, i.rsa.N.Bytes())
		h.Write([]byte(text))
		return h.Sum(nil)
	})
}

// byStranger signs with another key under the name of the issuer's.
func byStranger(_ *issuer, claims map[string]any) string {
	key, _ := rsa.GenerateKey(rand.Reader, 2048)
	return byRSA(&issuer{rsa: key}, claims)
}
