package explain

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/imlc-lang/imlc/runtime/oauth1"
	"github.com/imlc-lang/imlc/runtime/uri"
)

// encoder is a way to percent-encode that is not that of RFC 5849 §3.6.
type encoder struct {
	// keep are further bytes that stay as they are, escape unreserved ones that do not.
	keep, escape string
	// plus writes a space as +, lower writes escapes in small letters.
	plus, lower bool
	// wide writes a letter beyond ASCII by its number, as %E9 and %u20AC, instead of its bytes.
	wide bool
	// plain are the bytes that stay as they are, once it is prepared.
	plain [256]bool
}

func (e *encoder) prepare() {
	for i := range e.plain {
		c := byte(i)
		e.plain[c] = uri.Unreserved(c) && strings.IndexByte(e.escape, c) < 0 || strings.IndexByte(e.keep, c) >= 0
	}
}

func (e *encoder) encode(s string) string {
	escapes := 0
	for i := range len(s) {
		if !e.plain[s[i]] {
			escapes++
		}
	}
	if escapes == 0 {
		return s
	}
	b := make([]byte, 0, len(s)+2*escapes)
	for i := 0; i < len(s); i++ {
		c := s[i]
		if e.wide && c >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(s[i:])
			i += n - 1
			if r < 0x100 {
				b = fmt.Appendf(b, "%%%02X", r)
			} else {
				for _, u := range utf16.Encode([]rune{r}) {
					b = fmt.Appendf(b, "%%u%04X", u)
				}
			}
			continue
		}
		switch {
		case e.plain[c]:
			b = append(b, c)
		case c == ' ' && e.plus:
			b = append(b, '+')
		default:
			if b = uri.AppendEscape(b, c); e.lower {
				for i := len(b) - 2; i < len(b); i++ {
					b[i] |= 0x20 // of a digit it is set
				}
			}
		}
	}
	return string(b)
}

// subDelimiters are the characters that JavaScript's encodeURIComponent leaves alone beside the unreserved ones.
const subDelimiters = "!*'()"

// namedEncoder is an encoder under the name of its mistake.
type namedEncoder struct {
	id, name, advice string
	encoder
	// whole is set for the function of a library that makes several mistakes at once: it is named only where no single
	// mistake explains the result.
	whole bool
}

const encodeAdvice = "encode everything but letters, digits and -._~"

// encoders lists the single mistakes, then functions of libraries that make several of them.
var encoders = []namedEncoder{
	{id: "sub-delimiters-not-encoded", name: "!*'() not encoded", advice: encodeAdvice, encoder: encoder{keep: subDelimiters}},
	{id: "tilde-encoded", name: "~ encoded", advice: "leave ~ as it is", encoder: encoder{escape: "~"}},
	{id: "plus-for-space", name: "+ for space", advice: "encode a space as %20", encoder: encoder{plus: true}},
	{id: "lower-case-escapes", name: "escapes in lower case", advice: "write %XX in capitals", encoder: encoder{lower: true}},
	{id: "slash-not-encoded", name: "/ not encoded", advice: "encode / too: Python's quote needs safe='~'", encoder: encoder{keep: "/"}},
	{id: "comma-not-encoded", name: ", not encoded", advice: encodeAdvice, encoder: encoder{keep: ","}, whole: true},
	{id: "colon-not-encoded", name: ": not encoded", advice: encodeAdvice, encoder: encoder{keep: ":"}, whole: true},
	{id: "at-not-encoded", name: "@ not encoded", advice: encodeAdvice, encoder: encoder{keep: "@"}, whole: true},
	{id: "brackets-not-encoded", name: "[ and ] not encoded", advice: encodeAdvice, encoder: encoder{keep: "[]"}, whole: true},
	{id: "encoder-php", name: "PHP's urlencode or java.net.URLEncoder used: + for space, ~ encoded", advice: "use rawurlencode in PHP; replace + by %20 and %7E by ~ in Java", encoder: encoder{escape: "~", plus: true}, whole: true},
	{id: "encoder-java", name: "java.net.URLEncoder used: + for space, * left alone, ~ encoded", advice: "replace + by %20, * by %2A and %7E by ~",
		encoder: encoder{keep: "*", escape: "~", plus: true}, whole: true},
	{id: "encoder-java", name: "java.net.URLEncoder with + repaired: * not encoded, ~ encoded", advice: "replace * by %2A and %7E by ~ too",
		encoder: encoder{keep: "*", escape: "~"}, whole: true},
	{id: "encoder-dotnet", name: ".NET HttpUtility.UrlEncode used: + for space, !*() not encoded, ~ encoded, escapes in lower case",
		advice: "use Uri.EscapeDataString", encoder: encoder{keep: "!*()", escape: "~", plus: true, lower: true}, whole: true},
	{id: "encoder-dotnet", name: ".NET HttpUtility.UrlEncode with ' left alone: + for space, !*'() not encoded, escapes in lower case",
		advice: "use Uri.EscapeDataString", encoder: encoder{keep: subDelimiters, plus: true, lower: true}, whole: true},
	{id: "encoder-dotnet", name: ".NET WebUtility.UrlEncode used: + for space, !*() not encoded, ~ encoded", advice: "use Uri.EscapeDataString",
		encoder: encoder{keep: "!*()", escape: "~", plus: true}, whole: true},
	{id: "encoder-dotnet", name: ".NET HttpUtility.UrlEncode with + repaired: !*() not encoded, ~ encoded, escapes in lower case",
		advice: "use Uri.EscapeDataString", encoder: encoder{keep: "!*()", escape: "~", lower: true}, whole: true},
	{id: "encoder-python", name: "Python's quote used: / not encoded, ~ encoded", advice: "use quote(text, safe='~')",
		encoder: encoder{keep: "/", escape: "~"}, whole: true},
	{id: "encoder-javascript", name: "JavaScript's escape used: @*+/ not encoded, ~ encoded", advice: "use encodeURIComponent and encode !*'() too",
		encoder: encoder{keep: "@*+/", escape: "~", wide: true}, whole: true},
	{id: "encoder-javascript", name: "JavaScript's encodeURI used: ;,/?:@&=+$!*'()# not encoded",
		advice: "use encodeURIComponent and encode !*'() too", encoder: encoder{keep: ";,/?:@&=+$!*'()#"}, whole: true},
	{id: "encoder-form", name: "a form encoder used: + for space, !*'() not encoded", advice: "encode a space as %20 and !*'() too",
		encoder: encoder{keep: subDelimiters, plus: true}, whole: true},
	{id: "encoder-path", name: "Go's url.PathEscape used: $&+=:@ not encoded", advice: "use url.QueryEscape and replace + by %20",
		encoder: encoder{keep: "$&+=:@"}, whole: true},
}

// encodingMistakes are the encoders and the orders: the simple ones first.
func encodingMistakes(d *derivation) []mistake {
	simple := slices.IndexFunc(encoders, func(e namedEncoder) bool { return e.whole })
	ms := wrongEncoders(slices.Concat(encoders[:1], someSubDelimiters(d), encoders[1:simple]))
	ms = append(ms,
		m("query-as-it-stands", 11, "query signed as it stands, neither decoded nor encoded", "decode each name and value once, and encode it again", func(q *quirks) { q.queryAsIs = true }),
		m("form-as-it-stands", 11, "form signed as it stands, neither decoded nor encoded", "decode each name and value once, and encode it again", func(q *quirks) { q.bodyAsIs = true }),
		m("query-as-it-stands", 11, "query and form signed as they stand, neither decoded nor encoded", "decode each name and value once, and encode it again", func(q *quirks) { q.queryAsIs = true; q.bodyAsIs = true }).lesser(true),
		m("parameters-encoded-twice", 11, "names and values encoded twice before they are joined", "encode each name and value once, then the joined parameters", func(q *quirks) { q.listTwice = true }).lesser(true).single(),
		m("names-not-encoded", 12, "names not encoded before they are joined", "encode each name, then the joined parameters", func(q *quirks) { q.namesRaw = true }),
		m("values-not-encoded", 12, "values not encoded before they are joined", "encode each value, then the joined parameters", func(q *quirks) { q.valuesRaw = true }),
		m("parameters-encoded-once", 12, "names and values not encoded before they are joined", "encode each name and value, then the joined parameters", func(q *quirks) { q.namesRaw = true; q.valuesRaw = true }).lesser(true),
	)
	return append(append(ms, wrongEncoders(encoders[simple:])...),
		m("parameters-not-encoded-again", 12, "normalised parameters not encoded as a whole", "encode the joined parameters once more", func(q *quirks) { q.innerOnce = true }),
		m("base-uri-not-encoded", 12, "base string URI not encoded", "encode the URI in the base string", func(q *quirks) { q.uriRaw = true }),
		m("sorted-before-encoding", 14, "sorted before encoding", "sort by the encoded names and values", func(q *quirks) { q.sortDecoded = true }),
		m("sorted-as-joined-text", 14, "sorted as name=value texts", "sort by name, then by value", func(q *quirks) { q.sortJoined = true }),
		m("not-sorted", 14, "parameters not sorted", "sort by the encoded names and values", func(q *quirks) { q.unsorted = true }),
		unsorted(oauth1.OriginProtocol, oauth1.OriginQuery, oauth1.OriginBody), unsorted(oauth1.OriginProtocol, oauth1.OriginBody, oauth1.OriginQuery),
		unsorted(oauth1.OriginBody, oauth1.OriginQuery, oauth1.OriginProtocol), unsorted(oauth1.OriginQuery, oauth1.OriginProtocol, oauth1.OriginBody),
		m("sorted-without-case", 14, "sorted without regard to case", "sort by bytes: capitals come first", func(q *quirks) { q.sortFolded = true }),
	)
}

// wrongEncoders are the mistakes of using each encoder in the whole base string, in the list of parameters alone, or
// around it alone.
func wrongEncoders(es []namedEncoder) []mistake {
	var ms []mistake
	for _, e := range es {
		e.prepare()
		use := func(q *quirks) { q.encoder = &e.encoder }
		ms = append(ms, m(e.id, 12, e.name, e.advice, use).lesser(e.whole),
			m(e.id, 12, e.name+" in the list (the list as a whole was encoded strictly)", e.advice, func(q *quirks) { use(q); q.innerOnly = true }).lesser(e.whole).single(),
			m(e.id, 12, e.name+" where the list as a whole is encoded", e.advice, func(q *quirks) { use(q); q.outerOnly = true }).lesser(true).single())
	}
	return ms
}

// someSubDelimiters are the encoders that leave only some of the sub-delimiters of this request alone.
func someSubDelimiters(d *derivation) []namedEncoder {
	var present []byte
	for _, p := range d.params {
		for i := range len(subDelimiters) {
			if c := subDelimiters[i]; !slices.Contains(present, c) && (strings.IndexByte(p.Name, c) >= 0 || strings.IndexByte(p.Value, c) >= 0) {
				present = append(present, c)
			}
		}
	}
	var es []namedEncoder
	for set := 1; set < 1<<len(present)-1; set++ {
		var keep []string
		for i, c := range present {
			if set>>i&1 == 1 {
				keep = append(keep, string(c))
			}
		}
		es = append(es, namedEncoder{id: "sub-delimiters-not-encoded", name: listed(keep) + " not encoded", advice: encodeAdvice,
			encoder: encoder{keep: strings.Join(keep, "")}})
	}
	return es
}

// listed joins words as in "a, b and c".
func listed(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}
