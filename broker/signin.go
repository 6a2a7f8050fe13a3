package broker

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/imlc-lang/imlc/broker/oidc"
	"github.com/imlc-lang/imlc/broker/store"
)

// SignIn says which OpenID provider knows operators, and what they may do.
type SignIn struct {
	oidc.Config
	// Name is what the button calls the provider; "" is the host of the issuer.
	Name string
	// Allow are rules: "CLAIM=PATTERN -> admin", or "CLAIM=PATTERN -> tenant NAME SCOPE…", where NAME may be
	// tenant/environment. A person gets what all rules give that match; whom none matches does not get in.
	Allow []string
}

// signIn is what a broker does with a SignIn. Without one its provider is nil.
type signIn struct {
	provider *oidc.Provider
	name     string
	allow    []rule
	rules    string // fingerprint of all this
	now      func() time.Time
	// places bound how many answers of the provider are waited for at a time; an address that tries all the time leaves
	// some to the others.
	places *room
}

func newSignIn(c SignIn, now func() time.Time) (signIn, error) {
	c.Now = now
	p, err := oidc.New(c.Config)
	if err != nil {
		return signIn{}, err
	}
	s := signIn{provider: p, name: cmp.Or(c.Name, p.Host()), now: now, places: newRoom(8),
		rules: fingerprint(strings.Join(append([]string{c.Issuer, c.ClientID}, c.Allow...), "\n"))}
	for _, text := range c.Allow {
		r, err := readRule(text)
		if err != nil {
			return signIn{}, fmt.Errorf("the rule %q: %w", text, err)
		}
		s.allow = append(s.allow, r)
	}
	return s, nil
}

// Check asks the provider about itself and for its keys, and reads the rules.
func (c SignIn) Check(ctx context.Context) error {
	s, err := newSignIn(c, time.Now)
	if err != nil {
		return err
	}
	if len(s.allow) == 0 {
		return errors.New("there is no rule, so nobody gets in")
	}
	ctx, cancel := context.WithTimeout(ctx, signInWait)
	defer cancel()
	return s.provider.Check(ctx)
}

// SignedInPath is behind Config.URL the address to register with the provider of a SignIn.
const SignedInPath = "/login/callback"

const (
	signInPath   = "/login/oidc"
	signInCookie = "imlc_signin" // before cookieName
	signInLife   = 10 * time.Minute
	signInWait   = 20 * time.Second // for all that is asked of a provider
)

// signInPage sends a browser to the provider. All that is kept is in its cookie: a time, and a secret that the rest of the
// sign-in follows from.
func (b *Broker) signInPage(w http.ResponseWriter, r *http.Request) error {
	secret, err := b.secret(strconv.FormatInt(b.now().Unix(), 10) + ".")
	if err != nil {
		return err
	}
	ctx, leave, err := b.signIn.enter(r)
	if err != nil {
		return err
	}
	defer leave()
	target, err := b.signIn.provider.AuthURL(ctx, secret, b.config.URL+SignedInPath)
	if err != nil {
		return b.signInFailed(err)
	}
	w.Header().Set("Cache-Control", "no-store")
	http.SetCookie(w, b.cookie(signInCookie, secret, signInLife))
	http.Redirect(w, r, target, http.StatusSeeOther)
	return nil
}

// enter waits for a place to ask the provider, and bounds how long that takes.
func (s *signIn) enter(r *http.Request) (context.Context, func(), error) {
	ctx, cancel := context.WithTimeout(r.Context(), signInWait)
	leave, err := s.places.enter(ctx, remoteHost(r), false)
	if err != nil {
		cancel()
		p := problem(http.StatusServiceUnavailable, "sign-in-busy", "many people sign in at once; try again")
		p.Retryable = true
		return ctx, nil, p
	}
	return ctx, func() { leave(); cancel() }, nil
}

func unknownSignIn() error {
	return problem(http.StatusBadRequest, "sign-in-unknown", "this sign-in did not begin in this browser, is over, or took too long; begin again")
}

// signInFailed logs what is wrong with a provider, and tells that something is.
func (b *Broker) signInFailed(err error) error {
	b.config.Log.Warn("a sign-in failed", "error", fmt.Sprintf("%.500s", err.Error()))
	return problem(http.StatusBadGateway, "sign-in-failed", "signing in at "+b.signIn.name+" did not work; the log says why")
}

// signedInPage takes the browser back from the provider, and opens a login for who sits there.
func (b *Broker) signedInPage(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Cache-Control", "no-store")
	cookie, err := r.Cookie(b.cookieName(signInCookie))
	if err != nil {
		return unknownSignIn()
	}
	http.SetCookie(w, b.cookie(signInCookie, "", -time.Second))
	// The time is part of the secret: another one is another secret.
	text, _, _ := strings.Cut(cookie.Value, ".")
	began, err := strconv.ParseInt(text, 10, 64)
	ends := time.Unix(began, 0).Add(signInLife)
	if err != nil || !b.now().Before(ends) || ends.After(b.now().Add(signInLife+time.Minute)) {
		return unknownSignIn()
	}
	code, refused := b.signIn.provider.Answer(cookie.Value, r.URL.Query())
	if errors.Is(refused, oidc.ErrForeign) {
		return unknownSignIn()
	}
	used := store.Record{Kind: kindSignIn, ID: fingerprint(cookie.Value), Expires: ends.Add(time.Minute)}
	if _, err := b.config.Store.Apply(r.Context(), put(used)); errors.Is(err, store.ErrConflict) {
		return unknownSignIn()
	} else if err != nil {
		return err
	}
	if refused != nil {
		return problem(http.StatusForbidden, "sign-in-denied", b.signIn.name+" did not let you in")
	}
	person, err := b.whoIs(r, cookie.Value, code)
	if err != nil {
		return err
	}
	l, err := b.admitPerson(r.Context(), person)
	if err != nil {
		return err
	}
	login, err := b.openLogin(r.Context(), l)
	if err != nil {
		return err
	}
	http.SetCookie(w, login)
	return see(w, r, "/", "")
}

// whoIs asks the provider who brought a code.
func (b *Broker) whoIs(r *http.Request, secret, code string) (oidc.Person, error) {
	ctx, leave, err := b.signIn.enter(r)
	if err != nil {
		return oidc.Person{}, err
	}
	defer leave()
	person, err := b.signIn.provider.Redeem(ctx, secret, b.config.URL+SignedInPath, code)
	if err != nil {
		return person, b.signInFailed(err)
	}
	return person, nil
}

// admitPerson says what a person may do, by the rules, and in which space to begin.
func (b *Broker) admitPerson(ctx context.Context, p oidc.Person) (loginBody, error) {
	l := loginBody{Actor: "person " + clean(p.Subject), Rules: b.signIn.rules}
	if p.Email != "" {
		l.Actor = "person " + clean(p.Email) + " (" + clean(p.Subject) + ")"
	}
	for _, r := range b.signIn.allow {
		if r.matches(p.Claims) {
			l.Grants = append(l.Grants, r.gives)
		}
	}
	tenants, err := b.listTenants(ctx)
	if err != nil {
		return l, err
	}
	for _, g := range l.Grants {
		for _, t := range tenants {
			for _, e := range t.Environments {
				if space := t.Name + "/" + e; g.covers(space) && (l.Space == "" || space == DefaultSpace) {
					l.Space = space
				}
			}
		}
	}
	if l.Space == "" {
		b.config.Log.Warn("nobody lets a person in", "person", l.Actor, "claims", slog.AnyValue(slices.Sorted(maps.Keys(p.Claims))))
		return l, problem(http.StatusForbidden, "sign-in-refused", "no rule of this broker lets you in; you are "+strings.TrimPrefix(l.Actor, "person "))
	}
	return l, nil
}

// clean makes a text of a provider fit to be shown in a line.
func clean(text string) string {
	text = strings.Map(func(c rune) rune {
		if !unicode.IsPrint(c) {
			return -1
		}
		return c
	}, text)
	return fmt.Sprintf("%.100s", text)
}
