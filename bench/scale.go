package perfbench

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"time"

	"github.com/imlc-lang/imlc/bench/internal/work"
)

// mustFlow is the memory that one suspended flow may take, in bytes.
const mustFlow = 4096

// scaleSection prints section f: many evaluations, and many flows suspended at once.
func scaleSection(r *report) error {
	if err := evaluations(r); err != nil {
		return err
	}
	return suspended(r)
}

// evaluations runs one program again and again and looks at the memory.
func evaluations(r *report) error {
	p, err := compile(work.All[len(work.All)-1], work.Data(), false)
	if err != nil {
		return err
	}
	t := &table{title: "f. Evaluations in a row", heads: []string{"evaluations", "time", "live memory, KB", "goroutines"},
		note: "The largest workload, built as a value each time. Flat memory and an even pace are what to look for."}
	const steps = 5
	for i := range steps {
		begin := time.Now()
		for range r.Plan.Evaluations / steps {
			if sinkValue, err = p.run.Run(p.env); err != nil {
				return err
			}
		}
		t.add((i+1)*r.Plan.Evaluations/steps, duration(float64(time.Since(begin))), liveBytes()>>10, runtime.NumGoroutine())
	}
	r.print(t)
	return nil
}

// liveBytes returns the memory of the heap that is in use after a collection.
func liveBytes() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// suspended starts flows, keeps all of them suspended, and resumes them in random order.
func suspended(r *report) error {
	t := &table{title: "f. Suspended flows", heads: []string{"flows", "start, each", "bytes each", "must", "", "resume, each", "live after, KB", "goroutines"},
		note: "Bytes are those of the sealed state and of the pending store; times are wall time on all processors, over a transport that answers at once."}
	const base = "http://127.0.0.1:1"
	for n := r.Plan.Flows / 100; n <= r.Plan.Flows; n *= 10 {
		eng, err := engineOver(tokens{})
		if err != nil {
			return err
		}
		before := liveBytes()
		states := make([]string, n)
		queries := make([]string, n)
		begin := time.Now()
		for i := range states {
			step, err := eng.Authorize(context.Background(), grant(base))
			if err != nil {
				return err
			}
			states[i] = step.State
			queries[i] = step.RedirectURL[strings.LastIndex(step.RedirectURL, "?")+1:] + "&oauth_verifier=v"
		}
		started := float64(time.Since(begin)) / float64(n)
		each := float64(liveBytes()-before)/float64(n) - 32 // the two strings' headers are the benchmark's own
		order := rand.New(rand.NewPCG(1, 2)).Perm(n)
		begin = time.Now()
		for _, i := range order {
			if _, err := eng.Callback(context.Background(), states[i], queries[i]); err != nil {
				return err
			}
		}
		resumed := float64(time.Since(begin)) / float64(n)
		clear(states)
		clear(queries)
		t.add(n, duration(started), fmt.Sprintf("%.0f", each), mustFlow, r.verdict(fmt.Sprintf("f bytes of a flow among %d", n), each, mustFlow),
			duration(resumed), int64(liveBytes()-before)>>10, runtime.NumGoroutine())
		eng.Close()
	}
	r.print(t)
	return nil
}
