package run

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"reflect"
	"sync"
	"testing"

	"github.com/imlc-lang/imlc/runtime/oauth1"
	"github.com/imlc-lang/imlc/runtime/uri"
)

// The signer of a call changes one setting after the other: none may meet the signer of another one. Rotated
// credentials would go on signing with the old secret.
func TestSignersAreOfTheirParameters(t *testing.T) {
	base := oauth1.Params{ConsumerKey: "ck", ConsumerSecret: "cs", Token: "tk", TokenSecret: "ts"}
	var s signers
	first, err := s.signer(&base, oauth1.Registry{}, true, nil)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := s.signer(&base, oauth1.Registry{}, true, nil); again != first || err != nil {
		t.Fatal("the same parameters are prepared anew")
	}
	if once, err := s.signer(&base, oauth1.Registry{}, false, nil); once == first || err != nil {
		t.Fatal("a signer that signs once was kept")
	}
	var room oauth1.Signer
	if kept, err := s.signer(&oauth1.Params{ConsumerKey: "kept"}, oauth1.Registry{}, true, &room); kept == &room || err != nil {
		t.Fatal("a signer that is kept was made in the memory of one that signs once")
	}
	fields := reflect.TypeFor[oauth1.Params]()
	for i := range fields.NumField() {
		p := base
		switch f := reflect.ValueOf(&p).Elem().Field(i); fields.Field(i).Name {
		case "SignatureMethod":
			f.SetString(oauth1.HMACSHA256)
		case "OmitNonce":
			p.OmitNonce, p.SignatureMethod = true, oauth1.Plaintext
		case "BodyHashAlgorithm":
			p.BodyHash, p.BodyHashAlgorithm = oauth1.BodyHashAuto, "sha512"
		case "Extra":
			p.Extra = []uri.Pair{{Name: "oauth_session_handle", Value: "h"}}
		default:
			switch f.Kind() {
			case reflect.String:
				f.SetString("other")
			case reflect.Bool:
				f.SetBool(true)
			default:
				f.SetUint(f.Uint() + 1)
			}
		}
		got, err := s.signer(&p, oauth1.Registry{}, true, nil)
		if err != nil {
			t.Errorf("%s: %v", fields.Field(i).Name, err)
		} else if got == first {
			t.Errorf("another %s is signed by the old signer", fields.Field(i).Name)
		}
		once, err := s.signer(&p, oauth1.Registry{}, false, &room)
		if once != &room || err != nil {
			t.Fatalf("%s: a signer that signs once was not made in the memory for it: %v", fields.Field(i).Name, err)
		}
		if own, want := signature(t, once), signature(t, got); !reflect.DeepEqual(own, want) {
			t.Errorf("%s: in memory of another signer it signs %+v, expected %+v", fields.Field(i).Name, own, want)
		}
	}
}

// signature is what a signer makes of a request with a body.
func signature(t *testing.T, s *oauth1.Signer) oauth1.Signed {
	t.Helper()
	signed, err := s.Sign(&oauth1.Request{Method: "PUT", URL: "https://host.test/a?b=c", ContentType: "application/x-www-form-urlencoded", Body: []byte("d=e")}, "nonce", 1)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

func pemKey(t *testing.T) string {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}))
}

// A private key is read once, wherever it is written, and never met again under another text or method.
func TestPrivateKeysAreOfTheirText(t *testing.T) {
	var s signers
	prepare := func(p oauth1.Params) *oauth1.Key {
		t.Helper()
		key, err := s.key(&p, oauth1.Registry{})
		if err != nil {
			t.Fatal(err)
		}
		return key
	}
	text, other := pemKey(t), pemKey(t)
	base := oauth1.Params{ConsumerKey: "ck", SignatureMethod: oauth1.RSASHA1, PrivateKey: text}
	first := prepare(base)
	moved := base
	moved.Token, moved.TokenSecret = "another token", "another secret" // which RSA does not sign with
	if prepare(base) != first || prepare(moved) != first {
		t.Error("the same key is read anew")
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
	if _, err := s.key(&oauth1.Params{ConsumerSecret: "cs"}, oauth1.Registry{}); err != nil || len(s.keys.known) != len(met) {
		t.Errorf("%d keys are kept, expected the private ones, %d; %v", len(s.keys.known), len(met), err)
	}
}

func TestKeptIsBounded(t *testing.T) {
	var k kept[string, int]
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for j := range maxKept {
				if v, err := k.of(fmt.Sprint(i, j), func() (int, error) { return j, nil }); v != j || err != nil {
					t.Errorf("%d %d became %d, %v", i, j, v, err)
				}
			}
		})
	}
	wg.Wait()
	if len(k.known) != maxKept {
		t.Errorf("%d values are kept, expected %d", len(k.known), maxKept)
	}
	if _, err := k.of("new", func() (int, error) { return 0, fmt.Errorf("no") }); err == nil {
		t.Error("a value that could not be made was kept")
	}
}
