package explain_test

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/imlc-lang/imlc/internal/cputime"
	"github.com/imlc-lang/imlc/runtime/oauth1"
	"github.com/imlc-lang/imlc/runtime/oauth1/explain"
)

// vectors are requests that show most mistakes.
func vectors() []oauth1.Request {
	return []oauth1.Request{
		{Method: "GET", URL: "https://API.example.com:443/v1//Caf%C3%A9/a%20b;v=1/?q=a+b%7E%2F!&z=1&a=10&a=9&f%5B%5D=x&f%5B%5D=y&none&empty=&on=true&n=1.50&e=%E2%82%AC#top"},
		{Method: "POST", URL: "http://www.example.com:8080/Items/?Page=2&id=%2541", ContentType: form, Body: []byte("text=Hello+World%21+%26+more%0D%0A&Tag=%C3%A9&b=false&price=10.0&x=")},
		{Method: "PUT", URL: "https://example.com/notes/7", ContentType: "application/json", Body: []byte(`{"title": "x"}`)},
		{Method: "DELETE", URL: "https://example.com/notes/7?force=1&reason=a,b:c@d"},
	}
}

// pairsOf reads a query or form by hand.
func pairsOf(text string) [][2]string {
	var out [][2]string
	for _, s := range strings.Split(text, "&") {
		if s == "" {
			continue
		}
		name, value, _ := strings.Cut(s, "=")
		n, _ := url.QueryUnescape(name)
		v, _ := url.QueryUnescape(value)
		out = append(out, [2]string{n, v})
	}
	return out
}

// otherMistakes are single mistakes that real client libraries make, each a change of one step.
var otherMistakes = map[string]func(h *hand, r *oauth1.Request){
	// the method and the address
	"method in small letters": func(h *hand, r *oauth1.Request) { h.method = strings.ToLower(h.method) },
	"tunnelled method": func(h *hand, r *oauth1.Request) {
		h.method = map[string]string{"GET": "HEAD", "POST": "PATCH", "PUT": "POST", "DELETE": "POST"}[h.method]
	},
	"method left out": func(h *hand, r *oauth1.Request) {
		h.base = func(_, uri, params string) string { return strict(uri) + "&" + strict(params) }
	},
	"address as it is written": func(h *hand, r *oauth1.Request) { h.uri = strings.NewReplacer("api.", "API.").Replace(h.uri) },
	"fragment kept": func(h *hand, r *oauth1.Request) {
		_, f, ok := strings.Cut(r.URL, "#")
		h.uri += strings.Repeat("#"+f, count(ok))
	},
	"default port written": func(h *hand, r *oauth1.Request) {
		h.uri = strings.Replace(h.uri, "example.com/", "example.com:443/", count(strings.HasPrefix(h.uri, "https")))
	},
	"port left out": func(h *hand, r *oauth1.Request) { h.uri = strings.Replace(h.uri, ":8080", "", 1) },
	"other scheme": func(h *hand, r *oauth1.Request) {
		h.uri = strings.NewReplacer("https:", "http:", "http:", "https:").Replace(h.uri)
	},
	"scheme left out": func(h *hand, r *oauth1.Request) { _, h.uri, _ = strings.Cut(h.uri, "://") },
	"path alone": func(h *hand, r *oauth1.Request) {
		_, rest, _ := strings.Cut(h.uri, "://")
		h.uri = rest[strings.Index(rest, "/"):]
	},
	"path left out":        func(h *hand, r *oauth1.Request) { i := strings.Index(h.uri[8:], "/"); h.uri = h.uri[:8+i] },
	"double slash cleaned": func(h *hand, r *oauth1.Request) { h.uri = strings.Replace(h.uri, "v1//", "v1/", 1) },
	"trailing slash cut":   func(h *hand, r *oauth1.Request) { h.uri = strings.TrimSuffix(h.uri, "/") },
	"trailing slash added": func(h *hand, r *oauth1.Request) { h.uri = strings.TrimSuffix(h.uri, "/") + "/" },
	"path in small letters": func(h *hand, r *oauth1.Request) {
		h.uri = strings.NewReplacer("Caf%C3%A9", "caf%c3%a9", "Items", "items").Replace(h.uri)
	},
	"path decoded":              func(h *hand, r *oauth1.Request) { h.uri, _ = url.PathUnescape(h.uri) },
	"path parameters cut":       func(h *hand, r *oauth1.Request) { h.uri = strings.Replace(h.uri, ";v=1", "", 1) },
	"question mark kept":        func(h *hand, r *oauth1.Request) { h.uri += strings.Repeat("?", strings.Count(r.URL, "?")) },
	"www left out":              func(h *hand, r *oauth1.Request) { h.uri = strings.Replace(h.uri, "www.", "", 1) },
	"query kept in the address": func(h *hand, r *oauth1.Request) { h.uri += query(r) },
	"query in the address only": func(h *hand, r *oauth1.Request) {
		h.uri += query(r)
		h.drop(func(p [2]string) bool { return slices.Contains(queryPairs(r), p) })
	},
	// what is signed
	"query left out": func(h *hand, r *oauth1.Request) {
		h.drop(func(p [2]string) bool { return slices.Contains(queryPairs(r), p) })
	},
	"form left out": func(h *hand, r *oauth1.Request) {
		h.drop(func(p [2]string) bool { return slices.Contains(formPairs(r), p) })
	},
	"JSON fields signed": func(h *hand, r *oauth1.Request) {
		h.pairs = append(h.pairs, slices.Repeat([][2]string{{"title", "x"}}, count(r.Method == "PUT"))...)
	},
	"body as a name": func(h *hand, r *oauth1.Request) {
		h.pairs = append(h.pairs, slices.Repeat([][2]string{{string(r.Body), ""}}, count(r.Method == "PUT"))...)
	},
	"body appended": func(h *hand, r *oauth1.Request) {
		base := h.base
		h.base = func(m, u, p string) string { return base(m, u, p) + string(r.Body) }
	},
	"names without a value left out": func(h *hand, r *oauth1.Request) { h.drop(func(p [2]string) bool { return p[0] == "none" }) },
	"empty values left out": func(h *hand, r *oauth1.Request) {
		h.drop(func(p [2]string) bool { return p[1] == "" && !strings.HasPrefix(p[0], "oauth_") })
	},
	"no = behind a bare name": func(h *hand, r *oauth1.Request) {
		h.pair = func(n, v string) string { return strings.TrimSuffix(n+"="+v, "=") }
	},
	"empty values as null": func(h *hand, r *oauth1.Request) {
		h.values(func(v string) string {
			if v == "" {
				return "null"
			}
			return v
		})
	},
	"last of a name": func(h *hand, r *oauth1.Request) {
		h.drop(func(p [2]string) bool { return p == [2]string{"a", "10"} || p == [2]string{"f[]", "x"} })
	},
	"first of a name": func(h *hand, r *oauth1.Request) {
		h.drop(func(p [2]string) bool { return p == [2]string{"a", "9"} || p == [2]string{"f[]", "y"} })
	},
	"values of a name joined": func(h *hand, r *oauth1.Request) {
		h.list = func(ps []string) string {
			return strings.NewReplacer("a=10&a=9", "a=10%2C9", "f%5B%5D=x&f%5B%5D=y", "f%5B%5D=x%2Cy").Replace(strings.Join(ps, "&"))
		}
	},
	"lists numbered": func(h *hand, r *oauth1.Request) {
		h.list = func(ps []string) string {
			return strings.NewReplacer("f%5B%5D=x", "f%5B0%5D=x", "f%5B%5D=y", "f%5B1%5D=y").Replace(strings.Join(ps, "&"))
		}
	},
	"brackets dropped": func(h *hand, r *oauth1.Request) {
		h.list = func(ps []string) string { return strings.ReplaceAll(strings.Join(ps, "&"), "f%5B%5D=", "f=") }
	},
	"booleans of PHP": func(h *hand, r *oauth1.Request) {
		h.values(func(v string) string {
			return map[string]string{"true": "1", "false": ""}[v] + strings.Repeat(v, count(v != "true" && v != "false"))
		})
	},
	"booleans of Python": func(h *hand, r *oauth1.Request) {
		h.values(func(v string) string { return strings.NewReplacer("true", "True", "false", "False").Replace(v) })
	},
	"numbers rewritten": func(h *hand, r *oauth1.Request) {
		h.values(func(v string) string {
			return map[string]string{"1.50": "1.5", "10.0": "10"}[v] + strings.Repeat(v, count(v != "1.50" && v != "10.0"))
		})
	},
	"line breaks of Unix": func(h *hand, r *oauth1.Request) {
		h.values(func(v string) string { return strings.ReplaceAll(v, "\r\n", "\n") })
	},
	"values trimmed": func(h *hand, r *oauth1.Request) { h.values(strings.TrimSpace) },
	"values decoded once more": func(h *hand, r *oauth1.Request) {
		h.values(func(v string) string { s, err := url.QueryUnescape(v); return s + strings.Repeat(v, count(err != nil)) })
	},
	"names in small letters": func(h *hand, r *oauth1.Request) {
		for i := range h.pairs {
			h.pairs[i][0] = strings.ToLower(h.pairs[i][0])
		}
	},
	"version left out":          func(h *hand, r *oauth1.Request) { h.drop(func(p [2]string) bool { return p[0] == "oauth_version" }) },
	"token left out":            func(h *hand, r *oauth1.Request) { h.drop(func(p [2]string) bool { return p[0] == "oauth_token" }) },
	"empty callback signed":     func(h *hand, r *oauth1.Request) { h.pairs = append(h.pairs, [2]string{"oauth_callback", ""}) },
	"signature signed as empty": func(h *hand, r *oauth1.Request) { h.pairs = append(h.pairs, [2]string{"oauth_signature", ""}) },
	"time in milliseconds": func(h *hand, r *oauth1.Request) {
		h.change("oauth_timestamp", func(v string) string { return v + "000" })
	},
	"time of a second call": func(h *hand, r *oauth1.Request) {
		h.change("oauth_timestamp", func(v string) string { return v[:len(v)-1] + "3" })
	},
	// how it is encoded, sorted and joined
	"+ for a space": func(h *hand, r *oauth1.Request) { h.encode = url.QueryEscape },
	"tilde encoded": func(h *hand, r *oauth1.Request) {
		h.encode = func(s string) string { return strings.ReplaceAll(strict(s), "~", "%7E") }
	},
	"small hexadecimal letters": func(h *hand, r *oauth1.Request) { h.encode = smallHex },
	"encodeURIComponent": func(h *hand, r *oauth1.Request) {
		h.encode = func(s string) string {
			return strings.NewReplacer("%21", "!", "%27", "'", "%28", "(", "%29", ")", "%2A", "*").Replace(strict(s))
		}
	},
	"slash left alone": func(h *hand, r *oauth1.Request) {
		h.encode = func(s string) string { return strings.ReplaceAll(strict(s), "%2F", "/") }
	},
	"comma left alone": func(h *hand, r *oauth1.Request) {
		h.encode = func(s string) string { return strings.ReplaceAll(strict(s), "%2C", ",") }
	},
	"encoded twice": func(h *hand, r *oauth1.Request) {
		own := count(true)
		_ = own
		for i, p := range h.pairs {
			if !strings.HasPrefix(p[0], "oauth_") {
				h.pairs[i] = [2]string{strict(p[0]), strict(p[1])}
			}
		}
	},
	"not encoded before joining": func(h *hand, r *oauth1.Request) { h.encode = func(s string) string { return s } },
	"list not encoded": func(h *hand, r *oauth1.Request) {
		h.base = func(m, u, p string) string { return m + "&" + strict(u) + "&" + p }
	},
	"nothing encoded around": func(h *hand, r *oauth1.Request) {
		h.base = func(m, u, p string) string { return m + "&" + u + "&" + p }
	},
	"whole encoded once more": func(h *hand, r *oauth1.Request) {
		h.base = func(m, u, p string) string { return strict(m + "&" + strict(u) + "&" + strict(p)) }
	},
	"parts without &": func(h *hand, r *oauth1.Request) {
		h.base = func(m, u, p string) string { return m + strict(u) + strict(p) }
	},
	"Latin-1": func(h *hand, r *oauth1.Request) {
		h.values(func(v string) string { return strings.ReplaceAll(v, "é", "\xe9") })
	},
	"UTF-8 encoded again": func(h *hand, r *oauth1.Request) {
		h.values(func(v string) string { return strings.NewReplacer("é", "Ã©", "€", "â\u0082¬").Replace(v) })
	},
	"not sorted": func(h *hand, r *oauth1.Request) { h.order = func(a, b string) int { return 0 } },
	"sorted downwards": func(h *hand, r *oauth1.Request) {
		h.list = func(ps []string) string {
			slices.SortFunc(ps, func(a, b string) int { return strings.Compare(b, a) })
			return strings.Join(ps, "&")
		}
	},
	"sorted without case": func(h *hand, r *oauth1.Request) {
		h.order = func(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) }
	},
	"protocol first": func(h *hand, r *oauth1.Request) {
		h.list = func(ps []string) string {
			slices.SortStableFunc(ps, func(a, b string) int {
				return count(!strings.HasPrefix(a, "oauth_")) - count(!strings.HasPrefix(b, "oauth_"))
			})
			return strings.Join(ps, "&")
		}
	},
	"numbers sorted as numbers": func(h *hand, r *oauth1.Request) {
		h.list = func(ps []string) string { return strings.Replace(strings.Join(ps, "&"), "a=10&a=9", "a=9&a=10", 1) }
	},
	"joined with &amp;": func(h *hand, r *oauth1.Request) {
		h.list = func(ps []string) string { return strings.Join(ps, "&amp;") }
	},
	"joined with commas": func(h *hand, r *oauth1.Request) { h.list = func(ps []string) string { return strings.Join(ps, ",") } },
	"& at the end": func(h *hand, r *oauth1.Request) {
		h.list = func(ps []string) string { return strings.Join(ps, "&") + "&" }
	},
	"values in quotation marks": func(h *hand, r *oauth1.Request) { h.pair = func(n, v string) string { return n + `="` + v + `"` } },
	"line break behind": func(h *hand, r *oauth1.Request) {
		base := h.base
		h.base = func(m, u, p string) string { return base(m, u, p) + "\n" }
	},
	// the key
	"token secret left out": func(h *hand, r *oauth1.Request) { h.key = func(c, t string) string { return strict(c) + "&" } },
	"consumer secret alone": func(h *hand, r *oauth1.Request) { h.key = func(c, t string) string { return strict(c) } },
	"secrets swapped": func(h *hand, r *oauth1.Request) {
		h.key = func(c, t string) string { return strict(t) + "&" + strict(c) }
	},
	"secrets as they are": func(h *hand, r *oauth1.Request) { h.key = func(c, t string) string { return c + "&" + t } },
	"secrets joined with +": func(h *hand, r *oauth1.Request) {
		h.key = func(c, t string) string { return strict(c) + "+" + strict(t) }
	},
	"key encoded again": func(h *hand, r *oauth1.Request) {
		h.key = func(c, t string) string { return strict(strict(c) + "&" + strict(t)) }
	},
	"secret read with its line break": func(h *hand, r *oauth1.Request) {
		h.key = func(c, t string) string { return strict(c) + "&" + strict(t+"\n") }
	},
	"token for its secret": func(h *hand, r *oauth1.Request) {
		h.key = func(c, t string) string { return strict(c) + "&" + strict("tk/1") }
	},
	// the signature
	"plain SHA-1 of key and text": func(h *hand, r *oauth1.Request) {
		h.sum = func(k, b string) []byte { s := sha1.Sum([]byte(k + b)); return s[:] }
	},
	"plain SHA-1 of text and key": func(h *hand, r *oauth1.Request) {
		h.sum = func(k, b string) []byte { s := sha1.Sum([]byte(b + k)); return s[:] }
	},
	"plain SHA-1 of the text": func(h *hand, r *oauth1.Request) {
		h.sum = func(k, b string) []byte { s := sha1.Sum([]byte(b)); return s[:] }
	},
	"HMAC of a hash": func(h *hand, r *oauth1.Request) {
		h.sum = func(k, b string) []byte { s := sha1.Sum([]byte(b)); return byHand().sum(k, string(s[:])) }
	},
	"arguments of HMAC swapped": func(h *hand, r *oauth1.Request) { h.sum = func(k, b string) []byte { return byHand().sum(b, k) } },
	"HMAC-MD5": func(h *hand, r *oauth1.Request) {
		h.sum = func(k, b string) []byte { m := hmac.New(md5.New, []byte(k)); m.Write([]byte(b)); return m.Sum(nil) }
	},
	"HMAC-SHA256": func(h *hand, r *oauth1.Request) {
		h.sum = func(k, b string) []byte { m := hmac.New(sha256.New, []byte(k)); m.Write([]byte(b)); return m.Sum(nil) }
	},
	"hexadecimal": func(h *hand, r *oauth1.Request) { h.text = hex.EncodeToString },
	"hexadecimal in capitals": func(h *hand, r *oauth1.Request) {
		h.text = func(b []byte) string { return strings.ToUpper(hex.EncodeToString(b)) }
	},
	"base64 of hexadecimal": func(h *hand, r *oauth1.Request) {
		h.text = func(b []byte) string { return base64.StdEncoding.EncodeToString([]byte(hex.EncodeToString(b))) }
	},
	"base64 twice": func(h *hand, r *oauth1.Request) {
		h.text = func(b []byte) string {
			return base64.StdEncoding.EncodeToString([]byte(base64.StdEncoding.EncodeToString(b)))
		}
	},
	"base64 for URLs":  func(h *hand, r *oauth1.Request) { h.text = base64.URLEncoding.EncodeToString },
	"base64 without =": func(h *hand, r *oauth1.Request) { h.text = base64.RawStdEncoding.EncodeToString },
	"base64 with a line break": func(h *hand, r *oauth1.Request) {
		h.text = func(b []byte) string { return base64.StdEncoding.EncodeToString(b) + "\n" }
	},
	"bytes taken for text": func(h *hand, r *oauth1.Request) {
		h.text = func(b []byte) string {
			var s strings.Builder
			for _, c := range b {
				s.WriteRune(rune(c))
			}
			return base64.StdEncoding.EncodeToString([]byte(s.String()))
		}
	},
}

// TestMistakesOfOthers makes single mistakes that client libraries make, by hand, in each request that shows them, and
// gives the signature alone: nearly all are named, with certainty, and none is called another's that the header rules out.
func TestMistakesOfOthers(t *testing.T) {
	started := cputime.Now()
	p := causeParams()
	made, named, kinds := 0, 0, map[string]int{}
	most := 2 // requests for each
	if testing.Short() {
		most = 1
	}
	for i, r := range vectors() {
		nonce := fmt.Sprint("n", i)
		own := explain.Explain(explain.Input{Params: p, Request: r, Nonce: nonce, Timestamp: 1700000000})
		right := handOf(&r, nonce).sign(p.ConsumerSecret, p.TokenSecret)
		if own.Err != nil || own.Trace.Signature != right {
			t.Fatalf("%s %s: the signature made by hand is %s, not %v (%v)", r.Method, r.URL, right, own.Trace, own.Err)
		}
		for what, mistake := range otherMistakes {
			h := handOf(&r, nonce)
			mistake(h, &r)
			wrong := h.sign(p.ConsumerSecret, p.TokenSecret)
			if wrong == right {
				continue // the request does not show it
			}
			if kinds[what]++; kinds[what] > most {
				continue
			}
			made++
			header := own.Authorization[:strings.Index(own.Authorization, "oauth_signature=")] + `oauth_signature="` + strict(wrong) + `"`
			d := explain.Explain(explain.Input{Params: p, Request: r, Foreign: &explain.Foreign{Authorization: header}}).Difference
			switch {
			case d == nil || len(d.Causes) == 0 || !d.Causes[0].Certain:
				t.Logf("not named: %s in %s %s: %v", what, r.Method, r.URL, ids(d))
			case !slices.Contains(strings.Fields(called[what]), d.Causes[0].ID):
				t.Errorf("%s in %s %s is called %s (%s), expected %s", what, r.Method, r.URL, d.Causes[0].ID, d.Causes[0].Name, called[what])
			default:
				named++
			}
		}
	}
	t.Logf("%d of %d mistakes of %d kinds are named, in %v", named, made, len(kinds), cputime.Since(started))
	if len(kinds) != len(otherMistakes) || made < most*80 || named*100 < made*90 {
		t.Errorf("%d of %d mistakes of %d kinds are named, expected 90 %% of at least %d of %d kinds", named, made, len(kinds), most*80, len(otherMistakes))
	}
}

// called are the causes that mistakes are called by.
var called = map[string]string{
	"double slash cleaned":            "slashes-collapsed",
	"brackets dropped":                "brackets-dropped",
	"not sorted":                      "not-sorted",
	"& at the end":                    "ampersand-at-the-end",
	"plain SHA-1 of the text":         "hash-without-hmac",
	"default port written":            "default-port-written",
	"trailing slash cut":              "trailing-slash-dropped",
	"empty values left out":           "empty-value-dropped",
	"signature signed as empty":       "empty-signature-signed",
	"encoded twice":                   "parameters-encoded-twice",
	"key encoded again":               "key-joined-otherwise",
	"hexadecimal in capitals":         "signature-written-otherwise",
	"base64 of hexadecimal":           "signature-base64-of-hex",
	"other scheme":                    "wrong-scheme",
	"question mark kept":              "question-mark-in-base-uri",
	"query left out":                  "query-missing",
	"booleans of PHP":                 "booleans-as-numbers zero-signed-as-empty",
	"protocol first":                  "sorted-otherwise",
	"lists numbered":                  "brackets-numbered",
	"empty callback signed":           "parameter-signed-not-sent",
	"slash left alone":                "slash-not-encoded",
	"line break behind":               "line-break-in-base-string",
	"last of a name":                  "duplicates-dropped-keep-last",
	"time of a second call":           "other-timestamp-signed",
	"joined with &amp;":               "parameters-joined-otherwise",
	"path left out":                   "path-missing",
	"path decoded":                    "path-decoded",
	"encodeURIComponent":              "sub-delimiters-not-encoded",
	"joined with commas":              "parameters-joined-otherwise",
	"secret read with its line break": "token-secret-changed",
	"plain SHA-1 of text and key":     "hash-without-hmac",
	"path alone":                      "path-signed-alone",
	"values of a name joined":         "duplicates-joined",
	"whole encoded once more":         "base-string-encoded-again",
	"secrets as they are":             "secrets-not-encoded",
	"arguments of HMAC swapped":       "key-and-text-swapped",
	"base64 without =":                "signature-unpadded",
	"base64 with a line break":        "signature-written-otherwise",
	"numbers rewritten":               "numbers-rewritten",
	"nothing encoded around":          "base-string-not-encoded",
	"values in quotation marks":       "values-quoted",
	"hexadecimal":                     "signature-in-hex",
	"scheme left out":                 "scheme-missing",
	"query kept in the address":       "query-signed-twice",
	"query in the address only":       "query-in-base-uri",
	"no = behind a bare name":         "equals-sign-dropped",
	"token left out":                  "parameter-not-signed",
	"consumer secret alone":           "token-secret-and-ampersand-missing",
	"secrets swapped":                 "wrong-secret-order",
	"bytes taken for text":            "signature-written-otherwise",
	"method left out":                 "method-missing",
	"fragment kept":                   "fragment-in-base-uri",
	"booleans of Python":              "booleans-capitalised",
	"not encoded before joining":      "parameters-encoded-once values-not-encoded",
	"sorted downwards":                "sorted-otherwise",
	"HMAC-SHA256":                     "other-hash",
	"first of a name":                 "duplicates-dropped-keep-first",
	"+ for a space":                   "plus-for-space",
	"small hexadecimal letters":       "lower-case-escapes",
	"base64 twice":                    "signature-written-otherwise",
	"base64 for URLs":                 "signature-url-safe",
	"path in small letters":           "path-lower-cased",
	"time in milliseconds":            "timestamp-in-milliseconds",
	"list not encoded":                "parameters-not-encoded-again",
	"secrets joined with +":           "key-joined-otherwise",
	"names without a value left out":  "valueless-dropped",
	"version left out":                "parameter-not-signed",
	"parts without &":                 "parts-joined-without-ampersand",
	"token secret left out":           "token-secret-missing",
	"token for its secret":            "token-used-as-secret",
	"HMAC of a hash":                  "digest-signed",
	"method in small letters":         "method-lower-cased",
	"address as it is written":        "host-case-kept",
	"tilde encoded":                   "tilde-encoded",
	"plain SHA-1 of key and text":     "hash-without-hmac",
	"path parameters cut":             "path-parameters-dropped",
	"empty values as null":            "empty-signed-as-null",
	"UTF-8 encoded again":             "utf-8-read-as-latin-1",
	"numbers sorted as numbers":       "sorted-otherwise",
	"HMAC-MD5":                        "other-hash",
	"tunnelled method":                "other-method",
	"form left out":                   "form-body-missing",
	"names in small letters":          "names-lower-cased",
	"sorted without case":             "sorted-without-case",
	"body appended":                   "body-appended",
	"values trimmed":                  "values-trimmed",
	"Latin-1":                         "latin-1",
	"values decoded once more":        "decoded-twice",
	"port left out":                   "port-stripped",
	"www left out":                    "other-host",
	"line breaks of Unix":             "line-breaks-changed",
	"trailing slash added":            "trailing-slash-added",
	"JSON fields signed":              "json-fields-signed",
	"body as a name":                  "body-signed",
	"comma left alone":                "comma-not-encoded",
}
