package hostile

import (
	"cmp"
	"hash/fnv"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/imlc-lang/imlc/internal/race"
)

// looksOf returns how often an attack looks at its context, as TestAttacks found it if that was run before.
func looksOf(t *testing.T, c *child, name string) int {
	t.Helper()
	if looks, ok := looked.Load(name); ok {
		return looks.(int)
	}
	return c.run(t, name, 1, 0).Looks
}

// TestCancelled ends the context of each attack at one of its looks, and holds how long it goes on: what an operation
// does yet when it knows that it has ended, such as masking a log or sealing what a user need not do again.
func TestCancelled(t *testing.T) {
	if race.Slowdown > 1 {
		t.Skip("what an attack costs means nothing under the race detector")
	}
	idle := newChildren(t)
	for name, a := range attacks {
		if kind, _, _ := strings.Cut(name, "/"); kind == "together" || kind == "functions" || a.scales != nil && a.scales[0] > 1 {
			continue // which run until their own end
		}
		seed := fnv.New64()
		if _, _ = seed.Write([]byte(name)); testing.Short() && seed.Sum64()%8 > 0 {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := idle.take(t)
			defer func() { idle <- c }()
			looks := looksOf(t, c, name)
			if looks == 0 {
				return
			}
			end, most := 1+rand.New(rand.NewPCG(seed.Sum64(), uint64(looks))).IntN(looks), cmp.Or(a.unseen, soonAtMost)
			m := c.run(t, name, 1, end)
			if m.Unseen > most {
				m = c.run(t, name, 1, end)
			}
			if t.Logf("%v behind look %d of %d, %.100q", m.Unseen.Round(100*time.Microsecond), end, looks, m.Err); m.Unseen > most {
				t.Errorf("it went on for %v when it had been cancelled at look %d of %d, at most %v may go: %s", m.Unseen, end, looks, most, m.Where)
			}
		})
	}
}
