package portstest

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"math/big"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/names"
	"blockstack/txbuilder/registrar/ports"
)

// Chain is a node.
type Chain struct {
	Height int32
	Hash   chainhash.Hash
	Txs    map[chainhash.Hash]ports.TxStatus // the others are nowhere
	Blocks map[int32]*wire.MsgBlock
	Refuse map[chainhash.Hash]error // what Broadcast gives
	Down   error                    // what each call gives instead
	Sent   []chainhash.Hash
}

// Tip is the height it is at.
func (c *Chain) Tip(context.Context) (int32, chainhash.Hash, error) { return c.Height, c.Hash, c.Down }

// Broadcast takes what it is not to refuse.
func (c *Chain) Broadcast(_ context.Context, tx *wire.MsgTx) error {
	id := tx.TxHash()
	if err := cmp.Or(c.Down, c.Refuse[id]); err != nil {
		return err
	}
	c.Sent = append(c.Sent, id)
	if c.Txs[id].Height == 0 {
		c.Txs[id] = ports.TxStatus{InMempool: true}
	}
	return nil
}

// TxStatus is what was put in.
func (c *Chain) TxStatus(_ context.Context, txid chainhash.Hash) (ports.TxStatus, error) {
	return c.Txs[txid], c.Down
}

// BlockAt is what was put in.
func (c *Chain) BlockAt(_ context.Context, height int32) (*wire.MsgBlock, error) {
	b := c.Blocks[height]
	if b == nil && c.Down == nil {
		return nil, fmt.Errorf("no block %d", height)
	}
	return b, c.Down
}

// Mine puts transactions into a block.
func (c *Chain) Mine(height int32, txs ...*wire.MsgTx) {
	b := c.Blocks[height]
	if b == nil {
		b = &wire.MsgBlock{}
		c.Blocks[height] = b
	}
	for _, tx := range txs {
		b.Transactions = append(b.Transactions, tx)
		c.Txs[tx.TxHash()] = ports.TxStatus{Height: height}
	}
}

// Pool is a node that shows its memory pool, or a part of it.
type Pool struct {
	*Chain
	Waiting []*wire.MsgTx
	Part    bool
}

// Unconfirmed shows it.
func (p Pool) Unconfirmed(context.Context) ([]*wire.MsgTx, bool, error) {
	return p.Waiting, !p.Part, p.Down
}

// MempoolTxs lists it.
func (p Pool) MempoolTxs(context.Context) (ids []chainhash.Hash, err error) {
	for _, tx := range p.Waiting {
		ids = append(ids, tx.TxHash())
	}
	return ids, p.Down
}

// Relay is a node that says what it wants.
type Relay struct {
	*Chain
	Fees    ports.RelayFees
	Hanging map[chainhash.Hash]btcutil.Amount
}

// RelayFees is what it wants.
func (r Relay) RelayFees(context.Context) (ports.RelayFees, error) { return r.Fees, r.Down }

// HangingFees is what it says that hangs on a transaction.
func (r Relay) HangingFees(_ context.Context, txid chainhash.Hash) (btcutil.Amount, error) {
	return r.Hanging[txid], r.Down
}

// Names is a name index.
type Names struct {
	Height      int32
	Hash        chainhash.Hash
	Records     map[names.Name]names.Record // the others are free
	Spaces      map[names.NamespaceID]names.Namespace
	Ops         map[chainhash.Hash]ports.OpStatus
	Hashes      map[int32]names.ConsensusHash  // the others follow from the height
	Outstanding map[string][]ports.Outstanding // by sender
	Owned       map[string]int                 // how many names a script has beside those
	Held        map[names.PreorderHash]bool
	Accounts    map[string]int64 // by address
	Broken      error            // what each call but Tip gives instead
	Exact       *int32
}

// Tip is the height it is at.
func (n *Names) Tip(context.Context) (int32, chainhash.Hash, error) { return n.Height, n.Hash, nil }

// ExactUntil is what was put in.
func (n *Names) ExactUntil(context.Context) (*int32, error) { return n.Exact, n.Broken }

// Record is what was put in, or that the name is free.
func (n *Names) Record(_ context.Context, name names.Name) (names.Record, error) {
	rec, known := n.Records[name]
	if !known {
		rec = names.Record{Status: names.Available}
	}
	rec.Name, rec.Height = name, n.Height
	return rec, n.Broken
}

// NamesOf gives the live names of an owner, and as many more as were put in.
func (n *Names) NamesOf(_ context.Context, owner []byte) (list []names.Record, err error) {
	for i := range n.Owned[string(owner)] {
		name, err := names.Parse(fmt.Sprintf("owned%d.id", i))
		if err != nil {
			return nil, err
		}
		list = append(list, names.Record{Name: name, Status: names.Registered, Owner: owner})
	}
	for name, rec := range n.Records {
		if bytes.Equal(rec.Owner, owner) && (rec.Status == names.Registered || rec.Status == names.Grace) {
			rec.Name = name
			list = append(list, rec)
		}
	}
	return list, n.Broken
}

// Namespace is what was put in.
func (n *Names) Namespace(_ context.Context, id names.NamespaceID) (names.Namespace, error) {
	ns, known := n.Spaces[id]
	if !known && n.Broken == nil {
		return ns, fmt.Errorf("namespace %s: %w", id, names.ErrNotFound)
	}
	ns.ID, ns.Height = id, n.Height
	return ns, n.Broken
}

// Preordered says what was put in.
func (n *Names) Preordered(_ context.Context, h names.PreorderHash) (bool, error) {
	return n.Held[h], n.Broken
}

// NamespacePreordered is the same.
func (n *Names) NamespacePreordered(_ context.Context, h names.PreorderHash) (bool, error) {
	return n.Held[h], n.Broken
}

// PreordersBy is what was put in.
func (n *Names) PreordersBy(_ context.Context, sender []byte) ([]ports.Outstanding, error) {
	return n.Outstanding[string(sender)], n.Broken
}

// Balance is what was put in.
func (n *Names) Balance(_ context.Context, address string) (*big.Int, bool, error) {
	sum, known := n.Accounts[address]
	return big.NewInt(sum), known, n.Broken
}

// ConsensusHash follows from the height unless another was put in.
func (n *Names) ConsensusHash(_ context.Context, height int32) (names.ConsensusHash, error) {
	h, known := n.Hashes[height]
	if !known {
		h = names.ConsensusHash{byte(height), byte(height >> 8), 0xff}
	}
	return h, n.Broken
}

// OpStatus is what was put in.
func (n *Names) OpStatus(_ context.Context, txid chainhash.Hash) (ports.OpStatus, bool, error) {
	op, seen := n.Ops[txid]
	return op, seen, n.Broken
}
