package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"sync"
	"testing"

	_ "modernc.org/sqlite"
)

// Statements that wait together share a transaction and end as they would alone: one that fails takes none along, and
// one that nobody waits for is not run.
func TestBatch(t *testing.T) {
	db, err := sql.Open("sqlite", filepath.Join(t.TempDir(), "batch.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(`CREATE TABLE t (n INTEGER PRIMARY KEY)`); err != nil {
		t.Fatal(err)
	}
	b := &batch{db: db}
	// together writes 20 rows from the given one on, beside what more adds, when all of them wait.
	together := func(from int, more ...func()) {
		b.running = true
		var all sync.WaitGroup
		for n := range 20 {
			all.Go(func() {
				if changed, err := b.exec(t.Context(), `INSERT INTO t VALUES (?)`, from+n); changed != 1 || err != nil {
					t.Errorf("row %d: %d rows, %v", from+n, changed, err)
				}
			})
		}
		for _, f := range more {
			all.Go(f)
		}
		for waiting := 0; waiting < 20+len(more); {
			b.mu.Lock()
			waiting = len(b.waiting)
			b.mu.Unlock()
		}
		b.run()
		all.Wait()
	}
	rows := func() (n int) {
		if err := db.QueryRow(`SELECT count(*) FROM t`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	together(0)
	if n := rows(); n != 20 {
		t.Errorf("%d rows, want 20", n)
	}
	together(100, func() {
		if _, err := b.exec(t.Context(), `INSERT INTO t VALUES (?)`, 5); err == nil {
			t.Error("a row that is there already is written")
		}
	})
	if n := rows(); n != 40 {
		t.Errorf("%d rows, want 40", n)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	together(200, func() {
		if _, err := b.exec(gone, `INSERT INTO t VALUES (?)`, 999); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
	if n := rows(); n != 60 {
		t.Errorf("%d rows, want 60", n)
	}
	if n, err := b.exec(t.Context(), `DELETE FROM t`); n != 60 || err != nil {
		t.Error(n, err)
	}
}
