package wire

import (
	"encoding/base64"

	"github.com/imlc-lang/imlc/runtime/uri"
	"github.com/imlc-lang/imlc/vm/value"
)

// QueryMode says how the pairs of a qs directive meet the query that the URL has already (spec dialects.md §1.1, X2).
type QueryMode uint8

// The modes.
const (
	// QueryReplace drops the query of the URL (spec make.md §7.2).
	QueryReplace QueryMode = iota
	// QueryAppend writes the pairs after the query of the URL.
	QueryAppend
	// QueryMerge is QueryAppend without the pairs whose name the query of the URL has.
	QueryMerge
)

// AppendPair appends name=value to dst for every pair that v makes (spec make.md §7.2, §26.9): lists repeat the name,
// objects write name[key], undefined and null write nothing. dst holds pairs only: when it is not empty, "&" is put
// before each pair.
func AppendPair(dst []byte, name string, v value.Value) []byte {
	var scratch [64]byte
	return AppendEncodedPair(dst, uri.AppendEncode(scratch[:0], name), v)
}

// AppendEncodedPair is AppendPair for a name that AppendEscaped has encoded already. It does not keep or change name.
func AppendEncodedPair(dst, name []byte, v value.Value) []byte {
	switch v.Kind() {
	case value.KindUndefined, value.KindNull:
		return dst
	case value.KindArray:
		for _, item := range v.Items() {
			if item.Kind() == value.KindCollection {
				dst = appendNested(dst, name, item.Object())
			} else if !item.IsNil() {
				dst = appendOne(dst, name, item)
			}
		}
		return dst
	case value.KindCollection:
		return appendNested(dst, name, v.Object())
	}
	return appendOne(dst, name, v)
}

// appendNested writes name[key]=… for every key of o.
func appendNested(dst, name []byte, o *value.Object) []byte {
	for i := range o.Len() {
		k, v := o.At(i)
		if v.IsNil() {
			continue
		}
		full := make([]byte, 0, len(name)+len(k)+6+16)
		full = append(append(full, name...), "%5B"...)
		full = append(uri.AppendEncode(full, k), "%5D"...)
		dst = AppendEncodedPair(dst, full, v)
	}
	return dst
}

// appendOne writes one pair; v is no collection, and a list is written as text.
func appendOne(dst, name []byte, v value.Value) []byte {
	if len(dst) > 0 {
		dst = append(dst, '&')
	}
	dst = append(append(dst, name...), '=')
	switch v.Kind() {
	case value.KindText:
		return uri.AppendEncode(dst, v.Str())
	case value.KindBuffer:
		return uri.AppendEncode(dst, base64.StdEncoding.EncodeToString(v.Bytes()))
	case value.KindNumber:
		var scratch [32]byte
		return uri.AppendEncode(dst, value.AppendNumber(scratch[:0], v.Float()))
	}
	var scratch [128]byte
	return uri.AppendEncode(dst, value.AppendText(scratch[:0], v))
}

// EncodePairs returns the pairs of the collection v as one query or form text.
func EncodePairs(v value.Value) []byte {
	var dst []byte
	o := v.Object()
	for i := range o.Len() {
		k, item := o.At(i)
		dst = AppendPair(dst, k, item)
	}
	return dst
}

// ApplyQuery writes the value of a qs directive into the query of the URL. Undefined and null leave the URL as it is; what
// is no collection is a *ConfigError (spec make.md §7.2).
func ApplyQuery(u *uri.URL, qs value.Value, mode QueryMode) error {
	if qs.IsNil() {
		return nil
	}
	if qs.Kind() != value.KindCollection {
		return configErrorf("qs: expected an object of parameters, found %s; write {\"name\": \"value\"}", article(qs.Kind()))
	}
	pairs := string(EncodePairs(qs))
	switch {
	case mode == QueryReplace || u.Query == "":
		u.Query = pairs
	case mode == QueryMerge:
		have := map[string]bool{}
		for _, p := range uri.SplitPairs(u.Query) {
			have[p.Name] = true
		}
		u.Query = uri.JoinQuery(u.Query, uri.WithoutPairs(pairs, func(name, _ string) bool { return have[name] }))
	default:
		u.Query = uri.JoinQuery(u.Query, pairs)
	}
	return nil
}

// article names a kind with its article, for messages.
func article(k value.Kind) string {
	switch k {
	case value.KindUndefined, value.KindNull:
		return k.String()
	case value.KindArray:
		return "an array"
	}
	return "a " + k.String()
}
