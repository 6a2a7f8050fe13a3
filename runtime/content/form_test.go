package content

import (
	"math/rand/v2"
	"testing"

	"github.com/imlc-lang/imlc/vm/builtin"
)

// A long text of a form is decoded in pieces, none of which parts an escape.
func TestDecodeLong(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		text := make([]byte, longForm+r.IntN(8))
		for i := range text {
			text[i] = "%%%41Cé+\xc3"[r.IntN(10)]
		}
		got, err := decodeLong(string(text), new(builtin.Meter))
		if want := decodeFormText(string(text)); err != nil || got != want {
			t.Fatalf("%q… became %q…, %v", text[longForm-8:], got[max(0, len(got)-8):], err)
		}
	}
}
