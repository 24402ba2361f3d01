package wallet

import (
	"context"
	"errors"

	"github.com/btcsuite/btcd/btcec/v2"

	"blockstack/wallet/coins"
	"blockstack/wallet/keychain"
)

// DefaultKind is the kind of address that ReceiveAddress gives when none is
// named: nested segwit, which name operations can spend.
const DefaultKind = coins.P2SHP2WPKH

// Address is where one of our keys is paid.
type Address struct {
	Text   string // of the wallet's network
	Script []byte
	PubKey *btcec.PublicKey
	Path   string // "m/49'/0'/0'/0/3"
	Kind   coins.Kind
	Role   coins.Role
	Index  uint32
}

// ReceiveAddress is the address to show now: the same one until it is paid.
func (w *Wallet) ReceiveAddress(ctx context.Context, kind coins.Kind) (Address, error) {
	return w.receive(ctx, kind, w.coins.ReceiveKey)
}

// NewReceiveAddress is an address that was never shown. ErrGap: too many are
// unused, and a restore would miss it.
func (w *Wallet) NewReceiveAddress(ctx context.Context, kind coins.Kind) (Address, error) {
	return w.receive(ctx, kind, w.coins.NewReceiveKey)
}

func (w *Wallet) receive(ctx context.Context, kind coins.Kind, key func(context.Context, coins.Kind) (coins.Key, error)) (Address, error) {
	var err error
	if kind == "" {
		if kind, err = w.UsualKind(ctx); err != nil {
			return Address{}, err
		}
	} else if err = w.hasAccount(ctx, kind); err != nil {
		return Address{}, err
	}
	k, err := key(ctx, kind)
	if err != nil {
		return Address{}, err
	}
	return w.address(k)
}

func (w *Wallet) address(k coins.Key) (Address, error) {
	pub, err := btcec.ParsePubKey(k.PubKey)
	if err != nil {
		return Address{}, err
	}
	return Address{
		Text: k.Address, Script: k.Script, PubKey: pub, Path: w.Path(k).String(), Kind: k.Kind, Role: k.Role, Index: k.Index,
	}, nil
}

// Path is where the private key of one of our keys is derived.
func (w *Wallet) Path(k coins.Key) keychain.Path {
	switch k.Role {
	case coins.Owner:
		return keychain.OwnerPath(k.Index)
	case coins.Revealer:
		return keychain.RevealerPath(k.Index)
	case coins.Shared:
		return nil // several keys
	}
	return append(w.accountPath(k.Kind), k.Branch, k.Index)
}

// OwnerAddress is the address of identity i, P2PKH of m/888'/0'/i'. Keys that
// were not derived ahead need an unlocked wallet: ErrNeedKeys.
func (w *Wallet) OwnerAddress(ctx context.Context, i uint32) (Address, error) {
	return w.roleAddress(ctx, coins.Owner, i)
}

// OwnerScript is the output script of identity i.
func (w *Wallet) OwnerScript(ctx context.Context, i uint32) ([]byte, error) {
	a, err := w.OwnerAddress(ctx, i)
	return a.Script, err
}

// RevealerAddress is the address of the i-th namespace revealer key, P2PKH of
// m/888'/1'/i'. It is never an owner key.
func (w *Wallet) RevealerAddress(ctx context.Context, i uint32) (Address, error) {
	return w.roleAddress(ctx, coins.Revealer, i)
}

func (w *Wallet) roleAddress(ctx context.Context, role coins.Role, i uint32) (Address, error) {
	k, err := w.coins.RoleKey(ctx, role, i)
	if errors.Is(err, ErrNeedKeys) && !w.Locked() {
		if err = w.deriveAhead(ctx, role, i); err == nil {
			k, err = w.coins.RoleKey(ctx, role, i)
		}
	}
	if err != nil {
		return Address{}, err
	}
	return w.address(k)
}

// PaymentKey is the key at a branch and index of a payment account.
// ErrNeedKeys: it was not derived ahead.
func (w *Wallet) PaymentKey(ctx context.Context, kind coins.Kind, branch, index uint32) (coins.Key, error) {
	return w.coins.PaymentKey(ctx, kind, branch, index)
}

// ScriptAddress finds out whether a script is ours, and of which key.
func (w *Wallet) ScriptAddress(ctx context.Context, script []byte) (Address, bool, error) {
	k, ok, err := w.coins.Lookup(ctx, script)
	if err != nil || !ok {
		return Address{}, false, err
	}
	a, err := w.address(k)
	return a, err == nil, err
}

// OwnerSigner is the key of identity i, for signing profiles and tokens. It
// works until the wallet is locked.
func (w *Wallet) OwnerSigner(i uint32) (Signer, error) {
	return w.signer(context.Background(), keychain.OwnerPath(i))
}
