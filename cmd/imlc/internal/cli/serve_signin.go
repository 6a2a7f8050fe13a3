package cli

import (
	"strings"

	"github.com/imlc-lang/imlc/broker"
	"github.com/imlc-lang/imlc/broker/oidc"
	"github.com/imlc-lang/imlc/runtime/wire"
)

// signInFlags say which OpenID provider knows operators, and what they may do.
type signInFlags struct {
	Issuer       string   `name:"oidc-issuer" help:"OpenID provider that operators sign in at; they come by links alone otherwise." placeholder:"URL" env:"IMLC_SERVE_OIDC_ISSUER"`
	ClientID     string   `name:"oidc-client-id" help:"What the provider calls this broker." placeholder:"ID" env:"IMLC_SERVE_OIDC_CLIENT_ID"`
	SecretFile   string   `name:"oidc-client-secret-file" help:"File with the client secret, or IMLC_SERVE_OIDC_CLIENT_SECRET is the secret; a public client has none." placeholder:"FILE" env:"IMLC_SERVE_OIDC_CLIENT_SECRET_FILE"`
	Allow        []string `name:"oidc-allow" help:"Who may do what: \"groups=ops -> admin\", \"email=*@example.com -> tenant acme read proxy\"; may be repeated, or several stand with ; between. Nobody gets in without a rule." placeholder:"RULE" sep:";" env:"IMLC_SERVE_OIDC_ALLOW"`
	SignInScopes []string `name:"oidc-scope" help:"What to ask the provider for beside openid." placeholder:"SCOPE" default:"email,profile" env:"IMLC_SERVE_OIDC_SCOPE"`
	SignInName   string   `name:"oidc-name" help:"What the button calls the provider; its host otherwise." placeholder:"NAME" env:"IMLC_SERVE_OIDC_NAME"`
	SignInInside bool     `name:"oidc-allow-private" help:"Let the host of the issuer, and nothing else, be at a private or loopback address." env:"IMLC_SERVE_OIDC_ALLOW_PRIVATE"`
}

// signIn returns what the flags say, nil when there is no provider.
func (f signInFlags) signIn(c *command, n networkFlags, proxy *wire.Proxy) (*broker.SignIn, error) {
	if f.Issuer == "" {
		if f.ClientID != "" || len(f.Allow) > 0 {
			return nil, usagef("the flags --oidc-… need --oidc-issuer")
		}
		return nil, nil
	}
	secret := c.Env("IMLC_SERVE_OIDC_CLIENT_SECRET")
	if f.SecretFile != "" {
		data, err := c.readInput(f.SecretFile)
		if err != nil {
			return nil, err
		}
		secret = strings.TrimSpace(string(data))
	}
	trusted, err := n.trusted(c)
	if err != nil {
		return nil, err
	}
	return &broker.SignIn{Name: f.SignInName, Allow: f.Allow, Config: oidc.Config{Issuer: f.Issuer, ClientID: f.ClientID, ClientSecret: secret, Scopes: f.SignInScopes, AllowPrivate: f.SignInInside,
		Transport: func(e wire.Egress) *wire.Transport {
			if !e.AllowPrivate { // which is on this side of the proxy
				e.Proxy = proxy
			}
			t := c.Network.Transport(e)
			if trusted != nil {
				t = t.WithTLSConfig(trusted)
			}
			return t
		}}}, nil
}
