package ast

// The nodes of this file are expressions that a front end builds itself: where the formula, curly or placeholder of a
// dialect has a meaning of its own, the front end says it with calls of functions of its library. All of them are
// Values and have Values below them, so a formula nests in an object that nests in a formula.
//
// Missing is the absence of a value (undefined), which is not null. A literal tree is a Value like any other: an
// Object, Array, Literal or Template without holes is a constant, and everything that is constant is folded.
//
// Spelled in these nodes:
//
//	{$var: credentials.x}       Invoke{Function: "get", Args: {Root{"data"}, text "credentials.x"}}
//	"x{{bundle.inputData.a}}y"  Join{text "x", Invoke{Function: "text", Args: {Invoke{"lookup", …}}}, text "y"}
//	{$case: [{filter, value}]}  Choose{Cases: {{Test: Invoke{"matches", filter}, Then: value}}, Else: default}
//	{$iterate: {source, item}}  Each{Source: source, Item: "item", Index: "index", Body: item, Missing: MissingDrop, Prune: true}
//	a value that must exist     Let{"v", x, Choose{{Invoke{"core", "isMissing", Local{"v"}}, Invoke{"core", "raise", …}}, Local{"v"}}

// Root is a root of the context under its neutral name, such as "input", "data" or "body". Its value is missing where
// the root does not exist.
type Root struct {
	At   Origin
	Name string
}

// Origin implements Value.
func (r *Root) Origin() Origin { return r.At }

// Invoke calls a function of a library. All arguments are evaluated, in order; a nil one is not given.
type Invoke struct {
	At Origin
	// Library is the name of the library, "" for that of the connection. The library "core" has what belongs to no
	// language: isMissing(v), isNil(v) and raise(code; type; message), which fails with an error of that type.
	Library, Function string
	Args              []Value
}

// Origin implements Value.
func (i *Invoke) Origin() Origin { return i.At }

// Join concatenates the texts of its parts as a Template does: missing and null are empty. A dialect whose texts differ
// makes the text of each part with a function first.
type Join struct {
	At    Origin
	Parts []Value
}

// Origin implements Value.
func (j *Join) Origin() Origin { return j.At }

// Choose is the value of the first case whose test holds, else Else; a nil Else is missing. Tests are evaluated in
// order up to the one that holds, and of the branches only the one that is chosen. A test holds unless it is missing,
// null, false, 0, NaN or ""; for a dialect that judges otherwise it is a call of a function that says true or false.
type Choose struct {
	At    Origin
	Cases []ChooseCase
	Else  Value
}

// ChooseCase is one case of a Choose.
type ChooseCase struct{ Test, Then Value }

// Origin implements Value.
func (c *Choose) Origin() Origin { return c.At }

// Let evaluates Value once, before Body, and gives it a name there. Its value is that of Body. An inner Let or Each
// hides an outer one of the same name.
type Let struct {
	At    Origin
	Name  string
	Value Value
	Body  Value
}

// Origin implements Value.
func (l *Let) Origin() Origin { return l.At }

// Local is the value that a Let or an Each around it gave a name to.
type Local struct {
	At   Origin
	Name string
}

// Origin implements Value.
func (l *Local) Origin() Origin { return l.At }

// Each evaluates Body for every item of the list that Source is, in order, and is the list of the results. It is
// missing when Source is no list. Body sees the item and its position, a number counted from 0, under the names Item
// and Index ("" for none), and every name and root that is known around the Each. A filter is a Body that is missing
// for the items that go.
type Each struct {
	At          Origin
	Source      Value
	Item, Index string
	Body        Value
	// Missing says what a missing result becomes, Prune that a list without any result is missing itself.
	Missing Missing
	Prune   bool
}

// Origin implements Value.
func (e *Each) Origin() Origin { return e.At }

// Missing says what becomes of a missing item of a list.
type Missing uint8

// What a missing item becomes.
const (
	MissingNull Missing = iota // null
	MissingDrop                // nothing: the list is shorter
)
