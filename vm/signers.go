package vm

import (
	"sync"

	"github.com/imlc-lang/imlc/runtime/oauth1"
)

// signers keeps prepared signers, so that the later requests of a connection find key and layout ready. It is bounded
// and safe for concurrent use. Signers of a single request, which carry a verifier, are not kept.
type signers struct {
	mu    sync.RWMutex
	known map[signerKey]*oauth1.Signer
}

// maxSigners is the number of signers that an engine keeps.
const maxSigners = 512

// signerKey is all that makes a signer what it is, the secrets included: one that changes is never signed with again.
type signerKey struct {
	consumerKey, consumerSecret, privateKey, token, tokenSecret, callback, realm, method, hash, version string
	transport                                                                                           oauth1.Transport
	bodyHash                                                                                            oauth1.BodyHashMode
	tokenMode                                                                                           oauth1.TokenMode
	hasRealm, omitVersion                                                                               bool
}

func keyOf(p *oauth1.Params) signerKey {
	return signerKey{consumerKey: p.ConsumerKey, consumerSecret: p.ConsumerSecret, privateKey: p.PrivateKey, token: p.Token,
		tokenSecret: p.TokenSecret, callback: p.Callback, realm: p.Realm, method: p.SignatureMethod, hash: p.BodyHashValue, version: p.Version,
		transport: p.Transport, bodyHash: p.BodyHash, tokenMode: p.TokenMode, hasRealm: p.HasRealm, omitVersion: p.OmitVersion}
}

// signer returns a signer for p, prepared earlier if there is one. keep says that it may be asked for again.
func (s *signers) signer(p *oauth1.Params, methods oauth1.Registry, keep bool) (*oauth1.Signer, error) {
	if !keep || p.Verifier != "" || len(p.Extra) > 0 || p.OmitNonce || p.BodyHashAlgorithm != "" {
		return oauth1.NewSigner(*p, oauth1.WithMethods(methods))
	}
	key := keyOf(p)
	s.mu.RLock()
	kept := s.known[key]
	s.mu.RUnlock()
	if kept != nil {
		return kept, nil
	}
	made, err := oauth1.NewSigner(*p, oauth1.WithMethods(methods))
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known == nil || len(s.known) >= maxSigners {
		s.known = make(map[signerKey]*oauth1.Signer)
	}
	s.known[key] = made
	return made, nil
}
