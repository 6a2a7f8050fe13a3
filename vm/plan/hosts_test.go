package plan_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/internal/source"
	"github.com/imlc-lang/imlc/parser/make"
)

// The hosts of a plan are those of its constant URLs, also where only the path is computed; a host that is computed
// makes the list incomplete.
func TestHosts(t *testing.T) {
	for text, want := range map[string]struct {
		hosts    []string
		complete bool
	}{
		`{"url":"https://API.example.test/me"}`:                                                                                 {[]string{"api.example.test"}, true},
		`[{"url":"https://a.test:8443/x?y={{parameters.y}}"},{"url":"https://a.test:8443/z"}]`:                                  {[]string{"a.test:8443"}, true},
		`{"url":"https://{{parameters.shop}}.example.test/me"}`:                                                                 {nil, false},
		`{"url":"https://a.test{{parameters.rest}}"}`:                                                                           {nil, false},
		`{"url":"{{parameters.url}}/me"}`:                                                                                       {nil, false},
		`{"communication":{"url":"https://user:pw@a.test/"},"base":{"baseUrl":"https://b.test/v1"},"calls":{"x":{"url":"/x"}}}`: {[]string{"a.test", "b.test"}, true},
		`{}`: {nil, true},
	} {
		p, list := imlc.CompileSource(make.Source("", map[string]*source.File{make.Communication: source.NewFile("c.json", text)}, nil), imlc.Options{})
		if p == nil {
			t.Fatal(text, list.Items)
		}
		hosts, complete := p.Hosts()
		if diff := cmp.Diff(want.hosts, hosts); diff != "" || complete != want.complete {
			t.Errorf("%s: complete %v %s", text, complete, diff)
		}
	}
}
