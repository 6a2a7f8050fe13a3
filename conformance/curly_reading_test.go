package conformance

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/imlc-lang/imlc/vm/value"
)

// curlies is a second reading of spec dialects.md §3.3 and §3.4: it walks the definition as JSON and says what a call
// sends, with no tree, no compilation and no merging of anything but JSON.
type curlies struct {
	input, auth, env *value.Object
	core             int // 0 when the definition does not say
}

// called is what a call sends, as far as it is decided here.
type called struct {
	Method, Before string // the URL before "?"
	Query          []string
	Body           string
	Headers        map[string]string // of the names that definitions write here
	OAuth          map[string]string // nil when nothing signs
}

var errInText = errors.New("ZAP502")

// flat is the bank of one prefix: leaves and lists, and the objects of the first level where wholes says so.
func flat(bank map[string]value.Value, prefix string, o *value.Object, wholes bool) {
	for i := range o.Len() {
		k, v := o.At(i)
		if inner := v.Object(); inner != nil {
			if wholes {
				bank[prefix+k] = v
			}
			flat(bank, prefix+k+".", inner, false)
			continue
		}
		bank[prefix+k] = v
	}
}

func (c *curlies) find(name string) (value.Value, bool) {
	bank := map[string]value.Value{}
	flat(bank, "bundle.inputData.", c.input, true)
	flat(bank, "bundle.authData.", c.auth, false)
	flat(bank, "process.env.", c.env, false)
	v, ok := bank[name]
	return v, ok
}

// split cuts a text before its first curly: before, the name, and what follows; ok is false when there is none.
func split(s string) (before, name, after string, ok bool) {
	for i := 0; i+1 < len(s); i++ {
		if s[i] != '{' || s[i+1] != '{' {
			continue
		}
		if end := strings.IndexAny(s[i+2:], "{}"); end >= 0 && strings.HasPrefix(s[i+2+end:], "}}") {
			return s[:i], s[i+2 : i+2+end], s[i+4+end:], true
		}
	}
	return s, "", "", false
}

// inText puts the values of a text in; write is what becomes of the text of a value, unknown what stands for a name that
// the bank does not have.
func (c *curlies) inText(s string, write func(before, text string) string, unknown func(before, name string) string) (string, error) {
	var out strings.Builder
	for {
		before, name, after, ok := split(s)
		out.WriteString(before)
		if !ok {
			return out.String(), nil
		}
		v, known := c.find(name)
		switch {
		case !known:
			out.WriteString(unknown(out.String(), name))
		case v.Object() != nil || v.Kind() == value.KindArray:
			return "", errInText
		case !v.IsNil():
			out.WriteString(write(out.String(), value.ToText(v)))
		}
		s = after
	}
}

func asIs(_, text string) string { return text }

func empty(_, _ string) string { return "" }

func inBraces(_, name string) string { return "{{" + name + "}}" }

// unknown reports whether a text has a name that the bank does not have.
func (c *curlies) unknown(s string) bool {
	for {
		_, name, after, ok := split(s)
		if !ok {
			return false
		}
		if _, known := c.find(name); !known {
			return true
		}
		s = after
	}
}

// alone returns the name of the curly that a text is.
func alone(s string) (string, bool) {
	before, name, after, ok := split(s)
	return name, ok && before == "" && after == ""
}

// typed is a text of a body or of params.
func (c *curlies) typed(s string) (v value.Value, unknown bool, err error) {
	if name, ok := alone(s); ok {
		v, known := c.find(name)
		if !known {
			return value.Text(""), true, nil
		}
		return v, false, nil
	}
	text, err := c.inText(s, asIs, empty)
	return value.Text(text), false, err
}

// tree is a body, at every depth.
func (c *curlies) tree(v value.Value) (value.Value, error) {
	switch v.Kind() {
	case value.KindText:
		out, _, err := c.typed(v.Str())
		return out, err
	case value.KindArray:
		items := make([]value.Value, len(v.Items()))
		for i, item := range v.Items() {
			var err error
			if items[i], err = c.tree(item); err != nil {
				return v, err
			}
		}
		return value.Array(items), nil
	case value.KindCollection:
		o := value.NewObject(v.Object().Len())
		for i := range v.Object().Len() {
			k, inner := v.Object().At(i)
			inner, err := c.tree(inner)
			if err != nil {
				return v, err
			}
			o.Set(k, inner)
		}
		return value.Collection(o), nil
	}
	return v, nil
}

// over puts own over below: objects and lists deep, anything else replaces.
func over(below, own value.Value) value.Value {
	switch {
	case own.IsUndefined():
		return below
	case below.Object() != nil && own.Object() != nil:
		o := value.NewObject(0)
		for i := range below.Object().Len() {
			k, v := below.Object().At(i)
			o.Set(k, over(v, own.Object().Value(k)))
		}
		for i := range own.Object().Len() {
			if k, v := own.Object().At(i); below.Object().Index(k) < 0 {
				o.Set(k, v)
			}
		}
		return value.Collection(o)
	case below.Kind() == value.KindArray && own.Kind() == value.KindArray:
		items := slices.Clone(below.Items())
		for i, item := range own.Items() {
			if i < len(items) {
				items[i] = over(items[i], item)
			} else {
				items = append(items, item)
			}
		}
		return value.Array(items)
	}
	return own
}

// call is what a request sends that stands over a template.
func (c *curlies) call(template, request *value.Object) (out called, err error) {
	out.Method = "GET"
	if m := request.Value("method"); m.Str() != "" {
		out.Method = m.Str()
	}
	removal := request.Value("removeMissingValuesFrom").Object()
	params := over(template.Value("params"), request.Value("params")).Object()
	if err = c.address(&out, request.Value("url").Str(), params, removal.Value("params").IsTrue()); err != nil {
		return out, err
	}
	if err = c.headers(&out, template.Value("headers").Object(), request.Value("headers").Object()); err != nil {
		return out, err
	}
	body, own := template.Value("body"), request.Value("body")
	if !own.IsNil() && (own.Kind() != value.KindText || own.Str() != "") {
		body = over(body, own)
	}
	if err = c.body(&out, body, removal.Value("body").IsTrue()); err != nil {
		return out, err
	}
	auth := request.Value("auth")
	if c.core < 17 {
		auth = over(template.Value("auth"), auth)
	}
	return out, c.oauth(&out, auth.Object())
}

// address is the URL: the query of the URL over params, in the place of the parameter.
func (c *curlies) address(out *called, url string, params *value.Object, remove bool) error {
	inQuery := func(before string) bool { return strings.Contains(before, "?") }
	text, err := c.inText(url, func(before, text string) string {
		if inQuery(before) {
			return encode(text)
		}
		return text
	}, func(before, name string) string {
		if inQuery(before) {
			return ""
		}
		return "{{" + name + "}}"
	})
	if err != nil {
		return err
	}
	var query string
	out.Before, query, _ = strings.Cut(text, "?")
	type pair struct{ name, text string }
	var own []pair
	for part := range strings.SplitSeq(query, "&") {
		if part != "" {
			name, text, _ := strings.Cut(part, "=")
			own = append(own, pair{decode(name), decode(text)})
		}
	}
	add := func(name, text string, unknown bool) {
		if !remove || text != "" && !unknown {
			out.Query = append(out.Query, encode(name)+"="+encode(text))
		}
	}
	names := map[string]bool{}
	for _, p := range own {
		names[p.name] = true
	}
	own = slices.DeleteFunc(own, func(p pair) bool { return remove && p.text == "" })
	take := func(name string) bool {
		own = slices.DeleteFunc(own, func(p pair) bool {
			if p.name == name {
				add(name, p.text, false)
			}
			return p.name == name
		})
		return names[name]
	}
	for i := range params.Len() {
		name, v := params.At(i)
		unknown := false
		if v.Kind() == value.KindText {
			if v, unknown, err = c.typed(v.Str()); err != nil {
				return err
			}
		}
		switch {
		case take(name):
		case v.Kind() == value.KindArray:
			for _, item := range v.Items() {
				add(name, value.ToText(item), false)
			}
		case v.Object() != nil: // written as empty, but not empty
			out.Query = append(out.Query, encode(name)+"=")
		default:
			add(name, textOrEmpty(v), unknown)
		}
	}
	for len(own) > 0 { // a name that is there twice stands where it was first
		take(own[0].name)
	}
	return nil
}

func textOrEmpty(v value.Value) string {
	if v.IsNil() {
		return ""
	}
	return value.ToText(v)
}

// headers are those of the request over those of the template, names without case; what is blank removes.
func (c *curlies) headers(out *called, levels ...*value.Object) error {
	merged := map[string]value.Value{}
	for _, level := range levels {
		for i := range level.Len() {
			k, v := level.At(i)
			merged[strings.ToLower(k)] = v
		}
	}
	out.Headers = map[string]string{}
	for name, v := range merged {
		if v.IsNil() || v.Kind() == value.KindText && v.Str() == "" || v.Kind() == value.KindBool && !v.IsTrue() {
			continue
		}
		if v.Kind() == value.KindText {
			if lone, ok := alone(v.Str()); ok {
				if found, known := c.find(lone); known && found.IsNil() {
					continue
				}
			}
		}
		text, err := c.inText(value.ToText(v), asIs, inBraces)
		if err != nil {
			return err
		}
		out.Headers[name] = text
	}
	return nil
}

// body is the text of the body and its type.
func (c *curlies) body(out *called, body value.Value, remove bool) error {
	if out.Method == "GET" || out.Method == "HEAD" {
		return nil
	}
	v, err := c.tree(body)
	if err != nil {
		return err
	}
	if remove && body.Object() != nil {
		kept := value.NewObject(0)
		for i := range body.Object().Len() {
			k, written := body.Object().At(i)
			if name, ok := alone(written.Str()); ok && written.Kind() == value.KindText {
				if _, known := c.find(name); !known {
					continue
				}
			}
			kept.Set(k, v.Object().Value(k))
		}
		v = value.Collection(kept)
	}
	typ, hasType := out.Headers["content-type"]
	textType := ""
	switch {
	case v.IsNil() || v.Kind() == value.KindText && v.Str() == "":
		return nil
	case v.Kind() == value.KindText:
		out.Body, textType = v.Str(), "text/plain; charset=utf-8"
	case typ == "application/x-www-form-urlencoded" && (v.Object() != nil || v.Kind() == value.KindArray):
		o := v.Object()
		if o == nil {
			o = value.NewObject(0)
			for i, item := range v.Items() {
				o.Set(strconv.Itoa(i), item)
			}
		}
		out.Body, textType = curlyForm(o), typ
	default:
		out.Body, textType = string(value.AppendJSON(nil, v)), "application/json; charset=utf-8"
	}
	if !hasType {
		out.Headers["content-type"] = textType
	}
	return nil
}

func curlyForm(o *value.Object) string {
	var pairs []string
	for i := range o.Len() {
		k, v := o.At(i)
		items := []value.Value{v}
		if v.Kind() == value.KindArray {
			items = v.Items()
		}
		for _, item := range items {
			text := ""
			if item.Object() == nil {
				text = textOrEmpty(item) // a list in a list is its text
			}
			pairs = append(pairs, encode(k)+"="+encode(text))
		}
	}
	return strings.Join(pairs, "&")
}

// oauth are the members of auth that are sent, without what the clock and the signature decide.
func (c *curlies) oauth(out *called, auth *value.Object) error {
	if auth.Len() == 0 {
		return nil
	}
	out.OAuth = map[string]string{"oauth_signature_method": "HMAC-SHA1", "oauth_version": "1.0"}
	for i := range auth.Len() {
		name, v := auth.At(i)
		text := value.ToText(v)
		if c.core < 17 && v.Kind() == value.KindText {
			if c.unknown(v.Str()) {
				continue
			}
			var err error
			if text, err = c.inText(v.Str(), asIs, empty); err != nil {
				return err
			}
		}
		if v.IsNil() || text == "" || strings.HasSuffix(name, "_secret") {
			continue
		}
		out.OAuth[name] = text
	}
	return nil
}
