package show

import (
	"fmt"
	"strings"

	"github.com/imlc-lang/imlc/runtime/oauth1/explain"
)

// Explanation writes how a signature comes about, step by step, and the request that is sent with method.
func (s *Stream) Explanation(e *explain.Explanation, method string) {
	for i, step := range e.Steps {
		title := s.Paint(Bold, fmt.Sprintf("%d. %s", i+1, step.Title))
		if step.Section != "" {
			title += s.Paint(Dim, "  RFC 5849 §"+strings.TrimPrefix(strings.TrimPrefix(step.Section, "RFC 5849 "), "§"))
		}
		s.Printf("%s\n", title)
		for _, line := range step.Lines {
			s.Printf("   %s\n", line)
		}
		s.Printf("\n")
	}
	if e.Trace == nil {
		return
	}
	s.Printf("%s\n   %s %s\n", s.Paint(Bold, "Sent"), method, e.URL)
	if e.Authorization != "" {
		s.Printf("   Authorization: %s\n", e.Authorization)
	}
	if e.Body != "" {
		s.Printf("\n   %s\n", e.Body)
	}
}
