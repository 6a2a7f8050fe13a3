package provider

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"maps"
	"time"
)

// Config says who may come and how strict the provider is. The zero value is a usable provider with the default
// consumers and an approve page. A Config is read once by New and may be reused.
type Config struct {
	// Consumers are the known clients; nil means DefaultConsumers.
	Consumers []Consumer
	// Accounts maps the user names of the provider to their passwords, for xAuth and for the approve page; nil means
	// the one account alice with the password "p&w d".
	Accounts map[string]string
	// RSAKeyPEM is the RSA key of every consumer with OwnKey: a private key (PKCS#1 or PKCS#8), a public key (PKIX or
	// PKCS#1) or a certificate. Empty means that a pair of 2048 bits is made when it is first needed.
	RSAKeyPEM []byte
	// Strangers, when set, is asked for clients and tokens that the provider does not know; nil refuses them.
	Strangers *Strangers
	// Realm is the realm in WWW-Authenticate; empty means "test".
	Realm string
	// Skew is how far a timestamp may be from Clock, either way, and so how long a nonce is remembered; zero means 10
	// minutes.
	Skew time.Duration
	// Lifetime is how long an access token lives; zero means one hour. Answers give it in whole seconds.
	Lifetime time.Duration
	// SessionLifetime is how long a session handle can renew; zero means 365 days.
	SessionLifetime time.Duration
	// TemporaryLifetime is how long temporary credentials live; zero means one hour.
	TemporaryLifetime time.Duration
	// AutoApprove makes /authorize approve at once, as a test needs it. Otherwise it shows a page with two buttons.
	AutoApprove bool
	// CallbackUnconfirmed leaves oauth_callback_confirmed out of the answer, which is how an OAuth 1.0 server looks to
	// a client. The verifier is demanded all the same.
	CallbackUnconfirmed bool
	// RequireTLS refuses PLAINTEXT and requests for credentials over plain http (RFC 5849 §2.1, §2.3, §3.4.4).
	RequireTLS bool
	// TLS makes Start serve https with a certificate made in memory. ServeHTTP itself goes by the request.
	TLS bool
	// DisableAdmin turns the endpoints under /_admin/ off.
	DisableAdmin bool
	// Clock gives the time; nil means time.Now. It is called from many goroutines.
	Clock func() time.Time
	// Entropy is the source of tokens, secrets and verifiers; nil means crypto/rand. Reads are serialised. Key pairs
	// and certificates always come from the secure source of the Go runtime.
	Entropy io.Reader
	// Log receives what happened, one event at a time; nil drops it. It must not call the Provider's ServeHTTP.
	Log func(Event)
	// Limits bounds memory; a zero field means its default.
	Limits Limits
}

// Limits bounds what the provider reads and keeps.
type Limits struct {
	// Body is the longest request body in bytes; zero means 4 MiB.
	Body int64
	// Tokens is the most temporary and the most token credentials kept at a time; zero means 65536 of each.
	Tokens int
	// Nonces is the most nonces kept at a time; zero means 1048576.
	Nonces int
	// Records is the most requests that Requests returns, the oldest leave first; zero means 1000.
	Records int
	// RecordBytes is the most bytes of request bodies that those records keep together; zero means 16 MiB.
	RecordBytes int
}

// Consumer is a client of the provider. It needs a secret, an RSA key or both: the signature methods that it may use
// follow from what it has.
type Consumer struct {
	// Key is oauth_consumer_key; it must not be empty and may hold any bytes.
	Key string
	// Secret is the shared secret for HMAC and PLAINTEXT; empty forbids these methods.
	Secret string
	// PublicKeyPEM is the client's RSA key in any form that Config.RSAKeyPEM accepts; empty forbids RSA unless OwnKey.
	PublicKeyPEM []byte
	// OwnKey gives the client the RSA pair of the provider, see Provider.RSAPrivateKeyPEM.
	OwnKey bool
}

// DefaultConsumers returns the clients that a provider knows when nothing else is said: ck-hmac with the secret
// cs-hmac, ck-rsa with the provider's own RSA pair, and one whose key and secret hold reserved bytes, because a client
// must encode both.
func DefaultConsumers() []Consumer {
	return []Consumer{
		{Key: "ck-hmac", Secret: "cs-hmac"},
		{Key: "ck-rsa", OwnKey: true},
		{Key: "ck special!*'()", Secret: "s&c+r/e=t%"},
	}
}

// resolve fills in defaults and refuses what makes no sense.
func (c Config) resolve() (Config, error) {
	for _, d := range []struct {
		name  string
		value *time.Duration
		def   time.Duration
	}{
		{"Skew", &c.Skew, 10 * time.Minute}, {"Lifetime", &c.Lifetime, time.Hour},
		{"SessionLifetime", &c.SessionLifetime, 365 * 24 * time.Hour}, {"TemporaryLifetime", &c.TemporaryLifetime, time.Hour},
	} {
		if *d.value < 0 {
			return c, fmt.Errorf("provider: %s is %s: give zero for the default or a positive duration", d.name, *d.value)
		}
		if *d.value == 0 {
			*d.value = d.def
		}
	}
	if c.Limits.Body < 0 || c.Limits.Tokens < 0 || c.Limits.Nonces < 0 || c.Limits.Records < 0 || c.Limits.RecordBytes < 0 {
		return c, errors.New("provider: a limit is negative: give zero for the default or a positive number")
	}
	setDefault(&c.Limits.Body, 4<<20)
	setDefault(&c.Limits.Tokens, 1<<16)
	setDefault(&c.Limits.Nonces, 1<<20)
	setDefault(&c.Limits.Records, 1000)
	setDefault(&c.Limits.RecordBytes, 16<<20)
	setDefault(&c.Realm, "test")
	if c.Consumers == nil {
		c.Consumers = DefaultConsumers()
	}
	if c.Accounts == nil {
		c.Accounts = map[string]string{"alice": "p&w d"}
	}
	c.Accounts = maps.Clone(c.Accounts)
	if c.Clock == nil {
		c.Clock = time.Now
	}
	if c.Entropy == nil {
		c.Entropy = rand.Reader
	}
	return c, nil
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}
