package run

import (
	"fmt"
	"strings"
	"testing"

	"github.com/imlc-lang/imlc/vm/value"
)

// Headers over others replace them whatever their case, few or many, in time linear in their number.
func TestOverlayHeaders(t *testing.T) {
	for _, n := range []int{3, 17, 100_000} {
		base, top := value.NewObject(2*n), value.NewObject(n)
		for i := range 2 * n {
			base.Set(fmt.Sprint("Name-", i), value.Text("base"))
		}
		for i := range n {
			top.Set(strings.ToLower(fmt.Sprint("Name-", 2*i)), value.Text("top"))
		}
		out := overlayHeaders(base, top)
		if out.Len() != 2*n || !out.Value("Name-0").IsUndefined() || out.Value("name-0").Str() != "top" || out.Value("Name-1").Str() != "base" {
			t.Errorf("%d headers over %d became %d", n, 2*n, out.Len())
		}
	}
}
