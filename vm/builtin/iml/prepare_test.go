package iml_test

import (
	"testing"
	"time"

	"github.com/imlc-lang/imlc/internal/calendar"
	"github.com/imlc-lang/imlc/vm/builtin"
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
		p := row("formatDate").Ready(2, func(i int) (value.Value, bool) { return args[1], i == 1 })
		if p == nil || p.Append == nil {
			t.Fatalf("%s is not prepared", format)
		}
		for _, ms := range []int64{0, 1, 1704164645678, -1, -62167219200000, -62167219200001, 253402300799999, 253402300800000, calendar.MaxMillis, -calendar.MaxMillis, 951782400000} {
			for _, zone := range []*time.Location{nil, time.UTC, prague} {
				c := &builtin.Context{Zone: zone}
				want, err := builtin.Invoke(row("formatDate"), c, builtin.MakeArgs([]value.Value{value.Date(ms), args[1]}, 3))
				if err != nil {
					t.Fatal(err)
				}
				got, ok := p.Append([]byte("<"), c, value.Date(ms))
				if !ok || string(got) != "<"+want.Str() {
					t.Errorf("%s of %d: got %q, expected %q", format, ms, got, want.Str())
				}
			}
		}
		for _, text := range []string{"2024-02-29T10:20:30Z", "2024-02-29T10:20:30.123Z", "2023-02-29T10:20:30Z", "0000-01-01T00:00:00Z", "9999-12-31T23:59:59.999Z",
			"2024-01-02T24:00:00Z", "2024-01-02T10:20:30z", "2024-01-02T10:20:30+02:00", "2024-13-02T10:20:30Z", "2024-01-02", "1704164645678", ""} {
			for _, zone := range []*time.Location{nil, time.UTC, prague} {
				c := &builtin.Context{Zone: zone}
				want, err := builtin.Invoke(row("formatDate"), c, builtin.MakeArgs([]value.Value{value.Text(text), args[1]}, 3))
				got, ok := p.Append([]byte("<"), c, value.Text(text))
				if ok && (err != nil || string(got) != "<"+want.Str()) || !ok && string(got) != "<" {
					t.Errorf("%s of %q: got %q, expected %q, %v", format, text, got, want.Str(), err)
				}
			}
		}
	}
}
