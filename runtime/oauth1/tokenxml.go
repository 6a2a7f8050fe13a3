package oauth1

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
)

// maxXMLDepth bounds the nesting of an XML answer.
const maxXMLDepth = 250

// readXML takes each child of the root as a field. Document types are refused,
// which also rules out entities of the sender's making.
func (a *TokenAnswer) readXML(body []byte) error {
	d := xml.NewDecoder(bytes.NewReader(body))
	d.CharsetReader = latin1Reader
	var root *xml.StartElement
	for {
		t, err := d.Token()
		if err == io.EOF && root != nil {
			return nil
		}
		if err != nil {
			return fmt.Errorf("its XML is malformed")
		}
		switch t := t.(type) {
		case xml.Directive:
			return fmt.Errorf("its XML has a document type, which is refused")
		case xml.StartElement:
			if root != nil {
				return fmt.Errorf("its XML has two roots")
			}
			if strings.EqualFold(t.Name.Local, "html") {
				return fmt.Errorf("it is an HTML page")
			}
			start := t.Copy()
			root = &start
			f, err := readElement(d, t, 1)
			if err != nil {
				return err
			}
			for _, child := range f.Fields {
				a.add(child)
			}
		}
	}
}

// readElement reads up to the end of start: its text, trimmed, and children.
func readElement(d *xml.Decoder, start xml.StartElement, depth int) (TokenField, error) {
	f := TokenField{Name: start.Name.Local}
	if depth > maxXMLDepth {
		return f, fmt.Errorf("its XML is nested deeper than %d", maxXMLDepth)
	}
	var chars strings.Builder
	for {
		t, err := d.Token()
		if err != nil {
			return f, fmt.Errorf("its XML is malformed")
		}
		switch t := t.(type) {
		case xml.Directive:
			return f, fmt.Errorf("its XML has a document type, which is refused")
		case xml.CharData:
			chars.Write(t)
		case xml.StartElement:
			child, err := readElement(d, t, depth+1)
			if err != nil {
				return f, err
			}
			f.Fields = append(f.Fields, child)
		case xml.EndElement:
			if f.Fields == nil {
				f.Text = strings.TrimSpace(chars.String())
			}
			return f, nil
		}
	}
}

// latin1Reader lets the two older charsets of the web through.
func latin1Reader(charset string, input io.Reader) (io.Reader, error) {
	switch strings.ToLower(charset) {
	case "utf-8", "us-ascii":
		return input, nil
	case "iso-8859-1", "latin1":
		raw, err := io.ReadAll(input)
		if err != nil {
			return nil, err
		}
		var b strings.Builder
		for _, c := range raw {
			b.WriteRune(rune(c))
		}
		return strings.NewReader(b.String()), nil
	}
	return nil, fmt.Errorf("charset is not supported")
}
