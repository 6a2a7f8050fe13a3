package broker

// Pages are the patterns of the pages for operators.
func (b *Broker) Pages() []string { return b.pages }
