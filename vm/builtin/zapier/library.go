package zapier

import (
	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/value"
)

// libraryName is the name of the library in plans.
const libraryName = "zapier"

var library = builtin.NewLibrary(libraryName, false, [][]builtin.Function{functions})

func init() { builtin.Register(library) }

// Library returns the library.
func Library() *builtin.Library { return library }

// row describes a function: only the arguments behind the first one are converted to a text.
func row(name, signature, doc string, minimum, maximum int, result value.Kind, call func(*builtin.Context, builtin.Args) (value.Value, error)) builtin.Function {
	params := make([]builtin.Param, maximum)
	for i := range params {
		params[i] = builtin.Param{Kind: builtin.ParamAny, Optional: i >= minimum}
	}
	return builtin.Function{Name: name, Version: 1, Min: minimum, Max: maximum, Params: params, Family: "curly", Result: result, Pure: true,
		Signature: signature, Doc: doc, Call: call}
}

// picking marks a function whose result is one of its arguments or a part of one.
func picking(f builtin.Function) builtin.Function {
	f.Picks = true
	return f
}

// finding marks a function that follows its second argument from its first one.
func finding(f builtin.Function) builtin.Function {
	f.Finds = true
	return f
}

var functions = []builtin.Function{
	finding(picking(row("lookup", "lookup(V; T; B)", "Finds a name in an object: leaves and lists, with the last argument also the objects that it holds itself.",
		3, 3, builtin.ResultUnknown, callLookup))),
	picking(row("present", "present(V)", "The value unless it is null or the empty text; then undefined.", 1, 1, builtin.ResultUnknown, callPresent)),
	picking(row("known", "known(V)", "The value, the empty text for undefined.", 1, 1, builtin.ResultUnknown, callKnown)),
	picking(row("header", "header(V)", "The value of a header: undefined for null, refused for an object or a list.", 1, 1, builtin.ResultUnknown, callHeader)),
	row("text", "text(V; T)", "The text of a value inside a text; the second argument stands for undefined.", 1, 2, value.KindText, callText),
	row("encoded", "encoded(V)", "The percent-encoded text of a value.", 1, 1, value.KindText, callEncoded),
	row("legacy", "legacy(V)", "The text of a value in the older form: True and False, lists joined with commas.", 1, 1, value.KindText, callLegacy),
	row("label", "label(V)", "The text of a value in a label; none for an object or a list.", 1, 1, value.KindText, callLabel),
	row("usesKey", "usesKey(V)", "Reports whether a signature method signs with a private key.", 1, 1, value.KindBool, callUsesKey),
	row("prunedURL", "prunedURL(V)", "A URL without the empty parameters of its query.", 1, 1, value.KindText, callPrunedURL),
	row("signedOnly", "signedOnly(V; V; T; V; T; B)", "What the vendor signs and does not send: realm, what was removed, and names that repeat.", 6, 6,
		value.KindCollection, callSignedOnly),
	row("pruned", "pruned(V; V)", "Parameters that are not empty, but for those that a URL has with an empty value.", 2, 2, value.KindCollection, callPruned),
}
