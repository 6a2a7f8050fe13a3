package array

import (
	"cmp"
	"math"
	"math/big"
	"slices"

	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/builtin/iml/internal/path"
	"github.com/imlc-lang/imlc/vm/builtin/internal/lettercase"
	"github.com/imlc-lang/imlc/vm/value"
)

// sortOrder is one of the words that sort knows.
type sortOrder struct{ descending, foldCase bool }

func sortOrderOf(v value.Value) (o sortOrder, ok bool) {
	if value.IsEmpty(v) {
		return o, true
	}
	switch v.Str() {
	case "asc":
		return o, true
	case "desc":
		return sortOrder{descending: true}, true
	case "asc ci":
		return sortOrder{foldCase: true}, true
	case "desc ci":
		return sortOrder{descending: true, foldCase: true}, true
	}
	return o, false
}

func callSort(c *builtin.Context, a builtin.Args) (value.Value, error) {
	order, known := sortOrderOf(a.At(1))
	key, slot := a.At(2), 3
	if !known {
		if a.Given(2) {
			return value.Undefined, builtin.Errorf("IML405", 2, "order expected: asc, desc, asc ci or desc ci")
		}
		key, slot = a.At(1), 2
	}
	items := a.V[0].Items()
	if err := c.Tick(len(items)); err != nil {
		return value.Undefined, err
	}
	part := func(v value.Value) value.Value { return v }
	if !key.IsNil() {
		p, err := path.Of(c, key, slot)
		if err != nil {
			return value.Undefined, err
		}
		var site value.Site
		part = func(v value.Value) value.Value { return p.Lookup(v, &site) }
	}
	if err := c.Memory(int64(len(items)) * rowBytes); err != nil {
		return value.Undefined, err
	}
	rows := make([]sortRow, len(items))
	for i, item := range items {
		row, err := newSortRow(c, item, part(item), order)
		if err != nil {
			return value.Undefined, err
		}
		rows[i] = row
	}
	by := sorter{c: c, descending: order.descending}
	slices.SortStableFunc(rows, by.compare)
	if by.err != nil {
		return value.Undefined, by.err
	}
	if err := c.List(len(rows)); err != nil {
		return value.Undefined, err
	}
	out := make([]value.Value, len(rows))
	for i := range rows {
		out[i] = rows[i].item
	}
	return value.Array(out), nil
}

// sortRow is an item with what it is sorted by.
type sortRow struct {
	item   value.Value
	rank   int
	number float64  // of numbers, dates and booleans
	exact  *big.Int // of exact integers
	text   string   // of texts and of what is compared as text
}

// rowBytes is what a row takes up.
const rowBytes = 72

// sorter compares rows. Long texts that begin alike take work; without any left all rows are the same.
type sorter struct {
	c          *builtin.Context
	descending bool
	looked     int // bytes that no work was taken for yet
	err        error
}

func (s *sorter) compare(a, b sortRow) int {
	if s.err != nil {
		return 0
	}
	n, looked := a.compare(&b)
	if s.looked += looked; s.looked >= 64<<10 {
		s.err = s.c.Tick(s.looked / 1024)
		s.looked = 0
	}
	if s.descending {
		return -n
	}
	return n
}

// The ranks of the types in ascending order (spec iml.md §9.6).
const (
	rankNumber = iota
	rankDate
	rankText
	rankBoolean
	rankOther
	rankNil
)

func newSortRow(c *builtin.Context, item, by value.Value, order sortOrder) (r sortRow, err error) {
	r.item = item
	switch by.Kind() {
	case value.KindNumber, value.KindInteger:
		r.rank, r.number, r.exact = rankNumber, by.Float(), by.BigInt()
	case value.KindDate:
		r.rank, r.number = rankDate, float64(by.Millis())
	case value.KindText:
		r.rank, r.text = rankText, by.Str()
		if order.foldCase {
			if err := c.Text(2 * len(r.text)); err != nil { // the text, and the buffer that it is built in
				return r, err
			}
			if err := c.Read(lettercase.Looks(r.text)); err != nil {
				return r, err
			}
			r.text = string(lettercase.Lower(nil, r.text))
		}
	case value.KindBool:
		r.rank, r.number = rankBoolean, value.ToNumber(by)
	case value.KindUndefined, value.KindNull:
		r.rank = rankNil
	default:
		r.rank = rankOther
		r.text, err = c.ToText(by)
	}
	return r, err
}

// compare orders two rows and says how many bytes of their texts it looked at.
func (r *sortRow) compare(other *sortRow) (n, looked int) {
	switch {
	case r.rank != other.rank:
		return cmp.Compare(r.rank, other.rank), 0
	case r.exact != nil || other.exact != nil:
		return compareExact(r, other), 0
	case r.rank == rankText || r.rank == rankOther:
		return value.Order16(r.text, other.text)
	}
	return compareNumbers(r.number, other.number), 0
}

// compareNumbers orders numbers by value; NaN, which has none, comes last.
func compareNumbers(x, y float64) int {
	switch {
	case math.IsNaN(x) || math.IsNaN(y):
		return cmp.Compare(boolRank(math.IsNaN(x)), boolRank(math.IsNaN(y)))
	case x < y:
		return -1
	case x > y:
		return 1
	}
	return 0
}

func boolRank(b bool) int {
	if b {
		return 1
	}
	return 0
}

// compareExact orders two numbers of which at least one is an exact integer.
func compareExact(x, y *sortRow) int {
	switch {
	case x.exact != nil && y.exact != nil:
		return x.exact.Cmp(y.exact)
	case x.exact == nil:
		return -compareExact(y, x)
	case math.IsNaN(y.number):
		return -1
	}
	c, _ := value.Compare(value.Integer(x.exact), value.Number(y.number))
	return c
}
