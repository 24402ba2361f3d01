package store

import (
	"fmt"

	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/names/rules"
	"blockstack/names/state"
)

// Connect writes what a block did into a batch.
func (b *Batch) Connect(hash chainhash.Hash, out *rules.Outcome, keepUndo bool) error {
	if keepUndo {
		b.undo = newUndoLog()
	}
	err := b.writeOutcome(hash, out)
	log := b.undo
	b.undo = nil
	if err != nil {
		return fmt.Errorf("write block at height %d: %w", out.Height, err)
	}
	if keepUndo {
		if err := b.put(bUndo, heightKey(out.Height), log.encode()); err != nil {
			return err
		}
	}
	if old := out.Height - UndoBlocks; old >= 0 {
		return b.removeKnown(bUndo, heightKey(old))
	}
	return nil
}

// removeKnown removes a row that may not be there, without a trace when it is not.
func (b *Batch) removeKnown(t bucket, key []byte) error {
	v, err := b.get(t, key)
	if err != nil || v == nil {
		return err
	}
	return b.remove(t, key)
}

// puts collects the first error of many writes.
type puts struct {
	b   *Batch
	err error
}

func (p *puts) put(t bucket, key, value []byte) {
	if p.err == nil {
		p.err = p.b.put(t, key, value)
	}
}

func (p *puts) remove(t bucket, key []byte) {
	if p.err == nil {
		p.err = p.b.remove(t, key)
	}
}

func (b *Batch) writeOutcome(hash chainhash.Hash, out *rules.Outcome) error {
	p := &puts{b: b}
	row := state.BlockRow{Hash: hash, Consensus: out.Consensus, OpsHash: out.OpsHash}
	p.put(bBlocks, heightKey(out.Height), encodeBlock(&row))
	p.put(bMeta, keyTip, heightKey(out.Height))
	if out.Doubt {
		p.doubt(out.Height)
	}
	for i := range out.Ops {
		p.op(&out.Ops[i])
	}
	for _, c := range out.Names {
		p.name(c)
	}
	for _, c := range out.Spaces {
		p.put(bSpaces, []byte(c.New.ID), encodeNamespace(c.New))
	}
	for _, c := range out.Preorders {
		p.preorders(c)
	}
	for _, c := range out.Accounts {
		if c.New == nil {
			p.remove(bAccounts, accountKeyOf(c.Old.Address, c.Old.Unit))
			continue
		}
		p.put(bAccounts, accountKeyOf(c.New.Address, c.New.Unit), encodeAccount(c.New))
	}
	for i := range out.AccountLog {
		r := &out.AccountLog[i]
		p.put(bAccountLog, accountLogKey(r), encodeAccount(r))
	}
	for _, c := range out.Rings {
		p.put(bRings, []byte(c.New.Space), encodeRing(c.New))
	}
	return p.err
}

// doubt notes the first height at which the state may differ from the public one.
func (p *puts) doubt(height int32) {
	if p.err != nil {
		return
	}
	known, err := p.b.get(bMeta, keyDoubt)
	if p.err = err; err == nil && known == nil {
		p.put(bMeta, keyDoubt, heightKey(height))
	}
}

// op writes an operation and its places in the indexes. The preorder that a registration or reveal
// used belongs to the history of what it created.
func (p *puts) op(r *state.OpRow) {
	p.put(bOps, opKey(r.At), encodeOp(r))
	p.put(bTxids, txidKey(r.At), nil)
	switch {
	case r.Subject == "":
	case r.Status == state.Accepted:
		p.put(bHistory, historyKey(r.Subject, r.At), nil)
		if r.Used != nil {
			p.put(bHistory, historyKey(r.Subject, *r.Used), nil)
		}
	case r.Status == state.Rejected:
		p.put(bRefused, historyKey(r.Subject, r.At), nil)
	}
}

// name writes where a name's row is, in the operation that made it, and moves the name in the
// indexes by hash and owner. The row is 20 times as large as its place, and names are in no order:
// what is written of this bucket is what a large registry costs.
func (p *puts) name(c rules.RowChange[state.NameRow]) {
	p.put(bNames, nameKey(c.New.Name), opKey(c.New.At))
	if c.Old == nil {
		p.put(bHashes, hashKey(c.New.Name), nil)
	}
	if c.Old != nil && string(c.Old.Owner) != string(c.New.Owner) {
		p.remove(bOwners, ownerKey(c.Old.Owner, c.Old.Name))
	}
	if c.Old == nil || string(c.Old.Owner) != string(c.New.Owner) {
		p.put(bOwners, ownerKey(c.New.Owner, c.New.Name), nil)
	}
}

// preorders writes what is known under a preorder hash and moves outstanding preorders in the index
// by sender.
func (p *puts) preorders(c rules.RowChange[state.PreorderSet]) {
	open := func(s *state.PreorderSet) []state.PreorderRow {
		if s == nil {
			return nil
		}
		return s.Open
	}
	for _, r := range open(c.Old) {
		p.remove(bSenders, senderKey(&r))
	}
	for _, r := range open(c.New) {
		p.put(bSenders, senderKey(&r), r.Hash[:])
	}
	if c.New == nil {
		p.remove(bPreorders, c.Old.Hash[:])
		return
	}
	p.put(bPreorders, c.New.Hash[:], encodePreorders(c.New))
}

// UndoBlocks is how many of the last blocks can be undone.
const UndoBlocks = 1000

// Disconnect takes the block at a height back, if the batch has what is needed for that.
func (b *Batch) Disconnect(height int32) (bool, error) {
	value, err := b.get(bUndo, heightKey(height))
	if err != nil || value == nil {
		return false, err
	}
	list, err := decodeUndo(value)
	if err != nil {
		return false, fmt.Errorf("undo block at height %d: %w", height, err)
	}
	for _, e := range list {
		if err := b.set(e.table, e.key, e.value); err != nil {
			return false, err
		}
	}
	return true, b.remove(bUndo, heightKey(height))
}
