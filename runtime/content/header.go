package content

import (
	"net/http"
	"slices"
	"strings"

	"github.com/imlc-lang/imlc/internal/limit"
	"github.com/imlc-lang/imlc/runtime/uri"
	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm/value"
)

// BuildHeader turns a value into header lines: undefined and null are no headers; of two spellings of a name the later
// one counts, but undefined and null leave an earlier one alone; a list writes one line per item that is not null;
// Content-Length, Transfer-Encoding and Connection are ignored. What is no collection, a bad name and a bad value are
// *[wire.ConfigError], more than mostHeaders is a *[limit.Error].
func BuildHeader(v value.Value) (wire.Header, error) {
	if v.IsNil() {
		return nil, nil
	}
	if v.Kind() != value.KindCollection {
		return nil, wire.ConfigErrorf(wire.SettingHeaders, "expected an object of headers, found %s; write {\"Name\": \"value\"}", article(v.Kind()))
	}
	o := v.Object()
	usual := min(o.Len(), usualHeaders)
	b := headerBuilder{lines: make([]wire.Field, 0, usual), at: make(map[string]int, usual)}
	for i := range o.Len() {
		name, item := o.At(i)
		if err := b.put(name, item); err != nil {
			return nil, err
		}
	}
	h := make(wire.Header, 0, len(b.lines)+4)
	for i := range b.lines {
		if b.lines[i].Name != "" {
			h = append(h, b.lines[i])
		}
	}
	return h, nil
}

// mostHeaders is how much the headers of a request may come to, in bytes: the names and values, and lineBytes for each
// line. No server takes more.
const mostHeaders = 256 << 10

// lineBytes is what a line of the headers counts beside its name and value (RFC 9113 §6.5.2).
const lineBytes = 32

// usualHeaders is the number of headers that a request rarely exceeds.
const usualHeaders = 64

// headerBuilder gathers lines. An index of names keeps the work linear in their number.
type headerBuilder struct {
	lines []wire.Field // with an empty name where a later spelling took over
	at    map[string]int
	size  int // as mostHeaders counts
}

// put sets the header of one key.
func (b *headerBuilder) put(name string, v value.Value) error {
	canonical := wire.CanonicalName(name)
	switch canonical {
	case "Content-Length", "Transfer-Encoding", "Connection": // the transport alone writes them
		return nil
	}
	if err := wire.CheckHeaderName(name); err != nil || v.IsNil() {
		return err
	}
	items := []value.Value{v}
	if v.Kind() == value.KindArray {
		if len(v.Items()) > mostHeaders/lineBytes {
			return tooManyHeaders()
		}
		items = slices.DeleteFunc(slices.Clone(v.Items()), value.Value.IsNil)
		if canonical == "Host" && len(items) > 1 { // a request has one Host (RFC 9112 §3.2)
			items = items[len(items)-1:]
		}
	}
	for i, item := range items {
		f := wire.Field{Name: canonical, Value: value.ToText(item), Secret: holdsSecret(item)}
		if b.size += len(canonical) + len(f.Value) + lineBytes; b.size > mostHeaders {
			return tooManyHeaders()
		}
		if err := wire.CheckHeaderValue(canonical, f.Value); err != nil {
			return err
		}
		if i == 0 {
			b.set(f, v.Kind() == value.KindArray)
		} else {
			b.lines = append(b.lines, f)
		}
	}
	return nil
}

func tooManyHeaders() error {
	return &limit.Error{Name: "request headers", Limit: mostHeaders, Code: limit.CodeOther}
}

// set replaces the lines of a name: a single value in the place of the first, a list behind all others.
func (b *headerBuilder) set(f wire.Field, list bool) {
	first, known := b.at[f.Name]
	if known { // the lines of a name stand together
		for i := first; i < len(b.lines) && b.lines[i].Name == f.Name; i++ {
			b.lines[i].Name = ""
		}
	}
	if known && !list {
		b.lines[first] = f
		return
	}
	b.at[f.Name] = len(b.lines)
	b.lines = append(b.lines, f)
}

// headerBytes is how many bytes of a body are read in the time that a header takes.
const headerBytes = 256

// HeaderValue returns response headers as an expression sees them: a caseless collection with lower-case names in
// order, repeated lines joined with ", ", set-cookie as an array. An error is that of the meter.
func HeaderValue(h http.Header, m Meter) (value.Value, error) {
	names, size := make([]string, 0, len(h)), objectBytes
	for name, lines := range h {
		names = append(names, name)
		size += 2*entryBytes + 2*len(name)
		for _, line := range lines {
			size += itemBytes + len(line) + 2
		}
	}
	if err := reserve(m, size); err != nil {
		return value.Undefined, err
	}
	if err := sortNames(names, m); err != nil {
		return value.Undefined, err
	}
	o := value.NewObject(len(names))
	for _, name := range names {
		lines := h[name]
		if m != nil {
			size := headerBytes + len(lines)*itemBytes
			for _, line := range lines {
				size += len(line)
			}
			if err := m.Look(size); err != nil {
				return value.Undefined, err
			}
		}
		switch {
		case len(lines) == 0:
		case name == "Set-Cookie":
			items := make([]value.Value, len(lines))
			for i, line := range lines {
				items[i] = value.Text(value.ValidText(line))
			}
			o.Set("set-cookie", value.Array(items))
		case len(lines) == 1:
			o.Set(lowerName(name), value.Text(value.ValidText(lines[0])))
		default:
			o.Set(lowerName(name), value.Text(value.ValidText(strings.Join(lines, ", "))))
		}
	}
	o.SetCaseless()
	return value.Collection(o), nil
}

// sortNames sorts names. An error is that of the meter, which is asked within too.
func sortNames(names []string, m Meter) (err error) {
	const often = 1 << 10
	n := 0
	slices.SortFunc(names, func(a, b string) int {
		if n++; n%often == 0 && m != nil && err == nil {
			err = m.Look(often * headerBytes / 8)
		}
		if err != nil {
			return 0 // the rest is over soon
		}
		return strings.Compare(a, b)
	})
	return err
}

// lowerName lower-cases a header name, the usual ones without an allocation.
func lowerName(name string) string {
	switch name {
	case "Content-Type":
		return "content-type"
	case "Content-Length":
		return "content-length"
	case "Date":
		return "date"
	case "Server":
		return "server"
	case "Location":
		return "location"
	case "Cache-Control":
		return "cache-control"
	}
	return uri.Lower(name)
}
