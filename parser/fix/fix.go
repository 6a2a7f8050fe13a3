package fix

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/internal/source"
	"github.com/imlc-lang/imlc/parser"
	"github.com/imlc-lang/imlc/parser/document"
)

// Add gives diagnostics without a fix the one that their code has. It reads each file at most once.
func Add(list *diag.List) {
	docs := map[*source.File]*tree{}
	for i := range list.Items {
		d := &list.Items[i]
		make, ok := recipes[d.Code]
		if len(d.Fixes) > 0 || d.Span.IsZero() || !ok {
			continue
		}
		f := d.Span.File
		if docs[f] == nil {
			docs[f] = read(f)
		}
		if fix, ok := make(d, docs[f]); ok {
			d.Fixes = []diag.Fix{fix}
		}
	}
}

// tree is a document with the entry that each key begins.
type tree struct {
	file    *source.File
	yaml    bool
	entries map[int]entry // by the offset of the key, or of the item
}

// entry is a member of an object or an item of a list, with its neighbours.
type entry struct {
	member       *document.Member // nil: an item
	value        *document.Node
	holder       *document.Node
	before, next *source.Span // of the keys, or items, around it; nil at the ends
	beforeEnd    int
}

func read(f *source.File) *tree {
	t := &tree{file: f, entries: map[int]entry{}, yaml: parser.IsYAML(f.Name)}
	parse := document.ParseJSONC
	if t.yaml {
		parse = document.ParseYAML
	}
	doc, _ := parse(f, document.Options{Code: "X"})
	t.collect(doc.Root)
	return t
}

func (t *tree) collect(n *document.Node) {
	if n == nil {
		return
	}
	for i := range n.Members {
		m := &n.Members[i]
		e := entry{member: m, value: m.Value, holder: n}
		if i > 0 {
			e.before, e.beforeEnd = &n.Members[i-1].KeySpan, n.Members[i-1].Value.Span.End
		}
		if i+1 < len(n.Members) {
			e.next = &n.Members[i+1].KeySpan
		}
		t.entries[m.KeySpan.Start] = e
		t.collect(m.Value)
	}
	for i, item := range n.Items {
		e := entry{value: item, holder: n}
		if i > 0 {
			e.before, e.beforeEnd = &n.Items[i-1].Span, n.Items[i-1].Span.End
		}
		if i+1 < len(n.Items) {
			e.next = &n.Items[i+1].Span
		}
		if _, taken := t.entries[item.Span.Start]; !taken {
			t.entries[item.Span.Start] = e
		}
		t.collect(item)
	}
}

// recipe makes the fix of a diagnostic; false when it knows none.
type recipe func(d *diag.Diagnostic, t *tree) (diag.Fix, bool)

var recipes = map[string]recipe{
	"MAKE102": removeFirst, "MAKE201": removeEntry, "MAKE301": removeEntry, "MAKE213": removeEntry, "MAKE310": removeEntry,
	"MAKE206": inValue("write \"*\"", `"*": "automatic"`), "MAKE304": beside("write \"type\": \"text\"", `"type": "text"`),
	"MAKE307": inRequest("log with nothing left out", `"log": {"sanitize": []}`, `"sanitize": []`),
	"MAKE209": removeEntry, "MAKE306": removeFalse, "MAKE208": removeEntry,
	"MAKE315": inValueOr("send the verifier", `"verifier": "{{query.oauth_verifier}}"`, `"oauth": {"verifier": "{{query.oauth_verifier}}"}`),
	"MAKE202": otherType, "MAKE302": otherType,

	"MEM206": removeEntry, "MEM405": removeEntry, "MEM403": removeEntry, "MEM304": renameTo("mapping"),
	"MEM212": https, "MEM201": oauth1, "MEM303": removeOthers,
	"SUP205": removeEntry, "SUP408": removeEntry, "SUP404": removeEntry, "SUP207": https, "SUP201": oauth1,
	"SUP402": removeEntry, "ZAP204": removeEntry, "ZAP205": removeEntry, "ZAP208": https, "ZAP201": oauth1, "ZAP210": removeEntry, "ZAP211": removeEntry,
	"ZAP308": removeEntry, "ZAP309": removeEntry,

	"IML102": straightQuote, "IML104": plus, "IML105": closeBefore(")"), "IML106": removeSpan, "IML107": closeBefore("]"),
	"IML113": operator, "IML116": removeSpan, "IML117": fromHelp, "IML210": fromHelp, "IML302": backticks, "IML305": first, "IML306": backticks, "IML312": removeEntry}

func one(title string, at source.Span, text string) (diag.Fix, bool) {
	return diag.Fix{Title: title, Edits: []diag.Edit{{Span: at, Text: text}}}, true
}

// removeEntry removes the entry that the diagnostic stands at, with the comma or the line that belongs to it.
func removeEntry(d *diag.Diagnostic, t *tree) (diag.Fix, bool) {
	e, ok := t.entries[d.Span.Start]
	if !ok || e.value == nil {
		return diag.Fix{}, false
	}
	at, ok := t.extent(d.Span.Start, e)
	if !ok {
		return diag.Fix{}, false
	}
	return one("remove it", at, "")
}

// extent is the text of an entry that begins at start and of what goes with it.
func (t *tree) extent(start int, e entry) (source.Span, bool) {
	text := t.file.Text
	at := source.Span{File: t.file, Start: start, End: max(e.value.Span.End, start)}
	if e.member != nil {
		at.End = max(at.End, e.member.KeySpan.End)
	}
	inline := strings.HasPrefix(text[e.holder.Span.Start:], "{") || strings.HasPrefix(text[e.holder.Span.Start:], "[")
	switch {
	case t.yaml && !inline: // whole lines
		if len(e.holder.Members)+len(e.holder.Items) < 2 {
			return at, false // an empty mapping would be null
		}
		at.Start = strings.LastIndexByte(text[:start], '\n') + 1
		if strings.TrimSpace(text[at.Start:start]) != "" {
			return at, false
		}
		if e.next != nil {
			at.End = strings.LastIndexByte(text[:e.next.Start], '\n') + 1
		} else if n := strings.IndexByte(text[at.End:], '\n'); n >= 0 {
			at.End += n + 1
		}
	case e.next != nil:
		at.End = e.next.Start
	case e.before != nil:
		at.Start = e.beforeEnd
	}
	return at, at.Start <= at.End
}

// removeFirst removes the earlier of two entries of one name.
func removeFirst(d *diag.Diagnostic, t *tree) (diag.Fix, bool) {
	if len(d.Related) == 0 || d.Related[0].Span.File != t.file || t.yaml {
		return diag.Fix{}, false
	}
	// Of a key written twice the tree holds the later one only: the earlier one goes up to the next key by its text.
	start := d.Related[0].Span.Start
	end, ok := valueEnd(t.file.Text, d.Related[0].Span.End)
	if !ok {
		return diag.Fix{}, false
	}
	return one("remove the first one", source.Span{File: t.file, Start: start, End: end}, "")
}

// valueEnd returns where the entry ends whose colon and value stand behind at, its comma and the blanks behind it included.
func valueEnd(text string, at int) (int, bool) {
	depth := 0
	for i := at; i < len(text); i++ {
		switch text[i] {
		case '"':
			for i++; i < len(text) && text[i] != '"'; i++ {
				if text[i] == '\\' {
					i++
				}
			}
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth < 0 {
				return 0, false
			}
		case ',':
			if depth == 0 {
				for i++; i < len(text) && strings.IndexByte(" \t\r\n", text[i]) >= 0; i++ {
				}
				return i, true
			}
		}
	}
	return 0, false
}

// inValue writes an entry at the begin of the object that the entry at the diagnostic holds.
func inValue(title, text string) recipe {
	return func(d *diag.Diagnostic, t *tree) (diag.Fix, bool) {
		e, ok := t.entries[d.Span.Start]
		if !ok || e.value == nil || t.yaml {
			return diag.Fix{}, false
		}
		return insert(title, text, e.value)
	}
}

// insert writes an entry at the begin of a JSON object.
func insert(title, text string, n *document.Node) (diag.Fix, bool) {
	if n.Kind != document.KindObject || !strings.HasPrefix(n.Span.Text(), "{") {
		return diag.Fix{}, false
	}
	if len(n.Members) > 0 {
		text += ", "
	}
	return one(title, source.Span{File: n.Span.File, Start: n.Span.Start + 1, End: n.Span.Start + 1}, text)
}

// inValueOr writes an entry into the directive that the diagnostic stands at when that is oauth, else another one.
func inValueOr(title, inOAuth, otherwise string) recipe {
	return func(d *diag.Diagnostic, t *tree) (diag.Fix, bool) {
		e, ok := t.entries[d.Span.Start]
		if !ok || e.value == nil {
			return diag.Fix{}, false
		}
		if e.member != nil && e.member.Key == "oauth" {
			return insert(title, inOAuth, e.value)
		}
		return insert(title, otherwise, e.value)
	}
}

// inRequest writes an entry into the object at the diagnostic: a request, or its log.
func inRequest(title, text, inLog string) recipe {
	return func(d *diag.Diagnostic, t *tree) (diag.Fix, bool) {
		e, ok := t.entries[d.Span.Start]
		switch {
		case !ok || e.value == nil:
			return diag.Fix{}, false
		case e.member != nil && e.member.Key == "log":
			return insert(title, inLog, e.value)
		case e.member != nil && !strings.HasSuffix(d.Pointer, "/"+e.member.Key): // the root of a part stands at its first key
			return insert(title, text, e.holder)
		}
		return insert(title, text, e.value)
	}
}

// beside writes an entry before the one at the diagnostic.
func beside(title, text string) recipe {
	return func(d *diag.Diagnostic, t *tree) (diag.Fix, bool) {
		e, ok := t.entries[d.Span.Start]
		if !ok || e.member == nil || t.yaml || e.holder.Member("type") != nil {
			return diag.Fix{}, false
		}
		return one(title, source.Span{File: t.file, Start: d.Span.Start, End: d.Span.Start}, text+", ")
	}
}

// removeFalse removes a switch that is off.
func removeFalse(d *diag.Diagnostic, t *tree) (diag.Fix, bool) {
	if e, ok := t.entries[d.Span.Start]; !ok || e.value.Kind != document.KindBool {
		return diag.Fix{}, false
	}
	return removeEntry(d, t)
}

// otherType writes a boolean without quotes, and a number or a boolean in quotes, as the diagnostic wants it.
func otherType(d *diag.Diagnostic, t *tree) (diag.Fix, bool) {
	e, ok := t.entries[d.Span.Start]
	if !ok || e.value == nil {
		return diag.Fix{}, false
	}
	text := e.value.Span.Text()
	switch {
	case strings.Contains(d.Message+d.Help, "true or false") && (text == `"true"` || text == `"false"`):
		return one("write it without quotes", e.value.Span, strings.Trim(text, `"`))
	case strings.HasSuffix(d.Message, "expected a number") && e.value.Kind == document.KindText:
		if _, err := strconv.ParseFloat(e.value.Text, 64); err == nil {
			return one("write it without quotes", e.value.Span, e.value.Text)
		}
	case strings.HasSuffix(d.Message, "expected a text") && e.member != nil && e.member.Key != "url" && e.member.Key != "condition" && (e.value.Kind == document.KindNumber || e.value.Kind == document.KindBool):
		return one("write it in quotes", e.value.Span, `"`+text+`"`)
	}
	return diag.Fix{}, false
}

// removeOthers leaves a formula alone in its object.
func removeOthers(d *diag.Diagnostic, t *tree) (diag.Fix, bool) { return removeEntry(d, t) }

func renameTo(name string) recipe {
	return func(d *diag.Diagnostic, t *tree) (diag.Fix, bool) {
		e, ok := t.entries[d.Span.Start]
		if !ok || e.member == nil || e.holder.Member(name) != nil {
			return diag.Fix{}, false
		}
		return document.Rename(*e.member, name), true
	}
}

// https writes the scheme of a URL.
func https(d *diag.Diagnostic, t *tree) (diag.Fix, bool) {
	e, ok := t.entries[d.Span.Start]
	if !ok || e.value == nil {
		return diag.Fix{}, false
	}
	i := strings.Index(strings.ToLower(e.value.Span.Text()), "http://")
	if i < 0 || i > 1 {
		return diag.Fix{}, false
	}
	at := e.value.Span
	at.Start, at.End = at.Start+i, at.Start+i+len("http")
	return one("use https", at, "https")
}

// oauth1 writes the type of authentication.
func oauth1(d *diag.Diagnostic, t *tree) (diag.Fix, bool) {
	e, ok := t.entries[d.Span.Start]
	if !ok || e.member == nil || e.member.Key != "type" {
		return diag.Fix{}, false
	}
	text := "oauth1"
	if strings.HasPrefix(e.value.Span.Text(), `"`) {
		text = `"oauth1"`
	}
	return one("write oauth1", e.value.Span, text)
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

// operator writes an operator that exists.
func operator(d *diag.Diagnostic, _ *tree) (diag.Fix, bool) {
	meant := map[string]string{"<>": "!=", "=>": ">="}[d.Span.Text()]
	if meant == "" {
		return diag.Fix{}, false
	}
	return one("write "+meant, d.Span, meant)
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
