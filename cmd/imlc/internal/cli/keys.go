package cli

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"runtime"
	"strings"

	"github.com/zalando/go-keyring"
)

// The entry of the system's keyring that holds this user's key.
const (
	keyringService = "imlc"
	keyringUser    = "local key"
)

// keyFileSuffix names the key file beside what it protects, used where there is no keyring.
const keyFileSuffix = ".key"

// errNoKey says that there is no key for a file.
var errNoKey = errors.New("no key found")

// localKey returns the random key that protects a file: that of the key file beside it, else that of the keyring. With
// create, one is made where none exists: in the keyring if there is one, else in the key file, readable for the user
// alone.
func (c *command) localKey(path string, create bool) (string, error) {
	data, err := os.ReadFile(path + keyFileSuffix)
	switch {
	case err == nil:
		return c.checkKeyFile(path+keyFileSuffix, strings.TrimSpace(string(data)))
	case !errors.Is(err, fs.ErrNotExist):
		return "", unreadable(path+keyFileSuffix, err)
	}
	if c.hasKeyring() {
		key, err := keyring.Get(keyringService, keyringUser)
		if err == nil {
			return key, nil
		}
		if create && errors.Is(err, keyring.ErrNotFound) {
			key = newKey()
			if keyring.Set(keyringService, keyringUser, key) == nil {
				return key, nil
			}
		}
	}
	if !create {
		return "", errNoKey
	}
	key := newKey()
	f, err := os.OpenFile(path+keyFileSuffix, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return "", unwritable(path+keyFileSuffix, err)
	}
	_, err = f.WriteString(key + "\n")
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		return "", unwritable(path+keyFileSuffix, err)
	}
	return key, nil
}

// checkKeyFile refuses a key that others can read.
func (c *command) checkKeyFile(path, key string) (string, error) {
	if len(key) < 32 {
		return "", usagef("%s: holds no key", path)
	}
	info, err := os.Stat(path)
	if err == nil && runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return "", usagef("%s: others can read this key; run \"chmod 600\" on it", path)
	}
	return key, nil
}

func newKey() string {
	var b [32]byte
	_, _ = rand.Read(b[:]) // crypto/rand.Read never fails
	return hex.EncodeToString(b[:])
}

// hasKeyring reports whether the system's keyring can be asked without starting a service or waiting for one.
func (c *command) hasKeyring() bool {
	if c.Env("IMLC_KEYRING") == "off" {
		return false
	}
	switch runtime.GOOS {
	case "darwin", "windows":
		return true
	}
	return c.Env("DBUS_SESSION_BUS_ADDRESS") != ""
}
