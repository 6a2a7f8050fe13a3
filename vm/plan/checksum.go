package plan

import (
	"encoding/binary"
	"hash/crc32"
	"sync"
)

// A process that runs one expression must not pay for tables that only large files repay. The tables of package hash/crc32,
// which prepare it for the processor's own instruction, take longer to build than a usual plan takes to read. Smaller
// sections are summed with eight tables of plain CRC-32C instead, built at first use in a fortieth of that time.

// largeSection is the number of bytes from which on package hash/crc32 repays its tables.
const largeSection = 64 << 10

// slices8 are the tables of the algorithm that takes eight bytes at a time; slices8[k][b] is the checksum of the byte b
// followed by k zero bytes.
var (
	slices8    [8][256]uint32
	slicesOnce sync.Once
)

func buildSlices() {
	for b := range slices8[0] {
		sum := uint32(b)
		for range 8 {
			sum = sum>>1 ^ crc32.Castagnoli&-(sum&1)
		}
		slices8[0][b] = sum
	}
	for k := 1; k < len(slices8); k++ {
		for b, sum := range slices8[k-1] {
			slices8[k][b] = sum>>8 ^ slices8[0][byte(sum)]
		}
	}
}

// checksum returns the CRC-32C of data (RFC 3720 §12.1, appendix B.4).
func checksum(data []byte) uint32 {
	if len(data) >= largeSection {
		return crc32.Checksum(data, crc32.MakeTable(crc32.Castagnoli))
	}
	return slicedChecksum(data)
}

// slicedChecksum is checksum by the tables of this file.
func slicedChecksum(data []byte) uint32 {
	slicesOnce.Do(buildSlices)
	t, sum := &slices8, ^uint32(0)
	for len(data) >= 8 {
		low := binary.LittleEndian.Uint32(data) ^ sum
		high := binary.LittleEndian.Uint32(data[4:])
		sum = t[7][byte(low)] ^ t[6][byte(low>>8)] ^ t[5][byte(low>>16)] ^ t[4][low>>24] ^
			t[3][byte(high)] ^ t[2][byte(high>>8)] ^ t[1][byte(high>>16)] ^ t[0][high>>24]
		data = data[8:]
	}
	for _, b := range data {
		sum = t[0][byte(sum)^b] ^ sum>>8
	}
	return ^sum
}
