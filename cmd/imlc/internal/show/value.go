package show

import (
	"fmt"
	"strings"

	"github.com/imlc-lang/imlc/vm/value"
)

// Text is the form in which people read a value: a text as it is, lists and collections as JSON.
func Text(v value.Value) string {
	switch v.Kind() {
	case value.KindUndefined:
		return "undefined"
	case value.KindNull:
		return "null"
	case value.KindArray, value.KindCollection:
		return string(value.AppendJSON(nil, v))
	case value.KindBuffer:
		return fmt.Sprintf("buffer of %d bytes: %x", len(v.Bytes()), v.Bytes())
	}
	return value.ToText(v)
}

// Literal is Text with texts in quotes, so that a text of digits differs from a number.
func Literal(v value.Value) string {
	if v.Kind() == value.KindText {
		return string(value.AppendJSON(nil, v))
	}
	return Text(v)
}

// JSON is a value as JSON with one key or item per line, keeping order and the digits of numbers. Lines but the first
// begin with indent.
func JSON(v value.Value, indent string) string {
	inner := indent + "  "
	switch o := v.Object(); {
	case o != nil && o.Len() > 0:
		var parts []string
		for i := range o.Len() {
			k, item := o.At(i)
			parts = append(parts, inner+string(value.AppendQuoted(nil, k))+": "+JSON(item, inner))
		}
		return "{\n" + strings.Join(parts, ",\n") + "\n" + indent + "}"
	case len(v.Items()) > 0:
		var parts []string
		for _, item := range v.Items() {
			parts = append(parts, inner+JSON(item, inner))
		}
		return "[\n" + strings.Join(parts, ",\n") + "\n" + indent + "]"
	}
	return string(value.AppendJSON(nil, v))
}

// JSON writes a value as JSON for people and programs.
func (s *Stream) JSON(v value.Value) { fmt.Fprintf(s, "%s\n", JSON(v, "")) }
