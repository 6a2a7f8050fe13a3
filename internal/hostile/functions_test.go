package hostile

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/imlc-lang/imlc/internal/race"
	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/value"
)

// costMost is the processor time that a step of the budget may stand for on a busy machine; on an idle one it is a quarter
// of that, so that a whole budget of a million steps takes two seconds. A cancelled run, which looks at its context every
// thousand steps, ends within milliseconds.
const costMost = race.Slowdown * 5 * time.Microsecond

// Each function is called with arguments that are large or become large, at two sizes, in a process of its own: what it
// costs is in proportion to the steps that it took from the meter, so that nothing goes on for long uncounted.
func init() {
	for _, name := range []string{"core", "iml", "membrane", "supermetrics", "zapier"} {
		add("functions/"+name, attack{run: func(n int, started func()) error {
			library, ok := builtin.Find(name)
			if !ok {
				return fmt.Errorf("the library %s is not linked", name)
			}
			h, r := newHostile(n<<16), rand.New(rand.NewPCG(uint64(n), 2))
			started()
			var problems []string
			for _, f := range library.All(true) {
				if f.Lazy {
					continue
				}
				for range 12 {
					args := h.arguments(f, r)
					if cost(f, args, 2*time.Millisecond) > costMost && cost(f, args, 50*time.Millisecond) > costMost { // time is not exact
						problems = append(problems, fmt.Sprintf("%s(%s)", f.Name, describe(args)))
						break
					}
				}
			}
			if problems != nil {
				return errors.New(strings.Join(problems, "\n"))
			}
			return nil
		}, ends: []string{""}, most: 5 * time.Minute, scales: []int{4}, unseen: 2 * soonAtMost}) // calls/ has them do the same each time
	}
}

// cost calls f for some time and returns the processor time of a step. A call counts as three steps more, which are the
// instructions that make it.
func cost(f *builtin.Function, args []value.Value, during time.Duration) time.Duration {
	var m builtin.Meter
	m.Start(caller, builtin.DefaultLimits())
	c := &builtin.Context{Meter: &m, Entropy: entropy{}}
	begin := processorTime()
	for n := int64(1); ; n++ {
		caller.look()
		_, err := builtin.Invoke(f, c, builtin.MakeArgs(slices.Clone(args), math.MaxUint64))
		took := processorTime() - begin
		var limit *builtin.LimitError
		switch ended := errors.As(err, &limit); {
		case ended && took < race.Slowdown*time.Second: // a limit ends the run, so that this is all that it costs
			return 0
		case ended || took >= during || n == 100_000:
			return took / time.Duration(m.Spent()+3*n)
		}
	}
}
