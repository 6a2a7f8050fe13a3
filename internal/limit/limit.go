// Package limit is the one spelling of a limit that ended some work, for every room that has one.
package limit

import "fmt"

// Error says which limit ended an operation. Hosts know it as vm.LimitError.
type Error struct {
	// Name is the limit's name: "steps", "memory", "value bytes", "items", "nesting", "requests", "response body", "run
	// time", …
	Name string
	// Limit is the bound in the unit of the limit: bytes, levels, items, seconds.
	Limit int64
	// Code is stable: "IML503" to "IML506" where the expression language defines one, a code of this package otherwise.
	Code string
}

// The codes that no language defines.
const (
	// CodeOther is that of every limit without a code of its own.
	CodeOther = "LIMIT"
	// CodeCancelled is that of an operation whose caller gave it up.
	CodeCancelled = "IML506"
	// CodeResponseBody and CodeResponseHeaders are those of an answer that is too large.
	CodeResponseBody    = "limit/response-body"
	CodeResponseHeaders = "limit/response-headers"
	// CodeDecompression is that of an answer that is packed more often than anybody packs.
	CodeDecompression = "limit/decompression"
	// CodeNesting is that of JSON or XML that is too deep.
	CodeNesting = "limit/nesting"
)

// Error names the limit and its bound.
func (e *Error) Error() string {
	if e.Code == CodeCancelled {
		return CodeCancelled + ": cancelled by the host"
	}
	return fmt.Sprintf("%s: the limit on %s is reached (%d)", e.Code, e.Name, e.Limit)
}
