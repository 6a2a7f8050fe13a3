package cli

import (
	"bufio"
	"context"
	"errors"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/imlc-lang/imlc/cmd/imlc/internal/show"
)

// fileStream returns a stream over a file of the process. It takes colour if it is a terminal, unless NO_COLOR is set
// (https://no-color.org) or TERM is dumb, and whatever it is if CLICOLOR_FORCE or FORCE_COLOR is set to something but 0
// (https://bixense.com/clicolors).
func fileStream(f *os.File, env func(string) string) *show.Stream {
	look := show.Look{Terminal: term.IsTerminal(int(f.Fd()))}
	forced := func(name string) bool { return env(name) != "" && env(name) != "0" }
	look.Color = env("NO_COLOR") == "" && (look.Terminal && env("TERM") != "dumb" || forced("CLICOLOR_FORCE") || forced("FORCE_COLOR"))
	if columns, _, err := term.GetSize(int(f.Fd())); err == nil {
		look.Columns = columns
	}
	return show.NewStream(f, look)
}

// readPassword reads a line of a terminal without showing it, until ctx ends.
func readPassword(ctx context.Context, f *os.File) (string, error) {
	before, err := term.GetState(int(f.Fd()))
	if err != nil {
		return "", err
	}
	return interruptible(ctx, func() (string, error) {
		b, err := term.ReadPassword(int(f.Fd()))
		return string(b), err
	}, func() { _ = term.Restore(int(f.Fd()), before) })
}

// errInterrupted says that the user broke a question off.
var errInterrupted = errors.New("interrupted")

// interruptible waits for read or for the end of ctx, whatever comes first; undo puts back what read may have changed.
func interruptible(ctx context.Context, read func() (string, error), undo func()) (string, error) {
	type answer struct {
		text string
		err  error
	}
	done := make(chan answer, 1)
	go func() {
		text, err := read()
		done <- answer{text, err}
	}()
	select {
	case a := <-done:
		return a.text, a.err
	case <-ctx.Done():
		undo()
		return "", errInterrupted
	}
}

// interactive reports whether a person can be asked.
func (c *command) interactive() bool {
	return c.ReadPassword != nil && c.Err.Look().Terminal
}

// lineReader reads lines of the standard input, sharing one buffer between all questions of a run.
type lineReader struct{ r *bufio.Reader }

func (c *command) readLine() (string, error) {
	if c.lines.r == nil {
		c.lines.r = bufio.NewReader(c.In)
	}
	line, err := interruptible(c.Context, func() (string, error) { return c.lines.r.ReadString('\n') }, func() {})
	if err != nil && line == "" {
		return "", err
	}
	return strings.TrimRight(line, "\r\n"), nil
}

// ask prints a question and reads a line.
func (c *command) ask(question string) (string, error) {
	c.Err.Printf("%s", question)
	return c.readLine()
}

// askSecret prints a question and reads a line without echo.
func (c *command) askSecret(question string) (string, error) {
	c.Err.Printf("%s", question)
	if c.ReadPassword == nil {
		return c.readLine()
	}
	s, err := c.ReadPassword(c.Context)
	c.Err.Printf("\n")
	return s, err
}
