package envelope

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
)

// KeyService is a key of a key management service, or of a file of its own, which keeps the keys of a ring: the file of the
// ring holds them encrypted, and whoever starts a broker needs the service once. Requests do not wait for it, and the
// broker goes on while it is away. Implementations are safe for concurrent use.
type KeyService interface {
	// Name says which key it is, without secrets.
	Name() string
	// Encrypt encrypts and authenticates a text of at most 4096 bytes; only Decrypt with the same bound gives it back.
	Encrypt(ctx context.Context, text []byte, bound string) ([]byte, error)
	// Decrypt undoes Encrypt. It fails with ErrDamaged for what Encrypt did not make, or made for another bound; any other
	// error is one of the service.
	Decrypt(ctx context.Context, sealed []byte, bound string) ([]byte, error)
}

// guardedFile is the file of a ring whose keys a service keeps.
type guardedFile struct {
	Service string       `json:"service"`
	Keys    []guardedKey `json:"keys"`
}

type guardedKey struct {
	ringKey
	Secret  []byte `json:"secret,omitempty"` // hides that of ringKey
	Wrapped []byte `json:"wrapped"`
}

// Guarded reports whether a file of a ring needs a service to be read, and which.
func Guarded(data []byte) (service string, guarded bool) {
	var file guardedFile
	if json.Unmarshal(data, &file) != nil || file.Service == "" {
		return "", false
	}
	return file.Service, true
}

// boundOf is what a key of a file is bound to, so that no two change places.
func boundOf(id string) string { return "imlc-key-" + id }

// EncodeGuarded writes the ring with its keys encrypted by a service.
func (r *Ring) EncodeGuarded(ctx context.Context, service KeyService) ([]byte, error) {
	r.mu.RLock()
	keys := append([]ringKey(nil), r.keys...)
	r.mu.RUnlock()
	file := guardedFile{Service: service.Name()}
	for _, k := range keys {
		wrapped, err := service.Encrypt(ctx, k.Secret, boundOf(k.ID))
		if err != nil {
			return nil, fmt.Errorf("encrypt key %s: %w", k.ID, err)
		}
		file.Keys = append(file.Keys, guardedKey{ringKey: ringKey{ID: k.ID, Created: k.Created}, Wrapped: wrapped})
	}
	data, err := json.MarshalIndent(file, "", "  ")
	return append(data, '\n'), err
}

// ParseGuarded reads what EncodeGuarded wrote. Entropy gives keys and nonces.
func ParseGuarded(ctx context.Context, data []byte, service KeyService, entropy io.Reader) (*Ring, error) {
	var file guardedFile
	if json.Unmarshal(data, &file) != nil || len(file.Keys) == 0 {
		return nil, fmt.Errorf(`expected {"service": …, "keys": [{"id": …, "wrapped": …, "created": …}]}, the first key is the current one`)
	}
	plain := make([]ringKey, len(file.Keys))
	for i, k := range file.Keys {
		secret, err := service.Decrypt(ctx, k.Wrapped, boundOf(k.ID))
		if err != nil {
			return nil, fmt.Errorf("key %s, which %s keeps: %w", k.ID, file.Service, err)
		}
		plain[i] = ringKey{ID: k.ID, Secret: secret, Created: k.Created}
	}
	text, err := json.Marshal(map[string]any{"keys": plain})
	if err != nil {
		return nil, err
	}
	return ParseRing(text, entropy)
}
