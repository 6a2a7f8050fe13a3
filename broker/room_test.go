package broker

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestRoomIsShared has tenants ask for more places than there are.
func TestRoomIsShared(t *testing.T) {
	r := newRoom(8)
	var seated []string // in the order in which they got a place
	left := 0
	var mu sync.Mutex
	var all sync.WaitGroup
	leave := map[string][]func(){}
	ctx, cancel := context.WithCancel(context.Background())
	ask := func(tenant string, alone bool) {
		t.Helper()
		asked := make(chan struct{})
		all.Go(func() {
			close(asked)
			done, err := r.enter(ctx, tenant, alone)
			if err != nil {
				return
			}
			mu.Lock()
			defer mu.Unlock()
			seated = append(seated, tenant)
			leave[tenant] = append(leave[tenant], done)
		})
		<-asked
	}
	// settled waits until as many as expected have a place or wait for one.
	settled := func(n int) string {
		t.Helper()
		for range 2000 {
			taken, waiting := r.counts()
			mu.Lock()
			if taken+waiting == n && len(seated) == taken+left {
				defer mu.Unlock()
				return strings.Join(seated, "")
			}
			mu.Unlock()
			time.Sleep(time.Millisecond)
		}
		t.Fatal("nothing settles")
		return ""
	}
	n := 0
	for _, who := range []struct {
		tenant string
		asks   int
		want   string
	}{{"a", 9, "aaaa"}, {"b", 9, "aaaabb"}, {"c", 9, "aaaabbc"}, {"d", 9, "aaaabbcd"}, {"e", 1, "aaaabbcd"}} {
		for range who.asks {
			ask(who.tenant, false)
			n++
			settled(n)
		}
		if got := settled(n); got != who.want {
			t.Errorf("when %s has come, %s have places, want %s", who.tenant, got, who.want)
		}
	}
	give := func(tenant string) {
		mu.Lock()
		done := leave[tenant][0]
		leave[tenant] = leave[tenant][1:]
		left++
		mu.Unlock()
		done()
		done() // a second time changes nothing
		n--
		settled(n)
	}
	if give("a"); settled(n) != "aaaabbcde" {
		t.Errorf("a place goes to %s, not to e who holds none", settled(n))
	}
	if give("d"); settled(n) != "aaaabbcded" {
		t.Errorf("the place of d goes to %s, not to d who waits and holds none", settled(n))
	}
	cancel()
	all.Wait()
	if taken, waiting := r.counts(); taken != 8 || waiting != 0 {
		t.Errorf("when those who wait have gone, %d places are taken and %d wait", taken, waiting)
	}
	for tenant, list := range leave {
		for _, done := range list {
			done()
		}
		delete(leave, tenant)
	}
	if taken, _ := r.counts(); taken != 0 || len(r.held) != 0 {
		t.Errorf("when all have left, %d places are taken by %v", taken, r.held)
	}
	gone, end := context.WithCancel(context.Background())
	end()
	for range 100 { // a place and the end may come at the same moment
		if done, err := r.enter(gone, "a", true); err == nil {
			done()
		}
	}
	if taken, _ := r.counts(); taken != 0 {
		t.Errorf("who has gone keeps %d places", taken)
	}
	for i := range 8 {
		if _, err := r.enter(context.Background(), "a", true); err != nil {
			t.Fatal(i, err)
		}
	}
}

// TestPace says when the next part of a body must be there.
func TestPace(t *testing.T) {
	began := time.Unix(1000, 0)
	p := pace{10 * time.Second, 1000}
	for _, c := range []struct{ after, n, want int64 }{{0, 0, 10}, {5, 0, 10}, {5, 1000, 11}, {5, 100000, 15}, {90, 60000, 70}, {60, 60000, 70}} {
		if got := p.deadline(began, began.Add(time.Duration(c.after)*time.Second), c.n).Unix() - 1000; got != c.want {
			t.Errorf("%d bytes in %d s: the next is awaited until %d, want %d", c.n, c.after, got, c.want)
		}
	}
}

// TestCrewIsBounded holds what a job has under way at a time.
func TestCrewIsBounded(t *testing.T) {
	var c crew
	hold := make(chan struct{})
	did, freed := 0, 0
	var mu sync.Mutex
	do := func(space string, i int) {
		c.do(space, fmt.Sprint(i), func() { <-hold; mu.Lock(); did++; mu.Unlock() }, func() { mu.Lock(); freed++; mu.Unlock() })
	}
	for i := range maxCrewSpace {
		if _, except := c.free(); len(except) > 0 {
			t.Fatalf("with %d under way %v has its share", i, except)
		}
		do("a", i)
		do("a", i) // under way already
	}
	do("b", 0)
	if n, except := c.free(); n != crewClaim || len(except) != 1 || except[0] != "a" {
		t.Errorf("%d may be claimed, of others than %v", n, except)
	}
	for i := range 10 * maxCrewSpace {
		do("a", i)
	}
	for i := range 3 {
		for space := range 4 * maxCrewSpace {
			do(fmt.Sprint("s", i), space)
		}
	}
	if n, _ := c.free(); n > 0 {
		t.Errorf("%d more may be claimed", n)
	}
	close(hold)
	c.all.Wait()
	if want := 4*4*maxCrewSpace + 1; did != want || freed == 0 {
		t.Errorf("%d were done, want %d; a job was told %d times", did, want, freed)
	}
	if n, except := c.free(); n != crewClaim || except != nil || len(c.of) != 0 {
		t.Errorf("then %d may be claimed, of others than %v", n, except)
	}
}

// TestSizes reads and writes sizes as people do.
func TestSizes(t *testing.T) {
	for text, want := range map[string]int{"0": 0, "1000000": 1000000, "500 MiB": 500 << 20, "2GiB": 2 << 30, "3 kb": 3 << 10, "1 TiB": 1 << 40, "7 bytes": 7} {
		got, ok := readSize(text)
		if again, _ := readSize(sizeText(got)); !ok || got != want || again != want {
			t.Errorf("%q: %d %v, again %d", text, got, ok, again)
		}
	}
	for _, text := range []string{"", "x", "-1", "1.5 GiB", "1 XB", "9999999999 TiB", "99999999999999999999"} {
		if got, ok := readSize(text); ok {
			t.Errorf("%q is %d", text, got)
		}
	}
	for n, want := range map[int64]string{0: "0 bytes", 1023: "1023 bytes", 1536: "1.5 KiB", 3 << 30: "3.0 GiB"} {
		if got := aboutSize(n); got != want {
			t.Errorf("%d: %q", n, got)
		}
	}
}
