package cli

import (
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/alecthomas/kong"
)

// helpCommand explains one topic.
type helpCommand struct {
	Topic []string `arg:"" optional:"" help:"A command, functions [NAME], errors [CODE], directives [NAME], oauth, exit, environment, or a diagnostic code."`
}

// Run implements the sub-command.
func (k *helpCommand) Run(c *command) error {
	var grammar cli
	app, err := c.parser(&grammar)
	if err != nil {
		return err
	}
	return c.help(app, strings.Join(k.Topic, " "))
}

// help prints a topic, "" the overview.
func (c *command) help(app *kong.Kong, topic string) error {
	word, rest, _ := strings.Cut(topic, " ")
	if topic == "" {
		c.overview(app)
		return nil
	}
	if node := findCommand(app.Model.Node, strings.Fields(topic)); node != nil {
		c.commandHelp(node)
		return nil
	}
	switch strings.ToLower(word) {
	case "functions", "function":
		if rest != "" {
			return c.helpFunction(rest)
		}
		c.functionList()
		return nil
	case "errors", "error", "codes", "diagnostics":
		if rest != "" {
			return c.helpCode(rest)
		}
		c.codeList()
		return nil
	case "directives", "directive":
		return c.helpDirective(rest)
	}
	if text, ok := topics[strings.ToLower(word)]; ok {
		io.WriteString(c.Out, text)
		return nil
	}
	if _, ok := findCode(word); ok {
		return c.helpCode(word)
	}
	if c.helpFunction(word) == nil {
		return nil
	}
	return usagef("nothing is known of %q\nrun \"imlc help\" for commands and topics", topic)
}

const overviewTopics = `
Topics (imlc help TOPIC):
  functions [NAME]    the functions of the language, each with a live example
  directives [NAME]   what a connection spec may say
  errors [CODE]       what a diagnostic means and what to do
  oauth               how OAuth 1.0a works, and how to find what is wrong
  environment         environment variables
  exit                exit codes

Start here:
  imlc demo                                       the whole flow in two seconds, no account needed
  imlc eval 'Hi {{upper("you")}}'                 one template
  imlc check SPEC                                 every problem of a spec
  imlc connect SPEC                               the real flow
`

func (c *command) overview(app *kong.Kong) {
	c.Out.Printf("imlc: compile connection specs, run them, and explain OAuth 1.0a signatures.\n\nCommands (imlc COMMAND --help):\n")
	for _, node := range commands(app.Model.Node) {
		c.Out.Printf("  %-13s %s\n", node.Name, node.Help)
	}
	io.WriteString(c.Out, overviewTopics)
}

// commands returns the direct sub-commands of a node.
func commands(node *kong.Node) []*kong.Node {
	var out []*kong.Node
	for _, child := range node.Children {
		if child.Type == kong.CommandNode {
			out = append(out, child)
		}
	}
	return out
}

func findCommand(node *kong.Node, path []string) *kong.Node {
	for _, name := range path {
		i := slices.IndexFunc(node.Children, func(n *kong.Node) bool { return n.Type == kong.CommandNode && n.Name == name })
		if i < 0 {
			return nil
		}
		node = node.Children[i]
	}
	return node
}

// commandPath returns the words that lead to a command.
func commandPath(node *kong.Node) string {
	if node.Parent == nil || node.Type == kong.ApplicationNode {
		return ""
	}
	return strings.TrimSpace(commandPath(node.Parent) + " " + node.Name)
}

// commandHelp prints usage, arguments, flags and examples of a command.
func (c *command) commandHelp(node *kong.Node) {
	path := commandPath(node)
	c.Out.Printf("%s\n\nUsage: imlc %s\n", node.Help, usageLine(node, path))
	if subs := commands(node); len(subs) > 0 {
		c.Out.Printf("\nCommands:\n")
		for _, sub := range subs {
			c.Out.Printf("  %-13s %s\n", sub.Name, sub.Help)
		}
	}
	if len(node.Positional) > 0 {
		c.Out.Printf("\nArguments:\n")
		for _, arg := range node.Positional {
			c.Out.Describe(strings.ToUpper(arg.Name), arg.Help)
		}
	}
	title := "Flags"
	if usual := node.DefaultCmd; usual != nil {
		node, title = usual, fmt.Sprintf("Flags of %s, the command when none is named", usual.Name)
	}
	if flags := ownFlags(node); len(flags) > 0 {
		c.Out.Printf("\n%s:\n", title)
		for _, flag := range flags {
			c.Out.Describe(flagUsage(flag), flagHelp(flag))
		}
	}
	if text := examples[path]; text != "" {
		c.Out.Printf("\nExamples:\n%s", text)
	}
}

func usageLine(node *kong.Node, path string) string {
	var args []string
	for _, arg := range node.Positional {
		s := strings.ToUpper(arg.Name)
		if arg.IsCumulative() {
			s += "…"
		}
		if !arg.Required {
			s = "[" + s + "]"
		}
		args = append(args, s)
	}
	switch {
	case node.DefaultCmd != nil:
		args = append(args, "[COMMAND]")
	case len(commands(node)) > 0:
		args = append(args, "COMMAND")
	}
	return strings.TrimSpace(path + " " + strings.Join(append(args, "[flags]"), " "))
}

// ownFlags returns the visible flags of a command, those of its parents left out.
func ownFlags(node *kong.Node) []*kong.Flag {
	var out []*kong.Flag
	for _, flag := range node.Flags {
		if !flag.Hidden {
			out = append(out, flag)
		}
	}
	return out
}

func flagUsage(flag *kong.Flag) string {
	s := "--" + flag.Name
	if flag.Short != 0 {
		s = fmt.Sprintf("-%c, %s", flag.Short, s)
	}
	switch {
	case flag.IsBool():
		return s
	case flag.Enum != "" && flag.PlaceHolder == "":
		return s + "=" + strings.ReplaceAll(flag.Enum, ",", "|")
	case flag.PlaceHolder != "":
		return s + "=" + flag.PlaceHolder
	case flag.Target.Type() == reflect.TypeFor[time.Duration]():
		return s + "=DURATION"
	case flag.Target.Kind() == reflect.Int:
		return s + "=N"
	}
	return s + "=" + strings.ToUpper(flag.Name)
}

func flagHelp(flag *kong.Flag) string {
	if flag.HasDefault && flag.Default != "" && !flag.IsBool() {
		return flag.Help + " Default: " + flag.Default + "."
	}
	return flag.Help
}
