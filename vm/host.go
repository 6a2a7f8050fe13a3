package vm

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/imlc-lang/imlc/runtime/oauth1"
	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/expr"
	"github.com/imlc-lang/imlc/vm/internal/run"
	"github.com/imlc-lang/imlc/vm/internal/state"
	"github.com/imlc-lang/imlc/vm/script"
	"github.com/imlc-lang/imlc/vm/value"
)

// Host is what an engine is given by the program that embeds it. The zero Host is the safe default: the system's clock
// and entropy, a transport that refuses private addresses and plain http, state sealed under a key that lives as long
// as the engine, pending authorisations in memory, and DefaultLimits.
type Host struct {
	// Transport performs exactly one HTTP exchange per call and follows no redirects; nil means one guarded transport
	// of the engine's own (wire.NewTransport of Egress), which its clients use too. Of Egress every hop's URL is
	// checked, whatever the transport; addresses, Lookup and Proxy are for transports of wire.NewTransport, which is
	// given them. Of a *http.Transport that decompresses a clone is used that does not, with connections that
	// Engine.Close closes.
	Transport http.RoundTripper
	// WrapTransport, when set, returns what sends in the place of each transport that the engine uses, the ones that it
	// makes for the certificate authority of a spec included: for OpenTelemetry, proxies and the like. It must be safe
	// for concurrent use and hand on each request once.
	WrapTransport func(http.RoundTripper) http.RoundTripper
	Egress        wire.Egress
	// Clock tells the time; nil means time.Now; it must be safe for concurrent use. Entropy gives random bytes; nil
	// means crypto/rand. The engine reads it from one goroutine at a time.
	Clock   func() time.Time
	Entropy io.Reader
	// Nonce gives the nonce of each signature; nil means a random UUID without dashes.
	Nonce func() (string, error)
	// State gives the random text of each authorisation that specs can send along; nil means 32 hexadecimal digits.
	State func() (string, error)
	// RunID gives the id of each operation, by which logs tell it apart and under which it holds what it claims in a store;
	// no request tells it. nil means 32 hexadecimal digits of crypto/rand.
	RunID func() (string, error)
	// Identity gives an id to each new connection whose spec asks for one; nil means a random UUID without dashes.
	Identity func() (string, error)
	// Seal encrypts suspended state; nil means a random key that other processes do not have.
	Seal Sealer
	// Pending remembers which authorisations wait for their callback, so that each resumes once; nil means in memory.
	Pending PendingStore
	// Common returns the connection's common data; it is asked at every operation. nil means none.
	Common func(ctx context.Context, dialect, connectionID string) (*value.Object, error)
	// Environment returns the values of the variable environment; nil means none.
	Environment func(ctx context.Context) (*value.Object, error)
	// Limits bounds every operation; zero fields have the values of DefaultLimits.
	Limits Limits
	// Tracer receives typed events; nil costs nothing. Log receives one record per attempt to send a request. Both get
	// the context of the operation.
	Tracer Tracer
	Log    func(context.Context, LogRecord)
	// Observe, when set, is told that an operation begins; the operation goes on under the context that it returns, and
	// tells the function that it returns, if any, how it ended. Package otelimlc makes spans and metrics of it.
	Observe func(context.Context, Operation) (context.Context, func(Result))
	// Allow, when set, is asked before each attempt to send a request; an error ends the operation with CodeNotAllowed,
	// or as the operation ends whose ctx is over meanwhile. It is where quotas of a tenant or a service belong, and may wait.
	// host is without a port, unlike those of Egress.Hosts and Plan.Hosts.
	Allow func(ctx context.Context, host string) error
	// AcceptPlan reports whether connections that the plan with the hash made, or renewed last, may be used with the
	// plan of the hash now. nil accepts none but those of the same plan, and those that name none.
	AcceptPlan func(made, now string) bool
	// States, when set, keeps suspended state, of which Step.State and Error.Resume are then short handles. It also lets
	// another process go on with an authorisation when the one that had the token of the service ended before it was
	// through: the same callback, once more, finds what was granted.
	States StateStore
	// Connections, when set, is where the host keeps connections; it lets Engine.Renew, and Do, renew one of them
	// exactly once, whatever the number of processes. What a callback makes is stored there before the authorisation is
	// let go of, if Grant.ConnectionID names it, so that no process can end in between: over what others have stored
	// meanwhile goes what the authorisation wrote, and the rest of that stays.
	Connections ConnectionStore
	// UserAgent is sent when the spec sets none; "" sends none. Timezone is the zone of dates; nil means UTC.
	UserAgent string
	Timezone  *time.Location
	// AddSystemRoots keeps the system roots beside a request's own CA; AllowInsecureTLS permits requests that do not
	// verify certificates.
	AddSystemRoots, AllowInsecureTLS bool
	// PendingTTL is the life of a pending authorisation; 0 means 15 minutes, and New refuses less.
	PendingTTL time.Duration
	// Functions are host functions, declared with builtin.Host, by which plans may have been compiled.
	Functions []*builtin.Function
	// Scripts runs the scripts of plans that have any, such as jshost.New does; nil refuses these plans.
	Scripts ScriptHost
	// Methods are the signature methods; the zero Registry has the built-in ones.
	Methods oauth1.Registry
	// TrustedKeys, when set, are the only keys whose signed plans run. The plan must come from plan.Decode, which
	// refuses a signature that does not fit.
	TrustedKeys []ed25519.PublicKey
	// ExecutionID is the value of executionId; undefined by default.
	ExecutionID value.Value
	// Origins are origins, such as "https://files.example.com", that free requests may go to beside those of their
	// connection; see Engine.Do. Everything that the spec adds to a request goes there too.
	Origins []string
	// Recover lets Do react to timestamp_refused and nonce_used by one more attempt, in the time of the service that it
	// learns then (spec oauth1.md §2.6). Off by default.
	Recover bool
}

// ScriptHost runs the scripts of specs.
type ScriptHost = script.Host

// Script is a script that a ScriptHost is asked to run.
type Script = script.Script

// Limits bounds what one operation may use.
type Limits = expr.Limits

// DefaultLimits returns the limits that hold unless the host says otherwise.
func DefaultLimits() Limits { return expr.DefaultLimits() }

// DefaultPendingTTL is the life of a pending authorisation.
const DefaultPendingTTL = state.Life

// Sealer encrypts and authenticates suspended state. Implementations are safe for concurrent use.
type Sealer interface {
	Seal(plaintext []byte) (string, error)
	// Open returns ErrSeal for what Seal did not make.
	Open(sealed string) ([]byte, error)
}

// ErrSeal says that a sealed text is damaged, foreign, or sealed under a key that is gone. ErrUnknownKey is the ErrSeal of
// a text that names a key which this sealer does not have, such as the one that another replica has already.
var (
	ErrSeal       = state.ErrSeal
	ErrUnknownKey = state.ErrUnknownKey
)

// SealKey is one key of a sealer: a name that travels with what it sealed, and at least 16 secret bytes, which nothing
// prints.
type SealKey struct {
	ID     string
	Secret []byte
}

// String shows the id and masks the secret.
func (k SealKey) String() string { return "seal key " + k.ID + " secret=" + value.Mask }

// Format implements fmt.Formatter: with every verb a key prints as String does.
func (k SealKey) Format(f fmt.State, _ rune) { fmt.Fprint(f, k.String()) }

// LogValue implements slog.LogValuer.
func (k SealKey) LogValue() slog.Value { return slog.StringValue(k.String()) }

// MarshalJSON masks the secret by what json.Unmarshal refuses, so that nobody stores a key without its secret unawares.
func (k SealKey) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct{ ID, Secret string }{k.ID, value.Mask})
}

// NewSealer returns a sealer that seals with AES-256-GCM under the first key and opens what any of the keys sealed.
// Entropy gives the 96-bit nonces. Key ids are at most 64 letters, digits, "-" or "_", each used once.
func NewSealer(entropy io.Reader, keys ...SealKey) (Sealer, error) {
	list := make([]state.Key, len(keys))
	for i, k := range keys {
		list[i] = state.Key(k)
	}
	s, err := state.NewSealer(entropy, list...)
	if err != nil {
		return nil, err
	}
	return s, nil
}

// PendingStore remembers the authorisations that wait for their callback. Implementations are safe for concurrent use,
// and what they do is atomic over all processes that share them. Package storetest has the test that each must pass.
type PendingStore interface {
	// Put remembers key, 64 lower-case hexadecimal digits, until the deadline, or a while longer.
	Put(ctx context.Context, key string, deadline time.Time) error
	// Claim takes hold of key until the given time, under the name claim, and reports whether it did: it is PendingHeld
	// when somebody else has it and the time is not over, PendingUnknown when it is not there.
	Claim(ctx context.Context, key, claim string, until time.Time) (PendingHold, error)
	// Confirm removes key, and reports whether the claim still held it.
	Confirm(ctx context.Context, key, claim string) (held bool, err error)
	// Release gives key back, if the claim still holds it, so that it can be claimed again.
	Release(ctx context.Context, key, claim string) error
}

// PendingHold is what became of a claim.
type PendingHold = state.Hold

// The outcomes of PendingStore.Claim.
const (
	PendingUnknown = state.Unknown // the key is not there: never put, confirmed, or forgotten
	PendingClaimed = state.Claimed // the key is the caller's
	PendingHeld    = state.Held    // somebody else has claimed it
)

// NewMemoryPending returns a store for a single process. It is safe for concurrent use and forgets keys past their
// deadlines.
func NewMemoryPending(clock func() time.Time) PendingStore { return state.NewPending(clock) }

// WithDefaults returns the host with every default in its place. Engines that are made with the same result share one
// transport with its connections, one pending store and one seal; of a Host without it each engine has its own.
// Requests with a certificate authority of the spec have connections of each engine's own. A *http.Transport that
// decompresses is replaced by a clone that does not. It fails when a limit cannot hold, and when a *http.Transport would
// go past the proxy of Egress.
func (h Host) WithDefaults() (Host, error) {
	if h.Transport == nil {
		h.Transport = wire.NewTransport(h.Egress)
	}
	if t, ok := h.Transport.(*http.Transport); ok {
		if h.Egress.Proxy != nil && t.Proxy == nil {
			return h, errors.New("Host.Transport is an http.Transport without a proxy and would go past Egress.Proxy; leave it out, or set its Proxy")
		}
		if !t.DisableCompression { // one for all engines, not one for each
			t = t.Clone()
			t.DisableCompression = true
			h.Transport = t
		}
	}
	if h.Clock == nil {
		h.Clock = time.Now
	}
	if h.Entropy == nil {
		h.Entropy = rand.Reader
	} else if _, locked := h.Entropy.(*lockedReader); !locked && h.Entropy != rand.Reader {
		h.Entropy = &lockedReader{r: h.Entropy}
	}
	if h.Identity == nil {
		h.Identity = nonces(h.Entropy)
	}
	if h.State == nil {
		h.State = randomTexts(h.Entropy)
	}
	if h.RunID == nil {
		h.RunID = randomTexts(rand.Reader)
	}
	if h.Nonce == nil {
		h.Nonce = nonces(h.Entropy)
	}
	if h.Seal == nil {
		seal, err := state.NewEphemeralSealer(h.Entropy)
		if err != nil {
			return h, err
		}
		h.Seal = seal
	}
	if h.Pending == nil {
		h.Pending = NewMemoryPending(h.Clock)
	}
	switch {
	case h.PendingTTL < 0:
		return h, fmt.Errorf("Host.PendingTTL is %v, expected 0 for the default or more", h.PendingTTL)
	case h.PendingTTL == 0:
		h.PendingTTL = DefaultPendingTTL
	}
	if err := h.Limits.Check(); err != nil {
		return h, err
	}
	h.Limits = h.Limits.WithDefaults()
	return h, nil
}

// forRuns returns what runs see of a host with its defaults.
func (h *Host) forRuns(client *wire.Client, functions map[string]*builtin.Function) run.Host {
	out := run.Host{
		Client: client, AllowHTTP: h.Egress.AllowHTTP, Clock: h.Clock, Entropy: h.Entropy, Nonce: h.Nonce, State: h.State, Identity: h.Identity, Seal: h.sealed, Open: h.opened,
		Pending: h.Pending, PendingLife: h.PendingTTL, RunID: h.RunID, Allow: h.Allow, AcceptPlan: h.AcceptPlan, Common: h.Common, Environment: h.Environment, Limits: h.Limits,
		Timezone: h.Timezone, ExecutionID: h.ExecutionID, Functions: functions, Scripts: h.Scripts, Methods: h.Methods, Recover: h.Recover,
	}
	if h.States != nil {
		out.Save, out.Saved = h.save, h.saved
	}
	if h.Connections != nil {
		out.Keep = h.keep
	}
	if tracer := h.Tracer; tracer != nil {
		out.Trace = func(ctx context.Context, e run.Event) { tracer.Event(ctx, Event(e)) }
		if w, ok := tracer.(Watcher); ok {
			out.Watch = func(ctx context.Context, e run.Event) { w.Watch(ctx, Event(e)) }
		}
		if w, ok := tracer.(ValueWatcher); ok {
			out.Computed = func(ctx context.Context, e run.Event) { w.Computed(ctx, Event(e)) }
		}
	}
	if log := h.Log; log != nil {
		out.Log = func(ctx context.Context, r run.Record) { log(ctx, LogRecord(r)) }
	}
	if observe := h.Observe; observe != nil {
		out.Observe = func(ctx context.Context, o run.Operation) (context.Context, func(run.Result)) {
			ctx, done := observe(ctx, Operation(o))
			if done == nil {
				return ctx, nil
			}
			return ctx, func(r run.Result) {
				r.Err = public(r.Err)
				done(Result(r))
			}
		}
	}
	return out
}

// lockedReader makes a source of entropy safe for the concurrent runs of an engine.
type lockedReader struct {
	mu sync.Mutex
	r  io.Reader
}

// Read implements io.Reader.
func (l *lockedReader) Read(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return io.ReadFull(l.r, p)
}

// randomTexts gives 32 hexadecimal digits at a time.
func randomTexts(entropy io.Reader) func() (string, error) {
	if entropy == rand.Reader {
		return func() (string, error) {
			var b [16]byte
			_, _ = rand.Read(b[:]) // never fails
			return hex.EncodeToString(b[:]), nil
		}
	}
	return func() (string, error) {
		var b [16]byte
		_, err := io.ReadFull(entropy, b[:])
		return hex.EncodeToString(b[:]), err
	}
}

// nonces returns a source of random UUIDs (version 4) without dashes.
func nonces(entropy io.Reader) func() (string, error) {
	if entropy == rand.Reader {
		return func() (string, error) {
			var b [16]byte
			_, _ = rand.Read(b[:]) // never fails
			return uuid(b), nil
		}
	}
	return func() (string, error) {
		var b [16]byte
		if _, err := io.ReadFull(entropy, b[:]); err != nil {
			return "", err
		}
		return uuid(b), nil
	}
}

// uuid writes random bytes as a UUID of version 4 without dashes (RFC 9562 §5.4).
func uuid(b [16]byte) string {
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	var text [2 * len(b)]byte
	hex.Encode(text[:], b[:])
	return string(text[:])
}
