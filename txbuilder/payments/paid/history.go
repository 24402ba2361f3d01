package paid

import (
	"time"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"
)

// Entry is a transaction that moved the wallet's coins.
type Entry struct {
	Txid     chainhash.Hash
	Tx       *wire.MsgTx
	Height   int32          // -1: unconfirmed
	Time     time.Time      // of the block; when it was first seen, if unconfirmed
	Spent    btcutil.Amount // what it takes from the wallet's coins
	Fee      btcutil.Amount // valid with FeeKnown
	FeeKnown bool           // all inputs are ours
	Outputs  []Output
	Label    string
	Void     bool // it cannot be mined, because a coin that it spends is gone
}

// Output is an output of an entry.
type Output struct {
	Amount  btcutil.Amount
	Script  []byte
	Address string // empty: the script has none
	Ours    bool
	Change  bool // at a change key of ours
}

// ToOthers is what an entry pays to others.
func (e *Entry) ToOthers() (sum btcutil.Amount) {
	for _, o := range e.Outputs {
		if !o.Ours {
			sum += o.Amount
		}
	}
	return sum
}

// Change is what an entry gives back.
func (e *Entry) Change() (sum btcutil.Amount) {
	for _, o := range e.Outputs {
		if o.Change {
			sum += o.Amount
		}
	}
	return sum
}

// shareInput reports whether two transactions spend the same coin.
func shareInput(a, b *wire.MsgTx) bool {
	for _, x := range a.TxIn {
		for _, y := range b.TxIn {
			if x.PreviousOutPoint == y.PreviousOutPoint {
				return true
			}
		}
	}
	return false
}

// sameButSigned says whether two transactions spend and pay the same.
func sameButSigned(a, b *wire.MsgTx) bool {
	bare := func(tx *wire.MsgTx) chainhash.Hash {
		tx = tx.Copy()
		for _, in := range tx.TxIn {
			in.SignatureScript, in.Witness = nil, nil
		}
		return tx.TxHash()
	}
	return bare(a) == bare(b)
}
