//go:build unix

package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/imlc-lang/imlc/cmd/imlc/internal/files"
)

func TestWatch(t *testing.T) {
	for _, test := range []struct {
		name   string
		grace  time.Duration
		second bool
	}{
		{"grace ends", time.Millisecond, false},
		{"second signal", time.Hour, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			signals, exited := make(chan os.Signal, 2), make(chan int)
			ctx := watch(signals, func() time.Duration { return test.grace }, func(code int) { exited <- code })
			if ctx.Err() != nil {
				t.Fatal("interrupted before a signal came")
			}
			signals <- syscall.SIGTERM
			<-ctx.Done()
			var why *interruption
			if !errors.As(context.Cause(ctx), &why) || why.signal != syscall.SIGTERM {
				t.Errorf("the cause is %v", context.Cause(ctx))
			}
			if test.second {
				select {
				case code := <-exited:
					t.Fatalf("exit %d before the grace ended", code)
				case <-time.After(20 * time.Millisecond):
				}
				signals <- syscall.SIGINT
			}
			if code := <-exited; code != 143 {
				t.Errorf("exit %d, want 143", code)
			}
		})
	}
}

// hangingFiles are files whose reading never ends, whatever the context says.
type hangingFiles struct{ files.Disk }

func (hangingFiles) Read(context.Context, string, int64) ([]byte, error) {
	fmt.Fprintln(os.Stderr, "hangs")
	for {
		time.Sleep(time.Hour)
	}
}

func init() {
	processes["hangs"] = func() {
		c := system()
		c.Files = hangingFiles{}
		os.Exit(c.main(os.Args[1:]))
	}
	processes["waits"] = func() {
		c := system()
		fmt.Fprintln(os.Stderr, "waits")
		os.Exit(c.main(os.Args[1:]))
	}
}

// TestSignalsEndProcesses interrupts a command that hangs, and one that waits at a pipe.
func TestSignalsEndProcesses(t *testing.T) {
	fifo := filepath.Join(t.TempDir(), "fifo")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name   string
		hangs  bool
		args   []string
		signal os.Signal
		code   int
	}{
		{"hang", true, []string{"eval", "{{1}}", "--data", "x"}, os.Interrupt, 130},
		{"hang, terminated", true, []string{"eval", "{{1}}", "--data", "x"}, syscall.SIGTERM, 143},
		{"pipe", false, []string{"eval", "{{1}}", "--data", fifo}, os.Interrupt, 130},
		{"standard input", false, []string{"eval", "-"}, syscall.SIGTERM, 143},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			cmd := exec.Command(os.Args[0], test.args...)
			cmd.Env = append(os.Environ(), "IMLC_TEST_PROCESS=waits")
			if test.hangs {
				cmd.Env = append(os.Environ(), "IMLC_TEST_PROCESS=hangs")
			}
			if _, err := cmd.StdinPipe(); err != nil {
				t.Fatal(err)
			}
			out, err := cmd.StderrPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			late := time.AfterFunc(30*time.Second, func() { _ = cmd.Process.Kill() })
			defer late.Stop()
			lines := bufio.NewScanner(out)
			if lines.Scan(); lines.Text() != "hangs" && lines.Text() != "waits" {
				t.Errorf("the process says %q", lines.Text())
			}
			if err := cmd.Process.Signal(test.signal); err != nil {
				t.Fatal(err)
			}
			for lines.Scan() { // to its end, before Wait closes the pipe
			}
			_ = cmd.Wait()
			if code := cmd.ProcessState.ExitCode(); code != test.code {
				t.Errorf("exit %d, want %d", code, test.code)
			}
		})
	}
}
