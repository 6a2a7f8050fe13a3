package storetest

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/imlc-lang/imlc/vm"
	"github.com/imlc-lang/imlc/vm/value"
)

// clock is a time that the test moves.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) tell() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// key returns a pending key that no other test uses.
func key(t *testing.T, n int) string {
	const digits = "0123456789abcdef"
	var out strings.Builder
	for i := range 64 {
		h := n + i
		for _, b := range []byte(t.Name()) {
			h = h*31 + int(b) + i
		}
		out.WriteByte(digits[(h>>3)&15])
	}
	return out.String()
}

// Pending tests a store of pending authorisations. open returns one of them, which tells the time by clock; each call
// returns another handle of the same store, as another process would have it.
func Pending(t *testing.T, open func(t *testing.T, clock func() time.Time) vm.PendingStore) {
	for name, test := range map[string]func(*pendingTest){
		"unknown keys": (*pendingTest).unknown, "one claim": (*pendingTest).once, "release": (*pendingTest).released,
		"lease": (*pendingTest).lease, "put again": (*pendingTest).putAgain, "race": (*pendingTest).race,
	} {
		t.Run(name, func(t *testing.T) {
			c := &clock{now: time.Now()}
			test(&pendingTest{T: t, clock: c, here: open(t, c.tell), there: open(t, c.tell)})
		})
	}
}

type pendingTest struct {
	*testing.T
	clock       *clock
	here, there vm.PendingStore
}

func (t *pendingTest) put(n int) string {
	k := key(t.T, n)
	if err := t.here.Put(t.Context(), k, t.clock.tell().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	return k
}

func (t *pendingTest) claim(s vm.PendingStore, key, claim string, want vm.PendingHold) {
	t.Helper()
	if got, err := s.Claim(t.Context(), key, claim, t.clock.tell().Add(10*time.Second)); got != want || err != nil {
		t.Errorf("claim %s: %d %v, want %d", claim, got, err, want)
	}
}

func (t *pendingTest) confirm(s vm.PendingStore, key, claim string, want bool) {
	t.Helper()
	if got, err := s.Confirm(t.Context(), key, claim); got != want || err != nil {
		t.Errorf("confirm %s: %v %v, want %v", claim, got, err, want)
	}
}

func (t *pendingTest) release(s vm.PendingStore, key, claim string) {
	t.Helper()
	if err := s.Release(t.Context(), key, claim); err != nil {
		t.Errorf("release %s: %v", claim, err)
	}
}

// What nobody put is not known, and neither confirmed nor released.
func (t *pendingTest) unknown() {
	k := key(t.T, 1)
	t.claim(t.here, k, "a", vm.PendingUnknown)
	t.confirm(t.here, k, "a", false)
	t.release(t.here, k, "a")
	t.claim(t.there, k, "a", vm.PendingUnknown)
}

// What is claimed is held for all others, here and there, and gone once it is confirmed. Other keys are not touched.
func (t *pendingTest) once() {
	k, other := t.put(1), t.put(2)
	t.claim(t.there, k, "a", vm.PendingClaimed)
	t.claim(t.there, k, "a", vm.PendingClaimed) // one's own claim again
	t.claim(t.here, k, "b", vm.PendingHeld)
	t.confirm(t.here, k, "b", false)
	t.confirm(t.here, k, "a", true)
	t.confirm(t.here, k, "a", false)
	t.claim(t.there, k, "b", vm.PendingUnknown)
	t.claim(t.here, other, "b", vm.PendingClaimed)
}

// What is given back can be claimed again; only who holds it can give it back.
func (t *pendingTest) released() {
	k := t.put(1)
	t.claim(t.here, k, "a", vm.PendingClaimed)
	t.release(t.there, k, "b")
	t.claim(t.there, k, "b", vm.PendingHeld)
	t.release(t.there, k, "a")
	t.confirm(t.here, k, "a", false)
	t.claim(t.there, k, "b", vm.PendingClaimed)
	t.confirm(t.there, k, "b", true)
}

// A claim ends with its time, so that a process that died holds nothing for ever; who comes too late does not confirm.
func (t *pendingTest) lease() {
	k := t.put(1)
	t.claim(t.here, k, "a", vm.PendingClaimed)
	t.clock.advance(9 * time.Second)
	t.claim(t.there, k, "b", vm.PendingHeld)
	t.clock.advance(2 * time.Second)
	t.claim(t.there, k, "b", vm.PendingClaimed)
	t.confirm(t.here, k, "a", false)
	t.release(t.here, k, "a")
	t.confirm(t.there, k, "b", true)
}

// A key that is put again waits anew.
func (t *pendingTest) putAgain() {
	k := t.put(1)
	t.claim(t.here, k, "a", vm.PendingClaimed)
	t.put(1)
	t.claim(t.there, k, "b", vm.PendingClaimed)
	t.confirm(t.here, k, "a", false)
}

// Of many who claim at once, one wins.
func (t *pendingTest) race() {
	for round := range 5 {
		k := t.put(round)
		won := make(chan string, 50)
		var all sync.WaitGroup
		for i := range cap(won) {
			s := t.here
			if i%2 == 1 {
				s = t.there
			}
			all.Go(func() {
				claim := fmt.Sprint("claim ", i)
				hold, err := s.Claim(context.WithoutCancel(t.Context()), k, claim, t.clock.tell().Add(time.Minute))
				if err != nil {
					t.Error(err)
				}
				if hold == vm.PendingClaimed {
					won <- claim
				}
			})
		}
		all.Wait()
		if len(won) != 1 {
			t.Fatalf("%d of %d claims won, want 1", len(won), cap(won))
		}
		t.confirm(t.here, k, <-won, true)
	}
}

// Connections tests a store of connections. open returns one of them; each call returns another handle of the same
// store, as another process would have it.
func Connections(t *testing.T, open func(t *testing.T) vm.ConnectionStore) {
	for name, test := range map[string]func(t *testing.T, here, there vm.ConnectionStore){
		"kept as it is": keptAsItIs, "revisions": revisions, "nothing is shared": nothingShared, "no lost update": noLostUpdate,
		"ids": ids,
	} {
		t.Run(name, func(t *testing.T) { test(t, open(t), open(t)) })
	}
}

func load(t *testing.T, s vm.ConnectionStore, id string) *vm.Connection {
	t.Helper()
	conn, err := s.Load(context.WithoutCancel(t.Context()), id)
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

func swap(t *testing.T, s vm.ConnectionStore, conn *vm.Connection, want bool) {
	t.Helper()
	before := conn.Revision
	got, err := s.Swap(context.WithoutCancel(t.Context()), conn)
	if got != want || err != nil {
		t.Fatalf("swap of revision %d: %v %v, want %v", before, got, err, want)
	}
	if want && conn.Revision != before+1 || !want && conn.Revision != before {
		t.Fatalf("swap of revision %d, which is %v: the connection has revision %d then", before, want, conn.Revision)
	}
}

// keptAsItIs: every kind of value comes back as it was, whatever characters a text has, and whatever bytes a buffer.
func keptAsItIs(t *testing.T, here, there vm.ConnectionStore) {
	id := t.Name() + "/é ✓"
	if load(t, here, id) != nil {
		t.Fatal("there is a connection before one was stored")
	}
	data := value.NewObject(4)
	data.Set("text", value.Text("a\x00b\"'\\; é ✓"))
	data.Set("a\x00b é \u2028", value.Text("\U0010ffff\uffff"))
	data.Set("buffer", value.Buffer([]byte("a\x00b\xff\xed\xa0\x80")))
	data.Set("date", value.Date(1700000000123))
	data.Set("number", value.Number(0.1))
	data.Set("integer", value.Int(9007199254740993))
	data.Set("list", value.Array([]value.Value{value.Null(), value.Bool(true), value.Text(strings.Repeat("x", 100_000))}))
	conn := &vm.Connection{ID: id, Data: data, UID: "7", Metadata: &vm.Metadata{Type: "email", Value: "a@b.test"}, Expires: time.Unix(1_900_000_000, 0).UTC(),
		Scope: []string{"read", ""}, PlanHash: "hash", Variant: "v", RenewedBy: "run", RenewedUntil: time.Unix(1_800_000_000, 0).UTC()}
	swap(t, here, conn, true)
	got, want := load(t, there, id), conn
	if a, b := text(t, got), text(t, want); a != b {
		t.Errorf("stored\n%s\nread\n%s", b, a)
	}
}

// ids: an id is kept as it is, or refused with an error; without one, or with one that JSON cannot say, a connection would
// take the place of others. What is refused is not there.
func ids(t *testing.T, here, there vm.ConnectionStore) {
	for _, id := range []string{"", "a\xffb", "\xed\xa0\x80"} {
		conn := &vm.Connection{ID: id}
		if ok, err := here.Swap(t.Context(), conn); ok || err == nil || conn.Revision != 0 {
			t.Errorf("swap of the id %q: %v %v, revision %d; want an error", id, ok, err, conn.Revision)
		}
	}
	for _, id := range []string{"a\x00b", " ", "a'b", "\u2028", "\ufffd", strings.Repeat("k", 10<<10)} {
		id = t.Name() + id
		conn := &vm.Connection{ID: id, UID: "uid"}
		ok, err := here.Swap(t.Context(), conn)
		if ok == (err != nil) {
			t.Errorf("swap of the id %.40q: %v %v", id, ok, err)
		}
		if !ok {
			continue
		}
		if got := load(t, there, id); got == nil || got.ID != id || got.UID != "uid" {
			t.Errorf("the id %.40q is stored, and loads as %v", id, got)
		}
	}
	if conn, err := there.Load(t.Context(), t.Name()+"a\xffb"); conn != nil {
		t.Errorf("an id that nobody stored is there: %v %v", conn, err)
	}
}

func text(t *testing.T, conn *vm.Connection) string {
	t.Helper()
	b, err := conn.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// revisions: what is not the newest is refused and changes nothing.
func revisions(t *testing.T, here, there vm.ConnectionStore) {
	first := &vm.Connection{ID: t.Name(), UID: "first"}
	swap(t, here, first, true)
	swap(t, there, &vm.Connection{ID: t.Name(), UID: "second"}, false)
	stale := load(t, there, t.Name())
	first.UID = "changed"
	swap(t, here, first, true)
	stale.UID = "stale"
	swap(t, there, stale, false)
	swap(t, there, &vm.Connection{ID: t.Name() + " unknown", Revision: 3}, false)
	if got := load(t, there, t.Name()); got.UID != "changed" || got.Revision != 2 {
		t.Errorf("uid %s, revision %d; want changed, 2", got.UID, got.Revision)
	}
	if load(t, here, t.Name()+" unknown") != nil {
		t.Error("a swap that was refused stored something")
	}
}

// nothingShared: what a caller does with what it loaded or stored changes nothing in the store.
func nothingShared(t *testing.T, here, there vm.ConnectionStore) {
	conn := &vm.Connection{ID: t.Name(), UID: "a", Scope: []string{"read"}}
	swap(t, here, conn, true)
	conn.UID, conn.Scope[0] = "b", "write"
	load(t, there, t.Name()).UID = "c"
	if got := load(t, here, t.Name()); got.UID != "a" || got.Scope[0] != "read" {
		t.Errorf("a caller changed the store: %s %v", got.UID, got.Scope)
	}
}

// noLostUpdate: many who count one up at the same time come to the right sum.
func noLostUpdate(t *testing.T, here, there vm.ConnectionStore) {
	swap(t, here, &vm.Connection{ID: t.Name()}, true)
	const workers, each = 8, 10
	var all sync.WaitGroup
	for i := range workers {
		s := here
		if i%2 == 1 {
			s = there
		}
		all.Go(func() {
			for done := 0; done < each; {
				conn, err := s.Load(context.WithoutCancel(t.Context()), t.Name())
				if err != nil {
					t.Error(err)
					return
				}
				conn.Scope = append(conn.Scope, "one")
				stored, err := s.Swap(context.WithoutCancel(t.Context()), conn)
				if err != nil {
					t.Error(err)
					return
				}
				if stored {
					done++
				}
			}
		})
	}
	all.Wait()
	if got := load(t, here, t.Name()); len(got.Scope) != workers*each || got.Revision != workers*each+1 {
		t.Errorf("%d updates, revision %d; want %d and one more", len(got.Scope), got.Revision, workers*each)
	}
}

// States tests a store of suspended state. open returns one of them; each call returns another handle of the same
// store.
func States(t *testing.T, open func(t *testing.T) vm.StateStore) {
	here, there := open(t), open(t)
	handle, sealed := "~"+t.Name(), strings.Repeat("sealed.", 10_000)
	recall := func(s vm.StateStore, handle, want string) {
		t.Helper()
		if got, err := s.Recall(t.Context(), handle); got != want || err != nil {
			t.Errorf("%d bytes, %v; want %d", len(got), err, len(want))
		}
	}
	recall(here, handle, "")
	if err := here.Keep(t.Context(), handle, sealed, time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	recall(there, handle, sealed)
	recall(there, handle+"x", "")
}
