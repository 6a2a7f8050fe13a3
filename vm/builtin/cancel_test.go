package builtin

import (
	"context"
	"errors"
	"testing"
)

// TestMemoryLooksAtContext holds that who takes memory and no steps notices soon that the operation was cancelled.
func TestMemoryLooksAtContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	var m Meter
	m.Start(ctx, DefaultLimits())
	if err := m.Memory(1 << 20); err != nil {
		t.Fatal(err)
	}
	cancel()
	const piece = 100
	for taken := 0; taken <= 1<<memorySlice; taken += piece {
		var limit *LimitError
		if err := m.Memory(piece); errors.As(err, &limit) && limit.Code == CodeCancelled {
			return
		} else if err != nil {
			t.Fatal(err)
		}
	}
	t.Error("nothing noticed it")
}
