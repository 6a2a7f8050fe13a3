package hostile

import (
	"math/rand/v2"
	"os"
	"testing"
	"time"
)

// tokens are what texts are made of that grow: the signs of every language that is read here.
var tokens = []string{"a", "b", "0", "9", " ", "\n", "\t", ",", ";", ":", "&", "=", "%", "%2", "%26", "%3D", "\\", "\"", "'", "`", "[", "]", "{", "}", "(", ")", "<", ">", "/", "//", "/*", "*/", "<!--", "-->", "&amp;", "&#",
	"{{", "}}", "<<", ">>", "|", "*", "+", "-", "- ", "--", ".", "..", "$", "$.", "@", "?", "!", "!!", "#", "^", "~", "é", "😀", "\u0301", "\xff", "\x00", "\u200b", "\\u0041", "\\ud800", "e", "E", "1e9", "a:", "\"a\":", "a: ", "&a ",
	"*a ", "<<: ", "oauth_token", "oauth_token%3D", "//u@", "if(", "add(", "true", "null", "?(", "[?(", "[]", "[a]", "[0]", "curl ", " -H ", "http://a/", "\r\n", "A: b\r\n", "{\"$var\":", "{{bundle.", "(?:", "(a|b)", "{2,}", "\\b", "[^", "<a>", "</a>", "<a b=\"c\"/>"}

// word makes up a text of some tokens.
func word(r *rand.Rand, most int) (s string) {
	for range r.IntN(most + 1) {
		s += tokens[r.IntN(len(tokens))]
	}
	return s
}

// TestGrowthOfRandomTexts gives each reader texts that repeat what was made up. IMLC_HUNT has it go on for longer.
func TestGrowthOfRandomTexts(t *testing.T) {
	during := time.Second
	if d, err := time.ParseDuration(os.Getenv("IMLC_HUNT")); err == nil {
		during = d
	}
	r := rand.New(rand.NewPCG(uint64(during), 3))
	all := readers()
	begin := time.Now()
	n := 0
	for ; time.Since(begin) < during; n++ {
		head, unit, tail := word(r, 3), word(r, 3), word(r, 2)
		if unit == "" {
			continue
		}
		i := r.IntN(len(all))
		if problem := growth(all[i].read, head, unit, tail); problem != "" {
			t.Errorf("%s, %q + n × %q + %q: %s", all[i].name, head, unit, tail, problem)
		}
	}
	t.Logf("%d texts", n)
}
