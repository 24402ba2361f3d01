package txbuilder

import (
	"fmt"
	"math/big"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/psbt/v2"
	"github.com/btcsuite/btcd/wire/v2"
)

// Plan is an unsigned transaction and what a person needs to decide about it.
type Plan struct {
	// Operation is what the transaction does, in a word or two.
	Operation string
	// Packet is to be signed. It carries the previous transaction of every input.
	Packet *psbt.Packet
	// Fee goes to miners; Burn to an address nobody can spend from, or to the creator of a
	// version-2 namespace.
	Fee, Burn btcutil.Amount
	// BurnTokens is what the operation debits from the account of input 0's address, in
	// microSTACKS; nil when no tokens are involved.
	BurnTokens *big.Int
	// Change is the index of the payer's change, -1 without one.
	Change int
	// Keep is what the change must hold at least, because what follows the operation is paid from
	// it.
	Keep btcutil.Amount
	// Weight and VSize are upper bounds for the signed transaction.
	Weight, VSize int64
	// Lines say what each output is for; the last one is the fee.
	Lines []Line
	// Sender is the script of input 0, which the protocol takes for the sender.
	Sender []byte

	unsigned *wire.MsgTx
}

// Line is one thing that a transaction pays.
type Line struct {
	Output  int // index; -1: the fee
	Role    Role
	Address string // empty where there is none
	Amount  btcutil.Amount
	Text    string
}

// Rate is the fee rate of the plan.
func (p *Plan) Rate() FeeRate { return RateOf(p.Fee, p.VSize) }

// ChangeValue is what returns to the payer.
func (p *Plan) ChangeValue() btcutil.Amount {
	if p.Change < 0 {
		return 0
	}
	return btcutil.Amount(p.unsigned.TxOut[p.Change].Value)
}

// Total is what leaves the wallet for good if every output that is not change is taken as given
// away: fee, burn and outputs to others.
func (p *Plan) Total() btcutil.Amount {
	sum := p.Fee
	for i, o := range p.unsigned.TxOut {
		if i != p.Change {
			sum += btcutil.Amount(o.Value)
		}
	}
	return sum
}

// Finish turns the plan's signed packet into the transaction. Beyond what the function Finish
// checks, the transaction must be the one that was planned, and pay the planned fee.
func (p *Plan) Finish() (*wire.MsgTx, error) {
	tx, err := Finish(p.Packet)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p.Operation, err)
	}
	if err := sameTransaction(p.unsigned, tx); err != nil {
		return nil, fmt.Errorf("%s: %w", p.Operation, err)
	}
	in, err := psbt.SumUtxoInputValues(p.Packet)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p.Operation, err)
	}
	fee := btcutil.Amount(in)
	for _, o := range tx.TxOut {
		fee -= btcutil.Amount(o.Value)
	}
	if fee != p.Fee {
		return nil, fmt.Errorf("%s: %w: pays a fee of %s, planned was %s", p.Operation, ErrAltered, FormatAmount(fee), FormatAmount(p.Fee))
	}
	return tx, nil
}
