package content

import (
	"errors"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm/value"
)

func TestBuildHeader(t *testing.T) {
	tests := []struct {
		name, in string
		want     wire.Header
	}{
		{"title case", `{"x-api-KEY":"k","ACCEPT":"*/*"}`, wire.Header{{Name: "X-Api-Key", Value: "k"}, {Name: "Accept", Value: "*/*"}}},
		{"later spelling wins", `{"x-a":"1","b":"2","X-A":"3"}`, wire.Header{{Name: "X-A", Value: "3"}, {Name: "B", Value: "2"}}},
		{"later null keeps", `{"x-a":"1","X-A":null}`, wire.Header{{Name: "X-A", Value: "1"}}},
		{"later list replaces", `{"x-a":"1","X-A":[2,null,3]}`, wire.Header{{Name: "X-A", Value: "2"}, {Name: "X-A", Value: "3"}}},
		{"later empty list keeps", `{"x-a":"1","X-A":[]}`, wire.Header{{Name: "X-A", Value: "1"}}},
		{"text after list", `{"x-a":["1","2"],"c":true,"X-A":5}`, wire.Header{{Name: "X-A", Value: "5"}, {Name: "C", Value: "true"}}},
		{"null omitted", `{"a":null,"b":""}`, wire.Header{{Name: "B", Value: ""}}},
		{"ignored", `{"content-length":"5","Transfer-Encoding":"chunked","CONNECTION":"close","host":"X.test:81"}`, wire.Header{{Name: "Host", Value: "X.test:81"}}},
		{"one host", `{"host":["a.test","b.test"]}`, wire.Header{{Name: "Host", Value: "b.test"}}},
		{"numbers", `{"n":9007199254740993,"d":{"$date":0}}`, wire.Header{{Name: "N", Value: "9007199254740993"}, {Name: "D", Value: "1970-01-01T00:00:00.000Z"}}},
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
		var config *wire.ConfigError
		if !errors.As(err, &config) {
			t.Errorf("%s: %v, want a ConfigError", in, err)
		}
	}
	if h, err := BuildHeader(value.Undefined); h != nil || err != nil {
		t.Errorf("undefined headers: %v %v", h, err)
	}
}

func TestHeaderValue(t *testing.T) {
	h := http.Header{"X-B": {"1", "2"}, "Content-Type": {"text/plain"}, "Set-Cookie": {"a=1", "b=2"}, "X-A": {"\xff"}, "X-Nil": nil}
	v, err := HeaderValue(h, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := jsonOf(v), `{"content-type":"text/plain","set-cookie":["a=1","b=2"],"x-a":"�","x-b":"1, 2"}`; got != want {
		t.Errorf("got %s", got)
	}
	if got := v.Object().Value("Content-TYPE"); got.Str() != "text/plain" {
		t.Errorf("lookup with case: %v", got)
	}
}
