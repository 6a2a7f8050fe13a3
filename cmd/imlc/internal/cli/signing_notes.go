package cli

import (
	"context"

	"github.com/imlc-lang/imlc/cmd/imlc/internal/show"
	"github.com/imlc-lang/imlc/vm"
)

// tellSigning prints how free requests of a connection are signed, where its spec does not say it of all requests, and
// warns where the token does not sign.
func (c *command) tellSigning(s vm.Signing) {
	c.warnOfSigning(s.Warning)
	if s.Warning == "" && s.As != "" && s.Params != nil {
		c.Err.Printf("%s signed as the requests of %s are: the spec does not say how others are\n", c.Err.Paint(show.Yellow, "note:"), show.EscapeLine(s.As))
	}
}

// warnOfSigning prints what is wrong with a signature, if anything is.
func (c *command) warnOfSigning(text string) {
	if text != "" {
		c.Err.Printf("%s %s\n", c.Err.Paint(show.Yellow, "warning:"), show.EscapeLine(text))
	}
}

// signingWarner is a vm.Tracer that warns, once for a text, of requests that the token does not sign.
type signingWarner struct {
	c    *command
	told map[string]bool
}

// Event implements vm.Tracer.
func (w *signingWarner) Event(_ context.Context, e vm.Event) {
	if e.Kind == vm.EventAlone && !w.told[e.Message] {
		w.told[e.Message] = true
		w.c.warnOfSigning(e.Message)
	}
}
