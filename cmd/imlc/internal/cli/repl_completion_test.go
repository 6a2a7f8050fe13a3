package cli

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/imlc-lang/imlc/vm/value"
)

func TestCompletion(t *testing.T) {
	v, err := value.ParseJSON(`{"parameters":{"base url":1,"baseKey":2,"other":3},"now2":1,"list":[{"a":1},[{"bcd":2}]]}`, nil)
	if err != nil {
		t.Fatal(err)
	}
	l := &loop{c: newTest(t, "").command, eval: &evalCommand{}, context: v.Object()}
	for _, test := range []struct {
		line string
		pos  int
		head string
		want []string
		tail string
	}{
		{"par", 3, "", []string{"parameters", "parseDate(", "parseJSON(", "parseNumber("}, ""},
		{"1 + parameters.b)", 16, "1 + ", []string{"parameters.baseKey"}, ")"},
		{"upper(parameters.`b", 19, "upper(", []string{"parameters.`base url`"}, ""},
		{"1+list[2][1].b", 14, "1+", []string{"list[2][1].bcd"}, ""},
		{"list[-2].", 9, "", []string{"list[-2].a"}, ""},
		{"list[x].", 8, "list[x]", nil, ""},
		{":ty", 3, "", []string{":type"}, ""},
		{"formatD", 7, "", []string{"formatDate("}, ""},
	} {
		head, got, tail := l.complete(test.line, test.pos)
		if test.line == "par" {
			got = withPrefix(got, "parameters")
			test.want = []string{"parameters"}
		}
		if diff := cmp.Diff(test.want, got); diff != "" || head != test.head || tail != test.tail {
			t.Errorf("%q: head %q, tail %q, %s", test.line, head, tail, diff)
		}
	}
}
