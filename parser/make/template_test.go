package make

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/parser/document"
	"github.com/imlc-lang/imlc/parser/template"
)

func TestTemplate(t *testing.T) {
	tests := []struct{ text, want string }{
		{`{"a":["{{x}}",null,1.5,true],"{{...}}":"{{y}}"}`, `{a:["{{x}}" null 1.5 true] ...:"{{y}}"}`},
		{`"‹IML103›{{1 + }}"`, `"{{1 + }}"`},
		{`{"a‹IML312›{{b}}":9007199254740993}`, `{a{{b}}:9007199254740993}`},
		{`null`, `null`},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			f, want := marked("f", tt.text)
			doc, problems := document.ParseJSONC(f, document.Options{})
			if len(problems) > 0 {
				t.Fatal(problems)
			}
			v, problems := Template(doc.Root, template.Options{})
			if diff := cmp.Diff(tt.want, showValue(v)); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			got := reported(&diag.List{Items: problems}, want)
			if len(got) != len(want) {
				t.Errorf("problems %v, want %v", got, want)
			}
		})
	}
	if v, problems := Template(nil, template.Options{}); v != nil || problems != nil {
		t.Errorf("%v %v", v, problems)
	}
}
