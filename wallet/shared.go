package wallet

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/btcsuite/btcd/address/v2"
	"github.com/btcsuite/btcd/psbt/v2"
	"github.com/btcsuite/btcd/txscript/v2"

	"blockstack/names/outscript"
	"blockstack/wallet/scripts"
)

// annotateShared adds to an input that several keys sign its redeem script, if we know it, and
// where those of its keys that are ours are derived.
func (s *Signing) annotateShared(ctx context.Context, in *psbt.PInput, script []byte) error {
	if outscript.KindOf(script) != outscript.P2SH {
		return nil
	}
	if len(in.RedeemScript) == 0 {
		redeem, err := s.addresses.RedeemScript(ctx, script)
		if err != nil || redeem == nil {
			return err
		}
		in.RedeemScript = redeem
	}
	mine, err := s.sharedKeys(ctx, in, script)
	if err != nil {
		return err
	}
	for _, k := range mine {
		path := s.roots.path(k)
		if !slices.ContainsFunc(in.Bip32Derivation, func(d *psbt.Bip32Derivation) bool { return bytes.Equal(d.PubKey, k.PubKey) }) {
			in.Bip32Derivation = append(in.Bip32Derivation, &psbt.Bip32Derivation{PubKey: k.PubKey, MasterKeyFingerprint: s.roots.fingerprintOf(k), Bip32Path: path})
		}
	}
	return nil
}

// sharedKeys are the keys of ours that sign an input with others, in the order of the script; none
// where it is no such input.
func (s *Signing) sharedKeys(ctx context.Context, in *psbt.PInput, script []byte) ([]scripts.Key, error) {
	if outscript.KindOf(script) != outscript.P2SH || !bytes.Equal(script[2:22], address.Hash160(in.RedeemScript)) {
		return nil, nil
	}
	_, keys, err := scripts.ParseShared(in.RedeemScript)
	if err != nil {
		return nil, nil // another kind of script
	}
	mine, err := s.addresses.ownKeys(ctx, keys)
	if err != nil {
		return nil, err
	}
	var list []scripts.Key
	for _, pub := range keys {
		if k, ok := mine[hex.EncodeToString(pub)]; ok {
			list = append(list, k)
		}
	}
	return list, nil
}

// NewShared makes the redeem script of m of n keys. The keys are sorted (BIP 67), so that everybody
// who knows them makes the same script.
func NewShared(threshold int, keys [][]byte) ([]byte, error) {
	if threshold < 1 || threshold > len(keys) || len(keys) > 15 {
		return nil, fmt.Errorf("%w: %d of %d keys; at most 15 fit", scripts.ErrBadScript, threshold, len(keys))
	}
	sorted := slices.Clone(keys)
	slices.SortFunc(sorted, bytes.Compare)
	b := txscript.NewScriptBuilder().AddInt64(int64(threshold))
	for _, k := range sorted {
		b.AddData(k)
	}
	script, err := b.AddInt64(int64(len(keys))).AddOp(txscript.OP_CHECKMULTISIG).Script()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", scripts.ErrBadScript, err)
	}
	_, _, err = scripts.ParseShared(script)
	return script, err
}
