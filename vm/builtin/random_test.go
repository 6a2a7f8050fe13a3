package builtin

import (
	"regexp"
	"strings"
	"testing"
)

func TestRandom(t *testing.T) {
	uuid, err := UUID(strings.NewReader("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"))
	if err != nil || uuid != "ffffffff-ffff-4fff-bfff-ffffffffffff" {
		t.Errorf("got %s, %v", uuid, err)
	}
	if !regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`).MatchString(uuid) {
		t.Error("malformed identifier")
	}
	f, err := Random(strings.NewReader("\xff\xff\xff\xff\xff\xff\xff\xff"))
	if err != nil || f >= 1 || f < 0.999 {
		t.Errorf("got %v, %v", f, err)
	}
	if _, err := UUID(strings.NewReader("short")); err == nil {
		t.Error("short entropy is accepted")
	}
	if _, err := Random(nil); err == nil {
		t.Error("no entropy is accepted")
	}
}
