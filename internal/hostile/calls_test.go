package hostile

import (
	"fmt"
	"hash/fnv"
	"math"
	"os"
	"strings"
	"time"

	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/value"
)

// units are what the longest texts are made of that functions get.
var units = []string{"a", " ", "\u3000", "a,", "7", "0", "<", "<a>", "&amp;", "%41", "é", "Σ", "😀", `\u0041`, "[", "[1],", "{}", "a.b.", "YYYY[", "2020-01-01 ",
	"\xff", "-", "a=b&", "A\n", "'\"", ":smile:", "\"a", "A", "zß", "+", "0x1", "=", "1e", "_"}

// Each function is called with texts of the longest that there may be, in a process of its own: some kinds of texts, which
// the name of the function chooses, or all of them where IMLC_HUNT is set. Functions that match patterns are left to
// attacks of their own.
func init() {
	for _, name := range []string{"core", "iml", "membrane", "supermetrics", "zapier"} {
		add("calls/"+name, attack{run: func(n int, started func()) error {
			library, ok := builtin.Find(name)
			if !ok {
				return fmt.Errorf("the library %s is not linked", name)
			}
			started()
			for k, unit := range units {
				text := value.Text(strings.Repeat(unit, n<<21/len(unit)))
				buffer := value.Buffer([]byte(text.Str()))
				for i, f := range library.All(true) {
					seed := fnv.New32()
					_, _ = seed.Write([]byte(f.Name))
					if f.Lazy || f.Max == 0 || f.Needs == builtin.PartPatterns || os.Getenv("IMLC_HUNT") == "" && (int(seed.Sum32()%1000)+k)%len(units) > 0 {
						continue
					}
					call(f, text, text, i)
					call(f, text, value.Text("a"), i+1)
					call(f, value.Array([]value.Value{text, text}), value.Text(","), i)
					call(f, buffer, value.Text("hex"), i)
				}
			}
			caller.forget() // the last texts, which nothing was called with
			return nil
		}, ends: []string{""}, most: 5 * time.Minute, scales: []int{4}, unseen: 2 * soonAtMost}) // which make a great deal of memory
	}
}

// call calls f with a first argument and others that fit, whatever comes of it.
func call(f *builtin.Function, first, second value.Value, seed int) {
	most := f.Max
	if most == builtin.AnyNumber {
		most = max(3, f.Min)
	}
	args := []value.Value{first, second, second, second, second}[:min(5, f.Min+seed%(most-f.Min+1))]
	if len(args) == 0 {
		return
	}
	for i := range args[1:] {
		switch p, _ := f.Param(i + 1); p.Kind {
		case builtin.ParamNumber, builtin.ParamInteger:
			args[i+1] = value.Number(3)
		case builtin.ParamOption:
			args[i+1] = value.Text(p.Words[seed%len(p.Words)])
		}
	}
	var m builtin.Meter
	m.Start(caller, builtin.DefaultLimits())
	caller.forget() // what the test does
	caller.name = f.Name
	_, _ = builtin.Invoke(f, &builtin.Context{Meter: &m, Entropy: entropy{}}, builtin.MakeArgs(args, math.MaxUint64))
	caller.look()
	caller.name = ""
}
