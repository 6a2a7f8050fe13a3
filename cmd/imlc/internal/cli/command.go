package cli

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"runtime/debug"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/alecthomas/kong"
	"golang.org/x/term"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/cmd/imlc/internal/files"
	"github.com/imlc-lang/imlc/cmd/imlc/internal/show"
	"github.com/imlc-lang/imlc/cmd/imlc/internal/vault"
	"github.com/imlc-lang/imlc/runtime/jshost"
	"github.com/imlc-lang/imlc/runtime/wire"
)

// command is imlc with everything that it touches. Tests replace what they like.
type command struct {
	In       io.Reader
	Out, Err *show.Stream
	// Env looks up an environment variable, "" when it is not set.
	Env func(string) string
	// ReadPassword reads a line of In without showing it, until the context ends; nil when In is no terminal.
	ReadPassword func(context.Context) (string, error)
	// Browse opens a URL for the user.
	Browse func(url string) error
	// Now is the clock, Entropy the source of keys and nonces.
	Now     func() time.Time
	Entropy io.Reader
	// Files is the file system, Keyring the keyring of the user, nil for none.
	Files   files.System
	Keyring vault.Keyring
	// Network reaches servers and waits for browsers.
	Network network
	// Scripts runs the scripts of specs; nil as long as no flag asks for it.
	Scripts scriptRunner
	// Context ends when the user interrupts.
	Context context.Context

	// written are the files of the spec that runs, as the user named them; a plan names them as seen from their folder.
	written []string

	lines lineReader
	// drain is how long the command may take to end once it is interrupted, in nanoseconds; 0 is the usual grace.
	drain atomic.Int64
}

// Main runs imlc with the arguments of the process and returns its exit code.
func Main() int {
	jshost.Worker()
	limitMemory(memoryLimit)
	return system().main(os.Args[1:])
}

// memoryLimit is what the garbage collector works harder to keep below, in bytes: what is made of the largest spec or
// answer that is read fits, and the garbage beside it must not double that.
const memoryLimit = 170 << 20

// limitMemory sets what the garbage collector keeps below, unless GOMEMLIMIT says otherwise.
func limitMemory(bytes int64) {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(bytes)
	}
}

// system returns the command on the process's own streams.
func system() *command {
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	c := &command{
		In: os.Stdin, Out: fileStream(os.Stdout, os.Getenv), Err: fileStream(os.Stderr, os.Getenv), Env: os.Getenv,
		Browse: openBrowser, Now: time.Now, Entropy: rand.Reader, Files: files.Disk{}, Keyring: systemKeyring(os.Getenv),
		Network: network{Transport: wire.NewTransport, Listen: net.Listen},
	}
	c.Context = watch(signals, func() time.Duration { return max(grace, time.Duration(c.drain.Load())) }, os.Exit)
	if term.IsTerminal(int(os.Stdin.Fd())) {
		c.ReadPassword = func(ctx context.Context) (string, error) { return readPassword(ctx, os.Stdin) }
	}
	return c
}

// main runs the command line and returns the exit code. It is the one place that recovers: a panic is a bug of imlc.
func (c *command) main(args []string) (code int) {
	defer func() {
		if p := recover(); p != nil {
			c.bugReport(p, debug.Stack())
			code = exitInternal
		}
	}()
	if len(args) == 0 {
		args = []string{"help"}
	}
	defer c.Out.Flush()
	err := c.located(c.run(args))
	if err != nil && !errors.Is(err, errReported) {
		c.Err.Error(err)
	}
	var why *interruption
	if err != nil && errors.As(context.Cause(c.Context), &why) {
		return why.code()
	}
	return exitCode(err)
}

func (c *command) bugReport(p any, stack []byte) {
	c.Err.Printf("imlc: internal error: %T\n\n", p)
	c.Err.Printf("This is a bug in imlc. Please report it with the text below and, if it is not confidential, the input.\n")
	c.Err.Printf("imlc %s, %s, %s/%s\n\n", imlc.Version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	if err, ok := p.(runtime.Error); ok {
		c.Err.Printf("%s\n", err.Error())
	}
	c.Err.Write(withoutArguments(stack))
}

// withoutArguments removes the argument words from a stack trace: they may point into secrets.
func withoutArguments(stack []byte) []byte {
	lines := bytes.Split(stack, []byte("\n"))
	for i, line := range lines {
		if len(line) > 0 && line[0] != '\t' {
			if open := bytes.LastIndexByte(line, '('); open > 0 && bytes.HasSuffix(line, []byte(")")) {
				lines[i] = append(bytes.Clone(line[:open]), "(…)"...)
			}
		}
	}
	return bytes.Join(lines, []byte("\n"))
}

// errHelpShown stops a command line after --help printed its text.
var errHelpShown = errors.New("help shown")

// parser returns the command line's grammar.
func (c *command) parser(cli *cli, more ...kong.Option) (*kong.Kong, error) {
	return kong.New(cli, append(more,
		kong.Name("imlc"), kong.Description("Compile connection specs, run them, and explain OAuth 1.0a signatures."),
		kong.NoDefaultHelp(), kong.Writers(c.Out, c.Err), kong.Exit(func(int) {}), kong.Bind(c),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: true}),
	)...)
}

func (c *command) run(args []string) error {
	if args[0] == completeWord {
		return c.complete(args[1:])
	}
	project, err := c.findProject()
	if err != nil {
		return err
	}
	var options []kong.Option
	if project != nil {
		options = append(options, kong.Resolvers(project))
	}
	var cli cli
	k, err := c.parser(&cli, options...)
	if err != nil {
		return err
	}
	ctx, err := k.Parse(args)
	if errors.Is(err, errHelpShown) {
		return nil
	}
	var parse *kong.ParseError
	if errors.As(err, &parse) {
		return usagef("%s%s", parse.Error(), usageHint(parse))
	}
	if err != nil {
		return usagef("%v", err)
	}
	return ctx.Run(c)
}

func usageHint(e *kong.ParseError) string {
	if e.Context != nil && e.Context.Command() != "" {
		if node := e.Context.Selected(); node != nil {
			return fmt.Sprintf("\nrun \"imlc help %s\" for its flags and examples", node.Name)
		}
	}
	return "\nrun \"imlc help\" for the list of commands"
}

// systemKeyring returns the keyring of the system if it can be asked without starting a service or waiting for one.
func systemKeyring(env func(string) string) vault.Keyring {
	switch {
	case env("IMLC_KEYRING") == "off":
		return nil
	case runtime.GOOS != "darwin" && runtime.GOOS != "windows" && env("DBUS_SESSION_BUS_ADDRESS") == "":
		return nil
	}
	return vault.SystemKeyring{}
}

func openBrowser(url string) error {
	switch runtime.GOOS {
	case "darwin":
		return exec.Command("open", url).Start()
	case "windows":
		return exec.Command("rundll32", "url.dll,FileProtocolHandler", url).Start()
	}
	return exec.Command("xdg-open", url).Start()
}
