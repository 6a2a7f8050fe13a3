package value

import "math"

// Depth returns how deep lists and collections lie in v: 0 for a scalar, 1 for a list of scalars, at most 32 767. Every
// list and collection knows its depth from when it was made, so that whoever makes them can bound it, and whoever walks
// through them never goes deeper. A collection from which a deep value was taken away may say more than is left.
func Depth(v Value) int {
	switch v.kind {
	case KindArray:
		return int(v.flags >> depthShift)
	case KindCollection:
		return int(max(1, v.Object().depth))
	}
	return 0
}

// deeper returns the depth of what holds v.
func deeper(v Value) uint16 { return uint16(min(Depth(v)+1, math.MaxInt16)) }

// above returns the depth of what holds the values.
func above(values []Value) uint16 {
	depth := uint16(1)
	for i := range values {
		if values[i].kind >= KindArray {
			depth = max(depth, deeper(values[i]))
		}
	}
	return depth
}
