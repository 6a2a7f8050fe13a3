package broker_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/imlc-lang/imlc/broker"
	"github.com/imlc-lang/imlc/broker/envelope"
	"github.com/imlc-lang/imlc/broker/store/sqlstore"
	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm"
)

// replicaVariable makes this test a process of a broker: it holds its options.
const replicaVariable = "IMLC_TEST_BROKER_REPLICA"

// replica is a process of a broker, which can be killed and started again.
type replica struct {
	Listen, URL, Keys, Postgres, File string
	// Stubborn has it try on what fails again and again.
	Stubborn bool
	// Limit is the memory that the process keeps itself to, in bytes.
	Limit int64
	cmd   *exec.Cmd
}

func TestMain(m *testing.M) {
	text := os.Getenv(replicaVariable)
	if text == "" {
		os.Exit(m.Run())
	}
	var r replica
	err := json.Unmarshal([]byte(text), &r)
	if err == nil {
		err = r.serve()
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// serve is what imlc serve does.
func (r *replica) serve() error {
	debug.SetMemoryLimit(r.Limit)
	data, err := os.ReadFile(r.Keys)
	if err != nil {
		return err
	}
	ring, err := envelope.ParseRing(data, rand.Reader)
	if err != nil {
		return err
	}
	ring.Follow(func() (*envelope.Ring, error) {
		data, err := os.ReadFile(r.Keys)
		if err != nil {
			return nil, err
		}
		return envelope.ParseRing(data, rand.Reader)
	})
	s, err := sqlstore.Open(context.Background(), sqlstore.Options{Postgres: r.Postgres, File: r.File})
	if err != nil {
		return err
	}
	write := func(file []byte) error {
		next := r.Keys + "." + strconv.Itoa(os.Getpid())
		if err := os.WriteFile(next, file, 0o600); err != nil {
			return err
		}
		return os.Rename(next, r.Keys)
	}
	b, err := broker.New(broker.Config{Store: s, Keys: ring, URL: r.URL, Host: vm.Host{Egress: wire.Egress{AllowPrivate: true}, Limits: broker.Limits()},
		RotateKeys: func() error {
			return ring.AddKept(time.Now(), func(next *envelope.Ring) error { return write(next.Encode()) })
		}, LookEvery: 500 * time.Millisecond})
	if err != nil {
		return err
	}
	if r.Stubborn {
		b.NeverSetAside()
	}
	go func() { _ = b.Run(context.Background()) }()
	return http.ListenAndServe(r.Listen, b.Handler())
}

func (r *replica) start(t *testing.T) {
	t.Helper()
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	r.cmd = exec.Command(os.Args[0], "-test.run=^$")
	r.cmd.Env = append(os.Environ(), replicaVariable+"="+string(text))
	r.cmd.Stderr = os.Stderr
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for range 400 {
		if res, err := http.Get("http://" + r.Listen + "/readyz"); err == nil {
			res.Body.Close()
			if res.StatusCode == 200 {
				return
			}
		}
		time.Sleep(25 * time.Millisecond)
	}
	t.Fatal("the replica does not start")
}

func (r *replica) kill() {
	_ = r.cmd.Process.Kill() // SIGKILL
	_ = r.cmd.Wait()
}

// peak is the most resident memory that the process had, in bytes; 0 where nobody tells.
func (r *replica) peak() int64 {
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", r.cmd.Process.Pid))
	found := regexp.MustCompile(`VmHWM:\s+(\d+) kB`).FindSubmatch(status)
	if found == nil {
		return 0
	}
	n, _ := strconv.ParseInt(string(found[1]), 10, 64)
	return n << 10
}

// installation is an installation of one broker or several, with its front and its service.
type installation struct {
	*testing.T
	replicas []*replica
	front    *httptest.Server
	key      string
	turn     atomic.Int64
	client   http.Client
}

// install starts processes over a database. Its key may do everything.
func install(t *testing.T, n int, postgres string) *installation {
	t.Helper()
	dir := t.TempDir()
	in := &installation{T: t, client: http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{MaxIdleConnsPerHost: 100}}}
	in.front = httptest.NewServer(in)
	t.Cleanup(in.front.Close)
	ring, err := envelope.NewRing(rand.Reader, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	keys, file := filepath.Join(dir, "keys.json"), filepath.Join(dir, "broker.db")
	if err := os.WriteFile(keys, ring.Encode(), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := sqlstore.Open(t.Context(), sqlstore.Options{Postgres: postgres, File: file})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	b, err := broker.New(broker.Config{Store: s, Keys: ring, URL: in.front.URL})
	if err != nil {
		t.Fatal(err)
	}
	if err := b.EnsureTenant(t.Context(), "default", "main"); err != nil {
		t.Fatal(err)
	}
	if in.key, err = b.NewKey(t.Context(), broker.DefaultSpace, "test", append(broker.Scopes(), broker.ScopeAdmin)); err != nil {
		t.Fatal(err)
	}
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		l.Close()
		r := &replica{Listen: l.Addr().String(), URL: in.front.URL, Keys: keys, Postgres: postgres, File: file, Limit: 72 << 20}
		r.start(t)
		t.Cleanup(r.kill)
		in.replicas = append(in.replicas, r)
	}
	return in
}

// ServeHTTP hands requests to the replicas in turn, and those of one that is not there to another, as nginx does.
func (in *installation) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	for try := 0; try < 40 && err == nil; try++ {
		target := in.replicas[in.turn.Add(1)%int64(len(in.replicas))]
		out, err := http.NewRequestWithContext(r.Context(), r.Method, "http://"+target.Listen+r.URL.RequestURI(), bytes.NewReader(body))
		if err != nil {
			break
		}
		out.Header, out.Host = r.Header.Clone(), r.Host
		res, err := in.client.Do(out)
		if err != nil {
			time.Sleep(50 * time.Millisecond)
			continue
		}
		for name, list := range res.Header {
			w.Header()[name] = list
		}
		w.WriteHeader(res.StatusCode)
		_, _ = io.Copy(w, res.Body)
		res.Body.Close()
		return
	}
	w.WriteHeader(http.StatusBadGateway)
}

// api makes a request of the API.
func (in *installation) api(method, path string, body any) (int, map[string]any) {
	data, err := json.Marshal(body)
	if err != nil {
		return 0, nil
	}
	req, err := http.NewRequest(method, in.front.URL+path, bytes.NewReader(data))
	if err != nil {
		return 0, nil
	}
	req.Header.Set("Authorization", "Bearer "+in.key)
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil
	}
	defer res.Body.Close()
	out := map[string]any{}
	_ = json.NewDecoder(res.Body).Decode(&out)
	return res.StatusCode, out
}

func (in *installation) must(method, path string, body any) map[string]any {
	in.Helper()
	for range 20 {
		status, out := in.api(method, path, body)
		if status/100 == 2 {
			return out
		}
		if status != 0 && status != 409 && status < 500 {
			in.Fatalf("%s %s: %d %v", method, path, status, out)
		}
		time.Sleep(100 * time.Millisecond)
	}
	in.Fatalf("%s %s comes to nothing", method, path)
	return nil
}

// freshDatabase is a schema of its own on a PostgreSQL server.
func freshDatabase(t *testing.T, server string) string {
	t.Helper()
	admin, err := sql.Open("pgx", server)
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close()
	schema := "test_" + strings.ToLower(rand.Text())
	if _, err := admin.Exec("CREATE SCHEMA " + schema); err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Set("search_path", schema)
	u.RawQuery = q.Encode()
	return u.String()
}
