package provider

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/netip"
	"time"
)

// Server is a Provider that listens. It is safe for concurrent use.
type Server struct {
	url    string
	caCert []byte
	http   *http.Server
	done   chan error
}

// Start listens on a loopback address such as "127.0.0.1:8080" and serves until Close. A missing host means 127.0.0.1,
// port 0 a free port. With Config.TLS it serves https with a certificate for localhost, 127.0.0.1 and ::1. An address
// that others could reach is refused: the inspection endpoints need no credentials.
func (p *Provider) Start(addr string) (*Server, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("provider: address %q: expected host:port: %w", addr, err)
	}
	if host == "" {
		host = "127.0.0.1"
	}
	if ip, err := netip.ParseAddr(host); host != "localhost" && (err != nil || !ip.IsLoopback()) {
		return nil, fmt.Errorf("provider: address %q is not on loopback: use 127.0.0.1, ::1 or localhost", addr)
	}
	s := &Server{done: make(chan error, 1)}
	var tlsConfig *tls.Config
	scheme := "http"
	if p.config.TLS {
		scheme = "https"
		if tlsConfig, s.caCert, err = loopbackTLS(p.config.Clock()); err != nil {
			return nil, err
		}
	}
	listener, err := net.Listen("tcp", net.JoinHostPort(host, port))
	if err != nil {
		return nil, fmt.Errorf("provider: listening on %s: %w", addr, err)
	}
	_, boundPort, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		return nil, errors.Join(fmt.Errorf("provider: address of the listener: %w", err), listener.Close())
	}
	s.url = scheme + "://" + net.JoinHostPort(host, boundPort)
	s.http = &http.Server{
		Handler: p, TLSConfig: tlsConfig, MaxHeaderBytes: 64 << 10, ErrorLog: log.New(io.Discard, "", 0),
		ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second, WriteTimeout: 30 * time.Second, IdleTimeout: time.Minute,
	}
	go func() {
		if tlsConfig != nil {
			s.done <- s.http.ServeTLS(listener, "", "")
			return
		}
		s.done <- s.http.Serve(listener)
	}()
	return s, nil
}

// URL is the address of the provider without a path, such as "http://127.0.0.1:41234".
func (s *Server) URL() string { return s.url }

// CACert is the PEM certificate that a client has to trust for https; nil without TLS.
func (s *Server) CACert() []byte { return append([]byte(nil), s.caCert...) }

// Close stops listening and waits two seconds at most for requests under way. Closing again does nothing.
func (s *Server) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	err := s.http.Shutdown(ctx)
	if err != nil {
		err = s.http.Close()
	}
	select {
	case served := <-s.done:
		if !errors.Is(served, http.ErrServerClosed) {
			err = errors.Join(err, served)
		}
		s.done <- http.ErrServerClosed
	case <-ctx.Done():
	}
	return err
}
