package schema

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"math"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/parser/document"
)

//go:embed */*.json
var files embed.FS

// shared is the file of each dialect that holds the definitions its parts refer to.
const shared = "directives"

// Parts returns the names of the parts that a dialect has schemas for, in alphabetical order; none for a dialect
// without schemas. Those of "make" are base, call, common, communication.basic, communication.oauth1, params, scope and
// scopes; the other dialects have their main document, some in two forms.
func Parts(dialect string) []string {
	entries, err := files.ReadDir(dialect)
	if err != nil {
		return nil
	}
	var out []string
	for _, e := range entries {
		if name := strings.TrimSuffix(e.Name(), ".json"); name != shared {
			out = append(out, name)
		}
	}
	return out
}

// Source returns the schema of a part as indented JSON of draft 2020-12, whole in itself, as editors want it; nil when
// there is no such part.
func Source(dialect, part string) []byte {
	if !slices.Contains(Parts(dialect), part) {
		return nil
	}
	own, common := read(dialect, part), read(dialect, shared)
	if own == nil || common == nil {
		return nil
	}
	own["$defs"] = used(own, common["$defs"])
	out, err := json.MarshalIndent(own, "", "  ")
	if err != nil {
		return nil
	}
	return append(out, '\n')
}

func read(dialect, part string) map[string]any {
	data, err := files.ReadFile(path.Join(dialect, part+".json"))
	if err != nil {
		return nil
	}
	var out map[string]any
	if json.Unmarshal(data, &out) != nil {
		return nil
	}
	return out
}

// used picks the definitions that a schema refers to, directly or through others.
func used(schema any, defs any) map[string]any {
	all, _ := defs.(map[string]any)
	out := map[string]any{}
	var visit func(any)
	visit = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			if ref, ok := v["$ref"].(string); ok {
				name := strings.TrimPrefix(ref, "#/$defs/")
				if _, seen := out[name]; !seen && all[name] != nil {
					out[name] = all[name]
					visit(all[name])
				}
			}
			for _, x := range v {
				visit(x)
			}
		case []any:
			for _, x := range v {
				visit(x)
			}
		}
	}
	visit(schema)
	return out
}

var compiled sync.Map // dialect/part → func() (*jsonschema.Schema, error)

// compile compiles a schema once, when it is first needed.
func compile(dialect, part string) (*jsonschema.Schema, error) {
	name := dialect + "/" + part
	once, _ := compiled.LoadOrStore(name, sync.OnceValues(func() (*jsonschema.Schema, error) {
		source := Source(dialect, part)
		if source == nil {
			return nil, fmt.Errorf("no schema for part %q of dialect %q, expected one of %s", part, dialect, strings.Join(Parts(dialect), ", "))
		}
		c := jsonschema.NewCompiler()
		c.Draft = jsonschema.Draft2020
		url := "imlc:///" + name + ".json"
		if err := c.AddResource(url, bytes.NewReader(source)); err != nil {
			return nil, err
		}
		return c.Compile(url)
	}))
	return once.(func() (*jsonschema.Schema, error))()
}

// Codes are what a dialect calls values of a wrong type: the whole document, and a value in it.
type Codes struct{ Root, Value string }

// Validate checks the shape of a document against the schema of its part and returns a diagnostic per value of a wrong
// type, at its key, in order of place, with the codes of the caller. A nil root has no shape to check. An unknown part
// is an error.
func Validate(dialect, part string, root *document.Node, codes Codes) ([]diag.Diagnostic, error) {
	s, err := compile(dialect, part)
	if err != nil || root == nil || root.Kind == document.KindInvalid {
		return nil, err
	}
	err = s.Validate(plain(root))
	if err == nil {
		return nil, nil
	}
	invalid, ok := err.(*jsonschema.ValidationError)
	if !ok {
		return nil, fmt.Errorf("checking against the schema of %s: %w", part, err)
	}
	var list diag.List
	seen := map[string]bool{}
	collect(invalid, func(e *jsonschema.ValidationError) {
		if seen[e.InstanceLocation] {
			return
		}
		seen[e.InstanceLocation] = true
		list.Add(describe(root, codes, e))
	})
	list.Sort()
	return list.Items, nil
}

// collect calls visit for the causes without causes of their own: what really failed.
func collect(e *jsonschema.ValidationError, visit func(*jsonschema.ValidationError)) {
	if len(e.Causes) == 0 {
		visit(e)
	}
	for _, c := range e.Causes {
		collect(c, visit)
	}
}

func describe(root *document.Node, codes Codes, e *jsonschema.ValidationError) diag.Diagnostic {
	at := locate(root, e.InstanceLocation)
	d := diag.Diagnostic{Code: codes.Value, Severity: diag.Error, Span: at.span, Pointer: at.pointer, Message: e.Message}
	if at.pointer == "" {
		d.Code = codes.Root
	}
	if at.name != "" {
		d.Message = fmt.Sprintf("%q: %s", at.name, e.Message)
	}
	return d
}

// Merge adds the diagnostics of Validate that say something new: those at places where the list has no error yet. The
// list stays sorted.
func Merge(list *diag.List, shape []diag.Diagnostic) {
	type place struct {
		file  string
		start int
	}
	known := map[place]bool{}
	for _, d := range list.Items {
		if d.Severity == diag.Error && d.Span.File != nil {
			known[place{d.Span.File.Name, d.Span.Start}] = true
		}
	}
	for _, d := range shape {
		if d.Span.File == nil || !known[place{d.Span.File.Name, d.Span.Start}] {
			list.Add(d)
		}
	}
	list.Sort()
}

// plain converts a tree into what the validator wants. Numbers become doubles, clipped to finite ones: the validator
// computes with exact fractions, which a hostile exponent would make endless.
func plain(n *document.Node) any {
	switch n.Kind {
	case document.KindBool:
		return n.Bool
	case document.KindNumber:
		if math.IsNaN(n.Number) {
			return 0.0
		}
		return max(-math.MaxFloat64, min(math.MaxFloat64, n.Number))
	case document.KindText:
		return n.Text
	case document.KindObject:
		out := make(map[string]any, len(n.Members))
		for _, m := range n.Members {
			if m.Value.Kind != document.KindInvalid {
				out[m.Key] = plain(m.Value)
			}
		}
		return out
	case document.KindArray:
		out := make([]any, 0, len(n.Items))
		for _, x := range n.Items {
			out = append(out, plain(x))
		}
		return out
	}
	return nil
}

// Main returns the part that the main document of a dialect is checked against: the one whose schema has the comment "main",
// or "main with KEY" where the document has that key. It is "" for a dialect without schemas.
func Main(dialect string, root *document.Node) string {
	main := ""
	for _, part := range Parts(dialect) {
		comment, _ := read(dialect, part)["$comment"].(string)
		switch key, special := strings.CutPrefix(comment, "main with "); {
		case special && root.Get(key) != nil:
			return part
		case comment == "main":
			main = part
		}
	}
	return main
}
