package builtin

import (
	"errors"
	"testing"

	"github.com/imlc-lang/imlc/internal/regex"
	"github.com/imlc-lang/imlc/vm/builtin/internal/rs256"
)

// The tests of this package cannot import package full, which imports this one.
func init() {
	RegisterPatterns(func(pattern, flags string) (Pattern, error) {
		re, err := regex.Compile(pattern, flags)
		if err != nil {
			return nil, err
		}
		return re, nil
	})
	RegisterRS256(rs256.Sign)
}

// withoutParts runs f in a library without its parts.
func withoutParts(f func()) {
	linked := parts
	defer func() { parts = linked }()
	parts.compilePattern, parts.signRS256 = nil, nil
	f()
}

// TestMissing checks that a function tells what its program must link, and that what is called all the same fails.
func TestMissing(t *testing.T) {
	rows := map[*Function]string{{}: "", {Needs: PartPatterns}: full, {Needs: PartRS256}: full}
	for f, want := range rows {
		if got := f.Missing(); got != "" {
			t.Errorf("part %d is linked, but missing %q", f.Needs, got)
		}
		withoutParts(func() {
			if got := f.Missing(); got != want {
				t.Errorf("without part %d: missing %q, want %q", f.Needs, got, want)
			}
		})
	}
	withoutParts(func() {
		if _, err := CompilePattern("a", ""); !errors.Is(err, errNoPatterns) {
			t.Errorf("got %v", err)
		}
		if _, err := SignRS256(nil, nil); !errors.Is(err, errNoRS256) {
			t.Errorf("got %v", err)
		}
		if _, err := new(Context).MatchPattern("a", "a", ""); err == nil {
			t.Error("a pattern matches without what compiles it")
		}
	})
}
