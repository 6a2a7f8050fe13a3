package vm

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/imlc-lang/imlc/vm/internal/run"
	"github.com/imlc-lang/imlc/vm/message"
)

// Renew renews the token of a connection as its spec says and returns the connection with the new one.
//
// With Host.Connections it is stored before it is returned, and renewed exactly once, whoever asks for it in whatever
// process: one of them takes a lease on the connection by ConnectionStore.Swap, and the others wait for what it stores,
// for Limits.RunTimeout at most. A connection that was renewed since conn was loaded is returned as it is stored, without
// another renewal. A renewal goes on when ctx ends, because half of one would lose the token. What was changed otherwise
// meanwhile is kept, and when the user has authorised again meanwhile, that token is.
//
// Without Host.Connections, or for a connection without an id, the caller stores the result, and sees to it that nobody
// else renews at the same time: services revoke a token that is renewed twice.
//
// The error is an *Error: CodeNoRenewal when the spec has no renewal for the connection, CodeRenewing when another
// process does not come to an end. When the store does not take the renewed connection for as long as the lease lasts, the
// connection is returned beside the error: its token is the only one that works.
func (e *Engine) Renew(ctx context.Context, conn *Connection) (*Connection, error) {
	if e.host.Connections == nil || conn == nil || conn.ID == "" {
		next, err := e.runner.Renew(ctx, conn.working())
		if err != nil {
			return nil, public(err)
		}
		out := stored(next)
		out.Renewals++
		return out, nil
	}
	f, first := e.flights.join(token{conn.ID, conn.Renewals})
	if first {
		go e.flights.fly(f, func() (*Connection, error) { return e.renewStored(context.WithoutCancel(ctx), conn) })
	}
	select {
	case <-ctx.Done():
		return nil, public(e.runner.Failed(ctx, context.Cause(ctx)))
	case <-f.done:
	}
	if f.panicked != nil {
		panic(f.panicked)
	}
	return f.conn.clone(), public(f.err)
}

// flights are the renewals of an engine that are under way.
type flights struct {
	mu      sync.Mutex
	byToken map[token]*flight
}

// token is one of those that a connection has in turn.
type token struct {
	connection string
	renewals   int64
}

type flight struct {
	token    token
	done     chan struct{}
	conn     *Connection
	err      error
	panicked any // what the store, or another part of the host, panicked with: for those who wait
}

func (f *flights) join(t token) (_ *flight, first bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if running := f.byToken[t]; running != nil {
		return running, false
	}
	if f.byToken == nil {
		f.byToken = map[token]*flight{}
	}
	f.byToken[t] = &flight{token: t, done: make(chan struct{})}
	return f.byToken[t], true
}

func (f *flights) fly(one *flight, renew func() (*Connection, error)) {
	defer func() {
		one.panicked = recover()
		f.mu.Lock()
		delete(f.byToken, one.token)
		f.mu.Unlock()
		close(one.done)
	}()
	one.conn, one.err = renew()
}

// pauses are those between tries at a connection that another process renews, or at a store that does not take it.
type pauses struct{ next time.Duration }

const (
	firstPause   = 20 * time.Millisecond
	longestPause = 500 * time.Millisecond
)

// wait pauses, ever longer; the error is the cause of the end of ctx.
func (p *pauses) wait(ctx context.Context) error {
	p.next = min(max(2*p.next, firstPause), longestPause)
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(p.next):
		return nil
	}
}

// renewStored renews a connection of the store under a lease.
func (e *Engine) renewStored(ctx context.Context, conn *Connection) (*Connection, error) {
	life := e.host.Limits.RequestTimeout + 10*time.Second // of the lease
	waiting, cancel := context.WithTimeout(ctx, e.host.Limits.RunTimeout)
	defer cancel()
	leased, current, err := e.lease(waiting, conn, life)
	if err != nil {
		return nil, e.runner.Told(ctx, run.OpRenew, conn.ID, err)
	}
	if leased == nil {
		return current, nil
	}
	holding, cancel := context.WithTimeout(ctx, life)
	defer cancel()
	return e.renewLeased(holding, leased)
}

// lease takes the lease on a connection whose token is that of conn. leased is nil when another token took its place:
// current has it.
func (e *Engine) lease(ctx context.Context, conn *Connection, life time.Duration) (leased, current *Connection, err error) {
	id, err := e.host.RunID()
	if err != nil {
		return nil, nil, hostFailed(err)
	}
	for pause := (pauses{}); ; {
		current, err := e.load(ctx, conn.ID)
		if err != nil {
			return nil, nil, err
		}
		if current.Renewals != conn.Renewals {
			return nil, current, nil
		}
		if current.RenewedBy == "" || !e.host.Clock().Before(current.RenewedUntil) {
			current.RenewedBy, current.RenewedUntil = id, e.host.Clock().Add(life)
			switch taken, err := e.host.Connections.Swap(ctx, current); {
			case err != nil:
				return nil, nil, hostFailed(err)
			case taken:
				return current, nil, nil
			}
		}
		if pause.wait(ctx) != nil {
			return nil, nil, &run.Error{Class: ClassHost, Type: RuntimeError, Code: CodeRenewing, MessageID: message.Renewing, Message: message.English(message.Renewing, nil)}
		}
	}
}

func (e *Engine) load(ctx context.Context, id string) (*Connection, error) {
	conn, err := e.host.Connections.Load(ctx, id)
	if err == nil && conn == nil {
		err = errors.New("the store has no such connection")
	}
	if err != nil {
		return nil, hostFailed(fmt.Errorf("connection %s: %w", id, err))
	}
	return conn, nil
}

// settling is how much of a lease is left for what comes behind the renewal.
const settling = 5 * time.Second

// renewLeased renews a connection that this process has the lease of, for as long as ctx, and stores what that changed.
// Without a new token it gives the lease back. When meanwhile another token took the place of the one that it renews,
// because the user has authorised again, that one stays and is returned.
func (e *Engine) renewLeased(ctx context.Context, leased *Connection) (*Connection, error) {
	until, _ := ctx.Deadline()
	renewing, cancel := context.WithDeadline(ctx, until.Add(-settling))
	next, err := e.runner.Renew(renewing, leased.working())
	cancel()
	into := leased
	for pause := (pauses{}); ; {
		if into.Renewals != leased.Renewals {
			return into, nil
		}
		out := *into
		if err == nil {
			out = merged(into, stored(next), next.Written)
			out.Renewals++
		}
		if out.RenewedBy == leased.RenewedBy {
			out.RenewedBy, out.RenewedUntil = "", time.Time{}
		}
		swapped, failed := e.host.Connections.Swap(ctx, &out)
		switch {
		case swapped && err == nil:
			return &out, nil
		case swapped || failed != nil && err != nil: // a lease that cannot be given back runs out
			return nil, err
		}
		if ended := pause.wait(ctx); ended != nil {
			if err != nil {
				return nil, err
			}
			if failed == nil {
				failed = ended
			}
			return &out, e.runner.Told(ctx, run.OpRenew, leased.ID, hostFailed(failed))
		}
		if current, failed := e.load(ctx, leased.ID); failed == nil {
			into = current
		}
	}
}
