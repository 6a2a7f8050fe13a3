package content

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/imlc-lang/imlc/internal/limit"
	"github.com/imlc-lang/imlc/internal/media"
	"github.com/imlc-lang/imlc/vm/value"
)

func TestKindOf(t *testing.T) {
	tests := map[string]string{
		"": "text", "text/plain": "text", "text/html; charset=utf-8": "text", "application/json": "json", "Application/JSON ; charset=x": "json",
		"application/vnd.api+json": "json", "image/svg+xml": "xml", "application/xml": "xml", "text/xml": "xml",
		"application/x-www-form-urlencoded": "form", "application/octet-stream": "binary", "image/png": "binary", "application/javascript": "binary",
	}
	for contentType, want := range tests {
		if got := KindOf(contentType).String(); got != want {
			t.Errorf("%q: %s, want %s", contentType, got, want)
		}
	}
}

func TestParse(t *testing.T) {
	const latin1 = "text/plain; charset=ISO-8859-1"
	tests := []struct {
		name        string
		kind        ParseKind
		contentType string
		status      int
		body, want  string // want is JSON; "error: …" is the error
		becameText  bool
	}{
		{"json", ParseJSON, "text/html", 200, `{"id":9007199254740993,"a":1,"a":2}`, `{"id":9007199254740993,"a":2}`, false},
		{"json mark", ParseJSON, "", 200, "\ufeff[1]", `[1]`, false},
		{"automatic json", ParseAutomatic, "application/json", 200, ` [1,null] `, `[1,null]`, false},
		{"default is automatic", ParseAutomatic, "application/problem+json", 404, `{"a":1}`, `{"a":1}`, false},
		{"empty json", ParseJSON, "", 200, "", "undefined", false},
		{"empty xml", ParseXML, "", 200, "", "undefined", false},
		{"empty text", ParseText, "", 200, "", `""`, false},
		{"empty form", ParseForm, "", 200, "", `{}`, false},
		{"empty binary", ParseBinary, "", 200, "", `""`, false},
		{"empty automatic", ParseAutomatic, "", 204, "", `""`, false},
		{"bad json by type", ParseJSON, "", 399, `{"a":1,}`, "error: Failed to parse response body as JSON", false},
		{"bad json from 400", ParseJSON, "", 400, `<oops>`, `"<oops>"`, true},
		{"bad json automatic", ParseAutomatic, "application/json", 200, `oops`, `"oops"`, true},
		{"bad xml by type", ParseXML, "", 200, `oops`, "error: Failed to parse response body as XML", false},
		{"bad xml from 400", ParseXML, "", 500, `<a>`, `"<a>"`, true},
		{"bad xml automatic", ParseAutomatic, "text/xml", 200, `<a>`, `"<a>"`, true},
		{"form", ParseForm, "text/plain", 200, "a=1&&b=x+y%21%zz&a=2&c&d=&e[x]=5&=n&a=3",
			`{"a":["1","2","3"],"b":"x y!%zz","c":"","d":"","e[x]":"5","":"n"}`, false},
		{"form invalid utf-8", ParseForm, "", 200, "a=%ff", `{"a":"�"}`, false},
		{"automatic form", ParseAutomatic, media.Form + ";charset=utf-8", 200, "a=1", `{"a":"1"}`, false},
		{"text", ParseText, "", 200, "\ufeffh\u00e9", `"hé"`, false},
		{"raw latin1", ParseText, latin1, 200, "h\xe9", `"hé"`, false},
		{"quoted charset", ParseText, `text/plain; x=y; Charset="Latin1"`, 200, "h\xe9", `"hé"`, false},
		{"ascii", ParseText, "text/plain;charset=us-ascii", 200, "h\xe9", `"h�"`, false},
		{"unknown charset", ParseText, "text/plain;charset=koi8-r", 200, "h\xe9", `"h�"`, false},
		{"binary", ParseAutomatic, "image/png", 200, "\x00\xff", `"AP8="`, false},
		{"xml latin1", ParseXML, latin1, 200, "<a>\xe9</a>", `{"a":["é"]}`, false},
		{"xml declared", ParseXML, "", 200, "<?xml version='1.0' encoding='ISO-8859-1'?><a>\xe9</a>", `{"a":["é"]}`, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, err := Parse(tt.kind, tt.contentType, tt.status, tt.body, makeXML)
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
	tests := []struct {
		kind       ParseKind
		open, shut string
	}{{ParseJSON, "[", "]"}, {ParseXML, "<a>", "</a>"}}
	for _, tt := range tests {
		for depth, fails := range map[int]bool{250: false, 251: true} {
			body := strings.Repeat(tt.open, depth) + strings.Repeat(tt.shut, depth)
			_, err := Parse(tt.kind, "", 500, body, nil)
			var reached *limit.Error
			if errors.As(err, &reached) != fails {
				t.Errorf("%s at depth %d: %v", tt.kind, depth, err)
			}
		}
	}
	if _, err := Parse(ParseJSON, "", 200, "[[1]]", &ParseOptions{MaxDepth: 1, Shapes: value.NewShapes()}); err == nil {
		t.Error("own depth is not used")
	}
}

// makeXML names the keys of spec make.md §9.3.
var makeXML = &ParseOptions{XML: XMLKeys{Attributes: "_attributes", Text: "_value"}}

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
			p, err := Parse(ParseXML, "", 200, tt.in, makeXML)
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

func TestXMLKeys(t *testing.T) {
	const in = `<r k="v">a<b/></r>`
	for _, c := range []struct {
		keys XMLKeys
		want string
	}{
		{XMLKeys{Attributes: "$", Text: "#text"}, `{"r":[{"$":{"k":"v"},"b":[""],"#text":"a"}]}`},
		{XMLKeys{}, `{"r":[{"b":[""]}]}`},
	} {
		p, err := Parse(ParseXML, "", 200, in, &ParseOptions{XML: c.keys})
		if got := jsonOf(p.Value); err != nil || got != c.want {
			t.Errorf("%+v: %s, %v", c.keys, got, err)
		}
	}
}

func TestFormIsTrimmed(t *testing.T) {
	for body, trimmed := range map[string]bool{"a=1&b=x": false, "a=1&b=x\r\n": true, "a=1&b=x \t": true, " a=1": false} {
		p, err := Parse(ParseForm, "", 200, body, nil)
		if err != nil || p.Trimmed != trimmed {
			t.Errorf("%q: trimmed %v, %v", body, p.Trimmed, err)
		}
		if got := p.Value.Object().Value("b"); trimmed && got.Str() != "x" {
			t.Errorf("%q: %v", body, got)
		}
	}
}

// TestAnswersAreMetered: small bodies make large values, which are taken from the meter before they are there.
func TestAnswersAreMetered(t *testing.T) {
	for _, c := range []struct {
		name string
		kind ParseKind
		body string
	}{
		{"json objects", ParseJSON, "[" + strings.Repeat("{},", 200_000) + "0]"},
		{"json numbers", ParseJSON, "[" + strings.Repeat("0,", 200_000) + "0]"},
		{"json keys", ParseJSON, "{" + strings.Repeat(`"":0,`, 200_000) + `"a":0}`},
		{"form", ParseForm, strings.Repeat("&=", 200_000)},
		{"xml", ParseXML, "<r>" + strings.Repeat("<a/>", 200_000) + "</r>"},
		{"binary", ParseBinary, strings.Repeat("x", 2<<20)},
	} {
		left := meter(1 << 20)
		if _, err := Parse(c.kind, "", 200, c.body, &ParseOptions{Meter: &left}); err != errFull {
			t.Errorf("%s: error %v", c.name, err)
		}
		left = 1 << 20
		if _, err := Parse(c.kind, "", 500, c.body, &ParseOptions{Meter: &left}); err != errFull {
			t.Errorf("%s, status 500: error %v", c.name, err)
		}
	}
	left := meter(1 << 10)
	if _, err := HeaderValue(http.Header{"X-A": make([]string, 100)}, &left); err != errFull {
		t.Errorf("headers: error %v", err)
	}
	wide := "<r " + strings.Repeat("a='' ", maxWide) + "/>"
	if _, err := Parse(ParseXML, "", 200, wide, nil); err == nil {
		t.Error("an element with too many attributes is read")
	}
}

// maxWide is more than the attributes that one element may have.
const maxWide = 10_001

func TestItemsAreBounded(t *testing.T) {
	_, err := Parse(ParseJSON, "", 500, "[1,2,3]", &ParseOptions{MaxItems: 2})
	var reached *limit.Error
	if !errors.As(err, &reached) || reached.Limit != 2 {
		t.Errorf("error %v", err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(uint8(ParseJSON), "application/json", `{"a":[1]}`)
	f.Add(uint8(ParseAutomatic), "text/xml; charset=latin1", "<a>\xe9</a>")
	f.Add(uint8(ParseForm), "", "a=%zz&a")
	f.Fuzz(func(t *testing.T, kind uint8, contentType, body string) {
		p, err := Parse(ParseKind(kind), contentType, 404, body, nil)
		var reached *limit.Error
		if err != nil && !errors.As(err, &reached) {
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
		v, err := parseXML("", body, nil)
		if err != nil {
			return
		}
		if body != "" && v.Object().Len() != 1 {
			t.Fatalf("%q has no single root: %s", body, jsonOf(v))
		}
	})
}

func FuzzForm(f *testing.F) {
	for _, s := range []string{"a=1&a=2&&=&b", "%", "%4", "a%3d=+", strings.Repeat("a&", 100)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		v := FormValue(text)
		pairs, err := encodePairs(v.Object(), nil, false)
		if err != nil {
			t.Fatal(err)
		}
		again := FormValue(string(pairs))
		if diff := cmp.Diff(jsonOf(v), jsonOf(again)); diff != "" {
			t.Fatalf("%q does not survive encoding: %s", text, diff)
		}
	})
}
