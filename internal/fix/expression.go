package fix

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/internal/source"
)

// expressions are the recipes for what stands inside of braces.
var expressions = map[string]recipe{
	"IML101": closeHole, "IML102": straightQuote, "IML104": plus, "IML105": closeBefore(")"), "IML106": removeSpan,
	"IML107": closeBefore("]"), "IML108": array, "IML109": collection, "IML110": number, "IML111": loneDot, "IML113": operator, "IML114": innerBraces,
	"IML116": removeSpan, "IML117": fromHelp, "IML202": fewerArguments, "IML203": argument, "IML204": choice, "IML210": fromHelp,
	"IML301": comparison, "IML302": backticks, "IML303": joinWithPlus, "IML304": semicolons, "IML305": first, "IML306": backticks,
	"IML307": fromHelp, "IML308": addDays, "IML309": length, "IML311": newline,
}

var suggested = regexp.MustCompile(`^did you mean "([^"]+)"\?|^write "([^"]+)"$`)

// fromHelp writes what the help says instead of what is there: a name, or a text of the expression.
func fromHelp(d *diag.Diagnostic, t *tree) (diag.Fix, bool) {
	m := suggested.FindStringSubmatch(d.Help)
	switch {
	case m == nil:
		return diag.Fix{}, false
	case m[2] != "":
		return one("write it in quotes", d.Span, "'"+m[2]+"'")
	}
	return one("write "+m[1], d.Span, m[1])
}

// straightQuote writes a typographic quote straight; ' is right in JSON and YAML.
func straightQuote(d *diag.Diagnostic, t *tree) (diag.Fix, bool) {
	if !strings.HasPrefix(d.Help, "use straight quotes") {
		return diag.Fix{}, false
	}
	line, _, _ := strings.Cut(t.file.Text[d.Span.Start:], "}}")
	fix := diag.Fix{Title: "use straight quotes"}
	for i, c := range line {
		if strings.ContainsRune("“”„‟«»″‘’‚‛′´", c) {
			at := source.Span{File: t.file, Start: d.Span.Start + i, End: d.Span.Start + i + len(string(c))}
			fix.Edits = append(fix.Edits, diag.Edit{Span: at, Text: "'"})
		}
	}
	return fix, len(fix.Edits) > 0
}

// plus joins two operands, or writes a word operator in small letters.
func plus(d *diag.Diagnostic, t *tree) (diag.Fix, bool) {
	word := d.Span.Text()
	if lower := strings.ToLower(word); d.Code == "IML104" && (lower == "and" || lower == "or") {
		return one("write "+lower, d.Span, lower)
	}
	if d.Code == "IML104" && !strings.HasPrefix(d.Help, "write an operator") {
		return diag.Fix{}, false
	}
	at := d.Span
	at.End = at.Start
	return one("write + between them", at, "+ ")
}

// closeBefore closes a bracket at the end of its hole.
func closeBefore(closer string) recipe {
	return func(d *diag.Diagnostic, t *tree) (diag.Fix, bool) {
		line, _, _ := strings.Cut(t.file.Text[d.Span.Start:], "\n")
		n := strings.Index(line, "}}")
		if n < 0 {
			return diag.Fix{}, false
		}
		at := d.Span.Start + n
		return one("write the missing "+closer, source.Span{File: t.file, Start: at, End: at}, closer)
	}
}

func removeSpan(d *diag.Diagnostic, _ *tree) (diag.Fix, bool) {
	if d.Span.Start == d.Span.End {
		return diag.Fix{}, false
	}
	return one("remove it", d.Span, "")
}

// conditionals are holes that hold nothing but a choice as other languages write it.
var conditionals = []struct {
	pattern *regexp.Regexp
	made    string
}{
	{regexp.MustCompile(`^\{\{\s*([^?:{};"]+?)\s*\?\?\s*([^?:{};]+?)\s*\}\}`), "{{ifempty($1; $2)}}"},
	{regexp.MustCompile(`^\{\{\s*([^?:{};"]+?)\s*\?\s*([^?:{};]+?)\s*:\s*([^?:{};]+?)\s*\}\}`), "{{if($1; $2; $3)}}"},
}

// operator writes an operator that exists, or the function that does what one of another language does.
func operator(d *diag.Diagnostic, t *tree) (diag.Fix, bool) {
	raw := d.Span.Text()
	if meant := map[string]string{"<>": "!=", "=>": ">="}[raw]; meant != "" {
		return one("write "+meant, d.Span, meant)
	}
	if rest := strings.TrimLeft(t.file.Text[d.Span.End:], " "); raw == "++" && beginsOperand(rest) {
		return one("write +", d.Span, "+")
	}
	start := strings.LastIndex(t.file.Text[:d.Span.Start], "{{")
	if start < 0 {
		return diag.Fix{}, false
	}
	for _, x := range conditionals {
		if m := x.pattern.FindStringSubmatchIndex(t.file.Text[start:]); m != nil && start+m[1] > d.Span.Start {
			at := source.Span{File: t.file, Start: start, End: start + m[1]}
			made := string(x.pattern.ExpandString(nil, x.made, t.file.Text[start:], m))
			return one("write "+unquoted(strings.Trim(made, "{}")), at, made)
		}
	}
	return diag.Fix{}, false
}

// backticks writes a name in backticks; one of digits alone becomes an index.
func backticks(d *diag.Diagnostic, t *tree) (diag.Fix, bool) {
	name := d.Span.Text()
	if _, err := strconv.Atoi(name); err == nil && d.Span.Start > 0 && t.file.Text[d.Span.Start-1] == '.' {
		at := d.Span
		at.Start--
		if name = strings.TrimLeft(name, "0"); name == "" {
			name = "1" // the first item
		}
		return one("write it as an index", at, "["+name+"]")
	}
	return one("write it in backticks", d.Span, "`"+name+"`")
}

// first writes the index of the first item.
func first(d *diag.Diagnostic, _ *tree) (diag.Fix, bool) { return one("write [1]", d.Span, "[1]") }

var tooMany = regexp.MustCompile(`takes (\d)(?: to (\d))? arguments?, found`)

// beginsOperand reports whether a rest of an expression begins with a value.
func beginsOperand(rest string) bool {
	return rest != "" && (isLetter(rest[0]) || isDigit(rest[0]) || strings.IndexByte(`('_`+"`", rest[0]) >= 0 || strings.HasPrefix(rest, `\"`))
}

// endsOperand reports whether a part of an expression ends with a value.
func endsOperand(part string) bool {
	if part == "" {
		return false
	}
	c := part[len(part)-1]
	return isLetter(c) || isDigit(c) || strings.IndexByte(`)]'_"`+"`", c) >= 0
}

var (
	unclosedName = regexp.MustCompile(`^\{\{\s*[A-Za-z_]\w*(?:\.\w+)*\s*`)
	// numberAndWord is a number that a word of the language, or its exponent, follows.
	numberAndWord = regexp.MustCompile(`^\d+(?i:e\d*|and|or|mod|div)$`)
	wordBefore    = regexp.MustCompile(`\b(?:and|or|mod|not)$`)
	wordHere      = regexp.MustCompile(`^(?:and|or|mod)\b`)
	digitsName    = regexp.MustCompile(`^\d+[A-Za-z_]\w*$`)
	pathBefore    = regexp.MustCompile(`[A-Za-z_]\w*(?:\[\d*\])?(?:\.[A-Za-z_]\w*(?:\[\d*\])?)*\.$`)
	daysBehind    = regexp.MustCompile(`^\+\s*(\d+)\s*(?:\}\}|[);,])`)
	nowBefore     = regexp.MustCompile(`(?:\{\{|[(;,])\s*(now)\s*$`)
)

// closeHole closes a hole that holds a name and nothing else.
func closeHole(d *diag.Diagnostic, t *tree) (diag.Fix, bool) {
	text := t.file.Text[d.Span.Start:]
	n := len(unclosedName.FindString(text))
	if n == 0 {
		return diag.Fix{}, false
	}
	at := source.Span{File: t.file, Start: d.Span.Start + n, End: d.Span.Start + n}
	switch rest := text[n:]; {
	case strings.HasPrefix(rest, "}"):
		return one("close the hole", at, "}")
	case strings.HasPrefix(rest, `"`):
		return one("close the hole", at, "}}")
	}
	return diag.Fix{}, false
}

// number writes a name of digits in backticks, and a number with its zero.
func number(d *diag.Diagnostic, t *tree) (diag.Fix, bool) {
	if raw := d.Span.Text(); digitsName.MatchString(raw) && !numberAndWord.MatchString(raw) {
		return one("write it in backticks", d.Span, "`"+raw+"`")
	}
	at := d.Span
	at.End = at.Start
	if rest := t.file.Text[at.Start:]; len(rest) > 1 && rest[0] == '.' && isDigit(rest[1]) {
		return one("write the 0", at, "0")
	}
	return diag.Fix{}, false
}

// loneDot removes a dot too many.
func loneDot(d *diag.Diagnostic, t *tree) (diag.Fix, bool) {
	at := source.Span{File: t.file, Start: d.Span.Start, End: d.Span.Start + 1}
	before, rest := t.file.Text[:at.Start], t.file.Text[at.Start:]
	if len(rest) < 2 || rest[0] != '.' || !isLetter(rest[1]) {
		return diag.Fix{}, false
	}
	twice := strings.Contains(d.Message, "after the dot") && strings.HasSuffix(before, ".") && endsOperand(before[:len(before)-1])
	if !twice && !(strings.Contains(d.Message, "before the dot") && strings.HasSuffix(before, "{{")) {
		return diag.Fix{}, false
	}
	return one("remove the dot", at, "")
}

// innerBraces leaves out the braces of a hole inside of a hole.
func innerBraces(d *diag.Diagnostic, t *tree) (diag.Fix, bool) {
	text, open := t.file.Text, d.Span.Start
	n := strings.Index(text[open:], "}}")
	if n < 0 || !strings.HasPrefix(text[open:], "{{") || strings.Contains(text[open+2:open+n], "{{") {
		return diag.Fix{}, false
	}
	opener, closer := diag.Edit{Span: source.Span{File: t.file, Start: open, End: open + 2}}, diag.Edit{Span: source.Span{File: t.file, Start: open + n, End: open + n + 2}}
	if before := strings.TrimRight(text[:open], " "); endsOperand(before) {
		opener.Text = " + "
	}
	if rest := strings.TrimLeft(text[open+n+2:], " "); beginsOperand(rest) {
		closer.Text = " + "
	}
	return diag.Fix{Title: "leave out the inner braces", Edits: []diag.Edit{opener, closer}}, true
}

// comparison writes a number or a truth value that is compared with one without its quotes.
func comparison(d *diag.Diagnostic, t *tree) (diag.Fix, bool) {
	if !strings.Contains(d.Message, "text") || !strings.Contains(d.Message, "number") && !strings.Contains(d.Message, "boolean") {
		return diag.Fix{}, false
	}
	at := source.Span{File: t.file, Start: d.Span.End + indented(t.file.Text[d.Span.End:])}
	if at.End = skipText(t.file.Text, at.Start); at.End <= at.Start {
		at.End = len(strings.TrimRight(t.file.Text[:d.Span.Start], " "))
		for _, quote := range []string{`\"`, "'"} {
			if raw := t.file.Text[:at.End]; strings.HasSuffix(raw, quote) {
				at.Start = strings.LastIndex(raw[:len(raw)-len(quote)], quote)
			}
		}
	}
	if at.Start < 0 || at.Start >= at.End {
		return diag.Fix{}, false
	}
	word := strings.Trim(at.Text(), `\"'`)
	n, err := strconv.ParseFloat(word, 64)
	if canonical := strconv.FormatFloat(n, 'f', -1, 64); (err != nil || canonical != word) && word != "true" && word != "false" || word == at.Text() {
		return diag.Fix{}, false
	}
	if isNumber := err == nil; isNumber != strings.Contains(d.Message, "number") {
		return diag.Fix{}, false
	}
	return one("write "+word+" without quotes", at, word)
}

// joinWithPlus writes the operator that joins texts, at the diagnostic and wherever it is missing behind that in the hole.
func joinWithPlus(d *diag.Diagnostic, t *tree) (diag.Fix, bool) {
	text, start := t.file.Text, d.Span.Start
	fix := diag.Fix{Title: "write + between them"}
	insert := func(at int) {
		if n := len(fix.Edits); n == 0 || fix.Edits[n-1].Span.Start < at {
			fix.Edits = append(fix.Edits, diag.Edit{Span: source.Span{File: t.file, Start: at, End: at}, Text: "+ "})
		}
	}
	insert(start)
	open := strings.LastIndex(text[:start], "{{")
	if open < 0 {
		return fix, true
	}
	for i := open + 2; i < len(text) && !strings.HasPrefix(text[i:], "}}"); {
		end := skipText(text, i)
		if end < 0 {
			break
		}
		if end == i {
			i++
			continue
		}
		if before := strings.TrimRight(text[open+2:i], " "); i > start && endsOperand(before) && !wordBefore.MatchString(before) {
			insert(i)
		}
		i = end + indented(text[end:])
		if i > start && beginsOperand(text[i:]) && !wordHere.MatchString(text[i:]) {
			insert(i)
		}
	}
	return fix, true
}

// addDays adds days to the present as a date and not as a text.
func addDays(d *diag.Diagnostic, t *tree) (diag.Fix, bool) {
	m := nowBefore.FindStringSubmatchIndex(t.file.Text[:d.Span.Start])
	n := daysBehind.FindStringSubmatchIndex(t.file.Text[d.Span.Start:])
	if m == nil || n == nil {
		return diag.Fix{}, false
	}
	made := "addDays(now; " + t.file.Text[d.Span.Start+n[2]:d.Span.Start+n[3]] + ")"
	return one("write "+made, source.Span{File: t.file, Start: m[2], End: d.Span.Start + n[3]}, made)
}

// length counts with the function that does so.
func length(d *diag.Diagnostic, t *tree) (diag.Fix, bool) {
	path := pathBefore.FindString(t.file.Text[:d.Span.Start])
	rest := t.file.Text[d.Span.End:]
	if path == "" || rest == "" || strings.IndexByte(".[(", rest[0]) >= 0 {
		return diag.Fix{}, false
	}
	made := "length(" + strings.TrimSuffix(path, ".") + ")"
	return one("write "+made, source.Span{File: t.file, Start: d.Span.Start - len(path), End: d.Span.End}, made)
}

// newline writes a line break or a tab at the end of a text as the keyword that it has.
func newline(d *diag.Diagnostic, _ *tree) (diag.Fix, bool) {
	raw := d.Span.Text()
	quote := `\"`
	if !strings.HasPrefix(raw, quote) {
		quote = "'"
	}
	text := strings.TrimSuffix(strings.TrimPrefix(raw, quote), quote)
	for escape, keyword := range map[string]string{`\\n`: "newline", `\\r`: "carriagereturn", `\\t`: "tab"} {
		head, ok := strings.CutSuffix(text, escape)
		if !ok || strings.Contains(head, `\`) || len(text) == len(raw) {
			continue
		}
		if head == "" {
			return one("write "+keyword, d.Span, keyword)
		}
		return one("write the text + "+keyword, d.Span, quote+head+quote+" + "+keyword)
	}
	return diag.Fix{}, false
}
