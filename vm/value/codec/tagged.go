package codec

import (
	"encoding/base64"
	"fmt"
	"math"
	"strconv"

	"github.com/imlc-lang/imlc/vm/value"
)

// Tag turns a value into one that survives JSON: what JSON cannot tell apart becomes an object {"$": kind, "v": …}, and
// objects that have a key "$" are tagged themselves. Undefined items of lists become null, as everywhere in JSON.
func Tag(v value.Value) value.Value {
	out := tagClear(v)
	if v.IsSecret() {
		return tag("secret", out)
	}
	return out
}

func tagClear(v value.Value) value.Value {
	switch v.Kind() {
	case value.KindDate:
		return tag("date", value.Int(v.Millis()))
	case value.KindBuffer:
		return tag("buffer", value.Text(base64.StdEncoding.EncodeToString(v.Bytes())))
	case value.KindNumber:
		if f := v.Float(); math.IsNaN(f) || math.IsInf(f, 0) || f == 0 && math.Signbit(f) {
			return tag("number", value.Text(strconv.FormatFloat(f, 'g', -1, 64)))
		}
	case value.KindArray:
		items := make([]value.Value, len(v.Items()))
		for i, item := range v.Items() {
			items[i] = Tag(item)
		}
		return value.Array(items)
	case value.KindCollection:
		if !v.IsSecret() && survives(v.Object()) {
			return v
		}
		o := value.NewObject(v.Object().Len())
		for i := range v.Object().Len() {
			k, item := v.Object().At(i)
			o.Set(k, Tag(item))
		}
		if _, taken := o.Get("$"); taken {
			return tag("object", value.Collection(o))
		}
		return value.Collection(o)
	}
	return v
}

// survives reports whether o is flat and holds nothing that has to be tagged.
func survives(o *value.Object) bool {
	for i := range o.Len() {
		k, v := o.At(i)
		switch v.Kind() {
		case value.KindText, value.KindBool, value.KindNull:
			if k == "$" || v.IsSecret() {
				return false
			}
		default:
			return false
		}
	}
	return true
}

func tag(kind string, v value.Value) value.Value {
	o := value.NewObject(2)
	o.Set("$", value.Text(kind))
	o.Set("v", v)
	return value.Collection(o)
}

// Untag is the inverse of Tag. The error says that a tag is unknown or does not fit its value.
func Untag(v value.Value) (value.Value, error) {
	switch v.Kind() {
	case value.KindArray:
		items := make([]value.Value, len(v.Items()))
		for i, item := range v.Items() {
			u, err := Untag(item)
			if err != nil {
				return value.Undefined, err
			}
			items[i] = u
		}
		return value.Array(items), nil
	case value.KindCollection:
		if tag, ok := v.Object().Get("$"); ok {
			return untag(tag.Str(), v.Object().Value("v"))
		}
		return untagObject(v.Object())
	}
	return v, nil
}

func untagObject(src *value.Object) (value.Value, error) {
	o := value.NewObject(src.Len())
	for i := range src.Len() {
		k, item := src.At(i)
		u, err := Untag(item)
		if err != nil {
			return value.Undefined, err
		}
		o.Set(k, u)
	}
	return value.Collection(o), nil
}

func untag(kind string, v value.Value) (value.Value, error) {
	switch kind {
	case "date":
		if f := v.Float(); v.Kind() == value.KindNumber && f == math.Trunc(f) {
			return value.Date(int64(f)), nil
		}
	case "buffer":
		b, err := base64.StdEncoding.DecodeString(v.Str())
		return value.Buffer(b), err
	case "number":
		f, err := strconv.ParseFloat(v.Str(), 64)
		return value.Number(f), err
	case "secret":
		u, err := Untag(v)
		return u.AsSecret(), err
	case "object":
		if v.Object() != nil {
			return untagObject(v.Object())
		}
	}
	return value.Undefined, fmt.Errorf("a stored value has the unknown tag %q, or one that does not fit it", kind)
}
