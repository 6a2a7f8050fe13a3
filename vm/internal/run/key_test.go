package run

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/imlc-lang/imlc/runtime/oauth1"
)

func pemKey(t *testing.T) string {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}))
}

// A private key is prepared once, wherever it is written, and never met again under another text or method: rotated
// credentials would go on signing with the old key.
func TestPrivateKeysAreOfTheirText(t *testing.T) {
	var k privateKeys
	prepare := func(p oauth1.Params) *oauth1.Key {
		t.Helper()
		key, err := k.prepare(&p, oauth1.Registry{})
		if err != nil {
			t.Fatal(err)
		}
		return key
	}
	text, other := pemKey(t), pemKey(t)
	base := oauth1.Params{ConsumerKey: "ck", SignatureMethod: oauth1.RSASHA1, PrivateKey: text}
	first := prepare(base)
	if prepare(base) != first {
		t.Error("the same key is prepared anew")
	}
	moved := base
	moved.Token, moved.TokenSecret = "another token", "another secret" // which RSA does not sign with
	if prepare(moved) != first {
		t.Error("another token has the key prepared anew")
	}
	met := map[*oauth1.Key]string{first: "the first"}
	for name, p := range map[string]oauth1.Params{
		"rotated":                 {SignatureMethod: oauth1.RSASHA1, PrivateKey: other},
		"another method":          {SignatureMethod: oauth1.RSASHA256, PrivateKey: text},
		"consumer secret":         {SignatureMethod: oauth1.RSASHA1, ConsumerSecret: text},
		"rotated consumer secret": {SignatureMethod: oauth1.RSASHA1, ConsumerSecret: other},
	} {
		key := prepare(p)
		if twin, known := met[key]; known {
			t.Errorf("%s: the key of %s signs", name, twin)
		}
		met[key] = name
	}
}

// Shared secrets are cheap to prepare and are not kept.
func TestSharedSecretsAreNotKept(t *testing.T) {
	var k privateKeys
	for _, method := range []string{"", oauth1.HMACSHA1, oauth1.HMACSHA256, oauth1.Plaintext} {
		if _, err := k.prepare(&oauth1.Params{SignatureMethod: method, ConsumerSecret: "cs", TokenSecret: "ts"}, oauth1.Registry{}); err != nil {
			t.Fatal(err)
		}
	}
	if len(k.known) != 0 {
		t.Errorf("%d keys are kept", len(k.known))
	}
}

func TestPrivateKeysAreBounded(t *testing.T) {
	var k privateKeys
	text := pemKey(t)
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for j := range maxKeys / 2 {
				p := oauth1.Params{SignatureMethod: oauth1.RSASHA1, PrivateKey: text + strings.Repeat("\n", i) + fmt.Sprintf("# %d", j)}
				if _, err := k.prepare(&p, oauth1.Registry{}); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	if len(k.known) == 0 || len(k.known) > maxKeys {
		t.Errorf("%d keys are kept, expected 1 to %d", len(k.known), maxKeys)
	}
}
