package membrane

import (
	"math"
	"strconv"
	"strings"

	"github.com/imlc-lang/imlc/internal/locator"
	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/value"
)

// stepBytes is what a step of a locator takes up.
const stepBytes = 64

// callWalk follows a locator from a value. Step semantics: a name works on objects and on lists, an index only on
// lists, and finds nothing that is falsy.
func callWalk(c *builtin.Context, a builtin.Args) (value.Value, error) {
	path := a.At(1).Str()
	most := strings.Count(path, ".") + strings.Count(path, "[") + 1
	if err := c.Tick(most); err != nil {
		return value.Undefined, err
	}
	if err := c.Memory(int64(most) * stepBytes); err != nil {
		return value.Undefined, err
	}
	steps, ok := locator.Parse(path)
	if !ok {
		return value.Null(), nil
	}
	return walk(a.At(0), steps, false), nil
}

// walk takes steps from v. keep drops the rule that an index finds nothing falsy.
func walk(v value.Value, steps []locator.Step, keep bool) value.Value {
	for _, s := range steps {
		if s.Indexed {
			v = element(v, s.Index)
			if !keep && !truthy(v) {
				return value.Undefined
			}
		} else {
			v = member(v, s.Name)
		}
	}
	return v
}

func element(v value.Value, n float64) value.Value {
	items := v.Items()
	if v.Kind() != value.KindArray || n != math.Trunc(n) || n >= float64(len(items)) {
		return value.Undefined
	}
	return items[int(n)].Under(v)
}

// member is a property of an object, or of a list: an index as text, or its length.
func member(v value.Value, name string) value.Value {
	switch v.Kind() {
	case value.KindCollection:
		return v.Object().Value(name).Under(v)
	case value.KindArray:
		if name == "length" {
			return value.Number(float64(len(v.Items()))).Under(v)
		}
		if n, err := strconv.Atoi(name); err == nil && n >= 0 && n < len(v.Items()) && strconv.Itoa(n) == name {
			return v.Items()[n].Under(v)
		}
	}
	return value.Undefined
}
