package vm

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/big"
	"time"

	"github.com/imlc-lang/imlc/vm/value"
)

// continuation is what outlives the browser redirect (docs/architecture.md §6). It is written in a versioned binary
// form in which every value comes back as it was: dates, buffers, exact integers, special numbers and the marks of
// secrets.
type continuation struct {
	Key          string // the request token
	ConnectionID string
	PlanHash     string
	Temp, Data   *value.Object
	Common       *value.Object // set when it came with the Grant
	Scope        []string
	Redirects    redirects
	Deadline     time.Time // in milliseconds, like Expires
	UID          string
	Metadata     *Metadata
	Expires      time.Time
	OutOfBand    bool     // the oauth_callback of the run was "oob", so that the callback may lack its token
	Secrets      []string // what the run has to mask, wherever temp holds it
}

// continuationVersion is the first byte. Another form needs another version, and so does another order of the kinds of
// values, whose numbers the form holds.
const continuationVersion = 2

// The flags are the second byte.
const (
	hasCommon = 1 << iota
	hasMetadata
	hasExpires
	isOutOfBand
)

func flag(bit byte, on bool) byte {
	if on {
		return bit
	}
	return 0
}

func (c *continuation) encode() []byte {
	flags := flag(hasCommon, c.Common != nil) | flag(hasMetadata, c.Metadata != nil) | flag(hasExpires, !c.Expires.IsZero()) | flag(isOutOfBand, c.OutOfBand)
	w := stateWriter{append(make([]byte, 0, 512), continuationVersion, flags)}
	for _, s := range [...]string{c.Key, c.ConnectionID, c.PlanHash, c.Redirects.URI, c.Redirects.Local, c.Redirects.Make, c.UID} {
		w.text(s)
	}
	w.int(c.Deadline.UnixMilli())
	w.object(c.Temp)
	w.object(c.Data)
	w.texts(c.Scope)
	w.texts(c.Secrets)
	if c.Common != nil {
		w.object(c.Common)
	}
	if c.Metadata != nil {
		w.text(c.Metadata.Type)
		w.text(c.Metadata.Value)
	}
	if !c.Expires.IsZero() {
		w.int(c.Expires.UnixMilli())
	}
	return w.b
}

func decodeContinuation(b []byte, shapes *value.Shapes) (*continuation, error) {
	r := &stateReader{s: string(b), shapes: shapes}
	if version := r.byte(); version != continuationVersion {
		return nil, fmt.Errorf("suspended state has version %d, expected %d", version, continuationVersion)
	}
	flags := r.byte()
	c := &continuation{OutOfBand: flags&isOutOfBand != 0}
	for _, s := range [...]*string{&c.Key, &c.ConnectionID, &c.PlanHash, &c.Redirects.URI, &c.Redirects.Local, &c.Redirects.Make, &c.UID} {
		*s = r.text()
	}
	c.Deadline = time.UnixMilli(r.int())
	c.Temp, c.Data = r.object(0), r.object(0)
	c.Scope, c.Secrets = r.texts(), r.texts()
	if flags&hasCommon != 0 {
		c.Common = r.object(0)
	}
	if flags&hasMetadata != 0 {
		c.Metadata = &Metadata{Type: r.text(), Value: r.text()}
	}
	if flags&hasExpires != 0 {
		c.Expires = time.UnixMilli(r.int())
	}
	if r.bad || r.s != "" {
		return nil, errors.New("suspended state is damaged")
	}
	return c, nil
}

// stateWriter appends to a state: numbers as varints, texts behind their length, lists behind their number of items,
// values behind a byte for their kind.
type stateWriter struct{ b []byte }

// secretKind is added to the kind of a value that is marked as secret.
const secretKind = 0x80

func (w *stateWriter) int(n int64) { w.b = binary.AppendVarint(w.b, n) }

func (w *stateWriter) count(n int) { w.b = binary.AppendUvarint(w.b, uint64(n)) }

func (w *stateWriter) text(s string) {
	w.count(len(s))
	w.b = append(w.b, s...)
}

func (w *stateWriter) texts(list []string) {
	w.count(len(list))
	for _, s := range list {
		w.text(s)
	}
}

func (w *stateWriter) object(o *value.Object) {
	w.count(o.Len())
	for i := range o.Len() {
		k, v := o.At(i)
		w.text(k)
		w.value(v)
	}
}

func (w *stateWriter) value(v value.Value) {
	kind := byte(v.Kind())
	if v.IsSecret() {
		kind |= secretKind
	}
	w.b = append(w.b, kind)
	switch v.Kind() {
	case value.KindBool:
		w.b = append(w.b, flag(1, v.IsTrue()))
	case value.KindNumber:
		w.b = binary.LittleEndian.AppendUint64(w.b, math.Float64bits(v.Float()))
	case value.KindInteger:
		w.text(v.BigInt().String())
	case value.KindText:
		w.text(v.Str())
	case value.KindDate:
		w.int(v.Millis())
	case value.KindBuffer:
		w.text(string(v.Bytes()))
	case value.KindArray:
		w.count(len(v.Items()))
		for _, item := range v.Items() {
			w.value(item)
		}
	case value.KindCollection:
		w.object(v.Object())
	}
}

// stateReader reads what a stateWriter wrote. It is bad once something was missing, and gives zero values from then on.
type stateReader struct {
	s      string
	shapes *value.Shapes
	bad    bool
}

// mostStateDepth bounds the nesting of a state: far more than any value has.
const mostStateDepth = 10_000

func (r *stateReader) fail() { r.s, r.bad = "", true }

func (r *stateReader) byte() byte {
	if r.s == "" {
		r.fail()
		return 0
	}
	b := r.s[0]
	r.s = r.s[1:]
	return b
}

func (r *stateReader) uint() uint64 {
	n, shift := uint64(0), 0
	for {
		b := r.byte()
		if n |= uint64(b&0x7f) << shift; b < 0x80 {
			return n
		}
		if shift += 7; shift > 63 {
			r.fail()
			return 0
		}
	}
}

func (r *stateReader) int() int64 {
	n := r.uint()
	return int64(n>>1) ^ -int64(n&1)
}

// count reads the number of things of at least size bytes each, or the length of a text.
func (r *stateReader) count(size int) int {
	n := r.uint()
	if n > uint64(len(r.s)/size) {
		r.fail()
		return 0
	}
	return int(n)
}

func (r *stateReader) text() string {
	n := r.count(1)
	s := r.s[:n]
	r.s = r.s[n:]
	return s
}

func (r *stateReader) texts() []string {
	var list []string
	for range r.count(1) {
		list = append(list, r.text())
	}
	return list
}

func (r *stateReader) object(depth int) *value.Object {
	n := r.count(2)
	if n > 8 {
		o := value.NewObject(n)
		for range n {
			k := r.text()
			o.Set(k, r.value(depth))
		}
		return o
	}
	var keys [8]string
	var room [8]value.Value
	whole := n > 0
	for i := range n {
		keys[i], room[i] = r.text(), r.value(depth)
		whole = whole && !room[i].IsUndefined()
	}
	if whole {
		if shape := r.shapes.Of(keys[:n]...); shape != nil {
			return value.NewShaped(shape, room[:n])
		}
	}
	o := value.NewObject(n)
	for i := range n {
		o.Set(keys[i], room[i])
	}
	return o
}

func (r *stateReader) value(depth int) value.Value {
	if depth > mostStateDepth {
		r.fail()
	}
	kind := r.byte()
	v := r.clear(value.Kind(kind&^secretKind), depth)
	if kind&secretKind != 0 {
		return v.AsSecret()
	}
	return v
}

func (r *stateReader) clear(kind value.Kind, depth int) value.Value {
	switch kind {
	case value.KindUndefined:
		return value.Undefined
	case value.KindNull:
		return value.Null()
	case value.KindBool:
		return value.Bool(r.byte() != 0)
	case value.KindNumber:
		if len(r.s) >= 8 {
			n := binary.LittleEndian.Uint64([]byte(r.s[:8]))
			r.s = r.s[8:]
			return value.Number(math.Float64frombits(n))
		}
	case value.KindInteger:
		if n, ok := new(big.Int).SetString(r.text(), 10); ok {
			return value.Integer(n)
		}
	case value.KindText:
		return value.Text(r.text())
	case value.KindDate:
		return value.Date(r.int())
	case value.KindBuffer:
		return value.Buffer([]byte(r.text()))
	case value.KindArray:
		items := make([]value.Value, r.count(1))
		for i := range items {
			items[i] = r.value(depth + 1)
		}
		return value.Array(items)
	case value.KindCollection:
		return value.Collection(r.object(depth + 1))
	}
	r.fail()
	return value.Undefined
}
