// Package sqlwatch lets tests watch what reaches a database: it calls a hook before and behind each statement, commit and
// rollback, which may fail them as the end of a process would. Only tests import it.
package sqlwatch

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"sync"

	"github.com/jackc/pgx/v5/stdlib"
)

// Statement is what reaches the database: the text of a statement, or BEGIN, COMMIT or ROLLBACK.
type Statement struct {
	Text string
	Args []driver.NamedValue
}

// ErrEnded is what the connections of a database report whose Watch has ended it.
var ErrEnded = errors.New("the process has ended")

// Watch is the watcher of a database. Its functions may be nil; an error of either ends the database: the connections are
// cut without a word, as those of a process that is killed are, and nothing reaches it any more.
type Watch struct {
	Before, After func(Statement) error

	mu    sync.Mutex
	ended bool
	conns map[*conn]bool
}

// Open opens a database as sql.Open does, watched.
func (w *Watch) Open(name, address string) (*sql.DB, error) {
	db, err := sql.Open(name, address)
	if err != nil {
		return nil, err
	}
	d := db.Driver()
	if err := db.Close(); err != nil {
		return nil, err
	}
	w.conns = map[*conn]bool{}
	return sql.OpenDB(&connector{w, d, address}), nil
}

type connector struct {
	watch   *Watch
	driver  driver.Driver
	address string
}

// Driver implements driver.Connector.
func (c *connector) Driver() driver.Driver { return c.driver }

// Connect implements driver.Connector: no connection comes about any more once the process has ended.
func (c *connector) Connect(context.Context) (driver.Conn, error) {
	if c.watch.hasEnded() {
		return nil, ErrEnded
	}
	under, err := c.driver.Open(c.address)
	if err != nil {
		return nil, err
	}
	out := &conn{under.(all), c.watch}
	c.watch.mu.Lock()
	defer c.watch.mu.Unlock()
	c.watch.conns[out] = true
	return out, nil
}

func (w *Watch) hasEnded() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.ended
}

// end cuts all connections.
func (w *Watch) end() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ended = true
	for c := range w.conns {
		c.cut()
	}
}

// do runs f between the hooks.
func (w *Watch) do(s Statement, f func() error) error {
	for _, step := range []func() error{
		func() error { return told(w.Before, s) }, nil, func() error { return told(w.After, s) },
	} {
		if w.hasEnded() {
			return ErrEnded
		}
		if step == nil {
			if err := f(); err != nil {
				return err
			}
			continue
		}
		if step() != nil {
			w.end()
			return ErrEnded
		}
	}
	return nil
}

func told(hook func(Statement) error, s Statement) error {
	if hook == nil {
		return nil
	}
	return hook(s)
}

// all is what the drivers of SQLite and PostgreSQL do.
type all interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
}

type conn struct {
	all
	watch *Watch
}

// cut closes the socket below a driver, which then cannot take leave. A connection to SQLite has none.
func (c *conn) cut() {
	if p, ok := c.all.(*stdlib.Conn); ok {
		p.Conn().PgConn().Conn().Close()
	}
}

// Close implements driver.Conn.
func (c *conn) Close() error {
	c.watch.mu.Lock()
	delete(c.watch.conns, c)
	c.watch.mu.Unlock()
	return c.all.Close()
}

// ExecContext implements driver.ExecerContext.
func (c *conn) ExecContext(ctx context.Context, text string, args []driver.NamedValue) (result driver.Result, err error) {
	err = c.watch.do(Statement{text, args}, func() (err error) { result, err = c.all.ExecContext(ctx, text, args); return err })
	return result, err
}

// QueryContext implements driver.QueryerContext. Drivers may work on while the rows are read.
func (c *conn) QueryContext(ctx context.Context, text string, args []driver.NamedValue) (rows driver.Rows, err error) {
	err = c.watch.do(Statement{text, args}, func() (err error) { rows, err = c.all.QueryContext(ctx, text, args); return err })
	if err != nil && rows != nil {
		rows.Close()
		rows = nil
	}
	return rows, err
}

// BeginTx implements driver.ConnBeginTx.
func (c *conn) BeginTx(ctx context.Context, o driver.TxOptions) (out driver.Tx, err error) {
	err = c.watch.do(Statement{Text: "BEGIN"}, func() (err error) { out, err = c.all.BeginTx(ctx, o); return err })
	if err != nil {
		return nil, err
	}
	return &tx{out, c.watch}, nil
}

type tx struct {
	driver.Tx
	watch *Watch
}

// Commit implements driver.Tx.
func (t *tx) Commit() error { return t.watch.do(Statement{Text: "COMMIT"}, t.Tx.Commit) }

// Rollback implements driver.Tx.
func (t *tx) Rollback() error { return t.watch.do(Statement{Text: "ROLLBACK"}, t.Tx.Rollback) }
