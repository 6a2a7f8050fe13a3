package cli

import (
	"strings"

	"github.com/imlc-lang/imlc/runtime/wire"
)

// egressFlags say where requests of the broker go and by which way.
type egressFlags struct {
	networkFlags
	EgressProxy     string `name:"egress-proxy" help:"HTTP proxy that everything goes through which is sent to services and webhooks, http://HOST:PORT or https://HOST:PORT." placeholder:"URL" env:"IMLC_SERVE_EGRESS_PROXY"`
	EgressProxyAuth string `name:"egress-proxy-auth" help:"File with USER:PASSWORD for that proxy; else IMLC_SERVE_EGRESS_PROXY_AUTH." placeholder:"FILE"`
}

// policy is where requests may go, through the proxy if there is one.
func (f egressFlags) policy(c *command) (wire.Egress, error) {
	egress := f.egress()
	if f.EgressProxy == "" {
		if f.EgressProxyAuth != "" {
			return egress, usagef("--egress-proxy-auth needs --egress-proxy")
		}
		return egress, nil
	}
	credentials := c.Env("IMLC_SERVE_EGRESS_PROXY_AUTH")
	if f.EgressProxyAuth != "" {
		data, err := c.readInput(f.EgressProxyAuth)
		if err != nil {
			return egress, err
		}
		credentials = string(data)
	}
	var err error
	if egress.Proxy, err = wire.ParseProxy(f.EgressProxy, strings.TrimRight(credentials, "\r\n")); err != nil {
		return egress, usagef("--egress-proxy: %v", err)
	}
	return egress, nil
}
