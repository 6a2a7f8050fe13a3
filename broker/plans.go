package broker

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/imlc-lang/imlc/broker/store"
	"github.com/imlc-lang/imlc/vm/plan"
)

// signingKey is a key by which plans of a space are signed. Each space has keys of its own, so that a host which trusts
// them runs plans of nobody else.
type signingKey struct {
	ID      string    `json:"id" doc:"The beginning of the SHA-256 of the public key"`
	Created time.Time `json:"created"`
	// Current says that plans are signed by it unless another one is asked for.
	Current   bool   `json:"current"`
	PublicKey string `json:"publicKey" doc:"The ed25519 key in PEM (PKIX), as imlc run --trust reads it, for vm.Host.TrustedKeys"`
}

// signers are the signing keys of a space, the current one first, and their seeds by id, which are sealed.
type signers struct {
	Keys  []signingKey
	seeds map[string][]byte
	at    store.Record
}

// signersID is the one record of its kind in a space: what changes the keys at the same time finds out.
const signersID = "plans"

// signers reads the signing keys of a space; there are none before somebody asks for one.
func (b *Broker) signers(ctx context.Context, space string) (*signers, error) {
	s := &signers{at: store.Record{Space: space, Kind: kindSigners, ID: signersID}, seeds: map[string][]byte{}}
	r, err := b.get(ctx, space, kindSigners, signersID, s)
	if problemOf(err).Status == 404 {
		return s, nil
	}
	if err != nil {
		return nil, err
	}
	s.at = r
	text, err := b.open(ctx, r)
	if err == nil && json.Unmarshal(text, &s.seeds) != nil {
		err = errors.New("they do not parse") // not the error of package json, which can repeat them
	}
	if err != nil {
		return nil, fmt.Errorf("the signing keys of %s: %w", space, err)
	}
	return s, nil
}

// keep writes the signing keys of a space.
func (b *Broker) keepSigners(ctx context.Context, s *signers, action, id string) error {
	for i := range s.Keys {
		s.Keys[i].Current = i == 0
	}
	next := record(s.at.Space, kindSigners, signersID, s)
	next.Revision = s.at.Revision
	if err := b.seal(ctx, &next, marshal(s.seeds)); err != nil {
		return err
	}
	_, err := b.apply(ctx, put(next), b.audit(ctx, s.at.Space, action, id))
	return err
}

// maxSigners bounds the signing keys of a space.
const maxSigners = 10

// addSigner makes a new key the current one. The others sign what is asked of them by name until they are retired, so that
// hosts learn the new one first.
func (b *Broker) addSigner(ctx context.Context, s *signers) error {
	if len(s.Keys) == maxSigners {
		return conflict(fmt.Sprintf("there are %d signing keys; retire one first", maxSigners))
	}
	seed := make([]byte, ed25519.SeedSize)
	if _, err := io.ReadFull(b.host.Entropy, seed); err != nil {
		return fmt.Errorf("entropy: %w", err)
	}
	public := ed25519.NewKeyFromSeed(seed).Public()
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(public.(ed25519.PublicKey))
	k := signingKey{ID: hex.EncodeToString(sum[:8]), Created: b.now(), PublicKey: string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))}
	s.Keys, s.seeds[k.ID] = append([]signingKey{k}, s.Keys...), seed
	return b.keepSigners(ctx, s, "signing-key.create", k.ID)
}

// signingKeys returns the keys of a space, of which it makes the first.
func (b *Broker) signingKeys(ctx context.Context, space string) (*signers, error) {
	s, err := b.signers(ctx, space)
	if err != nil || len(s.Keys) > 0 {
		return s, err
	}
	if err := b.addSigner(ctx, s); problemOf(err).Code == "conflict" {
		return b.signers(ctx, space) // another one was faster
	} else if err != nil {
		return nil, err
	}
	return s, nil
}

// rotateSigner makes a new signing key of a space.
func (b *Broker) rotateSigner(ctx context.Context, space string) (signingKey, error) {
	s, err := b.signers(ctx, space)
	if err == nil {
		err = b.addSigner(ctx, s)
	}
	if err != nil {
		return signingKey{}, err
	}
	return s.Keys[0], nil
}

// retireSigner forgets a signing key that is not the current one.
func (b *Broker) retireSigner(ctx context.Context, space, id string) error {
	s, err := b.signers(ctx, space)
	if err != nil {
		return err
	}
	switch i := slices.IndexFunc(s.Keys, func(k signingKey) bool { return k.ID == id }); i {
	case -1:
		return notFound("signing key", id)
	case 0:
		return conflict("plans are signed by this key; make a new one first")
	default:
		s.Keys = slices.Delete(s.Keys, i, i+1)
	}
	delete(s.seeds, id)
	return b.keepSigners(ctx, s, "signing-key.retire", id)
}

// planFile is a compiled plan as it is handed out.
type planFile struct {
	data []byte
	// plan is the hash of the plan, version the version of the spec that has it.
	plan    string
	version int
}

// tag is the SHA-256 of the file, which is the hash of the plan when it has nothing but the plan in it.
func (f planFile) tag() string {
	sum := sha256.Sum256(f.data)
	return hex.EncodeToString(sum[:])
}

// signedNow asks for a signature by the current key.
const signedNow = "current"

// planFile returns the plan of a version of a spec, 0 for the current one: alone, or with its source and positions, and
// signed by the key with an id, signedNow for the current one, "" for none.
func (b *Broker) planFile(ctx context.Context, space, name string, version int, source bool, sign string) (planFile, error) {
	var out planFile
	if out.version = version; version == 0 {
		var s Spec
		if _, err := b.get(ctx, space, kindSpec, name, &s); err != nil {
			return out, err
		}
		out.version = s.Version
	}
	v, err := b.version(ctx, space, name, out.version)
	if err != nil {
		return out, err
	}
	p, err := b.plan(ctx, v.Plan)
	if err != nil {
		return out, err
	}
	options := plan.EncodeOptions{StripLines: !source, StripSource: !source}
	if sign != "" {
		s, err := b.signingKeys(ctx, space)
		if err != nil {
			return out, err
		}
		if sign == signedNow {
			sign = s.Keys[0].ID
		}
		seed, ok := s.seeds[sign]
		if !ok {
			return out, notFound("signing key", sign)
		}
		options.Sign = ed25519.NewKeyFromSeed(seed)
	}
	sum, err := plan.Hash(p)
	if err != nil {
		return out, err
	}
	out.plan = hex.EncodeToString(sum[:])
	out.data, err = plan.Encode(p, options)
	return out, err
}
