package document

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/imlc-lang/imlc/internal/source"
)

// aligner walks the written form of a scalar and its decoded value side by side and records which byte came from where.
type aligner struct {
	text string
	pos  int // in text
	want string
	done int // bytes of want that are explained
	m    *source.Map
	// unbroken is where a run of blanks ends that no line break follows, so that each run is looked through once.
	unbroken int
}

// copy explains n bytes of the value as copies; it reports false when they differ.
func (a *aligner) copy(n int) bool {
	if a.pos+n > len(a.text) || !strings.HasPrefix(a.want[a.done:], a.text[a.pos:a.pos+n]) {
		return false
	}
	a.m.Copied(a.done, a.pos)
	a.pos += n
	a.done += n
	return true
}

// escape explains the text decoded as coming from the n bytes at the position.
func (a *aligner) escape(decoded string, n int) bool {
	if !strings.HasPrefix(a.want[a.done:], decoded) {
		return false
	}
	if decoded != "" {
		a.m.Escaped(a.done, a.pos)
	}
	a.pos += n
	a.done += len(decoded)
	return true
}

// fold explains blanks, a line break and the blanks of the next lines: one break is a space, more are that many less
// one line breaks (YAML §6.5). It reports whether a fold stood there.
func (a *aligner) fold() bool {
	i := skipBlanks(a.text, a.pos)
	var decoded strings.Builder
	breaks := 0
	for breakAt(a.text, i) > 0 {
		n := breakAt(a.text, i)
		special := n == 3 // LS and PS are kept as they are
		if breaks++; breaks > 1 || special {
			if special {
				decoded.WriteString(a.text[i : i+n])
			} else {
				decoded.WriteByte('\n')
			}
		}
		i = skipBlanks(a.text, i+n)
	}
	if breaks == 0 {
		return false
	}
	if decoded.Len() == 0 {
		decoded.WriteByte(' ')
	}
	return a.escape(decoded.String(), i-a.pos)
}

func skipBlanks(s string, i int) int {
	for i < len(s) && (s[i] == ' ' || s[i] == '\t') {
		i++
	}
	return i
}

// step explains one character, or a fold.
func (a *aligner) step() bool {
	if a.pos >= a.unbroken {
		a.unbroken = skipBlanks(a.text, a.pos)
		if breakAt(a.text, a.unbroken) > 0 {
			return a.fold()
		}
	}
	_, n := utf8.DecodeRuneInString(a.text[a.pos:])
	return n > 0 && a.copy(n)
}

func (a *aligner) plain() bool {
	a.m.Copied(0, a.pos)
	for a.done < len(a.want) {
		if !a.step() {
			return false
		}
	}
	return true
}

func (a *aligner) quoted(quote byte) bool {
	if a.pos >= len(a.text) || a.text[a.pos] != quote {
		return false
	}
	a.pos++
	a.m.Copied(0, a.pos)
	for a.pos < len(a.text) {
		ok := false
		switch c := a.text[a.pos]; {
		case c == quote && quote == '\'' && strings.HasPrefix(a.text[a.pos:], "''"):
			ok = a.escape("'", 2)
		case c == quote:
			a.m.Copied(a.done, a.pos)
			a.pos++
			return true
		case c == '\\' && quote == '"':
			ok = a.backslash()
		default:
			ok = a.step()
		}
		if !ok {
			return false
		}
	}
	return false
}

const yamlEscapes = "0\x00a\x07b\bt\t\t\tn\nv\vf\fr\re\x1b  \"\"''//\\\\N\u0085_\u00a0L\u2028P\u2029"

// backslash explains an escape of a double-quoted scalar (YAML §5.7).
func (a *aligner) backslash() bool {
	if a.pos+1 >= len(a.text) {
		return false
	}
	c := a.text[a.pos+1]
	if n := breakAt(a.text, a.pos+1); n > 0 {
		return a.escape("", skipBlanks(a.text, a.pos+1+n)-a.pos)
	}
	digits := map[byte]int{'x': 2, 'u': 4, 'U': 8}[c]
	if digits > 0 {
		if a.pos+2+digits > len(a.text) {
			return false
		}
		r, err := strconv.ParseUint(a.text[a.pos+2:a.pos+2+digits], 16, 32)
		return err == nil && a.escape(string(rune(r)), 2+digits)
	}
	for rest := yamlEscapes; rest != ""; {
		decoded, n := utf8.DecodeRuneInString(rest[1:])
		if rest[0] == c {
			return a.escape(string(decoded), 2)
		}
		rest = rest[1+n:]
	}
	return false
}

// block explains a literal or folded block scalar. The indentation follows from the first line with content, so that
// indicators need no reading.
func (a *aligner) block() bool {
	for a.pos < len(a.text) && breakAt(a.text, a.pos) == 0 {
		a.pos++
	}
	a.pos += breakAt(a.text, a.pos)
	indent := a.blockIndent()
	for a.done < len(a.want) && a.pos < len(a.text) {
		a.pos = a.unindent(a.pos, indent)
		lineEnd := a.pos
		for lineEnd < len(a.text) && breakAt(a.text, lineEnd) == 0 {
			lineEnd++
		}
		if !a.copy(lineEnd - a.pos) {
			return false
		}
		a.lineBreaks(indent)
	}
	return true
}

// unindent moves over at most indent spaces.
func (a *aligner) unindent(at, indent int) int {
	for end := min(len(a.text), at+indent); at < end && a.text[at] == ' '; {
		at++
	}
	return at
}

// lineBreaks explains the break at the position and those of the blank lines behind it: all of them in a literal
// scalar, all but the first in a folded one, or one space for a single folded break (YAML §8.1.3). Which of them it was
// is seen from the value. At the end of the value the first breaks count, as the rest is chomped.
func (a *aligner) lineBreaks(indent int) {
	total, next := 0, a.pos
	for at := a.pos; breakAt(a.text, at) > 0; at = a.unindent(next, indent) {
		total++
		next = at + breakAt(a.text, at)
	}
	if total == 1 && strings.HasPrefix(a.want[a.done:], " ") {
		a.m.Escaped(a.done, a.pos)
		a.done++
	}
	count := 0
	for count < total && a.done+count < len(a.want) && a.want[a.done+count] == '\n' {
		count++
	}
	skipped := 0
	if a.done+count < len(a.want) {
		skipped = total - count
	}
	at := a.pos
	for i := range skipped + count {
		following := a.unindent(at+breakAt(a.text, at), indent)
		switch {
		case i < skipped:
		case i+1 < skipped+count && following == at+1: // a run of breaks takes one piece of the map
			a.m.Copied(a.done, at)
			a.done++
		default:
			a.m.Escaped(a.done, at)
			a.done++
		}
		at = following
	}
	a.pos = next
}

func (a *aligner) blockIndent() int {
	want := strings.TrimLeft(a.want, "\n")
	wantBlanks := len(want) - len(strings.TrimLeft(want, " "))
	for at := a.pos; at < len(a.text); {
		content := at
		for content < len(a.text) && a.text[content] == ' ' {
			content++
		}
		if n := breakAt(a.text, content); n > 0 {
			at = content + n
			continue
		}
		return max(0, content-at-wantBlanks)
	}
	return 0
}
