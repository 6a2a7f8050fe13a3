package vault

import (
	"context"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"runtime"
	"strings"

	"github.com/zalando/go-keyring"
)

// Keyring holds this user's key. Both methods may fail, for example because the keyring is locked.
type Keyring interface {
	// Get returns the key; the error is ErrNoKey when there is none.
	Get() (string, error)
	Set(key string) error
}

// ErrNoKey says that there is no key.
var ErrNoKey = errors.New("no key found")

// SystemKeyring is the keyring of the operating system.
type SystemKeyring struct{}

// The entry that holds the key.
const (
	keyringService = "imlc"
	keyringUser    = "local key"
)

// Get implements Keyring.
func (SystemKeyring) Get() (string, error) {
	key, err := keyring.Get(keyringService, keyringUser)
	if errors.Is(err, keyring.ErrNotFound) {
		err = ErrNoKey
	}
	return key, err
}

// Set implements Keyring.
func (SystemKeyring) Set(key string) error { return keyring.Set(keyringService, keyringUser, key) }

// KeyFileSuffix names the key file beside what it protects, used where there is no keyring.
const KeyFileSuffix = ".key"

// keyBytes is the length of a key; it is written in hexadecimal digits.
const keyBytes = 32

// key returns the random key that protects a file: that of the key file beside it, else that of the keyring. With
// create, one is made where none exists: in the keyring if there is one, else in the key file, readable for the user
// alone.
func (v *Vault) key(ctx context.Context, path string, create bool) (string, error) {
	data, err := v.read(ctx, path+KeyFileSuffix)
	switch {
	case err == nil:
		return v.checkKeyFile(path+KeyFileSuffix, strings.TrimSpace(string(data)))
	case !errors.Is(err, fs.ErrNotExist):
		return "", err
	}
	if v.Keyring != nil {
		key, err := v.Keyring.Get()
		if err == nil {
			return key, nil
		}
		if create && errors.Is(err, ErrNoKey) {
			if key, err = v.newKey(); err != nil {
				return "", err
			}
			if v.Keyring.Set(key) == nil {
				return key, nil
			}
		}
	}
	if !create {
		return "", ErrNoKey
	}
	key, err := v.newKey()
	if err != nil {
		return "", err
	}
	return key, v.Files.CreatePrivate(path+KeyFileSuffix, []byte(key+"\n"))
}

// checkKeyFile refuses a key that others can read.
func (v *Vault) checkKeyFile(path, key string) (string, error) {
	if _, err := hex.DecodeString(key); err != nil || len(key) != 2*keyBytes {
		return "", problem(path, "holds no key")
	}
	info, err := v.Files.Stat(path)
	if err == nil && runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return "", problem(path, "others can read this key; run \"chmod 600\" on it")
	}
	return key, err
}

func (v *Vault) newKey() (string, error) {
	var b [keyBytes]byte
	if _, err := io.ReadFull(v.Entropy, b[:]); err != nil {
		return "", err
	}
	return hex.EncodeToString(b[:]), nil
}
