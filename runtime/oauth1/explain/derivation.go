package explain

import (
	"slices"

	"github.com/imlc-lang/imlc/runtime/oauth1"
	"github.com/imlc-lang/imlc/runtime/uri"
)

// derivation is what a base string is made of: a request, its protocol parameters, and the realm that is not signed. It
// holds what all mistakes share that are tried on it, and what may be spent on them.
type derivation struct {
	request  oauth1.Request
	protocol []uri.Pair
	realm    string
	hasRealm bool

	// read are the parameters of query and form, params all that are signed, by source, and base is the right base string;
	// "" when the URL cannot be read.
	read, params []oauth1.Param
	base         string
	// passwords are those of read that are secrets although they are signed, each once.
	passwords []uri.Pair
	// encoded are the texts of the parameters, percent-encoded.
	encoded map[string]string
	// fields are those of a body that is no form, by how it was read; hashed are the keys for other hashes.
	fields map[fieldsOf][]oauth1.Param
	hashed map[string]*oauth1.Key
	effort effort
	signed []byte // the base string that was signed last
}

// fieldsOf is a way to read a body that is no form.
type fieldsOf uint8

const (
	fieldsOfJSON fieldsOf = iota
	fieldsOfMultipart
	filesOfMultipart // the fields and the names of files
)

// derive reads a request once for all.
func derive(request *oauth1.Request, protocol []uri.Pair, realm string, hasRealm bool) *derivation {
	d := &derivation{request: *request, protocol: protocol, realm: realm, hasRealm: hasRealm, encoded: map[string]string{}, fields: map[fieldsOf][]oauth1.Param{}, hashed: map[string]*oauth1.Key{}}
	if d.request.Parts.Scheme == "" {
		d.request.Parts, _ = uri.Split(d.request.URL) // one that cannot be read has no parameters, and no base string
	}
	rules := oauth1.Rules{
		Params: func(params []oauth1.Param) []oauth1.Param {
			d.params = slices.Clone(params)
			return params
		},
		Pair: func(p *oauth1.Param) { d.encoded[p.Name], d.encoded[p.Value] = p.EncodedName, p.EncodedValue },
	}
	d.base, _ = rules.BaseString(&d.request, protocol)
	d.read = slices.Clone(d.params[:max(0, len(d.params)-len(protocol))])
	seen := map[uri.Pair]bool{}
	for _, p := range d.read {
		if oauth1.IsPassword(p.Name) && p.Value != "" && !seen[p.Pair] {
			seen[p.Pair] = true
			d.passwords = append(d.passwords, p.Pair)
		}
	}
	d.params = slices.DeleteFunc(d.params, func(p oauth1.Param) bool { return p.Name == "oauth_signature" })
	d.effort.begin(maxEffort)
	return d
}

// with returns the same with other protocol parameters.
func (d *derivation) with(protocol []uri.Pair) *derivation {
	return derive(&d.request, protocol, d.realm, d.hasRealm)
}

// encode is percent-encoding.
func (d *derivation) encode(s string) string {
	if e, ok := d.encoded[s]; ok {
		return e
	}
	return uri.Encode(s)
}

// bodyFields are those of a body that is no form; nil when it cannot be read like that, or would take too long.
func (d *derivation) bodyFields(how fieldsOf) []oauth1.Param {
	ps, ok := d.fields[how]
	if !ok && d.effort.take(64*min(maxEffort, len(d.request.Body))) {
		if how == fieldsOfJSON {
			ps = jsonParams(d.request.Body)
		} else {
			ps = multipartParams(&d.request, how == filesOfMultipart)
		}
		d.fields[how] = ps
	}
	return ps
}

// has reports whether a parameter of that name is signed.
func (d *derivation) has(name string) bool {
	return slices.ContainsFunc(d.params, func(p oauth1.Param) bool { return p.Name == name })
}

// repeats reports whether the header holds every pair of the query or form besides.
func (d *derivation) repeats(origin oauth1.Origin) bool {
	sent := map[uri.Pair]bool{}
	for _, p := range d.protocol {
		sent[p] = true
	}
	found := false
	for _, p := range d.params {
		if p.Origin != origin {
			continue
		}
		if found = true; !sent[p.Pair] {
			return false
		}
	}
	return found
}

// places lists where the first parameters of a request stand.
func (d *derivation) places() []place {
	var ps []place
	seen := map[place]int{}
	for _, p := range d.params[:min(len(d.params), maxParticular)] {
		at := place{origin: p.Origin, name: p.Name}
		ps = append(ps, place{p.Origin, p.Name, seen[at]})
		seen[at]++
	}
	return ps
}
