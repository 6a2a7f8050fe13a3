package cli

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/imlc-lang/imlc/broker"
	"github.com/imlc-lang/imlc/cmd/imlc/internal/show"
	"github.com/imlc-lang/imlc/vm"
)

// serveDoctorCommand checks what the broker stands on.
type serveDoctorCommand struct {
	storeFlags
	signInFlags
	proxyFlags
	CA   string `name:"ca" help:"Trust the certificate authorities in this PEM file too." placeholder:"FILE"`
	Addr string `help:"Address that the broker would listen on." default:"127.0.0.1:8700" env:"IMLC_SERVE_ADDR"`
}

// Run implements the sub-command. Each line is one check; the first that fails ends with exit code 1.
func (k *serveDoctorCommand) Run(c *command) error {
	healthy := true
	say := func(what string, err error, good string) {
		if err != nil {
			healthy = false
			c.Out.Printf("%s  %s: %v\n", c.Out.Paint(show.Red, "bad "), what, err)
			return
		}
		c.Out.Printf("%s  %s: %s\n", c.Out.Paint(show.Green, "good"), what, good)
	}
	o, err := k.open(c, true)
	say("keys and database", err, "open")
	if err == nil {
		defer o.store.Close()
		say("keys", nil, fmt.Sprintf("%s, current %s, %d in all", o.keys, o.ring.Current(), len(o.ring.IDs())))
		kinds, err := o.store.Kinds(c.Context)
		say("records", err, fmt.Sprintf("%d connections, %d specs", kinds["connection"], kinds["spec"]))
		b, err := broker.New(broker.Config{Store: o.store, Keys: o.ring, URL: "http://127.0.0.1", Host: vm.Host{Clock: c.Now, Entropy: c.Entropy}})
		if err == nil {
			err = errors.Join(b.Ready(c.Context), b.CheckKeys(c.Context))
		}
		say("what is sealed", err, "every key is at hand")
	}
	if k.URL != "" {
		u, err := url.Parse(k.URL)
		switch {
		case err != nil || u.Host == "":
			err = fmt.Errorf("%q is no address", k.URL)
		case u.Scheme != "https" && !isLoopbackHTTP(u):
			err = errors.New("browsers must come by https, or their cookies and what users type can be read on the way")
		}
		say("address", err, k.URL)
	}
	proxy, err := k.proxy(c)
	if err != nil {
		say("egress proxy", err, "")
	}
	provider, err := k.signIn(c, networkFlags{CA: k.CA}, proxy)
	if err == nil && provider != nil {
		err = provider.Check(c.Context)
	}
	if err != nil || provider != nil {
		say("sign-in", err, fmt.Sprintf("%s answers; it has to know the address %s", k.Issuer, cmp.Or(strings.TrimSuffix(k.URL, "/"), "http://"+k.Addr)+broker.SignedInPath))
	}
	listener, err := c.Network.Listen("tcp", k.Addr)
	if err == nil {
		listener.Close()
	}
	say("port", err, k.Addr+" is free")
	if !healthy {
		return errReported
	}
	return nil
}
