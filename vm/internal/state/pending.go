package state

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"sync"
	"time"
)

// PendingKey returns the key under which a sealed state waits. Every state waits by itself, also when a provider gives
// one request token twice. The key is a hash in hexadecimal, so that every store can hold it, and tells nothing.
func PendingKey(sealed string) string {
	sum := sha256.Sum256([]byte(sealed))
	var digits [2 * sha256.Size]byte
	hex.Encode(digits[:], sum[:])
	return string(digits[:])
}

// BindDigest returns what a continuation keeps of what a host binds it to, nil for nothing.
func BindDigest(bind []byte) []byte {
	if len(bind) == 0 {
		return nil
	}
	sum := sha256.Sum256(bind)
	return sum[:]
}

// Life is how long a run waits for its browser, unless the host says otherwise.
const Life = 15 * time.Minute

// Pending keeps pending keys in the memory of one process and forgets them some time after their deadlines. It is safe
// for concurrent use and never waits.
type Pending struct {
	mu    sync.Mutex
	clock func() time.Time
	keys  map[string]time.Time
	sweep int // puts since the last sweep
}

// NewPending returns an empty store that reads the time from clock.
func NewPending(clock func() time.Time) *Pending {
	return &Pending{clock: clock, keys: map[string]time.Time{}}
}

// Put remembers key until the deadline. Keys past it are swept out now and then, at a cost linear in the puts.
func (m *Pending) Put(_ context.Context, key string, deadline time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.keys[key] = deadline
	if m.sweep++; m.sweep > len(m.keys) && m.sweep > 1024 {
		m.sweep = 0
		now := m.clock()
		for k, d := range m.keys {
			if now.After(d.Add(Life)) { // kept a while longer, so that "expired" can be told from "unknown"
				delete(m.keys, k)
			}
		}
	}
	return nil
}

// Take removes key and reports whether it was there.
func (m *Pending) Take(_ context.Context, key string) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	_, ok := m.keys[key]
	delete(m.keys, key)
	return ok, nil
}
