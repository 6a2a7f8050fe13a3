//go:build !race

package value

import (
	"strings"
	"testing"
)

// An answer whose shapes are known costs one piece of memory for its values and one for its objects. (The race detector
// lets pools forget.)
func TestKnownAnswersAllocateTwice(t *testing.T) {
	text := `{"id":1,"owner":{"id":2,"name":"` + strings.Repeat("n", 600) + `"},"tags":["a","b"]}`
	options := &JSONOptions{Shapes: NewShapes()}
	got := testing.AllocsPerRun(100, func() {
		if _, err := ParseJSON(text, options); err != nil {
			t.Fatal(err)
		}
	})
	if got > 2 {
		t.Errorf("%v allocations, expected 2", got)
	}
}
