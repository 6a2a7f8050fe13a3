package plan

import (
	"errors"
	"strings"
	"testing"

	"github.com/imlc-lang/imlc/vm/value"
)

// eachPlan is a plan whose function 0 calls function 1 for each item, passing one value on.
func eachPlan() *Plan {
	return &Plan{Constants: []value.Value{value.Null()}, Functions: []Function{
		{File: -1, MaxStack: 2, Code: []Instr{{OpConst, 0}, {OpConst, 0}, {OpEach, 1}, {OpReturn, 0}}},
		{File: -1, MaxStack: 1, Params: 3, Locals: 4, Code: []Instr{{OpLocal, 2}, {OpStore, 3}, {OpLocal, 3}, {OpReturn, 0}}},
	}}
}

// A function per item takes what is passed on, belongs to functions before it, and to nobody else.
func TestVerifyEach(t *testing.T) {
	for name, tt := range map[string]struct {
		tamper func(p *Plan)
		want   string
	}{
		"sound":                   {func(*Plan) {}, ""},
		"itself":                  {func(p *Plan) { p.Functions[0].Code[2].A = 0 }, "operand 0"},
		"one before":              {func(p *Plan) { p.Functions[1].Code[0] = Instr{OpEach, 0} }, "operand 0"},
		"too little passed on":    {func(p *Plan) { p.Functions[1].Params = 4 }, "takes 3 values, the stack has 2"},
		"too much passed on":      {func(p *Plan) { p.Functions[1].Params = 2 }, "2 values on the stack"},
		"no parameters":           {func(p *Plan) { p.Functions[1].Params = 0 }, "operand 1"},
		"one parameter":           {func(p *Plan) { p.Functions[1].Params = 1 }, "operand 1"},
		"more than locals":        {func(p *Plan) { p.Functions[1].Locals = 2 }, "3 parameters among 2 locals"},
		"negative parameters":     {func(p *Plan) { p.Functions[1].Params = -1 }, "operand 1"},
		"too many locals":         {func(p *Plan) { p.Functions[1].Locals = MaxLocals + 1 }, "at most 1000 locals"},
		"local out of range":      {func(p *Plan) { p.Functions[1].Code[0].A = 4 }, "operand 4"},
		"store out of range":      {func(p *Plan) { p.Functions[1].Code[1].A = 4 }, "operand 4"},
		"emits":                   {func(p *Plan) { p.Functions[1].Mode = ModeEmit }, "3 parameters in mode 1"},
		"the template's own":      {func(p *Plan) { p.Functions = p.Functions[1:] }, "function 0 is that of the template"},
		"named by the connection": {func(p *Plan) { p.Connection = &Connection{Common: 2} }, "has 3 parameters, expected none"},
	} {
		p := eachPlan()
		tt.tamper(p)
		err := Verify(p)
		if (err == nil) != (tt.want == "") || err != nil && (!strings.Contains(err.Error(), tt.want) || !errors.Is(err, ErrCorrupt)) {
			t.Errorf("%s: got %v, want %q", name, err, tt.want)
		}
	}
}

func TestEachNesting(t *testing.T) {
	chain := func(n int) *Plan {
		p := &Plan{Constants: []value.Value{value.Null()}}
		for i := range n {
			f := Function{File: -1, MaxStack: 1, Params: 2, Locals: 2, Code: []Instr{{OpConst, 0}, {OpEachNull, int32(i + 1)}, {OpReturn, 0}}}
			if i == 0 {
				f.Params = 0
			}
			if i == n-1 {
				f.Code = []Instr{{OpConst, 0}, {OpReturn, 0}}
			}
			p.Functions = append(p.Functions, f)
		}
		return p
	}
	if err := Verify(chain(maxNesting + 1)); err != nil {
		t.Error(err)
	}
	if err := Verify(chain(maxNesting + 2)); err == nil || !strings.Contains(err.Error(), "nested deeper than 250") {
		t.Errorf("got %v", err)
	}
}

func TestEachRoundTrip(t *testing.T) {
	p := eachPlan()
	got := decode(t, encode(t, p, EncodeOptions{}), DecodeOptions{})
	if f := got.Functions[1]; f.Params != 3 || f.Locals != 4 {
		t.Errorf("got %d parameters, %d locals", f.Params, f.Locals)
	}
}
