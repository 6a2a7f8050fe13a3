package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/imlc-lang/imlc/broker/store"
)

// writers counts in one record from many goroutines: no change is lost.
func writers(t *testing.T, s store.Store) {
	apply(t, s, put(store.Record{Kind: "k", ID: "1"}))
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 10 {
				for {
					r, err := s.Get(context.Background(), "", "k", "1")
					if err != nil {
						t.Error(err)
						return
					}
					r.Body = append(r.Body, '.')
					if _, err = s.Apply(context.Background(), put(r)); err == nil {
						break
					}
					if !errors.Is(err, store.ErrConflict) {
						t.Error(err)
						return
					}
				}
			}
		})
	}
	wg.Wait()
	if r := get(t, s, "", "k", "1"); len(r.Body) != 40 || r.Revision != 41 {
		t.Errorf("%d of 40 changes, revision %d", len(r.Body), r.Revision)
	}
}

// claimers claim at once: nothing is claimed twice.
func claimers(t *testing.T, s store.Store) {
	for i := range 40 {
		apply(t, s, put(store.Record{Kind: "job", ID: fmt.Sprintf("%02d", i), Due: epoch}))
	}
	var mu sync.Mutex
	var wg sync.WaitGroup
	seen := map[string]int{}
	for range 4 {
		wg.Go(func() {
			for range 30 {
				got, err := s.Claim(context.Background(), "job", epoch, epoch.Add(time.Hour), 3)
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				for _, r := range got {
					seen[r.ID]++
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	for id, n := range seen {
		if n != 1 {
			t.Errorf("%s was claimed %d times", id, n)
		}
	}
	if len(seen) != 40 {
		t.Errorf("%d of 40 were claimed", len(seen))
	}
}
