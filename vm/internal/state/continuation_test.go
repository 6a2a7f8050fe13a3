package state

import (
	"math"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/imlc-lang/imlc/vm/value"
)

// shown is all that can be seen of a value: kinds, marks and order.
func shown(v value.Value) string {
	mark := ""
	if v.IsSecret() {
		mark = "secret "
	}
	switch v.Kind() {
	case value.KindArray:
		parts := []string{}
		for _, item := range v.Items() {
			parts = append(parts, shown(item))
		}
		return mark + "[" + strings.Join(parts, ", ") + "]"
	case value.KindCollection:
		parts := []string{}
		for i := range v.Object().Len() {
			k, item := v.Object().At(i)
			parts = append(parts, k+": "+shown(item))
		}
		return mark + "{" + strings.Join(parts, ", ") + "}"
	case value.KindNumber:
		if math.Signbit(v.Float()) {
			mark += "negative "
		}
		return mark + value.ToText(v)
	}
	return mark + v.Kind().String() + " " + value.ToText(v)
}

// madeUp returns a value of any kind.
func madeUp(r *rand.Rand, depth int) value.Value {
	n := r.IntN(12)
	if depth == 0 && n > 9 {
		n = 0
	}
	var v value.Value
	switch n {
	case 0:
		v = value.Text(strings.Repeat("é\x00\"", r.IntN(60)))
	case 1:
		v = value.Null()
	case 2:
		v = value.Bool(r.IntN(2) == 0)
	case 3:
		v = value.Number(r.NormFloat64() * 1e20)
	case 4:
		v = value.Number([]float64{math.Inf(-1), math.Copysign(0, -1), 0, math.NaN(), 5e-324}[r.IntN(5)])
	case 5:
		v = value.Integer(new(big.Int).Lsh(big.NewInt(-r.Int64()), uint(r.IntN(200))))
	case 6:
		v = value.Date(r.Int64N(8e15) - 4e15)
	case 7:
		v = value.Buffer([]byte{0, 255, byte(r.Int())})
	case 8:
		v = value.Text("$")
	case 9:
		v = value.Int(r.Int64N(1e15))
	case 10:
		items := make([]value.Value, r.IntN(4))
		for i := range items {
			items[i] = madeUp(r, depth-1)
		}
		v = value.Array(items)
	default:
		v = value.Collection(madeUpObject(r, r.IntN(12), depth-1))
	}
	if r.IntN(5) == 0 {
		return v.AsSecret()
	}
	return v
}

func madeUpObject(r *rand.Rand, n, depth int) *value.Object {
	o := value.NewObject(n)
	for i := range n {
		o.Set([]string{"$", "v", "", "a", "b", "c", "d", "e", "f", "g", "h", "é"}[i], madeUp(r, depth))
	}
	return o
}

var sameContinuation = cmp.Options{
	cmp.Transformer("shown", func(o *value.Object) string { return shown(value.Collection(o)) }), cmpopts.EquateEmpty(),
}

// TestContinuationsComeBack writes and reads states with values of every kind.
func TestContinuationsComeBack(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	shapes := value.NewShapes()
	for range 2000 {
		c := &Continuation{Key: "k\x00", ConnectionID: "id", PlanHash: "hash", Temp: madeUpObject(r, r.IntN(12), 3), Data: madeUpObject(r, r.IntN(9), 3),
			Scope: []string{"a", ""}[:r.IntN(3)], Redirect: "u", Redirects: map[string]string{"b": "m", "a": ""}, Variant: "v", Stage: r.IntN(9), Random: "r", Deadline: time.UnixMilli(r.Int64N(4e12)), UID: "uid",
			OutOfBand: r.IntN(2) == 0, Secrets: []string{"s"}[:r.IntN(2)]}
		if r.IntN(2) == 0 {
			c.Bind = BindDigest([]byte("tenant"))
		}
		if r.IntN(2) == 0 {
			c.Note = []byte{0, byte(r.Int())}
		}
		if r.IntN(2) == 0 {
			c.Common = madeUpObject(r, 3, 1)
		}
		if r.IntN(2) == 0 {
			c.Label, c.Expires = &Label{Type: "text", Value: "v"}, time.UnixMilli(-r.Int64N(1e12)-1)
		}
		text := c.Encode()
		back, err := Decode(text, shapes)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c, back, sameContinuation); diff != "" {
			t.Fatalf("it came back otherwise (+):\n%s", diff)
		}
		for range 20 { // a part of a state, or one with more behind it, is no state
			if _, err := Decode(text[:r.IntN(len(text))], shapes); err == nil {
				t.Fatal("a part of a state was read")
			}
		}
		if _, err := Decode(append(text, 0), shapes); err == nil {
			t.Fatal("a state with a byte behind it was read")
		}
	}
}

// TestContinuationsOfOtherVersions are refused by their version.
func TestContinuationsOfOtherVersions(t *testing.T) {
	for _, text := range []string{`{"v":1,"key":"k"}`, "", "\x01", "\x02\x00"} {
		if _, err := Decode([]byte(text), value.NewShapes()); err == nil || !strings.Contains(err.Error(), "version") {
			t.Errorf("%q: got %v, expected an error of the version", text, err)
		}
	}
}

// TestContinuationsAreBoundedInDepth: a state may not make its reader recurse without end.
func TestContinuationsAreBoundedInDepth(t *testing.T) {
	for depth, fits := range map[int]bool{nesting - 2: true, nesting - 2 + 1: false, 10*nesting - 2: false} {
		v := value.Null()
		for range depth {
			v = value.Array([]value.Value{v})
		}
		c := &Continuation{Temp: value.NewObject(1)}
		c.Temp.Set("a", v)
		if _, err := Decode(c.Encode(), value.NewShapes()); (err == nil) != fits {
			t.Errorf("%d levels: %v", depth, err)
		}
	}
}

// FuzzContinuation reads foreign bytes; what can be read is written and read again without a change.
func FuzzContinuation(f *testing.F) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 20 {
		c := &Continuation{Key: "k", Temp: madeUpObject(r, 4, 2), Data: madeUpObject(r, 10, 1), Deadline: time.UnixMilli(5), Label: &Label{}, Common: madeUpObject(r, 1, 1)}
		f.Add(c.Encode())
	}
	f.Add([]byte("\x04" + strings.Repeat("\x09\x01", 60_000)))
	f.Fuzz(func(t *testing.T, b []byte) {
		shapes := value.NewShapes()
		c, err := Decode(b, shapes)
		if err != nil {
			return
		}
		back, err := Decode(c.Encode(), shapes)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c, back, sameContinuation); diff != "" {
			t.Fatalf("it came back otherwise (+):\n%s", diff)
		}
	})
}
