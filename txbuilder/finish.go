package txbuilder

import (
	"bytes"
	"fmt"

	"github.com/btcsuite/btcd/psbt/v2"
	"github.com/btcsuite/btcd/txscript/v2"
	"github.com/btcsuite/btcd/wire/v2"
)

// Finish finalizes a signed packet and extracts its transaction. It runs the
// script of every input with the flags that nodes relay by, so what it returns
// is spendable, and leaves the packet it was given untouched.
func Finish(p *psbt.Packet) (*wire.MsgTx, error) {
	if err := checkPacket(p); err != nil {
		return nil, err
	}
	done, err := clonePacket(p)
	if err != nil {
		return nil, err
	}
	for i := range done.Inputs {
		enough(done, i)
		if ok, err := psbt.MaybeFinalize(done, i); err != nil || !ok {
			if m, several := MultisigOf(p, i); several && len(m.Signed) < m.Threshold {
				return nil, fmt.Errorf("input %d: %w: it has %d of %d signatures", i, ErrNotSigned, len(m.Signed), m.Threshold)
			}
			return nil, fmt.Errorf("input %d: %w: %v", i, ErrNotSigned, err)
		}
	}
	tx, err := psbt.Extract(done)
	if err != nil {
		return nil, fmt.Errorf("extract: %w", err)
	}
	return tx, verify(tx, p)
}

// verify runs every input's script.
func verify(tx *wire.MsgTx, p *psbt.Packet) error {
	prev := txscript.NewMultiPrevOutFetcher(nil)
	for i := range p.Inputs {
		prev.AddPrevOut(tx.TxIn[i].PreviousOutPoint, previous(p, i))
	}
	hashes := txscript.NewTxSigHashes(tx, prev)
	for i := range tx.TxIn {
		out := previous(p, i)
		vm, err := txscript.NewEngine(out.PkScript, tx, i, txscript.StandardVerifyFlags, nil, hashes, out.Value, prev)
		if err == nil {
			err = vm.Execute()
		}
		if err != nil {
			return fmt.Errorf("input %d: %w: %w", i, ErrNotSigned, err)
		}
	}
	return nil
}

// checkPacket makes sure that every input carries the transaction it spends
// from, and that it is that transaction.
func checkPacket(p *psbt.Packet) error {
	if p == nil || p.UnsignedTx == nil || len(p.Inputs) != len(p.UnsignedTx.TxIn) || len(p.Inputs) == 0 {
		return fmt.Errorf("%w: not a complete packet", ErrBadRequest)
	}
	for i, in := range p.Inputs {
		op := p.UnsignedTx.TxIn[i].PreviousOutPoint
		switch {
		case in.NonWitnessUtxo == nil:
			return fmt.Errorf("input %d: %w: its previous transaction is missing", i, ErrBadRequest)
		case in.NonWitnessUtxo.TxHash() != op.Hash || int64(op.Index) >= int64(len(in.NonWitnessUtxo.TxOut)):
			return fmt.Errorf("input %d: %w: the given transaction is not the one it spends from", i, ErrBadRequest)
		case in.WitnessUtxo != nil && !psbt.TxOutsEqual(in.WitnessUtxo, in.NonWitnessUtxo.TxOut[op.Index]):
			return fmt.Errorf("input %d: %w: its two previous outputs differ", i, ErrBadRequest)
		}
	}
	return nil
}

// previous is the output that input i spends, from the full transaction.
func previous(p *psbt.Packet, i int) *wire.TxOut {
	return p.Inputs[i].NonWitnessUtxo.TxOut[p.UnsignedTx.TxIn[i].PreviousOutPoint.Index]
}

// clonePacket copies a packet through its serialization, so that finalizing,
// which drops the partial signatures, leaves the caller's packet whole.
func clonePacket(p *psbt.Packet) (*psbt.Packet, error) {
	var b bytes.Buffer
	if err := p.Serialize(&b); err != nil {
		return nil, fmt.Errorf("copy packet: %w", err)
	}
	c, err := psbt.NewFromRawBytes(&b, false)
	if err != nil {
		return nil, fmt.Errorf("copy packet: %w", err)
	}
	return c, nil
}

// sameTransaction compares what a signer must not change.
func sameTransaction(want, got *wire.MsgTx) error {
	if want.Version != got.Version || want.LockTime != got.LockTime {
		return fmt.Errorf("%w: version or lock time", ErrAltered)
	}
	if len(want.TxIn) != len(got.TxIn) || len(want.TxOut) != len(got.TxOut) {
		return fmt.Errorf("%w: number of inputs or outputs", ErrAltered)
	}
	for i, in := range want.TxIn {
		if in.PreviousOutPoint != got.TxIn[i].PreviousOutPoint || in.Sequence != got.TxIn[i].Sequence {
			return fmt.Errorf("%w: input %d", ErrAltered, i)
		}
	}
	for i, out := range want.TxOut {
		if !psbt.TxOutsEqual(out, got.TxOut[i]) {
			return fmt.Errorf("%w: output %d", ErrAltered, i)
		}
	}
	return nil
}
