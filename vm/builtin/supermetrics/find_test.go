package supermetrics_test

import (
	"context"
	"strings"
	"testing"

	"github.com/imlc-lang/imlc/vm/builtin"
	_ "github.com/imlc-lang/imlc/vm/builtin/full"
	"github.com/imlc-lang/imlc/vm/builtin/supermetrics"
	"github.com/imlc-lang/imlc/vm/value"
)

// rows calls the function rows, and returns what it found and the work it took.
func rows(t *testing.T, steps int64, document value.Value, path string) (value.Value, int64, error) {
	t.Helper()
	f, ok := supermetrics.Library().Lookup("rows")
	if !ok {
		t.Fatal("there is no function rows")
	}
	limits := builtin.DefaultLimits()
	limits.Steps = steps
	var m builtin.Meter
	m.Start(context.Background(), limits)
	v, err := builtin.Invoke(f, &builtin.Context{Meter: &m}, builtin.MakeArgs([]value.Value{document, value.Text(path)}, 3))
	return v, m.Spent(), err
}

// long is a document of n items and two texts that are equal, but not the same memory.
func long(n, size int) value.Value {
	o := value.NewObject(3)
	o.Set("x", value.Text(strings.Repeat("a", size)))
	o.Set("y", value.Text(strings.Repeat("a", size)))
	o.Set("items", value.Array(make([]value.Value, n)))
	return value.Collection(o)
}

// TestComparisonsInPathsTakeWork holds that a filter cannot look at a long text once per item for nothing.
func TestComparisonsInPathsTakeWork(t *testing.T) {
	const n, size = 100, 1 << 20
	for _, op := range []string{"==", "!=", "<", ">="} {
		path := "$.items[?($.x " + op + " $.y)]"
		_, work, err := rows(t, 1<<40, long(n, size), path)
		if err != nil || work < n*size/1024 {
			t.Errorf("%s took %d units of work, %v", path, work, err)
		}
		if _, _, err := rows(t, 1000, long(n, size), path); err == nil {
			t.Errorf("%s within 1000 units of work", path)
		}
	}
	path := "$.items[?($.x =~ /b/)]"
	limits := builtin.DefaultLimits()
	if _, _, err := rows(t, limits.Steps, long(n, size), path); err == nil || !strings.Contains(err.Error(), "memory") {
		t.Errorf("%s: %v, expected the limit of memory", path, err)
	}
}

// TestSlicesStepFar holds that a step that leads beyond the largest int ends the slice.
func TestSlicesStepFar(t *testing.T) {
	o := value.NewObject(1)
	o.Set("l", value.Array([]value.Value{value.Number(0), value.Number(1), value.Number(2)}))
	for path, want := range map[string]float64{"$.l[1::2147483647]": 1, "$.l[1::-2147483647]": 1, "$.l[::-2147483648]": 2} {
		v, _, err := rows(t, 1000, value.Collection(o), path)
		if err != nil || len(v.Items()) != 1 || v.Items()[0].Float() != want {
			t.Errorf("%s finds %v, %v", path, v, err)
		}
	}
}
