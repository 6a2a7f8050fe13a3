package cli

import (
	"context"
	"crypto/tls"
	"net"
	"time"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm"
	"github.com/imlc-lang/imlc/vm/value"
)

// network is how a command reaches others.
type network struct {
	// Transport returns a transport that goes nowhere but where the policy permits.
	Transport func(wire.Egress) *wire.Transport
	// Listen opens a port, as net.Listen does.
	Listen func(network, address string) (net.Listener, error)
}

// networkFlags say where requests may go. By default that is https to public addresses.
type networkFlags struct {
	AllowPrivate     bool `help:"Permit loopback and private addresses, and plain http to loopback."`
	AllowHTTP        bool `name:"allow-http" help:"Permit plain http anywhere, and PLAINTEXT signatures over it."`
	AllowInsecureTLS bool `name:"allow-insecure-tls" help:"Obey rejectUnauthorized: false of a spec."`
	// CA adds to the system's authorities; the directive ca of a spec replaces both for its request.
	CA string `name:"ca" help:"Trust the certificate authorities in this PEM file too." placeholder:"FILE"`
}

func (f networkFlags) egress() wire.Egress {
	return wire.Egress{AllowHTTP: f.AllowHTTP, AllowPrivate: f.AllowPrivate}
}

// transport returns a transport under an egress policy that trusts what the flags say.
func (f networkFlags) transport(c *command, egress wire.Egress) (*wire.Transport, error) {
	t := c.Network.Transport(egress)
	trusted, err := f.trusted(c)
	if trusted != nil {
		t = t.WithTLSConfig(trusted)
	}
	return t, err
}

// trusted is how TLS is spoken with the authorities of the flags, nil when there are none.
func (f networkFlags) trusted(c *command) (*tls.Config, error) {
	if f.CA == "" {
		return nil, nil
	}
	data, err := c.readInput(f.CA)
	if err != nil {
		return nil, err
	}
	pool, err := wire.ParseCA(string(data), true)
	if err != nil {
		return nil, usagef("%s: %v", f.CA, err)
	}
	return &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}, nil
}

// host returns what an engine of this command is given.
func (c *command) host(f networkFlags) (vm.Host, error) {
	transport, err := f.transport(c, f.egress())
	if err != nil {
		return vm.Host{}, err
	}
	return vm.Host{
		Transport: transport, Egress: f.egress(), Clock: c.Now, Entropy: c.Entropy, UserAgent: "imlc/" + imlc.Version(),
		AllowInsecureTLS: f.AllowInsecureTLS, AddSystemRoots: true, Scripts: c.scriptHost(),
		AcceptPlan: func(string, string) bool { return true }, // whoever gives a connection and a spec wants both
	}, nil
}

// hostWith is host with common data.
func (c *command) hostWith(common *value.Object, f networkFlags) (vm.Host, error) {
	h, err := c.host(f)
	if common != nil {
		h.Common = func(context.Context, string, string) (*value.Object, error) { return common, nil }
	}
	return h, err
}

// patience returns a context that ends after d, or never when d is 0.
func (c *command) patience(d time.Duration) (context.Context, context.CancelFunc) {
	if d <= 0 {
		return context.WithCancel(c.Context)
	}
	return context.WithTimeout(c.Context, d)
}
