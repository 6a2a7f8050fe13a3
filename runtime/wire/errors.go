package wire

import (
	"fmt"
	"net/netip"
)

// Setting is a part of a request that somebody configures.
type Setting uint8

// The settings.
const (
	SettingMethod Setting = iota + 1
	SettingQuery
	SettingHeaders
	SettingBody
	SettingCA
	SettingVerification // of TLS certificates
	SettingUserAgent
)

// String names the setting; who knows what it is called where it was written says that instead.
func (s Setting) String() string {
	switch s {
	case SettingMethod:
		return "method"
	case SettingQuery:
		return "query"
	case SettingHeaders:
		return "headers"
	case SettingBody:
		return "body"
	case SettingCA:
		return "certificate authority"
	case SettingVerification:
		return "certificate verification"
	case SettingUserAgent:
		return "user agent"
	}
	return "request"
}

// ConfigError says that a request cannot be built as it is configured.
type ConfigError struct {
	// Field is the setting at fault.
	Field Setting
	// Problem says what was found, what was expected and what to do. It holds no secret, but perhaps texts of the
	// configuration.
	Problem string
}

// Error returns the setting and the problem.
func (e *ConfigError) Error() string { return e.Field.String() + ": " + e.Problem }

// ConfigErrorf returns a ConfigError with a formatted problem.
func ConfigErrorf(field Setting, format string, args ...any) error {
	return &ConfigError{Field: field, Problem: fmt.Sprintf(format, args...)}
}

// Cause tells why there was no response.
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

// ConnectionError says that a request got no response. A RoundTripper of the host may return one itself; it is then
// passed on unchanged.
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

// RedirectReason tells why a redirect is not followed.
type RedirectReason string

// The reasons of a RedirectError.
const (
	// RedirectTooMany: the limit of hops is reached.
	RedirectTooMany RedirectReason = "too many"
	// RedirectInvalid: the Location is no http or https URL.
	RedirectInvalid RedirectReason = "invalid"
	// RedirectSecret: the next hop would take a body that holds a secret to another origin.
	RedirectSecret RedirectReason = "secret"
)

// RedirectError says that a redirect cannot be followed.
type RedirectError struct {
	Reason RedirectReason
	// URL is where the hop was that is not followed (RedirectTooMany) or where the redirect leads, as it was written.
	// It may hold secrets: whoever shows it masks it.
	URL string
	// Status is that of the answer with the Location.
	Status int
}

// Error says what happened without the URL.
func (e *RedirectError) Error() string {
	switch e.Reason {
	case RedirectTooMany:
		return "too many redirects"
	case RedirectSecret:
		return "the redirect leads to another origin and would take a body there that holds a secret"
	}
	return "the redirect leads to no http or https url"
}

// ParseError says that a response body could not be read as its declared type.
type ParseError struct {
	Type string // "JSON", "XML", or the content coding
	Err  error  // what is wrong and where; shows at most one character of the body
}

// Error implements error with the fixed text of the specification.
func (e *ParseError) Error() string { return "Failed to parse response body as " + e.Type }

// Unwrap returns the detail.
func (e *ParseError) Unwrap() error { return e.Err }
