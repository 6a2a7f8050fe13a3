package run

import (
	"sync"

	"github.com/imlc-lang/imlc/runtime/oauth1"
)

// signers keeps what is prepared to sign with. The zero value is empty; it is bounded and safe for concurrent use.
type signers struct {
	// keys are private keys, because reading one costs more than many signatures with it.
	keys kept[keyText, *oauth1.Key]
	// later are the signers that sign with the same credentials again and again; those of a passing token sign once.
	later kept[signerText, *oauth1.Signer]
}

// keyText is all that a private key is made of: the PEM text stands in the private key, or else in the consumer secret.
type keyText struct{ method, private, consumer string }

// signerText is all that a signer is made of: nothing that it leaves out may differ.
type signerText struct {
	consumerKey, consumerSecret, privateKey, token, tokenSecret, callback, realm, method, hash, version string

	transport   oauth1.Transport
	mode        oauth1.TokenMode
	body        oauth1.BodyHashMode
	hasRealm    bool
	omitVersion bool
}

// signer prepares a signer for p. again says that there will be more requests with the same credentials. One that signs
// once is made in room, unless that is nil.
func (s *signers) signer(p *oauth1.Params, methods oauth1.Registry, again bool, room *oauth1.Signer) (*oauth1.Signer, error) {
	prepare := func() (*oauth1.Signer, error) {
		key, err := s.key(p, methods)
		if err != nil {
			return nil, err
		}
		if room == nil {
			return oauth1.NewSigner(*p, oauth1.WithMethods(methods), oauth1.WithKey(key))
		}
		return room, room.Reset(*p, oauth1.WithMethods(methods), oauth1.WithKey(key))
	}
	if !again || p.Verifier != "" || len(p.Extra) > 0 || p.OmitNonce || p.BodyHashAlgorithm != "" {
		return prepare()
	}
	room = nil // it is kept
	return s.later.of(signerText{
		p.ConsumerKey, p.ConsumerSecret, p.PrivateKey, p.Token, p.TokenSecret, p.Callback, p.Realm, p.SignatureMethod, p.BodyHashValue, p.Version,
		p.Transport, p.TokenMode, p.BodyHash, p.HasRealm, p.OmitVersion,
	}, prepare)
}

// key returns the key of p, prepared earlier if it is a private one that was.
func (s *signers) key(p *oauth1.Params, methods oauth1.Registry) (*oauth1.Key, error) {
	prepare := func() (*oauth1.Key, error) { return oauth1.PrepareKey(p, methods) }
	switch p.SignatureMethod {
	case oauth1.RSASHA1, oauth1.RSASHA256, oauth1.RSASHA512:
		return s.keys.of(keyText{p.SignatureMethod, p.PrivateKey, p.ConsumerSecret}, prepare)
	}
	return prepare()
}

// kept keeps values by what they are made of, so that another text never meets an old value.
type kept[K comparable, V any] struct {
	mu    sync.RWMutex
	known map[K]V
}

// maxKept is the number of values that are kept of a kind.
const maxKept = 512

// of returns the value of a key, which prepare makes unless it is there.
func (k *kept[K, V]) of(key K, prepare func() (V, error)) (V, error) {
	k.mu.RLock()
	v, ok := k.known[key]
	k.mu.RUnlock()
	if ok {
		return v, nil
	}
	v, err := prepare()
	if err != nil {
		return v, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.known == nil {
		k.known = make(map[K]V)
	}
	for old := range k.known { // any of them: the order of a map is random
		if len(k.known) < maxKept {
			break
		}
		delete(k.known, old)
	}
	k.known[key] = v
	return v, nil
}
