package expr

import (
	"errors"
	"fmt"
	"time"
)

// Limits bounds what one operation may use (architecture §7). A zero field means the value of DefaultLimits; a negative
// one is not allowed.
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
	// ResponseBytes bounds one decompressed response body.
	ResponseBytes int64
	// RequestTimeout is the default time of one request with its redirects; RunTimeout that of one operation.
	RequestTimeout, RunTimeout time.Duration
	// RegexTimeout bounds the matching of one replace call; it is a guard and not deterministic.
	RegexTimeout time.Duration
}

// DefaultLimits are the limits that hold unless the host says otherwise.
var DefaultLimits = Limits{
	Steps:          1_000_000,
	Memory:         64 << 20,
	ValueBytes:     8 << 20,
	Items:          1_000_000,
	Nesting:        250,
	Requests:       250,
	Redirects:      10,
	ResponseBytes:  10 << 20,
	RequestTimeout: 40 * time.Second,
	RunTimeout:     120 * time.Second,
	RegexTimeout:   100 * time.Millisecond,
}

// WithDefaults replaces zero fields by those of DefaultLimits.
func (l Limits) WithDefaults() Limits {
	d := DefaultLimits
	fill(&l.Steps, d.Steps)
	fill(&l.Memory, d.Memory)
	fill(&l.ValueBytes, d.ValueBytes)
	fill(&l.Items, d.Items)
	fill(&l.Nesting, d.Nesting)
	fill(&l.Requests, d.Requests)
	fill(&l.Redirects, d.Redirects)
	fill(&l.ResponseBytes, d.ResponseBytes)
	fill(&l.RequestTimeout, d.RequestTimeout)
	fill(&l.RunTimeout, d.RunTimeout)
	fill(&l.RegexTimeout, d.RegexTimeout)
	return l
}

// Check refuses negative limits.
func (l Limits) Check() error {
	for _, n := range []int64{l.Steps, l.Memory, int64(l.ValueBytes), int64(l.Items), int64(l.Nesting), int64(l.Requests), int64(l.Redirects),
		l.ResponseBytes, int64(l.RequestTimeout), int64(l.RunTimeout), int64(l.RegexTimeout)} {
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

// LimitError says which limit ended an operation.
type LimitError struct {
	// Name is the limit's name: "steps", "memory", "value bytes", "items", "requests", "response body", "run time", …
	Name string
	// Limit is the bound in the unit of the limit.
	Limit int64
	// Code is the stable code, "IML503" to "IML506" where the language defines one, else "LIMIT".
	Code string
}

// Error implements error.
func (e *LimitError) Error() string {
	if e.Code == CodeCancelled {
		return "IML506: cancelled by the host"
	}
	return fmt.Sprintf("%s: the limit on %s is reached (%d)", e.Code, e.Name, e.Limit)
}

// TimedOut is the error of an operation that took longer than its run time, d.
func TimedOut(d time.Duration) *LimitError {
	return &LimitError{Name: "run time", Limit: int64(d / time.Second), Code: CodeLimit}
}

// The codes of limits: those of the language (spec iml.md §12), and CodeLimit for all others.
const (
	CodeLimit      = "LIMIT"
	codeResultSize = "IML503"
	codeSteps      = "IML504"
	codeRegex      = "IML505"
	CodeCancelled  = "IML506"
)
