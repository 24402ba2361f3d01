package paid

import (
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"
)

// Deprived lists the unconfirmed payments of ours that a transaction would replace, and that pay
// somebody else what the transaction does not pay him: directly, or because they spend an output of
// one that is replaced. More than before is another payment to him, too; so is as much, where the
// memory has both as payments of their own.
func Deprived(history []Entry, payments []Record, tx *wire.MsgTx) []Entry {
	gone := make(map[chainhash.Hash]bool)
	for i := range history {
		if e := &history[i]; e.Height < 0 && e.Txid != tx.TxHash() && shareInput(e.Tx, tx) {
			gone[e.Txid] = true
		}
	}
	for changed := len(gone) > 0; changed; {
		changed = false
		for i := range history {
			e := &history[i]
			for _, in := range e.Tx.TxIn {
				if e.Height < 0 && gone[in.PreviousOutPoint.Hash] && !gone[e.Txid] && e.Txid != tx.TxHash() {
					gone[e.Txid], changed = true, true
				}
			}
		}
	}
	var list []Entry
	for _, e := range history {
		if gone[e.Txid] && e.Spent > 0 && (deprives(tx, &e) || isOther(history, payments, tx, &e)) {
			list = append(list, e)
		}
	}
	return list
}

// deprives says whether a transaction gives somebody else not what an entry does.
func deprives(tx *wire.MsgTx, e *Entry) bool {
	for _, o := range e.Outputs {
		if !o.Ours && paidTo(tx, o.Script) != paidTo(e.Tx, o.Script) {
			return true
		}
	}
	return false
}

// isOther says whether a transaction was prepared as another payment than an entry.
func isOther(history []Entry, payments []Record, tx *wire.MsgTx, e *Entry) bool {
	prepared, another := false, false
	for i := range payments {
		p := &payments[i]
		if sameButSigned(p.Tx, tx) {
			prepared = true
		} else if fate := FateOf(history, p); fate.Entry != nil && fate.Entry.Txid == e.Txid {
			another = true
		}
	}
	return prepared && another
}
