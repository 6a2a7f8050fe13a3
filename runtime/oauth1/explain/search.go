package explain

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"hash/maphash"
	"slices"
	"strings"

	"github.com/imlc-lang/imlc/internal/media"
	"github.com/imlc-lang/imlc/runtime/oauth1"
	"github.com/imlc-lang/imlc/runtime/uri"
)

// add appends a cause unless one of that ID is there.
func (d *Difference) add(c Cause) {
	if !slices.ContainsFunc(d.Causes, func(have Cause) bool { return have.ID == c.ID && have.Name == c.Name }) {
		d.Causes = append(d.Causes, c)
	}
}

func causeNamed(id string) Cause {
	for _, m := range generalMistakes() {
		if m.ID == id {
			return m.Cause
		}
	}
	return Cause{ID: id, Name: id}
}

// tried is a mistake that changes something about a request, and what came of it.
type tried struct {
	mistake
	// matches is true when it reproduces the foreign result, and near is how many bytes at both ends of the foreign base
	// string are those of the one that it makes.
	matches bool
	near    int
}

// try tries each mistake, and drops those that change nothing about this request, or nothing that one before them does
// not change as well and under a better name. near may be nil.
func (d *derivation) try(list []mistake, withKey bool, match func(*quirks) bool, near func(base string) int) []tried {
	var kept []tried
	seed := maphash.MakeSeed()
	seen := map[uint64]bool{maphash.String(seed, d.base): true}
	keys := false
	for _, m := range list {
		if m.when != nil && !m.when(d) || m.keyOnly && !withKey {
			continue
		}
		var q quirks
		m.set(&q)
		if m.keyOnly {
			if !keys {
				keys = true
				d.effort.begin(maxEffort)
			}
			q.ready = d.base
		} else {
			q.ready = q.base(d)
			sum := maphash.String(seed, q.ready)
			if q.ready == "" || q.ready == d.base || m.lesserName && seen[sum] {
				continue
			}
			seen[sum] = true
		}
		t := tried{mistake: m, matches: match(&q)}
		if near != nil {
			t.near = near(q.ready)
		}
		kept = append(kept, t)
	}
	return kept
}

// maxPairBytes bounds the base strings for which pairs of mistakes are tried.
const maxPairBytes = 2 << 10

// maxCauses bounds how many mistakes are named that each explain the whole difference.
const maxCauses = 4

// explain puts the mistakes that match first, as certain. When there are none and pairs is true, it tries each pair.
func (d *Difference) explain(list []tried, pairs bool, own *derivation, match func(*quirks) bool) {
	var certain []Cause
	for _, t := range list {
		if c := t.Cause; t.matches && len(certain) < maxCauses && !slices.ContainsFunc(certain, func(have Cause) bool { return have.Name == c.Name }) {
			c.Certain = true
			certain = append(certain, c)
		}
	}
	if len(certain) == 0 && pairs {
		own.effort.begin(moreForShort)
		certain = matchPair(list, own, match)
		d.Together = len(certain) > 0
	}
	if len(certain) > 0 {
		d.Causes = certain
	}
}

func matchPair(list []tried, own *derivation, match func(*quirks) bool) []Cause {
	for i, a := range list {
		for _, b := range list[i+1:] {
			if a.alone || b.alone || a.ID == b.ID && !a.combines() {
				continue
			}
			if own.effort.over() {
				return nil
			}
			var q quirks
			a.set(&q)
			b.set(&q)
			if match(&q) {
				first, second := a.Cause, b.Cause
				first.Certain, second.Certain = true, true
				return []Cause{first, second}
			}
		}
	}
	return nil
}

// rank adds, as possible causes, the mistakes that bring the own base string, with floor bytes at both ends of the foreign
// one, nearer to it.
func (d *Difference) rank(list []tried, floor int) {
	better := slices.DeleteFunc(slices.Clone(list), func(t tried) bool { return t.near <= floor })
	slices.SortStableFunc(better, func(a, b tried) int { return b.near - a.near })
	for _, t := range better[:min(len(better), 3)] {
		d.add(t.Cause)
	}
}

var timestampInMilliseconds = Cause{ID: "timestamp-in-milliseconds", Name: "timestamp in milliseconds", Advice: "send whole seconds since 1970", Certain: true}

// header compares a foreign Authorization header.
func (c *comparison) header(value string) *Difference {
	a, err := oauth1.ParseAuthorization(value)
	signature, signed := a.Get("oauth_signature")
	protocol := slices.DeleteFunc(slices.Clone(a.Params), func(p uri.Pair) bool { return p.Name == "oauth_signature" })
	own := adopt(c.own.protocol, protocol, true, true)
	d := c.own.with(protocol)
	if a.HasRealm {
		d.realm, d.hasRealm = a.Realm, true
	}
	diff := &Difference{Params: paramDifferences(own, protocol)}
	diff.headerCauses(a, err, signature, signed)
	if hash, ok := a.Get("oauth_body_hash"); ok {
		c.bodyHashCauses(diff, hash, d)
	}
	signature = repaired(signature)
	if agrees := c.signature(diff, d, signature); agrees && len(diff.Params) == 0 && len(diff.Causes) == 0 {
		return nil
	}
	c.headerExcerpt(diff, own, protocol, signature)
	return diff
}

// repaired undoes what a broken transport does to base64.
func repaired(signature string) string {
	signature = strings.ReplaceAll(signature, " ", "+")
	if strings.Contains(signature, "%") && !strings.Contains(signature, "&") {
		signature = uri.Decode(signature)
	}
	return signature
}

// headerCauses names what the header shows without any key.
func (d *Difference) headerCauses(a *oauth1.Authorization, err error, signature string, signed bool) {
	if err != nil {
		d.add(Cause{ID: "header-malformed", Name: "the header cannot be read", Advice: err.Error(), Certain: true})
	}
	if !signed {
		d.add(Cause{ID: "signature-absent", Name: "oauth_signature missing", Advice: "send the signature with the other parameters", Certain: true})
	}
	method, _ := a.Get("oauth_signature_method")
	if method != oauth1.Plaintext && strings.Contains(signature, " ") {
		d.add(Cause{ID: "plus-in-signature", Pitfall: 26, Name: "+ of the signature not encoded", Advice: "send + as %2B", Certain: true})
	}
	if method != oauth1.Plaintext && strings.Contains(signature, "%") {
		d.add(Cause{ID: "signature-encoded-twice", Pitfall: 26, Name: "signature encoded twice", Advice: "percent-encode the signature once", Certain: true})
	}
	if ts, ok := a.Get("oauth_timestamp"); ok && isMillis(ts) {
		d.add(timestampInMilliseconds)
	}
	if v, ok := a.Get("oauth_version"); ok && v != "1.0" {
		d.certain("version-1.0A")
	}
	_, hasNonce := a.Get("oauth_nonce")
	_, hasTime := a.Get("oauth_timestamp")
	if !hasNonce || !hasTime {
		d.add(Cause{ID: "nonce-absent", Pitfall: 27, Name: "nonce or timestamp missing", Advice: "send both: many servers want them, with PLAINTEXT too", Certain: method != oauth1.Plaintext})
	}
	twice := 0
	for _, p := range a.Params {
		if p.Name != "oauth_signature" && hasEscape(p.Value) && twice < maxShown {
			twice++
			d.add(Cause{ID: "protocol-encoded-twice", Pitfall: 32, Name: media.Line(p.Name, 60) + " encoded twice", Advice: "encode each value once for the header"})
		}
	}
}

func (d *Difference) certain(id string) {
	c := causeNamed(id)
	c.Certain = true
	d.add(c)
}

// hasEscape reports whether a decoded value still looks encoded.
func hasEscape(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] == '%' {
			if _, ok := uri.EscapeAt(s, i); ok {
				return true
			}
		}
	}
	return false
}

// bodyHashCauses judges a foreign body hash by the body; a hash of any of the known algorithms is right.
func (c *comparison) bodyHashCauses(diff *Difference, hash string, d *derivation) {
	if media.IsForm(d.request.ContentType) {
		diff.add(Cause{ID: "body-hash-with-form", Name: "oauth_body_hash sent with a form body", Advice: "leave it out: the form is signed itself", Certain: true})
		return
	}
	for _, name := range []string{"sha1", "sha256", "sha512"} {
		right, err := oauth1.BodyHash(name, d.request.Body)
		if err != nil || right == hash {
			return
		}
		if hexBodyHash(&d.request, right) == hash {
			diff.certain("body-hash-of-hex")
			return
		}
	}
	if c.key != nil {
		mac := hmac.New(sha1.New, []byte(new(quirks).sharedKey(c.params)))
		mac.Write(d.request.Body)
		if base64.StdEncoding.EncodeToString(mac.Sum(nil)) == hash {
			diff.add(Cause{ID: "body-hash-is-hmac", Name: "oauth_body_hash made with the key", Advice: "hash the body without a key", Certain: true})
			return
		}
	}
	diff.add(Cause{ID: "body-hash-differs", Name: "oauth_body_hash is not the hash of this body", Advice: "hash the bytes that are sent, without a key", Certain: true})
}

// signature looks for the mistake behind a signature and reports whether it is right. Without a key nothing is said.
func (c *comparison) signature(diff *Difference, d *derivation, signature string) bool {
	if signature == "" {
		return true
	}
	key := c.keyFor(d.protocol)
	match := func(q *quirks) bool { return q.reproduces(d, key, c.params, signature) }
	if match(&quirks{ready: d.base}) {
		return true
	}
	found := Difference{}
	found.explain(d.try(mistakes(d), true, match, nil), len(d.base) <= maxPairBytes, d, match)
	if len(found.Causes) == 0 && len(d.base) <= maxPairBytes {
		d.effort.begin(moreForShort)
		guesses(d, func(m mistake) bool {
			var q quirks
			m.set(&q)
			if found.explain([]tried{{mistake: m, matches: match(&q)}}, false, d, match); d.effort.over() {
				return true
			}
			return len(found.Causes) > 0
		})
	}
	diff.Together, diff.Unfinished = found.Together, d.effort.ended && len(found.Causes) == 0
	seen := diff.Causes
	diff.Causes = found.Causes
	for _, cause := range seen {
		diff.add(cause)
	}
	if len(found.Causes) == 0 {
		diff.add(Cause{ID: "wrong-secret", Pitfall: 20, Name: "another secret, or another request than the one shown", Advice: "compare both secrets, the url as sent, the Host header and the body with those of the signer"})
	}
	return false
}

// keyFor prepares the key for the method that the header names.
func (c *comparison) keyFor(protocol []uri.Pair) *oauth1.Key {
	for _, p := range protocol {
		if p.Name != "oauth_signature_method" || p.Value == c.key.Method() {
			continue
		}
		other := *c.params
		other.SignatureMethod = p.Value
		if key, err := oauth1.PrepareKey(&other, c.methods); err == nil {
			return key
		}
		break
	}
	return c.key
}

func paramDifferences(own, foreign []uri.Pair) []ParamDifference {
	firstOf := func(ps []uri.Pair) map[string]string {
		first := map[string]string{}
		for _, p := range slices.Backward(ps) {
			first[p.Name] = p.Value
		}
		return first
	}
	ours, theirs := firstOf(own), firstOf(foreign)
	var ds []ParamDifference
	for _, p := range own {
		value, ok := theirs[p.Name]
		if p.Name == "oauth_nonce" || p.Name == "oauth_timestamp" || ok && value == p.Value {
			continue
		}
		ds = append(ds, ParamDifference{Name: p.Name, Own: p.Value, Foreign: value, OwnPresent: true, ForeignPresent: ok})
	}
	for _, p := range foreign {
		if _, ok := ours[p.Name]; !ok && p.Name != "oauth_nonce" && p.Name != "oauth_timestamp" {
			ds = append(ds, ParamDifference{Name: p.Name, Foreign: p.Value, ForeignPresent: true})
		}
	}
	return ds
}

// headerExcerpt shows both headers in the same order, up to where they part.
func (c *comparison) headerExcerpt(diff *Difference, own, foreign []uri.Pair, signature string) {
	byName := func(ps []uri.Pair, sig string) string {
		ps = slices.Clone(ps)
		slices.SortStableFunc(ps, func(a, b uri.Pair) int { return strings.Compare(a.Name, b.Name) })
		ps = append(ps, uri.Pair{Name: "oauth_signature", Value: sig})
		return string(oauth1.AppendHeader(nil, ps, "", false))
	}
	ownSignature := oauth1.Mask
	if c.key.Method() != oauth1.Plaintext {
		if sig, err := c.key.Sign(c.own.with(own).base); err == nil {
			ownSignature = sig
		}
	}
	if method, _ := uri.Lookup(foreign, "oauth_signature_method"); method == oauth1.Plaintext || c.key.Method() == oauth1.Plaintext {
		signature, ownSignature = oauth1.Mask, oauth1.Mask
	}
	a, b := byName(own, ownSignature), byName(foreign, signature)
	part := c.difference([]partEnd{{"header", strings.Index(a, "oauth_signature=")}, {"signature", len(a)}}, a, b)
	diff.Part, diff.Offset, diff.Own, diff.Foreign, diff.Caret = part.Part, part.Offset, part.Own, part.Foreign, part.Caret
}
