package wire

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/imlc-lang/imlc/internal/limit"
	"github.com/imlc-lang/imlc/runtime/uri"
)

// drained bounds what is read of a redirect's body so that its connection can be used again.
const drained = 2 << 10

func drain(res *http.Response) {
	if res.ContentLength <= drained {
		_, _ = io.CopyN(io.Discard, res.Body, drained)
	}
	_ = res.Body.Close()
}

// bodyBuffer is the memory that a body is read into before its length is known.
type bodyBuffer struct {
	bytes.Buffer
	source io.LimitedReader
	until  abandoned
}

var buffers = sync.Pool{New: func() any { return new(bodyBuffer) }}

// largestPooled keeps a single large answer from staying in memory for good.
const largestPooled = 1 << 20

// readBody reads the whole body, decoded when decode is set, and closes it.
func readBody(res *http.Response, most int64, decode bool) (string, error) {
	defer res.Body.Close()
	reader := io.Reader(res.Body)
	if decode {
		var err error
		if reader, err = decodeContent(res.Body, res.Header.Values("Content-Encoding"), most); err != nil {
			return "", err
		}
	}
	buf := buffers.Get().(*bodyBuffer)
	defer func() {
		buf.source.R, buf.until = nil, abandoned{}
		if buf.Cap() <= largestPooled {
			buf.Reset()
			buffers.Put(buf)
		}
	}()
	buf.until = abandoned{requestContext(res), reader}
	buf.source = io.LimitedReader{R: &buf.until, N: min(most+1, largestPooled)}
	_, err := buf.ReadFrom(&buf.source)
	var rest pieces
	defer rest.release()
	if err == nil && buf.Len() == largestPooled {
		buf.source.N = most + 1 - largestPooled
		err = rest.readFrom(&buf.source)
	}
	if int64(buf.Len()+rest.size) > most {
		return "", bodyLimit(most)
	}
	if err != nil {
		return "", err
	}
	if rest.size == 0 {
		return buf.String(), nil
	}
	var whole strings.Builder
	whole.Grow(buf.Len() + rest.size)
	whole.Write(buf.Bytes())
	rest.writeTo(&whole)
	return whole.String(), nil
}

// piece is a part of a large body on its way. A buffer that grows would leave twice the body behind; pieces are used
// again.
type piece [256 << 10]byte

var pool = sync.Pool{New: func() any { return new(piece) }}

// requestContext is the context of the request that is answered.
func requestContext(res *http.Response) context.Context {
	if res.Request == nil {
		return context.Background()
	}
	return res.Request.Context()
}

// abandoned reads nothing more once the context has ended: of a body that is in memory already, or of a little that
// unpacks to a lot, nothing may be left on its way.
type abandoned struct {
	ctx context.Context
	r   io.Reader
}

// Read implements io.Reader.
func (a *abandoned) Read(p []byte) (int, error) {
	if err := a.ctx.Err(); err != nil {
		return 0, err
	}
	return a.r.Read(p)
}

// pieces is a large body, all pieces full but the last one.
type pieces struct {
	list []*piece
	size int
}

// readFrom reads the rest.
func (p *pieces) readFrom(r io.Reader) error {
	for {
		next := pool.Get().(*piece)
		p.list = append(p.list, next)
		for n := 0; n < len(next); {
			m, err := r.Read(next[n:])
			n, p.size = n+m, p.size+m
			if err == io.EOF { // not a wrapped one: that is a body which was cut off
				return nil
			}
			if err != nil {
				return err
			}
		}
	}
}

func (p *pieces) writeTo(b *strings.Builder) {
	left := p.size
	for _, next := range p.list {
		n := min(left, len(next))
		b.Write(next[:n])
		left -= n
	}
}

func (p *pieces) release() {
	for _, next := range p.list {
		pool.Put(next)
	}
}

// maxLayers is how many content codings are undone on top of each other: nobody packs more often in good faith.
const maxLayers = 2

// decodeContent undoes the content codings that it knows, the last one applied first (RFC 9110 §8.4); from the first
// one that it does not know, the bytes stay as they are. What arrives and what each layer gives is at most limit bytes:
// a layer may make a lot of little and the next one little of a lot.
func decodeContent(body io.Reader, encodings []string, most int64) (io.Reader, error) {
	undone, _ := known(encodings)
	if len(undone) == 0 {
		return body, nil
	}
	br := bufio.NewReader(&counted{body, most, most})
	if _, err := br.Peek(1); errors.Is(err, io.EOF) {
		return br, nil // an answer to HEAD, 204 or 304
	}
	if len(undone) > maxLayers {
		return nil, &limit.Error{Name: "decompression layers", Limit: maxLayers, Code: limit.CodeDecompression}
	}
	var reader io.Reader = br
	for _, name := range undone {
		z, err := codings[name](reader)
		if err != nil {
			return nil, codingError(name, err)
		}
		reader = &counted{codingReader{name, z}, most, most}
	}
	return reader, nil
}

// known returns the content codings that can be undone, the last applied one first, and what is left of the header then.
func known(encodings []string) (undone []string, left string) {
	for left = strings.Join(encodings, ","); left != ""; {
		coding := left[strings.LastIndexByte(left, ',')+1:]
		name := uri.Lower(strings.TrimSpace(coding))
		if name != "" && name != "identity" {
			if codings[name] == nil {
				break
			}
			undone = append(undone, name)
		}
		left = strings.TrimSuffix(left[:len(left)-len(coding)], ",")
	}
	return undone, left
}

// codings opens the content codings that are known.
var codings = map[string]func(io.Reader) (io.Reader, error){
	"gzip": gunzip, "x-gzip": gunzip, "deflate": inflate,
}

func gunzip(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) }

// counted ends with the limit of a response body.
type counted struct {
	r          io.Reader
	left, most int64
}

// Read implements io.Reader.
func (c *counted) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	if c.left -= int64(n); c.left < 0 {
		return n, bodyLimit(c.most)
	}
	return n, err
}

func bodyLimit(most int64) error {
	return &limit.Error{Name: "response body", Limit: most, Code: limit.CodeResponseBody}
}

// inflate reads the zlib format of RFC 9110 §8.4.1.2 and also the bare deflate stream that some servers send.
func inflate(r io.Reader) (io.Reader, error) {
	br := bufio.NewReader(r)
	head, err := br.Peek(2)
	if err == nil && head[0]&0x0f == 8 && (uint(head[0])<<8|uint(head[1]))%31 == 0 {
		return zlib.NewReader(br)
	}
	return flate.NewReader(br), nil
}

// codingReader names the coding in its errors.
type codingReader struct {
	name string
	r    io.Reader
}

// Read implements io.Reader.
func (c codingReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	if err != nil && err != io.EOF {
		err = codingError(c.name, err)
	}
	return n, err
}

// codingError tells damaged content from a broken connection.
func codingError(name string, err error) error {
	var corrupt flate.CorruptInputError
	if errors.As(err, &corrupt) || errors.Is(err, gzip.ErrHeader) || errors.Is(err, gzip.ErrChecksum) ||
		errors.Is(err, zlib.ErrHeader) || errors.Is(err, zlib.ErrChecksum) || errors.Is(err, zlib.ErrDictionary) ||
		errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return &ParseError{Type: name, Err: err}
	}
	return err
}
