package schema

import (
	"embed"
	"encoding/json"
	"path"
	"slices"
	"strings"

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
