package wire

import (
	"io"

	"github.com/imlc-lang/imlc/runtime/media"
	"github.com/imlc-lang/imlc/vm/value"
)

// The body types of spec make.md §7.4. BodyAbsent means that no type was written: json, but a text goes out as it is.
const (
	BodyAbsent     = ""
	BodyJSON       = "json"
	BodyURLEncoded = "urlencoded"
	BodyMultipart  = "multipart/form-data"
	BodyText       = "text"
	BodyString     = "string"
	BodyRaw        = "raw"
	BodyBinary     = "binary"
)

// Body is an encoded request body. The zero Body is no body.
type Body struct {
	// Content is the bytes; nobody changes them once the body is made.
	Content []byte
	// Present tells an empty body from no body.
	Present bool
	// Type is the written body type, "" when none was written.
	Type string
	// ContentType is the automatic Content-Type; "" for none. An author's own header wins. Without a body it is not sent, but
	// says which body a signer may make.
	ContentType string
	// Pairs is true when the bytes are form pairs as far as the encoder knows: it encoded them as a form, or the author
	// gave a text. With a form Content-Type such a body is signed (spec make.md §12.4).
	Pairs bool
}

// BodyOptions is what an encoder needs beside the value.
type BodyOptions struct {
	// Entropy gives the bytes of a multipart boundary; it may be nil when no multipart body is made.
	Entropy io.Reader
}

// EncodeBody encodes the value of a body directive (spec make.md §7.4, §7.5, §26.9). Undefined is no body; null is the
// JSON null for json and no body for the other types. An unknown type and a value that the type cannot carry are
// *ConfigError. The caller leaves out the body of GET and HEAD requests.
func EncodeBody(v value.Value, kind string, o BodyOptions) (Body, error) {
	b := Body{Type: kind}
	if !knownBodyType(kind) {
		return b, configErrorf("type: %q is no body type; use json, urlencoded, multipart/form-data, text, string, raw or binary", kind)
	}
	if kind == BodyURLEncoded {
		b.ContentType = media.Form
	}
	if v.IsUndefined() || v.Kind() == value.KindNull && kind != BodyJSON && kind != BodyAbsent {
		return b, nil
	}
	b.Present = true
	isText := v.Kind() == value.KindText
	switch kind {
	case BodyAbsent, BodyJSON:
		if isText && kind == BodyAbsent {
			b.Content, b.Pairs = []byte(v.Str()), true
			return b, nil
		}
		b.Content, b.ContentType = value.AppendJSON(nil, v), "application/json"
	case BodyURLEncoded:
		return encodeForm(b, v)
	case BodyMultipart:
		return encodeMultipart(b, v, o)
	case BodyBinary:
		switch v.Kind() {
		case value.KindBuffer:
			b.Content = v.Bytes()
		case value.KindText:
			b.Content, b.Pairs = []byte(v.Str()), true
		default:
			return b, configErrorf("body: type binary needs a buffer or a text, found %s", article(v.Kind()))
		}
	default:
		b.Content, b.Pairs = appendPlain(v), isText
	}
	return b, nil
}

// knownBodyType reports whether kind may stand in a type directive.
func knownBodyType(kind string) bool {
	switch kind {
	case BodyAbsent, BodyJSON, BodyURLEncoded, BodyMultipart, BodyText, BodyString, BodyRaw, BodyBinary:
		return true
	}
	return false
}

// appendPlain writes the body of the text types: objects and arrays as JSON, the rest as text.
func appendPlain(v value.Value) []byte {
	if v.Kind() == value.KindArray {
		return value.AppendJSON(nil, v)
	}
	return value.AppendText(nil, v) // a collection is JSON there too
}

// encodeForm writes a form body; a text is sent as it is.
func encodeForm(b Body, v value.Value) (Body, error) {
	b.Pairs = true
	switch v.Kind() {
	case value.KindText:
		b.Content = []byte(v.Str())
	case value.KindCollection:
		b.Content = EncodePairs(v)
	default:
		return b, configErrorf("body: type urlencoded needs an object or a text, found %s", article(v.Kind()))
	}
	return b, nil
}

// FormBody returns the body of form pairs that were encoded already with AppendPair.
func FormBody(pairs []byte) Body {
	return Body{Content: pairs, Present: true, Type: BodyURLEncoded, ContentType: media.Form, Pairs: true}
}

// JSONBody returns the body of JSON text that was written already with value.AppendJSON.
func JSONBody(text []byte) Body {
	return Body{Content: text, Present: true, Type: BodyJSON, ContentType: "application/json"}
}
