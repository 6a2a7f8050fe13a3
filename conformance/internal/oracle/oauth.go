package oracle

import (
	"cmp"
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
	// needed says that a level which counts wants a consumer key (ast.OAuth.NeedsKey).
	needed bool
}

// key is one key of a level.
type key struct {
	name  string
	value ast.Value
}

// directive lists the keys of one level.
func directive(o *ast.OAuth) []key {
	return []key{{"consumer_key", o.ConsumerKey}, {"consumer_secret", o.ConsumerSecret}, {"private_key", o.PrivateKey}, {"token", o.Token},
		{"token_secret", o.TokenSecret}, {"verifier", o.Verifier}, {"signature_method", o.SignatureMethod}, {"transport_method", o.Transport},
		{"body_hash", o.BodyHash}, {"callback", o.Callback}, {"realm", o.Realm}, {"version", o.Version}}
}

// credentialsOf lays the levels of a request over each other, the connection's own the lowest (spec make.md §12.2).
func (r *run) credentialsOf(l layers) (*keys, error) {
	levels := []*ast.OAuth{r.tree.OAuth}
	for _, q := range l {
		levels = append(levels, q.OAuth)
	}
	return r.credentials(levels...)
}

func (r *run) credentials(levels ...*ast.OAuth) (*keys, error) {
	k := &keys{of: map[string]value.Value{}}
	for i, level := range levels {
		if level == nil {
			continue
		}
		list := directive(level)
		if i == 0 && r.calling { // these belong to the making of the connection (spec make.md §16)
			list = slices.DeleteFunc(list, func(k key) bool { return k.name == "callback" || k.name == "verifier" })
		}
		own, off, err := r.level(level, list)
		if err != nil {
			return nil, err
		}
		if off {
			k = &keys{of: map[string]value.Value{}}
			continue
		}
		for name, v := range own.of {
			k.of[name] = v
		}
		k.extra, k.needed = over(k.extra, own.extra), k.needed || own.needed
	}
	return k, nil
}

// level evaluates one level. Keys that come to nothing are not in it; off says that it switches signing off.
func (r *run) level(o *ast.OAuth, list []key) (k *keys, off bool, err error) {
	k = &keys{of: map[string]value.Value{}, needed: o.NeedsKey}
	if o.Off {
		return k, true, nil
	}
	if o.Whole != nil {
		x, err := r.eval(o.Whole)
		switch {
		case err != nil:
			return k, false, err
		case x.IsUndefined():
			return k, false, nil
		case x.Kind() == value.KindNull, x.Kind() == value.KindBool && !x.IsTrue():
			return k, true, nil
		case x.Object() == nil:
			return k, false, notAnObject(o.Whole, x)
		}
		for _, key := range list {
			if v, ok := x.Object().Get(key.name); ok && key.name != "version" {
				k.of[key.name] = v
			}
		}
		_, written := x.Object().Get("consumer_key")
		k.needed = k.needed || written
		return k, false, nil
	}
	for _, key := range list {
		x, err := r.eval(key.value)
		if err != nil {
			return k, false, err
		}
		if !x.IsUndefined() {
			k.of[key.name] = x
		}
	}
	if o.Extra != nil {
		k.extra, err = r.object(o.Extra)
	}
	return k, false, err
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
func (r *run) signer(d *draft, policy ast.CallbackPolicy) (*signer, error) {
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
	if some := len(k.of) > 0 || len(extra) > 0 || sends || k.needed; k.text("consumer_key") == "" {
		if some {
			return nil, fail(configurationError, "", "oauth: consumer_key is required")
		}
		return nil, nil
	}
	s := &signer{run: r, method: k.text("signature_method"), secret: k.text("consumer_secret"), tokenSecret: k.text("token_secret"),
		privateKey: k.text("private_key"), hash: k.text("body_hash"), transport: k.text("transport_method"), extra: extra}
	if !versioned || !version.IsNil() { // null omits it
		s.add("oauth_version", cmp.Or(value.ToText(version), "1.0"))
	}
	for _, name := range []string{"consumer_key", "token", "verifier"} {
		if _, ok := k.of[name]; ok {
			s.add("oauth_"+name, k.text(name))
		}
	}
	if v, ok := k.of["realm"]; ok {
		s.realm, s.hasRealm = value.ToText(v), true
	}
	switch {
	case sends:
		d.address, d.sends = value.ToText(callback), true
	case own, policy == ast.CallbackNone, policy == ast.CallbackNotAsked, policy == ast.CallbackInjectUnlessCarried && d.sends:
		return s, s.check(d)
	case r.address() == "": // a check of a connection has none
		return s, s.check(d)
	default:
		d.address, d.sends = r.address(), true
	}
	s.add("oauth_callback", d.address)
	return s, s.check(d)
}

// check refuses what cannot be signed (spec make.md §12.3 to §12.6), and remembers the secrets.
func (s *signer) check(d *draft) error {
	r := s.run
	r.keepSecret(s.secret, s.privateKey, s.tokenSecret)
	if s.method == "" {
		s.method = oauth1.HMACSHA1
	}
	switch s.transport {
	case "":
		s.transport = "header"
	case "header", "query", "body":
	default:
		return fail(configurationError, "", "oauth: transport_method invalid")
	}
	shared := slices.Contains([]string{oauth1.HMACSHA1, oauth1.HMACSHA256, oauth1.HMACSHA512, oauth1.Plaintext}, s.method)
	rsa := slices.Contains([]string{oauth1.RSASHA1, oauth1.RSASHA256, oauth1.RSASHA512}, s.method)
	if s.hash == "true" && s.method != oauth1.HMACSHA1 && s.method != oauth1.RSASHA1 {
		if !sendsForm(d) {
			return fail(configurationError, "", "oauth: %s signature_method not supported with body_hash signing.", s.method)
		}
		s.hash = "" // a form needs none
	}
	switch {
	case shared && s.privateKey != "" && s.secret == "":
		return fail(configurationError, "", "oauth: private_key is for RSA methods; %s needs consumer_secret", s.method)
	}
	if s.hasRealm && s.transport != "header" {
		r.warn(ast.EventRealmLeftOut)
	}
	switch {
	case !shared && !rsa:
		return fail(configurationError, "", "Signature method not supported: %s", s.method)
	case s.method == oauth1.Plaintext && d.URL.Scheme == "http" && !r.spec.host.HTTP.Egress.AllowHTTP: // RFC 5849 §3.4.4
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
