package vm

import (
	"context"
	"time"

	"github.com/imlc-lang/imlc/vm/builtin"
)

// bounded returns the context of the run with its time limit. The limit becomes a timer only when something waits under
// it: a request whose own time ends sooner needs none.
func (r *run) bounded() context.Context {
	if r.cancel == nil {
		r.ctx, r.cancel = context.WithDeadlineCause(r.ctx, r.deadline, builtin.TimedOut(r.engine.host.Limits.RunTimeout))
		r.frame.Under(r.ctx)
	}
	return r.ctx
}

// waiting returns the context for the pending store; the one in memory never waits.
func (r *run) waiting() context.Context {
	if _, ok := r.engine.host.Pending.(*memoryPending); ok {
		return r.ctx
	}
	return r.bounded()
}

// contextOf returns the context for a request that may take so many milliseconds, 0 for the default.
func (r *run) contextOf(timeoutMillis int) context.Context {
	own := r.engine.host.Limits.RequestTimeout
	if timeoutMillis > 0 {
		own = time.Duration(timeoutMillis) * time.Millisecond
	}
	now := r.now
	if r.engine.ownClock {
		now = time.Now()
	}
	if r.deadline.Sub(now) > own {
		return r.ctx
	}
	return r.bounded()
}

// release ends the timer of the run, if it has one.
func (r *run) release() {
	if r.cancel != nil {
		r.cancel()
	}
}
