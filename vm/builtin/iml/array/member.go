package array

import (
	"math"

	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/builtin/iml/internal/path"
	"github.com/imlc-lang/imlc/vm/value"
)

// itemSet answers whether a value is equal to one of its members. Texts and plain numbers, which are nearly all there
// is, are found by hash; the rest is compared one by one and charged for.
type itemSet struct {
	texts   map[string]struct{}
	numbers map[float64]struct{}
	all     []value.Value // every member
	others  []value.Value // the members that are neither text nor plain number
	texty   []value.Value // the members that are texts
	numeric []value.Value // the members that are plain numbers
}

// scanUpTo is the number of members up to which comparing with all of them is cheaper than hashing.
const scanUpTo = 8

func newItemSet(c *builtin.Context, items []value.Value) (*itemSet, error) {
	s := &itemSet{all: items}
	if len(items) <= scanUpTo {
		return s, nil
	}
	if err := c.Memory(int64(len(items)) * memberBytes); err != nil {
		return nil, err
	}
	for _, v := range items {
		if err := c.Tick(len(v.Str()) / 1024); err != nil {
			return nil, err
		}
	}
	s.texts, s.numbers = make(map[string]struct{}), make(map[float64]struct{})
	for _, v := range items {
		s.index(v)
	}
	return s, nil
}

func (s *itemSet) index(v value.Value) {
	switch v.Kind() {
	case value.KindText:
		if _, ok := s.texts[v.Str()]; !ok {
			s.texts[v.Str()] = struct{}{}
			s.texty = append(s.texty, v)
		}
	case value.KindNumber:
		if f := v.Float(); !math.IsNaN(f) {
			if _, ok := s.numbers[f]; !ok {
				s.numbers[f] = struct{}{}
				s.numeric = append(s.numeric, v)
			}
		}
	default:
		s.others = append(s.others, v)
	}
}

// hasEqual reports whether v equals a member as the operator = has it.
func (s *itemSet) hasEqual(c *builtin.Context, v value.Value) (bool, error) {
	if s.texts == nil {
		return anyEqual(c, s.all, v)
	}
	if err := c.Tick(len(v.Str()) / 1024); err != nil {
		return false, err
	}
	if s.hashed(v) {
		return true, nil
	}
	if found, err := anyEqual(c, s.others, v); found || err != nil {
		return found, err
	}
	if c.StrictEquality && v.Kind() != value.KindInteger {
		return false, nil
	}
	switch v.Kind() {
	case value.KindText:
		// A text equals a number when it reads as that number.
		_, ok := s.numbers[value.StringToNumber(v.Str())]
		return ok, nil
	case value.KindNull, value.KindUndefined, value.KindCollection, value.KindBuffer:
		return false, nil
	default:
		if found, err := anyEqual(c, s.texty, v); found || err != nil {
			return found, err
		}
	}
	if v.Kind() == value.KindNumber {
		return false, nil
	}
	return anyEqual(c, s.numeric, v)
}

func (s *itemSet) hashed(v value.Value) (ok bool) {
	switch v.Kind() {
	case value.KindText:
		_, ok = s.texts[v.Str()]
	case value.KindNumber:
		_, ok = s.numbers[v.Float()]
	}
	return ok
}

func anyEqual(c *builtin.Context, members []value.Value, v value.Value) (bool, error) {
	if err := c.Tick(len(members)); err != nil {
		return false, err
	}
	for _, m := range members {
		if found, err := c.Equal(v, m); found || err != nil {
			return found, err
		}
	}
	return false, nil
}

// Contains reports whether an item equals v as the operator = has it.
func Contains(c *builtin.Context, items []value.Value, v value.Value) (value.Value, error) {
	found, err := anyEqual(c, items, v)
	return value.Bool(found), err
}

// difference returns the items that equal a member, or those that do not.
func difference(c *builtin.Context, items, members []value.Value, want bool) ([]value.Value, error) {
	if err := c.Tick(len(items) + len(members)); err != nil {
		return nil, err
	}
	set, err := newItemSet(c, members)
	if err != nil {
		return nil, err
	}
	var out []value.Value
	for _, v := range items {
		found, err := set.hasEqual(c, v)
		if err != nil {
			return nil, err
		}
		if found == want {
			out = append(out, v)
		}
	}
	return out, nil
}

func callArrayDiff(c *builtin.Context, a builtin.Args) (value.Value, error) {
	out, err := difference(c, a.V[0].Items(), a.V[1].Items(), false)
	return value.Array(out), err
}

func callArrayIntersect(c *builtin.Context, a builtin.Args) (value.Value, error) {
	out, err := difference(c, a.V[0].Items(), a.V[1].Items(), true)
	return value.Array(out), err
}

func callRemove(c *builtin.Context, a builtin.Args) (value.Value, error) {
	items := a.V[0].Items()
	if err := c.Tick(len(items)); err != nil {
		return value.Undefined, err
	}
	set, err := newItemSet(c, a.V[1:])
	if err != nil {
		return value.Undefined, err
	}
	var out []value.Value
	for _, v := range items {
		if v.Kind() < value.KindArray {
			found, err := set.hasEqual(c, v)
			if err != nil {
				return value.Undefined, err
			}
			if found {
				continue
			}
		}
		out = append(out, v)
	}
	return value.Array(out), nil
}

func callDeduplicate(c *builtin.Context, a builtin.Args) (value.Value, error) {
	return distinct(c, a.V[0].Items(), func(v value.Value) value.Value { return v })
}

func callDistinct(c *builtin.Context, a builtin.Args) (value.Value, error) {
	if a.At(1).IsNil() {
		return callDeduplicate(c, a)
	}
	p, err := path.Of(c, a.V[1], 2)
	if err != nil {
		return value.Undefined, err
	}
	var site value.Site
	return distinct(c, a.V[0].Items(), func(v value.Value) value.Value { return p.Lookup(v, &site) })
}

// distinct keeps the first of the items whose parts are strictly equal.
func distinct(c *builtin.Context, items []value.Value, part func(v value.Value) value.Value) (value.Value, error) {
	if err := c.Tick(len(items)); err != nil {
		return value.Undefined, err
	}
	seen := strictSet{hasher: value.Hasher{Budget: c.Meter}, equal: value.Comparison{Budget: c.Meter}, members: make(map[uint64][]value.Value)}
	var out []value.Value
	for _, v := range items {
		fresh, err := seen.add(c, part(v))
		if err != nil {
			return value.Undefined, err
		}
		if fresh {
			out = append(out, v)
		}
	}
	return value.Array(out), nil
}

// strictSet is a set of values none of which strictly equals another.
type strictSet struct {
	hasher  value.Hasher
	equal   value.Comparison
	members map[uint64][]value.Value
}

// memberBytes is about what a member of a set takes up.
const memberBytes = 96

// add adds v and reports whether it was not there.
func (s *strictSet) add(c *builtin.Context, v value.Value) (bool, error) {
	h, err := s.hasher.Hash(v)
	if err != nil {
		return false, err
	}
	for _, m := range s.members[h] {
		if same, err := s.equal.Strict(m, v); same || err != nil {
			return false, err
		}
	}
	if err := c.Memory(memberBytes); err != nil {
		return false, err
	}
	s.members[h] = append(s.members[h], v)
	return true, nil
}
