package chaintest

import (
	"fmt"
	"slices"
	"time"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chaincfg/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/txscript/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/wallet/chain"
)

// ledger is the best chain, and what it says of coins.
type ledger struct {
	params *chaincfg.Params
	blocks map[chainhash.Hash]*wire.MsgBlock // also those of branches that lost
	best   []chainhash.Hash                  // by height
	coins  map[wire.OutPoint]coin            // unspent in the best chain
	undo   map[chainhash.Hash][]spent        // what each best block spent
	txs    map[chainhash.Hash]place          // of the best chain
}

// newLedger is a chain of nothing but the first block.
func newLedger(params *chaincfg.Params) *ledger {
	return &ledger{
		params: params,
		blocks: map[chainhash.Hash]*wire.MsgBlock{*params.GenesisHash: params.GenesisBlock},
		best:   []chainhash.Hash{*params.GenesisHash},
		coins:  make(map[wire.OutPoint]coin),
		undo:   make(map[chainhash.Hash][]spent),
		txs:    make(map[chainhash.Hash]place),
	}
}

type coin struct {
	out      *wire.TxOut
	height   int32
	coinbase bool
}

type spent struct {
	op   wire.OutPoint
	coin coin
}

type place struct {
	block  chainhash.Hash
	height int32
	index  int
}

func (b *ledger) height() int32 { return int32(len(b.best)) - 1 }

func (b *ledger) tip() chainhash.Hash { return b.best[len(b.best)-1] }

func (b *ledger) times() []time.Time {
	var out []time.Time
	for _, h := range b.best[max(0, len(b.best)-11):] {
		out = append(out, b.blocks[h].Header.Timestamp)
	}
	return out
}

// medianTime is the median of the times of the eleven blocks up to a height.
func (b *ledger) medianTime(height int32) time.Time {
	var times []time.Time
	for _, h := range b.best[max(0, height-10) : height+1] {
		times = append(times, b.blocks[h].Header.Timestamp)
	}
	slices.SortFunc(times, time.Time.Compare)
	return times[len(times)/2]
}

// sequenceReached applies BIP 68 to one input.
func (b *ledger) sequenceReached(tx *wire.MsgTx, i int, c coin) bool {
	seq := tx.TxIn[i].Sequence
	if tx.Version < 2 || seq&wire.SequenceLockTimeDisabled != 0 {
		return true
	}
	n := int64(seq & wire.SequenceLockTimeMask)
	if seq&wire.SequenceLockTimeIsSeconds == 0 {
		return int64(b.height()+1) >= int64(c.height)+n
	}
	from := b.medianTime(min(c.height-1, b.height()))
	return !b.medianTime(b.height()).Before(from.Add(time.Duration(n<<wire.SequenceLockTimeGranularity) * time.Second))
}

// checkInputs applies the rules that need the coins a transaction spends.
func (b *ledger) checkInputs(tx *wire.MsgTx, v *view, flags txscript.ScriptFlags) (fee, in btcutil.Amount, no *chain.Refused) {
	say := refuser(tx)
	prevs := make(map[wire.OutPoint]*wire.TxOut)
	for i, txIn := range tx.TxIn {
		op := txIn.PreviousOutPoint
		c, ok := v.coins[op]
		if !ok {
			return 0, 0, say(chain.MissingInputs, fmt.Sprintf("%s does not exist or is spent", op))
		}
		if c.coinbase && b.height()+1-c.height < int32(b.params.CoinbaseMaturity) {
			return 0, 0, say(chain.NonFinal, fmt.Sprintf("%s is a coinbase that is not mature", op))
		}
		if !b.sequenceReached(tx, i, c) {
			return 0, 0, say(chain.NonFinal, fmt.Sprintf("the relative lock of input %d is not reached", i))
		}
		prevs[op] = c.out
		in += btcutil.Amount(c.out.Value)
	}
	fee = in
	for _, out := range tx.TxOut {
		fee -= btcutil.Amount(out.Value)
	}
	if fee < 0 {
		return 0, 0, say(chain.Invalid, "pays out more than it spends")
	}
	fetcher := txscript.NewMultiPrevOutFetcher(prevs)
	hashes := txscript.NewTxSigHashes(tx, fetcher)
	for i, txIn := range tx.TxIn {
		prev := prevs[txIn.PreviousOutPoint]
		engine, err := txscript.NewEngine(prev.PkScript, tx, i, flags, nil, hashes, prev.Value, fetcher)
		if err == nil {
			err = engine.Execute()
		}
		if err != nil {
			return 0, 0, say(chain.Invalid, fmt.Sprintf("input %d: %v", i, err))
		}
	}
	return fee, in, nil
}

// put adds a block to the best chain.
func (b *ledger) put(block *wire.MsgBlock) {
	hash, height := block.BlockHash(), b.height()+1
	b.blocks[hash] = block
	b.best = append(b.best, hash)
	for i, tx := range block.Transactions {
		id := tx.TxHash()
		if i > 0 {
			for _, in := range tx.TxIn {
				b.undo[hash] = append(b.undo[hash], spent{in.PreviousOutPoint, b.coins[in.PreviousOutPoint]})
				delete(b.coins, in.PreviousOutPoint)
			}
		}
		for n, out := range tx.TxOut {
			if !txscript.IsUnspendable(out.PkScript) {
				b.coins[wire.OutPoint{Hash: id, Index: uint32(n)}] = coin{out, height, i == 0}
			}
		}
		b.txs[id] = place{hash, height, i}
	}
}

// drop takes the last block off the best chain.
func (b *ledger) drop() {
	hash := b.tip()
	for _, tx := range b.blocks[hash].Transactions {
		id := tx.TxHash()
		delete(b.txs, id)
		for n := range tx.TxOut {
			delete(b.coins, wire.OutPoint{Hash: id, Index: uint32(n)})
		}
	}
	for _, s := range b.undo[hash] {
		// A coin that the block itself made is not older than the block.
		if at, ok := b.txs[s.op.Hash]; ok && at.height < b.height() {
			b.coins[s.op] = s.coin
		}
	}
	delete(b.undo, hash)
	b.best = b.best[:len(b.best)-1]
}

// view is a set of unspent coins that can be changed without changing the chain.
type view struct{ coins map[wire.OutPoint]coin }

func (v *view) add(tx *wire.MsgTx, height int32) {
	for _, in := range tx.TxIn {
		delete(v.coins, in.PreviousOutPoint)
	}
	id := tx.TxHash()
	for n, out := range tx.TxOut {
		if !txscript.IsUnspendable(out.PkScript) {
			v.coins[wire.OutPoint{Hash: id, Index: uint32(n)}] = coin{out: out, height: height}
		}
	}
}
