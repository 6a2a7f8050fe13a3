package zapier

import (
	"strings"

	"github.com/imlc-lang/imlc/parser"
	"github.com/imlc-lang/imlc/parser/document"
)

// The variants.
const (
	legacy = "legacy"
	cli    = "cli"
)

// Dialect is Zapier as a dialect; the zero value is ready to use.
type Dialect struct{}

// Name implements parser.Dialect.
func (Dialect) Name() string { return "zapier" }

const lookedFor = "the key zapier with the value legacy, legacy.authentication, authentication.oauth1Config, or platformVersion with authentication.type; " +
	"in a folder definition.json or app.json with one of them"

// Recognise implements parser.Dialect (spec dialects.md §1.4).
func (Dialect) Recognise(t *parser.Tree) parser.Mark {
	if !t.IsFolder() {
		return recognise(t.Root)
	}
	for _, name := range []string{"definition.json", "app.json"} {
		if m := recognise(t.Document(name)); m.Sure == parser.Clear {
			return parser.Mark{Sure: parser.Clear, Variant: m.Variant, Marker: "the file " + name + " with " + m.Marker}
		}
	}
	core := t.Document("package.json").Get("dependencies").Get("zapier-platform-core")
	if core != nil && (t.Has("index.js") || t.Has("index.ts")) {
		return parser.Mark{Sure: parser.Clear, Variant: cli, Marker: "the package zapier-platform-core in package.json"}
	}
	return parser.Mark{Marker: lookedFor}
}

func recognise(root *document.Node) parser.Mark {
	var saysLegacy, saysCLI, alone parser.Mark
	if v := root.Get("zapier"); v != nil && v.Text == legacy {
		saysLegacy = parser.MarkAt(parser.Clear, legacy, root, "zapier")
	}
	if kind := root.Get("authentication").Get("type"); kind != nil && root.Member("platformVersion") != nil {
		saysCLI = parser.MarkAt(parser.Clear, cli, root, "platformVersion")
	} else if kind != nil && kind.Text == "oauth1" {
		alone = parser.MarkAt(parser.Ambiguous, "", root, "authentication", "type")
	}
	return parser.First(lookedFor, saysLegacy, parser.MarkAt(parser.Clear, legacy, root, "legacy", "authentication"),
		parser.MarkAt(parser.Clear, cli, root, "authentication", "oauth1Config"), saysCLI, alone)
}

// RootKeys implements parser.Landmarks.
func (Dialect) RootKeys() []string {
	return strings.Fields("authentication platformVersion")
}
