package legacy

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"

	"github.com/btcsuite/btcd/address/v2"
	"github.com/btcsuite/btcd/chaincfg/v2"
	"github.com/btcsuite/btcd/psbt/v2"
	"github.com/btcsuite/btcd/txscript/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/names/outscript"
)

// Place is a script where the keys of a bundle may have been paid, and what spends it.
type Place struct {
	Address address.Address
	Script  []byte
	Redeem  []byte // the script inside P2SH; nil: none
	Witness []byte // the script inside P2WSH; nil: none

	M       int
	keys    []*Key
	publics [][]byte // of keys, as the script has them
}

// Places are the scripts that the keys of a bundle can spend. A single key may have been paid in
// every way that a wallet shows it: P2PKH with the key in either form, P2SH-P2WPKH and P2WPKH. A
// bundle without keys has none.
func (b *Bundle) Places(net *chaincfg.Params) ([]Place, error) {
	switch b.Kind {
	case WatchOnly:
		return nil, nil
	case Single:
		return singlePlaces(b.Keys[0], net)
	}
	a, err := b.Address(net)
	if err != nil {
		return nil, err
	}
	script, redeem, witness, err := b.Scripts(net)
	if err != nil {
		return nil, err
	}
	p := Place{Address: a, Script: script, Redeem: redeem, Witness: witness, M: b.M, keys: b.Keys}
	if b.Kind == Segwit {
		p.keys = b.Keys[:1]
	}
	for _, k := range p.keys {
		p.publics = append(p.publics, k.serialized())
	}
	return []Place{p}, nil
}

// singlePlaces are those of one key.
func singlePlaces(k *Key, net *chaincfg.Params) ([]Place, error) {
	short, long := k.pub.SerializeCompressed(), k.pub.SerializeUncompressed()
	hash := address.Hash160(short)
	program, err := txscript.NewScriptBuilder().AddOp(txscript.OP_0).AddData(hash).Script()
	if err != nil {
		return nil, err
	}
	var list []Place
	add := func(a address.Address, err error, redeem, public []byte) error {
		if err != nil {
			return err
		}
		script, err := txscript.PayToAddrScript(a)
		list = append(list, Place{Address: a, Script: script, Redeem: redeem, M: 1, keys: []*Key{k}, publics: [][]byte{public}})
		return err
	}
	plain, err := address.NewAddressPubKeyHash(hash, net)
	if err = add(plain, err, nil, short); err != nil {
		return nil, err
	}
	old, err := address.NewAddressPubKeyHash(address.Hash160(long), net)
	if err = add(old, err, nil, long); err != nil {
		return nil, err
	}
	nested, err := address.NewAddressScriptHash(program, net)
	if err = add(nested, err, program, short); err != nil {
		return nil, err
	}
	native, err := address.NewAddressWitnessPubKeyHash(hash, net)
	return list, add(native, err, nil, short)
}

const (
	sigPush = 1 + 72 // a signature and its length
	pubPush = 1
)

// Sizes are the largest signature script and witness that spend a coin of the place, in bytes.
func (p *Place) Sizes() (script, witness int64) {
	push := func(b []byte) int64 {
		switch n := int64(len(b)); {
		case n > 255:
			return n + 3
		case n > 75:
			return n + 2
		default:
			return n + 1
		}
	}
	switch {
	case p.Witness != nil:
		return push(p.Redeem), 1 + 1 + int64(p.M)*sigPush + int64(wire.VarIntSerializeSize(uint64(len(p.Witness)))+len(p.Witness))
	case outscript.KindOf(p.Script) == outscript.P2WPKH:
		return 0, 1 + sigPush + pubPush + int64(len(p.publics[0]))
	case p.Redeem != nil && outscript.KindOf(p.Redeem) == outscript.P2WPKH:
		return push(p.Redeem), 1 + sigPush + pubPush + int64(len(p.publics[0]))
	case p.Redeem != nil:
		return 1 + int64(p.M)*sigPush + push(p.Redeem), 0
	}
	return sigPush + pubPush + int64(len(p.publics[0])), 0
}

// SignPSBT adds to a PSBT the signatures of the inputs that are at the places; every input must be
// at one. Each input carries its previous transaction.
func SignPSBT(ctx context.Context, p *psbt.Packet, places []Place) error {
	prev := txscript.NewMultiPrevOutFetcher(nil)
	outs := make([]*wire.TxOut, len(p.Inputs))
	for i, in := range p.UnsignedTx.TxIn {
		tx := p.Inputs[i].NonWitnessUtxo
		if tx == nil || tx.TxHash() != in.PreviousOutPoint.Hash || int64(in.PreviousOutPoint.Index) >= int64(len(tx.TxOut)) {
			return fmt.Errorf("input %d: %w: its previous transaction is missing", i, ErrMalformed)
		}
		outs[i] = tx.TxOut[in.PreviousOutPoint.Index]
		prev.AddPrevOut(in.PreviousOutPoint, outs[i])
	}
	hashes := txscript.NewTxSigHashes(p.UnsignedTx, prev)
	for i := range p.Inputs {
		at := -1
		for j := range places {
			if bytes.Equal(places[j].Script, outs[i].PkScript) {
				at = j
			}
		}
		if at < 0 {
			return fmt.Errorf("input %d: %w: none of the keys is its", i, ErrBadKey)
		}
		if err := places[at].sign(ctx, p, i, outs[i], hashes); err != nil {
			return fmt.Errorf("sign input %d: %w", i, err)
		}
	}
	return nil
}

// sign adds the signatures of one input.
func (p *Place) sign(ctx context.Context, packet *psbt.Packet, i int, out *wire.TxOut, hashes *txscript.TxSigHashes) error {
	if sum := sha256.Sum256(p.Witness); p.Witness != nil && !bytes.HasSuffix(p.Redeem, sum[:]) {
		return fmt.Errorf("%w: the witness script is another one", ErrMalformed)
	}
	spend := outscript.Spend{Out: wire.NewTxOut(out.Value, p.Script), Redeem: p.Redeem, Witness: p.Witness}
	hash, err := spend.Digest(packet.UnsignedTx, i, hashes)
	if err != nil {
		return err
	}
	in := &packet.Inputs[i]
	for n, k := range p.keys[:p.M] {
		sig, err := k.signHash(ctx, [32]byte(hash))
		if err != nil {
			return err
		}
		in.PartialSigs = append(in.PartialSigs, &psbt.PartialSig{PubKey: p.publics[n], Signature: append(sig.Serialize(), byte(txscript.SigHashAll))})
	}
	return nil
}
