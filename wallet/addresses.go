package wallet

import (
	"context"
	"errors"

	"github.com/btcsuite/btcd/btcec/v2"

	"blockstack/wallet/keychain"
	"blockstack/wallet/scripts"
	"blockstack/wallet/watched"
)

// DefaultKind is the kind of address that ReceiveAddress gives when none is named: nested segwit,
// which name operations can spend.
const DefaultKind = scripts.P2SHP2WPKH

// Address is where one of our keys is paid.
type Address struct {
	Text   string // of the wallet's network
	Script []byte
	PubKey *btcec.PublicKey
	Path   string // "m/49'/0'/0'/0/3"
	Kind   scripts.Kind
	Role   scripts.Role
	Index  uint32
}

// Addresses is the face of a wallet that knows which keys and scripts are its own, and hands them
// out by role.
type Addresses struct {
	keys   *watched.Keys
	handed *watched.Addresses
	roots  *roots
	rings  *rings
	// ahead derives keys of a role up to an index. ErrNeedKeys: that takes the password.
	ahead func(ctx context.Context, role scripts.Role, index uint32) error
}

// ReceiveAddress is the address to show now: the same one until it is paid.
func (a *Addresses) ReceiveAddress(ctx context.Context, kind scripts.Kind) (Address, error) {
	return a.receive(ctx, kind, a.handed.ReceiveKey)
}

// NewReceiveAddress is an address that was never shown. ErrGap: too many are unused, and a restore
// would miss it.
func (a *Addresses) NewReceiveAddress(ctx context.Context, kind scripts.Kind) (Address, error) {
	return a.receive(ctx, kind, a.handed.NewReceiveKey)
}

func (a *Addresses) receive(ctx context.Context, kind scripts.Kind, key func(context.Context, scripts.Kind) (scripts.Key, error)) (Address, error) {
	var err error
	if kind == "" {
		if kind, err = a.UsualKind(ctx); err != nil {
			return Address{}, err
		}
	} else if err = a.hasAccount(ctx, kind); err != nil {
		return Address{}, err
	}
	k, err := key(ctx, kind)
	if err != nil {
		return Address{}, err
	}
	return a.address(k)
}

func (a *Addresses) address(k scripts.Key) (Address, error) {
	pub, err := btcec.ParsePubKey(k.PubKey)
	if err != nil {
		return Address{}, err
	}
	return Address{
		Text: k.Address, Script: k.Script, PubKey: pub, Path: a.Path(k).String(), Kind: k.Kind, Role: k.Role, Index: k.Index,
	}, nil
}

// OwnerAddress is the address of identity i, P2PKH of m/888'/0'/i'. Keys that were not derived
// ahead need an unlocked wallet: ErrNeedKeys.
func (a *Addresses) OwnerAddress(ctx context.Context, i uint32) (Address, error) {
	return a.roleAddress(ctx, scripts.Owner, i)
}

// OwnerScript is the output script of identity i.
func (a *Addresses) OwnerScript(ctx context.Context, i uint32) ([]byte, error) {
	at, err := a.OwnerAddress(ctx, i)
	return at.Script, err
}

// RevealerAddress is the address of the i-th namespace revealer key, P2PKH of m/888'/1'/i'. It is
// never an owner key.
func (a *Addresses) RevealerAddress(ctx context.Context, i uint32) (Address, error) {
	return a.roleAddress(ctx, scripts.Revealer, i)
}

func (a *Addresses) roleAddress(ctx context.Context, role scripts.Role, i uint32) (Address, error) {
	k, err := a.keys.RoleKey(ctx, role, i)
	if errors.Is(err, ErrNeedKeys) {
		if err = a.ahead(ctx, role, i); err == nil {
			k, err = a.keys.RoleKey(ctx, role, i)
		}
	}
	if err != nil {
		return Address{}, err
	}
	return a.address(k)
}

// PaymentKey is the key at a branch and index of a payment account. ErrNeedKeys: it was not derived
// ahead.
func (a *Addresses) PaymentKey(ctx context.Context, kind scripts.Kind, branch, index uint32) (scripts.Key, error) {
	return a.keys.PaymentKey(ctx, kind, branch, index)
}

// ScriptAddress finds out whether a script is ours, and of which key.
func (a *Addresses) ScriptAddress(ctx context.Context, script []byte) (Address, bool, error) {
	k, ok, err := a.keys.Lookup(ctx, script)
	if err != nil || !ok {
		return Address{}, false, err
	}
	at, err := a.address(k)
	return at, err == nil, err
}

// Path is where the private key of one of our keys is derived.
func (a *Addresses) Path(k scripts.Key) keychain.Path { return a.roots.path(k) }
