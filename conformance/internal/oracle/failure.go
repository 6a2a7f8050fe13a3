package oracle

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/imlc-lang/imlc/internal/limit"
	"github.com/imlc-lang/imlc/runtime/content"
	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm/value"
)

// Failure is the error of an operation (spec make.md §11.4, §26.5).
type Failure struct {
	Type, Code, Message, Section, Cause string
	Status                              int
}

type failure = Failure

// Error implements error.
func (f *Failure) Error() string { return f.Type + " " + f.Code + ": " + f.Message }

// The error types that the rules themselves name (spec make.md §11.4, §19).
const (
	runtimeError       = "RuntimeError"
	dataError          = "DataError"
	connectionError    = "ConnectionError"
	configurationError = "InvalidConfigurationError"
	limitError         = "LimitError"
)

func fail(kind, code, format string, args ...any) *failure {
	return &failure{Type: kind, Code: code, Message: fmt.Sprintf(format, args...)}
}

func limitReached(code, name string, limit int) *failure {
	return fail(limitError, code, "%s: the limit on %s is reached (%d)", code, name, limit)
}

func tooDeep(depth int) *failure { return limitReached("limit/nesting", "nesting", depth) }

// nesting is the deepest answer that is read (spec make.md §19).
func (r *run) nesting() int {
	if n := r.spec.host.Nesting; n > 0 {
		return n
	}
	return value.DefaultJSONDepth
}

// located is an error as the spec words it, with the stage where it happened.
func (r *run) located(err error) *failure {
	f := worded(err)
	if f.Section == "" {
		f.Section = r.stage
	}
	return f
}

// report is the error that ended an operation, nil for none; no secret is in its words (spec make.md §18).
func (r *run) report() error {
	if r.err == nil {
		return nil
	}
	f := r.located(r.err)
	m := content.NewMasker(r.secrets, nil)
	f.Message, f.Type = m.Text(f.Message), m.Text(f.Type)
	return f
}

// worded turns the errors of the HTTP client into those of the spec (make.md §8, §9, §11.1).
func worded(err error) *failure {
	var (
		own      *failure
		reached  *limit.Error
		config   *wire.ConfigError
		conn     *wire.ConnectionError
		redirect *wire.RedirectError
		parse    *wire.ParseError
	)
	switch {
	case errors.As(err, &own):
		return own
	case errors.As(err, &reached):
		return fail(limitError, reached.Code, "%s", reached)
	case errors.As(err, &config):
		return fail(configurationError, "", "%s", config)
	case errors.As(err, &conn):
		told := &wire.ConnectionError{Cause: conn.Cause, Host: conn.Host} // what failed inside is for logs
		if policy := (*wire.PolicyError)(nil); errors.As(err, &policy) {
			told.Err = &wire.PolicyError{Host: policy.Host, Reason: policy.Reason}
		}
		f := fail(connectionError, "", "%s", told)
		f.Cause = string(conn.Cause)
		return f
	case errors.As(err, &redirect):
		f := fail(runtimeError, "", "%s", redirect)
		switch f.Status = redirect.Status; redirect.Reason { // spec make.md §8.2
		case wire.RedirectTooMany:
			f.Message = "Exceeded maxRedirects. Probably stuck in a redirect loop " + content.MaskURL(redirect.URL)
		case wire.RedirectInvalid:
			f.Message = `Invalid URI "` + content.MaskURL(redirect.URL) + `"`
		}
		return f
	case errors.As(err, &parse):
		return fail(runtimeError, "", "%s", parse)
	}
	return fail(runtimeError, "", "%s", err)
}

func seconds(t time.Time) string { return strconv.FormatInt(t.Unix(), 10) }

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
