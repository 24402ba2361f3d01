package chaintest

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/btcsuite/btcd/address/v2"
	"github.com/btcsuite/btcd/blockchain"
	"github.com/btcsuite/btcd/btcec/v2"
	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chaincfg/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/txscript/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/wallet/chain"
)

// Bitcoin is one node's view of a chain that exists only in memory.
type Bitcoin struct {
	mu     sync.Mutex
	key    *btcec.PrivateKey // of the miner
	script []byte

	*ledger
	*memPool
	*audience

	sent    []*wire.MsgTx
	changed chan struct{} // closed and replaced when the tip changes

	down     bool
	indexing bool           // the index of transactions is being built
	feeRate  btcutil.Amount // 0: no estimate
}

// New returns a chain on regtest with nothing but its first block.
func New() *Bitcoin {
	params := &chaincfg.RegressionNetParams
	key, _ := btcec.PrivKeyFromBytes(bytes.Repeat([]byte{0x5a}, 32))
	addr, err := address.NewAddressPubKeyHash(address.Hash160(key.PubKey().SerializeCompressed()), params)
	if err != nil {
		panic("bug: " + err.Error())
	}
	script, err := txscript.PayToAddrScript(addr)
	if err != nil {
		panic("bug: " + err.Error())
	}
	chain, hears := newLedger(params), &audience{}
	return &Bitcoin{
		key: key, script: script,
		ledger: chain, memPool: newMemPool(chain, hears), audience: hears,
		changed: make(chan struct{}),
	}
}

// Net returns the network's parameters.
func (b *Bitcoin) Net() *chaincfg.Params { return b.params }

// SetDown makes every question fail as if the node were off, or ends that.
func (b *Bitcoin) SetDown(down bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.down = down
}

// SetFeeRate sets the estimate of EstimateFeeRate; 0 makes it unknown again.
func (b *Bitcoin) SetFeeRate(rate btcutil.Amount) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.feeRate = rate
}

// Sent returns every transaction that was handed to Broadcast, in order, with repetitions and with
// those that were refused.
func (b *Bitcoin) Sent() []*wire.MsgTx {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.sent)
}

// Mine mines blocks that pay the miner; the first holds the memory pool.
func (b *Bitcoin) Mine(blocks int) []chainhash.Hash {
	return b.MineTo(b.script, blocks)
}

// MineTo mines blocks that pay a script; the first holds the memory pool.
func (b *Bitcoin) MineTo(script []byte, blocks int) []chainhash.Hash {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []chainhash.Hash
	for range blocks {
		txs := slices.Clone(b.pool)
		if err := b.extend(script, txs); err != nil {
			panic("bug: the memory pool does not make a block: " + err.Error())
		}
		out = append(out, b.tip())
	}
	b.tipChanged()
	return out
}

// MineTxs mines one block with the given transactions, parents before children, and without the
// memory pool. They must be valid, but need not be standard.
func (b *Bitcoin) MineTxs(txs ...*wire.MsgTx) (chainhash.Hash, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	view := b.view(false)
	for _, tx := range txs {
		if _, _, no := b.checkInputs(tx, view, txscript.ScriptBip16|txscript.ScriptVerifyWitness|txscript.ScriptVerifyTaproot|
			txscript.ScriptVerifyDERSignatures|txscript.ScriptVerifyCheckLockTimeVerify|txscript.ScriptVerifyCheckSequenceVerify); no != nil {
			return chainhash.Hash{}, no
		}
		view.add(tx, b.height()+1)
	}
	if err := b.extend(b.script, txs); err != nil {
		return chainhash.Hash{}, err
	}
	b.tipChanged()
	return b.tip(), nil
}

// Reorg replaces the last depth blocks by depth+1 empty ones. The transactions of the replaced
// blocks return to the memory pool; with drop they are lost.
func (b *Bitcoin) Reorg(depth int32, drop bool) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if depth < 1 || depth > b.height() {
		return fmt.Errorf("reorg of %d blocks at height %d", depth, b.height())
	}
	gone := b.rewind(depth)
	waiting := b.pool
	b.emptyPool()
	for range depth + 1 {
		if err := b.extend(b.script, nil); err != nil {
			return err
		}
	}
	if !drop {
		waiting = append(gone, waiting...)
	}
	b.comeBack(waiting)
	b.tipChanged()
	return nil
}

// Rewind takes the last depth blocks away and puts nothing in their place, as a node does in the
// middle of a reorg. Their transactions return to the pool.
func (b *Bitcoin) Rewind(depth int32) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if depth < 1 || depth > b.height() {
		return fmt.Errorf("rewind of %d blocks at height %d", depth, b.height())
	}
	waiting := append(b.rewind(depth), b.pool...)
	b.emptyPool()
	b.comeBack(waiting)
	b.tipChanged()
	return nil
}

// Pay sends an amount from the miner's coins to a script, through the memory pool. It mines first
// if the miner has nothing to spend yet.
func (b *Bitcoin) Pay(script []byte, amount btcutil.Amount) (*wire.MsgTx, error) {
	const fee = 2000
	b.mu.Lock()
	tx, err := b.payment(script, amount, fee)
	b.mu.Unlock()
	if err != nil {
		b.Mine(int(b.params.CoinbaseMaturity) + 1)
		b.mu.Lock()
		tx, err = b.payment(script, amount, fee)
		b.mu.Unlock()
		if err != nil {
			return nil, err
		}
	}
	if _, err := b.Broadcast(context.Background(), tx); err != nil {
		return nil, err
	}
	return tx, nil
}

func (b *Bitcoin) payment(script []byte, amount, fee btcutil.Amount) (*wire.MsgTx, error) {
	view := b.view(true)
	tx, total := wire.NewMsgTx(2), btcutil.Amount(0)
	byValue := func(x, y wire.OutPoint) int { // largest first, the same in every run
		return cmp.Or(cmp.Compare(view.coins[y].out.Value, view.coins[x].out.Value),
			bytes.Compare(x.Hash[:], y.Hash[:]), cmp.Compare(x.Index, y.Index))
	}
	for _, op := range slices.SortedFunc(maps.Keys(view.coins), byValue) {
		c := view.coins[op]
		immature := c.coinbase && b.height()+1-c.height < int32(b.params.CoinbaseMaturity)
		if !bytes.Equal(c.out.PkScript, b.script) || immature {
			continue
		}
		tx.AddTxIn(wire.NewTxIn(&op, nil, nil))
		if total += btcutil.Amount(c.out.Value); total >= amount+fee {
			break
		}
	}
	if total < amount+fee {
		return nil, fmt.Errorf("the miner has %s, not %s", total, amount+fee)
	}
	tx.AddTxOut(wire.NewTxOut(int64(amount), script))
	if change := total - amount - fee; change > 1000 {
		tx.AddTxOut(wire.NewTxOut(int64(change), b.script))
	}
	for i, in := range tx.TxIn {
		sig, err := txscript.SignatureScript(tx, i, b.script, txscript.SigHashAll, b.key, true)
		if err != nil {
			return nil, err
		}
		in.SignatureScript = sig
	}
	return tx, nil
}

// extend mines one block on the best chain. The lock is held.
func (b *Bitcoin) extend(script []byte, txs []*wire.MsgTx) error {
	height := b.height() + 1
	var fees int64
	view := b.view(false)
	for _, tx := range txs {
		for _, in := range tx.TxIn {
			c, ok := view.coins[in.PreviousOutPoint]
			if !ok {
				return fmt.Errorf("%s: no such coin", in.PreviousOutPoint)
			}
			fees += c.out.Value
		}
		for _, out := range tx.TxOut {
			fees -= out.Value
		}
		view.add(tx, height)
	}
	block, err := chain.Template{
		Prev:   b.tip(),
		Height: height,
		Time:   chain.NextBlockTime(time.Now(), b.times()),
		Bits:   b.params.PowLimitBits,
		Payout: script,
		Reward: btcutil.Amount(blockchain.CalcBlockSubsidy(height, b.params) + fees),
		Txs:    txs,
	}.Mine()
	if err != nil {
		return err
	}
	b.connect(block)
	return nil
}

func (b *Bitcoin) tipChanged() {
	close(b.changed)
	b.changed = make(chan struct{})
}

// connect adds a block to the chain. The lock is held.
func (b *Bitcoin) connect(block *wire.MsgBlock) {
	b.put(block)
	b.afterBlock(block)
	b.cool()
	b.tellConnected(block, b.height())
}

// rewind disconnects blocks and returns their transactions, parents first.
func (b *Bitcoin) rewind(depth int32) (gone []*wire.MsgTx) {
	fork := b.height() - depth
	for _, hash := range b.best[fork+1:] {
		gone = append(gone, b.blocks[hash].Transactions[1:]...)
	}
	for b.height() > fork {
		b.tellDisconnected(b.blocks[b.tip()], b.height())
		b.drop()
	}
	return gone
}
