package zapier

import (
	"slices"
	"strings"

	"github.com/imlc-lang/imlc/parser/document"
)

// This file puts requests over requestTemplate (spec dialects.md §3.4, rule 1). What is merged keeps the place where it was
// written.

// merged puts a request over the template.
func (r *reader) merged(e entry) entry {
	if r.template == nil || !r.affordable() {
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
		return mergeObjects(below, own)
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

func mergeObjects(below, own *document.Node) *document.Node {
	out := &document.Node{Kind: document.KindObject, Span: own.Span, Members: slices.Clone(below.Members)}
	at := make(map[string]int, len(out.Members))
	for i, m := range out.Members {
		at[m.Key] = i
	}
	for _, m := range own.Members {
		if i, there := at[m.Key]; there {
			m.Value = mergeDeep(out.Members[i].Value, m.Value)
			out.Members[i] = m
			continue
		}
		out.Members = append(out.Members, m)
	}
	return out
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
	at := map[string]int{}
	for _, level := range []*document.Node{below, own} {
		if level == nil {
			continue
		}
		for _, m := range level.Members {
			name := strings.ToLower(m.Key)
			if i, there := at[name]; there {
				out.Members[i] = m
				continue
			}
			at[name] = len(out.Members)
			out.Members = append(out.Members, m)
		}
	}
	out.Members = slices.DeleteFunc(out.Members, func(m document.Member) bool {
		return isBlank(m.Value) || m.Value.Kind == document.KindBool && !m.Value.Bool
	})
	return out
}

// size counts the values below a node, itself included.
func size(n *document.Node) int {
	total := 1
	for _, m := range n.Members {
		total += size(m.Value)
	}
	for _, item := range n.Items {
		total += size(item)
	}
	return total
}

// mostMerged bounds how many values requestTemplate may add to all requests together, so that a small file cannot become
// a huge plan.
const mostMerged = 100_000

// affordable reports whether the template can be put under one more request, and tells once when it cannot.
func (r *reader) affordable() bool {
	if r.merges < 0 {
		return false
	}
	if r.merges += r.templateSize; r.merges <= mostMerged {
		return true
	}
	r.merges = -1
	r.errorf("ZAP206", r.template.Span, "put less into it, or split the definition",
		"requestTemplate with %d values is too large for the number of requests that it is put under", r.templateSize)
	return false
}
