package explain

import (
	"strings"
	"testing"

	"github.com/imlc-lang/imlc/runtime/oauth1"
)

// TestTooLong holds that what would take too long to explain is refused before anything is tried on it.
func TestTooLong(t *testing.T) {
	many := strings.Repeat("a=b&", MaxParams+1)
	for name, in := range map[string]Input{
		"address": {Request: oauth1.Request{URL: "https://a.test/?" + strings.Repeat("a", MaxBytes)}},
		"names":   {Request: oauth1.Request{URL: "https://a.test/?" + many}},
		"form":    {Request: oauth1.Request{URL: "https://a.test/", ContentType: "application/x-www-form-urlencoded", Body: []byte(many)}},
		"header":  {Request: oauth1.Request{URL: "https://a.test/"}, Foreign: &Foreign{Authorization: "OAuth " + strings.Repeat(`a="b",`, MaxParams+1)}},
		"base":    {Request: oauth1.Request{URL: "https://a.test/"}, Foreign: &Foreign{BaseString: "GET&a&" + strings.Repeat("a%3Db%26", MaxParams+1)}},
	} {
		if e := Explain(in); e.Err == nil || !strings.Contains(e.Err.Error(), "too long to be explained") {
			t.Errorf("%s: got %v", name, e.Err)
		}
	}
	plain := Input{Request: oauth1.Request{URL: "https://a.test/", ContentType: "application/json", Body: []byte(many)}}
	if e := Explain(plain); e.Err != nil && strings.Contains(e.Err.Error(), "too long") {
		t.Errorf("a body that is not signed counts: %v", e.Err)
	}
}
