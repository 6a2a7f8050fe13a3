package make

import (
	"path"
	"slices"
	"strings"

	"github.com/imlc-lang/imlc/parser"
	"github.com/imlc-lang/imlc/parser/document"
)

// Dialect is Make as a dialect; the zero value is ready to use.
type Dialect struct{}

// Name implements parser.Dialect.
func (Dialect) Name() string { return "make" }

// lookedFor is what marks a connection of Make (spec dialects.md §1.4).
const lookedFor = "makecomapp.json, *.imljson, *.iml.json, a file such as communication.jsonc, a root array, or a key such as requestToken, accessToken, authorize, info, oauth or url"

// Only the first of these words mark Make and nothing else.
var (
	clearKeys  = []string{"requestToken", "accessToken", "authorize"}
	commonKeys = []string{"info", "oauth", "url", "token", "preauthorize", "refresh", "invalidate"}
)

// Recognise implements parser.Dialect.
func (Dialect) Recognise(t *parser.Tree) parser.Mark {
	if t.IsFolder() {
		return recogniseFolder(t)
	}
	var marks []parser.Mark
	for _, key := range clearKeys {
		marks = append(marks, parser.MarkAt(parser.Clear, "", t.Root, key))
	}
	if m := singleFileKey(t.Root); m != nil {
		marks = append(marks, parser.MarkAt(parser.Likely, "", t.Root, m.Key))
	}
	if isPart(t.Path) {
		marks = append(marks, parser.Mark{Sure: parser.Likely, Marker: "the name " + path.Base(t.Path)})
	}
	for _, key := range commonKeys {
		marks = append(marks, parser.MarkAt(parser.Common, "", t.Root, key))
	}
	if t.Root != nil && t.Root.Kind == document.KindArray {
		marks = append(marks, parser.Mark{Sure: parser.Common, Marker: "a list at the root", At: t.Root.Span})
	}
	return parser.First(lookedFor, marks...)
}

// singleFileKey returns the key that holds the communication of our own single-file form.
func singleFileKey(root *document.Node) *document.Member {
	for _, key := range partTable[0].names {
		if m := root.Member(key); m != nil && (m.Value.Kind == document.KindObject || m.Value.Kind == document.KindArray) {
			return m
		}
	}
	return nil
}

// isPart reports whether a file is named as a communication, in the platform's own or the plain way.
func isPart(name string) bool {
	_, role, _ := RoleOfFile(path.Base(name))
	return role == Communication
}

func recogniseFolder(t *parser.Tree) parser.Mark {
	if t.Has(projectFile) {
		return parser.Mark{Sure: parser.Clear, Marker: "the file " + projectFile}
	}
	if isApp(t.Folders) {
		return parser.Mark{Sure: parser.Clear, Marker: "the folder connections"}
	}
	if ofOtherKind(t.Path) {
		return parser.Mark{Marker: lookedFor}
	}
	if i := slices.IndexFunc(t.Names, isPart); i >= 0 {
		return parser.Mark{Sure: parser.Clear, Marker: "the file " + t.Names[i]}
	}
	return parser.Mark{Marker: lookedFor}
}

// isApp reports the folders of an app as editors lay it out: one for connections, and one for another kind of component or
// for what all have in common.
func isApp(folders []string) bool {
	return slices.Contains(folders, connectionsFolder) && slices.ContainsFunc(folders, func(name string) bool {
		return name == generalFolder || slices.Contains(componentKinds, strings.TrimSuffix(name, "s"))
	})
}

// ofOtherKind reports the folder of a component that is no connection: modules/<id>.
func ofOtherKind(folder string) bool {
	kind, plural := strings.CutSuffix(path.Base(path.Dir(folder)), "s")
	return plural && slices.Contains(componentKinds, kind)
}

// RootKeys implements parser.Landmarks.
func (Dialect) RootKeys() []string {
	return strings.Fields("communication requestToken accessToken authorize info oauth")
}
