package keychain

import (
	"fmt"

	"github.com/btcsuite/btcd/btcec/v2"
	"github.com/btcsuite/btcd/btcutil/v2/hdkeychain"
	"github.com/btcsuite/btcd/chaincfg/v2"

	"blockstack/wallet/keychain/hdpath"
)

// The ring of a revealer: the keys that may import names into its namespace (protocol
// 8.6). They are the non-hardened BIP 32 children of the revealer's key with a chain
// code of 32 zero bytes, which everybody can compute from the public key. So one
// private key of the ring, together with the revealer's public key, gives the
// revealer's private key. For that reason keys of a ring sign PSBTs and nothing else,
// and neither this package nor an agent hands one out in any form.
//
// A key of a ring is written as m/888'/1'/i'/j. That is no BIP 32 path from the root:
// the last step has the zero chain code.

// RingPublicKey is the public key j of the ring of a revealer.
func RingPublicKey(revealer *btcec.PublicKey, j uint32) (*btcec.PublicKey, error) {
	if j >= hdpath.RingSize {
		return nil, fmt.Errorf("%w: a ring has %d keys", hdpath.ErrBadPath, hdpath.RingSize)
	}
	child, err := ringRoot(revealer.SerializeCompressed(), false).Derive(j)
	if err != nil {
		return nil, fmt.Errorf("key %d of a ring: %w", j, err)
	}
	return child.ECPubKey()
}

// ringRoot is the extended key that a ring derives from.
func ringRoot(key []byte, private bool) *hdkeychain.ExtendedKey {
	version := chaincfg.MainNetParams.HDPublicKeyID
	if private {
		version = chaincfg.MainNetParams.HDPrivateKeyID
	}
	return hdkeychain.NewExtendedKey(version[:], key, make([]byte, 32), make([]byte, 4), 0, 0, private)
}

// ringChild is the private key of a ring. The caller zeroes it.
func ringChild(revealer *hdkeychain.ExtendedKey, p hdpath.Path) (*hdkeychain.ExtendedKey, error) {
	priv, err := revealer.ECPrivKey()
	if err != nil {
		return nil, fmt.Errorf("derive %s: %w", p[:3], err)
	}
	defer priv.Zero()
	root := ringRoot(priv.Serialize(), true)
	defer root.Zero()
	child, err := root.Derive(p[3])
	if err != nil {
		return nil, fmt.Errorf("derive %s: %w", p, err)
	}
	return child, nil
}
