package content

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/imlc-lang/imlc/runtime/uri"
	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm/value"
)

// recordHeaders is the key of the headers in a record.
const recordHeaders = "headers"

// RequestRecord returns what a log may say of a request: method, url without query, headers with lower-case names, qs
// and, when there is a body, body. That is the value that the bytes were made of, so that the paths of log.sanitize
// reach into it; undefined says that only the bytes are known. The record is not masked yet: pass it to
// [Masker.Request].
func RequestRecord(o *wire.Outgoing, body value.Value) value.Value {
	r := value.NewObject(5)
	r.Set("method", value.Text(o.Method))
	r.Set("url", value.Text(o.URL.Base()))
	r.Set(recordHeaders, headerRecord(o.Header))
	r.Set("qs", queryRecord(o.URL.Query))
	if o.Body.Present {
		r.Set("body", bodyRecord(&o.Body, body))
	}
	return value.Collection(r)
}

// maxPairs is the number of pairs up to which a query is shown pair by pair.
const maxPairs = 20_000

// queryRecord returns a query as a log may show it: one of very many pairs as it was sent, since what they take in memory
// is bounded by nothing else. A path into such a text hides it as a whole.
func queryRecord(query string) value.Value {
	if strings.Count(query, "&") >= maxPairs {
		return value.Text(query)
	}
	return FormValue(query)
}

// headerRecord gathers the lines by lower-case name; several of one name are a list.
func headerRecord(h wire.Header) value.Value {
	lines := map[string][]value.Value{}
	for i := range h {
		name := uri.Lower(h[i].Name)
		v := value.Text(value.ValidText(h[i].Value))
		if h[i].Secret {
			v = v.AsSecret()
		}
		lines[name] = append(lines[name], v)
	}
	o := value.NewObject(len(h))
	for i := range h {
		name := uri.Lower(h[i].Name)
		switch list := lines[name]; len(list) {
		case 0: // an earlier line of the name has written all
		case 1:
			o.Set(name, list[0])
		default:
			o.Set(name, value.Array(list))
		}
		delete(lines, name)
	}
	return value.Collection(o)
}

// bodyRecord returns the body as a log may show it.
func bodyRecord(b *wire.Body, v value.Value) value.Value {
	switch {
	case !b.Text && !utf8.Valid(b.Content):
		return value.Text("(binary, " + strconv.Itoa(len(b.Content)) + " bytes)")
	case !v.IsUndefined():
		return v
	case b.Secret:
		return value.Text(string(b.Content)).AsSecret()
	}
	return value.Text(string(b.Content))
}

// ResponseRecord returns what a log may say of a response: its status, its headers as [HeaderValue] returns them, and
// its parsed body. It is not masked yet: pass it to [Masker.Response].
func ResponseRecord(status int, headers, body value.Value) value.Value {
	o := value.NewObject(3)
	o.Set("status", value.Int(int64(status)))
	o.Set(recordHeaders, headers)
	o.Set("body", body)
	return value.Collection(o)
}
