package diag_test

import (
	"testing"

	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/internal/source"
)

// TestMaxKept: what a full list is not told is an error of its own, and what is added to that changes nothing.
func TestMaxKept(t *testing.T) {
	var l diag.List
	for i := range 3 * diag.MaxKept {
		switch i % 3 {
		case 0:
			l.Warnf("A", source.Span{}, "%d", i).Help = "changed"
		case 1:
			l.Add(diag.Diagnostic{Code: "B", Severity: diag.Info})
			l.Last().Severity = diag.Warning
		case 2:
			l.Infof("C", source.Span{}, "%d", i)
			l.Last().Code = "D"
		}
	}
	if len(l.Items) != diag.MaxKept+1 || !l.HasErrors() {
		t.Fatalf("%d are kept, with errors: %v", len(l.Items), l.HasErrors())
	}
	if d := l.Items[diag.MaxKept]; d.Code != diag.TooMany || d.Severity != diag.Error || d.Usable {
		t.Errorf("the last one is %v", d)
	}
	for i, d := range l.Items[:diag.MaxKept] {
		if want := []string{"A", "B", "D"}[i%3]; d.Code != want || d.Severity != diag.Warning && d.Code != "D" || (d.Help != "") != (d.Code == "A") {
			t.Fatalf("%d is %v", i, d)
		}
	}
	l.Ignore([]string{"A", "B", "D"})
	if !l.HasErrors() {
		t.Error("a list that was full has no error any more")
	}
}
