// Package storetest is the contract of package store as tests. A store of one's own runs them by
//
//	func TestStore(t *testing.T) { storetest.Run(t, func(t *testing.T) store.Store { … }) }
package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/imlc-lang/imlc/broker/store"
)

// Run runs the contract. Each call of open returns an empty store, which the test closes.
func Run(t *testing.T, open func(t *testing.T) store.Store) {
	for name, test := range map[string]func(*testing.T, store.Store){
		"records come back as they were": roundTrip, "revisions guard": revisions, "all or nothing": atomic, "sequences": sequences,
		"labels find": labels, "pages go on": pages, "claims": claims, "what is due": due, "expired records go": sweep, "keys": foreign,
		"copies": copies, "what no store takes": refused, "many writers": writers, "many claimers": claimers, "hostile names": hostile,
		"deleted labels find nothing": deleted,
	} {
		t.Run(strings.ReplaceAll(name, " ", "-"), func(t *testing.T) {
			s := open(t)
			t.Cleanup(func() {
				if err := s.Close(); err != nil {
					t.Error(err)
				}
			})
			test(t, s)
		})
	}
}

var epoch = time.Date(2026, 3, 1, 12, 0, 0, 123456000, time.UTC)

func put(r store.Record) store.Op { return store.Op{Record: r} }

// apply makes changes that must succeed.
func apply(t *testing.T, s store.Store, ops ...store.Op) []store.Record {
	t.Helper()
	out, err := s.Apply(context.Background(), ops...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func get(t *testing.T, s store.Store, space, kind, id string) store.Record {
	t.Helper()
	r, err := s.Get(context.Background(), space, kind, id)
	if err != nil {
		t.Fatalf("%s/%s/%s: %v", space, kind, id, err)
	}
	return r
}

func ids(records []store.Record) []string {
	var out []string
	for _, r := range records {
		out = append(out, r.ID)
	}
	return out
}

func list(t *testing.T, s store.Store, q store.Query) []string {
	t.Helper()
	out, err := s.List(context.Background(), q)
	if err != nil {
		t.Fatal(err)
	}
	return ids(out)
}

func roundTrip(t *testing.T, s store.Store) {
	zone := time.FixedZone("east", 3600)
	full := store.Record{Space: "a", Kind: "k", ID: "1", Body: []byte(`{"x":1}`), Sealed: []byte{0, 255, 0}, KeyID: "k1",
		Labels: []string{"b=2", "a=1", "ü=ñ"}, Due: epoch.In(zone).Add(789), Expires: epoch.Add(time.Hour)}
	bare := store.Record{Space: "", Kind: "k", ID: "1"}
	made := apply(t, s, put(full), put(bare))
	full.Revision, bare.Revision = 1, 1
	full.Due = epoch
	want := []store.Record{full, bare}
	if diff := cmp.Diff(want, made); diff != "" {
		t.Errorf("Apply returns (-want +got):\n%s", diff)
	}
	got := []store.Record{get(t, s, "a", "k", "1"), get(t, s, "", "k", "1")}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Get returns (-want +got):\n%s", diff)
	}
	if _, err := s.Get(context.Background(), "b", "k", "1"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a record of another space: %v", err)
	}
	if err := s.Ping(context.Background()); err != nil {
		t.Error(err)
	}
}

func revisions(t *testing.T, s store.Store) {
	r := apply(t, s, put(store.Record{Kind: "k", ID: "1", Body: []byte("1")}))[0]
	conflict := func(what string, op store.Op) {
		t.Helper()
		if _, err := s.Apply(context.Background(), op); !errors.Is(err, store.ErrConflict) {
			t.Errorf("%s: %v, want a conflict", what, err)
		}
	}
	conflict("a second creation", put(store.Record{Kind: "k", ID: "1"}))
	next := r
	next.Body = []byte("2")
	next = apply(t, s, put(next))[0]
	if next.Revision != 2 || string(get(t, s, "", "k", "1").Body) != "2" {
		t.Errorf("revision %d after one change", next.Revision)
	}
	conflict("a change of what has changed", put(r))
	conflict("a deletion of what has changed", store.Op{Record: r, Delete: true})
	conflict("a change of what is not there", put(store.Record{Kind: "k", ID: "2", Revision: 1}))
	conflict("a deletion of what is not there", store.Op{Record: store.Record{Kind: "k", ID: "2", Revision: 1}, Delete: true})
	over := apply(t, s, put(store.Record{Kind: "k", ID: "1", Revision: store.Any}), put(store.Record{Kind: "k", ID: "3", Revision: store.Any}))
	if over[0].Revision != 3 || over[1].Revision != 1 {
		t.Errorf("revisions %d and %d after changes of any", over[0].Revision, over[1].Revision)
	}
	apply(t, s, store.Op{Record: over[0], Delete: true}, store.Op{Record: store.Record{Kind: "k", ID: "9", Revision: store.Any}, Delete: true})
	if _, err := s.Get(context.Background(), "", "k", "1"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("after its deletion: %v", err)
	}
}

func atomic(t *testing.T, s store.Store) {
	apply(t, s, put(store.Record{Kind: "k", ID: "1", Body: []byte("old"), Labels: []string{"l"}}))
	_, err := s.Apply(context.Background(),
		put(store.Record{Kind: "k", ID: "1", Revision: 1, Body: []byte("new")}),
		put(store.Record{Kind: "k", ID: "2"}),
		store.Op{Record: store.Record{Kind: "n"}, Sequence: true},
		put(store.Record{Kind: "k", ID: "1", Revision: 7}))
	if !errors.Is(err, store.ErrConflict) {
		t.Fatalf("%v, want a conflict", err)
	}
	if got := get(t, s, "", "k", "1"); string(got.Body) != "old" || got.Revision != 1 {
		t.Errorf("a change stayed: %+v", got)
	}
	if got := list(t, s, store.Query{Kind: "k"}); !slices.Equal(got, []string{"1"}) {
		t.Errorf("records %v stayed", got)
	}
	if got := list(t, s, store.Query{Kind: "k", Labels: []string{"l"}}); !slices.Equal(got, []string{"1"}) {
		t.Errorf("its label finds %v", got)
	}
	if r := apply(t, s, store.Op{Record: store.Record{Kind: "n"}, Sequence: true}); r[0].ID != store.Number(1) {
		t.Errorf("the first number is %s", r[0].ID)
	}
	twice := apply(t, s, put(store.Record{Kind: "k", ID: "5"}), put(store.Record{Kind: "k", ID: "5", Revision: 1, Body: []byte("x")}))
	if twice[1].Revision != 2 {
		t.Errorf("a later change does not see an earlier one: %+v", twice)
	}
}

func sequences(t *testing.T, s store.Store) {
	for i := range 3 {
		got := apply(t, s, store.Op{Record: store.Record{Space: "a", Kind: "event"}, Sequence: true}, store.Op{Record: store.Record{Space: "b", Kind: "event"}, Sequence: true})
		if want := store.Number(int64(i + 1)); got[0].ID != want || got[1].ID != want {
			t.Errorf("numbers %v, want %s", ids(got), want)
		}
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 10 {
				if _, err := s.Apply(context.Background(), store.Op{Record: store.Record{Space: "c", Kind: "event"}, Sequence: true}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	got := list(t, s, store.Query{Space: "c", Kind: "event"})
	if len(got) != 40 || got[0] != store.Number(1) || got[39] != store.Number(40) {
		t.Errorf("40 numbers taken at once: %v", got)
	}
}

func labels(t *testing.T, s store.Store) {
	for i := range 9 {
		r := store.Record{Space: "a", Kind: "k", ID: fmt.Sprint(i + 1), Labels: []string{fmt.Sprintf("odd=%v", i%2 == 0), fmt.Sprintf("third=%d", i%3), "user=" + strings.Repeat("u", i+1)}}
		apply(t, s, put(r))
	}
	apply(t, s, put(store.Record{Space: "b", Kind: "k", ID: "1", Labels: []string{"odd=true"}}), put(store.Record{Space: "a", Kind: "x", ID: "1", Labels: []string{"odd=true"}}))
	for _, c := range []struct {
		q    store.Query
		want string
	}{
		{store.Query{Labels: []string{"odd=true"}}, "1 3 5 7 9"},
		{store.Query{Labels: []string{"odd=true", "third=0"}}, "1 7"},
		{store.Query{Labels: []string{"third=0", "odd=true"}, Descending: true}, "7 1"},
		{store.Query{Labels: []string{"odd=true"}, After: "3"}, "5 7 9"},
		{store.Query{Labels: []string{"odd=true"}, After: "7", Descending: true}, "5 3 1"},
		{store.Query{Labels: []string{"odd=true"}, Limit: 2}, "1 3"},
		{store.Query{Prefix: "user=uuuuuuu"}, "7 8 9"},
		{store.Query{Prefix: "user=uuuuuuu", Descending: true, Limit: 2}, "9 8"},
		{store.Query{Prefix: "user=uuuuuuu", Labels: []string{"odd=true"}}, "7 9"},
		{store.Query{Labels: []string{"odd"}}, ""},
		{store.Query{Prefix: "user=v"}, ""},
		{store.Query{Prefix: "%"}, ""},
	} {
		c.q.Space, c.q.Kind = "a", "k"
		if got := strings.Join(list(t, s, c.q), " "); got != c.want {
			t.Errorf("%+v finds %q, want %q", c.q, got, c.want)
		}
	}
	r := get(t, s, "a", "k", "1")
	r.Labels = []string{"new"}
	apply(t, s, put(r))
	if got := list(t, s, store.Query{Space: "a", Kind: "k", Labels: []string{"user=u"}}); got != nil {
		t.Errorf("a label that was taken away finds %v", got)
	}
}

func pages(t *testing.T, s store.Store) {
	for i := range 25 {
		apply(t, s, put(store.Record{Kind: "k", ID: fmt.Sprintf("%02d", i), Labels: []string{"l"}}))
	}
	for _, q := range []store.Query{{}, {Descending: true}, {Labels: []string{"l"}}, {Labels: []string{"l"}, Descending: true}, {Prefix: "l"}} {
		q.Kind, q.Limit = "k", 10
		var all []string
		for range 4 {
			page := list(t, s, q)
			if len(page) == 0 {
				break
			}
			all = append(all, page...)
			q.After = page[len(page)-1]
		}
		sorted := slices.Clone(all)
		slices.Sort(sorted)
		if q.Descending {
			slices.Reverse(sorted)
		}
		if len(all) != 25 || !slices.Equal(all, sorted) {
			t.Errorf("%+v: pages hold %v", q, all)
		}
	}
	for i := range 120 {
		apply(t, s, put(store.Record{Kind: "many", ID: fmt.Sprintf("%03d", i)}))
	}
	if got := list(t, s, store.Query{Kind: "many"}); len(got) != 100 {
		t.Errorf("%d records without a limit, want 100", len(got))
	}
}

func claims(t *testing.T, s store.Store) {
	for i, due := range []time.Time{epoch.Add(2 * time.Second), epoch, epoch.Add(time.Hour), {}, epoch.Add(time.Second)} {
		apply(t, s, put(store.Record{Space: fmt.Sprint("s", i), Kind: "job", ID: fmt.Sprint(i), Due: due}))
	}
	apply(t, s, put(store.Record{Kind: "other", ID: "1", Due: epoch}))
	now, until := epoch.Add(2*time.Second), epoch.Add(time.Minute)
	got, err := s.Claim(context.Background(), "job", now, until, 2)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(ids(got), []string{"1", "4"}) {
		t.Errorf("claimed %v, want the two that waited longest", ids(got))
	}
	for _, r := range got {
		if !r.Due.Equal(until) || r.Revision != 2 {
			t.Errorf("a claimed record: %+v", r)
		}
		if diff := cmp.Diff(r, get(t, s, r.Space, r.Kind, r.ID)); diff != "" {
			t.Errorf("what was claimed is not what is kept (-claimed +kept):\n%s", diff)
		}
	}
	if got, _ := s.Claim(context.Background(), "job", now, until, 10); !slices.Equal(ids(got), []string{"0"}) {
		t.Errorf("then claimed %v, want 0", ids(got))
	}
	later := until.Add(time.Minute)
	if got, err := s.Claim(context.Background(), "job", until, later, 10, "s1", "s4"); err != nil || !slices.Equal(ids(got), []string{"0"}) {
		t.Errorf("of other spaces claimed %v %v, want 0", ids(got), err)
	}
	if got, err := s.Claim(context.Background(), "job", until, later, 10, "s4"); err != nil || !slices.Equal(ids(got), []string{"1"}) {
		t.Errorf("of others than one claimed %v %v, want 1", ids(got), err)
	}
	if got, _ := s.Claim(context.Background(), "job", later, later.Add(time.Minute), 10); len(got) != 3 {
		t.Errorf("after the lease %d are due, want 3", len(got))
	}
}

func sweep(t *testing.T, s store.Store) {
	for i := range 5 {
		apply(t, s, put(store.Record{Kind: "k", ID: fmt.Sprint(i), Labels: []string{"l"}, Expires: epoch.Add(time.Duration(i) * time.Minute)}))
	}
	apply(t, s, put(store.Record{Kind: "k", ID: "9", Labels: []string{"l"}}))
	for _, want := range []int{2, 1, 0} {
		n, err := s.Sweep(context.Background(), epoch.Add(3*time.Minute), 2)
		if err != nil || n != want {
			t.Errorf("swept %d (%v), want %d", n, err, want)
		}
	}
	for _, q := range []store.Query{{Kind: "k"}, {Kind: "k", Labels: []string{"l"}}} {
		if got := list(t, s, q); !slices.Equal(got, []string{"3", "4", "9"}) {
			t.Errorf("%v are left, want those that did not expire before", got)
		}
	}
}

func foreign(t *testing.T, s store.Store) {
	for i, key := range []string{"k1", "k2", "k3", "k2", ""} {
		r := store.Record{Space: "a", Kind: "k", ID: fmt.Sprint(i), KeyID: key}
		if key != "" {
			r.Sealed = []byte("x")
		}
		apply(t, s, put(r))
	}
	got, err := s.Foreign(context.Background(), "k2", store.Record{}, 10)
	if err != nil || !slices.Equal(ids(got), []string{"0", "2"}) {
		t.Errorf("sealed under other keys than k2: %v (%v)", ids(got), err)
	}
	for keyID, want := range map[string][]string{"k1": {"1", "3", "2"}, "k2": {"0", "2"}, "k3": {"0", "1", "3"}, "a": {"0", "1", "3", "2"}} {
		var all []string
		for after := (store.Record{}); ; {
			page, err := s.Foreign(context.Background(), keyID, after, 1)
			if err != nil || len(page) > 1 || len(all) > 4 {
				t.Fatalf("pages of one: %d records behind %v (%v)", len(page), all, err)
			}
			if len(page) == 0 {
				break
			}
			all, after = append(all, page[0].ID), page[0]
		}
		if !slices.Equal(all, want) {
			t.Errorf("one by one, under other keys than %s: %v, want %v", keyID, all, want)
		}
	}
	behind := store.Record{KeyID: "k2", Space: "\U0010FFFF"} // every record of that key
	if got, _ := s.Foreign(context.Background(), "k1", behind, 10); !slices.Equal(ids(got), []string{"2"}) {
		t.Errorf("behind the records of k2: %v", ids(got))
	}
}

func due(t *testing.T, s store.Store) {
	for i, after := range []time.Duration{0, time.Second, -time.Hour} {
		apply(t, s, put(store.Record{Space: fmt.Sprint(i), Kind: "job", ID: "1", Due: epoch.Add(after)}))
	}
	apply(t, s, put(store.Record{Kind: "job", ID: "never"}), put(store.Record{Kind: "other", ID: "1", Due: epoch.Add(-2 * time.Hour)}))
	for now, want := range map[time.Time]int64{epoch: 2, epoch.Add(time.Second): 3, epoch.Add(-time.Hour): 1} {
		if n, first, err := s.Due(context.Background(), "job", now); n != want || !first.Equal(epoch.Add(-time.Hour)) || err != nil {
			t.Errorf("due at %v: %d since %v, %v; want %d", now, n, first, err, want)
		}
	}
	if n, first, err := s.Due(context.Background(), "nothing", epoch); n != 0 || !first.IsZero() || err != nil {
		t.Errorf("of a kind that there is nothing of: %d since %v, %v", n, first, err)
	}
}

func copies(t *testing.T, s store.Store) {
	for i := range 3 {
		apply(t, s, store.Op{Record: store.Record{Space: "a", Kind: "event", Labels: []string{"l"}, Body: []byte{byte(i)}}, Sequence: true})
	}
	r := apply(t, s, put(store.Record{Kind: "k", ID: "1", Sealed: []byte{1}, KeyID: "k", Due: epoch}))[0]
	apply(t, s, put(r))
	all := func() []store.Record {
		var out []store.Record
		if err := s.All(context.Background(), func(r store.Record) error { out = append(out, r); return nil }); err != nil {
			t.Fatal(err)
		}
		return out
	}
	want := all()
	if len(want) != 4 || want[0].Kind != "k" || want[0].Revision != 2 {
		t.Fatalf("all records: %+v", want)
	}
	for _, r := range want {
		apply(t, s, store.Op{Record: r, Delete: true})
	}
	if err := s.Import(context.Background(), want); err != nil {
		t.Fatal(err)
	}
	if err := s.Import(context.Background(), want); err != nil {
		t.Fatalf("a second time: %v", err)
	}
	if diff := cmp.Diff(want, all()); diff != "" {
		t.Errorf("after a copy (-want +got):\n%s", diff)
	}
	if got := list(t, s, store.Query{Space: "a", Kind: "event", Labels: []string{"l"}}); len(got) != 3 {
		t.Errorf("labels of a copy find %v", got)
	}
	next := apply(t, s, store.Op{Record: store.Record{Space: "a", Kind: "event"}, Sequence: true})
	if next[0].ID != store.Number(4) {
		t.Errorf("the number behind a copy is %s", next[0].ID)
	}
	if got, err := s.Kinds(context.Background()); err != nil || !cmp.Equal(got, map[string]int64{"event": 4, "k": 1}) {
		t.Errorf("kinds %v (%v)", got, err)
	}
	stop := errors.New("stop")
	if err := s.All(context.Background(), func(store.Record) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("All went on after %v", err)
	}
}

func refused(t *testing.T, s store.Store) {
	for what, op := range map[string]store.Op{
		"no id":             put(store.Record{Kind: "k"}),
		"no kind":           put(store.Record{ID: "1"}),
		"a NUL":             put(store.Record{Kind: "k", ID: "a\x00b"}),
		"no UTF-8":          put(store.Record{Kind: "k", ID: "1", Labels: []string{"\xff"}}),
		"long names":        put(store.Record{Kind: "k", ID: strings.Repeat("x", 600)}),
		"a long label":      put(store.Record{Kind: "k", ID: "1", Labels: []string{strings.Repeat("x", 1001)}}),
		"sealed by nothing": put(store.Record{Kind: "k", ID: "1", Sealed: []byte{1}}),
		"a key for nothing": put(store.Record{Kind: "k", ID: "1", KeyID: "k"}),
		"a blind deletion":  {Record: store.Record{Kind: "k", ID: "1"}, Delete: true},
	} {
		if _, err := s.Apply(context.Background(), op); err == nil || errors.Is(err, store.ErrConflict) {
			t.Errorf("%s: %v, want an error that names it", what, err)
		}
	}
	if got, _ := s.Kinds(context.Background()); len(got) != 0 {
		t.Errorf("kept %v all the same", got)
	}
}

func deleted(t *testing.T, s store.Store) {
	r := apply(t, s, put(store.Record{Kind: "k", ID: "1", Labels: []string{"l"}}))[0]
	apply(t, s, store.Op{Record: r, Delete: true})
	apply(t, s, put(store.Record{Kind: "k", ID: "1"}))
	if got := list(t, s, store.Query{Kind: "k", Labels: []string{"l"}}); got != nil {
		t.Errorf("a label of the record before finds %v", got)
	}
}

func hostile(t *testing.T, s store.Store) {
	for i, name := range []string{"'; DROP TABLE records; --", "?", "$1", "%", "_", "\\", "\"", "\n", "é", "e\u0301", "\U0010FFFF", "A", "a", " ", "a "} {
		r := store.Record{Space: name, Kind: name, ID: name, Labels: []string{name}, Body: []byte(name)}
		apply(t, s, put(r))
		if got := list(t, s, store.Query{Space: name, Kind: name, Labels: []string{name}}); !slices.Equal(got, []string{name}) {
			t.Errorf("%d: %q is found as %q", i, name, got)
		}
		apply(t, s, put(store.Record{Kind: "sorted", ID: name}))
	}
	for _, none := range []string{"\x00", "a\x00", "\xff", "a\xed\xa0\x80"} {
		if _, err := s.Get(context.Background(), "a", "a", none); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("what is no text, %q: %v", none, err)
		}
		for _, q := range []store.Query{{Labels: []string{none}}, {Prefix: none}, {Labels: []string{"a", none}}} {
			q.Space, q.Kind = "a", "a"
			if got := list(t, s, q); got != nil {
				t.Errorf("what is no text, %q, finds %q", none, got)
			}
		}
		q := store.Query{Space: "a", Kind: "a", After: none}
		if _, err := s.List(context.Background(), q); err != nil {
			t.Errorf("behind what is no text, %q: %v", none, err)
		}
	}
	if got := list(t, s, store.Query{Kind: "sorted"}); !slices.IsSorted(got) || len(got) != 15 {
		t.Errorf("not in the order of bytes: %q", got)
	}
}
