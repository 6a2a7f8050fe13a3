package wire

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/imlc-lang/imlc/runtime/media"
	"github.com/imlc-lang/imlc/runtime/uri"
	"github.com/imlc-lang/imlc/vm/value"
)

// recordHeaders is the key of the headers in a record.
const recordHeaders = "headers"

// RequestRecord returns what a log may say of a request: method, url without query, headers with lower-case names, qs and
// body. It is not masked yet: pass it to Masker.Request.
func RequestRecord(o *Outgoing) value.Value {
	headers := value.NewObject(len(o.Header))
	for _, f := range o.Header {
		name := uri.Lower(f.Name)
		v := value.Text(value.ValidText(f.Value))
		if have, ok := headers.Get(name); ok {
			v = value.Array(append(append([]value.Value(nil), listOf(have)...), v))
		}
		headers.Set(name, v)
	}
	r := value.NewObject(5)
	r.Set("method", value.Text(o.Method))
	r.Set("url", value.Text(o.URL.Base()))
	r.Set(recordHeaders, value.Collection(headers))
	r.Set("qs", ParseForm(o.URL.Query))
	if o.Body.Present {
		r.Set("body", bodyValue(o))
	}
	return value.Collection(r)
}

func listOf(v value.Value) []value.Value {
	if v.Kind() == value.KindArray {
		return v.Items()
	}
	return []value.Value{v}
}

// bodyValue reads a request body back, so that paths reach into it.
func bodyValue(o *Outgoing) value.Value {
	content := o.Body.Content
	if !utf8.Valid(content) {
		return value.Text("(binary, " + strconv.Itoa(len(content)) + " bytes)")
	}
	// A record is made before the automatic Content-Type joins the headers (spec make.md §7.3).
	contentType := o.Header.Get("Content-Type")
	if contentType == "" {
		contentType = o.Body.ContentType
	}
	if o.Body.Pairs && media.IsForm(contentType) {
		return ParseForm(string(content))
	}
	if KindOf(contentType) == ParseJSON {
		if v, err := value.ParseJSON(string(content), nil); err == nil {
			return v
		}
	}
	return value.Text(string(content))
}

// ResponseRecord returns what a log may say of a response: status, headers and the parsed body. It is not masked yet: pass
// it to Masker.Response.
func ResponseRecord(r *Response, body value.Value) value.Value {
	o := value.NewObject(3)
	o.Set("status", value.Int(int64(r.Status)))
	o.Set(recordHeaders, r.Headers())
	o.Set("body", body)
	return value.Collection(o)
}

// SanitizePath is a path of log.sanitize.
type SanitizePath struct {
	root  string   // request or response
	steps []string // at least one
}

// ParseSanitizePath reads a path such as request.headers.x-api-key or response.body.items[].`odd name`: the root is
// request or response, whatever its case, names may hold hyphens, positions in brackets are ignored because a path reaches
// all elements of an array. ok is false for anything else (MAKE213).
func ParseSanitizePath(text string) (p SanitizePath, ok bool) {
	steps, ok := splitPath(strings.TrimSpace(text))
	if !ok || len(steps) < 2 {
		return SanitizePath{}, false
	}
	p.root, p.steps = uri.Lower(steps[0]), steps[1:]
	part := uri.Lower(steps[1])
	switch {
	case p.root == "request" && (part == "url" || part == "qs"):
	case (p.root == "request" || p.root == "response") && (part == "headers" || part == "body"):
	default:
		return SanitizePath{}, false
	}
	return p, true
}

// splitPath splits at dots, unquotes backticks and drops bracketed positions.
func splitPath(text string) ([]string, bool) {
	var steps []string
	for rest := text; ; {
		var step string
		if strings.HasPrefix(rest, "`") {
			end := strings.IndexByte(rest[1:], '`')
			if end < 0 {
				return nil, false
			}
			step, rest = rest[1:1+end], rest[end+2:]
		} else {
			end := strings.IndexAny(rest, ".[`")
			if end < 0 {
				end = len(rest)
			}
			step, rest = strings.TrimSpace(rest[:end]), rest[end:]
		}
		if step == "" {
			return nil, false
		}
		steps = append(steps, step)
		for strings.HasPrefix(rest, "[") {
			end := strings.IndexByte(rest, ']')
			if end < 0 || strings.Trim(rest[1:end], "0123456789") != "" {
				return nil, false
			}
			rest = rest[end+1:]
		}
		if rest == "" {
			return steps, true
		}
		if rest[0] != '.' {
			return nil, false
		}
		rest = rest[1:]
	}
}
