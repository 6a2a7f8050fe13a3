package vm_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/vm"
	"github.com/imlc-lang/imlc/vm/value"
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
// what somebody else changed meanwhile stays.
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
	kept.Data.Set("token", value.Text("renewed"))
	kept.Data.Set("of the host", value.Text("changed meanwhile"))
	if ok, err := store.Swap(ctx, kept); !ok || err != nil {
		t.Fatal(ok, err)
	}
	w.script(fullToken, reply{}, fullMe)
	if conn, err = e.Callback(ctx, again.State, fullBack); err != nil || conn.Revision != 3 {
		t.Fatal(conn, err)
	}
	if kept, err = store.Load(ctx, "c-1"); err != nil || kept.Revision != 3 || jsonOf(kept.Data) != jsonOf(conn.Data) {
		t.Error(kept, err)
	}
	if d := kept.Data; d.Value("token").Str() != "at" || d.Value("of the host").Str() != "changed meanwhile" {
		t.Errorf("stored: %s", value.ToText(value.Collection(d)))
	}
}

// An id that a state could not carry, as it is no valid UTF-8, is refused before anything is sent.
func TestAuthorisationsNeedAValidID(t *testing.T) {
	w := newWorld(fullFirst)
	h := w.host()
	h.Limits = vm.Limits{}
	e := mustEngine(t, mustCompile(t, fullSpec, imlc.Options{}), h)
	grant := vm.Grant{ConnectionID: "a\xffb", RedirectURI: "https://host.test/cb"}
	if _, err := e.Authorize(context.Background(), grant); errorOf(t, err).Class != vm.ClassHost || len(w.sent) != 0 {
		t.Errorf("%v, %d requests", err, len(w.sent))
	}
	grant.ConnectionID = "a\ufffdb"
	if _, err := e.Authorize(context.Background(), grant); err != nil {
		t.Error(err)
	}
}
