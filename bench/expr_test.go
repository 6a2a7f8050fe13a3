package perfbench

import (
	"encoding/json"
	"fmt"
	"math/big"
	"github.com/imlc-lang/imlc/bench/work"
	"reflect"
	"testing"

	"cel.dev/cel-go/common/types/ref"
	"github.com/dop251/goja"
	"go.starlark.net/starlark"
)

func norm(v any) any {
	switch x := v.(type) {
	case goja.Value:
		return norm(x.Export())
	case starlark.Value:
		switch s := x.(type) {
		case starlark.String:
			return string(s)
		case starlark.Bool:
			return bool(s)
		case starlark.Int:
			i, _ := s.Int64()
			return float64(i)
		case starlark.Float:
			return float64(s)
		case *starlark.List:
			out := []any{}
			for i := 0; i < s.Len(); i++ {
				out = append(out, norm(s.Index(i)))
			}
			return out
		case *starlark.Dict:
			out := map[string]any{}
			for _, k := range s.Keys() {
				e, _, _ := s.Get(k)
				out[string(k.(starlark.String))] = norm(e)
			}
			return out
		}
		return x.String()
	case ref.Val:
		return norm(x.Value())
	case []ref.Val:
		out := []any{}
		for _, e := range x {
			out = append(out, norm(e))
		}
		return out
	case map[ref.Val]ref.Val:
		out := map[string]any{}
		for k, e := range x {
			out[fmt.Sprint(k.Value())] = norm(e)
		}
		return out
	case int:
		return float64(x)
	case int64:
		return float64(x)
	case *big.Int:
		return float64(x.Int64())
	case []any:
		out := []any{}
		for _, e := range x {
			out = append(out, norm(e))
		}
		return out
	case map[string]any:
		out := map[string]any{}
		for k, e := range x {
			out[k] = norm(e)
		}
		return out
	}
	return v
}
func textify(v any) any {
	switch x := v.(type) {
	case []any:
		s := ""
		for _, e := range x {
			s += fmt.Sprint(e) + ","
		}
		return s
	case map[string]any:
		out := map[string]any{}
		for k, e := range x {
			if a, ok := e.([]any); ok {
				var l []any
				for _, y := range a {
					l = append(l, textify(y))
				}
				out[k] = l
			} else {
				out[k] = textify(e)
			}
		}
		return out
	case float64:
		return str(x)
	case bool:
		return fmt.Sprint(x)
	}
	return v
}

func TestCheck(t *testing.T) {
	d := work.Data()
	for _, w := range work.All {
		want := norm(floor[w.Name](d))
		t.Logf("%s leaves=%d", w.Name, work.Leaves(w.N))
		for _, e := range engines {
			r, err := e.mk(w, d)
			if err == errNA {
				continue
			}
			if err != nil {
				t.Errorf("%s %s: compile %v", w.Name, e.name, err)
				continue
			}
			v, err := r()
			if err != nil {
				t.Errorf("%s %s: run %v", w.Name, e.name, err)
				continue
			}
			got, wt := norm(v), want
			if e.text {
				wt = textify(want)
				got = textify(got)
			}
			if !reflect.DeepEqual(got, wt) {
				t.Errorf("%s %s:\n got %#v\nwant %#v", w.Name, e.name, got, wt)
			}
		}
	}
}

var sink any
var sinkB []byte

func BenchmarkEval(b *testing.B) {
	d := work.Data()
	for _, w := range work.All {
		for _, e := range engines {
			r, err := e.mk(w, d)
			if err != nil {
				continue
			}
			b.Run(w.Name+"/"+e.name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					sink, _ = r()
				}
			})
		}
		if w.N.K == "obj" {
			fl := floor[w.Name]
			b.Run(w.Name+"/A2_floor+json.Marshal", func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					sinkB, _ = json.Marshal(fl(d))
				}
			})
		}
	}
}
