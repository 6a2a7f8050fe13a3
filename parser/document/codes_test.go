package document

import (
	"strings"
	"testing"

	"github.com/imlc-lang/imlc/internal/source"
)

// TestCodes checks that the caller gives the codes, and that nesting has one of its own when the caller wants.
func TestCodes(t *testing.T) {
	deep := strings.Repeat("[", maxDepth+1) + strings.Repeat("]", maxDepth+1)
	for _, tt := range []struct {
		name, text string
		options    Options
		want       string
	}{
		{"syntax", "{:", Options{Code: "A1", DepthCode: "A2"}, "A1"},
		{"depth", deep, Options{Code: "A1", DepthCode: "A2"}, "A2"},
		{"depth without a code of its own", deep, Options{Code: "A1"}, "A1"},
	} {
		_, json := ParseJSONC(source.NewFile("f", tt.text), tt.options)
		_, yaml := ParseYAML(source.NewFile("f", tt.text), tt.options)
		if len(json) == 0 || len(yaml) == 0 || json[0].Code != tt.want || yaml[0].Code != tt.want {
			t.Errorf("%s: JSON %v, YAML %v, want %s", tt.name, json, yaml, tt.want)
		}
	}
}
