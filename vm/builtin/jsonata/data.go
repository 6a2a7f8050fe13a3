package jsonata

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/imlc-lang/imlc/internal/limit"
	"github.com/imlc-lang/imlc/vm/value"
)

// Data is nil where there is none, null, bool, float64, string, *list, *object or *function.

// null is the null of JSON.
type null struct{}

// list is a list. A sequence is a list that a path made: one item stands for itself, and none for nothing.
type list struct {
	items    []any
	sequence bool
	// keep says that a sequence of one item stays a list.
	keep bool
	// cons says that a list was written, so that paths do not take it apart.
	cons bool
	// tuples says that the items are tuples.
	tuples bool
	// outer says that the item is the list that the whole data is.
	outer bool
}

// tuple is an item with the variables that the steps of its path have bound.
type tuple struct {
	item  any
	names map[string]any
}

// object is an object, whose keys keep their order.
type object struct {
	keys   []string
	values []any
	// index has the places of the keys of a large object.
	index map[string]int
}

// indexed is the number of keys from which on an object is looked through by its index.
const indexed = 12

func (o *object) find(key string) int {
	if o.index != nil {
		if i, ok := o.index[key]; ok {
			return i
		}
		return -1
	}
	return slices.Index(o.keys, key)
}

func (o *object) get(key string) (any, bool) {
	if i := o.find(key); i >= 0 {
		return o.values[i], true
	}
	return nil, false
}

func (o *object) set(key string, v any) {
	if i := o.find(key); i >= 0 {
		o.values[i] = v
		return
	}
	o.keys, o.values = append(o.keys, key), append(o.values, v)
	switch {
	case o.index != nil:
		o.index[key] = len(o.keys) - 1
	case len(o.keys) > indexed:
		o.reindex()
	}
}

func (o *object) reindex() {
	o.index = make(map[string]int, 2*len(o.keys))
	for i, key := range o.keys {
		o.index[key] = i
	}
}

// arrange puts the keys that are indexes of lists first, by their numbers, as objects have them in JavaScript.
func (o *object) arrange() *object {
	if !slices.ContainsFunc(o.keys, isIndex) {
		return o
	}
	order := make([]int, len(o.keys))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int {
		x, y := o.keys[i], o.keys[j]
		switch a, b := isIndex(x), isIndex(y); {
		case a && b:
			return cmp.Or(len(x)-len(y), strings.Compare(x, y))
		case a:
			return -1
		case b:
			return 1
		}
		return 0
	})
	out := &object{}
	for _, i := range order {
		out.set(o.keys[i], o.values[i])
	}
	return out
}

// isIndex reports whether a key is a whole number below 2³²-1 as JavaScript writes it.
func isIndex(key string) bool {
	n, err := strconv.ParseUint(key, 10, 32)
	return err == nil && n < math.MaxUint32 && (key[0] != '0' || key == "0")
}

func (o *object) remove(key string) {
	i := o.find(key)
	if i < 0 {
		return
	}
	o.keys, o.values = slices.Delete(o.keys, i, i+1), slices.Delete(o.values, i, i+1)
	if o.index != nil {
		o.reindex()
	}
}

func sequence(items ...any) *list { return &list{items: items, sequence: true} }

func isString(v any) bool { _, ok := v.(string); return ok }

// isNumeric reports whether v is a number; one that is infinite is an error.
func isNumeric(v any) bool {
	f, ok := v.(float64)
	if ok && math.IsInf(f, 0) {
		panic(failure("a number is out of range"))
	}
	return ok && !math.IsNaN(f)
}

// all reports whether v is a list of such items.
func all(v any, is func(any) bool) bool {
	l, ok := v.(*list)
	return ok && !slices.ContainsFunc(l.items, func(x any) bool { return !is(x) })
}

// truth is what a value is where a boolean is wanted.
func truth(v any) bool {
	switch v := v.(type) {
	case bool:
		return v
	case string:
		return v != ""
	case float64:
		return isNumeric(v) && v != 0
	case *list:
		return slices.ContainsFunc(v.items, truth)
	case *object:
		return len(v.keys) > 0
	case *function:
		return v.object
	}
	return false
}

// equal compares two values by content.
func (r *run) equal(x, y any) bool {
	r.step(1)
	switch a := x.(type) {
	case string:
		b, ok := y.(string)
		r.read(min(len(a), len(b)))
		return ok && a == b
	case *list:
		b, ok := y.(*list)
		if !ok || len(a.items) != len(b.items) {
			return false
		}
		for i := range a.items {
			if !r.equal(a.items[i], b.items[i]) {
				return false
			}
		}
		return true
	case *object:
		b, ok := y.(*object)
		if !ok || len(a.keys) != len(b.keys) {
			return false
		}
		for i, key := range a.keys {
			if other, ok := b.get(key); !ok || !r.equal(a.values[i], other) {
				return false
			}
		}
		return true
	}
	return x == y
}

// compareTexts compares by UTF-16 code units, as JavaScript does.
func compareTexts(x, y string) int {
	for i := range min(len(x), len(y)) {
		if a, b := x[i], y[i]; a != b {
			if a >= 0xEE && b >= 0xF0 || b >= 0xEE && a >= 0xF0 { // surrogates come before U+E000 and later
				return strings.Compare(y, x)
			}
			return strings.Compare(x, y)
		}
	}
	return len(x) - len(y)
}

// lookItems is how many items of a list are copied between two looks at whether the operation goes on.
const lookItems = 16 << 10

// appended is one value and another one behind it.
func (r *run) appended(x, y any) any {
	if x == nil {
		return y
	}
	if y == nil {
		return x
	}
	a, b := sequence(x).items, []any{y}
	if l, ok := x.(*list); ok {
		a = l.items
	}
	if l, ok := y.(*list); ok {
		b = l.items
	}
	r.list(len(a) + len(b))
	out := &list{items: make([]any, 0, len(a)+len(b))}
	for _, items := range [...][]any{a, b} {
		for piece := range slices.Chunk(items, lookItems) {
			out.items = append(out.items, piece...)
			r.must(r.c.Look(len(piece)))
		}
	}
	return out
}

// number is a number as a text of 15 digits, as JSONata writes it.
func number(f float64) string {
	f, _ = strconv.ParseFloat(strconv.FormatFloat(f, 'g', 15, 64), 64)
	return string(value.AppendNumber(nil, f))
}

// string is the text of a value.
func (r *run) string(v any, indent string) string {
	switch v := v.(type) {
	case string:
		return v
	case *function:
		return ""
	case float64:
		if math.IsInf(v, 0) || math.IsNaN(v) {
			panic(failure("a number is out of range"))
		}
	case *list:
		if v.outer {
			return r.string(v.items[0], indent)
		}
	}
	w := writer{run: r, indent: indent}
	w.write(v, "\n")
	return textOf(w.text)
}

// textOf is b as a text, which nobody changes any more.
func textOf(b []byte) string { return value.TextOf(b).Str() }

// writer writes JSON as JSON.stringify does.
type writer struct {
	*run
	indent string
	text   []byte
	paid   int
}

// pay takes from the budget what was written since.
func (w *writer) pay() {
	w.step(1)
	if len(w.text)-w.paid > 1<<10 {
		w.made(len(w.text) - w.paid)
		w.paid = len(w.text)
	}
}

func (w *writer) write(v any, newline string) {
	w.pay()
	switch v := v.(type) {
	case bool:
		w.text = strconv.AppendBool(w.text, v)
	case float64:
		if math.IsInf(v, 0) {
			panic(failure("a number is out of range"))
		}
		if math.IsNaN(v) {
			w.text = append(w.text, "null"...)
			return
		}
		w.text = append(w.text, number(v)...)
	case string:
		w.quoted(v)
	case *list:
		w.members('[', len(v.items), ']', newline, func(i int, inner string) bool {
			w.write(v.items[i], inner)
			return true
		})
	case *object:
		w.members('{', len(v.keys), '}', newline, func(i int, inner string) bool {
			if v.values[i] == nil {
				return false
			}
			w.quoted(v.keys[i])
			w.text = append(w.text, ':')
			if w.indent != "" {
				w.text = append(w.text, ' ')
			}
			w.write(v.values[i], inner)
			return true
		})
	case *function:
		w.text = append(w.text, `""`...)
	default:
		w.text = append(w.text, "null"...)
	}
}

// quoted writes a text, for a long one of which it pays in between.
func (w *writer) quoted(s string) {
	w.text = append(w.text, '"')
	w.must(w.c.Pieces(s, func(piece string) error {
		w.text = value.AppendEscaped(w.text, piece)
		if len(piece) < len(s) {
			w.pay()
		}
		return nil
	}))
	w.text = append(w.text, '"')
}

func (w *writer) members(open byte, n int, shut byte, newline string, member func(i int, inner string) bool) {
	w.text = append(w.text, open)
	inner, any := newline+w.indent, false
	for i := range n {
		before := len(w.text)
		if any {
			w.text = append(w.text, ',')
		}
		if w.indent != "" {
			w.text = append(w.text, inner...)
		}
		if !member(i, inner) {
			w.text = w.text[:before]
			continue
		}
		any = true
	}
	if any && w.indent != "" {
		w.text = append(w.text, newline...)
	}
	w.text = append(w.text, shut)
}

// data turns a value into data.
func (r *run) data(v value.Value) any {
	r.must(r.c.Tick(1))
	switch v.Kind() {
	case value.KindUndefined:
		return nil
	case value.KindNull:
		return null{}
	case value.KindBool:
		return v.IsTrue()
	case value.KindNumber, value.KindInteger:
		return v.Float()
	case value.KindText:
		return v.Str()
	case value.KindArray:
		r.must(r.c.List(len(v.Items())))
		l := &list{items: make([]any, len(v.Items()))}
		for i, item := range v.Items() {
			l.items[i] = r.data(item)
		}
		return l
	case value.KindCollection:
		n := v.Object().Len()
		r.must(r.c.Object(n))
		o := &object{keys: make([]string, 0, n), values: make([]any, 0, n)}
		for i := range n {
			key, member := v.Object().At(i)
			if x := r.data(member); x != nil {
				o.set(key, x)
			}
		}
		return o.arrange()
	}
	text, err := r.c.ToText(v)
	r.must(err)
	return text
}

// result turns data into a value, as its JSON would be read.
func (r *run) result(v any, nesting int) value.Value {
	r.step(1)
	if most := r.c.Limits().Nesting; nesting > most {
		r.must(&limit.Error{Name: "nesting", Limit: int64(most), Code: limit.CodeNesting})
	}
	switch v := v.(type) {
	case null:
		return value.Null()
	case bool:
		return value.Bool(v)
	case float64:
		if math.IsInf(v, 0) || math.IsNaN(v) {
			return value.Null()
		}
		return value.Number(v)
	case string:
		return value.Text(v)
	case *list:
		r.list(len(v.items))
		items := make([]value.Value, len(v.items))
		for i, item := range v.items {
			if items[i] = r.result(item, nesting+1); items[i].IsUndefined() {
				items[i] = value.Null()
			}
		}
		return value.Array(items)
	case *object:
		r.must(r.c.Object(len(v.keys)))
		o := value.NewObject(len(v.keys))
		for i, key := range v.keys {
			if x := r.result(v.values[i], nesting+1); !x.IsUndefined() {
				o.Set(key, x)
			}
		}
		return value.Collection(o)
	}
	return value.Undefined
}
