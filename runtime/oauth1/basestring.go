package oauth1

import (
	"cmp"
	"slices"
	"strings"

	"github.com/imlc-lang/imlc/runtime/uri"
)

// Origin says where a signed parameter was found (RFC 5849 §3.4.1.3.1).
type Origin uint8

// The sources of parameters.
const (
	// OriginProtocol is the set of oauth_* parameters that the signer adds.
	OriginProtocol Origin = iota
	// OriginQuery is the query of the request URL.
	OriginQuery
	// OriginBody is a form-encoded body.
	OriginBody
)

// String returns "protocol", "query" or "body".
func (o Origin) String() string {
	switch o {
	case OriginQuery:
		return "query"
	case OriginBody:
		return "body"
	}
	return "protocol"
}

// Param is one signed parameter with its origin and its encoded form.
type Param struct {
	uri.Pair
	// Origin is information for people and does not change the signature.
	Origin Origin
	// EncodedName and EncodedValue are what is sorted and joined.
	EncodedName, EncodedValue string
}

// Place is a part of a base string that is percent-encoded.
type Place uint8

// The places of a base string, in the order in which they are encoded.
const (
	PlaceName Place = iota
	PlaceValue
	PlaceMethod
	PlaceURI
	PlaceParams // the normalised parameters as a whole
)

// Rules are the steps by which a base string is made, each of which may be replaced: package explain asks in this way
// what a signer with a mistake would have signed. The zero Rules are those of RFC 5849 §3.4.1, and a nil step is that
// of the RFC.
type Rules struct {
	// Method changes the method, given in capitals.
	Method func(method string) string
	// URI changes the base string URI, given in its canonical form beside the parts that it was made of.
	URI func(canonical, given uri.Parts) uri.Parts
	// Form changes the text of a query or form before it is split.
	Form func(text string, origin Origin) string
	// Params changes the list of parameters, whose encoded forms are not there yet.
	Params func([]Param) []Param
	// Encode replaces percent-encoding.
	Encode func(text string, place Place) string
	// Pair changes the encoded forms of a parameter.
	Pair func(p *Param)
	// Compare replaces the order of the parameters; equal ones keep theirs.
	Compare func(a, b Param) int
}

// BaseString returns the base string of a request with exactly the given protocol parameters, oauth_signature left out:
// what a provider computes to verify a request. The error is a *[uri.Error].
func (r *Rules) BaseString(req *Request, protocol []uri.Pair) (string, error) {
	d, err := r.derive(req, protocol)
	return d.base, err
}

// derivation is a base string with what it was made of.
type derivation struct {
	method, baseURI, normalized, base string
	// params are in the order of their sources, sorted in that of the base string.
	params, sorted []Param
}

func (r *Rules) derive(req *Request, protocol []uri.Pair) (derivation, error) {
	var d derivation
	u, err := req.parts()
	if err != nil {
		return d, err
	}
	d.method, d.baseURI = upperASCII(req.Method), r.baseURI(u)
	if r.Method != nil {
		d.method = r.Method(d.method)
	}
	d.params = r.collect(req, u.Query, protocol)
	d.sorted = r.sort(d.params)
	d.normalized = join(d.sorted)
	d.base = r.encode(d.method, PlaceMethod) + "&" + r.encode(d.baseURI, PlaceURI) + "&" + r.encode(d.normalized, PlaceParams)
	return d, nil
}

// parts splits the URL; a Host header, unless it is empty, wins over it (RFC 5849 §3.4.1.2; spec oauth1.md §3, pitfall
// 6).
func (r *Request) parts() (u uri.Parts, err error) {
	if u = r.Parts; u.Scheme == "" {
		u, err = uri.Split(r.URL)
	}
	if err != nil || r.Host == "" {
		return u, err
	}
	name, port, hostErr := uri.SplitHost(r.Host)
	if hostErr != nil {
		return u, hostErr
	}
	u.Host, u.Port = name, port
	return u, nil
}

// canonical brings a URL into the form of RFC 5849 §3.4.1.2: scheme and host in lower case, the port left out when the
// scheme implies it, no user information, query or fragment. The path stays as it is sent: "/" when empty (RFC 2616
// §5.1.2), and a space, which cannot stand on a request line, as %20.
func canonical(u *uri.Parts) uri.Parts {
	c := uri.Parts{Scheme: uri.Lower(u.Scheme), Host: uri.Lower(u.Host), Port: u.Port, Path: strings.ReplaceAll(u.Path, " ", "%20")}
	if uri.ImpliesPort(u.Scheme, u.Port) {
		c.Port = ""
	}
	if c.Path == "" {
		c.Path = "/"
	}
	return c
}

func (r *Rules) baseURI(u uri.Parts) string {
	c := canonical(&u)
	if r.URI != nil {
		c = r.URI(c, u)
	}
	return c.String()
}

// collect lists every parameter that is signed, by source; oauth_signature never is, wherever it stands (RFC 5849
// §3.4.1.3.1).
func (r *Rules) collect(req *Request, query string, protocol []uri.Pair) []Param {
	params := r.split(nil, query, OriginQuery)
	if req.signsBody() {
		params = r.split(params, string(req.Body), OriginBody)
	}
	for _, p := range protocol {
		params = append(params, Param{Pair: p})
	}
	if r.Params != nil {
		params = r.Params(params)
	}
	params = slices.DeleteFunc(params, func(p Param) bool { return p.Name == "oauth_signature" })
	for i := range params {
		params[i].EncodedName, params[i].EncodedValue = r.encode(params[i].Name, PlaceName), r.encode(params[i].Value, PlaceValue)
		if r.Pair != nil {
			r.Pair(&params[i])
		}
	}
	return params
}

func (r *Rules) split(dst []Param, text string, origin Origin) []Param {
	if r.Form != nil {
		text = r.Form(text, origin)
	}
	for _, p := range uri.SplitPairs(text) {
		dst = append(dst, Param{Pair: p, Origin: origin})
	}
	return dst
}

func (r *Rules) encode(text string, place Place) string {
	if r.Encode != nil {
		return r.Encode(text, place)
	}
	return uri.Encode(text)
}

// sort sorts by the bytes of the encoded name, then of the encoded value; sorting "name=value" texts or decoded names
// gives another order (RFC 5849 §3.4.1.3.2; spec oauth1.md §3, pitfall 14).
func (r *Rules) sort(params []Param) []Param {
	compare := r.Compare
	if compare == nil {
		compare = func(a, b Param) int {
			return cmp.Or(cmp.Compare(a.EncodedName, b.EncodedName), cmp.Compare(a.EncodedValue, b.EncodedValue))
		}
	}
	sorted := slices.Clone(params)
	slices.SortStableFunc(sorted, compare)
	return sorted
}

func join(params []Param) string {
	n := 0
	for i := range params {
		n += len(params[i].EncodedName) + len(params[i].EncodedValue) + 2
	}
	var b strings.Builder
	b.Grow(n)
	for i := range params {
		if i > 0 {
			b.WriteByte('&')
		}
		b.WriteString(params[i].EncodedName)
		b.WriteByte('=')
		b.WriteString(params[i].EncodedValue)
	}
	return b.String()
}

// Normalize returns the normalised parameters of RFC 5849 §3.4.1.3.2: every name and value encoded, pairs sorted by
// encoded name, then encoded value, and joined by "=" and "&". Every given pair is kept, duplicates included; it is the
// caller's part to leave out oauth_signature and realm.
func Normalize(pairs []uri.Pair) string {
	params := make([]Param, len(pairs))
	for i, p := range pairs {
		params[i] = Param{Pair: p, EncodedName: uri.Encode(p.Name), EncodedValue: uri.Encode(p.Value)}
	}
	return join(new(Rules).sort(params))
}

// BaseString returns the signature base string of RFC 5849 §3.4.1.1: the method in upper case, the base string URI and
// the normalised parameters, each percent-encoded, joined by "&".
func BaseString(method, baseURI, normalized string) string {
	return uri.Encode(upperASCII(method)) + "&" + uri.Encode(baseURI) + "&" + uri.Encode(normalized)
}

// BaseURI returns the base string URI of RFC 5849 §3.4.1.2: scheme and host in lower case, the port unless it is the
// default of that scheme, the path byte for byte ("/" when empty, spaces as %20), no user information, query or
// fragment. host is the Host header when it differs from the URL; "" takes host and port from the URL. The error is a
// *[uri.Error].
func BaseURI(rawURL, host string) (string, error) {
	u, err := (&Request{URL: rawURL, Host: host}).parts()
	if err != nil {
		return "", err
	}
	return new(Rules).baseURI(u), nil
}
