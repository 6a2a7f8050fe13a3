package oracle

import (
	"slices"

	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/runtime/media"
	"github.com/imlc-lang/imlc/runtime/oauth1"
	"github.com/imlc-lang/imlc/runtime/uri"
	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm/value"
)

// credentials are the merged levels of the oauth directive, before anything was removed (spec make.md §12.2).
type credentials struct {
	keys map[string]value.Value
	// writesKey is set when a level writes consumer_key, whatever it evaluates to (§26.11).
	writesKey bool
}

// directiveKeys are the keys of spec make.md §12.1; any other is ignored.
var directiveKeys = []string{"consumer_key", "consumer_secret", "private_key", "token", "token_secret", "verifier", "signature_method",
	"transport_method", "body_hash", "callback", "realm"}

// credentials evaluates root, Base and request in this order: a key that is undefined creates none. A level that is
// false or null switches off what is below it.
func (o *operation) credentials(req *ast.Request) (*credentials, error) {
	c := &credentials{keys: map[string]value.Value{}}
	tree := o.host.tree
	if err := o.addLevel(c, tree.OAuth, true); err != nil {
		return nil, err
	}
	if o.module && tree.Base != nil {
		if err := o.addLevel(c, tree.Base.OAuth, false); err != nil {
			return nil, err
		}
	}
	return c, o.addLevel(c, req.OAuth, false)
}

func (o *operation) addLevel(c *credentials, level *ast.OAuth, root bool) error {
	if level == nil {
		return nil
	}
	x := value.Null()
	if !level.Off {
		var err error
		if x, err = o.evalIn(level.Value, o.context(nil, root)); err != nil {
			return err
		}
	}
	switch {
	case x.IsUndefined():
		return nil
	case x.Kind() == value.KindNull, x.Kind() == value.KindBool && !x.IsTrue():
		clear(c.keys)
		c.writesKey = false
		return nil
	case x.Object() == nil:
		return notAnObject(level.Value.Origin().Pointer, x.Kind())
	}
	if written, ok := level.Value.(*ast.Object); ok {
		c.writesKey = c.writesKey || slices.ContainsFunc(written.Entries, func(e ast.Entry) bool { return e.Key == "consumer_key" && !e.Spread })
	}
	for i := range x.Object().Len() {
		k, v := x.Object().At(i)
		if !slices.Contains(directiveKeys, k) || root && o.module && (k == "callback" || k == "verifier") {
			continue // of the root a module uses neither (spec make.md §16)
		}
		c.writesKey = c.writesKey || k == "consumer_key"
		c.keys[k] = v
	}
	return nil
}

// takeCallback removes the key callback: what it says, and whether it was written. Outside requestToken it has no
// effect.
func (o *operation) takeCallback(c *credentials) (callback value.Value, written bool) {
	callback, written = c.keys["callback"]
	delete(c.keys, "callback")
	if o.section != "requestToken" || o.module {
		return value.Undefined, false
	}
	return callback, written
}

// prune removes null keys, and empty texts but for the two secrets (spec make.md §12.2).
func (c *credentials) prune() {
	for k, v := range c.keys {
		empty := v.Kind() == value.KindText && v.Str() == "" && k != "consumer_secret" && k != "token_secret"
		if v.IsNil() || empty {
			delete(c.keys, k)
		}
	}
}

func (c *credentials) text(key string) string { return value.ToText(c.keys[key]) }

// effective returns what signs a request, nil when it is unsigned (spec make.md §12.2, §13.4). carried tells that the
// request has an oauth_callback of its own.
func (o *operation) effective(c *credentials, out *wire.Request, carried bool) (*oauth1.Params, error) {
	callback, written := o.takeCallback(c)
	c.prune()
	sends := written && value.IsTruthy(callback)
	if c.text("consumer_key") == "" && (len(c.keys) > 0 || sends || c.writesKey) {
		return nil, fail(configurationError, "", "oauth: consumer_key is required")
	}
	if len(c.keys) == 0 {
		return nil, nil
	}
	p := &oauth1.Params{ConsumerKey: c.text("consumer_key"), ConsumerSecret: c.text("consumer_secret"), PrivateKey: c.text("private_key"),
		Token: c.text("token"), TokenSecret: c.text("token_secret"), Verifier: c.text("verifier"), SignatureMethod: c.text("signature_method"),
		Realm: c.text("realm")}
	switch {
	case sends:
		p.Callback = value.ToText(callback)
	case !written && !carried && o.section == "requestToken" && !o.module:
		p.Callback = o.redirects.uri
	}
	_, p.HasRealm = c.keys["realm"]
	if p.SignatureMethod == "" {
		p.SignatureMethod = oauth1.HMACSHA1
	}
	for _, secret := range []string{p.ConsumerSecret, p.PrivateKey, p.TokenSecret} {
		o.addSecret(secret)
	}
	return p, o.transport(c, p, out)
}

// transport reads transport_method and body_hash, and looks at what does not go together (spec make.md §12.4 to §12.6).
func (o *operation) transport(c *credentials, p *oauth1.Params, out *wire.Request) error {
	switch c.text("transport_method") {
	case "", "header":
		p.Transport = oauth1.Header
	case "query":
		p.Transport = oauth1.Query
	case "body":
		p.Transport = oauth1.Body
	default:
		return fail(configurationError, "", "oauth: transport_method invalid")
	}
	switch hash := c.text("body_hash"); {
	case hash == "" || hash == "false":
	case hash != "true":
		p.BodyHash, p.BodyHashValue = oauth1.BodyHashGiven, hash
	case p.SignatureMethod == oauth1.HMACSHA1 || p.SignatureMethod == oauth1.RSASHA1:
		p.BodyHash = oauth1.BodyHashAuto
	case !sendsForm(out):
		return fail(configurationError, "", "oauth: %s signature_method not supported with body_hash signing.", p.SignatureMethod)
	}
	shared := []string{oauth1.HMACSHA1, oauth1.HMACSHA256, oauth1.HMACSHA512, oauth1.Plaintext}
	if slices.Contains(shared, p.SignatureMethod) && p.PrivateKey != "" && p.ConsumerSecret == "" {
		return fail(configurationError, "", "oauth: private_key is for RSA methods; %s needs consumer_secret", p.SignatureMethod)
	}
	if p.HasRealm && p.Transport != oauth1.Header {
		o.warn("MAKE505")
	}
	return nil
}

// sendsForm reports whether the request goes out with the media type of a form: the author's, else the automatic one.
func sendsForm(out *wire.Request) bool {
	if author := out.Header.Get("Content-Type"); author != "" {
		return media.IsForm(author)
	}
	return media.IsForm(out.Body.ContentType)
}

// carriedCallback returns the oauth_callback that a request has of its own: in the final query, the form pairs or the
// body's top-level keys (spec make.md §13.4).
func carriedCallback(p *parts, out *wire.Request) (string, bool) {
	const name = "oauth_callback"
	if text, ok := uri.Lookup(uri.SplitPairs(out.URL.Query), name); ok {
		return text, true
	}
	if p.bodyless() {
		return "", false
	}
	if v, ok := p.body.Object().Get(name); ok {
		return value.ToText(v), true
	}
	if p.body.Object() == nil && out.Body.Pairs && sendsForm(out) {
		for _, pair := range uri.SplitPairs(string(out.Body.Content)) {
			if pair.Name == name {
				return pair.Value, true
			}
		}
	}
	return "", false
}
