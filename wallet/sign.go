package wallet

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"github.com/btcsuite/btcd/address/v2"
	"github.com/btcsuite/btcd/psbt/v2"

	"blockstack/wallet/keychain"
	"blockstack/wallet/scripts"
	"blockstack/wallet/watched"
)

// Signing is the face of a wallet that signs, and that says first what it would sign. Private keys
// stay in the keychain.
type Signing struct {
	vault     *vault
	keys      *watched.Keys
	addresses *Addresses
	roots     *roots
	rings     *rings
	proof     func() Proof
}

// Annotate notes in a PSBT which inputs and outputs are ours and where their keys are derived, with
// the redeem scripts of nested segwit (BIP 174), so that a keychain without the coins, on a machine
// that is offline, can sign it and can tell change from payments. It needs no password.
func (s *Signing) Annotate(ctx context.Context, p *psbt.Packet) error {
	for i := range p.Inputs {
		in := &p.Inputs[i]
		out := in.WitnessUtxo
		if tx := in.NonWitnessUtxo; tx != nil {
			n := p.UnsignedTx.TxIn[i].PreviousOutPoint.Index
			if int64(n) >= int64(len(tx.TxOut)) {
				return fmt.Errorf("%w: input %d: the previous transaction has no output %d", ErrPSBT, i, n)
			}
			out = tx.TxOut[n]
		}
		if out == nil {
			continue
		}
		k, ok, err := s.keys.Lookup(ctx, out.PkScript)
		if err != nil {
			return err
		}
		if ok && k.Role != scripts.Shared {
			in.Bip32Derivation, in.TaprootBip32Derivation = s.derivation(k, in.Bip32Derivation, in.TaprootBip32Derivation)
			if k.Kind == scripts.P2SHP2WPKH {
				in.RedeemScript = witnessProgram(k.PubKey)
			}
		}
		if err := s.annotateShared(ctx, in, out.PkScript); err != nil {
			return err
		}
		if !ok {
			if err := s.annotateRing(ctx, &in.Bip32Derivation, out.PkScript); err != nil {
				return err
			}
		}
	}
	for i := range p.Outputs {
		k, ok, err := s.keys.Lookup(ctx, p.UnsignedTx.TxOut[i].PkScript)
		if err != nil {
			return err
		}
		if ok && k.Role != scripts.Shared {
			o := &p.Outputs[i]
			o.Bip32Derivation, o.TaprootBip32Derivation = s.derivation(k, o.Bip32Derivation, o.TaprootBip32Derivation)
		}
		if !ok {
			if err := s.annotateRing(ctx, &p.Outputs[i].Bip32Derivation, p.UnsignedTx.TxOut[i].PkScript); err != nil {
				return err
			}
		}
	}
	return nil
}

// witnessProgram is the redeem script of nested segwit: version 0 and the hash of the key (BIP
// 141).
func witnessProgram(pub []byte) []byte { return append([]byte{0, 20}, address.Hash160(pub)...) }

// derivation adds the place of a key to a list, unless a place of ours is there. A key stands in a
// list once: where the other side named another root for it, as who knows an account key alone
// does, the wallet that has the root knows better.
func (s *Signing) derivation(k scripts.Key, plain []*psbt.Bip32Derivation, taproot []*psbt.TaprootBip32Derivation) ([]*psbt.Bip32Derivation, []*psbt.TaprootBip32Derivation) {
	path, fp := s.roots.path(k), s.roots.fingerprintOf(k)
	if k.Kind == scripts.P2TR {
		d := &psbt.TaprootBip32Derivation{XOnlyPubKey: k.PubKey[1:], MasterKeyFingerprint: fp, Bip32Path: path}
		ours := func(o *psbt.TaprootBip32Derivation) bool { return o.MasterKeyFingerprint == fp }
		same := func(o *psbt.TaprootBip32Derivation) bool { return bytes.Equal(o.XOnlyPubKey, d.XOnlyPubKey) }
		return plain, place(s.vault.keys == nil, taproot, d, ours, same)
	}
	d := &psbt.Bip32Derivation{PubKey: k.PubKey, MasterKeyFingerprint: fp, Bip32Path: path}
	ours := func(o *psbt.Bip32Derivation) bool { return o.MasterKeyFingerprint == fp }
	same := func(o *psbt.Bip32Derivation) bool { return bytes.Equal(o.PubKey, d.PubKey) }
	return place(s.vault.keys == nil, plain, d, ours, same), taproot
}

// place puts an entry into a list of derivations. keep: an entry about the same key stays.
func place[D any](keep bool, list []D, d D, ours, same func(D) bool) []D {
	if slices.ContainsFunc(list, ours) {
		return list
	}
	switch i := slices.IndexFunc(list, same); {
	case i < 0:
		return append(list, d)
	case !keep:
		list = slices.Clone(list)
		list[i] = d
	}
	return list
}

// Sign adds our signatures to a PSBT after the checks of keychain.SignPSBT. It signs every input
// that is ours and finalizes nothing. ErrLocked: Unlock first.
func (s *Signing) Sign(ctx context.Context, p *psbt.Packet) error {
	if s.vault.keys == nil {
		return ErrNoKeychain
	}
	if s.vault.locked() {
		return ErrLocked
	}
	if p == nil || p.UnsignedTx == nil || len(p.Inputs) != len(p.UnsignedTx.TxIn) || len(p.Outputs) != len(p.UnsignedTx.TxOut) {
		return fmt.Errorf("%w: the PSBT is incomplete", ErrPSBT)
	}
	if err := s.Annotate(ctx, p); err != nil {
		return err
	}
	return s.vault.signPSBT(ctx, p)
}

// OwnerSigner is the key of identity i, for signing profiles and tokens. It works until the wallet
// is locked.
func (s *Signing) OwnerSigner(i uint32) (Signer, error) {
	return s.vault.signer(context.Background(), keychain.OwnerPath(i))
}
