package cli

import (
	"fmt"
	"strings"

	"github.com/imlc-lang/imlc/runtime/oauth1/explain"
)

// explainCommand shows how a signature comes about.
type explainCommand struct {
	signingFlags
	Against           string `help:"Compare with this Authorization header of somebody else, - to read it from standard input." placeholder:"'OAuth …'"`
	AgainstBaseString string `help:"Compare with this base string, - to read it from standard input." placeholder:"TEXT"`
}

// Run implements the sub-command. It fails when the request cannot be signed or differs from what it is compared with.
func (k *explainCommand) Run(c *command) error {
	s, err := k.read(c)
	if err != nil {
		return err
	}
	foreign, err := k.foreign(c, s)
	if err != nil {
		return err
	}
	in := explain.Input{Params: s.params, Request: s.request, Nonce: s.nonce, Timestamp: s.timestamp, Foreign: foreign}
	if foreign != nil && foreign.Authorization != "" {
		in.Nonce, in.Timestamp = k.Nonce, k.Timestamp
	}
	e := explain.Explain(in)
	c.printExplanation(e, s)
	switch {
	case e.Err != nil:
		return e.Err
	case foreign == nil:
		return nil
	case e.Difference == nil:
		fmt.Fprintf(c.Out, "\n%s\n", c.paint(c.Out, styleGreen, "Both agree."))
		return nil
	}
	fmt.Fprintf(c.Out, "\n%s\n%s\n", c.paint(c.Out, styleBold, "Difference"), indented(e.Difference.String()))
	return errReported
}

// foreign returns what to compare with: the flags, else the header of a pasted request.
func (k *explainCommand) foreign(c *command, s *signing) (*explain.Foreign, error) {
	read := func(text string) (string, error) {
		if text != "-" {
			return text, nil
		}
		data, err := c.readInput("-")
		return strings.TrimSpace(string(data)), err
	}
	header, err := read(k.Against)
	if err != nil {
		return nil, err
	}
	base, err := read(k.AgainstBaseString)
	if err != nil {
		return nil, err
	}
	header = strings.TrimSpace(header)
	if len(header) > 14 && strings.EqualFold(header[:14], "Authorization:") {
		header = strings.TrimSpace(header[14:])
	}
	if header == "" && s.foreign != nil {
		header = s.foreign.Header
	}
	if header == "" && base == "" {
		return nil, nil
	}
	return &explain.Foreign{Authorization: header, BaseString: base}, nil
}

func (c *command) printExplanation(e *explain.Explanation, s *signing) {
	for i, step := range e.Steps {
		title := fmt.Sprintf("%d. %s", i+1, step.Title)
		if step.Section != "" {
			title += c.paint(c.Out, styleDim, "  RFC 5849 §"+strings.TrimPrefix(strings.TrimPrefix(step.Section, "RFC 5849 "), "§"))
		}
		fmt.Fprintf(c.Out, "%s\n", c.paint(c.Out, styleBold, title))
		for _, line := range step.Lines {
			fmt.Fprintf(c.Out, "   %s\n", line)
		}
		fmt.Fprintln(c.Out)
	}
	if e.Trace != nil {
		fmt.Fprintf(c.Out, "%s\n   %s %s\n", c.paint(c.Out, styleBold, "Sent"), s.message.Method, e.URL)
		if e.Authorization != "" {
			fmt.Fprintf(c.Out, "   Authorization: %s\n", e.Authorization)
		}
		if e.Body != "" {
			fmt.Fprintf(c.Out, "\n   %s\n", e.Body)
		}
	}
	if s.noSecret && e.Err == nil {
		fmt.Fprintf(c.Out, "\nNo consumer secret was given, so the signature is made with an empty one; base string and parameters are right all the same.\nGive it with --consumer-secret-file or IMLC_CONSUMER_SECRET.\n")
	}
	for _, w := range e.Warnings {
		fmt.Fprintf(c.Out, "\n%s %s\n", c.paint(c.Out, styleYellow, "warning:"), w)
	}
}

func indented(s string) string {
	return "   " + strings.ReplaceAll(strings.TrimRight(s, "\n"), "\n", "\n   ")
}
