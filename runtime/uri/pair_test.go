package uri

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPairs(t *testing.T) {
	text := "a=1&&b=x+y%20z&c&=d&a=%zz&oauth%5Ftoken=t;u"
	want := []Pair{{"a", "1"}, {"b", "x y z"}, {"c", ""}, {"", "d"}, {"a", "%zz"}, {"oauth_token", "t;u"}}
	got := SplitPairs(text)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if again := JoinPairs(got); again != "a=1&b=x%20y%20z&c=&=d&a=%25zz&oauth_token=t%3Bu" {
		t.Errorf("joined to %s", again)
	}
	if got := SplitPairs("&&&"); got != nil {
		t.Errorf("no pairs became %v", got)
	}
	if v, ok := Lookup(got, "a"); v != "1" || !ok {
		t.Errorf("Lookup found %q, %v", v, ok)
	}
	if _, ok := Lookup(got, "b "); ok {
		t.Error("Lookup found what is not there")
	}
	for _, name := range []string{"a", "c", "", "b", "oauth_token", "b ", "1"} {
		v, ok := Lookup(got, name)
		if found, there := Find(text, name); found != v || there != ok {
			t.Errorf("Find found %q, %v for %q, and Lookup %q, %v", found, there, name, v, ok)
		}
	}
	for _, c := range [][3]string{{"", "", ""}, {"a", "", "a"}, {"", "b", "b"}, {"a", "b", "a&b"}} {
		if got := JoinQuery(c[0], c[1]); got != c[2] {
			t.Errorf("JoinQuery(%q, %q) = %q", c[0], c[1], got)
		}
	}
}

func TestWithoutPairs(t *testing.T) {
	drop := func(name, value string) bool { return name == "oauth_token" || value == "s x" }
	for _, c := range []struct{ text, want string }{
		{"x=%2f&oauth_token=1&y&oauth%5ftoken=2", "x=%2f&y"},
		{"a=s+x&b=s%20x&c=s", "c=s"},
		{"x&&y", "x&&y"}, // nothing to drop: not a byte changes
		{"oauth_token", ""},
		{"", ""},
	} {
		if got := WithoutPairs(c.text, drop); got != c.want {
			t.Errorf("%s became %s, want %s", c.text, got, c.want)
		}
	}
}
