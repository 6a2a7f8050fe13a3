package value

import (
	"math"
	"reflect"
	"strings"
	"testing"
)

func TestDepth(t *testing.T) {
	one := func(v Value) Value {
		o := NewObject(1)
		o.Set("k", v)
		return Collection(o)
	}
	grown := NewObject(0)
	for _, v := range []Value{Null(), Array(nil), Array([]Value{one(Null())})} {
		grown.Set("k", v)
	}
	overwritten := NewObject(0)
	overwritten.Set("k", Array([]Value{Array(nil)}))
	overwritten.Set("k", Null())
	shape := NewShapes().Of("a", "b")
	for _, tt := range []struct {
		name string
		v    Value
		want int
	}{
		{"undefined", Undefined, 0}, {"text", Text("x"), 0}, {"empty list", Array(nil), 1}, {"list", Array([]Value{Null()}), 1},
		{"list in a list", Array([]Value{Null(), Array(nil), Null()}), 2}, {"empty collection", Collection(nil), 1}, {"collection", one(Null()), 1},
		{"collection in a list", Array([]Value{one(one(Null()))}), 3}, {"list in a collection", one(Array([]Value{Array(nil)})), 3},
		{"grown", Collection(grown), 3}, {"clone", Collection(grown.Clone()), 3}, {"at least", Collection(overwritten), 3},
		{"shaped", Collection(NewShaped(shape, []Value{Null(), Array(nil)})), 2}, {"shaped and flat", Collection(NewShaped(shape, []Value{Null(), Null()})), 1},
		{"secret", Array([]Value{Array(nil)}).AsSecret(), 2}, {"copy", Detach(one(Array(nil))), 2},
	} {
		if got := Depth(tt.v); got != tt.want {
			t.Errorf("%s: depth %d, want %d", tt.name, got, tt.want)
		}
	}
	for text, want := range map[string]int{
		`1`: 0, `[]`: 1, `{}`: 1, `[1,[2,{"a":[]}],3]`: 4, `{"a":1,"b":{"c":[{}]}}`: 4, `{"a":{"a":{}},"a":1}`: 3,
		`{"a":[[]],"b":1,"c":2}`: 3, strings.Repeat("[", 200) + strings.Repeat("]", 200): 200,
	} {
		for _, shapes := range []*Shapes{nil, NewShapes()} {
			v, err := ParseJSON(text, &JSONOptions{Shapes: shapes})
			if err != nil || Depth(v) != want {
				t.Errorf("%s: depth %d, want %d (%v)", text, Depth(v), want, err)
			}
		}
	}
}

// TestDepthEnds checks that the depth stops where its number does, rather than begin again.
func TestDepthEnds(t *testing.T) {
	v, o := Array(nil), NewObject(0)
	for range math.MaxInt16 + 10 {
		v = Array([]Value{v})
	}
	o.Set("k", v)
	if Depth(v) != math.MaxInt16 || Depth(Collection(o)) != math.MaxInt16 {
		t.Errorf("got %d and %d", Depth(v), Depth(Collection(o)))
	}
}

// TestValueStaysInRegisters checks what makes values fast: three words, and no more fields than the compiler keeps in
// registers.
func TestValueStaysInRegisters(t *testing.T) {
	v := reflect.TypeFor[Value]()
	if v.Size() > 24 || v.NumField() > 4 {
		t.Errorf("a value has %d bytes in %d fields, want at most 24 in 4", v.Size(), v.NumField())
	}
}

// TestMarkKeepsDepth checks that the mark of secrets and the depth of a list, which share a word, do not disturb each
// other.
func TestMarkKeepsDepth(t *testing.T) {
	plain := Array([]Value{Array([]Value{Number(1)})})
	secret := plain.AsSecret()
	if Depth(secret) != 2 || !secret.IsSecret() || Depth(plain) != 2 || plain.IsSecret() {
		t.Errorf("depths %d and %d, secret %t and %t", Depth(secret), Depth(plain), secret.IsSecret(), plain.IsSecret())
	}
	if Number(1).Under(plain).IsSecret() || !Number(1).Under(secret).IsSecret() || Subtract(plain, Number(1)).IsSecret() || !Subtract(secret, Number(1)).IsSecret() {
		t.Error("the depth counts as a mark, or hides it")
	}
	if Depth(Subtract(secret, plain)) != 0 {
		t.Error("a number has the depth of a list")
	}
}
