package sqlstore

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/imlc-lang/imlc/broker/store"
	"github.com/imlc-lang/imlc/internal/sqldb"
)

type sqlStore struct{ db *sqldb.DB }

const columns = "r.space, r.kind, r.id, r.revision, r.body, r.sealed, r.key_id, r.labels, r.due, r.expires"

// read scans a row of columns.
func read(scan func(...any) error) (store.Record, error) {
	var r store.Record
	var labels string
	var due, expires sql.NullInt64
	if err := scan(&r.Space, &r.Kind, &r.ID, &r.Revision, &r.Body, &r.Sealed, &r.KeyID, &labels, &due, &expires); err != nil {
		return r, err
	}
	if labels != "" {
		if err := json.Unmarshal([]byte(labels), &r.Labels); err != nil {
			return r, fmt.Errorf("labels of %s %q: %w", r.Kind, r.ID, err)
		}
	}
	r.Due, r.Expires = instant(due), instant(expires)
	return r, nil
}

func instant(n sql.NullInt64) time.Time {
	if !n.Valid {
		return time.Time{}
	}
	return time.UnixMicro(n.Int64).UTC()
}

func micros(t time.Time) sql.NullInt64 {
	return sql.NullInt64{Int64: t.UnixMicro(), Valid: !t.IsZero()}
}

func labelText(labels []string) string {
	if len(labels) == 0 {
		return ""
	}
	text, _ := json.Marshal(labels) // texts always marshal
	return string(text)
}

// Apply implements store.Store.
func (s *sqlStore) Apply(ctx context.Context, ops ...store.Op) ([]store.Record, error) {
	var out []store.Record
	err := s.db.Write(ctx, func(ctx context.Context, tx sqldb.Tx) error {
		out = make([]store.Record, 0, len(ops))
		for _, op := range ops {
			r, err := s.apply(ctx, tx, op)
			if err != nil {
				return err
			}
			out = append(out, r)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (s *sqlStore) apply(ctx context.Context, tx sqldb.Tx, op store.Op) (store.Record, error) {
	r := op.Record
	r.Due, r.Expires, r.Labels = store.Instant(r.Due), store.Instant(r.Expires), slices.Clone(r.Labels)
	if op.Sequence {
		var n int64
		if err := tx.QueryRow(ctx, `INSERT INTO counters (space, kind, n) VALUES (?, ?, 1)
			ON CONFLICT (space, kind) DO UPDATE SET n = counters.n + 1 RETURNING n`, r.Space, r.Kind).Scan(&n); err != nil {
			return r, err
		}
		r.ID = store.Number(n)
	}
	op.Record = r
	if err := op.Check(); err != nil {
		return r, err
	}
	conflict := fmt.Errorf("%s %q: %w", r.Kind, r.ID, store.ErrConflict)
	if op.Delete {
		n, err := tx.Exec(ctx, `DELETE FROM records WHERE space = ? AND kind = ? AND id = ? AND (? = -1 OR revision = ?)`, r.Space, r.Kind, r.ID, r.Revision, r.Revision)
		if err != nil {
			return r, err
		}
		if n == 0 && r.Revision > 0 {
			return r, conflict
		}
		return r, s.setLabels(ctx, tx, r, nil)
	}
	before, known := "", r.Revision != store.Any // whoever writes over any revision may write over one that comes between
	if r.Revision > 0 {
		err := tx.QueryRow(ctx, `SELECT labels FROM records WHERE space = ? AND kind = ? AND id = ?`, r.Space, r.Kind, r.ID).Scan(&before)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return r, err
		}
	}
	row := []any{r.Space, r.Kind, r.ID, r.Body, r.Sealed, r.KeyID, labelText(r.Labels), micros(r.Due), micros(r.Expires)}
	insert := `INSERT INTO records (space, kind, id, revision, body, sealed, key_id, labels, due, expires) VALUES (?, ?, ?, 1, ?, ?, ?, ?, ?, ?) `
	var query string
	switch r.Revision {
	case store.Any:
		query = insert + `ON CONFLICT (space, kind, id) DO UPDATE SET revision = records.revision + 1, body = excluded.body, sealed = excluded.sealed,
			key_id = excluded.key_id, labels = excluded.labels, due = excluded.due, expires = excluded.expires RETURNING revision`
	case 0:
		query = insert + `ON CONFLICT (space, kind, id) DO NOTHING RETURNING revision`
	default:
		query = `UPDATE records SET revision = revision + 1, body = ?, sealed = ?, key_id = ?, labels = ?, due = ?, expires = ?
			WHERE space = ? AND kind = ? AND id = ? AND revision = ? RETURNING revision`
		row = append(row[3:], r.Space, r.Kind, r.ID, r.Revision)
	}
	switch err := tx.QueryRow(ctx, query, row...).Scan(&r.Revision); {
	case errors.Is(err, sql.ErrNoRows):
		return r, conflict
	case err != nil:
		return r, err
	}
	if known && labelText(r.Labels) == before {
		return r, nil
	}
	return r, s.setLabels(ctx, tx, r, r.Labels)
}

// setLabels makes labels those that a record is found by.
func (s *sqlStore) setLabels(ctx context.Context, tx sqldb.Tx, r store.Record, labels []string) error {
	if _, err := tx.Exec(ctx, `DELETE FROM labels WHERE space = ? AND kind = ? AND id = ?`, r.Space, r.Kind, r.ID); err != nil || len(labels) == 0 {
		return err
	}
	for some := range slices.Chunk(labels, 500) { // PostgreSQL takes 65535 parameters, SQLite half of them
		var args []any
		for _, l := range some {
			args = append(args, r.Space, r.Kind, l, r.ID)
		}
		if _, err := tx.Exec(ctx, `INSERT INTO labels (space, kind, label, id) VALUES (?, ?, ?, ?)`+strings.Repeat(`, (?, ?, ?, ?)`, len(some)-1)+` ON CONFLICT DO NOTHING`, args...); err != nil {
			return err
		}
	}
	return nil
}

// Get implements store.Store.
func (s *sqlStore) Get(ctx context.Context, space, kind, id string) (store.Record, error) {
	if !store.IsText(space, kind, id) { // which PostgreSQL would not even look for
		return store.Record{}, store.ErrNotFound
	}
	row := s.db.QueryRow(ctx, `SELECT `+columns+` FROM records r WHERE r.space = ? AND r.kind = ? AND r.id = ?`, space, kind, id)
	r, err := read(row.Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return store.Record{}, store.ErrNotFound
	}
	return r, err
}

// rows is what queries run on: the database or a transaction.
type rows interface {
	Query(ctx context.Context, statement string, args ...any) (*sql.Rows, error)
}

// collect returns the records of a query.
func collect(ctx context.Context, on rows, query string, args ...any) ([]store.Record, error) {
	found, err := on.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer found.Close()
	var out []store.Record
	for found.Next() {
		r, err := read(found.Scan)
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, found.Err()
}

const due = ` FROM records r WHERE r.kind = ? AND r.due IS NOT NULL AND r.due <= ?`

// Due implements store.Store.
func (s *sqlStore) Due(ctx context.Context, kind string, now time.Time) (n int64, first time.Time, err error) {
	var least sql.NullInt64
	err = s.db.QueryRow(ctx, `SELECT count(*), min(r.due)`+due, kind, now.UnixMicro()).Scan(&n, &least)
	return n, instant(least), err
}

// Claim implements store.Store.
func (s *sqlStore) Claim(ctx context.Context, kind string, now, until time.Time, limit int, except ...string) ([]store.Record, error) {
	due, args := due, []any{kind, now.UnixMicro()}
	if len(except) > 0 {
		due += ` AND r.space NOT IN (?` + strings.Repeat(`, ?`, len(except)-1) + `)`
		for _, space := range except {
			args = append(args, space)
		}
	}
	if some, err := s.some(ctx, due, args...); err != nil || !some {
		return nil, err
	}
	var out []store.Record
	err := s.db.Write(ctx, func(ctx context.Context, tx sqldb.Tx) error {
		var err error
		out, err = collect(ctx, tx, `SELECT `+columns+due+` ORDER BY r.due LIMIT ?`+s.taken(), append(args, limit)...)
		if err != nil {
			return err
		}
		for i := range out {
			r := &out[i]
			if _, err := tx.Exec(ctx, `UPDATE records SET due = ?, revision = revision + 1 WHERE space = ? AND kind = ? AND id = ?`,
				micros(until), r.Space, r.Kind, r.ID); err != nil {
				return err
			}
			r.Due = store.Instant(until)
			r.Revision++
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// Sweep implements store.Store.
func (s *sqlStore) Sweep(ctx context.Context, now time.Time, limit int) (int, error) {
	const expired = ` FROM records r WHERE r.expires IS NOT NULL AND r.expires < ?`
	if some, err := s.some(ctx, expired, now.UnixMicro()); err != nil || !some {
		return 0, err
	}
	var old []store.Record
	err := s.db.Write(ctx, func(ctx context.Context, tx sqldb.Tx) error {
		var err error
		old, err = collect(ctx, tx, `SELECT `+columns+expired+` ORDER BY r.expires LIMIT ?`+s.taken(), now.UnixMicro(), limit)
		if err != nil {
			return err
		}
		for _, r := range old {
			if _, err := tx.Exec(ctx, `DELETE FROM records WHERE space = ? AND kind = ? AND id = ?`, r.Space, r.Kind, r.ID); err != nil {
				return err
			}
			if err := s.setLabels(ctx, tx, r, nil); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	return len(old), nil
}

// some reports whether there is a record of a condition. It takes no lock, so that who looks for work in vain keeps
// nobody from writing.
func (s *sqlStore) some(ctx context.Context, condition string, args ...any) (bool, error) {
	var one int
	err := s.db.QueryRow(ctx, `SELECT 1`+condition+` LIMIT 1`, args...).Scan(&one)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// taken ends a query for records that nobody else is to get: those that another one has are left out.
func (s *sqlStore) taken() string {
	if s.db.Kind() == sqldb.PostgreSQL {
		return " FOR UPDATE SKIP LOCKED"
	}
	return ""
}

// Foreign implements store.Store. The keys on either side of keyID are looked at one after the other, each along the index.
func (s *sqlStore) Foreign(ctx context.Context, keyID string, after store.Record, limit int) ([]store.Record, error) {
	var out []store.Record
	for _, side := range []string{"<", ">"} {
		found, err := collect(ctx, s.db, `SELECT `+columns+` FROM records r WHERE r.sealed IS NOT NULL AND r.key_id `+side+` ?
			AND (r.key_id, r.space, r.kind, r.id) > (?, ?, ?, ?) ORDER BY r.key_id, r.space, r.kind, r.id LIMIT ?`,
			keyID, after.KeyID, after.Space, after.Kind, after.ID, limit-len(out))
		if err != nil {
			return nil, err
		}
		if out = append(out, found...); len(out) == limit {
			break
		}
	}
	return out, nil
}

// Kinds implements store.Store.
func (s *sqlStore) Kinds(ctx context.Context) (map[string]int64, error) {
	found, err := s.db.Query(ctx, `SELECT kind, count(*) FROM records GROUP BY kind`)
	if err != nil {
		return nil, err
	}
	defer found.Close()
	out := map[string]int64{}
	for found.Next() {
		var kind string
		var n int64
		if err := found.Scan(&kind, &n); err != nil {
			return nil, err
		}
		out[kind] = n
	}
	return out, found.Err()
}

// All implements store.Store.
func (s *sqlStore) All(ctx context.Context, f func(store.Record) error) error {
	var last store.Record
	for {
		page, err := collect(ctx, s.db, `SELECT `+columns+` FROM records r WHERE (r.space, r.kind, r.id) > (?, ?, ?)
			ORDER BY r.space, r.kind, r.id LIMIT 500`, last.Space, last.Kind, last.ID)
		if err != nil {
			return err
		}
		for _, r := range page {
			if err := f(r); err != nil {
				return err
			}
		}
		if len(page) < 500 {
			return nil
		}
		last = page[len(page)-1]
	}
}

// Import implements store.Store.
func (s *sqlStore) Import(ctx context.Context, records []store.Record) error {
	return s.db.Write(ctx, func(ctx context.Context, tx sqldb.Tx) error {
		for _, r := range records {
			if err := store.Check(r); err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, `INSERT INTO records (space, kind, id, revision, body, sealed, key_id, labels, due, expires)
				VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (space, kind, id) DO UPDATE SET revision = excluded.revision, body = excluded.body,
				sealed = excluded.sealed, key_id = excluded.key_id, labels = excluded.labels, due = excluded.due, expires = excluded.expires`,
				r.Space, r.Kind, r.ID, r.Revision, r.Body, r.Sealed, r.KeyID, labelText(r.Labels), micros(r.Due), micros(r.Expires)); err != nil {
				return err
			}
			if err := s.setLabels(ctx, tx, r, r.Labels); err != nil {
				return err
			}
			n, ok := store.ParseNumber(r.ID)
			if !ok {
				continue
			}
			if _, err := tx.Exec(ctx, `INSERT INTO counters (space, kind, n) VALUES (?, ?, ?)
				ON CONFLICT (space, kind) DO UPDATE SET n = CASE WHEN counters.n < excluded.n THEN excluded.n ELSE counters.n END`, r.Space, r.Kind, n); err != nil {
				return err
			}
		}
		return nil
	})
}

// Stats tells how the connections to the database are used.
func (s *sqlStore) Stats() sql.DBStats { return s.db.Stats() }

// Ping implements store.Store.
func (s *sqlStore) Ping(ctx context.Context) error { return s.db.PingContext(ctx) }

// Close implements store.Store.
func (s *sqlStore) Close() error { return s.db.Close() }
