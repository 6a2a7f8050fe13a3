package plan

import (
	"bytes"
	"errors"
	"math"
	"math/big"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/imlc-lang/imlc/vm/value"
)

// equalPlans compares plans as the format does: lists without items are the same whether nil or not, numbers are the
// same bit by bit, and the kinds of constants count.
var equalPlans = cmp.Options{
	cmpopts.EquateEmpty(),
	cmpopts.EquateNaNs(),
	cmp.Comparer(sameValue),
}

func sameValue(a, b value.Value) bool {
	if a.Kind() != b.Kind() {
		return false
	}
	switch a.Kind() {
	case value.KindNumber:
		return math.Float64bits(a.Float()) == math.Float64bits(b.Float())
	case value.KindArray:
		return cmp.Equal(a.Items(), b.Items(), cmpopts.EquateEmpty(), cmp.Comparer(sameValue))
	case value.KindCollection:
		if !cmp.Equal(a.Object().Keys(), b.Object().Keys(), cmpopts.EquateEmpty()) {
			return false
		}
		for i := range a.Object().Len() {
			_, x := a.Object().At(i)
			if _, y := b.Object().At(i); !sameValue(x, y) {
				return false
			}
		}
		return true
	}
	return value.StrictEqual(a, b)
}

// stack fills in MaxStack, as a compiler does.
func stack(tb testing.TB, p *Plan) *Plan {
	tb.Helper()
	for i := range p.Functions {
		depth, err := StackDepth(p, &p.Functions[i])
		if err != nil {
			tb.Fatalf("StackDepth(%d): %v", i, err)
		}
		p.Functions[i].MaxStack = depth
	}
	return p
}

// templatePlan is the plan of {{if(parameters.a[2]; upper(data.name); "x")}}.
func templatePlan(tb testing.TB) *Plan {
	return stack(tb, &Plan{
		Meta:      Meta{Compiler: "imlc 0.1", Dialect: "make", Name: "template", Capabilities: []string{"dialect/make@1", "iml/upper@1"}},
		Strings:   []string{"a", "name", "upper"},
		Constants: []value.Value{value.Text("x")},
		Roots:     []string{"parameters", "data"},
		Paths:     []Path{{Root: 0, Steps: []PathStep{{Name: 0}, {Name: -1, Item: 2}}}, {Root: 1, Steps: []PathStep{{Name: 1}}}},
		Calls: []CallSite{{Function: 2, Version: 1, Args: 1, Given: 1,
			Positions: []Position{{Line: 1, Column: 23}, {Line: 1, Column: 29}}}},
		Functions: []Function{{
			Code: []Instr{{OpPath, 0}, {OpJumpFalse, 5}, {OpPath, 1}, {OpCall, 0}, {OpJump, 6}, {OpConst, 0}, {OpReturn, 0}},
			File: 0, Line: 1, Column: 1,
			Positions: []PCPosition{{0, Position{1, 6}}, {2, Position{1, 29}}, {5, Position{1, 41}}},
		}},
		Files: []File{{Name: "template", Text: `{{if(parameters.a[2]; upper(data.name); "x")}}`}},
	})
}

func everyConstant() []value.Value {
	o := value.NewObject(2)
	o.Set("b", value.Null())
	o.Set("a", value.Array([]value.Value{value.Number(1), value.Text("é")}))
	huge := new(big.Int).Lsh(big.NewInt(-1), 3000)
	return []value.Value{
		value.Undefined, value.Null(), value.Bool(false), value.Bool(true), value.Number(0), value.Number(math.Copysign(0, -1)),
		value.Number(math.NaN()), value.Number(math.Inf(-1)), value.Number(0.1), value.Int(1 << 60), value.Integer(huge),
		value.Text(""), value.Text("text"), value.Date(-1), value.Date(math.MaxInt64), value.Buffer(nil), value.Buffer([]byte{0, 255}),
		value.Array(nil), value.Array([]value.Value{value.Array(nil)}), value.Collection(nil), value.Collection(o),
	}
}

// connectionPlan uses every part of the format.
func connectionPlan(tb testing.TB) *Plan {
	nan := math.NaN()
	unbounded := Validate{MinLength: nan, MaxLength: nan, Min: nan, Max: nan, MinItems: nan, MaxItems: nan}
	item := Parameter{Name: "item", Type: "text", Validate: unbounded, Static: true}
	bounded := Validate{Pattern: "^a", MinLength: 1, MaxLength: 9, Min: math.Inf(-1), Max: 0.5, MinItems: nan, MaxItems: 3, Enum: []string{"a", "b"}}
	request := Request{
		Pointer: "/requestToken/0", Temp: []Ref{5, 5}, Condition: 1, BaseURL: 1, Join: JoinRelative, URL: 1, RawURL: true, Method: []Ref{1, 2},
		Headers: []Layer{{Value: 5}, {Value: 5, Mode: LayerReplaces}}, Query: []Layer{{Value: 5, Mode: LayerFills}}, QueryMode: QueryOverride,
		Body: []Layer{{5, LayerMerge, []string{"POST", "PUT"}}}, BodyJSON: 6, BodyType: []Ref{1}, ByValue: true, JSONType: "application/json; charset=utf-8", TextType: "text/plain",
		OAuth: []OAuth{{Whole: 5, WithoutFlow: true}, {ConsumerKey: 1, ConsumerSecret: 1, PrivateKey: 1, Token: 1, TokenSecret: 1, Verifier: 1,
			SignatureMethod: 1, Transport: 1, BodyHash: 1, Callback: 1, Realm: 1, NeedsKey: true, Version: 1, Extra: 5}, {Off: true}},
		Callback: CallbackInjectUnlessCarried, CA: []Ref{1}, Gzip: true, ShareCookies: true, InsecureTLS: true, KeepRedirects: true,
		KeepOtherRedirects: true, TimeoutMilliseconds: 30000, Repeat: &Repeat{Condition: 3, DelayMilliseconds: 50, Limit: 3}, Log: true,
		Sanitize: []SanitizePath{{Steps: []string{"headers", "authorization"}}, {Answer: true, Steps: []string{"body"}, Text: 1}}, Verdict: 1,
		Response: &Response{
			Parser: Parser{Value: 1}, Ranges: []StatusParser{{1, 999, Parser{Value: 1}}, {200, 200, Parser{Kind: ParseToken}}}, Temp: []Ref{5},
			Valid: &Valid{3, 1, 1, "oauth1/test-failed"},
			Error: &Error{Message: 1, Type: 1, Status: []StatusError{{404, 1, 2}}}, Data: 5, DataFields: []string{"*"}, UID: 4,
			Metadata: &Metadata{1, 4}, Expires: 4, Output: 5, Iterate: &Iterate{4, 3}, Limit: 4, Rows: 4,
		},
	}
	redirect := Redirect{
		Pointer: "/authorize", Temp: 5, Condition: 3, URL: 1, RawURL: true, Query: 5, QueryMode: QueryAppend, OAuth: []OAuth{{Token: 1}},
		TokenFirst: true, CallbackOptional: true, Verdict: 1, Response: &Response{},
	}
	p := templatePlan(tb)
	p.Meta.SourceHash = [32]byte{1, 2, 3}
	p.Meta.StrictEquality = true
	p.Strings = append(p.Strings, `"id":`, `"list":`, `1,{"x":[]}`, `"raw":null`, `a\n`, "key")
	p.Constants = append(p.Constants, everyConstant()...)
	p.KeySets = [][]int32{{0, 1}, {}}
	p.Functions = append(p.Functions,
		Function{Pointer: "/const", Code: []Instr{{OpConst, 1}, {OpReturn, 0}}, File: -1},
		Function{Pointer: "/logic", File: 0, Line: 3, Column: 9, Code: []Instr{
			{OpVar, VarNow}, {OpAnd, 5}, {OpRoot, 1}, {OpNot, 0}, {OpNegate, 0}, {OpOr, 8}, {OpConst, 4}, {OpItem, -3}, {OpIfEmpty, 12},
			{OpConst, 2}, {OpConst, 3}, {OpPop, 0}, {OpReturn, 0}}},
		Function{Pointer: "/operators", File: 0, Code: []Instr{
			{OpRoot, 0}, {OpName, 1}, {OpConst, 1}, {OpCase, 7}, {OpConst, 2}, {OpConst, 3}, {OpAdd, 0}, {OpConst, 3}, {OpEqual, 0},
			{OpConst, 3}, {OpIndex, 0}, {OpConst, 3}, {OpJoin, 2}, {OpReturn, 0}}},
		Function{Pointer: "/objects", File: 0, Code: []Instr{
			{OpObject, 0}, {OpConst, 3}, {OpSet, 8}, {OpRoot, 0}, {OpSpread, 0}, {OpObject, 0}, {OpRecord, 1}, {OpSet, 1},
			{OpConst, 1}, {OpArray, 1}, {OpConst, 2}, {OpRecord, 0},
			{OpSet, 2}, {OpSet, 0}, {OpReturn, 0}}},
		Function{Pointer: "/body", Mode: ModeEmit, File: 0, Code: emitCode()},
	)
	p.Connection = &Connection{
		Common: 5, DefaultScope: []string{"read"}, ScopeList: []ScopeEntry{{"read", "Read all"}}, Redirects: []string{"local"},
		Parameters: []Parameter{{
			Name: "a", Type: "select", Label: "A", Help: "h", Kind: ParameterText, Format: FormatUUID, Secret: true, Visual: true,
			Required: true, Advanced: true, Editable: true, Multiline: true, Multiple: true, Choice: true,
			HasDefault: true, Default: value.Text("d"), Nested: []Parameter{item}, Spec: []Parameter{item}, SpecIsItem: true,
			Options: []ParameterOption{{Label: "o", Value: value.Number(1), Nested: []Parameter{item}}}, Validate: bounded,
		}},
		Verdicts: []Verdict{{Accept: []StatusRange{{200, 299}}, OnStatus: []StatusFailure{{500, 599, Failure{"ConnectionError", "c", "m"}}},
			OnInvalid: Failure{Type: "RuntimeError"}, Types: []string{"RuntimeError"}}},
		Words: []Word{{"body-became-text", "MAKE504"}},
		Stages: []Stage{
			{Name: "requestToken", Requests: []Request{request, {Pointer: "/requestToken/1"}}}, {Name: "authorize", Redirect: &redirect},
			{Name: "info", Proof: true, Requests: []Request{request}},
		},
		Calls: []Call{{Name: "list", Requests: []Request{request}}}, Free: &Request{Pointer: "/base", BaseURL: 1, Response: &Response{}},
	}
	return stack(tb, p)
}

// variantsPlan is a connection to choose from two.
func variantsPlan(tb testing.TB) *Plan {
	p := connectionPlan(tb)
	conn := *p.Connection
	p.Connection = &Connection{Common: 5, Variants: []Variant{{Name: "a", Enabled: 3, Connection: conn}, {Name: "b"}}}
	return p
}

// emitCode emits {"id":…,"raw":null,"list":[1,{"x":[]},…,"a\n…",upper()]} and keeps one member out when data is falsy.
func emitCode() []Instr {
	return []Instr{
		{OpEmitOpen, '{'}, {OpRoot, 0}, {OpEmitMember, 3}, {OpEmitSep, 0}, {OpEmitRaw, 6},
		{OpRoot, 1}, {OpJumpFalse, 21},
		{OpEmitKey, 4}, {OpEmitOpen, '['}, {OpEmitRaw, 5}, {OpRoot, 0}, {OpEmitItem, 0},
		{OpEmitSep, 0}, {OpEmitQuote, 0}, {OpEmitRaw, 7}, {OpRoot, 1}, {OpEmitPart, 0}, {OpRoot, 1}, {OpEmitCall, 0}, {OpEmitQuote, 0},
		{OpEmitClose, ']'},
		{OpEmitClose, '}'}, {OpReturn, 0},
	}
}

func encode(tb testing.TB, p *Plan, opts EncodeOptions) []byte {
	tb.Helper()
	data, err := Encode(p, opts)
	if err != nil {
		tb.Fatalf("Encode: %v", err)
	}
	return data
}

func decode(tb testing.TB, data []byte, opts DecodeOptions) *Plan {
	tb.Helper()
	p, err := Decode(data, opts)
	if err != nil {
		tb.Fatalf("Decode: %v", err)
	}
	return p
}

// samplePlans are the plans that many tests run over.
func samplePlans(tb testing.TB) map[string]*Plan {
	return map[string]*Plan{
		"template":   templatePlan(tb),
		"connection": connectionPlan(tb),
		"empty":      {Connection: &Connection{}},
		"variants":   variantsPlan(tb),
	}
}

func TestRoundTrip(t *testing.T) {
	for name, p := range samplePlans(t) {
		t.Run(name, func(t *testing.T) {
			data := encode(t, p, EncodeOptions{})
			got := decode(t, data, DecodeOptions{})
			if diff := cmp.Diff(p, got, equalPlans); diff != "" {
				t.Errorf("decoded plan differs (-want +got):\n%s", diff)
			}
			if again := encode(t, got, EncodeOptions{}); !bytes.Equal(data, again) {
				t.Error("encoding what was decoded yields other bytes")
			}
			if again := encode(t, p, EncodeOptions{}); !bytes.Equal(data, again) {
				t.Error("encoding twice yields other bytes")
			}
		})
	}
}

func TestStripping(t *testing.T) {
	p := connectionPlan(t)
	data := encode(t, p, EncodeOptions{StripLines: true, StripSource: true})
	got := decode(t, data, DecodeOptions{})
	if !got.Stripped || got.Files != nil || got.Calls[0].Positions != nil || got.Functions[0].Positions != nil {
		t.Error("positions or sources are still there")
	}
	if f := got.Functions[0]; f.File != -1 || f.Line != 0 || f.Column != 0 {
		t.Errorf("function 0 lies in file %d at %d:%d, want -1 at 0:0", f.File, f.Line, f.Column)
	}
	if !bytes.Equal(data, encode(t, got, EncodeOptions{})) {
		t.Error("encoding a stripped plan yields other bytes")
	}
	lines := decode(t, encode(t, p, EncodeOptions{StripSource: true}), DecodeOptions{})
	if lines.Stripped || lines.Functions[0].File != 0 || lines.Files != nil {
		t.Error("stripping the source alone loses positions")
	}
	whole, err := Hash(p)
	if err != nil {
		t.Fatal(err)
	}
	if stripped, err := Hash(got); err != nil || stripped != whole {
		t.Errorf("Hash of the stripped plan = %x, %v, want %x", stripped, err, whole)
	}
}

func TestSecretsAreRefused(t *testing.T) {
	inConstants := templatePlan(t)
	inConstants.Constants[0] = value.Array([]value.Value{value.Text("hunter2").AsSecret()})
	inDefault := connectionPlan(t)
	inDefault.Connection.Parameters[0].Default = value.Text("hunter2").AsSecret()
	for name, p := range map[string]*Plan{"constant": inConstants, "default": inDefault} {
		_, err := Encode(p, EncodeOptions{})
		if !errors.Is(err, ErrCorrupt) {
			t.Errorf("%s: Encode = %v, want ErrCorrupt", name, err)
		} else if bytes.Contains([]byte(err.Error()), []byte("hunter2")) {
			t.Errorf("%s: the error shows the secret", name)
		}
	}
}

func TestPositions(t *testing.T) {
	p := connectionPlan(t)
	f := &p.Functions[0]
	for pc, want := range map[int]Position{0: {1, 6}, 1: {1, 6}, 2: {1, 29}, 4: {1, 29}, 6: {1, 41}} {
		if got, ok := f.PositionOf(pc); !ok || got != want {
			t.Errorf("PositionOf(%d) = %v, %v, want %v", pc, got, ok, want)
		}
	}
	if _, ok := p.Functions[1].PositionOf(0); ok {
		t.Error("a position where there is none")
	}
	if file, ok := p.SourceFile(f); !ok || file.Name != "template" {
		t.Errorf("SourceFile = %q, %v, want the template", file.Name, ok)
	}
	if _, ok := p.SourceFile(&p.Functions[1]); ok {
		t.Error("a source file where there is none")
	}
}

func TestRefs(t *testing.T) {
	p := connectionPlan(t)
	if p.Function(0) != nil || p.Function(99) != nil || p.Function(1<<32-1) != nil || p.Function(2) != &p.Functions[1] {
		t.Error("Function does not find what a Ref names, or finds what is not there")
	}
	if v, ok := p.Constant(2); !ok || !v.IsUndefined() {
		t.Errorf("Constant(2) = %v, %v, want undefined", v, ok)
	}
	if _, ok := p.Constant(1); ok {
		t.Error("Constant finds a constant in code that computes")
	}
}
