package cli

import (
	"fmt"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/imlc-lang/imlc"
)

// manCommand prints the manual page.
type manCommand struct{}

// Run implements the sub-command.
func (k *manCommand) Run(c *command) error {
	var grammar cli
	app, err := c.parser(&grammar)
	if err != nil {
		return err
	}
	_, err = c.Out.Write([]byte(manual(app.Model)))
	return err
}

// manual is the manual page in the man macros of roff (man(7)). It is made of what imlc help shows, and has no date, so
// that the same program prints the same page.
func manual(app *kong.Application) string {
	m := &manPage{}
	m.line(`.TH IMLC 1 "" "imlc %s" "User Commands"`, quoteRoff(imlc.Version()))
	m.section("NAME", "imlc - compile connection specs, run them, and explain OAuth 1.0a signatures")
	m.line(".SH SYNOPSIS")
	m.line(`.B imlc`)
	m.line(`\fICOMMAND\fR [\fIflags\fR]`)
	m.section("DESCRIPTION", "imlc reads specs of connections to services, checks them, compiles them to plans, and runs plans: it authorises with "+
		"OAuth 1.0a, stores the connection encrypted, and signs requests with it. Secrets are read from prompts, files and the environment, and masked in all output.")
	m.line(".SH OPTIONS")
	m.flags(app.Node)
	m.line(".SH COMMANDS")
	m.commands(app.Node)
	m.section("EXIT STATUS", "")
	m.verbatim(topicExit)
	m.section("ENVIRONMENT", "")
	m.verbatim(topicEnvironment)
	m.section("SEE ALSO", "imlc help TOPIC explains functions, directives, errors and OAuth 1.0a.")
	return m.b.String()
}

// manPage is a page as it grows.
type manPage struct{ b strings.Builder }

func (m *manPage) line(format string, args ...any) { fmt.Fprintf(&m.b, format+"\n", args...) }

func (m *manPage) section(title, text string) {
	m.line(".SH %s", title)
	if text != "" {
		m.line("%s", roff(text))
	}
}

// verbatim writes a text whose lines and columns stay as they are, without its first line, which is a title.
func (m *manPage) verbatim(text string) {
	_, text, _ = strings.Cut(text, "\n")
	m.example(strings.Trim(text, "\n"))
}

func (m *manPage) example(text string) {
	m.line(".nf\n%s\n.fi", roff(text))
}

// commands writes the commands that run something, with arguments, flags and examples.
func (m *manPage) commands(node *kong.Node) {
	for _, sub := range commands(node) {
		if len(commands(sub)) > 0 {
			m.commands(sub)
			continue
		}
		path := commandPath(sub)
		m.line(`.SS "imlc %s"`, quoteRoff(usageLine(sub, path)))
		m.line("%s", roff(sub.Help))
		for _, arg := range sub.Positional {
			m.term(strings.ToUpper(arg.Name), arg.Help)
		}
		m.flags(sub)
		if text := examples[path]; text != "" {
			m.line(".PP\nExamples:")
			m.example(strings.TrimRight(text, "\n"))
		}
	}
}

func (m *manPage) flags(node *kong.Node) {
	for _, flag := range ownFlags(node) {
		m.term(flagUsage(flag), flagHelp(flag))
	}
}

func (m *manPage) term(name, text string) {
	m.line(".TP\n.B %s\n%s", roff(name), roff(text))
}

// roff writes a text so that the typesetter takes nothing in it for an instruction: neither backslashes nor a dot or
// quote at the begin of a line, and hyphens and accents stay what is typed.
func roff(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`, "^", `\(ha`, "~", `\(ti`, "`", `\(ga`, "'", `\(aq`).Replace(text)
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, ".") {
			lines[i] = `\&` + line
		}
	}
	return strings.Join(lines, "\n")
}

// quoteRoff is roff for an argument in double quotes.
func quoteRoff(text string) string { return strings.ReplaceAll(roff(text), `"`, `\(dq`) }
