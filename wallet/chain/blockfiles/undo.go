package blockfiles

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/btcsuite/btcd/btcec/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"
)

// An undo file has a record for every block of the block file with the same number that the node
// has connected, in any order:
//
//	record   = magic (4) size (4) undo checksum (32)
//	undo     = compact *tx             one per transaction but the coinbase
//	tx       = compact *output         one per input
//	output   = varint (2*height + coinbase) [varint, when height > 0] varint (amount) script
//	script   = varint (0: p2pkh, 1: p2sh) hash (20)
//	         / varint (2, 3: p2pk; 4, 5: p2pk uncompressed) x coordinate (32)
//	         / varint (length + 6) *byte
//	checksum = sha256d(hash of the block before, undo)
//
// compact is Bitcoin's number of 1, 3, 5 or 9 bytes. varint has seven bits in each byte, most
// significant first, all but the last byte with the top bit set, and one is added for every byte
// that follows. Amounts are compressed, see expandAmount.

// undoRecord is the place of an undo record.
type undoRecord struct {
	offset int64
	size   int
	txs    uint64 // transactions in it
	used   bool   // it is known which block it belongs to
}

// SpentBy returns the outputs that the inputs of a block's transaction spend, in their order. The
// coinbase spends none.
func (f *Files) SpentBy(ctx context.Context, block chainhash.Hash, txIndex int) ([]*wire.TxOut, error) {
	if txIndex == 0 {
		return nil, nil
	}
	i, b, err := f.find(block)
	if err != nil {
		return nil, err
	}
	data, err := f.undoData(ctx, i, b)
	if err != nil {
		return nil, fmt.Errorf("block %s: %w", block, err)
	}
	outs, err := parseUndo(data, txIndex-1)
	if err != nil {
		return nil, fmt.Errorf("block %s: %w", block, &FileError{f.undoPath(int(b.file)), 0, err.Error()})
	}
	return outs, nil
}

// undoData returns the undo record of a block, checked against its checksum.
func (f *Files) undoData(ctx context.Context, i int32, b fileBlock) ([]byte, error) {
	path := f.undoPath(int(b.file))
	f.mu.Lock()
	defer f.mu.Unlock()
	if r, known := f.undo[i]; known {
		return f.readUndo(path, r, b.prev)
	}
	count, err := f.txCount(b)
	if err != nil {
		return nil, err
	}
	for fresh := range 2 { // the second time with what was appended meanwhile
		if fresh == 1 || f.undos[int(b.file)] == nil {
			if err := f.listUndo(ctx, int(b.file)); err != nil {
				return nil, err
			}
		}
		list := f.undos[int(b.file)]
		for n := range list {
			r := &list[n]
			if r.used || r.txs+1 != count {
				continue
			}
			data, err := f.readUndo(path, *r, b.prev)
			if errors.Is(err, errChecksum) {
				continue
			}
			if err != nil {
				return nil, err
			}
			r.used = true
			f.undo[i] = *r
			return data, nil
		}
	}
	return nil, fmt.Errorf("%s: %w", path, ErrNoSpentOutputs)
}

// txCount returns the number of transactions of a block.
func (f *Files) txCount(b fileBlock) (uint64, error) {
	n := min(int(b.size)-headerLen, 9)
	head, err := f.key.read(f.blockPath(int(b.file)), b.offset+headerLen, n)
	if err != nil {
		return 0, err
	}
	d := undoDecoder{b: head}
	count := d.compact()
	return count, d.err
}

// listUndo finds the records of an undo file. Those that are known stay as they are.
func (f *Files) listUndo(ctx context.Context, number int) error {
	list := f.undos[number]
	from := int64(0)
	if n := len(list); n > 0 {
		from = list[n-1].offset + int64(list[n-1].size) + chainhash.HashSize
	}
	err := scanRecords(ctx, f.undoPath(number), f.key, uint32(f.net.Net), from, chainhash.HashSize, func(r *recordReader) error {
		head, err := r.read(0, min(r.size, 9))
		if err != nil {
			return err
		}
		d := undoDecoder{b: head}
		list = append(list, undoRecord{offset: r.offset, size: r.size, txs: d.compact()})
		return nil
	})
	if err != nil {
		return err
	}
	f.undos[number] = list
	return nil
}

// errChecksum means that a record belongs to another block.
var errChecksum = errors.New("undo record of another block")

// readUndo returns a record's undo data if it belongs to the block that comes after prev.
func (f *Files) readUndo(path string, r undoRecord, prev chainhash.Hash) ([]byte, error) {
	raw, err := f.key.read(path, r.offset, r.size+chainhash.HashSize)
	if err != nil {
		return nil, err
	}
	data, sum := raw[:r.size], raw[r.size:]
	if got := chainhash.DoubleHashH(append(slices.Clone(prev[:]), data...)); got != chainhash.Hash(sum) {
		return nil, errChecksum
	}
	return data, nil
}

// parseUndo returns the outputs of one transaction of an undo record.
func parseUndo(data []byte, tx int) ([]*wire.TxOut, error) {
	d := undoDecoder{b: data}
	count := d.compact()
	if uint64(tx) >= count {
		return nil, fmt.Errorf("undo data of %d transactions, want number %d", count, tx)
	}
	var outs []*wire.TxOut
	for i := 0; i <= tx && d.err == nil; i++ {
		inputs := d.compact()
		outs = outs[:0]
		for j := uint64(0); j < inputs && d.err == nil; j++ {
			out := d.output()
			if i == tx {
				outs = append(outs, out)
			}
		}
	}
	if d.err != nil {
		return nil, d.err
	}
	return outs, nil
}

// undoDecoder takes undo data apart. After the first error every value is zero.
type undoDecoder struct {
	b   []byte
	err error
}

var errUndoShort = errors.New("undo data is cut short or malformed")

func (d *undoDecoder) take(n int) []byte {
	if d.err != nil || n > len(d.b) {
		d.err = errUndoShort
		return make([]byte, min(n, 64))
	}
	v := d.b[:n]
	d.b = d.b[n:]
	return v
}

func (d *undoDecoder) compact() uint64 {
	switch first := d.take(1)[0]; first {
	case 0xfd:
		return uint64(binary.LittleEndian.Uint16(d.take(2)))
	case 0xfe:
		return uint64(binary.LittleEndian.Uint32(d.take(4)))
	case 0xff:
		return binary.LittleEndian.Uint64(d.take(8))
	default:
		return uint64(first)
	}
}

func (d *undoDecoder) varint() uint64 {
	var n uint64
	for d.err == nil {
		c := d.take(1)[0]
		if n > (1<<64-1)>>7 {
			d.err = errUndoShort
			break
		}
		n = n<<7 | uint64(c&0x7f)
		if c&0x80 == 0 {
			return n
		}
		n++
	}
	return 0
}

func (d *undoDecoder) output() *wire.TxOut {
	if code := d.varint(); code/2 > 0 {
		d.varint() // version of the transaction, no longer used
	}
	amount := expandAmount(d.varint())
	return &wire.TxOut{Value: int64(amount), PkScript: d.script()}
}

// maxUndoScript is the longest output script that can be spent.
const maxUndoScript = 10_000

func (d *undoDecoder) script() []byte {
	const special = 6
	switch kind := d.varint(); kind {
	case 0:
		s := append([]byte{0x76, 0xa9, 0x14}, d.take(20)...)
		return append(s, 0x88, 0xac)
	case 1:
		s := append([]byte{0xa9, 0x14}, d.take(20)...)
		return append(s, 0x87)
	case 2, 3:
		s := append([]byte{33, byte(kind)}, d.take(32)...)
		return append(s, 0xac)
	case 4, 5:
		key, err := btcec.ParsePubKey(append([]byte{byte(kind - 2)}, d.take(32)...))
		if err != nil {
			d.err = errUndoShort
			return nil
		}
		s := append([]byte{65}, key.SerializeUncompressed()...)
		return append(s, 0xac)
	default:
		if kind-special > maxUndoScript {
			d.err = errUndoShort
			return nil
		}
		return slices.Clone(d.take(int(kind - special)))
	}
}

// expandAmount undoes the compression of an amount n: 0 is 0; else with e the zeros at the end of n
// in decimal, at most 9, and n = 10^e * m,
//
//	x = 1 + 10*(9*(m div 10) + m mod 10 - 1) + e     for e < 9
//	x = 1 + 10*(m - 1) + 9                           for e = 9
func expandAmount(x uint64) uint64 {
	if x == 0 {
		return 0
	}
	x--
	e := x % 10
	x /= 10
	n := x + 1
	if e < 9 {
		n = x/9*10 + x%9 + 1
	}
	for range e {
		n *= 10
	}
	return n
}
