package oracle

import (
	"cmp"
	"maps"
	"slices"

	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/runtime/oauth1"
	"github.com/imlc-lang/imlc/runtime/uri"
	"github.com/imlc-lang/imlc/vm/value"
)

// keys are the levels of the oauth directive laid over each other.
type keys struct {
	of    map[string]value.Value // by the name in snake case
	extra *value.Object
	// signedOnly are signed and not sent; with bareForms a form counts only when its type has no parameters.
	signedOnly *value.Object
	bareForms  bool
	// needed says that a level which counts wants a consumer key (ast.OAuth.NeedsKey).
	needed bool
}

// key is one key of a level.
type key struct {
	name  string
	value ast.Value
}

// keysOf lists the keys of one level.
func keysOf(o *ast.OAuth) []key {
	return []key{{"consumer_key", o.ConsumerKey}, {"consumer_secret", o.ConsumerSecret}, {"private_key", o.PrivateKey}, {"token", o.Token},
		{"token_secret", o.TokenSecret}, {"verifier", o.Verifier}, {"signature_method", o.SignatureMethod}, {"transport_method", o.Transport},
		{"body_hash", o.BodyHash}, {"callback", o.Callback}, {"realm", o.Realm}, {"version", o.Version}}
}

// credentials lays the levels of a request over each other, the connection's own the lowest (spec make.md §12.2).
func (r *run) credentials(l layers) *keys {
	levels := []*ast.OAuth{r.tree.OAuth}
	for _, q := range l {
		levels = append(levels, q.OAuth)
	}
	return r.laid(levels...)
}

// laid evaluates levels, the lowest first.
func (r *run) laid(levels ...*ast.OAuth) *keys {
	k := &keys{of: map[string]value.Value{}}
	for i, level := range levels {
		if level == nil {
			continue
		}
		list := keysOf(level)
		if i == 0 && r.calling { // these belong to the making of the connection (spec make.md §16)
			list = slices.DeleteFunc(list, func(k key) bool { return k.name == "callback" || k.name == "verifier" })
		}
		own, off := r.level(level, list)
		if off {
			k = &keys{of: map[string]value.Value{}}
			continue
		}
		maps.Copy(k.of, own.of)
		if own.signedOnly != nil {
			k.signedOnly = own.signedOnly
		}
		k.bareForms = k.bareForms || own.bareForms
		k.extra, k.needed = over(k.extra, own.extra), k.needed || own.needed
	}
	return k
}

// level evaluates one level. Keys that come to nothing are not in it; off says that it switches signing off.
func (r *run) level(o *ast.OAuth, list []key) (k *keys, off bool) {
	k = &keys{of: map[string]value.Value{}, needed: o.NeedsKey}
	if o.Off {
		return k, true
	}
	if o.Whole != nil {
		x := r.eval(o.Whole)
		switch {
		case x.IsUndefined():
			return k, false
		case x.Kind() == value.KindNull, x.Kind() == value.KindBool && !x.IsTrue():
			return k, true
		case x.Object() == nil:
			r.fail(notAnObject(o.Whole, x))
		}
		for _, key := range list {
			if v, ok := x.Object().Get(key.name); ok && key.name != "version" {
				k.of[key.name] = v
			}
		}
		_, written := x.Object().Get("consumer_key")
		k.needed = k.needed || written
		return k, false
	}
	for _, key := range list {
		if x := r.eval(key.value); !x.IsUndefined() {
			k.of[key.name] = x
		}
	}
	if o.Extra != nil {
		k.extra = r.object(o.Extra)
	}
	if k.bareForms = o.BareForms; o.SignedOnly != nil {
		k.signedOnly = r.object(o.SignedOnly)
	}
	return k, false
}

func (k *keys) text(name string) string { return value.ToText(k.of[name]) }

// prune removes null, and empty texts but for the two secrets (spec make.md §12.2).
func (k *keys) prune() {
	for name, v := range k.of {
		if v.IsNil() || value.IsEmpty(v) && name != "consumer_secret" && name != "token_secret" {
			delete(k.of, name)
		}
	}
}

// signer is what signs a draft; nil when it goes out unsigned. It says in the draft which oauth_callback goes with it.
func (r *run) signer(d *draft, policy ast.CallbackPolicy) *signer {
	if r.err != nil {
		return nil
	}
	k := d.keys
	version, versioned := k.of["version"]
	delete(k.of, "version")
	callback, own := k.of["callback"]
	delete(k.of, "callback")
	if policy != ast.CallbackNotAsked {
		d.address, d.sends = carried(d)
	} else {
		own = false
	}
	k.prune()
	var extra []uri.Pair
	for i := range k.extra.Len() {
		if name, v := k.extra.At(i); !value.IsEmpty(v) {
			extra = append(extra, uri.Pair{Name: name, Value: value.ToText(v)})
		}
	}
	sends := own && value.IsTruthy(callback)
	if k.text("consumer_key") == "" {
		if len(k.of) > 0 || len(extra) > 0 || sends || k.needed {
			r.fail(fail(configurationError, "", "oauth: consumer_key is required"))
		}
		return nil
	}
	s := &signer{run: r, method: cmp.Or(k.text("signature_method"), oauth1.HMACSHA1), secret: k.text("consumer_secret"),
		tokenSecret: k.text("token_secret"), privateKey: k.text("private_key"), hash: k.text("body_hash"),
		transport: cmp.Or(k.text("transport_method"), "header"), extra: extra, bareForms: k.bareForms}
	for i := range k.signedOnly.Len() {
		name, v := k.signedOnly.At(i)
		if v.Kind() != value.KindArray {
			v = value.Array([]value.Value{v})
		}
		for _, item := range v.Items() {
			s.signedOnly = append(s.signedOnly, uri.Pair{Name: name, Value: value.ToText(item)})
		}
	}
	r.keepSecret(s.secret, s.privateKey, s.tokenSecret)
	if !versioned || !version.IsNil() { // null omits it
		s.add("oauth_version", cmp.Or(value.ToText(version), "1.0"))
	}
	for _, name := range []string{"consumer_key", "token", "verifier"} {
		if k.text(name) != "" { // an empty list is no text either
			s.add("oauth_"+name, k.text(name))
		}
	}
	if v, ok := k.of["realm"]; ok {
		s.realm, s.hasRealm = value.ToText(v), true
	}
	// A check of a connection has no address of its own.
	inject := policy == ast.CallbackInject || policy == ast.CallbackInjectUnlessCarried && !d.sends
	switch {
	case sends:
		d.address, d.sends = value.ToText(callback), true
		s.add("oauth_callback", d.address)
	case inject && !own && r.address() != "":
		d.address, d.sends = r.address(), true
		s.add("oauth_callback", d.address)
	}
	r.fail(s.check(d))
	return s
}

// check is what is wrong with a signature that cannot be made (spec make.md §12.3 to §12.6).
func (s *signer) check(d *draft) error {
	shared := slices.Contains([]string{oauth1.HMACSHA1, oauth1.HMACSHA256, oauth1.HMACSHA512, oauth1.Plaintext}, s.method)
	rsa := slices.Contains([]string{oauth1.RSASHA1, oauth1.RSASHA256, oauth1.RSASHA512}, s.method)
	cannotHash := s.hash == "true" && s.method != oauth1.HMACSHA1 && s.method != oauth1.RSASHA1
	switch {
	case !slices.Contains([]string{"header", "query", "body"}, s.transport):
		return fail(configurationError, "", "oauth: transport_method invalid")
	case cannotHash && !sendsForm(d):
		return fail(configurationError, "", "oauth: %s signature_method not supported with body_hash signing.", s.method)
	case cannotHash:
		s.hash = "" // a form needs none
	}
	if shared && s.privateKey != "" && s.secret == "" {
		return fail(configurationError, "", "oauth: private_key is for RSA methods; %s needs consumer_secret", s.method)
	}
	if s.hasRealm && s.transport != "header" {
		s.run.warn(ast.EventRealmLeftOut)
	}
	switch {
	case !shared && !rsa:
		return fail(configurationError, "", "Signature method not supported: %s", s.method)
	case s.method == oauth1.Plaintext && d.URL.Scheme == "http" && !s.run.spec.host.HTTP.Egress.AllowHTTP: // RFC 5849 §3.4.4
		return fail(configurationError, "", "oauth: PLAINTEXT over http shows the secrets to everyone on the way")
	case rsa:
		return s.readKey()
	}
	return nil
}

// sendsForm reports whether a draft goes out with the media type of a form.
func sendsForm(d *draft) bool {
	if author := d.Header.Get("Content-Type"); author != "" {
		return isForm(author)
	}
	return isForm(d.Body.ContentType)
}

// carried is the oauth_callback that a draft has of its own: in the query, at the top of the body, or among the form
// pairs (spec make.md §13.4).
func carried(d *draft) (string, bool) {
	const name = "oauth_callback"
	if text, ok := uri.Lookup(uri.SplitPairs(d.URL.Query), name); ok {
		return text, true
	}
	if o := d.body.Object(); o != nil {
		v, ok := o.Get(name)
		return value.ToText(v), ok
	}
	if d.Body.Pairs && sendsForm(d) {
		return uri.Lookup(uri.SplitPairs(string(d.Body.Content)), name)
	}
	return "", false
}
