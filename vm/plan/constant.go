package plan

import (
	"math/big"
	"slices"

	"github.com/imlc-lang/imlc/vm/value"
)

// The tags of constants in a file.
const (
	tagUndefined byte = iota
	tagNull
	tagFalse
	tagTrue
	tagNumber     // 8 bytes, IEEE-754 bits, little endian
	tagInteger    // sign byte, length, magnitude big endian
	tagText       // length, bytes
	tagDate       // signed milliseconds
	tagBuffer     // length, bytes
	tagArray      // count, items
	tagCollection // count, pairs of text and value
	tagEnd
)

// maxIntegerBytes holds every integer of value.MaxIntegerDigits digits.
const maxIntegerBytes = 416

func (w *writer) value(v value.Value) {
	switch v.Kind() {
	case value.KindUndefined:
		w.byte(tagUndefined)
	case value.KindNull:
		w.byte(tagNull)
	case value.KindBool:
		w.byte(tagFalse + boolByte(v.IsTrue()))
	case value.KindNumber:
		w.byte(tagNumber)
		w.double(v.Float())
	case value.KindInteger:
		w.byte(tagInteger)
		w.bool(v.BigInt().Sign() < 0)
		w.bytes(v.BigInt().Bytes())
	case value.KindText:
		w.byte(tagText)
		w.string(v.Str())
	case value.KindDate:
		w.byte(tagDate)
		w.varint(v.Millis())
	case value.KindBuffer:
		w.byte(tagBuffer)
		w.bytes(v.Bytes())
	case value.KindArray:
		w.byte(tagArray)
		w.count(len(v.Items()))
		for _, item := range v.Items() {
			w.value(item)
		}
	case value.KindCollection:
		w.byte(tagCollection)
		w.object(v.Object())
	}
}

func (w *writer) object(o *value.Object) {
	w.count(o.Len())
	for i := range o.Len() {
		key, v := o.At(i)
		w.string(key)
		w.value(v)
	}
}

// value reads a constant at the given nesting.
func (r *reader) value(depth int) value.Value {
	at := r.pos
	if depth > MaxNesting {
		r.failAt(at, "a constant nested deeper than %d", MaxNesting)
		return value.Undefined
	}
	switch tag := r.byte(); tag {
	case tagUndefined:
		if depth > 0 {
			r.failAt(at, "undefined inside an array or a collection")
		}
		return value.Undefined
	case tagNull:
		return value.Null()
	case tagFalse, tagTrue:
		return value.Bool(tag == tagTrue)
	case tagNumber:
		return value.Number(r.double())
	case tagInteger:
		return r.integer()
	case tagText:
		return value.Text(r.string())
	case tagDate:
		return value.Date(r.varint())
	case tagBuffer:
		return value.Buffer([]byte(r.string()))
	case tagArray:
		return r.array(depth)
	case tagCollection:
		return r.object(depth)
	default:
		r.failAt(at, "constant of kind %d, expected 0 to %d", tag, tagEnd-1)
		return value.Undefined
	}
}

func (r *reader) integer() value.Value {
	at := r.pos
	negative := r.bool()
	digits := r.string()
	if len(digits) > maxIntegerBytes || digits != "" && digits[0] == 0 {
		r.failAt(at, "an integer of %d bytes, expected at most %d without a leading zero", len(digits), maxIntegerBytes)
		return value.Undefined
	}
	n := new(big.Int).SetBytes([]byte(digits))
	if negative {
		n.Neg(n)
	}
	v := value.Integer(n)
	if r.err == nil && v.Kind() != value.KindInteger {
		r.failAt(at, "integer %s, expected one beyond ±(2^53-1)", n)
	}
	return v
}

func (r *reader) array(depth int) value.Value {
	n := r.count(1)
	if n == 0 {
		return value.Array(nil)
	}
	items := make([]value.Value, n)
	for i := range items {
		items[i] = r.value(depth + 1)
	}
	return value.Array(items)
}

func (r *reader) object(depth int) value.Value {
	n := r.count(2)
	o := value.NewObject(n)
	for i := 0; i < n && r.err == nil; i++ {
		at := r.pos
		key := r.string()
		o.Set(key, r.value(depth+1))
		if r.err == nil && o.Len() != i+1 {
			r.failAt(at, "key %q twice in a collection", key)
		}
	}
	return value.Collection(o)
}

// checkConstant tells what keeps v from being written to a file; secrets are judged by checkClear.
func checkConstant(v value.Value, depth int) error {
	if depth > MaxNesting {
		return invalid(sectionConstants, "a constant nested deeper than %d", MaxNesting)
	}
	switch v.Kind() {
	case value.KindUndefined:
		if depth > 0 {
			return invalid(sectionConstants, "undefined inside an array or a collection")
		}
	case value.KindInteger:
		if n := v.BigInt(); n == nil || len(n.Bytes()) > maxIntegerBytes || value.Integer(n).Kind() != value.KindInteger {
			return invalid(sectionConstants, "integer %v, expected one beyond ±(2^53-1) of at most %d digits", n, value.MaxIntegerDigits)
		}
	case value.KindArray:
		for _, item := range v.Items() {
			if err := checkConstant(item, depth+1); err != nil {
				return err
			}
		}
	case value.KindCollection:
		if v.Object().Caseless() {
			return invalid(sectionConstants, "a collection whose keys have no case, expected an ordinary one")
		}
		for i := range v.Object().Len() {
			if _, item := v.Object().At(i); item.IsUndefined() {
				return invalid(sectionConstants, "undefined inside an array or a collection")
			} else if err := checkConstant(item, depth+1); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkClear refuses secrets: a plan lies on disks and in caches, where no mark protects them.
func (p *Plan) checkClear() error {
	if i := slices.IndexFunc(p.Constants, value.ContainsSecret); i >= 0 {
		return invalid(sectionConstants, "constant %d is secret, and a plan cannot keep a secret: read it from a parameter or from common data", i)
	}
	return nil
}
