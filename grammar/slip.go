package grammar

import "strings"

// slip is the advice for what other languages would have at a token where an operator is expected; "" for nothing known.
func (p *parser) slip(t token) string {
	before := p.scanner.text[:t.start]
	switch word := lastWord(strings.TrimRight(before, " \t\n")); {
	case t.kind == kindLeftParenthesis && !t.spaced && foreignFunctions[strings.TrimLeft(lastPath(before), ".")] != "":
		return "write " + foreignFunctions[lastPath(before)]
	case t.kind == kindLeftParenthesis && !t.spaced && strings.HasSuffix(strings.TrimSuffix(before, word), "."):
		object := lastPath(strings.TrimSuffix(before, "."+word))
		if f, ok := foreignMethods[word]; ok && object != "" {
			return "there are no methods: write " + strings.Replace(f, "x", object, 1)
		}
		return "there are no methods: write a function with the value as its argument, such as " + word + "(" + object + ")"
	case word == "not" && t.spaced:
		return "write ! for not: !" + firstPath(p.scanner.text[t.start:])
	}
	switch strings.ToLower(p.word(t)) {
	case "is", "eq", "equals":
		return "write = to compare"
	case "ne", "neq":
		return "write != to compare"
	case "gt", "lt", "ge", "le":
		return "write <, <=, > or >= to compare"
	case "in", "includes":
		return "write contains(list; value)"
	case "xor":
		return "write a != b"
	}
	return ""
}

// foreignFunctions are functions of JavaScript that are members of an object.
var foreignFunctions = map[string]string{
	"JSON.parse": "parseJSON(text)", "Math.floor": "floor(number)", "Math.ceil": "ceil(number)", "Math.round": "round(number)", "Math.abs": "abs(number)",
	"Math.max": "max(a; b)", "Math.min": "min(a; b)", "Object.keys": "keys(collection)", "Date.now": "now",
}

// foreignMethods are methods of JavaScript and Python, with x for their object.
var foreignMethods = map[string]string{
	"toUpperCase": "upper(x)", "toLowerCase": "lower(x)", "toLocaleUpperCase": "upper(x)", "toLocaleLowerCase": "lower(x)", "upper": "upper(x)", "lower": "lower(x)",
	"trim": "trim(x)", "strip": "trim(x)", "split": "split(x; \",\")", "join": "join(x; \",\")", "replace": "replace(x; search; replacement)",
	"replaceAll": "replace(x; search; replacement)", "substring": "substring(x; start; end)", "slice": "slice(x; start; end)", "substr": "substring(x; start; end)",
	"indexOf": "indexOf(x; search)", "includes": "contains(x; search)", "startsWith": "indexOf(x; search) = 0", "map": "map(x; key)", "filter": "map(x; key; key; value)",
	"length": "length(x)", "size": "length(x)", "count": "length(x)", "len": "length(x)", "first": "first(x)", "last": "last(x)", "reverse": "reverse(x)", "sort": "sort(x)",
	"push": "add(x; value)", "concat": "merge(x; other)", "keys": "keys(x)", "toString": "toString(x)", "toFixed": "formatNumber(x; digits)", "toISOString": "formatDate(x; \"YYYY-MM-DDTHH:mm:ss.SSS[Z]\"; \"UTC\")",
	"get": "get(x; path)", "parse": "parseJSON(x)", "format": "formatDate(x; format)",
}

// lastWord is the name that a text ends with.
func lastWord(text string) string {
	i := len(text)
	for i > 0 && (isWordByte(text[i-1])) {
		i--
	}
	return text[i:]
}

// lastPath is the path of plain names that a text ends with.
func lastPath(text string) string {
	i := len(text)
	for i > 0 && (isWordByte(text[i-1]) || text[i-1] == '.') {
		i--
	}
	return strings.Trim(text[i:], ".")
}

// firstPath is the path of plain names that a text begins with.
func firstPath(text string) string {
	i := 0
	for i < len(text) && (isWordByte(text[i]) || text[i] == '.') {
		i++
	}
	return text[:i]
}

func isWordByte(c byte) bool {
	return c == '_' || c == '$' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// argumentAround is the argument of a call that before ends in and rest goes on with.
func argumentAround(before, rest string) string {
	start := strings.LastIndexAny(before, ";,(") + 1
	end := strings.IndexAny(rest, ";,)")
	if end < 0 {
		end = len(rest)
	}
	return strings.TrimSpace(before[start:]) + ":" + strings.TrimSpace(rest[:end])
}

// isDateFormat reports whether a text that is no text literal is a format of dates: runs of the letters of formats with signs
// between them, and at least one run that no name of a value looks like.
func isDateFormat(text string) bool {
	sure := false
	for run := range strings.FieldsFuncSeq(text, func(c rune) bool { return strings.ContainsRune("-:/. T", c) }) {
		switch {
		case strings.Contains(" YYYY YY MM DD HH hh mm ss SSS ZZ MMM MMMM ddd dddd ", " "+run+" "):
			sure = true
		case !strings.Contains(" M D H h m s Z A a x X ", " "+run+" "):
			return false
		}
	}
	return sure
}

// unquotedFormat reports a date format that stands where a text belongs, and reads as a calculation.
func (p *parser) unquotedFormat(c *Call) bool {
	if c.Name != "formatDate" && c.Name != "parseDate" || len(c.Args) < 2 || c.Args[1] == nil {
		return false
	}
	at := c.Args[1].Span()
	switch c.Args[1].(type) {
	case *Binary, *Root, *Path:
	default:
		return false
	}
	text := p.scanner.text[at.Start:at.End]
	if !isDateFormat(text) {
		return false
	}
	p.fail("IML117", at, "a date format stands without quotes and would be calculated", "write \""+text+"\"")
	return true
}
