// Package work defines the twelve workloads, as trees that every contender prints its own source from, and their data.
package work

import (
	"encoding/json"
	"strconv"
	"strings"
)

// Node is one node of a neutral expression: what it is, its operands, and what only some kinds have. Every contender
// prints its own source from it.
type Node struct {
	K     string   `json:"k"`           // str num bool path bin if cat call obj arr fm
	S     string   `json:"s,omitempty"` // string / op / func
	N     float64  `json:"n,omitempty"`
	P     []any    `json:"p,omitempty"` // path: string | int
	A     []*Node  `json:"a,omitempty"`
	Keys  []string `json:"keys,omitempty"`
	IsNum bool     `json:"isnum,omitempty"` // path known numeric (needs string() in typed languages)
}

// Str returns a constant text.
func Str(s string) *Node { return &Node{K: "str", S: s} }

// Num returns a constant number.
func Num(f float64) *Node { return &Node{K: "num", N: f} }

// Bool returns a constant boolean.
func Bool(b bool) *Node {
	if b {
		return &Node{K: "bool", N: 1}
	}
	return &Node{K: "bool"}
}

// Path returns the path s, whose steps are separated by dots. A step of digits is an index, counted from 0.
func Path(s string) *Node {
	var p []any
	for _, x := range strings.Split(s, ".") {
		if i, err := strconv.Atoi(x); err == nil {
			p = append(p, i)
		} else {
			p = append(p, x)
		}
	}
	return &Node{K: "path", P: p}
}

// NPath is Path to what is known to be a number.
func NPath(s string) *Node { n := Path(s); n.IsNum = true; return n }

// Bin returns the binary operation op, spelt as in JavaScript.
func Bin(op string, a, b *Node) *Node { return &Node{K: "bin", S: op, A: []*Node{a, b}} }

// If returns the choice of a when c is true, and of b otherwise.
func If(c, a, b *Node) *Node { return &Node{K: "if", A: []*Node{c, a, b}} }

// Cat returns the concatenation of its operands as texts.
func Cat(a ...*Node) *Node { return &Node{K: "cat", A: a} }

// Call returns the call of upper, trim or formatDate.
func Call(f string, a ...*Node) *Node { return &Node{K: "call", S: f, A: a} }

// Obj returns an object with these keys, each with the value at its place in a.
func Obj(keys []string, a []*Node) *Node { return &Node{K: "obj", Keys: keys, A: a} }

func o(kv ...any) *Node {
	n := &Node{K: "obj"}
	for i := 0; i < len(kv); i += 2 {
		n.Keys = append(n.Keys, kv[i].(string))
		n.A = append(n.A, kv[i+1].(*Node))
	}
	return n
}
func arr(a ...*Node) *Node { return &Node{K: "arr", A: a} }

// W is one workload: an expression or template, and its name, which begins with its number.
type W struct {
	Name string `json:"name"`
	N    *Node  `json:"node"`
}

// All holds the workloads in the order of their numbers; it must not be changed.
var All = []W{
	{"01_literal", Str("https://api.example.com/v2/users")},
	{"02_path_typed", NPath("body.data.id")},
	{"03_deep_path", Path("body.data.items.2.owner.contact.email")},
	{"04_arith", Bin("-", Bin("*", Bin("+", NPath("parameters.a"), NPath("parameters.b")), Num(2)), Num(1))},
	{"05_if", If(Bin(">", NPath("body.id"), Num(100)), Path("body.user"), Bool(false))},
	{"06_concat5", Cat(Str("https://"), Path("parameters.host"), Str("/"), Path("parameters.version"), Str("/users/"), Path("body.user"), Str("/items/"), NPath("parameters.itemId"), Str("?token="), Path("connection.accessToken"))},
	{"07_chain", Call("upper", Call("trim", Path("parameters.name")))},
	{"08_filter_map", &Node{K: "fm"}},
	{"09_formatDate", Call("formatDate", Path("body.createdAt"))},
	{"10_bool", Bin("&&", Bin("==", Path("body.success"), Bool(true)), Bin("!=", NPath("body.count"), Num(0)))},
	{"11_flat10", o(
		"Authorization", Cat(Str("Bearer "), Path("connection.accessToken")),
		"Accept", Str("application/json"),
		"Content-Type", Str("application/json"),
		"X-User", Path("body.user"),
		"X-Request-Path", Cat(Str("/"), Path("parameters.version"), Str("/users/"), Path("body.user")),
		"X-Host", Path("parameters.host"),
		"X-Name", Call("upper", Call("trim", Path("parameters.name"))),
		"page", NPath("parameters.page"),
		"limit", If(Bin(">", NPath("parameters.limit"), Num(100)), Num(100), NPath("parameters.limit")),
		"sort", Cat(Path("parameters.sortBy"), Str(":"), Path("parameters.sortDir")),
	)},
	{"12_nested30", o(
		"id", NPath("body.id"),
		"ref", Cat(Str("ref-"), NPath("body.id")),
		"type", Str("contact"),
		"active", Bin("==", Path("body.success"), Bool(true)),
		"person", o(
			"first", Path("parameters.first"),
			"last", Path("parameters.last"),
			"full", Cat(Path("parameters.first"), Str(" "), Path("parameters.last")),
			"upper", Call("upper", Path("parameters.last")),
			"email", Path("body.data.items.2.owner.contact.email"),
			"address", o(
				"street", Path("parameters.address.street"),
				"city", Path("parameters.address.city"),
				"zip", Path("parameters.address.zip"),
				"country", Call("upper", Path("parameters.address.country")),
				"label", Cat(Path("parameters.address.street"), Str(", "), Path("parameters.address.zip"), Str(" "), Path("parameters.address.city")),
			),
		),
		"order", o(
			"qty", NPath("parameters.a"),
			"price", NPath("parameters.b"),
			"total", Bin("*", NPath("parameters.a"), NPath("parameters.b")),
			"tax", Bin("*", Bin("*", NPath("parameters.a"), NPath("parameters.b")), Num(0.25)),
			"currency", If(Bin("==", Path("parameters.address.country"), Str("cz")), Str("CZK"), Str("EUR")),
			"note", Cat(Str("Order "), NPath("parameters.itemId"), Str(" for "), Path("body.user")),
			"lines", arr(
				o("sku", Path("body.data.items.0.name"), "n", NPath("body.data.items.0.id"), "p", NPath("body.data.items.0.price")),
				o("sku", Path("body.data.items.1.name"), "n", NPath("body.data.items.1.id"), "p", NPath("body.data.items.1.price")),
			),
		),
		"meta", o(
			"source", Str("engine"),
			"version", Path("parameters.version"),
			"host", Path("parameters.host"),
			"page", NPath("parameters.page"),
			"token", Cat(Str("tok:"), Path("connection.accessToken")),
		),
	)},
}

// Leaves returns the number of values of a template that are neither object nor list.
func Leaves(n *Node) int {
	if n.K == "obj" || n.K == "arr" {
		c := 0
		for _, x := range n.A {
			c += Leaves(x)
		}
		return c
	}
	return 1
}

// DataJSON is the document that the workloads run on, with ITEMS in place of the items that Data makes.
const DataJSON = `{
"parameters":{"name":"  Ada Lovelace ","first":"Ada","last":"Lovelace","a":12,"b":30,"host":"api.example.com","version":"v2","itemId":42,"page":3,"limit":250,"sortBy":"created","sortDir":"desc",
 "address":{"street":"Vodickova 12","city":"Praha","zip":"11000","country":"cz"}},
"connection":{"accessToken":"tok_9f8a7b6c5d4e3f2a1b0c","refreshToken":"rt_1234567890"},
"body":{"id":250,"user":"ada","success":true,"count":3,"createdAt":"2024-03-15T10:20:30Z",
 "data":{"id":987654,"items":[ITEMS]}}}`

// Data returns the document with 20 items, as encoding/json decodes it; each call makes a new one.
func Data() map[string]any {
	var sb strings.Builder
	for i := 0; i < 20; i++ {
		if i > 0 {
			sb.WriteByte(',')
		}
		act := "true"
		if i%3 == 0 {
			act = "false"
		}
		sb.WriteString(`{"id":` + strconv.Itoa(i+1) + `,"name":"item-` + strconv.Itoa(i) + `","price":` + strconv.Itoa(5+i*2) + `,"active":` + act + `,"owner":{"name":"o` + strconv.Itoa(i) + `","contact":{"email":"o` + strconv.Itoa(i) + `@example.com"}}}`)
	}
	var m map[string]any
	if err := json.Unmarshal([]byte(strings.Replace(DataJSON, "ITEMS", sb.String(), 1)), &m); err != nil {
		panic(err)
	}
	return m
}

func marshal(v any) (string, error) {
	b, err := json.Marshal(v)
	return string(b), err
}
