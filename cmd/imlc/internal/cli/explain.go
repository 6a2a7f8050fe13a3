package cli

import (
	"strings"

	"github.com/imlc-lang/imlc/cmd/imlc/internal/paste"
	"github.com/imlc-lang/imlc/cmd/imlc/internal/show"
	"github.com/imlc-lang/imlc/runtime/oauth1/explain"
)

// explainCommand shows how a signature comes about.
type explainCommand struct {
	signingFlags
	Against           string `help:"Compare with this Authorization header of somebody else, - to read it from standard input." placeholder:"'OAuth …'"`
	AgainstBaseString string `help:"Compare with this base string, - to read it from standard input." placeholder:"TEXT"`
	Format            string `help:"Output as text or json." enum:"text,json" default:"text"`
}

// Run implements the sub-command. It fails when the request cannot be signed or differs from what it is compared with.
func (k *explainCommand) Run(c *command) error {
	if k.ConsumerKey == "" && k.Connection == "" && k.Curl == "" { // the same request is derived again
		k.ConsumerKey = paste.ParseAuthorization(strings.TrimSpace(k.Against)).Params.ConsumerKey
	}
	s, err := k.read(c)
	if err != nil {
		return err
	}
	foreign, err := k.foreign(c, s)
	if err != nil {
		return err
	}
	in := explain.Input{Params: s.params, Request: s.request, Nonce: s.nonce, Timestamp: s.timestamp, Foreign: foreign}
	in.Request.URL = s.written
	if foreign != nil && (foreign.Authorization != "" || strings.Contains(foreign.BaseString, "oauth_nonce")) {
		in.Nonce, in.Timestamp = k.Nonce, k.Timestamp
	}
	e := explain.Explain(in)
	if k.Format == "json" {
		return c.explanationJSON(e, s, foreign != nil)
	}
	c.printExplanation(e, s)
	switch {
	case e.Err != nil:
		return e.Err
	case foreign == nil:
		return nil
	case e.Difference == nil:
		c.Out.Printf("\n%s\n", c.Out.Paint(show.Green, "Both agree."))
		return nil
	}
	c.Out.Printf("\n%s\n%s\n", c.Out.Paint(show.Bold, "Difference"), indented(e.Difference.String()))
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

// explanationJSON prints an explanation for machines.
func (c *command) explanationJSON(e *explain.Explanation, s *signing, compared bool) error {
	if e.Err != nil {
		return e.Err
	}
	if err := c.printJSON(show.ExplanationJSON(e, s.message.Method, compared)); err != nil {
		return err
	}
	if e.Difference != nil {
		return errReported
	}
	return nil
}

func (c *command) printExplanation(e *explain.Explanation, s *signing) {
	c.Out.Explanation(e, s.message.Method)
	if s.noSecret && e.Err == nil {
		c.Out.Printf("\nNo consumer secret was given, so the signature is made with an empty one; base string and parameters are right all the same.\nGive it with --consumer-secret-file or IMLC_CONSUMER_SECRET.\n")
	}
	for _, w := range e.Warnings {
		c.Out.Printf("\n%s %s\n", c.Out.Paint(show.Yellow, "warning:"), w)
	}
}

func indented(s string) string {
	return "   " + strings.ReplaceAll(strings.TrimRight(s, "\n"), "\n", "\n   ")
}
