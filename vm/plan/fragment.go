package plan

import "unicode/utf8"

// fragment is the set of places of a JSON document (RFC 8259) at which a string can stand.
type fragment uint8

const (
	fragmentKnown   fragment = 1 << iota
	fragmentValue            // one value
	fragmentItems            // one or more values with commas
	fragmentMembers          // one or more members with commas
	fragmentKey              // a quoted key and its colon
	fragmentText             // the inside of a text
)

// fragment returns what string a of the pool can be emitted as. The verifier looks at each string once.
func (v *verifier) fragment(a int32) fragment {
	if v.fragments == nil {
		return classify(v.p.Strings[a])
	}
	if v.fragments[a] == 0 {
		v.fragments[a] = classify(v.p.Strings[a])
	}
	return v.fragments[a]
}

func classify(s string) fragment {
	kinds := fragmentKnown
	if !utf8.ValidString(s) {
		return kinds
	}
	if end := scanText(s, 0); end == len(s) {
		kinds |= fragmentText
	}
	if s == "" {
		return kinds
	}
	if end, ok := scanKey(s, 0); ok && end == len(s) {
		return kinds | fragmentKey
	}
	if end, ok := scanValue(s, 0, 0); ok && end == len(s) {
		return kinds | fragmentValue | fragmentItems
	}
	if end, ok := scanList(s, 0, 0, false); ok && end == len(s) {
		return kinds | fragmentItems
	}
	if end, ok := scanList(s, 0, 0, true); ok && end == len(s) {
		return kinds | fragmentMembers
	}
	return kinds
}

// scanText returns the end of the text content that starts at i: a quotation mark, a control character or a bad escape.
func scanText(s string, i int) int {
	for i < len(s) && s[i] != '"' && s[i] >= 0x20 {
		if s[i] != '\\' {
			i++
			continue
		}
		n := escapeLength(s[i:])
		if n == 0 {
			return i
		}
		i += n
	}
	return i
}

// escapeLength returns the length of the escape that s starts with, 0 when it is none.
func escapeLength(s string) int {
	if len(s) < 2 {
		return 0
	}
	switch s[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2
	case 'u':
		if len(s) >= 6 && isHex(s[2]) && isHex(s[3]) && isHex(s[4]) && isHex(s[5]) {
			return 6
		}
	}
	return 0
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

func scanQuoted(s string, i int) (end int, ok bool) {
	if i >= len(s) || s[i] != '"' {
		return i, false
	}
	i = scanText(s, i+1)
	return i + 1, i < len(s) && s[i] == '"'
}

func scanKey(s string, i int) (end int, ok bool) {
	i, ok = scanQuoted(s, i)
	i = skipSpace(s, i)
	return i + 1, ok && i < len(s) && s[i] == ':'
}

// scanList scans items, or members with keys, with commas between them.
func scanList(s string, i, depth int, keys bool) (end int, ok bool) {
	for {
		if i = skipSpace(s, i); keys {
			if i, ok = scanKey(s, i); !ok {
				return i, false
			}
		}
		if i, ok = scanValue(s, skipSpace(s, i), depth); !ok {
			return i, false
		}
		if i = skipSpace(s, i); i >= len(s) || s[i] != ',' {
			return i, true
		}
		i++
	}
}

func scanValue(s string, i, depth int) (end int, ok bool) {
	if i >= len(s) || depth > maxNesting {
		return i, false
	}
	switch c := s[i]; c {
	case '"':
		return scanQuoted(s, i)
	case '{', '[':
		closing := c + 2 // both pairs lie two apart in ASCII
		if i = skipSpace(s, i+1); i < len(s) && s[i] == closing {
			return i + 1, true
		}
		if i, ok = scanList(s, i, depth+1, c == '{'); !ok || i >= len(s) || s[i] != closing {
			return i, false
		}
		return i + 1, true
	case 't':
		return scanWord(s, i, "true")
	case 'f':
		return scanWord(s, i, "false")
	case 'n':
		return scanWord(s, i, "null")
	}
	return scanNumber(s, i)
}

func scanWord(s string, i int, word string) (end int, ok bool) {
	end = i + len(word)
	return end, end <= len(s) && s[i:end] == word
}

func scanNumber(s string, i int) (end int, ok bool) {
	if i < len(s) && s[i] == '-' {
		i++
	}
	start := i
	if i = skipDigits(s, i); i == start || i > start+1 && s[start] == '0' {
		return i, false
	}
	if i < len(s) && s[i] == '.' {
		start = i + 1
		if i = skipDigits(s, start); i == start {
			return i, false
		}
	}
	if i < len(s) && (s[i] == 'e' || s[i] == 'E') {
		if i++; i < len(s) && (s[i] == '+' || s[i] == '-') {
			i++
		}
		start = i
		if i = skipDigits(s, i); i == start {
			return i, false
		}
	}
	return i, true
}

func skipDigits(s string, i int) int {
	for i < len(s) && '0' <= s[i] && s[i] <= '9' {
		i++
	}
	return i
}

func skipSpace(s string, i int) int {
	for i < len(s) && (s[i] == ' ' || s[i] == '\t' || s[i] == '\n' || s[i] == '\r') {
		i++
	}
	return i
}
