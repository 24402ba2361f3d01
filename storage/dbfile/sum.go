package dbfile

import (
	"fmt"
	"hash/crc32"
	"io"
	"os"
)

// Sum says which state of a file its bytes are. Two files of one history with the same transaction
// have the same bytes.
type Sum struct {
	Transaction uint64 // the last one
	Size        int64
	CRC         uint32 // CRC-32C of all bytes; against bits that change, not against people
}

// SumOf reads a file that nobody writes to.
func SumOf(path string) (Sum, error) {
	f, err := os.Open(path)
	if err != nil {
		return Sum{}, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return Sum{}, err
	}
	w := &walker{in: f, size: info.Size()}
	if err := w.readHeaders(); err != nil {
		return Sum{}, fmt.Errorf("%s: %w", path, err)
	}
	crc := crc32.New(crc32.MakeTable(crc32.Castagnoli))
	n, err := io.Copy(crc, f)
	return Sum{Transaction: w.head.transact, Size: n, CRC: crc.Sum32()}, err
}
