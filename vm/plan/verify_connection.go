package plan

import (
	"errors"
	"fmt"
	"strings"

	"github.com/imlc-lang/imlc/vm/value"
)

// checkConnection checks the description of the requests.
func checkConnection(p *Plan) error {
	c := connectionChecker{p: p}
	if p.Connection == nil {
		for i := range p.Calls {
			if name := p.Strings[p.Calls[i].Function]; strings.HasPrefix(name, scriptPrefix) {
				c.fail("calls", "%q is called by a template, which has no scripts", name)
			}
		}
		return c.err
	}
	walkConnection(&c, p.Connection)
	c.whole(p.Connection)
	c.scripts()
	for i := range p.Connection.Variants {
		c.path = append(c.path[:0], step{"variants", i})
		c.variant(&p.Connection.Variants[i].Connection)
	}
	return c.err
}

// whole checks what no field alone can break: references to verdicts, the order of words, and that a connection with
// variants has nothing else to do.
func (c *connectionChecker) whole(conn *Connection) {
	verdict := func(n int32) {
		if int(n) > len(conn.Verdicts) {
			c.fail("verdict", "%d of %d", n, len(conn.Verdicts))
		}
	}
	conn.eachRequest(func(r *Request) { verdict(r.Verdict) })
	for i := range conn.Stages {
		if r := conn.Stages[i].Redirect; r != nil {
			verdict(r.Verdict)
		}
	}
	for i := 1; i < len(conn.Words); i++ {
		if conn.Words[i-1].Event >= conn.Words[i].Event {
			c.fail("words", "event %q is out of order", conn.Words[i].Event)
		}
	}
	if len(conn.Variants) > 0 && (len(conn.Stages) > 0 || len(conn.Calls) > 0 || conn.Free != nil) {
		c.fail("variants", "beside stages, calls or a free request")
	}
}

func (c *connectionChecker) variant(conn *Connection) {
	if len(conn.Variants) > 0 {
		c.fail("variants", "inside a variant")
	}
	if len(conn.Scripts) > 0 || len(conn.Modules) > 0 {
		c.fail("scripts", "inside a variant")
	}
	c.whole(conn)
}

// scripts checks that scripts have names of their own and modules that exist, and that what is called is there.
func (c *connectionChecker) scripts() {
	conn, names := c.p.Connection, map[string]bool{}
	for _, s := range conn.Scripts {
		if s.Name == "" || s.Entry == "" || names[s.Name] {
			c.fail("scripts", "the script %q has no name of its own, or no entry", s.Name)
		}
		names[s.Name] = true
		for _, m := range s.Modules {
			if m.Number < 1 || int(m.Number) > len(conn.Modules) {
				c.fail("scripts", "module %d of %d", m.Number, len(conn.Modules))
			}
		}
	}
	for i := range c.p.Calls {
		if name, ok := strings.CutPrefix(c.p.Strings[c.p.Calls[i].Function], scriptPrefix); ok && !names[name] {
			c.fail("scripts", "the script %q is called and is not there", name)
		}
	}
}

// scriptPrefix stands in front of the names of scripts at call sites.
const scriptPrefix = "script."

// eachRequest visits the requests of the stages, the calls and the free one, not those of variants.
func (c *Connection) eachRequest(visit func(*Request)) {
	for i := range c.Stages {
		for j := range c.Stages[i].Requests {
			visit(&c.Stages[i].Requests[j])
		}
	}
	for i := range c.Calls {
		for j := range c.Calls[i].Requests {
			visit(&c.Calls[i].Requests[j])
		}
	}
	for i := range c.Renew {
		visit(&c.Renew[i])
	}
	if c.Free != nil {
		visit(c.Free)
	}
}

// connectionChecker judges every field of a connection. It changes none.
type connectionChecker struct {
	p    *Plan
	path []step
	err  error
}

// step is one part of the place of a field: item of a list, or a part when item is negative.
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

func (c *connectionChecker) text(int, string, *string)   {}
func (c *connectionChecker) bool(int, string, *bool)     {}
func (c *connectionChecker) bound(int, string, *float64) {}
func (c *connectionChecker) list(string, int)            {}
func (c *connectionChecker) more(_, i, n int) bool       { return i < n && c.err == nil }
func (c *connectionChecker) leave()                      { c.path = c.path[:len(c.path)-1] }

func (c *connectionChecker) enter(_ int, name string, item int) {
	if c.path = append(c.path, step{name, item}); len(c.path) > maxNesting {
		c.fail(name, "nested deeper than %d", maxNesting)
	}
}

func (c *connectionChecker) enum(_ int, name string, v *uint8, names []string) {
	if int(*v) >= len(names) {
		c.fail(name, "choice %d, expected 0 to %d", *v, len(names)-1)
	}
}

func (c *connectionChecker) ref(_ int, name string, r *Ref, mode Mode) {
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

func (c *connectionChecker) number(_ int, name string, n *int32, low, high int32) {
	if *n < low || *n > high {
		c.fail(name, "%d, expected %d to %d", *n, low, high)
	}
}

func (c *connectionChecker) constant(_ int, name string, v *value.Value) {
	if err := checkConstant(*v, 0); err != nil {
		var e *FormatError
		if errors.As(err, &e) {
			c.fail(name, "%s", e.Detail)
		}
	}
}
