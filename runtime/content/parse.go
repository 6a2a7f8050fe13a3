package content

import (
	"errors"
	"net/http"
	"strings"

	"github.com/imlc-lang/imlc/internal/limit"
	"github.com/imlc-lang/imlc/internal/media"
	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm/value"
)

// ParseKind is a parser of answers.
type ParseKind uint8

// The parsers. Token answers have their own: [ParseToken].
const (
	// ParseAutomatic chooses by Content-Type; what does not parse becomes text.
	ParseAutomatic ParseKind = iota
	ParseJSON
	ParseForm
	ParseText
	ParseXML
	ParseBinary
)

// String returns "automatic", "json", "form", "text", "xml" or "binary".
func (k ParseKind) String() string {
	switch k {
	case ParseJSON:
		return "json"
	case ParseForm:
		return "form"
	case ParseText:
		return "text"
	case ParseXML:
		return "xml"
	case ParseBinary:
		return "binary"
	}
	return "automatic"
}

// ParseOptions controls [Parse]; nil and the zero value have the defaults.
type ParseOptions struct {
	// Shapes, when set, is where objects take their shapes from.
	Shapes *value.Shapes
	// MaxDepth bounds the nesting of JSON and XML; 0 means value.DefaultJSONDepth.
	MaxDepth int
	// MaxItems bounds the items of a list and the entries of an object in JSON; 0 means no bound.
	MaxItems int
	// XML names the keys of an XML answer.
	XML XMLKeys
	// Meter takes the memory of the value.
	Meter Meter
}

func (o *ParseOptions) maxDepth() int {
	if o == nil || o.MaxDepth <= 0 {
		return value.DefaultJSONDepth
	}
	return o.MaxDepth
}

func (o *ParseOptions) shapes() *value.Shapes {
	if o == nil {
		return nil
	}
	return o.Shapes
}

func (o *ParseOptions) meter() Meter {
	if o == nil {
		return nil
	}
	return o.Meter
}

// Parsed is a response body as a value.
type Parsed struct {
	Value value.Value
	// Kind is the parser that made Value, never ParseAutomatic.
	Kind ParseKind
	// BecameText is true when the body did not parse and was taken as text.
	BecameText bool
	// Problem says why it did not parse, when BecameText is true.
	Problem error
	// Duplicates is the number of JSON keys that were written twice.
	Duplicates int
	// Trimmed is true when line breaks or blanks behind a form were cut.
	Trimmed bool
}

// Parse reads a response body. The value shares the memory of body. A body that does not parse becomes text under
// ParseAutomatic or from status 400, else it is a *[wire.ParseError]. Nesting and items beyond a limit are a
// *[limit.Error] in every case; an error of the meter is returned as it is.
func Parse(kind ParseKind, contentType string, status int, body string, o *ParseOptions) (Parsed, error) {
	automatic := kind == ParseAutomatic
	if automatic {
		kind = KindOf(contentType)
	}
	p := Parsed{Kind: kind}
	var err error
	switch kind {
	case ParseJSON:
		p.Value, p.Duplicates, err = parseJSON(body, o)
	case ParseXML:
		p.Value, err = parseXML(contentType, body, o)
	case ParseForm:
		text := media.TrimMark(body)
		trimmed := strings.TrimRight(text, " \t\r\n")
		p.Trimmed = len(trimmed) < len(text)
		p.Value, err = parseForm(trimmed, o)
	case ParseBinary:
		if err = reserve(o.meter(), len(body)); err == nil {
			p.Value = value.Buffer([]byte(body))
		}
	default:
		p.Kind = ParseText
		p.Value, err = parseText(contentType, body, o)
	}
	if err == nil {
		return p, nil
	}
	var unreadable *wire.ParseError
	if !errors.As(err, &unreadable) || !automatic && status < http.StatusBadRequest {
		return p, err
	}
	text, failed := parseText(contentType, body, o)
	return Parsed{Kind: ParseText, Value: text, BecameText: true, Problem: err}, failed
}

// parseText reads a body as text.
func parseText(contentType, body string, o *ParseOptions) (value.Value, error) {
	text, err := media.Decode(media.Charset(contentType), body, look(o.meter()))
	return value.Text(text), err
}

// look is what readers of foreign bytes tell how far they came, nil for nothing.
func look(m Meter) func(bytes int) error {
	if m == nil {
		return nil
	}
	return m.Look
}

// KindOf returns the parser that ParseAutomatic chooses for a Content-Type header.
func KindOf(contentType string) ParseKind {
	switch media.KindOf(contentType) {
	case media.JSON:
		return ParseJSON
	case media.XML:
		return ParseXML
	case media.Pairs:
		return ParseForm
	case media.Text:
		return ParseText
	}
	if media.Type(contentType) == "" {
		return ParseText
	}
	return ParseBinary
}

func nestingLimit(depth int) error {
	return &limit.Error{Name: "nesting", Limit: int64(depth), Code: limit.CodeNesting}
}

// parseJSON reads strict JSON; a byte order mark may stand before it (RFC 8259 §8.1).
func parseJSON(body string, o *ParseOptions) (v value.Value, duplicates int, err error) {
	if body = media.TrimMark(body); body == "" {
		return value.Undefined, 0, nil
	}
	options := value.JSONOptions{Shapes: o.shapes(), MaxDepth: o.maxDepth(), Budget: o.meter(), Duplicates: &duplicates}
	if o != nil {
		options.MaxItems = o.MaxItems
	}
	if v, err = value.ParseJSON(body, &options); err == nil {
		return v, duplicates, nil
	}
	var syntax *value.SyntaxError
	switch {
	case !errors.As(err, &syntax): // the budget's
	case syntax.TooDeep:
		err = nestingLimit(o.maxDepth())
	case syntax.TooMany:
		err = &limit.Error{Name: "items", Limit: int64(options.MaxItems), Code: limit.CodeOther}
	default:
		err = &wire.ParseError{Type: "JSON", Err: err}
	}
	return value.Undefined, duplicates, err
}
