package broker

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"math"
	"math/big"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/imlc-lang/imlc/vm/form"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// assume makes up what a form wants and nobody gave, and returns the names of that: for parameters that are required, and
// for those that look like credentials, which specs need whether they say so or not. What the form does not take, such as
// a value for a pattern that nobody can guess, is left to it to tell.
func assume(defs []plan.Parameter, given *value.Object) (*value.Object, []string) {
	out := given.Clone()
	all := everyParameter(defs, nil)
	tried := map[string]int{}
	next := func(d plan.Parameter) {
		if v, ok := given.Get(d.Name); ok && !value.IsEmpty(v) {
			return
		}
		if candidates := candidates(d); tried[d.Name] < len(candidates) {
			out.Set(d.Name, candidates[tried[d.Name]])
			tried[d.Name]++
		}
	}
	for _, d := range defs {
		if !d.Visual && !d.HasDefault && (d.Secret || credential(d.Name)) {
			next(d)
		}
	}
	for range 40 { // more than any parameter has candidates
		var wrong *form.Error
		if _, err := form.Validate(nil, defs, out); !errors.As(err, &wrong) {
			break
		}
		for _, f := range wrong.Fields {
			name, _, _ := strings.Cut(f.Path, ".")
			name, _, _ = strings.Cut(name, "[")
			if i := slices.IndexFunc(all, func(d plan.Parameter) bool { return d.Name == name }); i >= 0 {
				next(all[i])
			}
		}
	}
	var assumed []string
	for _, d := range all {
		if tried[d.Name] > 0 && !slices.Contains(assumed, d.Name) {
			assumed = append(assumed, d.Name)
		}
	}
	return out, assumed
}

// assumeRead makes up common data that a spec reads and nothing describes, and returns the names of it.
func assumeRead(names []string, common *value.Object) []string {
	var assumed []string
	for _, name := range names {
		steps := strings.Split(name, ".")
		if strings.ContainsAny(name, "[]") || !common.Value(steps[0]).IsUndefined() && len(steps) == 1 {
			continue
		}
		at := common
		for _, step := range steps[:len(steps)-1] {
			if at.Value(step).Object() == nil {
				at.Set(step, value.Collection(value.NewObject(1)))
			}
			at = at.Value(step).Object()
		}
		if last := steps[len(steps)-1]; at.Value(last).IsUndefined() {
			at.Set(last, candidates(plan.Parameter{Name: last, Kind: plan.ParameterText, Validate: unbounded})[0])
			assumed = append(assumed, name)
		}
	}
	return assumed
}

// unbounded bounds nothing.
var unbounded = plan.Validate{MinLength: math.NaN(), MaxLength: math.NaN(), Min: math.NaN(), Max: math.NaN(), MinItems: math.NaN(), MaxItems: math.NaN()}

// everyParameter lists parameters with those that belong to options of others.
func everyParameter(defs, out []plan.Parameter) []plan.Parameter {
	for _, d := range defs {
		out = append(out, d)
		for _, o := range d.Options {
			out = everyParameter(o.Nested, out)
		}
		out = everyParameter(d.Nested, out)
	}
	return out
}

// credential reports whether a parameter is called like a credential.
func credential(name string) bool {
	name = strings.ToLower(name)
	return slices.ContainsFunc([]string{"consumer", "secret", "token", "key", "client"}, func(word string) bool { return strings.Contains(name, word) })
}

// candidates are values that a parameter may take, the likeliest first.
func candidates(d plan.Parameter) []value.Value {
	if len(d.Options) > 0 {
		var out []value.Value
		for _, o := range d.Options {
			v := o.Value
			if d.Multiple {
				v = value.Array([]value.Value{v})
			}
			out = append(out, v)
		}
		return out
	}
	switch d.Kind {
	case plan.ParameterBoolean:
		return []value.Value{value.Bool(true), value.Bool(false)}
	case plan.ParameterNumber:
		return numbers(d.Validate)
	case plan.ParameterList:
		item := plan.Parameter{Name: d.Name, Kind: plan.ParameterText, Validate: unbounded}
		if d.SpecIsItem && len(d.Spec) == 1 {
			item = d.Spec[0]
		} else if len(d.Spec) > 0 {
			return []value.Value{value.Array([]value.Value{value.Collection(filledIn(d.Spec))})}
		}
		var out []value.Value
		for _, v := range candidates(item) {
			out = append(out, value.Array([]value.Value{v}))
		}
		return out
	case plan.ParameterObject:
		return []value.Value{value.Collection(filledIn(d.Spec))}
	}
	return sampleTexts(d)
}

func filledIn(defs []plan.Parameter) *value.Object {
	out, _ := assume(defs, value.NewObject(0))
	return out
}

func numbers(v plan.Validate) []value.Value {
	out := []value.Value{value.Int(1)}
	for _, n := range []float64{v.Min, v.Max} {
		if !math.IsNaN(n) {
			out = append(out, value.Number(n))
		}
	}
	return append(out, value.Int(0), value.Int(443))
}

// sampleTexts are the texts that a parameter may take.
func sampleTexts(d plan.Parameter) []value.Value {
	name := strings.ToLower(d.Name)
	var out []string
	out = append(out, d.Validate.Enum...)
	switch d.Format {
	case plan.FormatInteger, plan.FormatUnsigned:
		out = append(out, "1")
	case plan.FormatPort:
		out = append(out, "443")
	case plan.FormatEmail:
		out = append(out, "ada@example.test")
	case plan.FormatURL:
		out = append(out, "https://service.example")
	case plan.FormatUUID:
		out = append(out, "00000000-0000-4000-8000-000000000000")
	case plan.FormatPrivateKey:
		out = append(out, samplePair().key)
	case plan.FormatCertificate:
		out = append(out, samplePair().certificate)
	default:
		if strings.Contains(name, "private") || strings.Contains(name, "pem") || d.Secret && d.Multiline {
			out = append(out, samplePair().key)
		}
		switch {
		case strings.HasSuffix(name, "url"), strings.HasSuffix(name, "uri"):
			out = append(out, "https://service.example")
		case strings.HasSuffix(name, "host"), name == "domain":
			out = append(out, "service.example")
		}
	}
	sample := "sample-" + d.Name
	for _, text := range []string{sample, "sample", "service.example", "1234567", "12345678901234567890123456789012", "0123456789abcdef0123456789abcdef", "https://service.example",
		"ada@example.test", "AB12", "en", "2026-01-01", "a", "1", "00000000-0000-4000-8000-000000000000"} {
		if least := d.Validate.MinLength; !math.IsNaN(least) && len(text) < int(least) && least <= 4096 {
			text += strings.Repeat("x", int(least)-len(text))
		}
		if most := d.Validate.MaxLength; !math.IsNaN(most) && most > 0 && len(text) > int(most) {
			text = text[:int(most)]
		}
		out = append(out, text)
	}
	values := make([]value.Value, len(out))
	for i, text := range out {
		values[i] = value.Text(text)
	}
	return values
}

// pair is an RSA key and a certificate of it, in PEM.
type pair struct{ key, certificate string }

// samplePair is made when a spec wants one first. It protects nothing.
var samplePair = sync.OnceValue(func() pair {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return pair{}
	}
	text := func(kind string, der []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Unix(0, 0), NotAfter: time.Unix(1<<32, 0), DNSNames: []string{"service.example"}}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return pair{}
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return pair{}
	}
	return pair{text("PRIVATE KEY", der), text("CERTIFICATE", certificate)}
})
