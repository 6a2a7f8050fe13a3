package explain

import (
	"crypto/sha1"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"

	"github.com/imlc-lang/imlc/runtime/uri"
)

// wholeMistakes are those that are made with a part of the base string when it is ready, or with all of it. They are tried
// alone.
func wholeMistakes(d *derivation) []mistake {
	var ms []mistake
	add := func(id string, pitfall int, name, advice string, change func(string) string) {
		ms = append(ms, m(id, pitfall, name, advice, func(q *quirks) { q.whole = change }).single().lesser(true))
	}
	const once, uriAdvice = "encode URI and parameters, and join the three parts with &", "sign scheme, host, port and path of the request"
	add("base-string-not-encoded", 12, "neither base string URI nor parameters encoded", once, uri.Decode)
	add("base-string-encoded-again", 12, "base string encoded once more as a whole", once, uri.Encode)
	add("parts-joined-without-ampersand", 0, "parts of the base string joined without &", once, func(s string) string { return strings.Replace(s, "&", "", 2) })
	add("method-missing", 0, "method missing in the base string", "begin with the method and &", func(s string) string {
		_, rest, _ := strings.Cut(s, "&")
		return rest
	})
	add("line-break-in-base-string", 0, "line break at the end of the base string", "sign the base string alone", func(s string) string { return s + "\n" })
	add("base-string-lower-cased", 0, "base string in small letters", "keep the case", uri.Lower)
	add("base-string-utf-16", 0, "base string signed as UTF-16", "sign the bytes of ASCII or UTF-8 text", utf16Text)
	add("digest-signed", 0, "SHA-1 hash of the base string signed", "sign the base string itself: HMAC and RSA hash it", func(s string) string {
		sum := sha1.Sum([]byte(s))
		return string(sum[:])
	})
	add("digest-signed", 0, "SHA-1 hash of the base string signed as hex text", "sign the base string itself: HMAC and RSA hash it", func(s string) string {
		sum := sha1.Sum([]byte(s))
		return hex.EncodeToString(sum[:])
	})
	body := string(d.request.Body)
	add("body-appended", 16, "body appended to the base string", "sign no body but form-encoded ones, with the parameters", func(s string) string { return s + body })
	add("body-appended", 16, "body appended to the base string with &", "sign no body but form-encoded ones, with the parameters", func(s string) string { return s + "&" + uri.Encode(body) })

	add("slashes-collapsed", 5, "double slashes of the path taken as one", "sign the path bytes of the request line", inURI(func(s string) string {
		scheme, rest, _ := strings.Cut(s, "://")
		for strings.Contains(rest, "//") {
			rest = strings.ReplaceAll(rest, "//", "/")
		}
		return scheme + "://" + rest
	}))
	add("path-signed-alone", 6, "path signed without scheme and host", uriAdvice, inURI(func(s string) string {
		_, rest, _ := strings.Cut(s, "://")
		if i := strings.IndexByte(rest, '/'); i >= 0 {
			return rest[i:]
		}
		return ""
	}))
	add("scheme-missing", 6, "host and path signed without the scheme", uriAdvice, inURI(func(s string) string {
		_, rest, _ := strings.Cut(s, "://")
		return rest
	}))
	add("path-missing", 5, "path missing in the base string URI", uriAdvice, inURI(func(s string) string {
		scheme, rest, _ := strings.Cut(s, "://")
		host, _, _ := strings.Cut(rest, "/")
		return scheme + "://" + host
	}))
	add("question-mark-in-base-uri", 28, "? left at the end of the base string URI", "cut the ? with the query", inURI(func(s string) string { return s + "?" }))

	const pairsAdvice = "join name=value with &, sorted, and nothing else"
	add("ampersand-at-the-end", 12, "& left at the end of the parameters", pairsAdvice, inParams(func(s string) string { return s + "&" }))
	add("ampersand-at-the-start", 12, "& left before the first parameter", pairsAdvice, inParams(func(s string) string { return "&" + s }))
	for _, joiner := range joiners {
		add("parameters-joined-otherwise", 12, "parameters joined with "+joiner.name, pairsAdvice, inParams(func(s string) string { return strings.ReplaceAll(s, "&", joiner.text) }))
	}
	add("values-quoted", 12, "values signed in quotation marks", "quotation marks belong to the header", inParams(eachPair(func(name, value string) string { return name + `="` + value + `"` })))
	add("equals-sign-dropped", 9, "= left out behind a name without a value", "an empty value is signed as name=", inParams(eachPair(func(name, value string) string {
		if value == "" {
			return name
		}
		return name + "=" + value
	})))
	add("empty-signature-signed", 0, "oauth_signature signed with an empty value", "leave oauth_signature out of the base string", inParams(reordered(func(pairs []string) []string {
		pairs = append(pairs, "oauth_signature=")
		slices.Sort(pairs)
		return pairs
	})))
	add("names-lower-cased", 0, "names of parameters in small letters", "sign names exactly as sent", inParams(reordered(func(pairs []string) []string {
		for i, p := range pairs {
			name, value, _ := strings.Cut(p, "=")
			pairs[i] = strings.ToLower(name) + "=" + value
		}
		slices.Sort(pairs)
		return pairs
	})))
	add("brackets-dropped", 31, "[] dropped from names", "sign names exactly as sent", inParams(eachPair(func(name, value string) string { return strings.TrimSuffix(name, "%5B%5D") + "=" + value })))
	add("brackets-numbered", 31, "[] of names numbered", "sign names exactly as sent", inParams(numbered))
	add("duplicates-joined", 7, "values of one name joined with a comma", "sign every pair, sorted by name and value", inParams(reordered(joined)))
	order := func(name string, less func(a, b string) int) {
		add("sorted-otherwise", 14, name, "sort by the encoded names and values, all in one list", inParams(reordered(func(pairs []string) []string {
			slices.SortStableFunc(pairs, less)
			return pairs
		})))
	}
	isProtocol := func(pair string) int {
		if strings.HasPrefix(pair, "oauth_") {
			return 0
		}
		return 1
	}
	order("parameters in descending order", func(a, b string) int { return strings.Compare(b, a) })
	order("oauth parameters before the others", func(a, b string) int { return isProtocol(a) - isProtocol(b) })
	order("oauth parameters behind the others", func(a, b string) int { return isProtocol(b) - isProtocol(a) })
	order("values of one name sorted as numbers", func(a, b string) int {
		name, x, _ := strings.Cut(a, "=")
		other, y, _ := strings.Cut(b, "=")
		m, err1 := strconv.ParseFloat(x, 64)
		n, err2 := strconv.ParseFloat(y, 64)
		switch {
		case name != other || err1 != nil || err2 != nil:
			return strings.Compare(name, other)
		case m < n:
			return -1
		case m > n:
			return 1
		}
		return 0
	})
	return ms
}

// joiners are what stands between parameters instead of &, with how it is called.
var joiners = []struct{ text, name string }{
	{"&amp;", "&amp; (PHP's arg_separator, or HTML)"}, {",", "commas"}, {", ", "a comma and a blank"}, {";", "semicolons"}, {"", "nothing"},
}

// utf16Text is a text in UTF-16, low bytes first, as .NET's Encoding.Unicode writes it.
func utf16Text(s string) string {
	var b []byte
	for _, u := range utf16.Encode([]rune(s)) {
		b = append(b, byte(u), byte(u>>8))
	}
	return string(b)
}

// inURI changes the second part of a base string, decoded; inParams the third one.
func inURI(change func(string) string) func(string) string    { return inPart(1, change) }
func inParams(change func(string) string) func(string) string { return inPart(2, change) }

func inPart(part int, change func(string) string) func(string) string {
	return func(base string) string {
		parts := strings.SplitN(base, "&", 3)
		if len(parts) < 3 {
			return base
		}
		parts[part] = uri.Encode(change(uri.Decode(parts[part])))
		return strings.Join(parts, "&")
	}
}

// eachPair changes the pairs of a list of parameters one by one.
func eachPair(change func(name, value string) string) func(string) string {
	return reordered(func(pairs []string) []string {
		for i, p := range pairs {
			name, value, _ := strings.Cut(p, "=")
			pairs[i] = change(name, value)
		}
		return pairs
	})
}

func reordered(change func([]string) []string) func(string) string {
	return func(s string) string { return strings.Join(change(strings.Split(s, "&")), "&") }
}

// numbered writes a[]=x&a[]=y as PHP's http_build_query does: a[0]=x&a[1]=y.
func numbered(s string) string {
	seen := map[string]int{}
	return eachPair(func(name, value string) string {
		stem, ok := strings.CutSuffix(name, "%5B%5D")
		if !ok {
			return name + "=" + value
		}
		seen[stem]++
		return stem + "%5B" + strconv.Itoa(seen[stem]-1) + "%5D=" + value
	})(s)
}

// joined makes one pair of those that have the same name, which stand beside each other.
func joined(pairs []string) []string {
	var out []string
	for len(pairs) > 0 {
		name, _, _ := strings.Cut(pairs[0], "=")
		values := pairs[:1:1]
		for _, p := range pairs[1:] {
			next, value, _ := strings.Cut(p, "=")
			if next != name {
				break
			}
			values = append(values, value)
		}
		out, pairs = append(out, strings.Join(values, "%2C")), pairs[len(values):]
	}
	return out
}
