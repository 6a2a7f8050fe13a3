package oauth1

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// quirks are the mistakes that signers make, one switch each: applying one to a
// request shows what a signer with that mistake would sign. Without any switch
// the result is that of the plain path.
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

// encode is RFC 5849 §3.6 with mistakes.
func (q *quirks) encode(s string) string {
	hex := upperHex
	if q.lowerHex {
		hex = "0123456789abcdef"
	}
	b := make([]byte, 0, len(s)+16)
	for i := 0; i < len(s); i++ {
		c := s[i]
		keep := unreserved[c] && !(c == '~' && q.encodeTilde)
		keep = keep || q.keepSubDelims && strings.IndexByte("!*'()", c) >= 0
		switch {
		case keep:
			b = append(b, c)
		case c == ' ' && q.plusForSpace:
			b = append(b, '+')
		default:
			b = append(b, '%', hex[c>>4], hex[c&15])
		}
	}
	return string(b)
}

// base returns the base string that a signer with these mistakes makes; ""
// when the URL cannot be read.
func (q *quirks) base(d *derivation) string {
	u, err := splitURL(d.request.URL)
	if err != nil {
		return ""
	}
	if !q.ignoreHostHeader {
		if u.withHost(d.request.Host) != nil {
			return ""
		}
	}
	method := upperASCII(d.request.Method)
	if q.methodAsGiven {
		method = d.request.Method
	}
	if q.methodLower {
		method = lowerASCII(method)
	}
	uri := q.uri(&u, d.request.URL)
	params := q.join(q.params(d, u.query))
	if !q.innerOnce {
		params = q.encode(params)
	}
	if !q.uriRaw {
		uri = q.encode(uri)
	}
	return q.encode(method) + "&" + uri + "&" + params
}

func (q *quirks) uri(u *urlParts, raw string) string {
	scheme, host := lowerASCII(u.scheme), lowerASCII(u.host)
	if q.swapScheme {
		scheme = map[string]string{"http": "https", "https": "http"}[scheme]
	}
	if q.keepHostCase {
		host = u.host
	}
	if q.dropBrackets {
		host = strings.Trim(host, "[]")
	}
	if q.userInfoInURI {
		if authority, _, _ := strings.Cut(raw[len(u.scheme)+3:], "/"); strings.Contains(authority, "@") {
			host = authority[:strings.LastIndexByte(authority, '@')+1] + host
		}
	}
	out := scheme + "://" + host + q.port(u, scheme) + q.path(u)
	if q.queryInURI && u.hasQuery {
		out += "?" + u.query
	}
	if _, fragment, ok := strings.Cut(raw, "#"); ok && q.fragmentIn {
		out += "#" + fragment
	}
	return out
}

func (q *quirks) port(u *urlParts, scheme string) string {
	standard := map[string]string{"http": "80", "https": "443"}[scheme]
	switch {
	case q.stripAllPorts:
		return ""
	case q.defaultPortWritten && (u.port == "" || u.port == standard):
		if standard == "" {
			return ""
		}
		return ":" + standard
	case defaultPort(scheme, u.port):
		return ""
	case q.stripEitherPort && (u.port == "80" || u.port == "443"):
		return ""
	}
	return ":" + u.port
}

func (q *quirks) path(u *urlParts) string {
	path := strings.ReplaceAll(u.path, " ", "%20")
	if path == "" && !q.emptyPathBare {
		path = "/"
	}
	if q.emptyPathBare && path == "/" {
		path = ""
	}
	if q.lowerPath {
		path = lowerASCII(path)
	}
	if q.decodePath {
		path = percentDecode(path)
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
			if _, ok := escapeAt(b, i); ok {
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

// params collects what a signer with these mistakes signs.
func (q *quirks) params(d *derivation, query string) []Param {
	var ps []Param
	if !q.noQuery {
		ps = append(ps, q.split(query, OriginQuery)...)
	}
	r := &d.request
	switch {
	case r.signsBody() && !q.noBody, q.bodyAnyway && !r.signsBody():
		ps = append(ps, q.split(string(r.Body), OriginBody)...)
	case q.jsonFields:
		ps = append(ps, jsonParams(r.Body)...)
	}
	ps = append(q.reduce(ps), q.protocol(d)...)
	kept := ps[:0]
	for _, p := range ps {
		if p.Name != "oauth_signature" && (q.omit == "" || p.Name != q.omit) {
			kept = append(kept, p)
		}
	}
	if q.emptyPair {
		kept = append(kept, Param{})
	}
	return kept
}

func (q *quirks) split(form string, origin Origin) []Param {
	if q.splitSemicolon {
		form = strings.ReplaceAll(form, ";", "&")
	}
	var ps []Param
	for _, segment := range strings.Split(form, "&") {
		name, value, hasValue := strings.Cut(segment, "=")
		switch {
		case segment == "",
			q.dropValueless && !hasValue, q.dropEmpty && value == "", q.dropNameless && name == "",
			q.dropMalformed && (hasMalformed(segment) || strings.Contains(segment, ";")):
			continue
		}
		p := Param{Name: q.decode(name), Value: q.decode(value), Origin: origin}
		if q.nameRaw {
			p.Name = name
		}
		ps = append(ps, p)
	}
	return ps
}

func hasMalformed(s string) bool {
	for i := 0; i < len(s); i++ {
		if _, ok := escapeAt(s, i); s[i] == '%' && !ok {
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
		s = percentDecode(s)
	default:
		s = unescape(s)
	}
	if q.decodeTwice {
		s = unescape(s)
	}
	if q.lossyUTF8 && !utf8.ValidString(s) {
		s = string([]rune(s)) // each bad byte becomes U+FFFD, as in text types
	}
	if q.zeroEmpty && (s == "0" || s == "false") {
		s = ""
	}
	return s
}

// reduce applies the mistakes about repeated names.
func (q *quirks) reduce(ps []Param) []Param {
	sources := map[string]Origin{}
	count, index := map[string]int{}, map[string]int{}
	for _, p := range ps {
		count[p.Name]++
		if q.queryWins && p.Origin == OriginQuery || q.bodyWins && p.Origin == OriginBody {
			sources[p.Name] = p.Origin
		}
	}
	var kept []Param
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
			p = Param{Name: name, Value: "[object Object]", Origin: p.Origin}
		}
		kept = append(kept, p)
	}
	return kept
}

func (q *quirks) protocol(d *derivation) []Param {
	var ps []Param
	for _, p := range d.protocol {
		switch {
		case q.protocolTwice:
			p.Value = unescape(p.Value)
		case q.protocolRaw:
			p.Value = Encode(p.Value)
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
	has := func(name string) bool {
		return slices.ContainsFunc(d.protocol, func(p Param) bool { return p.Name == name })
	}
	if q.signRealm && d.hasRealm {
		ps = append(ps, Param{Name: "realm", Value: d.realm})
	}
	if q.versionAdded && !has("oauth_version") {
		ps = append(ps, Param{Name: "oauth_version", Value: "1.0"})
	}
	if q.tokenAdded && !has("oauth_token") {
		ps = append(ps, Param{Name: "oauth_token"})
	}
	return ps
}

// jsonParams are the top-level fields of a JSON body.
func jsonParams(body []byte) []Param {
	var fields map[string]any
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	if d.Decode(&fields) != nil {
		return nil
	}
	var ps []Param
	for name, value := range fields {
		s, ok := value.(string)
		if !ok {
			text, err := json.Marshal(value)
			if err != nil {
				continue
			}
			s = string(text)
		}
		ps = append(ps, Param{Name: name, Value: s, Origin: OriginBody})
	}
	return ps
}

// join encodes, sorts and joins, with mistakes.
func (q *quirks) join(ps []Param) string {
	type pair struct{ raw, enc encodedPair }
	pairs := make([]pair, len(ps))
	for i, p := range ps {
		pairs[i] = pair{encodedPair{p.Name, p.Value}, encodedPair{q.encode(p.Name), q.encode(p.Value)}}
	}
	order := func(a, b pair) int {
		x, y := a.enc, b.enc
		switch {
		case q.unsorted:
			return 0
		case q.sortJoined:
			return cmp.Compare(x.name+"="+x.value, y.name+"="+y.value)
		case q.sortDecoded:
			x, y = a.raw, b.raw
		case q.sortFolded:
			return cmp.Compare(lowerASCII(x.name+"\x00"+x.value), lowerASCII(y.name+"\x00"+y.value))
		case q.sortNameOnly:
			return cmp.Compare(x.name, y.name)
		}
		return cmp.Or(cmp.Compare(x.name, y.name), cmp.Compare(x.value, y.value))
	}
	slices.SortStableFunc(pairs, order)
	encoded := make([]encodedPair, len(pairs))
	for i, p := range pairs {
		encoded[i] = p.enc
	}
	return joinPairs(encoded)
}
