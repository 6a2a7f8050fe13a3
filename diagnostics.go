package imlc

import (
	"io"

	"github.com/imlc-lang/imlc/internal/diag"
)

// WriteJSON writes diagnostics as one JSON object: "diagnostics" (at most 100 of them, with code, severity, place,
// message and help), the counts "errors", "warnings" and "notes" of all, and "omitted". The error is that of w.
func WriteJSON(w io.Writer, list *Diagnostics) error { return diag.RenderJSON(w, list.Items) }

// WriteSARIF writes diagnostics as a SARIF 2.1.0 log of one run, at most 100 of them. The error is that of w.
func WriteSARIF(w io.Writer, list *Diagnostics) error {
	return diag.RenderSARIF(w, list.Items, diag.Tool{Name: "imlc", Version: Version()})
}
