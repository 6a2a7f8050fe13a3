package vm

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/imlc-lang/imlc/runtime/content"
	"github.com/imlc-lang/imlc/runtime/oauth1"
	"github.com/imlc-lang/imlc/runtime/uri"
	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm/builtin"
)

// The error types of the platform that the engine itself uses (spec make.md §11.4).
const (
	RuntimeError              = "RuntimeError"
	ConnectionError           = "ConnectionError"
	RateLimitError            = "RateLimitError"
	InvalidConfigurationError = "InvalidConfigurationError"
	InvalidAccessTokenError   = "InvalidAccessTokenError"
	LimitErrorType            = "LimitError"
)

// Error is the failure of an operation of a connection (spec make.md §11.4, §26.5). Message is meant for the user and
// holds no secret that the engine knows of.
type Error struct {
	Type    string
	Message string
	// Code is stable where there is one: "oauth1/token-mismatch", "IML404"; else "".
	Code string
	// Section is the part of the spec that failed: "requestToken", "authorize", "accessToken", "info", "communication",
	// "call"; RequestIndex the request in it, from 0.
	Section      string
	RequestIndex int
	// Status is the HTTP status, 0 when there was no response.
	Status int
	// Cause says why there was no response: "dns", "connect", "reset", "tls", "timeout", "policy".
	Cause string
	// RetryAfter is how long the provider asked to wait; 0 when it did not.
	RetryAfter time.Duration
	// Provider holds what the provider said in its own words, cleaned and cut; "" when it said nothing.
	Provider string
	// Problem is the code of the provider's problem report, such as "token_rejected" (OAuth Problem Reporting), when it
	// is one that oauth1.ProblemCode knows; else "".
	Problem string
	// Help says what to do; it may be empty.
	Help string
	// Err is the underlying error, if any.
	Err error
}

// Error implements error.
func (e *Error) Error() string {
	s := e.Type + ": " + e.Message
	if e.Section != "" {
		s = e.Section + ": " + s
	}
	if e.Code != "" {
		s += " [" + e.Code + "]"
	}
	return s
}

// Unwrap returns the underlying error.
func (e *Error) Unwrap() error { return e.Err }

// failure turns an error of the layers below into an *Error of this run.
func (r *run) failure(err error) *Error {
	out := r.classify(err)
	if out.Section == "" {
		out.Section, out.RequestIndex = r.section, r.index
	}
	return out
}

func (r *run) classify(err error) *Error {
	var (
		own      *Error
		eval     *EvalError
		limit    *LimitError
		config   *wire.ConfigError
		conn     *wire.ConnectionError
		redirect *wire.RedirectError
		parse    *wire.ParseError
	)
	switch {
	case errors.As(err, &own):
		return own
	case errors.As(err, &eval):
		return &Error{Type: cmp.Or(eval.Type, RuntimeError), Code: eval.Code, Message: fmt.Sprintf("%s: %s %s", eval.Pointer, eval.Code, eval.Message), Err: err}
	case errors.As(err, &limit):
		return &Error{Type: LimitErrorType, Code: limit.Code, Message: limit.Error(), Err: err}
	case errors.As(err, &config):
		return &Error{Type: InvalidConfigurationError, Message: settings[config.Field] + ": " + config.Problem, Err: err}
	case errors.As(err, &conn):
		return &Error{Type: ConnectionError, Message: conn.Error(), Cause: string(conn.Cause), Err: err, Help: connectionHelp(conn)}
	case errors.As(err, &redirect):
		return &Error{Type: RuntimeError, Message: redirectMessage(redirect), Status: redirect.Status}
	case errors.As(err, &parse):
		return &Error{Type: RuntimeError, Message: parse.Error(), Err: err}
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		l := &LimitError{Name: "cancellation", Code: builtin.CodeCancelled}
		if e, ok := builtin.Cancelled(r.ctx).(*LimitError); ok {
			l = e
		}
		return &Error{Type: LimitErrorType, Code: l.Code, Message: l.Error(), Err: err}
	}
	if e := signingError(err); e != nil {
		return e
	}
	return &Error{Type: RuntimeError, Message: err.Error(), Err: err}
}

// settings are the names of the directives that set them.
var settings = map[wire.Setting]string{
	wire.SettingMethod: "method", wire.SettingQuery: "qs", wire.SettingHeaders: "headers", wire.SettingBody: "body", wire.SettingCA: "ca",
	wire.SettingVerification: "rejectUnauthorized", wire.SettingUserAgent: "User-Agent of the host",
}

// redirectMessage is the text of spec make.md §8.2.
func redirectMessage(e *wire.RedirectError) string {
	switch e.Reason {
	case wire.RedirectTooMany:
		return "Exceeded maxRedirects. Probably stuck in a redirect loop " + content.MaskURL(e.URL)
	case wire.RedirectInvalid:
		return "Invalid URI \"" + content.MaskURL(e.URL) + "\""
	}
	return e.Error()
}

func connectionHelp(e *wire.ConnectionError) string {
	if e.Cause == wire.CausePolicy {
		return "the egress policy of the host decides which destinations are allowed"
	}
	return ""
}

// signingError maps the errors of the signing runtime to the fixed texts of spec make.md §12.
func signingError(err error) *Error {
	var (
		method    *oauth1.MethodError
		key       *oauth1.KeyError
		transport *oauth1.TransportError
		param     *oauth1.ParamError
		hash      *oauth1.BodyHashError
		url       *uri.Error
	)
	config := func(msg string) *Error { return &Error{Type: InvalidConfigurationError, Message: msg, Err: err} }
	switch {
	case errors.As(err, &method):
		return config("Signature method not supported: " + method.Name)
	case errors.As(err, &key):
		return config("oauth: " + key.Error())
	case errors.As(err, &transport):
		return config(bodyTransportMessage)
	case errors.As(err, &param):
		return config("oauth: " + param.Error())
	case errors.As(err, &hash):
		return config("oauth: " + hash.Error())
	case errors.As(err, &url):
		return config("oauth: " + url.Error())
	}
	return nil
}

const bodyTransportMessage = "oauth: transport_method of body requires POST and content-type application/x-www-form-urlencoded"
