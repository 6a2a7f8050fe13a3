package oracle

import (
	"cmp"
	"encoding/json"
	"encoding/xml"
	"errors"
	"regexp"
	"strings"

	"github.com/imlc-lang/imlc/internal/media"
	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/runtime/uri"
	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm/value"
)

// tokenFields collects the fields of a token answer. Of a repeated one the first counts (spec dialects.md §1.3).
type tokenFields struct {
	*value.Object
	repeated, page, commas bool
}

func (f *tokenFields) add(name string, v value.Value) {
	if f.Index(name) >= 0 {
		f.repeated = true
		return
	}
	f.Set(name, v)
}

// tokenAnswer reads a token answer (spec dialects.md §1.3). That of a failing status may be anything; what it says of
// the failure goes into the reason.
func (r *run) tokenAnswer(a *answer, res *wire.Response, lenient bool) (value.Value, error) {
	a.token = true
	f, mislabelled, err := readTokenAnswer(res.ContentType(), res.Body, lenient)
	body := value.Undefined
	if err == nil {
		body = value.Collection(f.Object)
	}
	said := func(name string) string { return value.ToText(body.Object().Value(name)) }
	if a.failed || a.status >= 400 {
		for _, name := range []string{"oauth_problem", "oauth_problem_advice", "error", "message"} {
			if words := said(name); words != "" {
				a.reason += ": " + words
				break
			}
		}
		if !a.failed { // no verdict makes a success of it (rule 1)
			return body, fail(runtimeError, "", "%s", a.reason)
		}
		if body, _, err = r.read(automaticKind(res.ContentType()), res); err != nil { // for the author's words
			body = plainText(res)
		}
		return body, nil
	}
	if words := said("oauth_problem"); words != "" {
		return body, fail(runtimeError, "oauth1/refused", "%s: %s", a.reason, words)
	}
	switch {
	case err != nil && f.page:
		return body, fail(dataError, "oauth1/bad-token-answer", "%s", err)
	case err != nil:
		return body, fail(dataError, "oauth1/bad-token-answer", "the token answer (content type %q) cannot be read: %s; expected a form, JSON or XML",
			res.ContentType(), err)
	case said("oauth_token") == "" || body.Object().Value("oauth_token").Kind() != value.KindText:
		return body, noUsable("oauth_token")
	case body.Object().Value("oauth_token_secret").Kind() != value.KindText:
		return body, noUsable("oauth_token_secret")
	}
	for i, event := range []string{ast.EventContentTypeMismatch, ast.EventTrailingComma, ast.EventRepeatedField} {
		if []bool{mislabelled, f.commas, f.repeated}[i] {
			r.warn(event)
		}
	}
	return body, nil
}

const advice = "; check the url of the call and what the service answers"

func noUsable(field string) error {
	return fail(dataError, "oauth1/bad-token-answer", "the token answer has no usable %s, expected oauth_token and oauth_token_secret as texts"+advice, field)
}

// readTokenAnswer reads an answer as it is declared, and as it looks where that says nothing, fails or gives no token
// (rules 2, 3).
func readTokenAnswer(contentType, body string, lenient bool) (f *tokenFields, mislabelled bool, err error) {
	body = strings.TrimSpace(media.TrimMark(decoded(contentType, body)))
	looks := ast.ParseURLEncoded
	switch {
	case strings.HasPrefix(body, "{"), strings.HasPrefix(body, "["):
		looks = ast.ParseJSON
	case strings.HasPrefix(body, "<"):
		looks = ast.ParseXML
	}
	declared := automaticKind(contentType)
	if declared == ast.ParseText || declared == ast.ParseBinary {
		f, err = readTokenAs(looks, body, lenient)
		return f, false, err
	}
	f, err = readTokenAs(declared, body, lenient)
	if good := err == nil && (f.Index("oauth_token") >= 0 || f.Index("oauth_problem") >= 0); good || f.page || looks == declared {
		return f, false, err
	}
	if again, failed := readTokenAs(looks, body, lenient); failed == nil && (err != nil || again.Index("oauth_token") >= 0) {
		return again, true, nil
	}
	return f, false, err
}

// trailing is a comma before a closing bracket, or a text, which is passed over.
var trailing = regexp.MustCompile(`"(?:[^"\\]|\\.)*"|,\s*[}\]]`)

func readTokenAs(kind ast.ParseKind, body string, lenient bool) (*tokenFields, error) {
	f := &tokenFields{Object: value.NewObject(8)}
	switch kind {
	case ast.ParseJSON:
		err := f.json(body)
		if err == nil || !lenient {
			return f, err
		}
		f = &tokenFields{Object: value.NewObject(8), commas: true}
		return f, f.json(trailing.ReplaceAllStringFunc(body, func(s string) string { return strings.TrimLeft(s, ",") }))
	case ast.ParseXML:
		return f, f.xml(body)
	}
	for _, p := range uri.SplitPairs(body) {
		f.add(value.ValidText(p.Name), value.Text(value.ValidText(p.Value)))
	}
	return f, nil
}

// json reads an object, the two parts of the token as source text (rule 5).
func (f *tokenFields) json(body string) error {
	switch {
	case !strings.HasPrefix(body, "{"):
		return errors.New("its JSON is no object")
	case !json.Valid([]byte(body)):
		return errors.New("its JSON is malformed")
	}
	d := json.NewDecoder(strings.NewReader(body))
	if _, err := d.Token(); err != nil { // the brace
		return err
	}
	for d.More() {
		name, err := d.Token()
		var raw json.RawMessage
		if err == nil {
			err = d.Decode(&raw)
		}
		v, failed := value.ParseJSON(string(raw), nil)
		if err = cmp.Or(err, failed); err != nil {
			return err
		}
		key, _ := name.(string)
		if v.IsNumber() && (key == "oauth_token" || key == "oauth_token_secret") {
			v = value.Text(string(raw))
		}
		f.add(key, v)
	}
	return nil
}

// element is an XML element.
type element struct {
	XMLName  xml.Name
	Text     string    `xml:",chardata"`
	Children []element `xml:",any"`
}

// xml reads the children of the root element, whatever its name but html (rules 3, 6).
func (f *tokenFields) xml(body string) error {
	var root element
	if err := xml.Unmarshal([]byte(body), &root); err != nil || strings.Contains(body, "<!DOCTYPE") {
		return errors.New("its XML is malformed or has a document type")
	}
	if f.page = strings.EqualFold(root.XMLName.Local, "html"); f.page {
		return errors.New("the token answer is an HTML page, expected oauth_token and oauth_token_secret" + advice)
	}
	for _, child := range root.Children {
		f.add(child.XMLName.Local, child.value())
	}
	return nil
}

func (e *element) value() value.Value {
	if len(e.Children) == 0 {
		return value.Text(strings.TrimSpace(e.Text))
	}
	o := &tokenFields{Object: value.NewObject(len(e.Children))}
	for _, child := range e.Children {
		o.add(child.XMLName.Local, child.value())
	}
	return value.Collection(o.Object)
}
