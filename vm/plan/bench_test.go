package plan

import (
	"fmt"
	"testing"

	"github.com/imlc-lang/imlc/vm/value"
)

// largePlan has n functions of the kinds that specs have, each with its own texts, positions and source line.
func largePlan(tb testing.TB, n int) *Plan {
	p := &Plan{
		Meta:  Meta{Compiler: "imlc 0.1", Dialect: "make", Name: "large", Capabilities: []string{"iml/upper@1"}},
		Roots: []string{"parameters", "data", "temp", "common", "body"},
	}
	p.Strings = append(p.Strings, "upper", "join", "consumerKey", "consumerSecret")
	source := []byte("{\n")
	connection := &Connection{Stages: []Stage{{Name: "info"}}}
	for i := range n {
		name := int32(len(p.Strings))
		p.Strings = append(p.Strings, fmt.Sprintf("field%d", i), fmt.Sprintf("\"member%d\":", i))
		p.Constants = append(p.Constants, value.Text(fmt.Sprintf("https://api.example.test/v1/items/%d?page=", i)), value.Number(float64(i)+0.5))
		p.Paths = append(p.Paths, Path{Root: int32(i % 5), Steps: []PathStep{{Name: name}, {Name: 2}}})
		p.Calls = append(p.Calls, CallSite{Function: 0, Version: 1, Args: 1, Given: 1, Positions: []Position{{1, 3}, {1, 9}}})
		at, c := int32(i), int32(2*i)
		f := Function{Pointer: fmt.Sprintf("/accessToken/%d/headers/X-Header-%d", i/8, i), File: 0, Line: at + 2, Column: 14}
		switch i % 4 {
		case 0:
			f.Code = []Instr{{OpConst, c}, {OpReturn, 0}}
		case 1:
			f.Code = []Instr{{OpConst, c}, {OpPath, at}, {OpCall, at}, {OpJoin, 2}, {OpReturn, 0}}
		case 2:
			f.Code = []Instr{{OpPath, at}, {OpConst, c + 1}, {OpEqual, 0}, {OpJumpFalse, 6}, {OpPath, at}, {OpJump, 7}, {OpConst, c}, {OpReturn, 0}}
		case 3:
			f.Mode = ModeEmit
			f.Code = []Instr{{OpEmitOpen, '{'}, {OpPath, at}, {OpEmitMember, name + 1}, {OpEmitKey, name + 1}, {OpEmitQuote, 0}, {OpPath, at},
				{OpEmitPart, 0}, {OpEmitQuote, 0}, {OpEmitClose, '}'}, {OpReturn, 0}}
		}
		for pc := int32(0); int(pc) < len(f.Code)-1; pc += 2 {
			f.Positions = append(f.Positions, PCPosition{pc, Position{1, 3 + 6*pc}})
		}
		p.Functions = append(p.Functions, f)
		source = fmt.Appendf(source, "  \"X-Header-%d\": \"{{if(parameters.field%d = %d.5; upper(data.field%d); 'x')}}\",\n", i, i, i, i)
		if i%8 == 1 {
			requests := &connection.Stages[0].Requests
			*requests = append(*requests, Request{
				Pointer: fmt.Sprintf("/info/%d", i/8), URL: Ref(i), Method: []Ref{Ref(i)}, Headers: []Layer{{Value: Ref(i + 1)}}, Response: &Response{Data: Ref(i)}})
		}
	}
	p.Connection = connection
	p.Files = []File{{"spec.jsonc", string(append(source, '}'))}}
	return stack(tb, p)
}

func BenchmarkDecode(b *testing.B) {
	for _, n := range []int{20, 200, 10000} {
		for _, stripped := range []bool{false, true} {
			b.Run(fmt.Sprintf("functions=%d/stripped=%v", n, stripped), func(b *testing.B) {
				data := encode(b, largePlan(b, n), EncodeOptions{StripLines: stripped, StripSource: stripped})
				b.SetBytes(int64(len(data)))
				b.ReportAllocs()
				for b.Loop() {
					if _, err := Decode(data, DecodeOptions{}); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

func BenchmarkVerify(b *testing.B) {
	p := largePlan(b, 10000)
	for b.Loop() {
		if err := Verify(p); err != nil {
			b.Fatal(err)
		}
	}
}
