package vm

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/imlc-lang/imlc/vm/value"
)

// Sealer encrypts and authenticates suspended state. Implementations are safe for concurrent use.
type Sealer interface {
	Seal(plaintext []byte) (string, error)
	// Open returns ErrSeal for what Seal did not make.
	Open(sealed string) ([]byte, error)
}

// ErrSeal says that a sealed text is damaged, foreign, or sealed under a key that is gone.
var ErrSeal = errors.New("the sealed state cannot be opened: it is damaged, or sealed under another key")

// SealKey is one key of a sealer: a name that travels with what it sealed, and at least 16 secret bytes, which nothing
// prints.
type SealKey struct {
	ID     string
	Secret []byte
}

// String shows the id and masks the secret.
func (k SealKey) String() string { return "seal key " + k.ID + " secret=" + value.Mask }

// Format implements fmt.Formatter: with every verb a key prints as String does.
func (k SealKey) Format(f fmt.State, _ rune) { fmt.Fprint(f, k.String()) }

// LogValue implements slog.LogValuer.
func (k SealKey) LogValue() slog.Value { return slog.StringValue(k.String()) }

// MarshalJSON masks the secret by what json.Unmarshal refuses, so that nobody stores a key without its secret unawares.
func (k SealKey) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct{ ID, Secret string }{k.ID, value.Mask})
}

// aesSealer seals with AES-256-GCM under the first key and opens under any (key rotation by key id).
type aesSealer struct {
	entropy io.Reader
	mu      sync.Mutex
	first   string
	keys    map[string]cipher.AEAD
}

// NewSealer returns a sealer that seals under the first key and opens what any of the keys sealed. Entropy gives the
// 96-bit nonces. Key ids are at most 64 letters, digits, "-" or "_".
func NewSealer(entropy io.Reader, keys ...SealKey) (Sealer, error) {
	if len(keys) == 0 {
		return nil, errors.New("a sealer needs at least one key")
	}
	s := &aesSealer{entropy: entropy, first: keys[0].ID, keys: map[string]cipher.AEAD{}}
	for _, k := range keys {
		if !isKeyID(k.ID) {
			return nil, fmt.Errorf("seal key id %q: expected 1 to 64 letters, digits, \"-\" or \"_\"", k.ID)
		}
		if _, taken := s.keys[k.ID]; taken {
			return nil, fmt.Errorf("seal key id %q is used twice: give every key an id of its own", k.ID)
		}
		if len(k.Secret) < 16 {
			return nil, fmt.Errorf("seal key %q has %d bytes, expected at least 16", k.ID, len(k.Secret))
		}
		derived, err := hkdf.Key(sha256.New, k.Secret, nil, "imlc suspended state "+k.ID, 32)
		if err != nil {
			return nil, err
		}
		block, err := aes.NewCipher(derived)
		if err != nil {
			return nil, err
		}
		if s.keys[k.ID], err = cipher.NewGCM(block); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func isKeyID(id string) bool {
	const allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"
	return id != "" && len(id) <= 64 && strings.Trim(id, allowed) == ""
}

// NewEphemeralSealer returns a sealer under a random key that lives as long as the sealer.
func NewEphemeralSealer(entropy io.Reader) (Sealer, error) {
	secret := make([]byte, 32)
	if _, err := io.ReadFull(entropy, secret); err != nil {
		return nil, err
	}
	return NewSealer(entropy, SealKey{ID: "e", Secret: secret})
}

// Seal implements Sealer: key id, ".", base64url of nonce and ciphertext. The key id is authenticated.
func (s *aesSealer) Seal(plaintext []byte) (string, error) {
	gcm := s.keys[s.first]
	size := gcm.NonceSize() + len(plaintext) + gcm.Overhead()
	memory := sealing.Get().(*[2][]byte)
	defer sealing.Put(memory)
	nonce := slices.Grow(memory[0][:0], size)[:gcm.NonceSize()]
	s.mu.Lock()
	_, err := io.ReadFull(s.entropy, nonce)
	s.mu.Unlock()
	if err != nil {
		return "", err
	}
	id := append(memory[1][:0], s.first...)
	sealed := gcm.Seal(nonce, nonce, plaintext, id)
	memory[0] = sealed
	memory[1] = base64.RawURLEncoding.AppendEncode(append(id, '.'), sealed)
	return string(memory[1]), nil
}

// sealing lends out memory for ciphertexts and their encoding.
var sealing = sync.Pool{New: func() any { return new([2][]byte) }}

// Open implements Sealer.
func (s *aesSealer) Open(sealed string) ([]byte, error) {
	for id, gcm := range s.keys {
		if len(sealed) <= len(id) || sealed[:len(id)] != id || sealed[len(id)] != '.' {
			continue
		}
		b, err := base64.RawURLEncoding.DecodeString(sealed[len(id)+1:])
		if err != nil || len(b) < gcm.NonceSize() {
			return nil, ErrSeal
		}
		body := b[gcm.NonceSize():]
		out, err := gcm.Open(body[:0], b[:gcm.NonceSize()], body, []byte(id))
		if err != nil {
			return nil, ErrSeal
		}
		return out, nil
	}
	return nil, ErrSeal
}

// memoryPending keeps pending keys in memory and forgets them at their deadlines.
type memoryPending struct {
	mu    sync.Mutex
	clock func() time.Time
	keys  map[string]time.Time
	sweep int // puts since the last sweep
}

// NewMemoryPending returns a store for a single process. It is safe for concurrent use.
func NewMemoryPending(clock func() time.Time) PendingStore {
	return &memoryPending{clock: clock, keys: map[string]time.Time{}}
}

// Put implements PendingStore. Keys past their deadline are swept out now and then, at a cost linear in the puts.
func (m *memoryPending) Put(_ context.Context, key string, deadline time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.keys[key] = deadline
	if m.sweep++; m.sweep > len(m.keys) && m.sweep > 1024 {
		m.sweep = 0
		now := m.clock()
		for k, d := range m.keys {
			if now.After(d.Add(DefaultPendingTTL)) { // kept a while longer, so that "expired" can be told from "unknown"
				delete(m.keys, k)
			}
		}
	}
	return nil
}

// Take implements PendingStore.
func (m *memoryPending) Take(_ context.Context, key string) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	_, ok := m.keys[key]
	delete(m.keys, key)
	return ok, nil
}
