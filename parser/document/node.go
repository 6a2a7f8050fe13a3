package document

import (
	"math/big"
	"strconv"
	"strings"

	"github.com/imlc-lang/imlc/internal/source"
)

// Limits of every document (spec dialects.md §1.4, §2.1, iml.md §2.1).
const (
	// maxDepth is the deepest nesting of objects and lists; the root is level 1.
	maxDepth = 250
	// MaxBytes is the largest size of one file.
	MaxBytes = 1 << 20
	// maxAliasNodes is how many nodes the aliases of a YAML document may expand to.
	maxAliasNodes = 10_000
	// maxExactDigits is the longest integer that keeps all digits; longer ones become the nearest double.
	maxExactDigits = 1000
	maxErrors      = 50
	maxDuplicates  = 1000
)

// Kind tells the kinds of nodes apart.
type Kind uint8

// The kinds. KindInvalid marks a value that could not be read; a diagnostic was given for it.
const (
	KindInvalid Kind = iota
	KindNull
	KindBool
	KindNumber
	KindText
	KindObject
	KindArray
)

// String returns the name of the kind as messages use it: "null", "boolean", "number", "text", "object", "list".
func (k Kind) String() string {
	switch k {
	case KindNull:
		return "null"
	case KindBool:
		return "boolean"
	case KindNumber:
		return "number"
	case KindText:
		return "text"
	case KindObject:
		return "object"
	case KindArray:
		return "list"
	}
	return "unreadable value"
}

// Node is one value of a document. Nodes are immutable once the reader returned them; YAML aliases are expanded into
// nodes of their own.
type Node struct {
	Kind Kind
	// Span covers the value as written, quotes and brackets included.
	Span source.Span
	// Text is the decoded text of a KindText, and the source spelling of a KindNumber.
	Text string
	// Map carries offsets of Text back to the file; nil unless Kind is KindText.
	Map *source.Map
	// Number is the value of a KindNumber as a double; it may be infinite or NaN.
	Number float64
	// Exact is set for an integer outside ±(2^53-1) (spec iml.md §2.1).
	Exact *big.Int
	Bool  bool
	// Members are the entries of an object. Of a key written twice the last value stands at the place of the first, as
	// JSON.parse has it; Document.Duplicates lists what was dropped.
	Members []Member
	Items   []*Node
	// places are those of the keys of a long object that Set made; they hold as long as they are as many as Members.
	places map[string]int
}

// Member is one entry of an object.
type Member struct {
	Key     string
	KeySpan source.Span
	// KeyMap carries offsets of Key back to the file.
	KeyMap *source.Map
	Value  *Node
	// Comment is written above the entry, line by line, where the notation has comments. Readers leave it empty.
	Comment string
}

// Member returns the entry of that key, or nil. It may be called on any node, also on nil.
func (n *Node) Member(key string) *Member {
	if n == nil {
		return nil
	}
	if len(n.places) > 0 && len(n.places) == len(n.Members) {
		if i, ok := n.places[key]; ok {
			return &n.Members[i]
		}
		return nil
	}
	for i := range n.Members {
		if n.Members[i].Key == key {
			return &n.Members[i]
		}
	}
	return nil
}

// Get returns the value of that key, or nil when n is no object or has no such key.
func (n *Node) Get(key string) *Node {
	if m := n.Member(key); m != nil {
		return m.Value
	}
	return nil
}

// FirstKey finds the first key of a tree, which in a list stands in the first item that has one.
func (n *Node) FirstKey() (source.Span, bool) {
	if len(n.Members) > 0 {
		return n.Members[0].KeySpan, true
	}
	for _, item := range n.Items {
		if key, ok := item.FirstKey(); ok {
			return key, true
		}
	}
	return source.Span{}, false
}

// Duplicate is a key that an object holds twice.
type Duplicate struct {
	Key string
	// First and Later are the places of the two keys; Later is the one that won.
	First, Later source.Span
	// Pointer is the JSON pointer of the entry.
	Pointer string
}

// Relaxed is a piece of JSONC that strict JSON does not have.
type Relaxed struct {
	// What is "comment" or "trailing comma".
	What string
	Span source.Span
}

// Document is a text that was read. Root is nil only when nothing could be read at all.
type Document struct {
	File *source.File
	Root *Node
	// Duplicates lists the keys written twice, in order; only the first 1000 are kept.
	Duplicates []Duplicate
	// Relaxed lists, in order, what strict JSON would refuse; always empty for YAML. Only the first 1000 are kept.
	Relaxed []Relaxed
}

// Options are the choices of a reader.
type Options struct {
	// Code is the code of syntax errors. DepthCode is that of nesting deeper than 250 levels, "" for Code.
	Code, DepthCode string
}

var pointerEscaper = strings.NewReplacer("~", "~0", "/", "~1")

// maxPointer bounds the pointers that Pointer extends, so that hostile keys cannot make each of many small values carry
// a long one.
const maxPointer = 512

// Pointer appends one reference token to an RFC 6901 JSON pointer, escaping "~" and "/". A pointer that is longer than
// 512 bytes already is returned as it is: it then names an ancestor of the value.
func Pointer(parent, token string) string {
	if len(parent) > maxPointer {
		return parent
	}
	return parent + "/" + pointerEscaper.Replace(token)
}

// path is where a reader stands; the pointer is only built for the few places that need one.
type path []step

type step struct {
	key   string
	index int
	named bool
}

func (p *path) enter(s step) { *p = append(*p, s) }
func (p *path) leave()       { *p = (*p)[:len(*p)-1] }

func (p path) pointer() string {
	out := ""
	for _, s := range p {
		if !s.named {
			s.key = strconv.Itoa(s.index)
		}
		out = Pointer(out, s.key)
	}
	return out
}

// addMember adds an entry whose place p ends in its key; a key that is there already keeps its place in the object and
// takes the new value.
func addMember(doc *Document, n *Node, m Member, p path, seen map[string]int) {
	at, twice := seen[m.Key]
	if !twice {
		seen[m.Key] = len(n.Members)
		n.Members = append(n.Members, m)
		return
	}
	if len(doc.Duplicates) < maxDuplicates {
		doc.Duplicates = append(doc.Duplicates, Duplicate{Key: m.Key, First: n.Members[at].KeySpan, Later: m.KeySpan, Pointer: p.pointer()})
	}
	n.Members[at] = m
}
