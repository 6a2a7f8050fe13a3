package show

import (
	"context"
	"fmt"
	"strings"

	"github.com/imlc-lang/imlc/runtime/oauth1"
	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm"
	"github.com/imlc-lang/imlc/vm/value"
)

// TracePrinter is a tracer that tells people what a run does, request by request. It masks once more what it is given, with
// a mask that learns on the way.
type TracePrinter struct {
	out  *Stream
	mask *Mask
	// Titles explains sections; nil shows their names alone.
	Titles map[string]string
	// Whole shows everything but the secrets, instead of what a log may show.
	Whole bool
	// section is the last heading.
	section string
	signed  *oauth1.Trace
}

var _ vm.Watcher = (*TracePrinter)(nil)

// NewTracePrinter returns a tracer that writes to out what mask lets through.
func NewTracePrinter(out *Stream, mask *Mask) *TracePrinter {
	return &TracePrinter{out: out, mask: mask}
}

// Event implements vm.Tracer.
func (n *TracePrinter) Event(ctx context.Context, e vm.Event) {
	if !n.Whole {
		n.tell(e)
	}
}

// Watch implements vm.Watcher: the mask learns from everything.
func (n *TracePrinter) Watch(ctx context.Context, e vm.Event) {
	n.mask.Watch(ctx, e)
	if n.Whole {
		n.tell(e)
	}
}

func (n *TracePrinter) tell(e vm.Event) {
	n.heading(e)
	switch e.Kind {
	case vm.EventSigned:
		n.signed = e.Signature
	case vm.EventRequest:
		n.request(e)
	case vm.EventResponse:
		n.response(e)
	case vm.EventRedirect:
		n.arrow(Cyan, "↪", "redirect to "+n.mask.URL(e.Message))
	case vm.EventSkipped:
		n.out.Printf("    skipped: its condition is false\n")
	case vm.EventTemp:
		n.fields("kept in temp", e.Value)
	case vm.EventStored:
		n.fields("stored", e.Value)
	case vm.EventIdentity:
		n.row(e.Message, n.mask.Text(Text(e.Value)))
	case vm.EventSuspend:
		n.arrow(Cyan, "→", "browser to "+n.mask.URL(e.Message))
	case vm.EventResume:
		n.fields("callback", e.Value)
	case vm.EventWarning:
		n.arrow(Yellow, "warning:", e.Code+" "+n.mask.Text(e.Message))
	case vm.EventUnset, vm.EventAlone:
		n.arrow(Yellow, "note:", n.mask.Text(e.Message))
	case vm.EventError:
		n.arrow(Red, "failed:", n.mask.Text(inFull(e.Message, e.Detail)))
	}
}

// arrow prints a step: a coloured sign and a line of text.
func (n *TracePrinter) arrow(style Style, sign, text string) {
	n.out.Printf("    %s %s\n", n.out.Paint(style, sign), EscapeLine(text))
}

// row prints a name and a value on one line, both indented.
func (n *TracePrinter) row(name, text string) {
	if text != "" {
		n.out.Printf("      %s %s\n", n.out.Paint(Dim, fmt.Sprintf("%-14s", EscapeLine(name))), EscapeLine(text))
	}
}

func (n *TracePrinter) heading(e vm.Event) {
	name := e.Section
	if e.Kind == vm.EventResume {
		name = "callback"
	}
	if name == "" || name == n.section || e.Kind == vm.EventCommit || n.section == "callback" && name == "authorize" {
		return
	}
	n.section = name
	title := name
	if text := n.Titles[name]; text != "" {
		title += "  " + text
	}
	n.out.Printf("\n  %s\n", n.out.Paint(Bold, title))
}

func (n *TracePrinter) request(e vm.Event) {
	n.arrow(Cyan, "→", n.mask.URL(e.Message))
	o := e.Value.Object()
	if !strings.Contains(e.Message, "?") {
		n.object("query", o.Value("qs"))
	}
	if o.Value("headers").IsUndefined() {
		n.row("contents", "not shown: the request has no log.sanitize (see --trace=all)")
	}
	headers := o.Value("headers").Object()
	for i := range headers.Len() {
		k, h := headers.At(i)
		text := n.mask.Text(Text(h))
		if k == "authorization" && n.signed != nil {
			text = signedHeader(n.signed)
		}
		n.row(k, text)
	}
	if body := o.Value("body"); !value.IsEmpty(body) {
		n.row("body", Text(n.mask.Value(body)))
	}
	if n.signed != nil {
		n.signature(n.signed)
		n.signed = nil
	}
}

// signedHeader writes the protocol parameters of a signature as a header, without what others could use.
func signedHeader(t *oauth1.Trace) string {
	var parts []string
	for _, p := range t.Sorted {
		if p.Origin != oauth1.OriginProtocol {
			continue
		}
		text := p.EncodedValue
		if SecretName(p.Name) {
			text = value.Mask
		}
		parts = append(parts, p.EncodedName+`="`+text+`"`)
	}
	return "OAuth " + strings.Join(append(parts, `oauth_signature="`+value.Mask+`"`), ", ")
}

// signature shows what was signed, its tokens masked in whatever encoding they stand.
func (n *TracePrinter) signature(t *oauth1.Trace) {
	names := make([]string, len(t.Sorted))
	for i, p := range t.Sorted {
		names[i] = p.Name
	}
	n.row("signed", fmt.Sprintf("%s with the key %s", t.SignatureMethod, t.Key))
	n.row("parameters", strings.Join(names, ", "))
	n.row("base string", n.mask.Text(t.BaseString))
}

func (n *TracePrinter) response(e vm.Event) {
	if e.Code == "parsed" {
		n.fields("answer", e.Value)
		return
	}
	style := Green
	if e.Status >= 400 {
		style = Red
	}
	n.arrow(style, "←", wire.StatusText(e.Status))
}

// object shows an object that is not empty.
func (n *TracePrinter) object(title string, v value.Value) {
	if v.Object().Len() > 0 {
		n.fields(title, v)
	}
}

// longest is how many characters of a value are shown.
const longest = 2000

// fields shows a value, its secrets masked.
func (n *TracePrinter) fields(title string, v value.Value) {
	if v.IsUndefined() {
		return
	}
	text := Text(n.mask.Value(v))
	if r := []rune(text); len(r) > longest {
		text = string(r[:longest]) + "…"
	}
	n.row(title, text)
}
