package hostile

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/imlc-lang/imlc/internal/race"
)

// variable names the attack that a child process runs, and its scale behind a colon.
const variable = "IMLC_HOSTILE"

// attack is one hostile input.
type attack struct {
	// run makes the input at a scale, 1 or 4, calls started, and then lets the program have it. It returns how that ended.
	run func(scale int, started func()) error
	// ends lists what errors must contain, one of them; "" stands for no error.
	ends []string
	// most is the processor time that it may take; 0 means 2 s.
	most time.Duration
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
	Resident int64 // bytes, the most there were; 0 where the system does not tell
	Err      string
}

// residentMost is the memory that a process may have had after an attack, its own included.
const residentMost = 256 << 20

func TestMain(m *testing.M) {
	name, scale, ok := strings.Cut(os.Getenv(variable), ":")
	if !ok {
		os.Exit(m.Run())
	}
	n, _ := strconv.Atoi(scale)
	var before time.Duration
	err := attacks[name].run(n, func() {
		debug.FreeOSMemory()
		forgetPeak()
		before = processorTime()
	})
	out := measure{CPU: processorTime() - before, Resident: peakResident()}
	if err != nil {
		out.Err = fmt.Sprintf("%.300s", text(err))
	}
	_ = json.NewEncoder(os.Stdout).Encode(out)
	os.Exit(0)
}

// child runs an attack in a process of its own.
func child(t *testing.T, name string, scale int) measure {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	c := exec.CommandContext(ctx, os.Args[0], "-test.run=^$")
	c.Env = append(os.Environ(), fmt.Sprintf("%s=%s:%d", variable, name, scale))
	var problems strings.Builder
	c.Stderr = &problems
	out, err := c.Output()
	var m measure
	if err != nil || json.Unmarshal(out, &m) != nil {
		t.Fatalf("the process died: %v\n%.400s", err, problems.String())
	}
	return m
}

// TestAttacks runs every attack at both scales.
func TestAttacks(t *testing.T) {
	if race.Slowdown > 1 {
		t.Skip("what an attack costs means nothing under the race detector")
	}
	for name, a := range attacks {
		if strings.HasPrefix(name, "together/") {
			continue // which have bounds of their own
		}
		for _, scale := range []int{1, 4} {
			if testing.Short() && scale > 1 {
				continue
			}
			t.Run(fmt.Sprintf("%s/%d", name, scale), func(t *testing.T) {
				t.Parallel()
				most := cmp.Or(a.most, 2*time.Second)
				m := child(t, name, scale)
				if m.CPU > most { // a machine that does other things costs time too
					m = child(t, name, scale)
				}
				t.Logf("%v, %d MiB, %.100q", m.CPU.Round(time.Millisecond), m.Resident>>20, m.Err)
				if m.CPU > most {
					t.Errorf("it took %v of processor time, at most %v may go", m.CPU, most)
				}
				if m.Resident > residentMost {
					t.Errorf("it took %d MiB", m.Resident>>20)
				}
				if !endsAs(m.Err, a.ends) {
					t.Errorf("it ended with %q, expected one of %q", m.Err, a.ends)
				}
			})
		}
	}
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
