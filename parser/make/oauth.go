package make

import (
	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/parser/document"
	"github.com/imlc-lang/imlc/parser/template"
)

// oauth reads an oauth directive (spec make.md §12). The section "" is the root of the connection.
func (r *reader) oauth(e entry, s section) *ast.OAuth {
	out := &ast.OAuth{At: e.origin()}
	switch {
	case e.is(document.KindNull), e.is(document.KindBool) && !e.node.Bool:
		out.Off = true
	case e.is(document.KindText):
		if out.Whole = r.collection(e); out.Whole == nil {
			return nil
		}
	case e.is(document.KindObject):
		r.oauthKeys(out, e, s)
	default:
		r.wrongType(e, "an object, one template, or false")
		return nil
	}
	if s == inBasic {
		r.extension(e, `"oauth" in a basic connection`)
	}
	return out
}

// oauthKeys reads the keys of a written directive. With a spread among them it is computed as a whole.
func (r *reader) oauthKeys(out *ast.OAuth, e entry, s section) {
	whole, spreads := &ast.Object{At: e.origin()}, false
	for _, m := range e.node.Members {
		f := e.member(m)
		if f.is(document.KindInvalid) {
			continue
		}
		key, spread, v := m.Key, false, ast.Value(nil)
		switch {
		case oauthKeys[m.Key] && s.ignoresOAuth(m.Key):
			r.noEffect(f, s.where())
			continue
		case oauthKeys[m.Key]:
			v = r.oauthValue(f)
		case s == inRenew && m.Key == "session_handle":
			if v := r.oauthValue(f); v != nil {
				out.Extra = &ast.Object{At: f.origin(), Entries: []ast.Entry{{Key: "oauth_session_handle", KeyAt: m.KeySpan, Value: v}}}
			}
			continue
		default:
			var problems []diag.Diagnostic
			if spread, problems = template.IsSpreadKey(m.Key, m.KeyMap, r.notation); !spread {
				if key = r.unknownKey(f, oauthKeys, e.node); !oauthKeys[key] || s.ignoresOAuth(key) {
					continue
				}
				f.name = key
				v = r.oauthValue(f)
				break
			}
			r.addAll(problems, f.pointer)
			v, spreads = r.value(f), true
		}
		if v != nil {
			whole.Entries = append(whole.Entries, ast.Entry{Key: key, KeyAt: m.KeySpan, Spread: spread, Value: v})
		}
	}
	for _, x := range whole.Entries {
		out.NeedsKey = out.NeedsKey || x.Key == "consumer_key"
		if field := oauthField(out, x.Key); field != nil && !spreads {
			*field = x.Value
		}
	}
	if spreads {
		out.Whole = whole
	}
}

// oauthField returns the field of a key (spec make.md §12.1), nil for a name that is none.
func oauthField(o *ast.OAuth, key string) *ast.Value {
	switch key {
	case "consumer_key":
		return &o.ConsumerKey
	case "consumer_secret":
		return &o.ConsumerSecret
	case "private_key":
		return &o.PrivateKey
	case "token":
		return &o.Token
	case "token_secret":
		return &o.TokenSecret
	case "verifier":
		return &o.Verifier
	case "signature_method":
		return &o.SignatureMethod
	case "transport_method":
		return &o.Transport
	case "body_hash":
		return &o.BodyHash
	case "callback":
		return &o.Callback
	case "realm":
		return &o.Realm
	}
	return nil
}

// oauthValue reads one protocol value. null removes a key everywhere; false switches the callback and the body hash off
// (§12.2, §12.6, §13.4).
func (r *reader) oauthValue(e entry) ast.Value {
	if e.name == "callback" || e.name == "realm" {
		r.extension(e, "\"oauth."+e.name+"\"")
	}
	switch {
	case e.is(document.KindNull):
		return literal(e)
	case e.is(document.KindBool) && (e.name == "body_hash" || e.name == "callback" && !e.node.Bool):
		return literal(e)
	case !e.is(document.KindText):
		expected := "a text"
		if e.name == "body_hash" {
			expected = "a text or a boolean"
		}
		r.wrongType(e, expected)
		return nil
	}
	r.length(e, 0, 512)
	r.credential = true
	defer func() { r.credential = false }()
	switch e.name {
	case "signature_method":
		t := r.oneOf(e, allMethods)
		if word, fixed := t.Literal(); fixed && extraMethods[word] {
			r.extension(e, "the signature method "+word)
		}
		return t
	case "transport_method":
		return r.oneOf(e, transports)
	}
	return r.template(e)
}

// signatureMethod returns the literal signature method that a request signs with: its own, else that of the levels
// above, nearest first; "" when it is not signed or cannot be known.
func signatureMethod(levels ...*ast.OAuth) string {
	if len(levels) > 0 && levels[0] != nil && levels[0].Off {
		return ""
	}
	for _, o := range levels {
		switch {
		case o == nil || o.Off:
		case o.Whole != nil:
			return ""
		case o.SignatureMethod != nil:
			if t, ok := o.SignatureMethod.(*ast.Template); ok {
				word, _ := t.Literal()
				return word
			}
		}
	}
	return ""
}

// oauthValues lists what a directive computes, in the order of §12.1.
func oauthValues(o *ast.OAuth) []ast.Value {
	return []ast.Value{o.Whole, o.ConsumerKey, o.ConsumerSecret, o.PrivateKey, o.Token, o.TokenSecret, o.Verifier,
		o.SignatureMethod, o.Transport, o.BodyHash, o.Callback, o.Realm}
}
