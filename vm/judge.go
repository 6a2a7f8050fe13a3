package vm

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/imlc-lang/imlc/runtime/oauth1"
	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm/builtin/iml"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// settle runs steps 8 to 10: temp, the judgement, and what is stored.
func (r *run) settle(req *plan.Request, a answer) error {
	r.bindAnswer(a)
	resp := req.Response
	if resp == nil {
		resp = &plan.Response{}
	}
	inherited := plan.Ref(0)
	if base := r.base(); base != nil && base.Response != nil {
		inherited = base.Response.Temp
	}
	if err := r.mergeTemp(inherited, resp.Temp); err != nil { // 8
		return err
	}
	if err := r.judge(resp, a); err != nil { // 9
		return err
	}
	if r.module {
		return r.yield(resp, a)
	}
	return r.apply(resp) // 10
}

// judge raises for a failing status and for a falsy valid (spec make.md §11).
func (r *run) judge(resp *plan.Response, a answer) error {
	errs := resp.Error
	if a.have && (a.status < 200 || a.status > 399) {
		e := r.newError(errs, a.status, "")
		if e.Message == "" {
			e.Message = wire.StatusText(a.status)
		}
		if e.Type == "" {
			e.Type = r.defaultType(a.status)
		}
		return e
	}
	valid := resp.Valid
	if valid == nil {
		return nil
	}
	ok, err := r.condition(valid.Condition)
	if err != nil || ok {
		return err
	}
	return r.invalid(valid, errs, a.status)
}

// invalid builds the error of a falsy valid.
func (r *run) invalid(valid *plan.Valid, errs *plan.Error, status int) *Error {
	message := r.evalText(valid.Message)
	e := r.newError(errs, status, r.evalText(valid.Type))
	if message != "" {
		e.Message = message
	}
	if e.Message == "" {
		e.Message = "Response marked as invalid."
	}
	if e.Type == "" {
		e.Type = RuntimeError
	}
	return e
}

// newError picks message and type of the author: a type that comes first, those of the status, then the general ones
// (spec make.md §11.1, §11.2).
func (r *run) newError(errs *plan.Error, status int, typ string) *Error {
	e := &Error{Status: status, Section: r.section, RequestIndex: r.index}
	if errs == nil {
		errs = &plan.Error{}
	}
	for _, s := range errs.Status {
		if int(s.Status) == status && status != 0 { // 0: there was no answer
			e.Message = r.evalText(s.Message)
			typ = orElse(typ, r.evalText(s.Type))
		}
	}
	if e.Message == "" {
		e.Message = r.evalText(errs.Message)
	}
	if typ == "" {
		typ = r.evalText(errs.Type)
	}
	if typ != "" {
		e.Type = r.errorType(typ)
	}
	return e
}

func (r *run) defaultType(status int) string {
	if r.engine.plan.Meta.LegacyErrorTypes {
		return RuntimeError
	}
	switch {
	case status == http.StatusTooManyRequests:
		return RateLimitError
	case status >= 500 && status <= 599:
		return ConnectionError
	}
	return RuntimeError
}

// ErrorTypes are the error types of the platform (spec make.md §11.4); the first nine are those an author may name.
var ErrorTypes = []string{
	"RuntimeError", "DataError", "RateLimitError", "OutOfSpaceError", "ConnectionError",
	"InvalidConfigurationError", "InvalidAccessTokenError", "IncompleteDataError", "DuplicateDataError",
	"UnknownError", "UnexpectedError", "InconsistencyError", "MaxResultsExceededError", "MaxFileSizeExceededError",
	"ModuleTimeoutError", "ScenarioTimeoutError", "OperationsLimitExceededError", "DataSizeLimitExceededError",
	"ExecutionInterruptedError", "AccountValidationError",
}

// errorType keeps any name and warns about an unknown one.
func (r *run) errorType(name string) string {
	if !slices.Contains(ErrorTypes, name) {
		r.warn(codeErrorType, "unknown error type "+r.masker().Text(name)+" is handled as RuntimeError")
	}
	return name
}

// apply evaluates data, uid, metadata and expires against one snapshot and stores them in this order (step 10).
func (r *run) apply(resp *plan.Response) error {
	data, err := r.evalObject(resp.Data)
	if err != nil {
		return err
	}
	data = r.tokenFields(resp.DataFields, data)
	uid, err := r.eval(resp.UID)
	if err != nil {
		return err
	}
	meta, err := r.metadata(resp.Metadata)
	if err != nil {
		return err
	}
	expires, err := r.expires(resp.Expires)
	if err != nil {
		return err
	}
	if data != nil {
		if err := r.mergeData(data); err != nil {
			return err
		}
		if r.tracing() {
			r.trace(Event{Kind: EventStored, Value: r.masked(value.Collection(data))})
		}
	}
	if !value.IsEmpty(uid) {
		r.conn.UID = strings.Clone(value.ToText(uid))
		if r.tracing() {
			r.trace(Event{Kind: EventIdentity, Message: "uid", Value: r.masked(uid)})
		}
	}
	if meta != nil {
		r.conn.Metadata = meta
		if r.tracing() {
			r.trace(Event{Kind: EventIdentity, Message: "metadata", Value: r.masked(value.Text(meta.Value))})
		}
	}
	if !expires.IsZero() {
		r.conn.Expires = expires
	}
	return nil
}

// tokenFields adds the listed fields of a token answer, or all of them, to the data block (dialects X9).
func (r *run) tokenFields(fields []string, data *value.Object) *value.Object {
	answer := r.tables.body.Object()
	if len(fields) == 0 || answer == nil {
		return data
	}
	out := data.Clone()
	for i := range answer.Len() {
		if k, v := answer.At(i); fields[0] == "*" || slices.Contains(fields, k) {
			out.Set(k, v)
		}
	}
	return out
}

func (r *run) metadata(m *plan.Metadata) (*Metadata, error) {
	if m == nil {
		return nil, nil
	}
	typ, v, err := r.label(m)
	if err != nil || value.IsEmpty(v) {
		return nil, err
	}
	out := &Metadata{Type: value.ToText(typ), Value: strings.Clone(value.ToText(v))}
	if out.Type != "email" && out.Type != "text" {
		if out.Type != "" {
			r.warn(codeMetadataType, "unknown metadata type becomes text")
		}
		out.Type = "text"
	}
	return out, nil
}

// label evaluates type and value, or the one object that holds both.
func (r *run) label(m *plan.Metadata) (typ, text value.Value, err error) {
	if m.Type == m.Value {
		o, err := r.evalObject(m.Value)
		return o.Value("type"), o.Value("value"), err
	}
	if typ, err = r.eval(m.Type); err != nil {
		return typ, text, err
	}
	text, err = r.eval(m.Value)
	return typ, text, err
}

// expires reads a date, a text that is a date, or Unix seconds (spec make.md §10).
func (r *run) expires(ref plan.Ref) (time.Time, error) {
	v, err := r.eval(ref)
	if err != nil || value.IsEmpty(v) {
		return time.Time{}, err
	}
	switch v.Kind() {
	case value.KindDate:
		return time.UnixMilli(v.Millis()).UTC(), nil
	case value.KindNumber:
		return time.UnixMilli(int64(v.Float() * 1000)).UTC(), nil
	}
	parse, _ := iml.Library().Lookup("parseDate")
	d, err := r.frame.Call(parse, value.Text(value.ToText(v)))
	if err != nil {
		if f, ok := value.ParseInteger(value.ToText(v)); ok {
			return time.UnixMilli(int64(f.Float() * 1000)).UTC(), nil
		}
		return time.Time{}, &Error{Type: RuntimeError, Code: "IML402", Message: r.engine.plan.Function(ref).Pointer + ": IML402 expires is not a date"}
	}
	return time.UnixMilli(d.Millis()).UTC(), nil
}

// providerWords is what a failing answer says, masked, without controls and cut.
func (r *run) providerWords(res *wire.Response) string { return r.masker().Excerpt(res.Body, 300) }

// problemOf returns the code of the provider's problem report, "" when the answer holds none.
func problemOf(res *wire.Response) oauth1.ProblemCode {
	if p := oauth1.ParseProblem(res.Status, res.Header.Values("WWW-Authenticate"), res.ContentType(), []byte(res.Body)); p != nil {
		return p.Code
	}
	return ""
}
