package vm_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm"
)

// streaming is an engine whose connection belongs to a server of the test.
func streaming(t *testing.T, oauth, free string, h vm.Host, handler http.HandlerFunc) (*vm.Engine, string) {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	spec := fmt.Sprintf(`{"communication":{"oauth":{"consumer_key":"ck","consumer_secret":"cs"%s},"info":{"url":"%s/me"}},
		"base":{"baseUrl":"%s"%s}}`, oauth, server.URL, server.URL, free)
	h.Egress = wire.Egress{AllowPrivate: true}
	return mustEngine(t, mustCompile(t, spec, imlc.Options{}), h), server.URL
}

// endless gives bytes until it is told to stop.
type endless struct {
	given atomic.Int64
	stop  atomic.Int64
}

func (e *endless) Read(p []byte) (int, error) {
	if e.given.Load() >= e.stop.Load() {
		return 0, io.EOF
	}
	clear(p)
	e.given.Add(int64(len(p)))
	return len(p), nil
}

// A body that is longer than any limit of memory goes up and comes down, part by part, signed.
func TestStreamBothWays(t *testing.T) {
	e, _ := streaming(t, "", "", vm.Host{}, func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.Header.Get("Authorization"), "OAuth ") {
			t.Error("it is not signed")
		}
		if err := http.NewResponseController(w).EnableFullDuplex(); err != nil {
			t.Error(err)
		}
		n, err := io.Copy(w, r.Body)
		if n < 30<<20 || err != nil {
			t.Errorf("%d bytes came: %v", n, err)
		}
	})
	source := &endless{}
	source.stop.Store(30 << 20)
	req, _ := http.NewRequest("POST", "/files", source)
	req.Header.Set("Content-Type", "application/octet-stream")
	res, err := e.Stream(context.Background(), nil, req, vm.Streaming{})
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if n, err := io.Copy(io.Discard, res.Body); n < 30<<20 || err != nil {
		t.Errorf("%d bytes came back: %v", n, err)
	}
}

// Each part of an answer is there when the service has sent it, as long as that takes, and the service learns when the
// caller has gone.
func TestStreamOfEvents(t *testing.T) {
	gone := make(chan struct{})
	next := make(chan string)
	e, _ := streaming(t, "", "", vm.Host{Limits: vm.Limits{RequestTimeout: 200 * time.Millisecond, RunTimeout: 300 * time.Millisecond}}, func(w http.ResponseWriter, r *http.Request) {
		defer close(gone)
		for {
			w.(http.Flusher).Flush()
			select {
			case text := <-next:
				fmt.Fprintln(w, text)
			case <-r.Context().Done():
				return
			}
		}
	})
	ctx, cancel := context.WithCancel(context.Background())
	res, err := e.Stream(ctx, nil, request(t, "GET", "/events", ""), vm.Streaming{})
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	lines := bufio.NewScanner(res.Body)
	for _, text := range []string{"one", "two"} {
		time.Sleep(250 * time.Millisecond)
		next <- text
		if !lines.Scan() || lines.Text() != text {
			t.Fatalf("got %q: %v", lines.Text(), lines.Err())
		}
	}
	cancel()
	if lines.Scan() || !errors.Is(lines.Err(), context.Canceled) {
		t.Errorf("after the end: %q %v", lines.Text(), lines.Err())
	}
	<-gone
}

// A service that does not answer ends with the time of the request, whatever streams.
func TestStreamWaits(t *testing.T) {
	release := make(chan struct{})
	e, _ := streaming(t, "", "", vm.Host{Limits: vm.Limits{RequestTimeout: 100 * time.Millisecond, Attempts: 1}}, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		<-release
	})
	defer close(release)
	source := &endless{}
	source.stop.Store(1 << 20)
	for _, body := range []io.Reader{nil, source} {
		req, _ := http.NewRequest("POST", "/files", body)
		_, err := e.Stream(context.Background(), nil, req, vm.Streaming{})
		var failed *vm.Error
		if !errors.As(err, &failed) || failed.Cause != "timeout" {
			t.Errorf("%v", err)
		}
	}
}

// The bounds hold while bodies are on their way, and before where their length is known.
func TestStreamBounds(t *testing.T) {
	e, _ := streaming(t, "", "", vm.Host{}, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.Copy(w, io.LimitReader(zeros{}, 300<<10))
	})
	var reached *vm.LimitError
	for _, known := range []int64{0, 200 << 10} {
		req, _ := http.NewRequest("POST", "/files", io.LimitReader(zeros{}, 200<<10))
		req.ContentLength = known
		if _, err := e.Stream(context.Background(), nil, req, vm.Streaming{RequestBytes: 100 << 10}); !errors.As(err, &reached) || reached.Limit != 100<<10 {
			t.Errorf("a request of length %d: %v", known, err)
		}
	}
	res, err := e.Stream(context.Background(), nil, request(t, "GET", "/files", ""), vm.Streaming{ResponseBytes: 100 << 10})
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if n, err := io.Copy(io.Discard, res.Body); !errors.As(err, &reached) || n > 200<<10 {
		t.Errorf("an answer: %d bytes, %v", n, err)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// What is signed is read first: forms, whose pairs are signed, and bodies with a hash in the signature. Anything else is
// on its way before its end is known.
func TestStreamReadsWhatIsSigned(t *testing.T) {
	for _, c := range []struct {
		oauth, kind string
		reads       bool
	}{
		{"", "application/x-www-form-urlencoded", true},
		{`,"body_hash":true`, "text/plain", true},
		{`,"body_hash":true`, "application/x-www-form-urlencoded", true},
		{"", "text/plain", false},
		{"", "", false},
	} {
		var length atomic.Int64
		e, _ := streaming(t, c.oauth, "", vm.Host{}, func(_ http.ResponseWriter, r *http.Request) {
			length.Store(r.ContentLength)
			_, _ = io.Copy(io.Discard, r.Body)
		})
		req, _ := http.NewRequest("POST", "/files", io.MultiReader(strings.NewReader("a=b"))) // of a length that nobody knows
		req.Header.Set("Content-Type", c.kind)
		if c.kind == "" {
			req.Header.Del("Content-Type")
		}
		asked, left := 0, 0
		room := func(context.Context) (func(), error) {
			if asked++; length.Load() != 0 {
				t.Errorf("%v: room is asked for when the request was sent", c)
			}
			return func() { left++ }, nil
		}
		res, err := e.Stream(context.Background(), nil, req, vm.Streaming{Room: room})
		if err != nil {
			t.Fatal(c, err)
		}
		res.Body.Close()
		if got := length.Load() == 3; got != c.reads || c.reads != (asked == 1) || left != asked {
			t.Errorf("%v: the length is %d; room was asked for %d times and left %d times", c, length.Load(), asked, left)
		}
	}
}

// A signature is made when the body that it counts has come, however slowly: an older timestamp would be refused.
func TestStreamSignsBehindItsBody(t *testing.T) {
	now := time.Now().Truncate(time.Second)
	var late atomic.Bool
	clock := func() time.Time {
		if late.Load() {
			return now.Add(10 * time.Minute)
		}
		return now
	}
	header := make(chan string, 1)
	e, _ := streaming(t, "", "", vm.Host{Clock: clock}, func(_ http.ResponseWriter, r *http.Request) { header <- r.Header.Get("Authorization") })
	req, _ := http.NewRequest("POST", "/files", io.MultiReader(readerFunc(func(p []byte) (int, error) {
		late.Store(true)
		return copy(p, "a=b"), io.EOF
	})))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := e.Stream(context.Background(), nil, req, vm.Streaming{})
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if got, want := <-header, fmt.Sprintf(`oauth_timestamp="%d"`, now.Add(10*time.Minute).Unix()); !strings.Contains(got, want) {
		t.Errorf("%s, expected %s", got, want)
	}
}

type readerFunc func([]byte) (int, error)

// Read implements io.Reader.
func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// A host that has no room for what must be held has nothing read and nothing sent.
func TestStreamWithoutRoom(t *testing.T) {
	e, _ := streaming(t, `,"body_hash":true`, "", vm.Host{}, func(http.ResponseWriter, *http.Request) { t.Error("it was sent") })
	body := &endless{}
	body.stop.Store(1)
	req, _ := http.NewRequest("POST", "/files", io.MultiReader(body))
	full := errors.New("full")
	_, err := e.Stream(context.Background(), nil, req, vm.Streaming{Room: func(context.Context) (func(), error) { return nil, full }})
	if !errors.Is(err, full) || body.given.Load() > 0 {
		t.Errorf("%d bytes were read: %v", body.given.Load(), err)
	}
}

// A redirect to another origin comes back as the answer where that is asked for, and one within the origin is followed.
func TestStreamKeepsOrigin(t *testing.T) {
	var elsewhere atomic.Int32
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere.Add(1) }))
	defer other.Close()
	e, _ := streaming(t, `,"transport_method":"query"`, "", vm.Host{}, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/here":
			http.Redirect(w, r, "/there", http.StatusFound)
		case "/away":
			http.Redirect(w, r, other.URL+"/x?"+r.URL.RawQuery, http.StatusFound) // some servers repeat what they were sent
		}
	})
	for _, c := range []struct {
		path string
		keep bool
		want int
		sent int32
	}{{"/here", true, 200, 0}, {"/away?a=b", true, 302, 0}, {"/away?a=b", false, 200, 1}} {
		req, _ := http.NewRequest("GET", c.path, nil)
		res, err := e.Stream(context.Background(), nil, req, vm.Streaming{KeepOrigin: c.keep})
		if err != nil {
			t.Fatal(c, err)
		}
		res.Body.Close()
		if location := res.Header.Get("Location"); res.StatusCode != c.want || elsewhere.Load() != c.sent || c.want == 302 && location != other.URL+"/x?a=b" {
			t.Errorf("%v: %d to %q, %d requests elsewhere", c, res.StatusCode, location, elsewhere.Load())
		}
	}
}

// A request whose body was handed on is not sent again: a redirect that asks for it comes back as it is, and a fault too.
// One without a body goes on as with Do.
func TestStreamSendsOnce(t *testing.T) {
	var came atomic.Int64
	e, _ := streaming(t, "", "", vm.Host{}, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		switch n := came.Add(1); {
		case r.URL.Path == "/moved":
			http.Redirect(w, r, "/there", http.StatusTemporaryRedirect)
		case r.URL.Path == "/seen":
			http.Redirect(w, r, "/there", http.StatusSeeOther)
		case r.URL.Path == "/busy" && n < 3:
			http.Error(w, "busy", http.StatusServiceUnavailable)
		default:
			fmt.Fprint(w, r.Method, " ", r.URL.Path)
		}
	})
	for _, c := range []struct {
		method, path string
		body         io.Reader
		status       int
		came         int64
		text         string
	}{
		{"PUT", "/moved", io.MultiReader(strings.NewReader("x")), 307, 1, ""},
		{"POST", "/seen", io.MultiReader(strings.NewReader("x")), 200, 2, "GET /there"},
		{"PUT", "/moved", strings.NewReader("x"), 200, 2, "PUT /there"}, // short enough to be held
		{"OPTIONS", "/busy", io.MultiReader(strings.NewReader("x")), 503, 1, "busy\n"},
		{"GET", "/busy", nil, 200, 3, "GET /busy"},
	} {
		came.Store(0)
		req, _ := http.NewRequest(c.method, c.path, c.body)
		res, err := e.Stream(context.Background(), nil, req, vm.Streaming{})
		if err != nil {
			t.Fatal(c, err)
		}
		text, _ := io.ReadAll(res.Body)
		res.Body.Close()
		if res.StatusCode != c.status || came.Load() != c.came || string(text) != c.text {
			t.Errorf("%s %s: %d after %d requests, %q", c.method, c.path, res.StatusCode, came.Load(), text)
		}
	}
}

// Whoever asks for a content coding gets it as it is; what the spec asks for is decoded.
func TestStreamCodings(t *testing.T) {
	e, _ := streaming(t, "", `,"gzip":true`, vm.Host{}, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		var packed bytes.Buffer
		z := gzip.NewWriter(&packed)
		fmt.Fprint(z, "text")
		z.Close()
		_, _ = w.Write(packed.Bytes())
	})
	for _, asked := range []bool{false, true} {
		req := request(t, "GET", "/files", "")
		if asked {
			req.Header.Set("Accept-Encoding", "gzip")
		}
		res, err := e.Stream(context.Background(), nil, req, vm.Streaming{})
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(res.Body)
		res.Body.Close()
		if (string(text) == "text") == asked || (res.Header.Get("Content-Encoding") == "gzip") != asked || err != nil || !asked && res.ContentLength != -1 {
			t.Errorf("asked: %v, got %q of length %d with %v, %v", asked, text, res.ContentLength, res.Header, err)
		}
	}
}
