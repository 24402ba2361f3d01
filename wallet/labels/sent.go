package labels

import (
	"bytes"
	"fmt"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/storage/dbfile"
)

// PutSent keeps a transaction of ours.
func PutSent(btx *dbfile.Tx, tx *wire.MsgTx) error {
	var raw bytes.Buffer
	if err := tx.Serialize(&raw); err != nil {
		return err
	}
	hash := tx.TxHash()
	return btx.Bucket(bucketSent).Put(hash[:], raw.Bytes())
}

// Sent reads SentTxs.
func Sent(b *Book) (list []*wire.MsgTx, err error) {
	err = b.View(func(tx *dbfile.Tx) error {
		list, err = SentTxs(tx)
		return err
	})
	return list, err
}

// SentTxs lists our own transactions that are not yet deep in the chain.
func SentTxs(btx *dbfile.Tx) ([]*wire.MsgTx, error) {
	var out []*wire.MsgTx
	err := btx.Bucket(bucketSent).ForEach(func(k, v []byte) error {
		tx := new(wire.MsgTx)
		if err := tx.Deserialize(bytes.NewReader(v)); err != nil {
			return fmt.Errorf("%w: sent transaction %x: %w", ErrMalformed, k, err)
		}
		out = append(out, tx)
		return nil
	})
	return out, err
}

// ForgetReplaced takes the transactions that tx replaces out of the list of sent ones, and those
// that spend their outputs.
func ForgetReplaced(btx *dbfile.Tx, tx *wire.MsgTx) error {
	sent, err := SentTxs(btx)
	if err != nil {
		return err
	}
	gone := make(map[chainhash.Hash]bool)
	for _, other := range sent {
		if Conflict(tx, other) {
			gone[other.TxHash()] = true
		}
	}
	for changed := len(gone) > 0; changed; {
		changed = false
		for _, other := range sent {
			for _, in := range other.TxIn {
				if gone[in.PreviousOutPoint.Hash] && !gone[other.TxHash()] {
					gone[other.TxHash()], changed = true, true
				}
			}
		}
	}
	for _, other := range sent {
		hash := other.TxHash()
		if !gone[hash] {
			continue
		}
		if err := PutReplaced(btx, other, tx.TxHash()); err != nil {
			return err
		}
		if err := ForgetSent(btx, hash); err != nil {
			return err
		}
	}
	return nil
}
