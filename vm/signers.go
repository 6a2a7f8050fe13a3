package vm

import (
	"sync"

	"github.com/imlc-lang/imlc/runtime/oauth1"
)

// signers keeps prepared signers, so that the later requests of a connection find key and layout ready. It is bounded and safe
// for concurrent use. Signers of a single request, which carry a verifier, are not kept.
type signers struct {
	mu    sync.RWMutex
	known map[signerName]keptSigner
}

// keptSigner is a signer with all that it was made of.
type keptSigner struct {
	key    signerKey
	signer *oauth1.Signer
}

// maxSigners is the number of signers that an engine keeps.
const maxSigners = 512

// signerName is what signers of an engine usually differ in; of two signers of one name the later one is kept.
type signerName struct {
	consumerKey, token string
	mode               [5]uint8
}

// signerKey is all that makes a signer what it is, but for extra parameters.
type signerKey struct {
	signerName
	consumerSecret, privateKey, tokenSecret, callback, realm, method, hash, version string
}

func keyOf(p *oauth1.Params) signerKey {
	k := signerKey{signerName: signerName{consumerKey: p.ConsumerKey, token: p.Token},
		consumerSecret: p.ConsumerSecret, privateKey: p.PrivateKey, tokenSecret: p.TokenSecret, callback: p.Callback, realm: p.Realm, method: p.SignatureMethod, hash: p.BodyHashValue, version: p.Version}
	k.mode = [5]uint8{uint8(p.Transport), uint8(p.BodyHash), uint8(p.TokenMode)}
	if p.HasRealm {
		k.mode[3] = 1
	}
	if p.OmitVersion {
		k.mode[4] = 1
	}
	return k
}

// signer returns a signer for p, prepared earlier if there is one. keep says that it may be asked for again.
func (s *signers) signer(p *oauth1.Params, methods oauth1.Registry, keep bool) (*oauth1.Signer, error) {
	if !keep || p.Verifier != "" || len(p.Extra) > 0 || p.OmitNonce || p.BodyHashAlgorithm != "" {
		return oauth1.NewSigner(*p, oauth1.WithMethods(methods))
	}
	key := keyOf(p)
	s.mu.RLock()
	kept := s.known[key.signerName]
	s.mu.RUnlock()
	if kept.signer != nil && kept.key == key {
		return kept.signer, nil
	}
	made, err := oauth1.NewSigner(*p, oauth1.WithMethods(methods))
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known == nil {
		s.known = make(map[signerName]keptSigner)
	}
	for old := range s.known { // any of them: the order of a map is random
		if len(s.known) < maxSigners {
			break
		}
		delete(s.known, old)
	}
	s.known[key.signerName] = keptSigner{key, made}
	return made, nil
}
