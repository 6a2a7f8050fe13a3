package value

import (
	"errors"
	"strings"
	"testing"
)

// memory is a meter that is a function.
type memory func(n int64) error

func (m memory) Memory(n int64) error { return m(n) }

// TestJSONTakesMemory: what a document takes up is told while it is read, and the error of who counts it ends the reading at
// once, as it is.
func TestJSONTakesMemory(t *testing.T) {
	full := errors.New("full")
	for name, text := range map[string]string{
		"list": "[" + strings.Repeat("0,", 10_000) + "0]", "objects": "[" + strings.Repeat("{},", 10_000) + "0]",
		"keys": "{" + strings.Repeat(`"a":0,`, 10_000) + `"b":0}`, "no UTF-8": "[\"\xff\"" + strings.Repeat(",0", 10_000) + "]", "nested": strings.Repeat("[0,", 200) + "0" + strings.Repeat("]", 200),
	} {
		for _, shapes := range []*Shapes{nil, NewShapes()} {
			total := 0
			if _, err := ParseJSON(text, &JSONOptions{Shapes: shapes, Meter: memory(func(n int64) error { total += int(n); return nil })}); err != nil {
				t.Fatal(err)
			}
			if items := strings.Count(text, "0") + strings.Count(text, "{}"); total < items*24 || total > items*200+2*len(text) {
				t.Errorf("%s: %d bytes for %d items", name, total, items)
			}
			left := total / 2
			_, err := ParseJSON(text, &JSONOptions{Shapes: shapes, Meter: memory(func(n int64) error {
				if left -= int(n); left < 0 {
					return full
				}
				return nil
			})})
			if err != full || left < -2*page {
				t.Errorf("%s: %v, %d bytes beyond", name, err, -left)
			}
		}
	}
}
