package vm

import (
	"sync"

	"github.com/imlc-lang/imlc/runtime/oauth1"
)

// signers keeps prepared signers, so that the later requests of a connection find key and layout ready. It is bounded and safe
// for concurrent use. Signers of a single request, which carry a verifier, are not kept.
type signers struct {
	mu    sync.RWMutex
	known map[signerKey]*oauth1.Signer
}

// maxSigners is the number of signers that an engine keeps.
const maxSigners = 512

// signerKey is all that makes a signer what it is, but for extra parameters.
type signerKey struct {
	consumerKey, consumerSecret, privateKey, token, tokenSecret, callback, realm, method, hash, version string
	mode                                                                                                [5]uint8
}

func keyOf(p *oauth1.Params) signerKey {
	k := signerKey{consumerKey: p.ConsumerKey, consumerSecret: p.ConsumerSecret, privateKey: p.PrivateKey, token: p.Token, tokenSecret: p.TokenSecret,
		callback: p.Callback, realm: p.Realm, method: p.SignatureMethod, hash: p.BodyHashValue, version: p.Version}
	k.mode = [5]uint8{uint8(p.Transport), uint8(p.BodyHash), uint8(p.TokenMode)}
	if p.HasRealm {
		k.mode[3] = 1
	}
	if p.OmitVersion {
		k.mode[4] = 1
	}
	return k
}

// signer returns a signer for p, prepared earlier if there is one.
func (s *signers) signer(p *oauth1.Params, methods oauth1.Registry) (*oauth1.Signer, error) {
	if p.Verifier != "" || len(p.Extra) > 0 || p.OmitNonce || p.BodyHashAlgorithm != "" {
		return oauth1.NewSigner(*p, oauth1.WithMethods(methods))
	}
	key := keyOf(p)
	s.mu.RLock()
	known := s.known[key]
	s.mu.RUnlock()
	if known != nil {
		return known, nil
	}
	made, err := oauth1.NewSigner(*p, oauth1.WithMethods(methods))
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known == nil {
		s.known = make(map[signerKey]*oauth1.Signer)
	}
	for old := range s.known { // any of them: the order of a map is random
		if len(s.known) < maxSigners {
			break
		}
		delete(s.known, old)
	}
	s.known[key] = made
	return made, nil
}
