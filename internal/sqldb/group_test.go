package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"sync"
	"testing"

	_ "modernc.org/sqlite"
)

// Writers that wait together share a transaction and end as they would alone: one that fails leaves nothing and takes
// none along, and one that nobody waits for does not run.
func TestGroup(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a b?#%41.db")
	pool, err := sql.Open("sqlite", SQLiteName(file))
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	if _, err := pool.Exec(`CREATE TABLE t (n INTEGER PRIMARY KEY, tx INTEGER)`); err != nil {
		t.Fatal(err)
	}
	if found, err := filepath.Glob(filepath.Join(filepath.Dir(file), "*.db")); err != nil || len(found) != 1 || found[0] != file {
		t.Errorf("the file is %v, want %s", found, file)
	}
	db := New(pool, SQLite)
	insert := func(ctx context.Context, tx Tx, n int) error {
		changed, err := tx.Exec(ctx, `INSERT INTO t (n) VALUES (?)`, n)
		if err == nil && changed != 1 {
			t.Errorf("row %d: %d rows", n, changed)
		}
		return err
	}
	// together writes 20 rows from the given one on, beside what more does, when all of them wait.
	together := func(from int, more ...func()) {
		g := &db.group
		g.running = true
		var all sync.WaitGroup
		for n := range 20 {
			all.Go(func() {
				if err := db.Write(t.Context(), func(ctx context.Context, tx Tx) error { return insert(ctx, tx, from+n) }); err != nil {
					t.Errorf("row %d: %v", from+n, err)
				}
			})
		}
		for _, f := range more {
			all.Go(f)
		}
		for waiting := 0; waiting < 20+len(more); {
			g.mu.Lock()
			waiting = len(g.waiting)
			g.mu.Unlock()
		}
		g.run()
		all.Wait()
	}
	rows := func() (n int) {
		if err := db.QueryRow(t.Context(), `SELECT count(*) FROM t`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	together(0)
	if n := rows(); n != 20 {
		t.Errorf("%d rows, want 20", n)
	}
	own := errors.New("of the writer")
	together(100, func() {
		if err := db.Write(t.Context(), func(ctx context.Context, tx Tx) error { return insert(ctx, tx, 5) }); err == nil {
			t.Error("a row that is there already is written")
		}
	}, func() {
		if err := db.Write(t.Context(), func(ctx context.Context, tx Tx) error { return errors.Join(insert(ctx, tx, 555), own) }); !errors.Is(err, own) {
			t.Errorf("a writer that fails behind a statement: %v", err)
		}
	})
	if n := rows(); n != 40 {
		t.Errorf("%d rows, want 40", n)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	together(200, func() {
		if err := db.Write(gone, func(context.Context, Tx) error { t.Error("what nobody waits for runs"); return nil }); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
	// A writer that breaks the transaction for all of them has each run alone.
	broke := 0
	together(300, func() {
		if err := db.Write(t.Context(), func(ctx context.Context, tx Tx) error {
			if broke++; broke == 1 {
				_, err := tx.Exec(ctx, `ROLLBACK`)
				return err
			}
			return insert(ctx, tx, 777)
		}); err != nil {
			t.Error(err)
		}
	})
	if n := rows(); n != 81 || broke != 2 {
		t.Errorf("%d rows, want 81; the writer ran %d times", n, broke)
	}
	if n, err := db.Exec(t.Context(), `DELETE FROM t`); n != 81 || err != nil {
		t.Error(n, err)
	}
}

// state is an error with a code of PostgreSQL.
type state string

func (s state) Error() string    { return string(s) }
func (s state) SQLState() string { return string(s) }

// What the database broke off for the sake of others is tried again, and nothing else.
func TestAgain(t *testing.T) {
	for code, want := range map[state]int{"40P01": maxTries, "40001": maxTries, "23505": 1} {
		tries := 0
		if err := again(func() error { tries++; return code }); err == nil || tries != want {
			t.Errorf("%s: %d tries, want %d; %v", code, tries, want, err)
		}
	}
	tries := 0
	if err := again(func() error {
		if tries++; tries < 3 {
			return state("40001")
		}
		return nil
	}); err != nil || tries != 3 {
		t.Errorf("%d tries, %v", tries, err)
	}
}

func TestBind(t *testing.T) {
	const text = `SELECT a FROM t WHERE b = ? AND c = ?`
	if got := New(nil, SQLite).Bind(text); got != text {
		t.Error(got)
	}
	if got := New(nil, PostgreSQL).Bind(text); got != `SELECT a FROM t WHERE b = $1 AND c = $2` {
		t.Error(got)
	}
}
