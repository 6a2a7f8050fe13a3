package value

import (
	"math"
	"strings"
	"testing"
)

// A stack that is kept for the next text holds no value of the last one, whether that could be read or not.
func TestKeptStacksAreEmpty(t *testing.T) {
	for _, text := range []string{
		`{"a":[1,2,{"b":"secret"}],"c":[[["secret"]]]}`,
		`{"a":"secret","a":["secret"],"b":{"c":"secret"}}`,
		`["secret",["secret",{"a":"secret"`,
		`[` + strings.Repeat(`"secret",`, 500) + `1]`,
		`[` + strings.Repeat(`"secret",`, 500) + `}`,
	} {
		for _, shapes := range []*Shapes{nil, NewShapes()} {
			room := make([]Value, 0, 4)
			d := decoder{s: text, stack: room, maxDepth: DefaultJSONDepth, maxItems: math.MaxInt}
			d.limit(&JSONOptions{Shapes: shapes})
			d.document()
			d.giveBack(&room)
			for i, v := range room[:cap(room)] {
				if v != Undefined {
					t.Errorf("%.40s: place %d keeps a value of kind %s", text, i, v.Kind())
				}
			}
		}
	}
}

// Keys are found in the text whatever their length, and only where they end as the shape's do.
func TestShapesFollowTheText(t *testing.T) {
	shapes := NewShapes()
	long := strings.Repeat("long", 20)
	for _, key := range []string{"", "a", "ab", "abcd", "abcde", "abcdef", "käse", long, `q"`, "tab\t", "\xff"} {
		s := shapes.Of(key)
		quoted := `"` + key + `":`
		plain := key != `q"` && key != "tab\t" && key != "\xff"
		for _, c := range []struct {
			text string
			want bool
		}{
			{quoted + `12345678`, plain}, {`"` + key + `x":12345678`, false}, {`"` + key + `" :12345678`, false}, {`"x` + key + `":12345678`, false},
		} {
			next, at := shapes.root.follow(c.text, 0)
			if (next == s) != c.want || c.want && at != len(quoted) || next != nil && next != s {
				t.Errorf("follow(%q) for key %q: found %v at %d, expected %v", c.text, key, next == s, at, c.want)
			}
		}
	}
}
