package run

import (
	"cmp"
	"slices"

	"github.com/imlc-lang/imlc/vm/message"
	"github.com/imlc-lang/imlc/vm/plan"
)

// settle does what the response directives say: temp first, then the judgement, then what the answer leaves.
func (r *run) settle(req *plan.Request, a answer) error {
	r.bindAnswer(a)
	resp := responseOf(req.Response)
	if err := r.mergeTemp(resp.Temp...); err != nil {
		return err
	}
	if err := r.judge(req, resp, a); err != nil {
		return err
	}
	if r.at.call {
		return r.yield(resp, a)
	}
	return r.store(resp, a)
}

// responseOf returns the response directives of a request, which may have none.
func responseOf(resp *plan.Response) *plan.Response {
	if resp == nil {
		return &plan.Response{}
	}
	return resp
}

// verdict returns the verdict of that number, nil for 0.
func (r *run) verdict(n int32) *plan.Verdict {
	if n == 0 {
		return nil
	}
	return &r.spec.Verdicts[n-1]
}

// accepts reports whether a status is no failure; without a verdict none is.
func (r *run) accepts(verdict int32, status int) bool {
	v := r.verdict(verdict)
	return v == nil || slices.ContainsFunc(v.Accept, func(a plan.StatusRange) bool {
		return a.First <= int32(status) && int32(status) <= a.Last
	})
}

// judge raises for a failing status and for an answer that the author refuses. The author's words come first, those of
// the verdict stand in.
func (r *run) judge(req *plan.Request, resp *plan.Response, a answer) error {
	v := r.verdict(req.Verdict)
	if a.have && !r.accepts(req.Verdict, a.status) {
		e := &Error{Class: ClassProvider, Status: a.status}
		r.addWords(e, resp.Error, a.status, v)
		r.addFailure(e, failureOf(v, a.status), a)
		return e
	}
	if resp.Valid == nil {
		return nil
	}
	ok, err := r.condition(resp.Valid.Condition)
	if err != nil || ok {
		return err
	}
	return r.invalid(resp.Valid, resp.Error, v, a, "")
}

// failureOf returns the words of a verdict for a failing status.
func failureOf(v *plan.Verdict, status int) plan.Failure {
	for _, s := range v.OnStatus {
		if s.First <= int32(status) && int32(status) <= s.Last {
			return s.Failure
		}
	}
	return plan.Failure{}
}

// addFailure fills in the words of a verdict.
func (r *run) addFailure(e *Error, f plan.Failure, a answer) {
	e.Type, e.Code = cmp.Or(e.Type, f.Type, RuntimeError), cmp.Or(e.Code, f.Code)
	if e.Message = cmp.Or(e.Message, f.Message); e.Message == "" && a.have {
		r.sayStatus(e, a.status, a.detail)
	}
}

// invalid is the error of an answer that the author refuses, with the code when neither the author nor the verdict has
// one.
func (r *run) invalid(valid *plan.Valid, errs *plan.Error, v *plan.Verdict, a answer, code string) *Error {
	e := r.wordsOfValid(valid)
	e.Class, e.Status, e.Code = ClassProvider, a.status, valid.Code
	r.addWords(e, errs, a.status, v)
	f := plan.Failure{}
	if v != nil {
		f = v.OnInvalid
	}
	if e.Message == "" && f.Message == "" {
		e.say(message.NotValid, nil)
	}
	r.addFailure(e, f, a)
	e.Code = cmp.Or(e.Code, code)
	return e
}

// wordsOfValid returns what a validity directive says of its failure itself.
func (r *run) wordsOfValid(valid *plan.Valid) *Error {
	return &Error{Message: r.evalText(valid.Message), Type: r.evalText(valid.Type)}
}

// addWords adds message and type of the author to an error that lacks them: those of the status, then the general ones.
// Status 0 is no answer. Of a type that the verdict does not know it warns, and keeps it.
func (r *run) addWords(e *Error, errs *plan.Error, status int, v *plan.Verdict) {
	add := func(message, typ plan.Ref) {
		if e.Message == "" {
			e.Message = r.evalText(message)
		}
		if e.Type == "" {
			e.Type = r.evalText(typ)
		}
	}
	if errs != nil {
		for _, s := range errs.Status {
			if int(s.Status) == status && status != 0 {
				add(s.Message, s.Type)
			}
		}
		add(errs.Message, errs.Type)
	}
	if e.Type != "" && v != nil && len(v.Types) > 0 && !slices.Contains(v.Types, e.Type) {
		r.warn(EventUnknownErrorType, "unknown error type "+r.veil.masker().Text(e.Type))
	}
}
