package content

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/imlc-lang/imlc/internal/media"
	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm/value"
)

func TestEncodeBody(t *testing.T) {
	const form, js = media.Form, "application/json"
	tests := []struct {
		name   string
		kind   BodyKind
		in     string
		want   wire.Body // Content and Present are filled in from text
		text   string
		absent bool
	}{
		{name: "json object", kind: BodyJSON, in: `{"t":"Hi <b>&","n":null,"size":9007199254740993,"d":{"$date":0},"u":{"$undefined":1}}`,
			text: `{"t":"Hi <b>&","n":null,"size":9007199254740993,"d":"1970-01-01T00:00:00.000Z"}`, want: wire.Body{ContentType: js}},
		{name: "json buffer", kind: BodyJSON, in: `{"b":{"$buffer":"hi"}}`, text: `{"b":"aGk="}`, want: wire.Body{ContentType: js}},
		{name: "absent type object", in: `{"a":1}`, text: `{"a":1}`, want: wire.Body{ContentType: js}},
		{name: "absent type text", in: `"<x/>"`, text: `<x/>`, want: wire.Body{Pairs: true}},
		{name: "absent type number", in: `5`, text: `5`, want: wire.Body{ContentType: js}},
		{name: "absent type null", in: `null`, text: `null`, want: wire.Body{ContentType: js}},
		{name: "json text", kind: BodyJSON, in: `"<x/>"`, text: `"<x/>"`, want: wire.Body{ContentType: js}},
		{name: "json null", kind: BodyJSON, in: `null`, text: `null`, want: wire.Body{ContentType: js}},
		{name: "undefined", kind: BodyJSON, in: `{"$undefined":1}`, absent: true},
		{name: "undefined form", kind: BodyForm, in: `{"$undefined":1}`, absent: true, want: wire.Body{ContentType: media.Form}},
		{name: "null form", kind: BodyForm, in: `null`, absent: true, want: wire.Body{ContentType: media.Form}},
		{name: "null text", kind: BodyText, in: `null`, absent: true},
		{name: "null multipart", kind: BodyMultipart, in: `null`, absent: true},
		{name: "form", kind: BodyForm, in: `{"device":"rack 7/b","n":null,"l":[1,2],"o":{"k":"v"}}`,
			text: "device=rack%207%2Fb&l=1&l=2&o%5Bk%5D=v", want: wire.Body{ContentType: form, Pairs: true}},
		{name: "form text", kind: BodyForm, in: `"a=b&c"`, text: "a=b&c", want: wire.Body{ContentType: form, Pairs: true}},
		{name: "empty form", kind: BodyForm, in: `{}`, text: "", want: wire.Body{ContentType: form, Pairs: true}},
		{name: "text", kind: BodyText, in: `"héllo"`, text: "héllo", want: wire.Body{Pairs: true}},
		{name: "raw object", kind: BodyText, in: `{"a":[1,null]}`, text: `{"a":[1,null]}`},
		{name: "string array", kind: BodyText, in: `[1,2]`, text: `[1,2]`},
		{name: "text number", kind: BodyText, in: `1.50`, text: `1.5`},
		{name: "text buffer", kind: BodyText, in: `{"$buffer":"hi"}`, text: `hi`},
		{name: "text date", kind: BodyText, in: `{"$date":0}`, text: "1970-01-01T00:00:00.000Z"},
		{name: "binary", kind: BodyBinary, in: `{"$buffer":"hi"}`, text: "hi"},
		{name: "binary text", kind: BodyBinary, in: `"é"`, text: "é", want: wire.Body{Pairs: true}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := EncodeBody(fromJSON(t, tt.in), BodyOptions{Kind: tt.kind})
			if err != nil {
				t.Fatal(err)
			}
			want := tt.want
			want.Present = !tt.absent
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
	tests := []struct {
		kind     BodyKind
		in, want string
	}{
		{BodyForm, `[1]`, "body: a form needs an object or a text, found an array"},
		{BodyForm, `5`, "body: a form needs an object or a text, found a number"},
		{BodyBinary, `{"a":1}`, "body: binary content needs a buffer or a text, found a collection"},
		{BodyMultipart, `"x"`, "body: a multipart body needs an object, found a text"},
	}
	for _, tt := range tests {
		_, err := EncodeBody(fromJSON(t, tt.in), BodyOptions{Kind: tt.kind})
		var config *wire.ConfigError
		if !errors.As(err, &config) || config.Field != wire.SettingBody || err.Error() != tt.want {
			t.Errorf("%d %s: %v, want %s", tt.kind, tt.in, err, tt.want)
		}
	}
	if _, err := EncodeBody(fromJSON(t, `{}`), BodyOptions{Kind: BodyMultipart, Entropy: strings.NewReader("short")}); err == nil {
		t.Error("a source that runs dry went unnoticed")
	}
	bad := fromJSON(t, `{"f":{"value":"x","options":{"contentType":"a\r\nb"}}}`)
	var config *wire.ConfigError
	if _, err := EncodeBody(bad, BodyOptions{Kind: BodyMultipart, Entropy: strings.NewReader(strings.Repeat("x", 16))}); !errors.As(err, &config) {
		t.Errorf("line break in contentType: %v", err)
	}
}

// TestContentTypes: which type a JSON and a text body get is the caller's to say (spec dialects.md §3.4).
func TestContentTypes(t *testing.T) {
	const js, text = "application/json; charset=utf-8", "text/plain; charset=utf-8"
	for _, tt := range []struct {
		kind          BodyKind
		form          bool
		in, want, typ string
	}{
		{BodyJSON, false, `{"a":1}`, `{"a":1}`, js},
		{BodyAuto, false, `"<x/>"`, `<x/>`, text},
		{BodyText, false, `5`, `5`, text},
		{BodyByValue, false, `"x"`, `x`, text},
		{BodyByValue, false, `""`, "none", ""},
		{BodyByValue, false, `null`, "none", ""},
		{BodyByValue, false, `5`, `5`, js},
		{BodyByValue, false, `true`, `true`, js},
		{BodyByValue, false, `{"a":null,"l":[1]}`, `{"a":null,"l":[1]}`, js},
		{BodyByValue, true, `{"a":null,"l":[1,2],"o":{"k":1}}`, `a=&l=1&l=2&o=`, media.Form},
		{BodyByValue, true, `["x",null,[1,2]]`, `0=x&1=&2=1&2=2`, media.Form},
		{BodyByValue, true, `"a=1"`, `a=1`, text},
	} {
		b, err := EncodeBody(fromJSON(t, tt.in), BodyOptions{Kind: tt.kind, Form: tt.form, JSONType: js, TextType: text})
		if err != nil {
			t.Fatal(err)
		}
		got := string(b.Content)
		if !b.Present {
			got = "none"
		}
		if got != tt.want || b.ContentType != tt.typ {
			t.Errorf("%d %s: %s as %q, want %s as %q", tt.kind, tt.in, got, b.ContentType, tt.want, tt.typ)
		}
	}
}

// TestSecretMarks: a mark anywhere in a value shows at the header or the body that is made of it.
func TestSecretMarks(t *testing.T) {
	inner := value.NewObject(1)
	inner.Set("k", value.Array([]value.Value{value.Text("a"), value.Text("s").AsSecret()}))
	for _, kind := range []BodyKind{BodyJSON, BodyForm, BodyText} {
		b, err := EncodeBody(value.Collection(inner), BodyOptions{Kind: kind})
		if err != nil || !b.Secret {
			t.Errorf("%d: %+v, %v", kind, b, err)
		}
	}
	if b, _ := EncodeBody(fromJSON(t, `{"k":["a","s"]}`), BodyOptions{}); b.Secret {
		t.Error("a body without a secret is marked")
	}
	h := value.NewObject(2)
	h.Set("x-a", value.Text("s").AsSecret())
	h.Set("x-b", value.Array([]value.Value{value.Text("1"), value.Text("s").AsSecret()}))
	got, err := BuildHeader(value.Collection(h))
	want := wire.Header{{Name: "X-A", Value: "s", Secret: true}, {Name: "X-B", Value: "1"}, {Name: "X-B", Value: "s", Secret: true}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
}

func TestMultipart(t *testing.T) {
	in := fromJSON(t, `{"te\"xt\r\n":"é","num":1.5,"yes":true,"null":null,"list":["a",null,["x"],2],"other":{"a":1},
		"bin":{"$buffer":"\u0001"},
		"file":{"value":{"$buffer":"DATA"},"options":{"filename":"a\"b.png","contentType":"image/png"}},
		"doc":{"value":"txt","options":{"filename":"n.txt"}},"bare":{"value":7,"options":{}},
		"none":{"value":null,"options":{}},"half":{"value":"x"}}`)
	b, err := EncodeBody(in, BodyOptions{Kind: BodyMultipart, Entropy: bytes.NewReader(make([]byte, 16))})
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
