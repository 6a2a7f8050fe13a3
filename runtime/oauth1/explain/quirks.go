package explain

import (
	"bytes"
	"cmp"
	"fmt"
	"hash"
	"maps"
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
	methodOther                string

	swapScheme, defaultPortWritten, stripEitherPort, stripAllPorts, keepHostCase, lowerPath      bool
	dropBrackets, emptyPathBare, decodePath, upperPathHex, encodePath, resolveDots               bool
	ignoreHostHeader, dropTrailingSlash, addTrailingSlash, queryInURI, userInfoInURI, fragmentIn bool

	noQuery, noBody, jsonFields, multipartFields, multipartFiles bool
	cutSemicolon, dropPathParams, lowerPathHex                   bool
	host                                                         func(*uri.Parts)
	emptyPair                                                    bool
	reading
	naming

	protocolTwice, protocolRaw, signRealm, versionA, versionAdded, tokenAdded, millis bool
	hashHex                                                                           bool
	twiceQuery, twiceBody, twiceProtocol                                              bool
	// omit are parameters that are left out, add those that are signed besides, rewrite what becomes of values.
	omit    []place
	dropped map[string]int // how many of each name are left out
	add     []uri.Pair
	rewrite []func(oauth1.Param) string
	// raw are parameters whose values are not encoded.
	raw []place

	// encoder is used in place of percent-encoding, in the list of parameters (inner), around it (outer) or in both.
	encoder                                                     *encoder
	innerOnly, outerOnly, namesRaw, valuesRaw                   bool
	innerOnce, uriRaw, listTwice                                bool
	sortDecoded, sortJoined, unsorted, sortFolded, sortNameOnly bool
	// origins is the order in which an unsorted list has its groups; nil for that of the reader.
	origins []oauth1.Origin

	rawSecrets, quirkyKey, swapSecrets, noAmpersand, noTokenSecret, noConsumerSecret, tokenAsSecret bool
	keyAsSecret                                                                                     bool
	consumerSecret, tokenSecret                                                                     func(string) string
	hashName                                                                                        string
	hexSignature, base64OfHex, unpadded, urlSafe                                                    bool
	// ready is the base string where it is known already.
	ready string
	// whole is what becomes of the base string when it is ready, key of the HMAC key, and text of the signature.
	whole, key, text func(string) string
	// digest makes the signature without HMAC.
	digest func(hash func() hash.Hash, key, base string) []byte
}

// reading are the mistakes of reading a query or form.
type reading struct {
	bodyAnyway, queryAsIs, bodyAsIs                                         bool
	plusKept, noDecode, nameRaw, decodeTwice, splitSemicolon, dropMalformed bool
	dropValueless, dropEmpty, dropNameless, lossyUTF8, zeroEmpty            bool
}

// naming are the mistakes about repeated names and about brackets.
type naming struct{ keepFirst, keepLast, queryWins, bodyWins, indexArrays, nestedObjects bool }

// base returns the base string that a signer with these mistakes makes; "" when there is none, or when it would take too
// long to make.
func (q *quirks) base(d *derivation) string {
	if q.ready != "" {
		return q.ready
	}
	cost := perTry + perParam*len(d.params)
	if q.bodyAnyway {
		cost += len(d.request.Body) + 4*perParam*min(MaxParams*100, bytes.Count(d.request.Body, []byte("&")))
	}
	if !d.effort.take(cost) {
		return ""
	}
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
		URI:    q.uri, Form: q.form, Pair: q.pair, Compare: q.order(),
		Encode: func(text string, place oauth1.Place) string { return q.encode(d, text, place) },
		Params: func(params []oauth1.Param) []oauth1.Param { return q.params(params, d) },
	}
	if q.reading == (reading{}) { // what was read rightly need not be read again
		req.Parts.Query, req.SignBody = "", oauth1.SignBodyNever
		rules.Form = nil
		rules.URI = func(c, given uri.Parts) uri.Parts {
			given.Query = d.request.Parts.Query
			return q.uri(c, given)
		}
		rules.Params = func(protocol []oauth1.Param) []oauth1.Param {
			return q.params(append(q.kept(d.read), protocol...), d)
		}
	}
	base, err := rules.BaseString(&req, q.protocol(d))
	if err != nil {
		return ""
	}
	if q.whole != nil {
		base = q.whole(base)
	}
	d.effort.spend(2 * len(base)) // and the list in it
	return base
}

// kept are the parameters of query and form without those of a part that is left out.
func (q *quirks) kept(read []oauth1.Param) []oauth1.Param {
	ps := make([]oauth1.Param, 0, len(read)+16)
	for _, p := range read {
		if p.Origin == oauth1.OriginQuery && !q.noQuery || p.Origin == oauth1.OriginBody && !q.noBody {
			ps = append(ps, p)
		}
	}
	return ps
}

func (q *quirks) method(upper, given string) string {
	switch {
	case q.methodOther != "":
		return q.methodOther
	case q.methodAsGiven:
		return given
	case q.methodLower:
		return uri.Lower(upper)
	}
	return upper
}

// encode is RFC 5849 §3.6 with mistakes.
func (q *quirks) encode(d *derivation, s string, place oauth1.Place) string {
	inner := place == oauth1.PlaceName || place == oauth1.PlaceValue
	switch {
	case place == oauth1.PlaceURI && q.uriRaw, place == oauth1.PlaceParams && q.innerOnce,
		place == oauth1.PlaceName && q.namesRaw, place == oauth1.PlaceValue && q.valuesRaw:
		return s
	case q.encoder == nil, inner && q.outerOnly, !inner && q.innerOnly:
		if inner {
			return d.encode(s)
		}
		return uri.Encode(s)
	}
	return q.encoder.encode(s)
}

// pair leaves a pair as it stands that a signer with these mistakes does not encode.
func (q *quirks) pair(p *oauth1.Param) {
	if q.queryAsIs && p.Origin == oauth1.OriginQuery || q.bodyAsIs && p.Origin == oauth1.OriginBody {
		p.EncodedName, p.EncodedValue = p.Name, p.Value
	}
	if q.listTwice && p.Origin != oauth1.OriginProtocol {
		p.EncodedName, p.EncodedValue = uri.Encode(p.EncodedName), uri.Encode(p.EncodedValue)
	}
	for _, at := range q.raw {
		if at.origin == p.Origin && at.name == p.Name {
			p.EncodedValue = p.Value
		}
	}
}

// uri puts mistakes into the base string URI.
func (q *quirks) uri(c, given uri.Parts) uri.Parts {
	if q.swapScheme {
		c.Scheme = map[string]string{"http": "https", "https": "http"}[c.Scheme]
	}
	standard := uri.ImpliesPort(given.Scheme, given.Port)
	if q.keepHostCase {
		c.Host = given.Host
	}
	if q.dropBrackets {
		c.Host = strings.Trim(c.Host, "[]")
	}
	if c.Port = q.port(c.Scheme, given.Port); q.swapScheme && standard {
		c.Port = "" // nobody writes it, and so nobody keeps it
	}
	if q.host != nil {
		q.host(&c)
	}
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
	switch {
	case q.upperPathHex:
		path = recased(path, bytes.ToUpper)
	case q.lowerPathHex:
		path = recased(path, bytes.ToLower)
	}
	if q.cutSemicolon {
		path, _, _ = strings.Cut(path, ";")
	}
	if q.dropPathParams {
		segments := strings.Split(path, "/")
		for i := range segments {
			segments[i], _, _ = strings.Cut(segments[i], ";")
		}
		path = strings.Join(segments, "/")
	}
	if q.resolveDots {
		path = uri.RemoveDotSegments(path)
	}
	if q.dropTrailingSlash && len(path) > 1 {
		path = strings.TrimSuffix(path, "/")
	}
	if q.addTrailingSlash && !strings.HasSuffix(path, "/") {
		path += "/"
	}
	return path
}

// recased writes the escapes of a path in capitals or in small letters.
func recased(path string, letters func([]byte) []byte) string {
	b := []byte(path)
	for i := range b {
		if b[i] == '%' {
			if _, ok := uri.EscapeAt(b, i); ok {
				copy(b[i+1:i+3], letters(b[i+1:i+3]))
			}
		}
	}
	return string(b)
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
		if asIs := q.queryAsIs && origin == oauth1.OriginQuery || q.bodyAsIs && origin == oauth1.OriginBody; asIs {
			p = uri.Pair{Name: name, Value: value}
		}
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
	protocol, params := all[own:], all[:own:own]
	switch {
	case hasBody:
	case q.jsonFields:
		params = append(params, d.bodyFields(fieldsOfJSON)...)
	case q.multipartFiles:
		params = append(params, d.bodyFields(filesOfMultipart)...)
	case q.multipartFields:
		params = append(params, d.bodyFields(fieldsOfMultipart)...)
	}
	if q.naming != (naming{}) {
		params = q.reduce(params)
	}
	params = append(params, protocol...)
	params = q.repeated(q.without(params))
	for _, rewrite := range q.rewrite {
		for i := range params {
			params[i].Value = rewrite(params[i])
		}
	}
	for _, p := range q.add {
		params = append(params, oauth1.Param{Pair: p})
	}
	if q.emptyPair {
		params = append(params, oauth1.Param{})
	}
	return params
}

// without drops the parameters of omit.
func (q *quirks) without(ps []oauth1.Param) []oauth1.Param {
	if len(q.dropped) > 0 {
		left := maps.Clone(q.dropped)
		ps = slices.DeleteFunc(ps, func(p oauth1.Param) bool {
			left[p.Name]--
			return left[p.Name] >= 0
		})
	}
	if len(q.omit) == 0 {
		return ps
	}
	seen := map[place]int{}
	return slices.DeleteFunc(ps, func(p oauth1.Param) bool {
		at := place{origin: p.Origin, name: p.Name}
		at.index = seen[at]
		seen[place{origin: p.Origin, name: p.Name}]++
		return slices.Contains(q.omit, at)
	})
}

// repeated appends what is signed twice.
func (q *quirks) repeated(ps []oauth1.Param) []oauth1.Param {
	for _, p := range ps {
		switch {
		case p.Origin == oauth1.OriginQuery && q.twiceQuery, p.Origin == oauth1.OriginBody && q.twiceBody,
			p.Origin == oauth1.OriginProtocol && q.twiceProtocol:
			ps = append(ps, p)
		}
	}
	return ps
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

// order returns the order of a signer with these mistakes, nil for the right one.
func (q *quirks) order() func(a, b oauth1.Param) int {
	joined := func(p oauth1.Param) string { return p.EncodedName + "=" + p.EncodedValue }
	folded := func(p oauth1.Param) string { return uri.Lower(p.EncodedName + "\x00" + p.EncodedValue) }
	switch {
	case q.unsorted:
		return func(a, b oauth1.Param) int {
			return cmp.Compare(slices.Index(q.origins, a.Origin), slices.Index(q.origins, b.Origin))
		}
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
