package form_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/parser/make"
	"github.com/imlc-lang/imlc/vm"
)

// Every message of spec make.md §17.2, with the path of the field.
func TestParameterMessages(t *testing.T) {
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
		{`{"name":"a","type":"boolean","nested":[{"name":"b","type":"text","required":true}]}`, `{"a":true}`, "b: Field is mandatory."},
		{`{"name":"a","type":"boolean","nested":[{"name":"b","type":"text","required":true}]}`, `{"a":false}`, ""},
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
		p := mustCompileParts(t, map[string]string{make.Communication: `{}`, make.Params: "[" + c.definition + "]"}, nil, imlc.Options{})
		w := newWorld()
		_, err := mustEngine(t, p, w.host()).Authorize(context.Background(), vm.Grant{Parameters: object(t, c.input)})
		got := ""
		var e *vm.ParameterError
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
		if got != c.want || len(w.sent) > 0 {
			t.Errorf("%s with %s: %q, want %q", c.definition, c.input, got, c.want)
		}
	}
}

// Defaults apply where the key is absent; what has no definition is stored as given; null stays null (spec make.md §17,
// §26.12).
func TestParametersAreStored(t *testing.T) {
	p := mustCompileParts(t, map[string]string{make.Communication: `{}`,
		make.Params: `[{"name":"a","type":"text","default":"x"},{"name":"b","type":"text","default":"y"},{"name":"c","type":"number"}]`}, nil, imlc.Options{})
	in := object(t, `{"b":null,"c":9007199254740993,"extra":{"k":[1]}}`)
	step, err := mustEngine(t, p, newWorld().host()).Authorize(context.Background(), vm.Grant{Parameters: in})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(`{"b":null,"c":9007199254740993,"extra":{"k":[1]},"a":"x"}`, jsonOf(step.Connection.Data)); diff != "" {
		t.Error(diff)
	}
	if jsonOf(in) != `{"b":null,"c":9007199254740993,"extra":{"k":[1]}}` {
		t.Errorf("the input became %s", jsonOf(in))
	}
}
