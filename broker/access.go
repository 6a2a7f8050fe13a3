package broker

import (
	"context"
	"crypto/subtle"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/imlc-lang/imlc/broker/store"
)

// Scope is something that an API key may do.
type Scope string

// The scopes. ScopeAdmin stands for the whole installation; the others are of one space.
const (
	ScopeAdmin       Scope = "admin"
	ScopeRead        Scope = "read"        // read everything but secrets
	ScopeSpecs       Scope = "specs"       // upload, roll back and delete specs, and set their settings
	ScopeSessions    Scope = "sessions"    // make links that users connect by
	ScopeConnections Scope = "connections" // change, import, test and delete connections
	ScopeProxy       Scope = "proxy"       // send requests by connections, sign them, make calls
	ScopeReveal      Scope = "reveal"      // read the secrets of connections
	ScopeWebhooks    Scope = "webhooks"    // say who is told of events
	ScopeKeys        Scope = "keys"        // make and revoke keys of the same space
)

// Scopes returns every scope of a space.
func Scopes() []Scope {
	return []Scope{ScopeRead, ScopeSpecs, ScopeSessions, ScopeConnections, ScopeProxy, ScopeReveal, ScopeWebhooks, ScopeKeys}
}

// caller is who makes a request.
type caller struct {
	// Space is the tenant's environment that everything happens in.
	Space string
	// Actor names the caller for the audit.
	Actor  string
	Scopes []Scope
}

func (c caller) may(s Scope) bool { return slices.Contains(c.Scopes, s) }

type callerKey struct{}

func withCaller(ctx context.Context, c caller) context.Context {
	return context.WithValue(ctx, callerKey{}, c)
}

// callerOf returns who makes a request; the zero caller may do nothing.
func callerOf(ctx context.Context) caller {
	c, _ := ctx.Value(callerKey{}).(caller)
	return c
}

// apiKey is the body of a key.
type apiKey struct {
	Name    string    `json:"name"`
	Space   string    `json:"space"`
	Scopes  []Scope   `json:"scopes"`
	Hint    string    `json:"hint"`
	Created time.Time `json:"created"`
}

// DefaultSpace is the space of a fresh installation.
const DefaultSpace = "default/main"

// delegate makes an API key for a caller, which may do at most what the caller may.
func (b *Broker) delegate(ctx context.Context, space, name string, scopes []Scope) (secret string, err error) {
	c := callerOf(ctx)
	if space != c.Space && !c.may(ScopeAdmin) {
		return "", problem(http.StatusForbidden, "scope", "keys of other spaces need the scope admin")
	}
	for _, s := range scopes {
		if !c.may(s) {
			return "", problem(http.StatusForbidden, "scope", "the caller does not have the scope "+string(s))
		}
	}
	return b.NewKey(ctx, space, name, scopes)
}

// NewKey makes an API key of a space and returns it; only its fingerprint is kept.
func (b *Broker) NewKey(ctx context.Context, space, name string, scopes []Scope) (secret string, err error) {
	if err := b.spaceExists(ctx, space); err != nil {
		return "", err
	}
	for _, s := range scopes {
		if s != ScopeAdmin && !slices.Contains(Scopes(), s) {
			return "", invalid("scopes", "option", "there is no scope "+string(s))
		}
	}
	if secret, err = b.secret("imlc_"); err != nil {
		return "", err
	}
	r := record("", kindKey, fingerprint(secret), apiKey{Name: name, Space: space, Scopes: scopes, Hint: secret[:9], Created: b.now()})
	r.Labels = []string{"space=" + space}
	_, err = b.apply(ctx, put(r), b.audit(ctx, space, "key.create", name))
	return secret, err
}

// authenticate finds out who makes a request, by its key or by the cookie of a page.
func (b *Broker) authenticate(r *http.Request) (caller, error) {
	header := r.Header.Get("Authorization")
	secret, ok := strings.CutPrefix(header, "Bearer ")
	if !ok {
		if header == "" {
			// Another site may lead a browser to a page of the API, and a proxied GET may do something at a service.
			if c, ok := b.operator(r, true); ok {
				return c, nil
			}
		}
		return caller{}, unauthorized()
	}
	print := fingerprint(secret)
	k, err := load(r.Context(), &b.caches.keys, b.config.Store, print, "", kindKey, print, func(r store.Record) (k apiKey, err error) { return k, decode(r, &k) })
	if err != nil {
		if problemOf(err).Status != http.StatusNotFound {
			return caller{}, err
		}
		return caller{}, b.limits.miss(remoteHost(r))
	}
	c := caller{Space: k.Space, Actor: "key " + k.Name, Scopes: k.Scopes}
	if c.may(ScopeAdmin) {
		c.Scopes = append(Scopes(), ScopeAdmin)
		if space := r.Header.Get("Imlc-Space"); space != "" {
			c.Space = space
		}
	}
	return c, nil
}

func unauthorized() error {
	return problem(http.StatusUnauthorized, "unauthorized", "send an API key: Authorization: Bearer imlc_…")
}

// operator finds the login of a page's cookie. Requests that do more than show a page also need the token of the login, in
// a header that other sites cannot set or in the form.
func (b *Broker) operator(r *http.Request, token bool) (caller, bool) {
	l, ok := b.login(r)
	if !ok {
		return caller{}, false
	}
	sentBy(r, l.Space)
	if token {
		token := r.Header.Get("Imlc-Csrf")
		if kind := r.Header.Get("Content-Type"); token == "" && (strings.HasPrefix(kind, "application/x-www-form-urlencoded") || strings.HasPrefix(kind, "multipart/form-data")) {
			token = r.PostFormValue("csrf")
		}
		if subtle.ConstantTimeCompare([]byte(token), []byte(l.CSRF)) != 1 {
			return caller{}, false
		}
	}
	return caller{Space: l.Space, Actor: l.Actor, Scopes: l.scopes(l.Space)}, true
}

// loginCookie is the cookie of an operator's browser, before cookieName.
const loginCookie = "imlc_login"

// loginBody is what is kept of an operator's browser.
type loginBody struct {
	Actor   string    `json:"actor"`
	Grants  []grant   `json:"grants"`
	Space   string    `json:"space"`
	CSRF    string    `json:"csrf"`
	Created time.Time `json:"created"`
	// Rules is the fingerprint of what a person signed in under, "" for one who came by a link. With other rules the person
	// has to sign in again.
	Rules string `json:"rules,omitempty"`
}

// scopes are what the login may do in a space.
func (l loginBody) scopes(space string) (out []Scope) {
	for _, g := range l.Grants {
		for _, s := range g.Scopes {
			if g.covers(space) && !slices.Contains(out, s) {
				out = append(out, s)
			}
		}
	}
	return out
}

const loginLife = 12 * time.Hour

func (b *Broker) login(r *http.Request) (loginBody, bool) {
	var l loginBody
	cookie, err := r.Cookie(b.cookieName(loginCookie))
	if err != nil {
		return l, false
	}
	rec, err := b.get(r.Context(), "", kindLogin, fingerprint(cookie.Value), &l)
	return l, err == nil && b.now().Before(rec.Expires) && (l.Rules == "" || l.Rules == b.signIn.rules)
}

// LoginPath returns the path of a link that opens the pages as an operator, once and within an hour, at any broker of
// the store.
func (b *Broker) LoginPath(ctx context.Context) (string, error) {
	token, err := b.secret("")
	if err != nil {
		return "", err
	}
	_, err = b.apply(ctx, put(store.Record{Kind: kindLoginLink, ID: fingerprint(token), Expires: b.now().Add(time.Hour)}))
	return "/login?token=" + token, err
}

// takeLogin uses a link up.
func (b *Broker) takeLogin(ctx context.Context, token string) (bool, error) {
	r, err := b.config.Store.Get(ctx, "", kindLoginLink, fingerprint(token))
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if _, err := b.config.Store.Apply(ctx, remove(r)); err != nil {
		if errors.Is(err, store.ErrConflict) {
			return false, nil
		}
		return false, err
	}
	return b.now().Before(r.Expires), nil
}

// openLogin makes a login and returns its cookie. It is always a new one, whatever cookie the browser had.
func (b *Broker) openLogin(ctx context.Context, l loginBody) (*http.Cookie, error) {
	secret, err := b.secret("")
	if err != nil {
		return nil, err
	}
	if l.CSRF, err = b.secret(""); err != nil {
		return nil, err
	}
	l.Created = b.now()
	r := record("", kindLogin, fingerprint(secret), l)
	r.Expires = b.now().Add(loginLife)
	ctx = withCaller(ctx, caller{Actor: l.Actor})
	if _, err := b.apply(ctx, put(r), b.audit(ctx, "", "login", "")); err != nil {
		return nil, err
	}
	return b.cookie(loginCookie, secret, loginLife), nil
}

// cookie returns a cookie that scripts cannot read. Lax lets it come along when a service sends the browser back.
func (b *Broker) cookie(name, value string, life time.Duration) *http.Cookie {
	return &http.Cookie{Name: b.cookieName(name), Value: value, Path: "/", MaxAge: int(life.Seconds()), HttpOnly: true,
		SameSite: http.SameSiteLaxMode, Secure: b.behindHTTPS()}
}

// cookieName is the name that browsers know a cookie of the broker by. Behind https it begins with __Host-, which browsers
// take over https from this very host alone, for all of its paths: another host of its domain, or one that answers by
// plain http under its name, can neither plant nor overwrite it (RFC 6265bis §4.1.3.2). The name is compared as it is
// written, so that none but these count.
func (b *Broker) cookieName(name string) string {
	if b.behindHTTPS() {
		return "__Host-" + name
	}
	return name
}

// behindHTTPS reports whether browsers come by https.
func (b *Broker) behindHTTPS() bool { return strings.HasPrefix(b.config.URL, "https:") }

// audit is the change that remembers who did what.
func (b *Broker) audit(ctx context.Context, space, action, subject string) store.Op {
	actor := callerOf(ctx).Actor
	if actor == "" {
		actor = "broker"
	}
	return store.Op{Record: record(space, kindAudit, "", Audit{Time: b.now(), Actor: actor, Action: action, Subject: subject}), Sequence: true}
}

// Audit says who did what.
type Audit struct {
	ID      string    `json:"id,omitempty"`
	Time    time.Time `json:"time"`
	Actor   string    `json:"actor"`
	Action  string    `json:"action"`
	Subject string    `json:"subject,omitempty"`
}

func (b *Broker) keys(ctx context.Context, space string) ([]keyAnswer, error) {
	found, err := b.config.Store.List(ctx, store.Query{Kind: kindKey, Labels: []string{"space=" + space}})
	if err != nil {
		return nil, err
	}
	out := make([]keyAnswer, len(found))
	for i, r := range found {
		var k apiKey
		if err := decode(r, &k); err != nil {
			return nil, err
		}
		out[i] = keyAnswer{ID: r.ID[:16], Name: k.Name, Space: k.Space, Scopes: orEmpty(k.Scopes), Hint: k.Hint}
	}
	return out, nil
}

// revokeKey forgets an API key of a space.
func (b *Broker) revokeKey(ctx context.Context, space, id string) error {
	found, err := b.config.Store.List(ctx, store.Query{Kind: kindKey, Labels: []string{"space=" + space}})
	if err != nil {
		return err
	}
	i := slices.IndexFunc(found, func(r store.Record) bool { return r.ID[:16] == id })
	if i < 0 {
		return notFound(kindKey, id)
	}
	_, err = b.apply(ctx, remove(found[i]), b.audit(ctx, space, "key.revoke", id))
	return err
}
