package plan

// Missing returns the capabilities that p needs and have does not report, in the order of the plan; nil when there are none.
func Missing(p *Plan, have func(capability string) bool) []string {
	var missing []string
	for _, c := range p.Meta.Capabilities {
		if !have(c) {
			missing = append(missing, c)
		}
	}
	return missing
}
