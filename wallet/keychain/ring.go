package keychain

import (
	"fmt"

	"github.com/btcsuite/btcd/btcec/v2"
	"github.com/btcsuite/btcd/btcutil/v2/hdkeychain"
	"github.com/btcsuite/btcd/chaincfg/v2"
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

// RingSize is how many children a ring has.
const RingSize = 300

// RingPath is the path of key j of the ring of revealer i.
func RingPath(i, j uint32) Path { return append(RevealerPath(i), j) }

// ring says whether the path is that of a ring's key.
func (p Path) ring() bool {
	return len(p) == 4 && p[0] == purposeIdentity+Hardened && p[1] == 1+Hardened && p[2] >= Hardened && p[3] < RingSize
}

// RingPublicKey is the public key j of the ring of a revealer.
func RingPublicKey(revealer *btcec.PublicKey, j uint32) (*btcec.PublicKey, error) {
	if j >= RingSize {
		return nil, fmt.Errorf("%w: a ring has %d keys", ErrBadPath, RingSize)
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

// deriveRing derives the private key of a ring. k.mu is held.
func (k *Keychain) deriveRing(p Path) (*hdkeychain.ExtendedKey, error) {
	revealer, err := k.derive(p[:3])
	if err != nil {
		return nil, err
	}
	defer revealer.Zero()
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
