package provider

import (
	"bytes"
	"crypto"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// epoch is the time of the provider's clock in tests that do not talk about time.
var epoch = time.Unix(1700000000, 0)

// fakeClock is a clock that tests set.
type fakeClock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *fakeClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *fakeClock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// testKey is one RSA pair for all tests, because making one takes long.
var testKey = sync.OnceValues(func() ([]byte, error) {
	pair, err := generateRSA()
	if err != nil {
		return nil, err
	}
	return pair.privatePEM()
})

// harness is a provider with a clock, an event log and no socket.
type harness struct {
	*Provider
	t      *testing.T
	clock  *fakeClock
	mu     sync.Mutex
	events []Event
}

func newHarness(t *testing.T, adjust ...func(*Config)) *harness {
	t.Helper()
	key, err := testKey()
	if err != nil {
		t.Fatal(err)
	}
	h := &harness{t: t, clock: &fakeClock{now: epoch}}
	config := Config{AutoApprove: true, Clock: h.clock.Now, RSAKeyPEM: key, Log: func(e Event) {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.events = append(h.events, e)
	}}
	for _, f := range adjust {
		f(&config)
	}
	if h.Provider, err = New(config); err != nil {
		t.Fatal(err)
	}
	return h
}

// signer is a client: what it sends is set by its fields, and its hooks break it on purpose.
type signer struct {
	harness            *harness
	consumer, secret   string
	token, tokenSecret string
	method             string
	transport          Transport
	realm              string
	extra              []Parameter // further oauth_ parameters
	replace            map[string]string
	drop               []string
	key                string                        // a shared secret other than the right one
	before             func(*http.Request)           // changes the unsigned request
	after              func(*http.Request)           // changes the signed request
	tamperBase         func(base string) string      // changes what is signed
	tamperSignature    func(signature string) string // changes the signature
	nonce              string
}

func (h *harness) signer(method string, transport Transport) *signer {
	s := &signer{harness: h, consumer: "ck-hmac", secret: "cs-hmac", method: method, transport: transport}
	if strings.HasPrefix(method, "RSA") {
		s.consumer, s.secret = "ck-rsa", ""
	}
	return s
}

// with returns a changed copy.
func (s *signer) with(f func(*signer)) *signer {
	c := *s
	f(&c)
	return &c
}

// as returns a copy that holds a token.
func (s *signer) as(token, secret string) *signer {
	return s.with(func(c *signer) { c.token, c.tokenSecret = token, secret })
}

// plainRequest is a request to be signed.
type plainRequest struct {
	method, url, contentType, body string
}

func (s *signer) send(p plainRequest) *httptest.ResponseRecorder {
	s.harness.t.Helper()
	return s.harness.serve(s.sign(p))
}

func (h *harness) serve(r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func (s *signer) get(url string) *httptest.ResponseRecorder {
	return s.send(plainRequest{method: http.MethodGet, url: url})
}

func (s *signer) post(url, form string) *httptest.ResponseRecorder {
	return s.send(plainRequest{http.MethodPost, url, formType, form})
}

// sign makes the request with the signature where the transport says. The signing is written here once more, from the
// sending side; the vectors and the oauthlib check keep both honest.
func (s *signer) sign(p plainRequest) *http.Request {
	t := s.harness.t
	t.Helper()
	if s.transport == TransportBody && p.contentType == "" {
		p.contentType = formType
	}
	protocol := s.protocol()
	r := s.build(p)
	if s.before != nil {
		s.before(r)
	}
	m := &message{method: r.Method, scheme: "http", authority: r.Host, target: r.RequestURI, header: r.Header, body: []byte(p.body)}
	if r.TLS != nil {
		m.scheme = "https"
	}
	m.path, m.query = splitTarget(m.target)
	signed := append(splitForm(m.query), protocol...)
	if m.isForm() {
		signed = append(signed, splitForm(p.body)...)
	}
	base := baseString(m.method, baseStringURI(m.scheme, m.authority, m.path), signed)
	if s.tamperBase != nil {
		base = s.tamperBase(base)
	}
	signature := s.signature(base)
	if s.tamperSignature != nil {
		signature = s.tamperSignature(signature)
	}
	if !slices.Contains(s.drop, "oauth_signature") {
		protocol = append(protocol, Parameter{"oauth_signature", signature})
	}
	r = s.place(p, r, protocol)
	if s.after != nil {
		s.after(r)
	}
	return r
}

func (s *signer) protocol() []Parameter {
	nonce := s.nonce
	if nonce == "" {
		var random [12]byte
		_, _ = rand.Read(random[:])
		nonce = hex.EncodeToString(random[:])
	}
	all := append([]Parameter{{"oauth_consumer_key", s.consumer}, {"oauth_nonce", nonce}, {"oauth_signature_method", s.method},
		{"oauth_timestamp", strconv.FormatInt(s.harness.clock.Now().Unix(), 10)}, {"oauth_version", "1.0"}}, s.extra...)
	if s.token != "" {
		all = append(all, Parameter{"oauth_token", s.token})
	}
	all = slices.DeleteFunc(all, func(p Parameter) bool { return slices.Contains(s.drop, p.Name) })
	for i, p := range all {
		if value, ok := s.replace[p.Name]; ok {
			all[i].Value = value
		}
	}
	return all
}

func (s *signer) build(p plainRequest) *http.Request {
	r := httptest.NewRequest(p.method, p.url, strings.NewReader(p.body))
	if p.contentType != "" {
		r.Header.Set("Content-Type", p.contentType)
	}
	return r
}

func (s *signer) place(p plainRequest, r *http.Request, protocol []Parameter) *http.Request {
	switch s.transport {
	case TransportBody:
		p.body = strings.TrimPrefix(p.body+"&"+joinForm(protocol), "&")
		r.Body, r.ContentLength = io.NopCloser(strings.NewReader(p.body)), int64(len(p.body))
	case TransportQuery:
		separator := "?"
		if strings.Contains(r.RequestURI, "?") {
			separator = "&"
		}
		r.RequestURI += separator + joinForm(protocol)
		r.URL.RawQuery = strings.TrimPrefix(r.URL.RawQuery+"&"+joinForm(protocol), "&")
	default:
		parts := []string{}
		if s.realm != "" {
			parts = append(parts, `realm="`+s.realm+`"`)
		}
		for _, q := range protocol {
			parts = append(parts, escape(q.Name)+`="`+escape(q.Value)+`"`)
		}
		r.Header.Set("Authorization", "OAuth "+strings.Join(parts, ", "))
	}
	return r
}

func (s *signer) signature(base string) string {
	t := s.harness.t
	key := escape(s.secret) + "&" + escape(s.tokenSecret)
	if s.key != "" {
		key = s.key
	}
	method, known := methodNamed(s.method)
	switch {
	case !known || method.family == plaintext:
		return key
	case method.family == sharedKey:
		mac := hmac.New(method.sum, []byte(key))
		_, _ = io.WriteString(mac, base)
		return base64.StdEncoding.EncodeToString(mac.Sum(nil))
	}
	text, err := s.harness.RSAPrivateKeyPEM()
	if err != nil {
		t.Fatal(err)
	}
	pair, err := parseRSA(text)
	if err != nil {
		t.Fatal(err)
	}
	return rsaSignature(t, pair.private, method.hash, base)
}

func rsaSignature(t *testing.T, key *rsa.PrivateKey, hash crypto.Hash, base string) string {
	t.Helper()
	digest := hash.New()
	_, _ = io.WriteString(digest, base)
	signature, err := rsa.SignPKCS1v15(nil, key, hash, digest.Sum(nil))
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(signature)
}

// answerForm reads a form-encoded answer and demands a status.
func answerForm(t *testing.T, w *httptest.ResponseRecorder, status int) map[string]string {
	t.Helper()
	if w.Code != status {
		t.Fatalf("status %d, want %d: %s", w.Code, status, w.Body)
	}
	fields := map[string]string{}
	for _, p := range splitForm(w.Body.String()) {
		fields[p.Name] = p.Value
	}
	return fields
}

// answerJSON reads a JSON answer with numbers as they are.
func answerJSON(t *testing.T, w *httptest.ResponseRecorder, status int) map[string]any {
	t.Helper()
	if w.Code != status {
		t.Fatalf("status %d, want %d: %s", w.Code, status, w.Body)
	}
	decoder := json.NewDecoder(bytes.NewReader(w.Body.Bytes()))
	decoder.UseNumber()
	var fields map[string]any
	if err := decoder.Decode(&fields); err != nil {
		t.Fatalf("answer is not JSON: %v: %s", err, w.Body)
	}
	return fields
}

// wantProblem demands a refusal with a problem, in the body and in the header.
func wantProblem(t *testing.T, w *httptest.ResponseRecorder, status int, problem string) map[string]string {
	t.Helper()
	fields := answerForm(t, w, status)
	if fields["oauth_problem"] != problem {
		t.Fatalf("oauth_problem is %q, want %q: %v", fields["oauth_problem"], problem, fields)
	}
	rest, ok := oauthScheme(w.Header().Get("WWW-Authenticate"))
	if !ok {
		t.Fatalf("WWW-Authenticate is %q", w.Header().Get("WWW-Authenticate"))
	}
	challenge, err := parseAuthorization(rest)
	if err != nil {
		t.Fatalf("WWW-Authenticate cannot be read: %v", err)
	}
	if got, _ := find(challenge.params, "oauth_problem"); got != problem {
		t.Fatalf("WWW-Authenticate says %q, want %q", got, problem)
	}
	return fields
}

// temporary runs the first leg.
func (s *signer) temporary(callback string) (token, secret string) {
	s.harness.t.Helper()
	w := s.with(func(c *signer) { c.extra = []Parameter{{"oauth_callback", callback}} }).send(plainRequest{method: http.MethodPost, url: "/request_token"})
	fields := answerForm(s.harness.t, w, http.StatusOK)
	return fields["oauth_token"], fields["oauth_token_secret"]
}

// approve runs the second leg with auto-approval and returns the verifier.
func (h *harness) approve(token string) string {
	h.t.Helper()
	w := h.serve(httptest.NewRequest(http.MethodGet, "/authorize?oauth_token="+escape(token), nil))
	if w.Code != http.StatusFound {
		h.t.Fatalf("authorize: status %d: %s", w.Code, w.Body)
	}
	_, query, _ := strings.Cut(w.Header().Get("Location"), "?")
	params := splitForm(query)
	if got, _ := find(params, "oauth_token"); got != token {
		h.t.Fatalf("callback names token %q, want %q", got, token)
	}
	verifier, _ := find(params, "oauth_verifier")
	return verifier
}

// exchange sends the third leg.
func (s *signer) exchange(verifier string) *httptest.ResponseRecorder {
	return s.with(func(c *signer) { c.extra = []Parameter{{"oauth_verifier", verifier}} }).send(plainRequest{method: http.MethodPost, url: "/access_token"})
}

// dance runs all three legs and returns a signer with the token, and the fields of the last answer.
func (s *signer) dance() (*signer, map[string]string) {
	t := s.harness.t
	t.Helper()
	token, secret := s.temporary("http://client.test/cb?keep=1")
	fields := answerForm(t, s.as(token, secret).exchange(s.harness.approve(token)), http.StatusOK)
	return s.as(fields["oauth_token"], fields["oauth_token_secret"]), fields
}
