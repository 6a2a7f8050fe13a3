package hostile

import (
	"context"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/imlc-lang/imlc/internal/cputime"
)

// lookout is a context that never ends and notes how long whoever has it works between two looks at it: what a run goes
// on at most after it was cancelled, wherever that may be. A run ends soon when it looks often.
type lookout struct {
	context.Context
	last, longest time.Duration
	where         string // the stack at the end of the longest time without a look
}

// watch begins to count. The goroutine stays on its thread from now on.
func watch() *lookout {
	runtime.LockOSThread()
	return &lookout{Context: context.Background(), last: cputime.Thread()}
}

// Err implements context.Context.
func (l *lookout) Err() error {
	l.look()
	return nil
}

// Done implements context.Context.
func (l *lookout) Done() <-chan struct{} { return never }

var never = make(chan struct{})

func (l *lookout) look() {
	now := cputime.Thread()
	if took := now - l.last; took > l.longest {
		l.longest, l.where = took, ""
		if took > soon {
			l.where = string(debug.Stack())
		}
		now = cputime.Thread()
	}
	l.last = now
}

// soon is how long a run may go on after its context has ended, and soonAtMost what a test allows it on a machine that
// does other things, where memory is slow to come by.
const (
	soon       = 20 * time.Millisecond
	soonAtMost = 8 * soon
)
