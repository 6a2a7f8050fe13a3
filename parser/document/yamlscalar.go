package document

import (
	"math/big"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/imlc-lang/imlc/internal/source"
)

// radixValue reads 0o17 and 0xFF.
func radixValue(text string) (float64, *big.Int) {
	base := 8
	if text[1] == 'x' {
		base = 16
	}
	exact, ok := new(big.Int).SetString(text[2:], base)
	if !ok {
		return 0, nil
	}
	f, _ := new(big.Float).SetInt(exact).Float64()
	if exact.CmpAbs(maxSafeInteger) <= 0 || len(text) > maxExactDigits {
		return f, nil
	}
	return f, exact
}

// yamlLines finds bytes by the library's lines and columns: every break of YAML 1.1 ends a line there, columns count
// code points, and a byte order mark has no column.
type yamlLines struct {
	text   string
	starts []int
	// line, column and at are the place found last: nodes come mostly in order, so that walking on from it keeps a file
	// of one long line linear.
	line, column, at int
}

// newYAMLLines finds the lines of a file; some of them, when nobody waits for what is read of it.
func newYAMLLines(f *source.File) *yamlLines {
	text := f.Text
	l := &yamlLines{text: text, starts: make([]int, 0, 1+strings.Count(text, "\n"))}
	start := 0
	if strings.HasPrefix(text, "\uFEFF") {
		start = len("\uFEFF")
	}
	l.starts = append(l.starts, start)
	for i := start; i < len(text); {
		if n := breakAt(text, i); n > 0 {
			i += n
			if l.starts = append(l.starts, i); len(l.starts)%linesAtOnce == 0 && f.Over() {
				break
			}
			continue
		}
		i++
	}
	return l
}

// linesAtOnce is how many lines are found between two looks at whether anybody waits for them.
const linesAtOnce = 8192

// breakAt returns the length of the line break at i, or 0.
func breakAt(s string, i int) int {
	switch {
	case i >= len(s):
		return 0
	case s[i] == '\r' && i+1 < len(s) && s[i+1] == '\n':
		return 2
	case s[i] == '\r' || s[i] == '\n':
		return 1
	case strings.HasPrefix(s[i:], "\u0085"):
		return 2
	case strings.HasPrefix(s[i:], "\u2028"), strings.HasPrefix(s[i:], "\u2029"):
		return 3
	}
	return 0
}

func (l *yamlLines) offset(line, column int) int {
	if line < 1 || line > len(l.starts) {
		return len(l.text)
	}
	if line != l.line || column < l.column {
		l.line, l.column, l.at = line, 1, l.starts[line-1]
	}
	for ; l.column < column && l.at < len(l.text); l.column++ {
		_, n := utf8.DecodeRuneInString(l.text[l.at:])
		l.at += n
	}
	return l.at
}

// content returns the first byte of a line that is no blank.
func (l *yamlLines) content(line int) int {
	line = min(line, len(l.starts))
	at := l.offset(line, 1)
	for at < len(l.text) && (l.text[at] == ' ' || l.text[at] == '\t') {
		at++
	}
	return at
}

// skipProperties returns where the content of a node starts, behind its anchor and tag.
func (l *yamlLines) skipProperties(n *yaml.Node) int {
	at := l.offset(n.Line, n.Column)
	if n.Kind == yaml.ScalarNode && n.Value == "" && n.Style&^yaml.TaggedStyle == 0 {
		return at
	}
	for at < len(l.text) && (l.text[at] == '&' || l.text[at] == '!') {
		for at < len(l.text) && l.text[at] != ' ' && l.text[at] != '\t' && breakAt(l.text, at) == 0 {
			at++
		}
		at = l.skipBlank(at)
	}
	return at
}

// skipBlank moves over blanks, breaks and comments.
func (l *yamlLines) skipBlank(at int) int {
	for at < len(l.text) {
		if n := breakAt(l.text, at); n > 0 {
			at += n
		} else if c := l.text[at]; c == ' ' || c == '\t' {
			at++
		} else if c == '#' {
			for at < len(l.text) && breakAt(l.text, at) == 0 {
				at++
			}
		} else {
			break
		}
	}
	return at
}

// nonSpecific reports the tag "!", which makes any scalar a text.
func (l *yamlLines) nonSpecific(n *yaml.Node) bool {
	at := l.offset(n.Line, n.Column)
	return n.Value != "" && at < len(l.text) && l.text[at] == '!'
}

// scalar finds the extent of a scalar and maps its value back to the file. The library gives values without positions
// of their parts, so the scalar is decoded again in step with the value; should the two ever disagree, the whole value
// maps to the start of the scalar.
func (l *yamlLines) scalar(f *source.File, n *yaml.Node) (start, end int, m *source.Map) {
	start = l.skipProperties(n)
	a := &aligner{text: l.text, pos: start, want: n.Value, m: &source.Map{File: f}}
	ok := false
	switch n.Style &^ yaml.TaggedStyle {
	case yaml.DoubleQuotedStyle:
		ok = a.quoted('"')
	case yaml.SingleQuotedStyle:
		ok = a.quoted('\'')
	case yaml.LiteralStyle, yaml.FoldedStyle:
		ok = a.block()
	default:
		ok = a.plain()
	}
	if ok && a.done == len(n.Value) {
		return start, a.pos, a.m
	}
	m = &source.Map{File: f}
	m.Escaped(0, start)
	return start, start, m
}
