package perfbench

import (
	"testing"

	"github.com/imlc-lang/imlc/bench/internal/work"
)

func TestEnginesAgree(t *testing.T) {
	data := work.Data()
	for _, w := range work.All {
		if err := verifyAll(w, data); err != nil {
			t.Error(err)
		}
	}
}
