package schema

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/imlc-lang/imlc/internal/source"
	"github.com/imlc-lang/imlc/parser/document"
)

// location is a value of a document: its key, name and JSON pointer. The root is at the first key of the file and has
// neither name nor pointer.
type location struct {
	span          source.Span
	name, pointer string
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
			at.span, at.name = n.Span, ""
		} else {
			m := n.Member(name)
			if m == nil {
				return at
			}
			n = m.Value
			at.span, at.name = m.KeySpan, name
		}
		at.pointer = document.Pointer(at.pointer, name)
	}
	return at
}
