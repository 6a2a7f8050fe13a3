package wire

import (
	"strings"

	"github.com/imlc-lang/imlc/runtime/uri"
	"github.com/imlc-lang/imlc/vm/value"
)

// Field is one header line.
type Field struct {
	Name  string // canonical spelling
	Value string
}

// Header is an ordered list of header lines. Names are compared by their canonical spelling, which Put, Set and Add write
// and Get and Del expect or make.
type Header []Field

// isToken reports whether s may be a header name or a method (RFC 9110 §5.6.2).
func isToken(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("!#$%&'*+-.^_`|~", c) >= 0) {
			return false
		}
	}
	return s != ""
}

// CanonicalName returns name with every dash-separated part capitalised: x-api-KEY becomes X-Api-Key (spec make.md §7.3).
// It does not allocate when nothing changes.
func CanonicalName(name string) string {
	upper := true
	for i := 0; i < len(name); i++ {
		if name[i] != canonicalByte(name[i], upper) {
			b := []byte(name)
			for ; i < len(b); i++ {
				b[i] = canonicalByte(b[i], upper)
				upper = b[i] == '-'
			}
			return string(b)
		}
		upper = name[i] == '-'
	}
	return name
}

func canonicalByte(c byte, upper bool) byte {
	switch {
	case upper && c >= 'a' && c <= 'z':
		return c - ('a' - 'A')
	case !upper && c >= 'A' && c <= 'Z':
		return c + ('a' - 'A')
	}
	return c
}

// BuildHeader reads the value of a headers directive (spec make.md §7.3, §26.10): undefined and null mean no headers, what
// is no collection is a *ConfigError.
func BuildHeader(v value.Value) (Header, error) {
	if v.IsNil() {
		return nil, nil
	}
	if v.Kind() != value.KindCollection {
		return nil, configErrorf("headers: expected an object of headers, found %s; write {\"Name\": \"value\"}", article(v.Kind()))
	}
	o := v.Object()
	h := make(Header, 0, o.Len()+4)
	for i := range o.Len() {
		name, item := o.At(i)
		if err := h.Put(name, item); err != nil {
			return nil, err
		}
	}
	return h, nil
}

// Put sets an author's header: undefined and null leave an earlier spelling alone, a list writes one line per item that is
// not null, and Content-Length, Transfer-Encoding and Connection are ignored. A bad name or value is a *ConfigError.
func (h *Header) Put(name string, v value.Value) error {
	if !isToken(name) {
		return configErrorf("headers: %q is no header name; use letters, digits and - only", name)
	}
	name = CanonicalName(name)
	if reservedHeader(name) || v.IsNil() {
		return nil
	}
	if v.Kind() != value.KindArray {
		text := value.ToText(v)
		if err := checkHeaderValue(name, text); err != nil {
			return err
		}
		h.Set(name, text)
		return nil
	}
	first := true
	for _, item := range v.Items() {
		if item.IsNil() {
			continue
		}
		text := value.ToText(item)
		if err := checkHeaderValue(name, text); err != nil {
			return err
		}
		if first || name == "Host" { // a request has one Host (RFC 9112 §3.2)
			h.Del(name)
			first = false
		}
		*h = append(*h, Field{name, text})
	}
	return nil
}

// reservedHeader reports whether the transport alone writes the header (spec make.md §7.3).
func reservedHeader(name string) bool {
	return name == "Content-Length" || name == "Transfer-Encoding" || name == "Connection"
}

// checkHeaderValue refuses what would end the line or cannot be sent (RFC 9110 §5.5). The message shows no value, which
// may be a secret.
func checkHeaderValue(name, text string) error {
	for i := 0; i < len(text); i++ {
		if c := text[i]; c < ' ' && c != '\t' || c == 0x7f {
			return configErrorf("headers: the value of %s holds a control character (code %d); remove line breaks and control characters", name, c)
		}
	}
	if name == "Host" && !uri.ValidHost(text) {
		return configErrorf("headers: the value of Host is no host name with optional port")
	}
	return nil
}

// index returns the position of the first line of name, or -1.
func (h Header) index(name string) int {
	for i := range h {
		if h[i].Name == name {
			return i
		}
	}
	return -1
}

// Get returns the first value of a header, "" when there is none.
func (h Header) Get(name string) string {
	if i := h.index(CanonicalName(name)); i >= 0 {
		return h[i].Value
	}
	return ""
}

// Has reports whether there is a line of this name.
func (h Header) Has(name string) bool { return h.index(CanonicalName(name)) >= 0 }

// Set replaces every line of name by one, in the place of the first.
func (h *Header) Set(name, text string) {
	name = CanonicalName(name)
	i := h.index(name)
	if i < 0 {
		*h = append(*h, Field{name, text})
		return
	}
	(*h)[i].Value = text
	kept := (*h)[:i+1]
	for _, f := range (*h)[i+1:] {
		if f.Name != name {
			kept = append(kept, f)
		}
	}
	*h = kept
}

// Add appends a line.
func (h *Header) Add(name, text string) { *h = append(*h, Field{CanonicalName(name), text}) }

// Del removes every line of name.
func (h *Header) Del(name string) {
	name = CanonicalName(name)
	if h.index(name) < 0 {
		return
	}
	kept := (*h)[:0]
	for _, f := range *h {
		if f.Name != name {
			kept = append(kept, f)
		}
	}
	*h = kept
}

// Clone returns an independent copy with room for a few more lines.
func (h Header) Clone() Header {
	return append(make(Header, 0, len(h)+4), h...)
}
