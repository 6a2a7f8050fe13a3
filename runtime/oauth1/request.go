package oauth1

import (
	"strings"

	"github.com/imlc-lang/imlc/runtime/media"
	"github.com/imlc-lang/imlc/runtime/uri"
)

// SignBody says whether the pairs of a body are signed.
type SignBody uint8

// The settings of SignBody.
const (
	// SignBodyAuto signs a body whose content type is [media.Form].
	SignBodyAuto SignBody = iota
	// SignBodyAlways signs the body as a form, whatever its content type.
	SignBodyAlways
	// SignBodyNever signs no pairs of the body.
	SignBodyNever
)

// Request is what will be sent, before signing. Signing does not change it.
type Request struct {
	// Method is any method name; it is signed in upper case.
	Method string
	// URL is the absolute URL with exactly the bytes that go on the wire; see
	// [uri.Escaped]. A fragment is ignored.
	URL string
	// Host is the Host header when it differs from the URL; "" otherwise.
	Host string
	// ContentType is the Content-Type header; "" when there is none.
	ContentType string
	// Body is the whole body; nil when there is none.
	Body []byte
	// SignBody says whether pairs of the body are signed.
	SignBody SignBody
}

// signsBody reports whether the pairs of the body take part (RFC 5849
// §3.4.1.3.1), for every method (Appendix A).
func (r *Request) signsBody() bool {
	switch r.SignBody {
	case SignBodyAlways:
		return true
	case SignBodyNever:
		return false
	}
	return media.IsForm(r.ContentType)
}

// Signed is a signed request: what to send. It holds a signature, and with
// PLAINTEXT therefore secrets.
type Signed struct {
	// Authorization is the value of the Authorization header, or "" for the
	// other transports.
	Authorization string
	// URL is the URL to send; with the transport Query the protocol parameters
	// are appended to it.
	URL string
	// Body is the body to send; with the transport Body the protocol parameters
	// are appended to it, else it is the body of the request.
	Body []byte
	// ContentType is the Content-Type to send: that of the request, or the form
	// type when the transport Body made the body.
	ContentType string
	// Signature is the signature, not percent-encoded.
	Signature string
	// Transport is where the parameters are.
	Transport Transport
	// Nonce and Timestamp, Unix seconds, are those that were given.
	Nonce     string
	Timestamp int64
}

// place writes the protocol parameters, signature last, where they belong.
func (s *Signed) place(req *Request, fields []uri.Pair, realm string, hasRealm bool) error {
	s.URL, s.Body, s.ContentType = req.URL, req.Body, req.ContentType
	switch s.Transport {
	case Query:
		url, _, _ := strings.Cut(req.URL, "#")
		s.URL = appendQuery(url, uri.JoinPairs(fields))
	case Body:
		if err := carriesForm(req); err != nil {
			return err
		}
		if s.ContentType == "" {
			s.ContentType = media.Form
		}
		pairs := uri.JoinPairs(fields)
		body := make([]byte, 0, len(req.Body)+len(pairs)+1)
		if body = append(body, req.Body...); len(body) > 0 {
			body = append(body, '&')
		}
		s.Body = append(body, pairs...)
	default:
		s.Authorization = string(AppendHeader(nil, fields, realm, hasRealm))
	}
	return nil
}

// appendQuery adds pairs to a URL without fragment.
func appendQuery(url, pairs string) string {
	_, query, has := strings.Cut(url, "?")
	switch {
	case !has:
		return url + "?" + pairs
	case query == "":
		return url + pairs
	}
	return url + "&" + pairs
}

// carriesForm reports why a request cannot carry the parameters in its body
// (RFC 5849 §3.5.2).
func carriesForm(req *Request) error {
	switch upperASCII(req.Method) {
	case "GET", "HEAD":
		return &TransportError{Found: upperASCII(req.Method), Expected: "a method with a body for the body transport"}
	}
	if media.IsForm(req.ContentType) || req.ContentType == "" && len(req.Body) == 0 {
		return nil
	}
	return &TransportError{Found: req.ContentType, Expected: "content type " + media.Form + " for the body transport"}
}

// AppendHeader appends an Authorization header value: "OAuth ", the realm
// first as an RFC 2617 quoted string if hasRealm, then the parameters in the
// given order as name="value", both percent-encoded, joined by a comma without
// a space (RFC 5849 §3.5.1).
func AppendHeader(dst []byte, params []uri.Pair, realm string, hasRealm bool) []byte {
	dst = append(dst, "OAuth "...)
	if hasRealm {
		dst = appendRealm(dst, realm)
	}
	for i, p := range params {
		if i > 0 || hasRealm {
			dst = append(dst, ',')
		}
		dst = uri.AppendEncode(dst, p.Name)
		dst = append(dst, '=', '"')
		dst = uri.AppendEncode(dst, p.Value)
		dst = append(dst, '"')
	}
	return dst
}

// appendRealm writes the realm; CR, LF and NUL cannot stand in a header field
// and become spaces.
func appendRealm(dst []byte, realm string) []byte {
	dst = append(dst, `realm="`...)
	for i := 0; i < len(realm); i++ {
		switch c := realm[i]; c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\r', '\n', 0:
			dst = append(dst, ' ')
		default:
			dst = append(dst, c)
		}
	}
	return append(dst, '"')
}

// upperASCII upper-cases the ASCII letters of s and leaves other bytes alone: the method of a base string (RFC 5849 §3.4.1.1).
func upperASCII(s string) string {
	upper := []byte(s)
	for i, c := range upper {
		if 'a' <= c && c <= 'z' {
			upper[i] = c - ('a' - 'A')
		}
	}
	return string(upper)
}
