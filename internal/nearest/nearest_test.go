package nearest

import (
	"slices"
	"strings"
	"testing"
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
