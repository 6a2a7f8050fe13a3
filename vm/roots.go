package vm

import (
	"github.com/imlc-lang/imlc/vm/expr"
	"github.com/imlc-lang/imlc/vm/value"
)

// contextRoot is a context root that a run sets.
type contextRoot int

const (
	rootParameters contextRoot = iota
	rootInput
	rootItem
	rootQuery
	rootCommon
	rootEnvironment
	rootData
	rootConnection
	rootTemp
	rootOAuth
	rootBody
	rootHeaders
	rootStatusCode
	contextRoots // how many there are
)

var rootNames = [contextRoots]string{"parameters", "input", "item", "query", "common", "environment", "data", "connection", "temp", "oauth",
	"body", "headers", "statusCode"}

// slots holds the slot of each root, negative when the plan does not look at it.
type slots [contextRoots]int

func slotsOf(m *expr.Image) (s slots) {
	for root, name := range rootNames {
		s[root] = m.Slot(name)
	}
	return s
}

// knows reports whether the plan looks at a context root.
func (r *run) knows(root contextRoot) bool { return r.engine.slots[root] >= 0 }

// bind sets the value of a context root.
func (r *run) bind(root contextRoot, v value.Value) { r.frame.Set(r.engine.slots[root], v) }
