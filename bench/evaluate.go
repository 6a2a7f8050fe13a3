package perfbench

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"

	"github.com/imlc-lang/imlc/bench/internal/work"
	"github.com/imlc-lang/imlc/vm/value"
)

// targets are the ratios to the floor of section a: what must hold, what is hoped for, and the allocations.
var targets = map[string]struct{ must, goal, allocs float64 }{
	"01": {1.0, 0.8, 0}, "02": {0.7, 0.3, 0}, "03": {0.7, 0.3, 0}, "04": {0.8, 0.4, 0}, "05": {0.8, 0.4, 0}, "06": {1.0, 0.7, 1},
	"07": {1.0, 0.7, 1}, "08": {1.0, 0.6, 2}, "09": {0.8, 0.4, 1}, "10": {0.8, 0.4, 0}, "11": {0.7, 0.35, 0}, "12": {0.7, 0.35, 0},
}

// convenience is how much more than the floor the interface that takes and returns Go values may cost.
const convenience = 1.3

var (
	sink      any
	sinkValue value.Value
	sinkBytes []byte
)

// evaluateSection prints section a: the twelve workloads.
func evaluateSection(r *report) error {
	data := work.Data()
	t := &table{title: "a. Evaluation", heads: []string{"workload", "floor", "imlc", "ratio", "must", "goal", "", "allocs", "as any", "best peer", "ratio"},
		note: "Processor time for one evaluation; ratios to hand-written Go. \"as any\" is the ratio with the result as a Go value, by Session.RunAny."}
	reached := 0
	for _, w := range work.All {
		if err := verifyAll(w, data); err != nil {
			return err
		}
		variants, err := contenders(w, data)
		if err != nil {
			return err
		}
		results := measure(r.Plan, variants)
		floor, own, goAny := results[0], results[1], results[2]
		best := results[3]
		for _, peer := range results[4:] {
			if peer.over(floor) < best.over(floor) {
				best = peer
			}
		}
		target := targets[w.Name[:2]]
		ratio := own.over(floor)
		verdict := r.verdict("a "+w.Name, ratio, target.must)
		if ratio <= target.goal {
			verdict = "goal"
			reached++
		}
		r.verdict("a "+w.Name+" allocations", own.allocs, target.allocs)
		r.verdict("a "+w.Name+" against "+best.name, ratio, best.over(floor))
		t.add(w.Name, duration(floor.median()), duration(own.median()), ratio, target.must, target.goal, verdict,
			fmt.Sprintf("%.0f", own.allocs), goAny.over(floor), best.name, best.over(floor))
	}
	r.print(t)
	fmt.Fprintf(r.Out, "\nGoals reached: %d of %d.\n", reached, len(work.All))
	r.atLeast("a goals", float64(reached), 8)
	return nil
}

// contenders returns the floor, this engine with its own values, this engine with Go values, and the peers.
func contenders(w work.W, data map[string]any) ([]variant, error) {
	f := floor[w.Name]
	out := []variant{{"floor", func(n int) {
		for range n {
			sink = f(data)
		}
	}}}
	emit := w.N.K == "obj"
	p, err := compile(w, data, emit)
	if err != nil {
		return nil, err
	}
	session := p.run.Session(p.env)
	own := variant{"imlc", func(n int) {
		for range n {
			sinkValue, _ = session.Run()
		}
	}}
	if emit {
		own.run = func(n int) {
			for range n {
				sinkBytes, _ = session.AppendJSON(sinkBytes[:0])
			}
		}
	}
	out = append(out, own)
	for _, e := range engines {
		if e.name == "A_floor" {
			continue
		}
		run, err := e.mk(w, data)
		if errors.Is(err, errNA) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %s: %w", w.Name, e.name, err)
		}
		v := variant{e.name, func(n int) {
			for range n {
				sink, _ = run()
			}
		}}
		if e.name == "B_imlc" {
			out = append(out[:2], append([]variant{v}, out[2:]...)...)
			continue
		}
		out = append(out, v)
	}
	return out, nil
}

// verifyAll checks that every engine gives the result of the floor.
func verifyAll(w work.W, data map[string]any) error {
	want := norm(floor[w.Name](data))
	for _, e := range engines {
		run, err := e.mk(w, data)
		if errors.Is(err, errNA) {
			continue
		}
		if err != nil {
			return fmt.Errorf("%s: %s: %w", w.Name, e.name, err)
		}
		v, err := run()
		if err != nil {
			return fmt.Errorf("%s: %s: %w", w.Name, e.name, err)
		}
		got, expected := norm(v), want
		if e.text {
			got, expected = textify(got), textify(want)
		}
		if !reflect.DeepEqual(got, expected) {
			return fmt.Errorf("%s: %s gives %#v, expected %#v", w.Name, e.name, got, expected)
		}
	}
	return verifyEmitted(w, data, want)
}

// verifyEmitted checks the JSON that is written without building the value.
func verifyEmitted(w work.W, data map[string]any, want any) error {
	p, err := compile(w, data, w.N.K == "obj")
	if err != nil {
		return err
	}
	text, err := p.run.AppendJSON(nil, p.env)
	if err != nil {
		return err
	}
	var got any
	if err := json.Unmarshal(text, &got); err != nil {
		return fmt.Errorf("%s: emitted %q: %w", w.Name, text, err)
	}
	if !reflect.DeepEqual(norm(got), want) {
		return fmt.Errorf("%s: emitted %s, expected %#v", w.Name, text, want)
	}
	return nil
}
