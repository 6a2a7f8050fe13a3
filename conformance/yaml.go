package conformance

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/imlc-lang/imlc/vm/value"
)

// maxYAMLNodes bounds what aliases may unfold to.
const maxYAMLNodes = 200_000

// parseYAML reads one YAML document into a value: mappings keep their order, integers all digits, and timestamps
// stay the text that was written.
func parseYAML(text string) (value.Value, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
		return value.Undefined, err
	}
	if doc.Kind == 0 || len(doc.Content) == 0 {
		return value.Undefined, errors.New("the document is empty, a case was expected")
	}
	r := yamlReader{}
	return r.read(doc.Content[0], 0)
}

type yamlReader struct{ nodes int }

func (r *yamlReader) read(n *yaml.Node, depth int) (value.Value, error) {
	r.nodes++
	if r.nodes > maxYAMLNodes || depth > value.DefaultJSONDepth {
		return value.Undefined, fmt.Errorf("line %d: the document is too large or too deeply nested", n.Line)
	}
	switch n.Kind {
	case yaml.AliasNode:
		return r.read(n.Alias, depth+1)
	case yaml.SequenceNode:
		items := make([]value.Value, 0, len(n.Content))
		for _, c := range n.Content {
			v, err := r.read(c, depth+1)
			if err != nil {
				return v, err
			}
			items = append(items, v)
		}
		return value.Array(items), nil
	case yaml.MappingNode:
		o := value.NewObject(len(n.Content) / 2)
		for i := 0; i+1 < len(n.Content); i += 2 {
			k := n.Content[i]
			if k.Kind != yaml.ScalarNode {
				return value.Undefined, fmt.Errorf("line %d: a key must be a text", k.Line)
			}
			if o.Index(k.Value) >= 0 {
				return value.Undefined, fmt.Errorf("line %d: the key %s is written twice", k.Line, k.Value)
			}
			v, err := r.read(n.Content[i+1], depth+1)
			if err != nil {
				return v, err
			}
			o.Set(k.Value, v)
		}
		return value.Collection(o), nil
	}
	return scalar(n)
}

func scalar(n *yaml.Node) (value.Value, error) {
	switch n.ShortTag() {
	case "!!null":
		return value.Null(), nil
	case "!!bool":
		var b bool
		if err := n.Decode(&b); err != nil {
			return value.Undefined, err
		}
		return value.Bool(b), nil
	case "!!int":
		if v, ok := value.ParseInteger(strings.TrimPrefix(strings.ReplaceAll(n.Value, "_", ""), "+")); ok {
			return v, nil
		}
		i, err := strconv.ParseInt(strings.ReplaceAll(n.Value, "_", ""), 0, 64)
		return value.Int(i), err
	case "!!float":
		f, err := strconv.ParseFloat(strings.ReplaceAll(n.Value, "_", ""), 64)
		if err != nil {
			err = n.Decode(&f)
		}
		return value.Number(f), err
	}
	return value.Text(n.Value), nil
}

func decodeBase64(s string) ([]byte, error) { return base64.StdEncoding.DecodeString(s) }

func indexed(where string, i int) string { return where + "[" + strconv.Itoa(i) + "]" }

// knownRun reports whether a step's operation is one of the documented ones.
func knownRun(run string) bool {
	switch run {
	case "authorize", "callback", "info", "test", "validate", "renew", "reauthorize", "extendScope", "client":
		return true
	}
	return strings.HasPrefix(run, "call:") && len(run) > len("call:")
}
