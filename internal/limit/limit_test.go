package limit

import "testing"

func TestError(t *testing.T) {
	for want, e := range map[string]Error{
		"limit/nesting: the limit on nesting is reached (250)": {Name: "nesting", Limit: 250, Code: CodeNesting},
		"IML506: cancelled by the host":                        {Name: "cancellation", Code: CodeCancelled},
	} {
		if got := e.Error(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
