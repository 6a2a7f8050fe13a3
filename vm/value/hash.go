package value

import (
	"encoding/binary"
	"hash/maphash"
	"math"
)

// Hasher gives values hashes: values that are strictly equal have equal ones. What holds NaN, which equals nothing, has
// a hash of its own each time. Lists and collections that are met again are not looked through again. The zero Hasher
// is ready to use; hashes of different ones have nothing to do with each other.
type Hasher struct {
	// Budget, when set, is where memory and work are taken from.
	Budget Budget

	hash   maphash.Hash
	known  map[identity]uint64
	visits int
	unique uint64 // counts what equals nothing
	nan    bool   // the container that is being hashed holds NaN
	err    error
}

// Hash returns the hash of v. The error is that of the budget.
func (h *Hasher) Hash(v Value) (uint64, error) {
	h.nan = false
	sum := h.sum(v)
	if h.nan {
		h.unique++
		sum = h.bytes(hashNaN, h.unique)
	}
	return sum, h.err
}

// The kinds of hashes, so that values of different kinds have different ones.
const (
	hashNil = iota
	hashBool
	hashNumber
	hashNaN
	hashText
	hashDate
	hashBuffer
	hashArray
	hashCollection
	hashMember
)

// bytes hashes words of one kind.
func (h *Hasher) bytes(kind byte, words ...uint64) uint64 {
	h.hash.Reset()
	_ = h.hash.WriteByte(kind)
	var b [8]byte
	for _, w := range words {
		binary.LittleEndian.PutUint64(b[:], w)
		_, _ = h.hash.Write(b[:])
	}
	return h.hash.Sum64()
}

func (h *Hasher) text(kind byte, s string) uint64 {
	if h.Budget != nil && len(s) >= 1024 && h.err == nil {
		h.err = h.Budget.Tick(len(s) / 1024)
	}
	h.hash.Reset()
	_ = h.hash.WriteByte(kind)
	_, _ = h.hash.WriteString(s)
	return h.hash.Sum64()
}

func (h *Hasher) sum(v Value) uint64 {
	switch v.kind {
	case KindUndefined, KindNull:
		return h.bytes(hashNil, uint64(v.kind))
	case KindBool:
		return h.bytes(hashBool, v.n)
	case KindDate:
		return h.bytes(hashDate, v.n)
	case KindNumber, KindInteger:
		f := v.Float()
		if math.IsNaN(f) {
			h.nan = true
		}
		return h.bytes(hashNumber, math.Float64bits(f+0)) // -0 equals 0
	case KindText:
		return h.text(hashText, v.Str())
	case KindBuffer:
		return h.text(hashBuffer, string(v.Bytes()))
	}
	return h.container(v)
}

// look looks at the budget before every so many items, of which each takes as long as so many bytes.
func (h *Hasher) look(i, bytes int) {
	if h.Budget != nil && h.err == nil && i%stretch == stretch-1 {
		h.err = h.Budget.Look(stretch * bytes)
	}
}

// keyWork is how many bytes of a text are gone through in the time of a member whose name is looked up.
const keyWork = 256

func (h *Hasher) container(v Value) uint64 {
	if h.err != nil {
		return 0
	}
	if sum, ok := h.known[v.identity()]; ok {
		return sum
	}
	h.visits++
	if h.Budget != nil {
		if h.err = h.Budget.Tick(1 + work(v)/visitItems); h.err == nil && h.visits >= rememberFrom {
			h.err = h.Budget.Memory(pairBytes)
		}
	}
	outside := h.nan
	h.nan = false
	sum := uint64(0)
	if v.kind == KindArray {
		sum = h.bytes(hashArray, v.n)
		for i, item := range v.Items() {
			if h.look(i, scalarBytes); h.err != nil {
				break
			}
			sum = h.bytes(hashArray, sum, h.sum(item))
		}
	} else {
		o := v.Object()
		for i, k := range o.keys { // in any order
			if h.look(i, keyWork); h.err != nil {
				break
			}
			sum += h.bytes(hashMember, h.text(hashText, lowerASCII(k)), h.sum(o.vals[i]))
		}
		sum = h.bytes(hashCollection, sum)
	}
	if h.visits >= rememberFrom && !h.nan && h.err == nil {
		if h.known == nil {
			h.known = make(map[identity]uint64)
		}
		h.known[v.identity()] = sum
	}
	h.nan = h.nan || outside
	return sum
}
