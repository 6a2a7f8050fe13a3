package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/imlc-lang/imlc/runtime/content"
	"github.com/imlc-lang/imlc/runtime/oauth1"
	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// narrator is a tracer that tells people what a run does, request by request. It masks once more what it is given: by
// the names of fields and by the texts of secrets that only the command knows.
type narrator struct {
	c    *command
	w    io.Writer
	defs []plan.Parameter
	mask *content.Masker
	// section is the last heading.
	section string
	// titles explains sections; nil shows their names alone.
	titles map[string]string
	signed *oauth1.Trace
}

var _ vm.Tracer = (*narrator)(nil)

// newNarrator returns a narrator that also hides the secrets in values.
func newNarrator(c *command, w io.Writer, defs []plan.Parameter, secrets ...value.Value) *narrator {
	var texts []string
	for _, v := range secrets {
		texts = append(texts, secretTexts(v, defs)...)
	}
	return &narrator{c: c, w: w, defs: defs, mask: content.NewMasker(texts, nil)}
}

func (n *narrator) line(format string, args ...any) {
	fmt.Fprintf(n.w, "%s\n", fmt.Sprintf(format, args...))
}

// row prints a name and a value, both indented.
func (n *narrator) row(name, text string) {
	if text != "" {
		n.line("      %s %s", n.c.paint(n.w, styleDim, fmt.Sprintf("%-14s", name)), text)
	}
}

// Event implements vm.Tracer.
func (n *narrator) Event(e vm.Event) {
	n.heading(e)
	switch e.Kind {
	case vm.EventSigned:
		n.signed = e.Signature
	case vm.EventRequest:
		n.request(e)
	case vm.EventResponse:
		n.response(e)
	case vm.EventRedirect:
		n.line("    %s redirect to %s", n.c.paint(n.w, styleCyan, "↪"), n.mask.URL(e.Message))
	case vm.EventSkipped:
		n.line("    skipped: its condition is false")
	case vm.EventTemp:
		n.fields("kept in temp", e.Value)
	case vm.EventStored:
		n.fields("stored", e.Value)
	case vm.EventIdentity:
		n.row(e.Message, n.mask.Text(shownValue(e.Value)))
	case vm.EventSuspend:
		n.line("    %s browser to %s", n.c.paint(n.w, styleCyan, "→"), n.mask.URL(e.Message))
	case vm.EventResume:
		n.fields("callback", e.Value)
	case vm.EventWarning:
		n.line("    %s %s %s", n.c.paint(n.w, styleYellow, "warning:"), e.Code, n.mask.Text(e.Message))
	case vm.EventError:
		n.line("    %s %s", n.c.paint(n.w, styleRed, "failed:"), n.mask.Text(e.Message))
	}
}

func (n *narrator) heading(e vm.Event) {
	name := e.Section
	if e.Kind == vm.EventResume {
		name = "callback"
	}
	if name == "" || name == n.section || e.Kind == vm.EventCommit || n.section == "callback" && name == "authorize" {
		return
	}
	n.section = name
	title := name
	if text := n.titles[name]; text != "" {
		title += "  " + text
	}
	n.line("\n  %s", n.c.paint(n.w, styleBold, title))
}

func (n *narrator) request(e vm.Event) {
	n.line("    %s %s", n.c.paint(n.w, styleCyan, "→"), n.mask.URL(e.Message))
	o := e.Value.Object()
	for _, name := range []string{"headers", "body"} {
		v := o.Value(name)
		if name == "headers" && v.Object() != nil {
			for i := range v.Object().Len() {
				k, h := v.Object().At(i)
				text := n.mask.Text(shownValue(h))
				if k == "authorization" && n.signed != nil {
					text = shownHeader(n.signed)
				}
				n.row(k, text)
			}
			continue
		}
		if !value.IsEmpty(v) {
			n.row(name, n.mask.Text(shownValue(masked(v, n.defs))))
		}
	}
	if n.signed != nil {
		n.signature(n.signed)
		n.signed = nil
	}
}

// shownHeader writes the protocol parameters of a signature as a header, without what others could use.
func shownHeader(t *oauth1.Trace) string {
	var parts []string
	for _, p := range t.Sorted {
		if p.Origin != oauth1.OriginProtocol {
			continue
		}
		text := p.EncodedValue
		if secretName(p.Name) {
			text = value.Mask
		}
		parts = append(parts, p.EncodedName+`="`+text+`"`)
	}
	return "OAuth " + strings.Join(append(parts, `oauth_signature="`+value.Mask+`"`), ", ")
}

// tokenMask hides the tokens of a signature, in whatever encoding they stand.
func tokenMask(t *oauth1.Trace) *content.Masker {
	var tokens []string
	for _, p := range t.Sorted {
		if secretName(p.Name) {
			tokens = append(tokens, p.Value)
		}
	}
	return content.NewMasker(tokens, nil)
}

// signature shows what was signed.
func (n *narrator) signature(t *oauth1.Trace) {
	n.row("signed", fmt.Sprintf("%s with the key %s", t.SignatureMethod, t.Key))
	names := make([]string, len(t.Sorted))
	for i, p := range t.Sorted {
		names[i] = p.Name
	}
	n.row("parameters", strings.Join(names, ", "))
	n.row("base string", n.mask.Text(tokenMask(t).Text(t.BaseString)))
}

func (n *narrator) response(e vm.Event) {
	if e.Code != "parsed" {
		style := styleGreen
		if e.Status >= 400 {
			style = styleRed
		}
		n.line("    %s %s", n.c.paint(n.w, style, "←"), wire.StatusText(e.Status))
		return
	}
	n.fields("answer", e.Value)
}

// fields shows a value, its secrets masked.
func (n *narrator) fields(title string, v value.Value) {
	if v.IsUndefined() {
		return
	}
	text := n.mask.Text(shownValue(masked(v, n.defs)))
	if r := []rune(text); len(r) > 2000 {
		text = string(r[:2000]) + "…"
	}
	n.row(title, text)
}
