package sqlstore

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/imlc-lang/imlc/internal/sqldb"
	"github.com/imlc-lang/imlc/vm"
)

// Database is the kind of a database.
type Database uint8

// The kinds.
const (
	SQLite     = Database(sqldb.SQLite)
	PostgreSQL = Database(sqldb.PostgreSQL)
)

// Store keeps connections (vm.ConnectionStore), pending authorisations (vm.PendingStore) and suspended state
// (vm.StateStore) in a database. It is safe for concurrent use by any number of processes.
type Store struct {
	db    *sqldb.DB
	seal  vm.Sealer
	clock func() time.Time
}

var (
	_ vm.ConnectionStore = (*Store)(nil)
	_ vm.PendingStore    = (*Store)(nil)
	_ vm.StateStore      = (*Store)(nil)
)

// schema makes the tables. Times are milliseconds since 1970.
var schema = []string{
	`CREATE TABLE IF NOT EXISTS imlc_pending (key TEXT PRIMARY KEY, deadline BIGINT NOT NULL, claim TEXT NOT NULL, claimed_until BIGINT NOT NULL)`,
	`CREATE TABLE IF NOT EXISTS imlc_states (handle TEXT PRIMARY KEY, sealed TEXT NOT NULL, deadline BIGINT NOT NULL)`,
	`CREATE TABLE IF NOT EXISTS imlc_connections (id TEXT PRIMARY KEY, revision BIGINT NOT NULL, sealed TEXT NOT NULL)`,
}

// New returns a store and makes its tables, imlc_pending, imlc_states and imlc_connections, where they do not exist.
// Connections are encrypted by seal, which every process needs the keys of; clock tells the time, nil means time.Now.
// Open a database of SQLite with a busy timeout when several connections write to it.
func New(ctx context.Context, db *sql.DB, kind Database, seal vm.Sealer, clock func() time.Time) (*Store, error) {
	if seal == nil {
		return nil, errors.New("sqlstore: a sealer is missing: connections are never stored in the clear")
	}
	if clock == nil {
		clock = time.Now
	}
	s := &Store{db: sqldb.New(db, sqldb.Kind(kind)), seal: seal, clock: clock}
	for _, statement := range schema {
		if err := s.create(ctx, statement); err != nil {
			return nil, fmt.Errorf("sqlstore: %w", err)
		}
	}
	return s, nil
}

// create makes a table. Two processes that do so at once may collide in the catalogue of PostgreSQL, whatever IF NOT
// EXISTS says; then it is there when one looks again.
func (s *Store) create(ctx context.Context, statement string) error {
	if _, err := s.db.ExecContext(ctx, statement); err == nil {
		return nil
	}
	_, err := s.db.ExecContext(ctx, statement)
	return err
}

// text reads the one text that a statement selects, "" and false when there is no row.
func (s *Store) text(ctx context.Context, statement string, args ...any) (text string, found bool, err error) {
	switch err := s.db.QueryRow(ctx, statement, args...).Scan(&text); {
	case errors.Is(err, sql.ErrNoRows):
		return "", false, nil
	case err != nil:
		return "", false, err
	}
	return text, true, nil
}

// Put implements vm.PendingStore.
func (s *Store) Put(ctx context.Context, key string, deadline time.Time) error {
	_, err := s.db.Exec(ctx, `INSERT INTO imlc_pending (key, deadline, claim, claimed_until) VALUES (?, ?, '', 0)
		ON CONFLICT (key) DO UPDATE SET deadline = excluded.deadline, claim = '', claimed_until = 0`, key, deadline.UnixMilli())
	return err
}

// Claim implements vm.PendingStore.
func (s *Store) Claim(ctx context.Context, key, claim string, until time.Time) (vm.PendingHold, error) {
	n, err := s.db.Exec(ctx, `UPDATE imlc_pending SET claim = ?, claimed_until = ? WHERE key = ? AND (claim = '' OR claim = ? OR claimed_until <= ?)`,
		claim, until.UnixMilli(), key, claim, s.clock().UnixMilli())
	if err != nil {
		return vm.PendingUnknown, err
	}
	if n == 1 {
		return vm.PendingClaimed, nil
	}
	if _, found, err := s.text(ctx, `SELECT claim FROM imlc_pending WHERE key = ?`, key); err != nil || !found {
		return vm.PendingUnknown, err
	}
	return vm.PendingHeld, nil
}

// Confirm implements vm.PendingStore.
func (s *Store) Confirm(ctx context.Context, key, claim string) (bool, error) {
	n, err := s.db.Exec(ctx, `DELETE FROM imlc_pending WHERE key = ? AND claim = ?`, key, claim)
	return n == 1, err
}

// Release implements vm.PendingStore.
func (s *Store) Release(ctx context.Context, key, claim string) error {
	_, err := s.db.Exec(ctx, `UPDATE imlc_pending SET claim = '', claimed_until = 0 WHERE key = ? AND claim = ?`, key, claim)
	return err
}

// Keep implements vm.StateStore.
func (s *Store) Keep(ctx context.Context, handle, sealed string, deadline time.Time) error {
	_, err := s.db.Exec(ctx, `INSERT INTO imlc_states (handle, sealed, deadline) VALUES (?, ?, ?)
		ON CONFLICT (handle) DO UPDATE SET sealed = excluded.sealed, deadline = excluded.deadline`, handle, sealed, deadline.UnixMilli())
	return err
}

// Recall implements vm.StateStore.
func (s *Store) Recall(ctx context.Context, handle string) (string, error) {
	sealed, _, err := s.text(ctx, `SELECT sealed FROM imlc_states WHERE handle = ?`, handle)
	return sealed, err
}

// Load implements vm.ConnectionStore.
func (s *Store) Load(ctx context.Context, id string) (*vm.Connection, error) {
	var revision int64
	var sealed string
	err := s.db.QueryRow(ctx, `SELECT revision, sealed FROM imlc_connections WHERE id = ?`, id).Scan(&revision, &sealed)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil, nil
	case err != nil:
		return nil, err
	}
	plain, err := s.seal.Open(sealed)
	if err != nil {
		return nil, fmt.Errorf("connection %s: %w", id, err)
	}
	conn := &vm.Connection{}
	if err := json.Unmarshal(plain, conn); err != nil {
		return nil, fmt.Errorf("connection %s: %w", id, err)
	}
	if conn.ID != id {
		return nil, fmt.Errorf("connection %s: the row holds another connection: %w", id, vm.ErrSeal)
	}
	conn.Revision = revision
	return conn, nil
}

// Swap implements vm.ConnectionStore.
func (s *Store) Swap(ctx context.Context, conn *vm.Connection) (bool, error) {
	if conn.ID == "" {
		return false, errors.New("sqlstore: the connection has no id")
	}
	next := *conn
	next.Revision++
	plain, err := json.Marshal(next)
	if err != nil {
		return false, err
	}
	sealed, err := s.seal.Seal(plain)
	if err != nil {
		return false, err
	}
	statement, args := `UPDATE imlc_connections SET revision = ?, sealed = ? WHERE id = ? AND revision = ?`, []any{next.Revision, sealed, conn.ID, conn.Revision}
	if conn.Revision == 0 {
		statement, args = `INSERT INTO imlc_connections (revision, sealed, id) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING`, args[:3]
	}
	n, err := s.db.Exec(ctx, statement, args...)
	if err != nil || n != 1 {
		return false, err
	}
	conn.Revision = next.Revision
	return true, nil
}

// Delete forgets a connection, and reports whether it was there.
func (s *Store) Delete(ctx context.Context, id string) (bool, error) {
	n, err := s.db.Exec(ctx, `DELETE FROM imlc_connections WHERE id = ?`, id)
	return n == 1, err
}

// IDs returns the ids of at most limit connections behind the given id, in order: "" begins.
func (s *Store) IDs(ctx context.Context, after string, limit int) (ids []string, err error) {
	rows, err := s.db.Query(ctx, `SELECT id FROM imlc_connections WHERE id > ? ORDER BY id LIMIT ?`, after, limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}

// Rewrap seals every connection again, under the first key of the sealer: the last step before an old key is dropped.
// It may run while the store is in use, and again after it failed.
func (s *Store) Rewrap(ctx context.Context) error {
	for after := ""; ; {
		ids, err := s.IDs(ctx, after, 100)
		if err != nil || len(ids) == 0 {
			return err
		}
		for _, id := range ids {
			for stored := false; !stored; {
				conn, err := s.Load(ctx, id)
				if err != nil {
					return err
				}
				if conn == nil {
					break // deleted meanwhile
				}
				if stored, err = s.Swap(ctx, conn); err != nil {
					return err
				}
			}
		}
		after = ids[len(ids)-1]
	}
}

// Sweep forgets authorisations and states that nobody can complete any more: those whose deadline is longer ago than
// vm.DefaultPendingTTL, so that one who comes a little late is told so. Call it now and then.
func (s *Store) Sweep(ctx context.Context) error {
	before := s.clock().Add(-vm.DefaultPendingTTL).UnixMilli()
	for _, table := range []string{"imlc_pending", "imlc_states"} {
		if _, err := s.db.Exec(ctx, `DELETE FROM `+table+` WHERE deadline < ?`, before); err != nil {
			return err
		}
	}
	return nil
}
