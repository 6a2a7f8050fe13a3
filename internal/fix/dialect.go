package fix

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/internal/nearest"
	"github.com/imlc-lang/imlc/internal/source"
	"github.com/imlc-lang/imlc/parser/document"
)

// dialects are the recipes for what only one dialect has.
var dialects = map[string]recipe{
	"MEM203": missingMethod, "MEM205": uselessMethod, "MEM204": implementation, "MEM208": missingConfig, "MEM213": secretFrom(`{"$var": "connectorParameters.consumerSecret"}`),
	"MEM301": renameFromHelp, "MEM307": escapedKey, "MEM310": variable, "MEM311": iterate,

	"SUP203": missingField, "SUP208": otherSource, "SUP209": uniqueName("id"), "SUP301": family, "SUP304": pathFromRoot,
	"SUP401": valueOf("twitter_signed"), "SUP403": valueOf("sync"), "SUP405": valueOf("sha256"), "SUP407": signed,

	"ZAP203": missingStep, "ZAP209": secretFrom(`"{{process.env.CLIENT_SECRET}}"`), "ZAP212": uniqueName("key"), "ZAP213": fieldKey,
	"ZAP302": platformVersion, "ZAP303": curly, "ZAP304": requestTokenParam, "ZAP306": versionInAuth, "ZAP307": storedToken, "ZAP310": consumer, "ZAP312": inAuth,
}

var suggestedName = regexp.MustCompile(`^did you mean "?([^"?]+)"?\?`)

// renameFromHelp renames a key to the name that the help suggests.
func renameFromHelp(d *diag.Diagnostic, t *tree) (diag.Fix, bool) {
	m := suggestedName.FindStringSubmatch(d.Help)
	if m == nil {
		return diag.Fix{}, false
	}
	return renameTo(m[1])(d, t)
}

// valueOf writes the one value that works.
func valueOf(text string) recipe {
	return func(d *diag.Diagnostic, t *tree) (diag.Fix, bool) {
		e, ok := t.at(d)
		if !ok || e.value.Kind != document.KindText {
			return diag.Fix{}, false
		}
		return one("write "+strconv.Quote(text), inner(e.value), text)
	}
}

// secretFrom reads a secret from where the host keeps it instead of from the file.
func secretFrom(value string) recipe {
	return func(d *diag.Diagnostic, t *tree) (diag.Fix, bool) {
		e, ok := t.at(d)
		if !ok || e.member == nil || !strings.Contains(strings.ToLower(e.member.Key), "consumer") {
			return diag.Fix{}, false
		}
		return one("read it from what the host keeps, instead of from the file", e.value.Span, value)
	}
}

// uniqueName numbers a name that is used twice.
func uniqueName(key string) recipe {
	return func(d *diag.Diagnostic, t *tree) (diag.Fix, bool) {
		e, ok := t.at(d)
		if !ok || e.member == nil || e.member.Key != key || e.value.Kind != document.KindText {
			return diag.Fix{}, false
		}
		for n := 2; ; n++ {
			if name := e.value.Text + "_" + strconv.Itoa(n); !strings.Contains(t.file.Text, name) {
				return one("call it "+strconv.Quote(name), inner(e.value), name)
			}
		}
	}
}

var missingKey = regexp.MustCompile(`(?:the (?:key|method) (\w+) is missing|has no "(\w+)")`)

// lacked returns the key that an object lacks, and the object, which the diagnostic names by its key or is at the root.
func (t *tree) lacked(d *diag.Diagnostic) (string, *document.Node) {
	m := missingKey.FindStringSubmatch(d.Message)
	e, ok := t.at(d)
	if m == nil || !ok {
		return "", nil
	}
	key := m[1] + m[2]
	if e.value.Kind == document.KindObject && (e.member == nil || e.holder != t.root || slices.Contains([]string{"auth", "authentication"}, e.member.Key)) {
		return key, e.value
	}
	return key, e.holder
}

// placeholder says that a fix leaves something to do.
const placeholder = ", with a value to change"

// missingMethod adds a method of a connection.
func missingMethod(d *diag.Diagnostic, t *tree) (diag.Fix, bool) {
	key, n := t.lacked(d)
	origin := t.origin()
	switch {
	case key == "test":
		return t.add("add test"+placeholder, n, key, `{"type": "rest-api-mapping", "mapping": {"path": "/", "method": "GET"}}`)
	case key == "makeApiClient" && origin != "":
		return t.add("add makeApiClient for "+origin, n, key, `{"type": "mapping", "mapping": {"baseUri": "`+origin+`"}}`)
	}
	return diag.Fix{}, false
}

// uselessMethod removes a method that has all of itself in its entry.
func uselessMethod(d *diag.Diagnostic, t *tree) (diag.Fix, bool) {
	e, ok := t.at(d)
	if !ok || e.value.Get("mapping") == nil && e.value.Get("code") == nil {
		return diag.Fix{}, false
	}
	return removeEntry(d, t)
}

// implementation writes the kind of a method that is nearest to the one that is written.
func implementation(d *diag.Diagnostic, t *tree) (diag.Fix, bool) {
	e, ok := t.at(d)
	m := listed.FindStringSubmatch(d.Help)
	if !ok || m == nil {
		return diag.Fix{}, false
	}
	for _, key := range []string{"implementationType", "type"} {
		if kind := e.value.Get(key); kind != nil && kind.Kind == document.KindText {
			meant := nearest.Name(kind.Text, 2, slices.Values(strings.Split(m[1], ", ")))
			if meant == "" {
				return diag.Fix{}, false
			}
			return one("write "+meant, inner(kind), meant)
		}
	}
	return diag.Fix{}, false
}

// missingConfig adds a key of the configuration.
func missingConfig(d *diag.Diagnostic, t *tree) (diag.Fix, bool) {
	m := missingKey.FindStringSubmatch(d.Message)
	e, ok := t.at(d)
	if m == nil || !ok {
		return diag.Fix{}, false
	}
	n := e.holder
	if e.member != nil && e.member.Key == "mapping" {
		n = e.value
	}
	origin := t.origin()
	if origin == "" {
		origin = "https://api.example.com"
	}
	value := map[string]string{
		"consumerKey": `{"$var": "connectorParameters.consumerKey"}`, "consumerSecret": `{"$var": "connectorParameters.consumerSecret"}`,
		"requestTokenUri": `"` + origin + `/oauth/request_token"`, "authorizeUri": `"` + origin + `/oauth/authorize"`, "tokenUri": `"` + origin + `/oauth/access_token"`,
	}[m[1]]
	if value == "" {
		return diag.Fix{}, false
	}
	return t.add("add "+m[1]+placeholder, n, m[1], value)
}

var patternSigns = regexp.MustCompile(`[()\[\]{}*+?.^$|\\]`)

// escapedKey writes a backslash before what would mean something in a pattern.
func escapedKey(d *diag.Diagnostic, t *tree) (diag.Fix, bool) {
	e, ok := t.at(d)
	if !ok || e.member == nil {
		return diag.Fix{}, false
	}
	name := patternSigns.ReplaceAllString(e.member.Key, `\$0`)
	text := "'" + strings.ReplaceAll(name, "'", "''") + "'"
	if !t.yaml || strings.HasPrefix(e.member.KeySpan.Text(), `"`) {
		text = strconv.Quote(name)
	}
	return one("put a backslash before the signs of patterns", e.member.KeySpan, text)
}

// variable writes the variable that the help suggests.
func variable(d *diag.Diagnostic, t *tree) (diag.Fix, bool) {
	m := suggestedName.FindStringSubmatch(d.Help)
	e, ok := t.at(d)
	if m == nil || !ok || e.value.Kind != document.KindText {
		return diag.Fix{}, false
	}
	at := inner(e.value)
	first, _, _ := strings.Cut(at.Text(), ".")
	at.End = at.Start + len(first)
	return one("write "+m[1], at, m[1])
}

// iterate writes the form of a loop that works.
func iterate(d *diag.Diagnostic, t *tree) (diag.Fix, bool) {
	e, ok := t.at(d)
	if !ok {
		return diag.Fix{}, false
	}
	locator, items := e.value.Member("locator"), e.value.Member("items")
	if locator == nil || items == nil || e.value.Member("source") != nil || locator.Value.Kind != document.KindText {
		return diag.Fix{}, false
	}
	source := diag.Edit{Span: locator.Value.Span, Text: `{$var: ` + locator.Value.Span.Text() + `}`}
	if !t.yaml {
		source.Text = `{"$var": ` + locator.Value.Span.Text() + `}`
	}
	fix := diag.Fix{Title: "write source and item", Edits: append(document.Rename(*locator, "source").Edits, source)}
	fix.Edits = append(fix.Edits, document.Rename(*items, "item").Edits...)
	return fix, true
}

// missingField adds a key of an authentication or of a request.
func missingField(d *diag.Diagnostic, t *tree) (diag.Fix, bool) {
	m := missingKey.FindStringSubmatch(d.Message)
	e, ok := t.at(d)
	if m == nil || !ok {
		return diag.Fix{}, false
	}
	value := map[string]string{"consumerKey": `"encrypted by the platform"`, "consumerSecret": `"encrypted by the platform"`, "type": `"sync"`, "method": `"POST"`,
		"source": `"jsonPath"`, "value": `"$"`}[m[1]]
	title := "add " + m[1]
	if origin := t.origin(); m[1] == "url" && origin != "" {
		value, title = `"`+origin+`/"`, title+placeholder
	}
	if value == "" {
		return diag.Fix{}, false
	}
	return t.add(title, e.value, m[1], value)
}

// otherSource lets the platform keep a secret.
func otherSource(d *diag.Diagnostic, t *tree) (diag.Fix, bool) {
	e, ok := t.at(d)
	if !ok || e.value.Kind != document.KindText {
		return diag.Fix{}, false
	}
	return one(`write "encrypted": the value is then to be encrypted by the platform`, inner(e.value), "encrypted")
}

var placeholderName = regexp.MustCompile(`\{\{\s*(\w+)`)

// family writes the family of placeholders that is nearest to an unknown one.
func family(d *diag.Diagnostic, t *tree) (diag.Fix, bool) {
	m := placeholderName.FindStringSubmatch(d.Message)
	e, ok := t.at(d)
	if m == nil || !ok || e.value.Kind != document.KindText {
		return diag.Fix{}, false
	}
	meant := nearest.Name(m[1], 2, slices.Values([]string{"oauth1", "user", "account", "query"}))
	at := e.value.Span
	i := regexp.MustCompile(`\{\{\s*` + regexp.QuoteMeta(m[1]) + `\b`).FindStringIndex(at.Text())
	if meant == "" || i == nil {
		return diag.Fix{}, false
	}
	at.Start, at.End = at.Start+i[1]-len(m[1]), at.Start+i[1]
	return one("write "+meant, at, meant)
}

// pathFromRoot begins a path at the root.
func pathFromRoot(d *diag.Diagnostic, t *tree) (diag.Fix, bool) {
	e, ok := t.at(d)
	if !ok || e.value.Kind != document.KindText || e.value.Text == "" {
		return diag.Fix{}, false
	}
	at := inner(e.value)
	switch text := e.value.Text; {
	case strings.HasPrefix(text, "$") && strings.Trim(text, "$.") == "" && !strings.Contains(text, "$$"):
		return one("write $, the whole answer", at, "$")
	case !strings.Contains(d.Message, "begins with $"):
		return diag.Fix{}, false
	case strings.HasPrefix(text, ".") || strings.HasPrefix(text, "["):
		at.End = at.Start
		return one("begin it with $", at, "$")
	}
	at.End = at.Start
	return one("begin it with $.", at, "$.")
}

// signed lets the platform sign a request that does not bring an authorisation of its own.
func signed(d *diag.Diagnostic, t *tree) (diag.Fix, bool) {
	e, ok := t.at(d)
	if !ok {
		return diag.Fix{}, false
	}
	if headers := e.value.Get("headers"); headers != nil && slices.ContainsFunc(headers.Items, func(h *document.Node) bool {
		name := h.Get("name")
		return name != nil && strings.EqualFold(name.Text, "Authorization")
	}) {
		return diag.Fix{}, false
	}
	return t.add("sign the request", e.value, "builderType", `"twitter_signed"`)
}

// missingStep adds a key of an authentication.
func missingStep(d *diag.Diagnostic, t *tree) (diag.Fix, bool) {
	key, n := t.lacked(d)
	origin := t.origin()
	if origin == "" {
		origin = "https://api.example.com"
	}
	request := func(path, rest string) string { return `{"url": "` + origin + path + `"` + rest + `}` }
	value := map[string]string{
		"consumer_key": `"{{process.env.CLIENT_ID}}"`, "consumer_secret": `"{{process.env.CLIENT_SECRET}}"`, "zapier": `"legacy"`,
		"request_token_url": `"` + origin + `/oauth/request_token"`, "authorization_url": `"` + origin + `/oauth/authorize"`,
		"access_token_url": `"` + origin + `/oauth/access_token"`,
		"getRequestToken":  request("/oauth/request_token", `, "method": "POST", "auth": `+withConsumer()),
		"authorizeUrl":     request("/oauth/authorize", `, "params": {"oauth_token": "{{bundle.inputData.oauth_token}}"}`),
		"getAccessToken":   request("/oauth/access_token", `, "method": "POST", "auth": `+withConsumer(tokenOf("inputData")+`, "oauth_verifier": "{{bundle.inputData.oauth_verifier}}"`)),
		"test":             request("/", `, "auth": `+withConsumer(tokenOf("authData"))),
	}[key]
	switch {
	case key == "zapier":
		return t.add("say that it is the legacy form", t.root, key, value)
	case value == "" || t.section("legacy") != nil || strings.Contains(value, "{{process") && key == "test" && t.root.Get("platformVersion") == nil:
		return diag.Fix{}, false
	}
	return t.add("add "+key+placeholder, n, key, value)
}

// withConsumer is what signs a request with the credentials of the app, and with more.
func withConsumer(more ...string) string {
	return `{"oauth_consumer_key": "{{process.env.CLIENT_ID}}", "oauth_consumer_secret": "{{process.env.CLIENT_SECRET}}", "oauth_version": "1.0"` +
		strings.Join(append([]string{""}, more...), ", ") + `}`
}

// tokenOf is a token and its secret, from where a step of the bundle has them.
func tokenOf(step string) string {
	return `"oauth_token": "{{bundle.` + step + `.oauth_token}}", "oauth_token_secret": "{{bundle.` + step + `.oauth_token_secret}}"`
}

// fieldKey gives a field a key of its own.
func fieldKey(d *diag.Diagnostic, t *tree) (diag.Fix, bool) {
	e, ok := t.at(d)
	if !ok {
		return diag.Fix{}, false
	}
	name := ""
	for n := 1; name == "" || strings.Contains(t.file.Text, name); n++ {
		name = "field_" + strconv.Itoa(n)
	}
	if e.member != nil && e.member.Key == "key" {
		return one("call it "+strconv.Quote(name), e.value.Span, strconv.Quote(name))
	}
	return t.add("call it "+strconv.Quote(name), e.value, "key", strconv.Quote(name))
}

// platformVersion writes the last version that resolves what the spec has in braces.
func platformVersion(_ *diag.Diagnostic, t *tree) (diag.Fix, bool) {
	return t.add("write the platform version 16, which does so", t.root, "platformVersion", `"16.0.0"`)
}

var curlyBlanks = regexp.MustCompile(`^no curly is named "( *[\w.]+ *)"`)

// curly writes the name in braces without blanks, or as the help suggests.
func curly(d *diag.Diagnostic, t *tree) (diag.Fix, bool) {
	m := curlyBlanks.FindStringSubmatch(d.Message)
	e, ok := t.at(d)
	if m == nil || !ok || e.value.Kind != document.KindText {
		return diag.Fix{}, false
	}
	name := strings.TrimSpace(m[1])
	if s := suggestedName.FindStringSubmatch(d.Help); s != nil {
		name = s[1]
	}
	raw := e.value.Span.Text()
	i := strings.Index(raw, "{{"+m[1]+"}}")
	if i < 0 || name == m[1] {
		return diag.Fix{}, false
	}
	at := source.Span{File: t.file, Start: e.value.Span.Start + i + 2, End: e.value.Span.Start + i + 2 + len(m[1])}
	return one("write {{"+name+"}}", at, name)
}

// requestTokenParam sends the browser with the request token.
func requestTokenParam(d *diag.Diagnostic, t *tree) (diag.Fix, bool) {
	e, ok := t.at(d)
	if !ok {
		return diag.Fix{}, false
	}
	edit, ok := t.ensured(e.value, `"{{bundle.inputData.oauth_token}}"`, "params", "oauth_token")
	return diag.Fix{Title: "send the request token", Edits: []diag.Edit{edit}}, ok
}

// versionInAuth writes the version that is sent.
func versionInAuth(d *diag.Diagnostic, t *tree) (diag.Fix, bool) {
	e, ok := t.at(d)
	if !ok {
		return diag.Fix{}, false
	}
	edit, ok := t.ensured(e.value, `"1.0"`, "auth", "oauth_version")
	return diag.Fix{Title: "write the version", Edits: []diag.Edit{edit}}, ok
}

// storedToken signs a request with the consumer and the stored token.
func storedToken(d *diag.Diagnostic, t *tree) (diag.Fix, bool) {
	return t.authOf(d, "sign it with the stored token", withConsumer(tokenOf("authData")))
}

// consumer signs a request for a token.
func consumer(d *diag.Diagnostic, t *tree) (diag.Fix, bool) {
	more := []string{}
	if e, ok := t.at(d); ok && e.member != nil && e.member.Key == "getAccessToken" {
		more = append(more, tokenOf("inputData"), `"oauth_verifier": "{{bundle.inputData.oauth_verifier}}"`)
	}
	return t.authOf(d, "sign it with the consumer key and secret of the environment", withConsumer(more...))
}

// authOf writes what signs the request at the diagnostic, in place of nothing or of an empty object.
func (t *tree) authOf(d *diag.Diagnostic, title, auth string) (diag.Fix, bool) {
	e, ok := t.at(d)
	if !ok {
		return diag.Fix{}, false
	}
	if old := e.value.Get("auth"); old != nil {
		if len(old.Members) > 0 || old.Kind != document.KindObject {
			return diag.Fix{}, false
		}
		return one(title, old.Span, auth)
	}
	return t.add(title, e.value, "auth", auth)
}

var authKey = regexp.MustCompile(`^write "(oauth_\w+)": ("[^"]+")$`)

// inAuth writes what the help names into the auth of a request.
func inAuth(d *diag.Diagnostic, t *tree) (diag.Fix, bool) {
	m := authKey.FindStringSubmatch(d.Help)
	e, ok := t.at(d)
	if m == nil || !ok || e.member == nil {
		return diag.Fix{}, false
	}
	auth := e.value.Get("auth")
	if e.member.Key == "oauth_token" {
		auth = e.holder
	}
	return t.add("write "+m[1], auth, m[1], m[2])
}
