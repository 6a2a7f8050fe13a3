package vm

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"slices"

	"github.com/imlc-lang/imlc/runtime/content"
	"github.com/imlc-lang/imlc/runtime/uri"
	"github.com/imlc-lang/imlc/vm/value"
)

// Grant is what starts an authorisation.
type Grant struct {
	// Parameters are the values of the form; they are validated and stored in the connection's data.
	Parameters *value.Object
	// Common overrides what Host.Common gives, for this run only; it is sealed into the state.
	Common *value.Object
	// RedirectURI is the callback address registered with the provider; "" means "oob". The other two default to it.
	RedirectURI, LocalRedirectURI, MakeRedirectURI string
	// Scope holds the scopes wanted beyond the default ones.
	Scope []string
	// ConnectionID names the connection for Host.Common.
	ConnectionID string
}

// Step is where an authorisation stands: waiting for the browser, or done.
type Step struct {
	// RedirectURL is where to send the browser; "" when the connection is complete.
	RedirectURL string
	// State is what Callback needs; it is sealed and may travel in a cookie. Bind it to the browser session.
	State string
	// Connection is set when there is no redirect.
	Connection *Connection
}

// Authorize starts an authorisation: it validates the parameters, runs requestToken and builds the redirect URL, or
// runs to the end when the spec has no redirect (spec make.md §13.1). Errors are *ParameterError or *Error.
func (e *Engine) Authorize(ctx context.Context, g Grant) (*Step, error) {
	params, err := e.validateParameters(g.Parameters)
	if err != nil {
		return nil, err
	}
	conn := &Connection{ID: g.ConnectionID, Data: params}
	return e.start(ctx, conn, g, e.plan.Connection.Scope)
}

// Reauthorize authorises an existing connection again, on a working copy: an error leaves conn as it was (spec make.md
// §2.3). Parameters of the grant, if any, replace those stored.
func (e *Engine) Reauthorize(ctx context.Context, conn *Connection, g Grant) (*Step, error) {
	work := conn.clone()
	if g.Parameters != nil {
		params, err := e.validateParameters(g.Parameters)
		if err != nil {
			return nil, err
		}
		work.Data = overlay(work.Data, params)
	}
	if g.ConnectionID == "" {
		g.ConnectionID = work.ID
	}
	scope := work.Scope
	if scope == nil {
		scope = e.plan.Connection.Scope
	}
	return e.start(ctx, work, g, scope)
}

// ExtendScope is Reauthorize for the union of the connection's scope and that of the grant.
func (e *Engine) ExtendScope(ctx context.Context, conn *Connection, g Grant) (*Step, error) {
	return e.Reauthorize(ctx, conn, g)
}

func (e *Engine) start(ctx context.Context, conn *Connection, g Grant, scope []string) (*Step, error) {
	conn.ID = g.ConnectionID
	r, err := e.begin(ctx, conn, g.Common)
	if err != nil {
		return nil, err
	}
	defer r.end()
	r.passing = true
	r.protectParameters()
	r.scope = union(scope, g.Scope)
	r.redirects = redirects{URI: orElse(g.RedirectURI, outOfBand), Local: g.LocalRedirectURI, Make: g.MakeRedirectURI}
	step, err := r.begin(g)
	if err != nil {
		return nil, r.report(err)
	}
	return step, nil
}

const outOfBand = "oob"

// begin runs up to the redirect or to the end.
func (r *run) begin(g Grant) (*Step, error) {
	c := r.engine.plan.Connection
	if c.Kind == "basic" {
		if err := r.runSection(sectionCommunication, c.Info); err != nil {
			return nil, err
		}
		return &Step{Connection: r.commit()}, nil
	}
	r.bindOAuth()
	if err := r.runSection(sectionRequestToken, c.RequestToken); err != nil {
		return nil, err
	}
	if err := r.checkConfirmed(); err != nil {
		return nil, err
	}
	if c.Authorize != nil {
		step, err := r.suspend(g)
		if err != nil || step != nil {
			return step, err
		}
	}
	return r.finish()
}

// checkConfirmed looks at oauth_callback_confirmed (spec make.md §13.4).
func (r *run) checkConfirmed() error {
	if r.confirmed == nil || *r.confirmed {
		return nil
	}
	const msg = "the service did not confirm the callback address (oauth_callback_confirmed)"
	if r.engine.plan.Meta.Strict {
		return &Error{Type: RuntimeError, Code: "oauth1/callback-not-confirmed", Message: msg, Section: r.section}
	}
	r.warn(codeUnconfirmed, msg)
	return nil
}

// suspend builds the redirect URL and seals what outlives it; a nil Step means that there is no redirect.
func (r *run) suspend(g Grant) (*Step, error) {
	c := r.engine.plan.Connection.Authorize
	r.section, r.index = sectionAuthorize, 0
	r.tick()
	r.bindAnswer(answer{})
	r.trace(Event{Kind: EventSection})
	if err := r.mergeTemp(c.Temp); err != nil {
		return nil, r.failure(err)
	}
	if ok, err := r.condition(c.Condition); err != nil || !ok {
		if err != nil {
			err = r.failure(err)
		}
		return nil, err
	}
	url, key, err := r.redirectURL()
	if err != nil {
		return nil, r.failure(err)
	}
	state := &continuation{
		Key: key, ConnectionID: r.conn.ID, PlanHash: r.engine.hash, Temp: r.temp, Data: r.conn.Data, Common: g.Common, Scope: r.scope,
		Redirects: r.redirects, Deadline: r.engine.host.Clock().Add(r.engine.host.PendingTTL),
		UID: r.conn.UID, Metadata: r.conn.Metadata, Expires: r.conn.Expires,
		OutOfBand: orElse(r.callback, r.redirects.URI) == outOfBand, Secrets: r.secrets,
	}
	sealed, err := r.engine.host.Seal.Seal(state.encode())
	if err != nil {
		return nil, r.failure(err)
	}
	if err := r.engine.host.Pending.Put(r.waiting(), pendingKey(r.engine.hash, key), state.Deadline); err != nil {
		return nil, r.failure(err)
	}
	if r.tracing() {
		r.trace(Event{Kind: EventSuspend, Message: r.masker().URL(url)})
	}
	return &Step{RedirectURL: url, State: sealed}, nil
}

// pendingKey keeps the tokens of different plans apart in a shared store. It is a hash, so that every store can hold
// it, whatever bytes a provider puts into a token, and tells no token.
func pendingKey(plan, token string) string {
	sum := sha256.Sum256([]byte(plan + "\x00" + token)) // the hash of a plan has no NUL
	return hex.EncodeToString(sum[:])
}

// redirectURL returns the URL for the browser and the request token that the callback must bring back (spec make.md
// §13.2, §13.3).
func (r *run) redirectURL() (url, key string, err error) {
	c := r.engine.plan.Connection.Authorize
	v, err := r.eval(c.URL)
	if err != nil {
		return "", "", err
	}
	query, err := r.evalObject(c.Query)
	if err != nil {
		return "", "", err
	}
	creds, err := r.mergeOAuth(c)
	if err != nil {
		return "", "", err
	}
	u := new(uri.URL)
	if err := parseURL(u, value.ToText(v), c.EncodeURL.Or(true)); err != nil {
		return "", "", err
	}
	if query != nil {
		if err := content.ApplyQuery(u, value.Collection(query), content.QueryMode(c.QueryMode), r.frame.Meter()); err != nil {
			return "", "", err
		}
	}
	if t := creds.keys[keyToken]; requestToken(u) == "" && !value.IsEmpty(t) {
		pair := content.AppendPair(nil, "oauth_token", t)
		if u.Query != "" {
			u.Query += "&"
		}
		u.Query += string(pair)
	}
	if key = requestToken(u); key == "" {
		key = r.lastToken
	}
	if key == "" {
		return "", "", &Error{Type: InvalidConfigurationError, Code: "oauth1/no-request-token", Message: "Request token is missing",
			Help: "store oauth_token of the answer in requestToken.response.temp and name it in authorize.oauth.token"}
	}
	return u.Redirect(), key, nil
}

// requestToken returns the first oauth_token of a redirect URL that is not empty (spec make.md §26.8).
func requestToken(u *uri.URL) string {
	for _, p := range uri.SplitPairs(u.Query) {
		if p.Name == "oauth_token" && p.Value != "" {
			return p.Value
		}
	}
	return ""
}

// finish runs the sections behind the redirect and commits (spec make.md §13.5).
func (r *run) finish() (*Step, error) {
	c := r.engine.plan.Connection
	if err := r.runSection(sectionAccessToken, c.AccessToken); err != nil {
		return nil, err
	}
	if err := r.runSection(sectionInfo, c.Info); err != nil {
		return nil, err
	}
	return &Step{Connection: r.commit()}, nil
}

// commit completes the working copy in one step.
func (r *run) commit() *Connection {
	r.conn.Scope, r.conn.PlanHash = slices.Clone(r.scope), r.engine.hash
	r.trace(Event{Kind: EventCommit})
	return r.conn
}

// report traces the error that ends a run.
func (r *run) report(err error) error {
	e := r.failure(err)
	e.Message, e.Type = r.message(e.Message), r.message(e.Type)
	if e.Err != nil && r.holdsSecret(e.Err.Error()) {
		e.Err = nil // what the message masks must not be had by unwrapping
	}
	if r.tracing() {
		r.trace(Event{Kind: EventError, Code: e.Code, Message: r.masker().Text(e.Type + ": " + e.Message), Status: e.Status})
	}
	return e
}

// union joins scopes without duplicates, the first ones first.
func union(a, b []string) []string {
	out := make([]string, 0, len(a)+len(b))
	for _, s := range append(slices.Clone(a), b...) {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// sameText compares in constant time.
func sameText(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
