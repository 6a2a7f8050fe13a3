package make

import (
	"strings"
	"testing"

	"github.com/imlc-lang/imlc/parser"
)

func TestPartChecks(t *testing.T) {
	tests := []struct {
		name string
		role string
		text string
	}{
		{"params", Params, `[{"name":"a","type":"text","label":"A","required":true,"validate":{"min":1,"pattern":"^(?=a).*\\1?"}}]`},
		{"params root", Params, `{‹MAKE101›"name":"a"}`},
		{"params item", Params, `["rpc://Fields",‹MAKE211›5]`},
		{"params address", Params, `"rpc://Fields"`},
		{"params computed type", Params, `[{"name":"a","type":"{{if(true; 'text'; 'number')}}"}]`},
		{"params option groups", Params, `[{"name":"a","type":"select","grouped":true,"options":[{"label":"g","options":[{"label":"x","value":1},‹MAKE211›{"label":"y"}]},{"label":"z","value":2},` +
			`{‹MAKE211›"options":5},{‹MAKE201›"labels":"g","options":[]}]}]`},
		{"params options by other names", Params, `[{"name":"a","type":"select","options":{"label":"name","value":"id","store":[{"id":1,"name":"x","more":{}},‹MAKE211›{"name":"y"},{"id":2,‹MAKE211›"name":5}]}}]`},
		{"params placeholder", Params, `[{"name":"a","type":"select","options":{"store":"rpc://A","placeholder":{"label":"none","nested":[‹MAKE211›{"name":"b"}]}}},` +
			`{"name":"c","type":"select","options":{"store":[],"placeholder":"none"}}]`},
		{"params nested store", Params, `[{"name":"a","type":"boolean","nested":{"store":[‹MAKE211›{"name":"b"}],"domain":"d"}},{"name":"c","type":"boolean","nested":{"store":"rpc://F"}},` +
			`{"name":"d","type":"boolean","nested":{‹MAKE211›"store":{}}},{"name":"e","type":"boolean",‹MAKE211›"nested":5}]`},
		{"params editable", Params, `[{"name":"a","type":"text","editable":{"enabled":true,"help":"h"}},{"name":"b","type":"text","editable":{‹MAKE211›"enabled":1,‹MAKE201›"on":1}},` +
			`{"name":"c","type":"text",‹MAKE211›"editable":"yes"}]`},
		{"params validate switch", Params, `[{"name":"a","type":"text","validate":true},{"name":"b","type":"text","validate":false}]`},
		{"params keys without effect", Params, `[{"name":"a","type":"text","semantic":1,"grouped":1,"dynamic":1,"sort":1,"sequence":1,"schema":1,"tags":1,"coder":1,"visible":1,"convert":1,` +
			`"mappable":1,"time":1,"rpc":1,"mode":1,"labels":1,"metadata":1,"codepage":1,"extension":1,"title":1,"text":1,"closable":1,"theme":1,"badge":1,‹MAKE201›"placeholder":1}]`},
		{"params without name", Params, `[‹MAKE211›{"type":"text"},‹MAKE211›{"name":"x"},{"type":"banner"}]`},
		{"params type", Params, `[{"name":"a",‹MAKE211›"type":"txt"},{"name":"b",‹MAKE211›"type":1}]`},
		{"params names", Params, `[{‹MAKE302›"name":"accountName","type":"text"},{‹MAKE302›"name":"teamID","type":"text"},{‹MAKE211›"name":"","type":"text"},{‹MAKE211›"name":"` + strings.Repeat("x", 129) + `","type":"text"}]`},
		{"params unknown", Params, `[{"name":"a","type":"text",‹MAKE201›"requird":true}]`},
		{"params field types", Params, `[{"name":"a","type":"text",‹MAKE211›"required":"yes",‹MAKE211›"label":1,‹MAKE211›"options":1,‹MAKE211›"nested":1,‹MAKE211›"spec":1,‹MAKE211›"validate":1}]`},
		{"params pattern", Params, `[{"name":"a","type":"text",‹MAKE212›"pattern":"("},{"name":"b","type":"text","validate":{‹MAKE212›"pattern":"[z-a]"}}]`},
		{"params nested", Params, `[{"name":"a","type":"select","options":[{"label":"x","value":"y","nested":[{‹MAKE302›"name":"teamID","type":"text"}]}, ‹MAKE211›{"label":"x"}]}]`},
		{"params spec", Params, `[{"name":"a","type":"array","spec":{"type":"text"}},{"name":"b","type":"collection","spec":[‹MAKE211›{"type":"text"}]}]`},
		{"common", Common, `{"key":"{{not a template"}`},
		{"common root", Common, `‹MAKE101›[]`},
		{"scope", DefaultScope, `["a","` + strings.Repeat("x", 512) + `"]`},
		{"scope items", DefaultScope, `[‹MAKE202›1,‹MAKE207›"",‹MAKE207›"` + strings.Repeat("x", 513) + `"]`},
		{"scope root", DefaultScope, `{‹MAKE101›"a":"b"}`},
		{"scope list", ScopeList, `{"a":"x",‹MAKE202›"b":1,‹MAKE207›"c":""}`},
		{"scope list root", ScopeList, `‹MAKE101›[]`},
		{"install", InstallDirectives, `{"common":{"k":"{{parameters.k}}"}}`},
		{"install spec", InstallSpec, `[{"name":"k",‹MAKE211›"type":"secret"}]`},
		{"null part", ScopeList, `null`},
		{"base", Base, `{"baseUrl":"https://x.test/v1","timeout":1000,"headers":{"a":"b"},"oauth":{"token":"{{connection.t}}"},"response":{"error":"x"}}`},
		{"base slash", Base, `{"baseUrl":"https://x.test/"}`},
		{"base long", Base, `{‹MAKE207›"baseUrl":"https://x.test/` + strings.Repeat("x", 512) + `"}`},
		{"app timeout", AppCommon, `{"key":"{{x}}",‹MAKE202›"timeout":0}`},
		{"app timeout computed", AppCommon, `{‹MAKE204›"timeout":"{{x}}"}`},
		{"app data", AppCommon, `‹MAKE101›[]`},
		{"base callback", Base, `{"oauth":{‹MAKE301›"callback":"x"},‹MAKE301›"aws":{}}`},
		{"base root", Base, `‹MAKE101›[]`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			check(t, parser.Options{}, map[string]string{Communication: `{}`, tt.role: tt.text})
		})
	}
}
