package provider

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestWire sends raw bytes through a socket: the base string is made of the request line as it was sent.
func TestWire(t *testing.T) {
	h := newHarness(t)
	server, err := h.Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	address := strings.TrimPrefix(server.URL(), "http://")
	for _, target := range []string{
		"/resource", "/resource/a//b/../c/./%2F%7e~", "/resource?a=b;c&d=%zz&e=+&=x&f", "/resource/caf%c3%a9;p=1", "/re%73ource?x=[1]",
		"http://" + strings.ToUpper(address) + "/resource?a=b",
	} {
		t.Run(target, func(t *testing.T) {
			s := h.signer("HMAC-SHA1", TransportHeader)
			s.harness.t = t
			token, err := h.IssueToken("ck-hmac")
			if err != nil {
				t.Fatal(err)
			}
			s = s.as(token.Token, token.Secret)
			s.before = func(r *http.Request) { r.Host, r.RequestURI = address, target }
			r := s.sign(plainRequest{method: "GET", url: "/"})
			conn, err := net.Dial("tcp", address)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: %s\r\nAuthorization: %s\r\nConnection: close\r\n\r\n", target, address, r.Header.Get("Authorization"))
			answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil {
				t.Fatal(err)
			}
			defer answer.Body.Close()
			if body, _ := io.ReadAll(answer.Body); answer.StatusCode != 200 {
				t.Errorf("status %d: %s", answer.StatusCode, body)
			}
		})
	}
}

func TestTLS(t *testing.T) {
	h := newHarness(t, func(c *Config) { c.TLS, c.Clock, c.RequireTLS = true, time.Now, true })
	h.clock.now = time.Now()
	for _, address := range []string{"127.0.0.1:0", "localhost:0"} {
		server, err := h.Start(address)
		if err != nil {
			t.Fatal(err)
		}
		roots := x509.NewCertPool()
		if !roots.AppendCertsFromPEM(server.CACert()) {
			t.Fatal("CACert is no certificate")
		}
		client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}}
		s := h.signer("PLAINTEXT", TransportHeader).with(func(s *signer) { s.extra = []Parameter{{"oauth_callback", "oob"}} })
		r := s.sign(plainRequest{method: "POST", url: server.URL() + "/request_token"})
		r.RequestURI, r.TLS = "", nil
		answer, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != 200 || answer.TLS == nil {
			t.Errorf("%s: status %d", address, answer.StatusCode)
		}
		if _, err := http.Get(server.URL()); err == nil {
			t.Errorf("%s: a client that does not know the authority was served", address)
		}
		client.CloseIdleConnections()
		if err := server.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
		if err := server.Close(); err != nil {
			t.Errorf("close again: %v", err)
		}
	}
}

func TestStartAddresses(t *testing.T) {
	h := newHarness(t)
	for _, address := range []string{"", "x", "0.0.0.0:0", "[::]:0", "example.com:0", "192.0.2.1:0", "127.0.0.1:99999"} {
		if server, err := h.Start(address); err == nil {
			server.Close()
			t.Errorf("%q was accepted", address)
		}
	}
	server, err := h.Start(":0")
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	if !strings.HasPrefix(server.URL(), "http://127.0.0.1:") || server.CACert() != nil && len(server.CACert()) != 0 {
		t.Errorf("url %s", server.URL())
	}
	answer, err := http.Get(server.URL() + "/")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, _ := io.ReadAll(answer.Body)
	for _, e := range Endpoints() {
		if !strings.Contains(string(body), e.Path+"  (") || e.Doc == "" {
			t.Errorf("endpoint %s is not listed", e.Path)
		}
	}
}

func TestConfigErrors(t *testing.T) {
	key, err := testKey()
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		config Config
		words  string
	}{
		"no key":          {Config{Consumers: []Consumer{{Secret: "s"}}}, "empty key"},
		"twice":           {Config{Consumers: []Consumer{{Key: "a", Secret: "s"}, {Key: "a", Secret: "t"}}}, "twice"},
		"no secret":       {Config{Consumers: []Consumer{{Key: "a"}}}, "neither a secret nor an RSA key"},
		"bad pem":         {Config{RSAKeyPEM: []byte("x")}, "no PEM block"},
		"bad der":         {Config{RSAKeyPEM: []byte("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")}, "PRIVATE KEY"},
		"bad type":        {Config{RSAKeyPEM: []byte("-----BEGIN X-----\nAAAA\n-----END X-----\n")}, "not known"},
		"bad client pem":  {Config{Consumers: []Consumer{{Key: "a", PublicKeyPEM: key[:40]}}}, `consumer "a"`},
		"negative time":   {Config{Skew: -1}, "Skew"},
		"negative limits": {Config{Limits: Limits{Tokens: -1}}, "limit"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if _, err := New(test.config); err == nil || !strings.Contains(err.Error(), test.words) {
				t.Errorf("error %v, want one that says %q", err, test.words)
			}
		})
	}
}

// TestClientKeys reads a client's key in every form and makes one when none is given.
func TestClientKeys(t *testing.T) {
	h := newHarness(t, func(c *Config) { c.RSAKeyPEM = nil })
	text, err := h.RSAPrivateKeyPEM() // generates
	if err != nil {
		t.Fatal(err)
	}
	s, _ := h.signer("RSA-SHA1", TransportHeader).dance()
	answerJSON(t, s.get("/resource"), 200)
	for _, form := range keyForms(t, text) {
		fresh := newHarness(t, func(c *Config) { c.RSAKeyPEM, c.Consumers = text, []Consumer{{Key: "ck-rsa", PublicKeyPEM: form}} })
		answerJSON(t, fresh.signer("RSA-SHA512", TransportQuery).get("/two_legged"), 200)
		public := newHarness(t, func(c *Config) { c.RSAKeyPEM = form })
		if _, err := public.RSAPrivateKeyPEM(); (err == nil) != strings.Contains(string(form), "PRIVATE") {
			t.Errorf("private key of %.30s: %v", form, err)
		}
	}
}
