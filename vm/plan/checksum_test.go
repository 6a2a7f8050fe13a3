package plan

import (
	"hash/crc32"
	"math/rand/v2"
	"testing"
)

// TestChecksum holds the checksum of this package equal to that of the standard library, and both to the published
// check values (RFC 3720, appendix B.4).
func TestChecksum(t *testing.T) {
	zeros, ones := make([]byte, 32), make([]byte, 32)
	for i := range ones {
		ones[i] = 0xFF
	}
	for _, test := range []struct {
		data []byte
		want uint32
	}{{nil, 0}, {[]byte("123456789"), 0xE3069283}, {zeros, 0x8A9136AA}, {ones, 0x62A8AB43}} {
		for _, sum := range []func([]byte) uint32{checksum, slicedChecksum} {
			if got := sum(test.data); got != test.want {
				t.Errorf("checksum(%x) = %#x, want %#x", test.data, got, test.want)
			}
		}
	}
	random := rand.New(rand.NewPCG(1, 2))
	data := make([]byte, manyBytes+100)
	for i := range data {
		data[i] = byte(random.Uint32())
	}
	table := crc32.MakeTable(crc32.Castagnoli)
	for n := range 300 {
		at := random.IntN(100)
		if got, want := slicedChecksum(data[at:at+n]), crc32.Checksum(data[at:at+n], table); got != want {
			t.Fatalf("%d bytes: %#x, want %#x", n, got, want)
		}
	}
	for n := manyBytes - 2; n < len(data); n += 7 {
		if got, want := slicedChecksum(data[:n]), checksum(data[:n]); got != want {
			t.Fatalf("%d bytes: %#x in slices, %#x by checksum", n, got, want)
		}
	}
}

func BenchmarkChecksum(b *testing.B) {
	data := make([]byte, 4<<10)
	for name, sum := range map[string]func([]byte) uint32{"first": slicedChecksum, "later": checksum} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			for b.Loop() {
				sum(data)
			}
		})
	}
}
