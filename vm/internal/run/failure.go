package run

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/imlc-lang/imlc/internal/limit"
	"github.com/imlc-lang/imlc/runtime/content"
	"github.com/imlc-lang/imlc/runtime/oauth1"
	"github.com/imlc-lang/imlc/runtime/uri"
	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/expr"
	"github.com/imlc-lang/imlc/vm/form"
	"github.com/imlc-lang/imlc/vm/message"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// The types of errors that runs use by themselves; verdicts and authors may use others.
const (
	RuntimeError              = "RuntimeError"
	DataError                 = "DataError"
	ConnectionError           = "ConnectionError"
	InvalidConfigurationError = "InvalidConfigurationError"
	InvalidAccessTokenError   = "InvalidAccessTokenError"
	LimitErrorType            = "LimitError"
)

// The classes of errors: who can do something about one.
const (
	ClassUser     = "user"
	ClassSpec     = "spec"
	ClassProvider = "provider"
	ClassNetwork  = "network"
	ClassHost     = "host"
	ClassLimit    = "limit"
)

// The codes of errors that runs make by themselves.
const (
	CodeNoRequestToken       = "oauth1/no-request-token"
	CodeCallbackNotConfirmed = "oauth1/callback-not-confirmed"
	CodeUnknownPending       = "oauth1/unknown-pending"
	CodeUnknownKey           = "oauth1/unknown-key"
	CodeExpired              = "oauth1/expired"
	CodeSpecChanged          = "oauth1/spec-changed"
	CodeNoCallbackToken      = "oauth1/no-callback-token"
	CodeTokenMismatch        = "oauth1/token-mismatch"
	CodeRefused              = "oauth1/refused"
	CodeCallbackInvalid      = "oauth1/callback-invalid"
	CodeBadTokenAnswer       = "oauth1/bad-token-answer"
	CodeTestFailed           = "oauth1/test-failed"
	CodeVariant              = "connection/variant"
	CodeCommon               = "connection/common"
	CodeForeignOrigin        = "connection/foreign-origin"
	CodeInProgress           = "oauth1/in-progress"
	CodeGone                 = "connection/gone"
	CodeOtherPlan            = "connection/other-plan"
	CodeNoRenewal            = "connection/no-renewal"
	CodeRenewing             = "connection/renewing"
	CodeNotAllowed           = "connection/not-allowed"
)

// Error is the failure of an operation; vm.Error says what the fields mean.
type Error struct {
	Class               string
	Type, Message, Code string
	Section             string
	RequestIndex        int
	Status              int
	Cause               string
	RetryAfter          time.Duration
	Provider, Problem   string
	Help                string
	Place               *Place
	Err                 error
	MessageID           string
	Args                message.Args
	Resume              string
	Remedy              string
}

// say gives an error a message of the engine's own, by its id and arguments.
func (e *Error) say(id string, args message.Args) *Error {
	e.Message, e.MessageID, e.Args = message.English(id, args), id, args
	return e
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

// failure turns an error of the layers below into one of this run, at the place where it is.
func (r *run) failure(err error) *Error {
	e := r.classify(err)
	if e.Section == "" {
		e.Section, e.RequestIndex = r.at.stage, r.at.request
	}
	return e
}

// report masks and traces the error that ends a run. Parameters that do not pass are told as they are.
func (r *run) report(err error) error {
	var fields *form.Error
	if errors.As(err, &fields) {
		return fields
	}
	e := r.failure(err)
	e.Message, e.Type = r.veil.message(e.Message), r.veil.message(e.Type)
	for name, text := range e.Args {
		e.Args[name] = r.veil.message(text)
	}
	if e.Err != nil && r.veil.Holds(e.Err.Error()) {
		e.Err = nil // what the message masks must not be had by unwrapping
	}
	e.Remedy = r.remedy(e)
	if r.tracing() {
		r.trace(Event{Kind: EventError, Code: e.Code, Message: r.veil.tracing().Text(e.Type + ": " + e.Message), Status: e.Status})
	}
	return e
}

// What makes the token of a connection good again.
const (
	RemedyReauthorize = "reauthorize"
	RemedyRenew       = "renew"
)

// remedy returns what makes the token of the connection good again, "" when it is not to blame.
func (r *run) remedy(e *Error) string {
	switch oauth1.ProblemCode(e.Problem) {
	case oauth1.TokenExpired:
		if r.renewable() {
			return RemedyRenew
		}
	case oauth1.TokenRevoked, oauth1.TokenRejected, oauth1.TokenUsed, oauth1.PermissionDenied, oauth1.PermissionUnknown,
		oauth1.AdditionalAuthorization:
	case "":
		if e.Type != InvalidAccessTokenError && e.Code != CodeTestFailed && (e.Class != ClassProvider || e.Status != http.StatusUnauthorized) {
			return ""
		}
		if r.tokenless() {
			return ""
		}
	default:
		return ""
	}
	return RemedyReauthorize
}

// renewable reports whether the run uses a token that Renew would replace by another.
func (r *run) renewable() bool {
	switch r.op.Name {
	case OpAuthorize, OpReauthorize, OpCallback, OpRenew:
		return false
	}
	return len(r.spec.Renew) > 0
}

// tokenless reports whether the run has no token yet, because it has not sent its user away.
func (r *run) tokenless() bool {
	if r.op.Name != OpAuthorize && r.op.Name != OpReauthorize {
		return false
	}
	reached := false
	for i := range r.spec.Stages {
		s := &r.spec.Stages[i]
		if reached = reached || s.Name == r.at.stage; reached && s.Redirect != nil {
			return true
		}
	}
	return false
}

// Failed is the error of something that failed outside of a run. It is an *Error.
func (r *Runner) Failed(ctx context.Context, err error) error {
	x := &run{Runner: r, clock: clock{ctx: ctx}}
	return x.classify(err)
}

// classify is the one place where the errors of the layers below get their types and texts.
func (r *run) classify(err error) *Error {
	var (
		own      *Error
		eval     *expr.EvalError
		reached  *limit.Error
		config   *wire.ConfigError
		conn     *wire.ConnectionError
		redirect *wire.RedirectError
		parse    *wire.ParseError
	)
	switch {
	case errors.As(err, &own):
		return own
	case errors.As(err, &eval):
		return evalFailure(eval)
	case errors.As(err, &reached):
		if cause := context.Cause(r.clock.ctx); reached.Code == limit.CodeCancelled && cause != nil && !r.ends(err) {
			err = fmt.Errorf("%w: %w", err, cause) // as where a request was under way
		}
		return limitFailure(reached, err)
	case errors.As(err, &config):
		return &Error{Class: ClassSpec, Type: InvalidConfigurationError, Message: config.Error(), Err: err}
	case errors.As(err, &conn):
		return connectionFailure(conn, err)
	case errors.As(err, &redirect):
		message := r.veil.masker().Text(redirectMessage(redirect))
		return &Error{Class: ClassProvider, Type: RuntimeError, Message: message, Status: redirect.Status}
	case errors.As(err, &parse):
		return &Error{Class: ClassProvider, Type: RuntimeError, Message: parse.Error(), Err: err}
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded), r.ends(err):
		if ended, ok := builtin.Cancelled(r.clock.ctx).(*limit.Error); ok {
			if !errors.As(err, &reached) {
				err = fmt.Errorf("%w: %w", ended, err)
			}
			return limitFailure(ended, err)
		}
	}
	if e := signingError(err); e != nil {
		return e
	}
	return hostFailure("part", err)
}

// ends reports whether err says that the operation's context has ended, with a cause that may be the host's own.
func (r *run) ends(err error) bool {
	cause := context.Cause(r.clock.ctx)
	return cause != nil && errors.Is(err, cause)
}

func hostFailure(part string, err error) *Error {
	return (&Error{Class: ClassHost, Type: RuntimeError, Err: err}).say(message.HostFailed, message.Args{"part": part})
}

// limitFailure is the error of an operation that reached a limit.
func limitFailure(reached *limit.Error, err error) *Error {
	id := message.Limit
	if reached.Code == limit.CodeCancelled {
		id = message.Cancelled
	}
	e := &Error{Class: ClassLimit, Type: LimitErrorType, Code: reached.Code, Err: err}
	e.say(id, message.Args{"code": reached.Code, "name": reached.Name, "limit": strconv.FormatInt(reached.Limit, 10)})
	e.Message = reached.Error()
	return e
}

// hostFailed is the error of something that the host provides. What the host says of it is for operators, and no
// message for a user.
func hostFailed(what string, err error) error {
	var reached *limit.Error
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) || errors.As(err, &reached) {
		return err
	}
	return hostFailure(what, err)
}

// evalFailure is the error of a failing expression; one that a spec raises speaks for itself.
func evalFailure(e *expr.EvalError) *Error {
	if e.Type != "" {
		return &Error{Class: ClassSpec, Type: e.Type, Code: e.Code, Message: e.Message, Err: e}
	}
	detail := fmt.Sprintf("%s: %s %s", e.Pointer, e.Code, e.Message)
	return (&Error{Class: ClassSpec, Type: RuntimeError, Code: e.Code, Err: e}).say(message.Expression, message.Args{"detail": detail})
}

// redirectMessage is what the user is told of a redirect that cannot be followed.
func redirectMessage(e *wire.RedirectError) string {
	switch e.Reason {
	case wire.RedirectTooMany:
		return "Exceeded maxRedirects. Probably stuck in a redirect loop " + content.MaskURL(e.URL)
	case wire.RedirectInvalid:
		return `Invalid URI "` + content.MaskURL(e.URL) + `"`
	}
	return e.Error()
}

// connectionFailure is the error of a request without an answer.
func connectionFailure(e *wire.ConnectionError, err error) *Error {
	out := &Error{Class: ClassNetwork, Type: ConnectionError, Cause: string(e.Cause), Err: err, Help: connectionHelp[e.Cause]}
	out.say(message.NoAnswer, message.Args{"detail": e.Error(), "host": e.Host, "cause": string(e.Cause)})
	if e.Cause == wire.CausePolicy {
		out.Class = ClassHost
	}
	return out
}

// connectionHelp says what to do where no answer came.
var connectionHelp = map[wire.Cause]string{
	wire.CauseDNS:     "look at the host name in the url; a name of a private network resolves only there",
	wire.CauseConnect: "look at host and port in the url, and whether the service runs",
	wire.CauseReset:   "try again later; if it stays, look whether the service speaks HTTP at this port",
	wire.CauseTLS:     "look at host name and port in the url; where an authority of one's own signs, give its certificate to the spec or to the host",
	wire.CauseTimeout: "try again later, or give the request more time",
	wire.CausePolicy:  "the egress policy of the host decides which destinations are allowed",
}

// signingError gives an error of the signing runtime its type and text; nil for another error.
func signingError(err error) *Error {
	var (
		method    *oauth1.MethodError
		key       *oauth1.KeyError
		transport *oauth1.TransportError
		param     *oauth1.ParamError
		hash      *oauth1.BodyHashError
		url       *uri.Error
	)
	config := func(detail string) *Error {
		e := misconfigured("%s", detail)
		e.Err = err
		return e
	}
	switch {
	case errors.As(err, &method):
		return config("Signature method not supported: " + method.Name)
	case errors.As(err, &transport):
		return config("oauth: transport_method of body requires POST and content-type application/x-www-form-urlencoded")
	case errors.As(err, &key):
		return config("oauth: " + key.Error())
	case errors.As(err, &param):
		return config("oauth: " + param.Error())
	case errors.As(err, &hash):
		return config("oauth: " + hash.Error())
	case errors.As(err, &url):
		return config("oauth: " + url.Error())
	}
	return nil
}

// misconfigured is the error of a spec, or of what it is given, that cannot work.
func misconfigured(format string, args ...any) *Error {
	return (&Error{Class: ClassSpec, Type: InvalidConfigurationError}).say(message.Misconfigured, message.Args{"detail": fmt.Sprintf(format, args...)})
}

// configured names the directive that is at fault for a request that cannot be built, by its place in the spec.
func (x *exchange) configured(err error) error {
	var config *wire.ConfigError
	if !errors.As(err, &config) {
		return err
	}
	name := config.Field.String()
	if ref := x.directive(config.Field); ref != 0 {
		pointer := x.run.pointer(ref)
		name = pointer[strings.LastIndexByte(pointer, '/')+1:]
	}
	return x.run.placed(misconfigured("%s: %s", name, config.Problem), x.directive(config.Field))
}

// directive returns the directive that sets a setting of the request, 0 for none; of several the one that counts most.
func (x *exchange) directive(f wire.Setting) plan.Ref {
	last := func(refs []plan.Ref) plan.Ref {
		if len(refs) == 0 {
			return 0
		}
		return refs[len(refs)-1]
	}
	top := func(layers []plan.Layer) plan.Ref {
		if len(layers) == 0 {
			return 0
		}
		return layers[len(layers)-1].Value
	}
	switch f {
	case wire.SettingMethod:
		return last(x.req.Method)
	case wire.SettingCA:
		return last(x.req.CA)
	case wire.SettingQuery:
		return top(x.req.Query)
	case wire.SettingHeaders:
		return top(x.req.Headers)
	case wire.SettingBody:
		return top(x.req.Body)
	}
	return 0
}

// parseURL reads the URL that a directive came to.
func parseURL(u *uri.URL, text string, encode bool) error {
	if text = value.TrimSpace(text); text == "" {
		return misconfigured("URL is missing")
	}
	if len(text) > content.MaxURL {
		return limitReached("request URL", content.MaxURL)
	}
	if err := u.Parse(text, encode); err != nil {
		return misconfigured(`Invalid URI "%s"`, content.MaskURL(text))
	}
	return nil
}

func limitReached(name string, n int64) error {
	return &limit.Error{Name: name, Limit: n, Code: limit.CodeOther}
}
