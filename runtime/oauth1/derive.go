package oauth1

import "strings"

// TracedParam is one signed parameter with its encoded form.
type TracedParam struct {
	Param
	// EncodedName and EncodedValue are what is sorted and joined.
	EncodedName, EncodedValue string
}

// Trace is the derivation of one signature. It holds no key material: with
// PLAINTEXT, whose signature is the key, Signature is masked, and values of
// parameters that are passwords by name (x_auth_password) are masked
// throughout.
type Trace struct {
	// Method is the method as signed, URL the request's URL without user
	// information.
	Method, URL string
	// BaseURI is the base string URI (RFC 5849 §3.4.1.2).
	BaseURI string
	// Params are the signed parameters in the order of their sources: query,
	// body, protocol. Sorted are the same in the order of the base string.
	Params, Sorted []TracedParam
	// Normalized is the normalised parameter text, BaseString the whole.
	Normalized, BaseString string
	// SignatureMethod is the name of the method; Key says how its key is made,
	// masked.
	SignatureMethod, Key string
	// Signature is the result, not percent-encoded.
	Signature string

	// inputs gives the unmasked derivation. It is a function so that nothing
	// can print it: fmt reaches unexported fields past their Format methods.
	inputs func() *derivation
}

// derivation keeps the unmasked inputs and results of a trace for comparison.
type derivation struct {
	request  Request
	protocol []Param
	realm    string
	hasRealm bool
	base     string
	sig      string
}

// passwordFields are parameter names whose values are secrets although they
// are signed and sent (xAuth).
var passwordFields = map[string]bool{"x_auth_password": true}

func maskedParams(ps []Param) []Param {
	masked := make([]Param, len(ps))
	for i, p := range ps {
		if passwordFields[p.Name] {
			p.Value = mask
		}
		masked[i] = p
	}
	return masked
}

// derive computes the base string and signature by the letter of the RFC: the
// plain path that every faster one is held equal to.
func derive(req *Request, protocol []Param, key *Key) (*derivation, urlParts, error) {
	u, err := splitURL(req.URL)
	if err != nil {
		return nil, u, err
	}
	if err := u.withHost(req.Host); err != nil {
		return nil, u, err
	}
	d := &derivation{request: *req, protocol: protocol}
	d.base = BaseString(req.Method, string(u.appendBaseURI(nil)), Normalize(signedParams(req, u.query, protocol)))
	d.sig, err = key.Sign(d.base)
	return d, u, err
}

// signedParams collects every parameter that is signed; oauth_signature never
// is, wherever it stands (RFC 5849 §3.4.1.3.1).
func signedParams(req *Request, query string, protocol []Param) []Param {
	params := append(req.params(query), protocol...)
	kept := params[:0]
	for _, p := range params {
		if p.Name != "oauth_signature" {
			kept = append(kept, p)
		}
	}
	return kept
}

// RequestBaseString returns the base string of a request with exactly the given
// protocol parameters, oauth_signature left out: what a provider computes to
// verify a request. The error is a *[URLError].
func RequestBaseString(req *Request, protocol []Param) (string, error) {
	u, err := splitURL(req.URL)
	if err != nil {
		return "", err
	}
	if err := u.withHost(req.Host); err != nil {
		return "", err
	}
	return BaseString(req.Method, string(u.appendBaseURI(nil)), Normalize(signedParams(req, u.query, protocol))), nil
}

// Derive signs req with exactly the given protocol parameters, which must not
// contain a realm; an oauth_signature among them is ignored. It returns the
// full derivation. Signature is masked for PLAINTEXT; use [Key.Sign] for the
// text. Errors are those of the URL and of the key.
func Derive(req *Request, protocol []Param, key *Key) (*Trace, error) {
	d, u, err := derive(req, protocol, key)
	if err != nil {
		return nil, err
	}
	return d.trace(u, key), nil
}

func (d *derivation) trace(u urlParts, key *Key) *Trace {
	params := maskedParams(signedParams(&d.request, u.query, d.protocol))
	t := &Trace{
		Method: upperASCII(d.request.Method), URL: maskURL(d.request.URL), BaseURI: string(u.appendBaseURI(nil)),
		Params: make([]TracedParam, len(params)), SignatureMethod: key.Method(), Key: key.key.Masked(),
		Signature: d.sig, inputs: func() *derivation { return d },
	}
	for i, p := range params {
		t.Params[i] = TracedParam{Param: p, EncodedName: Encode(p.Name), EncodedValue: Encode(p.Value)}
	}
	t.Sorted = sortedParams(t.Params)
	t.Normalized = Normalize(params)
	t.BaseString = BaseString(t.Method, t.BaseURI, t.Normalized)
	if t.SignatureMethod == Plaintext {
		t.Signature = mask
	}
	return t
}

// maskURL drops user information and password parameters from a URL for
// display.
func maskURL(raw string) string {
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
	segments := strings.Split(query, "&")
	for i, s := range segments {
		if name, _, _ := strings.Cut(s, "="); passwordFields[unescape(name)] {
			segments[i] = name + "=" + mask
		}
	}
	return front + "?" + strings.Join(segments, "&")
}
