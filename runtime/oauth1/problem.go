package oauth1

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"github.com/imlc-lang/imlc/internal/media"
	"github.com/imlc-lang/imlc/runtime/uri"
)

// ProblemCode is the value of oauth_problem (OAuth Problem Reporting). It is an error, so that errors.Is(err,
// [TimestampRefused]) asks for the kind of a [Problem].
type ProblemCode string

// The problem codes of the extension.
const (
	VersionRejected         ProblemCode = "version_rejected"
	ParameterAbsent         ProblemCode = "parameter_absent"
	ParameterRejected       ProblemCode = "parameter_rejected"
	TimestampRefused        ProblemCode = "timestamp_refused"
	NonceUsed               ProblemCode = "nonce_used"
	SignatureMethodRejected ProblemCode = "signature_method_rejected"
	SignatureInvalid        ProblemCode = "signature_invalid"
	ConsumerKeyUnknown      ProblemCode = "consumer_key_unknown"
	ConsumerKeyRejected     ProblemCode = "consumer_key_rejected"
	ConsumerKeyRefused      ProblemCode = "consumer_key_refused"
	TokenUsed               ProblemCode = "token_used"
	TokenExpired            ProblemCode = "token_expired"
	TokenRevoked            ProblemCode = "token_revoked"
	TokenRejected           ProblemCode = "token_rejected"
	VerifierInvalid         ProblemCode = "verifier_invalid"
	PermissionUnknown       ProblemCode = "permission_unknown"
	PermissionDenied        ProblemCode = "permission_denied"
	AdditionalAuthorization ProblemCode = "additional_authorization_required"
	UserRefused             ProblemCode = "user_refused"
)

var problemAdvice = map[ProblemCode]string{
	VersionRejected:         "the provider does not accept this oauth_version: send 1.0, or leave it out",
	ParameterAbsent:         "the request lacks a parameter that the provider needs",
	ParameterRejected:       "the provider did not expect a parameter or its value",
	TimestampRefused:        "the clocks differ: set the clock, or apply the offset learnt from the provider",
	NonceUsed:               "the nonce was used before: sign every attempt afresh, retries and redirects too",
	SignatureMethodRejected: "the provider does not accept this signature method: choose another",
	SignatureInvalid:        "the signature does not match: check both secrets, the url as sent, and the content type of the body",
	ConsumerKeyUnknown:      "the provider does not know the consumer key: check that it belongs to this environment",
	ConsumerKeyRejected:     "the consumer key was not accepted: the app may be blocked or not approved",
	ConsumerKeyRefused:      "the consumer key is refused for now: try again later",
	TokenUsed:               "the request token was exchanged before: start the authorization again",
	TokenExpired:            "the token has expired: renew it with the session handle, or authorize again",
	TokenRevoked:            "the token was revoked: ask the user to authorize again",
	TokenRejected:           "the token was not accepted: ask the user to authorize again",
	VerifierInvalid:         "the verifier is wrong: start the authorization again",
	PermissionUnknown:       "the user has not yet decided: wait for the authorization",
	PermissionDenied:        "the user or the provider denied access",
	AdditionalAuthorization: "the provider wants the user to authorize further access",
	UserRefused:             "the user refused",
}

// Error returns the code itself.
func (c ProblemCode) Error() string { return string(c) }

// Advice says what to do about the code; "" for a code that is not known.
func (c ProblemCode) Advice() string { return problemAdvice[c] }

// TimestampRange is a range of accepted timestamps in Unix seconds, both ends included.
type TimestampRange struct{ From, To int64 }

// Problem is an answer in which the provider says what is wrong (OAuth Problem Reporting extension, specification
// §2.6).
type Problem struct {
	// Code is the value of oauth_problem; it need not be a known one.
	Code ProblemCode
	// Status is the HTTP status of the answer.
	Status int
	// ProviderAdvice is oauth_problem_advice, as the provider wrote it, cleaned of controls and cut to 500 bytes; ""
	// when there is none.
	ProviderAdvice string
	// AcceptableVersions is oauth_acceptable_versions, such as "1.0-1.0".
	AcceptableVersions string
	// AcceptableTimestamps is oauth_acceptable_timestamps; nil when it is absent or unreadable.
	AcceptableTimestamps *TimestampRange
	// ParametersAbsent and ParametersRejected are names only; values that providers repeat are dropped.
	ParametersAbsent, ParametersRejected []string
}

// Error returns code, status, advice and the details, without values of parameters.
func (p *Problem) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "the provider reports %s (status %d)", media.Line(string(p.Code), 100), p.Status)
	if advice := p.Code.Advice(); advice != "" {
		b.WriteString(": " + advice)
	}
	if len(p.ParametersAbsent) > 0 {
		fmt.Fprintf(&b, "; absent: %s", strings.Join(p.ParametersAbsent, ", "))
	}
	if len(p.ParametersRejected) > 0 {
		fmt.Fprintf(&b, "; rejected: %s", strings.Join(p.ParametersRejected, ", "))
	}
	if p.AcceptableVersions != "" {
		fmt.Fprintf(&b, "; acceptable versions: %s", p.AcceptableVersions)
	}
	if r := p.AcceptableTimestamps; r != nil {
		fmt.Fprintf(&b, "; acceptable timestamps: %d to %d", r.From, r.To)
	}
	if p.ProviderAdvice != "" {
		fmt.Fprintf(&b, "; the provider says: %s", p.ProviderAdvice)
	}
	return b.String()
}

// Is reports whether target is the [ProblemCode] of p.
func (p *Problem) Is(target error) bool {
	code, ok := target.(ProblemCode)
	return ok && code == p.Code
}

// ParseProblem looks for a problem report in the values of WWW-Authenticate and then in the body, a form, a JSON object
// or XML, and returns nil when there is none. Details that only the other place gives are merged in.
func ParseProblem(status int, wwwAuthenticate []string, contentType string, body []byte) *Problem {
	var params []uri.Pair
	for _, value := range wwwAuthenticate {
		params = append(params, challengeParams(value)...)
	}
	return problemFrom(status, append(params, bodyParams(contentType, body)...))
}

// problemFrom makes a problem of the first non-empty value of each name.
func problemFrom(status int, params []uri.Pair) *Problem {
	first := make(map[string]string, len(params))
	for _, p := range params {
		if first[p.Name] == "" {
			first[p.Name] = p.Value
		}
	}
	if first["oauth_problem"] == "" {
		return nil
	}
	return &Problem{
		Code: ProblemCode(first["oauth_problem"]), Status: status,
		ProviderAdvice:       media.Line(first["oauth_problem_advice"], 500),
		AcceptableVersions:   media.Line(first["oauth_acceptable_versions"], 100),
		AcceptableTimestamps: parseTimestampRange(first["oauth_acceptable_timestamps"]),
		ParametersAbsent:     parameterNames(first["oauth_parameters_absent"]),
		ParametersRejected:   parameterNames(first["oauth_parameters_rejected"]),
	}
}

// challengeParams reads the OAuth challenge of a WWW-Authenticate value, which may hold challenges of other schemes
// before and after it.
func challengeParams(value string) []uri.Pair {
	lower := uri.Lower(value)
	for from := 0; ; {
		i := strings.Index(lower[from:], "oauth")
		if i < 0 {
			return nil
		}
		i += from
		from = i + len("oauth")
		before := strings.TrimRight(value[:i], " \t")
		if before != "" && before[len(before)-1] != ',' {
			continue
		}
		// What follows another scheme's name is an error to the reader, which has returned everything before it.
		if a, _ := ParseAuthorization(value[i:]); len(a.Params) > 0 {
			return a.Params
		}
	}
}

// maxProblemBody bounds the body that is searched, in bytes.
const maxProblemBody = 64 << 10

func bodyParams(contentType string, body []byte) []uri.Pair {
	if len(body) > maxProblemBody || !bytes.Contains(body, []byte("oauth_problem")) {
		return nil
	}
	r := newTokenReader(contentType, string(body), TokenOptions{})
	a, err := r.readAs(media.Look(r.text))
	if err != nil {
		if a, err = r.readAs(media.Pairs); err != nil {
			return nil
		}
	}
	return a.pairs()
}

func parseTimestampRange(s string) *TimestampRange {
	from, to, ok := strings.Cut(s, "-")
	if !ok {
		return nil
	}
	a, errA := strconv.ParseInt(strings.TrimSpace(from), 10, 64)
	b, errB := strconv.ParseInt(strings.TrimSpace(to), 10, 64)
	if errA != nil || errB != nil || a > b || a < 0 {
		return nil
	}
	return &TimestampRange{From: a, To: b}
}

// parameterNames reads names joined by "&", each perhaps with a value.
func parameterNames(s string) []string {
	var names []string
	for _, p := range uri.SplitPairs(s) {
		if name := media.Line(p.Name, 100); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// ClockOffset returns by how many seconds a provider's clock is ahead of now, Unix seconds: from the middle of the
// accepted timestamps when the problem names them, else from date, the provider's Date header in Unix seconds, 0 when
// unknown. ok is false when neither says anything.
func (p *Problem) ClockOffset(now, date int64) (seconds int64, ok bool) {
	if r := p.AcceptableTimestamps; r != nil {
		return r.From + (r.To-r.From)/2 - now, true
	}
	if date > 0 {
		return date - now, true
	}
	return 0, false
}
