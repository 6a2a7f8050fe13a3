package perfbench

import (
	"fmt"
	"runtime"
	"slices"
	"time"
)

// pace says how long to measure.
type pace struct {
	// Rounds is how often the variants take turns; Chunk is the time that one turn aims at.
	Rounds int
	Chunk  time.Duration
	// Exchange is the time of one turn of the sections that use the network.
	Exchange time.Duration
	// Flows is the number of suspended flows of the scale section, Evaluations that of its evaluations.
	Flows, Evaluations int
}

// longer is a pace for what a busy neighbour of the processor slows unevenly: arithmetic on one chain least of all. Its
// rounds outlast the moods of a shared machine.
func (p pace) longer() pace {
	p.Rounds *= 8
	return p
}

// steady is a pace for what allocates: a turn has many collections, and pays for them as work that goes on does. A turn
// with none or with one, as it happens, shows a third more or less.
func (p pace) steady() pace {
	p.Rounds *= 2
	p.Chunk *= 8
	return p
}

// variant is one contender: run does its work n times.
type variant struct {
	name string
	run  func(n int)
}

// result holds what was measured of one variant: processor time and allocations of one piece of work, by round.
type result struct {
	name   string
	ns     []float64
	allocs float64
}

// measure lets the variants take turns. A turn is timed by the processor time of the whole process, the collector's
// work included, so that other processes on the machine do not count. Each begins with a collection that is not timed,
// so that nobody pays for the garbage of another.
func measure(p pace, variants []variant) []result {
	out := make([]result, len(variants))
	counts := make([]int, len(variants))
	for i, v := range variants {
		out[i].name = v.name
		counts[i] = calibrate(p.Chunk, v.run)
		out[i].allocs = allocations(v.run)
	}
	for range p.Rounds {
		for i, v := range variants {
			runtime.GC()
			start := cpuTime()
			v.run(counts[i])
			out[i].ns = append(out[i].ns, float64(cpuTime()-start)/float64(counts[i]))
		}
	}
	return out
}

// calibrate returns how often the work fits into a turn.
func calibrate(chunk time.Duration, run func(n int)) int {
	for n := 1; ; n *= 2 {
		start := time.Now()
		run(n)
		if took := time.Since(start); took > chunk/2 || n > 1<<28 {
			return max(1, int(float64(n)*float64(chunk)/float64(max(took, 1))))
		}
	}
}

// allocations returns the allocations of one piece of work.
func allocations(run func(n int)) float64 {
	const n = 200
	run(n / 4)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	run(n)
	runtime.ReadMemStats(&after)
	return float64((after.Mallocs - before.Mallocs) / n)
}

// over returns the median of the ratios of r to floor, round by round.
func (r result) over(floor result) float64 {
	ratios := make([]float64, min(len(r.ns), len(floor.ns)))
	for i := range ratios {
		ratios[i] = r.ns[i] / floor.ns[i]
	}
	return median(ratios)
}

func (r result) median() float64 { return median(r.ns) }

func median(x []float64) float64 {
	if len(x) == 0 {
		return 0
	}
	x = slices.Clone(x)
	slices.Sort(x)
	if n := len(x); n%2 == 0 {
		return (x[n/2-1] + x[n/2]) / 2
	}
	return x[len(x)/2]
}

// duration prints nanoseconds with three digits.
func duration(ns float64) string {
	switch {
	case ns < 1e3:
		return fmt.Sprintf("%.3g ns", ns)
	case ns < 1e6:
		return fmt.Sprintf("%.3g µs", ns/1e3)
	}
	return fmt.Sprintf("%.4g ms", ns/1e6)
}
