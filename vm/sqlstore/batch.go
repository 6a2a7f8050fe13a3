package sqlstore

import (
	"context"
	"database/sql"
	"sync"
)

// maxBatch bounds how many statements share a transaction.
const maxBatch = 256

// batch brings statements that wait for each other anyway into one transaction. SQLite has one writer at a time, which
// waits for the disk at each commit: of many who write at once, all wait for the same commit. Each statement succeeds
// or fails by itself, as it would alone. It is safe for concurrent use; its goroutine ends when nothing is left to
// write.
type batch struct {
	db      *sql.DB
	mu      sync.Mutex
	waiting []*write
	running bool
}

// write is one statement, and how it ended.
type write struct {
	ctx       context.Context
	statement string
	args      []any
	changed   int64
	err       error
	done      chan struct{}
}

// exec runs a statement and returns how many rows it changed. When ctx ends first, the statement may run all the same.
func (b *batch) exec(ctx context.Context, statement string, args ...any) (int64, error) {
	w := &write{ctx: ctx, statement: statement, args: args, done: make(chan struct{})}
	b.mu.Lock()
	b.waiting = append(b.waiting, w)
	if !b.running {
		b.running = true
		go b.run()
	}
	b.mu.Unlock()
	select {
	case <-w.done:
		return w.changed, w.err
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

// run writes until nothing waits.
func (b *batch) run() {
	for {
		b.mu.Lock()
		n := min(len(b.waiting), maxBatch)
		if n == 0 {
			b.running = false
			b.mu.Unlock()
			return
		}
		writes := b.waiting[:n:n]
		b.waiting = b.waiting[n:]
		b.mu.Unlock()
		if n == 1 || !b.together(writes) {
			for _, w := range writes {
				w.changed, w.err = changed(b.db.ExecContext(w.ctx, w.statement, w.args...))
			}
		}
		for _, w := range writes {
			close(w.done)
		}
	}
}

// together runs statements in one transaction. It reports false, and has written nothing, when one of them fails: then
// each has to be run alone, to fail alone.
func (b *batch) together(writes []*write) bool {
	ctx := context.WithoutCancel(writes[0].ctx)
	tx, err := b.db.BeginTx(ctx, nil)
	if err != nil {
		return false
	}
	for _, w := range writes {
		if w.err = w.ctx.Err(); w.err != nil {
			continue // nobody waits for it any more
		}
		if w.changed, err = changed(tx.ExecContext(ctx, w.statement, w.args...)); err != nil {
			_ = tx.Rollback()
			return false
		}
	}
	return tx.Commit() == nil
}

func changed(res sql.Result, err error) (int64, error) {
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}
