package document

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/imlc-lang/imlc/internal/source"
)

// number reads a number of the JSON grammar (RFC 8259 §6).
func (r *jsonReader) number() *Node {
	start := r.pos
	for r.pos < len(r.text) && isWordByte(r.text[r.pos]) {
		r.pos++
	}
	text := r.text[start:r.pos]
	if !isJSONNumber(text) {
		r.fail(start, r.pos, fmt.Sprintf("expected a number, found %q", clip(text)))
		r.help("write a number as 12, -1.5 or 1e3; anything else is a text and stands in double quotes")
		return &Node{Kind: KindInvalid, Span: r.span(start, r.pos)}
	}
	n := &Node{Kind: KindNumber, Span: r.span(start, r.pos), Text: text}
	n.Number, n.Exact = numberValue(text)
	return n
}

// numberValue reads a decimal spelling; integers outside ±(2^53-1) also come back exact (spec iml.md §2.1).
func numberValue(text string) (float64, *big.Int) {
	// ParseFloat returns the nearest double, infinities included, also with ErrRange.
	f, _ := strconv.ParseFloat(text, 64)
	if strings.ContainsAny(text, ".eE") || len(text) < 16 || len(strings.TrimPrefix(text, "-")) > maxExactDigits {
		return f, nil
	}
	exact, ok := new(big.Int).SetString(text, 10)
	if !ok || exact.CmpAbs(maxSafeInteger) <= 0 {
		return f, nil
	}
	return f, exact
}

var maxSafeInteger = big.NewInt(1<<53 - 1)

func isJSONNumber(s string) bool {
	s = strings.TrimPrefix(s, "-")
	digits := countDigits(s)
	if digits == 0 || digits > 1 && s[0] == '0' {
		return false
	}
	s = s[digits:]
	if strings.HasPrefix(s, ".") {
		digits = countDigits(s[1:])
		if digits == 0 {
			return false
		}
		s = s[1+digits:]
	}
	if s == "" {
		return true
	}
	if s[0] != 'e' && s[0] != 'E' {
		return false
	}
	s = s[1:]
	if s != "" && (s[0] == '+' || s[0] == '-') {
		s = s[1:]
	}
	return s != "" && countDigits(s) == len(s)
}

func countDigits(s string) int {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n
}

// skipString moves behind the string that starts at the position, or to the end of its line when it is not closed.
func (r *jsonReader) skipString() {
	for r.pos++; r.pos < len(r.text); r.pos++ {
		switch r.text[r.pos] {
		case '\\':
			if r.pos+1 < len(r.text) && r.text[r.pos+1] != '\n' {
				r.pos++
			}
		case '"':
			r.pos++
			return
		case '\n':
			return
		}
	}
}

// str reads the string that starts at the position and maps its decoded bytes back to the file.
func (r *jsonReader) str() (string, *source.Map) {
	start := r.pos
	r.pos++
	m := source.Identity(r.file, r.pos)
	begin := r.pos
	for r.pos < len(r.text) && r.text[r.pos] != '"' && r.text[r.pos] != '\\' && r.text[r.pos] >= ' ' {
		r.pos++
	}
	if r.pos < len(r.text) && r.text[r.pos] == '"' {
		r.pos++
		return r.text[begin : r.pos-1], m
	}
	var out strings.Builder
	out.WriteString(r.text[begin:r.pos])
	for r.pos < len(r.text) {
		switch c := r.text[r.pos]; {
		case c == '"':
			r.pos++
			return out.String(), m
		case c == '\n' || c == '\r':
			r.fail(start, r.pos, `the text is not closed on its line, expected '"'`)
			if n := len(r.problems); n > 0 && !r.stopped {
				r.problems[n-1].Help = `close it, or write \n for a line break inside it`
			}
			r.brokenText()
			return out.String(), m
		case c == '\\':
			if r.values++; r.values%valuesAtOnce == 0 && r.file.Over() {
				r.stop()
				return out.String(), m
			}
			m.Escaped(out.Len(), r.pos)
			r.escape(&out)
			m.Copied(out.Len(), r.pos)
		default:
			if c < ' ' {
				r.fail(r.pos, r.pos+1, fmt.Sprintf(`control character U+%04X inside a text, expected the escape \u%04X`, c, c))
			}
			out.WriteByte(c)
			r.pos++
		}
	}
	r.fail(start, start+1, "the text is not closed before the end of the file")
	r.stop()
	return out.String(), m
}

const escapeLetters, escapeValues = `"\/bfnrt`, "\"\\/\b\f\n\r\t"

// escape decodes the escape at the position. A surrogate without its partner becomes U+FFFD.
func (r *jsonReader) escape(out *strings.Builder) {
	start := r.pos
	if r.pos+1 >= len(r.text) {
		r.pos++
		return
	}
	c := r.text[r.pos+1]
	if i := strings.IndexByte(escapeLetters, c); i >= 0 {
		out.WriteByte(escapeValues[i])
		r.pos += 2
		return
	}
	if c != 'u' {
		found, size := utf8.DecodeRuneInString(r.text[r.pos+1:])
		if found == '\n' || found == '\r' {
			r.pos++
			return
		}
		r.fail(start, start+1+size, fmt.Sprintf(`unknown escape \%c; write \\ for a backslash`, found))
		out.WriteRune(found)
		r.pos += 1 + size
		return
	}
	first, ok := hex4(r.text[r.pos+2:])
	if !ok {
		r.fail(start, start+2, `expected four hexadecimal digits behind \u`)
		r.pos += 2
		return
	}
	r.pos += 6
	if utf16.IsSurrogate(first) {
		second, ok := rune(0), false
		if strings.HasPrefix(r.text[r.pos:], `\u`) {
			second, ok = hex4(r.text[r.pos+2:])
		}
		joined := utf16.DecodeRune(first, second)
		if ok && joined != utf8.RuneError {
			r.pos += 6
		}
		first = joined
	}
	out.WriteRune(first)
}

func hex4(s string) (rune, bool) {
	if len(s) < 4 {
		return 0, false
	}
	n, err := strconv.ParseUint(s[:4], 16, 32)
	return rune(n), err == nil && isHex(s[:4])
}

// isHex keeps out the sign and underscore forms that strconv might accept.
func isHex(s string) bool {
	return strings.IndexFunc(s, func(c rune) bool {
		return !(c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F')
	}) < 0
}
