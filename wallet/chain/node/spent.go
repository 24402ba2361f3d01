package node

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"github.com/btcsuite/btcd/btcjson"
	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/wallet/chain"
)

const (
	spentBlocks   = 8      // blocks whose spent outputs are kept: more than are read at once
	maxScript     = 10_000 // bytes of an output script that can be spent
	coinDigits    = 8      // of an amount in BTC, after the point
	verboseBlocks = 3      // the verbosity of getblock that shows previous outputs
)

// BlocksWithSpent is a bitcoind as a source of blocks. What a block's transactions spend comes from
// the node's undo data, by getblock with verbosity 3 (Bitcoin Core 23.0 and its kin), so no
// transaction index is needed; another program, an older node or one that lost its undo data is
// asked for previous transactions one by one, which needs one. What the node shows is compared with
// the transaction that made the output, see confirm.
//
// Of the answer these members are read, strictly; others may be there:
//
//	block   = { "hash": hash, "tx": [ tx, … ] }
//	tx      = { "txid": hash, "vin": [ input, … ] }
//	input   = { "coinbase": hex }
//	        / { "txid": hash, "vout": number, "prevout": { "height": number, "value": amount, "scriptPubKey": { "hex": hex } } }
//	amount  = BTC, a decimal number with at most 8 digits after the point
type BlocksWithSpent struct {
	*Node
	mu    sync.Mutex
	kept  map[chainhash.Hash]*spentBlock
	order []chainhash.Hash // of kept, oldest first
}

// spentBlock is what the transactions of a block spend.
type spentBlock struct {
	once sync.Once
	txs  [][]spentOutput
	err  error
}

// spentOutput is an output that an input spends; out is nil when the node did not show it.
type spentOutput struct {
	op     wire.OutPoint
	out    *wire.TxOut
	height *int32 // of the block that made it, as the node says; nil: it does not
}

// SpentBy returns the outputs that the inputs of a block's transaction spend, in the order of the
// inputs; those of a coinbase are none. The block is asked for once, however many of its
// transactions are looked at.
func (b *BlocksWithSpent) SpentBy(ctx context.Context, block chainhash.Hash, txIndex int) ([]*wire.TxOut, error) {
	kept := b.block(block)
	kept.once.Do(func() { kept.txs, kept.err = b.fetchSpent(ctx, block) })
	if kept.err != nil {
		b.forget(block, kept) // the next call asks again
		return nil, fmt.Errorf("spent outputs of block %s: %w", block, kept.err)
	}
	if txIndex < 0 || txIndex >= len(kept.txs) {
		return nil, fmt.Errorf("spent outputs of block %s: %w: transaction %d of %d", block, chain.ErrBadAnswer, txIndex, len(kept.txs))
	}
	outs := make([]*wire.TxOut, len(kept.txs[txIndex]))
	for i, s := range kept.txs[txIndex] {
		if outs[i] = s.out; s.out != nil {
			if err := b.confirm(ctx, s); err != nil {
				return nil, fmt.Errorf("spent output %s: %w", s.op, err)
			}
			continue
		}
		out, err := b.PrevOut(ctx, s.op)
		if errors.Is(err, chain.ErrNoTxIndex) {
			err = fmt.Errorf("%w, and getblock does not show what its inputs spend", err)
		}
		if err != nil {
			return nil, fmt.Errorf("spent output %s: %w", s.op, err)
		}
		outs[i] = out
	}
	return outs, nil
}

// confirm holds an output that the node shows against the transaction that made it, whose id the
// spending input names. Where headers are kept, the node is asked for it by its block, which takes
// no transaction index.
func (b *BlocksWithSpent) confirm(ctx context.Context, s spentOutput) error {
	if b.cfg.Headers == nil {
		return nil
	}
	tx, err := b.made(ctx, s)
	if err != nil {
		return err
	}
	if uint64(s.op.Index) >= uint64(len(tx.TxOut)) {
		return b.lying(chain.ErrNoOutput)
	}
	if out := tx.TxOut[s.op.Index]; out.Value != s.out.Value || !bytes.Equal(out.PkScript, s.out.PkScript) {
		return b.lying(errors.New("it shows another output than the transaction has"))
	}
	return nil
}

// made is the transaction that made an output.
func (b *BlocksWithSpent) made(ctx context.Context, s spentOutput) (*wire.MsgTx, error) {
	if c, err := b.prev.Get(s.op.Hash); err == nil {
		return c.tx, nil
	}
	if s.height == nil {
		return nil, fmt.Errorf("%w: it does not say in which block the output was made", chain.ErrBadAnswer)
	}
	block, err := b.HashAt(ctx, *s.height)
	if err != nil {
		return nil, err
	}
	raw, err := b.callHex(ctx, "getrawtransaction", s.op.Hash.String(), false, block.String())
	var tx *wire.MsgTx
	switch err = txError(err); {
	case err == nil:
		tx, err = b.parseTx(s.op.Hash, raw)
	case errors.Is(err, chain.ErrTxNotFound), errors.Is(err, chain.ErrCannotTell): // the block itself says it
		tx, err = b.inWhole(ctx, s.op.Hash, block)
	default:
		err = b.notThere(ctx, err)
	}
	if err != nil {
		return nil, err
	}
	_, _ = b.prev.Put(s.op.Hash, cachedTx{tx}) // too large for the cache: not kept
	return tx, nil
}

// inWhole takes a transaction out of the block that the node says it is in.
func (b *BlocksWithSpent) inWhole(ctx context.Context, txid, block chainhash.Hash) (*wire.MsgTx, error) {
	raw, err := b.RawBlock(ctx, block)
	if err != nil {
		return nil, err
	}
	msg, err := parseBlock(block, raw)
	if err != nil {
		return nil, err
	}
	for _, tx := range msg.Transactions {
		if tx.TxHash() == txid {
			return tx, nil
		}
	}
	return nil, b.lying(fmt.Errorf("it says that the output was made in block %s, and it is not there", block))
}

// block returns the place where a block's spent outputs are kept.
func (b *BlocksWithSpent) block(hash chainhash.Hash) *spentBlock {
	b.mu.Lock()
	defer b.mu.Unlock()
	if s := b.kept[hash]; s != nil {
		return s
	}
	if b.kept == nil {
		b.kept = make(map[chainhash.Hash]*spentBlock)
	}
	if len(b.order) == spentBlocks {
		delete(b.kept, b.order[0])
		b.order = b.order[1:]
	}
	s := &spentBlock{}
	b.kept[hash] = s
	b.order = append(b.order, hash)
	return s
}

// forget drops a block that could not be read.
func (b *BlocksWithSpent) forget(hash chainhash.Hash, s *spentBlock) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.kept[hash] != s {
		return
	}
	delete(b.kept, hash)
	for i, h := range b.order {
		if h == hash {
			b.order = append(b.order[:i:i], b.order[i+1:]...)
			return
		}
	}
}

// verboseBlock is what is read of getblock's answer.
type verboseBlock struct {
	Hash string      `json:"hash"`
	Tx   []verboseTx `json:"tx"`
}

type verboseTx struct {
	Vin []verboseInput `json:"vin"`
}

type verboseInput struct {
	Coinbase *string         `json:"coinbase"`
	Txid     string          `json:"txid"`
	Vout     *uint32         `json:"vout"`
	Prevout  *verbosePrevout `json:"prevout"`
}

type verbosePrevout struct {
	Height *int32      `json:"height"`
	Value  json.Number `json:"value"`
	Script struct {
		Hex *string `json:"hex"`
	} `json:"scriptPubKey"`
}

func (b *BlocksWithSpent) fetchSpent(ctx context.Context, block chainhash.Hash) ([][]spentOutput, error) {
	var answer verboseBlock
	if err := b.rpc.call(ctx, "getblock", &answer, block.String(), verboseBlocks); err != nil {
		var no *btcjson.RPCError
		if errors.As(err, &no) && no.Code != btcjson.ErrRPCBlockNotFound && !errors.Is(blockError(err), chain.ErrPruned) {
			return b.inputs(ctx, block) // the program does not know this verbosity
		}
		return nil, blockError(err)
	}
	if got, err := parseHash(answer.Hash); err != nil || got != block {
		return nil, fmt.Errorf("%w: another block", chain.ErrBadAnswer)
	}
	txs := make([][]spentOutput, len(answer.Tx))
	for i, tx := range answer.Tx {
		for j := range tx.Vin {
			if tx.Vin[j].Coinbase != nil {
				continue
			}
			s, err := tx.Vin[j].spent()
			if err != nil {
				return nil, fmt.Errorf("transaction %d: input %d: %w", i, j, err)
			}
			txs[i] = append(txs[i], s)
		}
	}
	return txs, nil
}

// inputs reads from the block itself what its transactions spend; which outputs those are has to be
// asked for.
func (b *BlocksWithSpent) inputs(ctx context.Context, block chainhash.Hash) ([][]spentOutput, error) {
	raw, err := b.RawBlock(ctx, block)
	if err != nil {
		return nil, err
	}
	var msg wire.MsgBlock
	if err := msg.Deserialize(bytes.NewReader(raw)); err != nil {
		return nil, fmt.Errorf("%w: %w", chain.ErrBadAnswer, err)
	}
	txs := make([][]spentOutput, len(msg.Transactions))
	for i, tx := range msg.Transactions[min(1, len(txs)):] { // past the coinbase
		for _, in := range tx.TxIn {
			txs[i+1] = append(txs[i+1], spentOutput{op: in.PreviousOutPoint})
		}
	}
	return txs, nil
}

// spent reads an input.
func (in *verboseInput) spent() (spentOutput, error) {
	var s spentOutput
	txid, err := parseHash(in.Txid)
	if err != nil {
		return s, err
	}
	if in.Vout == nil {
		return s, fmt.Errorf("%w: no output number", chain.ErrBadAnswer)
	}
	s.op = wire.OutPoint{Hash: txid, Index: *in.Vout}
	p := in.Prevout
	if p == nil {
		return s, nil
	}
	value, err := parseCoins(p.Value.String())
	if err != nil {
		return s, err
	}
	if p.Script.Hex == nil {
		return s, fmt.Errorf("%w: no script", chain.ErrBadAnswer)
	}
	script, err := hex.DecodeString(*p.Script.Hex)
	if err != nil {
		return s, fmt.Errorf("%w: script: %w", chain.ErrBadAnswer, err)
	}
	if len(script) > maxScript {
		return s, fmt.Errorf("%w: script of %d bytes", chain.ErrBadAnswer, len(script))
	}
	s.out, s.height = wire.NewTxOut(int64(value), script), p.Height
	return s, nil
}

// parseCoins reads an amount in BTC without rounding.
func parseCoins(text string) (btcutil.Amount, error) {
	whole, fraction, _ := strings.Cut(text, ".")
	bad := fmt.Errorf("%w: amount %q", chain.ErrBadAnswer, chain.Clip(text))
	if whole == "" || len(whole) > coinDigits || len(fraction) > coinDigits || strings.HasSuffix(text, ".") {
		return 0, bad
	}
	sat, err := strconv.ParseUint(whole+fraction+strings.Repeat("0", coinDigits-len(fraction)), 10, 63)
	if err != nil || sat > btcutil.MaxSatoshi {
		return 0, bad
	}
	return btcutil.Amount(sat), nil
}

// Blocks returns the node as a source of blocks. That of a bitcoind has the method SpentBy of
// BlocksWithSpent beside those of Blocks and needs no transaction index; a btcd shows spent outputs
// with its transaction index only.
func (n *Node) Blocks() chain.Blocks {
	if n.cfg.Kind == Bitcoind {
		return &BlocksWithSpent{Node: n}
	}
	return n
}
