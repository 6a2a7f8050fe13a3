package broker

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/imlc-lang/imlc/broker/store"
	"github.com/imlc-lang/imlc/runtime/wire"
)

func encodeKey(key []byte) string { return base64.StdEncoding.EncodeToString(key) }

// poke has the jobs look for work now.
func (b *Broker) poke() {
	b.wake.mu.Lock()
	defer b.wake.mu.Unlock()
	for _, w := range b.wake.waiting {
		select {
		case w <- struct{}{}:
		default:
		}
	}
}

// wakers are the jobs that wait for work.
type wakers struct {
	mu      sync.Mutex
	waiting []chan struct{}
}

// webhookClient sends to webhooks under the egress policy of the broker; it follows no redirects.
func (b *Broker) webhookClient() *http.Client {
	b.webhooks.Do(func() {
		egress := b.config.Host.Egress
		if b.config.AllowPrivateWebhooks {
			egress = wire.Egress{AllowPrivate: true, Proxy: egress.Proxy}
		}
		b.webhookHTTP = &http.Client{Transport: b.spans.transport(wire.NewTransport(egress)), CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	})
	return b.webhookHTTP
}

// Run does what has to be done without a request, until the context ends: events to webhooks, renewals and tests of
// connections, authorisations that stopped halfway, keys wrapped anew, and what expired forgotten. Any number of processes
// may run it on one store. The jobs wait for services and for webhooks, so none waits for another.
func (b *Broker) Run(ctx context.Context) error {
	b.jobs.Add(1)
	defer b.jobs.Done()
	var all sync.WaitGroup
	for name, job := range map[string]func(context.Context) (int, error){
		"events": b.fanOut, "webhooks": b.deliver, "connections": b.check, "callbacks": b.goOn, "keys": b.Rewrap, "traffic": b.keepTraffic,
		"expired": func(ctx context.Context) (int, error) { return b.config.Store.Sweep(ctx, b.now(), 500) },
	} {
		all.Go(func() { b.repeat(ctx, name, job) })
	}
	all.Wait()
	for _, c := range []*crew{&b.crews.connections, &b.crews.callbacks, &b.crews.webhooks} {
		c.all.Wait()
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if err := b.writeTraffic(ctx); err != nil {
		b.config.Log.Warn("the traffic of the last seconds was not kept", "error", fmt.Sprint(err))
	}
	return nil
}

// repeat does a job as long as there is work, and then again whenever there may be some. A job that fails is told and
// tried again later.
func (b *Broker) repeat(ctx context.Context, name string, job func(context.Context) (int, error)) {
	wake := make(chan struct{}, 1)
	b.wake.mu.Lock()
	b.wake.waiting = append(b.wake.waiting, wake)
	b.wake.mu.Unlock()
	tick := time.NewTicker(b.config.LookEvery)
	defer tick.Stop()
	for {
		n, err := job(ctx)
		if ctx.Err() == nil {
			b.metrics.ran(name, b.now(), err)
		}
		if err != nil && !errors.Is(err, context.Canceled) {
			b.config.Log.Error("a job failed", "job", name, "error", fmt.Sprint(err))
		}
		if ctx.Err() != nil {
			return
		}
		if n > 0 && err == nil {
			continue
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-wake:
		}
	}
}

// check renews or tests connections that are due for it.
func (b *Broker) check(ctx context.Context) (int, error) {
	return b.claim(ctx, &b.crews.connections, kindConnection, 5*time.Minute, func(r store.Record) {
		var c Connection
		err := decode(r, &c)
		if err == nil {
			operation := b.test
			if !c.RenewAt.IsZero() && !b.now().Before(c.RenewAt) {
				operation = b.renew
			}
			_, err = operation(ctx, r.Space, r.ID)
		}
		if err != nil && ctx.Err() == nil {
			b.config.Log.Warn("a connection could not be tested or renewed", "connection", r.ID, "error", fmt.Sprint(err))
		}
	})
}

// Rewrap wraps the data keys of everything under the current key and returns how many records that were. It can be stopped
// at any point, and goes on where it was: what is wrapped under another key is what is left to do. A record that cannot be
// wrapped anew keeps none from it that stands behind.
func (b *Broker) Rewrap(ctx context.Context) (int, error) {
	done, left := 0, int64(0)
	for after := (store.Record{}); ; {
		foreign, err := b.config.Store.Foreign(ctx, b.config.Keys.Current(), after, rewrapPage)
		if err != nil {
			return done, err
		}
		for _, r := range foreign {
			after = r
			next := r
			if next.Sealed, next.KeyID, err = b.box.Rewrap(ctx, r.KeyID, r.Sealed, bound(r)); err != nil {
				if left++; left > b.stuck.Load() { // told once
					b.config.Log.Error("a record cannot be wrapped anew", "kind", r.Kind, "id", r.ID, "key", r.KeyID, "error", fmt.Sprint(err))
				}
				continue
			}
			switch _, err := b.config.Store.Apply(ctx, put(next)); {
			case errors.Is(err, store.ErrConflict): // it was sealed anew meanwhile
			case err != nil:
				return done, err
			}
			done++
		}
		if len(foreign) < rewrapPage {
			b.stuck.Store(left)
			return done, nil
		}
	}
}

// rewrapPage is how many records are read at a time to be wrapped anew.
const rewrapPage = 100

// rotate makes a new key the current one; a job wraps everything under it.
func (b *Broker) rotate(ctx context.Context) error {
	if b.config.RotateKeys == nil {
		return problem(http.StatusConflict, "keys-elsewhere", "the keys are kept elsewhere; make a new one there")
	}
	if err := b.exclusively(ctx, "rotation", b.config.RotateKeys); err != nil {
		return err
	}
	_, err := b.apply(ctx, b.audit(ctx, callerOf(ctx).Space, "keys.rotate", b.config.Keys.Current()))
	b.poke()
	return err
}

// leaseLife is how long a process that was killed keeps others from what it had begun.
const leaseLife = 2 * time.Minute

// exclusively does something that no other process of the store does meanwhile.
func (b *Broker) exclusively(ctx context.Context, what string, f func() error) error {
	busy := problem(http.StatusConflict, "conflict", "another process is at it; try again in a moment")
	busy.Retryable, busy.RetryAfter = true, 5
	lease, err := b.config.Store.Get(ctx, "", kindLease, what)
	switch {
	case errors.Is(err, store.ErrNotFound):
		lease = store.Record{Kind: kindLease, ID: what}
	case err != nil:
		return err
	case b.now().Before(lease.Expires):
		return busy
	}
	lease.Expires = b.now().Add(leaseLife)
	held, err := b.config.Store.Apply(ctx, put(lease))
	if errors.Is(err, store.ErrConflict) {
		return busy
	}
	if err != nil {
		return err
	}
	err = f()
	_, leftErr := b.config.Store.Apply(context.WithoutCancel(ctx), remove(held[0]))
	if errors.Is(leftErr, store.ErrConflict) {
		leftErr = nil // it took too long, and somebody else has the lease
	}
	return errors.Join(err, leftErr)
}

// Ready reports whether the broker can serve: its store answers and its keys open what is in it.
func (b *Broker) Ready(ctx context.Context) error {
	if err := b.config.Store.Ping(ctx); err != nil {
		return fmt.Errorf("the store does not answer: %w", err)
	}
	sealed, id, err := b.box.Seal(ctx, []byte("x"), "ready")
	if err != nil {
		return err
	}
	_, err = b.box.Open(ctx, id, sealed, "ready")
	return err
}

// CheckKeys fails when something in the store is sealed under a key that is not at hand: it opens a record of each key but
// the current one.
func (b *Broker) CheckKeys(ctx context.Context) error {
	for after := (store.Record{}); ; {
		foreign, err := b.config.Store.Foreign(ctx, b.config.Keys.Current(), after, 1)
		if err != nil || len(foreign) == 0 {
			return err
		}
		r := foreign[0]
		if _, err := b.open(ctx, r); err != nil {
			return fmt.Errorf("%s %s is sealed under the key %s: %w", r.Kind, r.ID, r.KeyID, err)
		}
		after = store.Record{KeyID: r.KeyID, Space: "\U0010FFFF"} // behind every record of the key
	}
}
