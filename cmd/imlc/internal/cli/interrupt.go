package cli

import (
	"context"
	"os"
	"syscall"
	"time"
)

// grace is how long an interrupted command may take to end by itself; servers take longer.
const grace = time.Second

// interruption is why a context ended: a signal came.
type interruption struct{ signal os.Signal }

// Error implements error.
func (*interruption) Error() string { return "interrupted" }

// code is the exit code by which shells tell an interrupted command.
func (i *interruption) code() int {
	if n, ok := i.signal.(syscall.Signal); ok {
		return 128 + int(n)
	}
	return exitFailed
}

// watch returns a context that the first signal ends. A second one ends the process with exit, and so does the end of
// the grace: a command that does not look at its context ends all the same.
func watch(signals <-chan os.Signal, grace func() time.Duration, exit func(code int)) context.Context {
	ctx, cancel := context.WithCancelCause(context.Background())
	go func() {
		first := &interruption{<-signals}
		cancel(first)
		select {
		case <-signals:
		case <-time.After(grace()):
		}
		exit(first.code())
	}()
	return ctx
}
