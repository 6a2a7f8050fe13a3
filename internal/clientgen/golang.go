package clientgen

import (
	"bytes"
	"fmt"
	"go/format"
	"maps"
	"slices"
	"strings"
)

// Go returns the generated part of the Go client.
func Go(description []byte) ([]byte, error) {
	a, err := read(description)
	if err != nil {
		return nil, err
	}
	g := &goWriter{api: a}
	g.printf("// Code generated from the OpenAPI description of the broker; DO NOT EDIT.\n\npackage client\n\nimport (\n\"context\"\n\"encoding/json\"\n\"iter\"\n\"net/http\"\n\"net/url\"\n\"time\"\n)\n\n")
	for _, name := range slices.Sorted(maps.Keys(a.schemas)) {
		if name != "Problem" { // it is an error, and written by hand
			g.declare(name, a.schemas[name])
		}
	}
	for _, o := range a.operations {
		g.operation(o)
	}
	if g.err != nil {
		return nil, g.err
	}
	return format.Source(g.out.Bytes())
}

type goWriter struct {
	api *api
	out bytes.Buffer
	err error
}

func (g *goWriter) printf(text string, args ...any) { fmt.Fprintf(&g.out, text, args...) }

// initials are names that Go writes in capitals.
var initials = map[string]string{"Id": "ID", "Uid": "UID", "Url": "URL"}

func goName(name string) string {
	name = camel(name)
	if all, ok := initials[name]; ok {
		return all
	}
	return name
}

// goType is the Go type of a schema.
func (g *goWriter) goType(s *schema) string {
	if s.Ref != "" {
		return camel(refName(s.Ref))
	}
	switch s.kind() {
	case "":
		return "json.RawMessage"
	case "string":
		if s.Format == "date-time" {
			return "time.Time"
		}
		return "string"
	case "integer":
		return "int"
	case "number":
		return "float64"
	case "boolean":
		return "bool"
	case "array":
		return "[]" + g.goType(s.Items)
	case "object":
		if values, err := s.values(); err == nil && values != nil {
			if values.kind() == "" && values.Ref == "" {
				return "map[string]any"
			}
			return "map[string]" + g.goType(values)
		}
	}
	g.err = fmt.Errorf("a schema of type %v has no Go type", s.Type)
	return "any"
}

func (g *goWriter) declare(name string, s *schema) {
	g.printf("// %s is an object of the API.\ntype %s struct {\n", camel(name), camel(name))
	for _, p := range slices.Sorted(maps.Keys(s.Properties)) {
		field := s.Properties[p]
		if text := sentence(field.Description); text != "" {
			g.printf("// %s: %s\n", goName(p), text)
		}
		if len(field.Enum) > 0 {
			g.printf("// It is one of %s.\n", strings.Join(field.Enum, ", "))
		}
		kind, tag := g.goType(field), p
		if !slices.Contains(s.Required, p) {
			tag += ",omitzero"
			switch {
			case field.Ref != "" || strings.HasPrefix(name, "Patch-") && field.kind() == "string":
				kind = "*" + kind // what is not there differs from what is empty
			}
		}
		g.printf("%s %s `json:%q`\n", goName(p), kind, tag)
	}
	g.printf("}\n\n")
}

func (g *goWriter) operation(o operation) {
	name := camel(o.ID)
	args, query := "ctx context.Context", o.in("query")
	path := `"` + o.path + `"`
	for _, p := range o.in("path") {
		kind := g.goType(p.Schema)
		args += ", " + p.Name + " " + kind
		path = strings.ReplaceAll(path, "{"+p.Name+"}", `" + escape(`+p.Name+`) + "`)
	}
	path = strings.TrimSuffix(path, ` + ""`)
	values := "nil"
	if len(query) > 0 {
		g.query(name, query)
		args, values = args+", q "+name+"Query", "q.values()"
	}
	body := "nil"
	if s := o.body(); s != nil {
		kind := "any"
		if s.Ref != "" {
			kind = g.goType(s)
		}
		args, body = args+", body "+kind, "body"
	}
	g.printf("// %s: %s\n", name, sentence(o.Summary))
	s, kind := o.answer(), "[]byte"
	if s != nil {
		kind = g.goType(s)
	}
	if s != nil || o.binary() {
		g.printf("func (c *Client) %s(%s) (%s, error) {\nvar out %s\nerr := c.do(ctx, http.Method%s, %s, %s, %s, &out)\nreturn out, err\n}\n\n", name, args, kind, kind, title(o.method), path, values, body)
	} else {
		g.printf("func (c *Client) %s(%s) error {\nreturn c.do(ctx, http.Method%s, %s, %s, %s, nil)\n}\n\n", name, args, title(o.method), path, values, body)
	}
	if items, list, next, ok := g.api.pages(o); ok {
		g.all(name, items, list, next)
	}
}

func title(method string) string { return method[:1] + strings.ToLower(method[1:]) }

// query writes the parameters of a query.
func (g *goWriter) query(name string, query []parameter) {
	g.printf("// %sQuery holds the parameters of %s; what is zero is not sent.\ntype %sQuery struct {\n", name, name, name)
	for _, p := range query {
		if text := sentence(p.Description); text != "" {
			g.printf("// %s: %s\n", goName(p.Name), text)
		}
		g.printf("%s %s\n", goName(p.Name), g.goType(p.Schema))
	}
	g.printf("}\n\nfunc (q %sQuery) values() url.Values {\nout := url.Values{}\n", name)
	for _, p := range query {
		g.printf("add(out, %q, q.%s)\n", p.Name, goName(p.Name))
	}
	g.printf("return out\n}\n\n")
}

// all writes an iterator over every page.
func (g *goWriter) all(name string, items *schema, list, next string) {
	kind := g.goType(items)
	g.printf("// All%s is %s over every page, from q.After on. It ends at the first error.\n", strings.TrimPrefix(name, "List"), name)
	g.printf("func (c *Client) All%s(ctx context.Context, q %sQuery) iter.Seq2[%s, error] {\nreturn pages(func(after string) ([]%s, string, error) {\nif after != \"\" {\nq.After = after\n}\n", strings.TrimPrefix(name, "List"), name, kind, kind)
	g.printf("page, err := c.%s(ctx, q)\n", name)
	if list != "" {
		g.printf("return page.%s, page.%s, err\n})\n}\n\n", goName(list), goName(next))
		return
	}
	g.printf("if err != nil || len(page) == 0 {\nreturn nil, \"\", err\n}\nreturn page, page[len(page)-1].%s, nil\n})\n}\n\n", goName(next))
}
