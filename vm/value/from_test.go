package value_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/imlc-lang/imlc/vm/value"
)

func TestFrom(t *testing.T) {
	type form struct {
		Key   string            `json:"consumerKey"`
		Ports []int             `json:"ports,omitempty"`
		More  map[string]string `json:"more"`
	}
	for want, v := range map[string]any{
		`["a","b"]`: []string{"a", "b"}, `{"a":"1"}`: map[string]string{"a": "1"}, `{"b":1,"a":9007199254740993}`: json.RawMessage(`{"b":1,"a":9007199254740993}`),
		`{"consumerKey":"k","ports":[1,2],"more":{"x":"y"}}`: form{"k", []int{1, 2}, map[string]string{"x": "y"}}, `[{"a":"1"}]`: []map[string]string{{"a": "1"}}, `null`: (*form)(nil),
	} {
		got, err := value.From(v)
		if text := string(value.AppendJSON(nil, got)); text != want || err != nil {
			t.Errorf("%T: %s %v, want %s", v, text, err, want)
		}
	}
	if v, err := value.From(time.UnixMilli(5)); v.Kind() != value.KindDate || err != nil {
		t.Errorf("a time is %s, %v", v.Kind(), err)
	}
	if _, err := value.From(func() {}); err == nil {
		t.Error("a function is a value")
	}
	if o, err := value.ObjectFrom(form{Key: "k"}); err != nil || o.Value("consumerKey").Str() != "k" {
		t.Error(o, err)
	}
	if _, err := value.ObjectFrom([]int{1}); err == nil {
		t.Error("a list is an object")
	}
}
