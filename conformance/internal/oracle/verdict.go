package oracle

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/vm/value"
)

// settle runs what comes behind an answer, nil when nothing was sent: temp, the judgement, and what is stored or given out.
func (r *run) settle(l layers, a *answer) {
	response := l.response()
	r.remember(l.written(func(q *ast.Request) ast.Value { return responseOf(q).Temp })...)
	r.judge(response, l.verdict(), a)
	if r.calling {
		r.give(response)
	} else {
		r.keep(response, a)
	}
}

func (l layers) verdict() (v *ast.Verdict) {
	for _, q := range l {
		v = cmp.Or(q.Verdict, v)
	}
	return v
}

// judge raises for a status that the verdict does not accept, and for a falsy valid of any other (ast.Verdict).
func (r *run) judge(response *ast.Response, v *ast.Verdict, a *answer) {
	status := 0
	if a != nil {
		status = a.status
	}
	switch {
	case r.err != nil:
	case a != nil && a.failed:
		words := ast.Failure{Type: runtimeError}
		for _, s := range slices.Backward(v.OnStatus) {
			if s.First <= status && status <= s.Last {
				words = s.Failure
			}
		}
		words.Message = cmp.Or(words.Message, a.reason)
		r.fail(r.authorsError(response, v, status, false, words))
	case !r.valid(response) && r.err == nil:
		r.fail(r.authorsError(response, v, status, true, invalidWords(v)))
	}
}

// accepts reports whether a status is no failure; without a verdict none is.
func accepts(v *ast.Verdict, status int) bool {
	return v == nil || slices.ContainsFunc(v.Accept, func(s ast.StatusRange) bool { return s.First <= status && status <= s.Last })
}

func (r *run) valid(response *ast.Response) bool {
	return response.Valid == nil || r.holds(response.Valid.Condition)
}

// invalidWords are those of a verdict for an answer that valid refuses.
func invalidWords(v *ast.Verdict) ast.Failure {
	words := ast.Failure{Type: runtimeError, Message: "the answer is not valid"}
	if v != nil {
		words = v.OnInvalid
	}
	return words
}

// authorsError takes message and type from the first that are not empty: those of valid, when it refused, of the
// status, of error, and those of the verdict (spec make.md §11.1, §11.2). Status 0 is no answer.
func (r *run) authorsError(response *ast.Response, v *ast.Verdict, status int, invalid bool, words ast.Failure) *failure {
	var messages, types []ast.Value
	code := words.Code
	if invalid {
		messages, types = append(messages, response.Valid.Message), append(types, response.Valid.Type)
		code = cmp.Or(response.Valid.Code, code)
	}
	if e := response.Error; e != nil {
		for _, s := range e.Status {
			if s.Status == status && status != 0 {
				messages, types = append(messages, s.Message), append(types, s.Type)
			}
		}
		messages, types = append(messages, e.Message), append(types, e.Type)
	}
	f := fail(words.Type, code, "%s", words.Message)
	f.Status, f.Section = status, r.stage
	f.Message = cmp.Or(r.words(messages...), f.Message)
	if name := r.words(types...); name != "" {
		f.Type = name
		if v != nil && v.Types != nil && !slices.Contains(v.Types, name) {
			r.warn(ast.EventUnknownErrorType)
		}
	}
	return f
}

// rows warns of an answer in which nothing is found that should be there.
func (r *run) rows(response *ast.Response) {
	if response.Rows != nil && !value.IsTruthy(r.eval(response.Rows)) && r.err == nil {
		r.warn(ast.EventNoRows)
	}
}

// keep evaluates what is stored against one snapshot, then stores it (spec make.md §10).
func (r *run) keep(response *ast.Response, a *answer) {
	r.rows(response)
	data := r.object(response.Data)
	if a != nil && r.err == nil {
		data = r.addFields(data, response.DataFields)
	}
	uid := r.eval(response.UID)
	kind, label := r.label(response.Metadata)
	expires := r.expires(response, a)
	if r.err != nil {
		return
	}
	r.store(over(r.conn.Data, data))
	if !value.IsEmpty(uid) {
		r.conn.UID = value.ToText(uid)
	}
	if label != "" {
		r.conn.LabelType, r.conn.Label = kind, label
	}
	if !expires.IsZero() {
		r.conn.Expires = expires
	}
}

// addFields adds the listed fields of the answer, all of them when "*" is listed (ast.Response.DataFields).
func (r *run) addFields(data *value.Object, fields []string) *value.Object {
	body := r.root(ast.RootBody)
	if slices.Contains(fields, "*") {
		return over(data, body)
	}
	for _, name := range fields {
		if v, ok := body.Get(name); ok {
			data = over(data, member(name, v))
		} else {
			r.warn(ast.EventFieldMissing)
		}
	}
	return data
}

// label is empty when there is none, which leaves the old one. A type that nobody knows is text.
func (r *run) label(m *ast.Metadata) (kind, text string) {
	if m == nil {
		return "", ""
	}
	var t, v value.Value
	if m.Type == m.Value { // one template for the object of both
		o := r.object(m.Value)
		t, v = o.Value("type"), o.Value("value")
	} else {
		t, v = r.eval(m.Type), r.eval(m.Value)
	}
	kind, text = cmp.Or(value.ToText(t), "text"), value.ToText(v)
	if r.err != nil || text == "" {
		return "", ""
	}
	if kind != "text" && kind != "email" {
		r.warn(ast.EventUnknownLabelType)
		kind = "text"
	}
	if value.Len16(text) > 512 { // spec make.md §10
		r.warn(ast.EventLabelCut)
		text = value.Slice16(text, 0, 512)
	}
	return kind, text
}

// expires is a date, Unix seconds, or an RFC 3339 text; a token answer has oauth_expires_in besides (spec dialects.md §1.3.9).
func (r *run) expires(response *ast.Response, a *answer) time.Time {
	x := r.eval(response.Expires)
	switch {
	case value.IsEmpty(x):
		seconds := value.ToNumber(r.root(ast.RootBody).Value("oauth_expires_in"))
		if a == nil || !a.token || !(seconds > 0) || math.IsInf(seconds, 0) {
			return time.Time{}
		}
		return r.now.Add(time.Duration(seconds) * time.Second).UTC()
	case x.Kind() == value.KindDate:
		return time.UnixMilli(x.Millis()).UTC()
	case x.IsNumber():
		return time.UnixMilli(int64(x.Float() * 1000)).UTC()
	}
	t, err := time.Parse(time.RFC3339Nano, value.ToText(x))
	if err != nil {
		r.fail(fail(runtimeError, "", "%s: expected a date, Unix seconds or a text like 2030-01-02T03:04:05Z, got %s",
			response.Expires.Origin().Pointer, x.Kind()))
	}
	return t.UTC().Truncate(time.Millisecond)
}

// give is the output of a call: for the answer, or for each item of iterate up to limit of them; without an output the
// body or the item itself.
func (r *run) give(response *ast.Response) {
	r.rows(response)
	output := func(otherwise value.Value) value.Value {
		if response.Output == nil {
			return otherwise
		}
		return r.eval(response.Output)
	}
	if response.Iterate == nil {
		r.output = output(r.roots.Value(ast.RootBody))
		return
	}
	container, limit := r.eval(response.Iterate.Container), r.eval(response.Limit)
	out := []value.Value{}
	for _, item := range container.Items() {
		if limit.IsNumber() && float64(len(out)) >= limit.Float() {
			break
		}
		r.set(ast.RootItem, item)
		if r.holds(response.Iterate.Condition) {
			out = append(out, output(item))
		}
	}
	r.set(ast.RootItem, value.Undefined)
	r.output = listOf(out, ast.MissingNull, false)
}
