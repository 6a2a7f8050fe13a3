package show

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/imlc-lang/imlc/vm/value"
)

func parse(t *testing.T, text string) value.Value {
	t.Helper()
	v, err := value.ParseJSON(text, nil)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestText(t *testing.T) {
	for _, test := range []struct {
		v             value.Value
		text, literal string
	}{
		{value.Undefined, "undefined", "undefined"},
		{value.Null(), "null", "null"},
		{value.Text(`a "b"`), `a "b"`, `"a \"b\""`},
		{value.Number(math.Inf(1)), "Infinity", "Infinity"},
		{value.Bool(true), "true", "true"},
		{value.Buffer([]byte{0, 0x1b}), "buffer of 2 bytes: 001b", "buffer of 2 bytes: 001b"},
		{parse(t, `[1, {"a": "x"}]`), `[1,{"a":"x"}]`, `[1,{"a":"x"}]`},
	} {
		if diff := cmp.Diff([]string{test.text, test.literal}, []string{Text(test.v), Literal(test.v)}); diff != "" {
			t.Error(diff)
		}
	}
}

func TestJSON(t *testing.T) {
	v := parse(t, `{"a":[1,{"b":9007199254740993}],"c":{},"d":[]}`)
	want := "{\n  \"a\": [\n    1,\n    {\n      \"b\": 9007199254740993\n    }\n  ],\n  \"c\": {},\n  \"d\": []\n}"
	if diff := cmp.Diff(want, JSON(v, "")); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(strings.ReplaceAll(want, "\n", "\n > "), JSON(v, " > ")); diff != "" {
		t.Error(diff)
	}
}
