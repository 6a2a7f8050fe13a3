package document

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/internal/source"
)

// ParseJSONC reads JSON with // and /* */ comments, trailing commas and a byte order mark. It goes
// on after an error where that is sensible, so that one pass reports several; what could not be read is KindInvalid or
// left out. The diagnostics are in order of position and all errors.
func ParseJSONC(f *source.File, opts Options) (*Document, []diag.Diagnostic) {
	r := &jsonReader{file: f, text: f.Text, options: opts, doc: &Document{File: f}}
	if !r.acceptable() {
		return r.doc, r.problems
	}
	if strings.HasPrefix(r.text, "\uFEFF") {
		r.pos = len("\uFEFF")
	}
	r.space()
	if r.pos >= len(r.text) && !r.stopped {
		r.fail(r.pos, r.pos, "the file is empty, expected a JSON value")
		return r.doc, r.problems
	}
	r.doc.Root = r.value()
	r.space()
	if r.pos < len(r.text) && !r.stopped {
		r.fail(r.pos, len(r.text), "expected the end of the file, found "+r.found())
	}
	return r.doc, r.problems
}

// valuesAtOnce is how many values are read between two looks at whether anybody waits for them.
const valuesAtOnce = 256

// jsonReader is a recursive-descent reader; its recursion is bounded by maxDepth.
type jsonReader struct {
	file    *source.File
	text    string
	pos     int
	depth   int
	values  int // so far
	path    path
	options Options
	// stopped is set when reading on makes no sense: the end of the text was met inside a value, or a limit was hit.
	stopped bool
	// unclosed says that the last text was not closed, so that what follows it is not to blame.
	unclosed bool
	doc      *Document
	problems []diag.Diagnostic
}

func (r *jsonReader) span(start, end int) source.Span {
	return source.Span{File: r.file, Start: start, End: end}
}

func (r *jsonReader) fail(start, end int, message string) {
	r.failAs(r.options.Code, start, end, message)
}

func (r *jsonReader) failAs(code string, start, end int, message string) {
	if r.stopped {
		return
	}
	r.problems = append(r.problems, diag.Diagnostic{Code: code, Severity: diag.Error, Span: r.span(start, end), Message: message})
	if len(r.problems) >= maxErrors {
		r.stop()
	}
}

// help says what to do about the last problem.
func (r *jsonReader) help(text string) {
	if n := len(r.problems); n > 0 && r.problems[n-1].Help == "" {
		r.problems[n-1].Help = text
	}
}

// stop ends the reading; every loop sees the end of the text.
func (r *jsonReader) stop() { r.stopped, r.pos = true, len(r.text) }

// acceptable refuses what no reader should start on: too large a file, or bytes that are not UTF-8.
func (r *jsonReader) acceptable() bool {
	message, at := unacceptable(r.text)
	if message != "" {
		r.fail(at, min(at+1, len(r.text)), message)
	}
	return message == ""
}

func unacceptable(text string) (message string, at int) {
	if len(text) > MaxBytes {
		return fmt.Sprintf("the file has %d bytes, at most %d are read", len(text), MaxBytes), 0
	}
	for i, c := range text {
		if c == utf8.RuneError {
			if _, n := utf8.DecodeRuneInString(text[i:]); n == 1 {
				return fmt.Sprintf("byte 0x%02X is not UTF-8 text; save the file as UTF-8", text[i]), i
			}
		}
	}
	return "", 0
}

// found describes what stands at the position, for messages.
func (r *jsonReader) found() string {
	if r.pos >= len(r.text) {
		return "the end of the file"
	}
	c, _ := utf8.DecodeRuneInString(r.text[r.pos:])
	if c == '"' {
		return "a text"
	}
	if word := wordAt(r.text[r.pos:]); word != "" {
		return strconv.Quote(word)
	}
	return strconv.QuoteRune(c)
}

// wordAt returns the run of letters, digits and joining signs that the text starts with, at most 40 bytes of it.
func wordAt(text string) string {
	n := 0
	for n < len(text) && n < 40 && isWordByte(text[n]) {
		n++
	}
	return text[:n]
}

func isWordByte(c byte) bool {
	return c == '_' || c == '$' || c == '+' || c == '-' || c == '.' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// space skips blanks and comments.
func (r *jsonReader) space() {
	for r.pos < len(r.text) {
		switch c := r.text[r.pos]; {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			r.pos++
		case c == '/' && strings.HasPrefix(r.text[r.pos:], "//"):
			end := strings.IndexByte(r.text[r.pos:], '\n')
			if end < 0 {
				end = len(r.text) - r.pos
			}
			r.relaxed("comment", r.pos, r.pos+end)
			r.pos += end
		case c == '/' && strings.HasPrefix(r.text[r.pos:], "/*"):
			end := strings.Index(r.text[r.pos+2:], "*/")
			if end < 0 {
				r.fail(r.pos, r.pos+2, "the comment is not closed, expected */")
				r.stop()
				return
			}
			r.relaxed("comment", r.pos, r.pos+end+4)
			r.pos += end + 4
		default:
			return
		}
	}
}

func (r *jsonReader) relaxed(what string, start, end int) {
	if len(r.doc.Relaxed) < 1000 {
		r.doc.Relaxed = append(r.doc.Relaxed, Relaxed{What: what, Span: r.span(start, end)})
	}
}

// value reads one value; the position is at its first byte. It always returns a node and always moves on unless it
// stands at a closing bracket, a comma or the end.
func (r *jsonReader) value() *Node {
	start := r.pos
	invalid := &Node{Kind: KindInvalid, Span: r.span(start, start)}
	if r.values++; r.values%valuesAtOnce == 0 && r.file.Over() {
		r.stop()
	}
	if r.pos >= len(r.text) {
		r.fail(start, start, "expected a value, found the end of the file")
		r.stop()
		return invalid
	}
	switch c := r.text[r.pos]; {
	case c == '{' || c == '[':
		return r.container()
	case c == '"':
		text, m := r.str()
		return &Node{Kind: KindText, Span: r.span(start, r.pos), Text: text, Map: m}
	case c == '-' || c >= '0' && c <= '9':
		return r.number()
	case c == ',' || c == '}' || c == ']' || c == ':':
		r.fail(start, start+1, "expected a value, found "+r.found())
		r.help("write the value, or remove what stands alone")
		return invalid
	}
	if n := r.keyword(); n != nil {
		return n
	}
	r.fail(start, start+max(1, len(wordAt(r.text[start:]))), "expected a value, found "+r.found()+r.advice())
	r.help("write a text in double quotes, a number, true, false, null, an object or a list")
	r.skipWord()
	invalid.Span.End = r.pos
	return invalid
}

func (r *jsonReader) advice() string {
	if r.text[r.pos] == '\'' || wordAt(r.text[r.pos:]) != "" {
		return "; texts stand in double quotes"
	}
	return ""
}

func (r *jsonReader) keyword() *Node {
	start := r.pos
	n := &Node{}
	switch word := wordAt(r.text[start:]); word {
	case "true", "false":
		n.Kind, n.Bool = KindBool, word == "true"
	case "null":
		n.Kind = KindNull
	default:
		return nil
	}
	r.pos += len(wordAt(r.text[start:]))
	n.Span = r.span(start, r.pos)
	return n
}

// skipWord moves behind the characters of a value that is none.
func (r *jsonReader) skipWord() {
	if n := len(wordAt(r.text[r.pos:])); n > 0 {
		for r.pos < len(r.text) && isWordByte(r.text[r.pos]) {
			r.pos++
		}
		return
	}
	_, n := utf8.DecodeRuneInString(r.text[r.pos:])
	r.pos += n
}

// container reads an object or a list and keeps the depth.
func (r *jsonReader) container() *Node {
	start := r.pos
	if r.depth++; r.depth > maxDepth {
		r.failAs(cmp.Or(r.options.DepthCode, r.options.Code), start, start+1, fmt.Sprintf("nested deeper than %d levels", maxDepth))
		r.stop()
		return &Node{Kind: KindInvalid, Span: r.span(start, start)}
	}
	defer func() { r.depth-- }()
	n := &Node{Kind: KindArray}
	if r.text[start] == '{' {
		n.Kind = KindObject
	}
	r.pos++
	r.entries(n, start)
	n.Span = r.span(start, r.pos)
	return n
}

// entries reads the entries of n up to and with its closing bracket.
func (r *jsonReader) entries(n *Node, open int) {
	closer, what := byte(']'), "list"
	if n.Kind == KindObject {
		closer, what = '}', "object"
	}
	seen := map[string]int{}
	for comma := -1; ; {
		r.space()
		if r.ended(open, what) {
			return
		}
		if c := r.text[r.pos]; c == closer || c == '}' || c == ']' {
			if c != closer {
				r.fail(r.pos, r.pos+1, fmt.Sprintf("expected %q to close the %s, found %q", closer, what, c))
			} else if comma >= 0 {
				r.relaxed("trailing comma", comma, comma+1)
			}
			r.pos++
			return
		}
		if n.Kind == KindObject {
			r.member(n, seen)
		} else {
			r.path.enter(step{index: len(n.Items)})
			n.Items = append(n.Items, r.value())
			r.path.leave()
		}
		end := r.pos
		r.space()
		if r.ended(open, what) {
			return
		}
		comma = r.separator(closer, end)
	}
}

// ended reports the end of the text inside a container.
func (r *jsonReader) ended(open int, what string) bool {
	if r.pos < len(r.text) {
		return false
	}
	if !r.stopped {
		r.fail(r.pos, r.pos, fmt.Sprintf("the %s is not closed before the end of the file", what))
		if n := len(r.problems); n > 0 {
			r.problems[n-1].Related = append(r.problems[n-1].Related, diag.Related{Span: r.span(open, open+1), Message: "opened here"})
		}
		r.stop()
	}
	return true
}

// separator reads what stands behind an entry and returns the place of its comma, or -1. When a new entry follows
// directly, only the comma is missing; anything else is skipped up to where an entry may start. The entry before ends at
// end.
func (r *jsonReader) separator(closer byte, end int) int {
	c := r.text[r.pos]
	unclosed := r.unclosed
	r.unclosed = false
	if c == ',' {
		r.pos++
		return r.pos - 1
	}
	if c == '}' || c == ']' {
		return -1
	}
	follows := c == '"' || closer == ']' && (c == '{' || c == '[')
	switch {
	case r.innerQuote(end):
		return r.separatorBehind(closer)
	case follows && unclosed: // the comma is inside the text that was not closed
		return -1
	case follows && strings.Contains(r.text[end:r.pos], "\n"):
		r.missingComma(end)
	default:
		r.fail(r.pos, r.pos+1, fmt.Sprintf("expected ',' or %q, found %s", closer, r.found()))
		if d := &r.problems[len(r.problems)-1]; follows {
			d.Help = "a comma is missing before it"
			d.Fixes = insertion("write the comma", r.span(end, end), ",")
		} else {
			d.Help = "an entry ends with a comma, or with the bracket that closes it all"
		}
	}
	if follows {
		return -1
	}
	r.resync()
	if r.pos < len(r.text) && r.text[r.pos] == ',' {
		r.pos++
		return r.pos - 1
	}
	return -1
}

// resync skips to the next comma or closing bracket of the current container, over whole strings and nested containers.
func (r *jsonReader) resync() {
	nested := 0
	for r.pos < len(r.text) {
		switch r.text[r.pos] {
		case '{', '[':
			nested++
		case '}', ']':
			if nested == 0 {
				return
			}
			nested--
		case ',':
			if nested == 0 {
				return
			}
		case '"':
			r.skipString()
			continue
		}
		r.pos++
	}
	r.stop()
}

// member reads one entry of an object: key, colon, value.
func (r *jsonReader) member(n *Node, seen map[string]int) {
	start := r.pos
	if r.text[start] != '"' {
		advice := ""
		if r.text[start] == '\'' || wordAt(r.text[start:]) != "" {
			advice = "; keys stand in double quotes"
		}
		r.fail(start, start+max(1, len(wordAt(r.text[start:]))), "expected a key, found "+r.found()+advice)
		r.help("keys and texts stand in double quotes; look for a missing quote or bracket before this place")
		if r.text[start] != ',' {
			r.resync()
		}
		return
	}
	key, keyMap := r.str()
	m := Member{Key: key, KeySpan: r.span(start, r.pos), KeyMap: keyMap}
	r.space()
	if r.pos >= len(r.text) || r.text[r.pos] != ':' {
		r.fail(r.pos, min(r.pos+1, len(r.text)), fmt.Sprintf("expected ':' behind the key %q, found %s", clip(key), r.found()))
		r.help("write : between a key and its value")
		r.resync()
		return
	}
	r.pos++
	r.space()
	r.path.enter(step{key: key, named: true})
	m.Value = r.value()
	addMember(r.doc, n, m, r.path, seen)
	r.path.leave()
}

// clip shortens a text of the file for a message.
func clip(s string) string {
	if len(s) <= 60 {
		return s
	}
	cut := 57
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + "…"
}
