package state

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
)

// ErrSeal says that a sealed text is damaged, foreign, or sealed under a key that is gone.
var ErrSeal = errors.New("the sealed state cannot be opened: it is damaged, or sealed under another key")

// ErrUnknownKey says that a sealed text names a key that the sealer lacks. It is ErrSeal too.
var ErrUnknownKey = fmt.Errorf("the sealed state names a key that is not known here: %w", ErrSeal)

// Key is one key of a sealer: a name that travels with what it sealed, and at least 16 secret bytes.
type Key struct {
	ID     string
	Secret []byte
}

// Sealer seals with AES-256-GCM under the first key and opens under any, so that keys can be rotated. It is safe for
// concurrent use.
type Sealer struct {
	mu      sync.Mutex // of entropy
	entropy io.Reader
	first   string
	keys    map[string]cipher.AEAD
}

// NewSealer returns a sealer that seals under the first key and opens what any of the keys sealed. Entropy gives the
// 96-bit nonces. Key ids are at most 64 letters, digits, "-" or "_".
func NewSealer(entropy io.Reader, keys ...Key) (*Sealer, error) {
	if len(keys) == 0 {
		return nil, errors.New("a sealer needs at least one key")
	}
	s := &Sealer{entropy: entropy, first: keys[0].ID, keys: map[string]cipher.AEAD{}}
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
func NewEphemeralSealer(entropy io.Reader) (*Sealer, error) {
	secret := make([]byte, 32)
	if _, err := io.ReadFull(entropy, secret); err != nil {
		return nil, err
	}
	return NewSealer(entropy, Key{ID: "e", Secret: secret})
}

// Seal returns key id, ".", base64url of nonce and ciphertext. The key id is authenticated. An error is that of
// entropy.
func (s *Sealer) Seal(plaintext []byte) (string, error) {
	gcm := s.keys[s.first]
	room := rooms.Get().(*room)
	defer room.release()
	nonce := append(room.sealed[:0], make([]byte, gcm.NonceSize())...)
	s.mu.Lock()
	_, err := io.ReadFull(s.entropy, nonce)
	s.mu.Unlock()
	if err != nil {
		return "", err
	}
	room.sealed = gcm.Seal(nonce, nonce, plaintext, []byte(s.first))
	room.text = append(append(room.text[:0], s.first...), '.')
	room.text = base64.RawURLEncoding.AppendEncode(room.text, room.sealed)
	return string(room.text), nil
}

// room is the working memory of one sealing. Nothing in it is secret.
type room struct{ sealed, text []byte }

var rooms = sync.Pool{New: func() any { return new(room) }}

// mostRoom bounds what of a room is kept, in bytes.
const mostRoom = 64 << 10

func (r *room) release() {
	if cap(r.text) <= mostRoom {
		rooms.Put(r)
	}
}

// Open returns what was sealed, or ErrSeal, which is ErrUnknownKey when the text may come from a sealer with other keys.
func (s *Sealer) Open(sealed string) ([]byte, error) {
	id, text, _ := strings.Cut(sealed, ".")
	gcm, known := s.keys[id]
	switch {
	case !known && isKeyID(id) && text != "":
		return nil, ErrUnknownKey
	case !known:
		return nil, ErrSeal
	}
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(b) < gcm.NonceSize() {
		return nil, ErrSeal
	}
	body := b[gcm.NonceSize():]
	plain, err := gcm.Open(body[:0], b[:gcm.NonceSize()], body, []byte(id))
	if err != nil {
		return nil, ErrSeal
	}
	return plain, nil
}
