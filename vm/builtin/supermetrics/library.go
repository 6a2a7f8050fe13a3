// Package supermetrics is the function library of the placeholders of Supermetrics: what they find, how it is written, and how they
// fail. A program that imports it can compile, load and run code that calls these functions.
package supermetrics

import (
	"errors"
	"strings"

	"github.com/imlc-lang/imlc/runtime/uri"
	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/message"
	"github.com/imlc-lang/imlc/vm/value"
)

// libraryName is the name of the library in plans.
const libraryName = "supermetrics"

var library = builtin.NewLibrary(libraryName, false, [][]builtin.Function{functions})

func init() { builtin.Register(library) }

// Library returns the library.
func Library() *builtin.Library { return library }

func function(name, signature, doc string, n int, call func(*builtin.Context, builtin.Args) (value.Value, error)) builtin.Function {
	params := make([]builtin.Param, n)
	for i := range params {
		params[i] = builtin.Param{Kind: builtin.ParamAny, Optional: true}
	}
	return builtin.Function{Name: name, Version: 1, Max: n, Params: params, Family: "placeholder", Pure: true, Signature: signature, Doc: doc, Call: call}
}

// finding marks a function that follows its second argument from its first one.
func finding(f builtin.Function) builtin.Function {
	f.Finds = true
	return f
}

var functions = []builtin.Function{
	finding(function("lookup", "lookup(C; T)", "The entry of a dotted name: under the whole name, else step by step.", 2, callLookup)),
	function("required", "required(V; T)", "The text of a placeholder, which must have a value.", 2, callRequired),
	function("secret", "secret(V; T)", "A secret that the host must supply.", 2, callSecret),
	function("encode", "encode(V)", "A text percent-encoded for a URL.", 1, callEncode),
	function("document", "document(T)", "A JSON document from its text; missing when it is none.", 1, callDocument),
	function("rows", "rows(V; T)", "The data rows of a document; the document itself for $; missing when there are none.", 2, callRows),
	function("list", "list(V; T)", "The data rows of a document as rows gives them; an empty list when there are none.", 2, callList),
	function("firstRow", "firstRow(V; T)", "The first data row of a document; the document itself for $.", 2, callFirstRow),
	function("scalar", "scalar(V; T)", "The first value of a path in a row, if it is a text, a number or a boolean.", 2, callScalar),
	function("identity", "identity(V)", "The text of an id, which must have a value.", 1, callIdentity),
}

func callLookup(_ *builtin.Context, a builtin.Args) (value.Value, error) {
	root, name := a.At(0), a.At(1).Str()
	if v, ok := root.Object().Get(name); ok {
		return v.Under(root), nil
	}
	v := root
	for step := range strings.SplitSeq(name, ".") {
		v = v.Object().Value(step).Under(v)
	}
	return v, nil
}

func callRequired(c *builtin.Context, a builtin.Args) (value.Value, error) {
	v := a.At(0)
	if v.IsNil() || v.Kind() == value.KindArray || v.Kind() == value.KindCollection {
		return value.Undefined, builtin.Say("SUP504", "InvalidConfigurationError", message.Placeholder, message.Args{"placeholder": "{{" + a.At(1).Str() + "}}"})
	}
	s, err := c.ToText(v)
	return value.Text(s), err
}

func callSecret(_ *builtin.Context, a builtin.Args) (value.Value, error) {
	if v := a.At(0); v.Kind() == value.KindText && v.Str() != "" {
		return v.AsSecret(), nil
	}
	return value.Undefined, builtin.Say("SUP501", "InvalidConfigurationError", message.SecretNotGiven, message.Args{"secret": a.At(1).Str()})
}

func callEncode(c *builtin.Context, a builtin.Args) (value.Value, error) {
	s := a.At(0).Str()
	if err := c.Read(3 * len(s)); err != nil {
		return value.Undefined, err
	}
	if err := c.Text(3 * len(s)); err != nil {
		return value.Undefined, err
	}
	return value.Text(uri.Encode(s)), nil
}

func callDocument(c *builtin.Context, a builtin.Args) (value.Value, error) {
	s := a.At(0)
	if s.Kind() != value.KindText {
		return value.Undefined, nil
	}
	v, err := value.ParseJSON(s.Str(), &value.JSONOptions{MaxDepth: c.Limits().Nesting, MaxItems: c.Limits().Items, Shapes: c.Shapes, Budget: c.Meter})
	if syntax := (*value.SyntaxError)(nil); errors.As(err, &syntax) {
		if syntax.TooMany {
			return value.Undefined, c.Holds(c.Limits().Items + 1)
		}
		return value.Undefined, nil
	}
	return v, err
}

func callRows(c *builtin.Context, a builtin.Args) (value.Value, error) {
	if a.At(1).Str() == "$" && isContainer(a.At(0)) {
		return a.At(0), nil
	}
	list, err := find(c, a.At(0), a.At(1).Str())
	if err != nil || len(list) == 0 {
		return value.Undefined, err
	}
	return value.Array(list), nil
}

func callList(c *builtin.Context, a builtin.Args) (value.Value, error) {
	v, err := callRows(c, a)
	if v.IsNil() && err == nil {
		return value.Array(nil), nil
	}
	return v, err
}

func callFirstRow(c *builtin.Context, a builtin.Args) (value.Value, error) {
	if a.At(1).Str() == "$" && isContainer(a.At(0)) {
		return a.At(0), nil
	}
	list, err := find(c, a.At(0), a.At(1).Str())
	if err != nil || len(list) == 0 {
		return value.Undefined, err
	}
	return list[0], nil
}

func callScalar(c *builtin.Context, a builtin.Args) (value.Value, error) {
	list, err := find(c, a.At(0), a.At(1).Str())
	if err != nil || len(list) == 0 {
		return value.Undefined, err
	}
	switch list[0].Kind() {
	case value.KindText, value.KindNumber, value.KindInteger, value.KindBool:
		return list[0], nil
	}
	return value.Undefined, nil
}

func callIdentity(c *builtin.Context, a builtin.Args) (value.Value, error) {
	if value.IsEmpty(a.At(0)) {
		return value.Undefined, builtin.Say("SUP503", "DataError", message.IdentityMissing, message.Args{"field": "userInfo.id"})
	}
	s, err := c.ToText(a.At(0))
	return value.Text(s), err
}
