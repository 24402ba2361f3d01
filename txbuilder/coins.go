package txbuilder

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/psbt/v2"
	"github.com/btcsuite/btcd/wire/v2"
	"github.com/btcsuite/btcwallet/wtxmgr"
)

// Coins is where spendable coins come from.
type Coins interface {
	// Spendable lists coins with at least minConf confirmations.
	Spendable(ctx context.Context, minConf int32) ([]wtxmgr.Credit, error)
	// PrevTx gives the transaction that made a coin.
	PrevTx(ctx context.Context, op wire.OutPoint) (*wire.MsgTx, error)
	// ChangeScript gives a script of the wallet for change.
	ChangeScript(ctx context.Context) ([]byte, error)
}

// Signer adds the wallet's signatures to a packet.
type Signer interface {
	Sign(ctx context.Context, p *psbt.Packet) error
}

// Input is a coin together with the transaction that made it, which need not be
// known to any node yet.
type Input struct {
	wire.OutPoint
	Tx *wire.MsgTx
	// Redeem is the redeem script of a P2SH coin that is not P2SH-P2WPKH.
	Redeem []byte
}

// InputOf is output index of a transaction as an input.
func InputOf(tx *wire.MsgTx, index int) Input {
	return Input{OutPoint: wire.OutPoint{Hash: tx.TxHash(), Index: uint32(index)}, Tx: tx}
}

// output is the coin that the input spends.
func (in Input) output() (*wire.TxOut, error) {
	if in.Tx == nil || int64(in.Index) >= int64(len(in.Tx.TxOut)) || in.Tx.TxHash() != in.Hash {
		return nil, fmt.Errorf("%w: input %s without the transaction that made it", ErrBadRequest, in.OutPoint)
	}
	return in.Tx.TxOut[in.Index], nil
}

// coin is an input while inputs are being chosen.
type coin struct {
	op     wire.OutPoint
	value  btcutil.Amount
	script []byte
	redeem []byte
	tx     *wire.MsgTx // nil until it is needed
	base   int64       // what spending it adds, see inputWeight
	wit    int64
}

// given turns an input into a coin.
func given(in Input) (*coin, error) {
	out, err := in.output()
	if err != nil {
		return nil, err
	}
	c := &coin{op: in.OutPoint, value: btcutil.Amount(out.Value), script: out.PkScript, redeem: in.Redeem, tx: in.Tx}
	c.base, c.wit, err = inputWeight(c.script, c.redeem)
	return c, err
}

// spendable lists the wallet's coins that may pay, smallest first: not reserved,
// not an owner's, not immature, not in skip, and of a kind whose size is known.
// In a name operation native segwit coins are left out; their sum is returned.
func (b *Builder) spendable(ctx context.Context, named bool, skip map[wire.OutPoint]bool) ([]*coin, btcutil.Amount, error) {
	credits, err := b.cfg.Coins.Spendable(ctx, b.cfg.MinConf)
	if err != nil {
		return nil, 0, fmt.Errorf("list coins: %w", err)
	}
	var usable []*coin
	var unusable btcutil.Amount
	for _, cr := range credits {
		switch {
		case skip[cr.OutPoint],
			b.cfg.Reserved != nil && b.cfg.Reserved(cr.OutPoint),
			b.cfg.Owner != nil && b.cfg.Owner(cr.PkScript),
			cr.FromCoinBase && !b.mature(cr.Height),
			cr.Amount <= 0:
			continue
		}
		if named && !KindOf(cr.PkScript).named() {
			unusable += cr.Amount
			continue
		}
		c := &coin{op: cr.OutPoint, value: cr.Amount, script: cr.PkScript}
		if c.base, c.wit, err = inputWeight(c.script, nil); err != nil {
			unusable += cr.Amount
			continue
		}
		usable = append(usable, c)
	}
	slices.SortFunc(usable, compareCoins)
	return usable, unusable, nil
}

// compareCoins orders by value, then by outpoint, so that the same coins give
// the same transaction.
func compareCoins(a, b *coin) int {
	if c := cmp.Compare(a.value, b.value); c != 0 {
		return c
	}
	if c := bytes.Compare(a.op.Hash[:], b.op.Hash[:]); c != 0 {
		return c
	}
	return cmp.Compare(a.op.Index, b.op.Index)
}

// mature says whether a coinbase output of a height can be spent in the next
// block. With the tip unknown the wallet's word is taken.
func (b *Builder) mature(height int32) bool {
	if b.cfg.Height <= 0 {
		return true
	}
	return height >= 0 && b.cfg.Height-height+1 >= int32(b.cfg.Net.CoinbaseMaturity)
}

// load fetches the transactions of chosen coins and holds the wallet to them.
func (b *Builder) load(ctx context.Context, coins []*coin) error {
	for _, c := range coins {
		if c.tx != nil {
			continue
		}
		tx, err := b.cfg.Coins.PrevTx(ctx, c.op)
		if err != nil {
			return fmt.Errorf("previous transaction of %s: %w", c.op, err)
		}
		in := Input{OutPoint: c.op, Tx: tx}
		out, err := in.output()
		if err != nil {
			return err
		}
		if btcutil.Amount(out.Value) != c.value || !bytes.Equal(out.PkScript, c.script) {
			return fmt.Errorf("%w: coin %s is not what its transaction says", ErrBadRequest, c.op)
		}
		c.tx = tx
	}
	return nil
}
