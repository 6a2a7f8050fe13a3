package vm

import (
	"fmt"
	"reflect"
	"sync"
	"testing"

	"github.com/imlc-lang/imlc/runtime/oauth1"
	"github.com/imlc-lang/imlc/runtime/uri"
)

// TestSignersAreOfTheirParameters changes one setting after the other: none may meet the signer of another one. Rotated
// credentials would go on signing with the old secret.
func TestSignersAreOfTheirParameters(t *testing.T) {
	base := oauth1.Params{ConsumerKey: "ck", ConsumerSecret: "cs", Token: "tk", TokenSecret: "ts"}
	var s signers
	first, err := s.signer(&base, oauth1.Registry{}, true)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := s.signer(&base, oauth1.Registry{}, true); again != first || err != nil {
		t.Fatal("the same parameters are prepared anew")
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
		got, err := s.signer(&p, oauth1.Registry{}, true)
		if err != nil {
			t.Errorf("%s: %v", fields.Field(i).Name, err)
		} else if got == first {
			t.Errorf("another %s is signed by the old signer", fields.Field(i).Name)
		}
	}
}

func TestSignersAreBounded(t *testing.T) {
	var s signers
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for j := range maxSigners {
				p := oauth1.Params{ConsumerKey: "ck", ConsumerSecret: "cs", Token: fmt.Sprint(i, j)}
				if _, err := s.signer(&p, oauth1.Registry{}, true); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if len(s.known) == 0 || len(s.known) > maxSigners {
		t.Errorf("%d signers are kept", len(s.known))
	}
}
