package supermetrics

import (
	"slices"
	"strings"

	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/parser/document"
)

// answerText reads an answer as text, so that what is no JSON is judged instead of being an error of its own.
func answerText(at ast.Origin) *ast.ResponseType {
	return &ast.ResponseType{At: at, Value: ast.Parser{Kind: ast.ParseText}}
}

// parsed is the answer as a document.
func parsed(at ast.Origin) ast.Value { return invoke(at, "document", root(at, ast.RootBody)) }

// proof lowers validation and the user info to the stages that prove the credentials.
func (r *reader) proof(conn *ast.Connection, auth, top object) {
	if v := r.child(auth, "validation", false); v.node != nil {
		r.unknown(v, []string{"request"}, nil)
		if o := r.child(v, "request", true); usesSigner(o.node) {
			r.request(o, inProof, "GET") // for its diagnostics
		} else if o.node != nil {
			for _, key := range strings.Fields("method url builderType response") {
				if o.node.Member(key) == nil && key != "url" && key != "builderType" {
					r.atKey("SUP203", diag.Error, o.at.Key, "the key "+key+" is missing", "")
				}
			}
			req, path, compiled := r.proofRequest(o)
			if compiled && path != "" {
				req.Response.Rows = invoke(o.at, "rows", parsed(o.at), textOf(o.at, path))
			}
			conn.Stages = append(conn.Stages, &ast.Stage{At: o.at, Name: "validation", Requests: []*ast.Request{req}, Proof: true})
		}
	}
	user := r.child(top, "dataSourceUser", false)
	if user.node == nil {
		return
	}
	r.unknown(user, []string{"request", "userInfo"}, nil)
	req := &ast.Request{At: user.at, Response: &ast.Response{At: user.at}}
	row := missing(user.at)
	if o := r.child(user, "request", false); o.node != nil {
		var path string
		var compiled bool
		if req, path, compiled = r.proofRequest(o); compiled {
			if path == "" {
				path = "$"
			}
			row = invoke(o.at, "firstRow", parsed(o.at), textOf(o.at, path))
		}
	}
	r.userInfo(req.Response, r.child(user, "userInfo", false), row)
	conn.Stages = append(conn.Stages, &ast.Stage{At: user.at, Name: "dataSourceUser", Requests: []*ast.Request{req}, Proof: true})
}

// proofRequest lowers a request whose answer must be a JSON document.
func (r *reader) proofRequest(o object) (req *ast.Request, path string, compiled bool) {
	if m := o.node.Member("type"); m != nil && m.Value.Text == "async" {
		r.atKey("SUP403", diag.Warning, m.KeySpan, "an asynchronous request is not compiled: it is sent as any other", "")
	}
	req = r.request(o, inProof, "GET")
	r.signed(o, req)
	req.Verdict = proofVerdict
	path, compiled = r.rows(o)
	req.Response = &ast.Response{At: o.at, Type: answerText(o.at)}
	if compiled {
		is := &ast.Invoke{At: o.at, Library: "core", Function: "isMissing", Args: []ast.Value{parsed(o.at)}}
		req.Response.Valid = &ast.Valid{At: o.at, Condition: &ast.Choose{At: o.at,
			Cases: []ast.ChooseCase{{Test: is, Then: &ast.Literal{At: o.at, Kind: ast.LiteralBool}}}, Else: &ast.Literal{At: o.at, Kind: ast.LiteralBool, Bool: true}}}
	}
	return req, path, compiled
}

// userInfo lowers id, label and the further fields.
func (r *reader) userInfo(out *ast.Response, o object, row ast.Value) {
	if o.node == nil {
		return
	}
	data := &ast.Object{At: o.at}
	for _, m := range o.node.Members {
		at := memberOrigin(o.at, m)
		if m.Value.Kind != document.KindObject {
			r.wrong(m, "an object with source and value")
			continue
		}
		v := r.infoValue(object{m.Value, at}, row)
		switch m.Key {
		case "id":
			out.UID = invoke(at, "identity", v)
		case "label":
			out.Metadata = &ast.Metadata{At: at, Type: textOf(at, "text"), Value: v}
		default:
			data.Entries = append(data.Entries, ast.Entry{Key: "userInfo." + m.Key, KeyAt: m.KeySpan, Value: v})
		}
	}
	if len(data.Entries) > 0 {
		out.Data = data
	}
}

// infoValue is the value of one field of the user info.
func (r *reader) infoValue(o object, row ast.Value) ast.Value {
	r.unknown(o, []string{"source", "value"}, nil)
	source, m := o.node.Member("source"), o.node.Member("value")
	if source == nil || m == nil {
		r.atKey("SUP203", diag.Error, o.at.Key, "source and value are needed", "")
		return missing(o.at)
	}
	at := memberOrigin(o.at, *m)
	if source.Value.Text != "static" {
		r.notReplaced(*m)
	}
	switch source.Value.Text {
	case "jsonPath":
		path, ok := r.path(*m)
		if !ok {
			return missing(at)
		}
		return invoke(at, "scalar", row, textOf(at, path))
	case "userInput":
		if m.Value.Kind != document.KindText {
			r.wrong(*m, "the id of an input")
			return missing(at)
		}
		return r.input(*m, at, m.Value.Text, m.Value.Text)
	case "static":
		return r.scalar(*m, at, inInfo)
	}
	r.atKey("SUP204", diag.Error, source.KeySpan, "the source is not known", "use userInput, jsonPath or static")
	return missing(at)
}

// reports lowers the requests of the report types to calls.
func (r *reader) reports(conn *ast.Connection, o object) {
	m := r.list(o, "reportTypes")
	if m == nil {
		return
	}
	at := memberOrigin(o.at, *m)
	seen := map[string]bool{}
	for i, item := range m.Value.Items {
		here := itemOrigin(at, item, i)
		id := item.Member("id")
		if id == nil {
			r.atKey("SUP203", diag.Error, here.Key, "a report type without id", "")
			continue
		}
		if id.Value.Kind != document.KindText {
			r.wrong(*id, "a text")
			continue
		}
		if seen[id.Value.Text] {
			r.atKey("SUP209", diag.Error, id.KeySpan, "the id "+id.Value.Text+" is used twice", "")
		}
		seen[id.Value.Text] = true
		r.kept(item)
		req := r.child(object{item, here}, "request", true)
		if req.node == nil {
			continue
		}
		conn.Calls = append(conn.Calls, r.report(id.Value.Text, req)...)
	}
}

// kept tells once of the keys of a report type that are kept without effect; others describe it.
func (r *reader) kept(item *document.Node) {
	for _, m := range item.Members {
		if slices.Contains(keptKeys, m.Key) {
			r.unknown(object{node: &document.Node{Kind: document.KindObject, Members: []document.Member{m}}}, nil, keptKeys)
		}
	}
}

// report lowers one report; none when it needs what is not compiled.
func (r *reader) report(id string, o object) []*ast.Call {
	if m := o.node.Member("type"); m != nil && m.Value.Text == "async" {
		r.atKey("SUP403", diag.Warning, m.KeySpan, "an asynchronous report is not compiled", "")
		return nil
	}
	req := r.request(o, inReport, "GET")
	r.signed(o, req)
	path, compiled := r.rows(o)
	if !compiled || usesSigner(o.node) {
		return nil
	}
	req.Verdict = reportVerdict
	req.Response = &ast.Response{At: o.at, Type: &ast.ResponseType{At: o.at, Value: ast.Parser{Kind: ast.ParseJSON}}}
	if path != "" {
		req.Response.Rows = invoke(o.at, "rows", root(o.at, ast.RootBody), textOf(o.at, path))
		req.Response.Output = invoke(o.at, "list", root(o.at, ast.RootBody), textOf(o.at, path))
	}
	return []*ast.Call{{At: o.at, Name: "reports." + id, Requests: []*ast.Request{req}}}
}

// responseHandler lowers the messages of defaultResponseHandler.
func (r *reader) responseHandler(o object) *ast.Response {
	m := r.list(o, "responseStatuses")
	if m == nil {
		return nil
	}
	at := memberOrigin(o.at, *m)
	out := &ast.Error{At: at}
	for i, item := range m.Value.Items {
		here := itemOrigin(at, item, i)
		if action := item.Member("action"); action != nil && action.Value.Text != "error" {
			if !r.said["action"] {
				r.said["action"] = true
				r.atKey("SUP408", diag.Warning, action.KeySpan, "the action "+action.Value.Text+" is kept and not compiled", "")
			}
			continue
		}
		status, message := item.Get("httpStatus"), item.Member("message")
		if message != nil && message.Value.Kind != document.KindText {
			r.wrong(*message, "a text")
			continue
		}
		if status == nil || status.Kind != document.KindNumber {
			r.atKey("SUP203", diag.Error, here.Key, "a status without httpStatus", "")
			continue
		}
		entry := ast.StatusError{At: here, Status: int(status.Number)}
		if message != nil {
			entry.Message = textOf(memberOrigin(here, *message), message.Value.Text)
		}
		out.Status = append(out.Status, entry)
	}
	return &ast.Response{At: at, Error: out}
}
