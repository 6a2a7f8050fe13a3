package cli

import (
	"bytes"
	"context"
	"errors"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/peterh/liner"

	"github.com/imlc-lang/imlc/cmd/imlc/internal/show"
	"github.com/imlc-lang/imlc/grammar"
	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/internal/source"
	"github.com/imlc-lang/imlc/parser/template"
	"github.com/imlc-lang/imlc/vm"
	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// loop is the interactive loop of eval.
type loop struct {
	c       *command
	eval    *evalCommand
	context *value.Object
	// functions are those of --functions.
	functions []*builtin.Function
}

const loopHelp = `A line is an expression such as upper(name), or a template such as Hi {{name}}. Further:
  :type EXPR      the type of the result
  :ast EXPR       the syntax tree
  :code EXPR      the compiled instructions
  :data FILE      read the names that expressions see
  :set NAME EXPR  define a name
  :names          the names that are defined
  :help [NAME]    a function, or this text
  :quit           leave (also ctrl-D)
`

// repl reads lines until the input ends. On a terminal it has history and completion.
func (c *command) repl(k *evalCommand, context *value.Object) error {
	functions, err := c.readFunctions(k.Functions)
	if err != nil {
		return err
	}
	l := &loop{c: c, eval: k, context: context.Clone(), functions: functions}
	if c.ReadPassword != nil && c.Out.Look().Terminal && liner.TerminalSupported() {
		return l.edit()
	}
	for {
		line, err := c.readLine()
		if err != nil {
			return nil
		}
		if l.line(line) {
			return nil
		}
	}
}

// edit runs the loop on a terminal.
func (l *loop) edit() error {
	l.c.Out.Printf("IML. :help shows what can be typed, tab completes, ctrl-D leaves.\n")
	state := liner.NewLiner()
	defer state.Close()
	state.SetCtrlCAborts(true)
	stop := context.AfterFunc(l.c.Context, func() { state.Close() }) // a signal must not leave the terminal raw
	defer stop()
	state.SetWordCompleter(l.complete)
	history := historyFile(l.c.Env)
	if text, err := l.c.Files.Read(l.c.Context, history, maxInput); err == nil {
		_, _ = state.ReadHistory(bytes.NewReader(text))
	}
	defer l.saveHistory(state, history)
	for {
		line, err := state.Prompt("iml> ")
		switch {
		case errors.Is(err, liner.ErrPromptAborted):
			continue
		case errors.Is(err, io.EOF):
			l.c.Out.Printf("\n")
			return nil
		case err != nil:
			return err
		}
		if strings.TrimSpace(line) != "" {
			state.AppendHistory(line)
		}
		if l.line(line) {
			return nil
		}
	}
}

// historyFile is where lines are kept (XDG base directories); "" keeps none.
func historyFile(env func(string) string) string {
	dir := env("XDG_STATE_HOME")
	if dir == "" && env("HOME") != "" {
		dir = filepath.Join(env("HOME"), ".local", "state")
	}
	if dir == "" {
		return ""
	}
	return filepath.Join(dir, "imlc", "history")
}

// saveHistory keeps the history readable for the user alone. A history that cannot be kept is no reason to fail.
func (l *loop) saveHistory(state *liner.State, name string) {
	if name == "" || l.c.Files.MkdirPrivate(filepath.Dir(name)) != nil {
		return
	}
	var text bytes.Buffer
	if _, err := state.WriteHistory(&text); err == nil {
		_ = l.c.Files.WritePrivate(name, text.Bytes())
	}
}

// line runs one line and reports whether it was the last one. Errors are shown and do not end the loop.
func (l *loop) line(line string) (quit bool) {
	line = strings.TrimSpace(line)
	word, rest, _ := strings.Cut(line, " ")
	rest = strings.TrimSpace(rest)
	switch {
	case line == "":
	case word == ":quit":
		return true
	case strings.HasPrefix(word, ":"):
		if err := l.command(word, rest); err != nil && !errors.Is(err, errReported) {
			l.c.Err.Error(err)
		}
	default:
		if v, err := l.run(line); err == nil {
			l.c.Out.Printf("%s\n", show.Literal(v))
		} else if !errors.Is(err, errReported) {
			l.c.Err.Error(err)
		}
	}
	return false
}

func (l *loop) command(word, rest string) error {
	switch word {
	case ":help":
		if rest == "" {
			l.c.Out.Printf("%s", loopHelp)
			return nil
		}
		return l.c.helpFunction(rest)
	case ":names":
		for _, name := range l.context.Keys() {
			l.c.Out.Printf("%s\n", name)
		}
		return nil
	case ":data":
		o, err := l.c.readObject(rest)
		if err == nil {
			l.context = o.Clone()
		}
		return err
	case ":set":
		return l.set(rest)
	}
	if rest == "" && slices.Contains(loopCommands, word) {
		return usagef("%s needs an expression; :help shows what can be typed", word)
	}
	switch word {
	case ":type":
		v, err := l.run(rest)
		if err == nil {
			l.c.Out.Printf("%s\n", v.Kind())
		}
		return err
	case ":ast":
		return l.tree(rest)
	case ":code":
		p, err := l.c.compileTemplate(asTemplate(rest), false, l.eval.options(l.context))
		if err != nil {
			return err
		}
		return plan.Disassemble(l.c.Out, p, plan.DisassembleOptions{})
	}
	return usagef("%s is not known; :help shows what can be typed", word)
}

func (l *loop) set(rest string) error {
	name, text, ok := strings.Cut(rest, " ")
	if !ok || !grammar.IsName(name) {
		return usagef(":set needs a name and an expression, as in :set x 1 + 2")
	}
	v, err := l.run(strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(text), "=")))
	if err != nil {
		return err
	}
	l.context.Set(name, v)
	return nil
}

// asTemplate returns the template for a line: itself when it has a hole, else the expression in one.
func asTemplate(line string) string {
	if strings.Contains(line, "{{") || strings.Contains(line, "<<") {
		return line
	}
	return "{{" + line + "}}"
}

func (l *loop) run(line string) (value.Value, error) {
	env, err := l.eval.env(l.c, l.context)
	if err != nil {
		return value.Undefined, err
	}
	limits := vm.DefaultLimits()
	env.Limits = &limits
	o := l.eval.options(l.context)
	o.Functions = l.functions
	text := asTemplate(line)
	p, err := l.c.compileTemplate(text, false, o)
	if err != nil {
		return value.Undefined, err
	}
	l.c.unset(p, l.context, l.context.Keys())
	return l.c.runTemplate(p, text, false, o, env)
}

// tree prints the syntax tree of a line.
func (l *loop) tree(line string) error {
	text := asTemplate(line)
	t, problems := template.Parse(text, source.Identity(source.NewFile(templateName, text), 0), template.Options{DisableAngle: l.eval.DisableAngle})
	list := &diag.List{Items: problems}
	l.c.Err.Diagnostics(list)
	if list.HasErrors() {
		return errReported
	}
	l.c.Out.SyntaxTree(t)
	return nil
}
