package vault

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"filippo.io/age"

	"github.com/imlc-lang/imlc/vm"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// Stored is a connection with all that is needed to use it.
type Stored struct {
	// Spec is the path of the spec, for messages and for compiling it again.
	Spec string
	Plan *plan.Plan
	// Common is the common data of the app, nil for none.
	Common     *value.Object
	Connection *vm.Connection
}

// storedVersion is the version of storedFile.
const storedVersion = 1

// storedFile is the content of a connection file, before encryption.
type storedFile struct {
	Version    int             `json:"version"`
	Saved      time.Time       `json:"saved"`
	Spec       string          `json:"spec"`
	Plan       []byte          `json:"plan"`
	Common     json.RawMessage `json:"common,omitempty"`
	Connection *vm.Connection  `json:"connection"`
}

// Passphrase says what encrypts a stored connection. The zero value is the passphrase of the environment, else the
// random key of the vault.
type Passphrase struct {
	// File holds the passphrase; "" for none.
	File string
	// Ask asks a person for it.
	Ask bool
}

// Work factors of scrypt, as powers of two: a random key needs no stretching, a person's passphrase does. Each step more
// doubles the memory, which is 128 MiB for a passphrase; a file that asks for more is refused before it gets it.
const (
	workForKeys        = 10
	workForPassphrases = 17
)

// passphrase returns what encrypts the file and whether it is a random key.
func (v *Vault) passphrase(ctx context.Context, p Passphrase, path string, create bool) (phrase string, random bool, err error) {
	switch {
	case p.File != "":
		data, err := v.read(ctx, p.File)
		if err != nil {
			return "", false, err
		}
		phrase = strings.TrimSuffix(strings.TrimSuffix(string(data), "\n"), "\r")
		if phrase == "" {
			return "", false, problem(p.File, "is empty, expected a passphrase")
		}
		return phrase, false, nil
	case p.Ask:
		phrase, err = v.ask(path, create)
		return phrase, false, err
	case v.Environment != "":
		return v.Environment, false, nil
	}
	phrase, err = v.key(ctx, path, create)
	if errors.Is(err, ErrNoKey) {
		if v.Ask != nil {
			phrase, err = v.ask(path, false)
			return phrase, false, err
		}
		err = problem(path, "there is no key for it in the keyring or in %s; give its passphrase with --passphrase-file or IMLC_PASSPHRASE", path+KeyFileSuffix)
	}
	return phrase, true, err
}

func (v *Vault) ask(path string, twice bool) (string, error) {
	if v.Ask == nil {
		return "", problem(path, "a passphrase is needed, and nobody can be asked for it")
	}
	phrase, err := v.Ask("Passphrase for " + path + ": ")
	if err != nil || phrase == "" {
		return "", problem(path, "a passphrase is needed")
	}
	if twice {
		again, err := v.Ask("Once more: ")
		if err != nil || again != phrase {
			return "", problem(path, "the passphrases differ")
		}
	}
	return phrase, nil
}

// Save writes a connection.
func (v *Vault) Save(ctx context.Context, path string, p Passphrase, s *Stored) error {
	f := storedFile{Version: storedVersion, Saved: v.Now().UTC().Truncate(time.Second), Spec: s.Spec, Connection: s.Connection}
	var err error
	if f.Plan, err = plan.Encode(s.Plan, plan.EncodeOptions{StripSource: true}); err != nil {
		return err
	}
	if s.Common != nil {
		f.Common = value.AppendJSON(nil, value.Collection(s.Common))
	}
	plain, err := json.Marshal(f)
	if err != nil {
		return err
	}
	phrase, random, err := v.passphrase(ctx, p, path, true)
	if err != nil {
		return err
	}
	sealed, err := encrypt(plain, phrase, random)
	if err != nil {
		return err
	}
	return v.Files.WritePrivate(path, sealed)
}

func encrypt(plain []byte, phrase string, random bool) ([]byte, error) {
	recipient, err := age.NewScryptRecipient(phrase)
	if err != nil {
		return nil, err
	}
	recipient.SetWorkFactor(workForPassphrases)
	if random {
		recipient.SetWorkFactor(workForKeys)
	}
	var out bytes.Buffer
	w, err := age.Encrypt(&out, recipient)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(plain); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// Open reads what Save wrote.
func (v *Vault) Open(ctx context.Context, path string, p Passphrase) (*Stored, error) {
	data, err := v.read(ctx, path)
	if err != nil {
		return nil, err
	}
	if !bytes.HasPrefix(data, []byte("age-encryption.org/")) {
		return nil, problem(path, "is no stored connection; make one with imlc connect SPEC --save FILE")
	}
	phrase, _, err := v.passphrase(ctx, p, path, false)
	if err != nil {
		return nil, err
	}
	identity, err := age.NewScryptIdentity(phrase)
	if err != nil {
		return nil, err
	}
	identity.SetMaxWorkFactor(workForPassphrases)
	r, err := age.Decrypt(bytes.NewReader(data), identity)
	if err != nil {
		if strings.Contains(err.Error(), "work factor too large") { // the library has no error of its own for it
			return nil, problem(path, "asks for more than 128 MiB to be decrypted; connect again to store it anew")
		}
		return nil, problem(path, "cannot be decrypted: wrong passphrase or key, or the file is damaged")
	}
	plain, err := io.ReadAll(r)
	if err != nil {
		return nil, problem(path, "is damaged")
	}
	return decode(path, plain)
}

func decode(path string, plain []byte) (*Stored, error) {
	var f storedFile
	if err := json.Unmarshal(plain, &f); err != nil || f.Connection == nil {
		return nil, problem(path, "holds no connection")
	}
	if f.Version != storedVersion {
		return nil, problem(path, "has version %d, expected %d; connect again", f.Version, storedVersion)
	}
	p, err := plan.Decode(f.Plan, plan.DecodeOptions{MaxBytes: MaxFile})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	common, err := decodeCommon(path, f.Common)
	return &Stored{Spec: f.Spec, Plan: p, Common: common, Connection: f.Connection}, err
}

func decodeCommon(path string, data []byte) (*value.Object, error) {
	if len(data) == 0 {
		return nil, nil
	}
	v, err := value.ParseJSON(string(data), nil)
	if err != nil {
		return nil, problem(path, "is damaged")
	}
	return v.Object(), nil
}
