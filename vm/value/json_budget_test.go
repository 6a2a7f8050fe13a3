package value

import (
	"errors"
	"runtime"
	"strings"
	"testing"
)

// allowance is a budget of a number of bytes.
type allowance struct{ memory, taken, ticks int64 }

var errAllowance = errors.New("no memory left")

func (a *allowance) Memory(n int64) error {
	if a.taken += n; a.taken > a.memory {
		return errAllowance
	}
	return nil
}

func (a *allowance) Tick(n int) error { a.ticks += int64(n); return nil }

func (a *allowance) Look(int) error { return nil }

// hostileJSON are documents that take up many times their length.
func hostileJSON(size int) map[string]string {
	fill := func(item string) string { return "[" + strings.Repeat(item+",", size/(len(item)+1)) + item + "]" }
	keys := &strings.Builder{}
	for i := 0; keys.Len() < size; i++ {
		keys.WriteString(`,"` + string(AppendNumber(nil, float64(i))) + `":1`)
	}
	return map[string]string{
		"objects": fill("{}"), "lists": fill("[]"), "numbers": fill("1"), "nulls": fill("null"), "members": fill(`{"a":1}`),
		"integers": fill(strings.Repeat("9", 17)), "escapes": fill(`"\u0041"`), "one escaped text": `"` + strings.Repeat(`\n`, size/2) + `"`,
		"keys": "{" + keys.String()[1:] + "}", "keys that no shape has": fill(`{"\u0041":1,"b":2}`), "nested": fill("[[[[[[[[]]]]]]]]"),
		"invalid": fill("\"\xff\""),
	}
}

// TestJSONTakesItsMemory checks that the budget ends every document in time, and that what was taken is what it takes.
func TestJSONTakesItsMemory(t *testing.T) {
	const size = 1 << 20
	for name, text := range hostileJSON(size) {
		t.Run(name, func(t *testing.T) {
			before := heap()
			all := &allowance{memory: 1 << 40}
			v, err := ParseJSON(text, &JSONOptions{Budget: all, Shapes: NewShapes()})
			if err != nil {
				t.Fatal(err)
			}
			if used := heap() - before; float64(used) > 1.5*float64(all.taken)+size/2 {
				t.Errorf("%d bytes were taken from the budget, the value takes up %d", all.taken, used)
			}
			runtime.KeepAlive(v)
			if all.ticks < all.taken/1024 {
				t.Errorf("%d units of work for %d bytes", all.ticks, all.taken)
			}
			few := &allowance{memory: all.taken / 4}
			if _, err := ParseJSON(text, &JSONOptions{Budget: few, Shapes: NewShapes()}); err != errAllowance {
				t.Errorf("a quarter of the memory: %v", err)
			}
			if few.taken > few.memory+few.memory/2+2*portion {
				t.Errorf("it went on to %d bytes of %d", few.taken, few.memory)
			}
		})
	}
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
