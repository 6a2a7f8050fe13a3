package wire

import (
	"fmt"
	"net/netip"
)

// ConfigError says that a request cannot be built as it was configured: the InvalidConfigurationError of spec make.md
// §11.4.
type ConfigError struct {
	// Message is the complete text for the user; it holds no secret.
	Message string
}

// Error implements error.
func (e *ConfigError) Error() string { return e.Message }

func configErrorf(format string, args ...any) error {
	return &ConfigError{Message: fmt.Sprintf(format, args...)}
}

// Cause tells why there was no response (spec make.md §11.1).
type Cause string

// The causes of a ConnectionError.
const (
	CauseDNS     Cause = "dns"     // the host name does not resolve
	CauseConnect Cause = "connect" // the address does not answer or refuses
	CauseReset   Cause = "reset"   // the connection broke, or what came was no HTTP
	CauseTLS     Cause = "tls"     // handshake or certificate failure
	CauseTimeout Cause = "timeout" // the request's time is over
	CausePolicy  Cause = "policy"  // the egress policy refuses the destination
)

// ConnectionError says that a request got no response (spec make.md §11.1). A RoundTripper of the host may return one
// itself; it is then passed on unchanged.
type ConnectionError struct {
	Cause Cause
	Host  string // the host that was asked, without credentials
	Err   error  // the underlying error; nil when there is none
}

// Error implements error.
func (e *ConnectionError) Error() string {
	text := "no response"
	if e.Host != "" {
		text += " from " + e.Host
	}
	text += " (" + string(e.Cause) + ")"
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap returns the underlying error.
func (e *ConnectionError) Unwrap() error { return e.Err }

// PolicyError says that the egress policy refuses a destination; it is always wrapped in a ConnectionError with
// CausePolicy.
type PolicyError struct {
	Host   string     // host or address as requested
	Addr   netip.Addr // the refused address; invalid when the name or scheme was refused
	Reason string     // what is refused and which setting allows it
}

// Error implements error.
func (e *PolicyError) Error() string {
	if e.Addr.IsValid() && e.Addr.String() != e.Host {
		return fmt.Sprintf("destination %s (%s) is refused: %s", e.Host, e.Addr, e.Reason)
	}
	return fmt.Sprintf("destination %s is refused: %s", e.Host, e.Reason)
}

// RedirectError says that a redirect cannot be followed; it counts as RuntimeError (spec make.md §8.2).
type RedirectError struct {
	// Message is the fixed text of the specification with the URL, secrets masked.
	Message string
	// TooMany is true when the limit of hops was reached and false when Location was unusable.
	TooMany bool
	// Status is that of the answer with the Location.
	Status int
}

// Error implements error.
func (e *RedirectError) Error() string { return e.Message }

// ParseError says that a response body could not be read as its declared type; it counts as RuntimeError (spec make.md
// §9.2).
type ParseError struct {
	Type string // "JSON", "XML", or the content coding
	Err  error  // what is wrong and where; shows at most one character of the body
	// Status is that of the answer when Client.Do returns the error, else 0.
	Status int
}

// Error implements error with the fixed text of the specification.
func (e *ParseError) Error() string { return "Failed to parse response body as " + e.Type }

// Unwrap returns the detail.
func (e *ParseError) Unwrap() error { return e.Err }

// LimitError says that a limit of the engine ended the work (docs/architecture.md §7).
type LimitError struct {
	Name  string // for example "response body"
	Limit int64  // bytes or levels
	Code  string // stable code
	// Status is that of the answer when Client.Do returns the error, else 0.
	Status int
}

// Error implements error.
func (e *LimitError) Error() string {
	return fmt.Sprintf("limit reached: %s, at most %d (%s)", e.Name, e.Limit, e.Code)
}

// The codes of the limits of this package.
const (
	CodeResponseBody = "limit/response-body"
	CodeNesting      = "limit/nesting"
)
