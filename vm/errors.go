package vm

import (
	"errors"
	"time"

	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/expr"
	"github.com/imlc-lang/imlc/vm/internal/run"
)

// The types of errors that the engine uses by itself. A spec and its verdicts may use others.
const (
	RuntimeError              = run.RuntimeError
	DataError                 = run.DataError
	ConnectionError           = run.ConnectionError
	InvalidConfigurationError = run.InvalidConfigurationError
	LimitErrorType            = run.LimitErrorType
)

// What an operation may end with beside an Error of its own words; errors.As finds them under it.
type (
	// LimitError says which limit ended an operation.
	LimitError = builtin.LimitError
	// EvalError is a failure of an expression at run time.
	EvalError = expr.EvalError
	// UnsupportedError says what a plan needs and the engine does not have.
	UnsupportedError = expr.UnsupportedError
)

// The codes of errors that the engine makes by itself. Failing expressions have the codes of their language, limits
// those of package limit, and a spec may have codes of its own.
const (
	CodeVariant              = run.CodeVariant              // not exactly one variant of the spec can be taken
	CodeForeignOrigin        = run.CodeForeignOrigin        // a free request leads elsewhere than the connection belongs
	CodeNoRequestToken       = run.CodeNoRequestToken       // there is no request token to send the user away with
	CodeCallbackNotConfirmed = run.CodeCallbackNotConfirmed // the service did not confirm the callback address, and the plan is strict
	CodeUnknownPending       = run.CodeUnknownPending       // the authorisation is not known, or was used already
	CodeExpired              = run.CodeExpired              // the user took too long
	CodeSpecChanged          = run.CodeSpecChanged          // another plan is in use than the one that started
	CodeNoCallbackToken      = run.CodeNoCallbackToken      // the callback does not say which authorisation it belongs to
	CodeTokenMismatch        = run.CodeTokenMismatch        // the callback belongs to another authorisation
	CodeRefused              = run.CodeRefused              // the user or the service said no
	CodeCallbackInvalid      = run.CodeCallbackInvalid      // the spec refuses the callback
	CodeBadTokenAnswer       = run.CodeBadTokenAnswer       // the answer to a token request holds no token
	CodeTestFailed           = run.CodeTestFailed           // the requests that prove the credentials say that they do not work
)

// Error is the failure of an operation of a connection. Message is meant for the user and holds no secret that the
// engine knows of.
type Error struct {
	// Type says how the platform treats the error; Message what happened.
	Type, Message string
	// Code is stable where there is one: "oauth1/token-mismatch", "IML404"; else "".
	Code string
	// Section is the stage of the spec that failed, "call" for a call; RequestIndex the request in it, from 0.
	Section      string
	RequestIndex int
	// Status is the HTTP status, 0 when there was no response.
	Status int
	// Cause says why there was no response: "dns", "connect", "reset", "tls", "timeout", "policy".
	Cause string
	// RetryAfter is how long the provider asked to wait; 0 when it did not.
	RetryAfter time.Duration
	// Provider holds what the provider said in its own words, cleaned and cut; "" when it said nothing. Problem is the
	// code of its problem report, such as "token_rejected" (OAuth Problem Reporting), when it is one that
	// oauth1.ProblemCode knows; else "".
	Provider, Problem string
	// Help says what to do; it may be empty.
	Help string
	// Err is the underlying error, if any.
	Err error
}

// Error implements error.
func (e *Error) Error() string { return (*run.Error)(e).Error() }

// Unwrap returns the underlying error.
func (e *Error) Unwrap() error { return e.Err }

// public returns an error of a run as hosts know it. One that a host gave to the run comes back as it is.
func public(err error) error {
	e, ok := err.(*run.Error)
	if !ok {
		return err
	}
	var given *Error
	if errors.As(e.Err, &given) {
		return given
	}
	return (*Error)(e)
}
