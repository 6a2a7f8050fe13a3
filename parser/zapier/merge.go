package zapier

import (
	"strings"

	"github.com/imlc-lang/imlc/parser/document"
)

// This file puts requests over requestTemplate (spec dialects.md §3.4, rule 1). What is merged keeps the place where it was
// written.

// merged puts a request over the template.
func (r *reader) merged(e entry) entry {
	if r.template == nil {
		return entry{e.name, e.at, withHeaders(e.node, mergeHeaders(nil, e.node.Get("headers")))}
	}
	out := &document.Node{Kind: document.KindObject, Span: e.node.Span}
	for _, key := range []string{"url", "method", "params", "headers", "body", "auth", "removeMissingValuesFrom", "skipThrowForStatus"} {
		own, below := e.node.Member(key), r.template.Member(key)
		if key == "removeMissingValuesFrom" || key == "auth" && !r.mergesAuth() {
			below = nil
		}
		m := own
		switch {
		case own == nil:
			m = below
		case below == nil:
		case key == "params", key == "auth", key == "body" && !isBlank(own.Value):
			m = &document.Member{Key: key, KeySpan: own.KeySpan, Value: mergeDeep(below.Value, own.Value)}
		case key == "body":
			m = below
		}
		if m != nil {
			out.Members = append(out.Members, *m)
		}
	}
	return entry{e.name, e.at, withHeaders(out, mergeHeaders(r.template.Get("headers"), e.node.Get("headers")))}
}

// isBlank reports whether a body is null or "", which does not replace another one.
func isBlank(n *document.Node) bool {
	return n.Kind == document.KindNull || n.Kind == document.KindText && n.Text == ""
}

// mergeDeep puts a value over another one: objects member by member, lists item by item, anything else replaces.
func mergeDeep(below, own *document.Node) *document.Node {
	switch {
	case below.Kind == document.KindObject && own.Kind == document.KindObject:
		out := &document.Node{Kind: document.KindObject, Span: own.Span}
		for _, m := range below.Members {
			if o := own.Member(m.Key); o != nil {
				m.KeySpan, m.Value = o.KeySpan, mergeDeep(m.Value, o.Value)
			}
			out.Members = append(out.Members, m)
		}
		for _, m := range own.Members {
			if below.Member(m.Key) == nil {
				out.Members = append(out.Members, m)
			}
		}
		return out
	case below.Kind == document.KindArray && own.Kind == document.KindArray:
		out := &document.Node{Kind: document.KindArray, Span: own.Span}
		for i := range max(len(below.Items), len(own.Items)) {
			switch {
			case i >= len(own.Items):
				out.Items = append(out.Items, below.Items[i])
			case i >= len(below.Items):
				out.Items = append(out.Items, own.Items[i])
			default:
				out.Items = append(out.Items, mergeDeep(below.Items[i], own.Items[i]))
			}
		}
		return out
	}
	return own
}

// withHeaders is a request with other headers.
func withHeaders(n, headers *document.Node) *document.Node {
	out := *n
	out.Members = nil
	for _, m := range n.Members {
		if m.Key != "headers" {
			out.Members = append(out.Members, m)
		}
	}
	if len(headers.Members) > 0 {
		out.Members = append(out.Members, document.Member{Key: "headers", KeySpan: headers.Members[0].KeySpan, Value: headers})
	}
	return &out
}

// mergeHeaders puts headers over each other without regard to case; one that is "", null or false removes.
func mergeHeaders(below, own *document.Node) *document.Node {
	out := &document.Node{Kind: document.KindObject}
	for _, level := range []*document.Node{below, own} {
		if level == nil {
			continue
		}
		for _, m := range level.Members {
			at := -1
			for i := range out.Members {
				if strings.EqualFold(out.Members[i].Key, m.Key) {
					at = i
				}
			}
			removes := isBlank(m.Value) || m.Value.Kind == document.KindBool && !m.Value.Bool
			switch {
			case removes && at >= 0:
				out.Members = append(out.Members[:at], out.Members[at+1:]...)
			case removes:
			case at >= 0:
				out.Members[at] = m
			default:
				out.Members = append(out.Members, m)
			}
		}
	}
	return out
}
