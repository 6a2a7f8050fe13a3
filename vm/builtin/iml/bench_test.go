package iml_test

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/imlc-lang/imlc/internal/calendar"
	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/value"
)

// shapedItems returns n objects of one shape, as a decoded document has them.
func shapedItems(tb testing.TB, n int) value.Value {
	src := "["
	for i := range n {
		if i > 0 {
			src += ","
		}
		src += fmt.Sprintf(`{"id":%d,"name":"item %d","active":%t,"price":%d.5,"type":"w"}`, i, i, i%2 == 0, i)
	}
	v, err := value.ParseJSON(src+"]", &value.JSONOptions{Shapes: value.NewShapes()})
	if err != nil {
		tb.Fatal(err)
	}
	return v
}

// TestAllocations holds the allocations of the functions on hot paths.
func TestAllocations(t *testing.T) {
	if strconv.IntSize < 64 {
		t.Skip("64-bit atomics make sites escape on 32-bit machines")
	}
	items := shapedItems(t, 20)
	tests := []struct {
		name string
		f    *builtin.Function
		args []value.Value
		want float64
	}{
		{"trim", row("trim"), []value.Value{value.Text("  plain  ")}, 0},
		{"upper", row("upper"), []value.Value{value.Text("plain text of some length, longer than a register")}, 1},
		{"formatDate", row("formatDate"), []value.Value{value.Text("2026-03-04T05:06:07Z"), value.Text("YYYY-MM-DD HH:mm:ss")}, 1},
		{"map by truth", row("map"), []value.Value{items, value.Text("name"), value.Text("active")}, 1},
		{"map by text", row("map"), []value.Value{items, value.Text("name"), value.Text("type"), value.Text("w")}, 1},
		{"map by boolean", row("map"), []value.Value{items, value.Text("name"), value.Text("active"), value.Text("true")}, 1},
		{"map by number", row("map"), []value.Value{items, value.Text("name"), value.Text("id"), value.Text("1, 3")}, 1},
		{"get", row("get"), []value.Value{items.Items()[0], value.Text("name")}, 0},
		{"length", row("length"), []value.Value{items}, 0},
		{"encodeURL", row("encodeURL"), []value.Value{value.Text("a b/c")}, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := &builtin.Context{}
			args := make([]value.Value, len(tt.args))
			got := testing.AllocsPerRun(100, func() {
				copy(args, tt.args)
				if _, err := builtin.Invoke(tt.f, c, builtin.MakeArgs(args, 15)); err != nil {
					t.Fatal(err)
				}
			})
			if got > tt.want {
				t.Errorf("%v allocations, want %v", got, tt.want)
			}
		})
	}
}

func benchmarkInvoke(b *testing.B, f *builtin.Function, in ...value.Value) {
	c := &builtin.Context{}
	args := make([]value.Value, len(in))
	b.ReportAllocs()
	for b.Loop() {
		copy(args, in)
		if _, err := builtin.Invoke(f, c, builtin.MakeArgs(args, 15)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkUpper(b *testing.B) { benchmarkInvoke(b, row("upper"), value.Text("john smith")) }

func BenchmarkUpperBeyondASCII(b *testing.B) {
	benchmarkInvoke(b, row("upper"), value.Text("Jiří Straße Φοίβος Дмитрий"))
}

func BenchmarkLowerBeyondASCII(b *testing.B) {
	benchmarkInvoke(b, row("lower"), value.Text("Jiří Straße ΦΟΊΒΟΣ Дмитрий"))
}

func BenchmarkMapFiltered(b *testing.B) {
	benchmarkInvoke(b, row("map"), shapedItems(b, 20), value.Text("name"), value.Text("active"))
}

func BenchmarkMapWanted(b *testing.B) {
	benchmarkInvoke(b, row("map"), shapedItems(b, 20), value.Text("name"), value.Text("type"), value.Text("w"))
}

func BenchmarkFormatDate(b *testing.B) {
	benchmarkInvoke(b, row("formatDate"), value.Text("2026-03-04T05:06:07Z"), value.Text("YYYY-MM-DD HH:mm:ss"))
}

func BenchmarkFormatDatePrepared(b *testing.B) {
	f := calendar.PrepareFormat("YYYY-MM-DD HH:mm:ss")
	var buf []byte
	for b.Loop() {
		buf = f.Append(buf[:0], 1772600767000, time.UTC)
	}
}

// BenchmarkFormatDateGo is the same work with the standard library, for comparison.
func BenchmarkFormatDateGo(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		t, err := time.Parse(time.RFC3339, "2026-03-04T05:06:07Z")
		if err != nil || t.Format("2006-01-02 15:04:05") == "" {
			b.Fatal(err)
		}
	}
}
