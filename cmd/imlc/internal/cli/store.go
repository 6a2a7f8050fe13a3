package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"time"

	"filippo.io/age"

	"github.com/imlc-lang/imlc/vm"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// storedVersion is the version of the content of a connection file.
const storedVersion = 1

// stored is a connection with all that is needed to use it. On disk it is encrypted by age under a passphrase.
type stored struct {
	Version    int             `json:"version"`
	Saved      time.Time       `json:"saved"`
	Spec       string          `json:"spec"`
	Plan       []byte          `json:"plan"`
	Common     json.RawMessage `json:"common,omitempty"`
	Connection *vm.Connection  `json:"connection"`

	plan   *plan.Plan
	common *value.Object
}

// passphraseFlags say what encrypts a stored connection: a passphrase, or a random key in the keyring or a key file.
type passphraseFlags struct {
	PassphraseFile string `help:"File with the passphrase of the stored connection." placeholder:"FILE"`
	AskPassphrase  bool   `help:"Ask for the passphrase of the stored connection."`
}

// Work factors of scrypt, as powers of two: a random key needs no stretching, a person's passphrase does.
const (
	workForKeys        = 10
	workForPassphrases = 18
)

// passphrase returns what encrypts the file and whether it is a random key of 256 bits.
func (f passphraseFlags) passphrase(c *command, path string, create bool) (phrase string, random bool, err error) {
	switch {
	case f.PassphraseFile != "":
		data, err := c.readInput(f.PassphraseFile)
		if err == nil && trimLineBreak(string(data)) == "" {
			err = usagef("%s: is empty, expected a passphrase", f.PassphraseFile)
		}
		return trimLineBreak(string(data)), false, err
	case f.AskPassphrase:
		phrase, err = c.askPassphrase(path, create)
		return phrase, false, err
	case c.Env("IMLC_PASSPHRASE") != "":
		return c.Env("IMLC_PASSPHRASE"), false, nil
	}
	phrase, err = c.localKey(path, create)
	if errors.Is(err, errNoKey) {
		if c.interactive() {
			phrase, err = c.askPassphrase(path, false)
			return phrase, false, err
		}
		err = usagef("%s: there is no key for it in the keyring or in %s; give its passphrase with --passphrase-file or IMLC_PASSPHRASE", path, path+keyFileSuffix)
	}
	return phrase, true, err
}

func (c *command) askPassphrase(path string, twice bool) (string, error) {
	phrase, err := c.askSecret("Passphrase for " + path + ": ")
	if err != nil || phrase == "" {
		return "", usagef("a passphrase is needed")
	}
	if twice {
		again, err := c.askSecret("Once more: ")
		if err != nil || again != phrase {
			return "", usagef("the passphrases differ")
		}
	}
	return phrase, nil
}

// saveConnection writes an encrypted connection file.
func (c *command) saveConnection(path string, f passphraseFlags, s *stored) error {
	var err error
	s.Version, s.Saved = storedVersion, c.Now().UTC().Truncate(time.Second)
	if s.Plan, err = plan.Encode(s.plan, plan.EncodeOptions{StripSource: true}); err != nil {
		return err
	}
	if s.common != nil {
		s.Common = value.AppendJSON(nil, value.Collection(s.common))
	}
	plain, err := json.Marshal(s)
	if err != nil {
		return err
	}
	phrase, random, err := f.passphrase(c, path, true)
	if err != nil {
		return err
	}
	recipient, err := age.NewScryptRecipient(phrase)
	if err != nil {
		return err
	}
	recipient.SetWorkFactor(workForPassphrases)
	if random {
		recipient.SetWorkFactor(workForKeys)
	}
	var out bytes.Buffer
	w, err := age.Encrypt(&out, recipient)
	if err != nil {
		return err
	}
	if _, err := w.Write(plain); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	return writeFile(path, out.Bytes(), 0o600)
}

// openConnection reads what saveConnection wrote.
func (c *command) openConnection(path string, f passphraseFlags) (*stored, error) {
	data, err := c.readInput(path)
	if err != nil {
		return nil, err
	}
	if !bytes.HasPrefix(data, []byte("age-encryption.org/")) {
		return nil, usagef("%s: is no stored connection; make one with imlc connect SPEC --save FILE", path)
	}
	phrase, _, err := f.passphrase(c, path, false)
	if err != nil {
		return nil, err
	}
	identity, err := age.NewScryptIdentity(phrase)
	if err != nil {
		return nil, err
	}
	r, err := age.Decrypt(bytes.NewReader(data), identity)
	if err != nil {
		return nil, usagef("%s: cannot be decrypted: wrong passphrase or key, or the file is damaged", path)
	}
	plain, err := io.ReadAll(io.LimitReader(r, maxInput))
	if err != nil {
		return nil, usagef("%s: is damaged", path)
	}
	return decodeStored(path, plain)
}

func decodeStored(path string, plain []byte) (*stored, error) {
	var s stored
	if err := json.Unmarshal(plain, &s); err != nil || s.Connection == nil {
		return nil, usagef("%s: holds no connection", path)
	}
	if s.Version != storedVersion {
		return nil, usagef("%s: has version %d, expected %d; connect again", path, s.Version, storedVersion)
	}
	p, err := plan.Decode(s.Plan, plan.DecodeOptions{MaxBytes: maxInput})
	if err != nil {
		return nil, &planError{path, err}
	}
	s.plan = p
	if len(s.Common) > 0 {
		v, err := value.ParseJSON(string(s.Common), nil)
		if err != nil {
			return nil, usagef("%s: is damaged", path)
		}
		s.common = v.Object()
	}
	return &s, nil
}

// engine returns an engine for a stored connection.
func (c *command) engine(s *stored, f networkFlags, tracer vm.Tracer) (*vm.Engine, error) {
	host, err := c.hostWith(s.common, f, tracer)
	if err != nil {
		return nil, err
	}
	return vm.New(s.plan, host)
}
