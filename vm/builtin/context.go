package builtin

import (
	"io"
	"time"

	"github.com/imlc-lang/imlc/vm/value"
)

// Context is what functions know beyond their arguments. It lives for one operation and must not be used concurrently.
// The zero Context is usable: UTC, the epoch as the clock, no entropy, default sizes, steps and memory for free.
type Context struct {
	// Meter is the budget of the operation; its methods are those of the context.
	*Meter
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
	// Shapes, when set, is where objects of parsed JSON take their shapes from.
	Shapes *value.Shapes

	scratch []byte
}

// Location returns the zone of the host.
func (c *Context) Location() *time.Location {
	if c.Zone == nil {
		return time.UTC
	}
	return c.Zone
}

// keepScratch is the size up to which the buffer for texts under construction is kept for the next call.
const keepScratch = 64 << 10

// Scratch returns an empty buffer to build a text in, which is good until the next call of Scratch or Keep.
func (c *Context) Scratch() []byte { return c.scratch[:0] }

// Keep keeps the memory of b for the next text, unless it is large.
func (c *Context) Keep(b []byte) {
	if cap(b) <= keepScratch {
		c.scratch = b[:0]
	}
}

// Equal is the operator =. Comparing an array with another type needs its text, which must not be too long.
func (c *Context) Equal(x, y value.Value) (bool, error) {
	if c.StrictEquality {
		return value.StrictEqual(x, y), nil
	}
	if x.Kind() != y.Kind() {
		if err := c.CheckText(x); err != nil {
			return false, err
		}
		if err := c.CheckText(y); err != nil {
			return false, err
		}
	}
	return value.Equal(x, y), nil
}

// ToText is value.ToText within the limits.
func (c *Context) ToText(v value.Value) (string, error) {
	if err := c.CheckText(v); err != nil {
		return "", err
	}
	return value.ToText(v), nil
}

// AppendText appends value.ToText(v), within the limits.
func (c *Context) AppendText(dst []byte, v value.Value) ([]byte, error) {
	if err := c.CheckText(v); err != nil {
		return dst, err
	}
	dst = value.AppendText(dst, v)
	return dst, c.Fits(len(dst))
}

// Bytes returns the bytes of a buffer, or the UTF-8 of the text of anything else. They must not be changed.
func (c *Context) Bytes(v value.Value) ([]byte, error) {
	if v.Kind() == value.KindBuffer {
		return v.Bytes(), nil
	}
	s, err := c.ToText(v)
	return []byte(s), err
}

// CheckText fails when the text or JSON of v is longer than a text may be. Containers may share their items, so that a
// small value can have a huge text; it must not be built.
func (c *Context) CheckText(v value.Value) error {
	if v.Kind() >= value.KindArray && !value.TextWithin(v, c.Limits().ValueBytes) {
		return c.TooLong()
	}
	return nil
}
