package wire

import (
	"strings"

	"github.com/imlc-lang/imlc/runtime/uri"
)

// Field is one header line.
type Field struct {
	Name  string // canonical spelling
	Value string
	// Secret says that a secret is in the value: a redirect to another origin does not take it there.
	Secret bool
}

// Header is an ordered list of header lines. Names have no case (RFC 9110 §5.1); Set and Add write their canonical
// spelling.
type Header []Field

// CanonicalName returns name with every dash-separated part capitalised: x-api-KEY becomes X-Api-Key. It does not
// allocate when nothing changes.
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

// CheckHeaderName refuses what is no header name. The error is a *ConfigError.
func CheckHeaderName(name string) error {
	if !isToken(name) {
		return ConfigErrorf(SettingHeaders, "%q is no header name; use letters, digits and - only", name)
	}
	return nil
}

// CheckHeaderValue refuses what would end the line or cannot be sent (RFC 9110 §5.5), and what is no host in Host. The
// message shows no value, which may be a secret. The error is a *ConfigError.
func CheckHeaderValue(name, text string) error {
	for i := 0; i < len(text); i++ {
		if c := text[i]; c < ' ' && c != '\t' || c == 0x7f {
			return ConfigErrorf(SettingHeaders, "the value of %s holds a control character (code %d); remove line breaks and control characters", name, c)
		}
	}
	if name == "Host" && !uri.ValidHost(text) {
		return ConfigErrorf(SettingHeaders, "the value of Host is no host name with optional port")
	}
	return nil
}

// is reports whether f is a line of that name.
func (f *Field) is(name string) bool {
	return len(f.Name) == len(name) && strings.EqualFold(f.Name, name)
}

// index returns the position of the first line of name, or -1.
func (h Header) index(name string) int {
	for i := range h {
		if h[i].is(name) {
			return i
		}
	}
	return -1
}

// Get returns the first value of a header, "" when there is none.
func (h Header) Get(name string) string {
	if i := h.index(name); i >= 0 {
		return h[i].Value
	}
	return ""
}

// Has reports whether there is a line of this name.
func (h Header) Has(name string) bool { return h.index(name) >= 0 }

// Set replaces every line of name by one, in the place of the first.
func (h *Header) Set(name, text string) {
	i := h.index(name)
	if i < 0 {
		h.Add(name, text)
		return
	}
	(*h)[i].Value = text
	kept := (*h)[:i+1]
	for _, f := range (*h)[i+1:] {
		if !f.is(name) {
			kept = append(kept, f)
		}
	}
	*h = kept
}

// Add appends a line.
func (h *Header) Add(name, text string) {
	*h = append(*h, Field{Name: CanonicalName(name), Value: text})
}

// Del removes every line of name.
func (h *Header) Del(name string) {
	if h.index(name) < 0 {
		return
	}
	kept := (*h)[:0]
	for _, f := range *h {
		if !f.is(name) {
			kept = append(kept, f)
		}
	}
	*h = kept
}
