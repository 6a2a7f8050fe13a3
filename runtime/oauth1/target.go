package oauth1

import "sync/atomic"

// targets remembers how the base string of a signer's requests begins, since
// most signers sign one URL again and again. It gives up on a signer whose
// URLs keep changing.
type targets struct {
	last   atomic.Pointer[target]
	misses atomic.Int32
}

// target is what method, URL and Host header make of a base string.
type target struct {
	method, url, host string
	// begin is "METHOD&uri&", query the part of url behind it.
	begin, query string
}

// The first URL of a signer is not remembered, as many signers sign once;
// after mostMisses changes nothing more is, and long URLs never are.
const (
	mostMisses    = 8
	longestTarget = 1 << 10 // bytes
)

// begin writes the start of the base string to sc.base and returns the query.
// The error is a *[URLError].
func (t *targets) begin(sc *scratch, req *Request) (query string, err error) {
	last := t.last.Load()
	if last != nil && last.url == req.URL && last.method == req.Method && last.host == req.Host {
		sc.base = append(sc.base[:0], last.begin...)
		return last.query, nil
	}
	u, err := splitURL(req.URL)
	if err != nil {
		return "", err
	}
	if err := u.withHost(req.Host); err != nil {
		return "", err
	}
	base := append(appendMethod(sc.base[:0], req.Method), '&')
	sc.uri = u.appendBaseURI(sc.uri[:0])
	sc.base = append(appendEncoded(base, sc.uri), '&')
	if n := t.misses.Load(); n <= mostMisses && len(req.URL) <= longestTarget {
		if t.misses.Store(n + 1); n > 0 {
			t.last.Store(&target{req.Method, req.URL, req.Host, string(sc.base), u.query})
		}
	}
	return u.query, nil
}

// appendMethod appends a method in upper case, encoded.
func appendMethod(dst []byte, method string) []byte {
	for i := 0; i < len(method); i++ {
		c := method[i]
		if 'a' <= c && c <= 'z' {
			c -= 'a' - 'A'
		}
		if unreserved[c] {
			dst = append(dst, c)
			continue
		}
		dst = append(dst, '%', upperHex[c>>4], upperHex[c&15])
	}
	return dst
}
