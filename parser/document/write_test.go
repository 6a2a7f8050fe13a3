package document_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/imlc-lang/imlc/internal/cputime"
	"github.com/imlc-lang/imlc/internal/race"
	"github.com/imlc-lang/imlc/parser/document"
)

// TestSet: an entry is found and replaced in a long object too, also in one whose entries somebody else changed, and that
// takes as long for each.
func TestSet(t *testing.T) {
	const many = 50_000
	n := document.NewObject()
	begin := cputime.Now()
	for round := range 2 {
		for i := range many {
			n.Set(fmt.Sprint("k", i), document.NewText(fmt.Sprintf("%d-%d", round, i)))
		}
	}
	if took := cputime.Since(begin); took > race.Slowdown*2*time.Second {
		t.Errorf("it took %v", took)
	}
	n.Members = slices.Delete(n.Members, 10, 20)
	n.Set("k15", document.NewText("again")).Set("k30", document.NewText("other"))
	n.Members = append(n.Members, document.Member{Key: "added", Value: document.NewNull()})
	for key, want := range map[string]string{"k0": "1-0", "k9": "1-9", "k15": "again", "k30": "other", "k49999": "1-49999"} {
		if got := n.Get(key); got == nil || got.Text != want {
			t.Errorf("%s is %v, want %s", key, got, want)
		}
	}
	if n.Get("k11") != nil || n.Get("added") == nil || len(n.Members) != many-10+2 {
		t.Errorf("it has %d entries, k11: %v, added: %v", len(n.Members), n.Get("k11"), n.Get("added"))
	}
}
