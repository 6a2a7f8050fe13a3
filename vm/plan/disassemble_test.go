package plan

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/imlc-lang/imlc/vm/value"
)

func listing(t *testing.T, p *Plan, opts DisassembleOptions) string {
	t.Helper()
	var b strings.Builder
	if err := Disassemble(&b, p, opts); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestDisassembly(t *testing.T) {
	golden(t, "template.asm", listing(t, templatePlan(t), DisassembleOptions{}))
	golden(t, "connection.asm", listing(t, connectionPlan(t), DisassembleOptions{}))
	stripped := decode(t, encode(t, connectionPlan(t), EncodeOptions{StripLines: true, StripSource: true}), DecodeOptions{})
	if got := listing(t, stripped, DisassembleOptions{}); !strings.Contains(got, "positions stripped") || strings.Contains(got, "{{") {
		t.Error("the listing of a stripped plan does not say so, or shows source")
	}
	if got := listing(t, templatePlan(t), DisassembleOptions{HideSource: true}); strings.Contains(got, "{{") {
		t.Error("the source is shown though hidden")
	}
}

// everyOperation is one value function and one emit function that use every operation there is.
func everyOperation(t *testing.T) *Plan {
	p := tables()
	p.Functions = []Function{{File: -1, Locals: 1, Code: []Instr{
		{OpConst, 0}, {OpPop, 0}, {OpRoot, 0}, {OpPath, 0}, {OpAdd, 0}, {OpVar, VarUUID}, {OpSubtract, 0}, {OpConst, 0}, {OpMultiply, 0},
		{OpConst, 0}, {OpDivide, 0}, {OpConst, 0}, {OpModulo, 0}, {OpConst, 0}, {OpEqual, 0}, {OpConst, 0}, {OpNotEqual, 0},
		{OpConst, 0}, {OpLess, 0}, {OpConst, 0}, {OpLessEqual, 0}, {OpConst, 0}, {OpGreater, 0}, {OpConst, 0}, {OpGreaterEqual, 0},
		{OpNegate, 0}, {OpNot, 0}, {OpName, 0}, {OpItem, -1}, {OpConst, 0}, {OpIndex, 0}, {OpJumpFalse, 32}, {OpConst, 0}, {OpAnd, 35},
		{OpConst, 0}, {OpOr, 37}, {OpConst, 0}, {OpIfEmpty, 39}, {OpConst, 0}, {OpConst, 0}, {OpCase, 42}, {OpConst, 0}, {OpConst, 0},
		{OpCall, 0}, {OpJoin, 1}, {OpArray, 1}, {OpConst, 0}, {OpRecord, 1}, {OpPop, 0}, {OpObject, 0}, {OpConst, 0}, {OpSet, 0},
		{OpConst, 0}, {OpSpread, 0}, {OpPrune, 0}, {OpStore, 0}, {OpLocal, 0}, {OpList, 1}, {OpConst, 0}, {OpEach, 2}, {OpEachNull, 3},
		{OpJump, 62}, {OpReturn, 0}}},
		{File: -1, Mode: ModeEmit, Code: []Instr{
			{OpEmitOpen, '{'}, {OpConst, 0}, {OpEmitMember, 2}, {OpEmitKey, 2}, {OpEmitOpen, '['}, {OpConst, 0}, {OpEmitItem, 0}, {OpConst, 0}, {OpEmitSome, 0}, {OpEmitSep, 0},
			{OpEmitRaw, 3}, {OpEmitSep, 0}, {OpEmitQuote, 0}, {OpConst, 0}, {OpEmitPart, 0}, {OpEmitCall, 1}, {OpEmitQuote, 0},
			{OpEmitClose, ']'}, {OpEmitClose, '}'}, {OpReturn, 0}}},
		{File: -1, Params: 3, Locals: 4, Code: []Instr{{OpLocal, 0}, {OpReturn, 0}}},
		{File: -1, Params: 2, Locals: 2, Code: []Instr{{OpLocal, 1}, {OpReturn, 0}}}}
	return p
}

func TestEveryOperation(t *testing.T) {
	p := everyOperation(t)
	used := map[Op]bool{}
	for _, f := range p.Functions {
		for _, in := range f.Code {
			used[in.Op] = true
		}
	}
	for op := OpInvalid + 1; op < opCount; op++ {
		e := effects[op]
		if e.name == "" || e.operand == operandInvalid {
			t.Errorf("operation %d has no row in the table of effects", op)
		}
		if e.pops < 0 && e.operand != operandCall && e.operand != operandCount && e.operand != operandKeySet && e.operand != operandEach {
			t.Errorf("%s takes as many values as its operand says, which does not say", op)
		}
		if !used[op] {
			t.Errorf("%s is missing in the code of this test", op)
		}
	}
	golden(t, "operations.asm", listing(t, stack(t, p), DisassembleOptions{}))
	if err := Verify(p); err != nil {
		t.Error(err)
	}
}

func TestListingIsSafeToShow(t *testing.T) {
	p := templatePlan(t)
	p.Constants = append(p.Constants, value.Text("hunter2").AsSecret())
	p.Functions[0].Code[5].A = 1
	p.Functions[0].Pointer = "/\x1b[2J\u202e"
	p.Meta.Name = "\x9b\u2028"
	got := listing(t, p, DisassembleOptions{})
	if strings.Contains(got, "hunter2") || !strings.Contains(got, value.Mask) {
		t.Error("the listing shows a secret")
	}
	if strings.ContainsAny(got, "\x1b\u202e\u2028") {
		t.Errorf("the listing holds control characters: %q", got)
	}
	var b strings.Builder
	if err := DumpJSON(&b, p); err != nil || strings.Contains(b.String(), "hunter2") {
		t.Errorf("the dump shows a secret (%v)", err)
	}
}

func TestDump(t *testing.T) {
	for name, p := range samplePlans(t) {
		var b strings.Builder
		if err := DumpJSON(&b, p); err != nil {
			t.Fatal(err)
		}
		if !json.Valid([]byte(b.String())) {
			t.Errorf("%s: the dump is no JSON", name)
		}
		golden(t, name+".json", b.String())
	}
}

type brokenWriter struct{}

var errBroken = errors.New("broken")

func (brokenWriter) Write([]byte) (int, error) { return 0, errBroken }

func TestWriteErrors(t *testing.T) {
	p := templatePlan(t)
	if err := Disassemble(brokenWriter{}, p, DisassembleOptions{}); !errors.Is(err, errBroken) {
		t.Errorf("Disassemble = %v, want %v", err, errBroken)
	}
	if err := DumpJSON(brokenWriter{}, p); !errors.Is(err, errBroken) {
		t.Errorf("DumpJSON = %v, want %v", err, errBroken)
	}
}

func TestOperandTexts(t *testing.T) {
	for text, v := range map[string]value.Value{
		"undefined": value.Undefined, "NaN": everyConstant()[6], "-Infinity": everyConstant()[7], "-0": everyConstant()[5],
		`date "1970-01-01T00:00:00.001Z"`: value.Date(1), `buffer "AP8="`: value.Buffer([]byte{0, 255}), `{"a":[1]}`: value.Collection(func() *value.Object {
			o := value.NewObject(1)
			o.Set("a", value.Array([]value.Value{value.Number(1)}))
			return o
		}()), value.Mask: value.Date(1).AsSecret(),
	} {
		if got := constantText(v); !strings.Contains(got, text) {
			t.Errorf("constantText(%#v) = %s, want %s", v, got, text)
		}
	}
	p := tables()
	p.Strings = append(p.Strings, "two words")
	if got := p.callText(&CallSite{Function: 1, Version: 2, Args: 3, Given: 5}); got != "f@2/3 without 2" {
		t.Errorf("callText = %s", got)
	}
	if got := p.pathText(&Path{Steps: []PathStep{{Name: 10}, {Name: -1, Item: -1}, {Name: 0}}}); got != "r.`two words`[-1].k" {
		t.Errorf("pathText = %s", got)
	}
}
