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

// SetPace sets how fast such a body has to arrive.
func (b *Broker) SetPace(grace time.Duration, rate int64) { b.pace, b.pause = pace{grace, rate}, grace }

// HeldBodies returns how many are.
func (b *Broker) HeldBodies() int { taken, _ := b.bodies.counts(); return taken }

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

// RuleGives returns what a rule gives to somebody with these claims, nil when it does not match.
func RuleGives(text string, claims map[string]any) ([]Scope, error) {
	r, err := readRule(text)
	if err != nil || !r.matches(claims) {
		return nil, err
	}
	return r.gives.Scopes, nil
}

// NeverSetAside has the broker try on what fails again and again.
func (b *Broker) NeverSetAside() { b.breakers.specs.failures, b.breakers.hosts.failures = 1<<30, 1<<30 }
