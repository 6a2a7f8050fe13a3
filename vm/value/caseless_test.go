package value_test

import (
	"testing"

	"github.com/imlc-lang/imlc/vm/value"
)

// A caseless object is caseless for sites that remember shapes too.
func TestCaselessLeavesItsShape(t *testing.T) {
	shapes := value.NewShapes()
	v, err := value.ParseJSON(`{"content-type":"x"}`, &value.JSONOptions{Shapes: shapes})
	if err != nil {
		t.Fatal(err)
	}
	o := v.Object()
	if o.Shape() == nil {
		t.Fatal("the document has no shape")
	}
	o.SetCaseless()
	var site value.Site
	for range 2 {
		if got := site.Get(o, "Content-Type"); got.Str() != "x" {
			t.Errorf("the site finds %v", got)
		}
		if got := site.Step(v, "CONTENT-type"); got.Str() != "x" {
			t.Errorf("the step finds %v", got)
		}
	}
}
