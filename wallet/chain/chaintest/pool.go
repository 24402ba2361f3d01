package chaintest

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/btcsuite/btcd/blockchain"
	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/mempool"
	"github.com/btcsuite/btcd/txscript/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/wallet/chain"
)

const (
	maxTxVersion    = 2
	maxReplacements = 100 // BIP 125, rule 5
	minRelayRate    = mempool.DefaultMinRelayTxFee
)

// memPool is a node's memory pool on top of the chain.
type memPool struct {
	*ledger
	hears  *audience
	pool   []*wire.MsgTx                    // parents before children
	pooled map[chainhash.Hash]*wire.MsgTx   // the same by txid
	spends map[wire.OutPoint]chainhash.Hash // by whom in the pool
	relay  Relay
	risen  btcutil.Amount // the floor that a full pool has raised
}

func newMemPool(l *ledger, hears *audience) *memPool {
	return &memPool{
		ledger: l, hears: hears, relay: BtcdRelay(),
		pooled: make(map[chainhash.Hash]*wire.MsgTx),
		spends: make(map[wire.OutPoint]chainhash.Hash),
	}
}

// view returns the coins of the best chain, with or without what the pool does.
func (b *memPool) view(withPool bool) *view {
	v := &view{coins: maps.Clone(b.coins)}
	if withPool {
		for _, tx := range b.pool {
			v.add(tx, b.height()+1)
		}
	}
	return v
}

// accept takes a transaction into the pool by the rules of a standard node, in which it may replace
// others (BIP 125). The lock is held. free says that it need not pay what others do, since it comes
// back from a block.
func (b *memPool) accept(tx *wire.MsgTx, free bool) *chain.Refused {
	replaced, refusal := b.check(tx, free)
	if refusal != nil {
		return refusal
	}
	b.remove(replaced)
	id := tx.TxHash()
	tx = tx.Copy()
	b.pool = append(b.pool, tx)
	b.pooled[id] = tx
	for _, in := range tx.TxIn {
		b.spends[in.PreviousOutPoint] = id
	}
	if !free {
		if b.trim(); b.pooled[id] == nil {
			return refuser(tx)(chain.InsufficientFee, "mempool full")
		}
	}
	b.hears.tellAccepted(tx)
	return nil
}

// check judges a transaction, and returns those that it would replace.
func (b *memPool) check(tx *wire.MsgTx, free bool) (replaced map[chainhash.Hash]bool, refusal *chain.Refused) {
	say := refuser(tx)
	t := btcutil.NewTx(tx)
	if err := blockchain.CheckTransactionSanity(t); err != nil {
		return nil, say(chain.Invalid, err.Error())
	}
	if blockchain.IsCoinBase(t) {
		return nil, say(chain.Invalid, "a coinbase outside of a block")
	}
	median := b.medianTime(b.height())
	if !blockchain.IsFinalizedTransaction(t, b.height()+1, median) {
		return nil, say(chain.NonFinal, "its lock time is not reached")
	}
	if err := mempool.CheckTransactionStandard(t, b.height()+1, median, minRelayRate, maxTxVersion); err != nil {
		return nil, say(standardCode(err), err.Error())
	}
	replaced, refusal = b.conflicts(tx, say)
	if refusal != nil {
		return nil, refusal
	}
	v := &view{coins: maps.Clone(b.coins)}
	for _, other := range b.pool {
		if !replaced[other.TxHash()] {
			v.add(other, b.height()+1)
		}
	}
	fee, _, refusal := b.checkInputs(tx, v, txscript.StandardVerifyFlags)
	if refusal != nil {
		return nil, refusal
	}
	size := mempool.GetTxVirtualSize(t)
	if refusal := b.checkFloor(fee, size, say); refusal != nil && !free {
		return nil, refusal
	}
	var paid btcutil.Amount
	for id := range replaced {
		old := b.pooled[id]
		oldFee := b.feeOf(old)
		paid += oldFee
		direct := slices.ContainsFunc(old.TxIn, func(in *wire.TxIn) bool {
			return slices.ContainsFunc(tx.TxIn, func(o *wire.TxIn) bool { return o.PreviousOutPoint == in.PreviousOutPoint })
		})
		if (direct || !b.relay.Direct) && int64(fee)*mempool.GetTxVirtualSize(btcutil.NewTx(old)) <= int64(oldFee)*size {
			return nil, say(chain.InsufficientFee, "does not pay a higher rate than what it replaces")
		}
	}
	if need := paid + rateFee(b.relay.Increment, size); len(replaced) > 0 && fee < need {
		return nil, say(chain.InsufficientFee, fmt.Sprintf("insufficient fee, pays %d satoshi, to replace needs %d", fee, need))
	}
	return replaced, b.checkRow(tx, size, replaced, say)
}

// conflicts returns what of the pool a transaction would replace, with all that depends on it.
func (b *memPool) conflicts(tx *wire.MsgTx, say func(chain.RefusalCode, string) *chain.Refused) (map[chainhash.Hash]bool, *chain.Refused) {
	replaced := make(map[chainhash.Hash]bool)
	for _, in := range tx.TxIn {
		if id, ok := b.spends[in.PreviousOutPoint]; ok {
			if !slices.ContainsFunc(b.pooled[id].TxIn, func(in *wire.TxIn) bool { return in.Sequence <= mempool.MaxRBFSequence }) {
				return nil, say(chain.Conflict, "an unconfirmed transaction spends the same coin for good")
			}
			replaced[id] = true
		}
	}
	b.addDescendants(replaced)
	if len(replaced) > maxReplacements {
		return nil, say(chain.Conflict, "replaces too many transactions")
	}
	for _, in := range tx.TxIn {
		op := in.PreviousOutPoint
		if replaced[op.Hash] {
			return nil, say(chain.Conflict, "spends what it replaces")
		}
		_, known := b.spends[op]
		if len(replaced) > 0 && !known && b.pooled[op.Hash] != nil {
			return nil, say(chain.Conflict, "a replacement with a new unconfirmed input")
		}
	}
	return replaced, nil
}

func (b *memPool) feeOf(tx *wire.MsgTx) (fee btcutil.Amount) {
	for _, in := range tx.TxIn {
		op := in.PreviousOutPoint
		if parent := b.pooled[op.Hash]; parent != nil {
			fee += btcutil.Amount(parent.TxOut[op.Index].Value)
		} else {
			fee += btcutil.Amount(b.coins[op].out.Value)
		}
	}
	for _, out := range tx.TxOut {
		fee -= btcutil.Amount(out.Value)
	}
	return fee
}

// addDescendants adds everything in the pool that spends one of ids.
func (b *memPool) addDescendants(ids map[chainhash.Hash]bool) {
	for _, tx := range b.pool { // parents come first
		for _, in := range tx.TxIn {
			if ids[in.PreviousOutPoint.Hash] {
				ids[tx.TxHash()] = true
			}
		}
	}
}

func (b *memPool) remove(ids map[chainhash.Hash]bool) {
	if len(ids) == 0 {
		return
	}
	keep := b.pool
	b.emptyPool()
	for _, tx := range keep {
		id := tx.TxHash()
		if ids[id] {
			continue
		}
		b.pool = append(b.pool, tx)
		b.pooled[id] = tx
		for _, in := range tx.TxIn {
			b.spends[in.PreviousOutPoint] = id
		}
	}
}

func (b *memPool) emptyPool() {
	b.pool = nil
	clear(b.pooled)
	clear(b.spends)
}

// afterBlock takes out of the pool what a block confirms and what it makes impossible.
func (b *memPool) afterBlock(block *wire.MsgBlock) {
	gone := make(map[chainhash.Hash]bool)
	impossible := make(map[chainhash.Hash]bool)
	for _, tx := range block.Transactions {
		id := tx.TxHash()
		gone[id] = true
		for _, in := range tx.TxIn {
			if by, ok := b.spends[in.PreviousOutPoint]; ok && by != id {
				impossible[by] = true
			}
		}
	}
	b.addDescendants(impossible)
	maps.Copy(gone, impossible)
	b.remove(gone)
}

func refuser(tx *wire.MsgTx) func(chain.RefusalCode, string) *chain.Refused {
	return func(code chain.RefusalCode, reason string) *chain.Refused {
		return &chain.Refused{Txid: tx.TxHash(), Code: code, Reason: reason}
	}
}

// standardCode gives an error of btcd's relay rules its class.
func standardCode(err error) chain.RefusalCode {
	var rule mempool.RuleError
	var txRule mempool.TxRuleError
	if errors.As(err, &rule) {
		err = rule.Err
	}
	if errors.As(err, &txRule) && txRule.RejectCode == wire.RejectDust {
		return chain.Dust
	}
	return chain.NonStandard
}

// comeBack takes what a reorg set free into the pool again. What cannot come back is lost, as at a
// node.
func (b *memPool) comeBack(txs []*wire.MsgTx) {
	for _, tx := range txs {
		_ = b.accept(tx, b.relay.Returns)
	}
	b.trim()
}
