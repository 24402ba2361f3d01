package scan

import (
	"fmt"
	"math/big"
	"slices"

	"github.com/btcsuite/btcd/chainhash/v2"
)

// Check checks what a block of a stranger can prove of itself: that its hash has the work that its
// header claims, and that its transactions are those of its merkle root. That the claimed work is
// right is for whoever follows the headers.
func Check(raw []byte) error {
	if len(raw) < HeaderLen {
		return fmt.Errorf("%w: %d bytes are too few for a header", ErrBadBlock, len(raw))
	}
	if err := checkWork(raw[:HeaderLen]); err != nil {
		return err
	}
	root, err := merkleRootOf(raw)
	if err != nil {
		return err
	}
	if want := chainhash.Hash(raw[36:68]); root != want {
		return fmt.Errorf("%w: merkle root is %s, its header says %s", ErrBadBlock, root, want)
	}
	return nil
}

// checkWork compares the hash of a header with its target.
//
//	bits = exponent (1 byte) mantissa (3 bytes, its top bit a sign)
//	target = mantissa * 256^(exponent-3)
func checkWork(header []byte) error {
	bits := uint32(header[72]) | uint32(header[73])<<8 | uint32(header[74])<<16 | uint32(header[75])<<24
	mantissa, exponent := bits&0x7fffff, bits>>24
	if mantissa == 0 || bits&0x800000 != 0 || exponent > 34 {
		return fmt.Errorf("%w: claimed difficulty %08x makes no sense", ErrBadBlock, bits)
	}
	target := new(big.Int).SetUint64(uint64(mantissa))
	if exponent >= 3 {
		target.Lsh(target, uint(8*(exponent-3)))
	} else {
		target.Rsh(target, uint(8*(3-exponent)))
	}
	hash := chainhash.DoubleHashB(header)
	slices.Reverse(hash)
	if new(big.Int).SetBytes(hash).Cmp(target) > 0 {
		return fmt.Errorf("%w: no proof of work", ErrBadBlock)
	}
	return nil
}

// merkleRootOf is the merkle root of a block's transactions. A row whose last two elements are
// equal where they should not be is refused: such a block has the root of another one.
func merkleRootOf(raw []byte) (chainhash.Hash, error) {
	pos, count, ok := varint(raw, HeaderLen)
	if !ok || count == 0 || count > uint64(len(raw)) {
		return chainhash.Hash{}, fmt.Errorf("%w: no transactions", ErrBadBlock)
	}
	row := make([]chainhash.Hash, 0, min(count, 1<<16))
	var stripped []byte
	for i := range count {
		end, _ := scanTx(raw, pos, [2]byte{})
		if end < 0 {
			return chainhash.Hash{}, fmt.Errorf("%w: transaction %d is cut short", ErrBadBlock, i)
		}
		stripped = stripWitness(stripped[:0], raw[pos:end])
		row = append(row, chainhash.DoubleHashH(stripped))
		pos = end
	}
	for len(row) > 1 {
		if n := len(row); n%2 == 0 && row[n-1] == row[n-2] {
			return chainhash.Hash{}, fmt.Errorf("%w: a transaction stands twice", ErrBadBlock)
		}
		next := row[:0:len(row)]
		for i := 0; i < len(row); i += 2 {
			var pair [2 * chainhash.HashSize]byte
			copy(pair[:], row[i][:])
			copy(pair[chainhash.HashSize:], row[min(i+1, len(row)-1)][:])
			next = append(next, chainhash.DoubleHashH(pair[:]))
		}
		row = next
	}
	return row[0], nil
}

// stripWitness appends a transaction that scanTx found well-formed without marker, flag and
// witness.
func stripWitness(dst, tx []byte) []byte {
	if !(tx[4] == 0 && tx[5] == 1) {
		return append(dst, tx...)
	}
	pos, ins, _ := varint(tx, 6)
	for range ins {
		next, n, _ := varint(tx, pos+36)
		pos = next + int(n) + 4
	}
	pos, outs, _ := varint(tx, pos)
	for range outs {
		next, n, _ := varint(tx, pos+8)
		pos = next + int(n)
	}
	dst = append(dst, tx[:4]...)
	dst = append(dst, tx[6:pos]...)
	return append(dst, tx[len(tx)-4:]...)
}
