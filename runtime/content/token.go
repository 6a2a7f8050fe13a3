package content

import (
	"github.com/imlc-lang/imlc/runtime/oauth1"
	"github.com/imlc-lang/imlc/vm/value"
)

// TokenOptions are those of [oauth1.ParseTokenAnswer] that come from the options of a parser.
func (o *ParseOptions) TokenOptions(trailingCommas bool) oauth1.TokenOptions {
	t := oauth1.TokenOptions{TrailingCommas: trailingCommas, MaxDepth: o.maxDepth()}
	if m := o.meter(); m != nil {
		t.Reserve, t.Look = m.Memory, m.Look
	}
	return t
}

// TokenValue returns every field of a token answer, in order, as a collection (spec dialects.md §1.3): fields of a form
// and of XML are texts, an XML element with children an object, JSON values keep their types and digits, but for
// oauth_token and oauth_token_secret, which are texts. An error is that of the meter, or a limit.
func TokenValue(a *oauth1.TokenAnswer, o *ParseOptions) (value.Value, error) {
	fields := value.NewObject(len(a.Fields))
	for i := range a.Fields {
		f := &a.Fields[i]
		v := value.Text(value.ValidText(f.Text))
		switch {
		case f.Fields != nil:
			v = tokenObject(f.Fields)
		case f.JSON != nil && f.JSON[0] != '"' && f.Name != "oauth_token" && f.Name != "oauth_token_secret":
			var err error
			if v, _, err = parseJSON(string(f.JSON), o); err != nil {
				return value.Undefined, err
			}
		}
		fields.Set(f.Name, v)
	}
	return value.Collection(fields), nil
}

// tokenObject returns the children of an XML element, whose depth its reader has bounded.
func tokenObject(children []oauth1.TokenField) value.Value {
	o := value.NewObject(len(children))
	for i := range children {
		if c := &children[i]; c.Fields != nil {
			o.Set(c.Name, tokenObject(c.Fields))
		} else {
			o.Set(c.Name, value.Text(value.ValidText(c.Text)))
		}
	}
	return value.Collection(o)
}
