package cli

import (
	"bytes"
	"net/http"
	"time"

	"github.com/imlc-lang/imlc/broker/envelope"
	"github.com/imlc-lang/imlc/broker/envelope/kms"
)

// openKMS opens the service that keeps the keys, if there is one.
func (f storeFlags) openKMS(c *command, o *opened) (err error) {
	if f.KMS == "" {
		return nil
	}
	o.kms, err = kms.Open(c.Context, f.KMS, kms.Options{Env: c.Env, ReadFile: c.readInput, Entropy: c.Entropy, HTTP: &http.Client{Timeout: 30 * time.Second}})
	if err != nil {
		return usagef("--kms: %v", err)
	}
	return nil
}

// encode writes the ring as its file holds it.
func (o *opened) encode(c *command, ring *envelope.Ring) ([]byte, error) {
	if o.kms == nil {
		return ring.Encode(), nil
	}
	return ring.EncodeGuarded(c.Context, o.kms)
}

// makeKeys makes the file of the keys, with one key.
func (f storeFlags) makeKeys(c *command, o *opened) error {
	ring, err := envelope.NewRing(c.Entropy, c.Now())
	if err != nil {
		return err
	}
	data, err := o.encode(c, ring)
	if err != nil {
		return err
	}
	return c.Files.CreatePrivate(o.keys, data)
}

// readKeys reads the file of the keys. One that is readable is handed over to the service when there is one now; what was
// sealed under its keys stays as it is.
func (f storeFlags) readKeys(c *command, o *opened, data []byte, create bool) (err error) {
	service, guarded := envelope.Guarded(data)
	if guarded && o.kms == nil {
		return usagef("%s: its keys are kept by %s; name it with --kms", o.keys, service)
	}
	if o.ring, err = o.parse(c, data); err != nil {
		return usagef("%s: %v", o.keys, err)
	}
	if guarded || o.kms == nil || !create {
		return nil
	}
	if data, err = o.encode(c, o.ring); err != nil {
		return err
	}
	return c.Files.WritePrivate(o.keys, data)
}

// parse reads the file of the keys.
func (o *opened) parse(c *command, data []byte) (*envelope.Ring, error) {
	if _, guarded := envelope.Guarded(data); guarded && o.kms != nil {
		return envelope.ParseGuarded(c.Context, data, o.kms, c.Entropy)
	}
	return envelope.ParseRing(data, c.Entropy)
}

// follow has the ring look into its file when it meets a key that it does not have. A service that keeps the keys is asked
// when the file has changed.
func (o *opened) follow(c *command, read []byte) {
	last := o.ring
	o.ring.Follow(func() (*envelope.Ring, error) {
		data, err := c.readInput(o.keys)
		if err != nil || bytes.Equal(data, read) {
			return last, err
		}
		next, err := o.parse(c, data)
		if err == nil {
			last, read = next, bytes.Clone(data)
		}
		return next, err
	})
}

// rotate makes a new key the current one. The file has it before it is used; a file that cannot be written, or a service
// that is away, leaves everything as it was.
func (o *opened) rotate(c *command) error {
	return o.ring.AddKept(c.Now(), func(next *envelope.Ring) error {
		data, err := o.encode(c, next)
		if err != nil {
			return err
		}
		return c.Files.WritePrivate(o.keys, data)
	})
}
