package oauth1

import (
	"bytes"
	"slices"
	"strconv"
	"sync"
)

// layout is the part of a signature that does not change: the protocol
// parameters as they stand in the header and, encoded twice, in the base
// string.
type layout struct {
	// lead is the scheme name and the realm.
	lead []byte
	// segments are in the order of the header; order gives that of the base
	// string as indices into segments.
	segments []segment
	order    []int
	// The texts of all segments lie in two pieces of memory.
	header, base []byte
	ends         []segmentEnd
}

// segment is one protocol parameter. For a fixed one, header and base are
// complete; for the others they end where the value begins.
type segment struct {
	role   role
	header []byte
	base   []byte
	// name is the encoded name within base.
	name []byte
}

// segmentEnd is where the texts of a segment end.
type segmentEnd struct{ name, base, header int }

// set lays the fields out, in the memory that l has.
func (l *layout) set(fields []field, realm string, hasRealm bool) {
	l.lead = AppendHeader(l.lead[:0], nil, realm, hasRealm)
	if hasRealm {
		l.lead = append(l.lead, ',')
	}
	size := 0
	for i := range fields {
		size += len(fields[i].name) + len(fields[i].value) + 8
	}
	// The first pass fills the memory, the second cuts it up.
	base, header := slices.Grow(l.base[:0], size+size/2), slices.Grow(l.header[:0], size+size/4)
	l.ends, l.segments, l.order = slices.Grow(l.ends[:0], len(fields)), slices.Grow(l.segments[:0], len(fields)), slices.Grow(l.order[:0], len(fields))
	for i := range fields {
		f := &fields[i]
		base = appendEncodedTwice(base, f.name)
		e := segmentEnd{name: len(base)}
		base = append(base, "%3D"...)
		header = append(appendEncoded(header, f.name), `="`...)
		if f.role == fixed {
			base = appendEncodedTwice(base, f.value)
			header = append(appendEncoded(header, f.value), `",`...)
		}
		e.base, e.header = len(base), len(header)
		l.ends = append(l.ends, e)
	}
	l.base, l.header = base, header
	from := segmentEnd{}
	for i, e := range l.ends {
		l.segments = append(l.segments, segment{role: fields[i].role, header: header[from.header:e.header:e.header],
			base: base[from.base:e.base:e.base], name: base[from.base:e.name:e.name]})
		l.order, from = append(l.order, i), e
	}
	slices.SortStableFunc(l.order, func(i, j int) int {
		return bytes.Compare(l.segments[i].name, l.segments[j].name)
	})
}

// layoutIn returns the layout of the signer. For its first signature, which for
// most request and access tokens is the only one, that is made in sc.
func (s *Signer) layoutIn(sc *scratch) *layout {
	if l := s.layout.Load(); l != nil {
		return l
	}
	l := &sc.layout
	again := s.used.Swap(true)
	if again {
		l = new(layout)
	}
	if l.set(s.fields, s.params.Realm, s.params.HasRealm); again {
		s.layout.Store(l)
	}
	return l
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
	hash      []byte
	number    [20]byte
	layout    layout // of a signer that signs for the first time
}

// scratches is shared by all signers, since a signer may live for one request only.
var scratches = sync.Pool{New: func() any { return new(scratch) }}

// span is one parameter in scratch.twice: the name is [start:name), the pair
// [start:end). Encoding twice keeps the order of texts encoded once, since "%"
// always becomes "%25", so the spans are sorted as they are.
type span struct{ start, name, end int }

func (sc *scratch) compare(a, b span) int {
	if c := bytes.Compare(sc.twice[a.start:a.name], sc.twice[b.start:b.name]); c != 0 {
		return c
	}
	return bytes.Compare(sc.twice[a.name:a.end], sc.twice[b.name:b.end])
}

// maxKept bounds the buffers that go back into the pool, in bytes.
const maxKept = 1 << 16

func (sc *scratch) keep() bool {
	return cap(sc.twice) <= maxKept && cap(sc.base) <= maxKept && cap(sc.pairs) <= maxKept/8 && cap(sc.header) <= maxKept && cap(sc.layout.base) <= maxKept
}

// AppendAuthorization appends the Authorization header value of a request to
// dst: the same bytes as [Signer.Sign] returns, without allocating when dst is
// large enough. It always writes the header form, whatever the transport.
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
	signed := Signed{
		Authorization: string(header), Signature: string(sc.signature), URL: req.URL, Body: req.Body,
		ContentType: req.ContentType, Nonce: nonce, Timestamp: timestamp,
	}
	if sc.header = header; sc.keep() {
		scratches.Put(sc)
	}
	return signed, nil
}

func (s *Signer) appendSigned(dst []byte, sc *scratch, req *Request, nonce string, timestamp int64) ([]byte, error) {
	query, err := s.targets.begin(sc, req)
	if err != nil {
		return dst, err
	}
	if err := s.hashBody(sc, req); err != nil {
		return dst, err
	}
	number := strconv.AppendInt(sc.number[:0], timestamp, 10)
	sc.collect(query, req)
	l := s.layoutIn(sc)
	l.writeBase(sc, nonce, number)
	if sc.signature, err = s.key.key.AppendSignature(sc.signature[:0], sc.base); err != nil {
		return dst, err
	}
	return l.writeHeader(dst, sc, nonce, number), nil
}

// hashBody leaves the body hash in sc.hash, empty when it is left out.
func (s *Signer) hashBody(sc *scratch, req *Request) error {
	sc.hash = sc.hash[:0]
	if s.hash == "" || s.omitsHash(req) {
		return nil
	}
	hash, err := BodyHash(s.hash, req.Body)
	sc.hash = append(sc.hash, hash...)
	return err
}

// collect reads the parameters of query and form body and sorts them.
func (sc *scratch) collect(query string, req *Request) {
	sc.twice, sc.pairs = sc.twice[:0], sc.pairs[:0]
	transcode(sc, query)
	if req.signsBody() {
		transcode(sc, req.Body)
	}
	if len(sc.pairs) > 24 {
		slices.SortFunc(sc.pairs, sc.compare)
		return
	}
	for i := 1; i < len(sc.pairs); i++ {
		p, j := sc.pairs[i], i
		for ; j > 0 && sc.compare(p, sc.pairs[j-1]) < 0; j-- {
			sc.pairs[j] = sc.pairs[j-1]
		}
		sc.pairs[j] = p
	}
}

// transcode turns form encoding into the encoding of the base string in one
// pass, by the rules of [SplitForm].
func transcode[T text](sc *scratch, form T) {
	out := sc.twice
	for i := 0; i < len(form); {
		if form[i] == '&' {
			i++
			continue
		}
		p := span{start: len(out), name: -1}
	segment:
		for ; i < len(form); i++ {
			c := form[i]
			if unreserved[c] {
				out = append(out, c)
				continue
			}
			switch c {
			case '&':
				break segment
			case '=':
				if p.name < 0 {
					p.name = len(out)
					out = append(out, "%3D"...)
					continue
				}
			case '+':
				c = ' '
			case '%':
				if d, ok := escapeAt(form, i); ok {
					c = d
					i += 2
				}
			}
			out = appendByteTwice(out, c)
		}
		if p.name < 0 {
			p.name = len(out)
			out = append(out, "%3D"...)
		}
		if string(out[p.start:p.name]) == "oauth_signature" {
			out = out[:p.start]
			continue
		}
		p.end = len(out)
		sc.pairs = append(sc.pairs, p)
	}
	sc.twice = out
}

// writeBase merges the request's sorted parameters with those of the layout, behind what targets.begin wrote.
func (l *layout) writeBase(sc *scratch, nonce string, number []byte) {
	base, rest := sc.base, sc.pairs
	start := len(base)
	for _, i := range l.order {
		seg := &l.segments[i]
		if seg.role == bodyHashRole && len(sc.hash) == 0 {
			continue
		}
		for len(rest) > 0 && sc.before(rest[0], seg, nonce, number) {
			base = appendSeparated(base, start, sc.twice[rest[0].start:rest[0].end])
			rest = rest[1:]
		}
		base = appendSeparated(base, start, seg.base)
		base = seg.appendValue(base, sc.hash, nonce, number)
	}
	for _, p := range rest {
		base = appendSeparated(base, start, sc.twice[p.start:p.end])
	}
	sc.base = base
}

func appendSeparated(base []byte, start int, pair []byte) []byte {
	if len(base) > start {
		base = append(base, "%26"...)
	}
	return append(base, pair...)
}

// before reports whether a request parameter sorts before a protocol
// parameter. Equal names are rare: a query that holds oauth_* itself.
func (sc *scratch) before(p span, seg *segment, nonce string, number []byte) bool {
	if c := bytes.Compare(sc.twice[p.start:p.name], seg.name); c != 0 {
		return c < 0
	}
	sc.tie = seg.appendValue(append(sc.tie[:0], seg.base...), sc.hash, nonce, number)
	return bytes.Compare(sc.twice[p.name:p.end], sc.tie[len(seg.name):]) < 0
}

// appendValue appends the value of a changing parameter, encoded twice.
func (seg *segment) appendValue(dst, hash []byte, nonce string, number []byte) []byte {
	switch seg.role {
	case nonceRole:
		return appendEncodedTwice(dst, nonce)
	case timestampRole:
		return appendEncodedTwice(dst, number)
	case bodyHashRole:
		return appendEncodedTwice(dst, hash)
	}
	return dst
}

func (l *layout) writeHeader(dst []byte, sc *scratch, nonce string, number []byte) []byte {
	n := len(l.lead) + 3*len(nonce) + len(number) + 3*len(sc.hash) + 3*len(sc.signature) + 64
	for i := range l.segments {
		n += len(l.segments[i].header)
	}
	dst = append(slices.Grow(dst, n), l.lead...)
	for i := range l.segments {
		seg := &l.segments[i]
		if seg.role == bodyHashRole && len(sc.hash) == 0 {
			continue
		}
		dst = append(dst, seg.header...)
		switch seg.role {
		case fixed:
			continue
		case nonceRole:
			dst = appendEncoded(dst, nonce)
		case timestampRole:
			dst = appendEncoded(dst, number)
		case bodyHashRole:
			dst = appendEncoded(dst, sc.hash)
		}
		dst = append(dst, '"', ',')
	}
	dst = append(dst, `oauth_signature="`...)
	dst = appendEncoded(dst, sc.signature)
	return append(dst, '"')
}
