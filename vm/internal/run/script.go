package run

import (
	"cmp"
	"context"
	"errors"
	"strconv"
	"strings"

	"github.com/imlc-lang/imlc/internal/limit"
	"github.com/imlc-lang/imlc/internal/media"
	"github.com/imlc-lang/imlc/runtime/content"
	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/expr"
	"github.com/imlc-lang/imlc/vm/message"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/script"
	"github.com/imlc-lang/imlc/vm/value"
)

// scripts returns the scripts of a connection by name.
func scripts(c *plan.Connection) map[string]script.Script {
	if len(c.Scripts) == 0 {
		return nil
	}
	modules := make([]script.Module, len(c.Modules))
	for i, m := range c.Modules {
		modules[i] = script.Module{Name: m.Name, Text: m.Text, Form: script.Form(m.Form), Bind: m.Bind, Parameters: m.Parameters}
	}
	out := make(map[string]script.Script, len(c.Scripts))
	for _, s := range c.Scripts {
		p := &script.Program{Entry: s.Entry, Library: s.Library, MaxSource: int(s.MaxSource)}
		for _, m := range s.Modules {
			p.Modules = append(p.Modules, modules[m.Number-1])
		}
		out[s.Name] = script.Script{Name: s.Title, Program: p}
	}
	return out
}

// CallScript implements builtin.Scripts.
func (r *run) CallScript(c *builtin.Context, name string, args []value.Value) (value.Value, error) {
	s, ok := r.scripts[name]
	if !ok || r.host.Scripts == nil {
		return value.Undefined, builtin.Errorf(builtin.CodeScript, 0, "nothing here runs scripts")
	}
	s.World = script.World{Functions: c, Send: r.sendScripted}
	if r.tracing() {
		s.World.Console = func(level, text string) {
			r.trace(Event{Kind: EventConsole, Code: level, Message: r.veil.tracing().Text(text)})
		}
	}
	if err := c.Tick(scriptSteps); err != nil {
		return value.Undefined, err
	}
	v, err := r.host.Scripts.Call(r.bounded(), s, args)
	if err == nil {
		return v, c.Memory(builtin.Shallow(v))
	}
	return value.Undefined, scriptError(err)
}

// scriptSteps is what a call of a script takes from the steps of the expression that calls it, beside what the
// functions take that the script calls.
const scriptSteps = 1000

// scriptError is the error of a script as functions have them. One that a request of the script met stays what it is.
func scriptError(err error) error {
	var (
		failed  *script.Error
		reached *limit.Error
		own     *Error
	)
	switch {
	case errors.As(err, &failed) && failed.Type != "":
		return &builtin.Error{Code: cmp.Or(failed.Code, builtin.CodeScript), Type: failed.Type, Message: failed.Error()}
	case errors.As(err, &failed):
		return &builtin.Error{Code: builtin.CodeScript, Message: failed.Error()}
	case errors.As(err, &own), errors.As(err, &reached), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	}
	return &builtin.Error{Code: builtin.CodeScript, Message: "the host of scripts failed", Err: err}
}

// apart returns a run that does something beside this one while that is in the middle of an expression: it sees the same
// and has a frame of its own. done takes over what it did.
func (r *run) apart() (x *run, done func()) {
	x = &run{Runner: r.Runner, spec: r.spec, clock: r.clock, at: r.at, veil: r.veil, conn: r.conn, temp: r.temp, terms: r.terms, sent: r.sent,
		handshake: r.handshake, answer: r.answer}
	x.frame = expr.Open(r.clock.ctx, r.image, r.host.Limits, r.clock.deadline)
	x.frame.Like(r.frame)
	x.frame.Scripts(x)
	return x, func() {
		r.sent, r.veil, r.terms = x.sent, x.veil, x.terms
		r.clock.ctx, r.clock.cancel = x.clock.ctx, x.clock.cancel
		_ = r.frame.Charge(int(x.frame.Spent())) // what comes next finds out
		x.frame.Close()
	}
}

// sendScripted makes a request of a script.
func (r *run) sendScripted(q script.Request) (script.Answer, error) {
	x, done := r.apart()
	defer done()
	a, err := x.scripted(q)
	if err != nil {
		return a, x.failure(err)
	}
	return a, nil
}

func (r *run) scripted(q script.Request) (out script.Answer, err error) {
	if r.sent++; r.sent > r.host.Limits.Requests {
		return out, limitReached("requests", int64(r.host.Limits.Requests))
	}
	r.tick()
	r.bindAnswer(answer{})
	req := &plan.Request{}
	if q.Connection {
		req = r.free()
		if err := r.mergeTemp(req.Temp...); err != nil {
			return out, err
		}
	}
	x := &exchange{run: r, req: req, free: true}
	if err := x.buildScripted(q); err != nil {
		return out, x.configured(err)
	}
	var res wire.Response
	err = x.make(&res, func(res *wire.Response) error {
		out, err = x.scriptAnswer(res)
		return err
	})
	return out, err
}

// buildScripted puts a request of a script over what the plan says of free requests.
func (x *exchange) buildScripted(q script.Request) error {
	r := x.run
	var p parts
	err := r.evaluateFree(x.req, &p)
	if err != nil {
		return err
	}
	p.method = strings.ToUpper(cmp.Or(q.Method, "GET"))
	x.settings(p.method, p.ca)
	fill := p.fill
	p.fill = nil // behind the request's own query
	if q.Connection {
		err = x.freeURL(&Free{URL: q.URL}, &p)
	} else {
		err = parseURL(&x.out.URL, q.URL, false)
	}
	if err != nil {
		return err
	}
	if q.Query != nil {
		if err := content.ApplyQuery(&x.out.URL, value.Collection(q.Query), content.QueryAppend, r.frame.Meter()); err != nil {
			return err
		}
	}
	if err := x.fillQuery(fill); err != nil {
		return err
	}
	if p.headers = overlayHeaders(p.headers, q.Headers); p.headers != nil {
		if x.out.Header, err = content.BuildHeader(value.Collection(p.headers)); err != nil {
			return err
		}
	}
	if err := x.scriptBody(q, &p); err != nil {
		return err
	}
	if q.OAuth != nil {
		for key, name := range oauthNames {
			if v, ok := q.OAuth.Get(name); ok {
				p.oauth.keys[key] = v
			}
		}
		p.oauth.version, p.oauth.extra = q.OAuth.Value("version"), q.OAuth.Value("extra").Object()
	}
	if q.OAuth != nil && !value.IsEmpty(q.OAuth.Value("callback")) { // asks for temporary credentials
		asking := *x.req
		asking.Callback = plan.CallbackNone
		x.req = &asking
	}
	return x.sign(&p)
}

// scriptBody writes the body of a request of a script; that of GET and HEAD is ignored.
func (x *exchange) scriptBody(q script.Request, p *parts) (err error) {
	if p.bodyless() || q.Body.IsUndefined() {
		return nil
	}
	kind, ok := map[string]content.BodyKind{"": content.BodyByValue, "json": content.BodyJSON, "form": content.BodyForm, "text": content.BodyText}[q.BodyType]
	if !ok {
		return misconfigured(message.ScriptBodyType, message.Args{"word": strconv.Quote(q.BodyType)})
	}
	p.body = q.Body
	x.body = q.Body
	x.out.Body, err = content.EncodeBody(q.Body, content.BodyOptions{Kind: kind, JSONType: x.req.JSONType, TextType: x.req.TextType, Meter: x.run.frame.Meter(),
		Form: x.out.Header.Get("Content-Type") == media.Form})
	if err == nil {
		err = x.run.frame.Reserve(int64(len(x.out.Body.Content)))
	}
	return err
}

// scriptAnswer reads the answer to a request of a script. One of the connection is judged as its answers are.
func (x *exchange) scriptAnswer(res *wire.Response) (out script.Answer, err error) {
	r := x.run
	if err := x.answered(res); err != nil {
		return out, err
	}
	a := answer{have: true, status: res.Status}
	if a.headers, err = content.HeaderValue(res.Header, r.frame.Meter()); err != nil {
		return out, err
	}
	parsed, err := r.readBody(content.ParseAutomatic, res, r.parsing())
	if err != nil {
		parsed = content.Parsed{Value: value.Text(value.ValidText(res.Body))} // the script has the text
	}
	a.body = parsed.Value
	out = script.Answer{Status: res.Status, Headers: a.headers, Text: value.ValidText(res.Body), Data: a.body}
	r.bindAnswer(a)
	resp := responseOf(x.req.Response)
	var failed *Error
	switch err := r.judge(x.req, resp, a); {
	case errors.As(err, &failed):
		out.Failure = &script.Failure{Type: failed.Type, Code: failed.Code, Message: r.veil.message(failed.Message)}
		return out, nil
	case err != nil:
		return out, err
	}
	if resp.Output != 0 {
		out.Data, err = r.eval(resp.Output)
	}
	return out, err
}

// rewrite replaces parts of a request by what a function of the plan makes of them.
func (x *exchange) rewrite(p *parts) error {
	r := x.run
	o := value.NewObject(4)
	o.Set("method", value.Text(p.method))
	o.Set("url", value.Text(x.out.URL.String()))
	headers := p.headers
	if headers == nil {
		headers = noEntries
	}
	o.Set("headers", value.Collection(headers))
	o.Set("body", p.body)
	r.bind(rootRequest, value.Collection(o))
	defer r.bind(rootRequest, value.Undefined)
	out, err := r.evalObject(x.req.Rewrite)
	if err != nil || out == nil {
		return err
	}
	if v := out.Value("method"); !value.IsEmpty(v) {
		p.method = strings.ToUpper(value.ToText(v))
		x.out.Method = p.method
	}
	if v := out.Value("url"); !value.IsEmpty(v) {
		if err := parseURL(&x.out.URL, value.ToText(v), false); err != nil {
			return err
		}
	}
	if v := out.Value("headers").Object(); v != nil {
		p.headers = v
	}
	if v, ok := out.Get("body"); ok {
		p.body, p.json = v, nil
	}
	return nil
}

// rewriteAnswer replaces parts of an answer by what a function of the plan makes of them.
func (r *run) rewriteAnswer(ref plan.Ref, a answer) (answer, error) {
	r.bindAnswer(a)
	out, err := r.evalObject(ref)
	if err != nil || out == nil {
		return a, err
	}
	if v := out.Value("status"); v.IsNumber() && v.Float() >= 100 && v.Float() <= 999 {
		a.status = int(v.Float())
	}
	if v, ok := out.Get("body"); ok {
		a.body = v
	}
	return a, nil
}
