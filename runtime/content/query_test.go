package content

import (
	"errors"
	"strings"
	"testing"

	"github.com/imlc-lang/imlc/internal/limit"
	"github.com/imlc-lang/imlc/runtime/uri"
	"github.com/imlc-lang/imlc/runtime/wire"
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
			got, err := encodePairs(fromJSON(t, tt.in).Object(), nil, false)
			if err != nil {
				t.Fatal(err)
			}
			if got := string(got); got != tt.want {
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
		{"append null", "https://h.test/a?x=%2f", `null`, QueryAppend, "/a?x=%2f"},
		{"merge, the url wins in place", "https://h.test/a?fields=id&z", `{"a":1,"fields":"all","b":2}`, QueryMerge, "/a?a=1&fields=id&b=2&z="},
		{"merge, all values of the url", "https://h.test/a?x=1&y=2&x=3", `{"x":[8,9],"w":[4,5]}`, QueryMerge, "/a?x=1&x=3&w=4&w=5&y=2"},
		{"merge, written anew", "https://h.test/a?q=a+b&f[a]=1&flag&u=", `{}`, QueryMerge, "/a?q=a%20b&f%5Ba%5D=1&flag=&u="},
		{"merge without parameters", "https://h.test/a?q=a+b&flag", `null`, QueryMerge, "/a?q=a%20b&flag="},
		{"merge, blanks", "https://h.test/a", `{"n":null,"o":{"k":1},"u":{"$undefined":1},"l":[null,1,{"a":1}],"t":""}`, QueryMerge, "/a?n=&o=&l=&l=1&l=&t="},
		{"merge to none", "https://h.test/a", `{"x":2}`, QueryMerge, "/a?x=2"},
		{"override", "https://h.test/a?x=1&y=0", `{"y":2}`, QueryOverride, "/a?x=1&y=2"},
		{"override keeps bytes", "https://h.test/a?x=%2f+&&z&y=0&x=3", `{"y":["b c",null,2],"w":""}`, QueryOverride, "/a?x=%2f+&&z&x=3&y=b%20c&y=2&w="},
		{"override all", "https://h.test/a?x=1&x=2", `{"x":3}`, QueryOverride, "/a?x=3"},
		{"override nothing", "https://h.test/a?x=1", `{}`, QueryOverride, "/a?x=1"},
		{"override by nothing", "https://h.test/a?x=1&y=2", `{"x":null}`, QueryOverride, "/a?y=2"},
		{"override nested", "https://h.test/a?o%5Bk%5D=1&o%5Bl%5D=2", `{"o":{"k":3}}`, QueryOverride, "/a?o%5Bl%5D=2&o%5Bk%5D=3"},
		{"override encoded name", "https://h.test/a?%78=1", `{"x":2}`, QueryOverride, "/a?x=2"},
		{"override to none", "https://h.test/a", `{"x":2}`, QueryOverride, "/a?x=2"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			u, err := uri.Parse(tt.url, true)
			if err != nil {
				t.Fatal(err)
			}
			if err := ApplyQuery(u, fromJSON(t, tt.qs), tt.mode, nil); err != nil {
				t.Fatal(err)
			}
			if got := u.Target(); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
	var config *wire.ConfigError
	if err := ApplyQuery(&uri.URL{}, value.Text("x=1"), QueryReplace, nil); !errors.As(err, &config) {
		t.Errorf("a text as qs: %v", err)
	}
}

// meter allows so many bytes.
type meter int64

func (m *meter) Tick(int) error { return nil }

func (m *meter) Look(int) error { return nil }

func (m *meter) Memory(n int64) error {
	if *m -= meter(n); *m < 0 {
		return errFull
	}
	return nil
}

var errFull = errors.New("full")

// TestPairsAreMetered: names of nested objects repeat the path to them, so that small values make long texts.
func TestPairsAreMetered(t *testing.T) {
	deep := value.Text("x")
	for range 900 {
		o := value.NewObject(1)
		o.Set(strings.Repeat("k", 1000), deep)
		deep = value.Collection(o)
	}
	list := make([]value.Value, 10_000)
	for i := range list {
		list[i] = deep
	}
	o := value.NewObject(1)
	o.Set("a", value.Array(list))
	left := meter(8 << 20)
	if _, err := encodePairs(o, &left, false); err != errFull {
		t.Errorf("error %v", err)
	}
	left = 8 << 20
	if err := ApplyQuery(&uri.URL{}, value.Collection(o), QueryAppend, &left); err != errFull {
		t.Errorf("error %v", err)
	}
	for range 200 {
		o := value.NewObject(1)
		o.Set("k", deep)
		deep = value.Collection(o)
	}
	o.Set("a", deep)
	var reached *limit.Error
	if _, err := encodePairs(o, nil, false); !errors.As(err, &reached) || reached.Code != limit.CodeNesting {
		t.Errorf("error %v", err)
	}
}
