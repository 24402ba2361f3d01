package blockfiles

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/big"
	"math/bits"
	"os"
	"slices"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"
)

// A block file is a sequence of records, then padding:
//
//	file    = *record *0x00
//	record  = magic (4, the network's) size (4, little-endian) block
//
// Byte i of a file is XORed with byte i mod 8 of the key in xor.dat, the padding is not.

const (
	recordHeader = 8
	xorKeyLen    = 8
	maxBlockSize = 4_000_000
	headerLen    = wire.MaxBlockHeaderPayload
)

// xorKey is the key that a node's files are obfuscated with; zero: none.
type xorKey [xorKeyLen]byte

// readXorKey reads xor.dat; older nodes have none.
func readXorKey(path string) (xorKey, error) {
	b, err := os.ReadFile(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return xorKey{}, nil
	case err != nil:
		return xorKey{}, fmt.Errorf("block files: %w", err)
	case len(b) != xorKeyLen:
		return xorKey{}, fmt.Errorf("block files: %w", &FileError{path, 0,
			fmt.Sprintf("the key has %d bytes, want %d", len(b), xorKeyLen)})
	}
	return xorKey(b), nil
}

// decode undoes the obfuscation of bytes that stand at an offset of a file.
func (k xorKey) decode(b []byte, offset int64) {
	if k == (xorKey{}) {
		return
	}
	var turned xorKey
	for i := range turned {
		turned[i] = k[(offset+int64(i))%xorKeyLen]
	}
	word := binary.LittleEndian.Uint64(turned[:])
	for ; len(b) >= xorKeyLen; b = b[xorKeyLen:] {
		binary.LittleEndian.PutUint64(b, binary.LittleEndian.Uint64(b)^word)
	}
	for i := range b {
		b[i] ^= turned[i]
	}
}

// read returns size bytes of a file.
func (k xorKey) read(path string, offset int64, size int) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	b := make([]byte, size)
	if _, err := file.ReadAt(b, offset); errors.Is(err, io.EOF) {
		return nil, &FileError{path, offset, fmt.Sprintf("the file is cut short, %d bytes should follow", size)}
	} else if err != nil {
		return nil, err
	}
	k.decode(b, offset)
	return b, nil
}

// scan reads the headers of the blocks from where the last scan of a file ended.
func (f *Files) scan(ctx context.Context, bf *blockFile) error {
	path := f.blockPath(bf.number)
	return scanRecords(ctx, path, f.key, uint32(f.net.Net), bf.done, 0, func(r *recordReader) error {
		if r.size < headerLen || r.size > maxBlockSize {
			return r.fail(fmt.Sprintf("a block of %d bytes", r.size))
		}
		header, err := r.read(0, headerLen)
		if err != nil {
			return err
		}
		if bytes.Equal(header, make([]byte, headerLen)) || slices.Equal(r.raw, make([]byte, headerLen)) {
			return errEndOfRecords // the node has made room and not written the block yet
		}
		b := fileBlock{
			hash: chainhash.DoubleHashH(header), prev: chainhash.Hash(header[4:36]),
			bits: binary.LittleEndian.Uint32(header[72:]), file: int32(bf.number), size: uint32(r.size), offset: r.offset,
		}
		work, ok := proofOfWork(header, b.hash)
		if !ok {
			return r.fail("a block without proof of work")
		}
		f.add(b, work)
		bf.done = r.offset + int64(r.size)
		return nil
	})
}

// errEndOfRecords ends a scan.
var errEndOfRecords = errors.New("end of records")

// recordReader is a record of a file.
type recordReader struct {
	file   *os.File
	path   string
	key    xorKey
	offset int64 // of what follows the record's header
	size   int
	raw    []byte // what was read last, as it stands in the file
}

func (r *recordReader) fail(reason string) error { return &FileError{r.path, r.offset, reason} }

// read returns bytes of the record.
func (r *recordReader) read(from, n int) ([]byte, error) {
	b := make([]byte, n)
	if _, err := r.file.ReadAt(b, r.offset+int64(from)); err != nil {
		return nil, err
	}
	r.raw = slices.Clone(b)
	r.key.decode(b, r.offset+int64(from))
	return b, nil
}

// scanRecords calls visit with the records of a file from an offset on. Each is followed by trailer
// bytes.
func scanRecords(ctx context.Context, path string, key xorKey, magic uint32, from int64, trailer int, visit func(*recordReader) error) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	for at := from; at < info.Size(); {
		if err := ctx.Err(); err != nil {
			return err
		}
		raw := make([]byte, recordHeader)
		n, err := file.ReadAt(raw, at)
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		raw = raw[:n]
		decoded := slices.Clone(raw)
		key.decode(decoded, at)
		if isPadding(raw) || isPadding(decoded) {
			return nil
		}
		r := &recordReader{file: file, path: path, key: key, offset: at + recordHeader}
		if n < recordHeader {
			return r.fail("the file is cut short")
		}
		if got := binary.LittleEndian.Uint32(decoded); got != magic {
			return r.fail(fmt.Sprintf("a record begins with %08x, want %08x: another network, or another xor.dat", got, magic))
		}
		size := binary.LittleEndian.Uint32(decoded[4:])
		end := r.offset + int64(size) + int64(trailer)
		if end > info.Size() {
			return r.fail(fmt.Sprintf("the file is cut short, %d bytes should follow: copy it again", size))
		}
		r.size = int(size)
		if err := visit(r); errors.Is(err, errEndOfRecords) {
			return nil
		} else if err != nil {
			return err
		}
		at = end
	}
	return nil
}

func isPadding(b []byte) bool {
	for _, c := range b {
		if c != 0 {
			return false
		}
	}
	return true
}

// uint256 is a sum of work, most significant word first.
type uint256 [4]uint64

func (a uint256) add(b uint256) (sum uint256) {
	var carry uint64
	for i := len(a) - 1; i >= 0; i-- {
		sum[i], carry = bits.Add64(a[i], b[i], carry)
	}
	return sum
}

func (a uint256) less(b uint256) bool { return slices.Compare(a[:], b[:]) < 0 }

// proofOfWork returns the work that a header's bits stand for, and whether its hash has it.
func proofOfWork(header []byte, hash chainhash.Hash) (uint256, bool) {
	compact := binary.LittleEndian.Uint32(header[72:])
	target, ok := targetOf(compact)
	slices.Reverse(hash[:])
	if !ok || new(big.Int).SetBytes(hash[:]).Cmp(target) > 0 {
		return uint256{}, false
	}
	return workOf(compact)
}

// targetOf is the number that a hash must not be above.
//
//	bits   = exponent (1 byte) mantissa (3 bytes, its top bit a sign)
//	target = mantissa * 256^(exponent-3)
func targetOf(compact uint32) (*big.Int, bool) {
	mantissa, exponent := compact&0x7fffff, compact>>24
	if mantissa == 0 || compact&0x800000 != 0 || exponent > 34 {
		return nil, false
	}
	target := new(big.Int).SetUint64(uint64(mantissa))
	if exponent >= 3 {
		target.Lsh(target, uint(8*(exponent-3)))
	} else {
		target.Rsh(target, uint(8*(3-exponent)))
	}
	return target, true
}

// workOf is the work that a block with such bits stands for, 2^256/(target+1).
func workOf(compact uint32) (uint256, bool) {
	target, ok := targetOf(compact)
	if !ok {
		return uint256{}, false
	}
	work := new(big.Int).Lsh(big.NewInt(1), 256)
	work.Div(work, target.Add(target, big.NewInt(1)))
	var buf [33]byte
	work.FillBytes(buf[:])
	var w uint256
	for i := range w {
		w[i] = binary.BigEndian.Uint64(buf[1+8*i:])
	}
	return w, true
}
