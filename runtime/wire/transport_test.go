package wire

import (
	"context"
	"crypto/tls"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
)

func TestCA(t *testing.T) {
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write([]byte("ok")) }))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	defer s.Close()
	ca := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}))
	other := strings.Replace(ca, "-----BEGIN", "Some authority\n-----BEGIN", 1)
	u := mustURL(t, s.URL, true)
	do := func(c *Client, r Request) error {
		r.URL = u
		_, err := c.Do(context.Background(), &r, nil)
		return err
	}
	c := localClient(ClientOptions{})
	isTLSCause := func(err error) bool {
		var conn *ConnectionError
		return errors.As(err, &conn) && conn.Cause == CauseTLS
	}
	if err := do(c, Request{}); !isTLSCause(err) {
		t.Errorf("unknown authority: %v", err)
	}
	for _, text := range []string{ca, other, ca + "\n" + ca} {
		if err := do(c, Request{CA: text}); err != nil {
			t.Errorf("own authority: %v", err)
		}
	}
	if err := do(c, Request{}); !isTLSCause(err) {
		t.Errorf("the authority of one request served another: %v", err)
	}
	if err := do(localClient(ClientOptions{AddSystemRoots: true}), Request{CA: ca}); err != nil {
		t.Errorf("added authority: %v", err)
	}
	insecure := localClient(ClientOptions{AllowInsecureTLS: true})
	if err := do(insecure, Request{InsecureTLS: true}); err != nil {
		t.Errorf("insecure: %v", err)
	}
	if err := do(insecure, Request{}); !isTLSCause(err) {
		t.Errorf("one insecure request made others insecure: %v", err)
	}
}

// TestTransportOffersNoHTTP2 takes configurations of hosts as they are, one that net/http has used and none included.
func TestTransportOffersNoHTTP2(t *testing.T) {
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write([]byte(r.Proto)) }))
	s.EnableHTTP2 = true
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	defer s.Close()
	base := NewTransport(Egress{AllowPrivate: true})
	roots := s.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
	for _, protocols := range [][]string{nil, {"http/1.1"}, {"h2", "http/1.1"}, {"h2"}} {
		config := &tls.Config{RootCAs: roots, NextProtos: slices.Clone(protocols)}
		ours := base.WithTLSConfig(config)
		res, err := ours.RoundTrip(request(t, "GET", s.URL, nil))
		if err != nil {
			t.Errorf("%q: %v", protocols, err)
			continue
		}
		if got, _ := io.ReadAll(res.Body); string(got) != "HTTP/1.1" || !slices.Equal(config.NextProtos, protocols) {
			t.Errorf("%q: asked by %s, and left %q", protocols, got, config.NextProtos)
		}
		ours.CloseIdleConnections()
	}
	if _, err := base.WithTLSConfig(nil).RoundTrip(request(t, "GET", s.URL, nil)); err == nil || CauseOf(err) != CauseTLS {
		t.Errorf("without a configuration: %v", err)
	}
}

// tlsAware is a transport of a host that can be told of TLS demands.
type tlsAware struct{ demands []TLSDemand }

func (a *tlsAware) RoundTrip(*http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: 200}, nil
}

func (a *tlsAware) WithTLS(d TLSDemand) (http.RoundTripper, error) {
	a.demands = append(a.demands, d)
	return a, nil
}

// funcTransport is a transport whose type cannot be compared.
type funcTransport func(*http.Request) (*http.Response, error)

func (f funcTransport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestTLSDemandsReachTheHost(t *testing.T) {
	aware := &tlsAware{}
	c := NewClient(ClientOptions{Transport: aware, AllowInsecureTLS: true})
	r := &Request{URL: mustURL(t, "https://h.test/", true), InsecureTLS: true}
	for range 2 {
		if _, err := c.Do(context.Background(), r, nil); err != nil {
			t.Fatal(err)
		}
	}
	if len(aware.demands) != 1 || !aware.demands[0].Insecure {
		t.Errorf("demands %v, want one", aware.demands)
	}
	var got TLSDemand
	c = NewClient(ClientOptions{AllowInsecureTLS: true, Transport: funcTransport(func(r *http.Request) (*http.Response, error) {
		got, _ = TLSFromContext(r.Context())
		return &http.Response{StatusCode: 200}, nil
	})})
	if _, err := c.Do(context.Background(), r, nil); err != nil || !got.Insecure {
		t.Errorf("context demand %v, %v", got, err)
	}
}

func TestCookies(t *testing.T) {
	var seen []string
	handler := func(w http.ResponseWriter, r *http.Request) {
		seen = append(seen, r.URL.Path+" "+r.Header.Get("Cookie"))
		if r.URL.Path == "/set" {
			w.Header().Add("Set-Cookie", "a=1; Path=/")
			w.Header().Add("Set-Cookie", "b=2; Path=/deep")
		}
		echoOrRedirect(w, r)
	}
	first := httptest.NewServer(http.HandlerFunc(handler))
	defer first.Close()
	second := httptest.NewServer(http.HandlerFunc(handler))
	defer second.Close()
	c := localClient(ClientOptions{})
	jar := &Jar{}
	get := func(target string, jar *Jar, header Header) {
		t.Helper()
		if _, err := c.Do(context.Background(), &Request{URL: mustURL(t, target, true), Cookies: jar, Header: header}, nil); err != nil {
			t.Fatal(err)
		}
	}
	get(first.URL+"/set", jar, nil)
	get(first.URL+"/deep/x", jar, nil)
	get(first.URL+"/x", jar, Header{{Name: "X-A", Value: "no=cookie"}, {Name: "Cookie", Value: "own=0"}, {Name: "Cookie"}})
	get(first.URL+"/x", nil, nil)
	get(first.URL+"/x", &Jar{}, nil)
	get(first.URL+"/302?to="+url.QueryEscape(second.URL+"/y"), jar, nil)
	get(first.URL+"/302?to=/z", jar, nil)
	want := []string{"/set ", "/deep/x b=2; a=1", "/x own=0; a=1", "/x ", "/x ", "/302 a=1", "/y ", "/302 a=1", "/z a=1"}
	if strings.Join(seen, "|") != strings.Join(want, "|") {
		t.Errorf("got  %q\nwant %q", seen, want)
	}
}

func TestEgressURL(t *testing.T) {
	loopback := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	tests := []struct {
		name   string
		egress Egress
		allow  []string
		refuse []string
	}{
		{"default", Egress{}, []string{"https://h.test/", "https://8.8.8.8/", "https://[2606:4700::1]/"},
			[]string{"http://h.test/", "https://127.0.0.1/", "https://10.1.2.3/", "https://[::1]/", "https://[fd00::1]/", "https://169.254.169.254/",
				"https://localhost/", "https://a.localhost./", "https://0.0.0.0/", "https://[::ffff:127.0.0.1]/", "https://[::ffff:7f00:1]/",
				"https://100.64.0.1/", "https://[64:ff9b::a00:1]/", "https://[2002:7f00:1::]/", "https://[::]/", "https://224.0.0.1/",
				"https://255.255.255.255/", "https://[ff02::1]/", "https://192.168.0.1/", "https://172.31.0.1/", "https://198.18.0.1/",
				"https://[2001:0:1::]/", "https://[::127.0.0.1]/", "https://[fec0::1]/", "https://127.0.0.1./",
				"https://127.1/", "https://0x7f000001/", "https://2130706433/", "https://１２７。0.0.1/", "https://h.0x/"}},
		{"http", Egress{AllowHTTP: true}, []string{"http://h.test/", "https://h.test/"}, []string{"http://127.0.0.1/", "http://localhost/"}},
		{"private", Egress{AllowPrivate: true},
			[]string{"https://127.0.0.1/", "http://127.0.0.1:81/", "http://localhost:81/", "http://[::1]/", "https://10.0.0.1/", "https://[fd00::1]/", "https://100.64.0.1/"},
			[]string{"http://10.0.0.1/", "http://h.test/", "https://169.254.169.254/", "https://[fe80::1]/", "https://[fd00:ec2::254]/", "https://100.100.100.200/",
				"https://0.0.0.0/", "https://[::]/"}},
		{"prefix", Egress{AllowPrefixes: loopback}, []string{"https://127.0.0.1/", "https://localhost/"}, []string{"https://10.0.0.1/", "http://127.0.0.1/"}},
		{"hosts", Egress{Hosts: []string{"api.test", "*.example.test:8443", "Port.test:443", "two.test:80"}},
			[]string{"https://api.test/", "https://API.test.:99/", "https://a.b.example.test:8443/", "https://port.test/"},
			[]string{"https://x.api.test/", "https://example.test:8443/", "https://a.example.test/", "https://two.test/", "https://evilapi.test/"}},
		{"deny", Egress{Hosts: []string{"*"}, DenyHosts: []string{"*.evil.test", "bad.test:8080"}},
			[]string{"https://evil.test/", "https://bad.test/"}, []string{"https://a.evil.test/", "https://a.evil.test:1/", "https://bad.test:8080/"}},
	}
	for _, tt := range tests {
		for i, list := range [][]string{tt.allow, tt.refuse} {
			for _, raw := range list {
				u := mustURL(t, raw, true)
				err := tt.egress.CheckURL(&u)
				var policy *PolicyError
				if (err == nil) != (i == 0) || err != nil && !errors.As(err, &policy) {
					t.Errorf("%s: %s: %v", tt.name, raw, err)
				}
			}
		}
	}
}

func TestEgressAtDialTime(t *testing.T) {
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {}))
	defer s.Close()
	at, err := netip.ParseAddrPort(s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	ca := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}))
	var lookups atomic.Int32
	lookup := func(context.Context, string) ([]netip.Addr, error) {
		lookups.Add(1)
		return []netip.Addr{at.Addr()}, nil
	}
	u := mustURL(t, "https://example.com/", true) // the test certificate is for this name
	u.Port = s.URL[strings.LastIndexByte(s.URL, ':')+1:]
	do := func(e Egress) error {
		e.Lookup = lookup
		_, err := NewClient(ClientOptions{Egress: e}).Do(context.Background(), &Request{URL: u, CA: ca}, nil)
		return err
	}
	err = do(Egress{})
	var conn *ConnectionError
	var policy *PolicyError
	if !errors.As(err, &conn) || conn.Cause != CausePolicy || !errors.As(err, &policy) || !policy.Addr.IsLoopback() {
		t.Errorf("a public name with a loopback address: %v", err)
	}
	if err := do(Egress{AllowPrivate: true}); err != nil {
		t.Errorf("allowed: %v", err)
	}
	if err := do(Egress{AllowPrefixes: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}}); err != nil {
		t.Errorf("allowed by prefix: %v", err)
	}
	if lookups.Load() != 3 {
		t.Errorf("%d look-ups", lookups.Load())
	}
	t.Run("localhost must be loopback", func(t *testing.T) {
		lookup := func(context.Context, string) ([]netip.Addr, error) {
			return []netip.Addr{netip.MustParseAddr("10.255.255.1")}, nil
		}
		c := NewClient(ClientOptions{Egress: Egress{AllowPrivate: true, Lookup: lookup}})
		_, err := c.Do(context.Background(), &Request{URL: mustURL(t, "http://localhost:1/", true)}, nil)
		if !errors.As(err, &policy) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("failing look-up", func(t *testing.T) {
		lookup := func(context.Context, string) ([]netip.Addr, error) { return nil, errors.New("resolver is down") }
		for _, l := range []LookupFunc{lookup, func(context.Context, string) ([]netip.Addr, error) { return nil, nil }} {
			c := NewClient(ClientOptions{Egress: Egress{Lookup: l}})
			_, err := c.Do(context.Background(), &Request{URL: mustURL(t, "https://h.test/", true)}, nil)
			var conn *ConnectionError
			if !errors.As(err, &conn) || conn.Cause != CauseDNS {
				t.Errorf("got %v", err)
			}
		}
	})
	t.Run("no proxy of the environment", func(t *testing.T) {
		for _, name := range []string{"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY"} {
			t.Setenv(name, "http://127.0.0.1:1")
		}
		if err := do(Egress{AllowPrivate: true}); err != nil {
			t.Error(err)
		}
	})
}
