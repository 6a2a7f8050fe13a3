package builtin

import (
	"fmt"
	"io"
	"time"

	"github.com/imlc-lang/imlc/vm/value"
)

// Defaults of the limits (spec iml.md §13).
const (
	DefaultMaxBytes     = 8 << 20
	DefaultMaxItems     = 1_000_000
	DefaultMaxDepth     = 250
	DefaultRegexTimeout = 100 * time.Millisecond
)

// Context is what functions know beyond their arguments. It lives for one operation and must not be used concurrently. The
// zero Context is usable: UTC, the epoch as the clock, no entropy, default limits, steps for free.
type Context struct {
	// Now is the frozen instant in milliseconds since the epoch.
	Now int64
	// Zone is the zone of the host; nil means UTC.
	Zone *time.Location
	// Entropy is where random values come from; nil makes functions that need it fail.
	Entropy io.Reader
	// ExecutionID is the host's id of the execution, or undefined.
	ExecutionID value.Value
	// StrictEquality makes the functions that compare like the operator = compare strictly.
	StrictEquality bool
	// Charge, when set, is told the steps that a function takes beyond its node; an error stops the function and is returned
	// as it is.
	Charge func(steps int) error
	// MaxBytes bounds a text or buffer that a function builds; 0 means DefaultMaxBytes.
	MaxBytes int
	// MaxItems bounds an array or collection that a function builds; 0 means DefaultMaxItems.
	MaxItems int
	// MaxDepth bounds the nesting of parsed JSON and of set and get paths; 0 means DefaultMaxDepth.
	MaxDepth int
	// RegexTimeout bounds the time of one replace; 0 means DefaultRegexTimeout.
	RegexTimeout time.Duration
	// Shapes, when set, is where objects of parsed JSON take their shapes from.
	Shapes *value.Shapes

	scratch []byte
}

func (c *Context) zone() *time.Location {
	if c.Zone == nil {
		return time.UTC
	}
	return c.Zone
}

func (c *Context) maxBytes() int {
	if c.MaxBytes > 0 {
		return c.MaxBytes
	}
	return DefaultMaxBytes
}

func (c *Context) maxItems() int {
	if c.MaxItems > 0 {
		return c.MaxItems
	}
	return DefaultMaxItems
}

func (c *Context) maxDepth() int {
	if c.MaxDepth > 0 {
		return c.MaxDepth
	}
	return DefaultMaxDepth
}

// visit charges one step for each of n items.
func (c *Context) visit(n int) error {
	if c.Charge == nil || n == 0 {
		return nil
	}
	return c.Charge(n)
}

// fits fails when a text or buffer of n bytes would be too long.
func (c *Context) fits(n int) error {
	if n > c.maxBytes() {
		return fail("IML503", 0, "result longer than %d bytes", c.maxBytes())
	}
	return nil
}

// holds fails when an array or collection of n items would be too long.
func (c *Context) holds(n int) error {
	if n > c.maxItems() {
		return fail("IML503", 0, "result has more than %d items", c.maxItems())
	}
	return nil
}

// Args are the argument slots of one call. Slots that are not given hold undefined. The zero Args has no slots.
type Args struct {
	// V has one value for each slot.
	V     []value.Value
	given uint64
}

// MakeArgs returns arguments; bit i of given says that slot i holds an expression. Slots from 64 on count as given.
func MakeArgs(v []value.Value, given uint64) Args { return Args{V: v, given: given} }

// Given reports whether slot i exists and holds an expression (spec iml.md §9.1).
func (a Args) Given(i int) bool {
	return i >= 0 && i < len(a.V) && (i >= 64 || a.given&(1<<uint(i)) != 0)
}

// at returns slot i, undefined when it is missing.
func (a Args) at(i int) value.Value {
	if i < len(a.V) {
		return a.V[i]
	}
	return value.Undefined
}

// text returns the text of a converted T slot, "" when it is missing or nil.
func (a Args) text(i int) string { return a.at(i).Str() }

// textOr returns the text of a converted T slot, or def when it is missing or nil.
func (a Args) textOr(i int, def string) string {
	if v := a.at(i); !v.IsNil() {
		return v.Str()
	}
	return def
}

// number returns the number of a converted N or I slot.
func (a Args) number(i int) float64 { return a.at(i).Float() }

// intOr returns the integer of a converted I slot, or def when it is missing or nil. It is clamped to ±2^30, more than any
// position or length, so that sums do not overflow where an int has 32 bits.
func (a Args) intOr(i, def int) int {
	v := a.at(i)
	if v.IsNil() {
		return def
	}
	return clampInt(v.Float())
}

func clampInt(f float64) int {
	const limit = 1 << 30
	return int(max(-limit, min(limit, f)))
}

// word returns the position of the word of a converted E slot in its list, 0 when it is missing or nil.
func (a Args) word(i int) int { return int(a.at(i).Float()) }

// flag returns a converted B slot, false when it is missing.
func (a Args) flag(i int) bool { return a.at(i).IsTrue() }

// Error is the failure of a function (spec iml.md §12).
type Error struct {
	// Code is the stable code, such as "IML404".
	Code string
	// Type is the type of the error for the one who authorizes, such as "DataError" or "InvalidConfigurationError"; "" leaves it
	// to the host of the function. An error with a type is worded for people: it is shown without the function's name.
	Type string
	// Arg is the 1-based number of the argument that is to blame, 0 when none is.
	Arg int
	// Message says what was found and expected. It names types, never values.
	Message string
	// Err is the error of a host function or of the host's entropy, if that is the cause. Its text is not part of Message,
	// because it may hold secrets.
	Err error
}

// Error implements error.
func (e *Error) Error() string {
	if e.Arg > 0 {
		return fmt.Sprintf("%s: argument %d: %s", e.Code, e.Arg, e.Message)
	}
	return e.Code + ": " + e.Message
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// fail builds an Error; args must never hold values of the program.
func fail(code string, arg int, format string, args ...any) *Error {
	return &Error{Code: code, Arg: arg, Message: fmt.Sprintf(format, args...)}
}

// expected is the failure of an argument that has the wrong type.
func expected(code string, arg int, what string, got value.Value) *Error {
	return fail(code, arg, "%s expected, got %s", what, got.Kind())
}
