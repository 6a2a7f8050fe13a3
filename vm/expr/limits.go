package expr

import (
	"errors"
	"time"

	"github.com/imlc-lang/imlc/vm/builtin"
)

// Limits bounds what one operation may use (docs/architecture.md §7). A zero field means the value of DefaultLimits; a
// negative one is not allowed.
type Limits struct {
	// Steps is the number of evaluation steps of one operation.
	Steps int64
	// Memory is the number of bytes that the texts, buffers, lists and documents of one operation may take up.
	Memory int64
	// ValueBytes bounds one text or buffer; Items the items of one list or the keys of one collection.
	ValueBytes, Items int
	// Nesting bounds parsed documents and paths.
	Nesting int
	// Requests bounds the HTTP requests of one operation, redirects not counted; Redirects the hops of one request.
	Requests, Redirects int
	// Attempts bounds how often a request that may be repeated is sent when the service was not there; 1 is once.
	Attempts int
	// RepeatDelay is the shortest pause before a spec repeats a request.
	RepeatDelay time.Duration
	// ResponseBytes bounds one decompressed response body.
	ResponseBytes int64
	// RequestTimeout is the default time of one request with its redirects; RunTimeout that of one operation.
	RequestTimeout, RunTimeout time.Duration
	// RegexTimeout bounds one call with a regular expression, and ten times as much all calls of an operation together; it
	// is a guard and not deterministic.
	RegexTimeout time.Duration
}

// DefaultLimits returns the limits that hold unless the host says otherwise.
func DefaultLimits() Limits {
	d := builtin.DefaultLimits()
	return Limits{
		Steps: d.Steps, Memory: d.Memory, ValueBytes: d.ValueBytes, Items: d.Items, Nesting: d.Nesting, RegexTimeout: d.RegexTimeout,
		Requests: 250, Redirects: 10, Attempts: 3, RepeatDelay: 10 * time.Millisecond, ResponseBytes: 10 << 20, RequestTimeout: 40 * time.Second, RunTimeout: 120 * time.Second,
	}
}

// WithDefaults replaces zero fields by those of DefaultLimits.
func (l Limits) WithDefaults() Limits {
	d := DefaultLimits()
	fill(&l.Steps, d.Steps)
	fill(&l.Memory, d.Memory)
	fill(&l.ValueBytes, d.ValueBytes)
	fill(&l.Items, d.Items)
	fill(&l.Nesting, d.Nesting)
	fill(&l.Requests, d.Requests)
	fill(&l.Redirects, d.Redirects)
	fill(&l.Attempts, d.Attempts)
	fill(&l.RepeatDelay, d.RepeatDelay)
	fill(&l.ResponseBytes, d.ResponseBytes)
	fill(&l.RequestTimeout, d.RequestTimeout)
	fill(&l.RunTimeout, d.RunTimeout)
	fill(&l.RegexTimeout, d.RegexTimeout)
	return l
}

// Check refuses negative limits.
func (l Limits) Check() error {
	for _, n := range []int64{l.Steps, l.Memory, int64(l.ValueBytes), int64(l.Items), int64(l.Nesting), int64(l.Requests), int64(l.Redirects),
		int64(l.Attempts), int64(l.RepeatDelay), l.ResponseBytes, int64(l.RequestTimeout), int64(l.RunTimeout), int64(l.RegexTimeout)} {
		if n < 0 {
			return errors.New("a limit is negative: use 0 for the default and a large number for none")
		}
	}
	return nil
}

func fill[T comparable](field *T, def T) {
	var zero T
	if *field == zero {
		*field = def
	}
}

// meter returns the limits that the meter of an operation has.
func (l *Limits) meter() builtin.Limits {
	return builtin.Limits{Steps: l.Steps, Memory: l.Memory, ValueBytes: l.ValueBytes, Items: l.Items, Nesting: l.Nesting, RegexTimeout: l.RegexTimeout}
}
