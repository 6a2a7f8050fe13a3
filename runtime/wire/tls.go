package wire

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"net/http"
	"strings"
)

// TLSDemand is what a request asks of its TLS connections.
type TLSDemand struct {
	// CA holds the PEM certificates that replace the system roots, "" for none.
	CA string
	// AddSystemRoots keeps the system roots beside CA.
	AddSystemRoots bool
	// Insecure switches the verification off.
	Insecure bool
}

// Config returns the TLS configuration for the demand; a CA that is no PEM certificate is a *ConfigError.
func (d TLSDemand) Config() (*tls.Config, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: d.Insecure}
	if d.CA != "" {
		roots, err := ParseCA(d.CA, d.AddSystemRoots)
		if err != nil {
			return nil, err
		}
		config.RootCAs = roots
	}
	return config, nil
}

// TLSTransport is implemented by transports of the host that can meet the TLS demands of a request.
type TLSTransport interface {
	http.RoundTripper
	// WithTLS returns a transport for the demand; it is called once per distinct demand and must be safe for concurrent
	// use. The CA of the demand is readable PEM.
	WithTLS(TLSDemand) (http.RoundTripper, error)
}

type tlsKey struct{}

// TLSFromContext returns the TLS demands of the request that a RoundTripper was given; ok is false when it makes none.
func TLSFromContext(ctx context.Context) (d TLSDemand, ok bool) {
	d, ok = ctx.Value(tlsKey{}).(TLSDemand)
	return d, ok
}

// maxCA bounds the PEM text of a certificate authority in bytes: a list of all public roots has a fifth of it.
const maxCA = 1 << 20

// ParseCA reads one or more PEM certificates. Text between the blocks is ignored. With addSystemRoots they join the
// system's; otherwise they replace them. What cannot be read is a *ConfigError.
func ParseCA(text string, addSystemRoots bool) (*x509.CertPool, error) {
	if len(text) > maxCA {
		return nil, ConfigErrorf(SettingCA, "the PEM text has %d bytes, at most %d are read; leave out what is no certificate of yours", len(text), maxCA)
	}
	pool := x509.NewCertPool()
	if addSystemRoots {
		if system, err := x509.SystemCertPool(); err == nil {
			pool = system
		}
	}
	count := 0
	for rest := []byte(text); ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			if strings.Contains(string(rest), "-----BEGIN") {
				return nil, ConfigErrorf(SettingCA, "PEM block %d is damaged; paste the certificate with its BEGIN and END lines", count+1)
			}
			break
		}
		if block.Type != "CERTIFICATE" {
			return nil, ConfigErrorf(SettingCA, "found a PEM block %q, expected CERTIFICATE only", block.Type)
		}
		cert, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, ConfigErrorf(SettingCA, "certificate %d cannot be read: %v", count+1, err)
		}
		pool.AddCert(cert)
		count++
	}
	if count == 0 {
		return nil, ConfigErrorf(SettingCA, "found no PEM certificate; paste it with its BEGIN and END lines")
	}
	return pool, nil
}

// maxTLSTransports bounds the transports that are kept for distinct demands, because specs may compute them.
const maxTLSTransports = 32

// transport returns what sends r, and ctx with the TLS demands when the transport can only learn them from there.
func (c *Client) transport(ctx context.Context, r *Request) (http.RoundTripper, context.Context, error) {
	if r.InsecureTLS && !c.opts.AllowInsecureTLS {
		return nil, ctx, ConfigErrorf(SettingVerification, "it cannot be switched off here; give the certificate of a private authority, or have the host allow insecure TLS")
	}
	if r.CA == "" && !r.InsecureTLS {
		return c.rt, ctx, nil
	}
	d := TLSDemand{CA: r.CA, AddSystemRoots: c.opts.AddSystemRoots, Insecure: r.InsecureTLS}
	t, err := c.tlsTransport(d)
	if err != nil {
		return nil, ctx, err
	}
	if !t.own {
		ctx = context.WithValue(ctx, tlsKey{}, d)
	}
	return t.rt, ctx, nil
}

// tlsName identifies a demand without keeping its text.
type tlsName struct {
	ca                       [sha256.Size]byte
	addSystemRoots, insecure bool
}

// tlsTransport is a transport for one demand, and what it wraps; own tells one made for it from the client's base.
type tlsTransport struct {
	rt, wrapped http.RoundTripper
	own         bool
}

// tlsTransport returns the transport for a demand, so that its connections are reused and never mixed with others.
func (c *Client) tlsTransport(d TLSDemand) (tlsTransport, error) {
	c.tlsMu.Lock()
	defer c.tlsMu.Unlock()
	name := tlsName{sha256.Sum256([]byte(d.CA)), d.AddSystemRoots, d.Insecure}
	if t, ok := c.byTLS[name]; ok {
		return t, nil
	}
	t, err := c.newTLSTransport(d)
	if err != nil {
		return t, err
	}
	if c.byTLS == nil || len(c.byTLS) >= maxTLSTransports {
		c.closeTLS()
		c.byTLS = map[tlsName]tlsTransport{}
	}
	c.byTLS[name] = t
	return t, nil
}

func (c *Client) newTLSTransport(d TLSDemand) (tlsTransport, error) {
	config, err := d.Config()
	if err != nil {
		return tlsTransport{}, err
	}
	switch base := c.base.(type) {
	case *http.Transport:
		t := base.Clone()
		t.TLSClientConfig = demandedOf(t.TLSClientConfig, config)
		return tlsTransport{rt: c.wrap(t), wrapped: t, own: true}, nil
	case TLSTransport:
		rt, err := base.WithTLS(d)
		if err != nil {
			return tlsTransport{}, err
		}
		return tlsTransport{rt: c.wrap(rt), wrapped: rt, own: true}, nil
	}
	return tlsTransport{rt: c.rt}, nil
}

// demandedOf returns what is demanded with the client certificates and the like of own, which may be nil.
func demandedOf(own, demanded *tls.Config) *tls.Config {
	if own == nil {
		return demanded
	}
	own = own.Clone()
	own.RootCAs, own.InsecureSkipVerify = demanded.RootCAs, demanded.InsecureSkipVerify
	return own
}

// closeTLS closes the idle connections of the transports made for demands.
func (c *Client) closeTLS() {
	for _, t := range c.byTLS {
		if t.own {
			closeIdle(t.wrapped)
		}
	}
}
