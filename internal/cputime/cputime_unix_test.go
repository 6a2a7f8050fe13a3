//go:build unix

package cputime_test

import (
	"crypto/sha256"
	"testing"
	"time"

	"github.com/imlc-lang/imlc/internal/cputime"
)

// Work counts and waiting does not.
func TestSince(t *testing.T) {
	start := cputime.Now()
	time.Sleep(300 * time.Millisecond)
	if waited := cputime.Since(start); waited > 150*time.Millisecond {
		t.Errorf("waiting for 300 ms cost %v", waited)
	}
	start = cputime.Now()
	sum := [32]byte{}
	for range 1_000_000 {
		sum = sha256.Sum256(sum[:])
	}
	if worked := cputime.Since(start); worked < 10*time.Millisecond {
		t.Errorf("a million hashes cost %v", worked)
	}
}
