package cli

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"time"

	"github.com/imlc-lang/imlc/vm"
	"github.com/imlc-lang/imlc/vm/plan"
)

// pendingSession is an authorisation that waits for its callback in another process. On disk it is sealed, the network
// flags with it, so that nobody can loosen them on the way.
type pendingSession struct {
	Spec        string       `json:"spec"`
	Plan        []byte       `json:"plan"`
	State       string       `json:"state"`
	RedirectURI string       `json:"redirectUri"`
	Network     networkFlags `json:"network"`
	Common      []byte       `json:"common,omitempty"`
}

// pendingFile is the content of a state file.
type pendingFile struct {
	Imlc    string `json:"imlc"`
	Version int    `json:"version"`
	Sealed  string `json:"sealed"`
}

const (
	pendingKind    = "pending authorisation"
	pendingVersion = 1
	markSuffix     = ".waiting"
)

// sealer returns the sealer of a state file.
func (c *command) sealer(path string, create bool) (vm.Sealer, error) {
	key, err := c.localKey(path, create)
	if errors.Is(err, errNoKey) {
		return nil, usagef("%s: there is no key for it in the keyring or in %s", path, path+keyFileSuffix)
	}
	if err != nil {
		return nil, err
	}
	secret, err := hex.DecodeString(key)
	if err != nil {
		return nil, usagef("%s: holds no key", path+keyFileSuffix)
	}
	return vm.NewSealer(rand.Reader, vm.SealKey{ID: "local", Secret: secret})
}

func writePending(path string, seal vm.Sealer, p *plan.Plan, s pendingSession) error {
	var err error
	if s.Plan, err = plan.Encode(p, plan.EncodeOptions{StripSource: true}); err != nil {
		return err
	}
	plain, err := json.Marshal(s)
	if err != nil {
		return err
	}
	sealed, err := seal.Seal(plain)
	if err != nil {
		return err
	}
	data, err := json.MarshalIndent(pendingFile{pendingKind, pendingVersion, sealed}, "", "  ")
	if err != nil {
		return err
	}
	return writeFile(path, append(data, '\n'), 0o600)
}

func (c *command) readPending(path string, seal vm.Sealer) (*pendingSession, error) {
	data, err := c.readInput(path)
	if err != nil {
		return nil, err
	}
	var f pendingFile
	if err := json.Unmarshal(data, &f); err != nil || f.Imlc != pendingKind {
		return nil, usagef("%s: is no state file; make one with imlc connect SPEC --step start --state-file FILE", path)
	}
	if f.Version != pendingVersion {
		return nil, usagef("%s: has version %d, expected %d; start the authorisation again", path, f.Version, pendingVersion)
	}
	plain, err := seal.Open(f.Sealed)
	if err != nil {
		return nil, &vm.Error{Type: vm.RuntimeError, Code: "oauth1/unknown-pending", Section: "authorize", Err: err,
			Message: "the state file cannot be opened: it is damaged, or sealed under another key", Help: "start the authorisation again"}
	}
	var s pendingSession
	if err := json.Unmarshal(plain, &s); err != nil {
		return nil, usagef("%s: is damaged", path)
	}
	return &s, nil
}

// filePending remembers in files beside the state file which authorisation waits. Removing a file is atomic, so that
// one process at most resumes.
type filePending struct{ path string }

var _ vm.PendingStore = filePending{}

func (f filePending) mark(key string) string {
	sum := sha256.Sum256([]byte(key))
	return f.path + "." + hex.EncodeToString(sum[:8]) + markSuffix
}

// Put implements vm.PendingStore.
func (f filePending) Put(_ context.Context, key string, deadline time.Time) error {
	return writeFile(f.mark(key), []byte(deadline.UTC().Format(time.RFC3339)+"\n"), 0o600)
}

// Take implements vm.PendingStore.
func (f filePending) Take(_ context.Context, key string) (bool, error) {
	err := os.Remove(f.mark(key))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}
