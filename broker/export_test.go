package broker

import (
	"regexp"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

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

// MetricNames returns the name of every metric.
func (b *Broker) MetricNames() []string {
	all := make(chan *prometheus.Desc)
	go func() { b.metrics.registry.Describe(all); close(all) }()
	var out []string
	for d := range all {
		out = append(out, regexp.MustCompile(`fqName: "(\w+)"`).FindStringSubmatch(d.String())[1])
	}
	return out
}

// HostLabel returns the label of a host of a service.
func (b *Broker) HostLabel(host string) string { return b.metrics.hosts.of(host) }
