package oracle

import (
	"cmp"
	"time"

	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/runtime/content"
	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm/builtin/calendar"
	"github.com/imlc-lang/imlc/vm/value"
)

// exchange sends a request and does with the answer what the spec says (spec make.md §6, steps 6 to 10).
func (o *operation) exchange(resp *reaction, out *wire.Request, s *signer, callback sent) error {
	var hops wire.Signer
	if s != nil {
		hops = s
	}
	res := new(wire.Response)
	if err := o.host.client.Send(o.ctx, out, hops, res); err != nil { // 6
		f := o.failed(err)
		f.Status = res.Status
		return f
	}
	if err := o.receive(resp, res, callback); err != nil {
		f := o.failed(err)
		f.Status = res.Status
		return f
	}
	return nil
}

func (o *operation) receive(resp *reaction, res *wire.Response, callback sent) error {
	headers, err := content.HeaderValue(res.Header, nil)
	if err != nil {
		return err
	}
	a := &answer{status: res.Status, headers: headers}
	kind, err := o.eval(responseType(resp.Type, res.Status), a) // there is no body yet (§9.1)
	if err != nil {
		return err
	}
	parser, known := parsers[value.ToText(kind)]
	if !known {
		return fail(configurationError, "", "response.type: %q is no response type; use automatic, json, urlencoded, text, string, raw, binary or xml", value.ToText(kind))
	}
	parsed, err := content.Parse(parser, res.ContentType(), res.Status, res.Body, &content.ParseOptions{
		MaxDepth: o.host.settings.Nesting, XML: content.XMLKeys{Attributes: "_attributes", Text: "_value"}}) // 7
	if err != nil {
		return err
	}
	if parsed.BecameText {
		o.warn("MAKE504")
	}
	if parsed.Duplicates > 0 {
		o.warn("IMLC501")
	}
	a.body = parsed.Value
	body := a.body.Object()
	if secret := body.Value("oauth_token_secret"); !value.IsEmpty(secret) {
		o.addSecret(value.ToText(secret))
	}
	if o.section == "requestToken" && !o.module {
		o.lastToken = value.ToText(body.Value("oauth_token"))
		if callback.any {
			ok := value.ToText(body.Value("oauth_callback_confirmed")) == "true"
			o.callback, o.confirmed = callback.text, &ok
		}
	}
	return o.settle(resp, a)
}

// parsers are the response types of spec make.md §9.
var parsers = map[string]content.ParseKind{
	"": content.ParseAutomatic, "automatic": content.ParseAutomatic, "json": content.ParseJSON, "urlencoded": content.ParseForm, "text": content.ParseText,
	"string": content.ParseText, "raw": content.ParseText, "binary": content.ParseBinary, "xml": content.ParseXML,
}

// responseType is the parser of a status: of a map that of the smallest range, and of equal ones the first (spec
// make.md §9.1).
func responseType(t *ast.ResponseType, status int) ast.Value {
	if t == nil {
		return nil
	}
	best, width := t.Value, 1000
	for _, r := range t.Ranges {
		if r.First <= status && status <= r.Last && r.Last-r.First < width {
			best, width = r.Type, r.Last-r.First
		}
	}
	return best
}

// settle runs steps 8 to 10.
func (o *operation) settle(resp *reaction, a *answer) error {
	if err := o.mergeTemp(a, resp.temps...); err != nil { // 8
		return err
	}
	if err := o.judge(resp, a); err != nil { // 9
		return err
	}
	if o.module {
		return o.yield(resp, a)
	}
	return o.apply(resp, a) // 10
}

// judge raises for a failing status, and for a falsy valid of any other (spec make.md §11).
func (o *operation) judge(resp *reaction, a *answer) error {
	if a != nil && (a.status < 200 || a.status > 399) {
		def := runtimeError
		switch {
		case a.status == 429:
			def = rateLimitError
		case a.status >= 500 && a.status <= 599:
			def = connectionError
		}
		if o.host.settings.Compile.LegacyErrorTypes {
			def = runtimeError
		}
		return o.authorsError(nil, resp.Error, a, wire.StatusText(a.status), def)
	}
	if resp.Valid == nil {
		return nil
	}
	ok, err := o.truthy(resp.Valid.Condition, a)
	if err != nil || ok {
		return err
	}
	return o.authorsError(resp.Valid, resp.Error, a, "Response marked as invalid.", runtimeError)
}

// authorsError takes message and type from the first that are not empty: those of valid, of the status, of error, the
// default (spec make.md §11.1, §11.2).
func (o *operation) authorsError(valid *ast.Valid, e *ast.Error, a *answer, message, typ string) *failure {
	var messages, types []ast.Value
	if valid != nil {
		messages, types = append(messages, valid.Message), append(types, valid.Type)
	}
	if e != nil {
		for _, s := range e.Status {
			if a != nil && s.Status == a.status {
				messages, types = append(messages, s.Message), append(types, s.Type)
			}
		}
		messages, types = append(messages, e.Message), append(types, e.Type)
	}
	f := fail(typ, "", "")
	f.Message, f.Section = message, o.section
	if text := o.firstText(messages, a); text != "" {
		f.Message = text
	}
	if name := o.firstText(types, a); name != "" {
		if f.Type = name; !errorTypes[name] {
			o.warn("MAKE502")
		}
	}
	if a != nil {
		f.Status = a.status
	}
	return f
}

func (o *operation) firstText(list []ast.Value, a *answer) string {
	for _, v := range list {
		if text := o.text(v, a); text != "" {
			return text
		}
	}
	return ""
}

// errorTypes are the names of spec make.md §11.4.
var errorTypes = map[string]bool{"RuntimeError": true, "DataError": true, "RateLimitError": true, "OutOfSpaceError": true,
	"ConnectionError": true, "InvalidConfigurationError": true, "InvalidAccessTokenError": true, "IncompleteDataError": true,
	"DuplicateDataError": true, "UnknownError": true, "UnexpectedError": true, "InconsistencyError": true,
	"MaxResultsExceededError": true, "MaxFileSizeExceededError": true, "ModuleTimeoutError": true, "ScenarioTimeoutError": true,
	"OperationsLimitExceededError": true, "DataSizeLimitExceededError": true, "ExecutionInterruptedError": true, "AccountValidationError": true}

// apply evaluates data, uid, metadata and expires against one snapshot, then stores them (spec make.md §10).
func (o *operation) apply(resp *reaction, a *answer) error {
	data, err := o.object(resp.Data, a)
	if err != nil {
		return err
	}
	uid, err := o.eval(resp.UID, a)
	if err != nil {
		return err
	}
	metadata, err := o.metadata(resp.Metadata, a)
	if err != nil {
		return err
	}
	expires, err := o.expires(resp.Expires, a)
	if err != nil {
		return err
	}
	if data != nil {
		o.conn.data = overlay(o.conn.data, data)
	}
	if !value.IsEmpty(uid) {
		o.conn.uid = value.ToText(uid)
	}
	if metadata != nil {
		o.conn.metadata = metadata
	}
	if !expires.IsZero() {
		o.conn.expires = expires
	}
	return nil
}

// metadata is nil when there is no text for a label, which leaves the old one.
func (o *operation) metadata(m *ast.Metadata, a *answer) (*label, error) {
	if m == nil {
		return nil, nil
	}
	kind, text, err := o.metadataParts(m, a)
	if err != nil || value.IsEmpty(text) {
		return nil, err
	}
	out := &label{kind: "text", text: value.ToText(text)}
	switch name := value.ToText(kind); name {
	case "", "text":
	case "email":
		out.kind = name
	default:
		o.warn("MAKE503")
	}
	return out, nil
}

func (o *operation) metadataParts(m *ast.Metadata, a *answer) (kind, text value.Value, err error) {
	if m.Type == m.Value { // one template for the object of both
		both, err := o.object(m.Value, a)
		return both.Value("type"), both.Value("value"), err
	}
	if kind, err = o.eval(m.Type, a); err != nil {
		return kind, text, err
	}
	text, err = o.eval(m.Value, a)
	return kind, text, err
}

// expires reads a date, a text that is one, or Unix seconds.
func (o *operation) expires(v ast.Value, a *answer) (time.Time, error) {
	x, err := o.eval(v, a)
	if err != nil || value.IsEmpty(x) {
		return time.Time{}, err
	}
	if x.IsNumber() {
		return time.UnixMilli(int64(x.Float() * 1000)).UTC(), nil
	}
	if x.Kind() == value.KindDate {
		return time.UnixMilli(x.Millis()).UTC(), nil
	}
	text := value.ToText(x)
	if ms, ok := calendar.ParseText(text, cmp.Or(o.host.settings.Timezone, time.UTC)); ok {
		return time.UnixMilli(ms).UTC(), nil
	}
	if seconds, ok := value.ParseInteger(text); ok {
		return time.UnixMilli(int64(seconds.Float() * 1000)).UTC(), nil
	}
	return time.Time{}, fail(runtimeError, "IML402", "%s: IML402 expires is not a date", v.Origin().Pointer)
}
