package fix

import (
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/internal/nearest"
	"github.com/imlc-lang/imlc/internal/source"
	"github.com/imlc-lang/imlc/parser/document"
)

// documents are the recipes for entries that are too much, of a wrong type, or not there.
var documents = map[string]recipe{
	"MAKE102": removeFirst, "MAKE201": removeEntry, "MAKE301": removeEntry, "MAKE213": removeEntry, "MAKE310": removeEntry,
	"MAKE206": inValue("write \"*\"", `"*": "automatic"`), "MAKE304": textType, "MAKE209": removeEntry, "MAKE306": secure, "MAKE313": https,
	"MAKE307": inRequest("log with nothing left out", `"log": {"sanitize": []}`, `"sanitize": []`),
	"MAKE208": removeEntry, "MAKE202": otherType, "MAKE302": otherType, "MAKE103": removeForeign, "MAKE204": literal, "MAKE205": statusRange,
	"MAKE203": choice, "MAKE305": choice, "MAKE210": absolute, "MAKE303": queryIntoQs,

	"MEM102": strict, "MEM206": removeEntry, "MEM405": removeEntry, "MEM403": removeEntry, "MEM303": removeEntry,
	"MEM304": renameTo("mapping"), "MEM212": https, "MEM201": oauth1, "MEM211": absolute, "MEM207": otherType, "MEM210": choice,

	"SUP101": strict, "SUP205": removeEntry, "SUP408": removeEntry, "SUP404": removeList, "SUP402": removeEntry, "SUP406": removeHolder,
	"SUP207": https, "SUP201": oauth1, "SUP206": absolute, "SUP204": either(otherType, valueFromHelp, choice),

	"ZAP101": strict, "ZAP204": removeEntry, "ZAP205": removeEntry, "ZAP210": removeEntry, "ZAP211": removeEntry, "ZAP308": removeEntry,
	"ZAP309": removeEntry, "ZAP208": https, "ZAP201": oauth1, "ZAP206": either(otherType, choice), "ZAP207": absolute, "ZAP305": choice,
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

func renameTo(name string) recipe {
	return func(d *diag.Diagnostic, t *tree) (diag.Fix, bool) {
		e, ok := t.entries[d.Span.Start]
		if !ok || e.member == nil || e.holder.Member(name) != nil {
			return diag.Fix{}, false
		}
		return document.Rename(*e.member, name), true
	}
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

// textType says that a body is a text.
func textType(d *diag.Diagnostic, t *tree) (diag.Fix, bool) {
	e, ok := t.at(d)
	if !ok || e.member == nil {
		return diag.Fix{}, false
	}
	if kind := e.holder.Get("type"); kind != nil {
		return one(`write "type": "text"`, kind.Span, `"text"`)
	}
	return t.add(`write "type": "text"`, e.holder, "type", `"text"`)
}

// secure removes a switch that makes a request insecure, or writes the scheme that is secure.
func secure(d *diag.Diagnostic, t *tree) (diag.Fix, bool) {
	if e, ok := t.at(d); ok && e.value.Kind == document.KindBool {
		return removeEntry(d, t)
	}
	return https(d, t)
}

// removeForeign removes a section of another protocol.
func removeForeign(d *diag.Diagnostic, t *tree) (diag.Fix, bool) {
	if !strings.Contains(d.Message, " belongs to ") {
		return diag.Fix{}, false
	}
	return removeEntry(d, t)
}

var hole = regexp.MustCompile(`^"\{\{\s*(-?\d+(?:\.\d+)?|true|false)\s*\}\}"$`)

// literal writes a template of one literal as the literal.
func literal(d *diag.Diagnostic, t *tree) (diag.Fix, bool) {
	e, ok := t.at(d)
	if !ok {
		return diag.Fix{}, false
	}
	m := hole.FindStringSubmatch(e.value.Span.Text())
	if m == nil {
		return diag.Fix{}, false
	}
	return one("write "+m[1]+" without braces", e.value.Span, m[1])
}

var statusClass = regexp.MustCompile(`^([1-5])xx$`)

// statusRange writes a class of statuses as a range, and turns a range around.
func statusRange(d *diag.Diagnostic, t *tree) (diag.Fix, bool) {
	e, ok := t.at(d)
	if !ok || e.member == nil || !strings.Contains(d.Message, "no status range") {
		return diag.Fix{}, false
	}
	low, high, found := strings.Cut(e.member.Key, "-")
	name := high + "-" + low
	if m := statusClass.FindStringSubmatch(strings.ToLower(e.member.Key)); m != nil {
		name = m[1] + "00-" + m[1] + "99"
	} else if !found || len(low) != 3 || len(high) != 3 || low <= high {
		return diag.Fix{}, false
	}
	if e.holder.Member(name) != nil {
		return diag.Fix{}, false
	}
	return document.Rename(*e.member, name), true
}

var (
	listed     = regexp.MustCompile(`(?:one of |^use )(?:one of )?([\w/, -]+?)(?: expected)?$`)
	valueThere = regexp.MustCompile(`^write "\w+": "([^"]+)"$`)
	comma      = regexp.MustCompile(`, | or `)
)

// either is the first fix of several recipes.
func either(recipes ...recipe) recipe {
	return func(d *diag.Diagnostic, t *tree) (diag.Fix, bool) {
		for _, r := range recipes {
			if fix, ok := r(d, t); ok {
				return fix, true
			}
		}
		return diag.Fix{}, false
	}
}

// valueFromHelp writes the value that the help names for the key.
func valueFromHelp(d *diag.Diagnostic, t *tree) (diag.Fix, bool) {
	m := valueThere.FindStringSubmatch(d.Help)
	if m == nil {
		return diag.Fix{}, false
	}
	return valueOf(m[1])(d, t)
}

// choice writes the word of a list that is nearest to the one that is written.
func choice(d *diag.Diagnostic, t *tree) (diag.Fix, bool) {
	at, word := d.Span, strings.Trim(d.Span.Text(), `\"'`)
	if e, ok := t.at(d); ok {
		at, word = inner(e.value), e.value.Text
		if e.value.Kind != document.KindText {
			return diag.Fix{}, false
		}
	} else {
		at.Start += strings.Index(at.Text(), word)
		at.End = at.Start + len(word)
	}
	m := listed.FindStringSubmatch(d.Help)
	if m == nil {
		m = listed.FindStringSubmatch(d.Message)
	}
	if m == nil || word == "" {
		return diag.Fix{}, false
	}
	meant := wordOf(word, comma.Split(m[1], -1))
	if meant == "" {
		return diag.Fix{}, false
	}
	return one("write "+strconv.Quote(meant), at, meant)
}

var noLetters = regexp.MustCompile(`[^a-z0-9]`)

// wordOf returns the one of the words that another one is certainly meant to be: the same but for case and signs, its only
// abbreviation, or near.
func wordOf(word string, words []string) string {
	plain := func(s string) string { return noLetters.ReplaceAllString(strings.ToLower(s), "") }
	long := []string{}
	for _, w := range words {
		if plain(w) == plain(word) {
			return w
		}
		if len(word) > 2 && strings.HasPrefix(plain(w), plain(word)) {
			long = append(long, w)
		}
	}
	if len(long) == 1 {
		return long[0]
	}
	return nearest.Name(word, min(2, len(word)/3), slices.Values(words))
}

// strict removes what strict notation does not have.
func strict(d *diag.Diagnostic, t *tree) (diag.Fix, bool) {
	switch {
	case strings.HasPrefix(d.Message, "JSON has no "):
		return removeSpan(d, t)
	case len(d.Related) == 0 || d.Related[0].Span.File != t.file:
		return diag.Fix{}, false
	case !t.yaml:
		return removeFirst(d, t)
	}
	text := t.file.Text
	start := strings.LastIndexByte(text[:d.Related[0].Span.Start], '\n') + 1
	end := start + strings.IndexByte(text[start:]+"\n", '\n')
	line := text[start:end]
	if !plainLine.MatchString(line) || indented(text[min(end+1, len(text)):]) > indented(line) {
		return diag.Fix{}, false
	}
	return one("remove the first one", source.Span{File: t.file, Start: start, End: min(end+1, len(text))}, "")
}

// plainLine is an entry of YAML that stands on one line with its value.
var plainLine = regexp.MustCompile(`^ *[\w-]+: +[^|>&{\[\s][^{\[]*$`)

func indented(text string) int { return len(text) - len(strings.TrimLeft(text, " ")) }

// removeHolder removes the item that the entry at the diagnostic belongs to.
func removeHolder(d *diag.Diagnostic, t *tree) (diag.Fix, bool) {
	e, ok := t.at(d)
	if !ok || e.member == nil {
		return diag.Fix{}, false
	}
	start := e.holder.Span.Start
	item, ok := t.entries[start]
	if !ok || item.value != e.holder || item.member != nil {
		return diag.Fix{}, false
	}
	at, ok := t.extent(start, item)
	if !ok {
		return diag.Fix{}, false
	}
	return one("remove the header", at, "")
}

// queryIntoQs moves the query of a URL into the directive that takes its place.
func queryIntoQs(d *diag.Diagnostic, t *tree) (diag.Fix, bool) {
	e, ok := t.at(d)
	if !ok || e.member == nil || e.value.Kind != document.KindText {
		return diag.Fix{}, false
	}
	qs, raw := e.holder.Get("qs"), inner(e.value)
	i := strings.IndexByte(raw.Text(), '?')
	if qs == nil || qs.Kind != document.KindObject || i < 0 || strings.Contains(raw.Text()[:i], "{{") && strings.Count(raw.Text()[:i], "{{") != strings.Count(raw.Text()[:i], "}}") {
		return diag.Fix{}, false
	}
	query, fragment, _ := strings.Cut(raw.Text()[i+1:], "#")
	cut := raw
	cut.Start += i
	if cut.End = cut.Start + 1 + len(query); fragment == "" {
		cut.End = raw.End
	}
	fix := diag.Fix{Title: "move the query into qs", Edits: []diag.Edit{{Span: cut}}}
	seen := map[string]bool{}
	for pair := range strings.SplitSeq(query, "&") {
		name, text, _ := strings.Cut(pair, "=")
		name, value := unescaped(name), unescaped(text)
		if strings.ContainsAny(name, `\{`) || strings.ContainsRune(value, '\\') || seen[name] || strings.Count(value, "{{") != strings.Count(value, "}}") {
			return diag.Fix{}, false
		}
		seen[name] = true
		if pair == "" || qs.Member(name) != nil {
			continue
		}
		entry, ok := t.written(qs, name, strconv.Quote(value))
		if !ok {
			return diag.Fix{}, false
		}
		fix.Edits = append(fix.Edits, entry)
	}
	return fix, true
}

// unescaped decodes a part of a query that holds no template.
func unescaped(s string) string {
	if plain, err := url.QueryUnescape(s); err == nil && !strings.Contains(s, "{{") {
		return plain
	}
	return s
}
