package plan

import (
	"encoding/binary"
	"hash/crc32"
	"sync"
	"sync/atomic"
)

// A process that runs one expression must not pay for tables that only many bytes repay. The tables with which package
// hash/crc32 prepares for the processor's own instruction take longer to build than a usual plan takes to read. The
// first bytes that a process sums go through eight tables of plain CRC-32C instead, which are built in a fortieth of
// that time.

// manyBytes is the number of bytes, at once or over time, from which on package hash/crc32 repays its tables.
const manyBytes = 64 << 10

// summed counts the bytes that went through the tables of this file, up to manyBytes or a little more.
var summed atomic.Int64

// slices8 are the tables of the algorithm that takes eight bytes at a time; slices8[k][b] is the checksum of the byte b
// followed by k zero bytes.
var (
	slices8     [8][256]uint32
	slices8Once sync.Once
)

func buildSlices8() {
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
	if len(data) >= manyBytes || summed.Load() >= manyBytes {
		return crc32.Checksum(data, crc32.MakeTable(crc32.Castagnoli))
	}
	summed.Add(int64(len(data)))
	return slicedChecksum(data)
}

// slicedChecksum is checksum by the tables of this file.
func slicedChecksum(data []byte) uint32 {
	slices8Once.Do(buildSlices8)
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
