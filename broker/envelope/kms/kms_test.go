package kms

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/imlc-lang/imlc/broker/envelope"
)

const (
	vaultToken = "hvs.canary-token"
	awsID      = "AKIDCANARY"
	awsSecret  = "canary-aws-secret"
)

// safe is what the fakes keep: texts by what they gave out for them.
type safe struct {
	texts map[string]string
	down  bool
}

func (s *safe) put(text []byte, bound string) string {
	id := rand.Text()
	s.texts[id] = bound + "\x00" + string(text)
	return id
}

func (s *safe) get(id, bound string) ([]byte, bool) {
	text, ok := strings.CutPrefix(s.texts[id], bound+"\x00")
	return []byte(text), ok
}

// fakeVault speaks the transit engine's part of Vault's HTTP API.
func fakeVault(t *testing.T, s *safe) string {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fail := func(status int, text string) {
			w.WriteHeader(status)
			_ = json.NewEncoder(w).Encode(map[string]any{"errors": []string{text}})
		}
		var in struct{ Plaintext, Ciphertext, Associated_data string }
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
			t.Errorf("the body: %v", err)
		}
		bound, err := base64.StdEncoding.DecodeString(in.Associated_data)
		switch {
		case s.down:
			fail(503, "Vault is sealed")
		case r.Method != "POST" || r.Header.Get("X-Vault-Request") != "true" || r.Header.Get("X-Vault-Namespace") != "team" || err != nil:
			t.Errorf("%s %v", r.Method, r.Header)
			fail(400, "odd request")
		case r.Header.Get("X-Vault-Token") != vaultToken:
			fail(403, "permission denied")
		case r.URL.Path == "/v1/deep/transit/encrypt/imlc":
			text, err := base64.StdEncoding.DecodeString(in.Plaintext)
			if err != nil {
				t.Error(err)
			}
			_ = json.NewEncoder(w).Encode(map[string]any{"data": map[string]any{"ciphertext": "vault:v1:" + s.put(text, string(bound)), "key_version": 1}})
		case r.URL.Path == "/v1/deep/transit/decrypt/imlc":
			text, ok := s.get(strings.TrimPrefix(in.Ciphertext, "vault:v1:"), string(bound))
			if !ok {
				fail(400, "cipher: message authentication failed")
				return
			}
			_ = json.NewEncoder(w).Encode(map[string]any{"data": map[string]any{"plaintext": base64.StdEncoding.EncodeToString(text)}})
		default:
			fail(404, "no handler for route")
		}
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// fakeAWS speaks the part of AWS KMS that is used here, and checks the signature of every request.
func fakeAWS(t *testing.T, s *safe) string {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		fail := func(status int, kind string) {
			w.Header().Set("Content-Type", "application/x-amz-json-1.1")
			w.WriteHeader(status)
			_ = json.NewEncoder(w).Encode(map[string]string{"__type": kind, "message": kind})
		}
		if !signedRight(t, r, body) {
			fail(400, "InvalidSignatureException")
			return
		}
		var in struct {
			KeyId                     string
			Plaintext, CiphertextBlob []byte
			EncryptionContext         map[string]string
		}
		if err := json.Unmarshal(body, &in); err != nil || r.Header.Get("Content-Type") != "application/x-amz-json-1.1" {
			t.Errorf("%v %s", err, r.Header.Get("Content-Type"))
		}
		switch target := r.Header.Get("X-Amz-Target"); {
		case s.down:
			fail(400, "DisabledException")
		case in.KeyId != "alias/imlc":
			fail(400, "NotFoundException")
		case target == "TrentService.Encrypt":
			_ = json.NewEncoder(w).Encode(map[string]any{"KeyId": in.KeyId, "CiphertextBlob": []byte(s.put(in.Plaintext, in.EncryptionContext["imlc"]))})
		case target == "TrentService.Decrypt":
			text, ok := s.get(string(in.CiphertextBlob), in.EncryptionContext["imlc"])
			if !ok {
				fail(400, "InvalidCiphertextException")
				return
			}
			_ = json.NewEncoder(w).Encode(map[string]any{"KeyId": in.KeyId, "Plaintext": text})
		default:
			fail(400, "UnknownOperationException")
		}
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// signedRight signs a request once more, by the headers that it says are signed.
func signedRight(t *testing.T, r *http.Request, body []byte) bool {
	got := r.Header.Get("Authorization")
	found := regexp.MustCompile(`Credential=` + awsID + `/\d{8}/eu-west-1/kms/aws4_request, SignedHeaders=([^,]+), Signature=`).FindStringSubmatch(got)
	at, err := time.Parse("20060102T150405Z", r.Header.Get("X-Amz-Date"))
	if found == nil || err != nil {
		t.Errorf("Authorization %q, date %v", got, err)
		return false
	}
	again, err := http.NewRequest(r.Method, "http://"+r.Host+r.URL.String(), bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for name := range strings.SplitSeq(found[1], ";") {
		if name != "host" && name != "content-length" {
			again.Header.Set(name, r.Header.Get(name))
		}
	}
	sum := sha256.Sum256(body)
	if err := v4.NewSigner().SignHTTP(t.Context(), aws.Credentials{AccessKeyID: awsID, SecretAccessKey: awsSecret}, again, hex.EncodeToString(sum[:]), "kms", "eu-west-1", at); err != nil {
		t.Fatal(err)
	}
	if again.Header.Get("Authorization") != got {
		t.Errorf("signed %q, expected %q", got, again.Header.Get("Authorization"))
		return false
	}
	return true
}

func options() Options {
	return Options{Entropy: rand.Reader, ReadFile: os.ReadFile, HTTP: &http.Client{Timeout: 10 * time.Second},
		Env: func(name string) string {
			return map[string]string{"VAULT_TOKEN": vaultToken, "VAULT_NAMESPACE": "team"}[name]
		}}
}

func isolateAWS(t *testing.T) {
	for name, text := range map[string]string{"AWS_ACCESS_KEY_ID": awsID, "AWS_SECRET_ACCESS_KEY": awsSecret, "AWS_SESSION_TOKEN": "", "AWS_CONFIG_FILE": os.DevNull,
		"AWS_SHARED_CREDENTIALS_FILE": os.DevNull, "AWS_EC2_METADATA_DISABLED": "true", "AWS_REGION": "", "AWS_MAX_ATTEMPTS": "1"} {
		t.Setenv(name, text)
	}
}

// TestServices has each service keep the keys of a ring.
func TestServices(t *testing.T) {
	isolateAWS(t)
	ctx := context.Background()
	key := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(key, []byte(base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{7}, 32))+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	vaultSafe, awsSafe := &safe{texts: map[string]string{}}, &safe{texts: map[string]string{}}
	for address, s := range map[string]*safe{"file:" + key: nil, "vault:" + fakeVault(t, vaultSafe) + "/deep/transit/imlc": vaultSafe,
		"aws:alias/imlc?region=eu-west-1&endpoint=" + fakeAWS(t, awsSafe): awsSafe} {
		service, err := Open(ctx, address, options())
		if err != nil {
			t.Fatal(err)
		}
		sealed, err := service.Encrypt(ctx, []byte("text"), "here")
		if err != nil || bytes.Contains(sealed, []byte("text")) {
			t.Fatalf("%s: %q %v", address, sealed, err)
		}
		if text, err := service.Decrypt(ctx, sealed, "here"); err != nil || string(text) != "text" {
			t.Errorf("%s: %q %v", address, text, err)
		}
		if _, err := service.Decrypt(ctx, sealed, "elsewhere"); !errors.Is(err, envelope.ErrDamaged) {
			t.Errorf("%s, moved: %v", address, err)
		}
		for _, bad := range [][]byte{nil, sealed[:len(sealed)-1], append([]byte("x"), sealed...)} {
			if _, err := service.Decrypt(ctx, bad, "here"); err == nil {
				t.Errorf("%s: %q passed", address, bad)
			}
		}
		guardRing(t, service)
		if s != nil {
			s.down = true
			if _, err := service.Decrypt(ctx, sealed, "here"); err == nil || errors.Is(err, envelope.ErrDamaged) {
				t.Errorf("%s, away: %v", address, err)
			}
		}
	}
}

// guardRing writes a ring with two keys and reads it again.
func guardRing(t *testing.T, service envelope.KeyService) {
	t.Helper()
	ctx := context.Background()
	ring, err := envelope.NewRing(rand.Reader, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if err := ring.Add(time.Now()); err != nil {
		t.Fatal(err)
	}
	box := envelope.Box{Keys: ring, Entropy: rand.Reader}
	sealed, id, err := box.Seal(ctx, []byte("secret"), "bound")
	if err != nil {
		t.Fatal(err)
	}
	data, err := ring.EncodeGuarded(ctx, service)
	if err != nil {
		t.Fatal(err)
	}
	if name, guarded := envelope.Guarded(data); !guarded || name != service.Name() {
		t.Errorf("the file says %q", name)
	}
	if _, guarded := envelope.Guarded(ring.Encode()); guarded {
		t.Error("a file in clear says that it is guarded")
	}
	var plain struct{ Keys []struct{ Secret string } }
	if err := json.Unmarshal(ring.Encode(), &plain); err != nil {
		t.Fatal(err)
	}
	for _, k := range plain.Keys {
		if strings.Contains(string(data), k.Secret) {
			t.Error("the guarded file holds a key")
		}
	}
	read, err := envelope.ParseGuarded(ctx, data, service, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if text, err := (envelope.Box{Keys: read, Entropy: rand.Reader}).Open(ctx, id, sealed, "bound"); err != nil || string(text) != "secret" || len(read.IDs()) != 2 {
		t.Errorf("%q %v", text, err)
	}
	// Two keys that change places are found out.
	ids := ring.IDs()
	swapped := strings.NewReplacer(ids[0], ids[1], ids[1], ids[0]).Replace(string(data))
	if _, err := envelope.ParseGuarded(ctx, []byte(swapped), service, rand.Reader); !errors.Is(err, envelope.ErrDamaged) {
		t.Errorf("keys that changed places: %v", err)
	}
}

func TestAddresses(t *testing.T) {
	isolateAWS(t)
	short := filepath.Join(t.TempDir(), "short")
	if err := os.WriteFile(short, []byte("c2hvcnQtc2VjcmV0"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, address := range []string{"", "file:", "file:" + short, "file:/nowhere", "vault:vault.example/transit/k", "vault:https://u:p@vault.example/transit/k", "vault:https://vault.example/k",
		"vault:https://vault.example/", "aws:alias/imlc", "aws:?region=x", "gcp:key"} {
		if _, err := Open(t.Context(), address, options()); err == nil || strings.Contains(err.Error(), "c2hvcnQtc2VjcmV0") {
			t.Errorf("%s: %v", address, err)
		}
	}
	o := options()
	o.Env = func(string) string { return "" }
	if _, err := Open(t.Context(), "vault:https://vault.example/transit/k", o); err == nil || !strings.Contains(err.Error(), "VAULT_TOKEN") {
		t.Errorf("without a token: %v", err)
	}
}

// TestServiceErrorsHoldNoToken reads errors of services that refuse.
func TestServiceErrorsHoldNoToken(t *testing.T) {
	s := &safe{texts: map[string]string{}}
	o := options()
	o.Env = func(name string) string {
		return map[string]string{"VAULT_TOKEN": "wrong-token", "VAULT_NAMESPACE": "team"}[name]
	}
	for _, address := range []string{fakeVault(t, s) + "/deep/transit/imlc", "http://127.0.0.1:1/transit/imlc"} {
		service, err := Open(t.Context(), "vault:"+address, o)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := service.Encrypt(t.Context(), []byte("text"), "here"); err == nil || strings.Contains(err.Error(), "wrong-token") {
			t.Errorf("%v", err)
		}
	}
}
