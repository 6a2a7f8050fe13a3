package value

// Budget is what is left of an operation. Whoever makes values of foreign bytes takes the memory from it before it is
// there, and tells the work; an error ends the work and is returned as it is.
type Budget interface {
	// Memory takes bytes of memory.
	Memory(bytes int64) error
	// Tick takes units of work, each about the time of a kibibyte that is read or written.
	Tick(work int) error
}

// What values take up in memory, in bytes.
const (
	ItemBytes   = 24 // an item of a list, or the value of a member
	ObjectBytes = 80 // a collection without its members
	KeyBytes    = 16 // a key of a collection that has keys of its own, without its text
	IndexBytes  = 56 // a key of a collection that is looked up through a table
)
