package oracle

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/vm/value"
)

// settle runs what comes behind an answer, nil when nothing was sent: temp, the judgement, and what is stored or given
// out.
func (r *run) settle(l layers, response *ast.Response, a *answer) error {
	temps := make([]ast.Value, 0, len(l))
	for _, q := range l {
		if q.Response != nil {
			temps = append(temps, q.Response.Temp)
		}
	}
	if err := r.remember(temps...); err != nil {
		return err
	}
	if err := r.judge(response, l.verdict(), a); err != nil {
		return err
	}
	if r.calling {
		return r.give(response)
	}
	return r.keep(response, a)
}

func (l layers) verdict() (v *ast.Verdict) {
	for _, q := range l {
		v = cmp.Or(q.Verdict, v)
	}
	return v
}

// judge raises for a status that the verdict does not accept, and for a falsy valid of any other (ast.Verdict).
func (r *run) judge(response *ast.Response, v *ast.Verdict, a *answer) error {
	if a != nil && a.failed {
		words := ast.Failure{Type: runtimeError}
		for _, s := range slices.Backward(v.OnStatus) {
			if s.First <= a.status && a.status <= s.Last {
				words = s.Failure
			}
		}
		words.Message = cmp.Or(words.Message, a.reason)
		return r.authorsError(response, v, a.status, false, words)
	}
	ok, err := r.valid(response.Valid)
	if err != nil || ok {
		return err
	}
	status := 0
	if a != nil {
		status = a.status
	}
	return r.authorsError(response, v, status, true, invalidWords(v))
}

// accepts reports whether a status is no failure; without a verdict none is.
func accepts(v *ast.Verdict, status int) bool {
	return v == nil || slices.ContainsFunc(v.Accept, func(s ast.StatusRange) bool { return s.First <= status && status <= s.Last })
}

func (r *run) valid(v *ast.Valid) (bool, error) {
	if v == nil {
		return true, nil
	}
	return r.holds(v.Condition)
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

// keep evaluates what is stored against one snapshot, then stores it (spec make.md §10).
func (r *run) keep(response *ast.Response, a *answer) error {
	if response.Rows != nil {
		rows, err := r.eval(response.Rows)
		if err != nil {
			return err
		}
		if !value.IsTruthy(rows) {
			r.warn(ast.EventNoRows)
		}
	}
	data, err := r.object(response.Data)
	if err != nil {
		return err
	}
	if a != nil {
		data = r.addFields(data, response.DataFields)
	}
	uid, err := r.eval(response.UID)
	if err != nil {
		return err
	}
	kind, label, err := r.label(response.Metadata)
	if err != nil {
		return err
	}
	expires, err := r.expires(response, a)
	if err != nil {
		return err
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
	return nil
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
func (r *run) label(m *ast.Metadata) (kind, text string, err error) {
	if m == nil {
		return "", "", nil
	}
	var t, v value.Value
	if m.Type == m.Value { // one template for the object of both
		o, err := r.object(m.Value)
		if err != nil {
			return "", "", err
		}
		t, v = o.Value("type"), o.Value("value")
	} else {
		if t, err = r.eval(m.Type); err != nil {
			return "", "", err
		}
		if v, err = r.eval(m.Value); err != nil {
			return "", "", err
		}
	}
	if value.IsEmpty(v) {
		return "", "", nil
	}
	kind, text = cmp.Or(value.ToText(t), "text"), value.ToText(v)
	if !slices.Contains([]string{"text", "email", "url"}, kind) {
		r.warn(ast.EventUnknownLabelType)
		kind = "text"
	}
	if value.Len16(text) > 512 { // spec make.md §10
		r.warn(ast.EventLabelCut)
		text = value.Slice16(text, 0, 512)
	}
	return kind, text, nil
}

// expires is a date, Unix seconds, or an RFC 3339 text; a token answer has oauth_expires_in besides (spec dialects.md
// §1.3.9).
func (r *run) expires(response *ast.Response, a *answer) (time.Time, error) {
	x, err := r.eval(response.Expires)
	if err != nil {
		return time.Time{}, err
	}
	switch {
	case value.IsEmpty(x):
		if a == nil || !a.token {
			return time.Time{}, nil
		}
		seconds := value.ToNumber(r.root(ast.RootBody).Value("oauth_expires_in"))
		if !(seconds > 0) || math.IsInf(seconds, 0) {
			return time.Time{}, nil
		}
		return r.now.Add(time.Duration(seconds) * time.Second).UTC(), nil
	case x.Kind() == value.KindDate:
		return time.UnixMilli(x.Millis()).UTC(), nil
	case x.IsNumber():
		return time.UnixMilli(int64(x.Float() * 1000)).UTC(), nil
	}
	t, err := time.Parse(time.RFC3339Nano, value.ToText(x))
	if err != nil {
		return t, fail(runtimeError, "", "%s: expected a date, Unix seconds or a text like 2030-01-02T03:04:05Z, got %s",
			response.Expires.Origin().Pointer, x.Kind())
	}
	return t.UTC().Truncate(time.Millisecond), nil
}

// give is the output of a call: for the answer, or for each item of iterate up to limit of them; without an output the
// body or the item itself.
func (r *run) give(response *ast.Response) (err error) {
	output := func(otherwise value.Value) (value.Value, error) {
		if response.Output == nil {
			return otherwise, nil
		}
		return r.eval(response.Output)
	}
	if response.Iterate == nil {
		r.output, err = output(r.roots.Value(ast.RootBody))
		return err
	}
	container, err := r.eval(response.Iterate.Container)
	if err != nil {
		return err
	}
	limit, err := r.eval(response.Limit)
	if err != nil {
		return err
	}
	defer r.set(ast.RootItem, value.Undefined)
	out := []value.Value{}
	for _, item := range container.Items() {
		if limit.IsNumber() && float64(len(out)) >= limit.Float() {
			break
		}
		r.set(ast.RootItem, item)
		if kept, err := r.holds(response.Iterate.Condition); err != nil {
			return err
		} else if !kept {
			continue
		}
		x, err := output(item)
		if err != nil {
			return err
		}
		out = append(out, x)
	}
	r.output = listOf(out, ast.MissingNull, false)
	return nil
}
