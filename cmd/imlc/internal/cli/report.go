package cli

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/internal/source"
	"github.com/imlc-lang/imlc/vm"
)

// showProblems renders the diagnostics that are at least as bad as worst on Err.
func (c *command) showProblems(list *diag.List, mildest diag.Severity) {
	shown := &diag.List{}
	for _, d := range list.Items {
		if d.Severity <= mildest {
			shown.Add(d)
		}
	}
	c.render(c.Err, shown)
}

// printError shows an error that ended a command.
func (c *command) printError(err error) {
	var run *vm.Error
	if errors.As(err, &run) {
		c.printRunError(run)
		return
	}
	fmt.Fprintf(c.Err, "%s %s\n", c.paint(c.Err, styleRed+";"+styleBold, "error:"), indentRest(err.Error()))
}

func indentRest(s string) string { return strings.ReplaceAll(strings.TrimSpace(s), "\n", "\n  ") }

// placed returns a list with one error at a 1-based line and column, in code points, of a text.
func placed(file *source.File, line, column int, code, message, help string) *diag.List {
	offset := len(file.Text)
	if line < 1 {
		line, column = 1, 1
	}
	start, rest := 0, file.Text
	for n := 1; n < line; n++ {
		i := strings.IndexByte(rest, '\n')
		if i < 0 {
			break
		}
		start, rest = start+i+1, rest[i+1:]
	}
	n := 1
	for i := range rest {
		if n == column {
			offset = start + i
			break
		}
		n++
	}
	list := &diag.List{}
	d := list.Errorf(code, source.Span{File: file, Start: offset, End: offset}, "%s", message)
	d.Help = help
	return list
}

// render writes diagnostics for people: position, message, source line and caret.
func (c *command) render(w io.Writer, list *diag.List) {
	var out strings.Builder
	_ = diag.Render(&out, list.Items, diag.Options{Color: c.colour(w), Width: c.Terminal.Width(w)})
	io.WriteString(w, strings.TrimSuffix(out.String(), diag.Summary(list.Items)+"\n"))
}
