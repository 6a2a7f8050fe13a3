package run

import (
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// oauthKey is a key of the oauth directive.
type oauthKey int

// The keys, but for the version and further parameters.
const (
	keyConsumerKey oauthKey = iota
	keyConsumerSecret
	keyPrivateKey
	keyToken
	keyTokenSecret
	keyVerifier
	keySignatureMethod
	keyTransport
	keyBodyHash
	keyCallback
	keyRealm
	oauthKeys // how many there are
)

// oauthNames are the names of the keys in an object that is computed as a whole.
var oauthNames = [oauthKeys]string{"consumer_key", "consumer_secret", "private_key", "token", "token_secret", "verifier", "signature_method",
	"transport_method", "body_hash", "callback", "realm"}

// refs are the directives of the keys.
func refs(o *plan.OAuth) [oauthKeys]plan.Ref {
	return [...]plan.Ref{o.ConsumerKey, o.ConsumerSecret, o.PrivateKey, o.Token, o.TokenSecret, o.Verifier, o.SignatureMethod,
		o.Transport, o.BodyHash, o.Callback, o.Realm}
}

// credentials is what the levels of the oauth directive come to for one request. A key that is undefined is absent.
type credentials struct {
	keys     [oauthKeys]value.Value
	version  value.Value
	extra    *value.Object // nil: none
	needsKey bool
	// signedOnly are parameters that are signed and not sent; bareForms leaves forms out whose type has parameters.
	signedOnly *value.Object
	bareForms  bool
}

// credentials evaluates the levels of the oauth directive, lowest first, and puts them over each other in c: a key that
// comes to undefined lets the level below show through.
func (r *run) credentials(levels []plan.OAuth, c *credentials) error {
	for i := range levels {
		if err := r.level(c, &levels[i]); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) level(c *credentials, o *plan.OAuth) error {
	if o.Off {
		*c = credentials{}
		return nil
	}
	if o.Whole != 0 {
		if off, err := r.whole(c, o); err != nil || off {
			return err
		}
	}
	for key, ref := range refs(o) {
		if err := r.evalOver(&c.keys[key], ref); err != nil {
			return err
		}
	}
	c.needsKey = c.needsKey || o.NeedsKey
	if err := r.evalOver(&c.version, o.Version); err != nil {
		return err
	}
	extra, err := r.evalObject(o.Extra)
	c.extra = overlay(c.extra, extra)
	c.bareForms = c.bareForms || o.BareForms
	if err != nil || o.SignedOnly == 0 {
		return err
	}
	c.signedOnly, err = r.evalObject(o.SignedOnly)
	return err
}

// evalOver replaces a value by what a directive comes to, unless that is undefined.
func (r *run) evalOver(dst *value.Value, ref plan.Ref) error {
	if ref == 0 {
		return nil
	}
	v, err := r.eval(ref)
	if !v.IsUndefined() {
		*dst = v
	}
	return err
}

// whole evaluates a level that is computed as one object; null and false switch signing off for the level and those
// below it.
func (r *run) whole(c *credentials, o *plan.OAuth) (off bool, err error) {
	v, err := r.eval(o.Whole)
	switch {
	case err != nil || v.IsUndefined():
		return false, err
	case v.Kind() == value.KindNull || v.Kind() == value.KindBool && !v.IsTrue():
		*c = credentials{}
		return true, nil
	case v.Object() == nil:
		return false, r.noObject(o.Whole, v)
	}
	for key, name := range oauthNames {
		item, written := v.Object().Get(name)
		if !written || o.WithoutFlow && (oauthKey(key) == keyVerifier || oauthKey(key) == keyCallback) {
			continue
		}
		c.needsKey = c.needsKey || oauthKey(key) == keyConsumerKey
		if !item.IsUndefined() {
			c.keys[key] = item
		}
	}
	return false, nil
}

// prune removes what is neither sent nor signed, null, and "" but for the two secrets, and takes the callback out. It
// reports whether anything is left.
func (c *credentials) prune() (callback value.Value, signed bool) {
	callback, c.keys[keyCallback] = c.keys[keyCallback], value.Undefined
	for i := range c.keys {
		key, v := oauthKey(i), &c.keys[i]
		if v.IsUndefined() {
			continue
		}
		empty := v.Kind() == value.KindText && v.Str() == "" && key != keyConsumerSecret && key != keyTokenSecret
		if v.IsNil() || empty {
			*v = value.Undefined
			continue
		}
		signed = true
	}
	for i := range c.extra.Len() {
		_, v := c.extra.At(i)
		signed = signed || !value.IsEmpty(v)
	}
	return callback, signed
}

// missesKey reports whether the consumer key is missing where there must be one: there is something else to sign with,
// or it is written but comes to nothing. Forgotten parameters must not lead to unsigned requests in silence.
func (c *credentials) missesKey(signed bool) bool {
	return value.ToText(c.keys[keyConsumerKey]) == "" && (signed || c.needsKey)
}

func (c *credentials) text(key oauthKey) string { return value.ToText(c.keys[key]) }
