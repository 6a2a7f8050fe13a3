package vm

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/hex"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/imlc-lang/imlc/runtime/oauth1"
	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/value"
)

// Host is what an engine is given by the program that embeds it. The zero Host is the safe default: the system's clock
// and entropy, a transport that refuses private addresses and plain http, state sealed under a key that lives as long
// as the engine, pending authorisations in memory, and DefaultLimits.
type Host struct {
	// Transport performs exactly one HTTP exchange per call and follows no redirects; nil means one guarded transport
	// of the engine's own, which its clients use too. Egress is checked for every hop, whatever the transport.
	Transport http.RoundTripper
	Egress    wire.Egress
	// Clock tells the time; nil means time.Now; it must be safe for concurrent use. Entropy gives random bytes; nil
	// means crypto/rand. The engine reads it from one goroutine at a time.
	Clock   func() time.Time
	Entropy io.Reader
	// Nonce gives the nonce of each signature; nil means a random UUID without dashes (spec make.md §12.3).
	Nonce func() (string, error)
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
	// Tracer receives typed events; nil costs nothing. Log receives one record per request (spec make.md §18).
	Tracer Tracer
	Log    func(LogRecord)
	// UserAgent is sent when the spec sets none; "" sends none. Timezone is the zone of dates; nil means UTC.
	UserAgent string
	Timezone  *time.Location
	// AddSystemRoots keeps the system roots beside a request's own CA; AllowInsecureTLS permits rejectUnauthorized:
	// false.
	AddSystemRoots, AllowInsecureTLS bool
	// PendingTTL is the life of a pending authorisation; 0 means 15 minutes.
	PendingTTL time.Duration
	// Functions are host functions, declared with builtin.Host, by which plans may have been compiled.
	Functions []*builtin.Function
	// Methods are the signature methods; the zero Registry has the built-in ones.
	Methods oauth1.Registry
	// TrustedKeys, when set, are the only keys whose signed plans run. The plan must come from plan.Decode, which
	// refuses a signature that does not fit.
	TrustedKeys []ed25519.PublicKey
	// ExecutionID is the value of executionId; undefined by default.
	ExecutionID value.Value
	// Recover lets Client react to timestamp_refused and nonce_used by one retry (spec oauth1.md §2.6). Off by default.
	Recover bool
}

// DefaultPendingTTL is the life of a pending authorisation (spec make.md §19).
const DefaultPendingTTL = 15 * time.Minute

func (h Host) withDefaults() (Host, error) {
	if h.Transport == nil {
		h.Transport = wire.NewTransport(h.Egress)
	}
	if h.Clock == nil {
		h.Clock = time.Now
	}
	if h.Entropy == nil {
		h.Entropy = rand.Reader
	} else {
		h.Entropy = &lockedReader{r: h.Entropy}
	}
	if h.Nonce == nil {
		h.Nonce = nonces(h.Entropy)
	}
	if h.Seal == nil {
		seal, err := NewEphemeralSealer(h.Entropy)
		if err != nil {
			return h, err
		}
		h.Seal = seal
	}
	if h.Pending == nil {
		h.Pending = NewMemoryPending(h.Clock)
	}
	if h.PendingTTL == 0 {
		h.PendingTTL = DefaultPendingTTL
	}
	if err := h.Limits.Check(); err != nil {
		return h, err
	}
	h.Limits = h.Limits.WithDefaults()
	return h, nil
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
	var text [32]byte
	hex.Encode(text[:], b[:])
	return string(text[:])
}
