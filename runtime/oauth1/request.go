package oauth1

import (
	"cmp"
	"slices"
	"strings"

	"github.com/imlc-lang/imlc/internal/media"
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
	// URL is the absolute URL with exactly the bytes that go on the wire; see [uri.Escaped]. A fragment is ignored.
	URL string
	// Parts are what [uri.Split] makes of URL, for a caller that has them: unless their Scheme is empty, they are read
	// instead of URL, which only [Signer.SignTrace] and [Signed.In] need then.
	Parts uri.Parts
	// Host is the Host header when it differs from the URL; "" otherwise.
	Host string
	// ContentType is the Content-Type header; "" when there is none.
	ContentType string
	// Body is the whole body; nil when there is none.
	Body []byte
	// SignBody says whether pairs of the body are signed.
	SignBody SignBody
}

// signsBody reports whether the pairs of the body take part (RFC 5849 §3.4.1.3.1), for every method (Appendix A).
func (r *Request) signsBody() bool {
	switch r.SignBody {
	case SignBodyAlways:
		return true
	case SignBodyNever:
		return false
	}
	return media.IsForm(r.ContentType)
}

// CarriesForm reports why the protocol parameters cannot be the end of the request's body, and returns nil when they
// can (RFC 5849 §3.5.2): the method is neither GET nor HEAD and the body is a form whose pairs are signed, or there is
// no body and no content type yet, and the method is one that usually has one. posts narrows this to a POST with a form
// content type, as OAuth Core 1.0 §5.2 has it. The error is a *[TransportError].
func (r *Request) CarriesForm(posts bool) error {
	method := upperASCII(r.Method)
	usual := method == "POST" || !posts && (method == "PUT" || method == "PATCH")
	switch {
	case posts && method != "POST":
		return &TransportError{Found: method, Expected: "the method POST for the body transport"}
	case method == "GET" || method == "HEAD":
		return &TransportError{Found: method, Expected: "a method with a body for the body transport"}
	case r.SignBody != SignBodyNever && media.IsForm(r.ContentType):
		return nil
	case r.SignBody != SignBodyNever && r.ContentType == "" && len(r.Body) == 0 && usual && !posts:
		return nil
	}
	return &TransportError{Found: r.ContentType, Expected: "content type " + media.Form + " for the body transport"}
}

// Signed is what signing adds to a request. It holds a signature, and with PLAINTEXT therefore secrets.
type Signed struct {
	// Authorization is the value of the Authorization header; "" for the other transports.
	Authorization string
	// Pairs are the protocol parameters, oauth_signature last, that belong at the end of the query or of the form body;
	// nil for the transport Header. [uri.JoinPairs] encodes them.
	Pairs []uri.Pair
	// Signature is the signature, not percent-encoded.
	Signature string
	// Transport is where the parameters belong.
	Transport Transport
	// Nonce and Timestamp, Unix seconds, are those that were given.
	Nonce     string
	Timestamp int64
}

// In returns req as it is sent, without its fragment: with the pairs in its query or body, and with the content type of
// a form when they are the whole body. The header is left to the caller.
func (s *Signed) In(req *Request) Request {
	out := *req
	out.URL, _, _ = strings.Cut(req.URL, "#")
	switch s.Transport {
	case Query:
		out.URL = uri.WithQuery(out.URL, uri.JoinPairs(s.Pairs))
	case Body:
		out.Body = uri.AppendPairs(slices.Clone(req.Body), s.Pairs)
		out.ContentType = cmp.Or(req.ContentType, media.Form)
	}
	return out
}

// AppendHeader appends an Authorization header value: "OAuth ", the realm first as an RFC 2617 quoted string if
// hasRealm, then the parameters in the given order as name="value", both percent-encoded, joined by a comma without a
// space (RFC 5849 §3.5.1).
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

// appendRealm writes the realm; CR, LF and NUL cannot stand in a header field and become spaces.
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

// upperASCII upper-cases the ASCII letters of s and leaves other bytes alone: the method of a base string (RFC 5849
// §3.4.1.1).
func upperASCII(s string) string {
	upper := []byte(s)
	for i, c := range upper {
		if 'a' <= c && c <= 'z' {
			upper[i] = c - ('a' - 'A')
		}
	}
	return string(upper)
}
