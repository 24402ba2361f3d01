package txbuilder

import (
	"context"
	"fmt"

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

// Input is a coin together with the transaction that made it, which need not be known to any node
// yet.
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

// Funding says how a transaction is paid.
type Funding struct {
	// Rate is what it pays per size.
	Rate FeeRate
	// MinFee is the least it pays in all, for replacements (BIP 125 rules 3, 4).
	MinFee btcutil.Amount
	// Inputs must be spent, in this order; the first is input 0. Further coins are added after them
	// as needed, unless Closed.
	Inputs []Input
	Closed bool
	// First says which scripts may stand at input 0 when Inputs is empty; nil allows every
	// permitted one.
	First func(script []byte) bool
	// Change overrides where optional change goes.
	Change []byte
	// Keep is what the change must hold at least; optional change is not optional then.
	Keep btcutil.Amount
}

// ownerFirst puts the owner's coin at input 0, before all others.
func ownerFirst(f Funding, owner Input) Funding {
	f.Inputs = append([]Input{owner}, f.Inputs...)
	return f
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
