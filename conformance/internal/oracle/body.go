package oracle

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/imlc-lang/imlc/internal/media"
	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/runtime/uri"
	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm/value"
)

// header is one author's header, null included.
type header struct {
	name  string
	value value.Value
}

// headers evaluates the headers of all layers. A written object takes the place of names of the layers below, whatever
// their case; a template that comes to an object is all there is.
func (r *run) headers(l layers) (out []header) {
	for _, q := range l {
		o := r.object(q.Headers)
		if o != nil && !isWritten(q.Headers) {
			out = nil
		}
		out = slices.DeleteFunc(out, func(h header) bool {
			return slices.ContainsFunc(o.Keys(), func(k string) bool { return strings.EqualFold(k, h.name) })
		})
		for i := range o.Len() {
			k, v := o.At(i)
			out = append(out, header{k, v})
		}
	}
	return out
}

// headerOf writes headers: of two spellings the later wins unless it is null, lists repeat the name without their
// nulls, and what the transport writes itself is passed over (spec make.md §7.3, §26.10).
func (r *run) headerOf(l layers, list []header) (out wire.Header) {
	for _, h := range list {
		if h.name == "" || strings.Trim(h.name, "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
			r.misbuilt(l, wire.SettingHeaders, "%q is no header name; use letters, digits and - only", h.name)
		}
		name := capitals(h.name)
		if slices.Contains([]string{"Content-Length", "Transfer-Encoding", "Connection"}, name) {
			continue
		}
		items := []value.Value{h.value}
		if h.value.Kind() == value.KindArray {
			items = h.value.Items()
		}
		items = slices.DeleteFunc(slices.Clone(items), value.Value.IsNil)
		if len(items) > 0 {
			out = slices.DeleteFunc(out, func(f wire.Field) bool { return f.Name == name })
		}
		if name == "Host" && len(items) > 1 { // a request has one Host (RFC 9112 §3.2)
			items = items[len(items)-1:]
		}
		for _, item := range items {
			text := value.ToText(item)
			if i := strings.IndexFunc(text, func(c rune) bool { return c < ' ' && c != '\t' || c == 0x7f }); i >= 0 {
				r.misbuilt(l, wire.SettingHeaders, "the value of %s holds a control character (code %d); remove line breaks and control characters", name, text[i])
			}
			if name == "Host" && !uri.ValidHost(text) {
				r.misbuilt(l, wire.SettingHeaders, "the value of Host is no host name with optional port")
			}
			out = append(out, wire.Field{Name: name, Value: text})
		}
	}
	return out
}

// capitals writes each part of a header name that a dash ends with a capital.
func capitals(name string) string {
	parts := strings.Split(strings.ToLower(name), "-")
	for i, p := range parts {
		if p != "" {
			parts[i] = strings.ToUpper(p[:1]) + p[1:]
		}
	}
	return strings.Join(parts, "-")
}

// bodyless methods send no body and no automatic Content-Type (spec make.md §7.4).
func bodyless(method string) bool { return method == "GET" || method == "HEAD" }

// body evaluates the body of all layers: a written object merges with an object below, anything else that comes to a
// value replaces.
func (r *run) body(l layers, method, kind string) (out value.Value) {
	if bodyless(method) {
		return out
	}
	if !l.encoding().ByValue && !slices.Contains([]string{"", "json", "urlencoded", "multipart/form-data", "text", "string", "raw", "binary"}, kind) {
		r.fail(fail(configurationError, "", "%s: %q is no body type; use json, urlencoded, multipart/form-data, text, string, raw or binary",
			l.top(bodyType).Origin().Pointer, kind))
	}
	for _, q := range l {
		if q.BodyMethods != nil && !slices.Contains(q.BodyMethods, method) {
			continue
		}
		switch x := r.eval(q.Body); {
		case x.IsUndefined():
		case out.Object() != nil && x.Object() != nil && isWritten(q.Body):
			out = value.Collection(over(out.Object(), x.Object()))
		default:
			out = x
		}
	}
	return out
}

// encode makes the bytes of a body (spec make.md §7.4, ast.Encoding).
func (r *run) encode(d *draft, l layers, kind string) (b wire.Body) {
	if r.err != nil || bodyless(d.Method) {
		return b
	}
	e, v, isText := l.encoding(), d.body, d.body.Kind() == value.KindText
	if e.ByValue {
		switch {
		case value.IsEmpty(v):
			return b
		case isText:
			kind = "text"
		case (v.Kind() == value.KindCollection || v.Kind() == value.KindArray) && d.Header.Get("Content-Type") == media.Form:
			kind = "urlencoded"
		default:
			kind = "json"
		}
	}
	if kind == "urlencoded" {
		b.ContentType = media.Form // also when the signature will be the whole body
	}
	if v.IsUndefined() || v.Kind() == value.KindNull && kind != "" && kind != "json" {
		return b
	}
	b.Present, b.Pairs = true, isText
	switch {
	case kind == "json", kind == "" && !isText:
		b.Content, b.ContentType, b.Pairs = value.AppendJSON(nil, v), "application/json", false
		if e.JSONType != "" {
			b.ContentType = e.JSONType
		}
	case kind == "multipart/form-data":
		return r.multipart(l, v)
	case isText:
		b.Content = []byte(v.Str())
		if kind != "urlencoded" && kind != "binary" {
			b.ContentType = e.TextType
		}
	case kind == "urlencoded" && e.ByValue && v.Kind() == value.KindArray:
		o := value.NewObject(0)
		for i, item := range v.Items() {
			o.Set(strconv.Itoa(i), item)
		}
		b.Content, b.Pairs = []byte(uri.JoinPairs(pairsOf(o, true))), true
	case kind == "urlencoded" && v.Object() != nil:
		b.Content, b.Pairs = []byte(uri.JoinPairs(pairsOf(v.Object(), e.ByValue))), true
	case kind == "urlencoded":
		r.misbuilt(l, wire.SettingBody, "a form needs an object or a text, found %s", article(v))
	case kind == "binary" && v.Kind() == value.KindBuffer:
		b.Content = v.Bytes()
	case kind == "binary":
		r.misbuilt(l, wire.SettingBody, "binary content needs a buffer or a text, found %s", article(v))
	case v.Kind() == value.KindArray || v.Kind() == value.KindCollection:
		b.Content, b.ContentType = value.AppendJSON(nil, v), e.TextType
	default:
		b.Content, b.ContentType = []byte(value.ToText(v)), e.TextType
	}
	return b
}

// misbuilt fails for a request that cannot be built. The directive is named as its author wrote it.
func (r *run) misbuilt(l layers, setting wire.Setting, problem string, args ...any) {
	name := setting.String()
	d := map[wire.Setting]directive{wire.SettingMethod: method, wire.SettingCA: ca, wire.SettingHeaders: headers, wire.SettingBody: body}[setting]
	if d != nil && l.top(d) != nil {
		pointer := l.top(d).Origin().Pointer
		name = pointer[strings.LastIndexByte(pointer, '/')+1:]
	}
	r.fail(fail(configurationError, "", "%s: %s", name, fmt.Sprintf(problem, args...)))
}

// encoding is that of the request, or of Base when the request says nothing about it.
func (l layers) encoding() (e ast.Encoding) {
	for _, q := range l {
		if q.Encoding != (ast.Encoding{}) {
			e = q.Encoding
		}
	}
	return e
}

// article names what was found.
func article(v value.Value) string {
	switch v.Kind() {
	case value.KindUndefined, value.KindNull:
		return v.Kind().String()
	case value.KindArray:
		return "an array"
	}
	return "a " + v.Kind().String()
}
