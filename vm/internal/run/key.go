package run

import (
	"sync"

	"github.com/imlc-lang/imlc/runtime/oauth1"
)

// privateKeys keeps prepared private keys, because reading one costs more than many signatures with it. It is bounded
// and safe for concurrent use; the zero value is empty.
type privateKeys struct {
	mu    sync.RWMutex
	known map[keyText]*oauth1.Key
}

// keyText is all that a private key is made of: the PEM text stands in the private key, or else in the consumer secret.
type keyText struct{ method, private, consumer string }

// maxKeys is the number of keys that a runner keeps.
const maxKeys = 512

// prepare returns the key of p, prepared earlier if it is a private one that was. Shared secrets are prepared anew:
// that is cheap, and a secret that was rotated is never met again.
func (k *privateKeys) prepare(p *oauth1.Params, methods oauth1.Registry) (*oauth1.Key, error) {
	switch p.SignatureMethod {
	case oauth1.RSASHA1, oauth1.RSASHA256, oauth1.RSASHA512:
	default:
		return oauth1.PrepareKey(p, methods)
	}
	text := keyText{p.SignatureMethod, p.PrivateKey, p.ConsumerSecret}
	k.mu.RLock()
	key := k.known[text]
	k.mu.RUnlock()
	if key != nil {
		return key, nil
	}
	key, err := oauth1.PrepareKey(p, methods)
	if err != nil {
		return nil, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.known == nil {
		k.known = make(map[keyText]*oauth1.Key)
	}
	for old := range k.known { // any of them: the order of a map is random
		if len(k.known) < maxKeys {
			break
		}
		delete(k.known, old)
	}
	k.known[text] = key
	return key, nil
}
