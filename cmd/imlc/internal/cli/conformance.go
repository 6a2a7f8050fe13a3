package cli

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/imlc-lang/imlc/cmd/imlc/internal/paste"
	"github.com/imlc-lang/imlc/cmd/imlc/internal/show"
	"github.com/imlc-lang/imlc/conformance"
)

// conformanceCommand judges engines by cases.
type conformanceCommand struct {
	Run   conformanceRunCommand   `cmd:"" help:"Run vectors and flow cases."`
	Serve conformanceServeCommand `cmd:"" help:"Answer the cases of another runner on standard input and output."`
	List  conformanceListCommand  `cmd:"" help:"List cases without running them."`
}

// conformanceRunCommand runs cases.
type conformanceRunCommand struct {
	Paths   []string      `arg:"" name:"path" help:"Files with cases (.jsonl, .json, .yaml), or folders."`
	Engine  string        `help:"Judge this program instead; it speaks the JSON-lines protocol of docs/conformance.md." placeholder:"CMD"`
	Format  string        `help:"Report as text, json, junit, tap or html." enum:"text,json,junit,tap,html" default:"text"`
	Match   string        `help:"Run only cases whose id contains this text." placeholder:"TEXT"`
	Workers int           `help:"Cases run at a time; by default one per processor." placeholder:"N"`
	Timeout time.Duration `help:"Time for one case on one engine." default:"30s"`
}

// Run implements the sub-command.
func (k *conformanceRunCommand) Run(c *command) error {
	o := conformance.Options{Workers: k.Workers, Timeout: k.Timeout}
	if k.Match != "" {
		o.Match = func(x *conformance.Case) bool { return strings.Contains(x.ID, k.Match) }
	}
	if k.Engine != "" {
		engine, stop, err := c.startEngine(k.Engine)
		if err != nil {
			return err
		}
		defer stop()
		o.Engines = []conformance.Engine{engine}
	}
	if err := c.checkPaths(k.Paths); err != nil {
		return err
	}
	report, err := conformance.Run(c.Context, k.Paths, o)
	if err != nil {
		return usagef("%v", err)
	}
	return c.writeReport(report, k.Format)
}

func (c *command) checkPaths(paths []string) error {
	for _, path := range paths {
		if _, err := c.Files.Stat(path); err != nil {
			return err
		}
	}
	return nil
}

func (c *command) writeReport(report *conformance.Report, format string) error {
	write := report.WriteText
	switch format {
	case "json":
		write = report.WriteJSON
	case "junit":
		write = report.WriteJUnit
	case "tap":
		write = report.WriteTAP
	case "html":
		write = report.WriteHTML
	}
	if err := write(c.Out); err != nil {
		return err
	}
	if !report.OK() {
		return errReported
	}
	return nil
}

// startEngine starts a program that speaks the protocol. The words are split as a shell would, but no shell runs.
func (c *command) startEngine(line string) (conformance.Engine, func(), error) {
	none := conformance.Engine{}
	words, err := paste.Words(line)
	if err != nil || len(words) == 0 {
		return none, nil, usagef("--engine: expected a command")
	}
	cmd := exec.CommandContext(c.Context, words[0], words[1:]...)
	cmd.Stderr = c.Err
	in, err := cmd.StdinPipe()
	if err != nil {
		return none, nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return none, nil, err
	}
	if err := cmd.Start(); err != nil {
		return none, nil, usagef("--engine: %v", err)
	}
	stop := func() {
		_ = in.Close()
		done := time.AfterFunc(5*time.Second, func() { _ = cmd.Process.Kill() })
		_ = cmd.Wait()
		done.Stop()
	}
	return conformance.NewClient(out, in).Engine(filepath.Base(words[0])), stop, nil
}

// conformanceServeCommand is our own side of the protocol.
type conformanceServeCommand struct{}

// Run implements the sub-command.
func (k *conformanceServeCommand) Run(c *command) error {
	return conformance.Serve(c.Context, c.In, c.Out, conformance.BuiltIn()[0])
}

// conformanceListCommand lists cases.
type conformanceListCommand struct {
	Paths []string `arg:"" name:"path" help:"Files with cases, or folders."`
}

// Run implements the sub-command.
func (k *conformanceListCommand) Run(c *command) error {
	if err := c.checkPaths(k.Paths); err != nil {
		return err
	}
	cases, err := conformance.Load(k.Paths)
	if err != nil {
		return usagef("%v", err)
	}
	counts := map[string]int{}
	for _, x := range cases {
		counts[x.Kind()]++
		place := filepath.ToSlash(x.File)
		if x.Line > 0 {
			place = fmt.Sprintf("%s:%d", place, x.Line)
		}
		c.Out.Printf("%-11s %s  %s\n", x.Kind(), x.ID, c.Out.Paint(show.Dim, place))
	}
	c.countKinds(counts, len(cases))
	return nil
}

func (c *command) countKinds(counts map[string]int, total int) {
	var parts []string
	for _, kind := range []string{"expression", "signing", "flow", "formula", "unreadable"} {
		if n := counts[kind]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, kind))
		}
	}
	c.Out.Printf("%s: %s\n", counted(total, "case"), strings.Join(parts, ", "))
}

// testCommand runs the flow cases of a spec's author.
type testCommand struct {
	watchFlag
	Paths   []string `arg:"" optional:"" name:"dir" help:"Folders or files with flow cases; the current folder by default."`
	Format  string   `help:"Report as text, json, junit, tap or html." enum:"text,json,junit,tap,html" default:"text"`
	Match   string   `help:"Run only cases whose id contains this text." placeholder:"TEXT"`
	Verbose bool     `short:"v" help:"Name the cases that passed too."`
	scriptFlags
}

// Run implements the sub-command.
func (k *testCommand) Run(c *command) error {
	paths := k.Paths
	if len(paths) == 0 {
		paths = []string{"."}
	}
	return k.watched(c, paths, func() error { return k.test(c, paths) })
}

func (k *testCommand) test(c *command, paths []string) error {
	if err := c.checkPaths(paths); err != nil {
		return err
	}
	o := conformance.Options{Engines: conformance.BuiltIn()[:1], Match: func(x *conformance.Case) bool {
		return (x.Kind() == "flow" || x.Kind() == "unreadable") && strings.Contains(x.ID, k.Match)
	}}
	switch {
	case bool(k.JSProcess):
		o.Flags = []string{"--js-process"}
	case bool(k.EnableJS):
		o.Flags = []string{"--enable-js"}
	}
	report, err := conformance.Run(c.Context, paths, o)
	if err != nil {
		return usagef("%v", err)
	}
	if len(report.Results) == 0 {
		return usagef("no flow cases found in %s; see docs/conformance.md for their format", strings.Join(paths, ", "))
	}
	if k.Verbose && k.Format == "text" {
		k.passed(c, report)
	}
	return c.writeReport(report, k.Format)
}

func (k *testCommand) passed(c *command, report *conformance.Report) {
	for _, r := range report.Results {
		if len(r.Failures) == 0 {
			c.Out.Printf("%s %s (%d ms)\n", c.Out.Paint(show.Green, "ok"), r.ID, r.Elapsed.Milliseconds())
		}
	}
}
