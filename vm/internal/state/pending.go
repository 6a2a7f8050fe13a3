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
	var room [1 << 10]byte // most states fit
	sum := sha256.Sum256(append(room[:0], sealed...))
	var text [2 * sha256.Size]byte
	hex.Encode(text[:], sum[:])
	return string(text[:])
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

// Hold is what became of a try to claim a pending key.
type Hold uint8

// The outcomes.
const (
	Unknown Hold = iota // nobody put the key, or it was confirmed
	Claimed             // it is the caller's
	Held                // somebody else has claimed it
)

// Pending keeps pending keys in the memory of one process and forgets them some time after their deadlines. It is safe
// for concurrent use and never waits.
type Pending struct {
	mu    sync.Mutex
	clock func() time.Time
	keys  map[string]pending
	sweep int // puts since the last sweep
}

// pending is one key: until when it is kept, and who holds it until when.
type pending struct {
	deadline time.Time
	claim    string
	until    time.Time
}

// NewPending returns an empty store that reads the time from clock.
func NewPending(clock func() time.Time) *Pending {
	return &Pending{clock: clock, keys: map[string]pending{}}
}

// Put remembers key until the deadline. Keys past it are swept out now and then, at a cost linear in the puts.
func (m *Pending) Put(_ context.Context, key string, deadline time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.keys[key] = pending{deadline: deadline}
	if m.sweep++; m.sweep > len(m.keys) && m.sweep > 1024 {
		m.sweep = 0
		now := m.clock()
		for k, p := range m.keys {
			if now.After(p.deadline.Add(Life)) { // kept a while longer, so that "expired" can be told from "unknown"
				delete(m.keys, k)
			}
		}
	}
	return nil
}

// Claim takes hold of key until the given time, unless somebody else has it.
func (m *Pending) Claim(_ context.Context, key, claim string, until time.Time) (Hold, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	p, ok := m.keys[key]
	switch {
	case !ok:
		return Unknown, nil
	case p.claim != "" && p.claim != claim && m.clock().Before(p.until):
		return Held, nil
	}
	p.claim, p.until = claim, until
	m.keys[key] = p
	return Claimed, nil
}

// Confirm forgets a key that is claimed, and reports whether the claim still held.
func (m *Pending) Confirm(_ context.Context, key, claim string) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if p, ok := m.keys[key]; !ok || p.claim != claim {
		return false, nil
	}
	delete(m.keys, key)
	return true, nil
}

// Release gives a claimed key back.
func (m *Pending) Release(_ context.Context, key, claim string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if p, ok := m.keys[key]; ok && p.claim == claim {
		m.keys[key] = pending{deadline: p.deadline}
	}
	return nil
}
