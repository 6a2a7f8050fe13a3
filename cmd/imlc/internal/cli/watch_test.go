package cli

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestWatchFlag runs again when a file changes or appears below a path, and ends with the user's interrupt.
func TestWatchFlag(t *testing.T) {
	x := newTest(t, "")
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	x.Context = ctx
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("a.json", "{}")
	runs, done := make(chan bool, 8), make(chan error)
	failed := errors.New("the last run failed")
	go func() {
		done <- watchFlag{Watch: true}.watched(x.command, []string{dir}, func() error {
			runs <- true
			return failed
		})
	}()
	await := func(what string) {
		t.Helper()
		select {
		case <-runs:
		case <-time.After(20 * time.Second):
			t.Fatalf("no run after %s", what)
		}
	}
	await("the start")
	write("a.json", `{"changed": true}`)
	await("a change")
	write("b.json", "{}")
	await("a new file")
	stop()
	if err := <-done; !errors.Is(err, failed) {
		t.Errorf("ended with %v", err)
	}
	if err := (watchFlag{}).watched(x.command, []string{dir}, func() error { return nil }); err != nil {
		t.Errorf("without --watch: %v", err)
	}
}
