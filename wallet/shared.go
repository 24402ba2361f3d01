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

	"blockstack/wallet/coins"
	"blockstack/wallet/keychain"
)

// AddShared begins to watch a script that several keys sign, m of n, such as that of
// a name with several owners. At least one owner key of this wallet must be in it.
// The script is in the list of the keychain file, which takes the password (ErrLocked),
// and so in every backup; the seed alone does not bring it back.
func (w *Wallet) AddShared(ctx context.Context, redeem []byte, label string) (coins.SharedScript, error) {
	_, keys, err := coins.ParseShared(redeem)
	if err != nil {
		return coins.SharedScript{}, err
	}
	mine, err := w.ownKeys(ctx, keys)
	if err != nil {
		return coins.SharedScript{}, err
	}
	if len(mine) == 0 {
		return coins.SharedScript{}, fmt.Errorf("%w: no owner key of this wallet is in it", coins.ErrBadScript)
	}
	if err := w.listSet(redeem); err != nil {
		return coins.SharedScript{}, err
	}
	return w.coins.AddShared(ctx, redeem, label)
}

// listSet puts a set of keys into the list of the keychain file: no seed gives it, and a
// row of labels.db anybody can write.
func (w *Wallet) listSet(redeem []byte) error {
	known := slices.ContainsFunc(w.coins.Believed().Sets, func(s []byte) bool { return bytes.Equal(s, redeem) })
	switch {
	case w.keys == nil, known && w.proof != ProofNone:
		return nil
	case w.keys.Locked():
		return ErrLocked
	}
	return w.keys.SetList(func(now *keychain.List, vouched bool) (*keychain.List, error) {
		home, ok := now.Home(w.homeName())
		if !ok || !vouched {
			return nil, keychain.ErrNoList
		}
		home.SetRedeemScripts(append(home.RedeemScripts(), redeem))
		now.Homes[w.homeName()] = home
		return now, nil
	})
}

// SharedScripts lists the scripts that several keys sign.
func (w *Wallet) SharedScripts(ctx context.Context) ([]coins.SharedScript, error) {
	return w.coins.SharedScripts(ctx)
}

// NewShared makes the redeem script of m of n keys. The keys are sorted (BIP 67), so
// that everybody who knows them makes the same script.
func NewShared(threshold int, keys [][]byte) ([]byte, error) {
	if threshold < 1 || threshold > len(keys) || len(keys) > 15 {
		return nil, fmt.Errorf("%w: %d of %d keys; at most 15 fit", coins.ErrBadScript, threshold, len(keys))
	}
	sorted := slices.Clone(keys)
	slices.SortFunc(sorted, bytes.Compare)
	b := txscript.NewScriptBuilder().AddInt64(int64(threshold))
	for _, k := range sorted {
		b.AddData(k)
	}
	script, err := b.AddInt64(int64(len(keys))).AddOp(txscript.OP_CHECKMULTISIG).Script()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", coins.ErrBadScript, err)
	}
	_, _, err = coins.ParseShared(script)
	return script, err
}

// RedeemScript is the redeem script of a shared script of ours, nil for others.
func (w *Wallet) RedeemScript(ctx context.Context, script []byte) ([]byte, error) {
	k, ok, err := w.coins.Lookup(ctx, script)
	if err != nil || !ok || k.Role != coins.Shared {
		return nil, err
	}
	list, err := w.coins.SharedScripts(ctx)
	for _, s := range list {
		if bytes.Equal(s.Script, script) {
			return s.Redeem, err
		}
	}
	return nil, err
}

// ownKeys are those of some keys that are owner keys of ours, by their hex.
func (w *Wallet) ownKeys(ctx context.Context, keys [][]byte) (map[string]coins.Key, error) {
	mine := make(map[string]coins.Key)
	for _, pub := range keys {
		addr, err := address.NewAddressPubKeyHash(address.Hash160(pub), w.cfg.Network)
		if err != nil {
			return nil, err
		}
		script, err := txscript.PayToAddrScript(addr)
		if err != nil {
			return nil, err
		}
		k, ok, err := w.coins.Lookup(ctx, script)
		if err != nil {
			return nil, err
		}
		if ok && k.Role == coins.Owner {
			mine[hex.EncodeToString(pub)] = k
		}
	}
	return mine, nil
}

// OwnKey says which identity of ours a public key is.
func (w *Wallet) OwnKey(ctx context.Context, pub []byte) (identity uint32, ours bool, err error) {
	mine, err := w.ownKeys(ctx, [][]byte{pub})
	k, ours := mine[hex.EncodeToString(pub)]
	return k.Index, ours, err
}

// annotateShared adds to an input that several keys sign its redeem script, if we
// know it, and where those of its keys that are ours are derived.
func (w *Wallet) annotateShared(ctx context.Context, in *psbt.PInput, script []byte) error {
	if !txscript.IsPayToScriptHash(script) {
		return nil
	}
	if len(in.RedeemScript) == 0 {
		redeem, err := w.RedeemScript(ctx, script)
		if err != nil || redeem == nil {
			return err
		}
		in.RedeemScript = redeem
	}
	mine, err := w.sharedKeys(ctx, in, script)
	if err != nil {
		return err
	}
	for _, k := range mine {
		path := w.Path(k)
		if !slices.ContainsFunc(in.Bip32Derivation, func(d *psbt.Bip32Derivation) bool { return bytes.Equal(d.PubKey, k.PubKey) }) {
			in.Bip32Derivation = append(in.Bip32Derivation, &psbt.Bip32Derivation{PubKey: k.PubKey, MasterKeyFingerprint: w.fingerprintOf(k), Bip32Path: path})
		}
	}
	return nil
}

// sharedKeys are the keys of ours that sign an input with others, in the order of
// the script; none where it is no such input.
func (w *Wallet) sharedKeys(ctx context.Context, in *psbt.PInput, script []byte) ([]coins.Key, error) {
	if !txscript.IsPayToScriptHash(script) || !bytes.Equal(script[2:22], address.Hash160(in.RedeemScript)) {
		return nil, nil
	}
	_, keys, err := coins.ParseShared(in.RedeemScript)
	if err != nil {
		return nil, nil // another kind of script
	}
	mine, err := w.ownKeys(ctx, keys)
	if err != nil {
		return nil, err
	}
	var list []coins.Key
	for _, pub := range keys {
		if k, ok := mine[hex.EncodeToString(pub)]; ok {
			list = append(list, k)
		}
	}
	return list, nil
}
