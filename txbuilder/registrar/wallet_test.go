package registrar

import (
	"bytes"
	"context"
	"errors"
	"math/big"
	"slices"
	"testing"

	"github.com/btcsuite/btcd/address/v2"
	"github.com/btcsuite/btcd/btcec/v2"
	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/psbt/v2"
	"github.com/btcsuite/btcd/txscript/v2"
	"github.com/btcsuite/btcd/wire/v2"
	"github.com/btcsuite/btcwallet/wtxmgr"

	"blockstack/names"
	"blockstack/wallet/chain/chaintest"
)

// wallet has real keys and finds its coins in the chain.
type wallet struct {
	t                              testing.TB
	btc                            *chaintest.Bitcoin
	keys                           map[string]*btcec.PrivateKey
	payer, payer2, owner, revealer []byte
	change                         []byte
	locked                         bool
	signed                         int
	blocks                         map[chainhash.Hash]*wire.MsgBlock
}

func newWallet(t testing.TB) *wallet {
	w := &wallet{t: t, keys: map[string]*btcec.PrivateKey{}, blocks: map[chainhash.Hash]*wire.MsgBlock{}}
	w.payer, w.payer2 = w.add(1, true), w.add(2, false)
	w.owner, w.revealer, w.change = w.add(3, false), w.add(4, false), w.add(5, true)
	return w
}

// add makes a key and its script, P2SH-P2WPKH or P2PKH.
func (w *wallet) add(seed byte, nested bool) []byte {
	key, _ := btcec.PrivKeyFromBytes(bytes.Repeat([]byte{seed}, 32))
	hash := address.Hash160(key.PubKey().SerializeCompressed())
	script := names.PubKeyHashScript([20]byte(hash))
	if nested {
		script = names.ScriptHashScript([20]byte(address.Hash160(append([]byte{0, 20}, hash...))))
	}
	w.keys[string(script)] = key
	return script
}

func (w *wallet) address(script []byte) string {
	a, err := names.Sandbox("", new(big.Int)).ScriptAddress(script)
	if err != nil {
		w.t.Fatal(err)
	}
	return a
}

// chainBlocks are the blocks of the best chain.
func (w *wallet) chainBlocks(ctx context.Context) ([]*wire.MsgBlock, error) {
	tip, _, err := w.btc.Tip(ctx)
	if err != nil {
		return nil, err
	}
	var list []*wire.MsgBlock
	for h := int32(1); h <= tip; h++ {
		hash, err := w.btc.HashAt(ctx, h)
		if err != nil {
			return nil, err
		}
		b := w.blocks[hash]
		if b == nil {
			raw, err := w.btc.RawBlock(ctx, hash)
			if err != nil {
				return nil, err
			}
			b = new(wire.MsgBlock)
			if err := b.Deserialize(bytes.NewReader(raw)); err != nil {
				return nil, err
			}
			w.blocks[hash] = b
		}
		list = append(list, b)
	}
	return list, nil
}

func (w *wallet) Spendable(ctx context.Context, _ int32) ([]wtxmgr.Credit, error) {
	blocks, err := w.chainBlocks(ctx)
	if err != nil {
		return nil, err
	}
	spent := map[wire.OutPoint]bool{}
	pool, err := w.btc.MempoolTxs(ctx)
	if err != nil {
		return nil, err
	}
	for _, id := range pool {
		tx, err := w.btc.Tx(ctx, id)
		if err != nil {
			return nil, err
		}
		for _, in := range tx.TxIn {
			spent[in.PreviousOutPoint] = true
		}
	}
	var coins []wtxmgr.Credit
	for i := len(blocks) - 1; i >= 0; i-- {
		for _, tx := range blocks[i].Transactions {
			for _, in := range tx.TxIn {
				spent[in.PreviousOutPoint] = true
			}
		}
	}
	for i, b := range blocks {
		for _, tx := range b.Transactions {
			for n, o := range tx.TxOut {
				op := wire.OutPoint{Hash: tx.TxHash(), Index: uint32(n)}
				if w.keys[string(o.PkScript)] == nil || spent[op] {
					continue
				}
				c := wtxmgr.Credit{OutPoint: op, Amount: btcutil.Amount(o.Value), PkScript: o.PkScript}
				c.Height = int32(i + 1)
				coins = append(coins, c)
			}
		}
	}
	return coins, nil
}

func (w *wallet) CoinsAt(ctx context.Context, script []byte) ([]wtxmgr.Credit, error) {
	coins, err := w.Spendable(ctx, 1)
	return slices.DeleteFunc(coins, func(c wtxmgr.Credit) bool { return !bytes.Equal(c.PkScript, script) }), err
}

func (w *wallet) SpentBy(ctx context.Context, coins []wire.OutPoint) (map[wire.OutPoint]Spender, error) {
	blocks, err := w.chainBlocks(ctx)
	if err != nil {
		return nil, err
	}
	by := make(map[wire.OutPoint]Spender)
	for i, b := range blocks {
		for _, tx := range b.Transactions {
			for _, in := range tx.TxIn {
				if slices.Contains(coins, in.PreviousOutPoint) {
					by[in.PreviousOutPoint] = Spender{Txid: tx.TxHash(), Height: int32(i + 1)}
				}
			}
		}
	}
	return by, nil
}

func (w *wallet) PrevTx(ctx context.Context, op wire.OutPoint) (*wire.MsgTx, error) {
	return w.btc.Tx(ctx, op.Hash)
}

func (w *wallet) ChangeScript(context.Context) ([]byte, error) { return w.change, nil }

func (w *wallet) Scripts(context.Context) (scripts [][]byte, err error) {
	for script := range w.keys {
		scripts = append(scripts, []byte(script))
	}
	return scripts, nil
}

func (w *wallet) CanSign(context.Context) bool { return !w.locked }

var errLocked = errors.New("wallet is locked")

func (w *wallet) Sign(_ context.Context, p *psbt.Packet) error {
	if w.locked {
		return errLocked
	}
	w.signed++
	fetcher := txscript.NewMultiPrevOutFetcher(nil)
	outs := make([]*wire.TxOut, len(p.Inputs))
	for i, in := range p.Inputs {
		op := p.UnsignedTx.TxIn[i].PreviousOutPoint
		outs[i] = in.NonWitnessUtxo.TxOut[op.Index]
		fetcher.AddPrevOut(op, outs[i])
	}
	hashes := txscript.NewTxSigHashes(p.UnsignedTx, fetcher)
	u, err := psbt.NewUpdater(p)
	if err != nil {
		return err
	}
	for i, out := range outs {
		key := w.keys[string(out.PkScript)]
		if key == nil {
			return errors.New("not our coin")
		}
		pub := key.PubKey().SerializeCompressed()
		var sig, redeem []byte
		if txscript.IsPayToWitnessPubKeyHash(out.PkScript) {
			sig, err = txscript.RawTxInWitnessSignature(p.UnsignedTx, hashes, i, out.Value, out.PkScript, txscript.SigHashAll, key)
		} else if txscript.IsPayToScriptHash(out.PkScript) {
			redeem = append([]byte{0, 20}, address.Hash160(pub)...)
			sig, err = txscript.RawTxInWitnessSignature(p.UnsignedTx, hashes, i, out.Value, redeem, txscript.SigHashAll, key)
		} else {
			sig, err = txscript.RawTxInSignature(p.UnsignedTx, i, out.PkScript, txscript.SigHashAll, key)
		}
		if err != nil {
			return err
		}
		if _, err := u.Sign(i, sig, pub, redeem, nil); err != nil {
			return err
		}
	}
	return nil
}
