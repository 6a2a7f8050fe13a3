// Package kms has the key services that keep the keys of a broker: a key in a file of its own, the transit engine of
// HashiCorp Vault, and AWS KMS.
package kms

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/imlc-lang/imlc/broker/envelope"
)

// Options is what services need beside their address.
type Options struct {
	// HTTP reaches Vault; nil is http.DefaultClient.
	HTTP *http.Client
	// Env reads variables: VAULT_TOKEN and VAULT_NAMESPACE. Those of AWS are read by its own library.
	Env func(string) string
	// ReadFile reads the file of a key, Entropy gives nonces.
	ReadFile func(string) ([]byte, error)
	Entropy  io.Reader
}

// Open returns the service of an address:
//
//	file:PATH                                32 bytes in base64, as "openssl rand -base64 32" writes
//	vault:https://vault.example.com:8200/transit/NAME   with VAULT_TOKEN, and VAULT_NAMESPACE if need be
//	aws:KEY?region=REGION                    an id, ARN or alias; credentials as the AWS command finds them
//
// An address never holds a credential.
func Open(ctx context.Context, address string, o Options) (envelope.KeyService, error) {
	if o.HTTP == nil {
		o.HTTP = http.DefaultClient
	}
	kind, rest, ok := strings.Cut(address, ":")
	if ok && rest != "" {
		switch kind {
		case "file":
			return openFile(rest, o)
		case "vault":
			return openVault(rest, o)
		case "aws":
			return openAWS(ctx, rest)
		}
	}
	return nil, fmt.Errorf("expected file:PATH, vault:https://HOST/MOUNT/KEY or aws:KEY?region=REGION")
}

// plainURL parses an address that holds no user and no query.
func plainURL(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, fmt.Errorf("expected https://HOST/…, without a user")
	}
	return u, nil
}
