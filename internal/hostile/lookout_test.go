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
	looks, end int           // end is the number of the look at which it ends, 0 for never
	done       chan struct{} // closed when it has ended
	last       time.Duration // when it was looked at last
	gaps       gaps
	mark       int // the gap of which is asked who looked at both of its ends, -1 for none
	before     [64]uintptr
	callers    int    // of before
	where      string // who that was
	name       string // of what is done, where an attack does many things
	blind      bool   // nothing is noted, since several operations look at a time
}

// gaps are the times between looks, in pieces, which are never copied.
type gaps [][]time.Duration

// add appends a time and reports whether that took memory.
func (g *gaps) add(d time.Duration) (grew bool) {
	last := len(*g) - 1
	if grew = last < 0 || len((*g)[last]) == cap((*g)[last]); grew {
		*g, last = append(*g, make([]time.Duration, 0, 1<<10)), last+1
	}
	(*g)[last] = append((*g)[last], d)
	return grew
}

func (g gaps) len() int {
	if len(g) == 0 {
		return 0
	}
	return (len(g)-1)<<10 + len(g[len(g)-1])
}

// longest returns the longest time and its number.
func (g gaps) longest() (most time.Duration, at int) {
	for i, piece := range g {
		for k, d := range piece {
			if d > most {
				most, at = d, i<<10+k
			}
		}
	}
	return most, at
}

// shortened takes over each time that was shorter in a run that looked equally often, and reports whether it did.
func (g gaps) shortened(again gaps) bool {
	if g.len() != again.len() {
		return false
	}
	for i, piece := range again {
		for k, d := range piece {
			g[i][k] = min(g[i][k], d)
		}
	}
	return true
}

// watch begins to count, until the look at which the context ends. The goroutine stays on its thread from now on.
func watch(end, mark int) *lookout {
	runtime.LockOSThread()
	return &lookout{Context: context.Background(), end: end, done: make(chan struct{}), mark: mark, last: cputime.Thread()}
}

// Err implements context.Context.
func (l *lookout) Err() error {
	if l.blind {
		return nil
	}
	if l.ended() {
		return context.Canceled
	}
	l.look()
	if l.looks++; l.looks != l.end {
		return nil
	}
	l.gaps = nil // what counts is how long it goes on
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
	if l.blind {
		return
	}
	now := cputime.Thread()
	asked := false
	switch n := l.gaps.len(); l.mark {
	case n + 1:
		l.callers, asked = runtime.Callers(3, l.before[:]), true
	case n:
		var who [len(l.before)]uintptr
		asked = true
		l.where = l.name + " " + path(l.before[:l.callers]) + " … " + path(who[:runtime.Callers(3, who[:])])
	}
	if l.gaps.add(now-l.last) || asked {
		now = cputime.Thread() // this does not count
	}
	l.last = now
}

// forget begins anew, at whoever looked last: what was done since then does not count.
func (l *lookout) forget() {
	if !l.blind && !l.ended() {
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

// soon is how long a run or a compilation may go on after its context has ended, and soonAtMost what a test allows it:
// where ten times as much wants to run as can, the same work was seen to take three times as long, by the clock of its
// thread.
const (
	soon       = 20 * time.Millisecond
	soonAtMost = 3 * soon
)
