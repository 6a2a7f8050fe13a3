package hostile

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/imlc-lang/imlc/internal/race"
	"github.com/imlc-lang/imlc/vm"
)

func init() {
	for name, parts := range map[string][4]string{
		"objects": {"application/json", "[0", ",{}", "]"}, "xml": {"text/xml", "<r>", `<b c=""/>`, "</r>"}, "form": {"application/x-www-form-urlencoded", "", "a&", ""},
	} {
		add("together/"+name, attack{run: func(_ int, started func()) error {
			body := parts[1] + strings.Repeat(parts[2], (10<<20-20)/len(parts[2])) + parts[3]
			f := &flow{spec: keep, answer: always(200, parts[0], body)}
			e, err := f.engine()
			if err != nil {
				return err
			}
			started()
			caller.blind = true
			errs := make([]error, 8)
			var wg sync.WaitGroup
			for i := range errs {
				wg.Go(func() { _, errs[i] = e.Authorize(context.Background(), vm.Grant{}) })
			}
			wg.Wait()
			for _, err := range errs {
				if err == nil || !strings.Contains(text(err), "limit on memory") && !strings.Contains(text(err), "limit on items") {
					return fmt.Errorf("it ended otherwise: %v", err)
				}
			}
			return errs[0]
		}, ends: []string{"limit on"}, most: time.Minute})
	}
}

// TestEightAnswersAtOnce: eight answers of 10 MiB at a time end each with the name of a limit, and the process stays
// small.
func TestEightAnswersAtOnce(t *testing.T) {
	const most = 512 << 20
	for _, name := range []string{"objects", "xml", "form"} {
		m := once(t, "together/"+name, 1)
		t.Logf("%s: %v, %d MiB, %.100q", name, m.CPU.Round(time.Millisecond), m.Resident>>20, m.Err)
		if m.Resident > race.Slowdown*most || !strings.Contains(m.Err, "limit on") {
			t.Errorf("%s: %d MiB, %q", name, m.Resident>>20, m.Err)
		}
	}
}
