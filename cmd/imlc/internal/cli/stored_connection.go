package cli

import (
	"github.com/imlc-lang/imlc/cmd/imlc/internal/vault"
	"github.com/imlc-lang/imlc/vm"
)

// passphraseFlags say what encrypts a stored connection: a passphrase, or a random key in the keyring or a key file.
type passphraseFlags struct {
	PassphraseFile string `help:"File with the passphrase of the stored connection." placeholder:"FILE"`
	AskPassphrase  bool   `help:"Ask for the passphrase of the stored connection."`
}

func (f passphraseFlags) passphrase() vault.Passphrase {
	return vault.Passphrase{File: f.PassphraseFile, Ask: f.AskPassphrase}
}

// vault returns where this command keeps connections.
func (c *command) vault() *vault.Vault {
	v := &vault.Vault{Files: c.Files, Entropy: c.Entropy, Now: c.Now, Keyring: c.Keyring, Environment: c.Env("IMLC_PASSPHRASE")}
	if c.interactive() {
		v.Ask = c.askSecret
	}
	return v
}

// openConnection reads a stored connection.
func (c *command) openConnection(path string, f passphraseFlags) (*vault.Stored, error) {
	return c.vault().Open(c.Context, path, f.passphrase())
}

// engine returns an engine for a stored connection, on a host that change has a word in.
func (c *command) engine(s *vault.Stored, f networkFlags, change ...func(*vm.Host) error) (*vm.Engine, error) {
	host, err := c.hostWith(s.Common, f)
	for _, change := range change {
		if err == nil {
			err = change(&host)
		}
	}
	if err != nil {
		return nil, err
	}
	return vm.New(s.Plan, host)
}
