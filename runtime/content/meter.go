package content

// Meter bounds what the package makes of foreign bytes. An error of it ends the work and is returned as it is. A nil
// Meter does not bound.
type Meter interface {
	// Memory takes memory, in bytes, before it is made.
	Memory(bytes int64) error
}

// What the parts of a value take in memory, in bytes, at least.
const (
	itemBytes   = 24 // an item of a list
	entryBytes  = 48 // a key with its value
	objectBytes = 64 // an object without its entries
)

func reserve(m Meter, bytes int) error {
	if m == nil {
		return nil
	}
	return m.Memory(int64(bytes))
}
