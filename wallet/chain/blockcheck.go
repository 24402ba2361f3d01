package chain

import (
	"bytes"
	"errors"
	"fmt"
	"math/big"

	"github.com/btcsuite/btcd/blockchain"
	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"
)

// CheckBlock holds a block to the hash that it was asked for by, which says everything about it:
//
//   - its header has that hash, and the work that it claims;
//   - its transactions are those of the header's merkle root. No transaction stands twice where
//     that would leave the root as it is (CVE-2012-2459), and the first one, and no other, is a
//     coinbase: an inner node of the tree, which has the 64 bytes of a small transaction, cannot be
//     taken for one;
//   - where any transaction has a witness, witnesses are those that the coinbase commits to (BIP
//     141). Without any there is nothing to check: a transaction's id does not depend on it.
func CheckBlock(raw []byte, hash chainhash.Hash, limit *big.Int) (*wire.MsgBlock, error) {
	got, err := HeaderHash(raw)
	if err != nil || got != hash {
		return nil, errors.New("another block")
	}
	r := bytes.NewReader(raw)
	var msg wire.MsgBlock
	if err := msg.Deserialize(r); err != nil {
		return nil, fmt.Errorf("not a block: %w", err)
	}
	if r.Len() != 0 {
		return nil, fmt.Errorf("%d bytes after the last transaction", r.Len())
	}
	block := btcutil.NewBlock(&msg)
	if err := blockchain.CheckProofOfWork(block, limit); err != nil {
		return nil, fmt.Errorf("not a block: %w", err)
	}
	witness := false
	for i, tx := range msg.Transactions {
		if blockchain.IsCoinBaseTx(tx) != (i == 0) {
			return nil, errors.New("its first transaction, and no other, has to be a coinbase")
		}
		witness = witness || tx.HasWitness()
	}
	if err := checkMerkleRoot(block); err != nil {
		return nil, err
	}
	if witness {
		if err := blockchain.ValidateWitnessCommitment(block); err != nil {
			return nil, fmt.Errorf("not a block: %w", err)
		}
	}
	return &msg, nil
}

// checkMerkleRoot compares a block's transactions with its header.
func checkMerkleRoot(block *btcutil.Block) error {
	txs := block.Transactions()
	if len(txs) == 0 {
		return errors.New("a block without transactions")
	}
	row := make([]chainhash.Hash, len(txs))
	for i, tx := range txs {
		row[i] = *tx.Hash()
	}
	for len(row) > 1 {
		next := row[:0]
		for i := 0; i < len(row); i += 2 {
			left, right := row[i], row[min(i+1, len(row)-1)]
			if i+1 < len(row) && left == right {
				return errors.New("a transaction stands twice in the block")
			}
			var pair [2 * chainhash.HashSize]byte
			copy(pair[:], left[:])
			copy(pair[chainhash.HashSize:], right[:])
			next = append(next, chainhash.DoubleHashH(pair[:]))
		}
		row = next
	}
	if want := block.MsgBlock().Header.MerkleRoot; row[0] != want {
		return fmt.Errorf("the block's transactions have the merkle root %s, its header says %s", row[0], want)
	}
	return nil
}

// HeaderHash returns the hash of the block that raw begins with.
func HeaderHash(raw []byte) (chainhash.Hash, error) {
	if len(raw) < wire.MaxBlockHeaderPayload {
		return chainhash.Hash{}, fmt.Errorf("block of %d bytes is shorter than a header", len(raw))
	}
	return chainhash.DoubleHashH(raw[:wire.MaxBlockHeaderPayload]), nil
}
