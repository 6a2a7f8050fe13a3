package zapier

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/parser/document"
)

const (
	fieldKeys = "key label helpText type required placeholder choices computed inputFormat isNoSecret children list dict default"
	// olderFieldKeys and olderFieldTypes are those up to core 16.
	olderFieldKeys  = "dynamic search altersDynamicFields primary steadyState meta"
	fieldTypes      = "string number boolean datetime copy password integer text"
	olderFieldTypes = "file code"
)

// fields reads what the user is asked for; computed fields are not.
func (r *reader) fields(e entry) []*ast.Parameter {
	if !e.is(document.KindArray) {
		r.wrong(e, "a list of fields")
		return nil
	}
	var out []*ast.Parameter
	seen := map[string]bool{}
	for _, item := range e.node.Items {
		f := entry{e.name, item.Span, item}
		if !f.is(document.KindObject) {
			r.wrong(f, "a field")
			continue
		}
		key, ok := r.written(f, "key")
		switch {
		case key.node == nil:
			r.errorf("ZAP213", f.at, "", "the field has no \"key\"")
		case ok && key.node.Text == "":
			r.errorf("ZAP213", key.at, "", "the \"key\" of the field is empty")
		case ok && seen[key.node.Text]:
			r.errorf("ZAP212", key.at, "", "the field key %q is used twice", clip(key.node.Text))
		case ok:
			seen[key.node.Text] = true
		}
		if p := r.field(f); !isTrue(item.Get("computed")) {
			out = append(out, p)
		}
	}
	return out
}

// computed are the keys of the computed fields.
func computed(fields entry) (out []string) {
	for _, item := range fields.node.Items {
		if f := (entry{node: item}); isTrue(item.Get("computed")) && f.text("key") != "" {
			out = append(out, f.text("key"))
		}
	}
	return out
}

// field reads one field.
func (r *reader) field(e entry) *ast.Parameter {
	for i := range e.node.Members {
		m := &e.node.Members[i]
		if !isWord(m.Key, fieldKeys) && (r.version >= sealed || !isWord(m.Key, olderFieldKeys)) {
			r.unknownKey(e, m, fieldKeys, fmt.Sprintf("the key %q of a field is not known here", clip(m.Key)))
		}
	}
	for _, name := range []string{"label", "helpText", "placeholder"} {
		r.written(e, name)
	}
	p := &ast.Parameter{At: e.origin(), Name: e.text("key"), Label: e.text("label"), Help: e.text("helpText"), Type: "string"}
	p.Required, _ = r.boolean(e, "required")
	p.Secret = looksSecret(p.Name)
	r.boolean(e, "computed")
	if open, set := r.boolean(e, "isNoSecret"); set && open && p.Secret {
		m, _ := e.get("isNoSecret")
		r.errorf("ZAP211", m.at, "remove it", "the field %q looks secret by its name and must not be called open", clip(p.Name))
	}
	if m, ok := r.written(e, "inputFormat"); ok && !strings.Contains(m.node.Text, "{{input}}") {
		r.errorf("ZAP206", m.at, "", "inputFormat has no {{input}}, which stands for what the user types")
	}
	r.fieldType(p, e)
	if m, ok := e.get("default"); ok {
		p.HasDefault, p.Default = true, lowering{reader: r}.plain(m)
	}
	r.choices(p, e)
	r.nested(p, e)
	return p
}

// plain is a value as it is written.
func (l lowering) plain(e entry) ast.Value {
	switch e.node.Kind {
	case document.KindObject:
		return l.object(e, l.plain)
	case document.KindArray:
		out := &ast.Array{At: e.origin()}
		for _, item := range e.node.Items {
			out.Items = append(out.Items, l.plain(entry{e.name, item.Span, item}))
		}
		return out
	}
	return literal(e)
}

// looksSecret reports whether one of the words of a key is that of a secret (spec dialects.md §3.2).
func looksSecret(key string) bool {
	runes := []rune(key)
	var words strings.Builder
	for i, c := range runes {
		begins := i > 0 && unicode.IsUpper(c) && (!unicode.IsUpper(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1]))
		if c == '_' || c == '-' || begins {
			words.WriteByte(' ')
		}
		if c != '_' && c != '-' {
			words.WriteRune(unicode.ToLower(c))
		}
	}
	return slices.ContainsFunc(strings.Fields(words.String()), func(w string) bool { return isWord(w, "secret token password key") })
}

// fieldType reads the type of a field.
func (r *reader) fieldType(p *ast.Parameter, e entry) {
	m, ok := r.written(e, "type")
	if ok {
		p.Type = m.node.Text
		if !isWord(p.Type, fieldTypes) && (r.version >= sealed || !isWord(p.Type, olderFieldTypes)) {
			r.errorf("ZAP206", m.at, "use one of "+strings.ReplaceAll(fieldTypes, " ", ", "), "%q is no type of a field", clip(p.Type))
		}
	}
	switch p.Type {
	case "number":
		p.Kind = ast.ParameterNumber
	case "integer":
		p.Kind, p.Format = ast.ParameterNumber, ast.FormatInteger
	case "boolean":
		p.Kind = ast.ParameterBoolean
	case "password":
		p.Kind, p.Secret = ast.ParameterText, true
	case "copy":
		p.Visual = true
	case "text":
		p.Kind, p.Multiline = ast.ParameterText, true
	default:
		p.Kind = ast.ParameterText
	}
}

// choices reads the values that a field can have: a list of texts or of objects, or an object from values to labels.
func (r *reader) choices(p *ast.Parameter, e entry) {
	m, ok := e.get("choices")
	if !ok {
		return
	}
	p.Choice = true
	switch m.node.Kind {
	case document.KindObject:
		for i := range m.node.Members {
			o := entryOf(&m.node.Members[i])
			p.Options = append(p.Options, ast.ParameterOption{Label: o.node.Text, Value: textOf(o.origin(), o.name)})
		}
	case document.KindArray:
		for _, item := range m.node.Items {
			o := entry{m.name, item.Span, item}
			if o.is(document.KindObject) {
				if v, ok := o.get("value"); ok {
					p.Options = append(p.Options, ast.ParameterOption{Label: o.text("label"), Value: literal(v)})
				}
				continue
			}
			p.Options = append(p.Options, ast.ParameterOption{Label: item.Text, Value: literal(o)})
		}
	default:
		r.wrong(m, "a list or an object")
	}
}

// nested makes a list or an object of a field that says so.
func (r *reader) nested(p *ast.Parameter, e entry) {
	list, _ := r.boolean(e, "list")
	dict, _ := r.boolean(e, "dict")
	children, ok := e.get("children")
	switch {
	case ok:
		p.Kind, p.Format, p.Spec = ast.ParameterList, ast.FormatNone, r.fields(children)
	case dict:
		p.Kind, p.Format = ast.ParameterObject, ast.FormatNone
	case list:
		item := *p
		item.Name, item.HasDefault, item.Default, item.Required = "", false, nil, false
		p.Kind, p.Format, p.Spec, p.SpecIsItem = ast.ParameterList, ast.FormatNone, []*ast.Parameter{&item}, true
	}
}
