package builtin

import (
	"testing"
	"time"

	"github.com/imlc-lang/imlc/vm/value"
)

// A prepared date writes what formatDate writes, on years of every width and in every zone.
func TestPreparedDates(t *testing.T) {
	prague, err := time.LoadLocation("Europe/Prague")
	if err != nil {
		t.Fatal(err)
	}
	for _, format := range []string{"YYYY-MM-DD HH:mm:ss", "YYYY", "[at] HH.mm", "ssmmHH", "YYYY-MM-DDTHH:mm:ss.SSSZ", "D. M. YYYY", "LLLL", "é", "YYYYMMDDHHmmss"} {
		args := []value.Value{{}, value.Text(format)}
		p := Prepare(&fnFormatDate, 2, func(i int) (value.Value, bool) { return args[1], i == 1 })
		if p == nil || p.Date == nil {
			t.Fatalf("%s is not prepared", format)
		}
		for _, ms := range []int64{0, 1, 1704164645678, -1, -62167219200000, -62167219200001, 253402300799999, 253402300800000, maxMillis, -maxMillis, 951782400000} {
			for _, zone := range []*time.Location{nil, time.UTC, prague} {
				c := &Context{Zone: zone}
				want, err := Invoke(&fnFormatDate, c, MakeArgs([]value.Value{value.Date(ms), args[1]}, 3))
				if err != nil {
					t.Fatal(err)
				}
				got, ok := p.Date.Append([]byte("<"), c, value.Date(ms))
				if !ok || string(got) != "<"+want.Str() {
					t.Errorf("%s of %d: got %q, expected %q", format, ms, got, want.Str())
				}
			}
		}
	}
}
