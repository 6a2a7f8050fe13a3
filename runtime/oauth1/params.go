package oauth1

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/imlc-lang/imlc/runtime/uri"
)

// Transport says where the protocol parameters travel (RFC 5849 §3.5).
type Transport uint8

// The transports.
const (
	// Header is the Authorization header; the default.
	Header Transport = iota
	// Query appends the parameters to the query of the URL.
	Query
	// Body appends the parameters to a form body.
	Body
)

// String returns "header", "query" or "body".
func (t Transport) String() string {
	switch t {
	case Query:
		return "query"
	case Body:
		return "body"
	}
	return "header"
}

// ParseTransport reads the name that String writes; "" is Header.
func ParseTransport(name string) (Transport, error) {
	switch name {
	case "", "header":
		return Header, nil
	case "query":
		return Query, nil
	case "body":
		return Body, nil
	}
	return Header, &TransportError{Found: name, Expected: "header, query or body"}
}

// TransportError says that protocol parameters cannot travel as asked.
type TransportError struct {
	// Found is what was there: a transport name, a method or a media type.
	Found string
	// Expected says what would work.
	Expected string
}

// Error returns what was found and what was expected.
func (e *TransportError) Error() string {
	return fmt.Sprintf("oauth parameters cannot be sent: found %q, expected %s", e.Found, e.Expected)
}

// TokenMode says whether oauth_token is sent (specification §2.4).
type TokenMode uint8

// The token modes.
const (
	// TokenAuto sends oauth_token when Params.Token is not empty.
	TokenAuto TokenMode = iota
	// TokenAbsent never sends it.
	TokenAbsent
	// TokenEmpty sends it with an empty value.
	TokenEmpty
	// TokenValue sends Params.Token, empty or not.
	TokenValue
)

// BodyHashMode says whether oauth_body_hash is sent.
type BodyHashMode uint8

// The body hash modes.
const (
	// BodyHashOff sends none; the default, as many servers refuse it.
	BodyHashOff BodyHashMode = iota
	// BodyHashAuto computes it, and leaves it out with a form body (draft-eaton-oauth-bodyhash §4.1.1).
	BodyHashAuto
	// BodyHashGiven sends Params.BodyHashValue as it is.
	BodyHashGiven
)

// Params are the settings and credentials that sign one connection's requests. The zero value of each field is its
// usual setting. Params print and marshal masked.
type Params struct {
	// ConsumerKey identifies the client; it is always sent.
	ConsumerKey string
	// ConsumerSecret is the client's shared secret, or PEM text for an RSA method when PrivateKey is empty.
	ConsumerSecret string
	// PrivateKey is PEM text, PKCS#1 or PKCS#8; line breaks may be written as the two characters \n.
	PrivateKey string
	// Token is the request token or access token; see TokenMode.
	Token string
	// TokenSecret belongs to Token; "" when there is none.
	TokenSecret string
	// TokenMode says whether oauth_token is sent.
	TokenMode TokenMode
	// Verifier is sent as oauth_verifier unless empty.
	Verifier string
	// Callback is sent as oauth_callback unless empty; "oob" without one.
	Callback string
	// Realm is sent first in the header, never signed, when HasRealm is true or Realm is not empty. It is left out by
	// the other transports.
	Realm    string
	HasRealm bool
	// SignatureMethod is a registered name; "" is HMAC-SHA1.
	SignatureMethod string
	// Transport says where the parameters travel.
	Transport Transport
	// BodyHash switches oauth_body_hash.
	BodyHash BodyHashMode
	// BodyHashValue is sent in the mode BodyHashGiven.
	BodyHashValue string
	// BodyHashAlgorithm overrides the hash of the signature method in the mode BodyHashAuto: "sha1", "sha256",
	// "sha512"; "" is the method's own.
	BodyHashAlgorithm string
	// Version is sent as oauth_version; "" is "1.0". OmitVersion sends none.
	Version     string
	OmitVersion bool
	// OmitNonce leaves out nonce and timestamp, which RFC 5849 §3.1 allows for PLAINTEXT only; it is refused for other
	// methods. Many servers want both.
	OmitNonce bool
	// Extra are further protocol parameters, signed and sent with the others; each name is the full name, such as
	// oauth_session_handle.
	Extra []uri.Pair
}

// Format prints the settings without secrets, whatever the verb.
func (p Params) Format(f fmt.State, _ rune) {
	method := p.SignatureMethod
	if method == "" {
		method = HMACSHA1
	}
	fmt.Fprintf(f, "oauth1.Params(%s, %s, consumer key %q, secrets %s)", method, p.Transport, p.ConsumerKey, Mask)
}

// MarshalJSON writes what Params print, because their token, verifier and further parameters are credentials as well: a
// JSON handler of log/slog marshals what it gets. json.Unmarshal refuses it, so that nobody keeps them without secrets
// unawares.
func (p Params) MarshalJSON() ([]byte, error) { return json.Marshal(fmt.Sprint(p)) }

// ParamError says that a protocol parameter cannot be sent.
type ParamError struct {
	// Name is the parameter.
	Name string
	// Problem says what is wrong and what to do.
	Problem string
}

// Error returns the parameter and the problem.
func (e *ParamError) Error() string { return fmt.Sprintf("oauth parameter %q %s", e.Name, e.Problem) }

// role tells the fields whose values change with each request from the others.
type role uint8

const (
	fixed role = iota
	nonceRole
	timestampRole
	bodyHashRole
)

// field is a protocol parameter of a signer.
type field struct {
	name, value string
	role        role
}

// fields appends the protocol parameters of p to fs, unsorted, without the signature.
func (p *Params) fields(fs []field, method string) ([]field, error) {
	add := func(when bool, f field) {
		if when {
			fs = append(fs, f)
		}
	}
	if p.OmitNonce && method != Plaintext {
		return nil, &ParamError{"oauth_nonce", "can be left out with PLAINTEXT only, not with " + method}
	}
	// By name, so that the caller has little to sort.
	add(p.BodyHash == BodyHashGiven, field{name: "oauth_body_hash", value: p.BodyHashValue})
	add(p.BodyHash == BodyHashAuto, field{name: "oauth_body_hash", role: bodyHashRole})
	add(p.Callback != "", field{name: "oauth_callback", value: p.Callback})
	add(true, field{name: "oauth_consumer_key", value: p.ConsumerKey})
	add(!p.OmitNonce, field{name: "oauth_nonce", role: nonceRole})
	add(true, field{name: "oauth_signature_method", value: method})
	add(!p.OmitNonce, field{name: "oauth_timestamp", role: timestampRole})
	switch p.TokenMode {
	case TokenAuto:
		add(p.Token != "", field{name: "oauth_token", value: p.Token})
	case TokenEmpty:
		add(true, field{name: "oauth_token"})
	case TokenValue:
		add(true, field{name: "oauth_token", value: p.Token})
	}
	add(p.Verifier != "", field{name: "oauth_verifier", value: p.Verifier})
	version := p.Version
	if version == "" {
		version = "1.0"
	}
	add(!p.OmitVersion, field{name: "oauth_version", value: version})
	for _, e := range p.Extra {
		fs = append(fs, field{name: e.Name, value: e.Value})
	}
	return fs, checkNames(fs)
}

// checkNames holds RFC 5849 §3.1: each parameter at most once, and the two names that a signer may not set.
func checkNames(fs []field) error {
	var seen map[string]bool // of many names; a few are compared
	if len(fs) > 32 {
		seen = make(map[string]bool, len(fs))
	}
	for i, f := range fs {
		given := seen[f.name] || seen == nil && slices.ContainsFunc(fs[:i], func(before field) bool { return before.name == f.name })
		switch {
		case f.name == "":
			return &ParamError{f.name, "has no name: give the full name, such as oauth_session_handle"}
		case f.name == "oauth_signature" || f.name == "realm":
			return &ParamError{f.name, "cannot be an extra parameter: it is never signed"}
		case given:
			return &ParamError{f.name, "is given twice: each may be sent once (RFC 5849 §3.1)"}
		case seen != nil:
			seen[f.name] = true
		}
	}
	return nil
}
