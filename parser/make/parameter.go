package make

import (
	"fmt"
	"unicode/utf8"

	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/parser/document"
)

var (
	parameterKeys = keySet("name", "type", "label", "help", "default", "required", "advanced", "editable", "multiline", "multiple",
		"options", "nested", "spec", "validate", "pattern")
	// editorKeys only change how the platform's editor shows a field; they are documented there and do nothing here.
	editorKeys = keySet("semantic", "grouped", "dynamic", "sort", "sequence", "schema", "tags", "coder", "visible", "convert",
		"mappable", "time", "rpc", "mode", "labels", "metadata", "codepage", "extension", "title", "text", "closable", "theme", "badge")
	knownParameterKeys = union(parameterKeys, editorKeys)
	validateKeys       = keySet("pattern", "min", "max", "minLength", "maxLength", "minItems", "maxItems", "enum")
	editableKeys       = keySet("enabled", "help")
	nestedKeys         = keySet("store", "domain")
	// reservedNames are taken by the platform, whose own values take their place.
	reservedNames = keySet("accountName", "teamID")
)

// longestPattern bounds a regular expression (spec iml.md §13), allPatterns those of a file, as compiling one may take ten
// microseconds a byte. Both are in bytes.
const (
	longestPattern = 4096
	allPatterns    = 64 << 10
)

// parameters reads a list of definitions (spec make.md §17.1). A text among them is the address of a remote procedure,
// which does not exist in a connection: it defines nothing.
func (r *reader) parameters(e entry) []*ast.Parameter {
	var out []*ast.Parameter
	named := map[string]*ast.Parameter{}
	for i := range e.node.Items {
		item := e.item(i)
		if item.is(document.KindText) {
			r.remote = true
			continue
		}
		if p := r.parameter(item, true); p != nil {
			r.twice(named, p, item)
			out = append(out, p)
		}
	}
	return out
}

// twice reports a name that a definition of the same list has already.
func (r *reader) twice(named map[string]*ast.Parameter, p *ast.Parameter, item entry) {
	first := named[p.Name]
	if first == nil || p.Name == "" {
		named[p.Name] = p
		return
	}
	at := item
	if m := item.node.Member("name"); m != nil {
		at = item.member(*m)
	}
	r.report(diag.Warning, "MAKE211", at, "give it a name of its own", "two parameters are named %q", clip(p.Name))
	r.list.Last().Related = []diag.Related{{Span: first.At.Span, Message: "first defined here"}}
}

func (r *reader) badParameter(e entry, format string, args ...any) {
	r.report(diag.Error, "MAKE211", e, "imlc help directives parameters lists the keys and types of a definition", format, args...)
	r.list.Last().Focus = e.node.Span
}

// parameter reads one definition. The definition of a list's item needs no name.
func (r *reader) parameter(e entry, named bool) *ast.Parameter {
	if e.is(document.KindInvalid) {
		return nil
	}
	if !e.is(document.KindObject) {
		r.badParameter(e, "a parameter definition is %s, expected an object with name and type", kindPhrase(e.node.Kind))
		return nil
	}
	p := &ast.Parameter{At: e.origin()}
	all := r.fields(e, knownParameterKeys)
	if typ, ok := all.get("type"); !ok {
		r.badParameter(e, "the parameter has no \"type\"")
	} else {
		r.parameterType(p, typ)
	}
	if _, ok := all.get("name"); !ok && named && !p.Visual {
		r.badParameter(e, "the parameter has no \"name\"")
	}
	for _, f := range all {
		r.parameterField(p, f)
	}
	p.DefaultAsText = p.Type == "hidden"
	return p
}

func (r *reader) parameterType(p *ast.Parameter, e entry) {
	if !r.parameterText(&p.Type, e) || r.hasHole(e) {
		return // what a template comes to is known to the platform's editor only
	}
	t, known := parameterTypes[p.Type]
	if p.Kind, p.Format, p.Secret, p.Visual, p.Choice = t.kind, t.format, t.secret, t.visual, t.choice; known {
		return
	}
	help, meant := "expected one of "+wordList(keysOf(parameterTypes)), meantWord(p.Type, keysOf(parameterTypes))
	if meant != "" {
		help = fmt.Sprintf("did you mean %q?", meant)
	}
	r.report(diag.Error, "MAKE211", e, help, "%q is no parameter type", clip(p.Type))
	r.instead(e, meant)
}

func (r *reader) parameterField(p *ast.Parameter, e entry) {
	switch e.name {
	case "name":
		r.parameterName(p, e)
	case "label":
		r.parameterText(&p.Label, e)
	case "help":
		r.parameterText(&p.Help, e)
	case "required":
		r.parameterFlag(&p.Required, e)
	case "advanced":
		r.parameterFlag(&p.Advanced, e)
	case "editable":
		r.editable(p, e)
	case "multiline":
		r.parameterFlag(&p.Multiline, e)
	case "multiple":
		r.parameterFlag(&p.Multiple, e)
	case "default":
		p.HasDefault, p.Default = true, data(e)
	case "options":
		r.options(p, e, properties{"label", "value"})
	case "nested":
		p.Nested = append(p.Nested, r.nested(e)...)
	case "spec":
		r.itemSpec(p, e)
	case "validate":
		r.validation(p, e)
	case "pattern":
		r.pattern(p, e)
	}
}

func (r *reader) parameterName(p *ast.Parameter, e entry) {
	if !r.parameterText(&p.Name, e) {
		return
	}
	switch n := utf8.RuneCountInString(p.Name); {
	case n < 1 || n > 128:
		r.badParameter(e, "the parameter name has %d characters, expected 1 to 128", n)
	case reservedNames[p.Name]:
		r.warnf("MAKE302", e, "the parameter name %q is reserved by the platform, whose own value takes its place", p.Name)
	}
}

func (r *reader) parameterText(target *string, e entry) bool {
	if !e.is(document.KindText) {
		r.badParameter(e, "%q of a parameter is %s, expected a text", e.name, kindPhrase(e.node.Kind))
		return false
	}
	*target = e.node.Text
	return true
}

func (r *reader) parameterFlag(target *bool, e entry) {
	if !e.is(document.KindBool) {
		r.badParameter(e, "%q of a parameter is %s, expected true or false", e.name, kindPhrase(e.node.Kind))
		return
	}
	*target = e.node.Bool
}

// editable reads a boolean, or an object with the key enabled.
func (r *reader) editable(p *ast.Parameter, e entry) {
	if !e.is(document.KindObject) {
		r.parameterFlag(&p.Editable, e)
		return
	}
	if enabled, ok := r.fields(e, editableKeys).get("enabled"); ok {
		r.parameterFlag(&p.Editable, enabled)
	}
}

// nested reads fields that belong to another: a list, an address, or an object with one of them as its store.
func (r *reader) nested(e entry) []*ast.Parameter {
	switch e.node.Kind {
	case document.KindArray:
		return r.parameters(e)
	case document.KindText, document.KindNull:
		r.remote = r.remote || e.is(document.KindText)
		return nil
	case document.KindObject:
		if store, ok := r.fields(e, nestedKeys).get("store"); ok && !store.is(document.KindObject) {
			return r.nested(store)
		} else if ok {
			r.badParameter(store, "\"store\" is an object, expected a list of parameter definitions")
		}
		return nil
	}
	r.badParameter(e, "\"nested\" is %s, expected a list of parameter definitions", kindPhrase(e.node.Kind))
	return nil
}

// itemSpec reads the item of an array or the fields of a collection.
func (r *reader) itemSpec(p *ast.Parameter, e entry) {
	switch e.node.Kind {
	case document.KindArray:
		p.Spec = r.parameters(e)
	case document.KindObject:
		if item := r.parameter(e, false); item != nil {
			p.Spec, p.SpecIsItem = []*ast.Parameter{item}, true
		}
	case document.KindText, document.KindNull:
	default:
		r.badParameter(e, "\"spec\" is %s, expected a definition or a list of definitions", kindPhrase(e.node.Kind))
	}
}
