package main

import (
	"context"
	"crypto/rand"
	"time"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm"
	"github.com/imlc-lang/imlc/vm/value"
)

// networkFlags say where requests may go. By default that is https to public addresses.
type networkFlags struct {
	AllowPrivate     bool `help:"Permit loopback and private addresses, and plain http to loopback."`
	AllowHTTP        bool `name:"allow-http" help:"Permit plain http anywhere, and PLAINTEXT signatures over it."`
	AllowInsecureTLS bool `name:"allow-insecure-tls" help:"Obey rejectUnauthorized: false of a spec."`
}

func (f networkFlags) egress() wire.Egress {
	return wire.Egress{AllowHTTP: f.AllowHTTP, AllowPrivate: f.AllowPrivate}
}

// host returns what an engine of this command is given.
func (c *command) host(f networkFlags, tracer vm.Tracer) vm.Host {
	return vm.Host{
		Egress: f.egress(), Clock: c.Now, Entropy: rand.Reader, UserAgent: "imlc/" + imlc.Version,
		AllowInsecureTLS: f.AllowInsecureTLS, AddSystemRoots: true, Tracer: tracer,
	}
}

// withCommon makes a host answer with these common data.
func withCommon(h vm.Host, common *value.Object) vm.Host {
	if common != nil {
		h.Common = func(context.Context, string, string) (*value.Object, error) { return common, nil }
	}
	return h
}

// patience returns a context that ends after d, or never when d is 0.
func (c *command) patience(d time.Duration) (context.Context, context.CancelFunc) {
	if d <= 0 {
		return context.WithCancel(c.Context)
	}
	return context.WithTimeout(c.Context, d)
}
