package hostile

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"strings"
	"syscall"
	"testing"
	"time"
)

// commandAttack is one run of the built command.
type commandAttack struct {
	name string
	// args are those of imlc; of one with @ in front the rest is the name of a file of the attack.
	args  []string
	files map[string]string
	stdin string
	// ends is a pattern that what the command writes must match. It must end with status 0, 1 or 2 in any case.
	ends string
	most time.Duration // 0 is 2 s
}

// addressSpace is what the command may reserve (setrlimit(2), RLIMIT_AS), in KiB.
const addressSpace = 1 << 20

// TestCommand runs the built command on the files of ../shared/data/hostile, on what its make.py writes, and on others
// of these kinds, against a provider that gives hostile answers.
func TestCommand(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds the command")
	}
	if os.Getenv("GOOS") != "" || peakResident() == 0 {
		t.Skip("the limits of a process are known on Linux only")
	}
	imlc := filepath.Join(t.TempDir(), "imlc")
	build := exec.Command("go", "build", "-o", imlc, "../../cmd/imlc")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	provider := startProvider(t)
	list := append(ownCommands(provider), givenCommands(t, provider)...)
	debug.FreeOSMemory()
	forgetPeak() // the most memory that a process had is handed down to what it executes
	for _, a := range list {
		t.Run(a.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for name, text := range a.files {
				path := filepath.Join(dir, name)
				if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			problems, cost := a.run(imlc, dir)
			if problems != "" { // a machine that does other things costs time
				problems, cost = a.run(imlc, dir)
			}
			t.Log(cost)
			if problems != "" {
				t.Error(problems)
			}
		})
	}
}

// crashes are the words of a process that ended otherwise than by itself.
var crashes = regexp.MustCompile(`fatal error|panic:|goroutine \d+|internal error|SIGSEGV|out of memory`)

// run says what is wrong with how the command ended or what it cost, "" when nothing is.
func (a *commandAttack) run(imlc, dir string) (problems, cost string) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	args := []string{"-c", fmt.Sprintf(`ulimit -v %d && exec "$0" "$@"`, addressSpace), imlc}
	for _, arg := range a.args {
		if name, ok := strings.CutPrefix(arg, "@"); ok {
			arg = filepath.Join(dir, name)
		}
		args = append(args, arg)
	}
	c := exec.CommandContext(ctx, "/bin/sh", args...)
	c.Dir, c.Stdin = dir, strings.NewReader(a.stdin)
	c.Env = []string{"HOME=" + dir, "PATH=" + os.Getenv("PATH"), "NO_COLOR=1"}
	var out bytes.Buffer
	c.Stdout, c.Stderr = &out, &out
	err := c.Run()
	add := func(format string, args ...any) { problems += fmt.Sprintf(format+"\n", args...) }
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return err.Error(), ""
	}
	used, ok := c.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		return "nothing is known of the process", ""
	}
	took, resident := c.ProcessState.UserTime()+c.ProcessState.SystemTime(), used.Maxrss<<10
	if code := c.ProcessState.ExitCode(); code < 0 || code > 2 {
		add("it ended with %v", c.ProcessState)
	}
	if most := cmp.Or(a.most, 2*time.Second); took > most {
		add("it took %v of processor time, at most %v may go", took, most)
	}
	if resident > residentMost {
		add("it took %d MiB", resident>>20)
	}
	text := out.String()
	if found := crashes.FindString(text); found != "" || !regexp.MustCompile(a.ends).MatchString(text) {
		add("it wrote (expected %s):\n%.1500s", a.ends, text)
	}
	if out.Len() > 1<<20 {
		add("it wrote %d bytes", out.Len())
	}
	return problems, fmt.Sprintf("%v, %d MiB, %.60q", took.Round(time.Millisecond), resident>>20, text)
}
