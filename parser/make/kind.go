package make

import (
	"strings"

	"github.com/imlc-lang/imlc/parser/document"
)

// kind is the kind of a connection, which decides which sections exist.
type kind uint8

// The kinds. OAuth 2.0 is recognised and refused.
const (
	kindBasic kind = iota
	kindOAuth1
	kindOAuth2
)

// String returns the kind as messages call it.
func (k kind) String() string {
	switch k {
	case kindOAuth1:
		return "OAuth 1.0"
	case kindOAuth2:
		return "OAuth 2.0"
	}
	return "a basic connection"
}

var (
	oauth1Sections = []string{"requestToken", "accessToken"}
	oauth2Sections = []string{"token", "preauthorize", "refresh", "invalidate"}
)

// kindOf decides the kind of a connection, first match wins (spec make.md §4.1). byShape says that the document itself
// shows it (rules 1 to 5), so that a declared type can contradict it.
func kindOf(root *document.Node, declared string) (k kind, byShape bool) {
	switch {
	case root != nil && root.Kind == document.KindArray, root.Member("url") != nil:
		return kindBasic, true
	case hasAny(root, oauth1Sections):
		return kindOAuth1, true
	case hasAny(root, oauth2Sections):
		return kindOAuth2, true
	case root.Member("oauth") != nil:
		return kindOAuth1, true
	}
	return declaredKind(declared), false
}

func declaredKind(declared string) kind {
	switch strings.ToLower(declared) {
	case "oauth1", "oauth-1":
		return kindOAuth1
	case "oauth", "oauth2", "oauth-2":
		return kindOAuth2
	}
	return kindBasic
}

// contradicts reports whether a declared type does not fit the kind that the shape shows. "oauth" fits both OAuth
// kinds; a type that is not known declares nothing.
func contradicts(declared string, k kind) bool {
	switch strings.ToLower(declared) {
	case "basic":
		return k != kindBasic
	case "oauth":
		return k == kindBasic
	case "oauth1", "oauth-1":
		return k != kindOAuth1
	case "oauth2", "oauth-2":
		return k != kindOAuth2
	}
	return false
}

func hasAny(n *document.Node, keys []string) bool {
	for _, k := range keys {
		if n.Member(k) != nil {
			return true
		}
	}
	return false
}

// mixed reports MAKE103 at each OAuth 2.0 section of a document that also has one of OAuth 1.0, and returns their
// names.
func (r *reader) mixed(e entry) map[string]bool {
	if !hasAny(e.node, oauth1Sections) {
		return nil
	}
	out := map[string]bool{}
	for _, k := range oauth2Sections {
		if m := e.node.Member(k); m != nil {
			out[k] = true
			r.errorf("MAKE103", e.member(*m), "%q belongs to OAuth 2.0, but the connection has a section of OAuth 1.0", k)
		}
	}
	return out
}
