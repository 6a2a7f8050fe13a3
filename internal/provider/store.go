package provider

import (
	"crypto/sha256"
	"encoding/binary"
	"sync"
	"time"
)

// maxVerifierTries is how many wrong verifiers burn temporary credentials, so that a verifier cannot be guessed.
const maxVerifierTries = 10

// sweepEvery is how often, by the injected clock, everything that has expired is dropped; a full store is swept sooner,
// but not at every request, because a sweep looks at every entry.
const (
	sweepEvery     = time.Minute
	sweepFullEvery = time.Second
)

// keepExpired is how long expired token credentials are remembered, so that a client is told that they expired rather
// than that they never were.
const keepExpired = time.Hour

// decision is what the resource owner said about temporary credentials.
type decision int

const (
	undecided decision = iota
	approved
	refused
)

// temporary are temporary credentials (RFC 5849 §2.1).
type temporary struct {
	client, secret, callback string
	expires                  time.Time
	decision                 decision
	verifier, ticket         string
	tries                    int
	used                     bool
}

// access are token credentials (RFC 5849 §2.3) with their session (OAuth Session 1.0 Draft 1).
type access struct {
	client, secret, handle  string
	expires, sessionExpires time.Time
	revoked                 bool
}

// store holds everything the provider remembers. All methods are safe for concurrent use; values go in and out as
// copies. Nothing is trusted to stay true between two calls: whatever must be single-use is decided under one lock.
type store struct {
	mu        sync.Mutex
	limits    Limits
	temporary map[string]*temporary
	access    map[string]*access
	nonces    map[[sha256.Size]byte]time.Time // value: when the nonce may be forgotten
	flaky     map[string]int
	statuses  int
	swept     time.Time
}

func newStore(limits Limits) *store {
	s := &store{limits: limits}
	s.reset()
	return s
}

func (s *store) reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.temporary, s.access = map[string]*temporary{}, map[string]*access{}
	s.nonces, s.flaky = map[[sha256.Size]byte]time.Time{}, map[string]int{}
	s.statuses, s.swept = 0, time.Time{}
}

// sweep drops what has expired when it is time to. The caller holds the lock.
func (s *store) sweep(now time.Time, isFull bool) {
	pause, keep := sweepEvery, keepExpired
	if isFull {
		pause, keep = sweepFullEvery, 0
	}
	if since := now.Sub(s.swept); since >= 0 && since < pause {
		return
	}
	s.swept = now
	for key, t := range s.temporary {
		if now.After(t.expires) {
			delete(s.temporary, key)
		}
	}
	for key, a := range s.access {
		if now.After(a.sessionExpires.Add(keep)) && now.After(a.expires.Add(keep)) {
			delete(s.access, key)
			delete(s.flaky, key)
		}
	}
	for key, until := range s.nonces {
		if now.After(until) {
			delete(s.nonces, key)
		}
	}
}

func (s *store) addTemporary(token string, t temporary, now time.Time) *Refusal {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sweep(now, len(s.temporary) >= s.limits.Tokens); len(s.temporary) >= s.limits.Tokens {
		return full("temporary credentials")
	}
	s.temporary[token] = &t
	return nil
}

// findTemporary returns a copy of temporary credentials that have not expired.
func (s *store) findTemporary(token string, now time.Time) (temporary, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.temporary[token]
	if t == nil || now.After(t.expires) {
		return temporary{}, false
	}
	return *t, true
}

// decide records the owner's answer and the verifier that goes with an approval.
func (s *store) decide(token string, d decision, verifier string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.temporary[token]
	if t == nil || t.used {
		return false
	}
	t.decision, t.verifier, t.ticket, t.tries = d, verifier, "", 0
	return true
}

// setTicket remembers the one-time value that binds an approve page to the answer sent from it.
func (s *store) setTicket(token, ticket string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.temporary[token]
	if t == nil || t.used {
		return false
	}
	t.ticket = ticket
	return true
}

// exchange turns approved temporary credentials into token credentials, once (RFC 5849 §2.3).
func (s *store) exchange(token, verifier, newToken string, a access, now time.Time) *Refusal {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.temporary[token]
	switch {
	case t == nil || now.After(t.expires):
		return denied("token_rejected", "the temporary credentials are gone: start again with /request_token")
	case t.used:
		return denied("token_used", "the temporary credentials were exchanged before: they are single-use, start again with /request_token")
	case t.decision == undecided:
		return denied("permission_unknown", "the resource owner has not decided yet: send them to /authorize with this oauth_token first")
	case t.decision == refused:
		return denied("permission_denied", "the resource owner denied access")
	case !equal(t.verifier, verifier):
		if t.tries++; t.tries >= maxVerifierTries {
			delete(s.temporary, token)
		}
		return denied("verifier_invalid", "oauth_verifier is not the one that was handed out for this oauth_token: use the value from the callback, decoded once")
	}
	if refusal := s.addAccess(newToken, a, now); refusal != nil {
		return refusal
	}
	t.used, t.verifier = true, ""
	return nil
}

// addAccess stores token credentials. The caller holds the lock.
func (s *store) addAccess(token string, a access, now time.Time) *Refusal {
	if s.sweep(now, len(s.access) >= s.limits.Tokens); len(s.access) >= s.limits.Tokens {
		return full("access tokens")
	}
	s.access[token] = &a
	return nil
}

// grant stores token credentials that need no exchange.
func (s *store) grant(token string, a access, now time.Time) *Refusal {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.addAccess(token, a, now)
}

// renew replaces token credentials by fresh ones of the same session. Of two renewals at the same time one wins.
func (s *store) renew(token, handle, newToken string, fresh access, now time.Time) *Refusal {
	s.mu.Lock()
	defer s.mu.Unlock()
	old := s.access[token]
	switch {
	case old == nil:
		return denied("token_rejected", "oauth_token is not known")
	case !equal(old.handle, handle):
		return denied("token_rejected", "oauth_session_handle does not belong to this oauth_token")
	case old.revoked:
		return denied("token_revoked", "oauth_token was revoked or renewed before: use the newest token of the session")
	case now.After(old.sessionExpires):
		return denied("token_expired", "the authorisation itself has expired: ask the resource owner again")
	}
	fresh.handle, fresh.sessionExpires = old.handle, old.sessionExpires
	if refusal := s.addAccess(newToken, fresh, now); refusal != nil {
		return refusal
	}
	old.revoked = true
	return nil
}

// findAccess returns a copy of token credentials, whatever their state.
func (s *store) findAccess(token string) (access, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.access[token]
	if a == nil {
		return access{}, false
	}
	return *a, true
}

// change applies an inspection command to an access token.
func (s *store) change(token string, apply func(*access)) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.access[token]
	if a != nil {
		apply(a)
	}
	return a != nil
}

// useNonce remembers a nonce and refuses one that was seen: it must be unique for its timestamp, client and token (RFC
// 5849 §3.3). It can be forgotten once its timestamp is refused on its own account.
func (s *store) useNonce(consumer, timestamp, nonce, token string, until, now time.Time) *Refusal {
	digest := sha256.New()
	for _, part := range []string{consumer, timestamp, nonce, token} {
		digest.Write(binary.BigEndian.AppendUint64(nil, uint64(len(part))))
		digest.Write([]byte(part))
	}
	var key [sha256.Size]byte
	digest.Sum(key[:0])
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sweep(now, len(s.nonces) >= s.limits.Nonces); len(s.nonces) >= s.limits.Nonces {
		return full("nonces")
	}
	if _, seen := s.nonces[key]; seen {
		return denied("nonce_used", "this oauth_nonce was used before with the same timestamp, consumer and token: sign every request afresh, retries and redirects too")
	}
	s.nonces[key] = until
	return nil
}

// fail counts the calls of a token to /flaky and reports whether this one is to fail.
func (s *store) fail(token string, times int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.flaky[token]++
	if s.flaky[token] > times {
		delete(s.flaky, token)
		return false
	}
	return true
}

// nextStatus numbers the posts to /statuses.
func (s *store) nextStatus() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.statuses++
	return s.statuses
}
