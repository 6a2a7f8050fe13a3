package oracle

import (
	"cmp"
	"errors"
	"strings"
	"time"

	"github.com/imlc-lang/imlc/internal/media"
	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/runtime/oauth1"
	"github.com/imlc-lang/imlc/runtime/uri"
	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm/value"
)

// answer is what came back, beside what expressions see of it.
type answer struct {
	status int
	failed bool   // the verdict does not accept the status
	reason string // status and reason phrase, with what a failing token answer says
	token  bool   // it was read as a token answer
}

// forget takes the last answer away from expressions.
func (r *run) forget() {
	for _, root := range []string{ast.RootBody, ast.RootHeaders, ast.RootStatus} {
		r.set(root, value.Undefined)
	}
}

// exchange signs and sends a draft, and does with the answer what the spec says (spec make.md §6, steps 5 to 10).
func (r *run) exchange(l layers, d *draft) {
	res := r.send(r.spec.host.HTTP, l, d, r.signer(d, l.own().Callback))
	a := &answer{status: res.Status, reason: wire.StatusText(res.Status), failed: !accepts(l.verdict(), res.Status)}
	if r.err == nil {
		r.set(ast.RootStatus, value.Number(float64(res.Status)))
		r.set(ast.RootHeaders, headersOf(res))
		r.parse(l.response().Type, a, res)
	}
	if r.err == nil && l.own().Callback != ast.CallbackNotAsked {
		r.handshake(d)
	}
	r.settle(l, a)
	if r.err != nil {
		f := r.located(r.err)
		f.Status, f.Code = cmp.Or(res.Status, f.Status), cmp.Or(f.Code, problem(res))
		r.err = f
	}
}

// problem is the code of an error whose cause the service names, "" when it names none that is known.
func problem(res *wire.Response) string {
	p := oauth1.ParseProblem(res.Status, res.Header.Values("WWW-Authenticate"), res.Header.Get("Content-Type"), []byte(res.Body))
	if p == nil || p.Code.Advice() == "" {
		return ""
	}
	return "oauth1/" + strings.Join(strings.Split(string(p.Code), "_"), "-")
}

// send sends a draft. The answer has a status also when it could not be read to its end.
func (r *run) send(options wire.ClientOptions, l layers, d *draft, s *signer) *wire.Response {
	res := &wire.Response{}
	if r.err != nil {
		return res
	}
	var signs wire.Signer
	if s != nil { // no signer at all, not one that is nil
		signs = s
	}
	err := wire.NewClient(options).Send(r.ctx, time.Now(), &d.Request, signs, res)
	var config *wire.ConfigError
	if errors.As(err, &config) {
		r.misbuilt(l, config.Field, "%s", config.Problem)
	}
	r.fail(err)
	return res
}

// handshake looks at the answer to a request for temporary credentials (spec make.md §13.2, §13.4, §26.8).
func (r *run) handshake(d *draft) {
	body := r.root(ast.RootBody)
	r.lastToken = value.ToText(body.Value("oauth_token"))
	if d.sends {
		ok := value.ToText(body.Value("oauth_callback_confirmed")) == "true"
		r.callback, r.confirmed = d.address, &ok
	}
}

// parserOf is the parser for a status: of the ranges that hold it the narrowest, of equal ones the first (spec make.md
// §9.1).
func parserOf(t *ast.ResponseType, status int) ast.Parser {
	if t == nil {
		return ast.Parser{}
	}
	best, width := t.Value, 1_000_000
	for _, s := range t.Ranges {
		if s.First <= status && status <= s.Last && s.Last-s.First < width {
			best, width = s.Parser, s.Last-s.First
		}
	}
	return best
}

// kinds are the words for parsers.
var kinds = map[string]ast.ParseKind{"": ast.ParseAutomatic, "automatic": ast.ParseAutomatic, "json": ast.ParseJSON,
	"urlencoded": ast.ParseURLEncoded, "text": ast.ParseText, "string": ast.ParseText, "raw": ast.ParseText, "xml": ast.ParseXML,
	"binary": ast.ParseBinary}

// parse makes the root body of an answer (spec make.md §9).
func (r *run) parse(t *ast.ResponseType, a *answer, res *wire.Response) {
	p := parserOf(t, a.status)
	if p.Value != nil {
		word := value.ToText(r.eval(p.Value))
		known := false
		if p.Kind, known = kinds[word]; !known {
			r.fail(fail(configurationError, "", "%s: %q is no response type; use automatic, json, urlencoded, text, string, raw, binary or xml",
				p.Value.Origin().Pointer, word))
		}
	}
	if r.err != nil {
		return
	}
	kind, automatic := p.Kind, p.Kind == ast.ParseAutomatic
	if automatic {
		kind = automaticKind(res.ContentType())
	}
	var body value.Value
	var event string
	var err error
	if kind == ast.ParseToken || kind == ast.ParseTokenLenient {
		body, err = r.tokenAnswer(a, res, kind == ast.ParseTokenLenient)
	} else {
		body, event, err = r.read(kind, res)
	}
	var broken *wire.ParseError
	if errors.As(err, &broken) && (automatic || a.status >= 400) {
		body, event, err = plainText(res), ast.EventBodyBecameText, nil
	}
	if event != "" {
		r.warn(event)
	}
	r.fail(err)
	r.set(ast.RootBody, body)
	r.keepSecret(value.ToText(body.Object().Value("oauth_token_secret")))
}

// read reads a body as it is said to be, and says what was odd about it (spec make.md §9.2, §9.3).
func (r *run) read(kind ast.ParseKind, res *wire.Response) (v value.Value, event string, err error) {
	switch kind {
	case ast.ParseJSON:
		return r.json(res.Body)
	case ast.ParseXML:
		v, err = r.xml(res)
		return v, "", err
	case ast.ParseURLEncoded:
		text := media.TrimMark(res.Body)
		cut := strings.TrimRight(text, " \t\r\n")
		if cut != text {
			event = ast.EventTrailingSpace
		}
		return value.Collection(formOf(cut)), event, nil
	case ast.ParseBinary:
		return value.Buffer([]byte(res.Body)), "", nil
	}
	return plainText(res), "", nil
}

// automaticKind is the parser of a media type.
func automaticKind(contentType string) ast.ParseKind {
	kind, _, _ := strings.Cut(strings.ToLower(contentType), ";")
	switch kind = strings.TrimSpace(kind); {
	case kind == "application/json", strings.HasSuffix(kind, "+json"):
		return ast.ParseJSON
	case kind == "application/xml", kind == "text/xml", strings.HasSuffix(kind, "+xml"):
		return ast.ParseXML
	case kind == "application/x-www-form-urlencoded":
		return ast.ParseURLEncoded
	case kind == "", strings.HasPrefix(kind, "text/"):
		return ast.ParseText
	}
	return ast.ParseBinary
}

func plainText(res *wire.Response) value.Value {
	return value.Text(decoded(res.ContentType(), res.Body))
}

// decoded is a body as text.
func decoded(contentType, body string) string {
	text, _ := media.Decode(media.Charset(contentType), body, nil) // without somebody to tell nothing fails
	return text
}

// json reads strict JSON; nothing is undefined.
func (r *run) json(body string) (v value.Value, event string, err error) {
	if body = media.TrimMark(body); body == "" {
		return value.Undefined, "", nil
	}
	depth, repeated := r.nesting(), 0
	v, err = value.ParseJSON(body, &value.JSONOptions{MaxDepth: depth, Duplicates: &repeated})
	var syntax *value.SyntaxError
	switch {
	case errors.As(err, &syntax) && syntax.TooDeep:
		return v, "", tooDeep(depth)
	case err != nil:
		return v, "", &wire.ParseError{Type: "JSON", Err: err}
	case repeated > 0:
		event = ast.EventRepeatedKey
	}
	return v, event, nil
}

// formOf reads pairs: a repeated name becomes a list (spec make.md §9.2).
func formOf(text string) *value.Object {
	out := value.NewObject(4)
	for _, p := range uri.SplitPairs(text) {
		name, v := value.ValidText(p.Name), value.Text(value.ValidText(p.Value))
		switch old := out.Value(name); old.Kind() {
		case value.KindUndefined:
			out.Set(name, v)
		case value.KindArray:
			out.Set(name, value.Array(append(old.Items(), v)))
		default:
			out.Set(name, value.Array([]value.Value{old, v}))
		}
	}
	return out
}

// headersOf are lower-case names, looked up in any case; repeated ones are joined, but for Set-Cookie (spec make.md
// §10).
func headersOf(res *wire.Response) value.Value {
	out := value.NewObject(len(res.Header))
	out.SetCaseless()
	for _, name := range sortedKeys(res.Header) {
		values := res.Header[name]
		if name = strings.ToLower(name); name == "set-cookie" {
			out.Set(name, texts(values))
			continue
		}
		out.Set(name, value.Text(value.ValidText(strings.Join(values, ", "))))
	}
	return value.Collection(out)
}
