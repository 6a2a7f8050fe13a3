package perfbench

import (
	"fmt"
	"io"
	"runtime"
	"strings"
	"time"
)

// Run prints the tables of the sections, which are named by their letters. It fails when a measurement cannot be made;
// a target that is missed is reported and no failure.
func Run(out io.Writer, quick bool, rounds int, sections string) error {
	p := pace{Rounds: 11, Chunk: 20 * time.Millisecond, Exchange: 300 * time.Millisecond, Flows: 100_000, Evaluations: 1_000_000}
	if quick {
		p = pace{Rounds: 5, Chunk: 4 * time.Millisecond, Exchange: 120 * time.Millisecond, Flows: 10_000, Evaluations: 200_000}
	}
	if rounds > 0 {
		p.Rounds = rounds
	}
	r := &report{Out: out, Plan: p}
	fmt.Fprintf(out, "%s %s/%s, %d processors; %d rounds\n", runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), p.Rounds)
	for _, s := range []struct {
		letter string
		single bool // on one processor
		run    func(*report) error
	}{{"a", true, evaluateSection}, {"b", true, compileSection}, {"c", true, loadSection}, {"d", false, requestSection}, {"e", true, decodeSection}, {"f", false, scaleSection}} {
		if !strings.Contains(sections, s.letter) {
			continue
		}
		before := 0
		if s.single {
			before = runtime.GOMAXPROCS(1)
		}
		err := s.run(r)
		if before > 0 {
			runtime.GOMAXPROCS(before)
		}
		if err != nil {
			return fmt.Errorf("section %s: %w", s.letter, err)
		}
	}
	fmt.Fprintf(out, "\n## Targets missed: %d\n\n", len(r.Missed))
	for _, m := range r.Missed {
		fmt.Fprintf(out, "- %s\n", m)
	}
	return nil
}
