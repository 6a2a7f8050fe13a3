package jshost

import (
	"time"

	"github.com/imlc-lang/imlc/internal/limit"
)

// Limits bounds every call of a script. A zero field means the value of DefaultLimits.
type Limits struct {
	// SourceBytes bounds the text of one module; a program can ask for less.
	SourceBytes int
	// Time is how long a script may run, the time that it waits for requests not counted; MaxTime at most.
	Time time.Duration
	// Stack is the depth of calls.
	Stack int
	// Calls bounds what one script may ask its host for: functions of the library and lines of the console.
	Calls int
	// Requests bounds the HTTP requests of one call.
	Requests int
	// ResultBytes bounds the texts, buffers and keys of a result, each value counted as 16 bytes beside; ResultDepth is
	// how deep lists and objects may lie in it.
	ResultBytes, ResultDepth int
	// Memory is by how many bytes the heap of the process may grow while a script runs. It is sampled; see the
	// package comment for what that misses.
	Memory int64
	// LeftBehind bounds the scripts that were given up and have not ended; while there are so many, none is started.
	LeftBehind int
}

// MaxTime is the longest Time there is.
const MaxTime = 10 * time.Second

// DefaultLimits returns the limits that hold unless the host says otherwise (spec dialects.md §1.5).
func DefaultLimits() Limits {
	return Limits{
		SourceBytes: 64 << 10, Time: 2 * time.Second, Stack: 256, Calls: 100_000, Requests: 10,
		ResultBytes: 1 << 20, ResultDepth: 64, Memory: 64 << 20, LeftBehind: 4,
	}
}

func (l Limits) withDefaults() Limits {
	d := DefaultLimits()
	or := func(n *int, def int) {
		if *n <= 0 {
			*n = def
		}
	}
	or(&l.SourceBytes, d.SourceBytes)
	or(&l.Stack, d.Stack)
	or(&l.Calls, d.Calls)
	or(&l.Requests, d.Requests)
	or(&l.ResultBytes, d.ResultBytes)
	or(&l.ResultDepth, d.ResultDepth)
	or(&l.LeftBehind, d.LeftBehind)
	if l.Time <= 0 {
		l.Time = d.Time
	}
	if l.Memory <= 0 {
		l.Memory = d.Memory
	}
	l.Time = min(l.Time, MaxTime)
	return l
}

// The limits by name, as errors tell them.
const (
	limitSource      = "script source bytes"
	limitTime        = "script time in milliseconds"
	limitStack       = "script call stack"
	limitCalls       = "script calls of its host"
	limitRequests    = "script requests"
	limitResult      = "script result bytes"
	limitResultDepth = "script result depth"
	limitMemory      = "script memory"
	limitLeftBehind  = "scripts that do not end"
)

// CodeLimit is the code of the limits of scripts.
const CodeLimit = "limit/script"

func reached(name string, n int64) *limit.Error {
	return &limit.Error{Name: name, Limit: n, Code: CodeLimit}
}
