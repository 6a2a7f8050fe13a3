package oidc

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/imlc-lang/imlc/runtime/wire"
)

// Config says which provider is asked. Issuer and ClientID must be there.
type Config struct {
	// Issuer is the provider's name of itself, letter by letter, such as "https://accounts.google.com"; what else there is
	// to know of it stands at Issuer + "/.well-known/openid-configuration".
	Issuer string
	// ClientID and ClientSecret are what the provider gave to this broker; a public client has no secret.
	ClientID, ClientSecret string
	// Scopes are asked for beside openid; nil means email and profile.
	Scopes []string
	// AllowPrivate lets the host of Issuer be at a private or loopback address, by plain http at the latter. Other hosts
	// that the provider names must be public.
	AllowPrivate bool
	// Transport makes the transport under an egress policy; nil means wire.NewTransport.
	Transport func(wire.Egress) *wire.Transport
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// Person is who the provider says sits at the browser.
type Person struct {
	// Subject is the provider's id of the person, which never changes and is never given to another one.
	Subject string
	// Email is the address, in small letters, "" unless the provider has verified it.
	Email string
	// Claims are all that the token says, numbers as json.Number, without an address that is not verified.
	Claims map[string]any
}

var (
	// ErrForeign is told of an answer that belongs to no request of this browser.
	ErrForeign = errors.New("the answer belongs to another request")
	// ErrDenied is told when the person, or the provider, did not want to.
	ErrDenied = errors.New("the provider did not let the person in")
)

// Provider is an OpenID provider. It is safe for concurrent use.
type Provider struct {
	config Config
	client *http.Client
	known  atomic.Pointer[discovery]
}

// discovery is what a provider says of itself.
type discovery struct {
	*oidc.Provider
	verifier *oidc.IDTokenVerifier
	endpoint oauth2.Endpoint
	keys     string
	until    time.Time
}

// knownFor is how long what a provider says of itself is believed, keys that it has withdrawn among it.
const knownFor = time.Hour

// New returns a provider, and asks nothing of it yet.
func New(c Config) (*Provider, error) {
	u, err := url.Parse(c.Issuer)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.RawQuery != "" || u.Fragment != "" || u.User != nil:
		return nil, fmt.Errorf("the issuer is %q, expected https://host/path", c.Issuer)
	case c.ClientID == "":
		return nil, errors.New("the issuer needs the client id that it gave to this broker")
	}
	if c.Scopes == nil {
		c.Scopes = []string{oidc.ScopeEmail, oidc.ScopeProfile}
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Provider{config: c, client: newClient(c, u)}, nil
}

// Host is the host of the issuer, to be shown to people.
func (p *Provider) Host() string {
	u, _ := url.Parse(p.config.Issuer) // New has parsed it
	return u.Host
}

// discover asks the provider about itself, once an hour.
func (p *Provider) discover(ctx context.Context) (*discovery, error) {
	if d := p.known.Load(); d != nil && p.config.Now().Before(d.until) {
		return d, nil
	}
	found, err := oidc.NewProvider(oidc.ClientContext(ctx, p.client), p.config.Issuer)
	if err != nil {
		return nil, fmt.Errorf("discovery: %w", err)
	}
	var says struct {
		AuthURL string   `json:"authorization_endpoint"`
		Keys    string   `json:"jwks_uri"`
		Auth    []string `json:"token_endpoint_auth_methods_supported"`
		PKCE    []string `json:"code_challenge_methods_supported"`
	}
	if err := found.Claims(&says); err != nil {
		return nil, fmt.Errorf("discovery: %w", err)
	}
	d := &discovery{Provider: found, endpoint: found.Endpoint(), keys: says.Keys, until: p.config.Now().Add(knownFor)}
	at, err := url.Parse(says.AuthURL)
	switch {
	case err != nil || at.Host == "" || at.Scheme != "https" && !(p.config.AllowPrivate && at.Scheme == "http"):
		return nil, errors.New("discovery: the address to sign in at is not one of https")
	case d.endpoint.TokenURL == "" || says.Keys == "":
		return nil, errors.New("discovery: there is no token_endpoint or no jwks_uri")
	case len(says.PKCE) > 0 && !slices.Contains(says.PKCE, "S256"):
		return nil, errors.New("discovery: the provider does not know PKCE with S256")
	}
	// Asking in both ways, as the library would, wastes a code that can be used once (RFC 6749 §4.1.2).
	d.endpoint.AuthStyle = oauth2.AuthStyleInHeader
	if p.config.ClientSecret == "" || slices.Contains(says.Auth, "client_secret_post") && !slices.Contains(says.Auth, "client_secret_basic") {
		d.endpoint.AuthStyle = oauth2.AuthStyleInParams
	}
	d.verifier = found.Verifier(&oidc.Config{ClientID: p.config.ClientID, Now: p.config.Now})
	p.known.Store(d)
	return d, nil
}

// Check asks the provider about itself and for its keys.
func (p *Provider) Check(ctx context.Context) error {
	d, err := p.discover(ctx)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, d.keys, nil)
	if err != nil {
		return fmt.Errorf("keys: %w", err)
	}
	res, err := p.client.Do(req)
	if err != nil {
		return fmt.Errorf("keys: %w", err)
	}
	defer res.Body.Close()
	var set struct{ Keys []json.RawMessage }
	if err := json.NewDecoder(res.Body).Decode(&set); err != nil || res.StatusCode != http.StatusOK || len(set.Keys) == 0 {
		return fmt.Errorf("keys: status %d and %d keys", res.StatusCode, len(set.Keys))
	}
	return nil
}

// derived is a text for one purpose that follows from a secret and tells nothing of it.
func derived(secret, purpose string) string {
	sum := sha256.Sum256([]byte(purpose + "\x00" + secret))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func (p *Provider) oauth(d *discovery, redirect string) *oauth2.Config {
	return &oauth2.Config{ClientID: p.config.ClientID, ClientSecret: p.config.ClientSecret, Endpoint: d.endpoint, RedirectURL: redirect,
		Scopes: append([]string{oidc.ScopeOpenID}, p.config.Scopes...)}
}

// AuthURL returns the address that a browser signs in at, which sends it to redirect. The secret must be fresh, known to
// the broker and this browser alone, and be given to Answer and Redeem: state, nonce and the verifier of PKCE follow from
// it, so that nothing has to be kept in between.
func (p *Provider) AuthURL(ctx context.Context, secret, redirect string) (string, error) {
	d, err := p.discover(ctx)
	if err != nil {
		return "", err
	}
	return p.oauth(d, redirect).AuthCodeURL(derived(secret, "state"), oidc.Nonce(derived(secret, "nonce")), oauth2.S256ChallengeOption(derived(secret, "verifier"))), nil
}

// Answer returns the code of the answer that a browser brought from the provider. It fails with ErrForeign when that does
// not belong to the secret, and with ErrDenied when it says no.
func (p *Provider) Answer(secret string, answer url.Values) (code string, err error) {
	if subtle.ConstantTimeCompare([]byte(answer.Get("state")), []byte(derived(secret, "state"))) != 1 {
		return "", ErrForeign
	}
	if issuer := answer.Get("iss"); issuer != "" && issuer != p.config.Issuer { // RFC 9207 §2.4
		return "", ErrForeign
	}
	if code = answer.Get("code"); code == "" || answer.Get("error") != "" {
		return "", ErrDenied
	}
	return code, nil
}

// Redeem gives a code back for the token that says who the person is. An error has nothing of the token in it.
func (p *Provider) Redeem(ctx context.Context, secret, redirect, code string) (Person, error) {
	d, err := p.discover(ctx)
	if err != nil {
		return Person{}, err
	}
	token, err := p.oauth(d, redirect).Exchange(oidc.ClientContext(ctx, p.client), code, oauth2.VerifierOption(derived(secret, "verifier")))
	if err != nil {
		var refused *oauth2.RetrieveError
		if errors.As(err, &refused) { // its text has the whole answer
			return Person{}, fmt.Errorf("token: status %d, error %.50q", refused.Response.StatusCode, refused.ErrorCode)
		}
		return Person{}, fmt.Errorf("token: %w", err)
	}
	text, _ := token.Extra("id_token").(string)
	if text == "" {
		return Person{}, errors.New("token: the answer has no id_token")
	}
	id, err := d.verifier.Verify(oidc.ClientContext(ctx, p.client), text)
	if err != nil {
		return Person{}, fmt.Errorf("id token: %w", err)
	}
	if subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(derived(secret, "nonce"))) != 1 {
		return Person{}, errors.New("id token: it was made for another request")
	}
	return p.person(id)
}

// person reads what a verified token says.
func (p *Provider) person(id *oidc.IDToken) (Person, error) {
	var raw json.RawMessage
	if err := id.Claims(&raw); err != nil {
		return Person{}, err
	}
	claims := json.NewDecoder(strings.NewReader(string(raw)))
	claims.UseNumber()
	out := Person{Subject: id.Subject}
	if err := claims.Decode(&out.Claims); err != nil {
		return Person{}, fmt.Errorf("id token: %w", err)
	}
	// OpenID Connect Core 1.0 §3.1.3.7: a token for several must say that it was made for this one.
	party, given := out.Claims["azp"]
	if given && party != p.config.ClientID || !given && len(id.Audience) > 1 {
		return Person{}, errors.New("id token: it was made for another client")
	}
	if out.Subject == "" {
		return Person{}, errors.New("id token: it has no subject")
	}
	if verified := out.Claims["email_verified"]; verified == true || verified == "true" {
		out.Email, _ = out.Claims["email"].(string)
		out.Email = strings.ToLower(out.Email)
	}
	delete(out.Claims, "email")
	if out.Email != "" {
		out.Claims["email"] = out.Email
	}
	return out, nil
}
