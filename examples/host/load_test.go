package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sort"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/imlc-lang/imlc/internal/provider"
)

// The load of the test; see docs/performance.md for what the long one shows:
//
//	go test ./examples/host -run TestLoad -v -load 30s -clients 64 -rounds 5 -timeout 20m
var (
	loadTime    = flag.Duration("load", 1500*time.Millisecond, "how long a round of TestLoad lasts")
	loadClients = flag.Int("clients", 8, "how many users TestLoad has at a time")
	loadRounds  = flag.Int("rounds", 1, "how many rounds TestLoad has")
)

// replicaVariable makes this test a replica of the application: it holds its options.
const replicaVariable = "IMLC_TEST_HOST_REPLICA"

func TestMain(m *testing.M) {
	text := os.Getenv(replicaVariable)
	if text == "" {
		os.Exit(m.Run())
	}
	var r struct{ Listen, Base, Plan, Params, Keys, DB string }
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		panic(err)
	}
	go func() { // how many goroutines there are, for the test
		_ = http.ListenAndServe(probe(r.Listen), http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, runtime.NumGoroutine())
		}))
	}()
	fmt.Fprintln(os.Stderr, serve(context.Background(), options{listen: r.Listen, base: r.Base, plan: r.Plan, params: r.Params, keys: r.Keys, db: r.DB, allowPrivate: true}))
	os.Exit(1)
}

// probe is where the replica at an address tells how many goroutines it has: at the next port.
func probe(address string) string {
	host, port, _ := net.SplitHostPort(address)
	n, _ := strconv.Atoi(port)
	return net.JoinHostPort(host, strconv.Itoa(n+1))
}

// freeAddress returns an address whose port, and the next one, nobody uses.
func freeAddress(t *testing.T) string {
	t.Helper()
	for range 1000 { // behind a long round most ports have just been used
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		address := l.Addr().String()
		next, err := net.Listen("tcp", probe(address))
		l.Close()
		if err == nil {
			next.Close()
			return address
		}
	}
	t.Fatal("no free ports")
	return ""
}

// faulty is the service: its provider behind a connection that breaks as the internet does.
type faulty struct {
	next http.Handler
	mu   sync.Mutex
	// granted are the tokens that the service gave, cut those whose answer it never sent.
	granted, cut map[string]bool
	// repeats is set for a service that answers a token request for the same temporary credentials as it did before;
	// answers are those. RFC 5849 §2.3 lets temporary credentials be used once, and most services follow it.
	repeats bool
	answers map[string]*httptest.ResponseRecorder
}

func newFaulty(next http.Handler, repeats bool) *faulty {
	return &faulty{next: next, granted: map[string]bool{}, cut: map[string]bool{}, repeats: repeats, answers: map[string]*httptest.ResponseRecorder{}}
}

func (f *faulty) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	chance := rand.Float64()
	switch {
	case r.URL.Path == "/authorize":
		chance = 1 // that is the browser's part
	case chance < 0.04:
		http.Error(w, "overloaded", http.StatusServiceUnavailable)
		return
	case chance < 0.06:
		reset(w)
		return
	case chance > 0.97 && chance < 1:
		time.Sleep(time.Duration(200+rand.IntN(1500)) * time.Millisecond)
	}
	lost := chance >= 0.06 && chance < 0.07
	answer := f.act(r, lost)
	if lost {
		reset(w)
		return
	}
	for name, list := range answer.Header() {
		w.Header()[name] = list
	}
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes())
}

// act has the provider do what it is asked to, and notes what it grants.
func (f *faulty) act(r *http.Request, lost bool) *httptest.ResponseRecorder {
	_, temporary, _ := strings.Cut(r.Header.Get("Authorization"), `oauth_token="`)
	temporary, _, _ = strings.Cut(temporary, `"`)
	isToken := r.URL.Path == "/access_token"
	if isToken && f.repeats {
		f.mu.Lock()
		before := f.answers[temporary]
		f.mu.Unlock()
		if before != nil {
			return before
		}
	}
	answer := httptest.NewRecorder()
	f.next.ServeHTTP(answer, r)
	if !isToken || answer.Code != http.StatusOK {
		return answer
	}
	fields, _ := url.ParseQuery(answer.Body.String())
	f.mu.Lock()
	defer f.mu.Unlock()
	f.answers[temporary] = answer
	f.granted[fields.Get("oauth_token")] = true
	if lost {
		f.cut[fields.Get("oauth_token")] = true
	}
	return answer
}

func reset(w http.ResponseWriter) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		return
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	conn.Close()
}

// replica is one process of the application, which can be killed and started again.
type replica struct {
	t       *testing.T
	options string
	address string
	cmd     *exec.Cmd
}

func (r *replica) start() {
	r.cmd = exec.Command(os.Args[0], "-test.run=^$")
	r.cmd.Env = append(os.Environ(), replicaVariable+"="+r.options)
	if err := r.cmd.Start(); err != nil {
		r.t.Fatal(err)
	}
	for range 200 {
		if res, err := http.Get("http://" + r.address + "/healthz"); err == nil {
			res.Body.Close()
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	r.t.Fatal("the replica does not start")
}

func (r *replica) kill() {
	_ = r.cmd.Process.Kill() // SIGKILL
	_ = r.cmd.Wait()
}

func (r *replica) goroutines() int {
	res, err := http.Get("http://" + probe(r.address))
	if err != nil {
		return 0
	}
	defer res.Body.Close()
	var n int
	_, _ = fmt.Fscan(res.Body, &n)
	return n
}

// balancer hands requests to the replicas in turn, and those of one that is not there to the other, as nginx does.
type balancer struct {
	replicas []*replica
	turn     atomic.Int64
	client   http.Client
}

func (b *balancer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	for try := range 4 {
		target := b.replicas[b.turn.Add(1)%int64(len(b.replicas))]
		out, err := http.NewRequestWithContext(r.Context(), r.Method, "http://"+target.address+r.URL.RequestURI(), http.NoBody)
		if err != nil {
			break
		}
		out.Header = r.Header.Clone()
		res, err := b.client.Do(out)
		if err != nil {
			time.Sleep(time.Duration(try) * 20 * time.Millisecond)
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

// tally is what the users of a round saw.
type tally struct {
	mu                     sync.Mutex
	took                   []time.Duration
	sessions               []string // that were told that they are connected
	restarted, gaveUp      int
	calls, failed, resumed int
	afterGrant             int // who had to start again although the service had granted access
}

// user connects and makes three calls, as a browser does that follows what pages say.
func user(address string, s *tally) {
	jar, _ := cookiejar.New(nil)
	browser := &http.Client{Jar: jar, Timeout: 30 * time.Second}
	began, connected, restarts, resumes := time.Now(), false, 0, 0
	next := address + "/connect"
	for steps := 0; steps < 24 && !connected; steps++ {
		res, err := browser.Get(next)
		if err != nil {
			continue
		}
		body, _ := io.ReadAll(res.Body)
		res.Body.Close()
		if connected = strings.Contains(string(body), "Connected as"); connected {
			break
		}
		refresh := res.Header.Get("Refresh")
		switch {
		case strings.Contains(refresh, "/resume"):
			next = address + "/resume"
			resumes++
			time.Sleep(100 * time.Millisecond)
		case strings.Contains(string(body), "being completed"):
			next = res.Request.URL.String()
			time.Sleep(2 * time.Second)
		case refresh != "" || res.StatusCode == http.StatusBadGateway && len(body) == 0:
			next = res.Request.URL.String() // the same again
			time.Sleep(100 * time.Millisecond)
		default:
			if resumes > 0 {
				s.mu.Lock()
				s.afterGrant++
				s.mu.Unlock()
			}
			restarts++
			next = address + "/connect"
		}
	}
	calls, failed := 0, 0
	for range 3 {
		if !connected {
			break
		}
		calls++
		res, err := browser.Get(address + "/api/me")
		if err != nil {
			failed++
			continue
		}
		if res.StatusCode != http.StatusOK {
			failed++
		}
		res.Body.Close()
	}
	at, _ := url.Parse(address)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls, s.failed, s.restarted, s.resumed = s.calls+calls, s.failed+failed, s.restarted+restarts, s.resumed+resumes
	if !connected {
		s.gaveUp++
		return
	}
	s.took = append(s.took, time.Since(began))
	for _, c := range jar.Cookies(at) {
		if c.Name == sessionCookie {
			s.sessions = append(s.sessions, c.Value)
		}
	}
}

// Whole flows of many users through two replicas, one of which is killed and comes back, against a service with faults:
// nobody's connection is lost or made twice, and next to nothing that was granted is thrown away.
//
// A service that uses temporary credentials once, as RFC 5849 §2.3 wants it, and cuts the connection after it granted a
// token, has given it to nobody: no client ever sees it, and none can ask again. These are counted apart. Against a
// service that repeats its answer, nothing is.
func TestLoad(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	for name, repeats := range map[string]bool{"temporary credentials work once": false, "the service repeats its answer": true} {
		t.Run(name, func(t *testing.T) {
			if *loadTime < 10*time.Second {
				t.Parallel() // most of the short form is the wait for what the killed replica held
			}
			loaded(t, repeats)
		})
	}
}

func loaded(t *testing.T, repeats bool) {
	p, err := provider.New(provider.Config{AutoApprove: true})
	if err != nil {
		t.Fatal(err)
	}
	service := newFaulty(p, repeats)
	outside := httptest.NewServer(service)
	defer outside.Close()
	b := &balancer{client: http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{MaxIdleConnsPerHost: 100}}}
	front := httptest.NewServer(b)
	defer front.Close()
	o := files(t, outside.URL)
	o.base = front.URL
	for range 2 {
		r := newReplica(t, o)
		r.start()
		defer r.kill()
		b.replicas = append(b.replicas, r)
	}
	s := &tally{}
	var goroutines []int // of the replica that lives through all rounds
	for round := range *loadRounds {
		s.round(front.URL, b.replicas[0])
		for i, r := range b.replicas {
			n := r.goroutines()
			t.Logf("round %d, replica %d: %d goroutines", round+1, i+1, n)
			if n > 200 {
				t.Errorf("replica %d has %d goroutines", i+1, n)
			}
		}
		goroutines = append(goroutines, b.replicas[1].goroutines())
	}
	// Idle connections come and go; a goroutine that each flow leaves behind would be hundreds.
	if first, last := goroutines[0], goroutines[len(goroutines)-1]; last > first+50 {
		t.Errorf("the goroutines grow from round to round: %v", goroutines)
	}
	s.check(t, o, service)
}

// newReplica returns a replica of the application with the options, at an address of its own.
func newReplica(t *testing.T, o options) *replica {
	t.Helper()
	r := &replica{t: t, address: freeAddress(t)}
	text, err := json.Marshal(map[string]string{"Listen": r.address, "Base": o.base, "Plan": o.plan, "Params": o.params, "Keys": o.keys, "DB": o.db})
	if err != nil {
		t.Fatal(err)
	}
	r.options = string(text)
	return r
}

// round has users come for a while, amid which a replica is killed and comes back.
func (s *tally) round(address string, victim *replica) {
	end := time.Now().Add(*loadTime)
	var all sync.WaitGroup
	for range *loadClients {
		all.Go(func() {
			for time.Now().Before(end) {
				user(address, s)
			}
		})
	}
	time.Sleep(*loadTime / 3)
	victim.kill()
	time.Sleep(*loadTime / 10)
	victim.start()
	all.Wait()
}

// check compares what users were told and what the service granted with what is stored.
func (s *tally) check(t *testing.T, o options, service *faulty) {
	t.Helper()
	seal, err := readKeys(o.keys)
	if err != nil {
		t.Fatal(err)
	}
	store, err := openStore(t.Context(), o.db, seal)
	if err != nil {
		t.Fatal(err)
	}
	stored, lost := map[string]int{}, 0
	for after := ""; ; {
		ids, err := store.IDs(t.Context(), after, 1000)
		if err != nil {
			t.Fatal(err)
		}
		if len(ids) == 0 {
			break
		}
		for _, id := range ids {
			conn, err := store.Load(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			stored[conn.Data.Value("accessToken").Str()]++
		}
		after = ids[len(ids)-1]
	}
	for _, session := range s.sessions {
		if conn, err := store.Load(t.Context(), session); err != nil || conn == nil {
			lost++
		}
	}
	doubled, orphaned, cut := 0, 0, 0
	for _, n := range stored {
		if n > 1 {
			doubled++
		}
	}
	for token := range service.granted {
		switch {
		case stored[token] > 0:
		case service.cut[token]:
			cut++
		default:
			orphaned++
		}
	}
	sort.Slice(s.took, func(i, j int) bool { return s.took[i] < s.took[j] })
	at := func(q float64) time.Duration {
		if len(s.took) == 0 {
			return 0
		}
		return s.took[int(q*float64(len(s.took)-1))].Round(10 * time.Millisecond)
	}
	t.Logf("flows %d, p50 %s, p95 %s, p99 %s; calls %d, failed %d; resumed %d, started again %d (after a grant %d), gave up %d", len(s.took), at(0.5), at(0.95), at(0.99),
		s.calls, s.failed, s.resumed, s.restarted, s.afterGrant, s.gaveUp)
	percent := func(n int) float64 { return 100 * float64(n) / float64(max(1, len(service.granted))) }
	t.Logf("granted %d, stored %d, orphaned %d (%.2f %%): %d (%.2f %%) were granted in an answer that the service never sent, %d (%.2f %%) for other reasons; lost %d, doubled %d",
		len(service.granted), len(stored), cut+orphaned, percent(cut+orphaned), cut, percent(cut), orphaned, percent(orphaned), lost, doubled)
	if len(s.took) == 0 || lost > 0 || doubled > 0 || s.afterGrant > 0 {
		t.Errorf("of %d flows %d are lost, %d doubled, %d started again after a grant", len(s.took), lost, doubled, s.afterGrant)
	}
	if service.repeats {
		orphaned += cut // they can be had
	}
	if limit := max(2, len(service.granted)/200); orphaned > limit {
		t.Errorf("%d grants of %d are orphaned, at most %d may be", orphaned, len(service.granted), limit)
	}
}

// files writes what an operator gives the application.
func files(t *testing.T, service string) options {
	t.Helper()
	dir := t.TempDir()
	o := options{plan: filepath.Join(dir, "demo.imlc"), params: filepath.Join(dir, "params.json"), keys: filepath.Join(dir, "keys.txt"), db: filepath.Join(dir, "host.db"), allowPrivate: true}
	for file, text := range map[string]string{
		o.plan:   string(demoPlan(t)),
		o.params: `{"baseUrl": "` + service + `", "consumerKey": "ck-hmac", "consumerSecret": "cs-hmac"}`,
		o.keys:   "k1 " + strings.Repeat("0123456789abcdef", 4) + "\n",
	} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return o
}
