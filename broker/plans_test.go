package broker_test

import (
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/imlc-lang/imlc/broker"
	"github.com/imlc-lang/imlc/broker/store"
	"github.com/imlc-lang/imlc/vm"
	"github.com/imlc-lang/imlc/vm/plan"
)

// download asks for a plan, and says what the caller has already.
func (w *world) download(query, have string) (*http.Response, []byte) {
	w.Helper()
	req := w.request(w.key, "GET", "/v1/specs/demo/plan"+query, nil)
	if have != "" {
		req.Header.Set("If-None-Match", have)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		w.Fatal(err)
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		w.Fatal(err)
	}
	return res, data
}

// trusted reads a public key as the command does.
func trusted(t *testing.T, key any) ed25519.PublicKey {
	t.Helper()
	block, _ := pem.Decode([]byte(key.(map[string]any)["publicKey"].(string)))
	if block == nil || block.Type != "PUBLIC KEY" {
		t.Fatalf("no PEM: %v", key)
	}
	public, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return public.(ed25519.PublicKey)
}

// runs reports whether a host that trusts keys runs a plan.
func runs(data []byte, keys ...ed25519.PublicKey) error {
	options := plan.DecodeOptions{RequireSignature: true}
	for _, k := range keys {
		options.TrustedKeys = append(options.TrustedKeys, k)
	}
	p, err := plan.Decode(data, options)
	if err != nil {
		return err
	}
	e, err := vm.New(p, vm.Host{TrustedKeys: keys})
	if err == nil {
		e.Close()
	}
	return err
}

// TestPlans downloads plans as a host does that runs them by itself: each is the one that the broker runs, named by its
// content, and signed by the keys of its space alone, old and new while they are rotated.
func TestPlans(t *testing.T) {
	w := start(t)
	w.spec()
	spec := w.must("GET", "/v1/specs/demo", nil)
	res, data := w.download("", "")
	sum := sha256.Sum256(data)
	hash := hex.EncodeToString(sum[:])
	tag := res.Header.Get("ETag")
	if res.StatusCode != 200 || spec["plan"] != hash || tag != `"`+hash+`"` || res.Header.Get("Imlc-Plan") != hash || res.Header.Get("Content-Disposition") != `attachment; filename="demo-1.imlc"` {
		t.Errorf("the plan of %v: %v, SHA-256 %s", spec, res.Header, hash)
	}
	if p, err := plan.Decode(data, plan.DecodeOptions{}); err != nil || p.Signature != nil || len(p.Files) > 0 {
		t.Errorf("the plan alone: %v", err)
	}
	for _, have := range []string{tag, `"other", W/` + tag} {
		if res, data := w.download("", have); res.StatusCode != 304 || len(data) > 0 || res.Header.Get("ETag") != tag {
			t.Errorf("who has it: %d, %d bytes", res.StatusCode, len(data))
		}
	}
	if res, data := w.download("?source=true", tag); res.StatusCode != 200 {
		t.Errorf("with its source: %d", res.StatusCode)
	} else if p, err := plan.Decode(data, plan.DecodeOptions{}); err != nil || len(p.Files) != 1 || p.Files[0].Name != "demo.jsonc" {
		t.Errorf("with its source: %v", err)
	}

	old := trusted(t, w.must("GET", "/v1/signing-keys", nil)["list"].([]any)[0])
	_, signed := w.download("?sign=current", "")
	if err := runs(signed, old); err != nil {
		t.Errorf("signed: %v", err)
	}
	if _, again := w.download("?sign=current", ""); string(again) != string(signed) {
		t.Error("the same plan, signed by the same key, is another file")
	}
	if err := runs(data, old); !errors.Is(err, plan.ErrUntrusted) {
		t.Errorf("unsigned: %v", err)
	}
	made := w.must("POST", "/v1/signing-keys", nil)
	_, resigned := w.download("?sign=current", "")
	if err := runs(resigned, trusted(t, made)); err != nil {
		t.Errorf("signed by the new key: %v", err)
	}
	if err := runs(resigned, old); !errors.Is(err, plan.ErrUntrusted) {
		t.Errorf("by a host that does not know the new key: %v", err)
	}
	keys := w.must("GET", "/v1/signing-keys", nil)["list"].([]any)
	if len(keys) != 2 || keys[0].(map[string]any)["id"] != made["id"] || keys[0].(map[string]any)["current"] != true || keys[1].(map[string]any)["current"] != false {
		t.Fatalf("keys: %v", keys)
	}
	before := keys[1].(map[string]any)["id"].(string)
	if _, data := w.download("?sign="+before, ""); string(data) != string(signed) {
		t.Error("the key before does not sign what asks for it")
	}
	w.retires(before, made["id"].(string))
	w.mustStatus(404, "GET", "/v1/specs/demo/plan?version=2")
	w.mustStatus(404, "GET", "/v1/specs/none/plan")

	// Another space has other keys, and no way to the plans of this one.
	w.must("POST", "/v1/tenants", map[string]any{"name": "eve"})
	eve, err := w.broker.NewKey(t.Context(), "eve/main", "eve", broker.Scopes())
	if err != nil {
		t.Fatal(err)
	}
	if status, text := w.raw(eve, "GET", "/v1/signing-keys", nil); status != 200 || strings.Contains(string(text), made["id"].(string)) {
		t.Errorf("the keys of another space: %d %s", status, text)
	}
	if status, _ := w.raw(eve, "GET", "/v1/specs/demo/plan?sign="+made["id"].(string), nil); status != 404 {
		t.Errorf("the plan for another space: %d", status)
	}
}

func (w *world) mustStatus(want int, method, path string) {
	w.Helper()
	if status, out := w.api(method, path, nil); status != want {
		w.Errorf("%s %s: %d %v, want %d", method, path, status, out, want)
	}
}

// retires retires a key, and keeps the current one.
func (w *world) retires(id, current string) {
	w.Helper()
	w.mustStatus(204, "DELETE", "/v1/signing-keys/"+id)
	w.mustStatus(404, "DELETE", "/v1/signing-keys/"+id)
	w.mustStatus(404, "GET", "/v1/specs/demo/plan?sign="+id)
	w.mustStatus(409, "DELETE", "/v1/signing-keys/"+current)
	for range 9 {
		w.must("POST", "/v1/signing-keys", nil)
	}
	w.mustStatus(409, "POST", "/v1/signing-keys")
}

// TestSigningKeysAreSealed keeps signing keys under the keys of the envelope, in no answer and no record in clear, and the
// same ones when those are rotated.
func TestSigningKeysAreSealed(t *testing.T) {
	w := start(t)
	w.spec()
	_, before := w.download("?sign=current", "")
	record, err := w.store.Get(t.Context(), broker.DefaultSpace, "signers", "plans")
	if err != nil || record.Sealed == nil || strings.Contains(string(record.Body), "seed") {
		t.Fatalf("the record: %s %v", record.Body, err)
	}
	w.must("POST", "/v1/admin/rotate", nil)
	for range 100 {
		if record, err = w.store.Get(t.Context(), broker.DefaultSpace, "signers", "plans"); err != nil || record.KeyID == w.ring.Current() {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	if err != nil || record.KeyID != w.ring.Current() {
		t.Errorf("after the rotation they are under %s: %v", record.KeyID, err)
	}
	if _, after := w.download("?sign=current", ""); string(after) != string(before) {
		t.Error("a rotation of the envelope's keys changes what signs plans")
	}
	// Moved into another space, a record of keys signs nothing there.
	w.must("POST", "/v1/tenants", map[string]any{"name": "eve"})
	record.Space, record.Revision = "eve/main", store.Any
	if _, err := w.store.Apply(t.Context(), store.Op{Record: record}); err != nil {
		t.Fatal(err)
	}
	eve, err := w.broker.NewKey(t.Context(), "eve/main", "eve", broker.Scopes())
	if err != nil {
		t.Fatal(err)
	}
	if status, text := w.raw(eve, "GET", "/v1/signing-keys", nil); status != 500 {
		t.Errorf("a record of another space: %d %s", status, text)
	}
}

// TestFirstSigningKey asks two brokers of one store for the first key at once, and gets one.
func TestFirstSigningKey(t *testing.T) {
	w := start(t)
	w.spec()
	found := make(chan string, 8)
	for range cap(found) {
		go func() {
			_, data := w.raw(w.key, "GET", "/v1/signing-keys", nil)
			found <- string(data)
		}()
	}
	one := <-found
	for range cap(found) - 1 {
		if other := <-found; other != one || !strings.Contains(one, "PUBLIC KEY") {
			t.Errorf("%s\nand %s", one, other)
		}
	}
}
