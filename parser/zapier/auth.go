package zapier

import (
	"strings"

	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/parser/document"
)

// signatureMethods are those that requests can be signed with (spec dialects.md §3.4).
const signatureMethods = "HMAC-SHA1 HMAC-SHA256 HMAC-SHA512 RSA-SHA1 RSA-SHA256 RSA-SHA512 PLAINTEXT"

// authField returns the field of a member of auth, nil for one that is a protocol parameter of its own.
func authField(o *ast.OAuth, name string) *ast.Value {
	switch name {
	case "oauth_consumer_key":
		return &o.ConsumerKey
	case "oauth_consumer_secret":
		return &o.ConsumerSecret
	case "oauth_token":
		return &o.Token
	case "oauth_token_secret":
		return &o.TokenSecret
	case "oauth_callback":
		return &o.Callback
	case "oauth_verifier":
		return &o.Verifier
	case "oauth_signature_method":
		return &o.SignatureMethod
	case "oauth_version":
		return &o.Version
	case "realm":
		return &o.Realm
	}
	return nil
}

// forTests are the members that the platform's own tests set: a nonce and a time that are written down sign only once.
const forTests = "oauth_nonce oauth_timestamp"

// checkAuth reports what is wrong with an auth as it is written.
func (r *reader) checkAuth(e entry) {
	if !r.flat(e) {
		return
	}
	r.authCurlies(e)
	for i := range e.node.Members {
		m := entryOf(&e.node.Members[i])
		if r.resolvesAuth() && m.is(document.KindText) && !hasCurly(m.node.Text) {
			r.bare(m, false)
		}
		fixed := m.is(document.KindText) && m.node.Text != "" && !(r.resolvesAuth() && hasCurly(m.node.Text))
		switch {
		case r.resolvesAuth() && m.is(document.KindText) && hasCurly(m.node.Text):
			r.names(m)
		case isWord(m.name, forTests):
			r.warnf("ZAP205", m.at, "remove it", "%q has no effect: each request has a nonce and a time of its own", m.name)
		case isWord(m.name, "oauth_consumer_secret oauth_token_secret") && fixed && !hasCurly(m.node.Text):
			r.warnf("ZAP209", m.at, "read it from the environment: {{process.env.CLIENT_SECRET}}", "a secret is written in the file")
		case m.name == "oauth_signature_method" && fixed && !isWord(m.node.Text, signatureMethods):
			r.errorf("ZAP305", m.at, "use one of "+strings.ReplaceAll(signatureMethods, " ", ", "), "the signature method %q is not supported", clip(m.node.Text))
		}
		if m.name == "realm" && !isBlank(m.node) {
			r.warnf("ZAP309", m.at, "", "realm is sent but not signed, as RFC 5849 wants it; the vendor signs it")
		}
	}
}

// oauth lowers the auth of a request; nil when nothing signs it.
func (l lowering) oauth(e entry) *ast.OAuth {
	auth, ok := e.get("auth")
	if !ok || len(auth.node.Members) == 0 {
		return nil
	}
	at := auth.origin()
	out := &ast.OAuth{At: at}
	for i := range auth.node.Members {
		m := entryOf(&auth.node.Members[i])
		if isWord(m.name, forTests) {
			continue
		}
		v := l.member(m)
		if m.name == "oauth_version" {
			v = invoke(m.origin(), "present", v)
		}
		if field := authField(out, m.name); field != nil {
			*field = v
			continue
		}
		if out.Extra == nil {
			out.Extra = &ast.Object{At: at}
		}
		out.Extra.Entries = append(out.Extra.Entries, ast.Entry{Key: m.name, KeyAt: m.at, Value: invoke(m.origin(), "present", v)})
	}
	if out.Version == nil && l.deviates(version10A) {
		out.Version = textOf(at, "1.0A")
	}
	withKey(out)
	return out
}

// withKey makes the consumer secret the private key where the method signs with one.
func withKey(o *ast.OAuth) {
	if o.SignatureMethod == nil || o.ConsumerSecret == nil {
		return
	}
	o.PrivateKey = &ast.Choose{At: o.At, Cases: []ast.ChooseCase{{Test: invoke(o.At, "usesKey", o.SignatureMethod), Then: o.ConsumerSecret}}}
}

// automatic is what signs requests in place of a beforeRequest function that cannot run: the consumer of the request for
// temporary credentials with the stored token (spec dialects.md §3.4). nil when that request says nothing.
func (r *reader) automatic(requestToken entry) *ast.OAuth {
	o := lowering{reader: r, step: inRequestToken}.oauth(requestToken)
	if o == nil {
		return nil
	}
	return r.stored(&ast.OAuth{At: o.At, ConsumerKey: o.ConsumerKey, ConsumerSecret: o.ConsumerSecret, PrivateKey: o.PrivateKey,
		SignatureMethod: o.SignatureMethod, Version: o.Version, Realm: o.Realm})
}

// stored signs with the token of the connection.
func (r *reader) stored(o *ast.OAuth) *ast.OAuth {
	o.Token, o.TokenSecret = lookup(o.At, ast.RootData, "oauth_token", false), lookup(o.At, ast.RootData, "oauth_token_secret", false)
	return o
}

// signs reports whether a merged request has an auth with members.
func signs(e entry) bool {
	auth := e.node.Get("auth")
	return auth != nil && len(auth.Members) > 0
}
