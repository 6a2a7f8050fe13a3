package conformance

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Options says what is judged and how.
type Options struct {
	// Engines are judged one after the other on every case; none means BuiltIn().
	Engines []Engine
	// Workers is the number of cases run at a time; 0 means one per processor.
	Workers int
	// Timeout bounds one case on one engine; 0 means 30 seconds.
	Timeout time.Duration
	// Match, when set, chooses the cases to run; the others are not counted at all.
	Match func(*Case) bool
	// Flags are added to those of every flow case.
	Flags []string
}

// Run loads the cases of the paths and runs them. The error is about paths that cannot be read or have no case, or the
// end of ctx; everything that is wrong with a case is in the report.
func Run(ctx context.Context, paths []string, o Options) (*Report, error) {
	cases, err := Load(paths)
	if err != nil {
		return nil, err
	}
	return RunCases(ctx, cases, o)
}

// RunCases runs loaded cases; the results are in the order of the cases.
func RunCases(ctx context.Context, cases []*Case, o Options) (*Report, error) {
	if o.Match != nil {
		var chosen []*Case
		for _, c := range cases {
			if o.Match(c) {
				chosen = append(chosen, c)
			}
		}
		cases = chosen
	}
	for _, c := range cases {
		if c.Flow != nil && len(o.Flags) > 0 {
			c.Flow.Flags = append(slices.Clone(c.Flow.Flags), o.Flags...)
		}
	}
	if len(o.Engines) == 0 {
		o.Engines = BuiltIn()
	}
	if o.Workers <= 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	if o.Timeout <= 0 {
		o.Timeout = 30 * time.Second
	}
	report := &Report{Results: make([]result, len(cases))}
	next := make(chan int)
	var wg sync.WaitGroup
	for range min(o.Workers, max(1, len(cases))) {
		wg.Go(func() {
			for i := range next {
				report.Results[i] = runCase(ctx, cases[i], &o)
			}
		})
	}
	for i := range cases {
		next <- i
	}
	close(next)
	wg.Wait()
	report.count()
	return report, ctx.Err()
}

func runCase(ctx context.Context, c *Case, o *Options) result {
	r := result{ID: c.ID, Kind: c.Kind(), File: c.File, Line: c.Line}
	start := time.Now()
	if c.Problem != "" {
		r.Failures = append(r.Failures, failure{Problem: c.Problem})
	} else {
		for i := range o.Engines {
			if f, ok := runOn(ctx, &o.Engines[i], c, o.Timeout); !ok {
				r.Failures = append(r.Failures, f)
			}
		}
	}
	r.Elapsed = time.Since(start)
	return r
}

var errNotSupported = errors.New("this engine does not run cases of this kind")

// runOn runs one case on one engine. A panic of the engine is a failure of the case, not of the run.
func runOn(ctx context.Context, e *Engine, c *Case, timeout time.Duration) (f failure, ok bool) {
	f.Engine = e.Name
	defer func() {
		if p := recover(); p != nil {
			f.Problem, ok = fmt.Sprintf("the engine panicked: %v", p), false
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	var err error
	f.Mismatches, f.Exchanges, err = judge(ctx, e, c)
	if err != nil {
		f.Problem = err.Error()
	}
	return f, err == nil && len(f.Mismatches) == 0
}

func judge(ctx context.Context, e *Engine, c *Case) ([]mismatch, []string, error) {
	switch {
	case c.Expression != nil && e.Evaluator != nil:
		out, err := e.Evaluator.Evaluate(ctx, c.Expression)
		if err != nil {
			return nil, nil, err
		}
		return compareExpression(c.Expression, out), nil, nil
	case c.Formula != nil && e.Formula != nil:
		out, err := e.Formula.EvaluateFormula(ctx, c.Formula)
		if err != nil {
			return nil, nil, err
		}
		return compareFormula(c.Formula, out), nil, nil
	case c.Signing != nil && e.Signer != nil:
		out, err := e.Signer.Sign(ctx, c.Signing)
		if err != nil {
			return nil, nil, err
		}
		return compareSigning(c.Signing, out), nil, nil
	case c.Flow != nil && e.Flow != nil:
		out, err := e.Flow.RunFlow(ctx, c.Flow)
		if err != nil {
			return nil, nil, err
		}
		differ, err := compareFlow(c.Flow, out)
		return differ, exchangesOf(out, differ), err
	}
	return nil, nil, errNotSupported
}

var stepNumber = regexp.MustCompile(`^flow\[(\d+)\]`)

// exchangesOf describes the requests and answers of the first step that differs.
func exchangesOf(out *flowOutcome, differ []mismatch) []string {
	for _, m := range differ {
		found := stepNumber.FindStringSubmatch(m.Where)
		if found == nil {
			continue
		}
		n, err := strconv.Atoi(found[1])
		if err != nil || n >= len(out.Steps) {
			return nil
		}
		var lines []string
		for _, x := range out.Steps[n].Exchanges {
			lines = append(lines, "→ "+x.Method+" "+x.URL)
			switch answer := x.Respond; {
			case answer.Error != "":
				lines = append(lines, "← no answer: "+answer.Error)
			case answer.Status != 0:
				lines = append(lines, strings.TrimSpace(fmt.Sprintf("← %d %s", answer.Status, answer.Body)))
			}
		}
		return lines
	}
	return nil
}
