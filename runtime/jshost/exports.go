package jshost

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/imlc-lang/imlc/vm/script"
)

var (
	exportDeclared = regexp.MustCompile(`^export(\s+default)?\s+((?:async\s+)?function\s*\*?|class)\s+([A-Za-z_$][\w$]*)`)
	exportDefault  = regexp.MustCompile(`^export\s+default\b`)
	exportVariable = regexp.MustCompile(`^export\s+(?:const|let|var)\b`)
	exportList     = regexp.MustCompile(`^export\s*\{([^}]*)\}`)
	exportRenamed  = regexp.MustCompile(`^([A-Za-z_$][\w$]*)\s+as\s+default$`)
)

// exports rewrites the exports of a module, whose places stay what they are: the default one is assigned to
// exports.default, of the others only the declaration is left. tail goes behind the text.
func exports(i int, text string) (rewritten, tail string, problems []script.Problem) {
	out := []byte(text)
	blank := func(from, to int) {
		for j := from; j < to; j++ {
			if out[j] != '\n' {
				out[j] = ' '
			}
		}
	}
	scan(text, func(at int, word string, dotted bool) {
		rest := text[at:]
		if dotted || word != "export" && word != "import" || strings.HasPrefix(strings.TrimLeft(rest[len(word):], " \t\r\n"), ":") { // a key
			return
		}
		if word == "import" {
			problems = append(problems, problemAt(i, text, at, "a script cannot import: nothing but its own file is there", "put what it needs into the file"))
			return
		}
		switch {
		case exportDeclared.MatchString(rest):
			m := exportDeclared.FindStringSubmatchIndex(rest)
			if m[2] >= 0 {
				tail += "\nexports.default=" + rest[m[6]:m[7]] + ";"
			}
			blank(at, at+m[4])
		case exportDefault.MatchString(rest):
			n := len(exportDefault.FindString(rest))
			// "exports.default=" is longer than "export default": module.default is as good, and shorter
			blank(at, at+n)
			copy(out[at:], "exports._=")
			tail += "\nexports.default=exports._;"
		case exportVariable.MatchString(rest):
			blank(at, at+len("export"))
		case exportList.MatchString(rest):
			m := exportList.FindStringSubmatchIndex(rest)
			for _, part := range strings.Split(rest[m[2]:m[3]], ",") {
				if name := exportRenamed.FindStringSubmatch(strings.TrimSpace(part)); name != nil {
					tail += "\nexports.default=" + name[1] + ";"
				}
			}
			blank(at, at+m[1])
		default:
			problems = append(problems, problemAt(i, text, at, "this form of export is not known here", "write export default"))
		}
	})
	return string(out), tail, problems
}

func problemAt(i int, text string, at int, message, help string) script.Problem {
	before := text[:at]
	line := strings.LastIndexByte(before, '\n') + 1
	return script.Problem{Module: i, Line: strings.Count(before, "\n") + 1, Column: utf8.RuneCountInString(before[line:]) + 1, Message: message, Help: help}
}

// scan visits the words of a script that stand outside of comments, texts and regular expressions. dotted says that a
// word is the name of a property.
func scan(text string, visit func(at int, word string, dotted bool)) {
	last := byte(0)  // the last byte of code that is no space
	var nested []int // for each template that is open, how many braces are open in its hole
	template := func(i int) int {
		for i < len(text) {
			switch {
			case text[i] == '\\':
				i += 2
			case text[i] == '`':
				return i + 1
			case strings.HasPrefix(text[i:], "${"):
				nested = append(nested, 0)
				return i + 2
			default:
				i++
			}
		}
		return i
	}
	for i := 0; i < len(text); {
		rest, c := text[i:], text[i]
		switch {
		case strings.HasPrefix(rest, "//"):
			i += until(rest, "\n")
			continue
		case strings.HasPrefix(rest, "/*"):
			i += 2 + until(rest[2:], "*/")
			continue
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			i++
			continue
		case c == '\'' || c == '"':
			i += quoted(rest)
		case c == '`':
			i = template(i + 1)
		case c == '}' && len(nested) > 0 && nested[len(nested)-1] == 0:
			nested = nested[:len(nested)-1]
			i = template(i + 1)
		case c == '/' && (last == 0 || strings.IndexByte("(,=:[!&|?{};+-*%~^<>", last) >= 0):
			i += pattern(rest)
		case isWordByte(c):
			end := i
			for end < len(text) && isWordByte(text[end]) {
				end++
			}
			visit(i, text[i:end], last == '.')
			i = end
			if strings.HasSuffix(text[:end], "return") || strings.HasSuffix(text[:end], "typeof") || strings.HasSuffix(text[:end], "case") {
				c = '(' // a slash behind it opens a regular expression
			}
		default:
			if len(nested) > 0 && (c == '{' || c == '}') {
				nested[len(nested)-1] += map[byte]int{'{': 1, '}': -1}[c]
			}
			i++
		}
		last = c
	}
}

// until returns how far a text goes up to and with an end.
func until(s, end string) int {
	if i := strings.Index(s, end); i >= 0 {
		return i + len(end)
	}
	return len(s)
}

// quoted returns the length of the quoted text that s begins with.
func quoted(s string) int {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case s[0], '\n':
			return i + 1
		}
	}
	return len(s)
}

// pattern returns the length of the regular expression that s begins with.
func pattern(s string) int {
	class := false
	for i := 1; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\':
			i++
		case c == '[':
			class = true
		case c == ']':
			class = false
		case c == '/' && !class, c == '\n':
			return i + 1
		}
	}
	return len(s)
}
