package broker

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/imlc-lang/imlc/broker/store"
	"github.com/imlc-lang/imlc/vm"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// sessionRequest asks for a link that a user connects by.
type sessionRequest struct {
	Spec string `json:"spec" maxLength:"63"`
	// User is who will own the connection, in the caller's own words.
	User string            `json:"user,omitempty" maxLength:"200"`
	Tags map[string]string `json:"tags,omitempty"`
	// Parameters are values of the form that the user is not asked for. They may hold secrets.
	Parameters map[string]any `json:"parameters,omitempty"`
	Scope      []string       `json:"scope,omitempty"`
	// Redirect is where the browser goes at the end; a page of the broker otherwise.
	Redirect string `json:"redirect,omitempty" maxLength:"2000"`
	// Origin is the page that opened a window for the connection and is told of its end (postMessage).
	Origin string `json:"origin,omitempty" maxLength:"300"`
	// Reconnect is a connection to authorise again.
	Reconnect string `json:"reconnect,omitempty" maxLength:"100"`
}

// Session is a link that a user connects by.
type Session struct {
	// ID tells the session from others; it opens nothing.
	ID string `json:"id"`
	// URL is for the user's browser, once, until Expires. It is only told when the session is made.
	URL        string    `json:"url,omitempty"`
	Spec       string    `json:"spec"`
	User       string    `json:"user,omitempty"`
	Status     string    `json:"status" enum:"new,waiting,done,failed,expired"`
	Connection string    `json:"connection,omitempty"`
	Problem    *Problem  `json:"problem,omitempty"`
	Expires    time.Time `json:"expires"`
}

// The states of a session.
const (
	sessionNew     = "new"     // the user has the link
	sessionWaiting = "waiting" // the browser is at the service
	sessionDone    = "done"
	sessionFailed  = "failed"
	sessionExpired = "expired"
)

// session is what is kept of a session, under the fingerprint of its token.
type session struct {
	ID         string            `json:"id"`
	Space      string            `json:"space"`
	Spec       string            `json:"spec"`
	Plan       string            `json:"plan"`
	Version    int               `json:"version"`
	Only       string            `json:"only,omitempty"`
	User       string            `json:"user,omitempty"`
	Tags       map[string]string `json:"tags,omitempty"`
	Scope      []string          `json:"scope,omitempty"`
	Redirect   string            `json:"redirect,omitempty"`
	Origin     string            `json:"origin,omitempty"`
	Reconnect  string            `json:"reconnect,omitempty"`
	OutOfBand  bool              `json:"outOfBand,omitempty"`
	Status     string            `json:"status"`
	Connection string            `json:"connection,omitempty"`
	Problem    *Problem          `json:"problem,omitempty"`
	// Browser is the fingerprint of the cookie of the browser that began, Authorize where it was sent.
	Browser   string    `json:"browser,omitempty"`
	Authorize string    `json:"authorize,omitempty"`
	Started   time.Time `json:"started,omitzero"`
	// Granted says that the service has granted access and something behind that failed: State goes on there. Attempts
	// counts the callbacks that came to a fault which may pass.
	Granted  bool `json:"granted,omitempty"`
	Attempts int  `json:"attempts,omitempty"`
	// Due is when a job goes on with the callback.
	Due time.Time `json:"-"`
}

// sessionSecret is the sealed part of a session.
type sessionSecret struct {
	Parameters json.RawMessage `json:"parameters,omitempty"`
	State      string          `json:"state,omitempty"`
	// Query is what the service sent the browser back with.
	Query string `json:"query,omitempty"`
}

// createSession makes a link.
func (b *Broker) createSession(ctx context.Context, space string, q sessionRequest) (Session, error) {
	var spec Spec
	if _, err := b.get(ctx, space, kindSpec, q.Spec, &spec); err != nil {
		return Session{}, err
	}
	if err := checkTarget("redirect", q.Redirect); err != nil {
		return Session{}, err
	}
	if err := checkTarget("origin", q.Origin); err != nil {
		return Session{}, err
	}
	if err := checkTags(q.Tags); err != nil {
		return Session{}, err
	}
	s := session{Space: space, Spec: spec.Name, Plan: spec.Plan, Version: spec.Version, Only: spec.Only, User: q.User, Tags: q.Tags, Scope: q.Scope,
		Redirect: q.Redirect, Origin: q.Origin, Reconnect: q.Reconnect, OutOfBand: spec.OutOfBand, Status: sessionNew}
	if q.Reconnect != "" {
		var c Connection
		if _, err := b.get(ctx, space, kindConnection, q.Reconnect, &c); err != nil {
			return Session{}, err
		}
		if c.Spec != spec.Name {
			return Session{}, invalid("reconnect", "option", "the connection is one of the spec "+c.Spec)
		}
		s.User, s.Connection = c.User, c.ID
	} else if err := b.underQuota(ctx, space, kindConnection, func(q Quota) int { return q.Connections }); err != nil {
		return Session{}, err
	}
	token, err := b.secret("")
	if err != nil {
		return Session{}, err
	}
	if s.ID, err = b.id("session"); err != nil {
		return Session{}, err
	}
	r := record("", kindSession, fingerprint(token), s)
	r.Expires = b.now().Add(b.config.SessionLife)
	r.Labels = []string{"id=" + s.ID}
	if err := b.seal(ctx, &r, marshal(sessionSecret{Parameters: marshal(q.Parameters)})); err != nil {
		return Session{}, err
	}
	if _, err := b.apply(ctx, put(r), b.audit(ctx, space, "session.create", s.ID)); err != nil {
		return Session{}, err
	}
	out := s.show(r, b.now())
	out.URL = b.config.URL + "/connect/" + token
	return out, nil
}

func (s session) show(r store.Record, now time.Time) Session {
	out := Session{ID: s.ID, Spec: s.Spec, User: s.User, Status: s.Status, Connection: s.Connection, Problem: s.Problem, Expires: r.Expires}
	if s.Status != sessionDone {
		out.Connection = ""
	}
	if (s.Status == sessionNew || s.Status == sessionWaiting) && now.After(r.Expires) {
		out.Status = sessionExpired
	}
	return out
}

// checkTarget refuses addresses that a browser must not be sent to.
func checkTarget(field, target string) error {
	if target == "" {
		return nil
	}
	u, err := url.Parse(target)
	if err == nil && u.Host != "" && u.User == nil && (u.Scheme == "https" || u.Scheme == "http" && isLoopback(u.Hostname())) {
		return nil
	}
	return invalid(field, "format", "expected https://…, or http:// to this machine")
}

func checkTags(tags map[string]string) error {
	if len(tags) > 50 {
		return invalid("tags", "too-many", "at most 50")
	}
	for k, v := range tags {
		if k == "" || len(k)+len(v) > 300 || strings.ContainsAny(k, "=\x00") || strings.Contains(v, "\x00") {
			return invalid("tags", "pattern", "a tag has a name without = and at most 300 bytes with its value")
		}
	}
	return nil
}

func unknownSession() error {
	return problem(http.StatusNotFound, "session-unknown", "this link is not known, or too old; ask for a new one")
}

// sessionByToken reads the session of a link.
func (b *Broker) sessionByToken(ctx context.Context, token string) (store.Record, session, error) {
	var s session
	r, err := b.get(ctx, "", kindSession, fingerprint(token), &s)
	if err != nil && problemOf(err).Status == http.StatusNotFound {
		return r, s, unknownSession()
	}
	return r, s, err
}

// findSession reads a session by its id.
func (b *Broker) findSession(ctx context.Context, id string) (store.Record, session, error) {
	var s session
	found, err := b.config.Store.List(ctx, store.Query{Kind: kindSession, Labels: []string{"id=" + id}, Limit: 1})
	if err != nil {
		return store.Record{}, s, err
	}
	if len(found) == 0 {
		return store.Record{}, s, notFound(kindSession, id)
	}
	err = decode(found[0], &s)
	return found[0], s, err
}

// sessionByID reads a session of a space for the API.
func (b *Broker) sessionByID(ctx context.Context, space, id string) (Session, error) {
	r, s, err := b.findSession(ctx, id)
	if err != nil {
		return Session{}, err
	}
	if s.Space != space {
		return Session{}, notFound(kindSession, id)
	}
	return s.show(r, b.now()), nil
}

// secretsOf opens the sealed part of a session.
func (b *Broker) secretsOf(ctx context.Context, r store.Record) (sessionSecret, error) {
	var out sessionSecret
	text, err := b.open(ctx, r)
	if err != nil {
		return out, err
	}
	if json.Unmarshal(text, &out) != nil {
		return out, errors.New("the sealed part of a session does not parse")
	}
	return out, nil
}

// given returns the values of the form that are known before the user is asked: those of the spec's owner, and those of
// the session. The owner's stand: who makes sessions must not send the owner's secrets to an address of his own.
func (b *Broker) given(ctx context.Context, r store.Record, run *running) (*value.Object, error) {
	secret, err := b.secretsOf(ctx, r)
	if err != nil {
		return nil, err
	}
	out := value.NewObject(8)
	add := func(o *value.Object) {
		for i := range o.Len() {
			if k, v := o.At(i); out.Value(k).IsUndefined() {
				out.Set(k, v)
			}
		}
	}
	add(run.parameters)
	if len(secret.Parameters) > 0 && string(secret.Parameters) != "null" {
		v, err := value.ParseJSON(string(secret.Parameters), nil)
		if err != nil {
			return nil, errors.New("the parameters of a session do not parse")
		}
		add(v.Object())
	}
	return out, nil
}

// begin starts the authorisation of a session with what the user filled in, and returns where the browser goes. cookie
// binds the session to the browser.
func (b *Broker) begin(ctx context.Context, token string, form *value.Object) (next string, cookie *http.Cookie, err error) {
	r, s, err := b.sessionByToken(ctx, token)
	if err != nil {
		return "", nil, err
	}
	if b.now().After(r.Expires) {
		return "", nil, problem(http.StatusGone, "session-expired", "this link is too old; ask for a new one")
	}
	if s.Status == sessionDone {
		return b.ending(s), nil, nil
	}
	if s.Status == sessionWaiting && s.Granted { // the service need not be asked again
		next, err = b.resume(ctx, r, s, "")
		return next, nil, err
	}
	rec := &recorder{started: b.now()}
	run, err := b.recorded(ctx, s.Space, s.Spec, s.Plan, s.Only, rec)
	if err != nil {
		return "", nil, err
	}
	defer run.done()
	parameters, err := b.given(ctx, r, run)
	if err != nil {
		return "", nil, err
	}
	for i := range form.Len() {
		k, v := form.At(i)
		if parameters.Value(k).IsUndefined() { // what the owner set is not the user's to change
			parameters.Set(k, v)
		}
	}
	browser, err := b.secret("")
	if err != nil {
		return "", nil, err
	}
	grant := vm.Grant{Parameters: parameters, Common: run.common, RedirectURI: b.config.URL + "/callback", Scope: s.Scope}
	if s.OutOfBand {
		grant.RedirectURI = ""
	}
	step, err := b.authorize(run.with(ctx), run.engine, s, grant)
	flow := Flow{Operation: "authorize", Spec: s.Spec, Session: s.ID, Connection: s.Reconnect, Started: rec.started}
	if err != nil {
		// The user may correct what was typed and try again, so the session stays as it is.
		b.logFlow(ctx, s.Space, flow, rec, err)
		return "", nil, err
	}
	if step.Connection != nil {
		return b.finish(ctx, r, &s, step.Connection, run.engine.Plan().Connection.Renews(), flow, rec)
	}
	op, err := b.flow(s.Space, flow, rec, nil)
	if err != nil {
		return "", nil, err
	}
	s.Status, s.Browser, s.Authorize, s.Started, s.Problem = sessionWaiting, fingerprint(browser), step.RedirectURL, b.now(), nil
	secret, err := b.secretsOf(ctx, r)
	if err != nil {
		return "", nil, err
	}
	secret.State, secret.Query, s.Attempts = step.State, "", 0
	if _, err := b.updateSession(ctx, r, s, &secret, op); err != nil {
		return "", nil, err
	}
	cookie = b.cookie(flowCookie+s.ID, token+"."+browser, b.config.SessionLife)
	if s.OutOfBand {
		return b.config.URL + "/connect/" + token, cookie, nil
	}
	return step.RedirectURL, cookie, nil
}

// flowCookie begins the names of the cookies that bind sessions to browsers; the id of the session follows. They hold the
// token of its link and a secret of the browser.
const flowCookie = "imlc_"

// authorize starts, or starts again.
func (b *Broker) authorize(ctx context.Context, engine *vm.Engine, s session, grant vm.Grant) (*vm.Step, error) {
	if s.Reconnect == "" {
		return engine.Authorize(ctx, grant)
	}
	_, _, conn, err := b.connection(ctx, s.Space, s.Reconnect)
	if err != nil {
		return nil, err
	}
	return engine.Reauthorize(ctx, conn, grant)
}

// updateSession writes a session with other changes, in one step.
func (b *Broker) updateSession(ctx context.Context, r store.Record, s session, secret *sessionSecret, more ...store.Op) (store.Record, error) {
	next := record("", kindSession, r.ID, s)
	next.Revision, next.Expires, next.Labels, next.Sealed, next.KeyID = r.Revision, r.Expires, r.Labels, r.Sealed, r.KeyID
	next.Due = s.Due
	if secret != nil {
		if err := b.seal(ctx, &next, marshal(*secret)); err != nil {
			return r, err
		}
	}
	out, err := b.apply(ctx, append([]store.Op{put(next)}, more...)...)
	if err != nil {
		return r, err
	}
	return out[0], nil
}

// questions returns the fields that the user of a session has to fill in, and the fields that may be.
func questions(defs []plan.Parameter, given *value.Object) []plan.Parameter {
	var out []plan.Parameter
	for _, d := range defs {
		if d.Visual || given.Value(d.Name).IsUndefined() {
			out = append(out, d)
			continue
		}
		// What belongs to the options that were chosen already may still be asked for.
		for _, o := range d.Options {
			if slices.ContainsFunc(chosen(given.Value(d.Name)), func(v value.Value) bool { return value.ToText(v) == value.ToText(o.Value) }) {
				out = append(out, questions(o.Nested, given)...)
			}
		}
		if d.Kind != plan.ParameterList && d.Kind != plan.ParameterObject {
			out = append(out, questions(d.Nested, given)...)
		}
	}
	return out
}

// chosen returns what was chosen: one option, or several.
func chosen(v value.Value) []value.Value {
	if items := v.Items(); items != nil {
		return items
	}
	return []value.Value{v}
}

func sortedTags(tags map[string]string) []string { return slices.Sorted(maps.Keys(tags)) }
