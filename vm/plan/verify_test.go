package plan

import (
	"errors"
	"math/big"
	"strings"
	"testing"

	"github.com/imlc-lang/imlc/vm/value"
)

// tables is a plan whose tables the code of the tests below refers to.
func tables() *Plan {
	return &Plan{
		Strings:   []string{"k", "f", `"k":`, `1`, `1,2`, `"a":1`, `te\"xt`, "bad\"", `{"a":[{}]}`, "\xff"},
		Constants: []value.Value{value.Number(1)},
		Roots:     []string{"r"},
		Paths:     []Path{{}},
		Calls:     []CallSite{{Function: 1, Args: 2, Given: 3}, {Function: 1}},
		KeySets:   [][]int32{{}, {0, 1}},
	}
}

func TestCode(t *testing.T) {
	ret := Instr{OpReturn, 0}
	c := Instr{OpConst, 0}
	tests := []struct {
		name string
		mode Mode
		code []Instr
		want string // part of the error; empty when the code is sound
		max  int32
	}{
		{"constant", ModeValue, []Instr{c, ret}, "", 1},
		{"nothing at all", ModeValue, nil, "runs past", 0},
		{"no return", ModeValue, []Instr{c}, "runs past", 0},
		{"no result", ModeValue, []Instr{ret}, "0 values on the stack", 0},
		{"two results", ModeValue, []Instr{c, c, ret}, "2 values on the stack", 0},
		{"too few operands", ModeValue, []Instr{c, {OpAdd, 0}, ret}, "takes 2 values, the stack has 1", 0},
		{"unknown operation", ModeValue, []Instr{{opCount, 0}, ret}, "this version knows", 0},
		{"no operation", ModeValue, []Instr{{}, ret}, "operation 0", 0},
		{"operand where there is none", ModeValue, []Instr{c, {OpNot, 1}, ret}, "operand 1", 0},
		{"constant out of range", ModeValue, []Instr{{OpConst, 1}, ret}, "operand 1", 0},
		{"negative constant", ModeValue, []Instr{{OpConst, -1}, ret}, "operand -1", 0},
		{"root out of range", ModeValue, []Instr{{OpRoot, 1}, ret}, "operand 1", 0},
		{"path out of range", ModeValue, []Instr{{OpPath, 1}, ret}, "operand 1", 0},
		{"string out of range", ModeValue, []Instr{c, {OpName, 10}, ret}, "operand 10", 0},
		{"variable out of range", ModeValue, []Instr{{OpVar, varCount}, ret}, "operand 5", 0},
		{"call out of range", ModeValue, []Instr{{OpCall, 2}, ret}, "operand 2", 0},
		{"key set out of range", ModeValue, []Instr{{OpRecord, 2}, ret}, "operand 2", 0},
		{"negative count", ModeValue, []Instr{{OpJoin, -1}, ret}, "operand -1", 0},
		{"count beyond the stack", ModeValue, []Instr{c, {OpArray, 2}, ret}, "takes 2 values", 0},
		{"count zero", ModeValue, []Instr{{OpArray, 0}, ret}, "", 1},
		{"item from the end", ModeValue, []Instr{c, {OpItem, -2}, ret}, "", 1},
		{"call", ModeValue, []Instr{c, c, {OpCall, 0}, ret}, "", 2},
		{"call without arguments", ModeValue, []Instr{{OpCall, 1}, ret}, "", 1},
		{"record", ModeValue, []Instr{c, c, {OpRecord, 1}, ret}, "", 2},
		{"branches", ModeValue, []Instr{c, {OpJumpFalse, 4}, c, {OpJump, 5}, c, ret}, "", 1},
		{"branches of different depth", ModeValue, []Instr{c, {OpJumpFalse, 5}, c, c, {OpJump, 6}, c, ret}, "reached with", 0},
		{"jump to itself", ModeValue, []Instr{{OpJump, 0}, c, ret}, "expected a later one", 0},
		{"jump back", ModeValue, []Instr{c, {OpAnd, 0}, c, ret}, "expected a later one", 0},
		{"jump past the end", ModeValue, []Instr{c, {OpAnd, 9}, c, ret}, "expected a later one", 0},
		{"dead code", ModeValue, []Instr{c, {OpJump, 3}, c, ret}, "cannot be reached", 0},
		{"code after return", ModeValue, []Instr{c, ret, ret}, "cannot be reached", 0},
		{"and keeps on the jump", ModeValue, []Instr{c, {OpAnd, 3}, c, ret}, "", 1},
		{"case", ModeValue, []Instr{c, c, {OpCase, 5}, c, {OpJump, 7}, {OpPop, 0}, c, ret}, "", 2},
		{"set", ModeValue, []Instr{{OpObject, 0}, c, {OpSet, 0}, ret}, "", 2},
		{"set on any value", ModeValue, []Instr{c, c, {OpSet, 0}, ret}, "no object under construction", 0},
		{"set on the value", ModeValue, []Instr{c, {OpObject, 0}, {OpSet, 0}, ret}, "no object under construction", 0},
		{"spread on any value", ModeValue, []Instr{{OpRoot, 0}, c, {OpSpread, 0}, ret}, "no object under construction", 0},
		{"set on a record", ModeValue, []Instr{{OpRecord, 0}, c, {OpSet, 0}, ret}, "no object under construction", 0},
		{"set between", ModeValue, []Instr{{OpObject, 0}, {OpObject, 0}, c, {OpSet, 0}, {OpSet, 0}, ret}, "", 3},
		{"set on one branch", ModeValue, []Instr{{OpObject, 0}, c, {OpJumpFalse, 5}, c, {OpSet, 0}, ret}, "", 2},
		{"set on the object of either branch", ModeValue,
			[]Instr{c, {OpJumpFalse, 4}, {OpObject, 0}, {OpJump, 5}, {OpObject, 0}, c, {OpSet, 0}, ret}, "", 2},
		{"set on the object of one branch", ModeValue,
			[]Instr{c, {OpJumpFalse, 4}, {OpObject, 0}, {OpJump, 5}, c, c, {OpSet, 0}, ret}, "no object under construction", 0},
		{"objects that differ below the top", ModeValue,
			[]Instr{c, {OpJumpFalse, 5}, {OpObject, 0}, c, {OpJump, 7}, {OpObject, 0}, c, {OpSet, 0}, ret}, "different objects", 0},
		{"emit in a value", ModeValue, []Instr{{OpEmitRaw, 3}, c, ret}, "emitting operation", 0},
		{"mode", 2, []Instr{c, ret}, "mode 2", 0},
		{"local that is none", ModeValue, []Instr{{OpLocal, 0}, ret}, "operand 0", 0},
		{"store without a local", ModeValue, []Instr{c, {OpStore, 0}, c, ret}, "operand 0", 0},
		{"list", ModeValue, []Instr{c, c, {OpList, 2}, {OpPrune, 0}, ret}, "", 2},
		{"set on what was pruned", ModeValue, []Instr{{OpObject, 0}, {OpPrune, 0}, c, {OpSet, 0}, ret}, "no object under construction", 0},
		{"each without a function", ModeValue, []Instr{c, {OpEach, 9}, ret}, "operand 9", 0},
		{"some item in a value", ModeValue, []Instr{c, {OpEmitSome, 0}, c, ret}, "emitting operation", 0},

		{"emit raw", ModeEmit, []Instr{{OpEmitRaw, 3}, ret}, "", 0},
		{"emit nothing", ModeEmit, []Instr{ret}, "not one complete JSON value", 0},
		{"emit twice", ModeEmit, []Instr{{OpEmitRaw, 3}, {OpEmitRaw, 3}, ret}, "raw JSON that does not fit", 0},
		{"value left", ModeEmit, []Instr{{OpEmitRaw, 3}, c, ret}, "expected none", 0},
		{"items at the top", ModeEmit, []Instr{{OpEmitRaw, 4}, ret}, "raw JSON that does not fit", 0},
		{"raw not UTF-8", ModeEmit, []Instr{{OpEmitQuote, 0}, {OpEmitRaw, 9}, {OpEmitQuote, 0}, ret}, "not escaped", 0},
		{"empty object", ModeEmit, []Instr{{OpEmitOpen, '{'}, {OpEmitClose, '}'}, ret}, "", 0},
		{"other bracket", ModeEmit, []Instr{{OpEmitOpen, '{'}, {OpEmitClose, ']'}, ret}, "does not close", 0},
		{"close first", ModeEmit, []Instr{{OpEmitClose, ']'}, ret}, "does not close", 0},
		{"open with a closing bracket", ModeEmit, []Instr{{OpEmitOpen, '}'}, ret}, "where no value may stand", 0},
		{"no bracket", ModeEmit, []Instr{{OpEmitOpen, '('}, ret}, "operand 40", 0},
		{"left open", ModeEmit, []Instr{{OpEmitOpen, '['}, ret}, "not one complete JSON value", 0},
		{"text", ModeEmit, []Instr{{OpEmitQuote, 0}, {OpEmitRaw, 6}, c, {OpEmitPart, 0}, c, c, {OpEmitCall, 0}, {OpEmitQuote, 0}, ret}, "", 2},
		{"text left open", ModeEmit, []Instr{{OpEmitQuote, 0}, ret}, "not one complete JSON value", 0},
		{"text not escaped", ModeEmit, []Instr{{OpEmitQuote, 0}, {OpEmitRaw, 7}, {OpEmitQuote, 0}, ret}, "not escaped", 0},
		{"part outside", ModeEmit, []Instr{c, {OpEmitPart, 0}, ret}, "only between two quotes", 0},
		{"call outside", ModeEmit, []Instr{{OpEmitCall, 1}, ret}, "only between two quotes", 0},
		{"bracket in a text", ModeEmit, []Instr{{OpEmitQuote, 0}, {OpEmitOpen, '['}, ret}, "where no value may stand", 0},
		{"members", ModeEmit, []Instr{{OpEmitOpen, '{'}, c, {OpEmitMember, 2}, {OpEmitKey, 2}, {OpEmitRaw, 8}, {OpEmitSep, 0}, {OpEmitRaw, 5},
			{OpEmitClose, '}'}, ret}, "", 1},
		{"member in an array", ModeEmit, []Instr{{OpEmitOpen, '['}, c, {OpEmitMember, 2}, ret}, "a member stands only", 0},
		{"member at the top", ModeEmit, []Instr{c, {OpEmitMember, 2}, ret}, "a member stands only", 0},
		{"key in an array", ModeEmit, []Instr{{OpEmitOpen, '['}, {OpEmitKey, 2}, ret}, "a key stands only", 0},
		{"key after a key", ModeEmit, []Instr{{OpEmitOpen, '{'}, {OpEmitKey, 2}, {OpEmitKey, 2}, ret}, "a key stands only", 0},
		{"key without quotes", ModeEmit, []Instr{{OpEmitOpen, '{'}, {OpEmitKey, 0}, ret}, "a key stands only", 0},
		{"key without value", ModeEmit, []Instr{{OpEmitOpen, '{'}, {OpEmitKey, 2}, {OpEmitClose, '}'}, ret}, "does not close", 0},
		{"value without key", ModeEmit, []Instr{{OpEmitOpen, '{'}, {OpEmitRaw, 3}, ret}, "raw JSON that does not fit", 0},
		{"text without key", ModeEmit, []Instr{{OpEmitOpen, '{'}, {OpEmitQuote, 0}, ret}, "where no value may stand", 0},
		{"items", ModeEmit, []Instr{{OpEmitOpen, '['}, {OpEmitRaw, 4}, c, {OpEmitItem, 0}, {OpEmitSep, 0}, {OpEmitOpen, '['}, {OpEmitClose, ']'},
			{OpEmitClose, ']'}, ret}, "", 1},
		{"some item", ModeEmit, []Instr{{OpEmitOpen, '['}, c, {OpEmitSome, 0}, c, {OpEmitSome, 0}, {OpEmitSep, 0}, {OpEmitRaw, 4}, {OpEmitClose, ']'}, ret}, "", 1},
		{"raw behind an item that may be left out", ModeEmit, []Instr{{OpEmitOpen, '['}, c, {OpEmitSome, 0}, {OpEmitRaw, 4}, {OpEmitClose, ']'}, ret}, "does not fit", 0},
		{"some item in an object", ModeEmit, []Instr{{OpEmitOpen, '{'}, c, {OpEmitSome, 0}, ret}, "an item stands only", 0},
		{"item in an object", ModeEmit, []Instr{{OpEmitOpen, '{'}, c, {OpEmitItem, 0}, ret}, "an item stands only", 0},
		{"item behind a separator", ModeEmit, []Instr{{OpEmitOpen, '['}, {OpEmitSep, 0}, c, {OpEmitItem, 0}, ret}, "an item stands only", 0},
		{"second item without separator", ModeEmit, []Instr{{OpEmitOpen, '['}, {OpEmitRaw, 3}, {OpEmitRaw, 3}, ret}, "raw JSON that does not fit", 0},
		{"separator at the end", ModeEmit, []Instr{{OpEmitOpen, '['}, {OpEmitSep, 0}, {OpEmitClose, ']'}, ret}, "does not close", 0},
		{"separator at the top", ModeEmit, []Instr{{OpEmitSep, 0}, ret}, "a separator stands only", 0},
		{"raw where perhaps nothing stands before", ModeEmit,
			[]Instr{{OpEmitOpen, '{'}, c, {OpEmitMember, 2}, {OpEmitRaw, 5}, ret}, "raw JSON that does not fit", 0},
		{"member on one branch", ModeEmit, []Instr{{OpEmitOpen, '{'}, c, {OpJumpFalse, 5}, {OpEmitKey, 2}, {OpEmitRaw, 3}, {OpEmitSep, 0},
			{OpEmitRaw, 5}, {OpEmitClose, '}'}, ret}, "", 1},
		{"bracket on one branch", ModeEmit, []Instr{c, {OpJumpFalse, 4}, {OpEmitOpen, '{'}, {OpJump, 5}, {OpEmitOpen, '['}, {OpEmitClose, ']'}, ret},
			"different brackets", 0},
		{"value on one branch", ModeEmit, []Instr{c, {OpJumpFalse, 3}, {OpEmitRaw, 3}, ret}, "different brackets", 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := tables()
			p.Functions = []Function{{Pointer: "/x", Mode: test.mode, Code: test.code, File: -1}}
			depth, err := StackDepth(p, &p.Functions[0])
			if test.want != "" {
				if err == nil || !strings.Contains(err.Error(), test.want) {
					t.Fatalf("StackDepth = %v, want an error with %q", err, test.want)
				}
				if err := Verify(p); err == nil {
					t.Fatal("Verify accepts it")
				}
				return
			}
			if err != nil || depth != test.max {
				t.Fatalf("StackDepth = %d, %v, want %d", depth, err, test.max)
			}
			p.Functions[0].MaxStack = depth
			if err := Verify(p); err != nil {
				t.Fatalf("Verify: %v", err)
			}
			p.Functions[0].MaxStack = depth - 1
			if err := Verify(p); !errors.Is(err, ErrCorrupt) {
				t.Errorf("Verify with a stack that is too small = %v, want ErrCorrupt", err)
			}
		})
	}
}

func TestNestedOutput(t *testing.T) {
	for _, n := range []int{maxNesting, maxNesting + 1} {
		f := Function{Mode: ModeEmit}
		for range n {
			f.Code = append(f.Code, Instr{OpEmitOpen, '['})
		}
		for range n {
			f.Code = append(f.Code, Instr{OpEmitClose, ']'})
		}
		f.Code = append(f.Code, Instr{OpReturn, 0})
		if _, err := StackDepth(tables(), &f); (err == nil) != (n <= maxNesting) {
			t.Errorf("%d brackets: %v", n, err)
		}
	}
}

func TestPlanRules(t *testing.T) {
	deep := value.Null()
	for range maxNesting + 1 {
		deep = value.Array([]value.Value{deep})
	}
	nested := []Parameter{{Name: "x"}}
	for range maxNesting + 1 {
		nested = []Parameter{{Name: "x", Nested: nested}}
	}
	caseless := value.NewObject(0)
	caseless.SetCaseless()
	tests := []struct {
		name   string
		change func(*Plan)
		kind   error
		want   string
	}{
		{"capability order", func(p *Plan) { p.Meta.Capabilities = []string{"b", "a"} }, ErrCorrupt, "META: capability 1"},
		{"capability twice", func(p *Plan) { p.Meta.Capabilities = []string{"a", "a"} }, ErrCorrupt, "capability 1"},
		{"string twice", func(p *Plan) { p.Strings[1] = p.Strings[0] }, ErrCorrupt, "STRINGS"},
		{"string twice in a large pool", func(p *Plan) {
			for i := range 100 {
				p.Strings = append(p.Strings, strings.Repeat("x", i+20))
			}
			p.Strings[50] = p.Strings[90]
		}, ErrCorrupt, "STRINGS"},
		{"deep constant", func(p *Plan) { p.Constants[0] = deep }, ErrCorrupt, "constant 0: a constant nested deeper"},
		{"undefined item", func(p *Plan) { p.Constants[0] = value.Array([]value.Value{value.Undefined}) }, ErrCorrupt, "undefined inside"},
		{"caseless constant", func(p *Plan) { p.Constants[0] = value.Collection(caseless) }, ErrCorrupt, "no case"},
		{"long integer", func(p *Plan) { p.Constants[0] = value.Integer(new(big.Int).Lsh(big.NewInt(1), 4000)) }, ErrCorrupt, "integer"},
		{"path root", func(p *Plan) { p.Paths[0].Root = 2 }, ErrCorrupt, "path 0 starts"},
		{"path name", func(p *Plan) { p.Paths[0].Steps[0].Name = 99 }, ErrCorrupt, "path 0 has a step"},
		{"path item beside a name", func(p *Plan) { p.Paths[0].Steps[0].Item = 1 }, ErrCorrupt, "path 0 has a step"},
		{"path name -2", func(p *Plan) { p.Paths[0].Steps[0].Name = -2 }, ErrCorrupt, "path 0 has a step"},
		{"call function", func(p *Plan) { p.Calls[0].Function = -1 }, ErrCorrupt, "call 0 names string -1"},
		{"call version", func(p *Plan) { p.Calls[0].Version = -1 }, ErrCorrupt, "call 0 has version -1"},
		{"call arguments", func(p *Plan) { p.Calls[0].Args = maxArgs + 1 }, ErrCorrupt, "call 0 has 1001 arguments"},
		{"call mask", func(p *Plan) { p.Calls[0].Given = 2 }, ErrCorrupt, "beyond its 1"},
		{"call positions", func(p *Plan) { p.Calls[0].Positions = make([]Position, 3) }, ErrCorrupt, "LINES: call 0"},
		{"call position", func(p *Plan) { p.Calls[0].Positions[0].Line = -1 }, ErrCorrupt, "LINES: call 0"},
		{"key twice", func(p *Plan) { p.KeySets[0] = []int32{1, 0, 1} }, ErrCorrupt, "twice"},
		{"key range", func(p *Plan) { p.KeySets[0] = []int32{99} }, ErrCorrupt, "key set 0 names"},
		{"stack larger than the code", func(p *Plan) { p.Functions[1].MaxStack = 3 }, ErrCorrupt, "a stack of 3"},
		{"file", func(p *Plan) { p.Functions[0].File = 1 }, ErrCorrupt, "LINES: function 0"},
		{"file without sources", func(p *Plan) { p.Files, p.Functions[0].File = nil, 1<<20 }, ErrCorrupt, "LINES: function 0"},
		{"line", func(p *Plan) { p.Functions[0].Line = -1 }, ErrCorrupt, "LINES: function 0"},
		{"positions out of order", func(p *Plan) { p.Functions[0].Positions[1].PC = 0 }, ErrCorrupt, "LINES: function 0"},
		{"position past the code", func(p *Plan) { p.Functions[0].Positions[2].PC = 7 }, ErrCorrupt, "LINES: function 0"},
		{"nothing to run", func(p *Plan) { p.Connection, p.Functions = nil, nil }, ErrCorrupt, "no function"},
		{"ref", func(p *Plan) { p.Connection.Stages[2].Requests[0].URL = 99 }, ErrCorrupt, "stages[2].requests[0].url: function 99"},
		{"large ref", func(p *Plan) { p.Connection.Stages[2].Requests[0].URL = 1<<32 - 1 }, ErrCorrupt, "stages[2].requests[0].url"},
		{"mode of a body", func(p *Plan) { p.Connection.Free.BodyJSON = 1 }, ErrCorrupt, "free.bodyJSON: function 0 () has mode 0"},
		{"mode of a value", func(p *Plan) { p.Connection.Free.Body = []Layer{{Value: 6}} }, ErrCorrupt, "free.body[0].value"},
		{"layer mode", func(p *Plan) { p.Connection.Free.Query = []Layer{{Value: 1, Mode: LayerFills + 1}} }, ErrCorrupt, "free.query[0].mode"},
		{"parser", func(p *Plan) { p.Connection.Free.Response.Parser.Kind = ParseTokenLenient + 1 }, ErrCorrupt, "free.response.parser.kind"},
		{"verdict", func(p *Plan) { p.Connection.Free.Verdict = 2 }, ErrCorrupt, "verdict: 2 of 1"},
		{"verdict of a redirect", func(p *Plan) { p.Connection.Stages[1].Redirect.Verdict = 2 }, ErrCorrupt, "verdict: 2 of 1"},
		{"words", func(p *Plan) { p.Connection.Words = append(p.Connection.Words, p.Connection.Words[0]) }, ErrCorrupt, "words: event"},
		{"variants beside stages", func(p *Plan) { p.Connection.Variants = []Variant{{}} }, ErrCorrupt, "variants: beside"},
		{"variants of a variant", func(p *Plan) {
			p.Connection = &Connection{Variants: []Variant{{Connection: Connection{Variants: []Variant{{}}}}}}
		}, ErrCorrupt, "variants[0].variants: inside"},
		{"verdict of a variant", func(p *Plan) {
			p.Connection = &Connection{Variants: []Variant{{Connection: Connection{Free: &Request{Verdict: 1}}}}}
		}, ErrCorrupt, "variants[0].verdict: 1 of 0"},
		{"query mode", func(p *Plan) { p.Connection.Free.QueryMode = QueryOverride + 1 }, ErrCorrupt, "free.queryMode"},
		{"timeout", func(p *Plan) { p.Connection.Free.TimeoutMilliseconds = -1 }, ErrCorrupt, "free.timeout"},
		{"status", func(p *Plan) { p.Connection.Stages[2].Requests[0].Response.Error.Status[0].Status = 1000 }, ErrCorrupt, ".response.error.status[0].status"},
		{"status zero", func(p *Plan) { p.Connection.Stages[2].Requests[0].Response.Ranges[0].First = 0 }, ErrCorrupt, "ranges[0].first"},
		{"range backwards", func(p *Plan) { p.Connection.Stages[2].Requests[0].Response.Ranges[1].Last = 199 }, ErrCorrupt, "ranges[1].last"},
		{"repeat limit", func(p *Plan) { p.Connection.Stages[2].Requests[0].Repeat.Limit = -1 }, ErrCorrupt, "repeat.limit"},
		{"default", func(p *Plan) { p.Connection.Parameters[0].Default = deep }, ErrCorrupt, "parameters[0].default"},
		{"deep parameters", func(p *Plan) { p.Connection.Parameters = nested }, ErrCorrupt, "nested deeper"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := connectionPlan(t)
			test.change(p)
			err := Verify(p)
			if !errors.Is(err, test.kind) || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("Verify = %v, want %v with %q", err, test.kind, test.want)
			}
			if _, err := Encode(p, EncodeOptions{}); err == nil {
				t.Error("Encode accepts it")
			}
		})
	}
}
