package wire

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/imlc-lang/imlc/runtime/media"
	"github.com/imlc-lang/imlc/vm/value"
)

// xmlNode is an element that is being read.
type xmlNode struct {
	name  string
	local string
	attrs *value.Object
	// children holds the child elements by name, in the order of first appearance.
	names    []string
	children map[string][]value.Value
	// text gathers the pieces of text; piece is the one since the last child.
	text  strings.Builder
	piece strings.Builder
}

// xmlReader builds the tree without recursion. DTDs are skipped or refused, never read; entities other than the five
// predefined ones are errors.
type xmlReader struct {
	dec       *xml.Decoder
	maxDepth  int
	refuseDTD bool
	shape     func(*xmlNode) value.Value
	stack     []*xmlNode
	root      *xmlNode
	result    value.Value
}

// parseXMLBody reads the shape of spec make.md §9.3: every element is an array under its name, the root too.
func parseXMLBody(contentType, body string, o *ParseOptions) (value.Value, error) {
	if body == "" {
		return value.Undefined, nil
	}
	r := newXMLReader(contentType, body, o.maxDepth())
	r.shape = arrayShape
	if err := r.read(); err != nil {
		var limit *LimitError
		if errors.As(err, &limit) {
			return value.Undefined, err
		}
		return value.Undefined, &ParseError{Type: "XML", Err: err}
	}
	o2 := value.NewObject(1)
	o2.Set(r.root.name, value.Array([]value.Value{r.result}))
	return value.Collection(o2), nil
}

// newXMLReader decodes by the charset of Content-Type, else by the encoding of the XML declaration.
func newXMLReader(contentType, body string, maxDepth int) *xmlReader {
	charset := media.XMLCharset(contentType, body)
	r := &xmlReader{dec: xml.NewDecoder(strings.NewReader(media.Decode(charset, body))), maxDepth: maxDepth}
	r.dec.Strict = true
	r.dec.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil } // decoded above
	return r
}

// read consumes the whole document.
func (r *xmlReader) read() error {
	for {
		token, err := r.dec.RawToken()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		switch t := token.(type) {
		case xml.StartElement:
			err = r.start(t)
		case xml.EndElement:
			err = r.end(t)
		case xml.CharData:
			err = r.chars(t)
		case xml.Directive:
			if r.refuseDTD || r.root != nil || len(r.stack) > 0 {
				err = errors.New("document type declarations are refused")
			}
		}
		if err != nil {
			return err
		}
	}
	switch {
	case len(r.stack) > 0:
		return fmt.Errorf("element <%s> is not closed", r.stack[len(r.stack)-1].name)
	case r.root == nil:
		return errors.New("the document has no root element")
	}
	return nil
}

func xmlName(n xml.Name) string {
	if n.Space == "" {
		return n.Local
	}
	return n.Space + ":" + n.Local
}

func (r *xmlReader) start(t xml.StartElement) error {
	if r.root != nil && len(r.stack) == 0 {
		return fmt.Errorf("a second root element <%s>", xmlName(t.Name))
	}
	if len(r.stack) >= r.maxDepth {
		return nestingLimit(r.maxDepth)
	}
	n := &xmlNode{name: xmlName(t.Name), local: t.Name.Local}
	if len(t.Attr) > 0 {
		n.attrs = value.NewObject(len(t.Attr))
		for _, a := range t.Attr {
			n.attrs.Set(xmlName(a.Name), value.Text(a.Value))
		}
	}
	if len(r.stack) > 0 {
		r.stack[len(r.stack)-1].flush()
	} else {
		r.root = n
	}
	r.stack = append(r.stack, n)
	return nil
}

func (r *xmlReader) end(t xml.EndElement) error {
	name := xmlName(t.Name)
	if len(r.stack) == 0 {
		return fmt.Errorf("</%s> closes nothing", name)
	}
	n := r.stack[len(r.stack)-1]
	if n.name != name {
		return fmt.Errorf("</%s> where </%s> was expected", name, n.name)
	}
	r.stack = r.stack[:len(r.stack)-1]
	n.flush()
	v := r.shape(n)
	if len(r.stack) == 0 {
		r.result = v
		return nil
	}
	r.stack[len(r.stack)-1].add(n, v)
	return nil
}

func (r *xmlReader) chars(t xml.CharData) error {
	if len(r.stack) > 0 {
		r.stack[len(r.stack)-1].piece.Write(t)
		return nil
	}
	if strings.Trim(string(t), xmlSpace) != "" {
		return errors.New("text outside the root element")
	}
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
func (n *xmlNode) add(child *xmlNode, v value.Value) {
	if n.children == nil {
		n.children = map[string][]value.Value{}
	}
	list, ok := n.children[child.name]
	if !ok {
		n.names = append(n.names, child.name)
	}
	n.children[child.name] = append(list, v)
}

// arrayShape returns the value of one element: text, or an object of attributes, children and text (spec make.md §9.3).
func arrayShape(n *xmlNode) value.Value {
	text := n.text.String()
	if n.attrs == nil && len(n.names) == 0 {
		return value.Text(text)
	}
	o := value.NewObject(len(n.names) + 2)
	if n.attrs != nil {
		o.Set("_attributes", value.Collection(n.attrs))
	}
	for _, name := range n.names {
		o.Set(name, value.Array(n.children[name]))
	}
	if len(n.names) > 0 {
		text = strings.Trim(text, xmlSpace)
	}
	if text != "" {
		o.Set("_value", value.Text(text))
	}
	return value.Collection(o)
}
