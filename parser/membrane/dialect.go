package membrane

import (
	"strings"

	"github.com/imlc-lang/imlc/parser"
	"github.com/imlc-lang/imlc/parser/document"
)

// The variants.
const (
	files  = "files"
	inline = "inline"
)

// Dialect is Membrane as a dialect; the zero value is ready to use.
type Dialect struct{}

// Name implements parser.Dialect.
func (Dialect) Name() string { return "membrane" }

const lookedFor = "the key auth with getOAuthConfig or options, or type or options with getOAuthConfig; in a folder spec.yml or spec.yaml with auth"

// Recognise implements parser.Dialect (spec dialects.md §1.4).
func (Dialect) Recognise(t *parser.Tree) parser.Mark {
	if !t.IsFolder() {
		return recognise(t.Root)
	}
	for _, name := range []string{"spec.yml", "spec.yaml"} {
		if t.Document(name).Member("auth") != nil {
			return parser.Mark{Sure: parser.Clear, Variant: files, Marker: "the key auth in " + name}
		}
	}
	return parser.Mark{Marker: lookedFor}
}

func recognise(root *document.Node) parser.Mark {
	const method = "getOAuthConfig"
	marks := []parser.Mark{parser.MarkAt(parser.Clear, inline, root, "auth", method), parser.MarkAt(parser.Clear, inline, root, "auth", "options")}
	if root.Member("type") != nil || root.Member("options") != nil {
		marks = append(marks, parser.MarkAt(parser.Clear, inline, root, method))
	}
	if options := root.Get("options"); options != nil {
		for _, m := range options.Members {
			marks = append(marks, parser.MarkAt(parser.Clear, inline, root, "options", m.Key, method))
		}
		for _, item := range options.Items {
			if member := item.Member(method); member != nil {
				marks = append(marks, parser.Mark{Sure: parser.Clear, Variant: inline, Marker: "the key " + method + " of an option", At: member.KeySpan})
			}
		}
	}
	return parser.First(lookedFor, marks...)
}

// RootKeys implements parser.Landmarks.
func (Dialect) RootKeys() []string {
	return strings.Fields("auth getOAuthConfig makeApiClient type")
}
