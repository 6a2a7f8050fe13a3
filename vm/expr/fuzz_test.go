package expr

import (
	"errors"
	"testing"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// fuzzTemplates are the plans that FuzzVerifyRun mutates: together they have every operation.
var fuzzTemplates = []string{
	`"{{if(a.b > 3 && c; upper(trim(a.c)); ifempty(d || 1; -a.b))}}"`,
	`{"k":"{{a.b * 2 - 1 % 3 / 4}}","l":["{{a}}","x{{formatDate(d;\"YYYY\")}}y{{a.c}}",{"m":"{{!c}}"}],"n":"{{a.b <= 1}}{{c != d}}"}`,
	`{"{{...}}":"{{a}}","x":"{{switch(a.b; 1; \"one\"; 2; a[a.b]; \"other\")}}","y":"{{map(e; \"k\"; \"f\")}}"}`,
	`["{{e[1].k}}","{{e[-1]}}","{{now}}","{{timestamp}}","{{add(e; 1; a)}}","{{toCollection(e; \"k\"; \"f\")}}","{{get(a; \"b.c\")}}"]`,
}

// fuzzDocument is what they see.
const fuzzDocument = `{"a":{"b":2,"c":" x ","d":[1]},"c":true,"d":"2024-01-01T00:00:00Z","e":[{"k":"v","f":true},{"k":null}]}`

// mutate changes the plan as the bytes say: three for each change, the place, the part and the new content.
func mutate(p *plan.Plan, changes []byte) {
	code := p.Functions[0].Code
	for ; len(changes) >= 3; changes = changes[3:] {
		at, what, b := int(changes[0])%len(code), changes[1]%8, changes[2]
		switch what {
		case 0:
			code[at].Op = plan.Op(b)
		case 1:
			code[at].A = int32(int8(b))
		case 2:
			other := int(b) % len(code)
			code[at], code[other] = code[other], code[at]
		case 3:
			code[at] = code[int(b)%len(code)]
		case 4:
			p.Functions[0].Mode = plan.Mode(b % 3)
		case 5:
			p.Functions[0].MaxStack = int32(b % 32)
		case 6:
			if len(p.Calls) > 0 {
				c := &p.Calls[at%len(p.Calls)]
				c.Args, c.Given = int32(b%6), uint64(b)
			}
		case 7:
			if len(p.Paths) > 0 {
				steps := p.Paths[at%len(p.Paths)].Steps
				if len(steps) > 0 {
					steps[int(b)%len(steps)] = plan.PathStep{Name: -1, Item: int32(int8(b))}
				}
			}
		}
	}
}

// FuzzVerifyRun mutates sound plans. What the verifier lets pass must run to a result, an evaluation error or a limit,
// in both forms alike, and must not panic.
func FuzzVerifyRun(f *testing.F) {
	for i := range fuzzTemplates {
		f.Add(byte(i), true, []byte{})
		f.Add(byte(i), false, []byte{3, 0, byte(plan.OpPath), 1, 1, 0})
		f.Add(byte(i), true, []byte{2, 2, 5, 7, 3, 1, 0, 6, 2})
		f.Add(byte(i), false, []byte{1, 7, 3, 2, 5, 9, 4, 0, byte(plan.OpNot)})
	}
	f.Fuzz(func(t *testing.T, which byte, emit bool, changes []byte) {
		template, err := value.ParseJSON(fuzzTemplates[int(which)%len(fuzzTemplates)], nil)
		if err != nil {
			t.Fatal(err)
		}
		p := compileSample(template, imlc.TemplateOptions{Emit: emit})
		if p == nil {
			t.Fatal("the template does not compile")
		}
		mutate(p, changes)
		depth, err := plan.StackDepth(p, &p.Functions[0])
		if err == nil && p.Functions[0].MaxStack < depth && len(changes)%2 == 0 {
			p.Functions[0].MaxStack = depth // so that more of the mutants are sound
		}
		if plan.Verify(p) != nil {
			return
		}
		compareForms(t, "mutant", p, fuzzDocument, "", tightLimits()...)
		program, err := NewProgram(p)
		if err != nil {
			var missing *UnsupportedError
			if !errors.As(err, &missing) {
				t.Fatal(err)
			}
			return
		}
		context, err := value.ParseJSON(fuzzDocument, nil)
		if err != nil {
			t.Fatal(err)
		}
		_, err = program.AppendJSON(nil, &Env{Context: context.Object()})
		var eval *EvalError
		var limit *builtin.LimitError
		if err != nil && !errors.As(err, &eval) && !errors.As(err, &limit) && !errors.Is(err, errNoEntropy) {
			t.Errorf("%v is neither an evaluation error nor a limit", err)
		}
	})
}

// errNoEntropy stands for the failure of functions that need entropy where there is none; it is an evaluation error.
var errNoEntropy = errors.New("no entropy")
