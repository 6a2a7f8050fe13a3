package supermetrics

import (
	"slices"
	"strings"

	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/parser/document"
)

var (
	classes = strings.Fields("public secret pii")
	sources = strings.Fields("userInput encrypted static")
)

// secrets checks the declared secrets, and keeps the texts for tests (spec dialects.md §4.2).
func (r *reader) secrets(o object) {
	if o.node == nil {
		return
	}
	r.unknown(o, []string{"items", "component"}, nil)
	m := r.list(o, "items")
	if m == nil {
		return
	}
	at := memberOrigin(o.at, *m)
	seen := map[string]bool{}
	for i, item := range m.Value.Items {
		here := object{item, itemOrigin(at, item, i)}
		if item.Kind != document.KindObject {
			r.atKey("SUP204", diag.Error, item.Span, "a secret is a "+item.Kind.String()+", expected an object with id, classification, source and value", "")
			continue
		}
		r.unknown(here, strings.Fields("id classification source value component"), nil)
		if item.Member("component") != nil {
			continue
		}
		r.secretItem(here, seen)
	}
}

// secretItem checks one secret that is written out.
func (r *reader) secretItem(o object, seen map[string]bool) {
	if id := o.node.Member("id"); id == nil {
		r.atKey("SUP203", diag.Error, o.at.Key, "a secret without id", "")
	} else if id.Value.Kind != document.KindText {
		r.wrong(*id, "a text")
	} else {
		if seen[id.Value.Text] {
			r.atKey("SUP209", diag.Error, id.KeySpan, "the id "+id.Value.Text+" is used twice", "ids of secrets are unique")
		}
		seen[id.Value.Text] = true
		r.plain["secrets."+id.Value.Text] = textAt(o.node, "value")
	}
	r.oneOf(o, "classification", classes)
	r.oneOf(o, "source", sources)
	if source := o.node.Member("source"); source != nil && source.Value.Text == "static" && textAt(o.node, "classification") == "secret" {
		r.atKey("SUP208", diag.Error, source.KeySpan, "a secret cannot be static", "use userInput or encrypted")
	}
	r.templateText(o.node.Member("value"))
}

// oneOf reports a value that is none of those that a key can have. A key that is absent passes.
func (r *reader) oneOf(o object, key string, values []string) {
	if m := o.node.Member(key); m != nil && (m.Value.Kind != document.KindText || !slices.Contains(values, m.Value.Text)) {
		r.atKey("SUP204", diag.Error, m.KeySpan, "the "+key+" is not known", "use one of "+strings.Join(values, ", "))
	}
}

// templateText warns of a text in brackets, as the vendor's templates have it where a value belongs.
func (r *reader) templateText(m *document.Member) {
	if m != nil && m.Value.Kind == document.KindText && strings.HasPrefix(m.Value.Text, "[") && strings.HasSuffix(m.Value.Text, "]") {
		r.atKey("SUP210", diag.Warning, m.KeySpan, "a text of the template is left in the value", "put your own value there")
	}
}

// signers tells that signers are not compiled, and which of them could not work.
func (r *reader) signers(n *document.Node) {
	m := n.Member("signers")
	if m == nil || len(m.Value.Items)+len(m.Value.Members) == 0 {
		return
	}
	r.atKey("SUP404", diag.Warning, m.KeySpan, "signers are kept and not compiled", "requests are signed by builderType")
	var look func(n *document.Node)
	look = func(n *document.Node) {
		rsa := slices.ContainsFunc(n.Members, func(e document.Member) bool { return e.Value.Text == "rsa" })
		for _, e := range n.Members {
			if rsa && e.Value.Kind == document.KindText && (e.Value.Text == "sha1" || e.Value.Text == "md5") {
				r.atKey("SUP405", diag.Error, e.KeySpan, "RSA does not go with "+e.Value.Text, "use sha256, sha384 or sha512")
			}
			look(e.Value)
		}
		for _, item := range n.Items {
			look(item)
		}
	}
	look(m.Value)
}

// usesSigner reports whether a request has the placeholder of a signer, so that it cannot be compiled.
func usesSigner(n *document.Node) bool {
	if n == nil {
		return false
	}
	for _, piece := range pieces(n.Text) {
		if p, ok := piece.(placeholder); ok && strings.HasPrefix(p.name, "signer.") {
			return true
		}
	}
	return slices.ContainsFunc(n.Items, usesSigner) || slices.ContainsFunc(n.Members, func(m document.Member) bool { return usesSigner(m.Value) })
}
