package vm

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/imlc-lang/imlc/vm/internal/run"
	"github.com/imlc-lang/imlc/vm/internal/state"
)

// ConnectionStore is where a host keeps connections, as far as renewing them needs it. Implementations are safe for
// concurrent use. Package storetest has the test that each must pass.
type ConnectionStore interface {
	// Load returns the connection of an id as it was stored last, nil when there is none.
	Load(ctx context.Context, id string) (*Connection, error)
	// Swap stores a connection in the place of the one with its id if that has the same revision still, and counts
	// conn.Revision up; a connection of revision 0 must not be there yet. It reports whether it did: false says that
	// somebody else was faster, and that nothing changed. An id that is empty, or cannot be kept as it is, is an error.
	Swap(ctx context.Context, conn *Connection) (bool, error)
}

// StateStore keeps suspended state for hosts that cannot give it to the browser: a cookie holds some 4 000 bytes, and
// the state of a spec with an RSA key among its parameters is larger. Implementations are safe for concurrent use.
type StateStore interface {
	// Keep remembers sealed under the handle until the deadline, or a while longer.
	Keep(ctx context.Context, handle, sealed string, deadline time.Time) error
	// Recall returns what was kept, "" when there is nothing.
	Recall(ctx context.Context, handle string) (string, error)
}

// handlePrefix begins every handle; no sealed state has it, as a key id has no "~".
const handlePrefix = "~"

// sealed seals state, and keeps it where the host does.
func (h *Host) sealed(ctx context.Context, plain []byte, deadline time.Time) (string, error) {
	text, err := h.Seal.Seal(plain)
	if err != nil || h.States == nil {
		return text, err
	}
	handle, err := h.RunID()
	if err != nil {
		return "", err
	}
	handle = handlePrefix + handle
	return handle, h.States.Keep(ctx, handle, text, deadline)
}

// save keeps what goes on with an authorisation should this process end, under its pending key.
func (h *Host) save(ctx context.Context, key string, plain []byte, deadline time.Time) error {
	text, err := h.Seal.Seal(plain)
	if err != nil {
		return err
	}
	return h.States.Keep(ctx, handlePrefix+key, text, deadline)
}

// saved returns what save kept, nil for nothing.
func (h *Host) saved(ctx context.Context, key string) ([]byte, error) {
	text, err := h.States.Recall(ctx, handlePrefix+key)
	if err != nil || text == "" {
		return nil, err
	}
	return h.Seal.Open(text)
}

// keep stores what an authorisation made, and makes of c what is stored then.
func (h *Host) keep(ctx context.Context, c *run.Connection) error {
	made, missing := stored(c), false
	for pause := (pauses{}); ; {
		current, err := h.Connections.Load(ctx, c.ID)
		if err != nil {
			return err
		}
		next := made
		switch {
		case current != nil:
			next = reauthorised(current, made, c.Written)
		case made.Revision > 0:
			return run.ErrGone
		case missing:
			return errors.New("the store has no such connection, and takes none of revision 0")
		}
		missing = current == nil
		swapped, err := h.Connections.Swap(ctx, next)
		if err != nil {
			return err
		}
		if swapped {
			*c = next.working()
			return nil
		}
		if err := pause.wait(ctx); err != nil { // somebody was faster
			return err
		}
	}
}

// reauthorised returns the stored connection with what an authorisation wrote: the user has just proved the new token.
// Whatever else was stored since the authorisation began stays. A renewal that is under way has lost its lease, and the
// token that it is about, see renewLeased.
func reauthorised(current, made *Connection, w state.Written) *Connection {
	next := *made
	if made.Revision > 0 {
		next = merged(current, made, w)
		next.Scope, next.Variant = made.Scope, made.Variant
	}
	next.Revision, next.Renewals = current.Revision, current.Renewals+1
	next.RenewedBy, next.RenewedUntil = "", time.Time{}
	return &next
}

// merged returns a connection with what a run has written.
func merged(into, by *Connection, w state.Written) Connection {
	out := *into
	out.Data = into.Data.Clone()
	for _, key := range w.Keys {
		out.Data.Set(key, by.Data.Value(key))
	}
	if w.UID {
		out.UID = by.UID
	}
	if w.Label {
		out.Metadata = by.Metadata
	}
	if w.Expires {
		out.Expires = by.Expires
	}
	out.PlanHash = by.PlanHash
	return out
}

// opened opens what sealed made.
func (h *Host) opened(ctx context.Context, text string) ([]byte, error) {
	if h.States != nil && strings.HasPrefix(text, handlePrefix) {
		kept, err := h.States.Recall(ctx, text)
		if err != nil {
			return nil, hostFailed(err)
		}
		text = kept
	}
	return h.Seal.Open(text)
}

// Suspended is what a host may know of a state without the plan that made it.
type Suspended struct {
	// PlanHash says which plan goes on with it; see Pool.
	PlanHash, ConnectionID string
	// Key identifies the authorisation to Host.Pending; Deadline is until when it can be completed.
	Key      string
	Deadline time.Time
	// Note is Grant.Note, nil for none.
	Note []byte
	// Resumes says that it is an Error.Resume and no Step.State.
	Resumes bool
}

// Inspect says what a state belongs to: Step.State or Error.Resume, or the handle of one. h is a host of WithDefaults, or
// Pool.Host, because another one has no sealer. The error is ErrSeal for what the sealer of the host did not make,
// ErrUnknownKey among them, and an *Error when Host.States fails.
func Inspect(ctx context.Context, h Host, text string) (Suspended, error) {
	if h.Seal == nil {
		return Suspended{}, ErrSeal
	}
	plain, err := h.opened(ctx, text)
	if err != nil {
		return Suspended{}, public(err)
	}
	c, err := state.Decode(plain, nil)
	if err != nil {
		return Suspended{}, err
	}
	return Suspended{PlanHash: c.PlanHash, ConnectionID: c.ConnectionID, Key: state.PendingKey(text), Deadline: c.Deadline, Resumes: c.Callback != nil, Note: c.Note}, nil
}
