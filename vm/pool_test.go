package vm_test

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

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

// Who asks for an engine has it, whatever becomes of those who asked for the same one before.
func TestPoolOutlivesWhoAsks(t *testing.T) {
	p := mustCompile(t, `{"url":"https://a.test/1"}`, imlc.Options{})
	file, err := plan.Encode(p, plan.EncodeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	hash := mustEngine(t, p, vm.Host{}).PlanHash()
	for name, goes := range map[string]func(context.Context, context.CancelFunc) ([]byte, error){
		"context ends": func(ctx context.Context, cancel context.CancelFunc) ([]byte, error) { cancel(); return nil, ctx.Err() },
		"panics":       func(context.Context, context.CancelFunc) ([]byte, error) { panic("no store") },
		"exits":        func(context.Context, context.CancelFunc) ([]byte, error) { runtime.Goexit(); return nil, nil },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var loads atomic.Int32
			begun, second := make(chan struct{}), make(chan struct{})
			first, cancel := context.WithCancel(context.Background())
			defer cancel()
			pool, err := vm.NewPool(newWorld().host(), 2, func(ctx context.Context, _ string) ([]byte, error) {
				if loads.Add(1) > 1 {
					return file, nil
				}
				close(begun)
				<-second
				return goes(ctx, cancel)
			})
			if err != nil {
				t.Fatal(err)
			}
			gone := make(chan struct{})
			go func() {
				defer close(gone)
				defer func() { _ = recover() }()
				_, _ = pool.Engine(first, hash)
			}()
			<-begun
			ctx, stop := context.WithTimeout(context.Background(), 10*time.Second)
			defer stop()
			time.AfterFunc(20*time.Millisecond, func() { close(second) })
			if e, err := pool.Engine(ctx, hash); err != nil || e.PlanHash() != hash {
				t.Errorf("who waited: %v", err)
			}
			<-gone
			if _, err := pool.Engine(ctx, hash); err != nil || loads.Load() != 2 {
				t.Errorf("who comes later: %v after %d loads", err, loads.Load())
			}
		})
	}
}

// Zero is the default, and a negative pool keeps nothing.
func TestPoolBounds(t *testing.T) {
	p := mustCompile(t, `{"url":"https://a.test/1"}`, imlc.Options{})
	file, err := plan.Encode(p, plan.EncodeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	hash := mustEngine(t, p, vm.Host{}).PlanHash()
	for max, want := range map[int]int{0: 1, 1: 1, -1: 3} {
		loads := 0
		pool, err := vm.NewPool(newWorld().host(), max, func(context.Context, string) ([]byte, error) { loads++; return file, nil })
		if err != nil {
			t.Fatal(err)
		}
		for range 3 {
			if _, err := pool.Engine(context.Background(), hash); err != nil {
				t.Fatal(err)
			}
		}
		if loads != want {
			t.Errorf("at most %d: %d loads, want %d", max, loads, want)
		}
	}
}
