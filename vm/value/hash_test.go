package value_test

import (
	"bytes"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/imlc-lang/imlc/vm/value"
)

// hashed are values of which some are equal though they are written in different ways.
func hashed() []value.Value {
	shared := list(num(1), text("a"))
	caseless := value.NewObject(1)
	caseless.Set("k", num(1))
	caseless.SetCaseless()
	return []value.Value{
		value.Undefined, value.Null(), value.Bool(false), value.Bool(true), num(0), num(math.Copysign(0, -1)), num(1), num(math.NaN()), num(math.Inf(1)), num(1 << 60),
		exact("1152921504606846976"), exact("1152921504606846977"), text(""), text("0"), text("a"), value.Date(0), value.Date(1), value.Buffer(nil), value.Buffer([]byte("a")),
		list(), list(list()), list(num(0)), list(num(math.Copysign(0, -1))), list(value.Null()), list(text("a"), text("b")), list(text("b"), text("a")), list(num(math.NaN())),
		object(), object("a", num(1), "b", text("x")), object("b", text("x"), "a", num(1)), object("a", list(num(math.NaN()))), object("k", num(1)), value.Collection(caseless),
		list(shared, shared), list(list(num(1), text("a")), shared), object("a", shared), object("a", list(num(1), text("a"))), list(text("a")).AsSecret(), list(text("a")),
	}
}

// Equal values have equal hashes, and the hashes of the samples differ where the values do.
func TestHash(t *testing.T) {
	var h value.Hasher
	var c value.Comparison
	for _, a := range hashed() {
		for _, b := range hashed() {
			x, err1 := h.Hash(a)
			y, err2 := h.Hash(b)
			if err1 != nil || err2 != nil {
				t.Fatal(err1, err2)
			}
			equal := value.StrictEqual(a, b)
			near := a.IsNumber() && b.IsNumber() // exact integers of one double
			if equal && x != y || !equal && x == y && !near {
				t.Errorf("%v and %v: equal %t, equal hashes %t", a, b, equal, x == y)
			}
			if got, err := c.Strict(a, b); got != equal || err != nil {
				t.Errorf("%v and %v: compared %t, %v", a, b, got, err)
			}
		}
	}
}

// work counts what is taken from it and ends after a number of units.
type work struct{ most, ticks, memory int64 }

var errWork = errors.New("no work left")

func (w *work) Memory(n int64) error { w.memory += n; return nil }

func (w *work) Look(int) error { return nil }

func (w *work) Tick(n int) error {
	if w.ticks += int64(n); w.ticks > w.most {
		return errWork
	}
	return nil
}

// TestSharedValuesAreLookedAtOnce compares and hashes values that share what they hold 2^60 times.
func TestSharedValuesAreLookedAtOnce(t *testing.T) {
	build := func() value.Value {
		v := list(num(1))
		for range 400 {
			v = list(v, v)
		}
		return v
	}
	a, b := build(), build()
	all := &work{most: 1 << 40}
	h := value.Hasher{Budget: all}
	x, err1 := h.Hash(a)
	y, err2 := h.Hash(b)
	if err1 != nil || err2 != nil || x != y || all.ticks > 3000 {
		t.Errorf("hashes %x %x, %v %v, %d units of work", x, y, err1, err2, all.ticks)
	}
	c := value.Comparison{Budget: all}
	if equal, err := c.Strict(a, b); err != nil || !equal || all.ticks > 6000 || all.memory < 100*80 {
		t.Errorf("equal %t, %v, %d units of work, %d bytes", equal, err, all.ticks, all.memory)
	}
	c = value.Comparison{Budget: &work{most: 100}}
	if equal, err := c.Strict(a, b); err != errWork || equal {
		t.Errorf("a small budget: %t, %v", equal, err)
	}
	h = value.Hasher{Budget: &work{most: 100}}
	if _, err := h.Hash(a); err != errWork {
		t.Errorf("a small budget: %v", err)
	}
}

// TestLongTextsTakeWork holds that lists that repeat one long text are not compared for nothing.
func TestLongTextsTakeWork(t *testing.T) {
	const n, size = 64, 1 << 16
	repeated := func(v value.Value) value.Value { return value.Array(slices.Repeat([]value.Value{v}, n)) }
	for _, pair := range [][2]value.Value{
		{value.Text(strings.Repeat("a", size)), value.Text(strings.Repeat("a", size))},
		{value.Buffer(bytes.Repeat([]byte("a"), size)), value.Buffer(bytes.Repeat([]byte("a"), size))},
	} {
		all := &work{most: 1 << 40}
		c := value.Comparison{Budget: all}
		if equal, err := c.Strict(repeated(pair[0]), repeated(pair[1])); err != nil || !equal || all.ticks < n*size/1024 {
			t.Errorf("equal %t, %v, %d units of work", equal, err, all.ticks)
		}
		c = value.Comparison{Budget: &work{most: 100}}
		if equal, err := c.Strict(repeated(pair[0]), repeated(pair[1])); err != errWork || equal {
			t.Errorf("a small budget: %t, %v", equal, err)
		}
	}
}
