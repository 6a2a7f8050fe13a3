package broker

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/imlc-lang/imlc/broker/store"
	"github.com/imlc-lang/imlc/vm"
)

// longestLead is how long before its end a token is renewed at the earliest.
const longestLead = time.Hour

// renewTime says when to renew a token that lives from now on until it expires: when two thirds of its life are over, or
// an hour before its end, and up to a sixth of that time later, so that connections that were made together do not
// come back together.
func renewTime(id string, now, expires time.Time) time.Time {
	lead := min(max(expires.Sub(now)/3, 0), longestLead)
	return store.Instant(expires.Add(-lead + lead/2*time.Duration(spread(id))/100))
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

// tokenExpired reports whether an operation failed because the token of the connection has expired, and is to be renewed.
func tokenExpired(err error) bool {
	var e *vm.Error
	return errors.As(err, &e) && e.Remedy == vm.RemedyRenew
}

// renew renews the token of a connection. Of any number of processes that try, one does; see vm.Engine.Renew. What
// comes of it is stored by connections.Swap; a failure is kept here.
func (b *Broker) renew(ctx context.Context, space, id string) (Connection, error) {
	for attempt := 0; ; attempt++ {
		_, c, conn, err := b.connection(ctx, space, id)
		if err != nil {
			return c, err
		}
		rec := &recorder{started: b.now()}
		run, err := b.recorded(ctx, space, c.Spec, c.Plan, c.Only, rec)
		if err != nil {
			return c, err
		}
		if !run.engine.Plan().Connection.Renews() {
			run.done()
			return c, noRenewal()
		}
		_, failed := run.engine.Renew(run.with(ctx), conn)
		run.done()
		flow := Flow{Operation: "renew", Spec: c.Spec, Connection: c.ID, Started: rec.started}
		if ctx.Err() != nil {
			return c, ctx.Err()
		}
		if failed == nil {
			b.logFlow(ctx, space, flow, rec, nil)
			_, err = b.get(ctx, space, kindConnection, id, &c)
			b.poke()
			return c, err
		}
		if attempt == 0 {
			b.metrics.renewals.WithLabelValues("failed").Inc()
		}
		// The lease has changed the record.
		r, c, conn, err := b.connection(ctx, space, id)
		if err != nil {
			return c, err
		}
		c, err = b.keep(ctx, r, c, conn, flow, rec, failed)
		if err != nil && problemOf(err).Code == "conflict" && attempt < 5 {
			continue
		}
		return c, errors.Join(failed, err)
	}
}

func noRenewal() error {
	return problem(http.StatusUnprocessableEntity, vm.CodeNoRenewal, "the spec does not say how to renew a token; connect again")
}

// problemCode is the code of an error, "" for none.
func problemCode(err error) string {
	if err == nil {
		return ""
	}
	return problemOf(err).Code
}

// tellExpiry tells once that a connection will expire soon, which one that is renewed does not, and once that its time
// is over.
func (b *Broker) tellExpiry(space string, c *Connection) []store.Op {
	left := c.Expires.Sub(b.now())
	switch {
	case c.Expires.IsZero():
		return nil
	case left <= 0 && c.Told != "expired":
		c.Told = "expired"
	case left > 0 && left <= b.config.CheckEvery && c.Told == "" && !c.Renews:
		c.Told = "expiring"
	default:
		return nil
	}
	return []store.Op{b.event(space, "connection."+c.Told, c.ID, map[string]any{"spec": c.Spec, "user": c.User, "expires": c.Expires})}
}

// connections is the vm.ConnectionStore of a space: it lets one of many processes renew a token.
type connections struct {
	b     *Broker
	space string
}

// Load implements vm.ConnectionStore.
func (s connections) Load(ctx context.Context, id string) (*vm.Connection, error) {
	r, err := s.b.config.Store.Get(ctx, s.space, kindConnection, id)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return s.b.unseal(ctx, r)
}

// Swap implements vm.ConnectionStore for connections that are there. A renewed token is told in the same step; one that
// nobody had a lease for is the user's, and told with his session.
func (s connections) Swap(ctx context.Context, conn *vm.Connection) (bool, error) {
	b := s.b
	r, err := b.config.Store.Get(ctx, s.space, kindConnection, conn.ID)
	if errors.Is(err, store.ErrNotFound) || err == nil && r.Revision != conn.Revision {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	var c Connection
	if err := decode(r, &c); err != nil {
		return false, err
	}
	old, err := b.unseal(ctx, r)
	if err != nil {
		return false, err
	}
	c.take(conn)
	var ops []store.Op
	renewed := conn.Renewals > old.Renewals && old.RenewedBy != ""
	if renewed {
		before := c.Status
		c.judge(nil)
		c.Renewed, c.RenewAt = b.now(), time.Time{}
		ops = append(b.tellStatus(s.space, &c, before),
			b.event(s.space, "connection.renewed", c.ID, map[string]any{"spec": c.Spec, "user": c.User, "expires": c.Expires}))
	}
	next, err := b.connectionRecord(ctx, s.space, &c, conn)
	if err != nil {
		return false, err
	}
	next.Revision = r.Revision
	out, err := b.config.Store.Apply(ctx, append([]store.Op{put(next)}, ops...)...)
	if errors.Is(err, store.ErrConflict) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if renewed {
		b.metrics.renewals.WithLabelValues("ok").Inc()
	}
	conn.Revision = out[0].Revision
	return true, nil
}

// states is the vm.StateStore of a broker. What it keeps is sealed already.
type states struct{ store store.Store }

// Keep implements vm.StateStore.
func (s states) Keep(ctx context.Context, handle, sealed string, deadline time.Time) error {
	_, err := s.store.Apply(ctx, put(store.Record{Kind: kindState, ID: handle, Revision: store.Any, Body: []byte(sealed), Expires: deadline.Add(time.Minute)}))
	return err
}

// Recall implements vm.StateStore.
func (s states) Recall(ctx context.Context, handle string) (string, error) {
	r, err := s.store.Get(ctx, "", kindState, handle)
	if errors.Is(err, store.ErrNotFound) {
		return "", nil
	}
	return string(r.Body), err
}
