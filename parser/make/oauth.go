package make

import (
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
		return r.inBasic(e, s, out)
	case e.is(document.KindText):
		if out.Value = r.collection(e); out.Value == nil {
			return nil
		}
		return r.inBasic(e, s, out)
	case !e.is(document.KindObject):
		r.wrongType(e, "an object, one template, or false")
		return nil
	}
	o := &ast.Object{At: e.origin()}
	for _, m := range e.node.Members {
		f := e.member(m)
		if f.is(document.KindInvalid) {
			continue
		}
		if !oauthKeys[m.Key] {
			if spread, problems := template.IsSpreadKey(m.Key, m.KeyMap, r.notation); spread {
				r.addAll(problems, f.pointer)
				o.Entries = append(o.Entries, ast.Entry{Key: m.Key, KeyAt: m.KeySpan, Spread: true, Value: r.value(f)})
			} else {
				r.unknownKey(f, oauthKeys)
			}
			continue
		}
		if s.ignoresOAuth(m.Key) {
			r.noEffect(f, s.where())
			continue
		}
		if v := r.oauthValue(f); v != nil {
			o.Entries = append(o.Entries, ast.Entry{Key: m.Key, KeyAt: m.KeySpan, Value: v})
		}
	}
	out.Value = o
	return r.inBasic(e, s, out)
}

// inBasic marks the directive as an extension where Make does not know it (§12.2).
func (r *reader) inBasic(e entry, s section, o *ast.OAuth) *ast.OAuth {
	if s == inBasic {
		r.extension(e, `"oauth" in a basic connection`)
	}
	return o
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

// signatureMethod returns the literal signature method that a request signs with: its own, else that of the levels above,
// nearest first; "" when it is not signed or cannot be known.
func signatureMethod(levels ...*ast.OAuth) string {
	if len(levels) > 0 && levels[0] != nil && levels[0].Off {
		return ""
	}
	for _, o := range levels {
		if o == nil || o.Off {
			continue
		}
		object, ok := o.Value.(*ast.Object)
		if !ok {
			return ""
		}
		for i := len(object.Entries) - 1; i >= 0; i-- {
			x := object.Entries[i]
			if x.Spread {
				return ""
			}
			if t, ok := x.Value.(*ast.Template); ok && x.Key == "signature_method" {
				word, _ := t.Literal()
				return word
			}
		}
	}
	return ""
}
