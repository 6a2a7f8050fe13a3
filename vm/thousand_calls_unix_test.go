//go:build unix

package vm_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/parser/make"
	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm"
)

// A thousand calls by Do, and as many by a client of each, need four connections to the service at most, leave no
// goroutine, and are content with 256 open files, sixty-four at a time too.
func TestThousandCalls(t *testing.T) {
	const variable = "IMLC_TEST_THOUSAND_CALLS"
	if address := os.Getenv(variable); address != "" {
		manyCalls(t, address)
		return
	}
	var opened atomic.Int32
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/opened" {
			fmt.Fprint(w, opened.Load())
		}
	}))
	server.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			opened.Add(1)
		}
	}
	server.Start()
	defer server.Close()
	cmd := exec.Command(os.Args[0], "-test.run=^TestThousandCalls$", "-test.count=1")
	cmd.Env = append(os.Environ(), variable+"="+server.URL)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// manyCalls is the process that makes the calls.
func manyCalls(t *testing.T, address string) {
	files := syscall.Rlimit{Cur: 256, Max: 256}
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &files); err != nil {
		t.Fatal(err)
	}
	p := mustCompileParts(t, map[string]string{make.Communication: `{"oauth":{"consumer_key":"ck","consumer_secret":"cs"}}`,
		make.Base: `{"baseUrl":"` + address + `"}`}, nil, imlc.Options{})
	conn := &vm.Connection{}
	for name, call := range map[string]func(*vm.Engine, string) (*http.Response, error){
		"Do": func(e *vm.Engine, path string) (*http.Response, error) {
			return e.Do(context.Background(), conn, request(t, "GET", path, ""))
		},
		"Client": func(e *vm.Engine, path string) (*http.Response, error) { return e.Client(conn).Get(address + path) },
	} {
		before := runtime.NumGoroutine()
		e, err := vm.New(p, vm.Host{Egress: wire.Egress{AllowPrivate: true, AllowHTTP: true}})
		if err != nil {
			t.Fatal(err)
		}
		calls := func(atATime int) {
			var all sync.WaitGroup
			for range atATime {
				all.Go(func() {
					for range 1000 / atATime {
						res, err := call(e, "/x")
						if err != nil {
							t.Error(err)
							return
						}
						_ = res.Body.Close()
					}
				})
			}
			all.Wait()
		}
		opened := func() (n int) {
			res, err := call(e, "/opened")
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			_, _ = fmt.Fscan(res.Body, &n)
			return n
		}
		earlier := opened()
		calls(1)
		if n := opened() - earlier + 1; n > 4 {
			t.Errorf("%s: 1000 calls opened %d connections, 4 are enough", name, n)
		}
		calls(64)
		e.Close()
		left := 0
		for range 100 { // the ends of connections take a moment
			if left = runtime.NumGoroutine() - before; left <= 0 {
				break
			}
			time.Sleep(20 * time.Millisecond)
		}
		if left > 0 {
			t.Errorf("%s: 2000 calls left %d goroutines", name, left)
		}
	}
}
