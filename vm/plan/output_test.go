package plan

import (
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/imlc-lang/imlc/vm/value"
)

// fragmentsByJSON is classify by way of encoding/json: a string can stand somewhere when the whole is JSON with it
// there.
func fragmentsByJSON(s string) fragment {
	kinds := fragmentKnown
	if !utf8.ValidString(s) {
		return kinds
	}
	// What holds a fragment must not be closed and opened again by it, so brackets are counted outside of texts.
	if json.Valid([]byte(`"` + s + `"`)) {
		kinds |= fragmentText
	}
	if strings.Trim(s, " \t\r\n") != s || s == "" {
		return kinds
	}
	value := json.Valid([]byte(s))
	if value {
		kinds |= fragmentValue
	}
	if balanced(s) {
		if value || json.Valid([]byte("["+s+"]")) {
			kinds |= fragmentItems
		}
		if json.Valid([]byte("{" + s + "}")) {
			kinds |= fragmentMembers
		}
		if json.Valid([]byte("{"+s+"0}")) && strings.HasSuffix(s, ":") && !json.Valid([]byte("{"+s+"0,"+s+"0,"+s+"}")) && !strings.Contains(unquoted(s), ",") {
			kinds |= fragmentKey
		}
	}
	return kinds
}

// unquoted is s without its texts.
func unquoted(s string) string {
	var b strings.Builder
	inside := false
	for i := 0; i < len(s); i++ {
		switch {
		case inside && s[i] == '\\':
			i++
		case s[i] == '"':
			inside = !inside
		case !inside:
			b.WriteByte(s[i])
		}
	}
	return b.String()
}

func balanced(s string) bool {
	depth := 0
	for _, c := range unquoted(s) {
		switch c {
		case '[', '{':
			depth++
		case ']', '}':
			if depth--; depth < 0 {
				return false
			}
		}
	}
	return depth == 0
}

var fragmentSeeds = []string{
	``, `1`, `-0.5e+10`, `01`, `1.`, `.5`, `1e`, `-`, `true`, `tru`, `null`, `false`, `"a"`, `"a`, `"a":`, `"a":1`, `"a":1,"b":[{}]`, `1,2`, `1,`,
	`,1`, `[1,{"a":null}]`, `[1,]`, `{}`, `{"a"}`, `{"a":}`, `a\n\u00e9\/`, `\u12g4`, `\x`, `\`, "a\tb", `"\ud800"`, `][`, `}{`, `1],[2`, `"a":1},{"b":2`,
	`"a" : 1`, `[ 1 , 2 ]`, "\xff", `é`, `"a","b"`, `"a":"b":`, `{"a":[[[]]]}`, `[}`, `nul`, `"\"":`, `1 2`, `--1`, `1E-7`, `""`, `"":`,
}

func TestFragments(t *testing.T) {
	for _, s := range fragmentSeeds {
		if got, want := classify(s), fragmentsByJSON(s); got != want {
			t.Errorf("classify(%q) = %06b, want %06b", s, got, want)
		}
	}
	deep := strings.Repeat("[", maxNesting+2) + strings.Repeat("]", maxNesting+2)
	if classify(deep)&fragmentValue != 0 {
		t.Error("a fragment nested too deep is accepted")
	}
}

func FuzzFragment(f *testing.F) {
	for _, s := range fragmentSeeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if len(s) > maxNesting || strings.Trim(s, " \t\r\n") != s || strings.HasSuffix(s, ":") {
			return // white space around items and keys after members are judged more strictly here than by the oracle
		}
		if got, want := classify(s), fragmentsByJSON(s); got != want {
			t.Errorf("classify(%q) = %06b, want %06b", s, got, want)
		}
	})
}

// writeOutput runs code of mode emit that has no jumps, as the operations are described, with members left out at
// random.
func writeOutput(p *Plan, code []Instr, random *rand.Rand) string {
	var out []byte
	separate := func() {
		if n := len(out); n > 0 && out[n-1] != '{' && out[n-1] != '[' {
			out = append(out, ',')
		}
	}
	for _, in := range code {
		switch in.Op {
		case OpEmitOpen, OpEmitClose:
			out = append(out, byte(in.A))
		case OpEmitKey:
			separate()
			out = append(out, p.Strings[in.A]...)
		case OpEmitSep:
			separate()
		case OpEmitRaw:
			out = append(out, p.Strings[in.A]...)
		case OpEmitMember:
			if random.IntN(2) == 0 {
				separate()
				out = append(append(out, p.Strings[in.A]...), '7')
			}
		case OpEmitItem:
			separate()
			out = append(out, '8')
		case OpEmitSome:
			if random.IntN(2) == 0 {
				separate()
				out = append(out, '9')
			}
		case OpEmitQuote:
			out = append(out, '"')
		case OpEmitPart, OpEmitCall:
			out = value.AppendEscaped(out, "{\"[")
		}
	}
	return string(out)
}

// TestAcceptedOutputIsJSON grows random code by whatever the verifier accepts and looks at what it writes.
func TestAcceptedOutputIsJSON(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	p := tables()
	var choices []Instr
	for _, bracket := range "{[}]" {
		choices = append(choices, Instr{OpEmitOpen, bracket}, Instr{OpEmitClose, bracket}, Instr{OpEmitClose, bracket})
	}
	for i := range p.Strings {
		choices = append(choices, Instr{OpEmitRaw, int32(i)}, Instr{OpEmitKey, int32(i)}, Instr{OpEmitMember, int32(i)})
	}
	choices = append(choices, Instr{OpEmitSep, 0}, Instr{OpEmitItem, 0}, Instr{OpEmitSome, 0}, Instr{OpEmitQuote, 0}, Instr{OpEmitPart, 0}, Instr{OpEmitCall, 1})
	complete := 0
	for range 400 {
		var code []Instr
		for range 400 {
			f := Function{Mode: ModeEmit, Code: append(code[:len(code):len(code)], Instr{OpReturn, 0})}
			if _, err := StackDepth(p, &f); err == nil {
				complete++
				if out := writeOutput(p, code, random); !json.Valid([]byte(out)) {
					t.Fatalf("%v writes %s", code, out)
				}
				break
			}
			in := choices[random.IntN(len(choices))]
			next := code[:len(code):len(code)]
			if in.Op == OpEmitMember || in.Op == OpEmitItem || in.Op == OpEmitSome || in.Op == OpEmitPart {
				next = append(next, Instr{OpConst, 0})
			}
			next = append(next, in)
			f.Code = next
			if _, err := StackDepth(p, &f); err != nil && strings.Contains(err.Error(), "runs past") {
				code = next
			}
		}
	}
	if complete < 100 {
		t.Errorf("only %d of 400 programs came to an end, expected more to judge", complete)
	}
}
