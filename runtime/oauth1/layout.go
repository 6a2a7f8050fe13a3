package oauth1

import (
	"bytes"
	"slices"
	"strconv"
	"sync"

	"github.com/imlc-lang/imlc/runtime/uri"
)

// layout is the part of a signature that does not change: the protocol parameters as they stand in the header and,
// encoded twice, in the base string.
type layout struct {
	text []byte // what all others lie in, or the last piece of it
	// lead is the scheme name and the realm.
	lead []byte
	// segments are in the order of the header; order gives that of the base string as indices into segments.
	segments []segment
	order    []int
}

// segment is one protocol parameter. For a fixed one, header and base are complete, with what separates them from the
// next; for the others they end where the value begins.
type segment struct {
	role   role
	header []byte
	base   []byte
	// name is the encoded name within base, lead its beginning as a number.
	name []byte
	lead uint64
}

// lay lays the fields out, which are in the order of the header.
func (l *layout) lay(fields []field, realm string, hasRealm bool) {
	size := 24 + 2*len(realm)
	for i := range fields {
		size += 3*(len(fields[i].name)+len(fields[i].value)) + 16
	}
	text := slices.Grow(l.text, size) // all texts lie in one piece, or in few if the values have many escapes
	if text = AppendHeader(text, nil, realm, hasRealm); hasRealm {
		text = append(text, ',')
	}
	l.lead = text[:len(text):len(text)]
	l.segments, l.order = slices.Grow(l.segments, len(fields)), slices.Grow(l.order, len(fields))
	for i := range fields {
		f, start := &fields[i], len(text)
		text = appendEncodedTwice(text, f.name)
		name := len(text)
		if text = append(text, "%3D"...); f.role == fixed {
			text = append(appendEncodedTwice(text, f.value), separator...)
		}
		base := len(text)
		if text = append(uri.AppendEncode(text, f.name), `="`...); f.role == fixed {
			text = append(uri.AppendEncode(text, f.value), `",`...)
		}
		l.segments = append(l.segments, segment{role: f.role, name: text[start:name:name], lead: leading(text[start:name]), base: text[start:base:base], header: text[base:len(text):len(text)]})
		l.order = append(l.order, i)
	}
	l.text = text
	slices.SortStableFunc(l.order, func(i, j int) int { return bytes.Compare(l.segments[i].name, l.segments[j].name) })
}

// scratch is the working memory of one signature.
type scratch struct {
	twice     []byte // request parameters, name%3Dvalue, encoded twice
	pairs     []span
	uri       []byte
	tie       []byte // one protocol parameter, for comparison
	base      []byte
	signature []byte
	header    []byte
	values    values
}

// values are what the changing parameters of one request have, percent-encoded as the header shows them.
type values struct{ nonce, timestamp, hash []byte }

func (v *values) of(r role) []byte {
	switch r {
	case nonceRole:
		return v.nonce
	case timestampRole:
		return v.timestamp
	case bodyHashRole:
		return v.hash
	}
	return nil
}

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
	sc.begin(req.Method, u)
	if err := s.hashBody(sc, req); err != nil {
		return dst, err
	}
	sc.values.nonce = uri.AppendEncode(sc.values.nonce[:0], nonce)
	sc.values.timestamp = strconv.AppendInt(sc.values.timestamp[:0], timestamp, 10)
	sc.collect(u.Query, req)
	s.layout.writeBase(sc)
	if sc.signature, err = s.key.key.AppendSignature(sc.signature[:0], sc.base); err != nil {
		return dst, err
	}
	return s.layout.writeHeader(dst, sc), nil
}

// hashBody leaves the body hash among the values, empty when it is left out.
func (s *Signer) hashBody(sc *scratch, req *Request) error {
	sc.values.hash = sc.values.hash[:0]
	if s.hash == "" || s.omitsHash(req) {
		return nil
	}
	hash, err := BodyHash(s.hash, req.Body)
	sc.values.hash = uri.AppendEncode(sc.values.hash, hash)
	return err
}

// collect reads the parameters of query and form body and sorts them.
func (sc *scratch) collect(query string, req *Request) {
	sc.twice, sc.pairs = sc.twice[:0], sc.pairs[:0]
	transcode(sc, query)
	if req.signsBody() {
		transcode(sc, req.Body)
	}
	sc.sort()
}

// begin writes method and base string URI, each encoded, to sc.base.
func (sc *scratch) begin(method string, u uri.Parts) {
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
	u = canonical(u)
	sc.uri = u.Append(sc.uri[:0])
	sc.base = append(uri.AppendEncode(append(base, '&'), sc.uri), '&')
}

// transcode turns form encoding into the encoding of the base string in one pass, by the rules of [uri.SplitPairs].
func transcode[T uri.Text](sc *scratch, form T) {
	out := sc.twice
	for i := 0; i < len(form); i++ {
		if form[i] == '&' {
			continue // an empty segment
		}
		p := span{start: len(out)}
		out, i = appendTwice(out, form, i, true)
		p.name, out = len(out), append(out, "%3D"...)
		if i < len(form) && form[i] == '=' {
			out, i = appendTwice(out, form, i+1, false)
		}
		if string(out[p.start:p.name]) == "oauth_signature" {
			out = out[:p.start]
			continue
		}
		p.lead, p.end = leading(out[p.start:p.name]), len(out)
		out = append(out, separator...)
		sc.pairs = append(sc.pairs, p)
	}
	sc.twice = out
}

// appendTwice appends the name or value that begins at form[i], decoded and encoded twice, and returns where it ends: at
// "&", and a name also at "=".
func appendTwice[T uri.Text](dst []byte, form T, i int, name bool) ([]byte, int) {
	for ; i < len(form); i++ {
		c := form[i]
		if uri.Unreserved(c) {
			dst = append(dst, c)
			continue
		}
		switch {
		case c == '&' || c == '=' && name:
			return dst, i
		case c == '+':
			c = ' '
		case c == '%':
			if d, ok := uri.EscapeAt(form, i); ok {
				c, i = d, i+2
			}
		}
		dst = appendByteTwice(dst, c)
	}
	return dst, i
}

// writeBase merges the request's sorted parameters with those of the layout, behind what begin wrote.
func (l *layout) writeBase(sc *scratch) {
	base, rest := sc.base, sc.pairs
	for _, i := range l.order {
		seg := &l.segments[i]
		if seg.role == bodyHashRole && len(sc.values.hash) == 0 {
			continue
		}
		for len(rest) > 0 && sc.before(&rest[0], seg) {
			base = append(base, sc.separated(&rest[0])...)
			rest = rest[1:]
		}
		base = seg.appendTo(base, &sc.values)
	}
	for i := range rest {
		base = append(base, sc.separated(&rest[i])...)
	}
	sc.base = base[:len(base)-len(separator)]
}

// appendTo appends a protocol parameter, encoded twice, with the separator behind it.
func (seg *segment) appendTo(dst []byte, v *values) []byte {
	if dst = append(dst, seg.base...); seg.role == fixed {
		return dst
	}
	return append(appendEncodedAgain(dst, v.of(seg.role)), separator...)
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
	n := len(l.lead) + len(v.nonce) + len(v.timestamp) + len(v.hash) + 3*len(sc.signature) + 64
	for i := range l.segments {
		n += len(l.segments[i].header)
	}
	dst = append(slices.Grow(dst, n), l.lead...)
	for i := range l.segments {
		seg := &l.segments[i]
		if seg.role == bodyHashRole && len(v.hash) == 0 {
			continue
		}
		dst = append(dst, seg.header...)
		if seg.role != fixed {
			dst = append(append(dst, v.of(seg.role)...), '"', ',')
		}
	}
	dst = append(dst, `oauth_signature="`...)
	dst = uri.AppendEncode(dst, sc.signature)
	return append(dst, '"')
}

// appendEncodedTwice appends Encode(Encode(s)): a parameter inside the third part of a base string is encoded once for
// itself and once as part of the whole (RFC 5849 §3.4.1.1).
func appendEncodedTwice[T uri.Text](dst []byte, s T) []byte {
	start := 0
	for i := 0; i < len(s); i++ {
		if !uri.Unreserved(s[i]) {
			dst = uri.AppendEscapeTwice(append(dst, s[start:i]...), s[i])
			start = i + 1
		}
	}
	return append(dst, s[start:]...)
}

func appendByteTwice(dst []byte, c byte) []byte {
	if uri.Unreserved(c) {
		return append(dst, c)
	}
	return uri.AppendEscapeTwice(dst, c)
}
