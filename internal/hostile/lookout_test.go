package hostile

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"time"

	"github.com/imlc-lang/imlc/internal/cputime"
)

// lookout is a context that notes how long whoever has it works between two looks at it: what a run goes on at most after
// it was cancelled, wherever that may be. A run ends soon when it looks often. It ends at one of the looks, or never.
type lookout struct {
	context.Context
	looks, end    int           // end is the number of the look at which it ends, 0 for never
	done          chan struct{} // closed when it has ended
	last, longest time.Duration
	before        [64]uintptr // who looked last, or just before that, and how many callers that has
	callers       int
	asked         time.Duration // when that was
	where         string        // who looked at both ends of the longest time without a look
}

// watch begins to count, until the look at which the context ends. The goroutine stays on its thread from now on.
func watch(end int) *lookout {
	runtime.LockOSThread()
	return &lookout{Context: context.Background(), end: end, done: make(chan struct{}), last: cputime.Thread()}
}

// Err implements context.Context.
func (l *lookout) Err() error {
	if l.ended() {
		return context.Canceled
	}
	l.look()
	if l.looks++; l.looks != l.end {
		return nil
	}
	l.longest = 0 // what counts is how long it goes on
	close(l.done)
	return context.Canceled
}

func (l *lookout) ended() bool { return l.end > 0 && l.looks >= l.end }

// Done implements context.Context.
func (l *lookout) Done() <-chan struct{} { return l.done }

func (l *lookout) look() {
	if l.ended() {
		return // until the run has
	}
	l.note()
}

// note notes how long it took since the last look.
func (l *lookout) note() {
	now := cputime.Thread()
	took := now - l.last
	if l.last = now; took <= l.longest && now-l.asked < apart {
		return
	}
	var who [len(l.before)]uintptr
	n := runtime.Callers(3, who[:])
	if took > l.longest {
		l.longest = took
		l.where = path(l.before[:l.callers]) + " … " + path(who[:n])
	}
	l.before, l.callers = who, n
	l.last = cputime.Thread() // the look itself does not count
	l.asked = l.last
}

// apart is how long it is at least between two looks of which is asked who they were.
const apart = 100 * time.Microsecond

// forget begins anew, at whoever looked last: what was done since then does not count.
func (l *lookout) forget() {
	if !l.ended() {
		l.last = cputime.Thread()
	}
}

// path names the functions of the program that a look came through.
func path(callers []uintptr) string {
	var names []string
	for frames := runtime.CallersFrames(callers); ; {
		f, more := frames.Next()
		if name, ours := strings.CutPrefix(f.Function, "github.com/imlc-lang/imlc/"); ours && !strings.HasPrefix(name, "internal/hostile.") {
			names = append(names, fmt.Sprintf("%s:%d", name[strings.LastIndexByte(name, '/')+1:], f.Line))
		}
		if !more {
			return strings.Join(names, " < ")
		}
	}
}

// soon is how long a run may go on after its context has ended, and soonAtMost what a test allows it: where ten
// times as much wants to run as can, the same work was seen to take five times as long, by the clock of its thread.
const (
	soon       = 20 * time.Millisecond
	soonAtMost = 6 * soon
)
