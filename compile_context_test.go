package imlc_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/imlc-lang/imlc"
)

// dying is a context that ends at the look of a number.
type dying struct {
	context.Context
	looks, left int
}

// Err implements context.Context.
func (d *dying) Err() error {
	if d.looks++; d.looks > d.left {
		return context.Canceled
	}
	return nil
}

// A compilation looks at its context before each file and each expression, ends when it has ended, and then gives nothing
// that could be taken for a result.
func TestCompileContext(t *testing.T) {
	var spec strings.Builder
	spec.WriteString(`{"url":"https://a.test/","qs":{`)
	for i := range 200 {
		fmt.Fprintf(&spec, `"k%d":"{{parameters.p%d}}",`, i, i)
	}
	spec.WriteString(`"last":1},"headers":{"x":"{{replicate('a'; 9)}}"}}`)
	files := fstest.MapFS{"c/communication.jsonc": {Data: []byte(spec.String())}, "c/parameters.jsonc": {Data: []byte(`[]`)}}
	want, problems := imlc.Compile(files, "c", imlc.Options{Dialect: "make"})
	whole := &dying{Context: context.Background(), left: 1 << 30}
	p, list, err := imlc.CompileContext(whole, files, "c", imlc.Options{Dialect: "make"})
	if err != nil || len(list.Items) != len(problems.Items) || (p == nil) != (want == nil) {
		t.Fatalf("%v, %d problems instead of %d", err, len(list.Items), len(problems.Items))
	}
	if whole.looks < 200 {
		t.Errorf("the context was looked at %d times only", whole.looks)
	}
	for left := 0; left < whole.looks; left += 1 + left/9 {
		d := &dying{Context: context.Background(), left: left}
		p, list, err := imlc.CompileContext(d, files, "c", imlc.Options{Dialect: "make"})
		if !errors.Is(err, context.Canceled) || p != nil || list != nil {
			t.Fatalf("ended at look %d of %d: plan %t, list %v, %v", left, whole.looks, p != nil, list, err)
		}
	}
}

// Within a long file the context is looked at too, in either notation, and ends the reading there.
func TestCompileContextWithinFiles(t *testing.T) {
	for name, text := range map[string]string{
		"communication.json": `{"url":"https://a.test/","qs":{"a":[` + strings.Repeat("1,", 20_000) + `1]}}`,
		"spec.yml":           "auth: {type: oauth1}\nx:\n" + strings.Repeat("- {a: b}\n", 5_000),
	} {
		files := fstest.MapFS{name: {Data: []byte(text)}}
		whole := &dying{Context: context.Background(), left: 1 << 30}
		if _, _, err := imlc.CompileContext(whole, files, ".", imlc.Options{}); err != nil {
			t.Fatal(err)
		}
		if whole.looks < 60 {
			t.Errorf("%s: the context was looked at %d times only", name, whole.looks)
		}
		for left := 0; left < 60; left += 7 { // while it is read
			d := &dying{Context: context.Background(), left: left}
			if p, list, err := imlc.CompileContext(d, files, ".", imlc.Options{}); !errors.Is(err, context.Canceled) || p != nil || list != nil {
				t.Errorf("%s: ended at look %d of %d: plan %t, list %v, %v", name, left, whole.looks, p != nil, list, err)
			}
			if d.looks > left+40 {
				t.Errorf("%s: ended at look %d of %d, and looked %d times more", name, left, whole.looks, d.looks-left)
			}
		}
	}
}
