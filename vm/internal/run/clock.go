package run

import (
	"context"
	"time"

	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/expr"
	"github.com/imlc-lang/imlc/vm/internal/state"
)

// clock is the time of a run: the instant that its expressions see, and the one at which it must have ended. That one
// is of the real time, whatever clock the host has.
type clock struct {
	now time.Time
	// first says that no request has seen now yet, current that nothing was waited for since it was taken.
	first, current bool
	deadline       time.Time
	caller         context.Context // without the time limit
	ctx            context.Context
	cancel         context.CancelFunc // of the timer, once there is one
}

// startClock starts the time of a run, and opens its frame.
func (r *run) startClock(ctx context.Context) {
	h, c := &r.host, &r.clock
	now := time.Now()
	c.caller, c.ctx, c.deadline = ctx, ctx, now.Add(h.Limits.RunTimeout)
	r.frame = expr.Open(ctx, r.image, h.Limits, c.deadline)
	if !h.RealClock {
		now = h.Clock()
	}
	r.freeze(now)
	c.first = true
}

// tick takes a new instant for a request, unless that at which the run began is still the current one; all that is
// evaluated for one request sees the same (spec iml.md §1).
func (r *run) tick() {
	c := &r.clock
	if !c.first || !c.current {
		r.freeze(r.host.Clock())
	}
	c.first = false
}

// freeze makes now the instant of the run.
func (r *run) freeze(now time.Time) {
	r.clock.now, r.clock.current = now, true
	r.frame.At(now, r.host.Timezone, r.host.Entropy, r.host.ExecutionID)
}

// bounded returns the context of the run with its time limit. The limit becomes a timer only when something waits under
// it: a request whose own time ends sooner needs none.
func (r *run) bounded() context.Context {
	c := &r.clock
	c.current = false
	if c.cancel == nil {
		c.ctx, c.cancel = context.WithDeadlineCause(c.ctx, c.deadline, builtin.TimedOut(r.host.Limits.RunTimeout))
	}
	return c.ctx
}

// waiting returns the context for the pending store.
func (r *run) waiting() context.Context {
	if r.clock.current = false; r.holdsPending() {
		return r.clock.ctx
	}
	return r.bounded()
}

// holdsPending reports whether the pending store is that of this process: it is never waited for, and needs no timer,
// which costs as much as the rest of it.
func (r *run) holdsPending() bool {
	_, own := r.host.Pending.(*state.Pending)
	return own
}

// timed starts the time of a request and returns its context.
func (r *run) timed(out *wire.Request) context.Context {
	own := r.host.Limits.RequestTimeout
	if out.TimeoutMillis > 0 {
		own = time.Duration(out.TimeoutMillis) * time.Millisecond
	}
	c := &r.clock
	if out.Start = c.now; !c.current || !r.host.RealClock {
		out.Start = time.Now()
	}
	ctx := c.ctx
	if c.deadline.Sub(out.Start) <= own {
		ctx = r.bounded()
	}
	c.current = false
	return ctx
}

// wait pauses a run.
func (r *run) wait(d time.Duration) error {
	if d <= 0 {
		return r.clock.ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	ctx := r.bounded()
	select {
	case <-ctx.Done():
		return builtin.Cancelled(ctx)
	case <-t.C:
		return nil
	}
}

// release ends the timer of the run, if it has one.
func (c *clock) release() {
	if c.cancel != nil {
		c.cancel()
	}
}
