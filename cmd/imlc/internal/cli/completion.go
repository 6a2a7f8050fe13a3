package cli

import (
	"embed"
	"fmt"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/imlc-lang/imlc/internal/reference"
	"github.com/imlc-lang/imlc/vm/builtin/iml"
)

//go:embed completion
var completionScripts embed.FS

// completionCommand prints what a shell needs to complete imlc's words.
type completionCommand struct {
	Shell string `arg:"" help:"bash, zsh, fish or powershell." enum:"bash,zsh,fish,powershell"`
}

// Run implements the sub-command.
func (k *completionCommand) Run(c *command) error {
	script, err := completionScripts.ReadFile("completion/" + k.Shell)
	if err != nil {
		return err
	}
	_, err = c.Out.Write(script)
	return err
}

// completeWord is the word by which the scripts ask for candidates: imlc __complete WORD… LAST. It is no sub-command, so that
// nothing lists it and no word is taken for a flag of its own.
const completeWord = "__complete"

// candidate is what the last word may become.
type candidate struct{ text, help string }

// complete prints the candidates for the last word, one a line, each with a tab and what it does. None are printed where a file
// or a free text is expected: the shell then offers files.
func (c *command) complete(words []string) error {
	var grammar cli
	app, err := c.parser(&grammar)
	if err != nil {
		return err
	}
	for _, x := range candidates(app.Model.Node, words) {
		fmt.Fprintf(c.Out, "%s\t%s\n", x.text, x.help)
	}
	return nil
}

// candidates returns what the last of the words after "imlc" may become.
func candidates(root *kong.Node, words []string) []candidate {
	if len(words) == 0 {
		words = []string{""}
	}
	last := strings.Trim(words[len(words)-1], `"`) // PowerShell writes an empty word as ""
	at := place{node: root}
	for _, word := range words[:len(words)-1] {
		at.pass(word)
	}
	var out []candidate
	switch {
	case at.flag != nil:
		last = strings.TrimPrefix(last, "=") // bash gives --format=js as three words, --format= as two
		out = values(at.flag.Value, "")
	case at.plain:
	case strings.HasPrefix(last, "--") && strings.Contains(last, "="):
		name, _, _ := strings.Cut(last, "=")
		if flag := at.find(name); flag != nil {
			out = values(flag.Value, name+"=")
		}
	case strings.HasPrefix(last, "-"):
		out = at.flags()
	default:
		if at.arguments == 0 {
			for _, sub := range commands(at.node) {
				out = append(out, candidate{sub.Name, sub.Help})
			}
		}
		switch arg := at.argument(); {
		case arg == nil:
		case arg.Name == "topic":
			out = append(out, helpTopics(root)...)
		default:
			out = append(out, values(arg, "")...)
		}
	}
	out = slices.DeleteFunc(out, func(x candidate) bool { return !strings.HasPrefix(x.text, last) })
	slices.SortFunc(out, func(a, b candidate) int { return strings.Compare(a.text, b.text) })
	return out
}

// place is where on the command line the next word stands.
type place struct {
	node *kong.Node
	// flag waits for its value, nil when none does.
	flag *kong.Flag
	// arguments counts those that were passed.
	arguments int
	// plain is set behind "--".
	plain bool
}

// pass moves on over a word.
func (p *place) pass(word string) {
	switch {
	case p.flag != nil:
		if word != "=" {
			p.flag = nil
		}
	case !p.plain && word == "--":
		p.plain = true
	case !p.plain && len(word) > 1 && word[0] == '-':
		if flag := p.find(word); flag != nil && !flag.IsBool() {
			p.flag = flag
		}
	default:
		if sub := findCommand(p.node, []string{word}); sub != nil && p.arguments == 0 {
			p.node = sub
			return
		}
		p.arguments++
	}
}

// find returns the flag that a word such as --format or -o names, nil for none and for one that brings its value along.
func (p *place) find(word string) *kong.Flag {
	for node := p.node; node != nil; node = node.Parent {
		for _, flag := range node.Flags {
			if word == "--"+flag.Name || flag.Short != 0 && word == "-"+string(flag.Short) {
				return flag
			}
		}
	}
	return nil
}

// flags returns the flags of the command and of those above it.
func (p *place) flags() []candidate {
	var out []candidate
	for node := p.node; node != nil; node = node.Parent {
		for _, flag := range ownFlags(node) {
			out = append(out, candidate{"--" + flag.Name, flag.Help})
		}
	}
	return out
}

// argument returns the argument that comes next, nil for none.
func (p *place) argument() *kong.Value {
	list := p.node.Positional
	switch {
	case len(list) == 0:
		return nil
	case p.arguments < len(list):
		return list[p.arguments]
	case list[len(list)-1].IsCumulative():
		return list[len(list)-1]
	}
	return nil
}

// values returns the words that a flag or argument may be, behind a prefix; none when any word will do.
func values(v *kong.Value, prefix string) []candidate {
	words := strings.Split(v.Enum, ",")
	if v.Name == "dialect" || v.Name == "to" {
		words = dialectNames()
	}
	var out []candidate
	for _, word := range words {
		if word != "" {
			out = append(out, candidate{prefix + word, ""})
		}
	}
	return out
}

// helpTopics returns what imlc help explains: commands, topics, codes and functions.
func helpTopics(root *kong.Node) []candidate {
	out := []candidate{{"functions", "the functions of the language"}, {"directives", "what a connection spec may say"}, {"errors", "what a diagnostic means"}}
	for _, sub := range commands(root) {
		out = append(out, candidate{sub.Name, sub.Help})
	}
	for name := range topics {
		out = append(out, candidate{name, ""})
	}
	for _, e := range reference.Codes() {
		out = append(out, candidate{e.Code, e.Meaning})
	}
	for _, f := range iml.Library().All(true) {
		out = append(out, candidate{f.Name, f.Doc})
	}
	return out
}
