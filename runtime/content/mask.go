package content

import (
	"iter"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/imlc-lang/imlc/internal/characters"
	"github.com/imlc-lang/imlc/internal/media"
	"github.com/imlc-lang/imlc/runtime/oauth1"
	"github.com/imlc-lang/imlc/runtime/uri"
	"github.com/imlc-lang/imlc/vm/value"
)

// Masker makes copies of requests and responses that may be logged. It is immutable and safe for concurrent use.
// Whatever the paths say, it masks credentials in headers and URLs, the OAuth fields anywhere, and every occurrence of
// the secrets: as they are, and percent-encoded, form-encoded, JSON-escaped or as HTML entities, once or several times.
// Its work is linear in the text.
type Masker struct {
	raw, plain *finder // nil when there are no secrets
	paths      []SanitizePath
	watch      *watch // nil: nobody is told how far it came
}

// watch tells somebody how far masking came. Once that fails, the rest is masked as a whole.
type watch struct {
	look func(bytes int) error
	over bool
}

// went reports whether to go on behind so many bytes.
func (w *watch) went(bytes int) bool {
	if w == nil {
		return true
	}
	w.over = w.over || w.look(bytes) != nil
	return !w.over
}

// looks returns went as characters.Pieces wants it, nil when nobody is told.
func (w *watch) looks() func(bytes int) error {
	if w == nil {
		return nil
	}
	return func(bytes int) error {
		if err := w.look(bytes); err != nil {
			w.over = true
			return err
		}
		return nil
	}
}

// text returns what was written, the mask when there is no time to put it together.
func (w *watch) text(b *pieces) string {
	whole, err := b.text(w.looks())
	if err != nil {
		return value.Mask
	}
	return whole
}

// stretch is how many bytes are masked between two looks.
const stretch = 4096

// shortestSecret is the length in characters from which a secret is looked for in texts.
const shortestSecret = 4

// NewMasker returns a masker for the texts of secrets and the paths of log.sanitize. Secrets shorter than four
// characters are not looked for: they would mask ordinary text.
func NewMasker(secrets []string, paths []SanitizePath) *Masker {
	m := newMasker(secrets, shortestSecret)
	m.paths = slices.Clone(paths)
	return m
}

// At returns a masker of the same secrets for other paths.
func (m *Masker) At(paths []SanitizePath) *Masker {
	return &Masker{raw: m.raw, plain: m.plain, paths: slices.Clone(paths), watch: m.watch}
}

// Under returns a masker of the same for one goroutine that tells look how many bytes it went through; once look fails,
// it masks all.
func (m *Masker) Under(look func(bytes int) error) *Masker {
	return &Masker{raw: m.raw, plain: m.plain, paths: m.paths, watch: &watch{look: look}}
}

// newMasker returns a masker for secrets of at least so many characters.
func newMasker(secrets []string, shortest int) *Masker {
	var raw, plains []string
	for _, s := range secrets {
		if utf8.RuneCountInString(s) < shortest {
			continue
		}
		raw = append(raw, s)
		if text := withoutOpenEnd(string(plain(s, nil).out)); utf8.RuneCountInString(text) >= shortest {
			plains = append(plains, text)
		}
	}
	return &Masker{raw: newFinder(raw), plain: newFinder(plains)}
}

// secrets returns the parts of s that hold a secret, in order, none of which overlap.
func (m *Masker) secrets(s string) []span {
	if m.raw == nil {
		return nil
	}
	found := m.raw.find(s, m.watch)
	if m.plain == nil || !encoded(s) {
		return found
	}
	p := plain(s, m.watch)
	plainly := m.plain.find(string(p.out), m.watch)
	for i, at := range plainly {
		source := span{int(p.at[at.start]), len(s)}
		if at.end < len(p.at) {
			source.end = int(p.at[at.end])
		}
		plainly[i] = source
	}
	return merged(found, plainly)
}

// merged returns the parts of two lists in order, those that overlap as one. Both lists are in order.
func merged(a, b []span) []span {
	if len(b) == 0 {
		return a
	}
	out := make([]span, 0, len(a)+len(b))
	for len(a) > 0 || len(b) > 0 {
		from := &a
		if len(a) == 0 || len(b) > 0 && b[0].start < a[0].start {
			from = &b
		}
		out = join(out, (*from)[0])
		*from = (*from)[1:]
	}
	return out
}

// Holds reports whether a secret occurs in s.
func (m *Masker) Holds(s string) bool { return len(m.secrets(s)) > 0 }

// Text returns s with secrets and OAuth fields masked.
func (m *Masker) Text(s string) string { return m.unless(maskFields(m.replace(s), m.watch)) }

// unless returns what was masked, or the mask when that was not done to its end.
func (m *Masker) unless(s string) string {
	if m.watch != nil && m.watch.over {
		return value.Mask
	}
	return s
}

// replace returns s with secrets masked.
func (m *Masker) replace(s string) string {
	if found := m.secrets(s); len(found) > 0 {
		var b pieces
		from := 0
		for _, at := range found {
			b.write(s[from:at.start])
			b.write(value.Mask)
			from = at.end
		}
		b.write(s[from:])
		s = m.watch.text(&b)
	}
	return s
}

// Excerpt returns the beginning of s for people, masked and on one line, of at most limit bytes (see [media.Line]). Of
// a long text only as much is looked at as can be shown.
func (m *Masker) Excerpt(s string, limit int) string { return media.Line(m.URL(head(s, limit)), limit) }

// Message returns s with secrets and OAuth fields masked; beyond limit bytes it is cut and ends in "…". Of a long text
// only as much is looked at as can be shown.
func (m *Masker) Message(s string, limit int) string {
	masked := m.Text(head(s, limit))
	if len(masked) <= limit {
		return masked
	}
	for limit > 0 && !utf8.RuneStart(masked[limit]) {
		limit--
	}
	return masked[:limit] + "…"
}

// head returns as much of s as has to be looked at to show limit bytes. A secret that is cut off at its end would show:
// everything there is beyond what can be shown.
func head(s string, limit int) string {
	const margin = 16
	return s[:min(len(s), margin*(limit+longestPattern))]
}

// URL returns a URL with user information, secrets and OAuth fields masked.
func (m *Masker) URL(s string) string { return m.Text(maskUser(s, m.watch)) }

// MaskURL masks user information and OAuth fields in a URL that is shown in a message; it does not know of secrets.
func MaskURL(s string) string { return maskFields(maskUser(s, nil), nil) }

// maskUser masks the user information of every authority in s. It goes through s once more to know how long the text
// becomes, which may be four times as long.
func maskUser(s string, w *watch) string {
	size, found := len(s), false
	for start, end := range users(s, w) {
		size, found = size+len(value.Mask)-(end-start), true
	}
	if !found {
		return s
	}
	var b strings.Builder
	b.Grow(size)
	copied := 0
	for start, end := range users(s, w) {
		b.WriteString(s[copied:start])
		b.WriteString(value.Mask)
		copied = end
	}
	if w != nil && w.over {
		return value.Mask
	}
	b.WriteString(s[copied:])
	return b.String()
}

// users yields where the user information of every authority in s begins and ends.
func users(s string, w *watch) iter.Seq2[int, int] {
	return func(yield func(start, end int) bool) {
		for from, seen := 0, 0; ; {
			i := strings.Index(s[from:], "//")
			if i < 0 {
				return
			}
			if from+i >= seen+stretch {
				if !w.went(from + i - seen) {
					return
				}
				seen = from + i
			}
			start := from + i + 2
			end := len(s)
			if k := strings.IndexAny(s[start:], "/?# \t\r\n\"'<>"); k >= 0 {
				end = start + k
			}
			from = end
			if at := strings.LastIndexByte(s[start:end], '@'); at > 0 && !yield(start, start+at) {
				return
			}
		}
	}
}

// maskFields masks the values of OAuth fields in a form, an Authorization header, JSON or XML text.
func maskFields(s string, w *watch) string {
	const within = "auth_" // stands in every name
	if !strings.Contains(s, within) {
		return s
	}
	var out pieces
	for seen := len(s); ; {
		if seen-len(s) >= stretch {
			if !w.went(seen - len(s)) {
				return value.Mask
			}
			seen = len(s)
		}
		i := strings.Index(s, within)
		if i < 0 {
			out.write(s)
			return w.text(&out)
		}
		start, end := i, i
		for start > 0 && isNameByte(s[start-1]) {
			start--
		}
		for end < len(s) && isNameByte(s[end]) {
			end++
		}
		from, to := end, end
		if oauth1.IsCredential(s[start:end]) {
			from, to = fieldValue(s, end)
		}
		if from == to {
			out.write(s[:end])
			s = s[end:]
			continue
		}
		out.write(s[:from])
		out.write(value.Mask)
		s = s[to:]
	}
}

func isNameByte(c byte) bool {
	return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}

// fieldValue finds the value that belongs to the field name that ends at i; from == to when there is none.
func fieldValue(s string, i int) (from, to int) {
	j := quoteEnd(s, i)
	for j < len(s) && s[j] == ' ' {
		j++
	}
	if j == len(s) {
		return i, i
	}
	stop := "& \t\r\n,;\"'<}\\"
	switch {
	case strings.HasPrefix(s[j:], "%3D"), strings.HasPrefix(s[j:], "%3d"):
		return j + 3, pairEnd(s, j+3, stop)
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
	if k := quoteEnd(s, j); k > j {
		return k, closingQuote(s, k, s[k-1], k-1-j)
	}
	end := len(s)
	if k := strings.IndexAny(s[j:], stop); k >= 0 {
		end = j + k
	}
	return j, end
}

// quoteEnd skips a quote at i, which may be escaped for JSON within JSON.
func quoteEnd(s string, i int) int {
	j := i
	for j < len(s) && s[j] == '\\' {
		j++
	}
	if j < len(s) && (s[j] == '"' || s[j] == '\'') {
		return j + 1
	}
	return i
}

// closingQuote returns where the text ends whose opening quote, right before i, stood behind that many backslashes:
// JSON within JSON has one, and three within that.
func closingQuote(s string, i int, quote byte, backslashes int) int {
	run := 0
	for ; i < len(s); i++ {
		switch s[i] {
		case '\\':
			run++
			continue
		case quote:
			if run%(2*(backslashes+1)) == backslashes {
				return i - backslashes
			}
		}
		run = 0
	}
	return len(s)
}

// pairEnd returns where the value of a percent-encoded pair ends: at the next encoded "&", or at one of the bytes of
// stop.
func pairEnd(s string, i int, stop string) int {
	for ; i < len(s); i++ {
		if s[i] == '%' && strings.HasPrefix(s[i:], "%26") || strings.IndexByte(stop, s[i]) >= 0 {
			break
		}
	}
	return i
}

// Request returns a masked copy of a request record (see RequestRecord) with the paths into it applied.
func (m *Masker) Request(record value.Value) value.Value {
	return m.walk(record, m.trails(false), false)
}

// Response returns a masked copy of a response record (see ResponseRecord) with the paths into it applied.
func (m *Masker) Response(record value.Value) value.Value {
	return m.walk(record, m.trails(true), false)
}

// walk copies v; trails are those that lead here or end above, inHeaders tells header names.
func (m *Masker) walk(v value.Value, trails []trail, inHeaders bool) value.Value {
	if v.IsSecret() || hidden(trails, v) {
		return value.Text(value.Mask)
	}
	switch v.Kind() {
	case value.KindText:
		if !m.watch.went(len(v.Str())) {
			return value.Text(value.Mask)
		}
		return value.Text(m.URL(cover(trails, v.Str())))
	case value.KindNumber, value.KindInteger:
		if text := value.ToText(v); m.Text(cover(trails, text)) != text {
			return value.Text(value.Mask)
		}
	case value.KindBuffer:
		text := value.TextOf(v.Bytes()).Str()
		valid, err := characters.Valid(text, m.watch.looks())
		if err != nil {
			return value.Text(value.Mask)
		}
		if valid {
			return value.Text(m.Text(cover(trails, text)))
		}
		return value.Text("(binary)")
	case value.KindArray:
		if !m.watch.went(containerBytes + len(v.Items())*itemBytes) {
			return value.Text(value.Mask)
		}
		items := make([]value.Value, len(v.Items()))
		for i, item := range v.Items() {
			items[i] = m.walk(item, trails, inHeaders)
		}
		return value.Array(items)
	case value.KindCollection:
		if !m.watch.went(containerBytes + v.Object().Len()*entryBytes) {
			return value.Text(value.Mask)
		}
		return m.walkObject(v.Object(), trails, inHeaders)
	}
	return v
}

// containerBytes is how many bytes of a text are masked in the time that a list or a collection takes.
const containerBytes = 64

func (m *Masker) walkObject(o *value.Object, trails []trail, inHeaders bool) value.Value {
	out := value.NewObject(o.Len())
	for i := range o.Len() {
		k, item := o.At(i)
		if oauth1.IsCredential(k) || inHeaders && isCredentialHeader(k) {
			out.Set(k, value.Text(value.Mask))
			continue
		}
		out.Set(m.Text(k), m.walk(item, below(trails, k), k == recordHeaders))
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
