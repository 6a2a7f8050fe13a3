package vault

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/imlc-lang/imlc/vm"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// Pending is an authorisation that waits for its callback in another process. On disk it is sealed as a whole, the
// network settings with it, so that nobody can loosen them on the way.
type Pending struct {
	Spec string
	Plan *plan.Plan
	// State and RedirectURI are those of the engine's step.
	State, RedirectURI string
	// Network is what the process that started allowed; it means nothing to the vault.
	Network json.RawMessage
	// Common is the common data of the app, nil for none.
	Common *value.Object
}

// pendingContent is what is sealed.
type pendingContent struct {
	Spec        string          `json:"spec"`
	Plan        []byte          `json:"plan"`
	State       string          `json:"state"`
	RedirectURI string          `json:"redirectUri"`
	Network     json.RawMessage `json:"network"`
	Common      []byte          `json:"common,omitempty"`
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

// Sealer returns the sealer of a state file; with create, a key is made where none exists.
func (v *Vault) Sealer(ctx context.Context, path string, create bool) (vm.Sealer, error) {
	key, err := v.key(ctx, path, create)
	if errors.Is(err, ErrNoKey) {
		return nil, problem(path, "there is no key for it in the keyring or in %s", path+KeyFileSuffix)
	}
	if err != nil {
		return nil, err
	}
	secret, err := hex.DecodeString(key)
	if err != nil {
		return nil, problem(path, "the key in the keyring is none of imlc")
	}
	return vm.NewSealer(v.Entropy, vm.SealKey{ID: "local", Secret: secret})
}

// WritePending writes a state file.
func (v *Vault) WritePending(path string, seal vm.Sealer, p *Pending) error {
	content := pendingContent{Spec: p.Spec, State: p.State, RedirectURI: p.RedirectURI, Network: p.Network}
	var err error
	if content.Plan, err = plan.Encode(p.Plan, plan.EncodeOptions{StripSource: true}); err != nil {
		return err
	}
	if p.Common != nil {
		content.Common = value.AppendJSON(nil, value.Collection(p.Common))
	}
	plain, err := json.Marshal(content)
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
	return v.Files.WritePrivate(path, append(data, '\n'))
}

// ReadPending reads a state file. One that is sealed under another key, or damaged, is a *vm.Error.
func (v *Vault) ReadPending(ctx context.Context, path string, seal vm.Sealer) (*Pending, error) {
	data, err := v.read(ctx, path)
	if err != nil {
		return nil, err
	}
	var f pendingFile
	if err := json.Unmarshal(data, &f); err != nil || f.Imlc != pendingKind {
		return nil, problem(path, "is no state file; make one with imlc connect SPEC --step start --state-file FILE")
	}
	if f.Version != pendingVersion {
		return nil, problem(path, "has version %d, expected %d; start the authorisation again", f.Version, pendingVersion)
	}
	plain, err := seal.Open(f.Sealed)
	if err != nil {
		return nil, &vm.Error{Type: vm.RuntimeError, Code: "oauth1/unknown-pending", Section: "authorize", Err: err,
			Message: "the state file cannot be opened: it is damaged, or sealed under another key", Help: "start the authorisation again"}
	}
	var content pendingContent
	if err := json.Unmarshal(plain, &content); err != nil {
		return nil, problem(path, "is damaged")
	}
	p, err := plan.Decode(content.Plan, plan.DecodeOptions{MaxBytes: MaxFile})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	common, err := decodeCommon(path, content.Common)
	return &Pending{Spec: content.Spec, Plan: p, State: content.State, RedirectURI: content.RedirectURI, Network: content.Network, Common: common}, err
}

// PendingStore remembers in files beside a state file which authorisation waits. Removing a file is atomic, so that one
// process at most resumes.
func (v *Vault) PendingStore(path string) vm.PendingStore { return &marks{vault: v, path: path} }

type marks struct {
	vault *Vault
	path  string
	// claimed is the key that this process has taken the file of, under the name of claim.
	claimed, claim string
	deadline       time.Time
}

func (m *marks) file(key string) string {
	sum := sha256.Sum256([]byte(key))
	return m.path + "." + hex.EncodeToString(sum[:8]) + markSuffix
}

// Put implements vm.PendingStore.
func (m *marks) Put(_ context.Context, key string, deadline time.Time) error {
	m.deadline = deadline
	return m.vault.Files.WritePrivate(m.file(key), []byte(deadline.UTC().Format(time.RFC3339)+"\n"))
}

// Claim implements vm.PendingStore. What is claimed is gone for other processes: they are told that it is not known.
func (m *marks) Claim(_ context.Context, key, claim string, until time.Time) (vm.PendingHold, error) {
	err := m.vault.Files.Remove(m.file(key))
	if errors.Is(err, fs.ErrNotExist) {
		return vm.PendingUnknown, nil
	}
	if err != nil {
		return vm.PendingUnknown, err
	}
	m.claimed, m.claim = key, claim
	if m.deadline.IsZero() {
		m.deadline = until
	}
	return vm.PendingClaimed, nil
}

// Confirm implements vm.PendingStore.
func (m *marks) Confirm(_ context.Context, key, claim string) (bool, error) {
	held := m.claimed == key && m.claim == claim
	m.claimed, m.claim = "", ""
	return held, nil
}

// Release implements vm.PendingStore.
func (m *marks) Release(ctx context.Context, key, claim string) error {
	if held, _ := m.Confirm(ctx, key, claim); !held {
		return nil
	}
	return m.Put(ctx, key, m.deadline)
}
