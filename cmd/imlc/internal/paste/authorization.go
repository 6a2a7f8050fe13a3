package paste

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/imlc-lang/imlc/runtime/oauth1"
)

// Authorization is what an OAuth header says about the signature that it carries.
type Authorization struct {
	// Header is the whole value of the header.
	Header string
	// Params derive the same signature again, once the secrets are added.
	Params oauth1.Params
	// Nonce is "" and Timestamp, in Unix seconds, 0 when the header has none that can be read.
	Nonce     string
	Timestamp int64
}

// TakeAuthorization removes the OAuth header of a request and reads it; nil when there is none. One that cannot be read
// comes back with its text alone.
func (r *Request) TakeAuthorization() *Authorization {
	h := r.Get("Authorization")
	if len(h) < 6 || !strings.EqualFold(h[:6], "OAuth ") {
		return nil
	}
	r.Remove("Authorization")
	return ParseAuthorization(h)
}

// ParseAuthorization reads the value of an OAuth header. Of one that breaks off it takes what can be read.
func ParseAuthorization(header string) *Authorization {
	out := &Authorization{Header: header}
	a, err := oauth1.ParseAuthorization(header)
	if a == nil || err != nil && len(a.Params) == 0 {
		return out
	}
	p := &out.Params
	p.OmitVersion = true
	p.Realm, p.HasRealm = a.Realm, a.HasRealm
	for _, item := range a.Params {
		switch item.Name {
		case "oauth_consumer_key":
			p.ConsumerKey = item.Value
		case "oauth_token":
			p.Token, p.TokenMode = item.Value, oauth1.TokenValue
		case "oauth_signature_method":
			p.SignatureMethod = item.Value
		case "oauth_verifier":
			p.Verifier = item.Value
		case "oauth_callback":
			p.Callback = item.Value
		case "oauth_version":
			p.OmitVersion, p.Version = false, item.Value
		case "oauth_body_hash":
			p.BodyHash, p.BodyHashValue = oauth1.BodyHashGiven, item.Value
		case "oauth_nonce":
			out.Nonce = cmp.Or(out.Nonce, item.Value)
		case "oauth_timestamp":
			out.Timestamp = cmp.Or(out.Timestamp, seconds(item.Value))
		case "oauth_signature":
		default:
			p.Extra = append(p.Extra, item)
		}
	}
	return out
}

// seconds reads a timestamp of digits alone; anything else is 0.
func seconds(s string) int64 {
	n, err := strconv.ParseUint(s, 10, 63)
	if err != nil {
		return 0
	}
	return int64(n)
}
