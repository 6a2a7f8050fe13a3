package cli

import (
	"errors"
	"fmt"

	"github.com/imlc-lang/imlc/cmd/imlc/internal/files"
	"github.com/imlc-lang/imlc/cmd/imlc/internal/vault"
)

// The exit codes (docs/architecture.md §11).
const (
	exitGood     = 0
	exitFailed   = 1
	exitUsage    = 2
	exitInternal = 3
)

// errReported ends a command with exit code 1 after it has already said why.
var errReported = errors.New("reported")

// usageError is the error of a command that was called wrongly.
type usageError struct{ message string }

// Error implements error.
func (e *usageError) Error() string { return e.message }

func usagef(format string, args ...any) error { return &usageError{fmt.Sprintf(format, args...)} }

// exitCode returns the code for what a command returned.
func exitCode(err error) int {
	var usage *usageError
	var file *files.Error
	var kept *vault.Error
	switch {
	case err == nil:
		return exitGood
	case errors.As(err, &usage), errors.As(err, &file), errors.As(err, &kept):
		return exitUsage
	}
	return exitFailed
}
