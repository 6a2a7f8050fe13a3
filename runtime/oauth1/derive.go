package oauth1

import (
	"strings"

	"github.com/imlc-lang/imlc/runtime/uri"
)

// Trace is the derivation of one signature. It holds no key material: with PLAINTEXT, whose signature is the key,
// Signature is masked, and values of parameters that are passwords by name ([IsPassword]) are masked throughout.
type Trace struct {
	// Method is the method as signed, URL the request's URL without user information.
	Method, URL string
	// BaseURI is the base string URI (RFC 5849 §3.4.1.2).
	BaseURI string
	// Params are the signed parameters in the order of their sources: query, body, protocol. Sorted are the same in the
	// order of the base string.
	Params, Sorted []Param
	// Normalized is the normalised parameter text, BaseString the whole.
	Normalized, BaseString string
	// SignatureMethod is the name of the method; Key says how its key is made, masked.
	SignatureMethod, Key string
	// Signature is the result, not percent-encoded.
	Signature string
}

// Derive signs req with exactly the given protocol parameters, which must not contain a realm; an oauth_signature among
// them is ignored. It returns the full derivation. Signature is masked for PLAINTEXT; use [Key.Sign] for the text.
// Errors are those of the URL and of the key.
func Derive(req *Request, protocol []uri.Pair, key *Key) (*Trace, error) {
	_, t, err := derive(req, protocol, key)
	return t, err
}

// derive returns the signature and its derivation by the letter of the RFC: the plain path that the fast one is held
// equal to.
func derive(req *Request, protocol []uri.Pair, key *Key) (signature string, t *Trace, err error) {
	d, err := new(Rules).derive(req, protocol)
	if err != nil {
		return "", nil, err
	}
	if signature, err = key.Sign(d.base); err != nil {
		return "", nil, err
	}
	if d, err = (&Rules{Params: maskPasswords}).derive(req, protocol); err != nil {
		return "", nil, err
	}
	t = &Trace{Method: d.method, URL: MaskURL(req.URL), BaseURI: d.baseURI, Params: d.params, Sorted: d.sorted, Normalized: d.normalized,
		BaseString: d.base, SignatureMethod: key.Method(), Key: key.key.Masked(), Signature: signature}
	if t.SignatureMethod == Plaintext {
		t.Signature = Mask
	}
	return signature, t, nil
}

// IsPassword reports whether a parameter of this name holds a lasting secret although it is signed and sent: the password of
// xAuth, and the handle that a session is renewed by (spec oauth1.md §2.2, §2.3).
func IsPassword(name string) bool { return name == "x_auth_password" || name == "oauth_session_handle" }

// IsCredential reports whether a field of this name gives access to something, so that no log shows its value, whatever
// the case of the name: those of RFC 5849 that are no names or numbers, and the passwords among parameters.
func IsCredential(name string) bool {
	switch name = uri.Lower(name); name {
	case "oauth_token", "oauth_verifier", "oauth_signature", "oauth_token_secret", "oauth_consumer_secret":
		return true
	}
	return IsPassword(name)
}

func maskPasswords(params []Param) []Param {
	for i := range params {
		if IsPassword(params[i].Name) {
			params[i].Value = Mask
		}
	}
	return params
}

// MaskURL drops user information and password parameters from a URL for display.
func MaskURL(raw string) string {
	if scheme, rest, ok := strings.Cut(raw, "://"); ok {
		end := strings.IndexAny(rest, "/?#")
		if end < 0 {
			end = len(rest)
		}
		if at := strings.LastIndexByte(rest[:end], '@'); at >= 0 {
			raw = scheme + "://" + rest[at+1:]
		}
	}
	front, query, ok := strings.Cut(raw, "?")
	if !ok {
		return raw
	}
	return front + "?" + MaskForm(query)
}

// MaskForm masks the password parameters of a query or form for display, however it spells their names.
func MaskForm(form string) string {
	segments := strings.Split(form, "&")
	for i, s := range segments {
		if name, _, _ := strings.Cut(s, "="); IsPassword(uri.DecodeForm(name)) {
			segments[i] = name + "=" + Mask
		}
	}
	return strings.Join(segments, "&")
}
