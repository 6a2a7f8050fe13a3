package clientgen

import (
	"bytes"
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

//go:embed core.js
var coreJS string

//go:embed core.d.ts
var coreTypes string

// TypeScript returns the client for JavaScript, which runs as it is, and its types.
func TypeScript(description []byte) (script, types []byte, err error) {
	a, err := read(description)
	if err != nil {
		return nil, nil, err
	}
	g := &tsWriter{api: a}
	const head = "// Code generated from the OpenAPI description of the broker; DO NOT EDIT.\n\n"
	core, end, _ := strings.Cut(coreJS, "  // operations\n")
	coreT, endT, _ := strings.Cut(coreTypes, "  // operations\n")
	g.js.WriteString(head + core)
	var declarations bytes.Buffer
	for _, name := range slices.Sorted(maps.Keys(a.schemas)) {
		if name != "Problem" {
			g.declare(&declarations, name, a.schemas[name])
		}
	}
	g.ts.WriteString(head + declarations.String() + coreT)
	for _, o := range a.operations {
		g.operation(o)
	}
	g.js.WriteString(end)
	g.ts.WriteString(endT)
	return g.js.Bytes(), g.ts.Bytes(), g.err
}

type tsWriter struct {
	api    *api
	js, ts bytes.Buffer
	err    error
}

// tsType is the TypeScript type of a schema.
func (g *tsWriter) tsType(s *schema) string {
	if s.Ref != "" {
		return camel(refName(s.Ref))
	}
	if len(s.Enum) > 0 {
		words := make([]string, len(s.Enum))
		for i, w := range s.Enum {
			words[i] = strconv.Quote(w)
		}
		return strings.Join(words, " | ")
	}
	switch s.kind() {
	case "":
		return "unknown"
	case "string":
		return "string"
	case "integer", "number":
		return "number"
	case "boolean":
		return "boolean"
	case "array":
		return g.tsType(s.Items) + "[]"
	case "object":
		if values, err := s.values(); err == nil && values != nil {
			return "Record<string, " + g.tsType(values) + ">"
		}
	}
	g.err = fmt.Errorf("a schema of type %v has no TypeScript type", s.Type)
	return "unknown"
}

func (g *tsWriter) declare(out *bytes.Buffer, name string, s *schema) {
	fmt.Fprintf(out, "export interface %s {\n", camel(name))
	for _, p := range slices.Sorted(maps.Keys(s.Properties)) {
		if text := sentence(s.Properties[p].Description); text != "" {
			fmt.Fprintf(out, "  /** %s */\n", text)
		}
		optional := "?"
		if slices.Contains(s.Required, p) {
			optional = ""
		}
		fmt.Fprintf(out, "  %s%s: %s;\n", p, optional, g.tsType(s.Properties[p]))
	}
	out.WriteString("}\n\n")
}

func (g *tsWriter) operation(o operation) {
	name := lower(camel(o.ID))
	var names, typed []string
	path := o.path
	for _, p := range o.in("path") {
		names, typed = append(names, p.Name), append(typed, p.Name+": "+g.tsType(p.Schema))
		path = strings.ReplaceAll(path, "{"+p.Name+"}", "${encodeURIComponent("+p.Name+")}")
	}
	extra := ""
	if s := o.body(); s != nil {
		names, typed, extra = append(names, "body"), append(typed, "body: "+g.tsType(s)), ", { body }"
	}
	answer := "void"
	if s := o.answer(); s != nil {
		answer = g.tsType(s)
	}
	if o.binary() {
		answer = "Uint8Array"
	}
	query := o.in("query")
	if len(query) > 0 {
		var members []string
		for _, p := range query {
			members = append(members, p.Name+"?: "+g.tsType(p.Schema))
		}
		names, typed, extra = append(names, "query = {}"), append(typed, "query?: { "+strings.Join(members, "; ")+" }"), ", { query }"
	}
	if o.binary() {
		extra = strings.TrimSuffix(extra, " }") + ", binary: true }"
	}
	fmt.Fprintf(&g.ts, "  /** %s */\n  %s(%s): Promise<%s>;\n", sentence(o.Summary), name, strings.Join(typed, ", "), answer)
	fmt.Fprintf(&g.js, "  /** %s */\n  %s(%s) {\n    return this.request(%q, `%s`%s);\n  }\n\n", sentence(o.Summary), name, strings.Join(names, ", "), o.method, path, extra)
	if items, list, next, ok := g.api.pages(o); ok {
		all := "all" + strings.TrimPrefix(camel(o.ID), "List")
		fmt.Fprintf(&g.ts, "  /** Every item of every page of %s, from query.after on. */\n  %s(%s): AsyncGenerator<%s, void, void>;\n", name, all, strings.Join(typed, ", "), g.tsType(items))
		take := fmt.Sprintf("(page) => [page, page.at(-1)?.%s]", next)
		if list != "" {
			take = fmt.Sprintf("(page) => [page.%s, page.%s]", list, next)
		}
		fmt.Fprintf(&g.js, "  /** Every item of every page of %s, from query.after on. */\n  %s(query = {}) {\n    return pages((q) => this.%s(q), query, %s);\n  }\n\n", name, all, name, take)
	}
}
