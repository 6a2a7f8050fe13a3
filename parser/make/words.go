package make

import (
	"maps"
	"slices"
	"strings"

	"github.com/imlc-lang/imlc/parser/ast"
)

// The words of spec make.md §4.2.
var (
	bodyTypes       = keySet("json", "urlencoded", "multipart/form-data", "text", "string", "raw", "binary")
	responseTypes   = keysOf(parsers)
	metadataTypes   = keySet("text", "email")
	transports      = keySet("header", "query", "body")
	platformMethods = keySet("HMAC-SHA1", "RSA-SHA1", "PLAINTEXT")
	// extraMethods are the extensions of §12.3.
	extraMethods = keySet("HMAC-SHA256", "HMAC-SHA512", "RSA-SHA256", "RSA-SHA512")
	allMethods   = union(platformMethods, extraMethods)
	// errorTypes are the types an author may name (§11.4).
	errorTypes = keySet(platformTypes[:authorTypes]...)
)

func union(sets ...map[string]bool) map[string]bool {
	out := map[string]bool{}
	for _, s := range sets {
		maps.Copy(out, s)
	}
	return out
}

// wordList writes a set in alphabetical order.
func wordList(set map[string]bool) string {
	return strings.Join(slices.Sorted(maps.Keys(set)), ", ")
}

// isToken reports whether s is a token of RFC 9110 §5.6.2, as methods and header names are.
func isToken(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if !(c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || strings.IndexByte("!#$%&'*+-.^_`|~", c) >= 0) {
			return false
		}
	}
	return s != ""
}

// parsers are the words of response.type (spec make.md §9.1).
var parsers = map[string]ast.ParseKind{
	"automatic": ast.ParseAutomatic, "json": ast.ParseJSON, "urlencoded": ast.ParseURLEncoded, "xml": ast.ParseXML,
	"text": ast.ParseText, "string": ast.ParseText, "raw": ast.ParseText, "binary": ast.ParseBinary,
}

func keysOf[T any](words map[string]T) map[string]bool {
	out := make(map[string]bool, len(words))
	for w := range words {
		out[w] = true
	}
	return out
}
