package kms

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/imlc-lang/imlc/broker/envelope"
)

// vault is a key of the transit engine of HashiCorp Vault, of a type that takes associated data, such as aes256-gcm96.
type vault struct {
	url              *url.URL
	mount, key       string
	token, namespace string
	http             *http.Client
}

func openVault(address string, o Options) (envelope.KeyService, error) {
	u, err := plainURL(address)
	if err != nil {
		return nil, fmt.Errorf("vault: %w", err)
	}
	mount, key, ok := cutLast(strings.Trim(u.Path, "/"))
	if !ok {
		return nil, fmt.Errorf("vault: expected https://HOST/MOUNT/KEY")
	}
	token := o.Env("VAULT_TOKEN")
	if token == "" {
		return nil, fmt.Errorf("vault: VAULT_TOKEN is not set")
	}
	u.Path = ""
	return &vault{url: u, mount: mount, key: key, token: token, namespace: o.Env("VAULT_NAMESPACE"), http: o.HTTP}, nil
}

func cutLast(path string) (before, after string, ok bool) {
	i := strings.LastIndexByte(path, '/')
	if i <= 0 || i == len(path)-1 {
		return "", "", false
	}
	return path[:i], path[i+1:], true
}

// Name implements envelope.KeyService.
func (v *vault) Name() string { return "vault:" + v.url.JoinPath(v.mount, v.key).String() }

// Encrypt implements envelope.KeyService.
func (v *vault) Encrypt(ctx context.Context, text []byte, bound string) ([]byte, error) {
	out, err := v.do(ctx, "encrypt", map[string]any{"plaintext": text, "associated_data": []byte(bound)})
	if err == nil && !strings.HasPrefix(out.Ciphertext, "vault:") {
		err = fmt.Errorf("vault answered without a ciphertext")
	}
	return []byte(out.Ciphertext), err
}

// Decrypt implements envelope.KeyService.
func (v *vault) Decrypt(ctx context.Context, sealed []byte, bound string) ([]byte, error) {
	out, err := v.do(ctx, "decrypt", map[string]any{"ciphertext": string(sealed), "associated_data": []byte(bound)})
	return out.Plaintext, err
}

type vaultData struct {
	Ciphertext string `json:"ciphertext"`
	Plaintext  []byte `json:"plaintext"`
}

// do asks for an operation of the transit engine. Texts and associated data travel in base64, as package json writes bytes.
func (v *vault) do(ctx context.Context, operation string, body map[string]any) (vaultData, error) {
	data, err := json.Marshal(body)
	if err != nil {
		return vaultData{}, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, v.url.JoinPath("v1", v.mount, operation, v.key).String(), bytes.NewReader(data))
	if err != nil {
		return vaultData{}, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Vault-Token", v.token)
	req.Header.Set("X-Vault-Request", "true")
	if v.namespace != "" {
		req.Header.Set("X-Vault-Namespace", v.namespace)
	}
	res, err := v.http.Do(req)
	if err != nil {
		return vaultData{}, fmt.Errorf("vault does not answer: %w", err)
	}
	defer res.Body.Close()
	var answer struct {
		Data   vaultData `json:"data"`
		Errors []string  `json:"errors"`
	}
	err = json.NewDecoder(io.LimitReader(res.Body, 1<<20)).Decode(&answer)
	switch {
	case res.StatusCode == http.StatusBadRequest && operation == "decrypt":
		return vaultData{}, fmt.Errorf("vault: %s: %w", strings.Join(answer.Errors, "; "), envelope.ErrDamaged)
	case res.StatusCode/100 != 2:
		return vaultData{}, fmt.Errorf("vault answered %d: %s", res.StatusCode, strings.Join(answer.Errors, "; "))
	case err != nil:
		return vaultData{}, fmt.Errorf("the answer of vault cannot be read: %w", err)
	}
	return answer.Data, nil
}
