package diag

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// RenderGitHub writes diagnostics as workflow commands of GitHub Actions, which shows them beside the lines that they are
// about: one command each, at most MaxRendered. The error is that of w.
func RenderGitHub(w io.Writer, items []Diagnostic) error {
	out := bufio.NewWriter(w)
	for _, d := range items[:min(len(items), MaxRendered)] {
		command := map[Severity]string{Error: "error", Warning: "warning", Info: "notice"}[d.Severity]
		var where []string
		if at := placeOf(d.Span); at.File != "" {
			where = append(where, "file="+property(at.File), fmt.Sprintf("line=%d,endLine=%d,col=%d,endColumn=%d", at.Line, at.EndLine, at.Column, at.EndColumn))
		}
		where = append(where, "title="+property(d.Code))
		message := printable(d.Message)
		if d.Help != "" {
			message += "\n" + printable(d.Help)
		}
		fmt.Fprintf(out, "::%s %s::%s\n", command, strings.Join(where, ","), data(message))
	}
	return out.Flush()
}

var (
	dataEscapes     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	propertyEscapes = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

func data(s string) string { return dataEscapes.Replace(s) }

func property(s string) string { return propertyEscapes.Replace(s) }
