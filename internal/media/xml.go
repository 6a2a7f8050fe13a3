package media

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// XMLHandler receives the elements of a document in order. An error of it ends the reading.
type XMLHandler interface {
	// Start begins an element; local is its name without prefix.
	Start(name, local string, attrs []XMLAttr) error
	// Text is a piece of text within the innermost element: between two tags there may be several.
	Text(text []byte) error
	// End ends the innermost element.
	End() error
}

// XMLAttr is an attribute with its prefix.
type XMLAttr struct{ Name, Value string }

// XMLDepthError says that elements are nested deeper than allowed.
type XMLDepthError struct{ Limit int }

// Error returns the limit.
func (e *XMLDepthError) Error() string {
	return fmt.Sprintf("elements are nested deeper than %d", e.Limit)
}

// XMLOptions controls [ReadXML].
type XMLOptions struct {
	// MaxDepth bounds the nesting of elements; it must be positive.
	MaxDepth int
	// RefuseDTD refuses a document type declaration, which is skipped otherwise. It is never read, so that no entities
	// but the five predefined ones are known.
	RefuseDTD bool
	// Look, when set, is told how many bytes were gone through; its error ends the reading and is returned.
	Look func(bytes int) error
}

// ReadXML reads a document without recursion, decoded by the charset of its Content-Type, else by the encoding that it
// declares. Comments and processing instructions vanish, CDATA is text, prefixes stay in names. Errors are an
// *[XMLDepthError], one of the handler, or say what is malformed.
func ReadXML(contentType, body string, o XMLOptions, h XMLHandler) error {
	r := xmlReader{handler: h, options: o}
	text, err := Decode(XMLCharset(contentType, body), body, o.Look)
	if err != nil {
		return err
	}
	widest, cuts, err := survey(text, o.Look)
	if err != nil {
		return err
	} else if widest > maxAttributes {
		return fmt.Errorf("an element has more than %d attributes", maxAttributes)
	}
	d := xml.NewDecoder(&looking{inPieces(text, cuts), o.Look})
	d.Strict = true
	d.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil } // decoded above
	for {
		token, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			return r.finish()
		}
		if err == nil {
			err = r.token(token)
		}
		if err != nil {
			return err
		}
	}
}

// looking reads a text in pieces and tells of each.
type looking struct {
	io.Reader
	look func(bytes int) error
}

// Read implements io.Reader.
func (l *looking) Read(p []byte) (int, error) {
	n, err := l.Reader.Read(p)
	if l.look != nil && err == nil {
		err = l.look(xmlWork * n)
	}
	return n, err
}

// xmlWork is how much longer it takes to read XML than plain text.
const xmlWork = 8

// What bounds the attributes of one element, in number, and each of them in bytes: the decoder makes all of them before
// anybody can count.
const (
	maxAttributes = 10_000
	maxAttribute  = 1 << 20
)

// survey returns the largest number of "=" outside quotes in one start tag, or one that is too large, and where long texts
// may be cut. An error is that of look, which may be nil, or of countTag.
func survey(text string, look func(bytes int) error) (widest int, cuts []int, err error) {
	s := text
	for seen := len(s); ; {
		if look != nil && seen-len(s) >= stretch {
			if err := look(seen - len(s)); err != nil {
				return widest, cuts, err
			}
			seen = len(s)
		}
		i := strings.IndexByte(s, '<')
		if i < 0 {
			return widest, cuts, nil
		}
		if i > longText {
			cuts = appendCuts(cuts, text, len(text)-len(s), len(text)-len(s)+i)
		}
		s = s[i+1:]
		end := ">"
		switch {
		case strings.HasPrefix(s, "!--"):
			end = "-->"
		case strings.HasPrefix(s, "![CDATA["):
			end = "]]>"
		case strings.HasPrefix(s, "?"):
			end = "?>"
		default:
			n := 0
			if n, s, err = countTag(s, look); n > maxAttributes || err != nil {
				return n, cuts, err
			}
			widest = max(widest, n)
			continue
		}
		if _, s, _ = strings.Cut(s, end); s == "" {
			return widest, cuts, nil
		}
	}
}

// longText is how long a text is at most that the decoder gets at one go, which it goes through again when it is read.
const longText = 512 << 10

// appendCuts appends the places where a text that ends at end may be cut.
func appendCuts(cuts []int, text string, start, end int) []int {
	const back = 4096
	for at := start + longText; at < end; at += longText {
		for i := at; i > at-back; i-- {
			if mayCut(text, i) {
				cuts = append(cuts, i)
				break
			}
		}
	}
	return cuts
}

// mayCut reports whether nothing that belongs together lies at a place of a text: a character, a reference to one, a line
// break, or what looks like the end of CDATA.
func mayCut(text string, i int) bool {
	plain := func(c byte) bool {
		return c == ' ' || c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= utf8.RuneSelf
	}
	before, behind := text[i-1], text[i]
	if !plain(before) && before != ';' || !plain(behind) && behind != '&' || !utf8.RuneStart(behind) {
		return false
	}
	const longest = 64 // of a reference
	k := strings.LastIndexAny(text[i-longest:i], "&;")
	return k < 0 || text[i-longest+k] == ';'
}

// inPieces reads a text with a comment at each of the cuts, which vanishes.
func inPieces(text string, cuts []int) io.Reader {
	if len(cuts) == 0 {
		return strings.NewReader(text)
	}
	var pieces []io.Reader
	from := 0
	for _, at := range cuts {
		pieces = append(pieces, strings.NewReader(text[from:at]), strings.NewReader("<!---->"))
		from = at
	}
	return io.MultiReader(append(pieces, strings.NewReader(text[from:]))...)
}

// countTag counts the "=" outside quotes up to the end of a tag and returns what is behind it. It ends when there are too
// many; an error is that of look, or says that an attribute is too long.
func countTag(s string, look func(bytes int) error) (n int, rest string, err error) {
	for i, seen := 0, 0; i < len(s) && n <= maxAttributes; i++ {
		if i-seen >= stretch && look != nil {
			if err := look(i - seen); err != nil {
				return n, "", err
			}
			seen = i
		}
		switch c := s[i]; c {
		case '>':
			return n, s[i+1:], nil
		case '=':
			n++
		case '"', '\'':
			k := strings.IndexByte(s[i+1:], c)
			if k < 0 {
				return n, "", nil
			}
			if k > maxAttribute {
				return n, "", fmt.Errorf("an attribute has more than %d bytes", maxAttribute)
			}
			i += k + 1
		}
	}
	return n, "", nil
}

// xmlReader holds the rules that RawToken does not: one root, and tags that match.
type xmlReader struct {
	handler XMLHandler
	options XMLOptions
	open    []string
	rooted  bool
}

func (r *xmlReader) token(token xml.Token) error {
	switch t := token.(type) {
	case xml.StartElement:
		return r.start(t)
	case xml.EndElement:
		return r.end(xmlName(t.Name))
	case xml.CharData:
		if len(r.open) > 0 {
			return r.handler.Text(t)
		}
		if strings.Trim(string(t), " \t\r\n") != "" {
			return errors.New("text outside the root element")
		}
	case xml.Directive:
		if r.options.RefuseDTD || r.rooted {
			return errors.New("document type declarations are refused")
		}
	}
	return nil
}

func (r *xmlReader) start(t xml.StartElement) error {
	name := xmlName(t.Name)
	if r.rooted && len(r.open) == 0 {
		return fmt.Errorf("a second root element <%s>", name)
	}
	if len(r.open) >= r.options.MaxDepth {
		return &XMLDepthError{r.options.MaxDepth}
	}
	r.rooted = true
	r.open = append(r.open, name)
	var attrs []XMLAttr
	for _, a := range t.Attr {
		attrs = append(attrs, XMLAttr{xmlName(a.Name), a.Value})
	}
	return r.handler.Start(name, t.Name.Local, attrs)
}

func (r *xmlReader) end(name string) error {
	if len(r.open) == 0 {
		return fmt.Errorf("</%s> closes nothing", name)
	}
	last := r.open[len(r.open)-1]
	if last != name {
		return fmt.Errorf("</%s> where </%s> was expected", name, last)
	}
	r.open = r.open[:len(r.open)-1]
	return r.handler.End()
}

func (r *xmlReader) finish() error {
	switch {
	case len(r.open) > 0:
		return fmt.Errorf("element <%s> is not closed", r.open[len(r.open)-1])
	case !r.rooted:
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
