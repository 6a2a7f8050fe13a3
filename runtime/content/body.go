package content

import (
	"io"
	"strconv"

	"github.com/imlc-lang/imlc/internal/media"
	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm/value"
)

// BodyKind is a way to write a body.
type BodyKind uint8

// The kinds.
const (
	// BodyAuto is JSON, but a text goes out as it is, without a Content-Type.
	BodyAuto BodyKind = iota
	BodyJSON
	BodyForm
	BodyMultipart
	// BodyText writes objects and lists as JSON and everything else as text, without a Content-Type.
	BodyText
	// BodyBinary takes a buffer or a text.
	BodyBinary
	// BodyByValue lets the value decide (spec dialects.md §3.4): a text goes out as it is; null and "" are no body; an
	// object or a list is a form when BodyOptions.Form is set, in which null and objects are written as empty values;
	// everything else is JSON.
	BodyByValue
)

// BodyOptions says how a value becomes a body.
type BodyOptions struct {
	Kind BodyKind
	// JSONType and TextType are the Content-Type of a JSON and of a text body; "" is application/json, and none for
	// text.
	JSONType, TextType string
	// Form makes a form of an object or list of BodyByValue: the request's Content-Type is exactly that of a form.
	Form bool
	// Entropy gives the bytes of a multipart boundary; it may be nil when no multipart body is made.
	Entropy io.Reader
	// Meter bounds the bytes of a form, and is told how far the parts of a multipart body came.
	Meter Meter
}

func (o *BodyOptions) jsonType() string {
	if o.JSONType == "" {
		return "application/json"
	}
	return o.JSONType
}

// EncodeBody encodes the value of a body. Undefined is no body; null is the JSON null for the two JSON kinds and no
// body for the others. A value that the kind cannot carry is a *[wire.ConfigError]. The caller leaves out the body of
// GET and HEAD requests.
func EncodeBody(v value.Value, o BodyOptions) (wire.Body, error) {
	byValue := o.Kind == BodyByValue
	if byValue {
		o.Kind = o.byValue(&v)
	}
	var b wire.Body
	if o.Kind == BodyForm {
		b.ContentType = media.Form
	}
	if v.IsUndefined() || v.Kind() == value.KindNull && o.Kind != BodyJSON && o.Kind != BodyAuto {
		return b, nil
	}
	b.Present, b.Secret = true, holdsSecret(v)
	isText := v.Kind() == value.KindText
	switch o.Kind {
	case BodyAuto, BodyJSON:
		if isText && o.Kind == BodyAuto {
			b.Content, b.Pairs, b.ContentType = []byte(v.Str()), true, o.TextType
			return b, nil
		}
		var err error
		b.ContentType = o.jsonType()
		b.Content, err = value.WriteJSON(nil, v, o.Meter)
		return b, err
	case BodyForm:
		return o.form(b, v, byValue)
	case BodyMultipart:
		return encodeMultipart(b, v, o.Entropy, o.Meter)
	case BodyBinary:
		switch v.Kind() {
		case value.KindBuffer:
			b.Content = v.Bytes()
		case value.KindText:
			b.Content, b.Pairs = []byte(v.Str()), true
		default:
			return b, wire.ConfigErrorf(wire.SettingBody, "binary content needs a buffer or a text, found %s", article(v.Kind()))
		}
	default:
		b.Pairs, b.ContentType = isText, o.TextType
		var err error
		b.Content, err = o.plain(v)
		return b, err
	}
	return b, nil
}

// byValue chooses the kind of a BodyByValue; what is no body becomes undefined.
func (o *BodyOptions) byValue(v *value.Value) BodyKind {
	switch v.Kind() {
	case value.KindText:
		if v.Str() == "" {
			*v = value.Undefined
		}
		return BodyText
	case value.KindNull:
		*v = value.Undefined
		return BodyJSON
	case value.KindArray, value.KindCollection:
		if o.Form {
			return BodyForm
		}
	}
	return BodyJSON
}

// plain writes the body of the text kind: objects and arrays as JSON, the rest as text.
func (o *BodyOptions) plain(v value.Value) ([]byte, error) {
	if v.Kind() == value.KindArray {
		return value.WriteJSON(nil, v, o.Meter)
	}
	return value.WriteText(nil, v, o.Meter) // a collection is JSON there too
}

// form writes a form body; a text is sent as it is. With blanks null and objects are empty values, and a list is an
// object whose keys are its indexes.
func (o *BodyOptions) form(b wire.Body, v value.Value, blanks bool) (wire.Body, error) {
	b.Pairs = true
	switch v.Kind() {
	case value.KindText:
		b.Content = []byte(v.Str())
		return b, nil
	case value.KindCollection:
		var err error
		b.Content, err = encodePairs(v.Object(), o.Meter, blanks)
		return b, err
	case value.KindArray:
		if blanks {
			return o.form(b, indexed(v), blanks)
		}
	}
	return b, wire.ConfigErrorf(wire.SettingBody, "a form needs an object or a text, found %s", article(v.Kind()))
}

// indexed is a list as an object whose keys are its indexes.
func indexed(list value.Value) value.Value {
	o := value.NewObject(len(list.Items()))
	for i, item := range list.Items() {
		o.Set(strconv.Itoa(i), item)
	}
	return value.Collection(o)
}

// JSONBody returns the body of JSON text that was written already with value.AppendJSON; contentType "" is
// application/json. secret says that a secret is in it.
func JSONBody(text []byte, contentType string, secret bool) wire.Body {
	o := BodyOptions{JSONType: contentType}
	return wire.Body{Content: text, Present: true, ContentType: o.jsonType(), Secret: secret}
}

// holdsSecret reports whether v or something within it is marked as secret.
func holdsSecret(v value.Value) bool {
	var room [16]value.Value
	stack := room[:0] // lists and collections only: there may be a great deal else
	secret := func(v value.Value) bool {
		if k := v.Kind(); k == value.KindArray || k == value.KindCollection {
			stack = append(stack, v)
		}
		return v.IsSecret()
	}
	if secret(v) {
		return true
	}
	for len(stack) > 0 {
		v, stack = stack[len(stack)-1], stack[:len(stack)-1]
		for _, item := range v.Items() {
			if secret(item) {
				return true
			}
		}
		for i := range v.Object().Len() {
			if _, item := v.Object().At(i); secret(item) {
				return true
			}
		}
	}
	return false
}
