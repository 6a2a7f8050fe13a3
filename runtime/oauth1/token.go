package oauth1

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/imlc-lang/imlc/internal/media"
	"github.com/imlc-lang/imlc/runtime/uri"
)

// TokenField is one field of a token answer.
type TokenField struct {
	// Name is the name as the provider wrote it; of an XML element without its prefix.
	Name string
	// Text is the value as text: that of a form, of a JSON string, of an XML element, or the source text of another
	// JSON value; "" for null.
	Text string
	// JSON is the source of a JSON value, exact to the digit; nil for other formats.
	JSON json.RawMessage
	// Fields are the children of an XML element that has any.
	Fields []TokenField
}

// isText reports whether the value may be a token: a text, or a number, which is taken by its source text.
func (f *TokenField) isText() bool {
	if f.JSON == nil {
		return f.Fields == nil
	}
	c := f.JSON[0]
	return c == '"' || c == '-' || '0' <= c && c <= '9'
}

// Note is something about a token answer that was not as it should be and was tolerated.
type Note string

// The notes.
const (
	// NoteContentType: the answer is of another type than its Content-Type says.
	NoteContentType Note = "oauth1/content-type-mismatch"
	// NoteRepeatedField: a field is there twice; the first one counts.
	NoteRepeatedField Note = "oauth1/repeated-field"
	// NoteTrailingComma: the JSON has trailing commas (see TokenOptions).
	NoteTrailingComma Note = "oauth1/trailing-comma"
)

// TokenAnswer is the answer of a token endpoint. It holds secrets and prints masked.
type TokenAnswer struct {
	// Token and TokenSecret are oauth_token, never empty, and oauth_token_secret, perhaps empty.
	Token, TokenSecret string
	// CallbackConfirmed is true for oauth_callback_confirmed=true; its absence marks a server before revision A (RFC
	// 5849 §2.1).
	CallbackConfirmed bool
	// SessionHandle is oauth_session_handle, "" without the session extension.
	SessionHandle string
	// ExpiresIn and AuthorizationExpiresIn are oauth_expires_in and oauth_authorization_expires_in in seconds; 0 when
	// absent or not positive.
	ExpiresIn, AuthorizationExpiresIn int64
	// Fields are all fields in the order of the answer, those above included.
	Fields []TokenField
	// Format is "form", "json" or "xml".
	Format string
	// Notes say what was tolerated, each once.
	Notes []Note

	index map[string]int // of Fields by name
}

// String returns the names of the fields without their values.
func (a *TokenAnswer) String() string {
	names := make([]string, len(a.Fields))
	for i := range a.Fields {
		names[i] = a.Fields[i].Name
	}
	return "token answer (" + a.Format + ") with " + strings.Join(names, ", ")
}

// GoString returns String, so that %#v shows no secret either.
func (a *TokenAnswer) GoString() string { return a.String() }

// LogValue implements slog.LogValuer, because a JSON handler would marshal the answer. json.Marshal writes it in clear.
func (a *TokenAnswer) LogValue() slog.Value { return slog.StringValue(fmt.Sprint(a)) }

// Get returns the text of the field of that name.
func (a *TokenAnswer) Get(name string) (string, bool) {
	i, ok := a.index[name]
	if !ok {
		return "", false
	}
	return a.Fields[i].Text, true
}

// maxLifetime keeps a lifetime within what a time can hold: 100 years, in seconds.
const maxLifetime = 100 * 365 * 24 * 3600

// Expires returns when the token ends, and AuthorizationExpires when the whole authorization does: now and the seconds
// of the answer, at most 100 years; the zero time when it does not say.
func (a *TokenAnswer) Expires(now time.Time) time.Time { return after(now, a.ExpiresIn) }

// AuthorizationExpires is described at [TokenAnswer.Expires].
func (a *TokenAnswer) AuthorizationExpires(now time.Time) time.Time {
	return after(now, a.AuthorizationExpiresIn)
}

func after(now time.Time, seconds int64) time.Time {
	if seconds <= 0 {
		return time.Time{}
	}
	return now.Add(time.Duration(min(seconds, maxLifetime)) * time.Second)
}

// TokenReason classes what is wrong with a token answer.
type TokenReason string

// The reasons of a [TokenError].
const (
	// TokenFailed: the status is 400 or above.
	TokenFailed TokenReason = "failed"
	// TokenRefused: the answer reports a problem, whatever its status.
	TokenRefused TokenReason = "refused"
	// TokenUnreadable: the body cannot be read in any form.
	TokenUnreadable TokenReason = "unreadable"
	// TokenPage: the body is an HTML page.
	TokenPage TokenReason = "html page"
	// TokenIncomplete: a field is absent, empty or no text.
	TokenIncomplete TokenReason = "incomplete"
)

// TokenError says why there is no token in an answer. Its text holds nothing of the answer but the code of a problem.
type TokenError struct {
	// Reason classes the failure.
	Reason TokenReason
	// Status is the HTTP status of the answer.
	Status int
	// ContentType is the declared type, cut and cleaned.
	ContentType string
	// Missing is the field that is absent, empty or no text, for TokenIncomplete.
	Missing string
	// Detail is what the provider said: the first of oauth_problem, oauth_problem_advice, error and message that is not
	// empty. It may hold secrets.
	Detail string
	// Problem is the problem report of the answer; nil for none.
	Problem *Problem
	// Err says what is malformed; nil for other reasons.
	Err error
}

// Code returns "oauth1/refused" for a reported problem, "" for another failing status, and "oauth1/bad-token-answer"
// for everything that is no token answer.
func (e *TokenError) Code() string {
	switch e.Reason {
	case TokenFailed:
		return ""
	case TokenRefused:
		return "oauth1/refused"
	}
	return "oauth1/bad-token-answer"
}

// Error returns what was found, what was expected and what to do.
func (e *TokenError) Error() string {
	const advice = "; check the url of the call and what the service answers"
	switch {
	case e.Problem != nil:
		return e.Problem.Error()
	case e.Reason == TokenFailed:
		return fmt.Sprintf("the token call was answered with status %d", e.Status)
	case e.Reason == TokenPage:
		return "the token answer is an HTML page, expected oauth_token and oauth_token_secret" + advice
	case e.Reason == TokenIncomplete:
		return fmt.Sprintf("the token answer has no usable %s, expected oauth_token and oauth_token_secret as texts", e.Missing) + advice
	}
	return fmt.Sprintf("the token answer (content type %q) cannot be read: %v; expected a form, JSON or XML", e.ContentType, e.Err)
}

// Unwrap returns the problem, so that errors.Is(err, [TimestampRefused]) asks for it, or the cause.
func (e *TokenError) Unwrap() error {
	if e.Problem != nil {
		return e.Problem
	}
	return e.Err
}

// TokenOptions controls [ParseTokenAnswer]. The zero value has the defaults.
type TokenOptions struct {
	// TrailingCommas accepts them in JSON (spec dialects.md §1.3, rule 7).
	TrailingCommas bool
	// MaxDepth bounds the nesting of JSON and XML; 0 is 250.
	MaxDepth int
	// Reserve, when set, takes memory, in bytes, before it is made; its error is returned as it is.
	Reserve func(bytes int64) error
	// Look, when set, is told how many bytes were gone through; its error is returned as it is.
	Look func(bytes int) error
}

// ParseTokenAnswer reads the answer of a token endpoint by the rules of spec dialects.md §1.3: by its media type, or,
// where that says nothing or misleads, by its first character. White space around it is tolerated, the charset is
// undone, every field is kept, and of a repeated one the first counts. Errors are a *[TokenError], a *limit.Error for
// nesting that is too deep, or that of Reserve or Look.
func ParseTokenAnswer(status int, contentType, body string, o TokenOptions) (*TokenAnswer, error) {
	r := newTokenReader(contentType, body, o)
	a, err := r.read()
	switch {
	case r.fatal != nil:
		return nil, r.fatal
	case status >= 400:
		return nil, r.failed(TokenFailed, status, a)
	case err != nil:
		return nil, &TokenError{Reason: r.reason(), Status: status, ContentType: media.Line(contentType, 100), Err: err}
	}
	if code, _ := a.Get("oauth_problem"); code != "" {
		return nil, r.failed(TokenRefused, status, a)
	}
	if missing := a.lift(); missing != "" {
		return nil, &TokenError{Reason: TokenIncomplete, Status: status, ContentType: media.Line(contentType, 100), Missing: missing}
	}
	return a, nil
}

// failed is the error that the provider reports; a is nil when nothing could be read.
func (r *tokenReader) failed(reason TokenReason, status int, a *TokenAnswer) error {
	e := &TokenError{Reason: reason, Status: status, ContentType: media.Line(r.contentType, 100)}
	if a == nil {
		return e
	}
	for _, name := range []string{"oauth_problem", "oauth_problem_advice", "error", "message"} {
		if text, _ := a.Get(name); text != "" {
			e.Detail = text
			break
		}
	}
	e.Problem = problemFrom(status, a.pairs())
	return e
}

// pairs are the fields that are texts.
func (a *TokenAnswer) pairs() []uri.Pair {
	var ps []uri.Pair
	for i := range a.Fields {
		if f := &a.Fields[i]; f.isText() {
			ps = append(ps, uri.Pair{Name: f.Name, Value: f.Text})
		}
	}
	return ps
}

// has reports whether the field is there and not empty.
func (a *TokenAnswer) has(name string) bool {
	text, _ := a.Get(name)
	return text != ""
}

// lift sets what the protocol knows; it returns the field that is missing, or "".
func (a *TokenAnswer) lift() (missing string) {
	for i := range a.Fields {
		f := &a.Fields[i]
		switch f.Name {
		case "oauth_token":
			if f.isText() {
				a.Token = f.Text
			}
		case "oauth_token_secret":
			if !f.isText() {
				return f.Name
			}
			a.TokenSecret = f.Text
		case "oauth_callback_confirmed":
			a.CallbackConfirmed = f.Text == "true"
		case "oauth_session_handle":
			a.SessionHandle = f.Text
		case "oauth_expires_in":
			a.ExpiresIn = positiveSeconds(f.Text)
		case "oauth_authorization_expires_in":
			a.AuthorizationExpiresIn = positiveSeconds(f.Text)
		}
	}
	if a.Token == "" {
		return "oauth_token"
	}
	if _, ok := a.Get("oauth_token_secret"); !ok {
		return "oauth_token_secret"
	}
	return ""
}

// positiveSeconds reads a number of seconds; a fraction is cut.
func positiveSeconds(s string) int64 {
	f, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
	if err != nil || !(f >= 1 && f <= 1<<53) {
		return 0
	}
	return int64(math.Floor(f))
}
