package explain

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/imlc-lang/imlc/runtime/oauth1"
	"github.com/imlc-lang/imlc/runtime/uri"
)

// Foreign is what somebody else computed for the same request: a header, a base string, or both.
type Foreign struct {
	// Authorization is an Authorization header value, "OAuth …"; "" for none.
	Authorization string
	// BaseString is a signature base string, as a provider's debug page or another library prints it; "" for none.
	BaseString string
}

// Format prints nothing of the content, which may hold a PLAINTEXT signature.
func (Foreign) Format(f fmt.State, _ rune) { fmt.Fprint(f, "explain.Foreign("+oauth1.Mask+")") }

// LogValue implements slog.LogValuer, because a JSON handler would marshal the content. json.Marshal writes it in clear.
func (f Foreign) LogValue() slog.Value { return slog.StringValue(fmt.Sprint(f)) }

// ParamDifference is a protocol parameter that only one side has, or that differs. Values of the signature are never in
// it.
type ParamDifference struct {
	// Name is the name of the parameter.
	Name string
	// Own and Foreign are the decoded values, "" on a side that lacks it.
	Own, Foreign string
	// OwnPresent and ForeignPresent say which sides have it.
	OwnPresent, ForeignPresent bool
}

// Difference is the first difference between an own derivation and a foreign one, with its likely causes.
type Difference struct {
	// Part says where it lies: "method", "base uri", "parameters", "header" or "signature".
	Part string
	// Offset is the byte in the whole text at which the two part.
	Offset int
	// Own and Foreign are excerpts around it, aligned, and Caret a line that points at the place in both.
	Own, Foreign, Caret string
	// Params are the differing parameters by name: of two headers those of the protocol, nonce and timestamp left
	// aside; of two base strings all of them.
	Params []ParamDifference
	// Causes are ranked: certain ones first. Several certain causes that only explain the difference together are
	// marked so by Together.
	Causes   []Cause
	Together bool
	// Unfinished is true when none of the mistakes that were tried explains the difference, and others were not tried,
	// because the request is so long, or has so many parameters, that this would have taken too much time.
	Unfinished bool
}

// maxShown is how many differing parameters are printed.
const maxShown = 20

// String returns the excerpts, the caret and the causes on lines of their own.
func (d *Difference) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "first difference: %s, byte %d\n  own      %s\n  foreign  %s\n           %s\n", d.Part, d.Offset, d.Own, d.Foreign, d.Caret)
	for i, p := range d.Params {
		if i == maxShown {
			fmt.Fprintf(&b, "and %d more parameters\n", len(d.Params)-i)
			break
		}
		switch {
		case !p.OwnPresent:
			fmt.Fprintf(&b, "only foreign: %s=%q\n", p.Name, p.Foreign)
		case !p.ForeignPresent:
			fmt.Fprintf(&b, "only own: %s=%q\n", p.Name, p.Own)
		default:
			fmt.Fprintf(&b, "differs: %s, own %q, foreign %q\n", p.Name, p.Own, p.Foreign)
		}
	}
	for _, c := range d.Causes {
		word := "perhaps"
		switch {
		case c.Certain && d.Together:
			word = "cause, in part"
		case c.Certain:
			word = "cause"
		}
		fmt.Fprintf(&b, "%s: %s\n", word, c)
	}
	if d.Unfinished {
		b.WriteString("not every known mistake was tried: the request is too long, or has too many parameters\n")
	}
	return b.String()
}

// comparison holds the own side.
type comparison struct {
	own     *derivation
	key     *oauth1.Key
	params  *oauth1.Params
	methods oauth1.Registry
	// nonce and timestamp are true when those of the own side are given, not taken over.
	nonce, timestamp bool
}

func (c *comparison) run(f Foreign) *Difference {
	if f.BaseString != "" {
		if d := c.base(strings.Trim(f.BaseString, " \t\r\n"), f.Authorization); d != nil || f.Authorization == "" {
			return d
		}
	}
	if f.Authorization != "" {
		return c.header(f.Authorization)
	}
	return nil
}

// adopt returns protocol with the foreign nonce and timestamp, as far as wanted. A timestamp in milliseconds is adopted
// in seconds, for the mistake to show.
func adopt(protocol, foreign []uri.Pair, nonce, timestamp bool) []uri.Pair {
	out := slices.Clone(protocol)
	for i, p := range out {
		if (p.Name != "oauth_nonce" || !nonce) && (p.Name != "oauth_timestamp" || !timestamp) {
			continue
		}
		for _, f := range foreign {
			if f.Name != p.Name {
				continue
			}
			out[i].Value = f.Value
			if p.Name == "oauth_timestamp" && isMillis(f.Value) {
				out[i].Value = f.Value[:len(f.Value)-3]
			}
		}
	}
	return out
}

func isMillis(s string) bool {
	return len(s) >= 13 && len(s) <= 16 && strings.Trim(s, "0123456789") == ""
}

// base compares base strings; header is the foreign header that came with it, "" for none.
func (c *comparison) base(foreign, header string) *Difference {
	params := baseParams(foreign)
	d := c.own.with(adopt(c.own.protocol, params, !c.nonce, !c.timestamp))
	if a, _ := oauth1.ParseAuthorization(header); a != nil && len(a.Params) > 0 {
		d = c.own.with(a.Params)
	}
	own := d.base
	if own == foreign {
		return nil
	}
	diff := c.difference(baseParts(own), own, foreign)
	var particular []mistake
	diff.Params, particular = pairDifferences(d, params)
	hasRealm, realmSigned, otherVersion := d.has("realm"), causeNamed("realm-signed"), causeNamed("version-1.0A")
	for _, p := range params {
		switch {
		case p.Name == "oauth_timestamp" && isMillis(p.Value):
			diff.add(timestampInMilliseconds)
		case p.Name == "realm" && !hasRealm:
			diff.add(realmSigned)
		case p.Name == "oauth_version" && p.Value != "1.0":
			diff.add(otherVersion)
		case p.Name == "oauth_signature":
			diff.add(Cause{ID: "signature-signed", Name: "oauth_signature signed", Advice: "leave oauth_signature out of the base string"})
		}
	}
	match := func(q *quirks) bool {
		base := q.base(d)
		return base != "" && base == foreign
	}
	near := func(base string) int { return commonPrefix(base, foreign) + commonSuffix(base, foreign) }
	effective := d.try(append(mistakes(d), particular...), false, match, near)
	diff.explain(effective, len(own) <= maxPairBytes, d, match)
	if !diff.sure() {
		d.effort.begin(maxEffort)
		diff.together(particular, match)
	}
	if !diff.sure() && sameSegments(own, foreign) {
		diff.Causes = nil
		for _, m := range mistakes(d) {
			if m.ID == "not-sorted" {
				m.Certain = true
				diff.add(m.Cause)
			}
		}
	}
	if !diff.sure() {
		diff.rank(effective, near(own))
		diff.Unfinished = d.effort.ended
	}
	return diff
}

// sure reports whether the difference is explained.
func (d *Difference) sure() bool { return len(d.Causes) > 0 && d.Causes[0].Certain }

func pathOf(rawURL string) string {
	u, _ := uri.Split(rawURL)
	return u.Path
}

func queryOf(rawURL string) string {
	u, _ := uri.Split(rawURL)
	return u.Query
}

// baseParams reads the parameters out of a base string.
func baseParams(base string) []uri.Pair {
	parts := strings.SplitN(base, "&", 3)
	if len(parts) < 3 {
		return nil
	}
	text := parts[2]
	if !strings.Contains(text, "=") {
		text = uri.Decode(text)
	}
	var ps []uri.Pair
	for _, pair := range strings.Split(text, "&") {
		name, value, _ := strings.Cut(pair, "=")
		ps = append(ps, uri.Pair{Name: uri.Decode(name), Value: uri.Decode(value)})
	}
	return ps
}

// partEnd is a named part of a text and where it ends.
type partEnd struct {
	name string
	end  int
}

func baseParts(base string) []partEnd {
	method := strings.IndexByte(base, '&')
	if method < 0 {
		return []partEnd{{"base string", len(base)}}
	}
	uri := strings.IndexByte(base[method+1:], '&')
	if uri < 0 {
		return []partEnd{{"method", method}, {"base uri", len(base)}}
	}
	return []partEnd{{"method", method}, {"base uri", method + 1 + uri}, {"parameters", len(base)}}
}

// difference finds the first differing byte and cuts the excerpts.
func (c *comparison) difference(parts []partEnd, own, foreign string) *Difference {
	own, foreign = c.hide(own), c.hide(foreign)
	at := escapeStart(own, commonPrefix(own, foreign))
	d := &Difference{Offset: at}
	for i, p := range parts {
		if at <= p.end || i == len(parts)-1 {
			d.Part = p.name
			break
		}
	}
	d.Own, d.Foreign, d.Caret = excerpt(own, foreign, at)
	return d
}

// hide masks password fields, in each of the encodings in which they may stand.
func (c *comparison) hide(s string) string {
	for _, p := range c.own.passwords {
		for _, form := range []string{uri.Encode(uri.Encode(p.Value)), uri.Encode(p.Value), p.Value} {
			s = strings.ReplaceAll(s, form, oauth1.Mask)
		}
	}
	return s
}

// escapeStart moves a place inside an escape, encoded once or twice, to its start, where a reader looks.
func escapeStart(s string, at int) int {
	for _, k := range []int{1, 2} {
		if at >= k && at <= len(s) && s[at-k] == '%' {
			at -= k
			break
		}
	}
	for _, k := range []int{3, 4} {
		if at >= k && at <= len(s) && s[at-k:at-k+3] == "%25" && (k == 3 || strings.IndexByte("0123456789ABCDEFabcdef", s[at-1]) >= 0) {
			return at - k
		}
	}
	return at
}

func commonPrefix(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

func commonSuffix(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[len(a)-1-n] == b[len(b)-1-n] {
		n++
	}
	return n
}

// excerpt cuts both texts around a byte so that they stay aligned.
func excerpt(own, foreign string, at int) (o, f, caret string) {
	const before, after = 32, 40
	start := max(0, at-before)
	for start > 0 && start < at && start < len(own) && !utf8.RuneStart(own[start]) {
		start++
	}
	cut := func(s string) string {
		end := min(len(s), at+after)
		text := printable(s[min(start, len(s)):end])
		if start > 0 {
			text = "…" + text
		}
		if end < len(s) {
			text += "…"
		}
		return text
	}
	spaces := utf8.RuneCountInString(printable(own[min(start, len(own)):min(at, len(own))]))
	if start > 0 {
		spaces++
	}
	return cut(own), cut(foreign), strings.Repeat(" ", spaces) + "^"
}

// printable replaces controls and bad bytes one for one.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return '\uFFFD'
		}
		return r
	}, s)
}
