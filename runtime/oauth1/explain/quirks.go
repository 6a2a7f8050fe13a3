package explain

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/imlc-lang/imlc/runtime/oauth1"
	"github.com/imlc-lang/imlc/runtime/uri"
)

// quirks are the mistakes that signers make, one switch each: applying one to a request shows what a signer with that
// mistake would sign. Without any switch the result is that of the plain path.
type quirks struct {
	methodAsGiven, methodLower bool

	swapScheme, defaultPortWritten, stripEitherPort, stripAllPorts, keepHostCase, lowerPath      bool
	dropBrackets, emptyPathBare, decodePath, upperPathHex, encodePath, resolveDots               bool
	ignoreHostHeader, dropTrailingSlash, addTrailingSlash, queryInURI, userInfoInURI, fragmentIn bool

	noQuery, noBody, bodyAnyway, jsonFields                                  bool
	plusKept, noDecode, nameRaw, decodeTwice, splitSemicolon, dropMalformed  bool
	dropValueless, dropEmpty, lossyUTF8, zeroEmpty, keepFirst, keepLast      bool
	queryWins, bodyWins, indexArrays, nestedObjects, emptyPair, dropNameless bool

	protocolTwice, protocolRaw, signRealm, versionA, versionAdded, tokenAdded, millis bool
	hashHex                                                                           bool
	omit                                                                              string

	encodeTilde, keepSubDelims, plusForSpace, lowerHex, innerOnce, uriRaw bool
	sortDecoded, sortJoined, unsorted, sortFolded, sortNameOnly           bool

	rawSecrets, quirkyKey, swapSecrets, noAmpersand, noTokenSecret, noConsumerSecret, tokenAsSecret bool
	hash                                                                                            string
	hexSignature, unpadded, urlSafe                                                                 bool
}

// base returns the base string that a signer with these mistakes makes; "" when the URL cannot be read.
func (q *quirks) base(d *derivation) string {
	req := d.request
	if q.ignoreHostHeader {
		req.Host = ""
	}
	switch {
	case q.noBody:
		req.SignBody = oauth1.SignBodyNever
	case q.bodyAnyway:
		req.SignBody = oauth1.SignBodyAlways
	}
	rules := oauth1.Rules{
		Method: func(method string) string { return q.method(method, req.Method) },
		URI:    q.uri, Form: q.form, Encode: q.encode, Compare: q.order(),
		Params: func(params []oauth1.Param) []oauth1.Param { return q.params(params, d) },
	}
	base, err := rules.BaseString(&req, q.protocol(d))
	if err != nil {
		return ""
	}
	return base
}

func (q *quirks) method(upper, given string) string {
	switch {
	case q.methodAsGiven:
		return given
	case q.methodLower:
		return uri.Lower(upper)
	}
	return upper
}

// encode is RFC 5849 §3.6 with mistakes.
func (q *quirks) encode(s string, place oauth1.Place) string {
	switch {
	case place == oauth1.PlaceURI && q.uriRaw, place == oauth1.PlaceParams && q.innerOnce:
		return s
	case !q.encodesWrongly():
		return uri.Encode(s)
	}
	b := make([]byte, 0, len(s)+16)
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '~' && q.encodeTilde, !uri.Unreserved(c) && !(q.keepSubDelims && strings.IndexByte("!*'()", c) >= 0):
			if c == ' ' && q.plusForSpace {
				b = append(b, '+')
				continue
			}
			from := len(b)
			if b = uri.AppendEscape(b, c); q.lowerHex {
				copy(b[from:], bytes.ToLower(b[from:]))
			}
		default:
			b = append(b, c)
		}
	}
	return string(b)
}

// encodesWrongly reports whether one of the mistakes is in percent-encoding itself.
func (q *quirks) encodesWrongly() bool {
	return q.encodeTilde || q.keepSubDelims || q.plusForSpace || q.lowerHex
}

// uri puts mistakes into the base string URI.
func (q *quirks) uri(c, given uri.Parts) uri.Parts {
	if q.swapScheme {
		c.Scheme = map[string]string{"http": "https", "https": "http"}[c.Scheme]
	}
	if q.keepHostCase {
		c.Host = given.Host
	}
	if q.dropBrackets {
		c.Host = strings.Trim(c.Host, "[]")
	}
	c.Port = q.port(c.Scheme, given.Port)
	c.Path = q.path(c.Path)
	c.User, c.HasUser = given.User, given.HasUser && q.userInfoInURI
	c.Query, c.HasQuery = given.Query, given.HasQuery && q.queryInURI
	if q.fragmentIn {
		c.Fragment = given.Fragment
	}
	return c
}

func (q *quirks) port(scheme, port string) string {
	standard := uri.DefaultPort(scheme)
	switch {
	case q.stripAllPorts:
		return ""
	case q.defaultPortWritten && (port == "" || port == standard):
		return standard
	case uri.ImpliesPort(scheme, port), q.stripEitherPort && (port == "80" || port == "443"):
		return ""
	}
	return port
}

func (q *quirks) path(path string) string {
	if q.emptyPathBare && path == "/" {
		path = ""
	}
	if q.lowerPath {
		path = uri.Lower(path)
	}
	if q.decodePath {
		path = uri.Decode(path)
	}
	if q.encodePath {
		path = strings.ReplaceAll(path, "%", "%25")
	}
	if q.upperPathHex {
		path = upperEscapes(path)
	}
	if q.resolveDots {
		path = resolveDots(path)
	}
	if q.dropTrailingSlash && len(path) > 1 {
		path = strings.TrimSuffix(path, "/")
	}
	if q.addTrailingSlash && !strings.HasSuffix(path, "/") {
		path += "/"
	}
	return path
}

func upperEscapes(path string) string {
	b := []byte(path)
	for i := range b {
		if b[i] == '%' {
			if _, ok := uri.EscapeAt(b, i); ok {
				copy(b[i+1:i+3], bytes.ToUpper(b[i+1:i+3]))
			}
		}
	}
	return string(b)
}

// resolveDots removes dot segments as browsers do.
func resolveDots(path string) string {
	var kept []string
	segments := strings.Split(path, "/")
	for i, s := range segments {
		last := i == len(segments)-1
		switch {
		case s == "." || s == "..":
			if s == ".." && len(kept) > 1 {
				kept = kept[:len(kept)-1]
			}
			if last {
				kept = append(kept, "")
			}
		default:
			kept = append(kept, s)
		}
	}
	return strings.Join(kept, "/")
}

// form rewrites a query or form so that reading it rightly gives what a signer with these mistakes reads in it.
func (q *quirks) form(text string, origin oauth1.Origin) string {
	if q.noQuery && origin == oauth1.OriginQuery {
		return ""
	}
	if q.splitSemicolon {
		text = strings.ReplaceAll(text, ";", "&")
	}
	var kept []uri.Pair
	for _, segment := range strings.Split(text, "&") {
		name, value, hasValue := strings.Cut(segment, "=")
		switch {
		case segment == "",
			q.dropValueless && !hasValue, q.dropEmpty && value == "", q.dropNameless && name == "",
			q.dropMalformed && (hasMalformed(segment) || strings.Contains(segment, ";")):
			continue
		}
		p := uri.Pair{Name: q.decode(name), Value: q.decode(value)}
		if q.nameRaw {
			p.Name = name
		}
		kept = append(kept, p)
	}
	return uri.JoinPairs(kept)
}

func hasMalformed(s string) bool {
	for i := 0; i < len(s); i++ {
		if _, ok := uri.EscapeAt(s, i); s[i] == '%' && !ok {
			return true
		}
	}
	return false
}

func (q *quirks) decode(s string) string {
	switch {
	case q.noDecode:
		return s
	case q.plusKept:
		s = uri.Decode(s)
	default:
		s = uri.DecodeForm(s)
	}
	if q.decodeTwice {
		s = uri.DecodeForm(s)
	}
	if q.lossyUTF8 && !utf8.ValidString(s) {
		s = string([]rune(s)) // each bad byte becomes U+FFFD, as in text types
	}
	if q.zeroEmpty && (s == "0" || s == "false") {
		s = ""
	}
	return s
}

// params puts mistakes into the list of parameters, whose last ones are those of the protocol.
func (q *quirks) params(all []oauth1.Param, d *derivation) []oauth1.Param {
	own, hasBody := len(all), false
	for i, p := range all {
		if p.Origin == oauth1.OriginProtocol {
			own = i
			break
		}
		hasBody = hasBody || p.Origin == oauth1.OriginBody
	}
	protocol, params := all[own:], slices.Clone(all[:own])
	if q.jsonFields && !hasBody {
		params = append(params, jsonParams(d.request.Body)...)
	}
	params = append(q.reduce(params), protocol...)
	params = slices.DeleteFunc(params, func(p oauth1.Param) bool { return q.omit != "" && p.Name == q.omit })
	if q.emptyPair {
		params = append(params, oauth1.Param{})
	}
	return params
}

// reduce applies the mistakes about repeated names.
func (q *quirks) reduce(ps []oauth1.Param) []oauth1.Param {
	sources := map[string]oauth1.Origin{}
	count, index := map[string]int{}, map[string]int{}
	for _, p := range ps {
		count[p.Name]++
		if q.queryWins && p.Origin == oauth1.OriginQuery || q.bodyWins && p.Origin == oauth1.OriginBody {
			sources[p.Name] = p.Origin
		}
	}
	var kept []oauth1.Param
	for _, p := range ps {
		index[p.Name]++
		if wins, ok := sources[p.Name]; ok && p.Origin != wins {
			continue
		}
		if q.keepFirst && index[p.Name] > 1 || q.keepLast && index[p.Name] < count[p.Name] {
			continue
		}
		if q.indexArrays && count[p.Name] > 1 {
			p.Name = fmt.Sprintf("%s[%d]", p.Name, index[p.Name]-1)
		}
		if name, _, ok := strings.Cut(p.Name, "["); q.nestedObjects && ok {
			p.Name, p.Value = name, "[object Object]"
		}
		kept = append(kept, p)
	}
	return kept
}

func (q *quirks) protocol(d *derivation) []uri.Pair {
	var ps []uri.Pair
	for _, p := range d.protocol {
		switch {
		case q.protocolTwice:
			p.Value = uri.DecodeForm(p.Value)
		case q.protocolRaw:
			p.Value = uri.Encode(p.Value)
		}
		if q.versionA && p.Name == "oauth_version" {
			p.Value = "1.0A"
		}
		if q.millis && p.Name == "oauth_timestamp" {
			p.Value += "000"
		}
		if q.hashHex && p.Name == "oauth_body_hash" {
			p.Value = hexBodyHash(&d.request, p.Value)
		}
		ps = append(ps, p)
	}
	has := func(name string) bool { _, ok := uri.Lookup(d.protocol, name); return ok }
	if q.signRealm && d.hasRealm {
		ps = append(ps, uri.Pair{Name: "realm", Value: d.realm})
	}
	if q.versionAdded && !has("oauth_version") {
		ps = append(ps, uri.Pair{Name: "oauth_version", Value: "1.0"})
	}
	if q.tokenAdded && !has("oauth_token") {
		ps = append(ps, uri.Pair{Name: "oauth_token"})
	}
	return ps
}

// jsonParams are the top-level fields of a JSON body.
func jsonParams(body []byte) []oauth1.Param {
	var fields map[string]any
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	if d.Decode(&fields) != nil {
		return nil
	}
	var ps []oauth1.Param
	for name, value := range fields {
		s, ok := value.(string)
		if !ok {
			text, err := json.Marshal(value)
			if err != nil {
				continue
			}
			s = string(text)
		}
		ps = append(ps, oauth1.Param{Pair: uri.Pair{Name: name, Value: s}, Origin: oauth1.OriginBody})
	}
	return ps
}

// order returns the order of a signer with these mistakes, nil for the right one.
func (q *quirks) order() func(a, b oauth1.Param) int {
	joined := func(p oauth1.Param) string { return p.EncodedName + "=" + p.EncodedValue }
	folded := func(p oauth1.Param) string { return uri.Lower(p.EncodedName + "\x00" + p.EncodedValue) }
	switch {
	case q.unsorted:
		return func(_, _ oauth1.Param) int { return 0 }
	case q.sortJoined:
		return func(a, b oauth1.Param) int { return cmp.Compare(joined(a), joined(b)) }
	case q.sortDecoded:
		return func(a, b oauth1.Param) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Value, b.Value)) }
	case q.sortFolded:
		return func(a, b oauth1.Param) int { return cmp.Compare(folded(a), folded(b)) }
	case q.sortNameOnly:
		return func(a, b oauth1.Param) int { return cmp.Compare(a.EncodedName, b.EncodedName) }
	}
	return nil
}
