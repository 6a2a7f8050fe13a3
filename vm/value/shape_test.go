package value

import (
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
)

// TestShapesStaySmall reads documents that try to fill the table, and measures what is left when they are gone.
func TestShapesStaySmall(t *testing.T) {
	members := func(n int, key string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, `,"%s":1`, fmt.Sprintf(key, i))
		}
		return "{" + b.String()[1:] + "}"
	}
	for name, document := range map[string]func(i int) string{
		"long keys":          func(i int) string { return `{"` + strings.Repeat("k", 100_000+i) + `":1}` },
		"keys of 100 bytes":  func(i int) string { return members(100, fmt.Sprintf("%d_%%d_%s", i, strings.Repeat("k", 90))) },
		"many keys":          func(i int) string { return members(128, fmt.Sprintf("%d_%%d", i)) },
		"many short objects": func(i int) string { return `[{"a` + fmt.Sprint(i) + `":1},{"b` + fmt.Sprint(i) + `":1}]` },
		"a common beginning": func(i int) string {
			return strings.TrimSuffix(members(100, "%d"), "}") + `,"x` + fmt.Sprint(i) + `":1}`
		},
		"keys that need much": func(i int) string { return `{"` + strings.Repeat("é", 60) + fmt.Sprint(i) + `":{"a":1}}` },
	} {
		t.Run(name, func(t *testing.T) {
			before := heap()
			shapes := NewShapes()
			for i := range 2000 {
				v, err := ParseJSON(document(i), &JSONOptions{Shapes: shapes})
				if err != nil {
					t.Fatal(err)
				}
				for v.Kind() == KindArray {
					v = v.Items()[0]
				}
				keys := v.Object().Keys()
				for j, k := range keys { // which makes indexes
					if v.Object().Index(k) != j {
						t.Fatalf("key %d of document %d is not where it is", j, i)
					}
				}
				if v.Object().Index("nowhere") >= 0 {
					t.Fatal("a key is found that is not there")
				}
			}
			if used := heap() - before; used > maxShapesBytes+maxShapesBytes/2 {
				t.Errorf("the table takes up %d bytes", used)
			}
			if shapes.bytes > maxShapesBytes {
				t.Errorf("the table counts %d bytes", shapes.bytes)
			}
			runtime.KeepAlive(shapes)
		})
	}
}

// TestShapesShareKeys checks that shapes with a common beginning, of which one shares its keys, do not disturb each
// other.
func TestShapesShareKeys(t *testing.T) {
	shapes := NewShapes()
	var wait sync.WaitGroup
	for branch := range 8 {
		wait.Go(func() {
			for n := range 40 {
				keys := []string{"a", "b"}
				for i := range n {
					keys = append(keys, fmt.Sprint(branch%4, "_", i))
				}
				s := shapes.Of(keys...)
				if s == nil || strings.Join(s.keys, ",") != strings.Join(keys, ",") {
					t.Errorf("got %v, want %s", s, keys)
					return
				}
				for i, k := range keys {
					if s.Index(k) != i {
						t.Errorf("%s is at %d, want %d", k, s.Index(k), i)
					}
				}
			}
		})
	}
	wait.Wait()
}
