package plan

import "strconv"

// FunctionCapability is the capability of calling a function, whose name stands behind that of its library and a dot.
func FunctionCapability(name string, version int32) string {
	return "fn/" + name + "@" + strconv.Itoa(int(version))
}

// Missing returns the capabilities that p needs and have does not report, in the order of the plan; nil when there are
// none.
func Missing(p *Plan, have func(capability string) bool) []string {
	var missing []string
	for _, c := range p.Meta.Capabilities {
		if !have(c) {
			missing = append(missing, c)
		}
	}
	return missing
}
