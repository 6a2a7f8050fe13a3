package wire

import (
	"encoding/base64"
	"strings"

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
	return AppendEncodedPair(dst, AppendEscaped(scratch[:0], name), v)
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
		full = append(AppendEscaped(full, k), "%5D"...)
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
		return AppendEscaped(dst, v.Str())
	case value.KindBuffer:
		return AppendEscaped(dst, base64.StdEncoding.EncodeToString(v.Bytes()))
	case value.KindNumber:
		var scratch [32]byte
		return appendKeeping(dst, value.AppendNumber(scratch[:0], v.Float()), unreserved)
	}
	var scratch [128]byte
	return appendKeeping(dst, value.AppendText(scratch[:0], v), unreserved)
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
func (u *URL) ApplyQuery(qs value.Value, mode QueryMode) error {
	if qs.IsNil() {
		return nil
	}
	if qs.Kind() != value.KindCollection {
		return configErrorf("qs: expected an object of parameters, found %s; write {\"name\": \"value\"}", article(qs.Kind()))
	}
	if mode != QueryMerge || u.Query == "" {
		u.SetQuery(string(EncodePairs(qs)), mode)
		return nil
	}
	have := namesOf(u.Query)
	var kept []byte
	for _, pair := range strings.Split(string(EncodePairs(qs)), "&") {
		name, _, _ := strings.Cut(pair, "=")
		if !have[unescape(name, true)] && pair != "" {
			kept = appendJoined(kept, pair)
		}
	}
	u.SetQuery(string(kept), QueryAppend)
	return nil
}

func namesOf(query string) map[string]bool {
	names := map[string]bool{}
	for _, p := range SplitPairs(query) {
		names[p.Name] = true
	}
	return names
}

func appendJoined(dst []byte, pair string) []byte {
	if len(dst) > 0 {
		dst = append(dst, '&')
	}
	return append(dst, pair...)
}

// SetQuery puts encoded pairs into the query of the URL; QueryMerge works like QueryAppend.
func (u *URL) SetQuery(pairs string, mode QueryMode) {
	if mode == QueryReplace || u.Query == "" {
		u.Query = pairs
	} else if pairs != "" {
		u.Query += "&" + pairs
	}
}

// HasParam reports whether the query of the URL has a pair with this decoded name.
func (u *URL) HasParam(name string) bool {
	_, ok := u.Param(name)
	return ok
}

// Param returns the first value of a parameter of the query, decoded.
func (u *URL) Param(name string) (string, bool) {
	for _, p := range SplitPairs(u.Query) {
		if p.Name == name {
			return p.Value, true
		}
	}
	return "", false
}

// RemoveParams removes the pairs of a query whose decoded name drop accepts; the others keep their bytes. Signers use it
// on a Location that repeats their parameters (spec make.md §8.2).
func RemoveParams(query string, drop func(name string) bool) string {
	var kept []byte
	changed := false
	for rest := query; rest != ""; {
		var pair string
		pair, rest, _ = strings.Cut(rest, "&")
		name, _, _ := strings.Cut(pair, "=")
		if pair != "" && drop(unescape(name, true)) {
			changed = true
			continue
		}
		kept = appendJoined(kept, pair)
	}
	if !changed {
		return query
	}
	return string(kept)
}

// Pair is one decoded pair of a query or form.
type Pair struct{ Name, Value string }

// SplitPairs reads a query or form (spec make.md §9.2): pairs end at "&", the name ends at the first "=", "+" is a space,
// invalid escapes stay, empty pairs are skipped.
func SplitPairs(text string) []Pair {
	var out []Pair
	for text != "" {
		var pair string
		pair, text, _ = strings.Cut(text, "&")
		if pair == "" {
			continue
		}
		name, val, _ := strings.Cut(pair, "=")
		out = append(out, Pair{Name: unescape(name, true), Value: unescape(val, true)})
	}
	return out
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
