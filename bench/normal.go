package perfbench

import (
	"fmt"
	"math/big"

	"cel.dev/cel-go/common/types/ref"
	"github.com/dop251/goja"
	"go.starlark.net/starlark"
)

// norm turns the results of all engines into plain Go values, so that they can be compared.
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

// textify turns a value into what engines that only know text print for it.
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
