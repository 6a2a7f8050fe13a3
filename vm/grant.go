package vm

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"
	"unicode/utf8"

	"github.com/imlc-lang/imlc/vm/internal/run"
	"github.com/imlc-lang/imlc/vm/value"
)

// Grant is what starts an authorisation.
type Grant struct {
	// Parameters are the values of the form; they are validated and stored in the connection's data.
	Parameters *value.Object
	// Common overrides what Host.Common gives, for this run only; it is sealed into the state.
	Common *value.Object
	// RedirectURI is the callback address registered with the provider; "" means "oob". RedirectURIs are further ones,
	// by the names that the plan has for them; those that are missing are the first one.
	RedirectURI  string
	RedirectURIs map[string]string
	// Scope holds the scopes wanted beyond the default ones.
	Scope []string
	// ConnectionID names the connection for Host.Common and Host.Connections: valid UTF-8. A callback gives the connection
	// to Host.Connections under it, and stores refuse one without.
	ConnectionID string
	// Variant names the way to authorise of a spec that offers several; "" takes the one that the parameters enable.
	Variant string
	// Bind is what the state is bound to, such as the tenant with the user, or the session of the browser: only
	// CallbackBound with the same bytes resumes it. The state holds a hash of them. nil and empty bind it to nothing.
	Bind []byte
	// Note is something of the host's own that travels sealed with the state, at most MaxNote bytes: where to send the
	// user afterwards, say. Inspect gives it back, of Step.State as of Error.Resume.
	Note []byte
}

// MaxNote is how many bytes Grant.Note may have.
const MaxNote = run.MaxNote

func (g *Grant) forRuns() run.Grant {
	return run.Grant{
		Parameters: g.Parameters, Common: g.Common, Redirects: run.Redirects{Default: g.RedirectURI, Others: g.RedirectURIs},
		Scope: g.Scope, Variant: g.Variant, Bind: g.Bind, Note: g.Note,
	}
}

// Step is where an authorisation stands: waiting for the browser, or done.
type Step struct {
	// RedirectURL is where to send the browser; "" when the connection is complete.
	RedirectURL string
	// State is what Callback needs; it is sealed and may travel in a cookie, unless it is too large for one (see
	// Host.States). Bind it to the browser session.
	State string
	// Key identifies the authorisation to Host.Pending, and Expires is until when it can be completed.
	Key     string
	Expires time.Time
	// Connection is set when there is no redirect.
	Connection *Connection
}

// String says where the step stands, without state and data.
func (s Step) String() string {
	if s.RedirectURL == "" && s.Connection != nil {
		return "step done: " + s.Connection.String()
	}
	return "step waits for the browser: key " + s.Key + " until " + s.Expires.UTC().Format(time.RFC3339) + " state=" + value.Mask
}

// Format implements fmt.Formatter: with every verb a step prints as String does.
func (s Step) Format(f fmt.State, _ rune) { fmt.Fprint(f, s.String()) }

// LogValue implements slog.LogValuer, because a JSON handler would marshal the step.
func (s Step) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalJSON writes the step for who goes on with it, with its state and without the data of its connection, which is
// marshalled by itself: in its place stands a text that json.Unmarshal refuses.
func (s Step) MarshalJSON() ([]byte, error) {
	type bare Step
	out := struct {
		bare
		Connection any
	}{bare: bare(s)}
	if s.Connection != nil {
		out.Connection = s.Connection.String()
	}
	return json.Marshal(out)
}

// Authorize starts an authorisation: it validates the parameters and runs the stages up to the redirect, or to the end
// when there is none. Errors are *form.Error or *Error.
func (e *Engine) Authorize(ctx context.Context, g Grant) (*Step, error) {
	if g.Parameters == nil {
		g.Parameters = value.NewObject(0)
	}
	return e.start(ctx, run.Connection{ID: g.ConnectionID}, g, false)
}

// Reauthorize authorises an existing connection again, on a working copy: conn stays as it is. The scope is the union of
// the connection's and the grant's, and the variant is chosen anew. Parameters that are nil leave those stored as they are.
// Others are validated whole, with defaults, and replace those stored by name; so a form whose secret fields a user leaves
// empty to keep them has to be merged first: set what was filled in over conn.Data.Clone().
func (e *Engine) Reauthorize(ctx context.Context, conn *Connection, g Grant) (*Step, error) {
	work := conn.working()
	if g.ConnectionID != "" {
		work.ID = g.ConnectionID
	}
	return e.start(ctx, work, g, true)
}

func (e *Engine) start(ctx context.Context, conn run.Connection, g Grant, again bool) (*Step, error) {
	if !utf8.ValidString(conn.ID) { // the state would name another one
		return nil, public(hostFailed(fmt.Errorf("the connection id %q is not valid UTF-8", conn.ID)))
	}
	grant := g.forRuns()
	grant.Again = again
	step, err := e.runner.Start(ctx, conn, grant)
	if err != nil {
		return nil, public(err)
	}
	return &Step{RedirectURL: step.RedirectURL, State: step.State, Key: step.Key, Expires: step.Expires, Connection: stored(step.Connection)}, nil
}

// Callback resumes an authorisation with what the provider appended to the callback address, in any process that has
// the key of Host.Seal and shares Host.Pending. A state works once and until its deadline; what does not belong to it,
// and a fault of the service before it granted anything, uses nothing up. When something fails behind that,
// Error.Resume goes on. A state that is bound (Grant.Bind) is refused. Errors are *Error.
//
// Once begun it goes on when ctx ends, for Limits.RunTimeout at most: a browser that goes away does not cost its user what
// the service has granted. With Host.Connections the result is stored before it is returned: what the authorisation wrote
// goes over what was stored meanwhile, and CodeGone says that the connection was deleted while it was authorised again.
func (e *Engine) Callback(ctx context.Context, state, rawQuery string) (*Connection, error) {
	return e.CallbackBound(ctx, nil, state, rawQuery)
}

// CallbackBound is Callback for a state that is bound to bind, which must be equal to Grant.Bind; otherwise the error has
// CodeTokenMismatch, and the state waits on.
func (e *Engine) CallbackBound(ctx context.Context, bind []byte, state, rawQuery string) (*Connection, error) {
	if ctx.Err() != nil {
		return nil, public(e.runner.Told(ctx, run.OpCallback, "", e.runner.Failed(ctx, context.Cause(ctx))))
	}
	conn, err := e.runner.Resume(context.WithoutCancel(ctx), bind, state, rawQuery)
	return stored(conn), public(err)
}

// Resume goes on with an authorisation that failed behind what the provider had granted, at the request that failed; it
// takes Error.Resume. bind is what Grant.Bind was, nil for nothing. Errors are *Error and say by their Resume what to go
// on with: the same text where it failed again at once.
func (e *Engine) Resume(ctx context.Context, bind []byte, resume string) (*Connection, error) {
	return e.CallbackBound(ctx, bind, resume, "")
}
