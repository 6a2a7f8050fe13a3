package kms

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"fmt"
	"io"
	"strings"

	"github.com/imlc-lang/imlc/broker/envelope"
)

// file is a key in a file, for AES-256-GCM.
type file struct {
	path    string
	aead    cipher.AEAD
	entropy io.Reader
}

func openFile(path string, o Options) (envelope.KeyService, error) {
	data, err := o.ReadFile(path)
	if err != nil {
		return nil, err
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(data)))
	if err != nil || len(key) != 32 {
		return nil, fmt.Errorf("%s: expected 32 bytes in base64", path) // the error of the library may repeat the key
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	return &file{path, aead, o.Entropy}, nil
}

// Name implements envelope.KeyService.
func (f *file) Name() string { return "file:" + f.path }

// Encrypt implements envelope.KeyService.
func (f *file) Encrypt(_ context.Context, text []byte, bound string) ([]byte, error) {
	nonce := make([]byte, f.aead.NonceSize())
	if _, err := io.ReadFull(f.entropy, nonce); err != nil {
		return nil, fmt.Errorf("entropy: %w", err)
	}
	return f.aead.Seal(nonce, nonce, text, []byte(bound)), nil
}

// Decrypt implements envelope.KeyService.
func (f *file) Decrypt(_ context.Context, sealed []byte, bound string) ([]byte, error) {
	n := f.aead.NonceSize()
	if len(sealed) < n {
		return nil, envelope.ErrDamaged
	}
	text, err := f.aead.Open(nil, sealed[:n], sealed[n:], []byte(bound))
	if err != nil {
		return nil, envelope.ErrDamaged
	}
	return text, nil
}
