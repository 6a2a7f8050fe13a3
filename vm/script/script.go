package script

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/value"
)

// Host runs the scripts of specs. Implementations are safe for concurrent use, and no call sees anything of another.
type Host interface {
	// Call runs a script with evaluated arguments, undefined and null kept apart, and returns what it gives. It returns
	// when ctx ends. The error is a *Error when the script failed, and a *builtin.LimitError when a limit ended it. A
	// text of the result that holds the text of a secret argument is secret.
	Call(ctx context.Context, s Script, args []value.Value) (value.Value, error)
}

// Checker finds what is wrong with a program before it runs. Implementations are safe for concurrent use.
type Checker interface {
	// Check returns the problems of the modules of a program, in order; none when it can be run.
	Check(p *Program) []Problem
}

// Script is one script that is to run.
type Script struct {
	// Name is what messages call it: "function \"trim\"", "hook \"test\"".
	Name    string
	Program *Program
	World   World
}

// Program is the code of a script. It is immutable: hosts keep what they compile of it in it.
type Program struct {
	// Entry is the global function that a call calls.
	Entry string
	// Modules are evaluated in order before that.
	Modules []Module
	// Library names the library of functions that the program can call under a global of that name; "" is none.
	Library string
	// MaxSource bounds the characters of each module that is none of the dialect's own; 0 leaves it to the host.
	MaxSource int

	compiled sync.Map
}

// Compiled returns what key made of the program: compile makes it the first time, and perhaps more than once when asked
// from several goroutines. Hosts keep here what is to live as long as the program.
func (p *Program) Compiled(key any, compile func() any) any {
	if made, ok := p.compiled.Load(key); ok {
		return made
	}
	made, _ := p.compiled.LoadOrStore(key, compile())
	return made
}

// Form says how the text of a module is read.
type Form uint8

// The forms.
const (
	// FormScript is evaluated as it is: what it declares is global.
	FormScript Form = iota
	// FormModule has a scope of its own and a default export, by export or by module.exports, which gets the name Bind.
	FormModule
	// FormBody is the body of a function with the parameters Parameters, which gets the name Bind.
	FormBody
	// FormOwn is a script of the dialect itself: no limit of sources counts for it, and it alone sees the global host.
	FormOwn
)

// Module is one piece of the code of a program.
type Module struct {
	// Name is the file as errors show it, for a text inside of one with the place of it: "app.json#/authentication/test".
	// Lines are counted in Text.
	Name       string
	Text       string
	Form       Form
	Bind       string
	Parameters []string
}

// World is what a script can reach. The zero World has nothing.
type World struct {
	// Functions is what the functions of Program.Library run with: their budget, clock, zone and entropy. The clock and
	// the entropy of the script are these too. nil: the script has a budget of its own, the epoch, and no entropy.
	Functions *builtin.Context
	// Send makes a request; nil: the script cannot make any. It is called from the goroutine that called Host.Call.
	Send func(Request) (Answer, error)
	// Console gets what the script prints, without secrets; nil drops it. It is called like Send.
	Console func(level, text string)
}

// Request is a request that a script makes.
type Request struct {
	// Method is the method in any case; "" is GET.
	Method string
	// URL is absolute, or goes behind the base URL of the connection when Connection is set.
	URL            string
	Query, Headers *value.Object
	// Body is undefined for none. BodyType is json, form or text; "" lets the value decide.
	Body     value.Value
	BodyType string
	// Connection sends the request as one of the connection: signed, with its base URL, headers and query, judged as
	// its answers are, and to its origins only.
	Connection bool
	// OAuth, when it is not nil, signs the request with these credentials, under the names that a whole oauth directive
	// has, and extra for further protocol parameters.
	OAuth *value.Object
}

// Answer is the answer to a request.
type Answer struct {
	Status  int
	Headers value.Value // a collection, names in small letters
	Text    string      // the body as it came
	Data    value.Value // the body, parsed as its type says
	// Failure says why the answer is a failure of the connection; nil when it is none.
	Failure *Failure
}

// Failure is what a request failed with.
type Failure struct{ Type, Code, Message string }

// Problem is something that is wrong with a module.
type Problem struct {
	// Module is the number of the module; Line and Column are the place in its text, counted from 1.
	Module, Line, Column int
	Message, Help        string
}

// Frame is a place that a script was in.
type Frame struct {
	Function, File string
	Line, Column   int
}

// Error is the failure of a script.
type Error struct {
	// Script is the name of the script.
	Script string
	// Type and Code are those that the script failed with on purpose; "" when it threw something else.
	Type, Code string
	// Message says what happened. It has no text of a secret argument.
	Message string
	// Stack is where it happened, the innermost place first; empty when that is not known.
	Stack []Frame
}

// Error implements error: `function "f" threw TypeError: x is not a function (functions/f.js:3:9)`.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Script + " " + e.Message)
	if len(e.Stack) > 0 {
		at := e.Stack[0]
		fmt.Fprintf(&b, " (%s:%d:%d)", at.File, at.Line, at.Column)
	}
	return b.String()
}
