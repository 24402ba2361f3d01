package keychain

import (
	"fmt"

	"github.com/btcsuite/btcd/btcec/v2"
	"github.com/btcsuite/btcd/btcutil/v2/hdkeychain"
	"github.com/btcsuite/btcd/chaincfg/v2"

	"blockstack/names/importring"
	"blockstack/wallet/keychain/hdpath"
)

// The ring of a revealer: the keys that may import names into its namespace (package importring).
// One private key of the ring, together with the revealer's public key, gives the revealer's
// private key. For that reason keys of a ring sign PSBTs and nothing else, and neither this package
// nor an agent hands one out in any form.
//
// A key of a ring is written as m/888'/1'/i'/j. That is no BIP 32 path from the root: the last step
// has the zero chain code.

// RingPublicKey is the public key j of the ring of a revealer.
func RingPublicKey(revealer *btcec.PublicKey, j uint32) (*btcec.PublicKey, error) {
	if j >= hdpath.RingSize {
		return nil, fmt.Errorf("%w: a ring has %d keys", hdpath.ErrBadPath, hdpath.RingSize)
	}
	return importring.Key(revealer, j)
}

// ringChild is the private key of a ring: the revealer's, and what the key of the ring is away from
// it. The caller zeroes it.
func ringChild(revealer *hdkeychain.ExtendedKey, p hdpath.Path) (*hdkeychain.ExtendedKey, error) {
	priv, err := revealer.ECPrivKey()
	if err != nil {
		return nil, fmt.Errorf("derive %s: %w", p[:3], err)
	}
	defer priv.Zero()
	key, err := importring.Offset(priv.PubKey(), p[3])
	if err != nil {
		return nil, fmt.Errorf("derive %s: %w", p, err)
	}
	defer key.Zero()
	if key.Add(&priv.Key).IsZero() {
		return nil, fmt.Errorf("derive %s: %w", p, hdkeychain.ErrInvalidChild)
	}
	b, version := key.Bytes(), chaincfg.MainNetParams.HDPrivateKeyID // the extended key has them from here on
	return hdkeychain.NewExtendedKey(version[:], b[:], make([]byte, 32), make([]byte, 4), 0, p[3], true), nil
}
