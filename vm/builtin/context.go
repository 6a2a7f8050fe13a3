package builtin

import (
	"io"
	"time"

	"github.com/imlc-lang/imlc/internal/characters"
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
	// Scripts runs the scripts that the code calls; nil: none can be called.
	Scripts Scripts
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

// Written returns the text that was built in Scratch: b, unless it is kept for the next text.
func (c *Context) Written(b []byte) value.Value {
	if cap(b) > keepScratch {
		return value.TextOf(b)
	}
	c.scratch = b[:0]
	return value.Text(string(b))
}

// Equal is the operator =. It takes the work of looking through containers and long texts, and the memory of the texts
// that a comparison of an array with another type needs.
func (c *Context) Equal(x, y value.Value) (bool, error) {
	switch {
	case x.Kind() == y.Kind() && x.Kind() >= value.KindArray:
		inside := value.Comparison{Budget: c.Meter}
		return inside.Strict(x, y)
	case c.StrictEquality || x.IsNil() || y.IsNil():
	case x.Kind() == value.KindArray:
		s, err := c.ToText(x)
		if err != nil {
			return false, err
		}
		x = value.Text(s)
	case y.Kind() == value.KindArray:
		s, err := c.ToText(y)
		if err != nil {
			return false, err
		}
		y = value.Text(s)
	}
	work := max(len(x.Str()), len(y.Str())) / numberBytes // of a text that is read as a number
	if x.Kind() == y.Kind() {
		work = min(len(x.Str()), len(y.Str())) / kibibyte
	}
	if err := c.Tick(work); err != nil {
		return false, err
	}
	if c.StrictEquality {
		return value.StrictEqual(x, y), nil
	}
	return value.Equal(x, y), nil
}

// numberBytes is how many bytes of a long text are read as a number in the time of a step.
const numberBytes = 128

// StrictlyEqual is value.StrictEqual within the limits: it takes the work of looking through containers and long texts.
func (c *Context) StrictlyEqual(x, y value.Value) (bool, error) {
	if x.Kind() == y.Kind() && x.Kind() >= value.KindArray {
		inside := value.Comparison{Budget: c.Meter}
		return inside.Strict(x, y)
	}
	return value.StrictEqual(x, y), c.Tick(min(len(x.Str()), len(y.Str())) / kibibyte)
}

// ToText is value.ToText within the limits: it takes the memory of a text that has to be made.
func (c *Context) ToText(v value.Value) (string, error) {
	if v.Kind() == value.KindText {
		return v.Str(), nil
	}
	if isShort(v) {
		return value.ToText(v), c.Look(shortBytes)
	}
	n, err := c.textLength(v)
	if err != nil {
		return "", err
	}
	if err := c.Text(n); err != nil {
		return "", err
	}
	if v.Kind() < value.KindBuffer {
		return value.ToText(v), nil
	}
	return value.MakeText(v, n, c.Meter)
}

// AppendText appends value.ToText(v) to a text that began at start, within the limits.
func (c *Context) AppendText(dst []byte, start int, v value.Value) ([]byte, error) {
	if isShort(v) {
		if err := c.Fits(len(dst) - start + len(v.Str())); err != nil {
			return dst, err
		}
		var err error
		if v.Kind() == value.KindText {
			dst, err = c.Write(dst, v.Str())
		} else {
			dst = value.AppendText(dst, v)
		}
		if err == nil {
			err = c.Look(shortBytes)
		}
		if err != nil {
			return dst, err
		}
		return dst, c.Fits(len(dst) - start)
	}
	n, err := c.textLength(v)
	if err != nil {
		return dst, err
	}
	if err := c.Fits(len(dst) - start + n); err != nil {
		return dst, err
	}
	return value.WriteText(dst, v, c.Meter)
}

// Write appends a text, a long one in pieces between which it looks whether the operation goes on: also while what is
// there is copied to where there is room for more.
func (c *Context) Write(dst []byte, s string) ([]byte, error) {
	if len(s) <= lookBytes {
		return append(dst, s...), c.Look(len(s) / copied)
	}
	if cap(dst)-len(dst) < len(s) {
		there := dst
		dst = make([]byte, 0, len(there)+len(s)+len(there)/4)
		for len(there) > 0 {
			n := min(len(there), copied*lookBytes)
			dst, there = append(dst, there[:n]...), there[n:]
			if err := c.Look(n / copied); err != nil {
				return dst, err
			}
		}
	}
	for s != "" {
		n := min(len(s), copied*lookBytes)
		dst, s = append(dst, s[:n]...), s[n:]
		if err := c.Look(n / copied); err != nil {
			return dst, err
		}
	}
	return dst, nil
}

// copied is how much less it takes to copy a text than to read it.
const copied = 8

// shortBytes is how many bytes of a text are read in the time that a short one takes to write.
const shortBytes = 64

// Pieces calls f with the pieces of a text, which end between characters, and looks in between whether the operation goes
// on.
func (c *Context) Pieces(s string, f func(piece string) error) error {
	return characters.Pieces(s, c.Look, f)
}

// isShort reports whether the text of v is short, or there already.
func isShort(v value.Value) bool { return v.Kind() <= value.KindDate && v.Kind() != value.KindInteger }

// textLength returns the length of the text of v, or an error when no text may be so long. Containers may share their
// items, so that a small value can have a huge text; it must not be built.
func (c *Context) textLength(v value.Value) (int, error) {
	n, ok, err := value.TextLength(v, c.Limits().ValueBytes, c.Meter)
	if err != nil {
		return 0, err
	}
	if !ok {
		return 0, c.TooLong()
	}
	return n, c.Read(writing * n)
}

// Bytes returns the bytes of a buffer, or the UTF-8 of the text of anything else. They must not be changed.
func (c *Context) Bytes(v value.Value) ([]byte, error) {
	if v.Kind() == value.KindBuffer {
		return v.Bytes(), nil
	}
	s, err := c.ToText(v)
	if err == nil {
		err = c.Text(len(s))
	}
	if err != nil {
		return nil, err
	}
	return []byte(s), nil
}

// CheckJSON fails when the JSON of v is longer than a text may be.
func (m *Meter) CheckJSON(v value.Value) error {
	within, err := value.JSONWithin(v, m.Limits().ValueBytes, m)
	if err == nil && !within {
		err = m.TooLong()
	}
	return err
}

// CheckText fails when the text of v is longer than a text may be.
func (m *Meter) CheckText(v value.Value) error {
	within, err := value.TextWithin(v, m.Limits().ValueBytes, m)
	if err == nil && !within {
		err = m.TooLong()
	}
	return err
}

// writing is how much longer than to read a text it takes to write numbers and the parts of containers.
const writing = 2
