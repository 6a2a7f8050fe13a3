package membrane

import (
	"slices"
	"strings"

	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/value"
)

// The words that names are taken apart by (spec dialects.md §2.5).
var (
	suffixes      = strings.Fields("i ii iii iv v senior junior jr sr phd apr rph pe md ma dmd cme qc kc")
	salutations   = strings.Fields("mr master mister mrs miss ms dr prof rev fr judge honorable hon tuan sr srta br pr mx sra")
	lastNameWords = strings.Fields("vere von van de del della der den di da pietro vanden du st. st la lo ter bin ibn te ten op ben al")
)

func callFirstName(c *builtin.Context, a builtin.Args) (value.Value, error) {
	first, last, err := splitName(c, a.At(0))
	if err != nil || first == "" || last == "" {
		return value.Undefined, err
	}
	return value.Text(first), nil
}

func callLastName(c *builtin.Context, a builtin.Args) (value.Value, error) {
	first, last, err := splitName(c, a.At(0))
	if last == "" {
		last = first
	}
	if err != nil || last == "" {
		return value.Undefined, err
	}
	return value.Text(last), nil
}

// splitName returns the first and the last name in the text of a value; a single word is the first name.
func splitName(c *builtin.Context, v value.Value) (first, last string, err error) {
	if v.IsNil() {
		return "", "", nil
	}
	s, err := text(c, v)
	if err != nil {
		return "", "", err
	}
	if err := c.Text(len(s)); err != nil {
		return "", "", err
	}
	if err := c.Memory(int64(len(s)) * wordBytes); err != nil {
		return "", "", err
	}
	first, last = namesIn(s)
	return first, last, nil
}

// wordBytes is what a byte of a name takes up while it is taken apart: words may be one byte and a blank.
const wordBytes = 16

func namesIn(s string) (first, last string) {
	parts := nameParts(s)
	if n := len(parts); n > 1 && isWord(suffixes, parts[n-1]) {
		parts = parts[:n-1]
		parts[n-2] = strings.TrimSuffix(parts[n-2], ",")
	}
	if i := slices.IndexFunc(parts, func(p string) bool { return strings.HasSuffix(p, ",") }); i >= 0 {
		last = strings.TrimSuffix(strings.Join(parts[:i+1], " "), ",")
		if i+1 < len(parts) {
			first = parts[i+1]
		}
		return first, last
	}
	salutation := len(parts) > 1 && isWord(salutations, parts[0])
	if salutation {
		parts = parts[1:]
	}
	switch len(parts) {
	case 0:
		return "", ""
	case 1:
		if salutation {
			return "", parts[0]
		}
		return parts[0], ""
	}
	from := len(parts) - 1
	for from > 1 && slices.Contains(lastNameWords, strings.ToLower(parts[from-1])) {
		from--
	}
	return parts[0], strings.Join(parts[from:], " ")
}

// isWord reports whether a part is one of the words, dots and letter case aside.
func isWord(words []string, part string) bool {
	return slices.Contains(words, strings.ToLower(strings.ReplaceAll(part, ".", "")))
}

// nameParts splits a name at blanks; double quotes bind. A comma between two word characters gets a blank behind it,
// and blanks before a comma go.
func nameParts(s string) []string {
	var spaced strings.Builder
	for i := range len(s) {
		spaced.WriteByte(s[i])
		if s[i] == ',' && i > 0 && i+1 < len(s) && isWordByte(s[i-1]) && isWordByte(s[i+1]) {
			spaced.WriteByte(' ')
		}
	}
	var parts []string
	quoted, open := false, false
	commas := 0 // behind the last part
	var part strings.Builder
	settle := func() {
		if commas > 0 {
			parts[len(parts)-1] += strings.Repeat(",", commas)
			commas = 0
		}
	}
	end := func() {
		if open {
			settle()
			parts = append(parts, part.String())
		}
		part.Reset()
		open = false
	}
	for _, r := range spaced.String() {
		switch {
		case r == '"':
			quoted, open = !quoted, true
		case value.IsSpace(r) && !quoted:
			end()
		case r == ',' && !open && len(parts) > 0 && !quoted:
			commas++
		default:
			part.WriteRune(r)
			open = true
		}
	}
	end()
	settle()
	return parts
}

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
