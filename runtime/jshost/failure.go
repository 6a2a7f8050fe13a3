package jshost

import (
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/dop251/goja"

	"github.com/imlc-lang/imlc/internal/limit"
	"github.com/imlc-lang/imlc/vm/script"
	"github.com/imlc-lang/imlc/vm/value"
)

// failure is what the dialect's part of a script failed with on purpose.
type failure struct {
	object    *goja.Object // that was thrown
	typ, code string
}

// longestMessage bounds what is told of a thrown value, in characters.
const longestMessage = 500

// classify turns what ended a script into the error of the call.
func (c *call) classify(err error) error {
	var (
		own          *script.Error
		reachedLimit *limit.Error
		stack        *goja.StackOverflowError
		interrupted  *goja.InterruptedError
		thrown       *goja.Exception
	)
	switch {
	case errors.As(err, &own):
		return own
	case errors.As(err, &reachedLimit):
		return reachedLimit
	case errors.As(err, &stack):
		return reached(limitStack, int64(c.host.limits.Stack))
	case errors.As(err, &interrupted): // the supervisor knows why
		return errGivenUp
	case errors.As(err, &thrown):
		return c.thrown(thrown.Value(), thrown.Stack())
	}
	return c.failed("failed: "+c.masked(err.Error()), nil)
}

// failed is a failure of the script in words of this package.
func (c *call) failed(message string, stack []script.Frame) *script.Error {
	return &script.Error{Script: c.script.Name, Message: message, Stack: stack}
}

// thrown describes a value that the script threw: the name and message of an error, the text of anything else that has
// one.
func (c *call) thrown(v goja.Value, stack []goja.StackFrame) error {
	e := c.failed("threw "+c.describe(v), c.places(stack))
	if o, ok := v.(*goja.Object); ok {
		if e.Stack == nil {
			e.Stack = c.placesOf(o)
		}
		if f := c.failure; f != nil && o.SameAs(f.object) {
			e.Type, e.Code, e.Message = f.typ, f.code, c.masked(c.property(o, "message"))
		}
	}
	return e
}

func (c *call) describe(v goja.Value) string {
	o, ok := v.(*goja.Object)
	if !ok {
		if v == nil || goja.IsUndefined(v) || goja.IsNull(v) {
			return "nothing"
		}
		if _, symbol := v.(*goja.Symbol); symbol {
			return "a symbol"
		}
		return c.masked(v.String())
	}
	name, message := c.property(o, "name"), c.property(o, "message")
	switch {
	case name == "" && message == "":
		return "an object"
	case name == "":
		return c.masked(message)
	case message == "":
		return c.masked(name)
	}
	return c.masked(name + ": " + message)
}

// property returns a property of an object that is a text, "" when it is none or throws.
func (c *call) property(o *goja.Object, name string) (text string) {
	_ = c.try(func() error {
		if v, ok := o.Get(name).(goja.String); ok {
			text = v.String()
		}
		return nil
	})
	return text
}

// masked shortens a text of a script and hides the secrets in it.
func (c *call) masked(s string) string {
	for _, secret := range c.secrets {
		s = strings.ReplaceAll(s, secret, value.Mask)
	}
	if utf8.RuneCountInString(s) > longestMessage {
		s = string([]rune(s)[:longestMessage]) + "…"
	}
	return strings.ToValidUTF8(s, "\ufffd")
}

// places turns the frames of the interpreter into places of the modules. Those of the interpreter itself and of the
// dialect's own part are left out.
func (c *call) places(stack []goja.StackFrame) []script.Frame {
	var out []script.Frame
	for i := range stack {
		at := stack[i].Position()
		n := moduleOf(stack[i].SrcName())
		if n < 0 || n >= len(c.code.modules) || c.code.modules[n].form == script.FormOwn {
			continue
		}
		f := script.Frame{Function: functionName(stack[i].FuncName()), File: c.script.Program.Modules[n].Name, Line: at.Line, Column: at.Column}
		if f.Line == 1 {
			f.Column = max(1, f.Column-c.code.modules[n].prefix)
		}
		out = append(out, f)
	}
	return out
}

// functionName returns the name of a function, "" for one without.
func functionName(name string) string {
	if name == "<anonymous>" {
		return ""
	}
	return name
}

// placesOf reads the stack that an error brings, for one that was thrown inside of a promise.
func (c *call) placesOf(o *goja.Object) []script.Frame {
	var out []script.Frame
	for _, line := range strings.Split(c.property(o, "stack"), "\n") {
		if f, ok := c.place(strings.TrimSpace(line)); ok {
			out = append(out, f)
		}
	}
	return out
}

// place reads one line of a stack: "at f (name:line:column(pc))".
func (c *call) place(line string) (f script.Frame, ok bool) {
	line, isFrame := strings.CutPrefix(line, "at ")
	if !isFrame {
		return f, false
	}
	if open := strings.Index(line, " ("); open >= 0 {
		f.Function, line = functionName(line[:open]), strings.TrimSuffix(line[open+2:], ")")
	}
	if pc := strings.LastIndexByte(line, '('); pc >= 0 {
		line = line[:pc]
	}
	name, column := cutNumber(line)
	name, f.Line = cutNumber(name)
	n := moduleOf(name)
	if n < 0 || n >= len(c.code.modules) || c.code.modules[n].form == script.FormOwn || f.Line == 0 {
		return f, false
	}
	if f.Column = column; f.Line == 1 {
		f.Column = max(1, column-c.code.modules[n].prefix)
	}
	f.File = c.script.Program.Modules[n].Name
	return f, true
}

// cutNumber cuts a number behind the last colon off.
func cutNumber(s string) (rest string, n int) {
	i := strings.LastIndexByte(s, ':')
	if i < 0 {
		return s, 0
	}
	for _, d := range s[i+1:] {
		if d < '0' || d > '9' || n > 1<<24 {
			return s, 0
		}
		n = n*10 + int(d-'0')
	}
	return s[:i], n
}
