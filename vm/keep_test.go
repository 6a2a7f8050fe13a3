package vm_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/vm"
)

// fullDisk is a store of connections that fails as long as it is told to.
type fullDisk struct {
	vm.ConnectionStore
	err error
}

func (s *fullDisk) Swap(ctx context.Context, c *vm.Connection) (bool, error) {
	if s.err != nil {
		return false, s.err
	}
	return s.ConnectionStore.Swap(ctx, c)
}

// A callback stores what it made before it lets go of the authorisation: a store that fails costs the user nothing, and
// a connection that somebody changed meanwhile stays.
func TestCallbackKeeps(t *testing.T) {
	ctx := context.Background()
	w := newWorld()
	store := &fullDisk{vm.NewMemoryConnections(), errors.New("disk at 10.2.3.4 is full")}
	h := w.host()
	h.Limits, h.Connections = vm.Limits{}, store
	e := mustEngine(t, mustCompile(t, fullSpec, imlc.Options{}), h)
	step := fullStep(t, w, e, "", fullToken, reply{}, fullMe)
	_, err := e.Callback(ctx, step.State, fullBack)
	failed := errorOf(t, err)
	if failed.Class != vm.ClassHost || failed.Resume == "" || strings.Contains(failed.Message, "10.2.3.4") {
		t.Fatalf("%+v", failed)
	}
	store.err = nil
	conn, err := e.Resume(ctx, nil, failed.Resume)
	if err != nil || conn.Revision != 1 {
		t.Fatal(conn, err)
	}
	kept, err := store.Load(ctx, "c-1")
	if err != nil || kept.Data.Value("token").Str() != "at" || kept.UID != "42" || kept.Revision != 1 {
		t.Fatal(kept, err)
	}
	w.script(fullFirst)
	again, err := e.Reauthorize(ctx, conn, vm.Grant{RedirectURI: "https://host.test/cb"})
	if err != nil {
		t.Fatal(err)
	}
	kept.UID = "changed meanwhile"
	if ok, err := store.Swap(ctx, kept); !ok || err != nil {
		t.Fatal(ok, err)
	}
	w.script(fullToken, reply{}, fullMe)
	if conn, err = e.Callback(ctx, again.State, fullBack); err != nil || conn.Revision != 1 {
		t.Fatal(conn, err)
	}
	if kept, err = store.Load(ctx, "c-1"); err != nil || kept.UID != "changed meanwhile" || kept.Revision != 2 {
		t.Error(kept, err)
	}
}

// A connection that no store could keep under its id is refused before anything is sent, not behind what the service has
// granted.
func TestAuthorisationsNeedAnID(t *testing.T) {
	for _, c := range []struct {
		id, spec string
		kept     bool
		ok       bool
	}{
		{"", fullSpec, true, false}, {"a\xffb", fullSpec, true, false}, {"a\xffb", fullSpec, false, false},
		{"", fullSpec, false, true}, {"c", fullSpec, true, true},
		{"", `{"url":"https://a.test/"}`, true, true}, // the host stores it, under a name that it can give it then
	} {
		w := newWorld(fullFirst)
		h := w.host()
		h.Limits = vm.Limits{}
		if c.kept {
			h.Connections = vm.NewMemoryConnections()
		}
		_, err := mustEngine(t, mustCompile(t, c.spec, imlc.Options{}), h).Authorize(context.Background(), vm.Grant{ConnectionID: c.id, RedirectURI: "https://host.test/cb"})
		switch {
		case c.ok && err != nil:
			t.Errorf("%+v: %v", c, err)
		case !c.ok && (err == nil || errorOf(t, err).Class != vm.ClassHost || len(w.sent) != 0):
			t.Errorf("%+v: %v, %d requests", c, err, len(w.sent))
		}
	}
}
