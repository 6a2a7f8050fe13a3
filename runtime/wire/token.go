package wire

import (
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"strconv"
	"strings"

	"github.com/imlc-lang/imlc/runtime/media"
	"github.com/imlc-lang/imlc/runtime/uri"
	"github.com/imlc-lang/imlc/vm/value"
)

// The codes of ParseToken (spec dialects.md §1.3).
const (
	CodeBadTokenAnswer   = "oauth1/bad-token-answer"
	TraceContentMismatch = "oauth1/content-type-mismatch"
	TraceRepeatedField   = "oauth1/repeated-field"
	TraceTrailingComma   = "ZAP501"
)

// TokenOptions controls ParseToken; nil and the zero value have the defaults.
type TokenOptions struct {
	// TrailingCommas accepts them in JSON, with TraceTrailingComma (the legacy Zapier variant).
	TrailingCommas bool
	// MaxDepth bounds the nesting of JSON and XML; 0 means value.DefaultJSONDepth.
	MaxDepth int
}

// TokenAnswer is a token answer that holds at least oauth_token and oauth_token_secret.
type TokenAnswer struct {
	// Fields is a collection of every field of the answer.
	Fields value.Value
	// Kind is the form it had: json, xml or urlencoded.
	Kind string
	// Traces lists the Trace codes that apply.
	Traces []string
}

// Token returns oauth_token.
func (a *TokenAnswer) Token() string { return a.Fields.Object().Value("oauth_token").Str() }

// Secret returns oauth_token_secret.
func (a *TokenAnswer) Secret() string { return a.Fields.Object().Value("oauth_token_secret").Str() }

// ExpiresIn returns oauth_expires_in in seconds; ok is false unless it is a positive number below 2^53.
func (a *TokenAnswer) ExpiresIn() (seconds int64, ok bool) {
	f := value.ToNumber(a.Fields.Object().Value("oauth_expires_in"))
	if !(f > 0 && f <= value.MaxSafeInteger) || f < 1 {
		return 0, false
	}
	return int64(math.Floor(f)), true
}

// TokenError says why an answer is no token answer.
type TokenError struct {
	Status int
	// Code is CodeBadTokenAnswer for an answer that does not have the form, and "" when the provider reports an error.
	Code string
	// Type is the error type of spec make.md §11.4: DataError for a bad form, else by status.
	Type string
	// Message is the text for the user; it holds no token.
	Message string
	// Problem is the oauth_problem of the answer, "" when there is none.
	Problem string
}

// Error implements error.
func (e *TokenError) Error() string { return e.Message }

// tokenReading is one attempt at reading a body.
type tokenReading struct {
	fields *value.Object // nil: it did not parse
	html   bool
	traces []string
}

// ParseToken reads the answer of a request-token or access-token call (spec dialects.md §1.3). It fails with a *TokenError
// or, for nesting beyond the limit, a *LimitError.
func ParseToken(contentType string, status int, body string, o *TokenOptions) (*TokenAnswer, error) {
	if o == nil {
		o = &TokenOptions{}
	}
	charset := media.XMLCharset(contentType, body)
	text := strings.Trim(media.Decode(charset, body), " \t\r\n\f\v")
	kind := KindOf(contentType)
	looked := kind != ParseJSON && kind != ParseXML && kind != ParseURLEncoded
	if looked {
		kind = lookAt(text)
	}
	r, err := o.read(kind, text)
	if err != nil {
		return nil, err
	}
	if !looked && !r.hasToken() && !r.hasProblem() && !r.html {
		if second := lookAt(text); second != kind {
			again, err := o.read(second, text)
			if err != nil {
				return nil, err
			}
			if again.hasToken() || again.hasProblem() || r.fields == nil {
				r, kind = again, second
				r.traces = append([]string{TraceContentMismatch}, r.traces...)
			}
		}
	}
	if status >= http.StatusBadRequest || r.hasProblem() {
		return nil, r.refusal(status)
	}
	if err := r.check(status, kind); err != nil {
		return nil, err
	}
	return &TokenAnswer{Fields: value.Collection(r.fields), Kind: kind, Traces: r.traces}, nil
}

// lookAt chooses the form by the first character.
func lookAt(text string) string {
	switch {
	case strings.HasPrefix(text, "{"), strings.HasPrefix(text, "["):
		return ParseJSON
	case strings.HasPrefix(text, "<"):
		return ParseXML
	}
	return ParseURLEncoded
}

// read reads text in one form; only a reached limit is an error.
func (o *TokenOptions) read(kind, text string) (r tokenReading, err error) {
	switch kind {
	case ParseJSON:
		r, err = o.readJSON(text)
	case ParseXML:
		r, err = o.readXML(text)
	default:
		r.fields = value.NewObject(8)
		for _, p := range uri.SplitPairs(text) {
			r.set(value.ValidText(p.Name), value.Text(value.ValidText(p.Value)))
		}
	}
	var limit *LimitError
	if errors.As(err, &limit) {
		return r, err
	}
	return r, nil
}

// set keeps the first value of a name.
func (r *tokenReading) set(name string, v value.Value) {
	if r.fields.Index(name) < 0 {
		r.fields.Set(name, v)
	} else if len(r.traces) == 0 {
		r.traces = append(r.traces, TraceRepeatedField)
	}
}

func (o *TokenOptions) readJSON(text string) (r tokenReading, err error) {
	po := &ParseOptions{MaxDepth: o.MaxDepth}
	v, err := parseJSONBody(text, po, nil)
	if err != nil && o.TrailingCommas {
		if bare := withoutTrailingCommas(text); bare != text {
			if again, err2 := parseJSONBody(bare, po, nil); err2 == nil {
				v, err, text = again, nil, bare
				r.traces = append(r.traces, TraceTrailingComma)
			}
		}
	}
	if err != nil || v.Kind() != value.KindCollection {
		return tokenReading{}, err
	}
	r.fields = v.Object().Clone()
	for _, name := range []string{"oauth_token", "oauth_token_secret"} {
		if r.fields.Value(name).IsNumber() {
			r.fields.Set(name, value.Text(sourceText(text, name)))
		}
	}
	return r, nil
}

// sourceText returns the number of a field of a JSON object as it is written.
func sourceText(text, name string) string {
	var fields map[string]json.RawMessage
	if json.Unmarshal([]byte(text), &fields) != nil {
		return ""
	}
	return string(fields[name])
}

// withoutTrailingCommas removes the commas outside texts that stand before } or ].
func withoutTrailingCommas(text string) string {
	var out []byte
	comma := -1 // position in out of a comma with nothing but white space after it
	inText := false
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case inText:
			if c == '\\' && i+1 < len(text) {
				out = append(out, c)
				i++
				c = text[i]
			} else if c == '"' {
				inText = false
			}
		case c == ',':
			comma = len(out)
		case c == '}' || c == ']':
			if comma >= 0 {
				out = append(out[:comma], out[comma+1:]...)
			}
			comma = -1
		case c != ' ' && c != '\t' && c != '\r' && c != '\n':
			inText = c == '"'
			comma = -1
		}
		out = append(out, c)
	}
	return string(out)
}

func (o *TokenOptions) readXML(text string) (r tokenReading, err error) {
	x := newXMLReader("text/xml; charset=utf-8", text, (&ParseOptions{MaxDepth: o.MaxDepth}).maxDepth())
	x.refuseDTD = true
	fields := value.NewObject(8)
	seen := &tokenReading{}
	x.shape = func(n *xmlNode) value.Value {
		v, repeated := fieldShape(n)
		if repeated && len(seen.traces) == 0 {
			seen.traces = append(seen.traces, TraceRepeatedField)
		}
		return v
	}
	if err := x.read(); err != nil {
		html := x.root != nil && strings.EqualFold(x.root.local, "html")
		return tokenReading{html: html || looksHTML(text)}, err
	}
	if strings.EqualFold(x.root.local, "html") {
		return tokenReading{html: true}, nil
	}
	if x.result.Kind() == value.KindCollection {
		fields = x.result.Object()
	}
	return tokenReading{fields: fields, traces: seen.traces}, nil
}

// looksHTML recognises a page whose document type stopped the reader before its root.
func looksHTML(text string) bool {
	return len(text) >= 14 && strings.EqualFold(text[:14], "<!doctype html")
}

// fieldShape returns the value of an element as a field: trimmed text, or an object of the child elements; of a repeated
// name the first one counts.
func fieldShape(n *xmlNode) (v value.Value, repeated bool) {
	if len(n.names) == 0 {
		return value.Text(strings.Trim(n.text.String(), xmlSpace)), false
	}
	o := value.NewObject(len(n.names))
	for _, name := range n.names {
		_, local, ok := strings.Cut(name, ":")
		if !ok {
			local = name
		}
		repeated = repeated || len(n.children[name]) > 1 || o.Index(local) >= 0
		if o.Index(local) < 0 {
			o.Set(local, n.children[name][0])
		}
	}
	return value.Collection(o), repeated
}

func (r *tokenReading) hasToken() bool {
	return r.fields != nil && !value.IsEmpty(r.fields.Value("oauth_token"))
}

func (r *tokenReading) hasProblem() bool {
	return r.fields != nil && !value.IsEmpty(r.fields.Value("oauth_problem"))
}

// refusal is the error that the provider reports (rules 1 and 8).
func (r *tokenReading) refusal(status int) error {
	e := &TokenError{Status: status, Type: DefaultErrorType(status), Message: StatusText(status)}
	if r.fields == nil {
		return e
	}
	e.Problem = value.ToText(r.fields.Value("oauth_problem"))
	for _, name := range []string{"oauth_problem", "oauth_problem_advice", "error", "message"} {
		if v := r.fields.Value(name); !value.IsEmpty(v) {
			e.Message += ": " + value.ToText(v)
			break
		}
	}
	return e
}

// DefaultErrorType returns the error type of a failing status without author's words (spec make.md §11.1).
func DefaultErrorType(status int) string {
	switch {
	case status == http.StatusTooManyRequests:
		return "RateLimitError"
	case status >= 500 && status <= 599:
		return "ConnectionError"
	}
	return "RuntimeError"
}

// check demands the two fields (rule 8).
func (r *tokenReading) check(status int, kind string) error {
	bad := &TokenError{Status: status, Code: CodeBadTokenAnswer, Type: "DataError"}
	const advice = "; check the URL of the call and what the service answers"
	switch {
	case r.html:
		bad.Message = "the token answer is an HTML page, expected oauth_token and oauth_token_secret" + advice
	case r.fields == nil:
		bad.Message = "the token answer (status " + strconv.Itoa(status) + ") cannot be read as " + kind + advice
	case !r.hasToken() || r.fields.Value("oauth_token").Kind() != value.KindText:
		bad.Message = "the token answer has no field oauth_token with a text" + advice
	case r.fields.Value("oauth_token_secret").Kind() != value.KindText:
		bad.Message = "the token answer has no field oauth_token_secret with a text" + advice
	default:
		return nil
	}
	return bad
}
