package snv

import (
	"bytes"
	"context"
	"fmt"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/names"
	"blockstack/names/index"
	"blockstack/names/nameop"
	"blockstack/names/state"
)

// Source gives blocks by their hash, and the outputs that their transactions spend.
type Source interface {
	RawBlock(ctx context.Context, hash chainhash.Hash) ([]byte, error)
	PrevOut(ctx context.Context, op wire.OutPoint) (*wire.TxOut, error)
}

// spender is a Source that knows of a block's transaction what it spends.
type spender interface {
	SpentBy(ctx context.Context, hash chainhash.Hash, index int) ([]*wire.TxOut, error)
}

// Recheck computes a record of an index again before money follows it: from the transactions of the
// operations of the name's current life, which must be in their blocks and say what the index says,
// and from the ops hashes and consensus hashes of these blocks, which must be those of the
// operations that it holds. What a preorder paid in tokens is in no hash and is read off its
// transaction. A record that the operations do not give is an *index.Difference. Blocks between the
// operations are not read: that none was left out is what the index stands for.
func Recheck(ctx context.Context, x Index, c Source, rec names.Record) error {
	m := &prover{ctx: ctx, x: x, p: x.Params(), name: rec.Name, codec: newCodec(x.Params())}
	if err := m.find(); err != nil {
		return fmt.Errorf("check the record of %s: %w", rec.Name, err)
	}
	k := &lifeCheck{prover: m, source: c}
	if err := k.run(rec); err != nil {
		return fmt.Errorf("check the record of %s: %w", rec.Name, err)
	}
	return nil
}

// lifeCheck goes through the operations of a life, oldest first.
type lifeCheck struct {
	*prover
	source Source
	before *state.NameRow // after the operation before; nil: there is none
}

func (k *lifeCheck) run(rec names.Record) error {
	var last *state.NameRow
	for _, e := range k.list {
		row, err := k.operation(e)
		if err != nil {
			return err
		}
		if row != nil {
			last, k.before = row, row
		}
	}
	if k.space.Height > 0 {
		if _, _, err := k.block(k.space); err != nil {
			return err
		}
	}
	switch {
	case last == nil:
		return &index.Difference{Height: k.last.Height, What: "no operation gives the record"}
	case !bytes.Equal(last.Owner, rec.Owner), last.Value != rec.ZoneFile, last.HasValue != rec.HasZoneFile, last.Revoked != rec.Revoked,
		last.FirstRegistered != rec.FirstRegistered, last.LastRenewed != rec.RenewedAt, last.At.Txid != rec.LastTx:
		return &index.Difference{Height: k.last.Height, What: fmt.Sprintf("the last operation on %s does not give its record", rec.Name)}
	}
	return nil
}

// block compares the operations that the index holds of a block with the hashes of that block, and
// gives the serialization of one of them, nil for one that is not hashed.
func (k *lifeCheck) block(at state.Place) (state.BlockRow, []byte, error) {
	row, ops, err := k.x.Block(k.ctx, at.Height)
	if err != nil {
		return row, nil, err
	}
	var texts [][]byte
	var own []byte
	for i := range ops {
		text := ops[i].Serialize(k.p)
		if text == nil {
			continue
		}
		texts = append(texts, text)
		if ops[i].At.Index == at.Index {
			own = text
		}
	}
	if state.HashOps(texts) != row.OpsHash {
		return row, nil, &index.Difference{Height: at.Height, What: "the ops hash is not that of the operations"}
	}
	var earlier []names.ConsensusHash
	for _, h := range state.EarlierHeights(k.p.FirstBlock, at.Height) {
		hash, err := k.x.ConsensusHash(k.ctx, h)
		if err != nil {
			return row, nil, err
		}
		earlier = append(earlier, hash)
	}
	if _, fixed := k.p.InitialConsensus[at.Height]; !fixed && state.HashConsensus(row.OpsHash, earlier) != row.Consensus {
		return row, nil, &index.Difference{Height: at.Height, What: "the consensus hash is not that of the operations"}
	}
	return row, own, nil
}

// operation checks one operation, and gives the record that it leaves; nil for a preorder.
func (k *lifeCheck) operation(e index.HistoryEntry) (*state.NameRow, error) {
	row, text, err := k.block(e.At)
	if err != nil {
		return nil, err
	}
	in, err := k.transaction(row.Hash, e)
	if err != nil {
		return nil, err
	}
	differs := func(what string) error {
		return &index.Difference{Height: e.At.Height, What: fmt.Sprintf("transaction %s: %s", e.At.Txid, what)}
	}
	if e.Name == nil {
		said, err := in.op(k.p)
		if err != nil {
			return nil, differs(err.Error())
		}
		pre, ok := said.(nameop.NamePreorder)
		if !ok || e.Preorder == nil || pre.Hash != e.Preorder.Hash || e.Preorder.PaidTokens && pre.Tokens != e.Preorder.Tokens {
			return nil, differs("it is not the preorder that the index holds")
		}
		return nil, nil
	}
	op, err := k.codec.parse(text)
	if err != nil {
		return nil, differs("its operation has no serialization")
	}
	op.at = e.At.Index
	if op.number("vtxindex") != uint64(e.At.Index) {
		return nil, differs("another position is serialized")
	}
	if err := backs(k.p, in, op, e.At.Height); err != nil {
		return nil, differs(err.Error())
	}
	after, err := nameRow(op)
	if err != nil {
		return nil, err
	}
	if !k.follows(after, e.At.Height) {
		return nil, differs("its record does not follow from the one before")
	}
	switch after.Act {
	case state.ActUpdate, state.ActTransferKeep, state.ActTransferErase, state.ActRevoke:
		if err := k.sentByOwner(row.Hash, in, differs); err != nil {
			return nil, err
		}
	}
	return after, nil
}

// follows compares what a transaction does not say, but the record before or the height does.
func (k *lifeCheck) follows(after *state.NameRow, height int32) bool {
	if after.Revoked != (after.Act == state.ActRevoke) {
		return false
	}
	if after.Act == state.ActRegister {
		return after.FirstRegistered == height && after.LastRenewed == height
	}
	if k.before == nil {
		return after.Act == state.ActImport
	}
	was := k.before
	switch after.Act {
	case state.ActRenew:
		return after.LastRenewed == height && after.FirstRegistered == was.FirstRegistered
	case state.ActUpdate, state.ActRevoke:
		return bytes.Equal(after.Owner, was.Owner) && after.LastRenewed == was.LastRenewed && after.FirstRegistered == was.FirstRegistered
	case state.ActTransferKeep:
		return after.Value == was.Value && after.HasValue == was.HasValue && after.LastRenewed == was.LastRenewed && after.FirstRegistered == was.FirstRegistered
	case state.ActTransferErase:
		return after.LastRenewed == was.LastRenewed && after.FirstRegistered == was.FirstRegistered
	}
	return true
}

// transaction takes the transaction of an operation out of its block.
func (k *lifeCheck) transaction(hash chainhash.Hash, e index.HistoryEntry) (*included, error) {
	raw, err := k.source.RawBlock(k.ctx, hash)
	if err != nil {
		return nil, err
	}
	in := &included{height: e.At.Height, index: e.At.Index, txid: e.At.Txid}
	tx, err := in.find(raw, e.At.Txid)
	if err != nil {
		return nil, &index.Difference{Height: e.At.Height, What: err.Error()}
	}
	var header wire.BlockHeader
	if err := header.Deserialize(bytes.NewReader(raw)); err != nil {
		return nil, err
	}
	root, err := in.root()
	if err != nil {
		return nil, err
	}
	if header.BlockHash() != hash || root != header.MerkleRoot {
		return nil, fmt.Errorf("%w: the source gave another block than %s", ErrRefused, hash)
	}
	var why string
	if in.tx, why = readTx(tx); in.tx == nil {
		return nil, fmt.Errorf("%w: transaction %s: %s", ErrRefused, e.At.Txid, why)
	}
	return in, nil
}

// sentByOwner checks that the first input spends an output of who owned the name before.
func (k *lifeCheck) sentByOwner(hash chainhash.Hash, in *included, differs func(string) error) error {
	script, err := k.sender(hash, in)
	if err != nil {
		return err
	}
	if script == nil || !bytes.Equal(script, k.before.Owner) {
		return differs("its sender is not the owner")
	}
	return nil
}

// sender is the script that the first input of a transaction spends, nil when the source knows
// none.
func (k *lifeCheck) sender(hash chainhash.Hash, in *included) ([]byte, error) {
	if s, ok := k.source.(spender); ok {
		outs, err := s.SpentBy(k.ctx, hash, int(in.index))
		if err != nil || len(outs) == 0 {
			return nil, err
		}
		return outs[0].PkScript, nil
	}
	out, err := k.source.PrevOut(k.ctx, in.tx.TxIn[0].PreviousOutPoint)
	if err != nil || out == nil {
		return nil, err
	}
	return out.PkScript, nil
}
