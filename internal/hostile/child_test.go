package hostile

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/imlc-lang/imlc/internal/race"
	"github.com/imlc-lang/imlc/vm/builtin"
)

// variable is set where a process is to run the attacks that its input names, a line each, with a scale behind a colon,
// and behind another the number of the look at which the context ends, 0 for none.
const variable = "IMLC_HOSTILE"

// attack is one hostile input.
type attack struct {
	// run makes the input at a scale, 1 or 4, calls started, and then lets the program have it. It returns how that ended.
	run func(scale int, started func()) error
	// ends lists what errors must contain, one of them; "" stands for no error.
	ends []string
	// most is the processor time that it may take; 0 means 2 s.
	most time.Duration
	// scales are those that it is run at; nil means both.
	scales []int
	// unseen is how long it may work between two looks at its context; 0 means soonAtMost. matches says that it matches
	// regular expressions, each of which goes on to its own limit.
	unseen  time.Duration
	matches bool
}

// attacks are all attacks by name; the files of this package fill it.
var attacks = map[string]attack{}

func add(name string, a attack) {
	if _, ok := attacks[name]; ok {
		panic("two attacks are called " + name)
	}
	attacks[name] = a
}

// measure is what a child process says about one attack.
type measure struct {
	CPU      time.Duration
	Resident int64         // bytes, the most there were; 0 where the system does not tell
	Unseen   time.Duration // the longest that it worked without a look at its context, or how long behind its end
	Looks    int           // at the context
	Where    string        // what it did then
	Err      string
}

// caller is the context of whoever runs an attack.
var caller = &lookout{Context: context.Background(), done: make(chan struct{}), mark: -1}

// residentMost is the memory that a process may have had after an attack, its own included.
const residentMost = 256 << 20

func TestMain(m *testing.M) {
	if os.Getenv(variable) == "" {
		os.Exit(m.Run())
	}
	flag.Parse()
	for orders := bufio.NewScanner(os.Stdin); orders.Scan(); {
		order := strings.Split(orders.Text(), ":")
		scale, _ := strconv.Atoi(order[1])
		end, _ := strconv.Atoi(order[2])
		_ = json.NewEncoder(os.Stdout).Encode(attacks[order[0]].measured(scale, end))
	}
	os.Exit(0)
}

// measured runs the attack in this process, with no memory at hand. One that seems to work for longer without a look than
// it may, or for longer than soon where a log tells of that, is run again, up to three times, with the memory that it left: what the system takes to hand memory out for the first time,
// here and there a hundred times as long as usual, is nothing that a program could do in smaller pieces. What counts of
// each stretch between two looks is the shortest time that it took: an attack does the same each time, and a machine that
// does other things does them elsewhere.
func (a attack) measured(scale, end int) measure {
	out, l := a.once(scale, end, -1, debug.FreeOSMemory)
	most := a.mostUnseen()
	if testing.Verbose() {
		most = soon
	}
	for again := 0; again < 3 && out.Unseen > most; again++ {
		kept := debug.SetGCPercent(-1) // nor does the runtime give it back meanwhile
		_, at := l.gaps.longest()
		m, next := a.once(scale, end, at, func() {
			runtime.GC()
			debug.SetGCPercent(kept)
		})
		debug.SetGCPercent(kept) // also when it never started
		if !l.gaps.shortened(next.gaps) && m.Unseen < out.Unseen {
			l.gaps = next.gaps // of an attack that does not do the same
		}
		out.Unseen, _ = l.gaps.longest()
		out.Where = next.where
	}
	return out
}

// once runs the attack, and ready before it starts.
func (a attack) once(scale, end, mark int, ready func()) (measure, *lookout) {
	before := processorTime()
	caller = watch(0, mark)
	began := false
	err := a.run(scale, func() {
		began = true
		ready()
		forgetPeak()
		caller = watch(end, mark)
		before = processorTime()
	})
	caller.note()
	if !began { // all that was done is what the attack is made with
		caller.gaps = nil
	}
	unseen, _ := caller.gaps.longest()
	out := measure{CPU: processorTime() - before, Resident: peakResident(), Unseen: unseen, Looks: caller.looks}
	if err != nil {
		out.Err = fmt.Sprintf("%.300s", text(err))
	}
	return out, caller
}

// child is a process that runs attacks, one after the other.
type child struct {
	command  *exec.Cmd
	orders   io.WriteCloser
	answers  *json.Decoder
	problems strings.Builder
}

func newChild(t *testing.T) *child {
	t.Helper()
	c := &child{command: exec.Command(os.Args[0], "-test.run=^$", fmt.Sprintf("-test.v=%v", testing.Verbose()))}
	c.command.Env = append(os.Environ(), variable+"=1")
	c.command.Stderr = &c.problems
	orders, err := c.command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	answers, err := c.command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	c.orders, c.answers = orders, json.NewDecoder(answers)
	if err := c.command.Start(); err != nil {
		t.Fatal(err)
	}
	return c
}

// run has the process run an attack; when that ends it, so does the test.
func (c *child) run(t *testing.T, name string, scale, end int) (m measure) {
	t.Helper()
	hangs := time.AfterFunc(2*time.Minute, func() { _ = c.command.Process.Kill() })
	defer hangs.Stop()
	_, _ = fmt.Fprintf(c.orders, "%s:%d:%d\n", name, scale, end)
	if c.answers.Decode(&m) != nil {
		t.Fatalf("the process died: %v\n%.400s", c.command.Wait(), c.problems.String())
	}
	return m
}

// end ends the process, which fails when the race detector found something there.
func (c *child) end(t *testing.T) {
	t.Helper()
	_ = c.orders.Close()
	if err := c.command.Wait(); err != nil && !t.Failed() {
		t.Errorf("the process ended with %v\n%.4000s", err, c.problems.String())
	}
}

// children are processes that have no attack to run, as many as tests run at a time. They end with the test.
type children chan *child

func newChildren(t *testing.T) children {
	idle := make(children, len(attacks))
	t.Cleanup(func() {
		close(idle)
		for c := range idle {
			c.end(t)
		}
	})
	return idle
}

// take returns a process, which whoever takes it puts back.
func (idle children) take(t *testing.T) *child {
	t.Helper()
	select {
	case c := <-idle:
		return c
	default:
		return newChild(t)
	}
}

// once runs an attack in a process of its own.
func once(t *testing.T, name string, scale int) measure {
	t.Helper()
	c := newChild(t)
	defer c.end(t)
	return c.run(t, name, scale, 0)
}

// looked has how often attacks look at their contexts at scale 1, by name.
var looked sync.Map

// TestAttacks runs every attack at both scales.
func TestAttacks(t *testing.T) {
	if race.Slowdown > 1 {
		t.Skip("what an attack costs means nothing under the race detector")
	}
	idle := newChildren(t)
	for name, a := range attacks {
		if strings.HasPrefix(name, "together/") {
			continue // which have bounds of their own
		}
		for _, scale := range []int{1, 4} {
			if testing.Short() && scale > 1 || a.scales != nil && !slices.Contains(a.scales, scale) {
				continue
			}
			t.Run(fmt.Sprintf("%s/%d", name, scale), func(t *testing.T) {
				t.Parallel()
				c := idle.take(t)
				m := c.run(t, name, scale, 0)
				idle <- c
				if scale == 1 {
					looked.Store(name, m.Looks)
				}
				problems := a.judge(m)
				if problems != "" { // a machine that does other things costs time, and what others left behind costs memory
					m = once(t, name, scale)
					problems = a.judge(m)
				}
				t.Logf("%v, %d MiB, %v unseen, %.100q", m.CPU.Round(time.Millisecond), m.Resident>>20, m.Unseen.Round(time.Millisecond), m.Err)
				if m.Unseen > soon {
					t.Logf("unseen: %s", m.Where)
				}
				if problems != "" {
					t.Error(problems)
				}
			})
		}
	}
}

// judge says what is wrong with what an attack cost or how it ended, "" when nothing is.
func (a attack) judge(m measure) string {
	var problems []string
	add := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	if most := cmp.Or(a.most, 2*time.Second); m.CPU > most {
		add("it took %v of processor time, at most %v may go", m.CPU, most)
	}
	if m.Resident > residentMost {
		add("it took %d MiB", m.Resident>>20)
	}
	if most := a.mostUnseen(); m.Unseen > most {
		add("it worked %v without a look at its context, at most %v may go:\n%s", m.Unseen, most, m.Where)
	}
	if !endsAs(m.Err, a.ends) {
		add("it ended with %q, expected one of %q", m.Err, a.ends)
	}
	return strings.Join(problems, "\n")
}

// mostUnseen is how long the attack may work without a look at its context.
func (a attack) mostUnseen() time.Duration {
	most := cmp.Or(a.unseen, soonAtMost)
	if a.matches {
		most += builtin.DefaultLimits().RegexTimeout
	}
	return most
}

// endsAs reports whether an error is one of those that are expected.
func endsAs(err string, ends []string) bool {
	for _, e := range ends {
		if e == "" && err == "" || e != "" && strings.Contains(err, e) {
			return true
		}
	}
	return false
}

// text is an error with the names of its causes.
func text(err error) string {
	out := err.Error()
	for next := errors.Unwrap(err); next != nil; next = errors.Unwrap(next) {
		out += "; " + next.Error()
	}
	return out
}
