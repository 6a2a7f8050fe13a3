package content

import (
	"errors"
	"strings"

	"github.com/imlc-lang/imlc/internal/media"
	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm/value"
)

// XMLKeys names what has no name of its own in an XML answer. Every element is a list under its name, even a single
// one, also the root. An element with neither attributes nor children is its text; another is an object of its
// children, with these keys for its attributes and for its text. An empty name leaves the part out.
type XMLKeys struct {
	// Attributes is the key of an object of the attributes.
	Attributes string
	// Text is the key of the text; between children the pieces are joined and trimmed at both ends.
	Text string
}

// xmlNode is an element that is being read.
type xmlNode struct {
	name  string
	attrs *value.Object
	// children holds the child elements by name, in the order of first appearance.
	names    []string
	children map[string][]value.Value
	// text gathers the pieces of text; piece is the one since the last child.
	text  strings.Builder
	piece strings.Builder
}

// nodeBytes is what an element takes while it is read, in bytes.
const nodeBytes = 160

// xmlBuilder makes values of elements. It implements media.XMLHandler.
type xmlBuilder struct {
	keys   XMLKeys
	meter  Meter
	stack  []*xmlNode
	root   string
	result value.Value
	failed error // of the meter
}

func parseXML(contentType, body string, o *ParseOptions) (value.Value, error) {
	if body == "" {
		return value.Undefined, nil
	}
	b := &xmlBuilder{meter: o.meter()}
	if o != nil {
		b.keys = o.XML
	}
	err := media.ReadXML(contentType, body, media.XMLOptions{MaxDepth: o.maxDepth(), Look: b.look(o.meter())}, b)
	var deep *media.XMLDepthError
	switch {
	case b.failed != nil:
		return value.Undefined, b.failed
	case errors.As(err, &deep):
		return value.Undefined, nestingLimit(deep.Limit)
	case err != nil:
		return value.Undefined, &wire.ParseError{Type: "XML", Err: err}
	}
	document := value.NewObject(1)
	document.Set(b.root, value.Array([]value.Value{b.result}))
	return value.Collection(document), nil
}

// look tells the meter how far the reading came.
func (b *xmlBuilder) look(m Meter) func(bytes int) error {
	if m == nil {
		return nil
	}
	return func(bytes int) error {
		b.failed = m.Look(bytes)
		return b.failed
	}
}

func (b *xmlBuilder) take(bytes int) error {
	b.failed = reserve(b.meter, bytes)
	return b.failed
}

// Start implements media.XMLHandler.
func (b *xmlBuilder) Start(name, _ string, attrs []media.XMLAttr) error {
	if err := b.take(nodeBytes + len(attrs)*2*entryBytes); err != nil {
		return err
	}
	n := &xmlNode{name: name}
	if len(attrs) > 0 {
		n.attrs = value.NewObject(len(attrs))
		for _, a := range attrs {
			n.attrs.Set(a.Name, value.Text(a.Value))
		}
	}
	if len(b.stack) > 0 {
		b.stack[len(b.stack)-1].flush()
	} else {
		b.root = name
	}
	b.stack = append(b.stack, n)
	return nil
}

// Text implements media.XMLHandler.
func (b *xmlBuilder) Text(text []byte) error {
	if err := b.take(2 * len(text)); err != nil {
		return err
	}
	b.stack[len(b.stack)-1].piece.Write(text)
	return nil
}

// End implements media.XMLHandler.
func (b *xmlBuilder) End() error {
	n := b.stack[len(b.stack)-1]
	b.stack = b.stack[:len(b.stack)-1]
	n.flush()
	v := n.value(b.keys)
	if len(b.stack) == 0 {
		b.result = v
		return nil
	}
	if err := b.take(objectBytes + 2*entryBytes); err != nil {
		return err
	}
	b.stack[len(b.stack)-1].add(n.name, v)
	return nil
}

// xmlSpace is the white space of XML 1.0 §2.3.
const xmlSpace = " \t\r\n"

// flush ends a piece of text; white space alone is dropped.
func (n *xmlNode) flush() {
	if n.piece.Len() == 0 {
		return
	}
	if s := n.piece.String(); strings.Trim(s, xmlSpace) != "" {
		n.text.WriteString(s)
	}
	n.piece.Reset()
}

// add keeps the value of a child element.
func (n *xmlNode) add(name string, v value.Value) {
	if n.children == nil {
		n.children = map[string][]value.Value{}
	}
	list, ok := n.children[name]
	if !ok {
		n.names = append(n.names, name)
	}
	n.children[name] = append(list, v)
}

// value returns the value of one element: text, or an object of attributes, children and text.
func (n *xmlNode) value(keys XMLKeys) value.Value {
	text := n.text.String()
	if n.attrs == nil && len(n.names) == 0 {
		return value.Text(text)
	}
	o := value.NewObject(len(n.names) + 2)
	if n.attrs != nil && keys.Attributes != "" {
		o.Set(keys.Attributes, value.Collection(n.attrs))
	}
	for _, name := range n.names {
		o.Set(name, value.Array(n.children[name]))
	}
	if len(n.names) > 0 {
		text = strings.Trim(text, xmlSpace)
	}
	if text != "" && keys.Text != "" {
		o.Set(keys.Text, value.Text(text))
	}
	return value.Collection(o)
}
