// Package sqldb is what stores in SQL share: one text of a statement for SQLite and PostgreSQL, transactions that are
// tried again when the database broke them off, and, in SQLite, transactions that writers share. It links no driver.
package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Kind is the kind of a database.
type Kind uint8

// The kinds.
const (
	SQLite Kind = iota
	PostgreSQL
)

// SQLiteName is the name by which an SQLite file is opened with the driver "sqlite". Writers queue for the lock from the
// first statement of a transaction on, so that none fails when it comes to write, and what is committed stays when the
// machine loses its power.
func SQLiteName(path string) string {
	query := url.Values{"_txlock": {"immediate"}, "_pragma": {"journal_mode(WAL)", "busy_timeout(10000)", "synchronous(FULL)", "foreign_keys(1)"}}
	return "file:" + (&url.URL{Path: filepath.ToSlash(path)}).EscapedPath() + "?" + query.Encode()
}

// DB is a database. It is safe for concurrent use.
type DB struct {
	*sql.DB
	kind  Kind
	group group
}

// New returns a database over a pool of connections.
func New(db *sql.DB, kind Kind) *DB {
	d := &DB{DB: db, kind: kind}
	d.group.db = d
	return d
}

// Kind returns the kind of the database.
func (d *DB) Kind() Kind { return d.kind }

// Bind writes the parameters of a statement, each a "?", as the database wants them.
func (d *DB) Bind(statement string) string {
	if d.kind != PostgreSQL {
		return statement
	}
	var out strings.Builder
	for n := 1; ; n++ {
		before, after, more := strings.Cut(statement, "?")
		if out.WriteString(before); !more {
			return out.String()
		}
		out.WriteString("$" + strconv.Itoa(n))
		statement = after
	}
}

// Query runs a statement that returns rows.
func (d *DB) Query(ctx context.Context, statement string, args ...any) (*sql.Rows, error) {
	return d.QueryContext(ctx, d.Bind(statement), args...)
}

// QueryRow runs a statement that returns a row at most.
func (d *DB) QueryRow(ctx context.Context, statement string, args ...any) *sql.Row {
	return d.QueryRowContext(ctx, d.Bind(statement), args...)
}

// Exec runs a statement in a transaction of its own, or in one with other writers, and returns how many rows it changed.
func (d *DB) Exec(ctx context.Context, statement string, args ...any) (changed int64, err error) {
	if d.kind == PostgreSQL {
		err := again(func() error {
			var err error
			changed, err = rowsOf(d.ExecContext(ctx, d.Bind(statement), args...))
			return err
		})
		return changed, err
	}
	var n int64
	if err := d.Write(ctx, func(ctx context.Context, tx Tx) (err error) {
		n, err = tx.Exec(ctx, statement, args...)
		return err
	}); err != nil {
		return 0, err
	}
	return n, nil
}

// Write runs f in a transaction, which is committed when f returns nil and undone when it does not, whatever other
// writers do. f is run again when the database broke the transaction off, so it must not depend on what an earlier run
// left in its variables; and it may still run after ctx has ended and Write has returned, so nobody may read those then.
func (d *DB) Write(ctx context.Context, f func(ctx context.Context, tx Tx) error) error {
	if d.kind == SQLite {
		return d.group.write(ctx, f)
	}
	return d.alone(ctx, f)
}

// alone runs f in a transaction of its own.
func (d *DB) alone(ctx context.Context, f func(context.Context, Tx) error) error {
	return again(func() error {
		tx, err := d.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		defer tx.Rollback() //nolint:errcheck // does nothing after a commit
		if err := f(ctx, Tx{tx, d}); err != nil {
			return err
		}
		return tx.Commit()
	})
}

// maxTries bounds how often a transaction is run that the database breaks off.
const maxTries = 10

// again runs f until the database does not break it off for the sake of others.
func again(f func() error) error {
	for try := 1; ; try++ {
		err := f()
		if try == maxTries || !brokenOff(err) {
			return err
		}
		time.Sleep(time.Duration(try*try) * time.Millisecond) // with whom it collided is a step ahead
	}
}

// brokenOff reports whether a transaction failed because of another one: a deadlock, or an order that cannot be
// (PostgreSQL, appendix A: 40P01 and 40001).
func brokenOff(err error) bool {
	var state interface{ SQLState() string }
	return errors.As(err, &state) && (state.SQLState() == "40P01" || state.SQLState() == "40001")
}

// Tx is a transaction.
type Tx struct {
	tx *sql.Tx
	db *DB
}

// Exec runs a statement and returns how many rows it changed.
func (t Tx) Exec(ctx context.Context, statement string, args ...any) (int64, error) {
	return rowsOf(t.tx.ExecContext(ctx, t.db.Bind(statement), args...))
}

// Query runs a statement that returns rows.
func (t Tx) Query(ctx context.Context, statement string, args ...any) (*sql.Rows, error) {
	return t.tx.QueryContext(ctx, t.db.Bind(statement), args...)
}

// QueryRow runs a statement that returns a row at most.
func (t Tx) QueryRow(ctx context.Context, statement string, args ...any) *sql.Row {
	return t.tx.QueryRowContext(ctx, t.db.Bind(statement), args...)
}

func rowsOf(result sql.Result, err error) (int64, error) {
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}
