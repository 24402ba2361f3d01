package wallet

import (
	"context"
	"fmt"

	"github.com/btcsuite/btcd/address/v2"
	"github.com/btcsuite/btcd/btcec/v2"
	"github.com/btcsuite/btcd/txscript/v2"

	"blockstack/wallet/keychain"
	"blockstack/wallet/scripts"
)

// RingScript is the P2PKH script of import key j of a namespace, whose revealer is the
// given script of ours. No private key of a ring ever leaves the keychain, since one of
// them gives away the revealer's; messages are not signed with them either.
func (a *Addresses) RingScript(ctx context.Context, revealer []byte, j uint32) ([]byte, error) {
	k, ours, err := a.keys.Lookup(ctx, revealer)
	if err != nil {
		return nil, err
	}
	if !ours || k.Role != scripts.Revealer {
		return nil, fmt.Errorf("revealer: %w", ErrNotOurs)
	}
	script, _, err := ringKey(k.PubKey, j)
	return script, err
}

// ringKey derives a key of the ring of a revealer.
func ringKey(revealer []byte, j uint32) (script, pub []byte, err error) {
	parent, err := btcec.ParsePubKey(revealer)
	if err != nil {
		return nil, nil, err
	}
	key, err := keychain.RingPublicKey(parent, j)
	if err != nil {
		return nil, nil, err
	}
	pub = key.SerializeCompressed()
	script, err = txscript.NewScriptBuilder().AddOp(txscript.OP_DUP).AddOp(txscript.OP_HASH160).
		AddData(address.Hash160(pub)).AddOp(txscript.OP_EQUALVERIFY).AddOp(txscript.OP_CHECKSIG).Script()
	return script, pub, err
}
