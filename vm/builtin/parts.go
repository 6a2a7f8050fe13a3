package builtin

import "errors"

// Part is a piece of the library that a program links by importing vm/builtin/full. The pieces are those whose packages
// are so large that a process which needs none of them starts noticeably faster without; the rest of the library is
// always there.
type Part uint8

// The parts.
const (
	NoPart       Part = iota // nothing
	PartPatterns             // regular expressions of JavaScript
	PartRS256                // JSON Web Tokens signed with RSA keys
)

// full is the package that registers every part.
const full = "github.com/imlc-lang/imlc/vm/builtin/full"

// The errors of functions that are called although their part is not linked. Who runs plans asks Missing before.
var (
	errNoPatterns = errors.New("regular expressions are not linked: import " + full)
	errNoRS256    = errors.New("RS256 is not linked: import " + full)
)

var parts struct {
	compilePattern func(pattern, flags string) (Pattern, error)
	signRS256      func(key, message []byte) ([]byte, error)
}

// RegisterPatterns links regular expressions. compile gets a pattern of any length and flags out of the letters gimsu;
// its error must say in words what is wrong, without quoting the pattern. It is for init functions only.
func RegisterPatterns(compile func(pattern, flags string) (Pattern, error)) {
	parts.compilePattern = compile
}

// RegisterRS256 links the algorithm RS256 of jwt. sign gets a key as PEM text; its error must not show it. It is for
// init functions only.
func RegisterRS256(sign func(key, message []byte) ([]byte, error)) {
	parts.signRS256 = sign
}

// Missing returns the import path of the package that a program must import to call f, or "" when it can. A program
// that loads plans must refuse a plan that calls a function of which something is missing.
func (f *Function) Missing() string {
	if f.Needs == PartPatterns && parts.compilePattern == nil || f.Needs == PartRS256 && parts.signRS256 == nil {
		return full
	}
	return ""
}

// CompilePattern returns the regular expression of a pattern of JavaScript and flags out of the letters gimsu. Its
// error says in words what is wrong.
func CompilePattern(pattern, flags string) (Pattern, error) {
	if parts.compilePattern == nil {
		return nil, errNoPatterns
	}
	return parts.compilePattern(pattern, flags)
}

// SignRS256 signs a message with the RSA key of a PEM text; its error does not show the key.
func SignRS256(key, message []byte) ([]byte, error) {
	if parts.signRS256 == nil {
		return nil, errNoRS256
	}
	return parts.signRS256(key, message)
}
