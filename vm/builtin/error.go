package builtin

import (
	"fmt"

	"github.com/imlc-lang/imlc/vm/message"
	"github.com/imlc-lang/imlc/vm/value"
)

// Error is the failure of a function (spec iml.md §12).
type Error struct {
	// Code is the stable code, such as "IML404".
	Code string
	// Type is the type of the error for the one who authorizes, such as "DataError" or "InvalidConfigurationError"; ""
	// leaves it to the host of the function. An error with a type is worded for people: it is shown without the
	// function's name.
	Type string
	// Arg is the 1-based number of the argument that is to blame, 0 when none is.
	Arg int
	// Message says what was found and expected. It names types, never values. ID and Args say it as data where the words
	// are those of package message; else they are empty.
	Message string
	ID      string
	Args    message.Args
	// Err is the error of a host function or of the host's entropy, if that is the cause. Its text is not part of
	// Message, because it may hold secrets.
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

// Errorf makes an Error with the code, about the argument arg, counted from 1, or 0 for none. args must never hold
// values of the program.
func Errorf(code string, arg int, format string, args ...any) *Error {
	return &Error{Code: code, Arg: arg, Message: fmt.Sprintf(format, args...)}
}

// Say makes an Error of that code and type with the words of package message, for people. args must never hold values of
// the program.
func Say(code, errorType, id string, args message.Args) *Error {
	return &Error{Code: code, Type: errorType, Message: message.English(id, args), ID: id, Args: args}
}

// Expected is the failure of an argument that has the wrong type.
func Expected(code string, arg int, what string, got value.Value) *Error {
	return Errorf(code, arg, "%s expected, got %s", what, got.Kind())
}
