package sqldb

import (
	"context"
	"sync"
)

// maxGroup bounds how many writers share a transaction.
const maxGroup = 256

// group brings writers that wait for each other anyway into one transaction. SQLite has one writer at a time, which waits
// for the disk at each commit: of many who write at once, all wait for the same commit. Each succeeds or fails by itself,
// as it would alone, and none is told so before the commit. Its goroutine ends when nothing is left to write.
type group struct {
	db      *DB
	mu      sync.Mutex
	waiting []*writer
	running bool
}

// writer is what one of them does, and how it ended.
type writer struct {
	ctx  context.Context
	f    func(context.Context, Tx) error
	err  error
	done chan struct{}
}

func (g *group) write(ctx context.Context, f func(context.Context, Tx) error) error {
	w := &writer{ctx: ctx, f: f, done: make(chan struct{})}
	g.mu.Lock()
	g.waiting = append(g.waiting, w)
	if !g.running {
		g.running = true
		go g.run()
	}
	g.mu.Unlock()
	select {
	case <-w.done:
		return w.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// run writes until nothing waits.
func (g *group) run() {
	for {
		g.mu.Lock()
		n := min(len(g.waiting), maxGroup)
		if n == 0 {
			g.running = false
			g.mu.Unlock()
			return
		}
		writers := g.waiting[:n:n]
		g.waiting = g.waiting[n:]
		g.mu.Unlock()
		if n == 1 || !g.together(writers) {
			for _, w := range writers {
				w.err = g.db.alone(w.ctx, w.f)
			}
		}
		for _, w := range writers {
			close(w.done)
		}
	}
}

// together runs writers in one transaction, each behind a savepoint. It reports false, and has written nothing, when the
// transaction comes to nothing: then each has to be run alone.
func (g *group) together(writers []*writer) bool {
	// Were one of them interrupted, the whole transaction would be.
	ctx := context.WithoutCancel(writers[0].ctx)
	tx, err := g.db.BeginTx(ctx, nil)
	if err != nil {
		return false
	}
	defer tx.Rollback() //nolint:errcheck // does nothing after a commit
	for _, w := range writers {
		if w.err = w.ctx.Err(); w.err != nil {
			continue // nobody waits for it any more
		}
		if _, err := tx.ExecContext(ctx, "SAVEPOINT writer"); err != nil {
			return false
		}
		end := "RELEASE writer"
		if w.err = w.f(context.WithoutCancel(w.ctx), Tx{tx, g.db}); w.err != nil {
			end = "ROLLBACK TO writer; RELEASE writer"
		}
		if _, err := tx.ExecContext(ctx, end); err != nil {
			return false
		}
	}
	return tx.Commit() == nil
}
