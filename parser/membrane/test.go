package membrane

import (
	"slices"
	"strings"

	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/parser/document"
)

// proofVerdict judges the request that proves the credentials: what says nothing about them has types of its own, everything else
// is a test that failed (spec dialects.md §1.1, X6).
var proofVerdict = &ast.Verdict{
	Accept: []ast.StatusRange{{First: 200, Last: 299}},
	OnStatus: append(slices.Clone(unavailable),
		ast.StatusFailure{First: 1, Last: 999, Failure: ast.Failure{Type: "InvalidAccessTokenError", Code: "oauth1/test-failed"}}),
	OnInvalid: ast.Failure{Type: "InvalidAccessTokenError", Code: "oauth1/test-failed", Message: "the test of the connection failed"},
}

var httpMethods = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"}

// test lowers a rest-api-mapping to the stage that proves the credentials.
func (r *reader) test(conn *ast.Connection, m *method) {
	if m.body.Kind != document.KindObject {
		r.atKey("MEM210", diag.Error, m.at.Key, "the test is a "+m.body.Kind.String()+", expected an object with path and method", "")
		return
	}
	req := &ast.Request{At: m.at, EncodeURL: ast.FlagOff, UnderBase: true, QueryMode: ast.QueryAppend, Verdict: proofVerdict}
	path, verb := m.body.Member("path"), m.body.Member("method")
	for key, e := range map[string]*document.Member{"path": path, "method": verb} {
		if e == nil {
			r.atKey("MEM210", diag.Error, m.at.Key, "the key "+key+" is missing", "a rest-api-mapping needs path and method")
		}
	}
	if path == nil || verb == nil {
		return
	}
	name := strings.ToUpper(verb.Value.Text)
	if verb.Value.Kind != document.KindText || !slices.Contains(httpMethods, name) {
		r.atKey("MEM210", diag.Error, verb.KeySpan, "the method "+quote(verb.Value)+" is not known", "use one of "+strings.Join(httpMethods[:6], ", "))
	}
	req.Method = textOf(memberOrigin(m.at, *verb), name)
	request := &method{at: m.at}
	r.kind(m.body, "requestMapping", document.KindObject)
	if e := m.body.Member("requestMapping"); e != nil {
		request.body, request.at = e.Value, memberOrigin(m.at, *e)
	}
	r.misspelt(m.body, []string{"path", "method", "requestMapping", "responseMapping"})
	if request.body != nil {
		r.misspelt(request.body, []string{"pathParameters", "query", "headers", "data"})
	}
	req.URL = r.path(*path, memberOrigin(m.at, *path), request)
	req.Query = r.requestPart(request, "query")
	req.Headers = r.requestPart(request, "headers")
	if req.Body = r.requestPart(request, "data"); req.Body != nil {
		req.BodyType = textOf(request.at, "json")
	}
	for _, key := range []string{"pathParameters", "query", "headers"} {
		r.kind(request.body, key, document.KindObject)
	}
	r.unread(request, clientVariables, "pathParameters", "query", "headers", "data")
	req.Response = &ast.Response{At: m.at}
	var conditions []ast.Value
	if conn.Base != nil && conn.Base.Response != nil { // the handlers judge, and what they refuse is a test that failed
		req.Verdict = &ast.Verdict{Accept: handledVerdict.Accept, OnInvalid: proofVerdict.OnInvalid}
		conditions = append(conditions, conn.Base.Response.Valid.Condition)
	}
	if e := m.body.Member("responseMapping"); e != nil {
		here := memberOrigin(m.at, *e)
		conditions = append(conditions, invoke(here, "truthy", r.formulas().lower(e.Value, here, answerVariables)))
	}
	if len(conditions) > 0 {
		at := conditions[len(conditions)-1].Origin()
		req.Response.Valid = &ast.Valid{At: at, Condition: invoke(at, "and", &ast.Array{At: at, Items: conditions})}
	}
	conn.Stages = append(conn.Stages, &ast.Stage{At: m.at, Name: "test", Requests: []*ast.Request{req}, Proof: true})
}

// requestPart is one part of requestMapping; nil without it.
func (r *reader) requestPart(request *method, key string) ast.Value {
	if request.body == nil {
		return nil
	}
	_, v := r.part(request, key, clientVariables)
	return v
}

// path puts the encoded parameters into the path.
func (r *reader) path(e document.Member, at ast.Origin, request *method) ast.Value {
	if e.Value.Kind != document.KindText {
		r.atKey("MEM210", diag.Error, e.KeySpan, "the path is a "+e.Value.Kind.String()+", expected a text", "")
		return missing(at)
	}
	parameters := r.requestPart(request, "pathParameters")
	out := &ast.Join{At: at}
	for rest := e.Value.Text; ; {
		before, after, opened := strings.Cut(rest, "{")
		name, behind, closed := strings.Cut(after, "}")
		if !opened || !closed {
			out.Parts = append(out.Parts, textOf(at, rest))
			return out
		}
		if rest = behind; before != "" {
			out.Parts = append(out.Parts, textOf(at, before))
		}
		if parameters == nil || writtenOut(request.body) && request.body.Get("pathParameters").Get(name) == nil {
			r.atKey("MEM214", diag.Error, e.KeySpan, "the path has the placeholder {"+name+"}, for which there is no parameter", "add it to requestMapping.pathParameters")
			continue
		}
		value := invoke(at, "walk", parameters, textOf(at, escaped(name)))
		out.Parts = append(out.Parts, invoke(at, "pathParameter", value, textOf(at, name)))
	}
}

// writtenOut reports whether the path parameters of a request are an object that is no formula.
func writtenOut(request *document.Node) bool {
	p := request.Get("pathParameters")
	return !isFormula(request) && p != nil && p.Kind == document.KindObject && !isFormula(p)
}

// escaped is the locator of a name.
func escaped(name string) string {
	return strings.NewReplacer(`\`, `\\`, ".", `\.`, "[", `\[`).Replace(name)
}

// handlers lowers responseHandlers: the first entry whose match is absent or truthy decides about an answer.
func (r *reader) handlers(m *method) *ast.Response {
	list := m.body.Get("responseHandlers")
	if list == nil || list.Kind != document.KindArray || isFormula(m.body) {
		return nil
	}
	at := memberOrigin(m.at, *m.body.Member("responseHandlers"))
	matches := make([]ast.Value, len(list.Items))
	for i, item := range list.Items {
		here := itemOrigin(at, item, i)
		matches[i] = boolean(here, true)
		if item.Kind != document.KindObject {
			r.atKey("MEM207", diag.Error, item.Span, "the handler is "+article(item.Kind)+", expected an object", "write {match, isSuccess, error, data}")
		}
		r.kind(item, "error", document.KindObject)
		if e := item.Member("match"); e != nil {
			there := memberOrigin(here, *e)
			matches[i] = invoke(there, "truthy", r.formulas().lower(e.Value, there, answerVariables))
		}
	}
	choose := func(of func(item *document.Node, at ast.Origin) ast.Value, otherwise ast.Value) ast.Value {
		out := &ast.Choose{At: at, Else: otherwise}
		for i, item := range list.Items {
			out.Cases = append(out.Cases, ast.ChooseCase{Test: matches[i], Then: of(item, itemOrigin(at, item, i))})
		}
		return out
	}
	part := func(path ...string) func(item *document.Node, at ast.Origin) ast.Value {
		return func(item *document.Node, at ast.Origin) ast.Value {
			for _, key := range path {
				e := item.Member(key)
				if e == nil {
					return missing(at)
				}
				item, at = e.Value, memberOrigin(at, *e)
			}
			return r.formulas().lower(item, at, answerVariables)
		}
	}
	status := &ast.Root{At: at, Name: ast.RootStatus}
	succeeded := func(item *document.Node, here ast.Origin) ast.Value {
		if item.Member("isSuccess") == nil {
			return invoke(here, "succeeded", missing(here), status, boolean(here, item.Member("error") != nil))
		}
		return invoke(here, "succeeded", part("isSuccess")(item, here), status, boolean(here, false))
	}
	kind := func(item *document.Node, here ast.Origin) ast.Value {
		return invoke(here, "errorType", part("error", "key")(item, here), status)
	}
	return &ast.Response{At: at,
		Valid: &ast.Valid{At: at, Condition: choose(succeeded, invoke(at, "succeeded", missing(at), status, boolean(at, false)))},
		Error: &ast.Error{At: at, Message: choose(part("error", "message"), missing(at)),
			Type: choose(kind, invoke(at, "errorType", missing(at), status))},
		Output: choose(func(item *document.Node, here ast.Origin) ast.Value {
			if item.Member("data") == nil {
				return &ast.Root{At: here, Name: ast.RootBody}
			}
			return part("data")(item, here)
		}, &ast.Root{At: at, Name: ast.RootBody}),
	}
}
