package nearest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/imlc-lang/imlc/internal/cputime"
	"github.com/imlc-lang/imlc/internal/race"
)

func TestName(t *testing.T) {
	known := []string{"upper", "lower", "map", "max", "consumer_secret"}
	for name, want := range map[string]string{
		"uper": "upper", "UPPER": "upper", "lowre": "lower", "mac": "map", "consumer_secrt": "consumer_secret",
		"": "", "qqqqqq": "", strings.Repeat("u", 200): "", "übper": "upper",
	} {
		if got := Name(name, 2, slices.Values(known)); got != want {
			t.Errorf("Name(%q) = %q, want %q", name, got, want)
		}
	}
	for _, order := range [][]string{{"max", "map"}, {"map", "max"}} {
		if got := Name("mad", 2, slices.Values(order)); got != "map" {
			t.Errorf("of the equally near %v it took %q, want the alphabetically first one", order, got)
		}
	}
	if got := Name("lo", 0, slices.Values(known)); got != "" {
		t.Errorf("limit 0 found %q", got)
	}
}

func TestAbbreviated(t *testing.T) {
	known := []string{"parameters", "connection", "common", "statusCode"}
	for word, want := range map[string]string{"params": "parameters", "conn": "connection", "status": "statusCode", "parameters": "", "arams": "", "com": "", "paramz": "", "cmmn": "common"} {
		if got := Abbreviated(word, known); got != want {
			t.Errorf("Abbreviated(%q) = %q, want %q", word, got, want)
		}
	}
}

// TestDistance compares with the whole table of distances.
func TestDistance(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	word := func() []rune {
		w := make([]rune, r.IntN(9))
		for i := range w {
			w[i] = rune('a' + r.IntN(3))
		}
		return w
	}
	for range 20_000 {
		a, b, limit := word(), word(), r.IntN(5)
		table := make([][]int, len(a)+1)
		for i := range table {
			table[i] = make([]int, len(b)+1)
			for j := range table[i] {
				switch {
				case i == 0 || j == 0:
					table[i][j] = i + j
					continue
				case a[i-1] == b[j-1]:
					table[i][j] = table[i-1][j-1]
				default:
					table[i][j] = table[i-1][j-1] + 1
				}
				table[i][j] = min(table[i][j], table[i-1][j]+1, table[i][j-1]+1)
				if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
					table[i][j] = min(table[i][j], table[i-2][j-2]+1)
				}
			}
		}
		if got, want := distance(a, b, limit), table[len(a)][len(b)]; min(got, limit+1) != min(want, limit+1) {
			t.Fatalf("%q and %q within %d: %d, want %d", string(a), string(b), limit, got, want)
		}
	}
}

// TestManyNames: a file of a megabyte has many names and, of others, many that are unknown.
func TestManyNames(t *testing.T) {
	names := make([]string, 50_000)
	for i := range names {
		names[i] = fmt.Sprintf("name%05d", i)
	}
	begin := cputime.Now()
	for range 50_000 {
		if got := Name("name", 5, slices.Values(names)); got != "" {
			t.Fatalf("of many names it took %q", got)
		}
		if got := Name(strings.Repeat("a", 99), 33, slices.Values([]string{strings.Repeat("b", 99)})); got != "" {
			t.Fatalf("it took %q", got)
		}
	}
	if took := cputime.Since(begin); took > race.Slowdown*5*time.Second {
		t.Errorf("it took %v", took)
	} else {
		t.Log(took)
	}
}
