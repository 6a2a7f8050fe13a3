package broker

import "time"

// Pages are the patterns of the pages for operators.
func (b *Broker) Pages() []string { return b.pages }

// Patterns returns the pattern of every route.
func (b *Broker) Patterns() []string {
	_, patterns := b.routes()
	return patterns
}

// MaxBodies is how many bodies are held in memory at a time.
const MaxBodies = maxBodies

// SetHeldBodyTime sets how long such a body may take to arrive.
func (b *Broker) SetHeldBodyTime(d time.Duration) { b.heldBodyTime = d }

// HeldBodies returns how many are.
func (b *Broker) HeldBodies() int { return len(b.bodies) }
