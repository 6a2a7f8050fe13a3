package supermetrics

import (
	"strings"

	"github.com/imlc-lang/imlc/parser"
	"github.com/imlc-lang/imlc/parser/document"
)

// Dialect is Supermetrics as a dialect; the zero value is ready to use.
type Dialect struct{}

// Name implements parser.Dialect.
func (Dialect) Name() string { return "supermetrics" }

const lookedFor = "authentication.oauth1, a $schema of the connector builder, or two of dataSourceUser, reporting, signers, secrets.items and defaultResponseHandler; " +
	"in a folder config.json or config.yaml with them"

// Recognise implements parser.Dialect (spec dialects.md §1.4).
func (Dialect) Recognise(t *parser.Tree) parser.Mark {
	if !t.IsFolder() {
		return recognise(t.Root)
	}
	for _, name := range []string{"config.json", "config.yaml"} {
		if m := recognise(t.Document(name)); m.Sure == parser.Clear {
			return parser.Mark{Sure: parser.Clear, Marker: "the file " + name + " with " + m.Marker}
		}
	}
	return parser.Mark{Marker: lookedFor}
}

// sectionKeys are those of which two are enough.
var sectionKeys = [][]string{{"dataSourceUser"}, {"reporting"}, {"signers"}, {"secrets", "items"}, {"defaultResponseHandler"}}

func recognise(root *document.Node) parser.Mark {
	marks := []parser.Mark{parser.MarkAt(parser.Clear, "", root, "authentication", "oauth1")}
	if s := root.Get("$schema"); s != nil && (strings.Contains(s.Text, "/schema/connector") || strings.Contains(s.Text, "/connector_builder/")) {
		marks = append(marks, parser.MarkAt(parser.Clear, "", root, "$schema"))
	}
	var sections []parser.Mark
	for _, keys := range sectionKeys {
		if m := parser.MarkAt(parser.Clear, "", root, keys...); m.Sure == parser.Clear {
			sections = append(sections, m)
		}
	}
	if len(sections) >= 2 {
		sections[0].Marker += " with " + strings.TrimPrefix(sections[1].Marker, "the key ")
		marks = append(marks, sections[0])
	}
	if kind := root.Get("authentication").Get("type"); kind != nil && kind.Text == "oauth1" {
		marks = append(marks, parser.MarkAt(parser.Ambiguous, "", root, "authentication", "type"))
	}
	return parser.First(lookedFor, marks...)
}

// RootKeys implements parser.Landmarks.
func (Dialect) RootKeys() []string {
	return strings.Fields("authentication reporting dataSourceUser defaultResponseHandler")
}
