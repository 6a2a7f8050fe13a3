package broker

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/imlc-lang/imlc/broker/store"
)

const (
	maxCrew      = 256 // records that a job of this process has under way
	maxCrewSpace = 16  // of one space, beyond which no more of it are claimed
	crewClaim    = 10  // records that are claimed at a time
)

// crew does what a job claims, each record by itself, so that none waits for a service that another one asks. A space that
// has its share under way is passed over, so that the records of others behind it are found. The zero crew is idle.
type crew struct {
	mu    sync.Mutex
	names map[name]bool  // what is under way
	of    map[string]int // how much of it is of each space
	all   sync.WaitGroup
}

// free says how many records may be claimed now, and the spaces that have their share.
func (c *crew) free() (n int, except []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, space := range slices.Sorted(maps.Keys(c.of)) {
		if c.of[space] >= maxCrewSpace {
			except = append(except, space)
		}
	}
	return min(crewClaim, maxCrew-len(c.names)), except
}

// do has f done for a record of a space, unless it is under way, because its claim was over before it ended, or far too
// much of the space is: it is due again when the claim is over. freed is called when that lets a job claim more.
func (c *crew) do(space, id string, f, freed func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := name{space, id}
	if c.names[n] || c.of[space] >= 4*maxCrewSpace {
		return
	}
	if c.names == nil {
		c.names, c.of = map[name]bool{}, map[string]int{}
	}
	c.names[n] = true
	c.of[space]++
	c.all.Go(func() {
		defer func() {
			c.mu.Lock()
			full := c.of[space] >= maxCrewSpace || len(c.names) >= maxCrew-crewClaim
			delete(c.names, n)
			if c.of[space]--; c.of[space] == 0 {
				delete(c.of, space)
			}
			c.mu.Unlock()
			if full {
				freed()
			}
		}()
		f()
	})
}

// claim claims what is due of a kind and has f do it, without waiting for that. It returns how many records that were.
func (b *Broker) claim(ctx context.Context, c *crew, kind string, lease time.Duration, f func(store.Record)) (int, error) {
	n, except := c.free()
	if n <= 0 {
		return 0, nil
	}
	due, err := b.config.Store.Claim(ctx, kind, b.now(), b.now().Add(lease), n, except...)
	for _, r := range due {
		space := r.Space
		if kind == kindSession { // which is kept under its link
			var s session
			if err := decode(r, &s); err != nil {
				return 0, err
			}
			space = s.Space
		}
		c.do(space, r.ID, func() { f(r) }, b.poke)
	}
	return len(due), err
}
