package imlc

import (
	"io"

	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/internal/source"
)

// These names let hosts hold what Compile takes and gives.
type (
	// File is a source text with its name.
	File = source.File
	// Diagnostic is one problem, with code, severity, place, message and help.
	Diagnostic = diag.Diagnostic
	// Diagnostics is a sorted list of problems.
	Diagnostics = diag.List
	// Severity says how much a diagnostic matters.
	Severity = diag.Severity
)

// The severities of diagnostics.
const (
	Error   = diag.Error
	Warning = diag.Warning
	Info    = diag.Info
)

// NewFile returns a source file with that name and text.
func NewFile(name, text string) *File { return source.NewFile(name, text) }

// WriteDiagnostics writes problems for people: position, message, source line with a caret, and help.
func WriteDiagnostics(w io.Writer, list *Diagnostics) error {
	return diag.Render(w, list.Items, diag.Options{})
}
