package store

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
)

// sumLen is the length of the checksum at the end of every stored value.
//
//	stored value = value, CRC-32C of (bucket number, length of the key (2), key, value) (4)
//
// It is for bits that change on the disk. Who can write the file can write checksums too: what
// money follows is computed again from transactions.
const sumLen = 4

var sumTable = crc32.MakeTable(crc32.Castagnoli)

// rowSum is the checksum of a row.
func rowSum(b bucket, key, value []byte) uint32 {
	head := [3]byte{byte(b), byte(len(key) >> 8), byte(len(key))}
	sum := crc32.Update(0, sumTable, head[:])
	return crc32.Update(crc32.Update(sum, sumTable, key), sumTable, value)
}

// summed reports whether a row has a checksum. The version has none: it says whether there are any.
func summed(b bucket, key []byte) bool { return b != bMeta || !bytes.Equal(key, keyVersion) }

// withSum is a value as it is stored.
func withSum(b bucket, key, value []byte) []byte {
	if !summed(b, key) {
		return value
	}
	out := make([]byte, len(value), len(value)+sumLen)
	copy(out, value)
	return binary.BigEndian.AppendUint32(out, rowSum(b, key, value))
}

// checkedRow is the value of a stored row whose checksum is right.
func checkedRow(b bucket, key, value []byte) ([]byte, error) {
	if !summed(b, key) {
		return value, nil
	}
	n := len(value) - sumLen
	if n < 0 || binary.BigEndian.Uint32(value[n:]) != rowSum(b, key, value[:n]) {
		return nil, fmt.Errorf("%w: bucket %s: the row of %.80q has changed", ErrCorrupt, bucketNames[b], key)
	}
	return value[:n:n], nil
}
