package builtin

import (
	"encoding/binary"
	"encoding/hex"
	"io"
)

// errNoEntropy is the failure of a function that needs random bytes.
func errNoEntropy(err error) error {
	return &Error{Code: "IML405", Message: "the host's entropy source gave no random bytes", Err: err}
}

func random64(entropy io.Reader) (uint64, error) {
	if entropy == nil {
		return 0, errNoEntropy(nil)
	}
	var b [8]byte
	if _, err := io.ReadFull(entropy, b[:]); err != nil {
		return 0, errNoEntropy(err)
	}
	return binary.LittleEndian.Uint64(b[:]), nil
}

// Random returns a number in [0, 1) with 53 random bits from entropy.
func Random(entropy io.Reader) (float64, error) {
	n, err := random64(entropy)
	return float64(n>>11) / (1 << 53), err
}

// RandomBelow returns a uniformly distributed number in [0, n); n must be positive.
func RandomBelow(entropy io.Reader, n uint64) (uint64, error) {
	for {
		r, err := random64(entropy)
		if err != nil {
			return 0, err
		}
		// The values above the largest multiple of n would make small results more likely.
		if limit := ^uint64(0) - (^uint64(0)%n+1)%n; r <= limit {
			return r % n, nil
		}
	}
}

// UUID returns a random identifier in text form (RFC 4122 version 4).
func UUID(entropy io.Reader) (string, error) {
	if entropy == nil {
		return "", errNoEntropy(nil)
	}
	var b [16]byte
	if _, err := io.ReadFull(entropy, b[:]); err != nil {
		return "", errNoEntropy(err)
	}
	b[6] = b[6]&0x0F | 0x40
	b[8] = b[8]&0x3F | 0x80
	var out [36]byte
	hex.Encode(out[0:8], b[0:4])
	hex.Encode(out[9:13], b[4:6])
	hex.Encode(out[14:18], b[6:8])
	hex.Encode(out[19:23], b[8:10])
	hex.Encode(out[24:36], b[10:16])
	out[8], out[13], out[18], out[23] = '-', '-', '-', '-'
	return string(out[:]), nil
}
