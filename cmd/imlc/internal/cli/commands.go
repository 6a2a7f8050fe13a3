package cli

import (
	"slices"

	"github.com/alecthomas/kong"
)

// cli is the grammar of the command line: one field per sub-command.
type cli struct {
	Help    helpFlag    `name:"help" short:"h" help:"Show help and exit."`
	Version versionFlag `name:"version" help:"Print versions and exit."`
	Color   colorFlag   `name:"color" enum:"auto,always,never" default:"auto" help:"Colour: auto, always or never."`

	Check       checkCommand       `cmd:"" help:"Report every problem of specs, with positions."`
	Compile     compileCommand     `cmd:"" help:"Compile a spec to a plan file."`
	Convert     convertCommand     `cmd:"" help:"Write a spec in another dialect, and tell what is lost."`
	Disasm      disasmCommand      `cmd:"" help:"List a plan readably."`
	Run         runCommand         `cmd:"" help:"Run a plan without questions and print JSON."`
	Bench       benchCommand       `cmd:"" help:"Measure how long a spec takes, and where."`
	Eval        evalCommand        `cmd:"" help:"Evaluate a template, or open an interactive loop."`
	Connect     connectCommand     `cmd:"" help:"Make a connection: ask, authorise, store."`
	Call        callCommand        `cmd:"" help:"Send a signed request with a stored connection."`
	Explain     explainCommand     `cmd:"" help:"Show how a signature comes about, and why another differs."`
	Sign        signCommand        `cmd:"" help:"Print a signed request."`
	Serve       serveCommand       `cmd:"" help:"Serve the broker: connect users, keep connections, sign requests."`
	Provider    providerCommand    `cmd:"" help:"Serve an OAuth 1.0a provider on loopback."`
	Demo        demoCommand        `cmd:"" help:"Show the whole flow against the built-in provider."`
	Test        testCommand        `cmd:"" help:"Run the flow cases beside a spec."`
	Conformance conformanceCommand `cmd:"" help:"Run, serve or list conformance cases."`
	HelpTopic   helpCommand        `cmd:"" name:"help" help:"Explain a command, function, diagnostic or topic."`
	Schema      schemaCommand      `cmd:"" help:"Print the JSON Schema of a document, for editors."`
	Versions    versionCommand     `cmd:"" name:"version" help:"Print versions."`
	Completion  completionCommand  `cmd:"" help:"Print the completion script of a shell."`
	Man         manCommand         `cmd:"" help:"Print the manual page."`
}

// versionFlag prints versions, whatever follows.
type versionFlag bool

// BeforeReset is called by kong when the flag is given.
func (versionFlag) BeforeReset(c *command) error {
	if err := (&versionCommand{Format: "text"}).Run(c); err != nil {
		return err
	}
	return errHelpShown
}

// colorFlag says whether both streams take colour.
type colorFlag string

// AfterApply is called by kong when the command line is read.
func (f colorFlag) AfterApply(c *command) error {
	if f != "auto" {
		c.Out.SetColor(f == "always")
		c.Err.SetColor(f == "always")
	}
	return nil
}

// helpFlag shows the help of the command that it follows.
type helpFlag bool

// BeforeReset is called by kong when the flag is given.
func (helpFlag) BeforeReset(ctx *kong.Context, c *command) error {
	name := ""
	if node := ctx.Selected(); node != nil {
		if node.Parent.DefaultCmd == node && !slices.Contains(ctx.Args, node.Name) {
			node = node.Parent // it was not named: there are others to know of
		}
		name = commandPath(node)
	}
	if err := c.help(ctx.Kong, name); err != nil {
		return err
	}
	return errHelpShown
}
