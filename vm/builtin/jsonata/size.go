package jsonata

import (
	"math"

	"github.com/imlc-lang/imlc/vm/builtin"
)

// A weight says how large a value is, or how much work something is: the values inside it, one for each value and for
// each textBytes bytes of text. Weights are upper bounds, and infinite where there is none.
type weight = float64

// textBytes is the number of bytes of text that weigh as much as a value.
const textBytes = 32

// unbounded is the weight of what nothing bounds.
var unbounded = math.Inf(1)

// size is a bound that depends on the item that a loop is at: per times the weight of the item, and plus. The item is
// that of the loop with this number, 0 outside of all loops.
type size struct {
	per, plus weight
	loop      int
}

func fixed(w weight) size { return size{plus: w} }

// times multiplies, without the 0 × infinity that is none.
func times(a, b weight) weight {
	if a == 0 || b == 0 {
		return 0
	}
	return a * b
}

func (s size) times(k weight) size { return size{times(s.per, k), times(s.plus, k), s.loop} }

// over is the sum of s over the items of a loop that weigh total together and are count many. As s grows evenly with the
// item, only its sum matters, not how the items share it.
func (s size) over(total, count size) size {
	return size{times(s.per, total.per) + times(s.plus, count.per), times(s.per, total.plus) + times(s.plus, count.plus), total.loop}
}

// walk counts the values that are looked at on the way to a bound, and stops the way when the operation ends.
type walk struct {
	meter *builtin.Meter
	seen  int
	err   error
}

// pause is after how many values a walk takes their work from the budget.
const pause = 1024

func (w *walk) step() {
	if w.seen++; w.seen%pause == 0 && w.err == nil {
		w.err = w.meter.Tick(pause / 16)
	}
}

// weigh returns the weight of data as package encoding/json reads it, infinity for what no evaluation can work with.
func weigh(data any, w *walk) weight {
	if w.step(); w.err != nil {
		return unbounded
	}
	total := weight(1)
	switch x := data.(type) {
	case string:
		return weighText(x)
	case []any:
		for _, item := range x {
			if total += weigh(item, w); total > maxWork {
				return unbounded
			}
		}
	case map[string]any:
		for key, member := range x {
			if total += weight(len(key))/textBytes + weigh(member, w); total > maxWork {
				return unbounded
			}
		}
	}
	return total
}

func weighText(s string) weight { return 1 + weight(len(s))/textBytes }

// height returns how deep data is nested.
func height(data any, w *walk) weight {
	if w.step(); w.err != nil {
		return unbounded
	}
	h := weight(0)
	switch x := data.(type) {
	case []any:
		for _, item := range x {
			h = max(h, height(item, w))
		}
	case map[string]any:
		for _, member := range x {
			h = max(h, height(member, w))
		}
	}
	return 1 + h
}
