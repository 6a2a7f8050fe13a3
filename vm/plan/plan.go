package plan

import (
	"maps"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/imlc-lang/imlc/vm/value"
)

// FormatVersion is the version of the file format that Encode writes. Decode refuses any other as stale.
const FormatVersion = 2

// Plan is a compiled spec or a single compiled template. It is immutable once built by the compiler or by Decode, and
// safe for concurrent use.
type Plan struct {
	Meta Meta

	// Strings is the pool that instructions, paths and key sets refer to.
	Strings   []string
	Constants []value.Value
	// Roots are the names of the context, by slot.
	Roots     []string
	Paths     []Path
	Calls     []CallSite
	KeySets   [][]int32 // indexes into Strings; no key twice
	Functions []Function

	// Connection is nil in a plan of a single template, whose function is Functions[0].
	Connection *Connection

	// Files holds the sources (section SOURCE); nil when stripped.
	Files []File
	// Stripped reports that the positions (section LINES) are gone.
	Stripped bool

	// Signature is the signature that the file carried; nil when there was none. Encode writes it again as long as it
	// fits the bytes it covers.
	Signature *Signature
}

// Signature is an ed25519 signature over all other sections of a plan file.
type Signature struct {
	Key   [32]byte // the public key of the signer
	Bytes [64]byte
}

// Meta identifies a plan.
type Meta struct {
	// Compiler names the tool and version that compiled the plan.
	Compiler string
	Dialect  string
	Name     string
	// SourceHash is the SHA-256 over the names and texts of the source files, in role order.
	SourceHash [32]byte
	// Capabilities lists what an engine must have: "fn/iml.upper@1", "oauth1/HMAC-SHA1@1", "query/append@1", sorted.
	Capabilities []string
	// StrictEquality and Strict are the compile options that change how the plan runs.
	StrictEquality, Strict bool
}

// File is one source text.
type File struct{ Name, Text string }

// Path is a root with constant steps.
type Path struct {
	Root  int32
	Steps []PathStep
}

// PathStep is a name (an index into Strings) or, when Name is negative, an item counted from 1 or from the end.
type PathStep struct {
	Name int32
	Item int32
}

// CallSite is one call of a function of the library.
type CallSite struct {
	// Function is the name of the library, a dot and the name of the function (an index into Strings); functions of the
	// host are in the library "host". Version is the version of its semantics.
	Function int32
	Version  int32
	Args     int32
	// Given has bit i set when slot i holds an expression; slots from 64 on always do.
	Given uint64
	// Positions are the places of the name and of each argument in the template; empty when stripped.
	Positions []Position
}

// Position is a 1-based line and column in the text of a template, in code points; zero when unknown.
type Position struct{ Line, Column int32 }

// Mode says what a function does with its result.
type Mode uint8

// The modes.
const (
	ModeValue Mode = iota // returns one value
	ModeEmit              // appends JSON to the output and returns nothing
)

// Function is the code of one leaf of the spec.
type Function struct {
	// Pointer is the JSON pointer of the leaf in its document, for error messages.
	Pointer  string
	Mode     Mode
	MaxStack int32
	// Locals is the number of values that the function keeps beside its stack. The first Params of them come from the
	// one that calls it (OpEach): the item, its position, and what is passed on; the others are undefined at the start.
	// A function with parameters is called by functions before it only.
	Params, Locals int32
	Code           []Instr
	// File is the index of the source file or -1; Line and Column are the place of the leaf in it.
	File         int32
	Line, Column int32
	// Positions are the places of instructions in the template, ascending by PC; empty when stripped.
	Positions []PCPosition
}

// PCPosition is the place of the instruction PC and of those that follow it.
type PCPosition struct {
	PC int32
	Position
}

// Ref names a function: 0 is "absent", n is Functions[n-1].
type Ref uint32

// Function returns the function that r names, or nil.
func (p *Plan) Function(r Ref) *Function {
	if r == 0 || uint64(r) > uint64(len(p.Functions)) {
		return nil
	}
	return &p.Functions[r-1]
}

// SourceFile returns the file that f was compiled from; ok is false when it is not known or the sources are stripped.
func (p *Plan) SourceFile(f *Function) (file File, ok bool) {
	if f.File < 0 || int(f.File) >= len(p.Files) {
		return File{}, false
	}
	return p.Files[f.File], true
}

// ReadName returns the name of what an instruction of f reads from the context, as "root.name[1]"; "" for another one.
func (p *Plan) ReadName(f *Function, pc int) string {
	switch in := f.Code[pc]; in.Op {
	case OpRoot:
		return p.Roots[in.A]
	case OpPath:
		path := &p.Paths[in.A]
		name := p.Roots[path.Root]
		for _, step := range path.Steps {
			if step.Name >= 0 {
				name += "." + p.Strings[step.Name]
			} else {
				name += "[" + strconv.Itoa(int(step.Item)) + "]"
			}
		}
		return name
	case OpCall:
		if at := p.LookupAt(f, pc); at >= 0 {
			return p.Roots[f.Code[at].A] + "." + p.LookedUp(f, at)
		}
	}
	return ""
}

// Reads returns the names below a root that expressions read, as "name" or "name.part", in order of the alphabet.
func (p *Plan) Reads(root string) []string {
	found := map[string]bool{}
	for i := range p.Functions {
		f := &p.Functions[i]
		for pc := range f.Code {
			if name, ok := strings.CutPrefix(p.ReadName(f, pc), root+"."); ok {
				found[name] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// LookupAt returns the instruction that reads the root in which the call at pc looks up a name that is written: what stands
// before the call is that root, a text, and perhaps further constants. It is -1 for every other instruction.
func (p *Plan) LookupAt(f *Function, pc int) int {
	if f.Code[pc].Op != OpCall {
		return -1
	}
	at := pc - int(p.Calls[f.Code[pc].A].Args)
	if at < 0 || at+1 >= pc || f.Code[at].Op != OpRoot {
		return -1
	}
	for _, in := range f.Code[at+1 : pc] {
		if in.Op != OpConst {
			return -1
		}
	}
	if p.Constants[f.Code[at+1].A].Kind() != value.KindText {
		return -1
	}
	return at
}

// LookedUp is the name that is looked up in the root that the instruction at reads (see LookupAt).
func (p *Plan) LookedUp(f *Function, at int) string {
	return strings.TrimPrefix(p.Constants[f.Code[at+1].A].Str(), "$.")
}

// PositionOf returns the place of the instruction pc in the template of f; ok is false when it is not known.
func (f *Function) PositionOf(pc int) (at Position, ok bool) {
	i := sort.Search(len(f.Positions), func(i int) bool { return int(f.Positions[i].PC) > pc })
	if i == 0 {
		return Position{}, false
	}
	return f.Positions[i-1].Position, true
}

// Constant returns the value of a function that only returns a constant.
func (p *Plan) Constant(r Ref) (value.Value, bool) {
	f := p.Function(r)
	if f == nil || f.Mode != ModeValue || len(f.Code) != 2 || f.Code[0].Op != OpConst {
		return value.Undefined, false
	}
	return p.Constants[f.Code[0].A], true
}
