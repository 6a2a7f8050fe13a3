package paste

import (
	"errors"
	"strings"
)

// Words splits a command line as a POSIX shell would, as far as pasted curl commands need it: quotes, $'…' and
// backslashes, also before line breaks. Nothing is expanded.
func Words(line string) ([]string, error) {
	var words []string
	var b strings.Builder
	open := false
	for i := 0; i < len(line); {
		switch ch := line[i]; {
		case ch == ' ' || ch == '\t' || ch == '\n' || ch == '\r':
			if open {
				words, open = append(words, b.String()), false
				b.Reset()
			}
			i++
		case ch == '\\' && i+1 < len(line):
			i = escapedWord(line, i, &b, &open)
		case ch == '\'' || ch == '"' || ch == '$' && strings.HasPrefix(line[i:], "$'"):
			n, err := quoted(line[i:], &b)
			if err != nil {
				return nil, err
			}
			i, open = i+n, true
		default:
			b.WriteByte(ch)
			i, open = i+1, true
		}
	}
	if open {
		words = append(words, b.String())
	}
	return words, nil
}

// escapedWord reads a backslash outside quotes; before a line break it joins the lines.
func escapedWord(line string, i int, b *strings.Builder, open *bool) int {
	rest := line[i+1:]
	switch {
	case strings.HasPrefix(rest, "\r\n"):
		return i + 3
	case rest[0] == '\n':
		return i + 2
	}
	b.WriteByte(rest[0])
	*open = true
	return i + 2
}

var errUnclosedQuote = errors.New("a quote is not closed")

// quoted reads a quoted stretch at the start of s and returns its length.
func quoted(s string, b *strings.Builder) (int, error) {
	switch s[0] {
	case '\'':
		end := strings.IndexByte(s[1:], '\'')
		if end < 0 {
			return 0, errUnclosedQuote
		}
		b.WriteString(s[1 : 1+end])
		return end + 2, nil
	case '$':
		return ansiQuoted(s, b)
	}
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '"':
			return i + 1, nil
		case s[i] == '\\' && i+1 < len(s) && strings.IndexByte("\"\\$`\n", s[i+1]) >= 0:
			i++
			if s[i] != '\n' {
				b.WriteByte(s[i])
			}
		default:
			b.WriteByte(s[i])
		}
	}
	return 0, errUnclosedQuote
}

var ansiEscapes = map[byte]byte{'n': '\n', 'r': '\r', 't': '\t', '\\': '\\', '\'': '\'', '"': '"'}

// ansiQuoted reads $'…', as browsers write it when they copy a request.
func ansiQuoted(s string, b *strings.Builder) (int, error) {
	for i := 2; i < len(s); i++ {
		switch {
		case s[i] == '\'':
			return i + 1, nil
		case s[i] == '\\' && i+1 < len(s):
			i++
			switch {
			case ansiEscapes[s[i]] != 0:
				b.WriteByte(ansiEscapes[s[i]])
			case (s[i] == 'x' || s[i] == 'u') && i+1 < len(s):
				digits := 2
				if s[i] == 'u' {
					digits = 4
				}
				r, n := hexRune(s[i+1:], digits)
				b.WriteRune(r)
				i += n
			default:
				b.WriteByte(s[i])
			}
		default:
			b.WriteByte(s[i])
		}
	}
	return 0, errUnclosedQuote
}

func hexRune(s string, most int) (r rune, n int) {
	for n < len(s) && n < most {
		d := strings.IndexByte("0123456789abcdef", s[n]|0x20)
		if s[n] < '0' || d < 0 || d < 10 && s[n] > '9' {
			break
		}
		r, n = r<<4|rune(d), n+1
	}
	return r, n
}

// Quote writes a text as one word of a POSIX shell.
func Quote(s string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-._/:@%+=,", r)
	}
	if s != "" && strings.IndexFunc(s, func(r rune) bool { return !plain(r) }) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
