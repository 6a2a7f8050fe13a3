package broker

// Pages are the patterns of the pages for operators.
func (b *Broker) Pages() []string { return b.pages }

// Patterns returns the pattern of every route.
func (b *Broker) Patterns() []string {
	_, patterns := b.routes()
	return patterns
}
