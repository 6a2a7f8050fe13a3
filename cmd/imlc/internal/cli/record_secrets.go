package cli

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/imlc-lang/imlc/cmd/imlc/internal/show"
	"github.com/imlc-lang/imlc/runtime/uri"
	"github.com/imlc-lang/imlc/vm/value"
)

// hidden replaces secrets and what is random by names that say what they are, wherever and however they are written.
type hidden struct {
	from, to []string
}

func (h *hidden) add(secret, name string) {
	if len(secret) < 2 || slices.Contains(h.from, secret) {
		return
	}
	h.from, h.to = append(h.from, secret), append(h.to, name)
}

// sort puts longer texts first, so that none is replaced within another.
func (h *hidden) sort() {
	order := make([]int, len(h.from))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return len(h.from[b]) - len(h.from[a]) })
	from, to := make([]string, len(order)), make([]string, len(order))
	for i, k := range order {
		from[i], to[i] = h.from[k], h.to[k]
	}
	h.from, h.to = from, to
}

// text replaces in every encoding that may stand in a URL, form, JSON or XML.
func (h *hidden) text(s string) string {
	for i, secret := range h.from {
		for _, form := range []string{secret, uri.Encode(secret), uri.Encode(uri.Encode(secret)), strings.Trim(show.JSON(value.Text(secret), ""), `"`)} {
			s = replaceWord(s, form, h.to[i])
		}
	}
	return s
}

// replaceWord replaces a text where it is no part of a longer word.
func replaceWord(s, old, new string) string {
	var b strings.Builder
	for {
		i := strings.Index(s, old)
		if i < 0 {
			b.WriteString(s)
			return b.String()
		}
		end := i + len(old)
		inside := i > 0 && wordByte(s[i-1]) && !escapeEnds(s[:i]) || end < len(s) && wordByte(s[end])
		b.WriteString(s[:i])
		if inside {
			b.WriteString(old)
		} else {
			b.WriteString(new)
		}
		s = s[end:]
	}
}

func wordByte(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_'
}

// escapeEnds reports whether a percent escape ends there, of a text that was encoded once or more often.
func escapeEnds(s string) bool {
	if len(s) < 3 {
		return false
	}
	s = s[:len(s)-2]
	for strings.HasSuffix(s, "25") {
		s = s[:len(s)-2]
	}
	return strings.HasSuffix(s, "%")
}

// plain turns a value into what YAML writes, secrets replaced.
func (h *hidden) plain(v value.Value) any {
	switch v.Kind() {
	case value.KindCollection:
		out := map[string]any{}
		for i := range v.Object().Len() {
			k, item := v.Object().At(i)
			if !item.IsUndefined() {
				out[k] = h.plain(item)
			}
		}
		return out
	case value.KindArray:
		items := []any{}
		for _, item := range v.Items() {
			items = append(items, h.plain(item))
		}
		return items
	case value.KindText:
		return h.text(v.Str())
	case value.KindBool:
		return v.IsTrue()
	case value.KindNumber, value.KindInteger:
		node := &yaml.Node{Kind: yaml.ScalarNode, Value: value.ToText(v)}
		return node
	case value.KindNull:
		return nil
	}
	return h.text(value.ToText(v))
}
