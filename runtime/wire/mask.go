package wire

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/imlc-lang/imlc/runtime/uri"
	"github.com/imlc-lang/imlc/vm/value"
)

// Masker makes copies of requests and responses that may be logged (spec make.md §18). It is immutable and safe for
// concurrent use. Whatever the paths say, it masks credentials in headers and URLs, the OAuth fields anywhere and every
// occurrence of the secrets.
type Masker struct {
	replacer *strings.Replacer // nil when there are no secrets
	paths    []SanitizePath
}

// shortestSecret is the length in characters from which a secret is looked for in texts.
const shortestSecret = 4

// NewMasker returns a masker for the texts of secrets and the paths of log.sanitize. Secrets shorter than four characters
// are not looked for: they would mask ordinary text.
func NewMasker(secrets []string, paths []SanitizePath) *Masker {
	seen := map[string]bool{}
	var forms []string
	for _, s := range secrets {
		if utf8.RuneCountInString(s) < shortestSecret {
			continue
		}
		encoded := string(uri.AppendEncode(nil, s))
		for _, form := range []string{s, encoded, strings.ReplaceAll(encoded, "%20", "+"), string(uri.AppendEncode(nil, encoded)),
			string(value.AppendEscaped(nil, s))} {
			if !seen[form] {
				seen[form] = true
				forms = append(forms, form)
			}
		}
	}
	m := &Masker{paths: slices.Clone(paths)}
	if len(forms) == 0 {
		return m
	}
	// Of two secrets that start at one place the longer one must go as a whole.
	slices.SortStableFunc(forms, func(a, b string) int { return len(b) - len(a) })
	var args []string
	for _, f := range forms {
		args = append(args, f, value.Mask)
	}
	m.replacer = strings.NewReplacer(args...)
	return m
}

// Text returns s with secrets and OAuth fields masked.
func (m *Masker) Text(s string) string {
	if m.replacer != nil {
		s = m.replacer.Replace(s)
	}
	return maskFields(s)
}

// URL returns a URL with user information, secrets and OAuth fields masked.
func (m *Masker) URL(s string) string { return m.Text(maskUser(s)) }

// MaskURL masks user information and OAuth fields in a URL that is shown in a message; it does not know of secrets.
func MaskURL(s string) string { return maskFields(maskUser(s)) }

// maskUser masks the user information of every authority in s.
func maskUser(s string) string {
	for from := 0; ; {
		i := strings.Index(s[from:], "//")
		if i < 0 {
			return s
		}
		start := from + i + 2
		end := len(s)
		if k := strings.IndexAny(s[start:], "/?# \t\r\n\"'<>"); k >= 0 {
			end = start + k
		}
		from = end
		if at := strings.LastIndexByte(s[start:end], '@'); at > 0 {
			s = s[:start] + value.Mask + s[start+at:]
			from = start + len(value.Mask)
		}
	}
}

// isCredentialField reports whether a field of this name is always masked.
func isCredentialField(name string) bool {
	switch uri.Lower(name) {
	case "oauth_token", "oauth_verifier", "oauth_signature", "oauth_token_secret":
		return true
	}
	return false
}

// maskFields masks the values of OAuth fields in a form, an Authorization header, JSON or XML text.
func maskFields(s string) string {
	if !strings.Contains(s, "oauth_") {
		return s
	}
	var out strings.Builder
	for {
		i := strings.Index(s, "oauth_")
		if i < 0 {
			out.WriteString(s)
			return out.String()
		}
		end := i
		for end < len(s) && isNameByte(s[end]) {
			end++
		}
		from, to := i, i
		if isCredentialField(s[i:end]) && (i == 0 || !isNameByte(s[i-1])) {
			from, to = fieldValue(s, end)
		}
		if from == to {
			out.WriteString(s[:end])
			s = s[end:]
			continue
		}
		out.WriteString(s[:from])
		out.WriteString(value.Mask)
		s = s[to:]
	}
}

func isNameByte(c byte) bool {
	return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}

// fieldValue finds the value that belongs to the field name that ends at i; from == to when there is none.
func fieldValue(s string, i int) (from, to int) {
	j := i
	if j < len(s) && (s[j] == '"' || s[j] == '\'') {
		j++
	}
	for j < len(s) && s[j] == ' ' {
		j++
	}
	if j == len(s) {
		return i, i
	}
	stop := "& \t\r\n,;\"'<}"
	switch {
	case strings.HasPrefix(s[j:], "%3D"), strings.HasPrefix(s[j:], "%3d"):
		j += 3
		if k := strings.Index(s[j:], "%26"); k >= 0 && !strings.ContainsAny(s[j:j+k], stop) {
			return j, j + k
		}
	case s[j] == '=' || s[j] == ':':
		j++
	case s[j] == '>':
		j, stop = j+1, "<"
	default:
		return i, i
	}
	for j < len(s) && s[j] == ' ' {
		j++
	}
	if j < len(s) && (s[j] == '"' || s[j] == '\'') {
		stop = s[j : j+1]
		j++
	}
	end := len(s)
	if k := strings.IndexAny(s[j:], stop); k >= 0 {
		end = j + k
	}
	return j, end
}

// Request returns a masked copy of a request record (see RequestRecord) with the request. paths applied.
func (m *Masker) Request(record value.Value) value.Value { return m.record("request", record) }

// Response returns a masked copy of a response record (see ResponseRecord) with the response. paths applied.
func (m *Masker) Response(record value.Value) value.Value { return m.record("response", record) }

func (m *Masker) record(root string, record value.Value) value.Value {
	var active [][]string
	for _, p := range m.paths {
		if p.root == root {
			active = append(active, p.steps)
		}
	}
	return m.walk(record, active, false)
}

// walk copies v; active holds what is left of the paths that lead here, inHeaders tells header names.
func (m *Masker) walk(v value.Value, active [][]string, inHeaders bool) value.Value {
	for _, steps := range active {
		if len(steps) == 0 {
			return value.Text(value.Mask)
		}
	}
	if v.IsSecret() {
		return value.Text(value.Mask)
	}
	switch v.Kind() {
	case value.KindText:
		return value.Text(m.URL(v.Str()))
	case value.KindNumber, value.KindInteger:
		if text := value.ToText(v); m.Text(text) != text {
			return value.Text(value.Mask)
		}
	case value.KindBuffer:
		if utf8.Valid(v.Bytes()) {
			return value.Text(m.Text(string(v.Bytes())))
		}
		return value.Text("(binary)")
	case value.KindArray:
		items := make([]value.Value, len(v.Items()))
		for i, item := range v.Items() {
			items[i] = m.walk(item, active, inHeaders)
		}
		return value.Array(items)
	case value.KindCollection:
		return m.walkObject(v.Object(), active, inHeaders)
	}
	return v
}

func (m *Masker) walkObject(o *value.Object, active [][]string, inHeaders bool) value.Value {
	out := value.NewObject(o.Len())
	for i := range o.Len() {
		k, item := o.At(i)
		if isCredentialField(k) || inHeaders && isCredentialHeader(k) {
			out.Set(k, value.Text(value.Mask))
			continue
		}
		var next [][]string
		for _, steps := range active {
			if strings.EqualFold(steps[0], k) {
				next = append(next, steps[1:])
			}
		}
		out.Set(m.Text(k), m.walk(item, next, k == recordHeaders))
	}
	return value.Collection(out)
}

// isCredentialHeader reports whether a header is always masked.
func isCredentialHeader(name string) bool {
	switch uri.Lower(name) {
	case "authorization", "proxy-authorization", "cookie", "set-cookie":
		return true
	}
	return false
}
