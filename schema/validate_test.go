package schema

import (
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/imlc-lang/imlc/internal/source"
	"github.com/imlc-lang/imlc/parser/document"
)

// location is a value of a document: its key and its JSON pointer. The root is at the first key of the file and has no
// pointer.
type location struct {
	span    source.Span
	pointer string
}

var compiled sync.Map // dialect/part → func() (*jsonschema.Schema, error)

// refused returns where a document has not the shape that the schema of its part asks for, in order of place.
func refused(t *testing.T, dialect, part string, root *document.Node) []location {
	t.Helper()
	name := dialect + "/" + part
	once, _ := compiled.LoadOrStore(name, sync.OnceValues(func() (*jsonschema.Schema, error) {
		return jsonschema.CompileString("imlc:///"+name+".json", string(Source(dialect, part)))
	}))
	s, err := once.(func() (*jsonschema.Schema, error))()
	if err != nil {
		t.Fatal(err)
	}
	var plain any
	if err := json.Unmarshal([]byte(document.WriteJSON(root, false)), &plain); err != nil {
		t.Fatal(err)
	}
	var out []location
	seen := map[string]bool{}
	var collect func(e *jsonschema.ValidationError)
	collect = func(e *jsonschema.ValidationError) {
		if len(e.Causes) == 0 && !seen[e.InstanceLocation] { // what really failed
			seen[e.InstanceLocation] = true
			out = append(out, locate(root, e.InstanceLocation))
		}
		for _, c := range e.Causes {
			collect(c)
		}
	}
	if invalid := new(jsonschema.ValidationError); errors.As(s.Validate(plain), &invalid) {
		collect(invalid)
	}
	slices.SortStableFunc(out, func(a, b location) int { return a.span.Start - b.span.Start })
	return out
}

// locate follows an instance location of the validator: a JSON pointer whose tokens are percent-encoded on top. Where
// the tree ends early, the last value that exists is the answer.
func locate(root *document.Node, instance string) location {
	at := location{span: root.Span}
	at.span.End = min(at.span.End, at.span.Start+1)
	if key, ok := root.FirstKey(); ok {
		at.span = key
	}
	n := root
	for _, token := range strings.Split(instance, "/")[1:] {
		name, err := url.PathUnescape(token)
		if err != nil {
			name = token
		}
		name = strings.ReplaceAll(strings.ReplaceAll(name, "~1", "/"), "~0", "~")
		if n.Kind == document.KindArray {
			i, err := strconv.Atoi(name)
			if err != nil || i < 0 || i >= len(n.Items) {
				return at
			}
			n = n.Items[i]
			at.span = n.Span
		} else {
			m := n.Member(name)
			if m == nil {
				return at
			}
			n = m.Value
			at.span = m.KeySpan
		}
		at.pointer = document.Pointer(at.pointer, name)
	}
	return at
}
