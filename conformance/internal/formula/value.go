package formula

import (
	"slices"
	"strconv"

	"github.com/imlc-lang/imlc/parser/document"
	"github.com/imlc-lang/imlc/vm/value"
)

// A value is missing, nil for null, a bool, a float64, a string, a *list or an *object. Lists and objects have an
// identity: two are one when their pointers are.
type (
	missing struct{}
	list    struct{ items []any }
	object  struct {
		keys   []string
		values map[string]any
	}
)

func (o *object) get(key string) any {
	if v, ok := o.values[key]; ok {
		return v
	}
	return missing{}
}

func (o *object) has(key string) bool {
	_, ok := o.values[key]
	return ok
}

func (o *object) set(key string, v any) {
	if o.values == nil {
		o.values = map[string]any{}
	}
	if !o.has(key) {
		o.keys = append(o.keys, key)
	}
	o.values[key] = v
}

func (o *object) remove(key string) {
	delete(o.values, key)
	o.keys = slices.DeleteFunc(o.keys, func(k string) bool { return k == key })
}

// ordered are the keys in the order of JavaScript: array indexes first, ascending, then the rest as they came.
func (o *object) ordered() []string {
	var indexes []uint64
	var rest []string
	for _, key := range o.keys {
		if n, ok := arrayIndex(key); ok {
			indexes = append(indexes, n)
		} else {
			rest = append(rest, key)
		}
	}
	slices.Sort(indexes)
	keys := make([]string, 0, len(o.keys))
	for _, n := range indexes {
		keys = append(keys, strconv.FormatUint(n, 10))
	}
	return append(keys, rest...)
}

func arrayIndex(key string) (uint64, bool) {
	n, err := strconv.ParseUint(key, 10, 64)
	return n, err == nil && n <= 4294967294 && strconv.FormatUint(n, 10) == key
}

// fromDocument is a value as it is written.
func fromDocument(n *document.Node) any {
	switch n.Kind {
	case document.KindBool:
		return n.Bool
	case document.KindNumber:
		return n.Number
	case document.KindText:
		return n.Text
	case document.KindArray:
		l := &list{}
		for _, item := range n.Items {
			l.items = append(l.items, fromDocument(item))
		}
		return l
	case document.KindObject:
		o := &object{}
		for _, m := range n.Members {
			o.set(m.Key, fromDocument(m.Value))
		}
		return o
	}
	return nil
}

// fromValue is a variable.
func fromValue(v value.Value) any {
	switch v.Kind() {
	case value.KindBool:
		return v.IsTrue()
	case value.KindNumber, value.KindInteger:
		return v.Float()
	case value.KindText:
		return v.Str()
	case value.KindNull:
		return nil
	case value.KindArray:
		l := &list{}
		for _, item := range v.Items() {
			l.items = append(l.items, fromValue(item))
		}
		return l
	case value.KindCollection:
		o := &object{}
		for i := range v.Object().Len() {
			k, inner := v.Object().At(i)
			o.set(k, fromValue(inner))
		}
		return o
	}
	return missing{}
}

// toValue is a result.
func toValue(v any) value.Value {
	switch v := v.(type) {
	case nil:
		return value.Null()
	case bool:
		return value.Bool(v)
	case float64:
		return value.Number(v)
	case string:
		return value.Text(v)
	case *list:
		items := make([]value.Value, len(v.items))
		for i, item := range v.items {
			items[i] = toValue(item)
		}
		return value.Array(items)
	case *object:
		o := value.NewObject(len(v.keys))
		for _, key := range v.ordered() {
			o.Set(key, toValue(v.values[key]))
		}
		return value.Collection(o)
	}
	return value.Undefined
}
