package outline

import "github.com/imlc-lang/imlc/parser/ast"

// response reads what is done with the answer.
func (r *Reader) response(out *Request, req, base *ast.Request) {
	for _, res := range []*ast.Response{req.Response, base.Response} {
		if res == nil {
			continue
		}
		a := &out.Answer
		if a.At.Span.File == nil {
			a.At = res.At
		}
		if t := res.Type; t != nil && a.Kind == ast.ParseAutomatic {
			a.Kind, a.ByStatus = t.Value.Kind, len(t.Ranges) > 0
		}
		r.temporary(res.Temp)
		r.judged(a, res)
		if res.Data != nil {
			r.data(a, res)
		}
		for _, name := range res.DataFields {
			if name == "*" {
				a.All = true
				continue
			}
			a.Data = append(a.Data, Pair{Name: name, Value: &Read{res.At, r.answer, []Step{{Name: name}}}, At: res.At})
		}
		if res.Rows != nil && a.Rows == nil {
			a.Rows = r.Expr(res.Rows)
		}
		a.UID = either(a.UID, r.Expr(res.UID))
		a.Expires = either(a.Expires, r.Expr(res.Expires))
		if m := res.Metadata; m != nil && a.Label == nil {
			a.LabelType, a.Label = r.Expr(m.Type), r.Expr(m.Value)
		}
		a.Output, a.Limit = either(a.Output, r.Expr(res.Output)), either(a.Limit, r.Expr(res.Limit))
		if it := res.Iterate; it != nil && a.Items == nil {
			a.Items, a.Keep = r.Expr(it.Container), r.Expr(it.Condition)
		}
	}
}

func either(a, b Expr) Expr {
	if a != nil {
		return a
	}
	return b
}

func (r *Reader) judged(a *Answer, res *ast.Response) {
	if v := res.Valid; v != nil && a.Valid == nil {
		a.Valid, a.Message = Truth(r.Expr(v.Condition)), r.Expr(v.Message)
		if isParsed(a.Valid) {
			a.Valid, r.out.Documents = nil, true
		}
	}
	if e := res.Error; e != nil && a.Errors == nil {
		if e.Message != nil || e.Type != nil {
			a.Errors = append(a.Errors, Failure{e.At, 0, r.Expr(e.Message), r.Expr(e.Type)})
		}
		for _, s := range e.Status {
			a.Errors = append(a.Errors, Failure{s.At, s.Status, r.Expr(s.Message), r.Expr(s.Type)})
		}
	}
}

// isParsed reports whether a condition only asks that there is a document, which is how dialects say that answers must
// parse.
func isParsed(x Expr) bool {
	c, ok := x.(*Choose)
	if !ok || len(c.Cases) != 1 {
		return false
	}
	test, ok := c.Cases[0].Test.(*Call)
	if !ok || test.Name != FuncMissing {
		return false
	}
	read, ok := test.Args[0].(*Read)
	return ok && len(read.Path) == 0
}

func (r *Reader) data(a *Answer, res *ast.Response) {
	switch x := r.Expr(res.Data).(type) {
	case *Object:
		a.Data = append(a.Data, x.Entries...)
	case *Read:
		a.All = x.Root == r.answer && len(x.Path) == 0
	default:
		r.out.Losses.Lose(CodeStored, res.At, "what it comes to is known to a run only", "data that is computed as a whole is left out")
	}
}
