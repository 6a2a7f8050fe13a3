package client

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/imlc-lang/imlc/runtime/oauth1"
)

// Connection is a grant in use: it signs requests with the newest token and renews it, one renewal at a time. It is
// safe for concurrent use.
type Connection struct {
	flow      *Flow
	transport *Transport
	// OnRotate stores a renewed grant before any request uses it; its error keeps the old one in use. It is called by
	// one goroutine at a time.
	onRotate func(context.Context, *Grant) error

	mu      sync.Mutex
	running *renewal
}

// renewal is one renewal under way, shared by all who wait for it.
type renewal struct {
	done chan struct{}
	err  error
}

// Connect returns a connection for a grant. onRotate, if not nil, is called with each renewed grant before it is used,
// to store it: losing track of the newest token ends a session (specification §2.2).
func (f *Flow) Connect(g *Grant, onRotate func(context.Context, *Grant) error) (*Connection, error) {
	c := &Connection{flow: f, onRotate: onRotate}
	set, err := c.signersFor(g)
	if err != nil {
		return nil, err
	}
	if c.transport, err = newTransport(f.config.Options, f.clock); err != nil {
		return nil, err
	}
	c.transport.renewal = func(ctx context.Context, used *signers, start bool) bool {
		return c.renewAfter(ctx, used, start) == nil
	}
	c.transport.signers.Store(set)
	return c, nil
}

func (c *Connection) signersFor(g *Grant) (*signers, error) {
	p := c.flow.config.Params
	p.Token, p.TokenSecret, p.TokenMode = g.Token, g.TokenSecret, oauth1.TokenValue
	p.Callback, p.Verifier = "", ""
	signer, err := oauth1.NewSigner(p, oauth1.WithMethods(c.flow.config.Methods))
	if err != nil {
		return nil, err
	}
	set := newSigners(signer)
	set.grant = g
	return set, nil
}

// Grant returns the grant in use.
func (c *Connection) Grant() *Grant { return c.transport.signers.Load().grant }

// Transport returns the signing transport of the connection.
func (c *Connection) Transport() *Transport { return c.transport }

// Client returns a new *http.Client that signs with the connection.
func (c *Connection) Client() *http.Client {
	return &http.Client{Transport: c.transport, CheckRedirect: c.transport.CheckRedirect}
}

// Expired reports whether the token has ended by the clock of the options.
func (c *Connection) Expired() bool {
	end := c.Grant().Expires
	return !end.IsZero() && !c.flow.now().Before(end)
}

// Renew renews the token now, or joins a renewal that is under way. The grant changes as a whole, after onRotate stored
// it; on an error the old one stays.
func (c *Connection) Renew(ctx context.Context) (*Grant, error) {
	if err := c.renewAfter(ctx, c.transport.signers.Load(), true); err != nil {
		return nil, err
	}
	return c.Grant(), nil
}

// errNoRenewal says that no renewal is under way.
var errNoRenewal = errors.New("no renewal is under way")

// renewAfter waits until the signers that met a problem are replaced: it joins a renewal that is under way, or, if
// start is true, begins one.
func (c *Connection) renewAfter(ctx context.Context, used *signers, start bool) error {
	c.mu.Lock()
	if c.transport.signers.Load() != used {
		c.mu.Unlock()
		return nil
	}
	r := c.running
	if r == nil && !start {
		c.mu.Unlock()
		return errNoRenewal
	}
	if r == nil {
		r = &renewal{done: make(chan struct{})}
		c.running = r
		// The renewal outlives the request that asked for it: giving it up half way would lose a token that the
		// provider has already rotated.
		go c.run(context.WithoutCancel(ctx), r, used)
	}
	c.mu.Unlock()
	select {
	case <-r.done:
		return r.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// renewalTimeout bounds a renewal, which has no caller's deadline.
const renewalTimeout = 60 * time.Second

func (c *Connection) run(ctx context.Context, r *renewal, used *signers) {
	ctx, cancel := context.WithTimeout(ctx, renewalTimeout)
	defer cancel()
	r.err = c.rotate(ctx, used)
	c.mu.Lock()
	c.running = nil
	c.mu.Unlock()
	close(r.done)
}

func (c *Connection) rotate(ctx context.Context, used *signers) error {
	g, err := c.flow.Renew(ctx, used.grant)
	if err != nil {
		return err
	}
	set, err := c.signersFor(g)
	if err != nil {
		return err
	}
	if c.onRotate != nil {
		if err := c.onRotate(ctx, g); err != nil {
			return err
		}
	}
	c.transport.signers.Store(set)
	return nil
}
