package txbuilder

import (
	"bytes"
	"fmt"

	"github.com/btcsuite/btcd/address/v2"
	"github.com/btcsuite/btcd/psbt/v2"
	"github.com/btcsuite/btcd/txscript/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/names/outscript"
)

// FinishSigned makes the transaction of a planned packet from a copy of it that was signed
// elsewhere, by one signer or by several (see Combine). What is spent is taken from the planned
// packet alone; the transaction must be the planned one to the last byte that a signer does not
// write; and every signature must be over all of it (SIGHASH_ALL), since with another type somebody
// else could change it.
func FinishSigned(planned, signed *psbt.Packet) (*wire.MsgTx, error) {
	both, err := Combine(planned, signed)
	if err != nil {
		return nil, err
	}
	tx, err := Finish(both)
	if err != nil {
		return nil, err
	}
	if err := sameTransaction(planned.UnsignedTx, tx); err != nil {
		return nil, err
	}
	for i, in := range tx.TxIn {
		if err := signsAll(in); err != nil {
			return nil, fmt.Errorf("input %d: %w", i, err)
		}
	}
	return tx, nil
}

// signsAll refuses an input with a signature that leaves parts of the transaction open. A DER
// signature begins with 0x30 and ends with its type; a taproot signature has 64 bytes, or 65 with a
// type.
func signsAll(in *wire.TxIn) error {
	pushes := append([][]byte{}, in.Witness...)
	for t := txscript.MakeScriptTokenizer(0, in.SignatureScript); t.Next(); {
		pushes = append(pushes, t.Data())
	}
	taproot := len(in.Witness) == 1 && len(in.SignatureScript) == 0
	for _, p := range pushes {
		switch {
		case len(p) >= 9 && len(p) <= 73 && p[0] == 0x30:
		case taproot && len(p) == 65:
		default:
			continue
		}
		if kind := txscript.SigHashType(p[len(p)-1]); kind != txscript.SigHashAll {
			return fmt.Errorf("%w: a signature of type %#x leaves the transaction open to changes", ErrAltered, byte(kind))
		}
	}
	return nil
}

// FixedTx is the transaction that a packet's will be once it is signed, without its witnesses: it
// has the txid already. ok is false when signatures will change the txid, because an input is P2PKH
// or P2SH without a known witness program.
func FixedTx(p *psbt.Packet) (tx *wire.MsgTx, ok bool) {
	if checkPacket(p) != nil {
		return nil, false
	}
	tx = p.UnsignedTx.Copy()
	for i := range p.Inputs {
		switch script := previous(p, i).PkScript; KindOf(script) {
		case KindP2WPKH, KindP2WSH, KindP2TR:
		case KindP2SH:
			redeem := p.Inputs[i].RedeemScript
			if !outscript.IsWitness(redeem) || !bytes.Equal(script[2:22], address.Hash160(redeem)) {
				return nil, false
			}
			push, err := txscript.NewScriptBuilder().AddData(redeem).Script()
			if err != nil {
				return nil, false
			}
			tx.TxIn[i].SignatureScript = push
		default:
			return nil, false
		}
	}
	return tx, true
}

// PacketInputs are the inputs of a packet, to be spent again by a newer one.
func PacketInputs(p *psbt.Packet) ([]Input, error) {
	if err := checkPacket(p); err != nil {
		return nil, err
	}
	var list []Input
	for i := range p.Inputs {
		in := Input{OutPoint: p.UnsignedTx.TxIn[i].PreviousOutPoint, Tx: p.Inputs[i].NonWitnessUtxo}
		if redeem := p.Inputs[i].RedeemScript; len(redeem) > 0 && !outscript.IsWitness(redeem) {
			in.Redeem = redeem
		}
		list = append(list, in)
	}
	return list, nil
}

// EncodePacket is a packet in the binary form of BIP 174, DecodePacket reads it.
func EncodePacket(p *psbt.Packet) ([]byte, error) {
	var b bytes.Buffer
	if err := p.Serialize(&b); err != nil {
		return nil, fmt.Errorf("packet: %w", err)
	}
	return b.Bytes(), nil
}

// DecodePacket reads a packet that EncodePacket wrote.
func DecodePacket(raw []byte) (*psbt.Packet, error) {
	r := bytes.NewReader(raw)
	p, err := psbt.NewFromRawBytes(r, false)
	if err == nil && r.Len() > 0 {
		err = fmt.Errorf("%d bytes follow it", r.Len())
	}
	if err != nil {
		return nil, fmt.Errorf("%w: packet: %w", ErrBadRequest, err)
	}
	return p, nil
}
