package run

import (
	"context"
	"time"

	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/internal/state"
)

// clock is the time of a run: the instant that its expressions see, and the one at which it must have ended. That one
// is of the real time, whatever clock the host has.
type clock struct {
	now      time.Time
	deadline time.Time
	caller   context.Context // without the time limit
	ctx      context.Context
	cancel   context.CancelFunc // of the timer, once there is one
}

// startClock starts the time of a run.
func (r *run) startClock(ctx context.Context) {
	c := &r.clock
	c.caller, c.ctx, c.deadline = ctx, ctx, time.Now().Add(r.host.Limits.RunTimeout)
}

// tick takes a new instant; all that is evaluated for one request sees the same (spec iml.md §1).
func (r *run) tick() {
	h := &r.host
	r.clock.now = h.Clock()
	r.frame.At(r.clock.now, h.Timezone, h.Entropy, h.ExecutionID)
}

// bounded returns the context of the run with its time limit. The limit becomes a timer only when something waits under
// it: a request whose own time ends sooner needs none.
func (r *run) bounded() context.Context {
	c := &r.clock
	if c.cancel == nil {
		c.ctx, c.cancel = context.WithDeadlineCause(c.ctx, c.deadline, builtin.TimedOut(r.host.Limits.RunTimeout))
	}
	return c.ctx
}

// waiting returns the context for the stores of suspended state.
func (r *run) waiting() context.Context {
	if r.keepsHere() {
		return r.clock.ctx
	}
	return r.bounded()
}

// keepsHere reports whether suspended state is kept by nobody but this process: that is never waited for, and needs no
// timer, which costs as much as the rest of it.
func (r *run) keepsHere() bool { return r.holdsPending() && r.host.Save == nil }

// holdsPending reports whether the pending store is that of this process.
func (r *run) holdsPending() bool {
	_, own := r.host.Pending.(*state.Pending)
	return own
}

// contextOf returns the context for a request that may take so many milliseconds from now on, 0 for the default.
func (r *run) contextOf(now time.Time, timeoutMillis int) context.Context {
	if r.clock.deadline.Sub(now) > r.requestTime(timeoutMillis) {
		return r.clock.ctx
	}
	return r.bounded()
}

// requestTime is how long a request may take that asks for so many milliseconds, 0 for the default.
func (r *run) requestTime(timeoutMillis int) time.Duration {
	if timeoutMillis > 0 {
		return time.Duration(timeoutMillis) * time.Millisecond
	}
	return r.host.Limits.RequestTimeout
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

// over reports whether the run has had all its time.
func (c *clock) over() bool { return !time.Now().Before(c.deadline) }

// release ends the timer of the run, if it has one.
func (c *clock) release() {
	if c.cancel != nil {
		c.cancel()
	}
}
