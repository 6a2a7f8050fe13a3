package template

import (
	"strings"

	"github.com/imlc-lang/imlc/grammar"
	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/internal/source"
	"github.com/imlc-lang/imlc/parser/ast"
)

// IsSpreadKey reports whether the key of an object template is exactly one hole, so that the entry spreads its value
// (spec iml.md §3.3); every other key is literal text. The content of the hole is not evaluated. A key with a hole that
// is not just `...` gets the warning IML312 at its first hole, spread or not. The map carries offsets of the decoded
// key back to its file, as for Parse.
func IsSpreadKey(key string, m *source.Map, opts Options) (bool, []diag.Diagnostic) {
	if !opts.DisableMustache && spreads(key, "{{", "}}") || !opts.DisableAngle && spreads(key, "<<", ">>") {
		return true, nil
	}
	if m == nil {
		m = source.Identity(source.NewFile("", key), 0)
	}
	s := splitter{text: key, source: m, opts: opts}
	if len(key) > opts.maxBytes() || !s.hasOpener() {
		return false, nil
	}
	s.split()
	at, found := firstHole(s.parts)
	if !found {
		return false, nil
	}
	whole := len(s.parts) == 1
	message, help := "key with a hole is literal text", "keys are not computed: use set(…) or parseJSON(…), or {{...}} to copy entries"
	if whole {
		message, help = "key that is one hole copies the entries of its value, the hole itself is not evaluated", "write {{...}} as the key"
	}
	s.diagnostics = nil
	s.warn("IML312", at, message, help)
	return whole, s.diagnostics
}

// spreads reports whether a key is `...` between one pair of delimiters; blanks are allowed on both sides or none with
// angles, and anyhow with braces.
func spreads(key, opener, closer string) bool {
	rest, ok := strings.CutPrefix(key, opener)
	if !ok {
		return false
	}
	content, ok := strings.CutSuffix(rest, closer)
	if !ok {
		return false
	}
	before, after, ok := strings.Cut(content, "...")
	if !ok || !blank(before) || !blank(after) {
		return false
	}
	return opener == "{{" || (before == "") == (after == "") && !strings.Contains(content, "\n")
}

// blank reports whether text consists of blanks only.
func blank(text string) bool {
	for text != "" {
		n := grammar.BlankLength(text)
		if n == 0 {
			return false
		}
		text = text[n:]
	}
	return true
}

func firstHole(parts []ast.Part) (grammar.Span, bool) {
	for _, p := range parts {
		if p.Hole {
			return p.At, true
		}
	}
	return grammar.Span{}, false
}
