package cli

import (
	"github.com/alecthomas/kong"

	"github.com/imlc-lang/imlc/cmd/imlc/internal/show"
	"github.com/imlc-lang/imlc/vm"
)

// traceMode is the flag --trace, which may have the value all.
type traceMode struct {
	// On shows steps, and of requests and answers what log.sanitize of the spec lets a log show. All shows everything but
	// the secrets.
	On, All bool
}

// Decode implements kong.MapperValue.
func (t *traceMode) Decode(ctx *kong.DecodeContext) error {
	t.On = true
	if ctx.Scan.Peek().Type != kong.FlagValueToken {
		return nil
	}
	if value := ctx.Scan.Pop().String(); value != "all" {
		return usagef("--trace=%s: expected --trace, or --trace=all", value)
	}
	t.All = true
	return nil
}

// IsBool implements kong.BoolMapperValue: the flag may stand without a value.
func (t *traceMode) IsBool() bool { return true }

// narrate makes a host tell what runs do. What the spec keeps out of logs is for the eyes at a terminal alone, where nothing
// keeps it.
func (t *traceMode) narrate(c *command, h *vm.Host, mask *show.Mask) error {
	if !t.On {
		return nil
	}
	if t.All && !c.Err.Look().Terminal {
		return usagef("--trace=all shows what log.sanitize keeps out of logs, and standard error is no terminal here; use --trace")
	}
	n := show.NewTracePrinter(c.Err, mask)
	n.Whole = t.All
	h.Tracer = n
	return nil
}
