package oauth1

import (
	"bytes"
	"slices"
	"strconv"
	"sync"

	"github.com/imlc-lang/imlc/runtime/uri"
)

// layout is the part of a signature that does not change: the header and the protocol parameters of the base string, with
// gaps for what does.
type layout struct {
	// text has the header first, from the scheme name to where the signature begins, then the parameters for the base
	// string, encoded twice, each with a separator behind it.
	text []byte
	end  int // of the header
	// gaps are the parameters of the header that change, base all those of the base string, in the order of writing.
	gaps, base []place
}

// place is a protocol parameter in layout.text: the name is [start:name), the pair [start:end) with what separates it from
// the next. The value ends at gap; that of a parameter that changes is left out there.
type place struct {
	role                  role
	lead                  uint64 // of the name, see leading
	start, name, gap, end int
}

// lay lays the fields out, which are in the order of the header.
func (l *layout) lay(fields []field, realm string, hasRealm bool) {
	size := 48 + 2*len(realm)
	for i := range fields {
		size += 3*(len(fields[i].name)+len(fields[i].value)) + 16
	}
	text := slices.Grow(l.text, size)
	if text = AppendHeader(text, nil, realm, hasRealm); hasRealm {
		text = append(text, ',')
	}
	l.base = slices.Grow(l.base, len(fields))
	for i := range fields {
		p := place{role: fields[i].role, start: len(text)}
		text = uri.AppendEncode(text, fields[i].name)
		p.name = len(text)
		text = uri.AppendEncode(append(text, `="`...), fields[i].value)
		p.gap = len(text)
		text = append(text, `",`...)
		p.end = len(text)
		if l.base = append(l.base, p); p.role != fixed {
			l.gaps = append(l.gaps, p)
		}
	}
	text = append(text, `oauth_signature="`...)
	l.end = len(text)
	slices.SortStableFunc(l.base, func(a, b place) int { return bytes.Compare(text[a.start:a.name], text[b.start:b.name]) })
	for i, p := range l.base {
		again := place{role: p.role, start: len(text)}
		text = appendEncodedAgain(text, text[p.start:p.name])
		again.name, again.lead = len(text), leading(text[again.start:])
		text = appendEncodedAgain(append(text, "%3D"...), text[p.name+len(`="`):p.gap])
		again.gap = len(text)
		text = append(text, separator...)
		again.end = len(text)
		l.base[i] = again
	}
	l.text = text
}

// scratch is the working memory of one signature.
type scratch struct {
	twice     []byte // request parameters, name%3Dvalue, encoded twice
	pairs     []span
	tie       []byte // one protocol parameter, for comparison
	base      []byte
	signature []byte
	header    []byte
	values    values
}

// values are what the changing parameters of one request have, by role, percent-encoded as the header shows them. The hash
// is empty when it is left out.
type values [bodyHashRole + 1][]byte

// scratches is shared by all signers, since a signer may live for one request only.
var scratches = sync.Pool{New: func() any { return new(scratch) }}

// separator stands between two parameters of a base string: an encoded "&".
const separator = "%26"

// maxKept bounds the buffers that go back into the pool, in bytes.
const maxKept = 1 << 16

func (sc *scratch) keep() bool {
	return cap(sc.twice) <= maxKept && cap(sc.base) <= maxKept && cap(sc.pairs) <= maxKept/8 && cap(sc.header) <= maxKept
}

// AppendAuthorization appends the Authorization header value of a request to dst: the same bytes as [Signer.Sign]
// returns, without allocating when dst is large enough. It always writes the header form, whatever the transport.
func (s *Signer) AppendAuthorization(dst []byte, req *Request, nonce string, timestamp int64) ([]byte, error) {
	sc := scratches.Get().(*scratch)
	dst, err := s.appendSigned(dst, sc, req, nonce, timestamp)
	if sc.keep() {
		scratches.Put(sc)
	}
	return dst, err
}

func (s *Signer) signFast(req *Request, nonce string, timestamp int64) (Signed, error) {
	sc := scratches.Get().(*scratch)
	header, err := s.appendSigned(sc.header[:0], sc, req, nonce, timestamp)
	if err != nil {
		scratches.Put(sc)
		return Signed{}, err
	}
	signed := Signed{Authorization: string(header), Signature: string(sc.signature), Nonce: nonce, Timestamp: timestamp}
	if sc.header = header; sc.keep() {
		scratches.Put(sc)
	}
	return signed, nil
}

func (s *Signer) appendSigned(dst []byte, sc *scratch, req *Request, nonce string, timestamp int64) ([]byte, error) {
	u, err := req.parts()
	if err != nil {
		return dst, err
	}
	sc.begin(req.Method, &u)
	if err := s.hashBody(sc, req); err != nil {
		return dst, err
	}
	sc.values[nonceRole] = uri.AppendEncode(sc.values[nonceRole][:0], nonce)
	sc.values[timestampRole] = strconv.AppendInt(sc.values[timestampRole][:0], timestamp, 10)
	sc.collect(u.Query, req)
	s.layout.writeBase(sc)
	if sc.signature, err = s.key.key.AppendSignature(sc.signature[:0], sc.base); err != nil {
		return dst, err
	}
	return s.layout.writeHeader(dst, sc), nil
}

// hashBody leaves the body hash among the values, empty when it is left out.
func (s *Signer) hashBody(sc *scratch, req *Request) error {
	sc.values[bodyHashRole] = sc.values[bodyHashRole][:0]
	if s.hash == "" || s.omitsHash(req) {
		return nil
	}
	hash, err := BodyHash(s.hash, req.Body)
	sc.values[bodyHashRole] = uri.AppendEncode(sc.values[bodyHashRole], hash)
	return err
}

// collect reads the parameters of query and form body and sorts them.
func (sc *scratch) collect(query string, req *Request) {
	sc.twice, sc.pairs = sc.twice[:0], sc.pairs[:0]
	sc.transcode([]byte(query))
	if req.signsBody() {
		sc.transcode(req.Body)
	}
	sc.sort()
}

// begin writes method and base string URI, each encoded, to sc.base.
func (sc *scratch) begin(method string, u *uri.Parts) {
	base := sc.base[:0]
	for i := 0; i < len(method); i++ {
		c := method[i]
		if 'a' <= c && c <= 'z' {
			c -= 'a' - 'A'
		}
		if uri.Unreserved(c) {
			base = append(base, c)
		} else {
			base = uri.AppendEscape(base, c)
		}
	}
	c := canonical(u)
	base = uri.AppendEncode(append(base, '&'), c.Scheme)
	base = uri.AppendEncode(append(base, "%3A%2F%2F"...), c.Host)
	if c.Port != "" {
		base = uri.AppendEncode(append(base, "%3A"...), c.Port)
	}
	sc.base = append(uri.AppendEncode(base, c.Path), '&')
}

// transcode turns form encoding into the encoding of the base string in one pass, by the rules of [uri.SplitPairs].
func (sc *scratch) transcode(form []byte) {
	out := sc.twice
	for len(form) > 0 {
		if form[0] == '&' {
			form = form[1:] // an empty segment
			continue
		}
		p := span{start: len(out)}
		out, form = appendTwice(out, form, true)
		p.name, out = len(out), append(out, "%3D"...)
		if len(form) > 0 && form[0] == '=' {
			out, form = appendTwice(out, form[1:], false)
		}
		name := out[p.start:p.name]
		if string(name) == "oauth_signature" {
			out = out[:p.start]
			continue
		}
		p.lead, p.end = leading(name), len(out)
		out = append(out, separator...)
		sc.pairs = append(sc.pairs, p)
	}
	sc.twice = out
}

// appendTwice appends the name or value that form begins with, decoded and encoded twice, and returns the rest of form: it
// ends at "&", and a name also at "=".
func appendTwice(dst, form []byte, name bool) (_, rest []byte) {
	for {
		dst = slices.Grow(dst, len(form))
		i := copyUnreserved(dst[len(dst):cap(dst)], form)
		if dst = dst[:len(dst)+i]; i == len(form) {
			return dst, nil
		}
		c := form[i]
		switch {
		case c == '&' || c == '=' && name:
			return dst, form[i:]
		case c == '+':
			c = ' '
		case c == '%':
			if d, ok := uri.EscapeAt(form, i); ok {
				c, i = d, i+2
			}
		}
		dst, form = appendByteTwice(dst, c), form[i+1:]
	}
}

// copyUnreserved copies the bytes at the beginning of text that need no encoding to room and returns how many they are.
func copyUnreserved(room, text []byte) int {
	room = room[:len(text)]
	for i := range text {
		c := text[i]
		if !uri.Unreserved(c) {
			return i
		}
		room[i] = c
	}
	return len(text)
}

// writeBase merges the request's sorted parameters with those of the layout, behind what begin wrote. Mostly none of the
// request stands among those of the layout, which are then written at once.
func (l *layout) writeBase(sc *scratch) {
	base, pairs := sc.base, sc.pairs
	for places := l.base; len(places) > 0; {
		n, k := 0, len(places)
		for n < len(pairs) && l.follows(&places[0], &pairs[n], sc) {
			n++
		}
		base, pairs = sc.appendPairs(base, pairs[:n]), pairs[n:]
		if len(pairs) > 0 && l.follows(&places[k-1], &pairs[0], sc) { // but not the first
			for k = 1; !l.follows(&places[k], &pairs[0], sc); k++ {
			}
		}
		base = l.fill(base, places[0].start, places[:k], places[k-1].end, sc, true)
		places = places[k:]
	}
	base = sc.appendPairs(base, pairs)
	sc.base = base[:len(base)-len(separator)]
}

// fill appends text[from:to], with the values of the request in the gaps of the places there, encoded again if asked. A hash
// that is left out takes its parameter with it.
func (l *layout) fill(dst []byte, from int, places []place, to int, sc *scratch, again bool) []byte {
	for i := range places {
		p := &places[i]
		if p.role == fixed {
			continue
		}
		value := sc.values[p.role]
		if p.role == bodyHashRole && len(value) == 0 {
			dst = append(dst, l.text[from:p.start]...)
			from = p.end
			continue
		}
		dst = append(dst, l.text[from:p.gap]...)
		if again {
			dst = appendEncodedAgain(dst, value)
		} else {
			dst = append(dst, value...)
		}
		from = p.gap
	}
	return append(dst, l.text[from:to]...)
}

// appendEncodedAgain appends Encode(encoded): what is encoded once has no reserved byte but "%".
func appendEncodedAgain(dst, encoded []byte) []byte {
	for {
		escape := bytes.IndexByte(encoded, '%')
		if escape < 0 {
			return append(dst, encoded...)
		}
		dst, encoded = append(append(dst, encoded[:escape]...), "%25"...), encoded[escape+1:]
	}
}

func (l *layout) writeHeader(dst []byte, sc *scratch) []byte {
	v := &sc.values
	dst = slices.Grow(dst, l.end+len(v[nonceRole])+len(v[timestampRole])+len(v[bodyHashRole])+3*len(sc.signature)+1)
	dst = l.fill(dst, 0, l.gaps, l.end, sc, false)
	return append(uri.AppendEncode(dst, sc.signature), '"')
}

// appendByteTwice appends Encode(Encode(c)): a parameter inside the third part of a base string is encoded once for itself
// and once as part of the whole (RFC 5849 §3.4.1.1).
func appendByteTwice(dst []byte, c byte) []byte {
	if uri.Unreserved(c) {
		return append(dst, c)
	}
	return uri.AppendEscapeTwice(dst, c)
}
