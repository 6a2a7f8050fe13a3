package wire

import (
	"context"
	"testing"
	"time"
)

type valueKey struct{}

func TestTimeoutsAreSharedWithinASecond(t *testing.T) {
	var all timeouts
	first, done := all.after(context.Background(), time.Now(), 40*time.Second, false)
	defer done()
	second, done := all.after(context.Background(), time.Now(), 40*time.Second, false)
	defer done()
	if first != second {
		t.Error("two requests at the same time have two contexts")
	}
	at, ok := first.Deadline()
	if left := time.Until(at); !ok || left < 40*time.Second || left > 42*time.Second {
		t.Errorf("it ends in %v, expected 40 to 41 s", left)
	}
	carrying, done := all.after(context.WithValue(context.Background(), valueKey{}, "v"), time.Now(), 40*time.Second, false)
	defer done()
	if carrying.Value(valueKey{}) != "v" || carrying.Done() != first.Done() {
		t.Error("the values of the caller are lost, or the end is another")
	}
}

func TestTimeoutsThatAreNotShared(t *testing.T) {
	var all timeouts
	parent, cancel := context.WithCancel(context.Background())
	for name, tt := range map[string]struct {
		ctx   context.Context
		d     time.Duration
		exact bool
	}{"exact": {context.Background(), 40 * time.Second, true}, "short": {context.Background(), time.Second, false}, "cancellable": {parent, 40 * time.Second, false}} {
		ctx, done := all.after(tt.ctx, time.Now(), tt.d, tt.exact)
		at, _ := ctx.Deadline()
		if left := time.Until(at); left > tt.d {
			t.Errorf("%s: it ends in %v, expected at most %v", name, left, tt.d)
		}
		if done(); ctx.Err() == nil {
			t.Errorf("%s: it is not released", name)
		}
	}
	ctx, done := all.after(parent, time.Now(), 40*time.Second, false)
	defer done()
	if cancel(); ctx.Err() == nil {
		t.Error("the caller's end does not end it")
	}
}

// Whose instant is far from the others shares nothing with them.
func TestTimeoutsOfOtherInstants(t *testing.T) {
	var all timeouts
	now := time.Now()
	for _, start := range []time.Time{now.Add(time.Hour), now, now.Add(-time.Hour), now} {
		ctx, done := all.after(context.Background(), start, 40*time.Second, false)
		defer done()
		if at, _ := ctx.Deadline(); at.Before(start.Add(40*time.Second)) || at.After(start.Add(41*time.Second)) {
			t.Errorf("it ends %v behind its instant, expected 40 to 41 s", at.Sub(start))
		}
	}
}
