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
	params *chaincfg.Params
	key    *btcec.PrivateKey // of the miner
	script []byte

	blocks map[chainhash.Hash]*wire.MsgBlock // also those of branches that lost
	best   []chainhash.Hash                  // by height
	coins  map[wire.OutPoint]coin            // unspent in the best chain
	undo   map[chainhash.Hash][]spent        // what each best block spent
	txs    map[chainhash.Hash]place          // of the best chain

	pool    []*wire.MsgTx                    // parents before children
	pooled  map[chainhash.Hash]*wire.MsgTx   // the same by txid
	spends  map[wire.OutPoint]chainhash.Hash // by whom in the pool
	sent    []*wire.MsgTx
	changed chan struct{} // closed and replaced when the tip changes
	clients []*walletClient

	down     bool
	indexing bool           // the index of transactions is being built
	feeRate  btcutil.Amount // 0: no estimate
	relay    Relay
	risen    btcutil.Amount // the floor that a full pool has raised
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
	return &Bitcoin{
		params:  params,
		key:     key,
		script:  script,
		blocks:  map[chainhash.Hash]*wire.MsgBlock{*params.GenesisHash: params.GenesisBlock},
		best:    []chainhash.Hash{*params.GenesisHash},
		coins:   make(map[wire.OutPoint]coin),
		undo:    make(map[chainhash.Hash][]spent),
		txs:     make(map[chainhash.Hash]place),
		pooled:  make(map[chainhash.Hash]*wire.MsgTx),
		spends:  make(map[wire.OutPoint]chainhash.Hash),
		changed: make(chan struct{}),
		relay:   BtcdRelay(),
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

// Sent returns every transaction that was handed to Broadcast, in order, with
// repetitions and with those that were refused.
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

// MineTxs mines one block with the given transactions, parents before children,
// and without the memory pool. They must be valid, but need not be standard.
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

// Reorg replaces the last depth blocks by depth+1 empty ones. The transactions
// of the replaced blocks return to the memory pool; with drop they are lost.
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

// Rewind takes the last depth blocks away and puts nothing in their place, as a
// node does in the middle of a reorg. Their transactions return to the pool.
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

// comeBack takes what a reorg set free into the pool again. What cannot come back is
// lost, as at a node.
func (b *Bitcoin) comeBack(txs []*wire.MsgTx) {
	for _, tx := range txs {
		_ = b.accept(tx, b.relay.Returns)
	}
	b.trim()
}

// Pay sends an amount from the miner's coins to a script, through the memory
// pool. It mines first if the miner has nothing to spend yet.
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

func (b *Bitcoin) connect(block *wire.MsgBlock) {
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
	b.afterBlock(block)
	b.cool()
	b.tellConnected(block, height)
}

// rewind disconnects blocks and returns their transactions, parents first.
func (b *Bitcoin) rewind(depth int32) (gone []*wire.MsgTx) {
	fork := b.height() - depth
	for _, hash := range b.best[fork+1:] {
		gone = append(gone, b.blocks[hash].Transactions[1:]...)
	}
	for b.height() > fork {
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
		b.tellDisconnected(b.blocks[hash], b.height())
		b.best = b.best[:len(b.best)-1]
	}
	return gone
}

func (b *Bitcoin) height() int32 { return int32(len(b.best)) - 1 }

func (b *Bitcoin) tip() chainhash.Hash { return b.best[len(b.best)-1] }

func (b *Bitcoin) times() []time.Time {
	var out []time.Time
	for _, h := range b.best[max(0, len(b.best)-11):] {
		out = append(out, b.blocks[h].Header.Timestamp)
	}
	return out
}

func (b *Bitcoin) tipChanged() {
	close(b.changed)
	b.changed = make(chan struct{})
}
