package plan

import "slices"

// Op is an operation of an expression, for a stack machine over values. Beside each stands its picture: what it takes
// from the top of the stack → what it leaves. The numbers are part of the file format: new ones are added at the end.
type Op uint8

// The operations.
const (
	OpInvalid Op = iota

	// Values.
	OpConst // → v            Constants[A]
	OpRoot  // → v            context root A
	OpPath  // → v            Paths[A]: a root and constant steps
	OpName  // x → v          x.name, Strings[A]
	OpItem  // x → v          x[A], A counted from 1, negative from the end
	OpIndex // x i → v        x[i]
	OpVar   // → v            variable A (VarNow, …)
	OpLocal // → v            local A of the function
	OpStore // v →            becomes local A of the function
	OpPop   // v →

	// Operators (spec iml.md §7).
	OpAdd
	OpSubtract
	OpMultiply
	OpDivide
	OpModulo
	OpEqual
	OpNotEqual
	OpLess
	OpLessEqual
	OpGreater
	OpGreaterEqual // x y → v
	OpNegate       // x → v
	OpNot          // x → v

	// Control. A is the index of the instruction to go to; jumps only go forward.
	OpJump      // →
	OpJumpFalse // v →        jump when v is falsy
	OpAnd       // v → v | →  jump and keep v when it is falsy, else drop it
	OpOr        // v → v | →  jump and keep v when it is truthy, else drop it
	OpIfEmpty   // v → v | →  jump and keep v when it is not empty, else drop it
	OpCase      // v c → v | → when v = c drop both and go on, else keep v and jump

	// Building.
	OpCall   // a1…an → v     Calls[A]
	OpJoin   // v1…vA → t     the texts of the values, concatenated
	OpArray  // v1…vA → a     undefined items become null
	OpList   // v1…vA → a     undefined items are left out
	OpRecord // v1…vn → o     KeySets[A]; undefined drops the key
	OpObject // → o           a new object
	OpSet    // o v → o       store v under Strings[A]; undefined removes the key
	OpSpread // o v → o       copy the entries of v; error IML410 when v is no collection and not nil
	OpPrune  // v → v         an empty array or collection becomes undefined
	// For each item of a list s, Functions[A] is called with the item, its position counted from 0, and c1…cn as its
	// locals.
	OpEach     // s c1…cn → a  the results without those that are undefined; undefined when s is no list
	OpEachNull // s c1…cn → a  the results, undefined ones as null; undefined when s is no list
	OpReturn   // v →           the result; in emit mode: →

	// Emitting JSON straight into the output (functions of ModeEmit). "sep" is a comma unless one just opened.
	OpEmitOpen   // →         A: '{' or '['
	OpEmitClose  // →         A: '}' or ']'
	OpEmitKey    // →         sep, Strings[A] (already quoted, with its colon)
	OpEmitSep    // →         sep
	OpEmitRaw    // →         Strings[A], already encoded
	OpEmitMember // v →       nothing when v is undefined, else sep, Strings[A], v
	OpEmitItem   // v →       sep, v; undefined is null
	OpEmitSome   // v →       nothing when v is undefined, else sep, v
	OpEmitQuote  // →         a quotation mark: opens or closes a text
	OpEmitPart   // v →       the text of v, escaped; between two quotes only
	OpEmitCall   // a1…an →   Calls[A], its text escaped; between two quotes only

	opCount
)

// Instr is one decoded instruction.
type Instr struct {
	Op Op
	A  int32
}

// The variables of OpVar (spec iml.md §8).
const (
	VarNow int32 = iota
	VarTimestamp
	VarRandom
	VarUUID
	VarExecutionID
	varCount
)

var variables = [varCount]string{"now", "timestamp", "random", "uuid", "executionId"}

// Variable returns the number of the variable that a word stands for; ok is false when there is none.
func Variable(word string) (number int32, ok bool) {
	i := slices.Index(variables[:], word)
	return int32(i), i >= 0
}

// operand says what the A of an instruction means, so that the verifier, the encoder and the disassembler agree.
type operand uint8

const (
	operandInvalid operand = iota // no operation
	operandNone
	operandInt // the only one that may be negative
	operandConst
	operandRoot
	operandPath
	operandString
	operandVar
	operandLocal
	operandTarget
	operandCall
	operandCount
	operandKeySet
	operandBracket
	operandEach // a function that is called for each item
)

// effect is one row of the table that the verifier and the disassembler read: the name, the operand, and how many
// values the operation takes and leaves. pops -1 means "as many as the operand says".
type effect struct {
	name    string
	operand operand
	pops    int
	pushes  int
	emit    bool // only in functions of ModeEmit
}

var effects = [opCount]effect{
	OpConst:        {"const", operandConst, 0, 1, false},
	OpRoot:         {"root", operandRoot, 0, 1, false},
	OpPath:         {"path", operandPath, 0, 1, false},
	OpName:         {"name", operandString, 1, 1, false},
	OpItem:         {"item", operandInt, 1, 1, false},
	OpIndex:        {"index", operandNone, 2, 1, false},
	OpVar:          {"var", operandVar, 0, 1, false},
	OpLocal:        {"local", operandLocal, 0, 1, false},
	OpStore:        {"store", operandLocal, 1, 0, false},
	OpPop:          {"pop", operandNone, 1, 0, false},
	OpAdd:          {"add", operandNone, 2, 1, false},
	OpSubtract:     {"subtract", operandNone, 2, 1, false},
	OpMultiply:     {"multiply", operandNone, 2, 1, false},
	OpDivide:       {"divide", operandNone, 2, 1, false},
	OpModulo:       {"modulo", operandNone, 2, 1, false},
	OpEqual:        {"equal", operandNone, 2, 1, false},
	OpNotEqual:     {"not_equal", operandNone, 2, 1, false},
	OpLess:         {"less", operandNone, 2, 1, false},
	OpLessEqual:    {"less_equal", operandNone, 2, 1, false},
	OpGreater:      {"greater", operandNone, 2, 1, false},
	OpGreaterEqual: {"greater_equal", operandNone, 2, 1, false},
	OpNegate:       {"negate", operandNone, 1, 1, false},
	OpNot:          {"not", operandNone, 1, 1, false},
	OpJump:         {"jump", operandTarget, 0, 0, false},
	OpJumpFalse:    {"jump_false", operandTarget, 1, 0, false},
	OpAnd:          {"and", operandTarget, 1, 0, false}, // 1 on the jump
	OpOr:           {"or", operandTarget, 1, 0, false},  // 1 on the jump
	OpIfEmpty:      {"if_empty", operandTarget, 1, 0, false},
	OpCase:         {"case", operandTarget, 2, 0, false}, // 1 on the jump
	OpCall:         {"call", operandCall, -1, 1, false},
	OpJoin:         {"join", operandCount, -1, 1, false},
	OpArray:        {"array", operandCount, -1, 1, false},
	OpList:         {"list", operandCount, -1, 1, false},
	OpRecord:       {"record", operandKeySet, -1, 1, false},
	OpObject:       {"object", operandNone, 0, 1, false},
	OpSet:          {"set", operandString, 2, 1, false},
	OpSpread:       {"spread", operandNone, 2, 1, false},
	OpPrune:        {"prune", operandNone, 1, 1, false},
	OpEach:         {"each", operandEach, -1, 1, false},
	OpEachNull:     {"each_null", operandEach, -1, 1, false},
	OpReturn:       {"return", operandNone, 0, 0, false}, // checked by mode
	OpEmitOpen:     {"emit_open", operandBracket, 0, 0, true},
	OpEmitClose:    {"emit_close", operandBracket, 0, 0, true},
	OpEmitKey:      {"emit_key", operandString, 0, 0, true},
	OpEmitSep:      {"emit_sep", operandNone, 0, 0, true},
	OpEmitRaw:      {"emit_raw", operandString, 0, 0, true},
	OpEmitMember:   {"emit_member", operandString, 1, 0, true},
	OpEmitItem:     {"emit_item", operandNone, 1, 0, true},
	OpEmitSome:     {"emit_some", operandNone, 1, 0, true},
	OpEmitQuote:    {"emit_quote", operandNone, 0, 0, true},
	OpEmitPart:     {"emit_part", operandNone, 1, 0, true},
	OpEmitCall:     {"emit_call", operandCall, -1, 0, true},
}

// String returns the name of the operation as the disassembler prints it.
func (o Op) String() string {
	if o > OpInvalid && o < opCount {
		return effects[o].name
	}
	return "invalid"
}
