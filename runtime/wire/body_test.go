package wire

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/imlc-lang/imlc/runtime/media"
	"github.com/imlc-lang/imlc/vm/value"
)

func TestEncodeBody(t *testing.T) {
	const form, js = media.Form, "application/json"
	tests := []struct {
		name, kind, in string
		want           Body // Content and Present are filled in from text
		text           string
		absent         bool
	}{
		{name: "json object", kind: "json", in: `{"t":"Hi <b>&","n":null,"size":9007199254740993,"d":{"$date":0},"u":{"$undefined":1}}`,
			text: `{"t":"Hi <b>&","n":null,"size":9007199254740993,"d":"1970-01-01T00:00:00.000Z"}`, want: Body{ContentType: js}},
		{name: "json buffer", kind: "json", in: `{"b":{"$buffer":"hi"}}`, text: `{"b":"aGk="}`, want: Body{ContentType: js}},
		{name: "absent type object", in: `{"a":1}`, text: `{"a":1}`, want: Body{ContentType: js}},
		{name: "absent type text", in: `"<x/>"`, text: `<x/>`, want: Body{Pairs: true}},
		{name: "absent type number", in: `5`, text: `5`, want: Body{ContentType: js}},
		{name: "absent type null", in: `null`, text: `null`, want: Body{ContentType: js}},
		{name: "json text", kind: "json", in: `"<x/>"`, text: `"<x/>"`, want: Body{ContentType: js}},
		{name: "json null", kind: "json", in: `null`, text: `null`, want: Body{ContentType: js}},
		{name: "undefined", kind: "json", in: `{"$undefined":1}`, absent: true},
		{name: "undefined form", kind: "urlencoded", in: `{"$undefined":1}`, absent: true, want: Body{ContentType: media.Form}},
		{name: "null form", kind: "urlencoded", in: `null`, absent: true, want: Body{ContentType: media.Form}},
		{name: "null text", kind: "text", in: `null`, absent: true},
		{name: "null multipart", kind: "multipart/form-data", in: `null`, absent: true},
		{name: "form", kind: "urlencoded", in: `{"device":"rack 7/b","n":null,"l":[1,2],"o":{"k":"v"}}`,
			text: "device=rack%207%2Fb&l=1&l=2&o%5Bk%5D=v", want: Body{ContentType: form, Pairs: true}},
		{name: "form text", kind: "urlencoded", in: `"a=b&c"`, text: "a=b&c", want: Body{ContentType: form, Pairs: true}},
		{name: "empty form", kind: "urlencoded", in: `{}`, text: "", want: Body{ContentType: form, Pairs: true}},
		{name: "text", kind: "text", in: `"héllo"`, text: "héllo", want: Body{Pairs: true}},
		{name: "raw object", kind: "raw", in: `{"a":[1,null]}`, text: `{"a":[1,null]}`},
		{name: "string array", kind: "string", in: `[1,2]`, text: `[1,2]`},
		{name: "text number", kind: "text", in: `1.50`, text: `1.5`},
		{name: "text buffer", kind: "text", in: `{"$buffer":"hi"}`, text: `hi`},
		{name: "text date", kind: "text", in: `{"$date":0}`, text: "1970-01-01T00:00:00.000Z"},
		{name: "binary", kind: "binary", in: `{"$buffer":"hi"}`, text: "hi"},
		{name: "binary text", kind: "binary", in: `"é"`, text: "é", want: Body{Pairs: true}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := EncodeBody(fromJSON(t, tt.in), tt.kind, BodyOptions{})
			if err != nil {
				t.Fatal(err)
			}
			want := tt.want
			want.Type, want.Present = tt.kind, !tt.absent
			if text := string(got.Content); text != tt.text {
				t.Errorf("content %s, want %s", text, tt.text)
			}
			got.Content = nil
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestEncodeBodyErrors(t *testing.T) {
	tests := []struct{ kind, in, want string }{
		{"urlencoded", `[1]`, "body: type urlencoded needs an object or a text, found an array"},
		{"urlencoded", `5`, "body: type urlencoded needs an object or a text, found a number"},
		{"binary", `{"a":1}`, "body: type binary needs a buffer or a text, found a collection"},
		{"multipart/form-data", `"x"`, "body: type multipart/form-data needs an object, found a text"},
		{"yaml", `"x"`, `type: "yaml" is no body type; use json, urlencoded, multipart/form-data, text, string, raw or binary`},
	}
	for _, tt := range tests {
		_, err := EncodeBody(fromJSON(t, tt.in), tt.kind, BodyOptions{})
		var config *ConfigError
		if !errors.As(err, &config) || err.Error() != tt.want {
			t.Errorf("%s %s: %v, want %s", tt.kind, tt.in, err, tt.want)
		}
	}
	if _, err := EncodeBody(fromJSON(t, `{}`), BodyMultipart, BodyOptions{Entropy: strings.NewReader("short")}); err == nil {
		t.Error("a source that runs dry went unnoticed")
	}
	bad := fromJSON(t, `{"f":{"value":"x","options":{"contentType":"a\r\nb"}}}`)
	var config *ConfigError
	if _, err := EncodeBody(bad, BodyMultipart, BodyOptions{Entropy: strings.NewReader(strings.Repeat("x", 16))}); !errors.As(err, &config) {
		t.Errorf("line break in contentType: %v", err)
	}
}

func TestMultipart(t *testing.T) {
	in := fromJSON(t, `{"te\"xt\r\n":"é","num":1.5,"yes":true,"null":null,"list":["a",null,["x"],2],"other":{"a":1},
		"bin":{"$buffer":"\u0001"},
		"file":{"value":{"$buffer":"DATA"},"options":{"filename":"a\"b.png","contentType":"image/png"}},
		"doc":{"value":"txt","options":{"filename":"n.txt"}},"bare":{"value":7,"options":{}},
		"none":{"value":null,"options":{}},"half":{"value":"x"}}`)
	b, err := EncodeBody(in, BodyMultipart, BodyOptions{Entropy: bytes.NewReader(make([]byte, 16))})
	if err != nil {
		t.Fatal(err)
	}
	boundary := "--------------------------00000000000000000000000000000000"
	if want := "multipart/form-data; boundary=" + boundary; b.ContentType != want || b.Pairs {
		t.Errorf("content type %s, pairs %v", b.ContentType, b.Pairs)
	}
	var want strings.Builder
	part := func(disposition, contentType, content string) {
		want.WriteString("--" + boundary + "\r\nContent-Disposition: form-data; " + disposition + "\r\n")
		if contentType != "" {
			want.WriteString("Content-Type: " + contentType + "\r\n")
		}
		want.WriteString("\r\n" + content + "\r\n")
	}
	part(`name="te%22xt%0D%0A"`, "", "é")
	part(`name="num"`, "", "1.5")
	part(`name="yes"`, "", "true")
	part(`name="list"`, "", "a")
	part(`name="list"`, "", "2")
	part(`name="bin"`, "application/octet-stream", "\x01")
	part(`name="file"; filename="a%22b.png"`, "image/png", "DATA")
	part(`name="doc"; filename="n.txt"`, "application/octet-stream", "txt")
	part(`name="bare"`, "application/octet-stream", "7")
	want.WriteString("--" + boundary + "--\r\n")
	if diff := cmp.Diff(want.String(), string(b.Content)); diff != "" {
		t.Error(diff)
	}
}

func TestBuildHeader(t *testing.T) {
	tests := []struct {
		name, in string
		want     Header
	}{
		{"title case", `{"x-api-KEY":"k","ACCEPT":"*/*"}`, Header{{"X-Api-Key", "k"}, {"Accept", "*/*"}}},
		{"later spelling wins", `{"x-a":"1","b":"2","X-A":"3"}`, Header{{"X-A", "3"}, {"B", "2"}}},
		{"later null keeps", `{"x-a":"1","X-A":null}`, Header{{"X-A", "1"}}},
		{"later list replaces", `{"x-a":"1","X-A":[2,null,3]}`, Header{{"X-A", "2"}, {"X-A", "3"}}},
		{"later empty list keeps", `{"x-a":"1","X-A":[]}`, Header{{"X-A", "1"}}},
		{"text after list", `{"x-a":["1","2"],"c":true,"X-A":5}`, Header{{"X-A", "5"}, {"C", "true"}}},
		{"null omitted", `{"a":null,"b":""}`, Header{{"B", ""}}},
		{"ignored", `{"content-length":"5","Transfer-Encoding":"chunked","CONNECTION":"close","host":"X.test:81"}`, Header{{"Host", "X.test:81"}}},
		{"one host", `{"host":["a.test","b.test"]}`, Header{{"Host", "b.test"}}},
		{"numbers", `{"n":9007199254740993,"d":{"$date":0}}`, Header{{"N", "9007199254740993"}, {"D", "1970-01-01T00:00:00.000Z"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := BuildHeader(fromJSON(t, tt.in))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
	for _, in := range []string{`{"a b":"x"}`, `{"":"x"}`, `{"ä":"x"}`, `{"a":"x\r\nb: c"}`, `{"a":"\n"}`, `{"a":"\u0000"}`, `{"a":["ok","\r"]}`,
		`{"host":"a/b"}`, `"text"`, `[1]`} {
		_, err := BuildHeader(fromJSON(t, in))
		var config *ConfigError
		if !errors.As(err, &config) {
			t.Errorf("%s: %v, want a ConfigError", in, err)
		}
	}
	if h, err := BuildHeader(value.Undefined); h != nil || err != nil {
		t.Errorf("undefined headers: %v %v", h, err)
	}
}

func TestAppendForm(t *testing.T) {
	form := Header{{"Content-Type", "Application/X-WWW-Form-Urlencoded; charset=utf-8"}}
	for _, tt := range []struct {
		name string
		out  Outgoing
		want string
	}{
		{"after the form", Outgoing{Header: form, Body: FormBody([]byte("a=b"))}, "a=b&o=1"},
		{"empty form", Outgoing{Header: form, Body: FormBody(nil)}, "o=1"},
		{"no body", Outgoing{}, "o=1"},
	} {
		before := tt.out.Body.Content
		tt.out.AppendForm("o=1")
		if got := string(tt.out.Body.Content); got != tt.want || !tt.out.SignsPairs() {
			t.Errorf("%s: %q", tt.name, got)
		}
		if len(before) > 0 && &before[0] == &tt.out.Body.Content[0] {
			t.Errorf("%s: the author's body was written to", tt.name)
		}
	}
}
