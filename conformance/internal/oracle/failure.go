package oracle

import (
	"cmp"
	"errors"
	"fmt"

	"github.com/imlc-lang/imlc/conformance"
	"github.com/imlc-lang/imlc/internal/limit"
	"github.com/imlc-lang/imlc/runtime/content"
	"github.com/imlc-lang/imlc/runtime/oauth1"
	"github.com/imlc-lang/imlc/runtime/uri"
	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/value"
)

// failure is the error of an operation (spec make.md §11.4, §26.5).
type failure struct{ conformance.StepError }

// Error implements error.
func (f *failure) Error() string { return f.String() }

// The error types that the rules themselves name (spec make.md §11.4, §19).
const (
	runtimeError       = "RuntimeError"
	connectionError    = "ConnectionError"
	rateLimitError     = "RateLimitError"
	configurationError = "InvalidConfigurationError"
	limitError         = "LimitError"
)

func fail(typ, code, format string, args ...any) *failure {
	return &failure{conformance.StepError{Type: typ, Code: code, Message: fmt.Sprintf(format, args...)}}
}

// failed says where an error happened, once.
func (o *operation) failed(err error) *failure {
	f := classify(err)
	if f.Section == "" {
		f.Section = o.section
	}
	return f
}

// report ends an operation with an error; no secret is in its words (spec make.md §18).
func (o *operation) report(err error) error {
	f := o.failed(err)
	m := content.NewMasker(o.secrets, nil)
	f.Message, f.Type = m.Text(f.Message), m.Text(f.Type)
	return f
}

// classify turns the errors of wire and of the signing runtime into those of the spec (make.md §8, §9, §11.1, §12).
func classify(err error) *failure {
	var (
		own      *failure
		reached  *limit.Error
		config   *wire.ConfigError
		conn     *wire.ConnectionError
		redirect *wire.RedirectError
		parse    *wire.ParseError
		method   *oauth1.MethodError
		key      *oauth1.KeyError
		param    *oauth1.ParamError
		address  *uri.Error
	)
	var f *failure
	switch {
	case errors.As(err, &own):
		return own
	case errors.As(err, &reached):
		f = fail(limitError, reached.Code, "%s", reached.Error())
	case errors.As(err, &config):
		f = fail(configurationError, "", "%s: %s", directives[config.Field], config.Problem)
	case errors.As(err, &conn):
		f = fail(connectionError, "", "%s", conn.Error())
		f.Cause = string(conn.Cause)
	case errors.As(err, &redirect):
		f = fail(runtimeError, "", "%s", redirect.Error())
		switch redirect.Reason {
		case wire.RedirectTooMany:
			f.Message = "Exceeded maxRedirects. Probably stuck in a redirect loop " + content.MaskURL(redirect.URL)
		case wire.RedirectInvalid:
			f.Message = "Invalid URI \"" + content.MaskURL(redirect.URL) + "\""
		}
		f.Status = redirect.Status
	case errors.As(err, &parse):
		f = fail(runtimeError, "", "%s", parse.Error())
	case errors.As(err, &method):
		f = fail(configurationError, "", "Signature method not supported: %s", method.Name)
	case errors.As(err, &key), errors.As(err, &param), errors.As(err, &address):
		f = fail(configurationError, "", "oauth: %s", err.Error())
	default:
		f = fail(runtimeError, "", "%s", err.Error())
	}
	return f
}

// directives are the names of the settings in a specification.
var directives = map[wire.Setting]string{wire.SettingMethod: "method", wire.SettingQuery: "qs", wire.SettingHeaders: "headers",
	wire.SettingBody: "body", wire.SettingCA: "ca", wire.SettingVerification: "rejectUnauthorized"}

// expressionFailure is the failure of an expression in the directive at pointer (spec make.md §26.5).
func (o *operation) expressionFailure(pointer string, err error) error {
	var e *builtin.Error
	if errors.As(err, &e) {
		return fail(cmp.Or(e.Type, runtimeError), e.Code, "%s: %s %s", pointer, e.Code, e.Message)
	}
	var limit *builtin.LimitError
	if errors.As(err, &limit) {
		return limitReached(limit.Code, limit.Name, int(limit.Limit))
	}
	return err
}

func limitReached(code, name string, limit int) *failure {
	return fail(limitError, code, "%s: the limit on %s is reached (%d)", code, name, limit)
}

// notAnObject is the failure of a directive that must be an object (spec make.md §1.3).
func notAnObject(pointer string, kind value.Kind) *failure {
	return fail(configurationError, "", "%s: expected an object, got %s", pointer, kind)
}
