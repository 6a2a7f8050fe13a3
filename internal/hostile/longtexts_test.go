package hostile

import (
	"context"
	"net/http"
	"strings"

	"github.com/imlc-lang/imlc/vm"
	"github.com/imlc-lang/imlc/vm/value"
)

// traced is a tracer that is told everything.
type traced struct{}

// Event implements vm.Tracer.
func (traced) Event(context.Context, vm.Event) {}

// Watch implements vm.Watcher.
func (traced) Watch(context.Context, vm.Event) {}

// large adds an attack at the larger scale only: body, which is made when it runs, answers the first request.
func large(name, spec, contentType string, body func() string) {
	attackFlow(name, func(int) *flow {
		first := body()
		return &flow{spec: spec, logged: true, answer: func(i int) *http.Response {
			if i > 1 {
				return answer(200, "text/plain", "")
			}
			return answer(200, contentType, first)
		}}
	},
		"memory", "items", "value bytes", "steps", "nesting", "response body", "request", "DataError", "JSON", "XML", "header", "")
	a := attacks["flow/"+name]
	a.scales = []int{4}
	attacks["flow/"+name] = a
}

// Texts of the longest that there may be, in everything that is read, written, signed, logged and traced.
func init() {
	const longest = 8<<20 - 100
	text := func(unit string) string { return strings.Repeat(unit, longest/len(unit)) }
	quoted := func(s string) string { return string(value.AppendJSON(nil, value.Text(s))) }
	then := func(next string) string { return "[" + keep + "," + next + "]" }

	for name, unit := range map[string]string{"digits": "1", "wide": "é", "bad": "\xff", "marks": "<&\"", "blanks": " ", "wide-blanks": "\u3000"} {
		for kind, request := range map[string]string{
			"json": `"type":"json","body":{"a":"{{temp.x}}"}`, "urlencoded": `"type":"urlencoded","body":{"a":"{{temp.x}}"}`, "text": `"type":"text","body":"{{temp.x}}"`,
			"multipart": `"type":"multipart/form-data","body":{"a":"{{temp.x}}"}`, "query": `"qs":{"a":"{{temp.x}}"}`, "header": `"headers":{"a":"{{temp.x}}"}`,
		} {
			large("sent-"+kind+"-of-"+name, then(`{"url":"https://a.test/","method":"POST","log":{"sanitize":["request.headers.b"]},`+request+"}"), "text/plain", func() string { return text(unit) })
		}
		large("read-form-of-"+name, then(`{"temp":{"y":"{{temp.x.a + 1}}"}}`), "application/x-www-form-urlencoded", func() string { return "a=" + text(unit) })
		large("read-xml-of-"+name, then(`{"temp":{"y":"{{temp.x.r * 1}}"}}`), "text/xml", func() string { return "<r>" + text(strings.ReplaceAll(unit, "<&\"", "&lt;")) + "</r>" })
		large("read-json-of-"+name, then(`{"temp":{"y":"{{temp.x = 1}}"}}`), "application/json", func() string { return `"` + text(strings.ReplaceAll(unit, "\"", "\\\"")) + `"` })
		large("read-text-of-"+name, then(`{"temp":{"y":"{{-temp.x}}"}}`), "text/plain; charset=utf-8", func() string { return text(unit) })
	}
	for name, parts := range map[string][3]string{
		"fraction": {"0.", "1", ""}, "small": {"0.", "0", "1"}, "exponent": {"1e", "0", "1"}, "mantissa": {"", "9", ".5e-9"}, "minus": {"-", "7", ""}, "pieces": {"1", ",1e1", ""},
	} {
		large("number-of-"+name, keep, "application/json", func() string { return "[" + parts[0] + text(parts[1]) + parts[2] + "]" })
	}
	for name, head := range map[string]string{"decimal": "0.", "hexadecimal": "0x", "binary": "0b", "signs": "+", "zeros": ""} {
		tail := map[string]string{"decimal": "3", "hexadecimal": "f", "binary": "1", "signs": "-", "zeros": "0"}[name]
		for kind, call := range map[string]string{"times": "x * 1", "parse": `parseNumber(x;".")`, "format": "formatNumber(x;2)", "equal": "x = 5", "less": "x < 5", "sum": "sum(x;x)"} {
			attackTemplate("number-"+kind+"-of-"+name, func(int) (string, string) {
				return "{{" + call + "}}", `{"x":` + quoted(head+text(tail)) + "}"
			}, "IML", "")
			a := attacks["template/number-"+kind+"-of-"+name]
			a.scales = []int{4}
			attacks["template/number-"+kind+"-of-"+name] = a
		}
	}
	attackFormula("long-locator", func(n int) (string, string) {
		return `{"$var":"x.` + strings.Repeat("a", 10_000*n) + `"}`, `{"x":{}}`
	}, "MEM", "IML", "")
	for name, call := range map[string]string{
		"number": "$number(y)", "escaped": "$encodeUrlComponent(y)", "unescaped": "$decodeUrlComponent(y)", "base64": "$base64decode(y)", "lower": "$lowercase(y)", "trim": "$trim(y)",
		"length": "$length(y)", "split": "$split(y, ',')", "contains": "$contains(y, 'zz')", "substring": "$substring(y, 3, 9)", "pad": "$pad(y, 9000000)", "string": "$string([y])",
	} {
		for kind, unit := range map[string]string{"digits": "1", "wide": "é", "marks": "%41"} {
			attackFormula("jsonata-"+name+"-of-"+kind, func(n int) (string, string) {
				return `{"$jsonata":` + quoted(call) + "}", `{"x":[],"y":` + quoted(strings.Repeat(unit, n*(650<<10)/len(unit))) + "}"
			}, "work of an expression of JSONata", "memory", "items", "value bytes", "steps", "JSON", "MEM", "")
		}
	}
}
