package vm_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/vm"
	"github.com/imlc-lang/imlc/vm/plan"
)

// A pool loads each plan once for all who ask, forgets the one that was used longest ago, and tries again what failed.
func TestPool(t *testing.T) {
	files, hashes := map[string][]byte{}, []string{}
	for _, url := range []string{"https://a.test/1", "https://a.test/2", "https://a.test/3"} {
		p := mustCompile(t, `{"url":"`+url+`"}`, imlc.Options{})
		file, err := plan.Encode(p, plan.EncodeOptions{})
		if err != nil {
			t.Fatal(err)
		}
		hash := mustEngine(t, p, vm.Host{}).PlanHash()
		files[hash], hashes = file, append(hashes, hash)
	}
	var loads atomic.Int32
	var down error
	pool, err := vm.NewPool(newWorld().host(), 2, func(_ context.Context, hash string) ([]byte, error) {
		loads.Add(1)
		return files[hash], down
	})
	if err != nil {
		t.Fatal(err)
	}
	get := func(hash string) *vm.Engine {
		t.Helper()
		e, err := pool.Engine(context.Background(), hash)
		if err != nil || e.PlanHash() != hash {
			t.Fatal(e, err)
		}
		return e
	}
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() { get(hashes[0]) })
	}
	all.Wait()
	first := get(hashes[0])
	get(hashes[1])
	if get(hashes[0]) != first || loads.Load() != 2 {
		t.Errorf("%d loads for two plans", loads.Load())
	}
	get(hashes[2]) // the second was used longest ago
	get(hashes[0])
	if get(hashes[1]); loads.Load() != 4 {
		t.Errorf("%d loads, want 4", loads.Load())
	}
	if _, err := pool.Engine(context.Background(), "unknown"); !errors.Is(err, vm.ErrNoPlan) {
		t.Error(err)
	}
	files["other"] = files[hashes[0]]
	if _, err := pool.Engine(context.Background(), "other"); err == nil {
		t.Error("a plan of another hash runs")
	}
	down = errors.New("database is down")
	if _, err := pool.Engine(context.Background(), hashes[2]); !errors.Is(err, down) {
		t.Error(err)
	}
	down = nil
	get(hashes[2])
}
