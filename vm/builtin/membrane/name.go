package membrane

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/value"
)

// The words that names are taken apart by (spec dialects.md §2.5).
var (
	suffixes      = strings.Fields("i ii iii iv v senior junior jr sr phd apr rph pe md ma dmd cme qc kc")
	salutations   = strings.Fields("mr master mister mrs miss ms dr prof rev fr judge honorable hon tuan sr srta br pr mx sra")
	lastNameWords = strings.Fields("vere von van de del della der den di da pietro vanden du st la lo ter bin ibn te ten op ben al")
)

func callFirstName(c *builtin.Context, a builtin.Args) (value.Value, error) {
	n, err := nameOf(c, a.At(0))
	if err != nil || n.last == "" || !n.hasFirst {
		return value.Undefined, err
	}
	return value.Text(n.first), nil
}

func callLastName(c *builtin.Context, a builtin.Args) (value.Value, error) {
	n, err := nameOf(c, a.At(0))
	if n.last == "" {
		n.last = n.first
	}
	if err != nil || n.last == "" {
		return value.Undefined, err
	}
	return value.Text(n.last), nil
}

// name is a name taken apart. A single word is a first name.
type name struct {
	first, last string
	hasFirst    bool
}

// nameOf takes the text of a value apart.
func nameOf(c *builtin.Context, v value.Value) (name, error) {
	if v.IsNil() {
		return name{}, nil
	}
	s, err := text(c, v)
	if err != nil {
		return name{}, err
	}
	if err := c.Text(len(s)); err != nil {
		return name{}, err
	}
	if err := c.Read(wordBytes * len(s)); err != nil {
		return name{}, err
	}
	if err := c.Memory(int64(len(s)) * wordBytes); err != nil {
		return name{}, err
	}
	return parseName(s), nil
}

// wordBytes is what a byte of a name takes up while it is taken apart: words may be one byte and a blank.
const wordBytes = 16

func parseName(s string) (n name) {
	parts := nameParts(s)
	if len(parts) == 1 {
		n.setFirst(parts[0])
	}
	if i := len(parts) - 1; i > 0 && isWord(suffixes, parts[i]) {
		parts = parts[:i]
		parts[i-1] = strings.Replace(parts[i-1], ",", "", 1)
	}
	hasComma := func(p string) bool { return strings.Contains(p, ",") }
	if i := slices.IndexFunc(parts, hasComma); i >= 0 {
		n.lastFirst(parts, i)
	} else if len(parts) > 0 {
		n.firstFirst(parts)
	}
	n.first, n.last = strings.TrimFunc(n.first, value.IsSpace), strings.TrimFunc(n.last, value.IsSpace)
	return n
}

func (n *name) setFirst(s string) { n.first, n.hasFirst = s, true }

// lastFirst reads "Last, First Middle", where the part at comma has the comma. A suffix in front of it is no part of the name.
func (n *name) lastFirst(parts []string, comma int) {
	last := slices.Clone(parts[:comma])
	if word := strings.Replace(parts[comma], ",", "", 1); !isWord(suffixes, word) {
		last = append(last, word)
	}
	n.last = strings.Join(last, " ")
	if comma+1 < len(parts) {
		n.setFirst(parts[comma+1])
	}
}

// firstFirst reads "Salutation First Middle Last". Behind a salutation a single word is the last name.
func (n *name) firstFirst(parts []string) {
	if len(parts) > 1 && isWord(salutations, parts[0]) {
		parts = parts[1:]
		if len(parts) == 1 {
			n.last = parts[0]
			return
		}
	}
	n.setFirst(parts[0])
	from := len(parts) - 1
	if from == 0 {
		return
	}
	for from > 1 && isWord(lastNameWords, parts[from-1]) {
		from--
	}
	n.last = strings.Join(parts[from:], " ")
}

// isWord reports whether a part is one of the words, dots and letter case aside.
func isWord(words []string, part string) bool {
	return slices.Contains(words, strings.ToLower(strings.ReplaceAll(part, ".", "")))
}

// nameParts splits a name at blanks and around double quotes, which bind what is between them.
func nameParts(s string) []string {
	s = spaceCommas(strings.TrimFunc(s, value.IsSpace))
	var parts []string
	for rest := s; rest != ""; {
		if rest[0] == '"' { // looked for only behind one: a look from every word would be quadratic
			if inside, after, closed := strings.Cut(rest[1:], `"`); closed && inside != "" {
				parts, rest = append(parts, inside), after
				continue
			}
		}
		end := strings.IndexFunc(rest, func(r rune) bool { return r == '"' || value.IsSpace(r) })
		switch {
		case end < 0:
			return append(parts, rest)
		case end > 0:
			parts = append(parts, rest[:end])
		}
		_, size := utf8.DecodeRuneInString(rest[end:])
		if rest = rest[end:]; end == 0 || rest[0] != '"' {
			rest = rest[size:] // a blank, or a quote that binds nothing
		}
	}
	if len(parts) == 0 && s != "" && s != `""` { // quotes that bind nothing are a name of their own
		parts = []string{s}
	}
	return parts
}

// spaceCommas takes the blanks before a comma between words with blanks behind it away, and puts a blank behind a comma between word
// characters; each only the first time, as the platform does.
func spaceCommas(s string) string {
	for at := 0; at < len(s); at++ {
		i := strings.IndexByte(s[at:], ',')
		if i < 0 {
			break
		}
		at += i
		before, behind := strings.TrimRightFunc(s[:at], value.IsSpace), strings.TrimLeftFunc(s[at+1:], value.IsSpace)
		if len(before) < at && len(behind) < len(s)-at-1 && endsInWord(before) && startsWithWord(behind) {
			s = before + s[at:]
			break
		}
	}
	for i := 1; i+1 < len(s); i++ {
		if s[i] == ',' && isWordByte(s[i-1]) && isWordByte(s[i+1]) {
			return s[:i] + ", " + s[i+1:]
		}
	}
	return s
}

func startsWithWord(s string) bool { return s != "" && isWordByte(s[0]) }

func endsInWord(s string) bool { return s != "" && isWordByte(s[len(s)-1]) }

func isWordByte(b byte) bool {
	return b == '_' || b >= '0' && b <= '9' || b|0x20 >= 'a' && b|0x20 <= 'z'
}

// callDomain is the part of an address behind its one @.
func callDomain(_ *builtin.Context, a builtin.Args) (value.Value, error) {
	_, domain, ok := strings.Cut(a.At(0).Str(), "@")
	if !ok || a.At(0).Kind() != value.KindText || strings.Contains(domain, "@") {
		return value.Undefined, nil
	}
	return value.Text(domain), nil
}
