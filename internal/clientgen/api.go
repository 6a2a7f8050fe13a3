// Package clientgen writes clients of the broker's API in Go and TypeScript from its OpenAPI description.
//
// It reads the part of OpenAPI 3.1 that the broker uses: objects, lists, maps, texts, numbers and truth values, JSON bodies,
// parameters of paths and queries. What it does not know is an error and not a guess.
package clientgen

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// schema is a schema of the description.
type schema struct {
	Ref         string `json:"$ref"`
	Type        any    `json:"type"` // a text, or a list with "null"
	Format      string
	Description string
	Enum        []string
	Properties  map[string]*schema
	Required    []string
	Items       *schema
	Additional  json.RawMessage `json:"additionalProperties"`
}

// kind is the type of a schema, "" for anything.
func (s *schema) kind() string {
	switch t := s.Type.(type) {
	case string:
		return t
	case []any:
		for _, one := range t {
			if text, ok := one.(string); ok && text != "null" {
				return text
			}
		}
	}
	return ""
}

// values is the schema of the values of a map, nil for an object with names of its own.
func (s *schema) values() (*schema, error) {
	if len(s.Additional) == 0 || string(s.Additional) == "false" {
		return nil, nil
	}
	var out schema
	return &out, json.Unmarshal(s.Additional, &out)
}

func refName(ref string) string { return ref[strings.LastIndexByte(ref, '/')+1:] }

// operation is one operation of the description.
type operation struct {
	ID          string `json:"operationId"`
	Summary     string
	Parameters  []parameter
	RequestBody *struct {
		Content map[string]struct{ Schema *schema }
	} `json:"requestBody"`
	Responses map[string]struct {
		Content map[string]struct{ Schema *schema }
	}

	method, path string
}

type parameter struct {
	Name, In, Description string
	Schema                *schema
}

// in lists the parameters of a kind, in their order.
func (o operation) in(kind string) []parameter {
	var out []parameter
	for _, p := range o.Parameters {
		if p.In == kind {
			out = append(out, p)
		}
	}
	return out
}

// body is the schema of the request's body, nil without one. A body of any bytes is a JSON value too.
func (o operation) body() *schema {
	if o.RequestBody == nil {
		return nil
	}
	if c, ok := o.RequestBody.Content["application/json"]; ok {
		return c.Schema
	}
	return &schema{}
}

// answer is the schema of what comes back, nil for nothing.
func (o operation) answer() *schema {
	if c, ok := o.Responses["200"].Content["application/json"]; ok {
		return c.Schema
	}
	return nil
}

// binary reports whether what comes back are bytes.
func (o operation) binary() bool {
	_, ok := o.Responses["200"].Content["application/octet-stream"]
	return ok
}

// api is a description.
type api struct {
	schemas    map[string]*schema
	operations []operation
}

// read reads a description. The operation proxy, which has any method and any body, is written by hand in each language.
func read(description []byte) (*api, error) {
	var doc struct {
		OpenAPI    string
		Paths      map[string]map[string]operation
		Components struct{ Schemas map[string]*schema }
	}
	if err := json.Unmarshal(description, &doc); err != nil {
		return nil, err
	}
	if !strings.HasPrefix(doc.OpenAPI, "3.1") {
		return nil, fmt.Errorf("the description is of OpenAPI %q, expected 3.1", doc.OpenAPI)
	}
	out := &api{schemas: doc.Components.Schemas}
	for _, path := range slices.Sorted(maps.Keys(doc.Paths)) {
		for _, method := range slices.Sorted(maps.Keys(doc.Paths[path])) {
			o := doc.Paths[path][method]
			o.method, o.path = strings.ToUpper(method), path
			if o.ID != "proxy" {
				out.operations = append(out.operations, o)
			}
		}
	}
	return out, nil
}

// pages says how an operation goes on: the schema of the items, the property that holds them, "" for the answer itself, and
// the property of the last item, or of the answer, that is the next after.
func (a *api) pages(o operation) (items *schema, list, next string, ok bool) {
	if !slices.ContainsFunc(o.in("query"), func(p parameter) bool { return p.Name == "after" }) || o.answer() == nil || o.method != "GET" {
		return nil, "", "", false
	}
	answer := o.answer()
	if answer.kind() == "array" {
		item := a.schemas[refName(answer.Items.Ref)]
		for _, name := range []string{"id", "name"} {
			if item != nil && item.Properties[name] != nil {
				return answer.Items, "", name, true
			}
		}
		return nil, "", "", false
	}
	s := a.schemas[refName(answer.Ref)]
	if s == nil || s.Properties["next"] == nil {
		return nil, "", "", false
	}
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		if s.Properties[name].kind() == "array" {
			return s.Properties[name].Items, name, "next", true
		}
	}
	return nil, "", "", false
}

// camel turns "list-connections" or "Patch-connectionRequest" into "ListConnections", "PatchConnectionRequest".
func camel(name string) string {
	var b strings.Builder
	for part := range strings.SplitSeq(name, "-") {
		if part != "" {
			b.WriteString(strings.ToUpper(part[:1]) + part[1:])
		}
	}
	return b.String()
}

func lower(name string) string { return strings.ToLower(name[:1]) + name[1:] }

// sentence makes a comment of a description.
func sentence(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if text != "" && !strings.HasSuffix(text, ".") {
		text += "."
	}
	return text
}
