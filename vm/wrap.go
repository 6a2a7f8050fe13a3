package vm

import (
	"encoding/base64"
	"fmt"
	"math"

	"github.com/imlc-lang/imlc/vm/value"
)

// wrap turns a value into one that survives JSON: what JSON cannot tell apart becomes an object {"$": kind, "v": …}, and
// objects that have a key "$" are wrapped themselves.
func wrap(v value.Value) value.Value {
	out := wrapClear(v)
	if v.IsSecret() {
		return tagged("secret", out)
	}
	return out
}

func wrapClear(v value.Value) value.Value {
	switch v.Kind() {
	case value.KindDate:
		return tagged("date", value.Int(v.Millis()))
	case value.KindBuffer:
		return tagged("buffer", value.Text(base64.StdEncoding.EncodeToString(v.Bytes())))
	case value.KindNumber:
		if f := v.Float(); math.IsNaN(f) || math.IsInf(f, 0) || f == 0 && math.Signbit(f) {
			return tagged("number", value.Text(fmt.Sprintf("%g", f)))
		}
	case value.KindArray:
		items := make([]value.Value, len(v.Items()))
		for i, item := range v.Items() {
			items[i] = wrap(item)
		}
		return value.Array(items)
	case value.KindCollection:
		if !v.IsSecret() && survives(v.Object()) {
			return v
		}
		o := value.NewObject(v.Object().Len())
		for i := range v.Object().Len() {
			k, item := v.Object().At(i)
			o.Set(k, wrap(item))
		}
		if _, taken := o.Get("$"); taken {
			return tagged("object", value.Collection(o))
		}
		return value.Collection(o)
	}
	return v
}

// survives reports whether o is flat and holds nothing that has to be wrapped.
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

func tagged(kind string, v value.Value) value.Value {
	o := value.NewObject(2)
	o.Set("$", value.Text(kind))
	o.Set("v", v)
	return value.Collection(o)
}

// unwrap is the inverse of wrap.
func unwrap(v value.Value) (value.Value, error) {
	switch v.Kind() {
	case value.KindArray:
		items := make([]value.Value, len(v.Items()))
		for i, item := range v.Items() {
			u, err := unwrap(item)
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
		return unwrapObject(v.Object())
	}
	return v, nil
}

func unwrapObject(src *value.Object) (value.Value, error) {
	o := value.NewObject(src.Len())
	for i := range src.Len() {
		k, item := src.At(i)
		u, err := unwrap(item)
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
		return value.Date(int64(v.Float())), nil
	case "buffer":
		b, err := base64.StdEncoding.DecodeString(v.Str())
		return value.Buffer(b), err
	case "number":
		var f float64
		_, err := fmt.Sscan(v.Str(), &f)
		return value.Number(f), err
	case "secret":
		u, err := unwrap(v)
		return u.AsSecret(), err
	case "object":
		if v.Object() != nil {
			return unwrapObject(v.Object())
		}
	}
	return value.Undefined, fmt.Errorf("stored value has the unknown tag %q", kind)
}
