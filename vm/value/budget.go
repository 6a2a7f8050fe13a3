package value

import "github.com/imlc-lang/imlc/internal/characters"

// Budget is what is left of an operation. Whoever makes values of foreign bytes takes the memory from it before it is
// there, and tells the work; an error ends the work and is returned as it is.
type Budget interface {
	// Memory takes bytes of memory.
	Memory(bytes int64) error
	// Tick takes units of work, each about the time of a kibibyte that is read or written.
	Tick(work int) error
	// Look is told that so many bytes, or what takes as long, were read or written of what Tick knows already, and
	// fails when the operation has ended meanwhile. It takes nothing.
	Look(bytes int) error
}

// lookOf returns the looks of b, nil when there are none.
func lookOf(b Budget) func(bytes int) error {
	if b == nil {
		return nil
	}
	return b.Look
}

// pace is how whoever goes through a value for long notices that the operation has ended. The zero pace never does.
type pace struct {
	budget Budget
	err    error // of the budget
}

// went reports whether to go on behind so many bytes.
func (p *pace) went(bytes int) bool {
	if p.budget == nil {
		return true
	}
	if p.err == nil {
		p.err = p.budget.Look(bytes)
	}
	return p.err == nil
}

// valid reports whether s is UTF-8.
func (p *pace) valid(s string) bool {
	if p.err != nil {
		return false
	}
	var ok bool
	ok, p.err = characters.Valid(s, lookOf(p.budget))
	return ok
}

// What takes as long as so many bytes of a text.
const (
	scalarBytes = 16       // a number, a date or a word that is written
	stretch     = 64       // items between two looks
	longText    = 32 << 10 // bytes of a text between two looks
)

// What values take up in memory, in bytes.
const (
	ItemBytes   = 24 // an item of a list, or the value of a member
	ObjectBytes = 80 // a collection without its members
	KeyBytes    = 16 // a key of a collection that has keys of its own, without its text
	IndexBytes  = 56 // a key of a collection that is looked up through a table
)
