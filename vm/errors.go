package vm

import (
	"net/http"
	"time"

	"github.com/imlc-lang/imlc/runtime/oauth1"
	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/expr"
	"github.com/imlc-lang/imlc/vm/internal/run"
	"github.com/imlc-lang/imlc/vm/message"
)

// The types of errors that the engine uses by itself. A spec and its verdicts may use others.
const (
	RuntimeError              = run.RuntimeError
	DataError                 = run.DataError
	ConnectionError           = run.ConnectionError
	InvalidConfigurationError = run.InvalidConfigurationError
	InvalidAccessTokenError   = run.InvalidAccessTokenError
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

// The classes of errors: who can do something about one.
const (
	ClassUser     = run.ClassUser     // the user: start again, approve, choose otherwise
	ClassSpec     = run.ClassSpec     // whoever wrote the spec, or gave the values that it needs
	ClassProvider = run.ClassProvider // the service: it answered, and not as it should
	ClassNetwork  = run.ClassNetwork  // nobody in particular: there was no answer
	ClassHost     = run.ClassHost     // the host: what it provides failed, or it asked for what it does not allow
	ClassLimit    = run.ClassLimit    // the host, which may allow more: a limit was reached, or it cancelled
)

// The codes of errors that the engine makes by itself. Failing expressions have the codes of their language, limits
// those of package limit, and a spec may have codes of its own.
const (
	CodeVariant              = run.CodeVariant              // not exactly one variant of the spec can be taken
	CodeCommon               = run.CodeCommon               // the common data is not as the spec describes it
	CodeForeignOrigin        = run.CodeForeignOrigin        // a free request leads elsewhere than the connection belongs
	CodeNoCall               = run.CodeNoCall               // the spec has no call of that name
	CodeNoBaseURL            = run.CodeNoBaseURL            // a relative URL has no base URL to go behind
	CodeNoRequestToken       = run.CodeNoRequestToken       // there is no request token to send the user away with
	CodeCallbackNotConfirmed = run.CodeCallbackNotConfirmed // the service did not confirm the callback address, and the plan is strict
	CodeUnknownPending       = run.CodeUnknownPending       // the authorisation is not known, or was used already
	CodeUnknownKey           = run.CodeUnknownKey           // the state is sealed under a key that the host does not have
	CodeExpired              = run.CodeExpired              // the user took too long
	CodeInProgress           = run.CodeInProgress           // another process completes the authorisation at this moment
	CodeGone                 = run.CodeGone                 // the connection was deleted while its user authorised it again
	CodeOtherPlan            = run.CodeOtherPlan            // another plan made the connection, see Host.AcceptPlan
	CodeNoRenewal            = run.CodeNoRenewal            // the spec does not say how to renew the connection
	CodeRenewing             = run.CodeRenewing             // another process renews the connection and does not come to an end
	CodeNotAllowed           = run.CodeNotAllowed           // Host.Allow refused the request
	CodeSpecChanged          = run.CodeSpecChanged          // another plan is in use than the one that started
	CodeNoCallbackToken      = run.CodeNoCallbackToken      // the callback does not say which authorisation it belongs to
	CodeTokenMismatch        = run.CodeTokenMismatch        // the callback belongs to another authorisation
	CodeRefused              = run.CodeRefused              // the user or the service said no
	CodeCallbackInvalid      = run.CodeCallbackInvalid      // the spec refuses the callback
	CodeBadTokenAnswer       = run.CodeBadTokenAnswer       // the answer to a token request holds no token
	CodeTestFailed           = run.CodeTestFailed           // the requests that prove the credentials say that they do not work
)

// The codes of errors whose cause the provider names (OAuth Problem Reporting), unless the spec or its verdict has
// another one; Error.Problem names it in any case. There is one for each oauth1.ProblemCode, and these ask for
// different reactions.
const (
	CodeTokenExpired     = "oauth1/token-expired"     // renew the token, or authorise again
	CodeTokenRevoked     = "oauth1/token-revoked"     // authorise again
	CodeTokenRejected    = "oauth1/token-rejected"    // authorise again
	CodeNonceUsed        = "oauth1/nonce-used"        // send it again, signed anew
	CodeTimestampRefused = "oauth1/timestamp-refused" // set the clock, or see Host.Recover
	CodeSignatureInvalid = "oauth1/signature-invalid" // the secrets or the signature method are wrong
)

// Place is where in a spec a failure lies: the JSON pointer of the directive, its file, and 1-based line and column, in
// code points, of the part that failed. File is "" and Line 0 when the plan was stripped of them. Template is the text
// of the directive as it is written, and Undefined lists the names in it that had no value, in the words of the spec
// where the plan has its sources. It holds no secret that the engine knows of.
type Place = run.Place

// Error is the failure of an operation of a connection. Message is meant for the user: it holds no secret that the engine
// knows of, and nothing of the inside of this installation. What the transport said, with addresses, is Detail.
type Error struct {
	// Class says who can do something about it, ClassUser and its like.
	Class string
	// Type says how the platform treats the error; Message what happened. Code is stable where there is one, such as
	// "oauth1/token-mismatch" or "IML404"; else "".
	Type, Message, Code string
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
	// Place is where in the spec the directive stands that failed; nil when none is to blame.
	Place *Place
	// Err is the underlying error, if any.
	Err error
	// MessageID and Args say the message as data, for package message and Error.In. Both are empty when the words are
	// those of the spec, its scripts, or what its dialect says for it.
	MessageID string
	Args      message.Args
	// Resume goes on with an authorisation that failed behind what the provider granted, whatever failed there: give it to
	// Engine.Resume within Host.PendingTTL. It works until that gets further; a failing Engine.Resume says what works next.
	// It is sealed; "" when there is nothing to go on with.
	Resume string
	// Remedy says what makes the token of the connection good again, RemedyReauthorize or RemedyRenew: the service does not
	// accept it any more, or the spec says so. It is "" when the token is not known to be at fault. An expired token that the
	// spec can renew is no reason to ask the user; Do, Client and Stream renew it by themselves where Host.Connections is set.
	Remedy string
}

// In returns the message in the language of a catalogue; the words of a spec, and what the catalogue lacks, stay as
// they are.
func (e *Error) In(c message.Catalogue) string {
	if text, ok := c.Text(e.MessageID, e.Args); ok {
		return text
	}
	return e.Message
}

// Error implements error. It is for logs, with Detail, and not for users.
func (e *Error) Error() string { return (*run.Error)(e).Error() }

// Detail returns what the transport said where no answer came, such as "dial tcp 10.0.0.7:443: connection refused". It
// names addresses, resolvers and ports of the installation, so it is for logs and for who wrote the spec, and for no
// user; "" when there is nothing to add to Message. It holds no secret that the engine knows of.
func (e *Error) Detail() string { return (*run.Error)(e).Detail() }

// Unwrap returns the underlying error.
func (e *Error) Unwrap() error { return e.Err }

// Retryable reports whether the same operation may succeed a little later: there was no answer, the service is
// overloaded or broken, or it refused the request for its nonce or timestamp alone; Host.Allow refused it (CodeNotAllowed);
// or another process is at it (CodeInProgress, CodeRenewing). Wait for RetryAfter at least, which only the service gives.
// Whether it may be repeated is another question: the service may have done what it was asked to before it failed.
func (e *Error) Retryable() bool {
	switch {
	case e.Class == ClassNetwork, e.Code == CodeNotAllowed, e.Code == CodeInProgress, e.Code == CodeRenewing:
		return true
	case e.Problem == string(oauth1.NonceUsed), e.Problem == string(oauth1.TimestampRefused):
		return true
	}
	return e.Class == ClassProvider && (e.Status == http.StatusTooManyRequests || e.Status >= 500)
}

// What makes the token of a connection good again, see Error.Remedy.
const (
	RemedyReauthorize = run.RemedyReauthorize // its user, by authorising again
	RemedyRenew       = run.RemedyRenew       // Engine.Renew
)

// NeedsReauth reports whether the connection works again only when its user authorises again (RemedyReauthorize).
func (e *Error) NeedsReauth() bool { return e.Remedy == RemedyReauthorize }

// public returns an error of a run as hosts know it. An *Error that a hook of the host returns, and does not wrap, is meant
// for the user and comes back as it is; what goes on with the authorisation is not lost by that.
func public(err error) error {
	e, ok := err.(*run.Error)
	if !ok {
		return err
	}
	given, ok := e.Err.(*Error)
	if !ok {
		return (*Error)(e)
	}
	if e.Resume != "" {
		resumable := *given
		resumable.Resume = e.Resume
		return &resumable
	}
	return given
}

// hostFailed is the error of something that the host keeps.
func hostFailed(err error) error {
	return run.HostFailure("keeping of state", err)
}
