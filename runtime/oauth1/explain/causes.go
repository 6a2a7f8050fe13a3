package explain

import (
	"bytes"
	"crypto/hmac"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"slices"
	"strings"

	"github.com/imlc-lang/imlc/internal/media"
	"github.com/imlc-lang/imlc/runtime/oauth1"
	"github.com/imlc-lang/imlc/runtime/uri"
)

// Cause is a likely reason why two signatures differ.
type Cause struct {
	// ID is a stable short name, such as "default-port-written".
	ID string
	// Pitfall is the number in the pitfalls table of spec/oauth1.md, 1 to 32; 0 for a cause that is not in it.
	Pitfall int
	// Name says the mistake in a few words.
	Name string
	// Advice says what to do.
	Advice string
	// Certain is true when the mistake, applied to this request, reproduces the foreign signature or base string
	// exactly.
	Certain bool
}

// mistake is a cause that can be tried out.
type mistake struct {
	Cause
	set func(*quirks)
	// keyOnly is true when it does not show in the base string.
	keyOnly bool
	// when, if not nil, says whether this name for the mistake fits the request.
	when func(*derivation) bool
	// lesserName is true when it is named only where no mistake before it has the same effect.
	lesserName bool
	// alone is true when it is not tried together with another.
	alone bool
}

// combines reports whether several mistakes of this kind are made with one request.
func (c mistake) combines() bool {
	return c.ID == "parameter-not-signed" || c.ID == "parameter-signed-not-sent"
}

func exactForm(d *derivation) bool { return d.request.ContentType == media.Form }
func isPost(d *derivation) bool    { return strings.EqualFold(d.request.Method, "POST") }
func hasToken(d *derivation) bool {
	token, _ := uri.Lookup(d.protocol, "oauth_token")
	return token != ""
}

// m makes a mistake of the base string.
func m(id string, pitfall int, name, advice string, set func(*quirks)) mistake {
	return mistake{Cause: Cause{ID: id, Pitfall: pitfall, Name: name, Advice: advice}, set: set}
}

// k makes a mistake of the key or of the signature text.
func k(id string, pitfall int, name, advice string, set func(*quirks)) mistake {
	c := m(id, pitfall, name, advice, set)
	c.keyOnly = true
	return c
}

func (c mistake) only(when func(*derivation) bool) mistake {
	c.when = when
	return c
}

func (c mistake) lesser(lesser bool) mistake {
	c.lesserName = lesser
	return c
}

func (c mistake) single() mistake {
	c.alone = true
	return c
}

// mistakes lists those that may be made with a request by how often they are met; of two that explain the same result
// the earlier is named first.
func mistakes(d *derivation) []mistake {
	return slices.Concat(generalMistakes(), encodingMistakes(d), omissions(d), additions(d), rewrites(d), wholeMistakes(d), keyMistakes(), secretMistakes())
}

// generalMistakes are those that are the same for every request.
func generalMistakes() []mistake { return append(requestMistakes(), parameterMistakes()...) }

func requestMistakes() []mistake {
	return []mistake{
		m("default-port-written", 1, "default port kept", "leave port 80 of http and 443 of https out of the base string URI", func(q *quirks) { q.defaultPortWritten = true }),
		m("port-stripped-for-wrong-scheme", 1, "port stripped that is not the default of this scheme", "strip 80 for http only and 443 for https only", func(q *quirks) { q.stripEitherPort = true }),
		m("port-stripped", 1, "port left out", "keep a port that is not the default of the scheme", func(q *quirks) { q.stripAllPorts = true }),
		m("wrong-scheme", 0, "http signed for https, or the other way round", "sign the scheme of the request as the client sent it; behind a proxy trust its forwarded scheme", func(q *quirks) { q.swapScheme = true }),
		m("host-case-kept", 2, "scheme or host not in lower case", "lower-case scheme and host, but not the path", func(q *quirks) { q.keepHostCase = true }),
		m("path-lower-cased", 2, "path in lower case", "keep the case of the path", func(q *quirks) { q.lowerPath = true }),
		m("ipv6-brackets-dropped", 3, "IPv6 brackets dropped", "keep the brackets around an IPv6 address", func(q *quirks) { q.dropBrackets = true }),
		m("empty-path-without-slash", 4, "empty path without slash", "an empty path is signed as /", func(q *quirks) { q.emptyPathBare = true }),
		m("path-decoded", 5, "path decoded before signing", "sign the path bytes of the request line", func(q *quirks) { q.decodePath = true }),
		m("path-escapes-upper-cased", 5, "escapes of the path rewritten in capitals", "sign the path bytes of the request line", func(q *quirks) { q.upperPathHex = true }),
		m("path-escapes-lower-cased", 5, "escapes of the path rewritten in small letters", "sign the path bytes of the request line", func(q *quirks) { q.lowerPathHex = true }).lesser(true),
		m("path-cut-at-semicolon", 5, "path cut at ;", "sign the whole path: ; is an ordinary character of it", func(q *quirks) { q.cutSemicolon = true }),
		m("path-and-query-cut-at-semicolon", 5, "path and query cut at ;", "sign the whole path and the query: ; is an ordinary character of both", func(q *quirks) { q.cutSemicolon = true; q.noQuery = true }).only(func(d *derivation) bool { return strings.Contains(pathOf(d.request.URL), ";") }),
		m("path-parameters-dropped", 5, "parameters of the path (;name=value) dropped", "sign the path bytes of the request line", func(q *quirks) { q.dropPathParams = true }).lesser(true),
		m("path-encoded-twice", 5, "path percent-encoded once too often", "sign the path bytes of the request line", func(q *quirks) { q.encodePath = true }),
		m("dot-segments-resolved", 5, "dot segments of the path resolved", "sign the path bytes of the request line", func(q *quirks) { q.resolveDots = true }),
		m("trailing-slash-dropped", 5, "trailing slash dropped", "sign the path bytes of the request line", func(q *quirks) { q.dropTrailingSlash = true }),
		m("trailing-slash-added", 5, "trailing slash added", "sign the path bytes of the request line", func(q *quirks) { q.addTrailingSlash = true }),
		m("host-header-ignored", 6, "Host header ignored", "sign the host of the Host header, not that of the URL", func(q *quirks) { q.ignoreHostHeader = true }),
		m("query-in-base-uri", 28, "query left in the base string URI", "cut the query from the URI and sign it with the parameters", func(q *quirks) { q.queryInURI = true; q.noQuery = true }),
		m("query-signed-twice", 28, "query in the base string URI and in the parameters", "cut the query from the URI", func(q *quirks) { q.queryInURI = true }),
		m("fragment-in-base-uri", 28, "fragment left in the base string URI", "cut the fragment", func(q *quirks) { q.fragmentIn = true }),
		m("user-info-in-base-uri", 6, "user name and password left in the base string URI", "use host and port only", func(q *quirks) { q.userInfoInURI = true }),
		m("method-case-kept", 0, "method not in upper case", "upper-case the method", func(q *quirks) { q.methodAsGiven = true }),
		otherMethod("GET"), otherMethod("POST"), otherMethod("PUT"), otherMethod("PATCH").single(), otherMethod("DELETE").single(), otherMethod("HEAD").single(),
		m("method-lower-cased", 0, "method in lower case", "upper-case the method", func(q *quirks) { q.methodLower = true }),
		m("other-host", 6, "another host was signed: without www.", "sign the host to which the request goes in the end; a redirect needs a new signature", func(q *quirks) { q.host = func(u *uri.Parts) { u.Host = strings.TrimPrefix(u.Host, "www.") } }),
		m("other-host", 6, "another host was signed: with www.", "sign the host to which the request goes in the end; a redirect needs a new signature", func(q *quirks) { q.host = func(u *uri.Parts) { u.Host = "www." + u.Host } }),
		m("query-missing", 17, "query not signed", "sign the query for every method", func(q *quirks) { q.noQuery = true }).only(func(d *derivation) bool { return !d.repeats(oauth1.OriginQuery) }),
		m("repeated-pairs-signed-once", 0, "pairs that stand in the header and in the query signed once", "sign every pair that is sent, or leave it out of the header", func(q *quirks) { q.noQuery = true }).only(func(d *derivation) bool { return d.repeats(oauth1.OriginQuery) }),
		m("repeated-pairs-signed-once", 0, "pairs that stand in the header and in the form signed once", "sign every pair that is sent, or leave it out of the header", func(q *quirks) { q.noBody = true }).only(func(d *derivation) bool { return d.repeats(oauth1.OriginBody) }),
		m("form-type-not-recognised", 15, "missing form body: content type compared exactly", "compare the media type without case and parameters", func(q *quirks) { q.noBody = true }).only(func(d *derivation) bool { return !exactForm(d) && !d.repeats(oauth1.OriginBody) }),
		m("form-body-missing-for-method", 17, "missing form body: only POST considered", "sign a form body for every method", func(q *quirks) { q.noBody = true }).only(func(d *derivation) bool { return exactForm(d) && !isPost(d) && !d.repeats(oauth1.OriginBody) }),
		m("form-body-missing", 17, "missing form body", "sign the pairs of a form-encoded body", func(q *quirks) { q.noBody = true }).only(func(d *derivation) bool { return exactForm(d) && isPost(d) && !d.repeats(oauth1.OriginBody) }),
		m("multipart-fields-signed", 16, "fields of a multipart body signed", "sign no body but form-encoded ones", func(q *quirks) { q.multipartFields = true }),
		m("multipart-fields-signed", 16, "fields and file names of a multipart body signed", "sign no body but form-encoded ones", func(q *quirks) { q.multipartFields = true; q.multipartFiles = true }).lesser(true),
		m("json-fields-signed", 16, "fields of a JSON body signed", "sign no body but form-encoded ones", func(q *quirks) { q.jsonFields = true }),
		m("body-signed", 16, "body signed though it is no form", "sign no body but form-encoded ones", func(q *quirks) { q.bodyAnyway = true }),
	}
}

func parameterMistakes() []mistake {
	return []mistake{
		m("duplicates-dropped-keep-last", 7, "duplicate parameters dropped, last kept", "sign every pair, sorted by name and value", func(q *quirks) { q.keepLast = true }),
		m("duplicates-dropped-keep-first", 7, "duplicate parameters dropped, first kept", "sign every pair, sorted by name and value", func(q *quirks) { q.keepFirst = true }),
		m("duplicates-not-sorted-by-value", 7, "duplicates not sorted by value", "sort equal names by their encoded values", func(q *quirks) { q.sortNameOnly = true }),
		m("duplicates-indexed", 7, "duplicate names turned into array indices", "sign names exactly as sent", func(q *quirks) { q.indexArrays = true }),
		m("query-wins-over-body", 8, "parameter dropped that is in query and body", "sign the pairs of both", func(q *quirks) { q.queryWins = true }),
		m("body-wins-over-query", 8, "parameter dropped that is in query and body", "sign the pairs of both", func(q *quirks) { q.bodyWins = true }).lesser(true),
		m("pairs-signed-twice", 7, "every pair of the query signed twice", "sign each pair once", func(q *quirks) { q.twiceQuery = true }),
		m("pairs-signed-twice", 7, "every pair of the form signed twice", "sign each pair once", func(q *quirks) { q.twiceBody = true }),
		m("pairs-signed-twice", 7, "every pair of query and form signed twice", "sign each pair once", func(q *quirks) { q.twiceQuery = true; q.twiceBody = true }).lesser(true),
		m("pairs-signed-twice", 7, "every oauth parameter signed twice", "sign each pair once", func(q *quirks) { q.twiceProtocol = true }),
		m("pairs-signed-twice", 7, "every pair signed twice", "sign each pair once", func(q *quirks) { q.twiceQuery = true; q.twiceBody = true; q.twiceProtocol = true }).lesser(true),
		m("empty-pair-added", 7, "an empty pair added", "skip empty segments", func(q *quirks) { q.emptyPair = true }),
		m("valueless-dropped", 9, "parameter without = dropped", "a name without = has an empty value", func(q *quirks) { q.dropValueless = true }),
		m("empty-value-dropped", 9, "parameter with empty value dropped", "sign empty values too", func(q *quirks) { q.dropEmpty = true }),
		m("nameless-dropped", 9, "parameter with empty name dropped", "keep a pair with an empty name", func(q *quirks) { q.dropNameless = true }),
		m("plus-not-decoded", 10, "+ in query or form taken as a plus, not a space", "decode + as a space", func(q *quirks) { q.plusKept = true }),
		m("double-encoding", 11, "double encoding: parameters not decoded before they are encoded", "decode each name and value exactly once", func(q *quirks) { q.noDecode = true }),
		m("names-not-decoded", 11, "names not decoded", "decode names like values", func(q *quirks) { q.nameRaw = true }),
		m("decoded-twice", 11, "parameters decoded twice", "decode each name and value exactly once", func(q *quirks) { q.decodeTwice = true }),
		m("semicolon-splits", 13, "; taken as a separator", "split at & only", func(q *quirks) { q.splitSemicolon = true }),
		m("malformed-dropped", 13, "pair with ; or a malformed escape dropped", "keep it: both are data", func(q *quirks) { q.dropMalformed = true }),
		m("realm-signed", 18, "realm signed", "leave the realm out of the base string", func(q *quirks) { q.signRealm = true }),
		m("version-1.0A", 19, "oauth_version signed as 1.0A", "send and sign 1.0, or leave it out", func(q *quirks) { q.versionA = true }),
		m("version-signed-not-sent", 19, "oauth_version signed but not sent", "sign exactly what is sent", func(q *quirks) { q.versionAdded = true }),
		m("empty-token-signed-not-sent", 19, "empty oauth_token signed but not sent", "sign exactly what is sent", func(q *quirks) { q.tokenAdded = true }),
		m("protocol-decoded-twice", 21, "oauth_* values decoded twice", "decode header values exactly once", func(q *quirks) { q.protocolTwice = true }),
		m("protocol-encoded-twice", 32, "oauth_* values (callback, verifier, token) encoded once too often", "encode each value once in the list and once with the list", func(q *quirks) { q.protocolRaw = true }),
		m("timestamp-in-milliseconds", 0, "timestamp signed in milliseconds", "sign the timestamp that is sent, in whole seconds since 1970", func(q *quirks) { q.millis = true }),
		m("zero-signed-as-empty", 22, "0 or false signed as empty", "turn values into text before testing them", func(q *quirks) { q.zeroEmpty = true }),
		m("non-utf8-replaced", 30, "bytes that are no UTF-8 replaced", "keep bytes as bytes", func(q *quirks) { q.lossyUTF8 = true }),
		m("brackets-parsed", 31, "bracketed names parsed into objects", "sign names exactly as sent", func(q *quirks) { q.nestedObjects = true }),
		m("body-hash-of-hex", 0, "body hash made of the hex text of the hash", "encode the bytes of the hash in base64", func(q *quirks) { q.hashHex = true }),
	}
}

func keyMistakes() []mistake {
	return []mistake{
		k("token-secret-missing", 20, "token secret missing in the key", "the key is the consumer secret, &, the token secret", func(q *quirks) { q.noTokenSecret = true }).only(hasToken),
		k("token-absent", 20, "signed without a token: the header has no oauth_token either", "send oauth_token, and sign with its secret", func(q *quirks) { q.noTokenSecret = true }).only(func(d *derivation) bool { return !hasToken(d) }),
		k("secrets-not-encoded", 20, "secrets not encoded in the key", "percent-encode both secrets before joining them", func(q *quirks) { q.rawSecrets = true }),
		k("ampersand-missing", 20, "& missing in the key", "the & stays when the token secret is empty", func(q *quirks) { q.noAmpersand = true }),
		k("token-secret-and-ampersand-missing", 20, "key is the consumer secret alone", "the key is the consumer secret, &, the token secret", func(q *quirks) { q.noTokenSecret = true; q.noAmpersand = true }),
		k("wrong-secret-order", 20, "wrong secret order in the key", "the consumer secret comes first", func(q *quirks) { q.swapSecrets = true }),
		k("token-used-as-secret", 20, "token used in place of its secret", "use the token secret in the key", func(q *quirks) { q.tokenAsSecret = true }).only(hasToken),
		k("consumer-key-used-as-secret", 20, "consumer key used in place of its secret", "use the consumer secret in the key", func(q *quirks) { q.keyAsSecret = true }),
		k("consumer-secret-missing", 20, "consumer secret missing in the key", "the key begins with the consumer secret", func(q *quirks) { q.noConsumerSecret = true }),
		k("other-hash", 0, "SHA-1 used under another method's name", "use the hash that oauth_signature_method names", func(q *quirks) { q.hashName = "sha1" }),
		k("other-hash", 0, "SHA-256 used under another method's name", "use the hash that oauth_signature_method names", func(q *quirks) { q.hashName = "sha256" }),
		k("other-hash", 0, "SHA-512 used under another method's name", "use the hash that oauth_signature_method names", func(q *quirks) { q.hashName = "sha512" }),
		k("other-hash", 0, "MD5 used under another method's name", "use the hash that oauth_signature_method names", func(q *quirks) { q.hashName = "md5" }).single(),
		digest("SHA hash of base string and key, without HMAC", func(key, base string) string { return base + key }),
		digest("SHA hash of key and base string, without HMAC", func(key, base string) string { return key + base }),
		digest("SHA hash of base string, & and key, without HMAC", func(key, base string) string { return base + "&" + key }),
		digest("SHA hash of the base string, without key", func(_, base string) string { return base }),
		k("key-and-text-swapped", 20, "key and base string swapped in HMAC", "the key is made of the secrets, the text is the base string", func(q *quirks) {
			q.digest = func(hash func() hash.Hash, key, base string) []byte {
				mac := hmac.New(hash, []byte(base))
				mac.Write([]byte(key))
				return mac.Sum(nil)
			}
		}).single(),
		key("secrets joined with +", func(s string) string { return strings.Replace(s, "&", "+", 1) }),
		key("secrets joined without anything between them", func(s string) string { return strings.Replace(s, "&", "", 1) }),
		key("& encoded in the key", func(s string) string { return strings.Replace(s, "&", "%26", 1) }),
		key("key encoded once more as a whole", uri.Encode),
		key("& at the end of the key", func(s string) string { return s + "&" }),
		key("key encoded in base64", func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }),
		key("key in small letters", strings.ToLower),
		key("escapes of the key in small letters", func(s string) string { return recased(s, bytes.ToLower) }),
		key("key made as UTF-16", utf16Text),
		text("in hex, in capitals", func(q *quirks) { q.hexSignature, q.text = true, strings.ToUpper }),
		text("with a line break at its end", func(q *quirks) { q.text = func(s string) string { return s + "\n" } }),
		text("with a line break (CRLF) at its end", func(q *quirks) { q.text = func(s string) string { return s + "\r\n" } }),
		text("encoded in base64 twice", func(q *quirks) {
			q.text = func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
		}),
		text("whose bytes were taken for text and encoded as UTF-8", func(q *quirks) { q.text = bytesAsUTF8 }),
		text("in small letters", func(q *quirks) { q.text = strings.ToLower }),
		k("signature-in-hex", 0, "signature in hex", "encode the bytes of the signature in base64", func(q *quirks) { q.hexSignature = true }),
		k("signature-base64-of-hex", 0, "base64 of the hex text of the signature", "encode the bytes of the signature: PHP's hash_hmac needs true as its last argument", func(q *quirks) { q.base64OfHex = true }),
		k("signature-unpadded", 0, "base64 of the signature without padding", "keep the = at the end", func(q *quirks) { q.unpadded = true }),
		k("signature-url-safe", 0, "url-safe base64 alphabet", "use the standard alphabet with + and /", func(q *quirks) { q.urlSafe = true }),
	}
}

// digest is the mistake of hashing key and text instead of HMAC, a key that of joining the secrets otherwise, and a text
// that of writing the signature otherwise. They are tried alone.
func digest(name string, joined func(key, base string) string) mistake {
	return k("hash-without-hmac", 0, name, "use HMAC (RFC 2104) with the key", func(q *quirks) {
		q.digest = func(hash func() hash.Hash, key, base string) []byte {
			h := hash()
			h.Write([]byte(joined(key, base)))
			return h.Sum(nil)
		}
	}).single()
}

func key(name string, change func(string) string) mistake {
	return k("key-joined-otherwise", 20, name, "the key is the encoded consumer secret, &, the encoded token secret", func(q *quirks) { q.key = change }).single()
}

func text(name string, set func(*quirks)) mistake {
	return k("signature-written-otherwise", 0, "signature "+name, "encode the bytes of the signature in base64 once, and nothing else", set).single()
}

// bytesAsUTF8 is base64 of the bytes of a signature that were taken for letters of ISO 8859-1 and written as UTF-8.
func bytesAsUTF8(signature string) string {
	raw, err := base64.StdEncoding.DecodeString(signature)
	if err != nil {
		return signature
	}
	return base64.StdEncoding.EncodeToString([]byte(bytesAsText(string(raw))))
}

// secretMistakes are those of secrets that were copied or stored badly.
func secretMistakes() []mistake {
	type change struct {
		name, advice string
		change       func(string) string
	}
	around := func(before, after string) func(string) string {
		return func(s string) string { return before + s + after }
	}
	decoded := func(decode func(string) ([]byte, error)) func(string) string {
		return func(s string) string {
			if b, err := decode(s); err == nil {
				return string(b)
			}
			return s
		}
	}
	const trim = "trim the secret when it is read"
	var ms []mistake
	for _, c := range []change{
		{"with a line break at its end", trim, around("", "\n")},
		{"with a line break (CRLF) at its end", trim, around("", "\r\n")},
		{"with a blank at its end", trim, around("", " ")},
		{"with a blank at its start", trim, around(" ", "")},
		{"with a tab at its end", trim, around("", "\t")},
		{"with a line break at its start", trim, around("\n", "")},
		{"with blanks around it", trim, around(" ", " ")},
		{"with a byte order mark at its start", trim, around("\ufeff", "")},
		{"in quotation marks", "take the quotation marks off", around(`"`, `"`)},
		{"in apostrophes", "take the apostrophes off", around("'", "'")},
		{"without the white space at its ends", "one side holds white space that is not part of the secret", strings.TrimSpace},
		{"percent-encoded twice", "encode each secret once for the key", uri.Encode},
		{"percent-decoded", "take the secret as it was issued", uri.Decode},
		{"in small letters", "take the secret as it was issued", strings.ToLower},
		{"in capitals", "take the secret as it was issued", strings.ToUpper},
		{"decoded from base64", "take the secret as text", decoded(base64.StdEncoding.DecodeString)},
		{"decoded from hex", "take the secret as text", decoded(hex.DecodeString)},
	} {
		ms = append(ms,
			k("consumer-secret-changed", 20, "consumer secret "+c.name, c.advice, func(q *quirks) { q.consumerSecret = c.change }).single(),
			k("token-secret-changed", 20, "token secret "+c.name, c.advice, func(q *quirks) { q.tokenSecret = c.change }).single(),
			k("secrets-changed", 20, "both secrets "+c.name, c.advice, func(q *quirks) { q.consumerSecret, q.tokenSecret = c.change, c.change }).single())
	}
	return ms
}

// String returns the name and the advice.
func (c Cause) String() string { return c.Name + ": " + c.Advice }
