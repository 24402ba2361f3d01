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
	"blockstack/wallet/labels"
	"blockstack/wallet/scripts"
	"blockstack/wallet/tracker"
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
	// Void: it is of ours and cannot be mined, because a coin that it spends is gone (package
	// chainsync). It counts for nothing.
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
	Key     scripts.Key // valid with Ours

	credit bool // the tracker takes it for ours
}

// History lists the transactions that moved our coins: unconfirmed ones first, then from the tip
// down. It needs no connection.
func (c *Coins) History(ctx context.Context) ([]Entry, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	var unmined, list []Entry
	err := c.tracker.Read(func(s tracker.Store) error {
		unmined, list = nil, nil
		return s.RangeTransactions(s.NS, -1, 0, func(details []wtxmgr.TxDetails) (bool, error) {
			for i := range details {
				e := c.entry(&details[i], s.Tip.Height)
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
	err = c.Book.View(func(tx *dbfile.Tx) error {
		for i := range list {
			e := &list[i]
			e.Label = labels.Of(tx, labels.Tx, e.Txid.String())
			for j := range e.Outputs {
				o := &e.Outputs[j]
				var err error
				find := c.Keys.Find
				if o.credit { // so it should have a row
					find = c.Keys.Search
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
			Index: uint32(i), Amount: btcutil.Amount(o.Value), Script: append([]byte{}, o.PkScript...), Address: scripts.AddressOf(c.Book.Net, o.PkScript),
		})
	}
	return list
}

// voids are the entries of the history for void transactions, unless the tracker has them after
// all.
func (c *Coins) voids(ctx context.Context, known map[chainhash.Hash]bool) (list []Entry, err error) {
	err = c.Book.View(func(tx *dbfile.Tx) error {
		since, err := labels.VoidSince(tx)
		if err != nil || len(since) == 0 {
			return err
		}
		all, err := labels.SentTxs(tx)
		if err != nil {
			return err
		}
		for _, t := range all {
			hash := t.TxHash()
			at, is := since[hash]
			if !is || known[hash] {
				continue
			}
			e := Entry{Txid: hash, Tx: t, Height: -1, Time: at, Void: true}
			e.Outputs = c.outputs(t)
			list = append(list, e)
		}
		return ctx.Err()
	})
	return list, err
}
