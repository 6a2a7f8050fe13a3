package make

import (
	"maps"

	"github.com/imlc-lang/imlc/internal/nearest"
)

// suggestion returns the known name that a misspelt one was probably meant to be, or "". Long names may hold more
// mistakes.
func suggestion(name string, known map[string]bool) string {
	return nearest.Name(name, max(1, len(name)/3), maps.Keys(known))
}
