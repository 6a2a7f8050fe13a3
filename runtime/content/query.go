package content

import (
	"encoding/base64"

	"github.com/imlc-lang/imlc/internal/limit"
	"github.com/imlc-lang/imlc/runtime/uri"
	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm/value"
)

// QueryMode says how the parameters of a request meet the query that its URL has already (spec dialects.md §1.1, X2).
type QueryMode uint8

// The modes.
const (
	// QueryReplace drops the query of the URL.
	QueryReplace QueryMode = iota
	// QueryAppend writes the parameters after the query of the URL.
	QueryAppend
	// QueryMerge writes the parameters first and then what the query of the URL has beside them. For a name in both the
	// URL's values win, in the place of the parameter. The URL's query is decoded and written anew; null and an object
	// are written as an empty value (spec dialects.md §3.4).
	QueryMerge
	// QueryOverride keeps the query of the URL as it is written, but for the names that are parameters too: those are
	// sent with the values of the parameters only, in their place behind the rest.
	QueryOverride
)

// ApplyQuery writes parameters into the query of u. Undefined and null are no parameters at all, and then only
// QueryMerge changes the query, which it writes anew; what is no collection is a *[wire.ConfigError].
func ApplyQuery(u *uri.URL, params value.Value, mode QueryMode, m Meter) error {
	if params.IsNil() && mode != QueryMerge {
		return nil
	}
	if !params.IsNil() && params.Kind() != value.KindCollection {
		return wire.ConfigErrorf(wire.SettingQuery, "expected an object of parameters, found %s; write {\"name\": \"value\"}", article(params.Kind()))
	}
	if mode == QueryMerge {
		e := pairEncoder{meter: m, blanks: true, most: MaxURL, short: true}
		return e.merge(u, params.Object())
	}
	e := pairEncoder{meter: m, most: MaxURL, short: true}
	if err := e.object(params.Object()); err != nil {
		return err
	}
	pairs := string(e.out)
	switch {
	case mode == QueryReplace || u.Query == "":
		u.Query = pairs
	case mode == QueryOverride:
		have := namesOf(params.Object(), pairs)
		u.Query = uri.JoinQuery(uri.WithoutPairs(u.Query, func(name, _ string) bool { return have[name] }), pairs)
	default:
		u.Query = uri.JoinQuery(u.Query, pairs)
	}
	return nil
}

// namesOf are the names that an object of parameters speaks for: those that it writes, and its keys that come to
// nothing.
func namesOf(o *value.Object, pairs string) map[string]bool {
	names := make(map[string]bool, o.Len())
	for i := range o.Len() {
		k, _ := o.At(i)
		names[k] = true
	}
	for _, p := range uri.SplitPairs(pairs) {
		names[p.Name] = true
	}
	return names
}

// merge writes parameters and the query of u in the manner of QueryMerge.
func (e *pairEncoder) merge(u *uri.URL, params *value.Object) error {
	var order []string
	ofURL := map[string][]string{}
	for _, p := range uri.SplitPairs(u.Query) {
		if _, ok := ofURL[p.Name]; !ok {
			order = append(order, p.Name)
		}
		ofURL[p.Name] = append(ofURL[p.Name], p.Value)
	}
	write := func(name string) {
		for _, v := range ofURL[name] {
			e.out = uri.AppendPairs(e.out, []uri.Pair{{Name: name, Value: v}})
		}
		ofURL[name] = nil
	}
	for i := range params.Len() {
		k, v := params.At(i)
		if _, ok := ofURL[k]; ok {
			write(k)
		} else if err := e.pair(k, v); err != nil {
			return err
		}
	}
	for _, name := range order {
		write(name)
	}
	u.Query = string(e.out)
	return nil
}

// MaxURL is the length of the longest URL that a request may have, in bytes; no server takes a longer one.
const MaxURL = 1 << 20

// encodePairs returns the pairs of a collection as one query or form text: lists repeat the name, objects write
// name[key], undefined and null write nothing; with blanks null and objects are written as empty values.
func encodePairs(o *value.Object, m Meter, blanks bool) ([]byte, error) {
	e := pairEncoder{meter: m, blanks: blanks, parts: parts[byte]{out: make([]byte, 0, min(32*o.Len(), 1024))}}
	if err := e.object(o); err != nil {
		return nil, err
	}
	return e.join(look(m), 1)
}

// AppendPair appends name=value for every pair that v makes, as a query or form has it: lists repeat the name, objects
// write name[key], undefined and null write nothing. dst holds pairs only: when it is not empty, "&" is put before each
// pair.
func AppendPair(dst []byte, name string, v value.Value) []byte {
	e := pairEncoder{parts: parts[byte]{out: dst}, short: true}
	_ = e.pair(name, v) // without a meter nothing fails
	return e.out
}

// pairEncoder writes pairs behind each other.
type pairEncoder struct {
	parts[byte]
	// short says that all stays in one piece.
	short bool
	meter Meter
	// blanks writes null and objects as empty values.
	blanks bool
	// taken is how much of out the meter knows of.
	taken int
	depth int
	// most is how many bytes there may be, 0 for no bound: those of a URL.
	most int
}

// maxNesting bounds the objects within objects of a query or form.
const maxNesting = 1000

func (e *pairEncoder) object(o *value.Object) error {
	for i := range o.Len() {
		k, v := o.At(i)
		if err := e.pair(k, v); err != nil {
			return err
		}
	}
	return nil
}

func (e *pairEncoder) pair(name string, v value.Value) error {
	var scratch [64]byte
	return e.encoded(uri.AppendEncode(scratch[:0], name), v)
}

// encoded writes the pairs of v under a name that is encoded already.
func (e *pairEncoder) encoded(name []byte, v value.Value) error {
	switch v.Kind() {
	case value.KindUndefined:
		return nil
	case value.KindNull:
		if !e.blanks {
			return nil
		}
		return e.one(name, value.Text(""))
	case value.KindArray:
		for _, item := range v.Items() {
			if err := e.item(name, item); err != nil {
				return err
			}
		}
		return nil
	case value.KindCollection:
		if e.blanks {
			return e.one(name, value.Text(""))
		}
		return e.nested(name, v.Object())
	}
	return e.one(name, v)
}

// item writes an item of a list; a list within a list is written as text.
func (e *pairEncoder) item(name []byte, v value.Value) error {
	if v.Kind() == value.KindArray {
		return e.one(name, v)
	}
	return e.encoded(name, v)
}

// nested writes name[key]=… for every key of o. A name is as long as the path to it, so that it is the meter that
// bounds how much a deep object comes to.
func (e *pairEncoder) nested(name []byte, o *value.Object) error {
	if e.depth++; e.depth > maxNesting {
		return nestingLimit(maxNesting)
	}
	defer func() { e.depth-- }()
	for i := range o.Len() {
		k, v := o.At(i)
		if v.IsNil() {
			continue
		}
		if err := reserve(e.meter, len(name)+3*len(k)+6); err != nil {
			return err
		}
		full := make([]byte, 0, len(name)+len(k)+6+16)
		full = append(append(full, name...), "%5B"...)
		full = append(uri.AppendEncode(full, k), "%5D"...)
		if err := e.encoded(full, v); err != nil {
			return err
		}
	}
	return nil
}

// one writes one pair.
func (e *pairEncoder) one(name []byte, v value.Value) error {
	if err := e.take(len(name) + 2); err != nil {
		return err
	}
	if e.len() > 0 {
		e.out = append(e.out, '&')
	}
	e.out = append(append(e.out, name...), '=')
	switch v.Kind() {
	case value.KindText:
		return e.text(v.Str())
	case value.KindBuffer:
		return e.text(base64.StdEncoding.EncodeToString(v.Bytes()))
	case value.KindNumber:
		var scratch [32]byte
		e.out = uri.AppendEncode(e.out, value.AppendNumber(scratch[:0], v.Float()))
	default:
		var scratch [128]byte
		e.out = uri.AppendEncode(e.out, value.AppendText(scratch[:0], v))
	}
	return e.take(0)
}

// text writes the text of a pair, a long one in parts.
func (e *pairEncoder) text(s string) error {
	for len(s) > longForm {
		e.out = uri.AppendEncode(e.out, s[:longForm])
		s = s[longForm:]
		if err := e.take(0); err != nil {
			return err
		}
	}
	e.out = uri.AppendEncode(e.out, s)
	return e.take(0)
}

// take tells the meter of what was written since, and of n bytes that are about to be.
func (e *pairEncoder) take(n int) error {
	if e.most > 0 && len(e.out)+n > e.most {
		return &limit.Error{Name: "request URL", Limit: int64(e.most), Code: limit.CodeOther}
	}
	bytes := e.len() - e.taken + n
	e.taken += bytes
	if !e.short {
		e.turn(pieceBytes)
	}
	return reserve(e.meter, bytes)
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
