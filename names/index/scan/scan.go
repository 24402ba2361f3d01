package scan

import (
	"encoding/binary"
	"fmt"

	"blockstack/names/nameop"
)

// candidate is a transaction of a raw block whose outputs may carry an operation.
type candidate struct {
	index      int // position in the block
	start, end int // its bytes in the block
}

// HeaderLen is the length of a block's header.
const HeaderLen = 80

// scanBlock walks over a block without copying anything and appends the transactions that may carry
// an operation: those with an OP_RETURN output whose first push begins with the magic bytes and a
// known opcode. Which output decides is left to nameop.FindPayload, so a candidate may turn out to
// hold nothing, but nothing else holds an operation.
//
//	block   = header (80) varint *tx
//	tx      = version (4) [0x00 0x01] ins outs [witness] locktime (4)  ; marker and flag: with witness
//	ins     = varint *(outpoint (36) script sequence (4))
//	outs    = varint *(value (8) script)
//	script  = varint *byte
//	witness = *(varint *script)                                         ; one list per input
func scanBlock(raw []byte, magic [2]byte, found []candidate) ([]candidate, error) {
	pos, count, ok := varint(raw, HeaderLen)
	if !ok {
		return found, fmt.Errorf("%w: %d bytes are too few for a header", ErrBadBlock, len(raw))
	}
	for i := uint64(0); i < count; i++ {
		end, hit := scanTx(raw, pos, magic)
		if end < 0 {
			return found, fmt.Errorf("%w: transaction %d of %d is cut short or malformed", ErrBadBlock, i, count)
		}
		if hit {
			found = append(found, candidate{index: int(i), start: pos, end: end})
		}
		pos = end
	}
	if pos != len(raw) {
		return found, fmt.Errorf("%w: %d bytes after the last transaction", ErrBadBlock, len(raw)-pos)
	}
	return found, nil
}

// scanTx gives the end of the transaction that begins at pos, -1 when it does not fit, and whether
// it is a candidate.
//
// It is the innermost loop of reading the chain: lengths of one byte, which nearly all are, are
// read in place. A length of one byte cannot move pos further past the end than the next check
// sees.
func scanTx(raw []byte, pos int, magic [2]byte) (end int, hit bool) {
	pos += 4
	witness := pos+1 < len(raw) && raw[pos] == 0 && raw[pos+1] == 1
	if witness {
		pos += 2
	}
	pos, ins, ok := varint(raw, pos)
	if !ok {
		return -1, false
	}
	for range ins {
		if pos += 36; pos >= len(raw) {
			return -1, false
		}
		if n := int(raw[pos]); n < 0xfd {
			pos += n + 5
		} else if pos = skipLong(raw, pos); pos < 0 {
			return -1, false
		} else {
			pos += 4
		}
	}
	pos, outs, ok := varint(raw, pos)
	if !ok {
		return -1, false
	}
	for range outs {
		if pos += 8; pos >= len(raw) {
			return -1, false
		}
		begin, n := pos+1, int(raw[pos])
		if pos += n + 1; n >= 0xfd {
			var size uint64
			if begin, size, ok = varint(raw, begin-1); !ok || size > uint64(len(raw)-begin) {
				return -1, false
			}
			pos = begin + int(size)
		}
		if n >= 5 && pos <= len(raw) && raw[begin] == opReturn && mayCarry(raw[begin:pos], magic) {
			hit = true
		}
	}
	if witness {
		if pos = skipWitness(raw, pos, ins); pos < 0 {
			return -1, false
		}
	}
	if pos += 4; pos > len(raw) {
		return -1, false
	}
	return pos, hit
}

// IsTx reports whether the bytes are one whole transaction.
func IsTx(raw []byte) bool {
	end, _ := scanTx(raw, 0, [2]byte{})
	return end == len(raw)
}

// skipWitness gives the end of the witness of ins inputs that begins at pos, -1 when it does not
// fit.
func skipWitness(raw []byte, pos int, ins uint64) int {
	for range ins {
		var items uint64
		var ok bool
		if pos, items, ok = varint(raw, pos); !ok {
			return -1
		}
		for range items {
			if pos >= len(raw) {
				return -1
			}
			if n := int(raw[pos]); n < 0xfd {
				pos += n + 1
			} else if pos = skipLong(raw, pos); pos < 0 {
				return -1
			}
		}
	}
	return pos
}

// skipLong gives the end of a script or witness item whose length takes more than one byte, -1 when
// it does not fit.
func skipLong(raw []byte, pos int) int {
	next, n, ok := varint(raw, pos)
	if !ok || n > uint64(len(raw)-next) {
		return -1
	}
	return next + int(n)
}

// Opcodes of Bitcoin scripts that the scan looks at.
const (
	opReturn    = 0x6a
	opPushData1 = 0x4c
	opPushData2 = 0x4d
	opPushData4 = 0x4e
)

// mayCarry reports whether the first push of an OP_RETURN script begins with the magic bytes and a
// known opcode.
func mayCarry(script []byte, magic [2]byte) bool {
	data := script[2:]
	switch op := script[1]; {
	case op < opPushData1:
	case op == opPushData1:
		data = script[3:]
	case op == opPushData2 && len(script) >= 4:
		data = script[4:]
	case op == opPushData4 && len(script) >= 6:
		data = script[6:]
	default:
		return false
	}
	return len(data) >= 3 && data[0] == magic[0] && data[1] == magic[1] && nameop.Opcode(data[2]).Valid()
}

// varint reads Bitcoin's number of 1, 3, 5 or 9 bytes at pos and gives the position after it.
func varint(raw []byte, pos int) (next int, n uint64, ok bool) {
	if pos < 0 || pos >= len(raw) {
		return pos, 0, false
	}
	switch first := raw[pos]; {
	case first < 0xfd:
		return pos + 1, uint64(first), true
	case first == 0xfd && pos+3 <= len(raw):
		n = uint64(binary.LittleEndian.Uint16(raw[pos+1:]))
		return pos + 3, n, n >= 0xfd
	case first == 0xfe && pos+5 <= len(raw):
		n = uint64(binary.LittleEndian.Uint32(raw[pos+1:]))
		return pos + 5, n, n > 0xffff
	case first == 0xff && pos+9 <= len(raw):
		n = binary.LittleEndian.Uint64(raw[pos+1:])
		return pos + 9, n, n > 0xffffffff
	}
	return pos, 0, false
}
