package broker

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/imlc-lang/imlc/broker/store"
	"github.com/imlc-lang/imlc/vm"
)

// callback goes on where begin stopped, with the query that the service sent the browser back with. It returns where the
// browser goes next, and the session when it is known. The cookies say which sessions the browser has begun; a callback
// that arrives a second time ends as it did the first time.
func (b *Broker) callback(ctx context.Context, cookies []*http.Cookie, query string) (next string, s *session, err error) {
	var last error = problem(http.StatusBadRequest, "session-unknown", "this browser has not begun a connection, or too long ago; start again")
	// The latest session first: its cookie has the greatest name.
	cookies = slices.DeleteFunc(slices.Clone(cookies), func(c *http.Cookie) bool { return !strings.HasPrefix(c.Name, b.cookieName(flowCookie+"session_")) })
	slices.SortFunc(cookies, func(a, b *http.Cookie) int { return strings.Compare(b.Name, a.Name) })
	for _, c := range cookies[:min(len(cookies), 20)] {
		token, browser, _ := strings.Cut(c.Value, ".")
		r, found, err := b.sessionByToken(ctx, token)
		if err != nil {
			if problemOf(err).Status != http.StatusNotFound {
				return "", nil, err
			}
			continue
		}
		if found.Browser != fingerprint(browser) || found.OutOfBand { // the code of that one is typed, so that no link can end it
			continue
		}
		next, err := b.resume(ctx, r, found, query)
		var e *vm.Error
		if errors.As(err, &e) && (e.Code == vm.CodeTokenMismatch || e.Code == vm.CodeNoCallbackToken) && len(cookies) > 1 {
			last = err // it is the answer to another session of this browser
			continue
		}
		return next, &found, err
	}
	return "", nil, last
}

// resume goes on with one session.
func (b *Broker) resume(ctx context.Context, r store.Record, s session, query string) (string, error) {
	switch s.Status {
	case sessionDone:
		return b.ending(s), nil
	case sessionFailed:
		return "", s.Problem
	}
	if b.now().After(r.Expires) {
		return "", problem(http.StatusGone, "session-expired", "the link is too old; ask for a new one")
	}
	secret, err := b.secretsOf(ctx, r)
	if err != nil {
		return "", err
	}
	// The exchange must not stop halfway because the user closed the window: what the service grants would be lost. Should
	// this process end, another one goes on with the same callback.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Minute)
	defer cancel()
	if !s.Granted && secret.Query != query || r.Due.IsZero() {
		secret.Query, s.Due = query, b.now().Add(callbackLease)
		if r, err = b.updateSession(ctx, r, s, &secret); err != nil {
			if problemOf(err).Code == "conflict" { // the same callback, twice at once
				return b.awaitOther(ctx, r.ID, err)
			}
			return "", err
		}
	}
	rec := &recorder{started: b.now()}
	run, err := b.recorded(ctx, s.Space, s.Spec, s.Plan, s.Only, rec)
	if err != nil {
		return "", err
	}
	defer run.done()
	var conn *vm.Connection
	if s.Granted {
		conn, err = run.engine.Resume(run.with(ctx), nil, secret.State)
	} else {
		conn, err = run.engine.Callback(run.with(ctx), secret.State, query)
	}
	flow := Flow{Operation: "callback", Spec: s.Spec, Session: s.ID, Connection: s.Reconnect, Started: rec.started}
	if err == nil {
		c := run.engine.Plan().Connection
		err = b.settle(ctx, &r, func() error { _, _, err := b.finish(ctx, r, &s, conn, c.Renews(), flow, rec); return err })
		return b.ending(s), err
	}
	var e *vm.Error
	if errors.As(err, &e) {
		switch {
		case e.Code == vm.CodeTokenMismatch || e.Code == vm.CodeNoCallbackToken:
			return "", err // nothing was used up
		case e.Code == vm.CodeInProgress || e.Code == vm.CodeUnknownPending:
			// The other one of two callbacks at once is on its way, or has been.
			return b.awaitOther(ctx, r.ID, err)
		case e.Retryable() || e.Resume != "" && (e.Class == vm.ClassHost || e.Class == vm.ClassLimit):
			return "", b.postpone(ctx, r, s, secret, e, flow, rec)
		}
	}
	b.fail(ctx, r, s, err, flow, rec)
	return "", err
}

// callbackLease is how long a process has a callback to itself before a job of another one goes on with it.
const callbackLease = 30 * time.Second

// postpone keeps a session whose callback came to a fault that may pass: the next look at the page goes on, and so does
// a job. Behind what the service has granted it goes on where it failed.
func (b *Broker) postpone(ctx context.Context, r store.Record, s session, secret sessionSecret, e *vm.Error, flow Flow, rec *recorder) error {
	if e.Resume != "" {
		secret.State, s.Granted = e.Resume, true
		r.Expires = later(r.Expires, b.now().Add(b.config.SessionLife)) // as long as what goes on
	}
	p := problemOf(e)
	p.Retryable, p.RetryAfter = true, max(p.RetryAfter, 2)
	s.Problem, s.Attempts, s.Due = p, s.Attempts+1, b.now().Add(5*time.Second<<min(s.Attempts, 6))
	op, err := b.flow(s.Space, flow, rec, e)
	if err == nil {
		err = b.settle(ctx, &r, func() error { _, err := b.updateSession(ctx, r, s, &secret, op); return err })
	}
	if err != nil {
		b.config.Log.Error("a session that goes on was not kept", "session", s.ID, "error", fmt.Sprint(err))
	}
	return p
}

// settle writes what a callback came to. A job may have looked at the session meanwhile, which changes its revision; the
// engine lets one of several callbacks through, so that what came of this one stands.
func (b *Broker) settle(ctx context.Context, r *store.Record, write func() error) error {
	for attempt := 0; ; attempt++ {
		err := write()
		if problemCode(err) != "conflict" || attempt == 8 {
			return err
		}
		var now session
		fresh, getErr := b.get(ctx, "", kindSession, r.ID, &now)
		if getErr != nil || now.Status != sessionWaiting {
			return errors.Join(err, getErr)
		}
		r.Revision = fresh.Revision
	}
}

// goOn goes on with callbacks that came to a fault, or whose process has ended.
func (b *Broker) goOn(ctx context.Context) (int, error) {
	return b.claim(ctx, &b.crews.callbacks, kindSession, 2*callbackLease, func(r store.Record) {
		var s session
		var secret sessionSecret
		err := decode(r, &s)
		if err == nil {
			secret, err = b.secretsOf(ctx, r)
		}
		if err == nil && s.Status == sessionWaiting {
			_, err = b.resume(ctx, r, s, secret.Query)
		}
		switch code := problemCode(err); {
		case code == vm.CodeTokenMismatch || code == vm.CodeNoCallbackToken:
			_, err = b.updateSession(ctx, r, s, &secret) // the callback was another session's
		case code == vm.CodeUnknownPending:
			// The process that had it ended between the last request and the last write.
			b.fail(ctx, r, s, err, Flow{Operation: "callback", Spec: s.Spec, Session: s.ID, Started: b.now()}, nil)
		}
		if err != nil && ctx.Err() == nil {
			b.config.Log.Warn("a callback could not go on", "session", s.ID, "error", fmt.Sprint(err))
		}
	})
}

// awaitOther waits for the callback that came first, and ends as it did.
func (b *Broker) awaitOther(ctx context.Context, id string, unknown error) (string, error) {
	for range 100 {
		var s session
		if _, err := b.get(ctx, "", kindSession, id, &s); err != nil {
			return "", err
		}
		switch s.Status {
		case sessionDone:
			return b.ending(s), nil
		case sessionFailed:
			return "", s.Problem
		}
		select {
		case <-ctx.Done():
			return "", ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
	return "", unknown
}

// fail ends a session that cannot go on.
func (b *Broker) fail(ctx context.Context, r store.Record, s session, err error, flow Flow, rec *recorder) {
	s.Status, s.Problem, s.Due = sessionFailed, problemOf(err), time.Time{}
	op, opErr := b.flow(s.Space, flow, rec, err)
	if opErr == nil {
		_, opErr = b.updateSession(ctx, r, s, &sessionSecret{}, op, b.event(s.Space, "connection.failed", s.Reconnect,
			map[string]any{"session": s.ID, "spec": s.Spec, "user": s.User, "code": s.Problem.Code, "message": s.Problem.Detail}))
	}
	if opErr != nil {
		b.config.Log.Error("a failed session was not kept", "session", s.ID, "error", fmt.Sprint(opErr))
	}
}

// finish keeps the connection of a session: session, connection, event and log in one step.
func (b *Broker) finish(ctx context.Context, r store.Record, s *session, conn *vm.Connection, renews bool, flow Flow, rec *recorder) (string, *http.Cookie, error) {
	eventType := "connection.created"
	var c Connection
	old := store.Record{}
	if s.Reconnect != "" {
		var err error
		if old, err = b.get(ctx, s.Space, kindConnection, s.Reconnect, &c); err != nil {
			return "", nil, err
		}
		before, err := b.unseal(ctx, old)
		if err != nil {
			return "", nil, err
		}
		conn.Renewals = before.Renewals + 1 // whoever holds the old one finds that it is out of date
		eventType = "connection.reconnected"
	} else {
		id, err := b.id("conn")
		if err != nil {
			return "", nil, err
		}
		c = Connection{ID: id, Spec: s.Spec, User: s.User, Tags: s.Tags, Created: b.now()}
	}
	c.Version, c.Plan, c.Only, c.Renews = s.Version, s.Plan, s.Only, renews
	c.RenewAt, c.Told = time.Time{}, ""
	c.take(conn)
	c.Status, c.Problem, c.Failures, c.Checked, c.Updated = statusOK, nil, 0, b.now(), b.now()
	next, err := b.connectionRecord(ctx, s.Space, &c, conn)
	if err != nil {
		return "", nil, err
	}
	next.Revision = old.Revision
	s.Status, s.Connection, s.Problem, s.Due = sessionDone, c.ID, nil, time.Time{}
	flow.Connection = c.ID
	op, err := b.flow(s.Space, flow, rec, nil)
	if err != nil {
		return "", nil, err
	}
	if _, err := b.updateSession(ctx, r, *s, &sessionSecret{}, put(next), op,
		b.event(s.Space, eventType, c.ID, map[string]any{"session": s.ID, "spec": s.Spec, "user": c.User, "label": c.Label})); err != nil {
		return "", nil, err
	}
	b.poke()
	return b.ending(*s), nil, nil
}

// ending is where the browser goes when a session is done.
func (b *Broker) ending(s session) string {
	if s.Redirect == "" {
		return b.config.URL + "/connected/" + s.ID
	}
	u, err := url.Parse(s.Redirect)
	if err != nil {
		return b.config.URL + "/connected/" + s.ID
	}
	q := u.Query()
	q.Set("session", s.ID)
	q.Set("connection", s.Connection)
	u.RawQuery = q.Encode()
	return u.String()
}
