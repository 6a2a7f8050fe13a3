package explain_test

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"net/url"
	"slices"
	"strings"

	"github.com/imlc-lang/imlc/runtime/oauth1"
)

// hand is a signature made by hand, step by step, as client libraries do; a mistake changes one step.
type hand struct {
	method, uri string
	pairs       [][2]string // decoded, those of the protocol last
	encode      func(string) string
	order       func(a, b string) int
	pair        func(name, value string) string
	list        func([]string) string
	base        func(method, uri, params string) string
	key         func(consumer, token string) string
	sum         func(key, base string) []byte
	text        func([]byte) string
}

// strict is percent-encoding by RFC 3986, from the standard library.
func strict(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }

func byHand() *hand {
	return &hand{
		encode: strict, order: strings.Compare,
		pair: func(name, value string) string { return name + "=" + value },
		list: func(pairs []string) string { return strings.Join(pairs, "&") },
		base: func(method, uri, params string) string { return method + "&" + strict(uri) + "&" + strict(params) },
		key:  func(consumer, token string) string { return strict(consumer) + "&" + strict(token) },
		sum: func(key, base string) []byte {
			mac := hmac.New(sha1.New, []byte(key))
			mac.Write([]byte(base))
			return mac.Sum(nil)
		},
		text: base64.StdEncoding.EncodeToString,
	}
}

// sign makes the signature.
func (h *hand) sign(consumer, token string) string {
	names := make([][2]string, len(h.pairs))
	for i, p := range h.pairs {
		names[i] = [2]string{h.encode(p[0]), h.encode(p[1])}
	}
	slices.SortStableFunc(names, func(a, b [2]string) int {
		if c := h.order(a[0], b[0]); c != 0 {
			return c
		}
		return h.order(a[1], b[1])
	})
	pairs := make([]string, len(names))
	for i, p := range names {
		pairs[i] = h.pair(p[0], p[1])
	}
	return h.text(h.sum(h.key(consumer, token), h.base(h.method, h.uri, h.list(pairs))))
}

func count(b bool) int {
	if b {
		return 1
	}
	return 0
}

func smallHex(s string) string {
	b := []byte(strict(s))
	for i, c := range b {
		if c == '%' {
			copy(b[i+1:], strings.ToLower(string(b[i+1:i+3])))
		}
	}
	return string(b)
}

// query is that of the address, with its ?.
func query(r *oauth1.Request) string {
	address, _, _ := strings.Cut(r.URL, "#")
	_, q, ok := strings.Cut(address, "?")
	return strings.Repeat("?"+q, count(ok))
}

func queryPairs(r *oauth1.Request) [][2]string { return pairsOf(strings.TrimPrefix(query(r), "?")) }

func formPairs(r *oauth1.Request) [][2]string {
	if r.ContentType != form {
		return nil
	}
	return pairsOf(string(r.Body))
}

func (h *hand) drop(which func([2]string) bool) { h.pairs = slices.DeleteFunc(h.pairs, which) }

func (h *hand) values(change func(string) string) {
	for i, p := range h.pairs {
		if !strings.HasPrefix(p[0], "oauth_") {
			h.pairs[i][1] = change(p[1])
		}
	}
}

func (h *hand) change(name string, change func(string) string) {
	for i, p := range h.pairs {
		if p[0] == name {
			h.pairs[i][1] = change(p[1])
		}
	}
}

// handOf is the right way to sign a request.
func handOf(r *oauth1.Request, nonce string) *hand {
	h := byHand()
	h.method = r.Method
	h.uri = strings.NewReplacer(":443", "", "API.", "api.").Replace(strings.TrimSuffix(strings.Split(r.URL, "#")[0], query(r)))
	h.pairs = append(append(queryPairs(r), formPairs(r)...), [][2]string{{"oauth_consumer_key", "ck"}, {"oauth_nonce", nonce}, {"oauth_signature_method", "HMAC-SHA1"},
		{"oauth_timestamp", "1700000000"}, {"oauth_token", "tk/1"}, {"oauth_version", "1.0"}}...)
	return h
}
