package wallet

import (
	"bytes"
	"context"
	"encoding/hex"

	"github.com/btcsuite/btcd/address/v2"
	"github.com/btcsuite/btcd/txscript/v2"

	"blockstack/wallet/scripts"
	"blockstack/wallet/watched"
)

// Identities is how many identities there are: those that were handed out and those that turned up
// on the chain, without a hole between them.
func (a *Addresses) Identities(ctx context.Context) (uint32, error) { return a.handed.Identities(ctx) }

// NewIdentity hands out the address of the next identity. ErrGap: too many are unused. ErrNeedKeys:
// unlock the wallet, which derives more, and try again.
func (a *Addresses) NewIdentity(ctx context.Context) (Address, error) {
	k, err := a.handed.NewIdentity(ctx)
	if err != nil {
		return Address{}, err
	}
	return a.address(k)
}

// UsedIdentities is the number of owner keys up to the last one that the chain has seen. A key that
// owns or owned a name is one of them, since every registration and every transfer pays the new
// owner.
func (a *Addresses) UsedIdentities(ctx context.Context) (uint32, error) {
	return a.keys.Used(ctx, scripts.Owner)
}

// WatchedIdentities is the number of owner keys that are looked for on the chain.
func (a *Addresses) WatchedIdentities(ctx context.Context) (uint32, error) {
	return a.keys.Derived(ctx, scripts.Owner)
}

// Scripts lists every output script of ours that is watched.
func (a *Addresses) Scripts(ctx context.Context) ([][]byte, error) { return a.keys.Scripts(ctx) }

// Reach is how far a restore of this wallet looks for its keys.
func (a *Addresses) Reach(ctx context.Context) (*watched.Reach, error) { return a.keys.Reach(ctx) }

// OwnKey says which identity of ours a public key is.
func (a *Addresses) OwnKey(ctx context.Context, pub []byte) (identity uint32, ours bool, err error) {
	mine, err := a.ownKeys(ctx, [][]byte{pub})
	k, ours := mine[hex.EncodeToString(pub)]
	return k.Index, ours, err
}

// ownKeys are those of some keys that are owner keys of ours, by their hex.
func (a *Addresses) ownKeys(ctx context.Context, keys [][]byte) (map[string]scripts.Key, error) {
	mine := make(map[string]scripts.Key)
	for _, pub := range keys {
		addr, err := address.NewAddressPubKeyHash(address.Hash160(pub), a.roots.net)
		if err != nil {
			return nil, err
		}
		script, err := txscript.PayToAddrScript(addr)
		if err != nil {
			return nil, err
		}
		k, ok, err := a.keys.Lookup(ctx, script)
		if err != nil {
			return nil, err
		}
		if ok && k.Role == scripts.Owner {
			mine[hex.EncodeToString(pub)] = k
		}
	}
	return mine, nil
}

// SharedScripts lists the scripts that several keys sign.
func (a *Addresses) SharedScripts(ctx context.Context) ([]scripts.SharedScript, error) {
	return a.keys.SharedScripts(ctx)
}

// RedeemScript is the redeem script of a shared script of ours, nil for others.
func (a *Addresses) RedeemScript(ctx context.Context, script []byte) ([]byte, error) {
	k, ok, err := a.keys.Lookup(ctx, script)
	if err != nil || !ok || k.Role != scripts.Shared {
		return nil, err
	}
	list, err := a.keys.SharedScripts(ctx)
	for _, s := range list {
		if bytes.Equal(s.Script, script) {
			return s.Redeem, err
		}
	}
	return nil, err
}
