package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// NewMemory returns a store in the memory of this process, for tests and trials.
func NewMemory() Store { return &memory{records: map[key]Record{}, counters: map[key]int64{}} }

// key names a record; as the key of a counter it has no ID.
type key struct{ space, kind, id string }

type memory struct {
	mu       sync.Mutex
	records  map[key]Record
	counters map[key]int64
}

func (r Record) key() key { return key{r.Space, r.Kind, r.ID} }

// clone returns a record that shares nothing with r.
func (r Record) clone() Record {
	r.Body, r.Sealed, r.Labels = slices.Clone(r.Body), slices.Clone(r.Sealed), slices.Clone(r.Labels)
	r.Due, r.Expires = Instant(r.Due), Instant(r.Expires)
	return r
}

// Instant is a time as every store keeps it: in UTC, to the microsecond.
func Instant(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return time.UnixMicro(t.UnixMicro()).UTC()
}

// Number is the ID of the n-th record of a sequence.
func Number(n int64) string { return fmt.Sprintf("%016d", n) }

// Apply implements Store.
func (m *memory) Apply(_ context.Context, ops ...Op) ([]Record, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	undo := map[key]*Record{}
	counters := map[key]int64{}
	fail := func(err error) ([]Record, error) {
		for k, old := range undo {
			if old == nil {
				delete(m.records, k)
			} else {
				m.records[k] = *old
			}
		}
		for k, n := range counters {
			m.counters[k] = n
		}
		return nil, err
	}
	out := make([]Record, len(ops))
	for i, op := range ops {
		r := op.Record.clone()
		if op.Sequence {
			c := key{r.Space, r.Kind, ""}
			if _, ok := counters[c]; !ok {
				counters[c] = m.counters[c]
			}
			m.counters[c]++
			r.ID = Number(m.counters[c])
		}
		op.Record = r
		if err := op.Check(); err != nil {
			return fail(err)
		}
		old, ok := m.records[r.key()]
		if r.Revision != Any && r.Revision != old.Revision {
			return fail(fmt.Errorf("%s %q: %w", r.Kind, r.ID, ErrConflict))
		}
		if _, saved := undo[r.key()]; !saved {
			undo[r.key()] = nil
			if ok {
				undo[r.key()] = &old
			}
		}
		if op.Delete {
			delete(m.records, r.key())
		} else {
			r.Revision = old.Revision + 1
			m.records[r.key()] = r
		}
		out[i] = r.clone()
	}
	return out, nil
}

// Get implements Store.
func (m *memory) Get(_ context.Context, space, kind, id string) (Record, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	r, ok := m.records[key{space, kind, id}]
	if !ok {
		return Record{}, ErrNotFound
	}
	return r.clone(), nil
}

// pick returns the records for which want holds, in the order of less, at most limit of them.
func (m *memory) pick(limit int, want func(Record) bool, order func(a, b Record) int) []Record {
	var out []Record
	for _, r := range m.records {
		if want(r) {
			out = append(out, r.clone())
		}
	}
	slices.SortFunc(out, order)
	return out[:min(len(out), limit)]
}

func byKey(a, b Record) int {
	return cmp.Or(cmp.Compare(a.Space, b.Space), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.ID, b.ID))
}

// Max returns the limit of a query.
func (q Query) Max() int { return cmp.Or(q.Limit, 100) }

// List implements Store.
func (m *memory) List(_ context.Context, q Query) ([]Record, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	order := byKey
	if q.Descending {
		order = func(a, b Record) int { return byKey(b, a) }
	}
	return m.pick(q.Max(), func(r Record) bool {
		if r.Space != q.Space || r.Kind != q.Kind {
			return false
		}
		if q.After != "" && (r.ID == q.After || (r.ID > q.After) == q.Descending) {
			return false
		}
		for _, l := range q.Labels {
			if !slices.Contains(r.Labels, l) {
				return false
			}
		}
		return q.Prefix == "" || slices.ContainsFunc(r.Labels, func(l string) bool { return strings.HasPrefix(l, q.Prefix) })
	}, order), nil
}

// Claim implements Store.
func (m *memory) Claim(_ context.Context, kind string, now, until time.Time, limit int, except ...string) ([]Record, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	due := m.pick(limit, func(r Record) bool {
		return r.Kind == kind && !r.Due.IsZero() && !r.Due.After(now) && !slices.Contains(except, r.Space)
	},
		func(a, b Record) int { return cmp.Or(a.Due.Compare(b.Due), byKey(a, b)) })
	for i := range due {
		due[i].Due = Instant(until)
		due[i].Revision++
		m.records[due[i].key()] = due[i].clone()
	}
	return due, nil
}

// Sweep implements Store.
func (m *memory) Sweep(_ context.Context, now time.Time, limit int) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	old := m.pick(limit, func(r Record) bool { return !r.Expires.IsZero() && r.Expires.Before(now) }, byKey)
	for _, r := range old {
		delete(m.records, r.key())
	}
	return len(old), nil
}

// Foreign implements Store.
func (m *memory) Foreign(_ context.Context, keyID string, after Record, limit int) ([]Record, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	order := func(a, b Record) int { return cmp.Or(cmp.Compare(a.KeyID, b.KeyID), byKey(a, b)) }
	return m.pick(limit, func(r Record) bool { return r.Sealed != nil && r.KeyID != keyID && order(r, after) > 0 }, order), nil
}

// Kinds implements Store.
func (m *memory) Kinds(context.Context) (map[string]int64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := map[string]int64{}
	for k := range m.records {
		out[k.kind]++
	}
	return out, nil
}

// Due implements Store.
func (m *memory) Due(_ context.Context, kind string, now time.Time) (n int64, first time.Time, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, r := range m.records {
		if r.Kind != kind || r.Due.IsZero() || r.Due.After(now) {
			continue
		}
		if n++; n == 1 || r.Due.Before(first) {
			first = r.Due
		}
	}
	return n, first, nil
}

// All implements Store.
func (m *memory) All(ctx context.Context, f func(Record) error) error {
	m.mu.Lock()
	all := m.pick(len(m.records), func(Record) bool { return true }, byKey)
	m.mu.Unlock()
	for _, r := range all {
		if err := cmp.Or(ctx.Err(), f(r)); err != nil {
			return err
		}
	}
	return nil
}

// Import implements Store.
func (m *memory) Import(_ context.Context, records []Record) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, r := range records {
		if err := Check(r); err != nil {
			return err
		}
	}
	for _, r := range records {
		m.records[r.key()] = r.clone()
		if n, ok := ParseNumber(r.ID); ok {
			c := key{r.Space, r.Kind, ""}
			m.counters[c] = max(m.counters[c], n)
		}
	}
	return nil
}

// Ping implements Store.
func (m *memory) Ping(context.Context) error { return nil }

// Close implements Store.
func (m *memory) Close() error { return nil }

// ParseNumber reads what Number wrote.
func ParseNumber(id string) (int64, bool) {
	if len(id) != 16 {
		return 0, false
	}
	n, err := strconv.ParseInt(id, 10, 64)
	return n, err == nil && n > 0
}

// IsText reports whether all are what names and labels may be: valid UTF-8 without NUL. Nothing has another one.
func IsText(texts ...string) bool {
	return !slices.ContainsFunc(texts, func(t string) bool { return strings.ContainsRune(t, 0) || !utf8.ValidString(t) })
}

// Check returns an error for a record that no store takes.
func Check(r Record) error {
	switch {
	case r.Kind == "" || r.ID == "":
		return fmt.Errorf("a record of kind %q and id %q: neither may be empty", r.Kind, r.ID)
	case len(r.Space)+len(r.Kind)+len(r.ID) > 600:
		return fmt.Errorf("a record of kind %q: its names are longer than 600 bytes", r.Kind)
	case (r.Sealed == nil) != (r.KeyID == ""):
		return fmt.Errorf("a record of kind %q: what is sealed has a key, and only that", r.Kind)
	}
	for _, text := range append([]string{r.Space, r.Kind, r.ID, r.KeyID}, r.Labels...) {
		if !IsText(text) {
			return fmt.Errorf("a record of kind %q: a name or label is no text", r.Kind)
		}
		if len(text) > 1000 {
			return fmt.Errorf("a record of kind %q: a name or label is longer than 1000 bytes", r.Kind)
		}
	}
	return nil
}

// Check returns an error for a change that no store makes.
func (op Op) Check() error {
	if op.Delete && op.Revision == 0 {
		return fmt.Errorf("%s %q cannot be deleted at revision 0", op.Kind, op.ID)
	}
	return Check(op.Record)
}
