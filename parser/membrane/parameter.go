package membrane

import (
	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/parser/document"
)

// parameters are the inputs of the user, from the JSON Schema of the authorisation: inputSchema, else ui.schema.
func (r *reader) parameters(l layer) []*ast.Parameter {
	schemas := l.schemas("inputSchema")
	if len(schemas) == 0 {
		for _, ui := range l.schemas("ui") {
			if m := ui.node.Member("schema"); m != nil {
				schemas = append(schemas, placed{m.Value, memberOrigin(ui.at, *m)})
			}
		}
	}
	return r.merged(schemas)
}

// commonParameters are what the owner gives, from parametersSchema.
func (r *reader) commonParameters(l layer) []*ast.Parameter {
	return r.merged(l.schemas("parametersSchema"))
}

// merged are the parameters of schemas, of which earlier ones go over later ones: an option's own over that of the root.
func (r *reader) merged(schemas []placed) []*ast.Parameter {
	var out []*ast.Parameter
	required, known := map[string]bool{}, map[string]bool{}
	for _, s := range schemas {
		for _, name := range textsOf(s.node.Get("required")) {
			required[name] = true
		}
	}
	for _, s := range schemas {
		for _, p := range r.properties(s) {
			p.Required = p.Required || required[p.Name]
			if !known[p.Name] {
				known[p.Name], out = true, append(out, p)
			}
		}
	}
	return out
}

// placed is a node with its place.
type placed struct {
	node *document.Node
	at   ast.Origin
}

// schemas are the objects under a key, the most specific first.
func (l layer) schemas(key string) []placed {
	var out []placed
	for i, n := range l.nodes {
		if m := n.Member(key); m != nil && m.Value.Kind == document.KindObject {
			out = append(out, placed{m.Value, memberOrigin(l.origins[i], *m)})
		}
	}
	if len(out) == 0 && l.fallback != nil {
		if m := l.fallback.Member(key); m != nil && m.Value.Kind == document.KindObject {
			out = append(out, placed{m.Value, memberOrigin(ast.Origin{}, *m)})
		}
	}
	return out
}

// properties reads the properties of a JSON Schema object.
func (r *reader) properties(s placed) []*ast.Parameter {
	m := s.node.Member("properties")
	if m == nil {
		return nil
	}
	at := memberOrigin(s.at, *m)
	if m.Value.Kind != document.KindObject {
		r.atKey("MEM207", diag.Error, m.KeySpan, "properties is a "+m.Value.Kind.String()+", expected an object", "")
		return nil
	}
	r.kind(s.node, "required", document.KindArray)
	required := map[string]bool{}
	for _, name := range textsOf(s.node.Get("required")) {
		required[name] = true
	}
	var out []*ast.Parameter
	for _, e := range m.Value.Members {
		r.kindOf(&e, document.KindObject)
		p := r.property(e, memberOrigin(at, e))
		p.Required = required[p.Name]
		out = append(out, p)
	}
	return out
}

// property reads one property: type, title, bounds, choices.
func (r *reader) property(e document.Member, at ast.Origin) *ast.Parameter {
	n := e.Value
	for key, want := range keywordKinds {
		r.kind(n, key, want)
	}
	p := &ast.Parameter{At: at, Name: e.Key, Type: r.typeOf(n), Label: textAt(n, "title"), Help: textAt(n, "description")}
	switch p.Type {
	case "string":
		p.Kind = ast.ParameterText
	case "integer":
		p.Kind, p.Format = ast.ParameterNumber, ast.FormatInteger
	case "number":
		p.Kind = ast.ParameterNumber
	case "boolean":
		p.Kind = ast.ParameterBoolean
	case "array":
		p.Kind = ast.ParameterList
		if items := n.Member("items"); items != nil && items.Value.Kind == document.KindObject {
			p.Spec, p.SpecIsItem = []*ast.Parameter{r.property(*items, memberOrigin(at, *items))}, true
		}
	case "object":
		p.Kind = ast.ParameterObject
		p.Spec = r.properties(placed{n, at})
	}
	switch textAt(n, "format") {
	case "password":
		p.Secret = true
	case "email":
		p.Format = ast.FormatEmail
	case "uri", "url":
		p.Format = ast.FormatURL
	case "uuid":
		p.Format = ast.FormatUUID
	}
	if d := n.Member("default"); d != nil {
		p.HasDefault, p.Default = true, tree(d.Value, memberOrigin(at, *d))
	}
	p.Validate = ast.Validate{Pattern: textAt(n, "pattern"), MinLength: number(n, "minLength"), MaxLength: number(n, "maxLength"),
		Min: number(n, "minimum"), Max: number(n, "maximum"), MinItems: number(n, "minItems"), MaxItems: number(n, "maxItems")}
	if list := n.Get("enum"); list != nil {
		p.Choice = true
		for i, item := range list.Items {
			p.Options = append(p.Options, ast.ParameterOption{Label: item.Text, Value: tree(item, itemOrigin(at, item, i))})
		}
	}
	return p
}

// keywordKinds are the kinds of the keywords of JSON Schema that are read.
var keywordKinds = map[string]document.Kind{"title": document.KindText, "description": document.KindText, "format": document.KindText,
	"pattern": document.KindText, "enum": document.KindArray, "minLength": document.KindNumber, "maxLength": document.KindNumber,
	"minimum": document.KindNumber, "maximum": document.KindNumber, "minItems": document.KindNumber, "maxItems": document.KindNumber}

// typeOf is the type of a property, of a list of types the first that is not null.
func (r *reader) typeOf(n *document.Node) string {
	m := n.Member("type")
	if m == nil || m.Value.Kind == document.KindText {
		return textAt(n, "type")
	}
	for _, name := range textsOf(m.Value) {
		if name != "null" {
			return name
		}
	}
	r.kind(n, "type", document.KindText)
	return ""
}

func number(n *document.Node, key string) *float64 {
	if v := n.Get(key); v != nil && v.Kind == document.KindNumber {
		return &v.Number
	}
	return nil
}

func textsOf(n *document.Node) []string {
	var out []string
	if n != nil {
		for _, item := range n.Items {
			if item.Kind == document.KindText {
				out = append(out, item.Text)
			}
		}
	}
	return out
}
