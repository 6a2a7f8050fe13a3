package value

import (
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"
)

// FromAny converts a Go value at the embedding boundary: nil, bool, the integer and float types, string, []byte,
// time.Time, json.Number, *big.Int, []any, map[string]any (keys sorted), Value and *Object. Anything else is an error.
func FromAny(x any) (Value, error) {
	switch x := x.(type) {
	case nil:
		return Null(), nil
	case Value:
		return x, nil
	case *Object:
		return Collection(x), nil
	case bool:
		return Bool(x), nil
	case string:
		return Text(ValidText(x)), nil
	case []byte:
		return Buffer(x), nil
	case float64:
		return Number(x), nil
	case float32:
		return Number(float64(x)), nil
	case int:
		return Int(int64(x)), nil
	case int8:
		return Int(int64(x)), nil
	case int16:
		return Int(int64(x)), nil
	case int32:
		return Int(int64(x)), nil
	case int64:
		return Int(x), nil
	case uint8:
		return Int(int64(x)), nil
	case uint16:
		return Int(int64(x)), nil
	case uint32:
		return Int(int64(x)), nil
	case uint:
		return Integer(new(big.Int).SetUint64(uint64(x))), nil
	case uint64:
		return Integer(new(big.Int).SetUint64(x)), nil
	case *big.Int:
		if x == nil {
			return Null(), nil
		}
		return Integer(x), nil
	case time.Time:
		return Date(x.UnixMilli()), nil
	case json.Number:
		return ParseJSON(x.String(), nil)
	case []any:
		return fromSlice(x)
	case map[string]any:
		return fromMap(x)
	}
	return Undefined, fmt.Errorf("cannot use a %T as a value: expected nil, bool, number, string, []byte, time.Time, []any or map[string]any", x)
}

func fromSlice(x []any) (Value, error) {
	items := make([]Value, len(x))
	for i, e := range x {
		v, err := FromAny(e)
		if err != nil {
			return Undefined, err
		}
		if v.IsUndefined() {
			v = Null()
		}
		items[i] = v
	}
	return Array(items), nil
}

func fromMap(x map[string]any) (Value, error) {
	keys := make([]string, 0, len(x))
	for k := range x {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	o := NewObject(len(x))
	for _, k := range keys {
		v, err := FromAny(x[k])
		if err != nil {
			return Undefined, err
		}
		o.Set(k, v)
	}
	return Collection(o), nil
}

// ToAny converts v to plain Go values: nil for undefined and null, bool, float64, json.Number for an exact integer,
// string, time.Time, []byte, []any and map[string]any. Secrets come out in clear.
func ToAny(v Value) any {
	switch v.kind {
	case KindBool:
		return v.IsTrue()
	case KindNumber:
		return v.Float()
	case KindInteger:
		return json.Number(v.BigInt().String())
	case KindText:
		return v.Str()
	case KindDate:
		return time.UnixMilli(v.Millis()).UTC()
	case KindBuffer:
		return v.Bytes()
	case KindArray:
		out := make([]any, 0, len(v.Items()))
		for _, item := range v.Items() {
			out = append(out, ToAny(item))
		}
		return out
	case KindCollection:
		out := make(map[string]any, v.Object().Len())
		for i, k := range v.Object().Keys() {
			out[k] = ToAny(v.Object().vals[i])
		}
		return out
	}
	return nil
}

// Detach returns v with all texts and buffers in memory of their own, so that keeping v does not keep the document it
// was read from. Objects of the copy have keys of their own. What v holds in several places is copied once.
func Detach(v Value) Value {
	var d detachment
	return d.of(v)
}

// detachment remembers the copies of what it came across after the first rememberFrom lists and collections, since they
// may be shared.
type detachment struct {
	visits int
	copies map[identity]Value
}

func (d *detachment) of(v Value) Value {
	out := v
	switch v.kind {
	case KindText:
		out = Text(strings.Clone(v.Str()))
	case KindBuffer:
		out = Buffer(slices.Clone(v.Bytes()))
	case KindArray, KindCollection:
		if d.visits++; d.visits < rememberFrom {
			out = d.container(v)
			break
		}
		known, ok := d.copies[v.identity()]
		if !ok {
			known = d.container(v)
			if d.copies == nil {
				d.copies = make(map[identity]Value)
			}
			d.copies[v.identity()] = known
		}
		out = known
	}
	out.flags = out.flags&^flagSecret | v.flags&flagSecret
	return out
}

func (d *detachment) container(v Value) Value {
	if v.kind == KindArray {
		items := make([]Value, len(v.Items()))
		for i, item := range v.Items() {
			items[i] = d.of(item)
		}
		return Array(items)
	}
	o := NewObject(v.Object().Len())
	for i, k := range v.Object().Keys() {
		o.append(strings.Clone(k), d.of(v.Object().vals[i]))
	}
	return Collection(o)
}

// ContainsSecret reports whether v or anything inside it is marked as secret.
func ContainsSecret(v Value) bool {
	found, _ := FindSecret(v)
	return found
}

// FindSecret is ContainsSecret; it says too at how many items it looked, as a measure of the work.
func FindSecret(v Value) (found bool, looked int) {
	var s secretSearch
	found = s.finds(v)
	return found, s.looked
}

// secretSearch remembers the lists and collections without a secret after the first rememberFrom ones, since they may
// be shared.
type secretSearch struct {
	visits int // of lists and collections
	looked int // at items
	clean  map[identity]struct{}
}

func (s *secretSearch) finds(v Value) bool {
	s.looked++
	if v.IsSecret() {
		return true
	}
	if v.kind != KindArray && v.kind != KindCollection {
		return false
	}
	inside := v.Items()
	if v.kind == KindCollection {
		inside = v.Object().vals
	}
	if s.visits++; s.visits < rememberFrom {
		return slices.ContainsFunc(inside, s.finds)
	}
	if _, ok := s.clean[v.identity()]; ok {
		return false
	}
	if slices.ContainsFunc(inside, s.finds) {
		return true
	}
	if s.clean == nil {
		s.clean = make(map[identity]struct{})
	}
	s.clean[v.identity()] = struct{}{}
	return false
}
