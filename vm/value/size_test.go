package value_test

import (
	"math"
	"strings"
	"testing"

	"github.com/imlc-lang/imlc/vm/value"
)

// JSONWithin agrees with the JSON itself at every limit around its length.
func TestJSONWithin(t *testing.T) {
	big := exact("-123456789012345678901234567890")
	for _, v := range []value.Value{
		list(), object(), list(list(), object("a", list())), list(num(1.5), num(-1e-7), num(math.NaN()), big, value.Null(), value.Bool(false), value.Date(-1)),
		object("é\n\"", text("\x01\"\\ü\U0001F600\u2028"), "", value.Buffer([]byte("abcd")), "b", value.Buffer(nil)),
		list(text(strings.Repeat("ab\n\U0001F600\x02", 500)), text(strings.Repeat("x", 5000)), text("bad \xff utf-8")), text("é\t"), num(0), value.Undefined,
	} {
		n := len(value.AppendJSON(nil, v))
		for _, limit := range []int{0, n / 2, n - 1, n, n + 1, 2 * n, 100 * n} {
			if got, _ := value.JSONWithin(v, limit, nil); got != (n <= limit) {
				t.Errorf("%.80v has %d bytes, within %d: %v", v, n, limit, got)
			}
		}
	}
	shared := list(num(1))
	for range 60 {
		shared = list(shared, shared)
	}
	if within, _ := value.JSONWithin(shared, 1<<20, nil); within {
		t.Error("shared lists are short")
	}
}
