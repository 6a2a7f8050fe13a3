package value_test

import (
	"fmt"
	"math"
	"math/big"
	"testing"

	"github.com/imlc-lang/imlc/vm/value"
)

func list(items ...value.Value) value.Value { return value.Array(items) }

// object makes a collection of keys and values in turn.
func object(pairs ...any) value.Value {
	o := value.NewObject(len(pairs) / 2)
	for i := 0; i < len(pairs); i += 2 {
		o.Set(pairs[i].(string), pairs[i+1].(value.Value))
	}
	return value.Collection(o)
}

func exact(s string) value.Value {
	i, ok := new(big.Int).SetString(s, 10)
	if !ok {
		panic(s)
	}
	return value.Integer(i)
}

var (
	text = value.Text
	num  = value.Number
)

// Every row of the table of spec iml.md §7.3, both ways round.
func TestEqual(t *testing.T) {
	date := value.Date(1481212557536)
	for _, c := range []struct {
		row           string
		a, b          value.Value
		loose, strict bool
	}{
		{"nil and nil", value.Undefined, value.Undefined, true, true},
		{"nil and nil", value.Null(), value.Null(), true, true},
		{"nil and nil", value.Undefined, value.Null(), true, false},
		{"nil and other", value.Null(), text(""), false, false},
		{"nil and other", value.Null(), num(0), false, false},
		{"nil and other", value.Undefined, value.Bool(false), false, false},
		{"nil and other", value.Null(), list(), false, false},
		{"nil and other", value.Null(), object(), false, false},
		{"same type", text("a"), text("a"), true, true},
		{"same type", text("a"), text("A"), false, false},
		{"same type", num(1), num(1), true, true},
		{"same type", num(math.NaN()), num(math.NaN()), false, false},
		{"same type", num(0), num(math.Copysign(0, -1)), true, true},
		{"same type", value.Bool(true), value.Bool(true), true, true},
		{"same type", value.Bool(true), value.Bool(false), false, false},
		{"same type", date, value.Date(1481212557536), true, true},
		{"same type", date, value.Date(1), false, false},
		{"same type", value.Buffer([]byte("a")), value.Buffer([]byte("a")), true, true},
		{"same type", value.Buffer([]byte("a")), value.Buffer([]byte("b")), false, false},
		{"lists", list(), list(), true, true},
		{"lists", list(num(1), text("a")), list(num(1), text("a")), true, true},
		{"lists, strictly inside", list(num(1)), list(text("1")), false, false},
		{"lists, strictly inside", list(value.Null()), list(value.Undefined), false, false},
		{"lists of different length", list(num(1)), list(num(1), num(1)), false, false},
		{"collections in any order", object("a", num(1), "b", num(2)), object("b", num(2), "a", num(1)), true, true},
		{"collections, strictly inside", object("a", num(1)), object("a", text("1")), false, false},
		{"collections with other keys", object("a", num(1)), object("b", num(1)), false, false},
		{"collections of different size", object("a", num(1)), object("a", num(1), "b", num(1)), false, false},
		{"collection and other", object(), text("{}"), false, false},
		{"collection and other", object(), list(), false, false},
		{"buffer and other", value.Buffer([]byte("a")), text("a"), false, false},
		{"buffer and other", value.Buffer([]byte("a")), list(text("a")), false, false},
		{"array and other", list(num(1)), num(1), true, false},
		{"array and other", list(num(1), num(2)), text("1,2"), true, false},
		{"array and other", list(), text(""), true, false},
		{"array and other", list(), num(0), true, false},
		{"array and other", list(), value.Bool(false), true, false},
		{"array and other", list(num(1)), value.Bool(true), true, false},
		{"array and other", list(text("2016-12-08T15:55:57.536Z")), date, true, false},
		{"date and number", date, num(1481212557536), true, false},
		{"date and number", date, num(1), false, false},
		{"date and text", date, text("2016-12-08T15:55:57.536Z"), true, false},
		{"date and text", date, text("1481212557536"), false, false},
		{"date and boolean", value.Date(1), value.Bool(true), false, false},
		{"date and exact integer", date, exact("9007199254740993"), false, false},
		{"boolean and number", value.Bool(true), num(1), true, false},
		{"boolean and number", value.Bool(true), num(2), false, false},
		{"boolean and text", value.Bool(false), text(""), true, false},
		{"boolean and text", value.Bool(true), text(" 1 "), true, false},
		{"boolean and text", value.Bool(true), text("true"), false, false},
		{"number and text", num(5), text("5"), true, false},
		{"number and text", num(0), text(""), true, false},
		{"number and text", num(16), text("0x10"), true, false},
		{"number and text", num(5), text("5a"), false, false},
		{"number and text", num(math.NaN()), text("NaN"), false, false},
		{"exact integer and text", exact("9007199254740993"), text("9007199254740993"), true, false},
		{"exact integer and text", exact("9007199254740993"), text(" 9007199254740993 "), true, false},
		{"exact integer and text", exact("9007199254740993"), text("9007199254740992"), false, false},
		{"exact integer and text", exact("9007199254740993"), text("9007199254740993.0"), false, false},
		{"exact integer and double", exact("9007199254740993"), num(9007199254740992), false, false},
		{"exact integer and double", exact("9007199254740992"), num(9007199254740992), true, true},
		{"exact integers", exact("9007199254740993"), exact("9007199254740993"), true, true},
		{"exact integers", exact("9007199254740993"), exact("9007199254740995"), false, false},
		{"exact integer and boolean", exact("9007199254740993"), value.Bool(true), false, false},
	} {
		for _, p := range [][2]value.Value{{c.a, c.b}, {c.b, c.a}} {
			if got := value.Equal(p[0], p[1]); got != c.loose {
				t.Errorf("%s: %v %v = %v %v is %v", c.row, p[0].Kind(), p[0], p[1].Kind(), p[1], got)
			}
			if got := value.StrictEqual(p[0], p[1]); got != c.strict {
				t.Errorf("%s: %v %v strictly equals %v %v: %v", c.row, p[0].Kind(), p[0], p[1].Kind(), p[1], got)
			}
		}
	}
}

// The relational operators (spec iml.md §7.2): want is -1, 0, 1, or 2 for no order.
func TestCompare(t *testing.T) {
	for _, c := range []struct {
		a, b value.Value
		want int
	}{
		{num(1), num(2), -1}, {num(2), num(2), 0}, {num(math.NaN()), num(1), 2}, {num(math.Inf(-1)), exact("-9007199254740993"), -1},
		{num(math.Inf(1)), exact("9007199254740993"), 1}, {num(math.NaN()), exact("9007199254740993"), 2},
		{exact("9007199254740993"), num(9007199254740992), 1}, {exact("9007199254740992"), num(9007199254740992), 0},
		{exact("9007199254740993"), exact("9007199254740995"), -1}, {exact("9007199254740993"), text("9007199254740993"), 1},
		{text("10"), text("9"), -1}, {text("10"), num(9), 1}, {text("a"), text("B"), 1}, {text("a"), num(1), 2}, {text("b"), text("ab"), 1},
		{text(""), num(0), 0}, {value.Null(), num(0), 0}, {value.Undefined, num(0), 2}, {value.Bool(true), num(1), 0},
		{value.Date(5), num(6), -1}, {value.Date(5), value.Date(4), 1}, {list(num(10)), text("9"), -1}, {list(num(10)), num(9), 1},
		{list(num(1), num(2)), list(num(1), num(3)), -1}, {object(), num(1), 2}, {value.Buffer([]byte("1")), num(1), 2},
		{text("\U0001F600"), text("\uFF5E"), -1}, // by code units: a pair comes before U+FF5E
	} {
		got, ok := value.Compare(c.a, c.b)
		if ok == (c.want == 2) || ok && sign(got) != c.want {
			t.Errorf("%v compared with %v: %d, %v; want %d", c.a, c.b, got, ok, c.want)
		}
		back, ok := value.Compare(c.b, c.a)
		if ok == (c.want == 2) || ok && sign(back) != -c.want {
			t.Errorf("%v compared with %v: %d, %v; want %d", c.b, c.a, back, ok, -c.want)
		}
		if value.Less(c.a, c.b) != (c.want == -1) || value.LessEqual(c.a, c.b) != (c.want == -1 || c.want == 0) {
			t.Errorf("%v < %v: %v, <= %v", c.a, c.b, value.Less(c.a, c.b), value.LessEqual(c.a, c.b))
		}
	}
}

func sign(n int) int {
	switch {
	case n < 0:
		return -1
	case n > 0:
		return 1
	}
	return 0
}

func TestOperators(t *testing.T) {
	date := value.Date(1000)
	for _, c := range []struct {
		name      string
		got, want value.Value
	}{
		{"1+2", value.Sum(num(1), num(2)), num(3)},
		{"true+null", value.Sum(value.Bool(true), value.Null()), num(1)},
		{"undefined+1", value.Sum(value.Undefined, num(1)), num(math.NaN())},
		{"date-date", value.Subtract(date, value.Date(400)), num(600)},
		{"text-text", value.Subtract(text("5"), text("2")), num(3)},
		{"exact-1 rounds", value.Subtract(exact("9007199254740993"), num(0)), num(9007199254740992)},
		{"5*list", value.Multiply(num(5), list(num(2))), num(10)},
		{"1/0", value.Divide(num(1), num(0)), num(math.Inf(1))},
		{"0/0", value.Divide(num(0), num(0)), num(math.NaN())},
		{"-5%3", value.Remainder(num(-5), num(3)), num(-2)},
		{"5%-3", value.Remainder(num(5), num(-3)), num(2)},
		{"5%0", value.Remainder(num(5), num(0)), num(math.NaN())},
		{"5%inf", value.Remainder(num(5), num(math.Inf(1))), num(5)},
		{"-text", value.Negate(text("5")), num(-5)},
		{"-exact", value.Negate(exact("9007199254740993")), exact("-9007199254740993")},
		{"[2]", value.Item(list(num(1), num(2)), 2), num(2)},
		{"[-1]", value.Item(list(num(1), num(2)), -1), num(2)},
		{"[-3]", value.Item(list(num(1), num(2)), -3), value.Undefined},
		{"[0]", value.Item(list(num(1)), 0), value.Undefined},
		{"[9]", value.Item(list(num(1)), 9), value.Undefined},
		{"text[1]", value.Item(text("a"), 1), value.Undefined},
		{"[1.5]", value.Index(list(num(1), num(2)), num(1.5)), value.Undefined},
		{"[NaN]", value.Index(list(num(1), num(2)), num(math.NaN())), value.Undefined},
		{"[1e300]", value.Index(list(num(1), num(2)), num(1e300)), value.Undefined},
		{"[exact]", value.Index(list(num(1)), exact("9007199254740993")), value.Undefined},
		{"[true]", value.Index(list(num(1)), value.Bool(true)), value.Undefined},
		{"['1'] of a list", value.Index(list(num(1)), text("1")), value.Undefined},
		{"['a']", value.Index(object("a", num(1)), text("a")), num(1)},
		{"[1] of a collection", value.Index(object("1", num(1)), num(1)), value.Undefined},
		{".a", value.Name(object("a", num(1)), "a"), num(1)},
		{".b", value.Name(object("a", num(1)), "b"), value.Undefined},
		{".length", value.Name(list(num(1)), "length"), value.Undefined},
		{"nil.a", value.Name(value.Null(), "a"), value.Undefined},
	} {
		if !value.StrictEqual(c.got, c.want) && !(isNaN(c.got) && isNaN(c.want)) {
			t.Errorf("%s is %v, want %v", c.name, c.got, c.want)
		}
	}
	for _, c := range []struct {
		a, b value.Value
		want bool
	}{{num(1), num(1), false}, {text("a"), num(1), true}, {num(1), date, true}, {list(), num(1), true}, {object(), num(1), true},
		{value.Buffer(nil), num(1), true}, {value.Null(), value.Bool(true), false}, {exact("9007199254740993"), num(1), false}} {
		if got := value.AddsText(c.a, c.b); got != c.want {
			t.Errorf("%v + %v concatenates: %v", c.a, c.b, got)
		}
	}
}

func isNaN(v value.Value) bool { return v.Kind() == value.KindNumber && math.IsNaN(v.Float()) }

func TestTruthiness(t *testing.T) {
	for _, c := range []struct {
		v             value.Value
		truthy, empty bool
	}{
		{value.Undefined, false, true}, {value.Null(), false, true}, {value.Bool(false), false, false}, {num(0), false, false},
		{num(math.Copysign(0, -1)), false, false}, {num(math.NaN()), false, false}, {text(""), false, true},
		{value.Bool(true), true, false}, {num(-1), true, false}, {num(math.Inf(1)), true, false}, {text("false"), true, false}, {text("0"), true, false}, {text(" "), true, false},
		{list(), true, false}, {object(), true, false}, {value.Date(0), true, false}, {value.Buffer(nil), true, false}, {exact("9007199254740993"), true, false},
	} {
		if value.IsTruthy(c.v) != c.truthy || value.IsEmpty(c.v) != c.empty {
			t.Errorf("%v %v: truthy %v, empty %v", c.v.Kind(), c.v, value.IsTruthy(c.v), value.IsEmpty(c.v))
		}
	}
}

func ExampleEqual() {
	fmt.Println(value.Equal(value.Text("5"), value.Number(5)), value.StrictEqual(value.Text("5"), value.Number(5)))
	// Output: true false
}
