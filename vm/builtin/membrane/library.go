package membrane

import (
	"time"

	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/value"
)

// libraryName is the name of the library in plans.
const libraryName = "membrane"

var library = builtin.NewLibrary(libraryName, false, [][]builtin.Function{functions})

func init() { builtin.Register(library) }

// Library returns the library.
func Library() *builtin.Library { return library }

const family = "formula"

// anyValue is an argument that is taken as it is.
var anyValue = builtin.Param{Kind: builtin.ParamAny, Optional: true}

func function(name, signature, doc string, n int, result value.Kind, call func(*builtin.Context, builtin.Args) (value.Value, error)) builtin.Function {
	params := make([]builtin.Param, n)
	for i := range params {
		params[i] = anyValue
	}
	return builtin.Function{Name: name, Version: 1, Max: n, Params: params, Family: family, Result: result, Pure: true,
		Signature: signature, Doc: doc, Call: call}
}

// finding marks a function that follows its second argument from its first one.
func finding(f builtin.Function) builtin.Function {
	f.Finds = true
	return f
}

var functions = []builtin.Function{
	finding(function("walk", "walk(V; T)", "Follows a locator from a value.", 2, builtin.ResultUnknown, callWalk)),
	function("text", "text(V)", "The text of a value as JavaScript writes it.", 1, value.KindText, callText),
	function("truthy", "truthy(V)", "Reports whether JavaScript takes a value for true.", 1, value.KindBool, callTruthy),
	function("matches", "matches(V)", "Reports whether the filter of a case holds: missing, null, or truthy.", 1, value.KindBool, callMatches),
	function("keepTruthy", "keepTruthy(V)", "The value if it is truthy, else missing.", 1, builtin.ResultUnknown, callKeepTruthy),
	function("concat", "concat(A; T)", "Joins the texts of a list.", 2, value.KindText, callConcat),
	function("filter", "filter(T; T; V; V)", "Judges variables by a legacy filter.", 4, value.KindBool, callFilter),
	function("eval", "eval(T; V; V; B)", "Applies an operator of $eval; the last argument says that an operand is made by the formula.", 4, value.KindBool, callEval),
	function("mapMatches", "mapMatches(V; V)", "Reports whether an entry of $map matches.", 2, value.KindBool, callMapMatch),
	function("and", "and(A)", "Reports whether all items that are there are truthy.", 1, value.KindBool, callLogic(true)),
	function("or", "or(A)", "Reports whether any item that is there is truthy.", 1, value.KindBool, callLogic(false)),
	function("firstNotEmpty", "firstNotEmpty(A)", "The first item that is neither missing nor null.", 1, builtin.ResultUnknown, callFirstNotEmpty),
	function("mergeObjects", "mergeObjects(A)", "Merges objects shallowly.", 1, builtin.ResultUnknown, callMerge),
	function("copy", "copy(V)", "Resolves the copies in a result.", 1, builtin.ResultUnknown, callCopy),
	function("extractDate", "extractDate(V)", "The day of an instant.", 1, value.KindText, callExtract(time.DateOnly)),
	function("extractTime", "extractTime(V)", "The time of an instant.", 1, value.KindText, callExtract(time.TimeOnly)),
	function("firstName", "firstName(V)", "The first name in a name.", 1, value.KindText, callFirstName),
	function("lastName", "lastName(V)", "The last name in a name.", 1, value.KindText, callLastName),
	function("domainFromEmail", "domainFromEmail(V)", "The domain of an address.", 1, value.KindText, callDomain),
	function("required", "required(V; T)", "A text that a config must have.", 2, value.KindText, callRequired),
	function("optional", "optional(V; T; T)", "A value of a kind that a config may have.", 3, builtin.ResultUnknown, callOptional),
	function("joined", "joined(A)", "The texts of a list with blanks between.", 1, value.KindText, callJoined),
	function("withDefaults", "withDefaults(C; C)", "An object with what it lacks of another one.", 2, value.KindCollection, callWithDefaults),
	function("pathParameter", "pathParameter(V; T)", "The encoded text of a parameter of a path.", 2, value.KindText, callPathParameter),
	function("succeeded", "succeeded(V; N; B)", "Judges an answer by a handler, an error, or its status.", 3, value.KindBool, callSucceeded),
	function("errorType", "errorType(T; N)", "The type of an error by its key or status.", 2, value.KindText, callErrorType),
	{Name: "all", Version: 1, Max: builtin.AnyNumber, Family: family, Result: value.KindBool, Pure: true,
		Params:    []builtin.Param{{Kind: builtin.ParamAny, Optional: true, Variadic: true}},
		Signature: "all(V; …)", Doc: "True once all arguments were computed.", Call: callAll},
	{Name: "tpl", Version: 1, Min: 1, Max: builtin.AnyNumber, Family: family, Result: value.KindText, Pure: true,
		Params:    []builtin.Param{{Kind: builtin.ParamAny, Optional: true, Variadic: true}},
		Signature: "tpl(T; T; V; …)", Doc: "Replaces the patterns of keys by the texts of values.", Call: callTpl},
}

func callText(c *builtin.Context, a builtin.Args) (value.Value, error) {
	s, err := text(c, a.At(0))
	return value.Text(s), err
}

func callTruthy(_ *builtin.Context, a builtin.Args) (value.Value, error) {
	return value.Bool(truthy(a.At(0))), nil
}

func callMatches(_ *builtin.Context, a builtin.Args) (value.Value, error) {
	return value.Bool(a.At(0).IsNil() || truthy(a.At(0))), nil
}

func callKeepTruthy(_ *builtin.Context, a builtin.Args) (value.Value, error) {
	if !truthy(a.At(0)) {
		return value.Undefined, nil
	}
	return a.At(0), nil
}

func callEval(c *builtin.Context, a builtin.Args) (value.Value, error) {
	op := operatorOf(a.At(0).Str())
	if op == nil {
		return value.Bool(true), nil
	}
	ok, err := op(c, a.At(1), a.At(2), truthy(a.At(3)))
	return value.Bool(ok), err
}
