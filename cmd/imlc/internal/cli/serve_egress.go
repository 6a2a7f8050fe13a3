package cli

import (
	"strings"

	"github.com/imlc-lang/imlc/runtime/wire"
)

// egressFlags say where requests of the broker go and by which way.
type egressFlags struct {
	networkFlags
	proxyFlags
}

// policy is where requests may go, through the proxy if there is one.
func (f egressFlags) policy(c *command) (egress wire.Egress, err error) {
	egress = f.egress()
	egress.Proxy, err = f.proxy(c)
	return egress, err
}

// proxyFlags name the one way out.
type proxyFlags struct {
	EgressProxy     string `name:"egress-proxy" help:"HTTP proxy that everything goes through which is sent to services and webhooks, http://HOST:PORT or https://HOST:PORT." placeholder:"URL" env:"IMLC_SERVE_EGRESS_PROXY"`
	EgressProxyAuth string `name:"egress-proxy-auth" help:"File with USER:PASSWORD for that proxy; else IMLC_SERVE_EGRESS_PROXY_AUTH." placeholder:"FILE"`
}

// proxy is the one way out, nil when there are others.
func (f proxyFlags) proxy(c *command) (*wire.Proxy, error) {
	if f.EgressProxy == "" {
		if f.EgressProxyAuth != "" {
			return nil, usagef("--egress-proxy-auth needs --egress-proxy")
		}
		return nil, nil
	}
	credentials := c.Env("IMLC_SERVE_EGRESS_PROXY_AUTH")
	if f.EgressProxyAuth != "" {
		data, err := c.readInput(f.EgressProxyAuth)
		if err != nil {
			return nil, err
		}
		credentials = string(data)
	}
	p, err := wire.ParseProxy(f.EgressProxy, strings.TrimRight(credentials, "\r\n"))
	if err != nil {
		return nil, usagef("--egress-proxy: %v", err)
	}
	return p, nil
}
