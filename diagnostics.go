package imlc

import (
	"io"

	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/internal/reference"
)

// WriteJSON writes diagnostics as one JSON object: "diagnostics" (at most 100 of them, with code, severity, place,
// message and help), the counts "errors", "warnings" and "notes" of all, and "omitted". The error is that of w.
func WriteJSON(w io.Writer, list *Diagnostics) error { return diag.RenderJSON(w, list.Items) }

// WriteSARIF writes diagnostics as a SARIF 2.1.0 log of one run, at most 100 of them, with what their codes mean. The error
// is that of w.
func WriteSARIF(w io.Writer, list *Diagnostics) error {
	return diag.RenderSARIF(w, list.Items, sarifTool())
}

// sarifTool is the program with what it knows of its codes.
func sarifTool() diag.Tool {
	const home = "https://github.com/imlc-lang/imlc"
	return diag.Tool{Name: "imlc", Version: Version(), Home: home, Describe: func(code string) (diag.Rule, bool) {
		e, ok := reference.FindCode(code)
		severity := map[string]diag.Severity{"warning": diag.Warning, "lint": diag.Warning, "info": diag.Info}[e.Severity]
		return diag.Rule{Meaning: e.Meaning, Advice: e.Advice, Address: home + "/blob/main/docs/cli.md#imlc-help", Severity: severity}, ok
	}}
}
