package provider

import (
	"crypto/rsa"
	"net/http"
	"slices"
	"strings"
)

// attempt is everything a signature is computed from, so that a mistake can be made on purpose.
type attempt struct {
	method, scheme, authority, path  string
	query, header, body              []Parameter
	clientSecret, tokenSecret, given string
	key                              func(clientSecret, tokenSecret string) string
	normalize                        func([]Parameter) string
}

// mistake is one way in which clients get signatures wrong.
type mistake struct {
	cause string
	make  func(q *request, a *attempt)
}

var mistakes = []mistake{
	{"the + in the signature was sent raw and arrived as a space: send %2B", func(_ *request, a *attempt) { a.given = strings.ReplaceAll(a.given, " ", "+") }},
	{"the signature was percent-encoded twice", func(_ *request, a *attempt) { a.given = unescape(a.given, false) }},
	{"the token secret was left out of the key", func(_ *request, a *attempt) { a.tokenSecret = "" }},
	{"the secrets were not percent-encoded inside the key", func(_ *request, a *attempt) {
		a.key = func(c, t string) string { return c + "&" + t }
	}},
	{"the & after the client secret is missing from the key", func(_ *request, a *attempt) {
		a.key = func(c, t string) string { return strings.TrimSuffix(sharedSecret(c, t), "&") }
	}},
	{"the two secrets were swapped in the key", func(_ *request, a *attempt) {
		a.clientSecret, a.tokenSecret = a.tokenSecret, a.clientSecret
	}},
	{"the parameters of the form body were not signed", func(_ *request, a *attempt) {
		a.body = slices.DeleteFunc(slices.Clone(a.body), func(p Parameter) bool { return !isProtocol(p) })
	}},
	{"the parameters of the query were not signed", func(_ *request, a *attempt) {
		a.query = slices.DeleteFunc(slices.Clone(a.query), func(p Parameter) bool { return !isProtocol(p) })
	}},
	{"a body was signed as form parameters though its Content-Type is no form", func(q *request, a *attempt) {
		if !q.isForm() {
			a.body = splitForm(string(q.body))
		}
	}},
	{"the other scheme of http and https was signed", func(_ *request, a *attempt) {
		a.scheme = map[string]string{"http": "https", "https": "http"}[a.scheme]
	}},
	{"the port was left out though it is not the default of the scheme", func(_ *request, a *attempt) { a.authority, _ = splitAuthority(a.authority) }},
	{"a + in query or body was signed as a plus: in form text it is a space", func(q *request, a *attempt) {
		decode := func(s string) string { return unescape(s, false) }
		a.query = splitFormWith(q.query, decode)
		if q.isForm() {
			a.body = splitFormWith(string(q.body), decode)
		}
	}},
	{"query and body values were percent-encoded twice", func(q *request, a *attempt) {
		raw := func(s string) string { return s }
		a.query = splitFormWith(q.query, raw)
		if q.isForm() {
			a.body = splitFormWith(string(q.body), raw)
		}
	}},
	{"the path was decoded before it was signed: sign the bytes of the request line", func(_ *request, a *attempt) { a.path = unescape(a.path, false) }},
	{"the path was encoded again before it was signed", func(_ *request, a *attempt) {
		a.path = strings.ReplaceAll(escape(a.path), "%2F", "/")
	}},
	{"realm was signed", func(q *request, a *attempt) {
		a.header = append(slices.Clone(a.header), Parameter{"realm", q.params.realm})
	}},
	{"oauth_version was signed but not sent", func(_ *request, a *attempt) {
		a.header = append(slices.Clone(a.header), Parameter{"oauth_version", "1.0"})
	}},
	{"an empty oauth_token was signed but not sent", func(_ *request, a *attempt) {
		a.header = append(slices.Clone(a.header), Parameter{"oauth_token", ""})
	}},
	{"parameters were sorted as name=value text, not by name and then value", func(_ *request, a *attempt) {
		a.normalize = func(params []Parameter) string {
			parts := strings.Split(normalize(params), "&")
			slices.Sort(parts)
			return strings.Join(parts, "&")
		}
	}},
	{"of several parameters with one name only the last was signed", func(_ *request, a *attempt) {
		a.query, a.body = lastOnly(a.query), lastOnly(a.body)
	}},
	{"the method was not in upper case", func(_ *request, a *attempt) { a.method = strings.ToLower(a.method) }},
	{"another method was signed: GET", func(_ *request, a *attempt) { a.method = http.MethodGet }},
	{"another method was signed: POST", func(_ *request, a *attempt) { a.method = http.MethodPost }},
}

// maxDiagnosed is the most parameters of a request whose wrong signature is explained: each mistake costs a signature.
const maxDiagnosed = 200

// lastOnly keeps the last value of each name, as a client that stores parameters in a dictionary does.
func lastOnly(params []Parameter) []Parameter {
	var kept []Parameter
	for i, p := range params {
		if _, later := find(params[i+1:], p.Name); !later {
			kept = append(kept, p)
		}
	}
	return kept
}

// wrongSignature makes the refusal of a signature: the base string that was expected, and the first known mistake that
// would have led to the signature that was sent. This gives nothing away: to match, the sender must hold the secrets.
func (q *request) wrongSignature(public *rsa.PublicKey) *Refusal {
	refusal := denied("signature_invalid", "oauth_signature is not the %s signature of this request", q.method.name)
	if q.method.family == plaintext {
		refusal.Advice = "oauth_signature is not the two secrets, each percent-encoded, joined by &"
	} else {
		refusal.Advice += "; debug_base_string is what should have been signed"
		refusal.BaseString = q.expectedBaseString()
	}
	if len(q.params.query)+len(q.params.body) > maxDiagnosed {
		return refusal
	}
	right := attempt{method: strings.ToUpper(q.message.method), scheme: q.scheme, authority: q.authority, path: q.path,
		query: q.params.query, header: q.params.header, body: q.params.body, clientSecret: q.client.secret, tokenSecret: q.secret,
		given: q.value("oauth_signature"), key: sharedSecret, normalize: normalize}
	for _, m := range mistakes {
		wrong := right
		m.make(q, &wrong)
		if wrong.matches(q.method, public) {
			refusal.Cause = m.cause
			return refusal
		}
	}
	return refusal
}

func (a *attempt) matches(m signatureMethod, public *rsa.PublicKey) bool {
	params := slices.Concat(a.query, a.header, a.body)
	params = slices.DeleteFunc(params, func(p Parameter) bool { return p.Name == "oauth_signature" })
	base := escape(a.method) + "&" + escape(baseStringURI(a.scheme, a.authority, a.path)) + "&" + escape(a.normalize(params))
	return m.verify(base, a.key(a.clientSecret, a.tokenSecret), public, a.given)
}

// expectedBaseString is the base string for a person's eyes: a password in it is masked.
func (q *request) expectedBaseString() string {
	params := q.params.signed()
	for i := range params {
		if params[i].Name == "x_auth_password" {
			params[i].Value = "****"
		}
	}
	return baseString(q.message.method, baseStringURI(q.scheme, q.authority, q.path), params)
}
