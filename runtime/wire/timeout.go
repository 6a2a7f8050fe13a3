package wire

import (
	"context"
	"sync"
	"time"
)

// timeouts gives requests contexts that end after a time. A timer for each request costs more than signing one: it
// wakes the thread that waits for the network. Requests with the default time whose caller cannot cancel them share a
// context with those of the same second; it ends up to a second late.
type timeouts struct {
	mu     sync.Mutex
	shared context.Context
	made   time.Time
}

// slack is how long a context is shared, and the least time of which that is a small part.
const (
	slack        = time.Second
	longForSlack = 20 * slack
)

// after returns a context under ctx that ends d behind now with the cause errTimeout. exact says that d is to be kept to
// the millisecond. The function releases what the context holds.
func (t *timeouts) after(ctx context.Context, now time.Time, d time.Duration, exact bool) (context.Context, context.CancelFunc) {
	if exact || d < longForSlack || ctx.Done() != nil {
		return context.WithDeadlineCause(ctx, now.Add(d), errTimeout)
	}
	t.mu.Lock()
	if age := now.Sub(t.made); t.shared == nil || age >= slack || age <= -slack {
		made, cancel := context.WithDeadlineCause(context.Background(), now.Add(d+slack), errTimeout)
		context.AfterFunc(made, cancel) // nobody knows its last user; its own end releases it
		t.shared, t.made = made, now
	}
	shared := t.shared
	t.mu.Unlock()
	if ctx == context.Background() {
		return shared, func() {}
	}
	return withValues{shared, ctx}, func() {}
}

// withValues is a context that ends like one and knows the values of another.
type withValues struct {
	context.Context
	values context.Context
}

// Value implements context.Context.
func (w withValues) Value(key any) any {
	if v := w.Context.Value(key); v != nil {
		return v
	}
	return w.values.Value(key)
}
