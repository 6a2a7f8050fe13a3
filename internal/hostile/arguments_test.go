package hostile

import (
	"context"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"runtime/metrics"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/imlc-lang/imlc/internal/cputime"
	"github.com/imlc-lang/imlc/internal/race"
	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/value"
)

// hostile has arguments that are large, or become large, for each conversion.
type hostile struct {
	pools map[builtin.ParamKind][]value.Value
}

// newHostile makes arguments of about size bytes.
func newHostile(size int) *hostile {
	texts := []value.Value{value.Text(""), value.Text("a"), value.Text(","), value.Text("3"), value.Text("name"), value.Text("/(a*)*b/g"), value.Text("/a|b/gi"),
		value.Text("YYYY-MM-DD[T]HH:mm:ss"), value.Text("Europe/Prague"), value.Text("/./g")}
	for _, piece := range []string{"a", " ", ",", "a,", "7", "<", "<a>", "&amp;", "%41", "é", "Σ", "😀", "$&", "$1", `\u0041`, "[1]", "{}", "a.b.", "YYYY[", "2020-01-01 ", "\xff", "-", "a=b&", "A\n", "'\"", ":smile:", " ,", "\"a"} {
		texts = append(texts, value.Text(strings.Repeat(piece, size/len(piece))))
	}
	texts = append(texts, value.Text("["+strings.Repeat("[],", size/3)+"1]"), value.Text("["+strings.Repeat("{},", size/3)+"1]"))
	text := value.Text(strings.Repeat("a", size/64))
	fill := func(n int, item func(i int) value.Value) value.Value {
		items := make([]value.Value, n)
		for i := range items {
			items[i] = item(i)
		}
		return value.Array(items)
	}
	member := func(v value.Value) value.Value {
		o := value.NewObject(1)
		o.Set("name", v)
		return value.Collection(o)
	}
	integer := value.Integer(new(big.Int).Exp(big.NewInt(7), big.NewInt(1000), nil))
	shared, tree := fill(8, func(int) value.Value { return text }), member(value.Number(1))
	for range 12 {
		shared = value.Array([]value.Value{shared, shared})
		o := value.NewObject(2)
		o.Set("name", tree)
		o.Set("b", tree)
		tree = value.Collection(o)
	}
	wide := value.NewObject(size / 64)
	for i := range size / 64 {
		wide.Set(fmt.Sprint("k", i), text)
	}
	arrays := []value.Value{
		value.Array(nil), fill(3, func(i int) value.Value { return value.Number(float64(i)) }), shared,
		fill(size/16, func(i int) value.Value { return value.Number(float64(-i)) }),
		fill(size/16, func(i int) value.Value { return value.Text(fmt.Sprint(i)) }),
		fill(size/64, func(int) value.Value { return text }),
		fill(size/64, func(i int) value.Value { return value.Text(text.Str() + fmt.Sprint(i)) }),
		fill(size/16, func(int) value.Value { return integer }),
		fill(size/64, func(i int) value.Value { return member(value.Number(float64(i))) }),
		fill(size/64, func(i int) value.Value { return member(shared) }),
		fill(size/64, func(i int) value.Value { return fill(20, func(int) value.Value { return value.Number(1) }) }),
		fill(size/64, func(i int) value.Value { return value.Date(int64(i)) }),
		fill(size/64, func(i int) value.Value { return value.Null() }),
	}
	buffer := value.Buffer([]byte(strings.Repeat("\xff\x00", size/2)))
	collections := []value.Value{value.Collection(nil), member(value.Number(1)), tree, value.Collection(wide), member(shared), member(integer)}
	var numbers []value.Value
	for _, n := range []float64{0, 1, 3, -1, 17, 1000, 1e6, 1e9, 1e300, math.MaxFloat64, math.Inf(1), math.NaN(), 0.1} {
		numbers = append(numbers, value.Number(n))
	}
	numbers = append(numbers, integer)
	dates := []value.Value{value.Date(0), value.Date(8_640_000_000_000_000), value.Date(-8_640_000_000_000_000), value.Text("2020-01-01")}
	h := &hostile{pools: map[builtin.ParamKind][]value.Value{
		builtin.ParamText:   append(append([]value.Value{buffer, shared, integer, tree}, numbers[:3]...), texts...),
		builtin.ParamNumber: numbers, builtin.ParamInteger: numbers, builtin.ParamDate: dates, builtin.ParamArray: arrays,
		builtin.ParamCollection: collections, builtin.ParamBoolean: {value.Bool(true), value.Bool(false)},
	}}
	for _, k := range []builtin.ParamKind{builtin.ParamText, builtin.ParamNumber, builtin.ParamArray, builtin.ParamCollection, builtin.ParamDate} {
		h.pools[builtin.ParamAny] = append(h.pools[builtin.ParamAny], h.pools[k]...)
	}
	return h
}

// arguments makes up arguments for a call of f.
func (h *hostile) arguments(f *builtin.Function, r *rand.Rand) []value.Value {
	n := f.Min
	if most := f.Max; most == builtin.AnyNumber {
		n += r.IntN(4)
	} else {
		n += r.IntN(most - n + 1)
	}
	args := make([]value.Value, n)
	for i := range args {
		p, ok := f.Param(i)
		pool := h.pools[p.Kind]
		switch {
		case !ok:
			pool = h.pools[builtin.ParamAny]
		case p.Kind == builtin.ParamOption:
			args[i] = value.Text(p.Words[r.IntN(len(p.Words))])
			continue
		}
		args[i] = pool[r.IntN(len(pool))]
	}
	return args
}

// allocated returns the bytes that the process has allocated so far.
func allocated() int64 {
	sample := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(sample)
	return int64(sample[0].Value.Uint64())
}

// TestHostileArguments calls every function with arguments that are large or become large, and holds that the meter
// knew what it took: the memory before it was made, and the work in pieces small enough to be interrupted.
func TestHostileArguments(t *testing.T) {
	const (
		size  = 1 << 18
		calls = 25
	)
	h := newHostile(size)
	r := rand.New(rand.NewPCG(1, 2))
	limits := builtin.DefaultLimits()
	limits.Steps, limits.Memory, limits.ValueBytes, limits.RegexTimeout = 100_000, 32<<20, 4*size, 20*time.Millisecond
	for _, name := range []string{"core", "iml", "membrane", "supermetrics", "zapier"} {
		library, ok := builtin.Find(name)
		if !ok {
			t.Fatalf("the library %s is not linked", name)
		}
		for _, f := range library.All(true) {
			if f.Lazy {
				continue
			}
			for range calls {
				args := h.arguments(f, r)
				if problem := judge(f, args, limits); problem != "" && judge(f, args, limits) != "" { // time is not exact
					t.Errorf("%s.%s(%s): %s", name, f.Name, describe(args), problem)
				}
			}
		}
	}
}

// judge calls f and says what was wrong, "" when nothing was.
func judge(f *builtin.Function, args []value.Value, limits builtin.Limits) string {
	var m builtin.Meter
	m.Start(context.Background(), limits)
	c := &builtin.Context{Meter: &m, Entropy: entropy{}}
	before, start := allocated(), cputime.Now()
	_, err := builtin.Invoke(f, c, builtin.MakeArgs(slices.Clone(args), math.MaxUint64))
	took, made := cputime.Since(start), allocated()-before
	// What is made includes what a text or a list leaves behind as it grows, one of them that is given up as too long,
	// and a number that a comparison reads from a text.
	if most := 8*m.SpentMemory() + 8*int64(limits.ValueBytes) + 1024*m.Spent(); made > most {
		return fmt.Sprintf("it made %d KiB and took %d KiB from the meter (%v)", made>>10, m.SpentMemory()>>10, err)
	}
	if most := race.Slowdown * (400*time.Millisecond + time.Duration(m.Spent())*5*time.Microsecond); took > most {
		return fmt.Sprintf("it worked %v and took %d units from the meter (%v)", took, m.Spent(), err)
	}
	return ""
}

// entropy has none.
type entropy struct{}

func (entropy) Read(p []byte) (int, error) { return len(p), nil }

// describe shows arguments in short.
func describe(args []value.Value) string {
	var parts []string
	for _, v := range args {
		s := v.Kind().String()
		switch v.Kind() {
		case value.KindText:
			s = fmt.Sprintf("%.12q×%d", v.Str(), len(v.Str()))
		case value.KindArray:
			s = fmt.Sprintf("[%d]", len(v.Items()))
			if len(v.Items()) > 0 {
				s += v.Items()[0].Kind().String()
			}
		case value.KindCollection:
			s = fmt.Sprintf("{%d}", v.Object().Len())
		case value.KindNumber:
			s = fmt.Sprint(v.Float())
		}
		parts = append(parts, s)
	}
	return strings.Join(parts, "; ")
}
