// Package importring derives the ring of keys that may import names into a namespace (protocol
// 8.6).
//
// They are the non-hardened BIP 32 children of the revealer's key with a chain code of 32 zero
// bytes. So everybody can compute them from the revealer's public key, and how far each is from it:
// who has one private key of the ring has all of them, and the revealer's.
package importring

import (
	"crypto/hmac"
	"crypto/sha512"
	"encoding/binary"
	"fmt"

	"github.com/btcsuite/btcd/btcec/v2"
	"github.com/btcsuite/btcd/btcutil/v2/hdkeychain"
)

// Offset is what is added to the revealer's key, private or public, to get key j of its ring
// (CKDpub of BIP 32):
//
//	offset = first 32 bytes of HMAC-SHA512( key: 32 zero bytes, data: revealer's compressed public key, j in 4 bytes )
func Offset(revealer *btcec.PublicKey, j uint32) (*btcec.ModNScalar, error) {
	if j >= hdkeychain.HardenedKeyStart {
		return nil, fmt.Errorf("import key %d: only children that are not hardened follow from a public key", j)
	}
	mac := hmac.New(sha512.New, make([]byte, 32))
	mac.Write(binary.BigEndian.AppendUint32(revealer.SerializeCompressed(), j))
	var offset btcec.ModNScalar
	if tooLarge := offset.SetByteSlice(mac.Sum(nil)[:32]); tooLarge { // its chance is below 1 in 2^127
		return nil, fmt.Errorf("import key %d: %w", j, hdkeychain.ErrInvalidChild)
	}
	return &offset, nil
}

// Key is key j of the ring of a revealer.
func Key(revealer *btcec.PublicKey, j uint32) (*btcec.PublicKey, error) {
	offset, err := Offset(revealer, j)
	if err != nil {
		return nil, err
	}
	var parent, step, child btcec.JacobianPoint
	revealer.AsJacobian(&parent)
	btcec.ScalarBaseMultNonConst(offset, &step)
	btcec.AddNonConst(&parent, &step, &child)
	if child.Z.IsZero() || child.X.IsZero() && child.Y.IsZero() {
		return nil, fmt.Errorf("import key %d: %w", j, hdkeychain.ErrInvalidChild)
	}
	child.ToAffine()
	return btcec.NewPublicKey(&child.X, &child.Y), nil
}
