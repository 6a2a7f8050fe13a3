package value

import "sync"

// rooms keeps the stacks of decoders that are done, empty and without a value behind their end.
var rooms = sync.Pool{New: func() any {
	room := make([]Value, 0, 64)
	return &room
}}

// maxRoom is the number of values that a stack may have room for and still be kept.
const maxRoom = 2048

// giveBack keeps the stack for the next decoder.
func (d *decoder) giveBack(room *[]Value) {
	if cap(d.stack) > maxRoom {
		return
	}
	top := d.top
	if d.err != nil {
		top = cap(d.stack)
	}
	clear(d.stack[:top])
	*room = d.stack[:0]
	rooms.Put(room)
}

// drop takes the values from base on off the stack.
func (d *decoder) drop(base int) {
	d.top = max(d.top, len(d.stack))
	d.stack = d.stack[:base]
}

// widen makes room for half as many values more on the stack, with looks in between; false when the operation has ended.
func (d *decoder) widen() bool {
	wider := make([]Value, 0, cap(d.stack)+cap(d.stack)/2)
	if !d.copy(&wider, d.stack) {
		return false
	}
	d.stack = wider
	return true
}

// copy appends values to dst, which has the room.
func (d *decoder) copy(dst *[]Value, from []Value) bool {
	for len(from) > 0 {
		part := from[:min(len(from), maxRoom)]
		*dst = append(*dst, part...)
		from = from[len(part):]
		if d.budget != nil {
			if err := d.budget.Look(ItemBytes * len(part)); err != nil {
				d.err, d.spent = err, true
				return false
			}
		}
	}
	return true
}

// The slabs fill a memory class of the runtime, 8192 bytes with the header of 8.
const (
	maxSlab    = 341 // values
	maxObjects = 113
)

// cut moves the values from base on off the stack into memory of their own.
func (d *decoder) cut(base int) []Value {
	from := d.stack[base:]
	n := len(from)
	if n == 0 {
		return nil
	}
	if n > len(d.slab) {
		if n >= maxSlab {
			out := make([]Value, 0, n)
			if d.drop(base); !d.copy(&out, from) {
				return nil
			}
			return out
		}
		d.grow = min(max(8, len(d.s)/64+1, d.grow*2), maxSlab)
		d.slab = make([]Value, max(n, d.grow))
	}
	out := d.slab[:n:n]
	d.slab = d.slab[n:]
	copy(out, from)
	d.drop(base)
	return out
}

func (d *decoder) newObject() *Object {
	if len(d.objects) == 0 {
		d.objects = make([]Object, min(max(len(d.s)/512+1, d.grow/8), maxObjects))
	}
	o := &d.objects[0]
	d.objects = d.objects[1:]
	return o
}
