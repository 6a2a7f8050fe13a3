package builtin

import "github.com/imlc-lang/imlc/vm/value"

// Prepared is the usual case of a call, made ready when a plan is loaded: what can be known from the function and its
// constant arguments is known. Exactly one field is set. Whoever uses it covers only that case, with arguments of the
// right type and no limit in sight, and leaves every other one to Invoke, whose results the prepared forms share. It is
// safe for concurrent use.
type Prepared struct {
	// View is set for a function of one text whose result is a part of that text.
	View func(s string) string
	// Write is set for a function of one text that writes another.
	Write func(dst []byte, s string) []byte
	// Append is set for a function of one value, the other arguments being constant, that writes a short text. ok is
	// false, and dst as it was, when the value is not the usual one.
	Append func(dst []byte, c *Context, v value.Value) (out []byte, ok bool)
	// Pluck is set for a function that takes the same place out of every item of a list.
	Pluck *Pluck
}

// Pluck says what a function takes out of the items of a list: the value at Key of those that have something truthy at
// Filter, of all when Filter is nil.
type Pluck struct{ Key, Filter *value.Step }

// Constant returns the value of an argument slot that holds a constant expression.
type Constant func(slot int) (v value.Value, ok bool)

// Ready returns the prepared form of a call with n slots, or nil.
func (f *Function) Ready(n int, constant Constant) *Prepared {
	if f.Prepare == nil || !f.Accepts(n) {
		return nil
	}
	return f.Prepare(n, constant)
}
