package explain

import (
	"fmt"
	"html"
	"math"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/imlc-lang/imlc/internal/media"
	"github.com/imlc-lang/imlc/runtime/oauth1"
	"github.com/imlc-lang/imlc/runtime/uri"
)

// maxParticular bounds how many parameters of a request are left out or changed one at a time.
const maxParticular = 64

// place names one parameter of a request: the index-th of that name from that source.
type place struct {
	origin oauth1.Origin
	name   string
	index  int
}

// shownName is the name of a parameter, fit for a line.
func shownName(name string) string { return media.Line(name, 60) }

// omissions are mistakes about parameters that were sent but not signed: one of them, or two of the protocol.
func omissions(d *derivation) []mistake {
	var ms []mistake
	var protocol []place
	for _, at := range d.places() {
		name, advice := shownName(at.name), "sign every pair that is sent; what is added later needs a new signature"
		switch at.origin {
		case oauth1.OriginQuery:
			name += " of the query"
		case oauth1.OriginBody:
			name += " of the form"
		default:
			protocol, advice = append(protocol, at), "sign every oauth parameter that is sent"
		}
		ms = append(ms, m("parameter-not-signed", 0, name+" sent but not signed", advice, func(q *quirks) { q.omit = append(q.omit, at) }).lesser(at.origin != oauth1.OriginProtocol))
	}
	for i, a := range protocol {
		for _, b := range protocol[i+1:] {
			ms = append(ms, m("parameters-not-signed", 0, shownName(a.name)+" and "+shownName(b.name)+" sent but not signed",
				"sign every oauth parameter that is sent", func(q *quirks) { q.omit = append(q.omit, a, b) }).lesser(true))
		}
	}
	return ms
}

// additions are protocol parameters that libraries sign although they are not sent, and values that were not encoded.
func additions(d *derivation) []mistake {
	var ms []mistake
	for _, p := range []uri.Pair{{Name: "oauth_callback", Value: "about:blank"}, {Name: "oauth_callback", Value: "oob"}, {Name: "oauth_callback"}, {Name: "oauth_verifier"}} {
		if _, sent := uri.Lookup(d.protocol, p.Name); !sent {
			ms = append(ms, signedNotSent(p))
		}
	}
	for _, p := range d.protocol {
		if uri.Encode(p.Value) != p.Value {
			ms = append(ms, m("value-not-encoded", 12, shownName(p.Name)+" not encoded before it is joined", "encode every value, those of the protocol too",
				func(q *quirks) { q.raw = append(q.raw, place{name: p.Name}) }).lesser(true))
		}
	}
	return ms
}

// signedNotSent is the mistake of signing a parameter that the request does not have.
func signedNotSent(p uri.Pair) mistake {
	value := "an empty value"
	if p.Value != "" {
		value = "the value " + media.Line(p.Value, 60)
	}
	if oauth1.IsPassword(p.Name) {
		value = "a value"
	}
	return m("parameter-signed-not-sent", 0, shownName(p.Name)+" signed but not sent, with "+value, "sign exactly what is sent",
		func(q *quirks) { q.add = append(q.add, p) })
}

var tag = regexp.MustCompile(`<[^>]*>`)

// changes are what becomes of values between the one that signs and the one that sends.
var changes = []struct {
	id, name, advice string
	change           func(string) string
}{
	{"line-breaks-changed", "line breaks signed as LF", "sign line breaks as they are sent", func(s string) string { return strings.ReplaceAll(s, "\r\n", "\n") }},
	{"line-breaks-changed", "line breaks signed as CRLF", "sign line breaks as they are sent", func(s string) string {
		return strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\n", "\r\n")
	}},
	{"values-trimmed", "blanks at the ends of values not signed", "sign values as they are sent", strings.TrimSpace},
	{"tags-stripped", "tags stripped from values", "sign values as they are sent", func(s string) string { return tag.ReplaceAllString(s, "") }},
	{"html-escaped", "values escaped for HTML before signing", "sign values as they are sent", html.EscapeString},
	{"html-unescaped", "HTML escapes of values undone before signing", "sign values as they are sent", html.UnescapeString},
	{"latin-1", "text signed as Latin-1", "encode text as UTF-8, for the signature too", latin1},
	{"utf-8-read-as-latin-1", "UTF-8 taken for Latin-1 and encoded again", "encode text as UTF-8 once", bytesAsText},
	{"non-ascii-replaced", "letters beyond ASCII replaced by ?", "encode text as UTF-8", func(s string) string {
		return strings.Map(func(r rune) rune {
			if r >= utf8.RuneSelf {
				return '?'
			}
			return r
		}, s)
	}},
	{"booleans-capitalised", "true and false signed as True and False", "turn values into text once, for both", func(s string) string {
		switch s {
		case "true":
			return "True"
		case "false":
			return "False"
		}
		return s
	}},
	{"booleans-as-numbers", "true and false signed as 1 and 0", "turn values into text once, for both", func(s string) string {
		switch s {
		case "true":
			return "1"
		case "false":
			return "0"
		}
		return s
	}},
	{"booleans-as-numbers", "true and false signed as 1 and nothing, as PHP writes them", "turn values into text once, for both", func(s string) string {
		switch s {
		case "true":
			return "1"
		case "false":
			return ""
		}
		return s
	}},
	{"numbers-rewritten", "numbers signed as they are written after reading", "sign values as they are sent", func(s string) string {
		if n, err := strconv.ParseFloat(s, 64); err == nil && !math.IsNaN(n) && !math.IsInf(n, 0) {
			return strconv.FormatFloat(n, 'f', -1, 64)
		}
		return s
	}},
	{"empty-signed-as-null", "an empty value signed as null", "sign an empty value as it is", func(s string) string {
		if s == "" {
			return "null"
		}
		return s
	}},
	{"empty-signed-as-null", "an empty value signed as undefined", "sign an empty value as it is", func(s string) string {
		if s == "" {
			return "undefined"
		}
		return s
	}},
	{"values-lower-cased", "values in lower case", "sign values as they are sent", uri.Lower},
}

// latin1 writes a text in ISO 8859-1; one that has other letters stays as it is.
func latin1(s string) string {
	b := make([]byte, 0, len(s))
	for _, r := range s {
		if r > 0xFF {
			return s
		}
		b = append(b, byte(r))
	}
	return string(b)
}

// bytesAsText takes each byte for a letter of ISO 8859-1.
func bytesAsText(s string) string {
	rs := make([]rune, 0, len(s))
	for i := 0; i < len(s); i++ {
		rs = append(rs, rune(s[i]))
	}
	return string(rs)
}

// rewrites are the changes of values that change those of this request's query and body.
func rewrites(d *derivation) []mistake {
	var ms []mistake
	params := d.params
	for _, c := range changes {
		var names []string
		detail := ""
		for _, p := range params {
			if p.Origin == oauth1.OriginProtocol {
				continue
			}
			if to := c.change(p.Value); to != p.Value {
				if len(names) == 0 {
					detail = ": " + valueDiffers(p.Name, p.Value, to)
				}
				names = append(names, shownName(p.Name))
			}
		}
		if len(names) == 0 {
			continue
		}
		if len(names) > 1 {
			detail = ": values of " + listed(names[:min(len(names), 5)]) + " differ"
		}
		ms = append(ms, m(c.id, 30, c.name+detail, c.advice, func(q *quirks) {
			q.rewrite = append(q.rewrite, func(p oauth1.Param) string {
				if p.Origin == oauth1.OriginProtocol {
					return p.Value
				}
				return c.change(p.Value)
			})
		}))
	}
	return ms
}

// valueDiffers says how two values of a parameter differ, percent-encoded: plain short ones whole, of others the
// stretch that differs.
func valueDiffers(name, own, foreign string) string {
	text := "value of " + shownName(name) + " differs"
	if oauth1.IsPassword(name) {
		return text
	}
	if len(own) > 30 || len(foreign) > 30 || uri.Encode(own+foreign) != own+foreign {
		from := commonPrefix(own, foreign)
		tail := commonSuffix(own[from:], foreign[from:])
		if tail > 0 && min(len(own), len(foreign)) == from+tail {
			tail-- // something to see on either side
		}
		own, foreign = own[from:len(own)-tail], foreign[from:len(foreign)-tail]
	}
	shown := func(s string) string {
		if s == "" {
			return "nothing"
		}
		return media.Line(uri.Encode(s), 60)
	}
	return text + ": " + shown(own) + " against " + shown(foreign)
}

// guesses are mistakes that nothing in the request hints at; they are tried when no other explains a signature: another
// moment, and the addresses that servers behind a proxy usually have.
func guesses(d *derivation, try func(mistake) bool) bool {
	if sent, err := strconv.ParseInt(timestamp(d.protocol), 10, 64); err == nil {
		for off := int64(1); off <= 900; off++ {
			for _, t := range []int64{sent - off, sent + off} {
				at := strconv.FormatInt(t, 10)
				if try(m("other-timestamp-signed", 0, fmt.Sprintf("another timestamp signed than sent: %s, %d seconds off", at, t-sent), "take the time once, for the signature and for the header",
					func(q *quirks) { q.rewrite = append(q.rewrite, valueOf("oauth_timestamp", at)) })) {
					return true
				}
			}
		}
	}
	for _, scheme := range []string{"http", "https"} {
		for _, host := range []string{"localhost", "127.0.0.1", "0.0.0.0", "[::1]", "app", "web", "api", "backend", "server"} {
			for _, port := range []string{"", "80", "3000", "4000", "5000", "8000", "8080", "8081", "8443", "8888", "9000"} {
				if uri.ImpliesPort(scheme, port) {
					port = ""
				}
				address := scheme + "://" + host + strings.TrimSuffix(":"+port, ":")
				if try(m("inner-address-signed", 6, "host and port of the inner server signed: "+address, "behind a proxy sign the address that the client used: trust its forwarded scheme and host",
					func(q *quirks) { q.host = func(u *uri.Parts) { u.Scheme, u.Host, u.Port = scheme, host, port } })) {
					return true
				}
			}
		}
	}
	return false
}

func timestamp(protocol []uri.Pair) string {
	t, _ := uri.Lookup(protocol, "oauth_timestamp")
	return t
}

// valueOf gives one parameter of the protocol another value.
func valueOf(name, value string) func(oauth1.Param) string {
	return func(p oauth1.Param) string {
		if p.Origin == oauth1.OriginProtocol && p.Name == name {
			return value
		}
		return p.Value
	}
}
