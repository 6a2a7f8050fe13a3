package paste

import "strings"

// windows reports whether a pasted command was written for the command prompt of Windows: a caret escapes a quote there,
// or the end of a line.
func windows(text string) bool {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	return strings.Contains(text, `^"`) || strings.Contains(text, " ^\n")
}

// windowsWords splits a command line as the command prompt and then a program of Windows do: carets escape outside
// quotes, and quotes and backslashes follow the rules of the C runtime.
func windowsWords(line string) ([]string, error) {
	line = withoutCarets(strings.ReplaceAll(line, "\r\n", "\n"))
	var words []string
	var b strings.Builder
	open, quoted := false, false
	for i := 0; i < len(line); {
		switch c := line[i]; {
		case c == '\\':
			n := 1
			for i+n < len(line) && line[i+n] == '\\' {
				n++
			}
			i, open = i+n, true
			if i == len(line) || line[i] != '"' {
				b.WriteString(strings.Repeat(`\`, n))
				continue
			}
			b.WriteString(strings.Repeat(`\`, n/2))
			if n%2 == 1 {
				b.WriteByte('"')
				i++
			}
		case c == '"' && quoted && strings.HasPrefix(line[i:], `""`):
			b.WriteByte('"')
			i += 2
		case c == '"':
			quoted, open = !quoted, true
			i++
		case !quoted && (c == ' ' || c == '\t' || c == '\n'):
			if open {
				words, open = append(words, b.String()), false
				b.Reset()
			}
			i++
		default:
			b.WriteByte(c)
			i, open = i+1, true
		}
	}
	if quoted {
		return nil, errUnclosedQuote
	}
	if open {
		words = append(words, b.String())
	}
	return words, nil
}

// withoutCarets undoes the escapes of the command prompt. A caret before a line break takes it away and escapes what
// follows, so that a line break behind it stays.
func withoutCarets(line string) string {
	var b strings.Builder
	quoted := false
	for i := 0; i < len(line); i++ {
		c := line[i]
		switch {
		case c == '"':
			quoted = !quoted
		case c == '\n':
			quoted = false
		case c == '^' && !quoted && i+1 < len(line):
			i++
			if line[i] == '\n' {
				if i+1 == len(line) {
					continue
				}
				i++
			}
			c = line[i]
		}
		b.WriteByte(c)
	}
	return b.String()
}

// quoteWindows writes a text as one word of the command prompt of Windows: quoted for the C runtime, and every character
// that the prompt might take for its own escaped with a caret.
func quoteWindows(s string) string {
	if s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._/:@=,") == "" {
		return s
	}
	var b strings.Builder
	b.WriteString(`^"`)
	backslashes := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '\\':
			backslashes++
			b.WriteByte(c)
			continue
		case c == '"':
			b.WriteString(strings.Repeat(`\`, backslashes+1) + `^"`)
		case c == '\r' && i+1 < len(s) && s[i+1] == '\n':
			// The prompt reads one line break, as CRLF; it comes with the line feed.
		case c == '\n':
			b.WriteString("^\n\n")
		case strings.IndexByte("^%&|<>()!", c) >= 0:
			b.WriteString("^" + string(c))
		default:
			b.WriteByte(c)
		}
		backslashes = 0
	}
	b.WriteString(strings.Repeat(`\`, backslashes) + `^"`)
	return b.String()
}
