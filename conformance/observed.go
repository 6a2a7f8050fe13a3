package conformance

import (
	"strings"

	"github.com/imlc-lang/imlc/internal/media"
	"github.com/imlc-lang/imlc/runtime/oauth1"
	"github.com/imlc-lang/imlc/runtime/uri"
	"github.com/imlc-lang/imlc/vm/value"
)

// protocolParams is what a request says about its signing, wherever the transport put it.
type protocolParams struct {
	params   []uri.Pair
	realm    string
	hasRealm bool
	// url and body are what is left of the request without the protocol parameters.
	url, body string
}

// header returns the values of a header without regard to case.
func (o *observed) header(name string) ([]string, bool) {
	for _, h := range o.Headers {
		if strings.EqualFold(h.Name, name) {
			return h.Values, true
		}
	}
	return nil, false
}

func (o *observed) contentType() string {
	v, _ := o.header("Content-Type")
	return strings.Join(v, ",")
}

// protocol finds the protocol parameters of a request. They travel in exactly one place (RFC 5849 §3.5): an OAuth
// Authorization header; else the query or form that holds an oauth_signature.
func (o *observed) protocol() *protocolParams {
	p := &protocolParams{url: o.URL, body: string(o.Body)}
	if values, ok := o.header("Authorization"); ok {
		for _, v := range values {
			if a, err := oauth1.ParseAuthorization(v); err == nil {
				p.params, p.realm, p.hasRealm = a.Params, a.Realm, a.HasRealm
				return p
			}
		}
	}
	if path, query, ok := strings.Cut(o.URL, "?"); ok {
		if rest, found := p.take(query); found {
			p.url = path
			if rest != "" {
				p.url += "?" + rest
			}
			return p
		}
	}
	if media.IsForm(o.contentType()) {
		if rest, found := p.take(string(o.Body)); found {
			p.body = rest
		}
	}
	return p
}

// protocolNames are the parameters of RFC 5849 and its extensions.
var protocolNames = map[string]bool{"oauth_callback": true, "oauth_verifier": true, "oauth_consumer_key": true, "oauth_nonce": true,
	"oauth_signature": true, "oauth_signature_method": true, "oauth_timestamp": true, "oauth_token": true, "oauth_version": true,
	"oauth_body_hash": true, "oauth_session_handle": true}

// take removes the pairs that an engine appends from a query or form: the trailing run of oauth_ pairs that have
// protocol names or are in order of name. An oauth_ pair of the author's own stands before them.
func (p *protocolParams) take(form string) (rest string, found bool) {
	segments := strings.Split(form, "&")
	cut := len(segments)
	next := "~"
	for cut > 0 {
		name, _, _ := strings.Cut(segments[cut-1], "=")
		if !protocolNames[name] && (!strings.HasPrefix(name, "oauth_") || name > next) {
			break
		}
		cut--
		if name != "oauth_signature" {
			next = name
		}
	}
	params := uri.SplitPairs(strings.Join(segments[cut:], "&"))
	for _, x := range params {
		found = found || x.Name == "oauth_signature"
	}
	if !found {
		return form, false
	}
	p.params = params
	return strings.Join(segments[:cut], "&"), true
}

// signed reports whether the request carries a signature.
func (p *protocolParams) signed() bool {
	for _, x := range p.params {
		if x.Name == "oauth_signature" {
			return true
		}
	}
	return false
}

// baseString works out the signature base string from the bytes on the wire (RFC 5849 §3.4.1), without asking the
// engine what it signed.
func (o *observed) baseString() (string, error) {
	p := o.protocol()
	host := ""
	if h, ok := o.header("Host"); ok && len(h) == 1 {
		host = h[0]
	}
	baseURI, err := oauth1.BaseURI(o.URL, host)
	if err != nil {
		return "", err
	}
	params := make([]uri.Pair, 0, len(p.params)+8)
	for _, x := range p.params {
		if x.Name != "oauth_signature" {
			params = append(params, x)
		}
	}
	if _, query, ok := strings.Cut(withoutFragment(p.url), "?"); ok {
		params = append(params, uri.SplitPairs(query)...)
	}
	if media.IsForm(o.contentType()) && !isJSON(p.body) {
		params = append(params, uri.SplitPairs(p.body)...)
	}
	return oauth1.BaseString(o.Method, baseURI, oauth1.Normalize(params)), nil
}

// isJSON reports whether a body is an object or a list: such a body is never signed, whatever its Content-Type says
// (spec make.md §12.4).
func isJSON(body string) bool {
	if !strings.HasPrefix(body, "{") && !strings.HasPrefix(body, "[") {
		return false
	}
	_, err := value.ParseJSON(body, nil)
	return err == nil
}

func withoutFragment(u string) string {
	u, _, _ = strings.Cut(u, "#")
	return u
}

// canonicalURL lower-cases scheme and host, drops a default port and writes an empty path as "/".
func canonicalURL(raw string) string {
	scheme, rest, ok := strings.Cut(raw, "://")
	if !ok {
		return raw
	}
	scheme = strings.ToLower(scheme)
	authority, tail := rest, ""
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		authority, tail = rest[:i], rest[i:]
	}
	authority = strings.ToLower(authority)
	switch scheme {
	case "http":
		authority = strings.TrimSuffix(authority, ":80")
	case "https":
		authority = strings.TrimSuffix(authority, ":443")
	}
	if !strings.HasPrefix(tail, "/") {
		tail = "/" + tail
	}
	return scheme + "://" + authority + tail
}
