package redirect

import (
	"testing"

	"github.com/imlc-lang/imlc/runtime/uri"
)

func TestLeaves(t *testing.T) {
	tests := []struct {
		from, to      string
		leaves, stays bool // without and with the upgrade: leaves, and stays after all
	}{
		{"https://h.test/a", "https://h.test/b", false, true},
		{"https://h.test/a", "https://h.test:443/b", false, true},
		{"http://h.test/a", "https://h.test/b", true, true},
		{"http://h.test:80/a", "https://h.test:443/b", true, true},
		{"https://h.test/a", "http://h.test/b", true, false},
		{"http://h.test:8080/a", "https://h.test/b", true, false},
		{"http://h.test/a", "https://h.test:8443/b", true, false},
		{"https://h.test/a", "https://www.h.test/b", true, false},
		{"https://h.test/a", "https://h.test:8443/b", true, false},
	}
	for _, tt := range tests {
		from, err := uri.Parse(tt.from, true)
		if err != nil {
			t.Fatal(err)
		}
		to, err := uri.Parse(tt.to, true)
		if err != nil {
			t.Fatal(err)
		}
		if got := Leaves(from, to, false); got != tt.leaves {
			t.Errorf("%s to %s: leaves %v", tt.from, tt.to, got)
		}
		if got := Leaves(from, to, true); got == tt.stays {
			t.Errorf("%s to %s, upgrade allowed: leaves %v", tt.from, tt.to, got)
		}
	}
}

func TestHeaders(t *testing.T) {
	for _, name := range []string{"Authorization", "Proxy-Authorization", "Cookie", "Referer", "X-Api-Key", "Origin", "If-None-Match"} {
		if Harmless(name) {
			t.Errorf("%s is harmless", name)
		}
	}
	if !Credential("Referer") || Credential("X-Api-Key") || !Harmless("Content-Type") {
		t.Error("the lists are wrong")
	}
	for status, want := range map[int]bool{301: false, 302: false, 303: false, 307: true, 308: true, 300: false} {
		if KeepsBody(status) != want {
			t.Errorf("%d keeps the body: %v", status, !want)
		}
	}
}
