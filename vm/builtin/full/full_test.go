package full_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/imlc-lang/imlc/internal/cputime"
	"github.com/imlc-lang/imlc/internal/race"
	"github.com/imlc-lang/imlc/vm/builtin"
	_ "github.com/imlc-lang/imlc/vm/builtin/full"
	"github.com/imlc-lang/imlc/vm/builtin/iml"
	"github.com/imlc-lang/imlc/vm/value"
)

// TestNothingIsMissing checks that the import links every function.
func TestNothingIsMissing(t *testing.T) {
	for _, f := range iml.Library().All(true) {
		if path := f.Missing(); path != "" {
			t.Errorf("%s still needs %s", f.Name, path)
		}
	}
}

func TestPatterns(t *testing.T) {
	replace, _ := iml.Library().Lookup("replace")
	v, err := builtin.Invoke(replace, new(builtin.Context), builtin.MakeArgs([]value.Value{value.Text("abc"), value.Text("/(?<=a)b/"), value.Text("-")}, 7))
	if err != nil || v.Str() != "a-c" {
		t.Errorf("got %v, %v", v, err)
	}
	c := new(builtin.Context)
	if _, err := c.MatchPattern("", "(", ""); err == nil {
		t.Error("a broken pattern is accepted")
	}
	if ok, err := c.MatchPattern("abc", "b", ""); !ok || err != nil {
		t.Errorf("got %t, %v", ok, err)
	}
}

// Regular expressions of one operation take at most ten times together what one of them may take.
func TestPatternsTakeTimeTogether(t *testing.T) {
	limits := builtin.DefaultLimits()
	limits.RegexTimeout = 10 * time.Millisecond
	var m builtin.Meter
	m.Start(context.Background(), limits)
	c := &builtin.Context{Meter: &m}
	var limit *builtin.LimitError
	start := cputime.Now()
	for i := 0; ; i++ {
		if _, err := c.MatchPattern(strings.Repeat("a", 40)+"b", "^(a+)+$", ""); !errors.As(err, &limit) || limit.Code != builtin.CodeRegex {
			t.Fatalf("call %d: %v", i, err)
		}
		if i == 200 {
			break
		}
	}
	if took := cputime.Since(start); took > race.Slowdown*1500*time.Millisecond {
		t.Errorf("200 calls took %v", took)
	}
	m.Refill()
	if ok, err := c.MatchPattern("a", "a", ""); !ok || err != nil {
		t.Errorf("in the next operation: %t, %v", ok, err)
	}
}
