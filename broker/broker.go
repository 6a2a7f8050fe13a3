// Package broker is the service behind imlc serve: it keeps specs and connections, leads users through the
// authorisation, and sends signed requests for programs that never see a secret.
//
// OAuth 1.0a needs the consumer secret and the token secret at every request, so handing out tokens cannot work: a
// broker of such connections is a signing proxy.
//
// Everything that it keeps lies in a store.Store, secrets sealed by package envelope; a Broker has nothing of its own
// but caches, so that any number of them serve one store.
package broker

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/imlc-lang/imlc/broker/envelope"
	"github.com/imlc-lang/imlc/broker/store"
	"github.com/imlc-lang/imlc/vm"
)

// Config is what a broker is given. Store, Keys and URL must be there.
type Config struct {
	// Store keeps everything; Keys seals the secrets in it.
	Store store.Store
	Keys  envelope.Keys
	// URL is where browsers reach the broker, without a slash at the end: "https://connect.example.com". The callback
	// address to register with services is URL + "/callback".
	URL string
	// RotateKeys, if not nil, makes a new key of Keys the current one and keeps it where the next start finds it.
	RotateKeys func() error
	// Host is what engines are given: egress, transport, limits, clock, entropy. Its Seal, Pending, Common, Tracer and
	// Log are the broker's.
	Host vm.Host
	// Log receives one record for each request and job; nil drops them.
	Log *slog.Logger
	// Tracing takes spans of requests, of operations and of exchanges with services; nil makes none.
	Tracing trace.TracerProvider
	// Gallery are specs to begin with.
	Gallery []Example
	// SessionLife is how long a link to connect works; 0 means 30 minutes. FlowLife is how long the log of a flow is kept;
	// 0 means 7 days.
	SessionLife, FlowLife time.Duration
	// CheckEvery is how often a connection is tested; 0 means once a day.
	CheckEvery time.Duration
	// LookEvery is how often jobs look for work that nobody told them of; 0 means every two seconds.
	LookEvery time.Duration
	// ProxyBytes bounds the bodies of proxied requests and of their answers; 0 means 1 GiB. They are never held whole.
	ProxyBytes int64
	// SignIn lets operators in whom an OpenID provider knows, beside the links; nil lets in nobody else.
	SignIn *SignIn
	// AllowPrivateWebhooks lets webhooks go to private addresses, for trials on one machine.
	AllowPrivateWebhooks bool
}

// Example is a spec of the gallery.
type Example struct {
	Name, Title, Help string
	// Files are its files by name.
	Files map[string]string
	// Settings are values of its form that belong to the spec and not to the user.
	Settings map[string]any
	// OutOfBand says that the service shows users a code instead of sending their browsers back.
	OutOfBand bool
	// Only is the origin of a service on this machine, such as "http://127.0.0.1:8765", that connections of this spec may
	// reach, directly and nothing else; "" leaves the egress policy as it is.
	Only string
}

// Broker is the service. It is safe for concurrent use.
type Broker struct {
	config  Config
	host    vm.Host
	box     envelope.Box
	caches  caches
	engines engines
	limits  limiter
	// operations and bodies are what is held in memory at a time.
	operations, bodies *room
	tenancy            tenancy
	breakers           breakers
	traffic            traffic
	// pace is that of bodies that are held.
	pace pace
	// pause is the longest one of bodies that pass.
	pause   time.Duration
	metrics *metrics
	spans   *spans
	wake    wakers
	jobs    sync.WaitGroup
	crews   struct{ connections, callbacks, webhooks crew }
	// stuck is how many records the last pass of Rewrap could not wrap anew.
	stuck atomic.Int64

	signIn signIn
	// successors are plans by the first one of the same spec, see follow.
	successors sync.Map

	// pages are the patterns of the pages for operators.
	pages []string

	webhooks    sync.Once
	webhookHTTP *http.Client
}

// New returns a broker. It fails when the host's defaults cannot be made or the address is none.
func New(config Config) (*Broker, error) {
	u, err := url.Parse(config.URL)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("the address of the broker is %q, expected https://host", config.URL)
	}
	config.URL = strings.TrimSuffix(config.URL, "/")
	config.SessionLife = cmp.Or(config.SessionLife, 30*time.Minute)
	config.FlowLife = cmp.Or(config.FlowLife, 7*24*time.Hour)
	config.LookEvery = cmp.Or(config.LookEvery, 2*time.Second)
	config.ProxyBytes = cmp.Or(config.ProxyBytes, 1<<30)
	config.CheckEvery = cmp.Or(config.CheckEvery, 24*time.Hour)
	if config.Log == nil {
		config.Log = slog.New(slog.DiscardHandler)
	}
	b := &Broker{config: config, spans: newSpans(config.Tracing), operations: newRoom(maxOperations), bodies: newRoom(maxBodies), pace: bodyPace, pause: longestPause}
	b.metrics = newMetrics(b)
	b.breakers.init(b.now)
	config.Host = b.guard(b.metrics.instrument(b.spans.instrument(config.Host)).Instrumented(b.unanswered, nil))
	b.config.Host = config.Host
	b.config.Store = watched{config.Store, &b.caches, &b.tenancy}
	b.limits.now = b.now
	host := config.Host
	if host.Entropy == nil {
		host.Entropy = rand.Reader
	}
	b.box = envelope.Box{Keys: config.Keys, Entropy: host.Entropy}
	host.Seal = sealer{b.box}
	if host.Clock == nil {
		host.Clock = time.Now
	}
	host.Pending = pending{b.config.Store, host.Clock}
	host.States = states{b.config.Store}
	host.PendingTTL = config.SessionLife
	host.Common, host.AcceptPlan = b.common, b.acceptPlan
	if b.host, err = host.WithDefaults(); err != nil {
		return nil, err
	}
	if config.SignIn != nil {
		if b.signIn, err = newSignIn(*config.SignIn, b.now); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// unanswered tells operators what a transport said of an operation without an answer: it names what is inside this
// installation, so that no problem, record or page has it.
func (b *Broker) unanswered(ctx context.Context, op vm.Operation) (context.Context, func(vm.Result)) {
	return ctx, func(r vm.Result) {
		var e *vm.Error
		if errors.As(r.Err, &e) && e.Detail() != "" {
			b.config.Log.Warn("a service did not answer", "operation", op.Name, "run", op.RunID, "plan", op.Plan, "connection", op.ConnectionID, "error", e.Error())
		}
	}
}

func (b *Broker) now() time.Time { return store.Instant(b.host.Clock()) }

// id returns a new id that sorts by the time it was made.
func (b *Broker) id(prefix string) (string, error) {
	random := make([]byte, 10)
	if _, err := io.ReadFull(b.host.Entropy, random); err != nil {
		return "", fmt.Errorf("entropy: %w", err)
	}
	return fmt.Sprintf("%s_%012x%s", prefix, b.now().UnixMilli(), hex.EncodeToString(random)), nil
}

// secret returns a random text that nobody guesses: 52 hexadecimal digits behind the prefix.
func (b *Broker) secret(prefix string) (string, error) {
	random := make([]byte, 26)
	if _, err := io.ReadFull(b.host.Entropy, random); err != nil {
		return "", fmt.Errorf("entropy: %w", err)
	}
	return prefix + hex.EncodeToString(random), nil
}

// fingerprint is what is kept of a secret that only its owner has. Looking it up leaks nothing of the secret by time.
func fingerprint(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// bound is what a sealed part belongs to. It is of no use in another record.
func bound(r store.Record) string { return r.Space + "\x00" + r.Kind + "\x00" + r.ID }

// record returns a record with a body.
func record(space, kind, id string, body any) store.Record {
	data, err := json.Marshal(body)
	if err != nil {
		panic(fmt.Sprintf("broker: a body of %s does not marshal: %v", kind, err)) // bodies are plain data of this package
	}
	return store.Record{Space: space, Kind: kind, ID: id, Body: data}
}

// seal puts a secret part into a record.
func (b *Broker) seal(ctx context.Context, r *store.Record, secret []byte) (err error) {
	r.Sealed, r.KeyID, err = b.box.Seal(ctx, secret, bound(*r))
	return err
}

// open returns the secret part of a record, nil when there is none.
func (b *Broker) open(ctx context.Context, r store.Record) ([]byte, error) {
	if r.Sealed == nil {
		return nil, nil
	}
	return b.box.Open(ctx, r.KeyID, r.Sealed, bound(r))
}

// get reads a record and its body.
func (b *Broker) get(ctx context.Context, space, kind, id string, body any) (store.Record, error) {
	r, err := b.config.Store.Get(ctx, space, kind, id)
	if errors.Is(err, store.ErrNotFound) {
		return r, notFound(kind, id)
	}
	if err != nil {
		return r, err
	}
	return r, decode(r, body)
}

func decode(r store.Record, body any) error {
	if err := json.Unmarshal(r.Body, body); err != nil {
		return fmt.Errorf("the body of %s %s: %w", r.Kind, r.ID, err)
	}
	return nil
}

// put makes a change of a record.
func put(r store.Record) store.Op { return store.Op{Record: r} }

func remove(r store.Record) store.Op { return store.Op{Record: r, Delete: true} }

// apply makes changes; a conflict is one for the caller of the API too.
func (b *Broker) apply(ctx context.Context, ops ...store.Op) ([]store.Record, error) {
	out, err := b.config.Store.Apply(ctx, ops...)
	if errors.Is(err, store.ErrConflict) {
		return nil, conflict("it was changed at the same time; read it again")
	}
	return out, err
}

// sealer seals suspended authorisations, so that any broker of the store resumes them.
type sealer struct{ box envelope.Box }

const statePurpose = "authorisation"

// Seal implements vm.Sealer.
func (s sealer) Seal(text []byte) (string, error) {
	sealed, id, err := s.box.Seal(context.Background(), text, statePurpose)
	if err != nil {
		return "", err
	}
	return id + "." + hex.EncodeToString(sealed), nil
}

// Open implements vm.Sealer.
func (s sealer) Open(text string) ([]byte, error) {
	id, digits, ok := strings.Cut(text, ".")
	sealed, err := hex.DecodeString(digits)
	if !ok || err != nil {
		return nil, vm.ErrSeal
	}
	out, err := s.box.Open(context.Background(), id, sealed, statePurpose)
	if errors.Is(err, envelope.ErrDamaged) || errors.Is(err, envelope.ErrUnknownKey) {
		return nil, vm.ErrSeal
	}
	return out, err
}

// pending is a vm.PendingStore in a store.
type pending struct {
	store store.Store
	now   func() time.Time
}

// hold is the body of a pending record: who has claimed it, and until when.
type hold struct {
	Claim string    `json:"claim,omitempty"`
	Until time.Time `json:"until,omitzero"`
}

// Put implements vm.PendingStore.
func (p pending) Put(ctx context.Context, key string, deadline time.Time) error {
	_, err := p.store.Apply(ctx, put(store.Record{Kind: kindPending, ID: key, Revision: store.Any, Expires: deadline}))
	return err
}

// change reads a pending record and writes what f makes of it, until nobody comes between. f says whether there is
// anything to do; found is false when there is no record.
func (p pending) change(ctx context.Context, key string, f func(h *hold) (op func(store.Record) store.Op)) (found, done bool, err error) {
	for {
		r, err := p.store.Get(ctx, "", kindPending, key)
		if errors.Is(err, store.ErrNotFound) {
			return false, false, nil
		}
		if err != nil {
			return false, false, err
		}
		var h hold
		if len(r.Body) > 0 {
			if err := json.Unmarshal(r.Body, &h); err != nil {
				return true, false, err
			}
		}
		op := f(&h)
		if op == nil {
			return true, false, nil
		}
		if r.Body, err = json.Marshal(h); err != nil {
			return true, false, err
		}
		if _, err = p.store.Apply(ctx, op(r)); !errors.Is(err, store.ErrConflict) {
			return true, err == nil, err
		}
	}
}

// Claim implements vm.PendingStore.
func (p pending) Claim(ctx context.Context, key, claim string, until time.Time) (vm.PendingHold, error) {
	found, claimed, err := p.change(ctx, key, func(h *hold) func(store.Record) store.Op {
		if h.Claim != "" && h.Claim != claim && p.now().Before(h.Until) {
			return nil
		}
		*h = hold{claim, until}
		return put
	})
	switch {
	case claimed:
		return vm.PendingClaimed, nil
	case found && err == nil:
		return vm.PendingHeld, nil
	}
	return vm.PendingUnknown, err
}

// Confirm implements vm.PendingStore.
func (p pending) Confirm(ctx context.Context, key, claim string) (bool, error) {
	_, done, err := p.change(ctx, key, func(h *hold) func(store.Record) store.Op {
		if h.Claim != claim {
			return nil
		}
		return remove
	})
	return done, err
}

// Release implements vm.PendingStore.
func (p pending) Release(ctx context.Context, key, claim string) error {
	_, _, err := p.change(ctx, key, func(h *hold) func(store.Record) store.Op {
		if h.Claim != claim {
			return nil
		}
		*h = hold{}
		return put
	})
	return err
}

// The kinds of records.
const (
	kindTenant     = "tenant"     // of the installation: a tenant and its environments
	kindKey        = "key"        // of the installation: an API key, by its fingerprint
	kindPlan       = "plan"       // of the installation: a compiled plan, by its hash
	kindLogin      = "login"      // of the installation: a browser of an operator
	kindSignIn     = "signin"     // of the installation: a sign-in that has come back, by the fingerprint of its cookie
	kindLoginLink  = "loginlink"  // of the installation: a link that makes a login, by its fingerprint
	kindPending    = "pending"    // of the installation: an authorisation that waits for its callback
	kindState      = "state"      // of the installation: what goes on with an authorisation, sealed by the engine
	kindSuccessor  = "successor"  // of the installation: the plan that takes the place of one of an older format, by the hash of that
	kindSpec       = "spec"       // a spec
	kindVersion    = "version"    // a version of a spec, with its files
	kindSettings   = "settings"   // what the owner of a spec gives to all its connections; sealed
	kindSigners    = "signers"    // the keys that sign plans of a space; sealed
	kindSession    = "session"    // a link that a user connects by; of the installation, by its fingerprint
	kindConnection = "connection" // a connection; sealed
	kindFlow       = "flow"       // the log of an operation
	kindEvent      = "event"      // something that happened, numbered
	kindWebhook    = "webhook"    // who is told of events; its secret is sealed
	kindDelivery   = "delivery"   // an event on its way to a webhook
	kindAudit      = "audit"      // who did what, numbered
	kindTraffic    = "traffic"    // of the installation: the bytes of a tenant on a day
	kindLease      = "lease"      // of the installation: something that one process does at a time
)

// Handler returns the handler of everything: the API below /v1/, the pages, the callback.
func (b *Broker) Handler() http.Handler {
	h, _ := b.routes()
	return h
}
