package vm

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/imlc-lang/imlc/vm/internal/run"
	"github.com/imlc-lang/imlc/vm/message"
	"github.com/imlc-lang/imlc/vm/value"
)

// Renew renews the token of a connection as its spec says and returns the connection with the new one.
//
// With Host.Connections it is stored before it is returned, and renewed exactly once, whoever asks for it in whatever
// process: one of them takes a lease on the connection by ConnectionStore.Swap, and the others wait for what it stores.
// A connection that was renewed since conn was loaded is returned as it is stored, without another renewal. A renewal
// goes on when ctx ends, because half of one would lose the token. What was changed otherwise meanwhile is kept.
//
// Without Host.Connections, or for a connection without an id, the caller stores the result, and sees to it that nobody
// else renews at the same time: services revoke a token that is renewed twice.
//
// The error is an *Error: CodeNoRenewal when the spec has no renewal for the connection, CodeRenewing when another
// process does not come to an end.
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
	f, first := e.flights.join(conn.ID)
	if first {
		go func() {
			defer e.flights.leave(conn.ID, f)
			f.conn, f.err = e.renewStored(context.WithoutCancel(ctx), conn)
		}()
	}
	select {
	case <-ctx.Done():
		return nil, public(e.runner.Failed(ctx, ctx.Err()))
	case <-f.done:
	}
	if f.err != nil {
		return nil, public(f.err)
	}
	out := *f.conn
	return &out, nil
}

// flights are the renewals of an engine that are under way, by connection.
type flights struct {
	mu   sync.Mutex
	byID map[string]*flight
}

type flight struct {
	done chan struct{}
	conn *Connection
	err  error
}

func (f *flights) join(id string) (_ *flight, first bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if running := f.byID[id]; running != nil {
		return running, false
	}
	if f.byID == nil {
		f.byID = map[string]*flight{}
	}
	f.byID[id] = &flight{done: make(chan struct{})}
	return f.byID[id], true
}

func (f *flights) leave(id string, done *flight) {
	f.mu.Lock()
	delete(f.byID, id)
	f.mu.Unlock()
	close(done.done)
}

// The pauses between looks at a connection that another process renews.
const (
	firstLook   = 20 * time.Millisecond
	longestLook = 500 * time.Millisecond
)

// renewStored renews a connection of the store under a lease.
func (e *Engine) renewStored(ctx context.Context, conn *Connection) (*Connection, error) {
	life := e.host.Limits.RequestTimeout + 10*time.Second // of the lease
	ctx, cancel := context.WithTimeout(ctx, 2*life)
	defer cancel()
	id, err := e.host.RunID()
	if err != nil {
		return nil, hostFailed(err)
	}
	for pause := firstLook; ; pause = min(2*pause, longestLook) {
		current, err := e.load(ctx, conn.ID)
		if err != nil {
			return nil, err
		}
		if current.Renewals != conn.Renewals {
			return current, nil
		}
		if current.RenewedBy == "" || !e.host.Clock().Before(current.RenewedUntil) {
			current.RenewedBy, current.RenewedUntil = id, e.host.Clock().Add(life)
			switch leased, err := e.host.Connections.Swap(ctx, current); {
			case err != nil:
				return nil, hostFailed(err)
			case leased:
				return e.renewLeased(ctx, current, life)
			}
			continue // somebody else changed it
		}
		select {
		case <-ctx.Done():
			busy := &run.Error{Class: ClassHost, Type: RuntimeError, Code: CodeRenewing, MessageID: message.Renewing, Message: message.English(message.Renewing, nil)}
			return nil, busy
		case <-time.After(pause):
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

// renewLeased renews a connection that this process has the lease of, and stores what that changed. Without a new token
// it gives the lease back.
func (e *Engine) renewLeased(ctx context.Context, leased *Connection, life time.Duration) (*Connection, error) {
	renewing, cancel := context.WithTimeout(ctx, life-5*time.Second)
	next, err := e.runner.Renew(renewing, leased.working())
	cancel()
	changed := leased
	if err == nil {
		changed = stored(next)
	}
	lease := leased.RenewedBy
	for into := leased; ; {
		if into.RenewedBy == lease {
			into.RenewedBy, into.RenewedUntil = "", time.Time{}
		}
		out := *into
		if err == nil {
			out = merged(into, leased, changed)
			out.Renewals++
		}
		swapped, failed := e.host.Connections.Swap(ctx, &out)
		switch {
		case failed != nil && err == nil:
			return nil, hostFailed(failed)
		case failed != nil || swapped && err != nil:
			return nil, err
		case swapped:
			return &out, nil
		}
		if into, failed = e.load(ctx, leased.ID); failed != nil {
			return nil, failed
		}
	}
}

// merged returns a connection with what a run changed of the one that it began with.
func merged(into, before, after *Connection) Connection {
	out := *into
	data := into.Data.Clone()
	for i := range after.Data.Len() {
		k, v := after.Data.At(i)
		if !value.StrictEqual(before.Data.Value(k), v) {
			data.Set(k, v)
		}
	}
	out.Data = data
	if !after.Expires.Equal(before.Expires) {
		out.Expires = after.Expires
	}
	out.PlanHash = after.PlanHash
	return out
}
