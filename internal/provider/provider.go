package provider

import (
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"
)

// Provider is an OAuth 1.0a service provider. It is an http.Handler and is safe for concurrent use; its configuration
// does not change after New.
type Provider struct {
	config  Config
	clients map[string]*client
	pair    func() (*rsaPair, error)
	store   *store
	records *recorder

	meeting sync.Mutex
	met     map[string]*client // strangers

	entropy sync.Mutex
	logging sync.Mutex
}

// New makes a provider. It fails on consumers without keys, on keys that cannot be read and on negative durations or
// limits; it neither opens a socket nor reads entropy.
func New(config Config) (*Provider, error) {
	config, err := config.resolve()
	if err != nil {
		return nil, err
	}
	p := &Provider{config: config, pair: sync.OnceValues(generateRSA), store: newStore(config.Limits), met: map[string]*client{}}
	if len(config.RSAKeyPEM) > 0 {
		pair, err := parseRSA(config.RSAKeyPEM)
		if err != nil {
			return nil, fmt.Errorf("provider: Config.RSAKeyPEM: %w", err)
		}
		p.pair = func() (*rsaPair, error) { return pair, nil }
	}
	if p.clients, err = newClients(config.Consumers, p.pair); err != nil {
		return nil, err
	}
	p.records = &recorder{maxCount: config.Limits.Records, maxBytes: config.Limits.RecordBytes}
	return p, nil
}

// RSAPrivateKeyPEM returns the private key of the consumers with OwnKey as PKCS#8 PEM, for the client that plays them.
// The first call may make the key. It fails when Config.RSAKeyPEM was a public key.
func (p *Provider) RSAPrivateKeyPEM() ([]byte, error) {
	pair, err := p.pair()
	if err != nil {
		return nil, err
	}
	return pair.privatePEM()
}

// Requests returns the latest requests in the order they were judged, without those to inspection endpoints; see
// Limits.Records. A request is in the list before its answer leaves.
func (p *Provider) Requests() []Record { return p.records.list() }

// Reset forgets all credentials, nonces, records and counters.
func (p *Provider) Reset() {
	p.store.reset()
	p.records.reset()
}

// Expire makes an access token expire now; it can still be renewed. It reports whether the token is known.
func (p *Provider) Expire(token string) bool {
	past := p.config.Clock().Add(-time.Second)
	return p.store.change(token, func(a *access) { a.expires = past })
}

// Revoke takes an access token back for good. It reports whether the token is known.
func (p *Provider) Revoke(token string) bool {
	return p.store.change(token, func(a *access) { a.revoked = true })
}

// Token is a set of token credentials.
type Token struct {
	// Token and Secret are oauth_token and oauth_token_secret. They hold reserved bytes on purpose.
	Token, Secret string
	// SessionHandle renews the token at /renew or /access_token.
	SessionHandle string
	// ExpiresIn is how long the token lives from now.
	ExpiresIn time.Duration
}

// IssueToken hands out token credentials for a consumer without any request, as a provider's console does for clients
// whose owner pastes a token. It fails for an unknown consumer, a full store or failing entropy.
func (p *Provider) IssueToken(consumer string) (Token, error) {
	if p.clients[consumer] == nil {
		return Token{}, fmt.Errorf("provider: consumer %q is not known", consumer)
	}
	now := p.config.Clock()
	token, a, err := p.newAccess(consumer, now)
	if err != nil {
		return Token{}, err
	}
	if refusal := p.store.grant(token, a, now); refusal != nil {
		return Token{}, refusal
	}
	return Token{token, a.secret, a.handle, p.config.Lifetime}, nil
}

// newAccess makes token credentials with a session of their own.
func (p *Provider) newAccess(consumer string, now time.Time) (token string, a access, err error) {
	texts, err := p.texts(18, 18, 12)
	if err != nil {
		return "", access{}, err
	}
	return texts[0], access{client: consumer, secret: texts[1], handle: texts[2],
		expires: now.Add(p.config.Lifetime), sessionExpires: now.Add(p.config.SessionLifetime)}, nil
}

// texts makes unguessable texts of so many random bytes each (RFC 5849 §4.9). They end in reserved bytes because RFC
// 5849 §2 gives no alphabet: a client has to encode them wherever they go.
func (p *Provider) texts(sizes ...int) ([]string, error) {
	p.entropy.Lock()
	defer p.entropy.Unlock()
	texts := make([]string, len(sizes))
	for i, size := range sizes {
		random := make([]byte, size)
		if _, err := io.ReadFull(p.config.Entropy, random); err != nil {
			return nil, fmt.Errorf("provider: reading entropy: %w", err)
		}
		texts[i] = base64.RawURLEncoding.EncodeToString(random) + "/+="
	}
	return texts, nil
}

func (p *Provider) log(e Event) {
	if p.config.Log == nil {
		return
	}
	p.logging.Lock()
	defer p.logging.Unlock()
	p.config.Log(e)
}

// ServeHTTP judges and answers one request. It takes the request line from r.RequestURI and the host from r.Host, both
// as net/http's server sets them, and whether it was https from r.TLS.
func (p *Provider) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	m, refusal := readMessage(r, p.config.Limits.Body)
	x := &exchange{provider: p, message: m, w: w}
	if refusal != nil {
		x.refuse(refusal)
		return
	}
	x.route()
}
