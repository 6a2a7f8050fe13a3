package work

import (
	"fmt"
	"strings"
)

// IML renders a workload as an IML expression; the caller puts delimiters around it.
func IML(n *Node) string {
	switch n.K {
	case "path":
		var b strings.Builder
		for i, step := range n.P {
			switch s := step.(type) {
			case int:
				fmt.Fprintf(&b, "[%d]", s+1) // the first item is 1
			case string:
				if i > 0 {
					b.WriteByte('.')
				}
				b.WriteString(s)
			}
		}
		return b.String()
	case "str":
		return `"` + strings.ReplaceAll(n.S, `"`, `""`) + `"`
	case "num":
		return fnum(n.N)
	case "bool":
		return fmt.Sprint(n.N == 1)
	case "bin":
		return "(" + IML(n.A[0]) + " " + n.S + " " + IML(n.A[1]) + ")"
	case "if":
		return "if(" + IML(n.A[0]) + "; " + IML(n.A[1]) + "; " + IML(n.A[2]) + ")"
	case "call":
		if n.S == "formatDate" {
			return "formatDate(" + IML(n.A[0]) + `; "YYYY-MM-DD HH:mm:ss")`
		}
		return n.S + "(" + IML(n.A[0]) + ")"
	case "fm":
		return `map(body.data.items; "name"; "active")`
	}
	panic("no IML for " + n.K)
}

// Template renders a workload as a JSON value template.
func Template(n *Node) any {
	switch n.K {
	case "str":
		return n.S
	case "cat":
		var b strings.Builder
		for _, part := range n.A {
			if part.K == "str" {
				b.WriteString(part.S)
			} else {
				b.WriteString("{{" + IML(part) + "}}")
			}
		}
		return b.String()
	case "obj":
		return &Ordered{n}
	case "arr":
		out := make([]any, len(n.A))
		for i, item := range n.A {
			out[i] = Template(item)
		}
		return out
	}
	return "{{" + IML(n) + "}}"
}

// Ordered is an object template that keeps the order of its keys as JSON.
type Ordered struct{ n *Node }

// MarshalJSON implements json.Marshaler.
func (o *Ordered) MarshalJSON() ([]byte, error) {
	var b strings.Builder
	b.WriteByte('{')
	for i, k := range o.n.Keys {
		if i > 0 {
			b.WriteByte(',')
		}
		raw, err := marshal(Template(o.n.A[i]))
		if err != nil {
			return nil, err
		}
		b.WriteString(q(k) + ":" + raw)
	}
	return []byte(b.String() + "}"), nil
}
