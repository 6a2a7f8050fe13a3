package builtin

import (
	"bytes"
	"context"
	"errors"
	"strings"
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

// looking counts how often it is asked whether it has ended.
type looking struct {
	context.Context
	looks *int
}

func (l looking) Err() error { *l.looks++; return nil }

// Write looks at the context while it copies megabytes, those that are there and those that come.
func TestWriteLooks(t *testing.T) {
	const size = 1 << 20
	looks := 0
	var m Meter
	m.Start(looking{context.Background(), &looks}, DefaultLimits())
	c := &Context{Meter: &m}
	there, more := bytes.Repeat([]byte("a"), size), strings.Repeat("b", size)
	out, err := c.Write(there[:size:size], more)
	if err != nil || string(out) != string(there)+more || looks < 8 {
		t.Errorf("%d bytes, %v, %d looks", len(out), err, looks)
	}
	if out, err = c.Write([]byte("a"), "b"); string(out) != "ab" || err != nil {
		t.Errorf("%q, %v", out, err)
	}
}

// Written keeps a long text where it is and gives the memory of a short one to the next.
func TestWritten(t *testing.T) {
	c := &Context{}
	short := c.Written(append(c.Scratch(), "short"...))
	long := c.Written(append(c.Scratch(), strings.Repeat("x", 2*keepScratch)...))
	next := c.Written(append(c.Scratch(), "other"...))
	if short.Str() != "short" || next.Str() != "other" || long.Str() != strings.Repeat("x", 2*keepScratch) {
		t.Errorf("%q, %q and %d bytes", short.Str(), next.Str(), len(long.Str()))
	}
}
