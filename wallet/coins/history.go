package coins

import (
	"context"
	"fmt"
	"time"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"
	"github.com/btcsuite/btcwallet/wtxmgr"

	"blockstack/storage/dbfile"
)

// Entry is a transaction that moved coins of ours.
type Entry struct {
	Txid          chainhash.Hash
	Tx            *wire.MsgTx
	Height        int32     // -1: unconfirmed
	Confirmations int32     // 0: unconfirmed
	Time          time.Time // of the block; when it was first seen, if unconfirmed
	Received      btcutil.Amount
	Spent         btcutil.Amount
	Fee           btcutil.Amount // valid with FeeKnown
	FeeKnown      bool           // all inputs are ours
	Outputs       []Output
	Label         string
	// Void: it is of ours and cannot be mined, because a coin that it spends is gone (void.go). It counts for nothing.
	Void       bool
	ReplacedBy *chainhash.Hash // of Payments.Replaced alone: it was never mined, and this one took its coins
}

// Net is what the transaction changed: negative when money left.
func (e *Entry) Net() btcutil.Amount { return e.Received - e.Spent }

// Output is an output of a history entry.
type Output struct {
	Index   uint32
	Amount  btcutil.Amount
	Script  []byte
	Address string // empty: the script has none
	Ours    bool
	Key     Key // valid with Ours

	credit bool // the tracker takes it for ours
}

// History lists the transactions that moved our coins: unconfirmed ones first,
// then from the tip down. It needs no connection.
func (c *Coins) History(ctx context.Context) ([]Entry, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	var unmined, list []Entry
	err := c.read(func(s store) error {
		unmined, list = nil, nil
		return s.RangeTransactions(s.ns, -1, 0, func(details []wtxmgr.TxDetails) (bool, error) {
			for i := range details {
				e := c.entry(&details[i], s.tip.Height)
				if e.Height < 0 {
					unmined = append(unmined, e)
				} else {
					list = append(list, e)
				}
			}
			return false, nil
		})
	})
	if err != nil {
		return nil, fmt.Errorf("read the history: %w", err)
	}
	known := make(map[chainhash.Hash]bool)
	for _, e := range append(unmined, list...) {
		known[e.Txid] = true
	}
	void, err := c.voids(ctx, known)
	if err != nil {
		return nil, fmt.Errorf("read the history: %w", err)
	}
	list = append(append(void, unmined...), list...)
	err = c.book.view(func(tx *dbfile.Tx) error {
		for i := range list {
			e := &list[i]
			e.Label = getLabel(tx, LabelTx, e.Txid.String())
			for j := range e.Outputs {
				o := &e.Outputs[j]
				var err error
				find := c.keyOf
				if o.credit { // so it should have a row
					find = c.searched
				}
				if o.Key, o.Ours, err = find(tx, o.Script); err != nil {
					return err
				}
				if o.Ours && o.credit {
					e.Received += o.Amount
				}
			}
		}
		return nil
	})
	return list, err
}

func (c *Coins) entry(d *wtxmgr.TxDetails, tip int32) Entry {
	e := Entry{Txid: d.Hash, Tx: d.MsgTx.Copy(), Height: d.Block.Height, Time: d.Received}
	if e.Height >= 0 {
		e.Confirmations, e.Time = max(1, tip-e.Height+1), d.Block.Time
	}
	for _, db := range d.Debits {
		e.Spent += db.Amount
	}
	var out btcutil.Amount
	for _, o := range d.MsgTx.TxOut {
		out += btcutil.Amount(o.Value)
	}
	e.Outputs = c.outputs(&d.MsgTx)
	for _, cr := range d.Credits {
		e.Outputs[cr.Index].credit = true
	}
	if e.FeeKnown = len(d.Debits) == len(d.MsgTx.TxIn); e.FeeKnown {
		e.Fee = e.Spent - out
	}
	return e
}

// outputs are those of a transaction, without whose they are.
func (c *Coins) outputs(tx *wire.MsgTx) (list []Output) {
	for i, o := range tx.TxOut {
		list = append(list, Output{
			Index: uint32(i), Amount: btcutil.Amount(o.Value), Script: append([]byte{}, o.PkScript...), Address: scriptAddress(c.net, o.PkScript),
		})
	}
	return list
}
