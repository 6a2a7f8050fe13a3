package envelope

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func newBox(t *testing.T) (Box, *Ring) {
	t.Helper()
	ring, err := NewRing(rand.Reader, now)
	if err != nil {
		t.Fatal(err)
	}
	return Box{Keys: ring, Entropy: rand.Reader}, ring
}

func seal(t *testing.T, b Box, text, bound string) ([]byte, string) {
	t.Helper()
	sealed, id, err := b.Seal(context.Background(), []byte(text), bound)
	if err != nil {
		t.Fatal(err)
	}
	return sealed, id
}

func TestSealAndOpen(t *testing.T) {
	b, ring := newBox(t)
	for _, text := range []string{"", "secret", strings.Repeat("x", 1<<20)} {
		sealed, id := seal(t, b, text, "a/connection/1")
		if id != ring.Current() || text != "" && bytes.Contains(sealed, []byte(text)) {
			t.Errorf("sealed under %s, with the text in it: %v", id, bytes.Contains(sealed, []byte(text)))
		}
		if got, err := b.Open(context.Background(), id, sealed, "a/connection/1"); err != nil || string(got) != text {
			t.Errorf("opened %d bytes of %d: %v", len(got), len(text), err)
		}
	}
	one, _ := seal(t, b, "same", "b")
	two, _ := seal(t, b, "same", "b")
	if bytes.Equal(one, two) {
		t.Error("the same text is sealed to the same bytes")
	}
}

// TestEveryByteCounts changes each byte of a sealed text, and cuts it at each place.
func TestEveryByteCounts(t *testing.T) {
	b, _ := newBox(t)
	sealed, id := seal(t, b, "secret", "bound")
	refused := func(what string, id string, sealed []byte, bound string, want error) {
		t.Helper()
		if _, err := b.Open(context.Background(), id, sealed, bound); !errors.Is(err, want) {
			t.Errorf("Open: %s: %v", what, err)
		}
		if _, _, err := b.Rewrap(context.Background(), id, sealed, bound); err == nil && bound != "bound" {
			t.Errorf("Rewrap: %s passed", what)
		}
	}
	for i := range sealed {
		bad := bytes.Clone(sealed)
		bad[i] ^= 1
		refused(fmt.Sprint("byte ", i), id, bad, "bound", ErrDamaged)
		refused(fmt.Sprint("cut at ", i), id, sealed[:i], "bound", ErrDamaged)
	}
	refused("moved elsewhere", id, sealed, "elsewhere", ErrDamaged)
	refused("another key", "other", sealed, "bound", ErrUnknownKey)
}

func TestRotation(t *testing.T) {
	b, ring := newBox(t)
	old := ring.Current()
	sealed, id := seal(t, b, "secret", "bound")
	if err := ring.Add(now.AddDate(0, 0, 1)); err != nil {
		t.Fatal(err)
	}
	if ring.Current() == old {
		t.Fatal("the new key is not current")
	}
	if got, err := b.Open(context.Background(), id, sealed, "bound"); err != nil || string(got) != "secret" {
		t.Errorf("under the old key: %q, %v", got, err)
	}
	again, newID, err := b.Rewrap(context.Background(), id, sealed, "bound")
	if err != nil || newID != ring.Current() {
		t.Fatalf("wrapped under %s: %v", newID, err)
	}
	if ring.Drop(ring.Current()) {
		t.Error("the current key was dropped")
	}
	if !ring.Drop(old) || ring.Drop(old) {
		t.Error("the old key was not dropped once")
	}
	if got, err := b.Open(context.Background(), newID, again, "bound"); err != nil || string(got) != "secret" {
		t.Errorf("under the new key: %q, %v", got, err)
	}
	if _, err := b.Open(context.Background(), id, sealed, "bound"); !errors.Is(err, ErrUnknownKey) {
		t.Errorf("under a dropped key: %v", err)
	}
}

// TestKeptBeforeUse has a file that cannot be written: the new key is not used, and a later one is in the file before it is.
func TestKeptBeforeUse(t *testing.T) {
	_, ring := newBox(t)
	before := ring.Current()
	if err := ring.AddKept(now, func(*Ring) error { return errors.New("disk full") }); err == nil || ring.Current() != before || len(ring.IDs()) != 1 {
		t.Errorf("a key that is not kept: %v %v", ring.IDs(), err)
	}
	var kept []string
	if err := ring.AddKept(now, func(next *Ring) error {
		if ring.Current() != before {
			t.Error("the new key is used before it is kept")
		}
		kept = next.IDs()
		return nil
	}); err != nil || len(kept) != 2 || kept[0] != ring.Current() || kept[1] != before {
		t.Errorf("kept %v, the ring has %v: %v", kept, ring.IDs(), err)
	}
}

func TestKeyFile(t *testing.T) {
	b, ring := newBox(t)
	sealed, id := seal(t, b, "secret", "bound")
	read, err := ParseRing(ring.Encode(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := (Box{Keys: read, Entropy: rand.Reader}).Open(context.Background(), id, sealed, "bound"); err != nil || string(got) != "secret" {
		t.Errorf("from the file: %q, %v", got, err)
	}
	secret := ring.keys[0].Secret
	encoded, _ := json.Marshal(secret)
	for _, text := range []string{fmt.Sprintf("%v %+v %#v %s %x", ring, ring, ring, ring, ring), ring.LogValue().String()} {
		if strings.Contains(text, strings.Trim(string(encoded), `"`)) || strings.Contains(text, fmt.Sprintf("%x", secret)) {
			t.Errorf("a ring prints its secret: %s", text)
		}
	}
	for name, text := range map[string]string{
		"no JSON":       `secret`,
		"no keys":       `{"keys": []}`,
		"a bad id":      `{"keys": [{"id": "a b", "secret": ` + string(encoded) + `}]}`,
		"an id twice":   `{"keys": [{"id": "a", "secret": ` + string(encoded) + `}, {"id": "a", "secret": ` + string(encoded) + `}]}`,
		"a short key":   `{"keys": [{"id": "a", "secret": "c2VjcmV0"}]}`,
		"an odd secret": `{"keys": [{"id": "a", "secret": "!!secret"}]}`,
	} {
		if _, err := ParseRing([]byte(text), rand.Reader); err == nil || strings.Contains(err.Error(), "!!secret") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("none left") }

func TestNoEntropy(t *testing.T) {
	b, _ := newBox(t)
	b.Entropy = broken{}
	if _, _, err := b.Seal(context.Background(), nil, ""); err == nil || !strings.Contains(err.Error(), "entropy") {
		t.Errorf("sealed without entropy: %v", err)
	}
	if _, err := NewRing(broken{}, now); err == nil {
		t.Error("made a key without entropy")
	}
}

// TestFollow holds that a ring finds the key that another process has rotated to in the file, and that nothing is sealed
// under a key which is not there yet.
func TestFollow(t *testing.T) {
	b, ring := newBox(t)
	file := ring.Encode()
	other, err := ParseRing(file, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	reads := 0
	other.Follow(func() (*Ring, error) { reads++; return ParseRing(file, rand.Reader) })
	old := ring.Current()
	if err := ring.AddKept(now, func(*Ring) error { return errors.New("the disk is full") }); err == nil || ring.Current() != old {
		t.Errorf("a key that could not be written is current: %v", err)
	}
	if err := ring.AddKept(now, func(next *Ring) error { file = next.Encode(); return nil }); err != nil || ring.Current() == old {
		t.Fatal(err)
	}
	sealed, id := seal(t, b, "secret", "bound")
	if got, err := (Box{Keys: other, Entropy: rand.Reader}).Open(context.Background(), id, sealed, "bound"); err != nil || string(got) != "secret" || other.Current() != id {
		t.Errorf("in the other process: %q, %v", got, err)
	}
	for range 10 {
		if _, err := other.Unwrap(context.Background(), "nobody", sealed, nil); !errors.Is(err, ErrUnknownKey) {
			t.Errorf("a key that nobody has: %v", err)
		}
	}
	if reads != 2 { // for the new key, and once for the one that nobody has
		t.Errorf("the file was read %d times", reads)
	}
	// One who looks for a key that nobody has must not keep others from the next that there is.
	if err := ring.AddKept(now, func(next *Ring) error { file = next.Encode(); return nil }); err != nil {
		t.Fatal(err)
	}
	sealed, id = seal(t, b, "secret", "bound")
	if got, err := (Box{Keys: other, Entropy: rand.Reader}).Open(context.Background(), id, sealed, "bound"); err != nil || string(got) != "secret" {
		t.Errorf("under the second key of a second: %q, %v", got, err)
	}
}

// TestTwoRotate holds that a process which rotates keeps the key that another one has rotated to since, in the file and
// for itself, and that a key which a file lost stays with who has it.
func TestTwoRotate(t *testing.T) {
	box, ring := newBox(t)
	file := ring.Encode()
	read := func() (*Ring, error) { return ParseRing(file, rand.Reader) }
	write := func(next *Ring) error { file = next.Encode(); return nil }
	other, err := read()
	if err != nil {
		t.Fatal(err)
	}
	ring.Follow(read)
	other.Follow(read)
	if err := ring.AddKept(now, write); err != nil {
		t.Fatal(err)
	}
	sealed, id := seal(t, box, "secret", "bound")
	if err := other.AddKept(now, write); err != nil {
		t.Fatal(err)
	}
	kept, err := read()
	if err != nil {
		t.Fatal(err)
	}
	if got, err := (Box{Keys: kept, Entropy: rand.Reader}).Open(context.Background(), id, sealed, "bound"); err != nil || string(got) != "secret" {
		t.Errorf("by the file that the second one wrote: %q, %v", got, err)
	}
	if kept.Current() != other.Current() || len(kept.IDs()) != 3 {
		t.Errorf("the file has %v, the second one %v", kept.IDs(), other.IDs())
	}
	alone, err := NewRing(rand.Reader, now)
	if err != nil {
		t.Fatal(err)
	}
	file = alone.Encode()
	if _, err := ring.Unwrap(context.Background(), alone.Current(), nil, nil); !errors.Is(err, ErrDamaged) {
		t.Errorf("by a key of the new file: %v", err)
	}
	if got, err := box.Open(context.Background(), id, sealed, "bound"); err != nil || string(got) != "secret" || ring.Current() != alone.Current() {
		t.Errorf("by a key that the file lost: %q, %v", got, err)
	}
	if err := ring.AddKept(now, write); err != nil {
		t.Fatal(err)
	}
	if kept, err = read(); err != nil || len(kept.IDs()) != 4 {
		t.Errorf("the file has %v, %v", kept.IDs(), err)
	}
	file = []byte("{}")
	if err := ring.AddKept(now, write); err == nil {
		t.Error("rotated over a file that cannot be read")
	}
}
