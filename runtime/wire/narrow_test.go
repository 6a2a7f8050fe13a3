package wire

import (
	"testing"

	"github.com/imlc-lang/imlc/runtime/uri"
)

// TestNarrow holds that a narrowed policy reaches what both lists of patterns match, and nothing else.
func TestNarrow(t *testing.T) {
	lists := [][]string{nil, {"*"}, {"a.test"}, {"A.test:443"}, {"*.test"}, {"*.a.test", "b.test:8443"}, {"*.test:8443"}, {"c.example"}, {"*.example", "a.test"}, {"93.184.216.34"}, {"a.test:8443"}}
	targets := []string{"https://a.test/", "https://a.test:8443/", "https://x.a.test/", "https://x.a.test:8443/", "https://b.test:8443/", "https://b.test/", "https://c.example/", "https://93.184.216.34/", "https://atest/", "https://none.invalid/"}
	for _, wide := range lists {
		for _, narrow := range lists {
			policy := Egress{Hosts: wide}.Narrow(narrow)
			for _, target := range targets {
				u, err := uri.Parse(target, true)
				if err != nil {
					t.Fatal(err)
				}
				first, second := Egress{Hosts: wide}, Egress{Hosts: narrow}
				want := first.CheckURL(u) == nil && second.CheckURL(u) == nil
				if got := policy.CheckURL(u) == nil; got != want && target != "https://none.invalid/" {
					t.Errorf("%v within %v: %s is reached %t, expected %t (%v)", narrow, wide, target, got, want, policy.Hosts)
				}
			}
		}
	}
}
