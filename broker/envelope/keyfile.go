package envelope

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"regexp"
	"slices"
	"sync"
	"time"
)

// Ring is a Keys that holds its keys itself. It is safe for concurrent use.
type Ring struct {
	entropy io.Reader

	adding sync.Mutex // held by who changes the keys or asks for the file

	mu   sync.RWMutex
	keys []ringKey // the first one is current

	reread func() (*Ring, error)
	asked  map[string]time.Time // for the file, last, by the key that was missing
}

type ringKey struct {
	ID      string    `json:"id"`
	Secret  []byte    `json:"secret"`
	Created time.Time `json:"created"`
}

var keyID = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// NewRing returns a ring with one new key. Entropy gives keys and nonces.
func NewRing(entropy io.Reader, now time.Time) (*Ring, error) {
	r := &Ring{entropy: entropy}
	return r, r.Add(now)
}

// ParseRing reads what Encode wrote.
func ParseRing(data []byte, entropy io.Reader) (*Ring, error) {
	var file struct {
		Keys []ringKey `json:"keys"`
	}
	// An error of package json can repeat the text, which holds keys.
	if json.Unmarshal(data, &file) != nil || len(file.Keys) == 0 {
		return nil, fmt.Errorf(`expected {"keys": [{"id": …, "secret": …, "created": …}]}, the first key is the current one`)
	}
	seen := map[string]bool{}
	for i, k := range file.Keys {
		switch {
		case !keyID.MatchString(k.ID):
			return nil, fmt.Errorf("key %d: its id must be 1 to 64 letters, digits, - or _", i+1)
		case seen[k.ID]:
			return nil, fmt.Errorf("key %d: its id %s is used twice", i+1, k.ID)
		case len(k.Secret) != keySize:
			return nil, fmt.Errorf("key %s: its secret has %d bytes, expected %d in base64", k.ID, len(k.Secret), keySize)
		}
		seen[k.ID] = true
	}
	return &Ring{entropy: entropy, keys: file.Keys}, nil
}

// Encode writes the ring with its secrets in clear, for a file that only its owner can read.
func (r *Ring) Encode() []byte {
	r.mu.RLock()
	defer r.mu.RUnlock()
	data, _ := json.MarshalIndent(map[string]any{"keys": r.keys}, "", "  ") // plain data always marshals
	return append(data, '\n')
}

// Add makes a new key the current one. Its id is the day and a part of its fingerprint.
func (r *Ring) Add(now time.Time) error { return r.AddKept(now, func(*Ring) error { return nil }) }

// AddKept is Add with a keep that writes the ring as it will be: nothing is sealed under the new key before keep has
// returned, and nothing changes when it fails. A ring that follows a file reads it again first, so that what another
// process has added stays. Two processes must not add at the same moment.
func (r *Ring) AddKept(now time.Time, keep func(next *Ring) error) error {
	secret, err := Box{Entropy: r.entropy}.bytes(keySize)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(secret)
	k := ringKey{ID: now.UTC().Format("20060102") + "-" + base64.RawURLEncoding.EncodeToString(sum[:6]), Secret: secret, Created: now.UTC().Truncate(time.Second)}
	r.adding.Lock()
	defer r.adding.Unlock()
	if r.reread != nil {
		file, err := r.reread()
		if err != nil {
			return fmt.Errorf("read the keys again: %w", err)
		}
		r.merge(file.keys)
	}
	r.mu.RLock()
	next := append([]ringKey{k}, r.keys...)
	r.mu.RUnlock()
	if err := keep(&Ring{entropy: r.entropy, keys: next}); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.keys = next
	return nil
}

// merge takes the keys of a file. One that only this ring has stays behind them: something may be sealed under it.
func (r *Ring) merge(file []ringKey) {
	r.mu.Lock()
	defer r.mu.Unlock()
	next := slices.Clone(file)
	for _, k := range r.keys {
		if !slices.ContainsFunc(file, func(f ringKey) bool { return f.ID == k.ID }) {
			next = append(next, k)
		}
	}
	r.keys = next
}

// Follow has the ring read its file again when it meets a key that it does not have, and before it adds one: another
// process may have rotated. read may return the ring that it returned before while the file is the same.
func (r *Ring) Follow(read func() (*Ring, error)) { r.reread = read }

// maxAsked is how many missing keys are remembered.
const maxAsked = 100

// followed reads the file again because a key is missing, for each one once a second at most, and reports whether that may
// have given it. A file has a key before anything is sealed under it, so that one look is enough.
func (r *Ring) followed(id string) bool {
	if r.reread == nil {
		return false
	}
	r.adding.Lock()
	defer r.adding.Unlock()
	if time.Since(r.asked[id]) < time.Second {
		return true // somebody has just done so
	}
	if r.asked == nil || len(r.asked) >= maxAsked {
		r.asked = map[string]time.Time{}
	}
	r.asked[id] = time.Now()
	file, err := r.reread()
	if err != nil {
		return false
	}
	r.merge(file.keys)
	return true
}

// Drop forgets a key that is not the current one, and reports whether it was there.
func (r *Ring) Drop(id string) bool {
	r.adding.Lock()
	defer r.adding.Unlock()
	r.mu.Lock()
	defer r.mu.Unlock()
	for i, k := range r.keys {
		if k.ID == id && i > 0 {
			r.keys = append(r.keys[:i:i], r.keys[i+1:]...)
			return true
		}
	}
	return false
}

// IDs returns the ids of the keys, the current one first.
func (r *Ring) IDs() []string {
	r.mu.RLock()
	defer r.mu.RUnlock()
	var out []string
	for _, k := range r.keys {
		out = append(out, k.ID)
	}
	return out
}

// Current implements Keys.
func (r *Ring) Current() string {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.keys[0].ID
}

// Wrap implements Keys with AES-256-GCM.
func (r *Ring) Wrap(_ context.Context, key, bound []byte) (string, []byte, error) {
	r.mu.RLock()
	k := r.keys[0]
	r.mu.RUnlock()
	nonce, err := Box{Entropy: r.entropy}.bytes(nonceSize)
	if err != nil {
		return "", nil, err
	}
	gcm, err := aead(k.Secret)
	if err != nil {
		return "", nil, err
	}
	return k.ID, gcm.Seal(nonce, nonce, key, bound), nil
}

// Unwrap implements Keys.
func (r *Ring) Unwrap(_ context.Context, id string, wrapped, bound []byte) ([]byte, error) {
	key, err := r.unwrap(id, wrapped, bound)
	if errors.Is(err, ErrUnknownKey) && r.followed(id) {
		return r.unwrap(id, wrapped, bound)
	}
	return key, err
}

func (r *Ring) unwrap(id string, wrapped, bound []byte) ([]byte, error) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	for _, k := range r.keys {
		if k.ID != id {
			continue
		}
		gcm, err := aead(k.Secret)
		if err != nil || len(wrapped) < nonceSize {
			return nil, ErrDamaged
		}
		key, err := gcm.Open(nil, wrapped[:nonceSize], wrapped[nonceSize:], bound)
		if err != nil {
			return nil, ErrDamaged
		}
		return key, nil
	}
	return nil, fmt.Errorf("key %q: %w", id, ErrUnknownKey)
}

// Format implements fmt.Formatter: with every verb a ring prints as the ids of its keys.
func (r *Ring) Format(f fmt.State, _ rune) { fmt.Fprintf(f, "envelope.Ring%v", r.IDs()) }

// LogValue implements slog.LogValuer.
func (r *Ring) LogValue() slog.Value { return slog.AnyValue(r.IDs()) }
