package vault

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/imlc-lang/imlc/cmd/imlc/internal/files"
)

// MaxFile is the size of the largest file that the vault reads, in bytes.
const MaxFile = 64 << 20

// Vault keeps secrets in files.
type Vault struct {
	Files   files.System
	Entropy io.Reader
	Now     func() time.Time
	// Keyring is the keyring of the system, nil where there is none or it is not to be asked.
	Keyring Keyring
	// Environment is the passphrase that the environment gives, "" for none.
	Environment string
	// Ask asks a person a question whose answer is not shown; nil when nobody can be asked.
	Ask func(question string) (string, error)
}

// Error says why something that the vault keeps cannot be used.
type Error struct {
	// Path is the file; Problem says what is wrong with it and what to do, without a secret.
	Path, Problem string
}

// Error implements error.
func (e *Error) Error() string { return e.Path + ": " + e.Problem }

func problem(path, format string, args ...any) error {
	return &Error{path, fmt.Sprintf(format, args...)}
}

func (v *Vault) read(ctx context.Context, path string) ([]byte, error) {
	return v.Files.Read(ctx, path, MaxFile)
}
