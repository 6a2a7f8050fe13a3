package provider

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
)

// client is a consumer with its keys ready. public is called at most when an RSA signature is to be verified, because
// making a key pair takes a noticeable fraction of a second.
type client struct {
	key, secret string
	public      func() (*rsa.PublicKey, error) // nil when the client may not use RSA
}

// newClients prepares the consumers of a configuration.
func newClients(consumers []Consumer, own func() (*rsaPair, error)) (map[string]*client, error) {
	clients := map[string]*client{}
	for _, c := range consumers {
		if c.Key == "" {
			return nil, errors.New("provider: a consumer has an empty key: every consumer needs one")
		}
		if clients[c.Key] != nil {
			return nil, fmt.Errorf("provider: consumer %q is there twice: keys must differ", c.Key)
		}
		prepared := &client{key: c.Key, secret: c.Secret}
		switch {
		case c.OwnKey:
			prepared.public = func() (*rsa.PublicKey, error) {
				pair, err := own()
				if err != nil {
					return nil, err
				}
				return pair.public, nil
			}
		case len(c.PublicKeyPEM) > 0:
			pair, err := parseRSA(c.PublicKeyPEM)
			if err != nil {
				return nil, fmt.Errorf("provider: key of consumer %q: %w", c.Key, err)
			}
			prepared.public = func() (*rsa.PublicKey, error) { return pair.public, nil }
		case c.Secret == "":
			return nil, fmt.Errorf("provider: consumer %q has neither a secret nor an RSA key: give it one", c.Key)
		}
		clients[c.Key] = prepared
	}
	return clients, nil
}

// rsaPair is an RSA key, with the private half if it is known.
type rsaPair struct {
	public  *rsa.PublicKey
	private *rsa.PrivateKey
}

func generateRSA() (*rsaPair, error) {
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, fmt.Errorf("provider: making an RSA key: %w", err)
	}
	return &rsaPair{&private.PublicKey, private}, nil
}

// parseRSA reads the first PEM block: PRIVATE KEY (PKCS#8), RSA PRIVATE KEY (PKCS#1), PUBLIC KEY (PKIX), RSA PUBLIC KEY
// (PKCS#1) or CERTIFICATE.
func parseRSA(text []byte) (*rsaPair, error) {
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, errors.New("no PEM block found: expected text that begins with -----BEGIN")
	}
	key, err := parseDER(block)
	if err != nil {
		return nil, fmt.Errorf("PEM block %q: %w", block.Type, err)
	}
	switch key := key.(type) {
	case *rsa.PrivateKey:
		return &rsaPair{&key.PublicKey, key}, nil
	case *rsa.PublicKey:
		return &rsaPair{key, nil}, nil
	}
	return nil, fmt.Errorf("PEM block %q holds a %T: expected an RSA key", block.Type, key)
}

func parseDER(block *pem.Block) (any, error) {
	switch block.Type {
	case "PRIVATE KEY":
		return x509.ParsePKCS8PrivateKey(block.Bytes)
	case "RSA PRIVATE KEY":
		return x509.ParsePKCS1PrivateKey(block.Bytes)
	case "PUBLIC KEY":
		return x509.ParsePKIXPublicKey(block.Bytes)
	case "RSA PUBLIC KEY":
		return x509.ParsePKCS1PublicKey(block.Bytes)
	case "CERTIFICATE":
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, err
		}
		return certificate.PublicKey, nil
	}
	return nil, errors.New("this type is not known: expected a private key, a public key or a certificate, unencrypted")
}

// privatePEM writes the private half as PKCS#8.
func (p *rsaPair) privatePEM() ([]byte, error) {
	if p.private == nil {
		return nil, errors.New("provider: only the public half of the RSA key is known: give a private key in Config.RSAKeyPEM")
	}
	der, err := x509.MarshalPKCS8PrivateKey(p.private)
	if err != nil {
		return nil, fmt.Errorf("provider: writing the RSA key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
}
