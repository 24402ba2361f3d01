package snv

import (
	"bytes"
	"fmt"

	"github.com/btcsuite/btcd/blockchain"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/names"
	"blockstack/names/nameop"
)

// included is a transaction with an operation, and where it is in the chain.
//
//	included = height position length *OCTET depth *hash     ; transaction without witness data; siblings, lowest first
type included struct {
	height int32
	index  int32
	tx     *wire.MsgTx
	txid   chainhash.Hash
	branch []chainhash.Hash
}

const (
	maxBranch = 32      // levels of a merkle tree
	innerLen  = 64      // bytes that are hashed for an inner node
	maxTxLen  = 4000000 // bytes of a transaction
)

func readIncluded(r *reader) included {
	in := included{height: r.height(), index: r.height()}
	raw := r.bytes()
	if r.err != nil {
		return in
	}
	tx, why := readTx(raw)
	if tx == nil {
		r.fail("transaction: %s", why)
		return in
	}
	in.tx, in.txid = tx, chainhash.DoubleHashH(raw)
	depth := r.count(chainhash.HashSize)
	if depth > maxBranch {
		r.fail("a merkle branch of %d levels", depth)
		return in
	}
	for range depth {
		in.branch = append(in.branch, r.hash())
	}
	return in
}

func (in *included) append(b []byte, raw []byte) []byte {
	b = appendNumber(appendNumber(b, in.height), in.index)
	b = appendBytes(b, raw)
	b = appendNumber(b, len(in.branch))
	for _, h := range in.branch {
		b = append(b, h[:]...)
	}
	return b
}

// readTx reads a transaction without witness data, in the only form that it has. 64 bytes are
// refused: they could be an inner node.
func readTx(raw []byte) (tx *wire.MsgTx, why string) {
	if len(raw) > maxTxLen || len(raw) == innerLen {
		return nil, fmt.Sprintf("%d bytes", len(raw))
	}
	tx = &wire.MsgTx{}
	in := bytes.NewReader(raw)
	if err := tx.DeserializeNoWitness(in); err != nil {
		return nil, err.Error()
	}
	var again bytes.Buffer
	if err := tx.SerializeNoWitness(&again); err != nil || in.Len() > 0 || !bytes.Equal(again.Bytes(), raw) {
		return nil, "not in its only form"
	}
	return tx, ""
}

// root is where the branch leads.
func (in *included) root() (chainhash.Hash, error) {
	at, node := uint32(in.index), in.txid
	if len(in.branch) < 32 && at>>len(in.branch) != 0 {
		return node, fmt.Errorf("%w: transaction %s cannot be at position %d of its block", ErrRefused, in.txid, in.index)
	}
	var pair [innerLen]byte
	for _, sibling := range in.branch {
		left, right := node, sibling
		if at&1 == 1 {
			if left, right = sibling, node; sibling == node {
				return node, fmt.Errorf("%w: merkle branch of %s gives it a second position", ErrRefused, in.txid)
			}
		}
		copy(pair[:32], left[:])
		copy(pair[32:], right[:])
		if looksLikeTx(pair[:]) {
			return node, fmt.Errorf("%w: merkle branch of %s goes through a transaction", ErrRefused, in.txid)
		}
		node = chainhash.DoubleHashH(pair[:])
		at >>= 1
	}
	return node, nil
}

// looksLikeTx reports whether an inner node reads as a transaction. Of honest nodes about one in a
// thousand million does. Only numbers of one byte fit into so few bytes.
//
//	tx     = version count *input count *output locktime    ; 4 and 4 bytes at the ends
//	input  = 36OCTET length *OCTET 4OCTET
//	output = 8OCTET length *OCTET
func looksLikeTx(pair []byte) bool {
	at := 4
	list := func(before, after int) bool {
		if at >= len(pair) {
			return false
		}
		count := pair[at]
		at++
		for range count {
			if at += before; at >= len(pair) {
				return false
			}
			at += 1 + int(pair[at]) + after
		}
		return true
	}
	return list(36, 4) && list(8, 0) && at+4 == len(pair)
}

// headers are those of consecutive blocks.
//
//	headers = previous 1*header                         ; hash of the block before the first
//	header  = version merkleroot time bits nonce        ; 4, 32, 4, 4, 4 bytes as in Bitcoin; each follows the one before
type headers struct {
	first int32
	roots []chainhash.Hash
	last  chainhash.Hash // hash of the last one
}

// shortHeader is the length of a header without the hash of the block before.
const shortHeader = 48

func readHeaders(r *reader, first, last int32) (*headers, error) {
	h := &headers{first: first}
	count := int64(last) - int64(first) + 1
	h.last = r.hash()
	if count < 1 || count > int64(len(r.b)/shortHeader) {
		r.fail("it ends within the headers")
	}
	if r.err != nil {
		return h, r.err
	}
	h.roots = make([]chainhash.Hash, 0, count)
	var full [wire.MaxBlockHeaderPayload]byte
	for i := range count {
		short := r.take(shortHeader)
		copy(full[:4], short[:4])
		copy(full[4:36], h.last[:])
		copy(full[36:], short[4:])
		h.roots = append(h.roots, chainhash.Hash(full[36:68]))
		h.last = chainhash.DoubleHashH(full[:])
		bits := uint32(full[72]) | uint32(full[73])<<8 | uint32(full[74])<<16 | uint32(full[75])<<24
		if !hasWork(h.last, bits) {
			return h, fmt.Errorf("%w: header of block %d does not have the work that it claims", ErrRefused, int64(first)+i)
		}
	}
	return h, nil
}

// hasWork compares a block hash with the target that its header claims.
func hasWork(hash chainhash.Hash, bits uint32) bool {
	if bits>>24 > 34 { // past 256 bits
		return false
	}
	target := blockchain.CompactToBig(bits)
	return target.Sign() > 0 && blockchain.HashToBig(&hash).Cmp(target) <= 0
}

// holds reports whether a transaction is in its block.
func (h *headers) holds(in *included) error {
	i := int64(in.height) - int64(h.first)
	if i < 0 || i >= int64(len(h.roots)) {
		return fmt.Errorf("%w: no header for block %d", ErrRefused, in.height)
	}
	root, err := in.root()
	if err == nil && root != h.roots[i] {
		err = fmt.Errorf("%w: transaction %s is not in block %d", ErrRefused, in.txid, in.height)
	}
	return err
}

// op is what a transaction says it does, by the rules of its height; what the name rules made of it
// is another question.
func (in *included) op(p *names.Params) (nameop.Op, error) {
	payload, ok := nameop.FindPayload(in.tx, p.Magic)
	if !ok {
		return nil, fmt.Errorf("%w: transaction %s has no operation", ErrRefused, in.txid)
	}
	_, epoch := p.Epoch(in.height)
	op, err := nameop.Decode(epoch, payload, len(in.tx.TxOut))
	if err != nil {
		return nil, fmt.Errorf("%w: transaction %s: %w", ErrRefused, in.txid, err)
	}
	return op, nil
}
