package oracle

import (
	"time"

	"github.com/imlc-lang/imlc/conformance"
	"github.com/imlc-lang/imlc/vm/value"
)

// connection is a stored link between a user and a service (spec make.md §2.3). Nothing changes its data in place: a
// merge makes a new object, so that copies are independent.
type connection struct {
	data     *value.Object
	uid      string
	metadata *label
	expires  time.Time
	scope    []string
}

// label is what is shown with a connection.
type label struct{ kind, text string }

// state is the connection as a case sees it.
func (c *connection) state() *conformance.ConnectionState {
	s := &conformance.ConnectionState{Data: c.data, UID: c.uid, Expires: c.expires, Scope: c.scope}
	if c.metadata != nil {
		s.Type, s.Label, s.HasLabel = c.metadata.kind, c.metadata.text, true
	}
	return s
}

// same reports whether a check changed nothing.
func (c *connection) same(old *connection) bool {
	if (c.metadata == nil) != (old.metadata == nil) || c.metadata != nil && *c.metadata != *old.metadata {
		return false
	}
	return c.uid == old.uid && c.expires.Equal(old.expires) && value.StrictEqual(value.Collection(c.data), value.Collection(old.data))
}

// overlay returns the entries of base with those of top, which win; nil is an absent object.
func overlay(base, top *value.Object) *value.Object {
	if base == nil {
		return top
	}
	out := base.Clone()
	for i := range top.Len() {
		out.Set(top.At(i))
	}
	return out
}

// mergeDeep merges a block into temp: objects into objects, everything else replaces (spec make.md §6.1).
func mergeDeep(temp, block *value.Object) *value.Object {
	out := temp.Clone()
	for i := range block.Len() {
		k, v := block.At(i)
		if old := temp.Value(k).Object(); old != nil && v.Object() != nil {
			v = value.Collection(mergeDeep(old, v.Object()))
		}
		out.Set(k, v)
	}
	return out
}
