package plan

import (
	"errors"
	"fmt"
	"math"
	"strings"
)

// magic opens every plan file.
const magic = "IMLC"

// The sizes of the fixed parts of a file: header, one entry of the section table, the checksum after the table.
const (
	headerSize   = 8
	entrySize    = 16
	checksumSize = 4
)

// section is the id of a section. Sections stand in a file in ascending order of their ids.
type section uint32

const (
	sectionHeader section = iota // the header and the table themselves, in errors only
	sectionMeta
	sectionStrings
	sectionConstants
	sectionFunctions
	sectionConnection // absent in the plan of a single template
	sectionLines      // absent when stripped
	sectionSource     // absent when stripped
	sectionSignature  // absent when not signed
	sectionEnd
)

var sectionNames = [sectionEnd]string{
	"header", "META", "STRINGS", "CONSTANTS", "FUNCTIONS", "CONNECTION", "LINES", "SOURCE", "SIGNATURE",
}

// required tells whether a file without the section is no plan.
func (s section) required() bool { return s >= sectionMeta && s <= sectionFunctions }

// Limits of a plan. They bound what a hostile plan can ask of its reader.
const (
	// maxArgs is the largest number of argument slots of a call (spec iml.md §13).
	maxArgs = 1000
	// maxNesting bounds the nesting of constants, of emitted JSON, of parameters and of functions that call each other
	// (docs/architecture.md §7).
	maxNesting = 250
	// maxStackLimit is the largest MaxStack of a function.
	maxStackLimit = 1 << 20
	// MaxLocals is the largest number of locals of a function.
	MaxLocals = 1000
	// defaultMaxBytes is the size up to which Decode reads a file unless told otherwise.
	defaultMaxBytes = 16 << 20
)

// The kinds of a FormatError, for errors.Is.
var (
	// ErrStale says that the file was written in another version of the format: compile the spec again.
	ErrStale = errors.New("stale plan")
	// ErrCorrupt says that the bytes, or the plan in memory, break a rule of the format.
	ErrCorrupt = errors.New("corrupt plan")
	// ErrUnsupported says that the plan is sound as far as can be told but needs what this version does not have: an
	// unknown operation, section or capability.
	ErrUnsupported = errors.New("unsupported plan")
	// ErrUntrusted says that a signature is missing, wrong, or made by a key that is not trusted.
	ErrUntrusted = errors.New("untrusted plan")
)

// FormatError is the error of Decode, Verify, Encode and StackDepth.
type FormatError struct {
	// Kind is ErrStale, ErrCorrupt, ErrUnsupported or ErrUntrusted.
	Kind error
	// Section is the name of the section, such as "FUNCTIONS", or "header"; empty when the error belongs to none.
	Section string
	// Offset is the distance from the start of the file in bytes, or -1 when the error is about a plan in memory.
	Offset int
	// Detail says what was found, what was expected and, where it helps, what to do.
	Detail string
}

// Error returns the kind, the place and the detail in one line.
func (e *FormatError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%v", e.Kind)
	if e.Section != "" {
		b.WriteString(": " + e.Section)
	}
	if e.Offset >= 0 {
		fmt.Fprintf(&b, " at byte %d", e.Offset)
	}
	b.WriteString(": " + e.Detail)
	return b.String()
}

// Unwrap returns the kind, so that errors.Is(err, ErrCorrupt) works.
func (e *FormatError) Unwrap() error { return e.Kind }

// invalid is an error about a plan in memory.
func invalid(s section, format string, args ...any) *FormatError {
	return &FormatError{Kind: ErrCorrupt, Section: sectionNames[s], Offset: -1, Detail: fmt.Sprintf(format, args...)}
}

// unsupported is an error about something that a plan in memory needs and this version does not have.
func unsupported(s section, format string, args ...any) *FormatError {
	return &FormatError{Kind: ErrUnsupported, Section: sectionNames[s], Offset: -1, Detail: fmt.Sprintf(format, args...)}
}

const (
	maxInt32  = math.MaxInt32
	maxStatus = 999
)
