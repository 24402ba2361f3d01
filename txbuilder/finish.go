package txbuilder

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/btcsuite/btcd/psbt/v2"
	"github.com/btcsuite/btcd/txscript/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/names/outscript"
)

// Finish finalizes a signed packet and extracts its transaction. It runs the script of every input
// with the flags that nodes relay by, so what it returns is spendable, and leaves the packet it was
// given untouched.
//
// Segwit inputs need no previous transaction: their signatures commit to the amount, so that a
// wrong one makes the script fail.
func Finish(p *psbt.Packet) (*wire.MsgTx, error) {
	if err := checkShape(p); err != nil {
		return nil, err
	}
	for i := range p.Inputs {
		if _, err := spends(p, i); err != nil {
			return nil, err
		}
	}
	done, err := clonePacket(p)
	if err != nil {
		return nil, err
	}
	for i := range done.Inputs {
		if err := finalize(done, i); err != nil {
			return nil, err
		}
	}
	tx, err := psbt.Extract(done)
	if err != nil {
		return nil, fmt.Errorf("extract: %w", err)
	}
	for i := range tx.TxIn {
		if err := verify(tx, p, i); err != nil {
			return nil, err
		}
	}
	return tx, nil
}

// finishedInput says whether input i of a packet can be finished, whatever the others are.
func finishedInput(p *psbt.Packet, i int) error {
	if err := checkShape(p); err != nil {
		return err
	}
	if _, err := spends(p, i); err != nil {
		return err
	}
	done, err := clonePacket(p)
	if err != nil {
		return err
	}
	if err := finalize(done, i); err != nil {
		return err
	}
	tx := p.UnsignedTx.Copy()
	tx.TxIn[i].SignatureScript = done.Inputs[i].FinalScriptSig
	if raw := done.Inputs[i].FinalScriptWitness; len(raw) > 0 {
		if tx.TxIn[i].Witness, err = readWitness(raw); err != nil {
			return fmt.Errorf("input %d: %w: its witness: %w", i, ErrNotSigned, err)
		}
	}
	return verify(tx, p, i)
}

// readWitness reads a witness as a packet carries it.
func readWitness(raw []byte) (wire.TxWitness, error) {
	r := bytes.NewReader(raw)
	n, err := wire.ReadVarInt(r, 0)
	if err != nil || n > uint64(len(raw)) {
		return nil, errors.New("its number of parts")
	}
	w := make(wire.TxWitness, n)
	for i := range w {
		if w[i], err = wire.ReadVarBytes(r, 0, uint32(len(raw)), "witness"); err != nil {
			return nil, err
		}
	}
	if r.Len() > 0 {
		return nil, errors.New("something follows it")
	}
	return w, nil
}

// finalize finishes input i of a packet that may be changed.
func finalize(p *psbt.Packet, i int) error {
	out, err := spends(p, i)
	if err != nil {
		return err
	}
	in := &p.Inputs[i]
	// The finalizer writes a witness if and only if there is a witness output.
	if in.WitnessUtxo = nil; isSegwit(in, out) {
		in.WitnessUtxo = out
	}
	m, several := MultisigOf(p, i)
	enough(p, i)
	if ok, err := psbt.MaybeFinalize(p, i); err != nil || !ok {
		if several && len(m.Signed) < m.Threshold {
			return fmt.Errorf("input %d: %w: it has %d of %d signatures", i, ErrNotSigned, len(m.Signed), m.Threshold)
		}
		return fmt.Errorf("input %d: %w: %v", i, ErrNotSigned, err)
	}
	return nil
}

// verify runs the script of one input.
func verify(tx *wire.MsgTx, p *psbt.Packet, i int) error {
	own, err := spends(p, i)
	if err != nil {
		return err
	}
	prev := txscript.NewMultiPrevOutFetcher(nil)
	for n := range p.Inputs {
		out, err := spends(p, n)
		switch {
		case err == nil:
		case outscript.KindOf(own.PkScript) == outscript.P2TR: // its signature commits to all amounts
			return err
		default:
			out = new(wire.TxOut)
		}
		prev.AddPrevOut(tx.TxIn[n].PreviousOutPoint, out)
	}
	vm, err := txscript.NewEngine(own.PkScript, tx, i, txscript.StandardVerifyFlags, nil, txscript.NewTxSigHashes(tx, prev), own.Value, prev)
	if err == nil {
		err = vm.Execute()
	}
	if err != nil {
		return fmt.Errorf("input %d: %w: %w", i, ErrNotSigned, err)
	}
	return nil
}

// checkShape makes sure that a packet has a part for every input.
func checkShape(p *psbt.Packet) error {
	if p == nil || p.UnsignedTx == nil || len(p.Inputs) != len(p.UnsignedTx.TxIn) || len(p.Inputs) == 0 {
		return fmt.Errorf("%w: not a complete packet", ErrBadRequest)
	}
	return nil
}

// spends is the output that input i spends: of its previous transaction, or for a segwit input
// without one what the packet says it is.
func spends(p *psbt.Packet, i int) (*wire.TxOut, error) {
	in, op := &p.Inputs[i], p.UnsignedTx.TxIn[i].PreviousOutPoint
	if in.NonWitnessUtxo == nil && in.WitnessUtxo != nil && isSegwit(in, in.WitnessUtxo) {
		return in.WitnessUtxo, nil
	}
	if err := checkInput(in, op); err != nil {
		return nil, fmt.Errorf("input %d: %w", i, err)
	}
	return in.NonWitnessUtxo.TxOut[op.Index], nil
}

// isSegwit says whether an input that spends an output is signed in a witness.
func isSegwit(in *psbt.PInput, out *wire.TxOut) bool {
	return outscript.IsWitness(out.PkScript) ||
		outscript.KindOf(out.PkScript) == outscript.P2SH && (outscript.IsWitness(in.RedeemScript) || len(in.FinalScriptWitness) > 0)
}

// checkPacket makes sure that every input carries the transaction it spends from, and that it is
// that transaction.
func checkPacket(p *psbt.Packet) error {
	if err := checkShape(p); err != nil {
		return err
	}
	for i := range p.Inputs {
		if err := checkInput(&p.Inputs[i], p.UnsignedTx.TxIn[i].PreviousOutPoint); err != nil {
			return fmt.Errorf("input %d: %w", i, err)
		}
	}
	return nil
}

// checkInput is checkPacket for one input.
func checkInput(in *psbt.PInput, op wire.OutPoint) error {
	switch {
	case in.NonWitnessUtxo == nil:
		return fmt.Errorf("%w: its previous transaction is missing", ErrBadRequest)
	case in.NonWitnessUtxo.TxHash() != op.Hash || int64(op.Index) >= int64(len(in.NonWitnessUtxo.TxOut)):
		return fmt.Errorf("%w: the given transaction is not the one it spends from", ErrBadRequest)
	case in.WitnessUtxo != nil && !psbt.TxOutsEqual(in.WitnessUtxo, in.NonWitnessUtxo.TxOut[op.Index]):
		return fmt.Errorf("%w: its two previous outputs differ", ErrBadRequest)
	}
	return nil
}

// previous is the output that input i spends, from the full transaction.
func previous(p *psbt.Packet, i int) *wire.TxOut {
	return p.Inputs[i].NonWitnessUtxo.TxOut[p.UnsignedTx.TxIn[i].PreviousOutPoint.Index]
}

// clonePacket copies a packet through its serialization, so that finalizing, which drops the
// partial signatures, leaves the caller's packet whole.
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
