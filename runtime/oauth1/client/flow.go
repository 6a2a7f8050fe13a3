package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/imlc-lang/imlc/internal/media"
	"github.com/imlc-lang/imlc/runtime/oauth1"
	"github.com/imlc-lang/imlc/runtime/uri"
)

// Config describes a provider and the app that is registered with it.
type Config struct {
	// Params hold the consumer's identity, the signature method and transport; tokens, verifier and callback are filled
	// in by the calls.
	Params oauth1.Params
	// Methods are the signature methods; the zero Registry is the default.
	Methods oauth1.Registry
	// RequestTokenURL, AuthorizeURL and AccessTokenURL are the endpoints of RFC 5849 §2; their queries are kept.
	RequestTokenURL, AuthorizeURL, AccessTokenURL string
	// RenewURL is where an access token is renewed; "" is AccessTokenURL.
	RenewURL string
	// Method is the HTTP method of the token calls; "" is POST.
	Method string
	// Strict refuses a request token that does not confirm its callback.
	Strict bool
	// RenewWithoutTokenSecret signs the renewal by the consumer secret alone, as some providers want it (specification
	// §2.2).
	RenewWithoutTokenSecret bool
	// Options are those of the transport of all calls.
	Options Options
}

// Flow makes the calls that lead to an access token. It is immutable and safe for concurrent use.
type Flow struct {
	config Config
	key    *oauth1.Key // shared by calls whose key does not depend on a token
	clock  *clock
}

// NewFlow checks the consumer's key and returns a flow.
func NewFlow(c Config) (*Flow, error) {
	if c.Method == "" {
		c.Method = http.MethodPost
	}
	if c.RenewURL == "" {
		c.RenewURL = c.AccessTokenURL
	}
	p := c.Params
	p.TokenSecret = ""
	key, err := oauth1.PrepareKey(&p, c.Methods)
	if err != nil {
		return nil, err
	}
	return &Flow{config: c, key: key, clock: &clock{}}, nil
}

// Format prints the endpoints without credentials.
func (f *Flow) Format(s fmt.State, _ rune) { fmt.Fprintf(s, "client.Flow(%v)", f.config.Params) }

// ClockOffset returns how far the provider's clock was last found ahead.
func (f *Flow) ClockOffset() time.Duration {
	return time.Duration(f.clock.offset.Load()) * time.Second
}

// Temporary is a request token. It prints without its secret.
type Temporary struct {
	// Token and Secret are the temporary credentials.
	Token, Secret string
	// OutOfBand is true when the callback was "oob".
	OutOfBand bool
	// Answer holds every field of the answer.
	Answer *oauth1.TokenAnswer
}

// Format prints no secret.
func (t *Temporary) Format(s fmt.State, _ rune) { fmt.Fprint(s, "client.Temporary(••••)") }

// LogValue implements slog.LogValuer, because a JSON handler would marshal the credentials. json.Marshal writes them in
// clear, for whoever keeps them.
func (t *Temporary) LogValue() slog.Value { return slog.StringValue(fmt.Sprint(t)) }

// Grant is an access token. It prints without its secrets.
type Grant struct {
	// Token and TokenSecret are the token credentials.
	Token, TokenSecret string
	// SessionHandle renews the token; "" without the session extension.
	SessionHandle string
	// Expires and AuthorizationExpires are when the token and the whole authorization end; zero when the provider did
	// not say.
	Expires, AuthorizationExpires time.Time
	// Answer holds every field of the answer.
	Answer *oauth1.TokenAnswer
}

// Format prints no secret.
func (g *Grant) Format(s fmt.State, _ rune) { fmt.Fprint(s, "client.Grant(••••)") }

// LogValue implements slog.LogValuer, because a JSON handler would marshal the grant. json.Marshal writes it in clear, for
// whoever keeps it.
func (g *Grant) LogValue() slog.Value { return slog.StringValue(fmt.Sprint(g)) }

// RequestToken asks for temporary credentials (RFC 5849 §2.1). callback is an absolute URL or "oob"; form are further
// parameters, sent as a form body.
func (f *Flow) RequestToken(ctx context.Context, callback string, form ...uri.Pair) (*Temporary, error) {
	p := f.config.Params
	p.Callback, p.Token, p.TokenSecret = callback, "", ""
	a, err := f.call(ctx, "request token", f.config.RequestTokenURL, p, form)
	if err != nil {
		return nil, err
	}
	if f.config.Strict && !a.CallbackConfirmed {
		return nil, &CallbackError{"oauth1/callback-not-confirmed", "the answer lacks oauth_callback_confirmed=true: the provider may speak OAuth 1.0 without revision A"}
	}
	return &Temporary{Token: a.Token, Secret: a.TokenSecret, OutOfBand: callback == "oob", Answer: a}, nil
}

// AuthorizeURL returns where the user's browser goes for t.
func (f *Flow) AuthorizeURL(t *Temporary) string {
	return AuthorizeURL(f.config.AuthorizeURL, t.Token)
}

// Callback checks the raw query of the callback against t and returns the verifier; see [CheckCallback].
func (f *Flow) Callback(t *Temporary, rawQuery string) (verifier string, err error) {
	return CheckCallback(t.Token, rawQuery)
}

// AccessToken exchanges t for token credentials (RFC 5849 §2.3).
func (f *Flow) AccessToken(ctx context.Context, t *Temporary, verifier string, form ...uri.Pair) (*Grant, error) {
	p := f.config.Params
	p.Token, p.TokenSecret, p.Verifier = t.Token, t.Secret, verifier
	p.TokenMode, p.Callback = oauth1.TokenValue, ""
	return f.grant(ctx, "access token", f.config.AccessTokenURL, p, form)
}

// XAuth exchanges a user's name and password for token credentials (specification §2.3). Use it over TLS only.
func (f *Flow) XAuth(ctx context.Context, username, password string, form ...uri.Pair) (*Grant, error) {
	p := f.config.Params
	p.Token, p.TokenSecret = "", ""
	form = append([]uri.Pair{
		{Name: "x_auth_username", Value: username}, {Name: "x_auth_password", Value: password}, {Name: "x_auth_mode", Value: "client_auth"},
	}, form...)
	return f.grant(ctx, "xauth", f.config.AccessTokenURL, p, form)
}

// Renew exchanges a token and its session handle for new ones (OAuth Session 1.0). What the answer does not repeat of
// the handle is kept. Use a [Connection] where several goroutines share a grant.
func (f *Flow) Renew(ctx context.Context, g *Grant) (*Grant, error) {
	if g.SessionHandle == "" {
		return nil, &CallError{"renewal", errors.New("the grant has no session handle: authorize again")}
	}
	p := f.config.Params
	p.Token, p.TokenSecret, p.TokenMode = g.Token, g.TokenSecret, oauth1.TokenValue
	if f.config.RenewWithoutTokenSecret {
		p.TokenSecret = ""
	}
	p.Extra = append(append([]uri.Pair{}, p.Extra...), uri.Pair{Name: "oauth_session_handle", Value: g.SessionHandle})
	next, err := f.grant(ctx, "renewal", f.config.RenewURL, p, nil)
	if err != nil {
		return nil, err
	}
	if next.SessionHandle == "" {
		next.SessionHandle = g.SessionHandle
	}
	if next.AuthorizationExpires.IsZero() {
		next.AuthorizationExpires = g.AuthorizationExpires
	}
	return next, nil
}

func (f *Flow) grant(ctx context.Context, call, endpoint string, p oauth1.Params, form []uri.Pair) (*Grant, error) {
	a, err := f.call(ctx, call, endpoint, p, form)
	if err != nil {
		return nil, err
	}
	g := &Grant{Token: a.Token, TokenSecret: a.TokenSecret, SessionHandle: a.SessionHandle, Answer: a}
	now := f.now()
	g.Expires, g.AuthorizationExpires = a.Expires(now), a.AuthorizationExpires(now)
	return g, nil
}

func (f *Flow) now() time.Time {
	if f.config.Options.Now != nil {
		return f.config.Options.Now()
	}
	return time.Now()
}

// maxAnswer bounds a token answer, in bytes.
const maxAnswer = 1 << 20

// call makes one signed token call.
func (f *Flow) call(ctx context.Context, name, endpoint string, p oauth1.Params, form []uri.Pair) (*oauth1.TokenAnswer, error) {
	a, err := f.exchange(ctx, name, endpoint, p, form)
	if err != nil {
		return nil, &CallError{Call: name, Err: err}
	}
	return a, nil
}

func (f *Flow) exchange(ctx context.Context, name, endpoint string, p oauth1.Params, form []uri.Pair) (*oauth1.TokenAnswer, error) {
	client, err := f.client(p)
	if err != nil {
		return nil, err
	}
	var body io.Reader
	if len(form) > 0 {
		body = strings.NewReader(uri.JoinPairs(form))
	}
	req, err := http.NewRequestWithContext(ctx, f.config.Method, uri.Escaped(endpoint), body)
	if err != nil {
		return nil, errors.New("the endpoint is no usable url: expected an absolute http or https url")
	}
	if body != nil {
		req.Header.Set("Content-Type", media.Form)
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, plainError(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return nil, plainError(err)
	}
	contentType := resp.Header.Get("Content-Type")
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		if problem := oauth1.ParseProblem(resp.StatusCode, resp.Header.Values("Www-Authenticate"), contentType, answer); problem != nil {
			return nil, problem
		}
		return nil, &StatusError{Call: name, Status: resp.StatusCode}
	}
	return oauth1.ParseTokenAnswer(resp.StatusCode, contentType, string(answer), oauth1.TokenOptions{})
}

// client returns a client for one call. A redirect to another origin ends it: the form may hold a password.
func (f *Flow) client(p oauth1.Params) (*http.Client, error) {
	options := []oauth1.Option{oauth1.WithMethods(f.config.Methods)}
	if p.TokenSecret == "" || strings.HasPrefix(f.key.Method(), "RSA-") {
		options = append(options, oauth1.WithKey(f.key))
	}
	signer, err := oauth1.NewSigner(p, options...)
	if err != nil {
		return nil, err
	}
	t, err := newTransport(f.config.Options, f.clock)
	if err != nil {
		return nil, err
	}
	t.signers.Store(newSigners(signer))
	return &http.Client{Transport: t, CheckRedirect: func(req *http.Request, via []*http.Request) error {
		if leftOrigin(req, f.config.Options.UpgradeToHTTPS) {
			return errors.New("the token endpoint redirects to another origin, where no credentials go")
		}
		return t.CheckRedirect(req, via)
	}}, nil
}

// plainError drops the URL that net/http puts around an error: with the query transport it may hold credentials.
func plainError(err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		return wrapped.Err
	}
	return err
}
