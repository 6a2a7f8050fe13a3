package wire

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/imlc-lang/imlc/runtime/media"
	"github.com/imlc-lang/imlc/runtime/uri"
	"github.com/imlc-lang/imlc/vm/value"
)

// The response types of spec make.md §9. ParseAutomatic, and "", choose by Content-Type.
const (
	ParseAutomatic  = "automatic"
	ParseJSON       = "json"
	ParseURLEncoded = "urlencoded"
	ParseText       = "text"
	ParseString     = "string"
	ParseRaw        = "raw"
	ParseBinary     = "binary"
	ParseXML        = "xml"
)

// ParseOptions controls Parse; nil and the zero value have the defaults.
type ParseOptions struct {
	// Shapes, when set, is where JSON objects take their shapes from.
	Shapes *value.Shapes
	// MaxDepth bounds the nesting of JSON and XML; 0 means value.DefaultJSONDepth.
	MaxDepth int
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

// Parsed is a response body as a value.
type Parsed struct {
	Value value.Value
	// Kind is the parser that made Value: json, urlencoded, text, binary or xml.
	Kind string
	// BecameText is true when the body did not parse and was taken as text (trace MAKE504).
	BecameText bool
	// Problem says why it did not parse, when BecameText is true.
	Problem error
	// Duplicates is the number of JSON keys that were written twice.
	Duplicates int
}

// Parse reads a response body by its response.type (spec make.md §9). The value shares the memory of body. A body that
// does not parse becomes text under automatic or from status 400, else it is a *ParseError. Nesting beyond the limit is a
// *LimitError in every case, an unknown kind a *ConfigError.
func Parse(kind, contentType string, status int, body string, o *ParseOptions) (Parsed, error) {
	automatic := kind == ParseAutomatic || kind == ""
	if automatic {
		kind = KindOf(contentType)
	}
	p := Parsed{Kind: kind}
	var err error
	switch kind {
	case ParseJSON:
		duplicates := 0
		p.Value, err = parseJSONBody(body, o, &duplicates)
		p.Duplicates = duplicates
	case ParseXML:
		p.Value, err = parseXMLBody(contentType, body, o)
	case ParseURLEncoded:
		p.Value = parseForm(media.TrimMark(body), o.shapes())
	case ParseText, ParseString, ParseRaw:
		p.Kind, p.Value = ParseText, value.Text(media.Decode(media.Charset(contentType), body))
	case ParseBinary:
		p.Value = value.Buffer([]byte(body))
	default:
		return p, configErrorf("response.type: %q is no response type; use automatic, json, urlencoded, text, string, raw, binary or xml", kind)
	}
	if err == nil {
		return p, nil
	}
	var limit *LimitError
	if errors.As(err, &limit) || !automatic && status < http.StatusBadRequest {
		return p, err
	}
	return Parsed{Kind: ParseText, Value: value.Text(media.Decode(media.Charset(contentType), body)), BecameText: true, Problem: err}, nil
}

// KindOf returns the parser that automatic chooses for a Content-Type header (spec make.md §9.1).
func KindOf(contentType string) string {
	switch media.KindOf(contentType) {
	case media.JSON:
		return ParseJSON
	case media.XML:
		return ParseXML
	case media.Pairs:
		return ParseURLEncoded
	case media.Text:
		return ParseText
	}
	if media.Type(contentType) == "" {
		return ParseText
	}
	return ParseBinary
}

func nestingLimit(depth int) error {
	return &LimitError{Name: "nesting", Limit: int64(depth), Code: CodeNesting}
}

// parseJSONBody reads strict JSON; a byte order mark may stand before it (RFC 8259 §8.1).
func parseJSONBody(body string, o *ParseOptions, duplicates *int) (value.Value, error) {
	if body = media.TrimMark(body); body == "" {
		return value.Undefined, nil
	}
	v, err := value.ParseJSON(body, &value.JSONOptions{Shapes: o.shapes(), MaxDepth: o.maxDepth(), Duplicates: duplicates})
	var syntax *value.SyntaxError
	switch {
	case err == nil:
		return v, nil
	case errors.As(err, &syntax) && syntax.TooDeep:
		return value.Undefined, nestingLimit(o.maxDepth())
	}
	return value.Undefined, &ParseError{Type: "JSON", Err: err}
}

// HeaderValue returns response headers as the variable headers of an expression (spec make.md §10): a caseless collection
// with lower-case names in order, repeated lines joined with ", ", set-cookie as an array.
func HeaderValue(h http.Header) value.Value {
	names := make([]string, 0, len(h))
	for name := range h {
		names = append(names, name)
	}
	slices.Sort(names)
	o := value.NewObject(len(names))
	for _, name := range names {
		lines := h[name]
		switch {
		case len(lines) == 0:
		case name == "Set-Cookie":
			items := make([]value.Value, len(lines))
			for i, line := range lines {
				items[i] = value.Text(value.ValidText(line))
			}
			o.Set("set-cookie", value.Array(items))
		case len(lines) == 1:
			o.Set(lowerName(name), value.Text(value.ValidText(lines[0])))
		default:
			o.Set(lowerName(name), value.Text(value.ValidText(strings.Join(lines, ", "))))
		}
	}
	o.SetCaseless()
	return value.Collection(o)
}

// Headers returns the headers of the answer as an expression sees them.
func (r *Response) Headers() value.Value { return HeaderValue(r.Header) }

// lowerName lower-cases a header name, the usual ones without an allocation.
func lowerName(name string) string {
	switch name {
	case "Content-Type":
		return "content-type"
	case "Content-Length":
		return "content-length"
	case "Date":
		return "date"
	case "Server":
		return "server"
	case "Location":
		return "location"
	case "Cache-Control":
		return "cache-control"
	}
	return uri.Lower(name)
}
