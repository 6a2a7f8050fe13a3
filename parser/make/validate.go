package make

import (
	"math"
	"strconv"

	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/internal/regex"
	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/parser/document"
)

// validation reads the bounds of a parameter. "min" and "max" bound the value of a number and the length of a text.
func (r *reader) validation(p *ast.Parameter, e entry) {
	if e.is(document.KindBool) {
		return
	}
	if !e.is(document.KindObject) {
		r.badParameter(e, "\"validate\" is %s, expected an object of bounds", kindPhrase(e.node.Kind))
		return
	}
	v := &p.Validate
	low, high := &v.MinLength, &v.MaxLength
	switch p.Kind {
	case ast.ParameterNumber:
		low, high = &v.Min, &v.Max
	case ast.ParameterList:
		low, high = &v.MinItems, &v.MaxItems
	}
	targets := map[string]**float64{"min": low, "max": high, "minLength": &v.MinLength, "maxLength": &v.MaxLength, "minItems": &v.MinItems, "maxItems": &v.MaxItems}
	for _, f := range r.fields(e, validateKeys) {
		switch f.name {
		case "pattern":
			r.pattern(p, f)
		case "enum":
			v.Enum = r.enumeration(f)
		default:
			if !f.is(document.KindNumber) {
				r.badParameter(f, "%q is %s, expected a number", f.name, kindPhrase(f.node.Kind))
				continue
			}
			n := f.node.Number
			target := targets[f.name]
			if *target = &n; target != &v.Min && target != &v.Max && (n < 0 || n != math.Trunc(n)) {
				r.report(diag.Warning, "MAKE211", f, "a text and a list have a whole number of characters and items", "%q is %s, expected a whole number from 0", f.name, f.node.Text)
			}
		}
	}
}

func (r *reader) enumeration(e entry) []string {
	if !e.is(document.KindArray) {
		r.badParameter(e, "\"enum\" is %s, expected a list of texts", kindPhrase(e.node.Kind))
		return nil
	}
	var out []string
	for i := range e.node.Items {
		item := e.item(i)
		switch item.node.Kind {
		case document.KindText, document.KindNumber:
			out = append(out, item.node.Text)
		case document.KindBool:
			out = append(out, strconv.FormatBool(item.node.Bool))
		case document.KindInvalid:
		default:
			r.badParameter(item, "an item of \"enum\" is %s, expected a text", kindPhrase(item.node.Kind))
		}
	}
	return out
}

// pattern reads a JavaScript regular expression: a text, or an object with "regexp" and an "error" to show (§17.2).
func (r *reader) pattern(p *ast.Parameter, e entry) {
	expression := e
	if m := e.node.Member("regexp"); m != nil {
		expression = e.member(*m)
	}
	if !expression.is(document.KindText) {
		r.badParameter(expression, "\"pattern\" is %s, expected a regular expression as text", kindPhrase(expression.node.Kind))
		return
	}
	text := expression.node.Text
	if len(text) > longestPattern {
		r.errorf("MAKE212", expression, "the pattern has %d bytes, at most %d are supported", len(text), longestPattern)
		return
	}
	if r.patterns += len(text); r.patterns > allPatterns {
		r.errorf("MAKE212", expression, "the patterns of the file have more than %d bytes together", allPatterns)
		return
	}
	if _, err := regex.Compile(text, ""); err != nil {
		r.errorf("MAKE212", expression, "the pattern is not supported: %v", err)
		return
	}
	p.Validate.Pattern = text
}
