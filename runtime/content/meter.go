package content

import "github.com/imlc-lang/imlc/vm/value"

// Meter bounds what the package makes of foreign bytes. An error of it ends the work and is returned as it is. A nil
// Meter does not bound.
type Meter = value.Budget

// What the parts of a value take in memory, in bytes, at least.
const (
	itemBytes   = value.ItemBytes                  // an item of a list
	entryBytes  = value.ItemBytes + value.KeyBytes // a key with its value
	objectBytes = value.ObjectBytes                // an object without its entries
)

func reserve(m Meter, bytes int) error {
	if m == nil {
		return nil
	}
	return m.Memory(int64(bytes))
}
