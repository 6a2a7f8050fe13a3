package wire

import (
	"errors"
	"testing"

	"github.com/imlc-lang/imlc/runtime/uri"
	"github.com/imlc-lang/imlc/vm/value"
)

// fromJSON reads a test value; {"$date": ms}, {"$buffer": text} and {"$undefined": 1} stand for what JSON cannot say.
func fromJSON(t testing.TB, text string) value.Value {
	t.Helper()
	v, err := value.ParseJSON(text, nil)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return special(v)
}

func special(v value.Value) value.Value {
	switch v.Kind() {
	case value.KindArray:
		items := make([]value.Value, len(v.Items()))
		for i, e := range v.Items() {
			items[i] = special(e)
		}
		return value.Array(items)
	case value.KindCollection:
		o := v.Object()
		if d, ok := o.Get("$date"); ok {
			return value.Date(int64(d.Float()))
		}
		if b, ok := o.Get("$buffer"); ok {
			return value.Buffer([]byte(b.Str()))
		}
		if _, ok := o.Get("$undefined"); ok {
			return value.Undefined
		}
		out := value.NewObject(o.Len())
		for i := range o.Len() {
			k, e := o.At(i)
			out.Set(k, special(e))
		}
		return value.Collection(out)
	}
	return v
}

func jsonOf(v value.Value) string {
	if v.IsUndefined() {
		return "undefined"
	}
	return string(value.AppendJSON(nil, v))
}

func TestEncodePairs(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"scalars", `{"a":1,"b":true,"c":"x","d":1.5,"e":9007199254740993}`, "a=1&b=true&c=x&d=1.5&e=9007199254740993"},
		{"unreserved", `{"k!'()*~-._":" ! ' ( ) * + / é"}`, "k%21%27%28%29%2A~-._=%20%21%20%27%20%28%20%29%20%2A%20%2B%20%2F%20%C3%A9"},
		{"list", `{"y":["b c",null,2],"z":""}`, "y=b%20c&y=2&z="},
		{"null and empty list", `{"a":null,"b":[],"c":[null],"d":0}`, "d=0"},
		{"object", `{"a":{"b":"c","n":null,"d":{"e":1}}}`, "a%5Bb%5D=c&a%5Bd%5D%5Be%5D=1"},
		{"list in object", `{"o":{"k":[1,null,2]}}`, "o%5Bk%5D=1&o%5Bk%5D=2"},
		{"list in list", `{"a":[[1,2],[3]]}`, "a=1%2C2&a=3"},
		{"object in list", `{"a":[{"b":1},{"b":2}]}`, "a%5Bb%5D=1&a%5Bb%5D=2"},
		{"date", `{"d":{"$date":0}}`, "d=1970-01-01T00%3A00%3A00.000Z"},
		{"buffer", `{"d":{"$buffer":"hi?>"}}`, "d=aGk%2FPg%3D%3D"},
		{"empty", `{}`, ""},
		{"odd key", `{"a b&=":"x","":"y"}`, "a%20b%26%3D=x&=y"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := string(EncodePairs(fromJSON(t, tt.in))); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestApplyQuery(t *testing.T) {
	tests := []struct {
		name, url, qs string
		mode          QueryMode
		want          string
	}{
		{"absent keeps", "https://h.test/a?x=%2f", `null`, QueryReplace, "/a?x=%2f"},
		{"empty erases", "https://h.test/a?x=1", `{}`, QueryReplace, "/a"},
		{"replaces", "https://h.test/a?x=1", `{"y":["b c",null,2],"z":""}`, QueryReplace, "/a?y=b%20c&y=2&z="},
		{"appends", "https://h.test/a?x=1", `{"x":2,"y":3}`, QueryAppend, "/a?x=1&x=2&y=3"},
		{"appends to none", "https://h.test/a", `{"x":2}`, QueryAppend, "/a?x=2"},
		{"append nothing", "https://h.test/a?x=1", `{}`, QueryAppend, "/a?x=1"},
		{"merge", "https://h.test/a?x%5Bk%5D=1&z", `{"x":{"k":2,"l":3},"z":1,"y":[4,5]}`, QueryMerge, "/a?x%5Bk%5D=1&z&x%5Bl%5D=3&y=4&y=5"},
		{"merge nothing left", "https://h.test/a?x=1", `{"x":2}`, QueryMerge, "/a?x=1"},
		{"merge to none", "https://h.test/a", `{"x":2}`, QueryMerge, "/a?x=2"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			u, err := uri.Parse(tt.url, true)
			if err != nil {
				t.Fatal(err)
			}
			if err := ApplyQuery(u, fromJSON(t, tt.qs), tt.mode); err != nil {
				t.Fatal(err)
			}
			if got := u.Target(); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
	var config *ConfigError
	if err := ApplyQuery(&uri.URL{}, value.Text("x=1"), QueryReplace); !errors.As(err, &config) {
		t.Errorf("a text as qs: %v", err)
	}
}
