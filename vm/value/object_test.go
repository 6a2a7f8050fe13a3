package value_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/imlc-lang/imlc/vm/value"
)

// model is an ordered map done the plain way.
type model struct {
	keys []string
	vals map[string]float64
}

func (m *model) set(k string, f float64) {
	if _, ok := m.vals[k]; !ok {
		m.keys = append(m.keys, k)
	}
	m.vals[k] = f
}

func (m *model) del(k string) {
	if _, ok := m.vals[k]; ok {
		delete(m.vals, k)
		m.keys = slices.DeleteFunc(m.keys, func(s string) bool { return s == k })
	}
}

func (m *model) check(t *testing.T, o *value.Object) {
	t.Helper()
	if diff := cmp.Diff(m.keys, o.Keys(), cmp.Transformer("nil", func(s []string) []string { return append([]string{}, s...) })); diff != "" {
		t.Fatal(diff)
	}
	if o.Len() != len(m.keys) {
		t.Fatalf("%d keys, want %d", o.Len(), len(m.keys))
	}
	for i, k := range m.keys {
		v, ok := o.Get(k)
		ak, av := o.At(i)
		if !ok || v.Float() != m.vals[k] || ak != k || av.Float() != m.vals[k] || o.Index(k) != i {
			t.Fatalf("%s at %d: %v, %v, index %d; want %v", k, i, v, ok, o.Index(k), m.vals[k])
		}
	}
	if v, ok := o.Get("no such key"); ok || !v.IsUndefined() || o.Index("no such key") != -1 {
		t.Fatal("a missing key was found")
	}
}

// Random edits agree with the model, with few keys and with many, on objects of their own and on shaped ones; clones
// are independent of what they were cloned from.
func TestObjectAgreesWithModel(t *testing.T) {
	shapes := value.NewShapes()
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 7))
		m := &model{vals: map[string]float64{}}
		o := value.NewObject(0)
		if seed%2 == 1 {
			var names []string
			var vals []value.Value
			for i := range r.IntN(30) {
				names = append(names, fmt.Sprint("k", i))
				vals = append(vals, value.Number(float64(i)))
				m.set(names[i], float64(i))
			}
			o = value.NewShaped(shapes.Of(names...), vals)
		}
		for step := range 400 {
			k := fmt.Sprint("k", r.IntN(45))
			switch r.IntN(5) {
			case 0:
				m.del(k)
				o.Delete(k)
			case 1:
				m.del(k)
				o.Set(k, value.Undefined)
			case 2:
				before := string(value.AppendJSON(nil, value.Collection(o)))
				c := o.Clone()
				c.Set(k, value.Number(-1))
				c.Delete("k1")
				c.Set("more", value.Null())
				if after := string(value.AppendJSON(nil, value.Collection(o))); after != before {
					t.Fatalf("a change of the clone changed %s to %s", before, after)
				}
			default:
				m.set(k, float64(step))
				o.Set(k, value.Number(float64(step)))
			}
		}
		m.check(t, o)
		m.check(t, o.Clone())
	}
}

func TestObjectNilAndZero(t *testing.T) {
	var nilObject *value.Object
	var zero value.Object
	for name, o := range map[string]*value.Object{"nil": nilObject, "zero": &zero} {
		if v, ok := o.Get("a"); ok || !v.IsUndefined() || o.Len() != 0 || len(o.Keys()) != 0 || o.Index("a") != -1 || o.Caseless() || !o.Value("a").IsUndefined() {
			t.Errorf("the %s object holds something", name)
		}
		c := o.Clone()
		c.Set("a", value.Null())
		if c.Len() != 1 || o.Len() != 0 {
			t.Errorf("the clone of the %s object is not its own", name)
		}
	}
	zero.Set("a", value.Undefined)
	zero.Delete("a")
	zero.Set("a", value.Null())
	if zero.Len() != 1 {
		t.Error("the zero object cannot be filled")
	}
}

// An object that leaves its shape does not disturb the others of that shape.
func TestShapeIsLeftAlone(t *testing.T) {
	shapes := value.NewShapes()
	o := &value.JSONOptions{Shapes: shapes}
	a, err := value.ParseJSON(`{"x":1,"y":2}`, o)
	if err != nil {
		t.Fatal(err)
	}
	b, _ := value.ParseJSON(`{"x":3,"y":4}`, o)
	if a.Object().Shape() == nil || a.Object().Shape() != b.Object().Shape() || a.Object().Shape() != shapes.Of("x", "y") {
		t.Fatal("objects with the same keys have different shapes")
	}
	var unshaped *value.Shape
	if unshaped.ID() != 0 || a.Object().Shape().ID() == 0 {
		t.Error("only no shape has the id 0")
	}
	a.Object().Delete("x")
	a.Object().Set("z", value.Null())
	c := b.Object().Clone()
	c.Set("y", value.Number(9))
	if c.Shape() == nil {
		t.Error("overwriting needs no other shape")
	}
	if got := fmt.Sprint(a, b, c.Value("y")); got != `{"y":2,"z":null}{"x":3,"y":4}9` && got != `{"y":2,"z":null} {"x":3,"y":4} 9` {
		t.Error(got)
	}
	if a.Object().Shape() != nil {
		t.Error("the changed object still claims its shape")
	}
	if shapes.Of("x", "x") != nil {
		t.Error("a shape has a key twice")
	}
}

func TestShapeCaps(t *testing.T) {
	shapes := value.NewShapes()
	var names []string
	for i := range 200 {
		names = append(names, fmt.Sprint(i))
	}
	if shapes.Of(names...) != nil {
		t.Error("a shape of 200 keys")
	}
	branches := 0
	for i := range 100 {
		if shapes.Of(fmt.Sprint("b", i)) != nil {
			branches++
		}
	}
	if branches == 0 || branches > 40 {
		t.Errorf("%d branches", branches)
	}
}

func TestCaseless(t *testing.T) {
	o := value.NewObject(2)
	o.SetCaseless()
	o.Set("Content-Type", value.Text("text/html"))
	o.Set("content-TYPE", value.Text("text/plain"))
	o.Set("X-\u00c9", value.Text("x"))
	v := value.Collection(o)
	if got := string(value.AppendJSON(nil, v)); got != "{\"content-type\":\"text/plain\",\"x-\u00c9\":\"x\"}" {
		t.Error(got)
	}
	var site value.Site
	for _, got := range []value.Value{value.Name(v, "CONTENT-type"), value.Index(v, value.Text("Content-Type")), site.Step(v, "Content-Type"), o.Value("CONTENT-TYPE")} {
		if got.Str() != "text/plain" {
			t.Errorf("got %v", got)
		}
	}
	c := o.Clone()
	if c.Caseless() || !c.Value("Content-Type").IsUndefined() || c.Value("content-type").Str() != "text/plain" {
		t.Error("a copy is an ordinary collection")
	}
	o.Delete("CONTENT-TYPE")
	if o.Len() != 1 {
		t.Error("not deleted")
	}
}

// Sites and path steps remember one shape and stay right for every other, used by many goroutines at once.
func TestSitesConcurrently(t *testing.T) {
	opts := &value.JSONOptions{Shapes: value.NewShapes()}
	docs := []string{`{"a":1}`, `{"b":0,"a":2}`, `{"c":0,"d":0,"a":3}`, `{"b":4}`, `{"a":5,"a":5}`, `[{"a":6}]`, `"a"`, `{"a":{"a":7}}`}
	var vals []value.Value
	for _, d := range docs {
		v, err := value.ParseJSON(d, opts)
		if err != nil {
			t.Fatal(err)
		}
		vals = append(vals, v)
	}
	var site value.Site
	var steps [1]value.Step
	steps[0].SetName("a")
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := range 5000 {
				v := vals[(i*7+g)%len(vals)]
				want := value.Name(v, "a")
				if got := site.Step(v, "a"); !value.StrictEqual(got, want) {
					t.Errorf("site in %v: %v, want %v", v, got, want)
					return
				}
				if got := value.Walk(&v, steps[:]); !value.StrictEqual(got, want) {
					t.Errorf("step in %v: %v, want %v", v, got, want)
					return
				}
				if o := v.Object(); o != nil {
					if got := site.Get(o, "a"); !value.StrictEqual(got, want) {
						t.Errorf("look-up in %v: %v, want %v", v, got, want)
						return
					}
				}
				if _, err := value.ParseJSON(docs[i%len(docs)], opts); err != nil {
					t.Error(err)
				}
			}
		}()
	}
	wg.Wait()
}

func TestWalk(t *testing.T) {
	v := parse(t, `{"a":[{"b":1},{"b":2}],"c":{"d":{"e":3}}}`)
	path := func(parts ...any) []value.Step {
		steps := make([]value.Step, len(parts))
		for i, p := range parts {
			switch p := p.(type) {
			case string:
				steps[i].SetName(p)
			case int:
				steps[i].SetItem(int32(p))
			}
		}
		return steps
	}
	for _, c := range []struct {
		steps []value.Step
		want  value.Value
	}{
		{path("a", 1, "b"), num(1)}, {path("a", -1, "b"), num(2)}, {path("a", 0), value.Undefined}, {path("a", 3), value.Undefined}, {path("a", "b"), value.Undefined},
		{path("c", "d", "e"), num(3)}, {path("c", "x", "e"), value.Undefined}, {path("c", 1), value.Undefined}, {path(), v}, {path("c", "d", "e", "f"), value.Undefined},
	} {
		for range 2 { // the second time through the memory of the steps
			if got := value.Walk(&v, c.steps); !value.StrictEqual(got, c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		}
	}
	secret := v.AsSecret()
	if got := value.Walk(&secret, path("c", "d", "e")); !got.IsSecret() {
		t.Error("what comes out of a secret is no secret")
	}
	if got := value.Walk(&secret, path("x")); got.IsSecret() || !got.IsUndefined() {
		t.Error("nothing is no secret")
	}
}
