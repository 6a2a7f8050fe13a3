// Package envelope encrypts what a broker keeps. Each text is sealed under a data key of its own, and that key is
// wrapped by a key-encryption key which a Keys holds: a key file, or a key management service. Changing the
// key-encryption key wraps data keys anew and leaves what they sealed alone.
package envelope

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// Keys wraps data keys. Implementations are safe for concurrent use.
type Keys interface {
	// Current is the id of the key that Wrap uses: 1 to 64 letters, digits, "-" or "_".
	Current() string
	// Wrap encrypts and authenticates a data key of 32 bytes, bound to what it belongs to.
	Wrap(ctx context.Context, key, bound []byte) (id string, wrapped []byte, err error)
	// Unwrap undoes Wrap. It fails with ErrUnknownKey for the id of a key that it does not have, and with ErrDamaged for
	// what Wrap did not make.
	Unwrap(ctx context.Context, id string, wrapped, bound []byte) ([]byte, error)
}

// ErrDamaged says that a sealed text is damaged, or belongs elsewhere.
var ErrDamaged = errors.New("the sealed text is damaged or belongs elsewhere")

// ErrUnknownKey says that the key of a sealed text is not at hand.
var ErrUnknownKey = errors.New("the key is not at hand")

// version is the first byte of what Seal makes.
const version = 1

const (
	keySize   = 32
	nonceSize = 12
)

// Box seals and opens texts. It is safe for concurrent use when its parts are.
type Box struct {
	Keys Keys
	// Entropy gives data keys and nonces.
	Entropy io.Reader
}

func aead(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// bytes returns n random bytes.
func (b Box) bytes(n int) ([]byte, error) {
	out := make([]byte, n)
	if _, err := io.ReadFull(b.Entropy, out); err != nil {
		return nil, fmt.Errorf("entropy: %w", err)
	}
	return out, nil
}

// Seal encrypts text with AES-256-GCM and returns it with the id of the key that wraps its data key. Only Open with the
// same bound gives it back.
func (b Box) Seal(ctx context.Context, text []byte, bound string) (sealed []byte, keyID string, err error) {
	random, err := b.bytes(keySize + nonceSize)
	if err != nil {
		return nil, "", err
	}
	key, nonce := random[:keySize], random[keySize:]
	id, wrapped, err := b.Keys.Wrap(ctx, key, []byte(bound))
	if err != nil {
		return nil, "", fmt.Errorf("wrap a data key: %w", err)
	}
	gcm, err := aead(key)
	if err != nil {
		return nil, "", err
	}
	out := head(wrapped)
	out = append(out, nonce...)
	return gcm.Seal(out, nonce, text, []byte(bound)), id, nil
}

// head is what stands before the nonce: version, length of the wrapped key, and the key.
func head(wrapped []byte) []byte {
	out := binary.BigEndian.AppendUint16([]byte{version}, uint16(len(wrapped)))
	return append(out, wrapped...)
}

// split undoes head.
func split(sealed []byte) (wrapped, rest []byte, err error) {
	if len(sealed) < 3 || sealed[0] != version {
		return nil, nil, ErrDamaged
	}
	n := int(binary.BigEndian.Uint16(sealed[1:]))
	if len(sealed) < 3+n+nonceSize {
		return nil, nil, ErrDamaged
	}
	return sealed[3 : 3+n], sealed[3+n:], nil
}

// Open returns the text that Seal was given. It fails with ErrDamaged or ErrUnknownKey.
func (b Box) Open(ctx context.Context, keyID string, sealed []byte, bound string) ([]byte, error) {
	wrapped, rest, err := split(sealed)
	if err != nil {
		return nil, err
	}
	key, err := b.Keys.Unwrap(ctx, keyID, wrapped, []byte(bound))
	if err != nil {
		return nil, err
	}
	gcm, err := aead(key)
	if err != nil {
		return nil, ErrDamaged
	}
	text, err := gcm.Open(nil, rest[:nonceSize], rest[nonceSize:], []byte(bound))
	if err != nil {
		return nil, ErrDamaged
	}
	return text, nil
}

// Rewrap wraps the data key of a sealed text under the current key. The text itself is not touched.
func (b Box) Rewrap(ctx context.Context, keyID string, sealed []byte, bound string) (rewrapped []byte, newID string, err error) {
	wrapped, rest, err := split(sealed)
	if err != nil {
		return nil, "", err
	}
	key, err := b.Keys.Unwrap(ctx, keyID, wrapped, []byte(bound))
	if err != nil {
		return nil, "", err
	}
	id, again, err := b.Keys.Wrap(ctx, key, []byte(bound))
	if err != nil {
		return nil, "", fmt.Errorf("wrap a data key: %w", err)
	}
	return append(head(again), rest...), id, nil
}
