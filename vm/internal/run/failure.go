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
	CodeNoCall               = "connection/no-call"
	CodeNoBaseURL            = "connection/no-base-url"
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

// Detail is what the transport said where no answer came; vm.Error says whom it is for.
func (e *Error) Detail() string {
	var gone *wire.ConnectionError
	var policy *wire.PolicyError
	switch {
	case !errors.As(e.Err, &gone) || gone.Err == nil:
		return ""
	case e.MessageID != message.Destination || !errors.As(e.Err, &policy):
		return gone.Err.Error()
	case policy.Addr.IsValid() && policy.Addr.String() != policy.Host:
		return "its address is " + policy.Addr.String()
	}
	return "" // the message has it all
}

// inFull is the message with its detail, for those who look after the engine or wrote the spec.
func (e *Error) inFull() string {
	if d := e.Detail(); d != "" {
		return e.Message + ": " + d
	}
	return e.Message
}

// quote gives an error the words of a spec.
func (e *Error) quote(words string) *Error {
	e.Message, e.MessageID, e.Args = words, "", nil
	return e
}

// Error implements error.
func (e *Error) Error() string {
	s := e.Type + ": " + e.inFull()
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
	detail := e.Detail()
	e.Message, e.Type = r.veil.message(e.Message), r.veil.message(e.Type)
	for name, text := range e.Args {
		e.Args[name] = r.veil.message(text)
	}
	if e.Err != nil && r.veil.Holds(e.Err.Error()) {
		e.Err = nil // what the message masks must not be had by unwrapping
	}
	e.Remedy = r.remedy(e)
	if r.tracing() {
		m := r.veil.tracing()
		r.trace(Event{Kind: EventError, Code: e.Code, Message: m.Text(e.Type + ": " + e.Message), Detail: m.Text(detail), Status: e.Status})
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
		return misset(config, err)
	case errors.As(err, &conn):
		return connectionFailure(conn, err)
	case errors.As(err, &redirect):
		return r.redirectFailure(redirect)
	case errors.As(err, &parse):
		return (&Error{Class: ClassProvider, Type: RuntimeError, Err: err}).say(message.Unreadable, message.Args{"type": parse.Type})
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
	return HostFailure("part", err)
}

// ends reports whether err says that the operation's context has ended, with a cause that may be the host's own.
func (r *run) ends(err error) bool {
	cause := context.Cause(r.clock.ctx)
	return cause != nil && errors.Is(err, cause)
}

// HostFailure is the error of something that the host does or provides: part says what.
func HostFailure(part string, err error) *Error {
	return (&Error{Class: ClassHost, Type: RuntimeError, Err: err}).say(message.HostFailed, message.Args{"part": part})
}

// limitFailure is the error of an operation that reached a limit.
func limitFailure(reached *limit.Error, err error) *Error {
	id := message.Limit
	if reached.Code == limit.CodeCancelled {
		id = message.Cancelled
	}
	e := &Error{Class: ClassLimit, Type: LimitErrorType, Code: reached.Code, Err: err}
	return e.say(id, message.Args{"code": reached.Code, "name": reached.Name, "limit": strconv.FormatInt(reached.Limit, 10)})
}

// hostFailed is the error of something that the host provides. What the host says of it is for operators, and no
// message for a user.
func hostFailed(what string, err error) error {
	var reached *limit.Error
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) || errors.As(err, &reached) {
		return err
	}
	return HostFailure(what, err)
}

// evalFailure is the error of a failing expression; one that a spec raises, and one of a function that is worded for
// people, speaks for itself.
func evalFailure(e *expr.EvalError) *Error {
	out := &Error{Class: ClassSpec, Type: e.Type, Code: e.Code, Err: e}
	id, args := e.Words()
	switch {
	case e.Type != "" && id != "":
		return out.say(id, args)
	case e.Type != "":
		return out.quote(e.Message)
	}
	detail := fmt.Sprintf("%s: %s %s", e.Pointer, e.Code, e.Message)
	return (&Error{Class: ClassSpec, Type: RuntimeError, Code: e.Code, Err: e}).say(message.Expression, message.Args{"detail": detail})
}

// redirectFailure is the error of a redirect that cannot be followed. Where it leads may hold secrets.
func (r *run) redirectFailure(e *wire.RedirectError) *Error {
	id := message.RedirectSecret
	switch e.Reason {
	case wire.RedirectTooMany:
		id = message.RedirectLoop
	case wire.RedirectInvalid:
		id = message.RedirectInvalid
	}
	url := r.veil.masker().Text(content.MaskURL(e.URL))
	return (&Error{Class: ClassProvider, Type: RuntimeError, Status: e.Status}).say(id, message.Args{"url": url})
}

// connectionFailure is the error of a request without an answer.
func connectionFailure(e *wire.ConnectionError, err error) *Error {
	out := &Error{Class: ClassNetwork, Type: ConnectionError, Cause: string(e.Cause), Err: err, Help: connectionHelp[e.Cause]}
	id, args := message.NoAnswerFrom, message.Args{"host": e.Host, "cause": string(e.Cause)}
	var policy *wire.PolicyError
	switch {
	case e.Host == "":
		id = message.NoAnswer
	case errors.As(err, &policy): // why, and not which address a name leads to
		id, args["destination"], args["refusal"] = message.Destination, policy.Host, policy.Reason
	}
	out.say(id, args)
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
	config := func(id string, args message.Args) *Error {
		e := misconfigured(id, args)
		e.Err = err
		return e
	}
	detail := ""
	switch {
	case errors.As(err, &method):
		return config(message.SignatureMethod, message.Args{"method": method.Name})
	case errors.As(err, &transport):
		return config(message.BodyTransport, nil)
	case errors.As(err, &key):
		if id := message.KeyPrefix + string(key.Reason); message.Has(id) { // a method of the host may have other reasons
			return config(id, message.Args{"method": key.Method})
		}
		detail = key.Error()
	case errors.As(err, &param):
		detail = param.Error()
	case errors.As(err, &hash):
		detail = hash.Error()
	case errors.As(err, &url):
		detail = url.Error()
	default:
		return nil
	}
	return config(message.Signing, message.Args{"detail": detail})
}

// misconfigured is the error of a spec, or of what it is given, that cannot work.
func misconfigured(id string, args message.Args) *Error {
	return (&Error{Class: ClassSpec, Type: InvalidConfigurationError}).say(id, args)
}

// misset is the error of a request that cannot be built as it is configured.
func misset(e *wire.ConfigError, err error) *Error {
	out := misconfigured(message.Setting, message.Args{"setting": e.Field.String(), "detail": e.Problem})
	out.Err = err
	return out
}

// BadHeader is the error of a header of the host's own that cannot be sent.
func BadHeader(err error) error {
	var config *wire.ConfigError
	if !errors.As(err, &config) {
		return err
	}
	out := misset(config, err)
	out.Class = ClassHost
	return out
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
	return x.run.placed(misconfigured(message.Setting, message.Args{"setting": name, "detail": config.Problem}), x.directive(config.Field))
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
		return misconfigured(message.NoURL, nil)
	}
	if len(text) > content.MaxURL {
		return limitReached("request URL", content.MaxURL)
	}
	if err := u.Parse(text, encode); err != nil {
		return misconfigured(message.BadURL, message.Args{"url": content.MaskURL(text)})
	}
	return nil
}

func limitReached(name string, n int64) error {
	return &limit.Error{Name: name, Limit: n, Code: limit.CodeOther}
}
