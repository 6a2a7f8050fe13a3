package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// terminal says what the streams are connected to.
type terminal interface {
	// IsTerminal reports whether a stream is a terminal.
	IsTerminal(stream any) bool
	// ReadPassword reads a line without showing it, until ctx ends.
	ReadPassword(ctx context.Context, in io.Reader) (string, error)
	// Width is the number of columns of a stream, 0 when it is not known.
	Width(stream any) int
}

// processTerminal is the terminal of the process.
type processTerminal struct{}

func (processTerminal) IsTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

func (processTerminal) ReadPassword(ctx context.Context, in io.Reader) (string, error) {
	f, ok := in.(*os.File)
	if !ok {
		return "", errors.New("standard input is no terminal")
	}
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

func (processTerminal) Width(stream any) int {
	f, ok := stream.(*os.File)
	if !ok {
		return 0
	}
	w, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0
	}
	return w
}

// interactive reports whether a person can be asked.
func (c *command) interactive() bool {
	return c.Terminal.IsTerminal(c.In) && c.Terminal.IsTerminal(c.Err)
}

// colour reports whether a stream takes colour: a terminal, unless NO_COLOR is set (https://no-color.org) or TERM is dumb.
func (c *command) colour(stream any) bool {
	return c.Terminal.IsTerminal(stream) && c.Env("NO_COLOR") == "" && c.Env("TERM") != "dumb"
}

// The styles of output, as SGR parameters (ECMA-48 §8.3.117).
const (
	styleBold   = "1"
	styleDim    = "2"
	styleRed    = "31"
	styleGreen  = "32"
	styleYellow = "33"
	styleCyan   = "36"
)

// paint returns text in a style if the stream takes colour.
func (c *command) paint(stream any, style, text string) string {
	if !c.colour(stream) || text == "" {
		return text
	}
	return "\x1b[" + style + "m" + text + "\x1b[0m"
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
	fmt.Fprint(c.Err, question)
	return c.readLine()
}

// askSecret prints a question and reads a line without echo.
func (c *command) askSecret(question string) (string, error) {
	fmt.Fprint(c.Err, question)
	if !c.Terminal.IsTerminal(c.In) {
		return c.readLine()
	}
	s, err := c.Terminal.ReadPassword(c.Context, c.In)
	fmt.Fprintln(c.Err)
	return s, err
}
