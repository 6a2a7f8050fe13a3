package form_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/internal/source"
	"github.com/imlc-lang/imlc/parser/make"
	"github.com/imlc-lang/imlc/vm/form"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// definitions compiles parameters as Make writes them.
func definitions(t testing.TB, text string) []plan.Parameter {
	t.Helper()
	p, l := imlc.CompileSource(make.Source("", map[string]*source.File{
		make.Communication: source.NewFile("api.json", `{}`), make.Params: source.NewFile("params.json", text)}, nil), imlc.Options{})
	if p == nil {
		t.Fatal(l.Items)
	}
	return p.Connection.Parameters
}

func object(t testing.TB, text string) *value.Object {
	t.Helper()
	v, err := value.ParseJSON(text, nil)
	if err != nil {
		t.Fatal(err)
	}
	return v.Object()
}

func jsonOf(o *value.Object) string { return string(value.AppendJSON(nil, value.Collection(o))) }

// Every message of spec make.md §17.2, with the path of the field.
func TestMessages(t *testing.T) {
	const pem = `"-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n"`
	for _, c := range []struct{ definition, input, want string }{
		{`{"name":"a","type":"text","required":true}`, `{}`, "a: Field is mandatory."},
		{`{"name":"a","type":"text","required":true}`, `{"a":""}`, "a: Field is mandatory."},
		{`{"name":"a","type":"text","required":true}`, `{"a":null}`, "a: Field is mandatory."},
		{`{"name":"a","type":"text"}`, `{"a":""}`, ""},
		{`{"name":"a","type":"text","required":true,"default":"x"}`, `{}`, ""},
		{`{"name":"a","type":"text","required":true,"default":"x"}`, `{"a":""}`, "a: Field is mandatory."},
		{`{"name":"a","type":"text"}`, `{"a":5}`, "a: Expected type 'string', got type 'number'."},
		{`{"name":"a","type":"number"}`, `{"a":"5"}`, "a: Expected type 'number', got type 'string'."},
		{`{"name":"a","type":"boolean"}`, `{"a":[]}`, "a: Expected type 'boolean', got type 'array'."},
		{`{"name":"a","type":"array"}`, `{"a":{}}`, "a: Expected type 'array', got type 'object'."},
		{`{"name":"a","type":"collection"}`, `{"a":true}`, "a: Expected type 'object', got type 'boolean'."},
		{`{"name":"a","type":"any"}`, `{"a":[1]}`, ""},
		{`{"name":"a","type":"text","validate":{"pattern":"^x+$"}}`, `{"a":"yx"}`, "a: Value doesn't match the pattern: ^x+$"},
		{`{"name":"a","type":"text","validate":{"pattern":"x(?=y)"}}`, `{"a":"zxyz"}`, ""},
		{`{"name":"a","type":"text","validate":{"min":3}}`, `{"a":"ab"}`, "a: Value must be at least 3 characters long."},
		{`{"name":"a","type":"text","validate":{"max":3}}`, `{"a":"abcd"}`, "a: Value exceeded maximum length of 3 characters."},
		{`{"name":"a","type":"text","validate":{"enum":["a","b"]}}`, `{"a":"c"}`, "a: Value must be one of the following: a, b"},
		{`{"name":"a","type":"number","validate":{"min":3}}`, `{"a":2.5}`, "a: Value is too small. Minimum value is 3."},
		{`{"name":"a","type":"number","validate":{"max":3}}`, `{"a":3.5}`, "a: Value is too big. Maximum value is 3."},
		{`{"name":"a","type":"array","validate":{"enum":["x",5]}}`, `{"a":["x",5,"",null]}`, ""},
		{`{"name":"a","type":"array","spec":{"type":"number"},"validate":{"enum":["x",5]}}`, `{"a":[5,6,"x"]}`,
			"a[2]: Value must be one of the following: x, 5; a[3]: Expected type 'number', got type 'string'."},
		{`{"name":"a","type":"array","validate":{"minItems":2}}`, `{"a":[1]}`, "a: Array has less than 2 items."},
		{`{"name":"a","type":"array","validate":{"maxItems":1}}`, `{"a":[1,2]}`, "a: Array has more than 1 items."},
		{`{"name":"a","type":"array","spec":[{"name":"n","type":"number","required":true}]}`, `{"a":[{"n":1},{}]}`, "a[2].n: Field is mandatory."},
		{`{"name":"a","type":"array","spec":{"type":"number","name":"v"}}`, `{"a":[1,"x"]}`, "a[2]: Expected type 'number', got type 'string'."},
		{`{"name":"a","type":"collection","spec":[{"name":"n","type":"url"}]}`, `{"a":{"n":"x"}}`, "a.n: Value is not a valid url."},
		{`{"name":"a","type":"select","options":[{"value":"x","label":"X"},{"value":1,"label":"One"}]}`, `{"a":"z"}`, "a: Value 'z' not found in options."},
		{`{"name":"a","type":"select","options":[{"value":"x","label":"X"}]}`, `{"a":"x"}`, ""},
		{`{"name":"a","type":"select","multiple":true,"options":[{"value":"x","label":"X"}]}`, `{"a":"x"}`, "a: Value is not an array."},
		{`{"name":"a","type":"select","multiple":true,"options":[{"value":"x","label":"X"}]}`, `{"a":["x","y"]}`, "a: Value 'y' not found in options."},
		{`{"name":"a","type":"select","options":[{"value":"x","label":"X","nested":[{"name":"b","type":"text","required":true}]},{"value":"y","label":"Y"}]}`, `{"a":"x"}`, "b: Field is mandatory."},
		{`{"name":"a","type":"select","options":[{"value":"x","label":"X","nested":[{"name":"b","type":"text","required":true}]},{"value":"y","label":"Y"}]}`, `{"a":"y"}`, ""},
		{`{"name":"a","type":"select","grouped":true,"options":[{"label":"g","options":[{"value":"x","label":"X"}]}]}`, `{"a":"x"}`, ""},
		{`{"name":"a","type":"select","grouped":true,"options":[{"label":"g","options":[{"value":"x","label":"X"}]}]}`, `{"a":"g"}`, "a: Value 'g' not found in options."},
		{`{"name":"a","type":"select","options":{"store":[{"id":"x","name":"X"}],"value":"id","label":"name"}}`, `{"a":"x"}`, ""},
		{`{"name":"a","type":"select","options":{"store":[{"id":"x","name":"X"}],"value":"id","label":"name"}}`, `{"a":"X"}`, "a: Value 'X' not found in options."},
		{`{"name":"a","type":"select","options":"rpc://Names"}`, `{"a":"anything"}`, ""},
		{`{"name":"a","type":"select","options":{"store":"rpc://Names","placeholder":{"label":"none","nested":[{"name":"b","type":"text","required":true}]}}}`, `{"a":"anything"}`, ""},
		{`{"name":"a","type":"select","options":{"store":"rpc://Names","placeholder":{"label":"none","nested":[{"name":"b","type":"text","required":true}]}}}`, `{}`, "b: Field is mandatory."},
		{`{"name":"a","type":"select","options":{"store":[{"value":"x"}],"placeholder":{"label":"none","nested":[{"name":"b","type":"text","required":true}]}}}`, `{"a":""}`, "b: Field is mandatory."},
		{`{"name":"a","type":"select","options":{"store":[{"value":"x"}],"placeholder":{"label":"none","nested":[{"name":"b","type":"text","required":true}]}}}`, `{"a":"x"}`, ""},
		{`{"name":"a","type":"boolean","nested":{"store":[{"name":"b","type":"text","required":true}]}}`, `{"a":true}`, "b: Field is mandatory."},
		{`{"name":"a","type":"{{x}}"}`, `{"a":[1]}`, ""},
		{`{"name":"a","type":"udt"}`, `{"a":"x"}`, "a: Expected type 'number', got type 'string'."},
		{`{"name":"a","type":"boolean","nested":[{"name":"b","type":"text","required":true}]}`, `{"a":true}`, "b: Field is mandatory."},
		{`{"name":"a","type":"boolean","nested":[{"name":"b","type":"text","required":true}]}`, `{"a":false}`, ""},
		{`{"name":"a","type":"number","nested":[{"name":"b","type":"text","required":true}]}`, `{"a":0}`, "b: Field is mandatory."},
		{`{"name":"a","type":"select","multiple":true,"validate":{"minItems":2},"options":[{"value":"x","label":"X"},{"value":"y","label":"Y"}]}`, `{"a":["x"]}`, "a: Selected less than 2 items."},
		{`{"name":"a","type":"select","multiple":true,"validate":{"maxItems":1},"options":[{"value":"x","label":"X"},{"value":"y","label":"Y"}]}`, `{"a":["x","y"]}`, "a: Selected more than 1 items."},
		{`{"name":"a","type":"select","multiple":true,"validate":{"minItems":2},"options":[{"value":"x","label":"X"},{"value":"y","label":"Y"}]}`, `{"a":["y","x"]}`, ""},
		{`{"name":"a","type":"integer"}`, `{"a":1.5}`, "a: Value is not a valid integer."},
		{`{"name":"a","type":"uinteger"}`, `{"a":-1}`, "a: Value is not a valid uinteger."},
		{`{"name":"a","type":"port"}`, `{"a":65536}`, "a: Value is not a valid port."},
		{`{"name":"a","type":"port"}`, `{"a":65535}`, ""},
		{`{"name":"a","type":"email"}`, `{"a":"Someone <a@b.test>"}`, "a: Value is not a valid email."},
		{`{"name":"a","type":"email"}`, `{"a":"a@b.test"}`, ""},
		{`{"name":"a","type":"url"}`, `{"a":"ftp://a.test"}`, "a: Value is not a valid url."},
		{`{"name":"a","type":"url"}`, `{"a":"HTTPS://a.test/x"}`, ""},
		{`{"name":"a","type":"uuid"}`, `{"a":"123"}`, "a: Value is not a valid uuid."},
		{`{"name":"a","type":"uuid"}`, `{"a":"123E4567-e89b-12d3-a456-426614174000"}`, ""},
		{`{"name":"a","type":"cert"}`, `{"a":"x"}`, "a: Value is not a valid cert."},
		{`{"name":"a","type":"cert"}`, `{"a":` + pem + `}`, ""},
		{`{"name":"a","type":"pkey"}`, `{"a":` + pem + `}`, "a: Value is not a valid pkey."},
		{`{"name":"a","type":"banner","required":true}`, `{}`, ""},
		{`{"name":"a","type":"text","required":true},{"name":"b","type":"number"}`, `{"b":"x"}`, "a: Field is mandatory.; b: Expected type 'number', got type 'string'."},
	} {
		_, err := form.Validate(nil, definitions(t, "["+c.definition+"]"), object(t, c.input))
		got := ""
		var e *form.Error
		if errors.As(err, &e) {
			for i, f := range e.Fields {
				if i > 0 {
					got += "; "
				}
				got += f.Path + ": " + f.Message
			}
		} else if err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%s with %s: %q, want %q", c.definition, c.input, got, c.want)
		}
	}
}

// Defaults apply where the key is absent; what has no definition is kept as given; null stays null. What was given is
// not changed, at any depth.
func TestDefaults(t *testing.T) {
	defs := definitions(t, `[{"name":"a","type":"text","default":"x"},{"name":"b","type":"text","default":"y"},{"name":"c","type":"number"},
		{"name":"o","type":"collection","spec":[{"name":"p","type":"text","default":"z"}]},
		{"name":"l","type":"array","spec":[{"name":"q","type":"number","default":1}]}]`)
	const given = `{"b":null,"c":9007199254740993,"extra":{"k":[1]},"o":{},"l":[{},{"q":2}]}`
	in := object(t, given)
	out, err := form.Validate(nil, defs, in)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"b":null,"c":9007199254740993,"extra":{"k":[1]},"o":{"p":"z"},"l":[{"q":1},{"q":2}],"a":"x"}`
	if diff := cmp.Diff(want, jsonOf(out)); diff != "" {
		t.Error(diff)
	}
	if jsonOf(in) != given {
		t.Errorf("the input became %s", jsonOf(in))
	}
	if out, err = form.Validate(nil, defs[:1], nil); err != nil || jsonOf(out) != `{"a":"x"}` {
		t.Errorf("of nothing: %s, %v", jsonOf(out), err)
	}
}

// Secret values are marked and told wherever their definitions lie, chosen or not.
func TestSecrets(t *testing.T) {
	defs := definitions(t, `[{"name":"user","type":"text"},{"name":"pin","type":"password"},
		{"name":"box","type":"boolean","nested":[{"name":"hidden","type":"password"}]},
		{"name":"kind","type":"select","options":[{"label":"X","value":"x","nested":[{"name":"key","type":"pkey"}]}]},
		{"name":"list","type":"array","spec":{"name":"item","type":"password"}},
		{"name":"more","type":"array","spec":[{"name":"token","type":"password"},{"name":"name","type":"text"}]}]`)
	if !form.HasSecrets(defs) || form.HasSecrets(defs[:1]) {
		t.Error("HasSecrets")
	}
	for i := 1; i < len(defs); i++ {
		if !form.HasSecrets(defs[i : i+1]) {
			t.Errorf("%s has a secret", defs[i].Name)
		}
	}
	in := object(t, `{"user":"u","pin":"1","box":false,"hidden":"2","kind":"none","key":"3","list":["4","5"],"more":[{"token":"6","name":"n"}]}`)
	var told []string
	out := form.Secrets(defs, in, func(text string) { told = append(told, text) })
	if diff := cmp.Diff([]string{"1", "2", "3", "4", "5", "6"}, slices.Sorted(slices.Values(told))); diff != "" {
		t.Error(diff)
	}
	for i := range out.Len() {
		name, v := out.At(i)
		if want := slices.Contains([]string{"pin", "hidden", "key"}, name); v.IsSecret() != want {
			t.Errorf("%s is marked: %v", name, v.IsSecret())
		}
		if in.Value(name).IsSecret() {
			t.Errorf("%s of the input is marked", name)
		}
	}
}

// Every message has a code, so that a host can say it in its own words.
func TestCodes(t *testing.T) {
	for _, c := range []struct{ definition, input, want string }{
		{`"type":"text","required":true`, `null`, form.CodeRequired},
		{`"type":"text"`, `5`, form.CodeType},
		{`"type":"text","validate":{"pattern":"^x$"}`, `"y"`, form.CodePattern},
		{`"type":"text","validate":{"min":3}`, `"y"`, form.CodeTooShort},
		{`"type":"text","validate":{"max":3}`, `"long"`, form.CodeTooLong},
		{`"type":"text","validate":{"enum":["a"]}`, `"b"`, form.CodeOption},
		{`"type":"number","validate":{"min":3}`, `1`, form.CodeTooSmall},
		{`"type":"number","validate":{"max":3}`, `5`, form.CodeTooBig},
		{`"type":"array","validate":{"minItems":2}`, `[1]`, form.CodeTooFew},
		{`"type":"array","validate":{"maxItems":1}`, `[1,2]`, form.CodeTooMany},
		{`"type":"select","options":[{"value":"x","label":"X"}]`, `"y"`, form.CodeOption},
		{`"type":"select","multiple":true,"options":[{"value":"x","label":"X"}]`, `"x"`, form.CodeType},
		{`"type":"uuid"`, `"x"`, form.CodeFormat},
	} {
		_, err := form.Validate(nil, definitions(t, `[{"name":"a",`+c.definition+`}]`), object(t, `{"a":`+c.input+`}`))
		var e *form.Error
		if !errors.As(err, &e) || len(e.Fields) != 1 || e.Fields[0].Code != c.want {
			t.Errorf("%s of %s: %v, expected %s", c.definition, c.input, err, c.want)
		}
	}
}

func ExampleError() {
	defs := []plan.Parameter{{Name: "key", Kind: plan.ParameterText, Required: true}, {Name: "sandbox", Kind: plan.ParameterBoolean}}
	in := value.NewObject(1)
	in.Set("sandbox", value.Text("yes"))
	_, err := form.Validate(nil, defs, in)
	fmt.Println(err)
	// Output: parameters are not valid: key: Field is mandatory.; sandbox: Expected type 'boolean', got type 'string'.
}
