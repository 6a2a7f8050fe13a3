package wire

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/imlc-lang/imlc/runtime/media"
	"github.com/imlc-lang/imlc/vm/value"
)

func TestKindOf(t *testing.T) {
	tests := map[string]string{
		"": "text", "text/plain": "text", "text/html; charset=utf-8": "text", "application/json": "json", "Application/JSON ; charset=x": "json",
		"application/vnd.api+json": "json", "image/svg+xml": "xml", "application/xml": "xml", "text/xml": "xml",
		"application/x-www-form-urlencoded": "urlencoded", "application/octet-stream": "binary", "image/png": "binary", "application/javascript": "binary",
	}
	for contentType, want := range tests {
		if got := KindOf(contentType); got != want {
			t.Errorf("%q: %s, want %s", contentType, got, want)
		}
	}
}

func TestParse(t *testing.T) {
	const latin1 = "text/plain; charset=ISO-8859-1"
	tests := []struct {
		name, kind, contentType string
		status                  int
		body, want              string // want is JSON; "error: …" is the error
		becameText              bool
	}{
		{"json", "json", "text/html", 200, `{"id":9007199254740993,"a":1,"a":2}`, `{"id":9007199254740993,"a":2}`, false},
		{"json mark", "json", "", 200, "\ufeff[1]", `[1]`, false},
		{"automatic json", "automatic", "application/json", 200, ` [1,null] `, `[1,null]`, false},
		{"default is automatic", "", "application/problem+json", 404, `{"a":1}`, `{"a":1}`, false},
		{"empty json", "json", "", 200, "", "undefined", false},
		{"empty xml", "xml", "", 200, "", "undefined", false},
		{"empty text", "text", "", 200, "", `""`, false},
		{"empty form", "urlencoded", "", 200, "", `{}`, false},
		{"empty binary", "binary", "", 200, "", `""`, false},
		{"empty automatic", "automatic", "", 204, "", `""`, false},
		{"bad json by type", "json", "", 399, `{"a":1,}`, "error: Failed to parse response body as JSON", false},
		{"bad json from 400", "json", "", 400, `<oops>`, `"<oops>"`, true},
		{"bad json automatic", "automatic", "application/json", 200, `oops`, `"oops"`, true},
		{"bad xml by type", "xml", "", 200, `oops`, "error: Failed to parse response body as XML", false},
		{"bad xml from 400", "xml", "", 500, `<a>`, `"<a>"`, true},
		{"bad xml automatic", "automatic", "text/xml", 200, `<a>`, `"<a>"`, true},
		{"form", "urlencoded", "text/plain", 200, "a=1&&b=x+y%21%zz&a=2&c&d=&e[x]=5&=n&a=3",
			`{"a":["1","2","3"],"b":"x y!%zz","c":"","d":"","e[x]":"5","":"n"}`, false},
		{"form invalid utf-8", "urlencoded", "", 200, "a=%ff", `{"a":"�"}`, false},
		{"automatic form", "automatic", media.Form + ";charset=utf-8", 200, "a=1", `{"a":"1"}`, false},
		{"text", "string", "", 200, "\ufeffh\u00e9", `"hé"`, false},
		{"raw latin1", "raw", latin1, 200, "h\xe9", `"hé"`, false},
		{"quoted charset", "text", `text/plain; x=y; Charset="Latin1"`, 200, "h\xe9", `"hé"`, false},
		{"ascii", "text", "text/plain;charset=us-ascii", 200, "h\xe9", `"h�"`, false},
		{"unknown charset", "text", "text/plain;charset=koi8-r", 200, "h\xe9", `"h�"`, false},
		{"binary", "automatic", "image/png", 200, "\x00\xff", `"AP8="`, false},
		{"xml latin1", "xml", latin1, 200, "<a>\xe9</a>", `{"a":["é"]}`, false},
		{"xml declared", "xml", "", 200, "<?xml version='1.0' encoding='ISO-8859-1'?><a>\xe9</a>", `{"a":["é"]}`, false},
		{"unknown type", "yaml", "", 200, "", `error: response.type: "yaml" is no response type; use automatic, json, urlencoded, text, string, raw, binary or xml`, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, err := Parse(tt.kind, tt.contentType, tt.status, tt.body, nil)
			got := jsonOf(p.Value)
			if err != nil {
				got = "error: " + err.Error()
			}
			if got != tt.want || p.BecameText != tt.becameText || (p.Problem != nil) != tt.becameText {
				t.Errorf("got %s (%+v), want %s", got, p, tt.want)
			}
		})
	}
}

func TestParseDepth(t *testing.T) {
	tests := []struct{ kind, open, shut string }{{"json", "[", "]"}, {"xml", "<a>", "</a>"}}
	for _, tt := range tests {
		for depth, fails := range map[int]bool{250: false, 251: true} {
			body := strings.Repeat(tt.open, depth) + strings.Repeat(tt.shut, depth)
			_, err := Parse(tt.kind, "", 500, body, nil)
			var limit *LimitError
			if errors.As(err, &limit) != fails {
				t.Errorf("%s at depth %d: %v", tt.kind, depth, err)
			}
		}
	}
	if _, err := Parse("json", "", 200, "[[1]]", &ParseOptions{MaxDepth: 1, Shapes: value.NewShapes()}); err == nil {
		t.Error("own depth is not used")
	}
}

func TestXML(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"row 1", `<r><m>hi</m></r>`, `{"r":[{"m":["hi"]}]}`},
		{"row 2", `<r><m k="v">hi</m></r>`, `{"r":[{"m":[{"_attributes":{"k":"v"},"_value":"hi"}]}]}`},
		{"row 3", `<r><l n="2"><i><a>A</a></i><i><a>B</a></i></l></r>`, `{"r":[{"l":[{"_attributes":{"n":"2"},"i":[{"a":["A"]},{"a":["B"]}]}]}]}`},
		{"row 4", `<r/>`, `{"r":[""]}`},
		{"row 5", `<r>one <b>two</b> three</r>`, `{"r":[{"b":["two"],"_value":"one  three"}]}`},
		{"attributes only", `<r a="1" b='2'/>`, `{"r":[{"_attributes":{"a":"1","b":"2"}}]}`},
		{"leaf text as written", "<r> a\n b </r>", `{"r":[" a\n b "]}`},
		{"leaf with attribute", `<r k="v"> hi </r>`, `{"r":[{"_attributes":{"k":"v"},"_value":" hi "}]}`},
		{"white leaf", "<r> \n\t</r>", `{"r":[""]}`},
		{"white between", "<r>\n <a>1</a>\n <b/>\n</r>", `{"r":[{"a":["1"],"b":[""]}]}`},
		{"pieces", "<r> a <x/> \n <y/> b </r>", `{"r":[{"x":[""],"y":[""],"_value":"a  b"}]}`},
		{"cdata", "<r><![CDATA[<&> ]]>x</r>", `{"r":["<&> x"]}`},
		{"comments vanish", "<!-- a --><r>a<!-- b -->b<?pi x?>c</r><!-- c -->", `{"r":["abc"]}`},
		{"prefixes", `<s:r xmlns:s="urn:x" s:k="v"><s:m>1</s:m></s:r>`, `{"s:r":[{"_attributes":{"xmlns:s":"urn:x","s:k":"v"},"s:m":["1"]}]}`},
		{"entities", `<r a="&quot;&#65;">&lt;&amp;&#x41;&apos;</r>`, `{"r":[{"_attributes":{"a":"\"A"},"_value":"<&A'"}]}`},
		{"declaration and mark", "\ufeff<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<r>1</r>\n", `{"r":["1"]}`},
		{"document type skipped", `<!DOCTYPE r SYSTEM "http://evil.test/x.dtd"><r>1</r>`, `{"r":["1"]}`},
		{"interleaved names", `<r><a>1</a><b>2</b><a>3</a></r>`, `{"r":[{"a":["1","3"],"b":["2"]}]}`},
		{"nested empties", `<r><a><b/></a></r>`, `{"r":[{"a":[{"b":[""]}]}]}`},
		{"entity of a document type", `<!DOCTYPE r [<!ENTITY x "y">]><r>&x;</r>`, "error"},
		{"unknown entity", `<r>&nbsp;</r>`, "error"},
		{"mismatch", `<a><b></a></b>`, "error"},
		{"open", `<a>`, "error"},
		{"two roots", `<a/><b/>`, "error"},
		{"text outside", `<a/>x`, "error"},
		{"text before", `x<a/>`, "error"},
		{"no root", `<!-- x -->`, "error"},
		{"late document type", `<a/><!DOCTYPE a>`, "error"},
		{"unquoted attribute", `<a b=c/>`, "error"},
		{"closing first", `</a>`, "error"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, err := Parse("xml", "", 200, tt.in, nil)
			got := jsonOf(p.Value)
			if err != nil {
				got = "error"
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff, err)
			}
		})
	}
}

func TestStatusRanges(t *testing.T) {
	keys := []string{"*", "400-499", "404-410", "404"}
	var ranges []StatusRange
	for _, k := range keys {
		r, ok := ParseStatusRange(k)
		if !ok {
			t.Fatal(k)
		}
		ranges = append(ranges, r)
	}
	for status, want := range map[int]int{200: 0, 402: 1, 405: 2, 404: 3, 410: 2, 411: 1, 500: 0, 1000: -1} {
		if got := SelectStatus(ranges, status); got != want {
			t.Errorf("%d: %d, want %d", status, got, want)
		}
	}
	equal := []StatusRange{{400, 409}, {405, 414}}
	if got := SelectStatus(equal, 407); got != 0 {
		t.Errorf("equal width: %d", got)
	}
	for _, bad := range []string{"", "4xx", "500-400", "1000", "-5", "5-", "1-2-3", " 200", "**"} {
		if _, ok := ParseStatusRange(bad); ok {
			t.Errorf("%q is accepted", bad)
		}
	}
	for status, want := range map[int]string{404: "[404] Not Found", 429: "[429] Too Many Requests", 413: "[413] Content Too Large",
		422: "[422] Unprocessable Content", 418: "[418] Error", 599: "[599] Error", 503: "[503] Service Unavailable", 414: "[414] URI Too Long",
		416: "[416] Range Not Satisfiable", 203: "[203] Non-Authoritative Information"} {
		if got := StatusText(status); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("json", "application/json", `{"a":[1]}`)
	f.Add("automatic", "text/xml; charset=latin1", "<a>\xe9</a>")
	f.Add("urlencoded", "", "a=%zz&a")
	f.Fuzz(func(t *testing.T, kind, contentType, body string) {
		p, err := Parse(kind, contentType, 404, body, nil)
		var limit *LimitError
		var config *ConfigError
		if err != nil && !errors.As(err, &limit) && !errors.As(err, &config) {
			t.Fatalf("status 404 must not fail on the body: %v", err)
		}
		_ = value.AppendJSON(nil, p.Value)
	})
}

func FuzzXML(f *testing.F) {
	for _, s := range []string{`<r a="1"><b>x</b> y</r>`, `<!DOCTYPE r [<!ENTITY x "y">]><r>&x;</r>`, `<a:b:c/>`, "<?xml encoding='x'?><a/>", `<a`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, body string) {
		v, err := parseXMLBody("", body, nil)
		if err != nil {
			return
		}
		if body != "" && v.Object().Len() != 1 {
			t.Fatalf("%q has no single root: %s", body, jsonOf(v))
		}
		_, _ = ParseToken("text/xml", 200, body, nil)
	})
}

func FuzzForm(f *testing.F) {
	for _, s := range []string{"a=1&a=2&&=&b", "%", "%4", "a%3d=+", strings.Repeat("a&", 100)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		v := ParseForm(text)
		again := ParseForm(string(EncodePairs(v)))
		if diff := cmp.Diff(jsonOf(v), jsonOf(again)); diff != "" {
			t.Fatalf("%q does not survive encoding: %s", text, diff)
		}
		_, _ = ParseToken("", 200, text, nil)
	})
}
