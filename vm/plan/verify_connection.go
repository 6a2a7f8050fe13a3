package plan

import (
	"errors"
	"fmt"
	"strings"

	"github.com/imlc-lang/imlc/vm/value"
)

// checkConnection checks the description of the requests.
func checkConnection(p *Plan) error {
	if p.Connection == nil {
		return nil
	}
	if kind := p.Connection.Kind; kind != "oauth1" && kind != "basic" {
		return unsupported(sectionConnection, "a connection of kind %q, expected oauth1 or basic", kind)
	}
	c := connectionChecker{p: p}
	walkConnection(&c, p.Connection)
	return c.err
}

// connectionChecker judges every field of a connection. It changes none.
type connectionChecker struct {
	p    *Plan
	path []step
	err  error
}

// step is one part of the place of a field: item of a list, or a part when item is -1.
type step struct {
	name string
	item int
}

func (c *connectionChecker) fail(name, format string, args ...any) {
	if c.err != nil {
		return
	}
	var b strings.Builder
	for _, s := range c.path {
		b.WriteString(s.name)
		if s.item >= 0 {
			fmt.Fprintf(&b, "[%d]", s.item)
		}
		b.WriteByte('.')
	}
	c.err = invalid(sectionConnection, "%s%s: %s", b.String(), name, fmt.Sprintf(format, args...))
}

func (c *connectionChecker) text(string, *string)              {}
func (c *connectionChecker) bool(string, *bool)                {}
func (c *connectionChecker) bound(string, *float64)            {}
func (c *connectionChecker) count(_ string, n int) int         { return n }
func (c *connectionChecker) present(_ string, there bool) bool { return there }
func (c *connectionChecker) leave()                            { c.path = c.path[:len(c.path)-1] }
func (c *connectionChecker) done() bool                        { return c.err != nil }

func (c *connectionChecker) enter(name string, item int) {
	if c.path = append(c.path, step{name, item}); len(c.path) > MaxNesting {
		c.fail(name, "nested deeper than %d", MaxNesting)
	}
}

func (c *connectionChecker) flag(name string, f *Flag) {
	if *f > FlagTrue {
		c.fail(name, "flag %d, expected 0 to %d", *f, FlagTrue)
	}
}

func (c *connectionChecker) queryMode(name string, m *uint8) {
	if *m > maxQueryMode {
		c.fail(name, "mode %d, expected 0 to %d", *m, maxQueryMode)
	}
}

// maxQueryMode is the last mode of a query directive: replace, append, merge.
const maxQueryMode = 2

func (c *connectionChecker) ref(name string, r *Ref, mode Mode) {
	if *r == 0 {
		return
	}
	f := c.p.Function(*r)
	if f == nil {
		c.fail(name, "function %d of %d", *r, len(c.p.Functions))
	} else if f.Mode != mode {
		c.fail(name, "function %d (%s) has mode %d, expected %d", *r-1, f.Pointer, f.Mode, mode)
	} else if f.Params > 0 {
		c.fail(name, "function %d (%s) has %d parameters, expected none", *r-1, f.Pointer, f.Params)
	}
}

func (c *connectionChecker) number(name string, n *int32, low, high int32) {
	if *n < low || *n > high {
		c.fail(name, "%d, expected %d to %d", *n, low, high)
	}
}

func (c *connectionChecker) constant(name string, v *value.Value) {
	if err := checkConstant(*v, 0); err != nil {
		var e *FormatError
		if errors.As(err, &e) {
			c.fail(name, "%s", e.Detail)
		}
	}
}
