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

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/imlc-lang/imlc/broker/store"
)

type sqlStore struct {
	db       *sql.DB
	postgres bool
}

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

// transact runs f in a transaction, again when the database broke it off for the sake of others.
func (s *sqlStore) transact(ctx context.Context, f func(*sql.Tx) error) error {
	for attempt := 0; ; attempt++ {
		err := s.once(ctx, f)
		var pg *pgconn.PgError
		if attempt < 8 && errors.As(err, &pg) && (pg.Code == "40P01" || pg.Code == "40001") {
			continue
		}
		return err
	}
}

func (s *sqlStore) once(ctx context.Context, f func(*sql.Tx) error) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // does nothing after a commit
	if err := f(tx); err != nil {
		return err
	}
	return tx.Commit()
}

func (s *sqlStore) exec(ctx context.Context, tx *sql.Tx, query string, args ...any) (int64, error) {
	result, err := tx.ExecContext(ctx, s.rebind(query), args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// Apply implements store.Store.
func (s *sqlStore) Apply(ctx context.Context, ops ...store.Op) ([]store.Record, error) {
	var out []store.Record
	err := s.transact(ctx, func(tx *sql.Tx) error {
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

func (s *sqlStore) apply(ctx context.Context, tx *sql.Tx, op store.Op) (store.Record, error) {
	r := op.Record
	r.Due, r.Expires, r.Labels = store.Instant(r.Due), store.Instant(r.Expires), slices.Clone(r.Labels)
	if op.Sequence {
		var n int64
		if err := tx.QueryRowContext(ctx, s.rebind(`INSERT INTO counters (space, kind, n) VALUES (?, ?, 1)
			ON CONFLICT (space, kind) DO UPDATE SET n = counters.n + 1 RETURNING n`), r.Space, r.Kind).Scan(&n); err != nil {
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
		n, err := s.exec(ctx, tx, `DELETE FROM records WHERE space = ? AND kind = ? AND id = ? AND (? = -1 OR revision = ?)`, r.Space, r.Kind, r.ID, r.Revision, r.Revision)
		if err != nil {
			return r, err
		}
		if n == 0 && r.Revision > 0 {
			return r, conflict
		}
		return r, s.setLabels(ctx, tx, r, nil)
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
	fresh := r.Revision == 0
	switch err := tx.QueryRowContext(ctx, s.rebind(query), row...).Scan(&r.Revision); {
	case errors.Is(err, sql.ErrNoRows):
		return r, conflict
	case err != nil:
		return r, err
	}
	if fresh && len(r.Labels) == 0 {
		return r, nil
	}
	return r, s.setLabels(ctx, tx, r, r.Labels)
}

// setLabels makes labels those that a record is found by.
func (s *sqlStore) setLabels(ctx context.Context, tx *sql.Tx, r store.Record, labels []string) error {
	if _, err := s.exec(ctx, tx, `DELETE FROM labels WHERE space = ? AND kind = ? AND id = ?`, r.Space, r.Kind, r.ID); err != nil {
		return err
	}
	for _, l := range labels {
		if _, err := s.exec(ctx, tx, `INSERT INTO labels (space, kind, label, id) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`, r.Space, r.Kind, l, r.ID); err != nil {
			return err
		}
	}
	return nil
}

// Get implements store.Store.
func (s *sqlStore) Get(ctx context.Context, space, kind, id string) (store.Record, error) {
	row := s.db.QueryRowContext(ctx, s.rebind(`SELECT `+columns+` FROM records r WHERE r.space = ? AND r.kind = ? AND r.id = ?`), space, kind, id)
	r, err := read(row.Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return store.Record{}, store.ErrNotFound
	}
	return r, err
}

// rows is what queries run on: the database or a transaction.
type rows interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// collect returns the records of a query.
func (s *sqlStore) collect(ctx context.Context, on rows, query string, args ...any) ([]store.Record, error) {
	found, err := on.QueryContext(ctx, s.rebind(query), args...)
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

// List implements store.Store. It goes along the index of the first label where there is one, so that its cost is that of what it returns.
func (s *sqlStore) List(ctx context.Context, q store.Query) ([]store.Record, error) {
	var b strings.Builder
	var args []any
	add := func(text string, values ...any) {
		b.WriteString(text)
		args = append(args, values...)
	}
	id, labels := "r.id", q.Labels
	if len(labels) > 0 {
		id = "l.id"
		add(`SELECT `+columns+` FROM labels l JOIN records r ON r.space = l.space AND r.kind = l.kind AND r.id = l.id
			WHERE l.space = ? AND l.kind = ? AND l.label = ?`, q.Space, q.Kind, labels[0])
		labels = labels[1:]
	} else {
		add(`SELECT `+columns+` FROM records r WHERE r.space = ? AND r.kind = ?`, q.Space, q.Kind)
	}
	order := "ASC"
	compare := ">"
	if q.Descending {
		order, compare = "DESC", "<"
	}
	if q.After != "" {
		add(` AND `+id+` `+compare+` ?`, q.After)
	}
	for _, l := range labels {
		add(` AND EXISTS (SELECT 1 FROM labels o WHERE o.space = r.space AND o.kind = r.kind AND o.id = r.id AND o.label = ?)`, l)
	}
	if q.Prefix != "" {
		// The greatest text that begins with a prefix ends with the last character that there is.
		add(` AND `+id+` IN (SELECT p.id FROM labels p WHERE p.space = ? AND p.kind = ? AND p.label >= ? AND p.label < ?)`, q.Space, q.Kind, q.Prefix, q.Prefix+"\U0010FFFF")
	}
	add(` ORDER BY `+id+` `+order+` LIMIT ?`, q.Max())
	return s.collect(ctx, s.db, b.String(), args...)
}

// Claim implements store.Store.
func (s *sqlStore) Claim(ctx context.Context, kind string, now, until time.Time, limit int) ([]store.Record, error) {
	lock := ""
	if s.postgres {
		lock = " FOR UPDATE SKIP LOCKED"
	}
	var out []store.Record
	err := s.transact(ctx, func(tx *sql.Tx) error {
		var err error
		out, err = s.collect(ctx, tx, `SELECT `+columns+` FROM records r WHERE r.kind = ? AND r.due IS NOT NULL AND r.due <= ?
			ORDER BY r.due, r.space, r.id LIMIT ?`+lock, kind, now.UnixMicro(), limit)
		if err != nil {
			return err
		}
		for i := range out {
			r := &out[i]
			if _, err := s.exec(ctx, tx, `UPDATE records SET due = ?, revision = revision + 1 WHERE space = ? AND kind = ? AND id = ?`,
				micros(until), r.Space, r.Kind, r.ID); err != nil {
				return err
			}
			r.Due = store.Instant(until)
			r.Revision++
		}
		return nil
	})
	return out, err
}

// Sweep implements store.Store.
func (s *sqlStore) Sweep(ctx context.Context, now time.Time, limit int) (int, error) {
	n := 0
	err := s.transact(ctx, func(tx *sql.Tx) error {
		lock := ""
		if s.postgres {
			lock = " FOR UPDATE SKIP LOCKED"
		}
		old, err := s.collect(ctx, tx, `SELECT `+columns+` FROM records r WHERE r.expires IS NOT NULL AND r.expires < ?
			ORDER BY r.expires LIMIT ?`+lock, now.UnixMicro(), limit)
		if err != nil {
			return err
		}
		for _, r := range old {
			if _, err := s.exec(ctx, tx, `DELETE FROM records WHERE space = ? AND kind = ? AND id = ?`, r.Space, r.Kind, r.ID); err != nil {
				return err
			}
			if err := s.setLabels(ctx, tx, r, nil); err != nil {
				return err
			}
		}
		n = len(old)
		return nil
	})
	return n, err
}

// Foreign implements store.Store.
func (s *sqlStore) Foreign(ctx context.Context, keyID string, limit int) ([]store.Record, error) {
	return s.collect(ctx, s.db, `SELECT `+columns+` FROM records r WHERE r.sealed IS NOT NULL AND (r.key_id < ? OR r.key_id > ?)
		ORDER BY r.space, r.kind, r.id LIMIT ?`, keyID, keyID, limit)
}

// Kinds implements store.Store.
func (s *sqlStore) Kinds(ctx context.Context) (map[string]int64, error) {
	found, err := s.db.QueryContext(ctx, `SELECT kind, count(*) FROM records GROUP BY kind`)
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
		page, err := s.collect(ctx, s.db, `SELECT `+columns+` FROM records r WHERE (r.space, r.kind, r.id) > (?, ?, ?)
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
	return s.transact(ctx, func(tx *sql.Tx) error {
		for _, r := range records {
			if err := store.Check(r); err != nil {
				return err
			}
			if _, err := s.exec(ctx, tx, `INSERT INTO records (space, kind, id, revision, body, sealed, key_id, labels, due, expires)
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
			if _, err := s.exec(ctx, tx, `INSERT INTO counters (space, kind, n) VALUES (?, ?, ?)
				ON CONFLICT (space, kind) DO UPDATE SET n = CASE WHEN counters.n < excluded.n THEN excluded.n ELSE counters.n END`, r.Space, r.Kind, n); err != nil {
				return err
			}
		}
		return nil
	})
}

// Ping implements store.Store.
func (s *sqlStore) Ping(ctx context.Context) error { return s.db.PingContext(ctx) }

// Close implements store.Store.
func (s *sqlStore) Close() error { return s.db.Close() }
