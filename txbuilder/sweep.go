package txbuilder

import (
	"fmt"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/psbt/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/names/outscript"
)

// maxSweep is how many coins one sweep spends: far below what nodes relay.
const maxSweep = 300

// SweptCoin is a coin of a key that is not the wallet's, and how large what spends it is at most.
type SweptCoin struct {
	OutPoint wire.OutPoint
	Tx       *wire.MsgTx // the transaction that made it
	Redeem   []byte      // the script inside P2SH; nil: none
	Witness  []byte      // the script inside P2WSH; nil: none
	Base     int64       // bytes of the signature script
	Wit      int64       // bytes of the witness, with its count; 0: none
}

// Sweep is a transaction that moves all of some coins to one script.
type Sweep struct {
	Packet *psbt.Packet
	Amount btcutil.Amount // what arrives
	Fee    btcutil.Amount
	VSize  int64 // at most
}

// SweepCoins plans to move coins to a script: one transaction for every 300, each paying its fee
// out of what it moves. lockTime is that of all of them. What would arrive as dust is an
// *InsufficientFunds.
func SweepCoins(coins []SweptCoin, to []byte, rate FeeRate, lockTime uint32) ([]*Sweep, error) {
	if err := rate.check(); err != nil {
		return nil, err
	}
	var list []*Sweep
	for len(coins) > 0 {
		n := min(len(coins), maxSweep)
		s, err := sweep(coins[:n], to, rate, lockTime)
		if err != nil {
			return nil, err
		}
		list, coins = append(list, s), coins[n:]
	}
	return list, nil
}

// sweep plans one transaction.
func sweep(coins []SweptCoin, to []byte, rate FeeRate, lockTime uint32) (*Sweep, error) {
	var size sizes
	var in btcutil.Amount
	ops, seqs := make([]*wire.OutPoint, len(coins)), make([]uint32, len(coins))
	for i, c := range coins {
		if int64(c.OutPoint.Index) >= int64(len(c.Tx.TxOut)) || c.Tx.TxHash() != c.OutPoint.Hash {
			return nil, fmt.Errorf("%w: coin %s is not in its transaction", ErrBadRequest, c.OutPoint)
		}
		in += btcutil.Amount(c.Tx.TxOut[c.OutPoint.Index].Value)
		op := c.OutPoint
		ops[i], seqs[i] = &op, replaceable
		size.inputs++
		size.inBase += outpointSize + sequenceSize + int64(wire.VarIntSerializeSize(uint64(c.Base))) + c.Base
		size.inWitness += c.Wit
		if c.Wit == 0 {
			size.bare++
		}
	}
	size.output(to)
	s := &Sweep{VSize: size.vsize()}
	s.Fee = rate.Fee(s.VSize)
	s.Amount = in - s.Fee
	switch least := DustLimit(to); {
	case s.Fee > DefaultMaxFee:
		return nil, &FeeTooHigh{Fee: s.Fee, Ceiling: DefaultMaxFee}
	case s.Amount < least:
		return nil, &InsufficientFunds{Need: s.Fee + least, Have: in}
	}
	var err error
	if s.Packet, err = psbt.New(ops, []*wire.TxOut{wire.NewTxOut(int64(s.Amount), to)}, txVersion, lockTime, seqs); err != nil {
		return nil, fmt.Errorf("packet: %w", err)
	}
	for i, c := range coins {
		p := &s.Packet.Inputs[i]
		p.NonWitnessUtxo, p.RedeemScript, p.WitnessScript = c.Tx, c.Redeem, c.Witness
		if out := c.Tx.TxOut[c.OutPoint.Index]; c.Wit > 0 || outscript.IsWitness(out.PkScript) {
			p.WitnessUtxo = out
		}
	}
	return s, nil
}

// Finish turns the signed packet into its transaction, which must be the one that was planned, and
// no larger than it was thought to be.
func (s *Sweep) Finish() (*wire.MsgTx, error) {
	planned := s.Packet.UnsignedTx.Copy()
	tx, err := Finish(s.Packet)
	if err != nil {
		return nil, err
	}
	bare := tx.Copy()
	for _, in := range bare.TxIn {
		in.SignatureScript, in.Witness = nil, nil
	}
	if err := sameTransaction(planned, bare); err != nil {
		return nil, err
	}
	return tx, nil
}
