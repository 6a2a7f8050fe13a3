package supermetrics

import (
	"slices"
	"strings"

	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/internal/source"
	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/parser/document"
)

var (
	unavailable = []ast.StatusFailure{{First: 429, Last: 429, Failure: ast.Failure{Type: "RateLimitError"}}, {First: 500, Last: 599, Failure: ast.Failure{Type: "ConnectionError"}}}
	belowError  = []ast.StatusRange{{First: 1, Last: 399}}

	// tokenVerdict judges the token calls, reportVerdict reports and free requests.
	tokenVerdict = &ast.Verdict{Accept: belowError, OnStatus: append(slices.Clone(unavailable), ast.StatusFailure{First: 1, Last: 999, Failure: ast.Failure{Type: "RuntimeError"}}),
		OnInvalid: ast.Failure{Type: "RuntimeError"}}
	reportVerdict = tokenVerdict
	// proofVerdict judges the requests that prove the credentials.
	proofVerdict = &ast.Verdict{Accept: belowError,
		OnStatus:  append(slices.Clone(unavailable), ast.StatusFailure{First: 1, Last: 999, Failure: ast.Failure{Type: "InvalidAccessTokenError", Code: "oauth1/test-failed"}}),
		OnInvalid: ast.Failure{Type: "InvalidAccessTokenError", Code: "oauth1/test-failed", Message: "the answer of the validation is not of the type that it should have"}}
)

// stored signs with the token of the connection.
func stored(at ast.Origin) *ast.OAuth {
	data := func(key string) ast.Value { return invoke(at, "lookup", root(at, ast.RootData), textOf(at, key)) }
	return &ast.OAuth{At: at, Token: data("oauth_token"), TokenSecret: data("oauth_token_secret")}
}

var (
	requestKeys = strings.Fields("type method url headers parameters body builderType config response")
	// replacedKeys are those in which placeholders are replaced.
	replacedKeys = strings.Fields("url headers parameters body")
	keptKeys     = strings.Fields("pagination cache retry retries caching paging")
	requestTypes = strings.Fields("sync async")
	methods      = strings.Fields("GET POST PUT DELETE")
)

// request lowers method (by default the given one, "" for a URL of the browser), URL with parameters, headers and body of a request; signing and answers are the caller's.
func (r *reader) request(o object, where place, method string) *ast.Request {
	browser := method == ""
	r.unknown(o, requestKeys, keptKeys)
	r.oneOf(o, "type", requestTypes)
	req := &ast.Request{At: o.at, EncodeURL: ast.FlagOff, QueryMode: ast.QueryAppend, Encoding: ast.Encoding{ByValue: true}}
	if m := o.node.Member("method"); m != nil {
		method = m.Value.Text
		r.oneOf(o, "method", methods)
	}
	if !browser {
		req.Method = textOf(o.at, method)
	}
	if m := o.node.Member("url"); m == nil {
		if where != inToken || o.node.Member("type") == nil { // the request-token request tells by itself
			r.atKey("SUP203", diag.Error, o.at.Key, "the key url is missing", "")
		}
	} else if m.Value.Kind != document.KindText {
		r.wrong(*m, "a text")
	} else {
		r.checkURL(*m, where == inToken && !browser)
		r.unclosed(*m, m.Value.Text)
		req.URL = r.text(*m, memberOrigin(o.at, *m), where, true)
	}
	r.leftText(o)
	req.Headers = r.headers(o, where)
	req.Query = r.parameters(o, where)
	if m := o.node.Member("body"); m != nil {
		if k := m.Value.Kind; k != document.KindText && k != document.KindObject && k != document.KindArray {
			r.wrong(*m, "a text or an object")
		}
		req.Body = r.value(*m, memberOrigin(o.at, *m), where)
	}
	return req
}

// leftText warns of placeholders where none is replaced.
func (r *reader) leftText(o object) {
	for _, m := range o.node.Members {
		if !slices.Contains(replacedKeys, m.Key) {
			r.notReplaced(m)
		}
	}
}

// notReplaced warns of the placeholders in a value, or in what is in it.
func (r *reader) notReplaced(m document.Member) {
	if m.Value.Kind == document.KindText && hasPlaceholder(m.Value.Text) {
		r.atKey("SUP302", diag.Warning, m.KeySpan, "a placeholder in "+m.Key+" is not replaced", "placeholders stand in URLs and in values of headers, bodies and parameters")
	}
	for _, below := range m.Value.Members {
		r.notReplaced(below)
	}
}

// pair is an entry {name, value} of a list.
type pair struct {
	name  document.Member
	value document.Member
	item  *document.Node
	at    ast.Origin
}

// place is where a diagnostic about the pair points: the item of the list, at its name when that stands on its first line.
func (p pair) place() source.Span {
	if p.name.KeySpan.Position().Line == p.item.Span.Position().Line {
		return p.name.KeySpan
	}
	return p.item.Span
}

func (r *reader) pairs(o object, key string) []pair {
	m := r.list(o, key)
	if m == nil {
		return nil
	}
	at := memberOrigin(o.at, *m)
	var out []pair
	for i, item := range m.Value.Items {
		here := itemOrigin(at, item, i)
		name, v := item.Member("name"), item.Member("value")
		if name == nil || v == nil {
			r.atKey("SUP203", diag.Error, here.Key, "an entry of "+key+" without name or value", "")
			continue
		}
		r.unknown(object{item, here}, []string{"name", "value"}, nil)
		if name.Value.Kind != document.KindText {
			r.wrong(*name, "a text")
			continue
		}
		if hasPlaceholder(name.Value.Text) {
			r.atKey("SUP302", diag.Warning, name.KeySpan, "a placeholder in a name is not replaced", "placeholders stand in values")
		}
		out = append(out, pair{*name, *v, item, memberOrigin(here, *v)})
	}
	return out
}

func (r *reader) headers(o object, where place) ast.Value {
	list := r.pairs(o, "headers")
	if len(list) == 0 {
		return nil
	}
	out := &ast.Object{At: o.at}
	for _, p := range list {
		if o.node.Member("builderType") != nil && strings.EqualFold(p.name.Value.Text, "Authorization") {
			r.atKey("SUP406", diag.Warning, p.place(), "the header Authorization is replaced by the signature", "remove it, or builderType")
			continue
		}
		out.Entries = append(out.Entries, ast.Entry{Key: p.name.Value.Text, KeyAt: p.name.KeySpan, Value: r.scalar(p.value, p.at, where)})
	}
	return out
}

// parameters are the query, in order; those of one name are a list where the first of them stands.
func (r *reader) parameters(o object, where place) ast.Value {
	list := r.pairs(o, "parameters")
	if len(list) == 0 {
		return nil
	}
	out, places := &ast.Object{At: o.at}, map[string]int{}
	for _, p := range list {
		v := r.scalar(p.value, p.at, where)
		i, ok := places[p.name.Value.Text]
		if !ok {
			places[p.name.Value.Text] = len(out.Entries)
			out.Entries = append(out.Entries, ast.Entry{Key: p.name.Value.Text, KeyAt: p.name.KeySpan, Value: v})
			continue
		}
		if many, ok := out.Entries[i].Value.(*ast.Array); ok {
			many.Items = append(many.Items, v)
		} else {
			out.Entries[i].Value = &ast.Array{At: p.at, Items: []ast.Value{out.Entries[i].Value, v}}
		}
	}
	return out
}

// scalar lowers a value that is a text, a number or a boolean; null is none.
func (r *reader) scalar(m document.Member, at ast.Origin, where place) ast.Value {
	if m.Value.Kind == document.KindArray || m.Value.Kind == document.KindObject {
		r.wrong(m, "a text, a number or a boolean")
		return missing(at)
	}
	return r.value(m, at, where)
}

// value lowers a value of a header, parameter or body, with placeholders in its texts.
func (r *reader) value(m document.Member, at ast.Origin, where place) ast.Value {
	n := m.Value
	switch n.Kind {
	case document.KindText:
		r.unclosed(m, n.Text)
		if !hasPlaceholder(n.Text) {
			return textOf(at, n.Text)
		}
		return r.text(m, at, where, false)
	case document.KindBool:
		return &ast.Literal{At: at, Kind: ast.LiteralBool, Bool: n.Bool}
	case document.KindNumber:
		return &ast.Literal{At: at, Kind: ast.LiteralNumber, Number: n.Number, Exact: n.Exact}
	case document.KindArray:
		out := &ast.Array{At: at}
		for i, item := range n.Items {
			here := itemOrigin(at, item, i)
			out.Items = append(out.Items, r.value(document.Member{Key: m.Key, KeySpan: m.KeySpan, Value: item}, here, where))
		}
		return out
	case document.KindObject:
		out := &ast.Object{At: at}
		for _, e := range n.Members {
			out.Entries = append(out.Entries, ast.Entry{Key: e.Key, KeyAt: e.KeySpan, Value: r.value(e, memberOrigin(at, e), where)})
		}
		return out
	}
	return &ast.Literal{At: at, Kind: ast.LiteralNull}
}

// signs reports whether a request is signed, and tells when it is not or cannot be.
func (r *reader) signs(o object) bool {
	m := o.node.Member("builderType")
	switch {
	case m == nil:
		r.atKey("SUP407", diag.Warning, o.at.Key, "nothing signs this request", `write "builderType": "twitter_signed"`)
		return false
	case m.Value.Text != "twitter_signed":
		r.atKey("SUP401", diag.Error, m.KeySpan, "the builderType is not known", `write "builderType": "twitter_signed"`)
	}
	return true
}

// signed signs a request with the stored token, or switches signing off.
func (r *reader) signed(o object, req *ast.Request) {
	if req.OAuth = stored(o.at); !r.signs(o) {
		req.OAuth = &ast.OAuth{At: o.at, Off: true}
	}
}

// rows is the path of the data rows of a request; compiled is false when its answers are of a type that is not read.
func (r *reader) rows(o object) (path string, compiled bool) {
	answer := r.child(o, "response", false)
	if answer.node == nil {
		return "", true
	}
	r.unknown(answer, []string{"type", "dataRows"}, keptKeys)
	if m := answer.node.Member("type"); m != nil && m.Value.Text != "JSON" {
		if m.Value.Text != "XML" && m.Value.Text != "CSV" {
			r.atKey("SUP204", diag.Error, m.KeySpan, "the type of the answer is not known", "use JSON")
		} else {
			r.atKey("SUP402", diag.Warning, m.KeySpan, "answers of type "+m.Value.Text+" are not compiled: only the status counts", "")
		}
		return "", false
	}
	data := r.child(answer, "dataRows", false)
	if data.node == nil {
		return "", true
	}
	r.unknown(data, []string{"source", "value"}, nil)
	r.oneOf(data, "source", []string{"jsonPath"})
	m := data.node.Member("value")
	if m == nil {
		r.atKey("SUP203", diag.Error, data.at.Key, "the key value is missing", "")
		return "", true
	}
	path, _ = r.path(*m)
	return path, true
}
